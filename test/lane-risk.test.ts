import fc from 'fast-check'
import { expect, it } from 'vitest'
import { betaBelow, betaQuantile, logGammaOf } from '../domain/beta.ts'
import { laneRisks } from '../domain/lane-risk.ts'
import { createRandom } from '../simulators/random.ts'

it('the beta distribution has its known values', () => {
  // Γ(1/2) = √π, Γ(5) = 24.
  expect(logGammaOf(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12)
  expect(logGammaOf(5)).toBeCloseTo(Math.log(24), 12)
  // a = 1: 1 - (1-x)^b; b = 1: x^a; and the arcsine law for both a half.
  expect(betaBelow(0.3, { a: 1, b: 4 })).toBeCloseTo(1 - 0.7 ** 4, 12)
  expect(betaBelow(0.3, { a: 2.5, b: 1 })).toBeCloseTo(0.3 ** 2.5, 12)
  const half = { a: 0.5, b: 0.5 }
  expect(betaBelow(0.2, half)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(0.2)), 12)
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.double({ min: 0.3, max: 80, noNaN: true }),
      fc.double({ min: 0.3, max: 80, noNaN: true }),
      (p, a, b) => Math.abs(betaBelow(betaQuantile(p, { a, b }), { a, b }) - p) < 1e-6,
    ),
  )
})

it('a lane of few shipments borrows from all lanes, one of many speaks for itself', () => {
  const many = Array.from({ length: 30 }, () => ({ shipments: 100, excursions: 5 }))
  const { risks } = laneRisks([
    ...many,
    { shipments: 1, excursions: 1 },
    { shipments: 400, excursions: 200 },
    { shipments: 0, excursions: 0 },
  ])
  const [one, bad, none] = risks.slice(-3)
  expect(one!.mean).toBeLessThan(0.5)
  expect(one!.high - one!.low).toBeGreaterThan(risks[0]!.high - risks[0]!.low)
  expect(bad!.mean).toBeGreaterThan(0.45)
  expect(none!.mean).toBeGreaterThan(0.01)
  expect(none!.mean).toBeLessThan(0.3)
})

it('no lanes, no shipments and no excursions are answers too, and the order has no say', () => {
  expect(laneRisks([]).risks).toEqual([])
  const quiet = laneRisks([{ shipments: 3, excursions: 0 }]).risks[0]!
  expect(quiet.low).toBeGreaterThanOrEqual(0)
  expect(quiet.high).toBeGreaterThan(0.2)
  const lanes = [
    { shipments: 3, excursions: 1 },
    { shipments: 30, excursions: 2 },
    { shipments: 8, excursions: 8 },
  ]
  const backwards = laneRisks([...lanes].reverse()).risks.reverse()
  expect(backwards).toEqual(laneRisks(lanes).risks)
})

it('nine in ten intervals hold the share that the lane really has', () => {
  const random = createRandom('lane risk')
  let [held, of] = [0, 0]
  for (let world = 0; world < 12; world++) {
    const lanes = Array.from({ length: 60 }, () => {
      // Beta(1, 9): the least of nine even numbers.
      const share = Math.min(...Array.from({ length: 9 }, () => random.unit()))
      const shipments = 1 + random.below(40)
      let excursions = 0
      for (let i = 0; i < shipments; i++) if (random.chance(share)) excursions++
      return { share, shipments, excursions }
    })
    for (const [i, { low, high }] of laneRisks(lanes).risks.entries()) {
      of++
      if (lanes[i]!.share >= low && lanes[i]!.share <= high) held++
    }
  }
  expect(held / of).toBeGreaterThan(0.85)
  expect(held / of).toBeLessThan(0.95)
})
