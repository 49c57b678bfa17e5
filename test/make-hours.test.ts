// Hours outlive what they were made of: a store that drops by itself, a move to other stores, an
// upgrade, two runs at once.
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { bounds } from '../config.ts'
import { hourMs, hoursOf } from '../domain/hours.ts'
import { serve } from '../main.ts'
import { dropOld } from '../retention.ts'
import { openDuckdbSeries } from '../store/duckdb/series.ts'
import { exportStores } from '../store/export.ts'
import { importStores } from '../store/import.ts'
import { type InfluxSeries, openInfluxSeries } from '../store/influx/series.ts'
import { insertDevice } from '../store/ledger/registry.ts'
import { readHoursTo } from '../store/ledger/retention.ts'
import type { SeriesRow } from '../store/series.ts'
import type * as story from './e2e/story.ts'
import { type Influxd, influxdPath, startInfluxd } from './influxd.ts'
import { type Backends, openEmbedded } from './pipeline.ts'
import { configOf, listenerOf } from './served.ts'

const minute = 60_000
const day = 24 * hourMs
const start = Date.UTC(2026, 0, 10)
const key = { tenant: 'default', device: 'd1', channel: 'temperature' }
const always = { from: -8.64e15, to: 8.64e15 }
const silent = { at: start, tell: () => undefined, keepFrom: () => Number.NEGATIVE_INFINITY }
const rowsFrom = (from: number, count: number): SeriesRow[] =>
  Array.from({ length: count }, (_, i) => ({
    ...{ ...key, time: from + i * 10 * minute, value: (i % 80) / 10, offset: i },
  }))
const patience = { timeout: 30_000 }
const rule = { gapMs: 25 * minute, temperature: true }

let influxd: Influxd | undefined
let stores: Backends
beforeAll(async () => {
  if (influxdPath) influxd = await startInfluxd()
})
afterAll(() => influxd?.stop())
beforeEach(async () => {
  stores = await openEmbedded()
  await addDevice(stores)
})
afterEach(() => close(stores))

const addDevice = ({ ledger }: Pick<Backends, 'ledger'>): Promise<unknown> =>
  insertDevice(
    ledger.db,
    { tenant: 'default', id: 'd1', loggingIntervalMs: 10 * minute, channels: {}, createdAt: 0 },
    'hash',
  )

async function close({ log, series, ledger, remove }: Backends): Promise<void> {
  await log.close()
  await series.close()
  await ledger.close()
  await remove()
}

describe('an InfluxDB that drops readings by itself', () => {
  if (!influxdPath) console.warn('skipped: hours in an InfluxDB, for want of influxd')

  it.skipIf(!influxdPath)('has their hours made before it may drop them', async () => {
    const now = Date.now()
    const keepDays = 10
    const series = await openInfluxSeries({ url: influxd!.url, bucket: 'own' })
    const made = await openInfluxSeries({
      ...{ url: influxd!.url, bucket: 'theirs', retentionDays: keepDays },
    })
    const rows = rowsFrom(Math.floor((now - 9.5 * day) / hourMs) * hourMs, 9.4 * 144)
    try {
      await made.write(rows)
      // What was made here keeps them longer than is asked of it.
      expect(await made.keepsMs()).toBe((keepDays + bounds.retentionMarginDays) * day)
      await dropOld({ ...stores, series: made }, { now, days: keepDays })
      expect(await made.hours({ ...key, ...always })).toEqual([])
      // Somebody else's keeps them as long as it says: hours are made so much earlier.
      const theirs: InfluxSeries = { ...made, keepsMs: async () => keepDays * day }
      await dropOld({ ...stores, series: theirs }, { now, days: undefined })
      const to = await readHoursTo(stores.ledger.db)
      expect(now - to).toBeLessThanOrEqual((keepDays - bounds.retentionMarginDays + 1) * day)
      expect(now - to + bounds.retentionEveryMs).toBeLessThan(keepDays * day)
      const window = { from: rows[0]!.time, to }
      expect(await made.hours({ ...key, ...always })).toEqual(hoursOf(rows, { ...rule, window }))
      await dropOld({ ...stores, series }, { now, days: undefined })
      expect(await readHoursTo(stores.ledger.db)).toBe(to)
    } finally {
      await made.close()
      await series.close()
    }
  })

  it.skipIf(!influxdPath)('keeps hours for ever, beside what it drops', async () => {
    const series = await openInfluxSeries({
      ...{ url: influxd!.url, bucket: 'old', retentionDays: 1 },
    })
    const window = { from: 0, to: 2 * hourMs }
    const hours = hoursOf(rowsFrom(0, 20), { ...rule, window })
    try {
      // Hours of 1970: any retention would refuse them.
      await series.writeHours(hours.map((hour) => ({ ...key, ...hour })))
      await series.dropBefore(start)
      expect(await series.hours({ ...key, ...always })).toEqual(hours)
      const body = new URLSearchParams({ q: 'SHOW RETENTION POLICIES', db: 'old' })
      const said = await (await fetch(`${influxd!.url}/query`, { method: 'POST', body })).text()
      expect(said).toContain('["isotherm_hours","0s"')
    } finally {
      await series.close()
    }
  })
})

describe('a server with a retention', () => {
  it('goes on answering for the past, by the hour, as days go by', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-hours-'))
    const config = configOf(join(folder, 'data'), { ISOTHERM_RETENTION_DAYS: '2' })
    const path = `/api/v1/readings?device=d1&from=${start}&to=${start + 9 * day}&every=3h`
    type Answer = { items: { value: number; count: number }[]; readingsFrom?: string }
    const on = async <T>(now: number, work: (api: story.Listener['api']) => Promise<T>) => {
      const server = await serve(config, () => now)
      try {
        return await work(listenerOf(server).api)
      } finally {
        await server.close()
      }
    }
    try {
      const before = await on(start + 2 * day, async (api) => {
        await api('POST', '/api/v1/devices', { id: 'd1' })
        const readings = rowsFrom(start, 288).map(({ time, value }) => ({
          time,
          temperature: value,
        }))
        await api('POST', '/api/v1/readings?device=d1', readings)
        return vi.waitFor(async () => {
          const answer = await api<Answer>('GET', path)
          expect(answer.items).toHaveLength(16)
          expect(answer.items.at(-1)!.count).toBe(18)
          return answer
        }, patience)
      })
      expect(before.readingsFrom).toBeUndefined()
      for (const days of [3, 5]) {
        const after = await on(start + days * day, (api) =>
          vi.waitFor(async () => {
            const answer = await api<Answer>('GET', path)
            const from = new Date(start + (days - 2) * day).toISOString().replace('.000', '')
            expect(answer.readingsFrom).toBe(from)
            return answer
          }, patience),
        )
        const about = ({ items }: Answer) =>
          items.map((item) => ({ ...item, value: item.value.toFixed(9), mean: undefined }))
        expect(about(after)).toEqual(about(before))
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 120_000)
})

describe('hours', () => {
  it('are the same when two runs are at it at once', async () => {
    await stores.series.write(rowsFrom(start, 500))
    const at = { now: start + 5 * day, days: 1 }
    await Promise.all([dropOld(stores, at), dropOld(stores, at)])
    const window = { from: start, to: start + 4 * day }
    expect(await stores.series.hours({ ...key, ...always })).toEqual(
      hoursOf(rowsFrom(start, 500), { ...rule, window }),
    )
    expect(await stores.series.range({ ...key, ...always })).toEqual([])
  })

  const targets = ['DuckDB', 'InfluxDB'].map((name) => ({
    name,
    missing: name === 'InfluxDB' && !influxdPath,
  }))

  it.each(targets)('move into $name with everything else', async ({ name, missing }) => {
    if (missing) return console.warn('skipped: hours moved into InfluxDB, for want of influxd')
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-hours-'))
    const into = await openEmbedded()
    const series =
      name === 'DuckDB'
        ? into.series
        : await openInfluxSeries({ url: influxd!.url, bucket: 'moved' })
    try {
      await stores.series.write(rowsFrom(start, 500))
      await dropOld(stores, { now: start + 3 * day, days: 1 })
      await exportStores(stores, folder, silent)
      await importStores({ ledger: into.ledger, series }, folder, silent)
      for (const of of ['hours', 'range'] as const)
        expect(await series[of]({ ...key, ...always })).toEqual(
          await stores.series[of]({ ...key, ...always }),
        )
      expect(await series.hours({ ...key, ...always })).toHaveLength(48)
      expect(await readHoursTo(into.ledger.db)).toBe(start + 2 * day)
      // It goes on there as it would have here.
      const at = { now: start + 4 * day, days: 1 }
      await dropOld({ ledger: into.ledger, series }, at)
      await dropOld(stores, at)
      expect(await series.hours({ ...key, ...always })).toEqual(
        await stores.series.hours({ ...key, ...always }),
      )
    } finally {
      if (series !== into.series) await series.close()
      await close(into)
      rmSync(folder, { recursive: true })
    }
  })

  it('find their place in a store that was made before there were any', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-hours-'))
    try {
      await (await openDuckdbSeries({ folder })).close()
      const instance = await DuckDBInstance.create(join(folder, 'series.duckdb'))
      const connection = await instance.connect()
      await connection.run('drop table hours')
      connection.disconnectSync()
      instance.closeSync()
      const series = await openDuckdbSeries({ folder })
      await series.write(rowsFrom(start, 300))
      await dropOld({ ...stores, series }, { now: start + 2 * day, days: 1 })
      expect(await series.hours({ ...key, ...always })).toHaveLength(24)
      const copy = join(folder, 'copy')
      await series.copyTo(join(folder, 'copied.duckdb'))
      await series.close()
      // A backup is such a copy.
      mkdirSync(copy)
      renameSync(join(folder, 'copied.duckdb'), join(copy, 'series.duckdb'))
      const restored = await openDuckdbSeries({ folder: copy })
      expect(await restored.hours({ ...key, ...always })).toHaveLength(24)
      await restored.close()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
