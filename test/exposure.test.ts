import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Point } from '../domain/breach.ts'
import {
  acceleration,
  exposureOf,
  kineticSumOf,
  meanOfRows,
  mktOf,
  mktOfRows,
  mktOfSum,
  msBeyond,
  reachedAt,
  runsBeyond,
  standsOf,
  uspKinetics,
} from '../domain/exposure.ts'

const minute = 60_000
const hour = 60 * minute
/** The vectors below were computed with this R. */
const kinetics = { deltaHKjPerMol: 83.144, gasConstantJPerMolK: 8.314472 }
const forever = { gapMs: Infinity }

/** Readings that hold each value for its hours; the last one ends the last stretch. */
function held(...stretches: [hours: number, value: number][]): Point[] {
  const points: Point[] = []
  let time = 0
  for (const [hours, value] of stretches) {
    points.push({ time, value })
    time += hours * hour
  }
  return [...points, { time, value: stretches.at(-1)![1] }]
}
const mkt = (points: Point[], k = kinetics) => mktOf(standsOf(points, forever), k)!

describe('mean kinetic temperature', () => {
  it.each<[string, [number, number][], number]>([
    ['5 °C all the time', [[24, 5]], 5],
    [
      '20 and 40 °C for equal times',
      [
        [1, 20],
        [1, 40],
      ],
      34.358,
    ],
    [
      '29 days at 22 and a day at 40',
      [
        [29 * 24, 22],
        [24, 40],
      ],
      23.6,
    ],
    [
      '29 days at 24 and a day at 40',
      [
        [29 * 24, 24],
        [24, 40],
      ],
      25.26,
    ],
    [
      '18 h at 5 and 6 h at 14',
      [
        [18, 5],
        [6, 14],
      ],
      8.285,
    ],
    [
      '21 h at 5 and 3 h at 14',
      [
        [21, 5],
        [3, 14],
      ],
      6.804,
    ],
    [
      '22 h at 5 and 2 h at -2: blind to freezing',
      [
        [22, 5],
        [2, -2],
      ],
      4.601,
    ],
  ])('%s', (_, stretches, expected) => {
    expect(Math.abs(mkt(held(...stretches)) - expected)).toBeLessThan(0.01)
  })

  it('weighs by time, so that a logger that speeds up in an alarm does not bend it', () => {
    const points: Point[] = []
    for (let i = 0; i < 141; i++) points.push({ time: i * 10 * minute, value: 5 })
    for (let i = 0; i <= 30; i++) points.push({ time: (1410 + i) * minute, value: 15 })
    expect(mkt(points)).toBeCloseTo(5.391, 2)
    const rows = points.slice(0, -1).map((p) => p.value)
    expect(mktOfRows(rows, kinetics)).toBeCloseTo(7.825, 2)
  })

  it('reaches 8 °C after 4.52 h at 15 in a day at 5', () => {
    let low = 0
    let high = 24
    for (let i = 0; i < 50; i++) {
      const hours = (low + high) / 2
      if (mkt(held([24 - hours, 5], [hours, 15])) <= 8) low = hours
      else high = hours
    }
    expect(low).toBeCloseTo(4.52, 2)
  })

  it('says how much faster a product ages than at 5 °C', () => {
    const expected = { 8: 1.47, 10: 1.89, 15: 3.48, 20: 6.29, 25: 11.15, 30: 19.39, 40: 55.6 }
    for (const [celsius, times] of Object.entries(expected))
      expect(Math.abs(acceleration(Number(celsius), 5, kinetics) - times)).toBeLessThan(0.01)
  })

  it.each([
    [60, 7.957],
    [100, 8.531],
    [120, 8.824],
  ])('depends on ΔH: %d kJ/mol gives %d °C', (deltaHKjPerMol, expected) => {
    const points = held([18, 5], [6, 14])
    expect(mkt(points, { ...kinetics, deltaHKjPerMol })).toBeCloseTo(expected, 2)
  })

  it('is never below the mean nor outside the extremes, whatever the readings', () => {
    const points = fc
      .uniqueArray(
        fc.record({ time: fc.nat(1e9), value: fc.double({ min: -200, max: 200, noNaN: true }) }),
        { selector: (p) => p.time, minLength: 2 },
      )
      .map((all) => all.toSorted((a, b) => a.time - b.time))
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 1e8 }), (all, gapMs) => {
        const e = exposureOf(all, { gapMs })
        expect(e.mkt!).toBeGreaterThanOrEqual(e.mean! - 1e-6)
        expect(e.mkt!).toBeLessThanOrEqual(e.max! + 1e-6)
        expect(e.mean!).toBeGreaterThanOrEqual(e.min! - 1e-6)
      }),
    )
  })

  it('adds up: the sums of two spans are the sum of both', () => {
    const points = held([3, 5], [2, 14], [7, 2])
    const sum = (from: number, to: number) =>
      kineticSumOf(standsOf(points, { gapMs: Infinity, window: { from, to } }), kinetics)
    const [a, b] = [sum(0, 4 * hour), sum(4 * hour, 12 * hour)]
    const both = { weightedMs: a.weightedMs + b.weightedMs, ms: a.ms + b.ms }
    expect(mktOfSum(both, kinetics)).toBeCloseTo(mkt(points), 9)
  })
})

describe('time', () => {
  const points = [
    { time: 0, value: 5 },
    { time: 10 * minute, value: 9 },
    { time: 20 * minute, value: 8 },
    { time: 60 * minute, value: 12 },
    { time: 70 * minute, value: 4 },
    { time: 80 * minute, value: 10 },
  ]
  const rule = { gapMs: 15 * minute }
  const stands = standsOf(points, rule)
  const above = { side: 'above', limitC: 8 } as const

  it('stands for a reading until the next one, at most the gap, and is unknown beyond', () => {
    const e = exposureOf(points, rule)
    expect(e.knownMs).toBe(55 * minute)
    expect(e.unknownMs).toBe(25 * minute)
    expect(e.mean).toBeCloseTo((5 * 10 + 9 * 10 + 8 * 15 + 12 * 10 + 4 * 10) / 55, 12)
    expect([e.min, e.max]).toEqual([4, 12])
  })

  it('counts the time beyond a limit, and what is on it only when the limit is inclusive', () => {
    expect(msBeyond(stands, above)).toBe(20 * minute)
    expect(msBeyond(stands, { side: 'atOrAbove', limitC: 8 })).toBe(35 * minute)
    expect(msBeyond(stands, { side: 'below', limitC: 5 })).toBe(10 * minute)
    expect(msBeyond(stands, { side: 'atOrBelow', limitC: 5 })).toBe(20 * minute)
  })

  it('finds the stretches beyond a limit and how each ended', () => {
    expect(runsBeyond(stands, above)).toEqual([
      { from: 10 * minute, to: 20 * minute, extreme: 9, extremeTime: 10 * minute, end: 'return' },
      { from: 60 * minute, to: 70 * minute, extreme: 12, extremeTime: 60 * minute, end: 'return' },
      { from: 80 * minute, to: 80 * minute, extreme: 10, extremeTime: 80 * minute, end: 'last' },
    ])
    expect(runsBeyond(stands, { side: 'atOrAbove', limitC: 8 })[0]).toMatchObject({
      from: 10 * minute,
      to: 35 * minute,
      end: 'hole',
    })
  })

  it('finds when an allowance is used up', () => {
    expect(reachedAt(stands, above, 10 * minute)).toBe(20 * minute)
    expect(reachedAt(stands, above, 15 * minute)).toBe(65 * minute)
    expect(reachedAt(stands, above, 21 * minute)).toBeNull()
  })

  it('cuts to a window, into which a reading before it stands', () => {
    const window = { from: 15 * minute, to: 100 * minute }
    const e = exposureOf(points, { ...rule, window })
    expect(e.knownMs).toBe(40 * minute)
    expect(e.unknownMs).toBe(45 * minute)
    expect(exposureOf(points, { ...rule, window: { from: 40 * minute, to: 50 * minute } })).toEqual(
      {
        knownMs: 0,
        unknownMs: 10 * minute,
        min: null,
        max: null,
        mean: null,
        mkt: null,
      },
    )
  })

  it('knows nothing without readings and no duration from one', () => {
    expect(exposureOf([], rule)).toMatchObject({ knownMs: 0, unknownMs: 0, min: null, mkt: null })
    expect(exposureOf([{ time: 5, value: 3 }], rule)).toMatchObject({ min: 3, max: 3, mean: null })
    expect(meanOfRows([])).toBeNull()
    expect(mktOfRows([], uspKinetics)).toBeNull()
  })

  it('splits any window without losing or doubling a moment', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(90 * minute), { maxLength: 6 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), 90 * minute]
        let beyond = 0
        let known = 0
        for (let i = 1; i < edges.length; i++) {
          const part = standsOf(points, { ...rule, window: { from: edges[i - 1]!, to: edges[i]! } })
          beyond += msBeyond(part, above)
          for (const s of part) known += s.to - s.from
        }
        expect([beyond, known]).toEqual([20 * minute, 55 * minute])
      }),
    )
  })
})
