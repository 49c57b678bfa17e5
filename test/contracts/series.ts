// The contract of the series store (store/series.ts) as one suite that every implementation runs.
// The oracle is a list of all rows and the sentence "of two values for one identity the greater
// one stands".
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Hour, hourMs, hoursOf } from '../../domain/hours.ts'
import type { SeriesKey } from '../../domain/reading.ts'
import { Unavailable } from '../../domain/refusal.ts'
import type { HourRow, Series, SeriesBucket, SeriesPoint, SeriesRow } from '../../store/series.ts'
import { worldsOf } from '../depth.ts'

/** A store with nothing in it, and what a test may do to it from outside. */
export interface SeriesFixture {
  open(): Promise<Series>
  /** Brings rows to where they stay (compaction, flush), if the store knows such a thing. */
  settle?(series: Series): Promise<void>
  /** Removes what `open` left behind; every opened store is closed by then. */
  dispose(): Promise<void>
}

export interface SeriesContract {
  name: string
  fixture(): Promise<SeriesFixture>
  /** Parts that this store cannot keep, each with its reason; printed in the title. */
  skip?: Partial<Record<ContractPart, string>>
}

export type ContractPart = 'beforeOffset' | 'conflicts' | 'anyString' | 'dropBefore' | 'reopen'

const minuteMs = 60_000
const start = Date.UTC(2026, 0, 15, 8)
const key: SeriesKey = { tenant: 'default', device: 'logger-1', channel: 'temperature' }
const always = { from: -8.64e15, to: 8.64e15 }

export function seriesContract({ name, fixture, skip = {} }: SeriesContract): void {
  describe(`the series contract on ${name}`, () => {
    let place: SeriesFixture
    let series: Series
    beforeEach(async () => {
      place = await fixture()
      series = await place.open()
    })
    afterEach(async () => {
      await series.close()
      await place.dispose()
    })
    const part = (which: ContractPart, title: string, test: () => Promise<void>): void => {
      const reason = skip[which]
      it.skipIf(reason !== undefined)(reason ? `${title} (skipped: ${reason})` : title, test)
    }
    const settle = async (): Promise<void> => place.settle?.(series)

    it('gives back what was written, ascending by time, each series by itself', async () => {
      await series.write([row(2, 5.2), row(0, 5), row(1, 5.1)])
      await series.write([
        { ...row(1, 40), channel: 'humidity' },
        { ...row(1, 41), device: 'logger-2' },
        { ...row(1, 42), tenant: 'other' },
      ])
      expect(await series.range({ ...key, ...always })).toEqual([at(0, 5), at(1, 5.1), at(2, 5.2)])
      expect(await series.range({ ...key, ...always, tenant: 'other' })).toEqual([at(1, 42)])
      expect(await series.range({ ...key, ...always, device: 'logger-2' })).toEqual([at(1, 41)])
    })

    it('answers with nothing for a device, a channel or a span it has no readings of', async () => {
      for (const rows of [[], [row(0, 5)]]) await series.write(rows)
      for (const other of [{ tenant: 'x' }, { device: 'x' }, { channel: 'x' }]) {
        expect(await series.range({ ...key, ...always, ...other })).toEqual([])
        const span = { ...key, ...always, everyMs: minuteMs, ...other }
        expect(await series.downsample(span)).toEqual([])
      }
      expect(await series.range({ ...key, from: start + 1, to: start + minuteMs })).toEqual([])
      expect(await series.range({ ...key, from: start, to: start })).toEqual([])
      expect(await series.latest('default', 'x')).toEqual([])
      expect(await series.channels('default', 'x')).toEqual([])
    })

    it('takes from inclusive and to exclusive, and keeps the first so many', async () => {
      await series.write([0, 1, 2, 3, 4].map((minute) => row(minute, minute)))
      const span = { ...key, from: start + minuteMs, to: start + 4 * minuteMs }
      expect(await series.range(span)).toEqual([at(1, 1), at(2, 2), at(3, 3)])
      expect(await series.range({ ...span, limit: 2 })).toEqual([at(1, 1), at(2, 2)])
      expect(await series.range({ ...span, limit: 0 })).toEqual([])
    })

    it('changes nothing when the same rows are written again', async () => {
      const rows = [row(0, 5), row(1, 6)]
      for (let time = 0; time < 3; time++) {
        await series.write([...rows, ...rows])
        await settle()
      }
      expect(await series.range({ ...key, ...always })).toEqual([at(0, 5), at(1, 6)])
      expect((await series.channels('default', 'logger-1'))[0]?.count).toBe(2)
    })

    part('conflicts', 'lets the greater of two values stand, whichever came first', async () => {
      await series.write([row(0, 5), row(1, 9)])
      await settle()
      await series.write([row(0, 9), row(1, 5), row(2, -3), row(2, -2)])
      await settle()
      expect(await series.range({ ...key, ...always })).toEqual([at(0, 9), at(1, 9), at(2, -2)])
      const { times, values } = await series.columns({ ...key, ...always })
      expect([...times].map((time, i) => ({ time, value: values[i] }))).toEqual(
        await series.range({ ...key, ...always }),
      )
    })

    part(
      'beforeOffset',
      'tells what stood before an envelope came, also after sorting',
      async () => {
        await series.write([row(0, 5, 10), row(1, 7, 10)])
        await settle()
        await series.write([row(0, 8, 20), row(1, 6, 20), row(2, 1, 20), row(0, 8, 15)])
        await settle()
        const stoodBefore = (beforeOffset: number): Promise<SeriesPoint[]> =>
          series.range({ ...key, ...always, beforeOffset })
        expect(await stoodBefore(10)).toEqual([])
        expect(await stoodBefore(11)).toEqual([at(0, 5), at(1, 7)])
        expect(await stoodBefore(16)).toEqual([at(0, 8), at(1, 7)])
        expect(await stoodBefore(21)).toEqual([at(0, 8), at(1, 7), at(2, 1)])
      },
    )

    it('gives buckets aligned to the epoch, also before 1970, with every extreme', async () => {
      const times = [-minuteMs - 1, -minuteMs, -1, 0, minuteMs - 1, minuteMs]
      await series.write(times.map((time, i) => ({ ...row(0, i), time })))
      expect(await series.downsample({ ...key, ...always, everyMs: minuteMs })).toEqual([
        { time: -2 * minuteMs, min: 0, mean: 0, max: 0, count: 1 },
        { time: -minuteMs, min: 1, mean: 1.5, max: 2, count: 2 },
        { time: 0, min: 3, mean: 3.5, max: 4, count: 2 },
        { time: minuteMs, min: 5, mean: 5, max: 5, count: 1 },
      ])
      const first = { ...key, ...always, everyMs: minuteMs, limit: 1 }
      expect(await series.downsample(first)).toHaveLength(1)
    })

    it('tells the lowest and highest of each day of many devices, also before 1970', async () => {
      const day = 86_400_000
      const on = (time: number, value: number, device: string): SeriesRow => ({
        ...row(0, value),
        ...{ time, device },
      })
      await series.write([on(-1, 3, 'a'), on(0, 5, 'a'), on(day - 1, -2, 'a'), on(day, 7, 'b')])
      await settle()
      await series.write([on(1, 9, 'a'), { ...on(2, 80, 'a'), channel: 'humidity' }])
      await series.write([on(3, 9, 'c'), { ...on(3, 9, 'a'), tenant: 'other' }])
      const ask = (from: number, to: number) =>
        series.dayExtremes('default', ['a', 'b', 'nobody'], {
          ...{ from, to },
          wanted: (channel) => channel !== 'humidity',
        })
      const told = async (from: number, to: number): Promise<unknown[]> =>
        (await ask(from, to)).sort((a, b) => a.time - b.time)
      const channel = 'temperature'
      expect(await told(always.from, always.to)).toEqual([
        { device: 'a', channel, time: -day, min: 3, max: 3, count: 1 },
        { device: 'a', channel, time: 0, min: -2, max: 9, count: 3 },
        { device: 'b', channel, time: day, min: 7, max: 7, count: 1 },
      ])
      expect(await told(1, day - 1)).toEqual([
        { device: 'a', channel, time: 0, min: 9, max: 9, count: 1 },
      ])
      expect(await told(5 * day, always.to)).toEqual([])
    })

    it('knows the newest reading and the span of each channel of a device', async () => {
      await series.write([row(0, 5), row(3, 6), { ...row(1, 40), channel: 'humidity' }])
      await settle()
      await series.write([row(1, 7), { ...row(9, 1), device: 'logger-2' }])
      const latest = await series.latest('default', 'logger-1')
      expect(byChannel(latest)).toEqual([
        { channel: 'humidity', ...at(1, 40) },
        { channel: 'temperature', ...at(3, 6) },
      ])
      const many = await series.latestOf('default', ['logger-1', 'nobody', 'logger-2'])
      expect([...many.keys()].sort()).toEqual(['logger-1', 'logger-2'])
      expect(byChannel(many.get('logger-1')!)).toEqual(byChannel(latest))
      expect(many.get('logger-2')).toEqual(await series.latest('default', 'logger-2'))
      expect(await series.latestOf('default', [])).toEqual(new Map())
      expect(byChannel(await series.channels('default', 'logger-1'))).toEqual([
        { channel: 'humidity', from: at(1, 0).time, to: at(1, 0).time, count: 1 },
        { channel: 'temperature', from: start, to: at(3, 0).time, count: 3 },
      ])
    })

    part(
      'anyString',
      'takes any string as tenant, device and channel, also after reopening',
      async () => {
        const rows = strangeNames.map((text, i) => ({
          ...row(0, i),
          ...{ tenant: text, device: text, channel: text },
        }))
        await series.write(rows)
        if (!skip.reopen) series = await reopen(place, series)
        await settle()
        for (const [i, text] of strangeNames.entries()) {
          const named = { tenant: text, device: text, channel: text }
          expect(await series.range({ ...named, ...always })).toEqual([at(0, i)])
          expect(await series.latest(text, text)).toEqual([{ channel: text, ...at(0, i) }])
        }
      },
    )

    part('dropBefore', 'drops the readings before a time and no other', async () => {
      await series.write([row(0, 5), row(1, 6), row(2, 7)])
      await settle()
      await series.write([row(1, 6.5), row(0, 8), { ...row(0, 40), channel: 'humidity' }])
      await series.dropBefore(start + minuteMs)
      expect(await series.range({ ...key, ...always })).toEqual([at(1, 6.5), at(2, 7)])
      expect(await series.channels('default', 'logger-1')).toHaveLength(1)
      await series.dropBefore(start + 9 * minuteMs)
      expect(await series.latest('default', 'logger-1')).toEqual([])
      await series.write([row(1, 1)])
      expect(await series.range({ ...key, ...always })).toEqual([at(1, 1)])
    })

    it('keeps hours beside readings, also when these are dropped', async () => {
      const hours = hoursOfValues([5, 5.1, null, 5.25], { temperature: true })
      await series.write([row(0, 5)])
      await series.writeHours(hours.map((hour) => ({ ...key, ...hour })))
      await series.writeHours([])
      if (!skip.reopen) series = await reopen(place, series)
      if (!skip.dropBefore) await series.dropBefore(start + 90 * 24 * hourMs)
      await settle()
      expect(await series.hours({ ...key, ...always })).toEqual(hours)
      expect(await series.hours({ ...key, from: start + 1, to: start + 3 * hourMs })).toEqual(
        hours.slice(1, 3),
      )
      expect(await series.hours({ ...key, ...always, limit: 1 })).toEqual(hours.slice(0, 1))
      for (const other of [{ tenant: 'x' }, { device: 'x' }, { channel: 'x' }])
        expect(await series.hours({ ...key, ...always, ...other })).toEqual([])
      expect(await series.hourChannels('default', 'logger-1')).toEqual([
        { channel: 'temperature', from: start, to: start + 3 * hourMs, count: 4 },
      ])
      expect(await series.hourChannels('default', 'x')).toEqual([])
      expect(await series.channels('default', 'logger-1')).toHaveLength(skip.dropBefore ? 1 : 0)
    })

    it('replaces an hour that is made again, and knows hours of series without readings', async () => {
      const humidity = { ...key, channel: 'humidity' }
      const [first, second] = [
        [1, 2, 3],
        [4, 5, 6],
      ].map((values) =>
        hoursOfValues(values, { temperature: false }).map((hour) => ({ ...humidity, ...hour })),
      ) as [HourRow[], HourRow[]]
      await series.writeHours(first)
      await settle()
      await series.writeHours(second.slice(1))
      await series.writeHours([...second.slice(1), ...second.slice(1)])
      const found = await series.hours({ ...humidity, ...always })
      expect(found.map(({ min, bins, count }) => [min, bins, count])).toEqual([
        ...[1, 5, 6].map((min) => [min, null, 1]),
      ])
      await series.write([{ ...row(0, 40), channel: 'humidity' }, row(0, 5)])
      expect(await series.range({ ...humidity, ...always })).toEqual([at(0, 40)])
    })

    it('gives back any hour as it was made, many at once, of any series', {
      timeout: 60_000,
    }, async () => {
      let run = 0
      const property = fc.asyncProperty(fc.array(anyPoints, { maxLength: 4 }), async (worlds) => {
        const tenant = `tenant ${++run}`
        const rows = worlds.flatMap(({ points, ...rule }, i) => {
          const series = { tenant, device: 'a', channel: strangeNames[i]! }
          return hoursOf(points, rule).map((hour) => ({ ...series, ...hour }))
        })
        await series.writeHours(rows)
        for (const [i, { points, ...rule }] of worlds.entries()) {
          const channel = strangeNames[i]!
          const found = await series.hours({ tenant, device: 'a', channel, ...always })
          expect(found).toEqual(hoursOf(points, rule))
        }
      })
      await fc.assert(property, { numRuns: worldsOf(8) })
    })

    it('shows a reader whole writes only, also while rows are being sorted', async () => {
      const steps = 30
      const settling: Promise<void>[] = []
      const writing = (async () => {
        for (let step = 0; step < steps; step++) {
          await series.write(Array.from({ length: 100 }, (_, i) => row(step * 100 + i, step)))
          if (step % 7 === 0) settling.push(settle())
        }
        await Promise.all(settling)
        return true
      })()
      let seen = 0
      while (seen < steps * 100) {
        const points = await series.range({ ...key, ...always })
        expect(points.length % 100).toBe(0)
        expect(points.length).toBeGreaterThanOrEqual(seen)
        seen = points.length
      }
      expect(await writing).toBe(true)
    })

    it('takes a value that is not finite for a bug of the caller', async () => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
        await expect(series.write([row(0, 1), row(1, value)])).rejects.not.toBeInstanceOf(
          Unavailable,
        )
      expect(await series.range({ ...key, ...always })).toEqual([])
    })

    it('is Unavailable once closed, and can be closed twice', async () => {
      await series.write([row(0, 5)])
      await series.close()
      await series.close()
      const calls = [
        series.write([row(1, 5)]),
        series.range({ ...key, ...always }),
        series.downsample({ ...key, ...always, everyMs: 1 }),
        series.dayExtremes('default', ['logger-1'], { ...always, wanted: () => true }),
        series.latest('default', 'logger-1'),
        series.latestOf('default', ['logger-1']),
        series.channels('default', 'logger-1'),
        series.dropBefore(0),
        series.writeHours(hoursOfValues([1], { temperature: true }).map((h) => ({ ...key, ...h }))),
        series.hours({ ...key, ...always }),
        series.hourChannels('default', 'logger-1'),
      ]
      for (const call of await Promise.allSettled(calls)) {
        expect(call.status === 'rejected' && call.reason).toBeInstanceOf(Unavailable)
      }
    })

    it('agrees with the oracle for any rows in any order, cut, sorted and reopened anyhow', {
      timeout: 120_000,
    }, async () => {
      let run = 0
      const property = fc.asyncProperty(
        fc.array(step(skip), { maxLength: 12 }),
        query,
        async (steps, asked) => {
          // A tenant of its own instead of a store of its own: other rows must not matter.
          run++
          const rows: SeriesRow[] = []
          for (const taken of steps) {
            if (taken.do === 'settle') await settle()
            if (taken.do === 'reopen') series = await reopen(place, series)
            if (taken.do !== 'write') continue
            const own = taken.rows.map((one) => ({ ...one, tenant: `${one.tenant} ${run}` }))
            await series.write(own)
            rows.push(...own)
          }
          await compare(series, rows, { asked, run, beforeOffset: !skip.beforeOffset })
        },
      )
      await fc.assert(property, { numRuns: worldsOf(8) })
    })
  })
}

/** Names that break a store which pastes them into text, and two that differ only below UTF-8. */
const strangeNames = [
  '',
  ' ',
  `'; drop table series; --`,
  '"quoted", back\\slash',
  'tab\tand\nline',
  'nul\0here',
  'nul',
  '\ud800',
  '\udfff',
  '温度 ❄️',
  '$1 ? :name %s',
  '__proto__',
]

const row = (minute: number, value: number, offset = minute): SeriesRow => ({
  ...key,
  time: start + minute * minuteMs,
  value,
  offset,
})
const at = (minute: number, value: number): SeriesPoint => ({
  time: start + minute * minuteMs,
  value,
})
/** One reading at the start of each hour, from `start` on; null where there is none. */
function hoursOfValues(
  values: readonly (number | null)[],
  { temperature }: { temperature: boolean },
): Hour[] {
  const points = values.flatMap((value, i) =>
    value === null ? [] : { time: start + i * hourMs, value },
  )
  const window = { from: start, to: start + values.length * hourMs }
  return hoursOf(points, { window, gapMs: 1.5 * hourMs, temperature })
}

const anyPoints = fc
  .record({
    points: fc.uniqueArray(
      fc.record({
        time: fc.integer({ min: -20, max: 20 }).map((n) => n * 20 * minuteMs),
        value: fc.oneof(
          fc.integer({ min: -300, max: 400 }).map((tenths) => tenths / 10),
          fc.double({ min: -200, max: 200, noNaN: true }),
        ),
      }),
      { selector: ({ time }) => time },
    ),
    gapMs: fc.constantFrom(1, 90 * minuteMs),
    temperature: fc.boolean(),
  })
  .map(({ points, ...rule }) => ({
    ...rule,
    points: points.sort((one, other) => one.time - other.time),
    window: { from: -7 * hourMs, to: 7 * hourMs },
  }))

const byChannel = <T extends { channel: string }>(list: T[]): T[] =>
  list.toSorted((a, b) => (a.channel < b.channel ? -1 : 1))

async function reopen(place: SeriesFixture, series: Series): Promise<Series> {
  await series.close()
  return place.open()
}

type Step = { do: 'write'; rows: SeriesRow[] } | { do: 'settle' } | { do: 'reopen' }

/** Few devices, few times and few values, so that identities collide all the time. */
function step(skip: SeriesContract['skip']): fc.Arbitrary<Step> {
  const anyRow = fc.record({
    tenant: fc.constantFrom('default', 'other'),
    device: fc.constantFrom('a', 'b'),
    channel: fc.constantFrom('temperature', 'humidity'),
    time: fc.oneof(
      fc.integer({ min: -5, max: 40 }),
      fc.integer({ min: -30, max: 30 }).map((day) => day * 86_400_000),
    ),
    value: skip?.conflicts
      ? fc.constant(1)
      : fc.oneof(
          fc.constantFrom(-1, 0, -0, 1),
          fc.double({ noNaN: true, min: -1e300, max: 1e300 }),
        ),
    offset: fc.integer({ min: 0, max: 20 }),
  })
  const other: Step['do'][] = skip?.reopen ? ['settle'] : ['settle', 'reopen']
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('write' as const), rows: fc.array(anyRow) }),
    },
    { weight: 2, arbitrary: fc.constantFrom(...other).map((name) => ({ do: name }) as Step) },
  )
}

interface Query {
  from: number
  to: number
  limit: number | undefined
  beforeOffset: number | undefined
  everyMs: number
}

const query: fc.Arbitrary<Query> = fc.record({
  from: fc.integer({ min: -10, max: 20 }),
  to: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(31 * 86_400_000)),
  limit: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  beforeOffset: fc.option(fc.integer({ min: 0, max: 21 }), { nil: undefined }),
  everyMs: fc.constantFrom(1, 7, 10, 1000, 86_400_000),
})

async function compare(
  store: Series,
  rows: readonly SeriesRow[],
  { asked, run, beforeOffset }: { asked: Query; run: number; beforeOffset: boolean },
): Promise<void> {
  for (const tenant of [`default ${run}`, `other ${run}`])
    for (const device of ['a', 'b']) {
      const latest: { channel: string; time: number; value: number }[] = []
      const spans: { channel: string; from: number; to: number; count: number }[] = []
      for (const channel of ['humidity', 'temperature']) {
        const own = { tenant, device, channel }
        const all = oraclePoints(rows, own)
        const newest = all.at(-1)
        if (newest) latest.push({ channel, ...newest })
        if (newest) spans.push({ channel, from: all[0]!.time, to: newest.time, count: all.length })
        expect(await store.range({ ...own, ...always })).toEqual(all)
        const { everyMs, from, to } = asked
        const limit = asked.limit === undefined ? {} : { limit: asked.limit }
        const within = all.filter(({ time }) => time >= from && time < to)
        expect(await store.range({ ...own, from, to, ...limit })).toEqual(
          within.slice(0, asked.limit),
        )
        sameBuckets(
          await store.downsample({ ...own, from, to, everyMs, ...limit }),
          oracleBuckets(within, everyMs).slice(0, asked.limit),
        )
        if (beforeOffset && asked.beforeOffset !== undefined)
          expect(
            await store.range({ ...own, ...always, beforeOffset: asked.beforeOffset }),
          ).toEqual(oraclePoints(rows, own, asked.beforeOffset))
      }
      expect(byChannel(await store.latest(tenant, device))).toEqual(latest)
      expect(byChannel(await store.channels(tenant, device))).toEqual(spans)
    }
}

function oraclePoints(
  rows: readonly SeriesRow[],
  own: SeriesKey,
  beforeOffset = Number.POSITIVE_INFINITY,
): SeriesPoint[] {
  const values = new Map<number, number>()
  for (const { tenant, device, channel, time, value, offset } of rows) {
    if (tenant !== own.tenant || device !== own.device || channel !== own.channel) continue
    if (offset >= beforeOffset) continue
    values.set(time, Math.max(values.get(time) ?? Number.NEGATIVE_INFINITY, value) + 0)
  }
  return [...values].sort(([a], [b]) => a - b).map(([time, value]) => ({ time, value }))
}

function oracleBuckets(points: readonly SeriesPoint[], everyMs: number): SeriesBucket[] {
  const groups = Map.groupBy(points, ({ time }) => Math.floor(time / everyMs) * everyMs)
  return [...groups].map(([time, inside]) => {
    const values = inside.map(({ value }) => value)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const extremes = { min: Math.min(...values), max: Math.max(...values) }
    return { time: time + 0, ...extremes, mean, count: values.length }
  })
}

/** Means may differ in the last bits: the order of summing is the store's. */
function sameBuckets(found: SeriesBucket[], wanted: SeriesBucket[]): void {
  const exact = (bucket: SeriesBucket): object => ({ ...bucket, mean: undefined })
  expect(found.map(exact)).toEqual(wanted.map(exact))
  for (const [i, { mean }] of found.entries()) {
    const scale = Math.max(1, Math.abs(wanted[i]!.min), Math.abs(wanted[i]!.max))
    expect(Math.abs(mean - wanted[i]!.mean) / scale).toBeLessThan(1e-9)
  }
}
