import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addRows,
  beyondMs,
  bucketMsFor,
  type Curve,
  columnsOf,
  gapMsOf,
  holesOf,
  limitsOf,
  mergeSpans,
  scaleOf,
  summarize,
  within,
} from '../dashboards/console/src/chart-data.ts'
import { parseProduct, type Row } from '../dashboards/console/src/shapes.ts'

const minute = 60_000
const gapMs = 12.5 * minute
const curve = (...readings: [minutes: number, value: number][]): Curve => ({
  rows: readings.map(([minutes, value]) => ({ time: minutes * minute, value })),
  gapMs,
  everyMs: null,
})

describe('the temperature curve', () => {
  it('has one column per reading while they come in time', () => {
    const columns = columnsOf(curve([0, 5], [5, 6], [10, 7]), 'C')
    expect(columns.times).toEqual([0, 5 * minute, 10 * minute])
    expect(columns.values).toEqual([5, 6, 7])
  })

  it('draws the last reading before a hole for as long as it stands, then nothing', () => {
    const broken = curve([0, 5], [60, 6])
    expect(holesOf(broken)).toEqual([{ from: gapMs, to: 60 * minute }])
    const columns = columnsOf(broken, 'C')
    expect(columns.times).toEqual([0, gapMs, gapMs + 1, 60 * minute])
    expect(columns.values).toEqual([5, 5, null, 6])
  })

  it('is written in °F when asked for, holes included', () => {
    expect(columnsOf(curve([0, 0], [60, 100]), 'F').values).toEqual([32, 32, null, 212])
  })

  it('keeps the extremes of buckets, and lets the last bucket stand for its width', () => {
    const rows: Row[] = [
      { time: 0, value: 5, min: 2, max: 9 },
      { time: 10 * minute, value: 6, min: 6, max: 6 },
    ]
    const columns = columnsOf({ rows, gapMs, everyMs: 10 * minute }, 'C')
    expect(columns.mins).toEqual([2, 6, 6])
    expect(columns.maxs).toEqual([9, 6, 6])
    expect(columns.times.at(-1)).toBe(20 * minute)
  })

  it('shows a hole between buckets only where no reading can have been standing', () => {
    const rows: Row[] = [0, 20, 60].map((at) => ({ time: at * minute, value: 5 }))
    expect(holesOf({ rows, gapMs, everyMs: 10 * minute })).toEqual([
      { from: 42.5 * minute, to: 60 * minute },
    ])
  })

  it('has ascending times and never a value inside a hole, whatever the readings', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 60 })
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 2_000_000 }), (list, gap) => {
        const rows = list.sort((a, b) => a - b).map((time) => ({ time, value: 1 }))
        const drawn: Curve = { rows, gapMs: gap, everyMs: null }
        const columns = columnsOf(drawn, 'C')
        for (let i = 1; i < columns.times.length; i++)
          expect(columns.times[i]).toBeGreaterThan(columns.times[i - 1]!)
        for (const { from, to } of holesOf(drawn))
          columns.times.forEach((time, index) => {
            if (time > from && time < to) expect(columns.values[index]).toBeNull()
          })
        for (const { time } of rows) expect(columns.times).toContain(time)
      }),
    )
  })
})

describe('what is said of the curve', () => {
  const limits = { min: 2, max: 8 }
  const look = { unit: 'C', zone: 'UTC', language: 'en' } as const

  it('counts time outside the range by the standing rule, holes left out', () => {
    const warm = curve([0, 5], [5, 9], [10, 9], [60, 5], [65, 1])
    expect(beyondMs(warm, limits)).toBe(5 * minute + gapMs)
  })

  it('says lowest, highest, time outside and holes', () => {
    const words = summarize(curve([0, 5], [5, 9], [10, 3], [60, 5]), limits, look)
    expect(words.map((text) => text.replaceAll('\u00a0', ' '))).toEqual([
      '4 readings',
      'lowest 3.0 °C at 1 Jan 1970, 00:10',
      'highest 9.0 °C at 1 Jan 1970, 00:05',
      'outside 2.0 °C to 8.0 °C for 5 min',
      '1 hole without data, 37 min in total',
    ])
  })

  it('does not claim a time outside from buckets, which cannot tell it exactly', () => {
    const bucketed = { ...curve([0, 9], [10, 9]), everyMs: 10 * minute }
    expect(beyondMs(bucketed, limits)).toBeNull()
    expect(summarize(bucketed, limits, look).join()).not.toContain('outside')
  })

  it('says so when there is nothing', () => {
    expect(summarize(curve(), limits, look)).toEqual(['No readings in this window.'])
  })
})

describe('limits of what is inside', () => {
  const product = (min: number, max: number) => parseProduct({ profile: { rangeC: { min, max } } })

  it('are the strictest of all products, and none when they exclude each other', () => {
    expect(limitsOf([product(2, 8), product(0, 6)])).toEqual({ min: 2, max: 6 })
    expect(limitsOf([product(2, 8), product(-50, -15)])).toBeNull()
    expect(limitsOf([parseProduct({})])).toBeNull()
  })

  it('let a reading stand by the interval of the device, else of the product, else 30 minutes', () => {
    const five = parseProduct({ profile: { loggingIntervalSeconds: 300, gapFactor: 3 } })
    expect(gapMsOf(five, 60_000)).toBe(3 * minute)
    expect(gapMsOf(five, null)).toBe(15 * minute)
    expect(gapMsOf(undefined, null)).toBe(75 * minute)
  })
})

describe('scale and buckets', () => {
  it('shows limits near the readings and leaves far ones out', () => {
    const near = scaleOf(curve([0, 5], [5, 6]).rows, [2, 8])
    expect(near.min).toBeLessThan(2)
    expect(near.max).toBeGreaterThan(8)
    const frozen = scaleOf(curve([0, -20], [5, -18]).rows, [-50, -15])
    expect(frozen.min).toBeGreaterThan(-30)
    expect(frozen.max).toBeGreaterThan(-15)
  })

  it('has a scale even without readings', () => {
    const { min, max } = scaleOf([], [])
    expect(max).toBeGreaterThan(min)
  })

  it('takes the narrowest bucket that keeps their number in bounds', () => {
    expect(bucketMsFor(600 * minute, 600)).toBe(minute)
    expect(bucketMsFor(601 * minute, 600)).toBe(5 * minute)
    expect(bucketMsFor(6000 * 1440 * minute, 600)).toBe(10 * 1440 * minute)
  })
})

describe('spans', () => {
  it('that overlap or touch are one', () => {
    const spans = [
      { from: 5, to: 9 },
      { from: 1, to: 3 },
      { from: 3, to: 4 },
      { from: 6, to: 7 },
    ]
    expect(mergeSpans(spans)).toEqual([
      { from: 1, to: 4 },
      { from: 5, to: 9 },
    ])
  })

  it('leave readings before and after a window out of what is said of it', () => {
    const all = curve([0, 1], [5, 2], [10, 3])
    expect(within(all, { from: 5 * minute, to: 10 * minute }).rows).toHaveLength(1)
  })
})

describe('live readings', () => {
  it('are put in by time, each once, the later arrival winning', () => {
    const { rows } = curve([0, 5], [10, 7])
    const merged = addRows(rows, curve([5, 6], [10, 8]).rows)
    expect(merged.map(({ value }) => value)).toEqual([5, 6, 8])
  })
})
