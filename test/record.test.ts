// Station 5: readings reach the store, and what the store will never take is refused with its word.
// The store that refuses is a real InfluxDB with a retention of 30 days.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decodePublish } from '../ingest/decode/decode.ts'
import { recordStep } from '../ingest/record.ts'
import { type InfluxSeries, openInfluxSeries } from '../store/influx/series.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { listRefusalHeads } from '../store/ledger/refusals.ts'
import type { LoggedEnvelope } from '../store/log.ts'
import { type Influxd, influxdPath, startInfluxd } from './influxd.ts'

const tenant = 'default'
const dayMs = 86_400_000
const now = Date.now()

let folder: string
let influxd: Influxd
let ledger: Ledger
let series: InfluxSeries
beforeAll(async () => {
  if (!influxdPath) return
  folder = mkdtempSync(join(tmpdir(), 'isotherm-record-'))
  influxd = await startInfluxd()
  ledger = await openSqliteLedger(folder)
  series = await openInfluxSeries({ url: influxd.url, bucket: 'record', retentionDays: 30 })
})
afterAll(async () => {
  if (!influxdPath) return
  await series.close()
  await ledger.close()
  await influxd.stop()
  rmSync(folder, { recursive: true, force: true })
})

it.skipIf(!influxdPath)(
  'a reading that the store will never take is refused with its packet, once, and the others are stored (skipped where there is no influxd)',
  async () => {
    const stored: number[] = []
    const step = recordStep({
      series,
      ledger,
      decode: (envelope) => decodePublish(envelope, { device: () => ({}) }),
      onReadings: (rows) => stored.push(...rows.map(({ value }) => value)),
    })
    let offset = 0
    const packet = (readings: object[]): LoggedEnvelope => ({
      ...{ kind: 'publish', tenant, source: 'logger', topic: `v1/${tenant}/logger/readings` },
      recordTime: now,
      body: Buffer.from(JSON.stringify(readings)),
      offset: offset++,
    })
    const packets = [
      packet([{ time: now - 1000, temperature: 1 }]),
      packet([
        { time: now, temperature: 2 },
        { time: now - 100 * dayMs, temperature: 3, humidity: 4 },
      ]),
      packet([
        { time: now - 200 * dayMs, temperature: 5 },
        { time: 'yesterday', temperature: 6 },
      ]),
    ]
    await step(packets)
    expect(stored).toEqual([1, 2])
    const list = async () => {
      const page = { limit: 10, headBytes: 1000 }
      const refusals = await listRefusalHeads(ledger.db, tenant, page)
      return refusals.toSorted((one, other) => one.id - other.id)
    }
    const refusals = await list()
    const at = (days: number): string => new Date(now - days * dayMs).toISOString()
    const told = refusals.map(({ code, path }) => `${code} ${path}`).sort()
    expect(told).toEqual(
      [
        'reading/time-invalid /1/time',
        `series/rejected humidity ${at(100)}`,
        `series/rejected temperature ${at(100)}`,
        `series/rejected temperature ${at(200)}`,
      ].sort(),
    )
    for (const refusal of refusals) {
      expect(Buffer.from(refusal.head)).toEqual(Buffer.from(packets[refusal.offset]!.body))
      if (refusal.code === 'series/rejected')
        expect(refusal.detail).toMatch(/points beyond retention policy/)
    }

    // The log brings all of it again.
    await step(packets)
    await step(packets.slice(1))
    expect(await list()).toEqual(refusals)
  },
)
