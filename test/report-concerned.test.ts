// A bundle, captured where nothing is known, tells what was inside when: random worlds of packing,
// with things that came too early, left again or were moved without a word.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkDigit } from '../domain/gs1/gs1.ts'
import { captureStep } from '../ingest/capture/capture.ts'
import { writeAlert, writeSerialSet } from '../store/ledger/alerts.ts'
import { readPresence } from '../store/ledger/contents.ts'
import { epcsOf } from '../store/ledger/epcs.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { type BundleQuestion, collectBundle } from '../trace/report/bundle.ts'
import { findShipment } from '../trace/report/shipment.ts'
import { databases } from './api-databases.ts'
import { worldsOf } from './depth.ts'
import { captureEnvelope, epcisEvent } from './pipeline.ts'
import { type Postgres, startPostgres } from './postgres.ts'

const minute = 60_000
const start = Date.UTC(2026, 3, 1)
const gtin = `0952123450001${checkDigit('0952123450001')}`
const units = [0, 1, 2, 3, 4].map((n) => `https://id.gs1.org/01/${gtin}/21/U${n}`)
const boxes = [0, 1, 2, 3].map((n) => {
  const body = `0952123400000000${n}`
  return `https://id.gs1.org/00/${body}${checkDigit(body)}`
})
const things = [...units, ...boxes]
const asked = boxes[0]!

interface Step {
  at: number
  parent: number
  children: number[]
  action: 'ADD' | 'DELETE'
  kind: 'AggregationEvent' | 'AssociationEvent' | 'ObjectEvent'
}
const steps = fc.array(
  fc.record<Step>({
    at: fc.nat(25),
    parent: fc.nat(boxes.length - 1),
    // Of a DELETE none: all that is inside.
    children: fc.uniqueArray(fc.nat(things.length - 1), { maxLength: 3 }),
    action: fc.constantFrom('ADD', 'ADD', 'DELETE'),
    kind: fc.constantFrom(
      ...(['AggregationEvent', 'AggregationEvent', 'AssociationEvent', 'ObjectEvent'] as const),
    ),
  }),
  { minLength: 3, maxLength: 25 },
)

function eventOf({ at, parent, children, action, kind }: Step): Record<string, unknown>[] {
  const named = children.map((n) => things[n]!).filter((epc) => epc !== boxes[parent])
  if (named.length === 0 && (action === 'ADD' || kind === 'ObjectEvent')) return []
  const fields =
    kind === 'ObjectEvent'
      ? { action, epcList: named }
      : { action, parentID: boxes[parent], childEPCs: named }
  return [epcisEvent(kind, start + at * minute, fields)]
}

function bundleTests(ledger: () => Ledger, numRuns: number): void {
  let worlds = 0
  const play = async (tenant: string, events: unknown[]): Promise<void> =>
    void (await captureStep(ledger())([{ ...captureEnvelope(tenant, events, start), offset: 0 }]))
  /** What a tenant knows that was told the bundle and nothing else. */
  const told = async (tenant: string, question: BundleQuestion): Promise<string> => {
    const bundle = await collectBundle(ledger().db, tenant, { question, at: start })
    if (!bundle.ok) throw new Error(JSON.stringify(bundle))
    const other = `${tenant}-told`
    if (bundle.value.events.length > 0) await play(other, bundle.value.events)
    return other
  }
  const inside = async (tenant: string, window: { from: number; to: number }) => {
    const presence = await readPresence(ledger().db, tenant, { container: asked, window })
    return [...presence].filter(([epc]) => units.includes(epc)).sort(([a], [b]) => (a < b ? -1 : 1))
  }

  it('of an alert gives the same serials, each inside at the same times', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.nat(24),
        fc.integer({ min: 1, max: 8 }),
        async (list, at, last) => {
          const tenant = `a${++worlds}`
          await play(tenant, list.flatMap(eventOf))
          const window = { from: start + at * minute, to: start + (at + last) * minute }
          const known = await inside(tenant, window)
          await writeAlertOf(ledger(), tenant, { window, serials: known.map(([epc]) => epc) })
          expect(await inside(await told(tenant, { alert: 'alert' }), window)).toEqual(known)
        },
      ),
      { numRuns },
    )
  })

  it('of a shipment gives the same contents', async () => {
    const contents = async (tenant: string): Promise<string[]> => {
      const shipment = await findShipment(ledger().db, tenant, asked)
      if (!shipment.ok) throw new Error(JSON.stringify(shipment))
      return [...(await epcsOf(ledger().db, tenant, [...shipment.value.members.keys()])).values()]
    }
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(25), async (list, at) => {
        const tenant = `s${++worlds}`
        const shipping = epcisEvent('ObjectEvent', start + at * minute, {
          ...{ action: 'OBSERVE', bizStep: 'shipping', epcList: [asked] },
        })
        await play(tenant, [...list.flatMap(eventOf), shipping])
        const known = await contents(tenant)
        const other = await contents(await told(tenant, { shipment: asked }))
        expect(other.sort()).toEqual(known.sort())
      }),
      { numRuns },
    )
  })
}

async function writeAlertOf(
  ledger: Ledger,
  tenant: string,
  { window, serials }: { window: { from: number; to: number }; serials: string[] },
): Promise<void> {
  await writeSerialSet(
    ledger.db,
    tenant,
    'set',
    serials.map((epc) => [epc, 0]),
  )
  const alert = {
    ...{ id: 'alert', kind: 'excursion', rule: 'high', ruleKind: 'single', limitC: 8 },
    ...{ allowanceMinutes: 0, severity: 'major', device: 'logger-1', container: asked },
    ...{ channel: 'temperature', gtin, productVersion: 1, ...window, minutes: 1 },
    ...{ unknownMinutes: 0, peakC: 9, verdict: 'out', status: 'open', revision: 1 },
    ...{ raisedAt: start, serialCount: serials.length, serialSetHash: '', serialSet: 'set' },
    legs: [],
  } as Parameters<typeof writeAlert>[2]
  const revision = { revision: 1, recordTime: start, cause: 'test', diff: {} }
  await writeAlert(ledger.db, tenant, alert, revision)
}

describe.each(databases)('a bundle on %s, captured where nothing is known,', (database) => {
  // Not about the disk: thousands of commits need not wait for one.
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const folder = mkdtempSync(join(place, 'isotherm-concerned-'))
  let postgres: Postgres | undefined
  let ledger: Ledger
  beforeAll(async () => {
    if (database === 'PostgreSQL') postgres = await startPostgres()
    ledger = postgres
      ? await openPostgresLedger({ url: await postgres.createLedger() })
      : await openSqliteLedger(folder)
  })
  afterAll(async () => {
    await ledger?.close()
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  bundleTests(() => ledger, worldsOf(database === 'SQLite' ? 40 : 6))
})
