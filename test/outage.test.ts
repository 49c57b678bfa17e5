// Invariant I12: with the series store away, alerts of readings in order go on; what needs the
// store waits in the ledger and is judged when it is back. Nothing is lost, nothing is doubled.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDetector } from '../analytics/detect.ts'
import { parseProfile } from '../domain/profile/parse.ts'
import { Unavailable } from '../domain/refusal.ts'
import { captureStep } from '../ingest/capture/capture.ts'
import { decodePublish } from '../ingest/decode/decode.ts'
import { recordStep } from '../ingest/record.ts'
import { openDuckdbSeries } from '../store/duckdb/series.ts'
import { listAlerts } from '../store/ledger/alerts.ts'
import { claimCursor } from '../store/ledger/cursors.ts'
import { type Directory, openDirectory } from '../store/ledger/directory.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { hashToken, insertDevice, putProduct } from '../store/ledger/registry.ts'
import type { Envelope, LoggedEnvelope } from '../store/log.ts'
import type { Series } from '../store/series.ts'
import { allSlots } from '../store/slots.ts'
import { captureEnvelope, epcisEvent, readingsEnvelope } from './pipeline.ts'

const tenant = 'default'
const gtin = '09521234543213'
const pallet = 'https://id.gs1.org/00/095212340000000013'
const giai = 'https://id.gs1.org/8004/9521234LOG1'
const at = (clock: string): number => Date.parse(`2026-03-02T${clock}:00Z`)

let folder: string
let ledger: Ledger
let directory: Directory
let clock = at('08:00')
let offset = 0
let epoch: number
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-outage-'))
  ledger = await openSqliteLedger(folder)
  directory = await openDirectory(ledger)
  const rules = [{ id: 'heat', kind: 'single', above: 8, forMinutes: 30 }]
  const profile = parseProfile({ rules, loggingIntervalSeconds: 300 })
  if (!profile.ok) throw new Error('refused')
  await putProduct(ledger.db, {
    tenant,
    gtin,
    name: 'Vaccine',
    profile: profile.value,
    updatedAt: clock,
  })
  epoch = (await claimCursor(ledger.db, 'detect/0')).epoch
  const device = { tenant, id: 'logger', giai, channels: {}, createdAt: clock }
  await insertDevice(ledger.db, device, hashToken('logger'))
  await directory.refresh(tenant, 'logger')
})
afterAll(async () => {
  await ledger.close()
  rmSync(folder, { recursive: true, force: true })
})

const logged = (envelope: Envelope): LoggedEnvelope => ({ ...envelope, offset: offset++ })
const reading = (time: string, temperature: number): LoggedEnvelope =>
  logged(
    readingsEnvelope(tenant, 'logger', {
      readings: [{ time: at(time), temperature }],
      recordTime: at(time),
    }),
  )

function followersOf(series: Series, position: number) {
  const context = { device: directory.device }
  const decode = (envelope: LoggedEnvelope) => decodePublish(envelope, context)
  return {
    record: recordStep({ series, ledger, decode }),
    capture: captureStep(ledger),
    detector: openDetector(
      {
        ledger,
        series,
        decode,
        recorded: async () => {},
        now: () => clock,
        claim: { name: 'detect/0', epoch },
        slots: allSlots,
      },
      position,
    ),
  }
}

const alerts = async () =>
  (await listAlerts(ledger.db, tenant, { limit: 10 })).map(({ from, to, minutes, verdict }) => [
    new Date(from).toISOString().slice(11, 16),
    to && new Date(to).toISOString().slice(11, 16),
    minutes,
    verdict,
  ])

it('alerts go on without the series store, and late readings are judged when it is back', async () => {
  const series = await openDuckdbSeries({ folder: join(folder, 'series') })
  const before = followersOf(series, 0)
  const packed = logged(
    captureEnvelope(
      tenant,
      [
        epcisEvent('AggregationEvent', at('07:00'), {
          action: 'ADD',
          parentID: pallet,
          childEPCs: [`https://id.gs1.org/01/${gtin}/21/A1`],
        }),
        epcisEvent('AssociationEvent', at('07:10'), {
          action: 'ADD',
          parentID: pallet,
          childEPCs: [giai],
        }),
      ],
      clock,
    ),
  )
  const cool = reading('09:55', 5)
  await before.capture([packed])
  await before.record([packed, cool])
  await before.detector.step([packed, cool])
  await series.close()

  // The store is away: what it is asked for is refused, and the record follower stays where it is.
  const waiting: LoggedEnvelope[] = []
  for (const time of ['10:00', '10:05', '10:10', '10:15', '10:20', '10:25', '10:30']) {
    const warm = reading(time, 10)
    waiting.push(warm)
    await expect(before.record([warm])).rejects.toBeInstanceOf(Unavailable)
    await before.detector.step([warm])
  }
  expect(await alerts()).toEqual([['10:00', null, 30, 'out']])

  // A late reading says that it was cool in between. It can only be judged from all readings.
  const late = reading('10:12', 5)
  waiting.push(late)
  await before.detector.step([late])
  expect(await alerts()).toEqual([['10:00', null, 30, 'out']])

  const back = await openDuckdbSeries({ folder: join(folder, 'series') })
  const after = followersOf(back, offset)
  await after.record(waiting)
  clock += 60_000
  await after.detector.sweep()
  expect(await alerts()).toEqual([])
  await back.close()
})
