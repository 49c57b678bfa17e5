// What a series store remembers, held against the store itself: whatever is written, dropped and
// asked for, in any order and at once, the answers are the same bit for bit.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourMs } from '../domain/hours.ts'
import { type DuckdbSeries, openDuckdbSeries } from '../store/duckdb/series.ts'
import type { Series, SeriesRow, SeriesSpan } from '../store/series.ts'
import { rememberReadings } from '../store/series-memory.ts'

const minute = 60_000
const start = Date.UTC(2026, 2, 1)

const device = fc.constantFrom('a', 'b', 'c')
const channel = fc.constantFrom('temperature', 'temperature.2')
const time = fc.nat(12 * 60).map((n) => start + n * minute)
const rows = fc.array(
  fc.record({ device, channel, time, value: fc.integer({ min: -50, max: 300 }) }),
  { minLength: 1, maxLength: 12 },
)
const asked = fc
  .record({ device, channel, from: time, ms: fc.nat(6 * 60), limit: fc.option(fc.nat(20)) })
  .map(({ from, ms, limit, ...key }) => ({
    ...{ ...key, from, to: from + ms * minute },
    ...(limit !== null && { limit }),
  }))
const step = fc.oneof(
  { weight: 3, arbitrary: rows.map((written) => ({ write: written })) },
  { weight: 5, arbitrary: asked.map((span) => ({ ask: span })) },
  { weight: 1, arbitrary: time.map((before) => ({ drop: before })) },
)

describe('a series store that remembers', () => {
  let folder: string
  let bare: DuckdbSeries
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isotherm-memory-'))
    bare = await openDuckdbSeries({ folder })
  })
  afterAll(async () => {
    await bare.close()
    await rm(folder, { recursive: true })
  })
  let world = 0
  let offset = 0

  it('says what the store says, whatever was written or dropped, early or late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        // So small that it forgets the one for the other too.
        const series = rememberReadings(bare, { sizeMax: 60, hoursMax: 100 })
        const tenant = `world-${world++}`
        const spanOf = (span: Omit<SeriesSpan, 'tenant'>) => ({ tenant, ...span })
        const ahead: Promise<unknown>[] = []
        for (const each of steps) {
          if ('write' in each)
            await series.write(
              each.write.map((row): SeriesRow => ({ ...row, tenant, offset: offset++ })),
            )
          if ('drop' in each) await series.dropBefore(each.drop)
          if (!('ask' in each)) continue
          const span = spanOf(each.ask)
          expect(await series.range(span)).toEqual(await bare.range(span))
          const { device: name } = each.ask
          const found = await Promise.all([
            ...[series.latest(tenant, name), bare.latest(tenant, name)],
          ])
          expect(found[0]).toEqual(found[1])
          const names = ['a', 'b', 'c']
          expect(await series.latestOf(tenant, names)).toEqual(await bare.latestOf(tenant, names))
          // Left alone: it is answered while the next is written.
          ahead.push(series.range({ ...span, from: start, to: start + 12 * hourMs }))
        }
        await Promise.all(ahead)
        for (const name of ['a', 'b', 'c'])
          for (const key of ['temperature', 'temperature.2']) {
            const all = spanOf({ device: name, channel: key, from: start, to: start + 13 * hourMs })
            expect(await series.range(all)).toEqual(await bare.range(all))
          }
      }),
      { numRuns: 20 },
    )
  }, 60_000)

  it('reads again only the hour that a late reading is in', async () => {
    const key = { tenant: 'late', device: 'a', channel: 'temperature' }
    const written = Array.from({ length: 240 }, (_, i) => ({
      ...{ ...key, time: start + i * 6 * minute, value: 5, offset: i },
    }))
    await bare.write(written)
    const read: SeriesSpan[] = []
    const watched: Series = {
      ...bare,
      range: (span) => {
        read.push(span)
        return bare.range(span)
      },
    }
    const series = rememberReadings(watched, { sizeMax: 1e6, hoursMax: 100 })
    const day = { ...key, from: start, to: start + 24 * hourMs }
    expect(await series.range(day)).toHaveLength(240)
    expect(await series.range({ ...day, from: start + 3 * hourMs })).toHaveLength(210)
    expect(read).toHaveLength(1)
    await series.write([{ ...key, time: start + 7 * hourMs + 1, value: 9, offset: 1000 }])
    expect(await series.range(day)).toHaveLength(241)
    expect(read.slice(1)).toEqual([{ ...key, from: start + 7 * hourMs, to: start + 8 * hourMs }])
  })
})
