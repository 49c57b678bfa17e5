import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAnomalyState, explainAnomaly, stepAnomaly } from '../analytics/anomaly/anomaly.ts'
import { countDistance, createRarity, distanceOf } from '../analytics/anomaly/rarity.ts'
import { createTold, tell } from '../analytics/anomaly/told.ts'

const scoresOf = (values: readonly number[]): number[] => {
  const state = createAnomalyState()
  return values.map((value) => stepAnomaly(state, value))
}
/** A refrigerator at 5 °C that swings with its compressor, without chance. */
const refrigerator = (rows: number): number[] =>
  Array.from({ length: rows }, (_, i) => 5 + Math.sin(i / 4) + 0.2 * Math.sin(i * 7.3))

describe('how unusual a reading is', () => {
  it('is seen when a refrigerator warms that never did, at once and as a reason one can read', () => {
    const values = refrigerator(3000)
    for (let i = 2500; i < 2600; i++) values[i]! += 9
    const state = createAnomalyState()
    const scores = values.slice(0, 2504).map((value) => stepAnomaly(state, value))
    const before = Math.max(...scores.slice(1000, 2500))
    expect(Math.max(...scores.slice(2500))).toBeGreaterThan(before)
    const reason = explainAnomaly(state)!
    expect(reason.first).toBeGreaterThanOrEqual(2500)
    expect(reason.last).toBeLessThan(2504)
    expect(reason.mean).toBeGreaterThan(12)
    expect(reason.high).toBeLessThan(reason.mean)
    expect(reason.low).toBeLessThan(6)
  })

  it('is seen when a value stands still that never did', () => {
    const values = refrigerator(3000).fill(5.3, 2500, 2700)
    const scores = scoresOf(values)
    const before = Math.max(...scores.slice(1000, 2500))
    expect(Math.max(...scores.slice(2500, 2600))).toBeGreaterThan(before)
  })

  it('is told once, not with every reading that goes on the same way', () => {
    const values = refrigerator(3000)
    for (let i = 2500; i < 3000; i++) values[i]! += 9
    expect(
      scoresOf(values)
        .slice(2600)
        .filter((score) => score > 0.9).length,
    ).toBeLessThan(5)
  })

  it('is nothing in a channel that never moves, and nothing at the begin', () => {
    expect(Math.max(...scoresOf(new Array(2000).fill(45)))).toBe(0)
    expect(scoresOf([1, 2, 3, 1e300, -1e300, 0])).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('depends on no later reading, and is the same whenever it is worked out', () => {
    const values = fc.array(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
      {
        minLength: 100,
        maxLength: 400,
      },
    )
    fc.assert(
      fc.property(values, fc.nat(), (all, cut) => {
        const first = all.slice(0, cut % all.length)
        expect(scoresOf(first)).toEqual(scoresOf(all).slice(0, first.length))
      }),
      { numRuns: 30 },
    )
  })

  it('is a number from 0 to 1 whatever the readings', () => {
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 300 })
    fc.assert(
      fc.property(values, (all) => {
        for (const score of scoresOf(all)) expect(score >= 0 && score <= 1).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('does not depend on the unit of the channel', () => {
    const celsius = refrigerator(2000)
    celsius[1500] = 20
    const kelvin = scoresOf(celsius.map((value) => value + 256))
    scoresOf(celsius).forEach((score, row) => {
      expect(Math.abs(score - kelvin[row]!)).toBeLessThan(1e-6)
    })
  })
})

describe('when a surprise is told', () => {
  it('is at once, again only when it has grown, and anew after a part of all readings', () => {
    const told = createTold()
    const first = tell(told, 2, 1000)
    expect(first).toBeGreaterThan(0.9)
    expect(tell(told, 2.1, 1001)).toBe(0)
    expect(tell(told, 4, 1002)).toBeGreaterThan(first)
    expect(tell(told, 4, 1200)).toBeGreaterThan(0)
    expect(tell(told, 0.1, 2000)).toBe(0)
  })

  it('is less the more often as much was told', () => {
    const told = createTold()
    const scores = Array.from({ length: 10 }, (_, n) => tell(told, 1.5, 1000 * (n + 1)))
    for (const [n, score] of scores.slice(1).entries()) expect(score).toBeLessThan(scores[n]!)
  })
})

describe('how rare a distance is', () => {
  it('is how often one as large was seen, and rarer beyond all that was seen', () => {
    const rarity = createRarity()
    for (let i = 1; i <= 1000; i++) countDistance(rarity, i / 1000)
    expect(distanceOf(rarity, 0.1)).toBeGreaterThan(0.75)
    expect(distanceOf(rarity, 0.1)).toBeLessThan(1.1)
    expect(countDistance(rarity, 0.9)).toBeLessThan(1.1)
    const beyond = countDistance(rarity, 10)
    expect(beyond).toBeGreaterThan(3)
    expect(countDistance(createRarity(), 1)).toBe(0)
  })
})
