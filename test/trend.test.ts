import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meansOf, trendOf } from '../domain/trend.ts'
import { createRandom } from '../simulators/random.ts'

const dayMs = 86_400_000
const daily = (values: readonly number[]) => values.map((value, i) => ({ time: i * dayMs, value }))

describe('a trend', () => {
  it('of ten rising values is known from tables: S = 45, variance 125', () => {
    const trend = trendOf(daily([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))!
    expect(trend).toMatchObject({ perDay: 1, low: 1, high: 1, first: 1, last: 10 })
    // z = 44 / sqrt(125) = 3.93548.
    expect(trend.p).toBeCloseTo(8.303e-5, 8)
  })

  it('of few points, or of none that differ, is none', () => {
    expect(trendOf(daily([1, 2, 3, 4, 5, 6, 7]))).toBeUndefined()
    expect(trendOf(daily([2, 2, 2, 2, 2, 2, 2, 2]))).toMatchObject({ perDay: 0, p: 1 })
  })

  it('is not led astray by a third of outliers', () => {
    const values = Array.from({ length: 30 }, (_, i) => (i % 4 === 3 ? 500 : 20 - 0.5 * i))
    expect(trendOf(daily(values))!.perDay).toBeCloseTo(-0.5, 1)
  })

  it('turns with its values, and stays when all of them move', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 8, maxLength: 40 })
    fc.assert(
      fc.property(values, fc.integer({ min: -100, max: 100 }), (numbers, by) => {
        const trend = trendOf(daily(numbers))!
        const turned = trendOf(daily(numbers.map((value) => -value)))!
        expect(turned.perDay).toBeCloseTo(-trend.perDay, 9)
        expect(turned.p).toBeCloseTo(trend.p, 12)
        const moved = trendOf(daily(numbers.map((value) => value + by)))!
        expect(moved.perDay).toBeCloseTo(trend.perDay, 9)
        expect(trend.low).toBeLessThanOrEqual(trend.perDay)
        expect(trend.high).toBeGreaterThanOrEqual(trend.perDay)
      }),
    )
  })

  it('is seen in noise by chance no more often than it says, and covers the true slope', () => {
    const random = createRandom('trend')
    let [seen, covered] = [0, 0]
    for (let run = 0; run < 1000; run++) {
      const noise = Array.from({ length: 20 }, () => random.normal())
      if (trendOf(daily(noise))!.p < 0.05) seen++
      const { low, high } = trendOf(daily(noise.map((value, i) => value + 0.3 * i)))!
      if (low <= 0.3 && high >= 0.3) covered++
    }
    // Of a fixed seed; 1,000 coins that fall one way in 5 of 100 times come to 50 ± 21 (3 sigma).
    expect(seen).toBeLessThan(71)
    expect(covered).toBeGreaterThan(929)
  })
})

describe('means', () => {
  it('are of those points only that fall into their span', () => {
    const points = [
      { time: 0, value: 1 },
      { time: 9, value: 3 },
      { time: 10, value: 7 },
      { time: 35, value: 5 },
    ]
    expect(meansOf(points, 10)).toEqual([
      { time: 0, value: 2 },
      { time: 10, value: 7 },
      { time: 30, value: 5 },
    ])
    expect(meansOf([], 10)).toEqual([])
  })
})
