import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Point } from '../domain/breach.ts'
import { fitNewton, fitSinceChange, timeToLimit } from '../domain/forecast/fit.ts'
import {
  type Announcing,
  announce,
  type Forecast,
  forecastAt,
  noForecastReasons,
} from '../domain/forecast/forecast.ts'
import { modelHash } from '../domain/forecast/model.ts'
import { createRandom } from '../simulators/random.ts'

const minute = 60_000
const start = Date.UTC(2026, 5, 1)
const above = (limit: number) => ({ limit, side: 'above' }) as const

interface Warming {
  ambientC: number
  fromC: number
  tauMinutes: number
}

/** At rest for some hours, then Newton's law; a reading each five minutes. */
function warming({ ambientC, fromC, tauMinutes }: Warming, noiseC = 0, seed = 'none'): Point[] {
  const random = createRandom(seed)
  return Array.from({ length: 60 }, (_, i) => {
    const minutes = Math.max(0, (i - 48) * 5)
    const value = ambientC + (fromC - ambientC) * Math.exp(-minutes / tauMinutes)
    return { time: start + i * 5 * minute, value: value + noiseC * random.normal() }
  })
}

const usual: Warming = { ambientC: 25, fromC: 4, tauMinutes: 300 }

it('exact readings of Newton’s law give its closed form: t* = -(1/k) ln((Tlim - Ta)/(T0 - Ta))', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 12, max: 45, noNaN: true }),
      fc.double({ min: -25, max: 6, noNaN: true }),
      fc.double({ min: 90, max: 1500, noNaN: true }),
      fc.integer({ min: 8, max: 40 }),
      (ambientC, fromC, tauMinutes, count) => {
        const points = Array.from({ length: count }, (_, i) => ({
          time: start + i * 5 * minute,
          value: ambientC + (fromC - ambientC) * Math.exp((-i * 5) / tauMinutes),
        }))
        const now = points.at(-1)!.value
        const limit = now + 0.3 * (ambientC - now)
        const fit = fitNewton(points, 1e-9)!
        const wanted = -tauMinutes * minute * Math.log((limit - ambientC) / (now - ambientC))
        expect(Math.abs(timeToLimit(fit, limit) / wanted - 1)).toBeLessThan(0.01)
        expect(timeToLimit(fit, ambientC + 1)).toBe(Number.POSITIVE_INFINITY)
      },
    ),
    { numRuns: 200 },
  )
})

it('a fit begins anew where something changed, and an outlier does not bend it', () => {
  const quiet = Array.from({ length: 20 }, (_, i) => ({ time: i * minute, value: 5 }))
  const after = Array.from({ length: 20 }, (_, i) => ({
    time: (20 + i) * minute,
    value: 25 - 20 * Math.exp(-i / 200),
  }))
  const fit = fitSinceChange([...quiet, ...after], 0.01)!
  expect(fit.from).toBeGreaterThanOrEqual(19 * minute)
  const wild = after.map((point, i) => (i === 10 ? { ...point, value: 12 } : point))
  const right = -200 * Math.log((8 - 25) / (after.at(-1)!.value - 25))
  expect(Math.abs(timeToLimit(fitNewton(wild, 0.01)!, 8) / minute / right - 1)).toBeLessThan(0.15)
})

it('something that warms towards a limit is foretold, around the time it will be there', () => {
  const said = forecastAt(warming(usual), above(8)) as Forecast
  const now = 25 - 21 * Math.exp(-55 / 300)
  const true_ = -300 * Math.log((8 - 25) / (now - 25)) * minute
  expect(said.expectedMs).toBeDefined()
  expect(true_).toBeGreaterThan(said.lowMs)
  expect(true_).toBeLessThan(said.highMs)
  expect(Math.abs(said.newtonMs / true_ - 1)).toBeLessThan(0.02)
  expect(Math.abs(said.newton.ambient - 25)).toBeLessThan(2)
})

it('cold is foretold as heat is: the same with its sign turned', () => {
  const points = warming(usual)
  const turned = points.map(({ time, value }) => ({ time, value: -value }))
  const [heat, cold] = [
    forecastAt(points, above(8)) as Forecast,
    forecastAt(turned, { limit: -8, side: 'below' }) as Forecast,
  ]
  expect(cold.expectedMs).toBe(heat.expectedMs)
  expect(cold.newton.now).toBe(-heat.newton.now)
})

it('neither the day nor the scale of degrees changes a forecast', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -3e11, max: 3e11 }),
      fc.integer({ min: 1, max: 1e6 }),
      (shift, seed) => {
        const points = warming(usual, 0.05, `${seed}`)
        const said = forecastAt(points, above(8))
        const later = points.map(({ time, value }) => ({ time: time + shift, value }))
        const fahrenheit = points.map(({ time, value }) => ({ time, value: value * 1.8 + 32 }))
        const [moved, other] = [forecastAt(later, above(8)), forecastAt(fahrenheit, above(46.4))]
        if (!('expectedMs' in said)) {
          expect(moved).toEqual(said)
          expect('reason' in other && other.reason).toBe(said.reason)
          return
        }
        expect((moved as Forecast).expectedMs).toBe(said.expectedMs)
        expect((other as Forecast).expectedMs / said.expectedMs).toBeCloseTo(1, 3)
        expect(forecastAt(points, above(8))).toEqual(said)
      },
    ),
    { numRuns: 50 },
  )
})

it('a leap is no rise: one reading is not believed that a rise to as high would be', () => {
  const points = warming(usual)
  const first = points.findIndex(
    (_, i) => 'expectedMs' in forecastAt(points.slice(0, i + 1), above(8)),
  )
  expect(first).toBeGreaterThan(48)
  const atRest = points.slice(0, 48)
  const leap = [...atRest, { time: atRest.at(-1)!.time + 5 * minute, value: points[first]!.value }]
  expect('expectedMs' in forecastAt(leap, above(8))).toBe(false)
})

it('the noisier the readings, the wider the interval', () => {
  const width = (noiseC: number): number => {
    const said = Array.from({ length: 40 }, (_, i) =>
      forecastAt(warming(usual, noiseC, `noise ${i}`), above(8)),
    ).filter((one) => 'expectedMs' in one)
    return said.reduce((sum, one) => sum + Math.log(one.highMs / one.lowMs), 0) / said.length
  }
  expect(width(0.3)).toBeGreaterThan(width(0.01))
})

it('no forecast comes with its reason', () => {
  const points = warming(usual)
  expect(forecastAt([], above(8))).toEqual({ reason: 'too-few-readings' })
  expect(forecastAt(points.slice(-3), above(8))).toEqual({ reason: 'too-few-readings' })
  const late = points.at(-1)!.time + 5 * 60 * minute
  const hole = [...points, { time: late, value: 7 }]
  expect(forecastAt(hole, above(8))).toEqual({ reason: 'holes' })
  expect(forecastAt(points, above(7))).toEqual({ reason: 'beyond' })
  // What is at the limit is not past it: loggers that round are there long before.
  expect(forecastAt(points, above(points.at(-1)!.value))).not.toEqual({ reason: 'beyond' })
  expect(forecastAt(points.slice(0, 48), above(8))).toEqual({ reason: 'steady' })
  const cooling = points.map(({ time, value }) => ({ time, value: 11 - value }))
  expect(forecastAt(cooling, above(8))).toEqual({ reason: 'steady' })
  expect(modelHash).toMatch(/^[0-9a-f]{64}$/)
})

/** A reading each so many minutes. */
const every = (minutes: number, values: readonly number[]): Point[] =>
  values.map((value, i) => ({ time: start + i * minutes * minute, value }))

it.each<[string, Point[], string]>([
  ['one reading only', every(5, [7.9]), 'too-few-readings'],
  [
    'many readings of a few minutes',
    every(
      0.1,
      warming(usual).map(({ value }) => value),
    ),
    'too-few-readings',
  ],
  [
    'a channel that never changes',
    every(
      5,
      Array.from({ length: 200 }, () => 5),
    ),
    'steady',
  ],
  [
    'one that never changes at the limit',
    every(
      5,
      Array.from({ length: 200 }, () => 8),
    ),
    'steady',
  ],
  [
    'a limit passed by the newest reading',
    [...warming(usual), { time: start + 6 * 60 * minute, value: 8.1 }],
    'beyond',
  ],
  ['a limit passed by all', warming({ ...usual, fromC: 9 }), 'beyond'],
  [
    'a clock that leapt a month',
    [...warming(usual), { time: start + 30 * 24 * 60 * minute, value: 7 }],
    'too-few-readings',
  ],
  [
    'half a night without readings',
    [
      ...warming(usual),
      ...warming(usual)
        .slice(-3)
        .map(({ time, value }) => ({ time: time + 300 * minute, value })),
    ],
    'holes',
  ],
])('of %s nothing is foretold', (_, points, reason) => {
  expect(forecastAt(points, above(8))).toEqual({ reason })
})

it('a lost reading or two is no hole, and what was before a hole is forgotten, not believed', () => {
  const points = warming(usual)
  const lost = points.filter((_, i) => i !== 52 && i !== 55)
  expect('expectedMs' in forecastAt(lost, above(8))).toBe(true)
  const night = points.map((point) => ({ ...point, time: point.time + 600 * minute }))
  const stale = points.slice(0, 40).map(({ time }) => ({ time, value: 20 }))
  expect(forecastAt([...stale, ...night], above(8))).toEqual(forecastAt(night, above(8)))
})

it('whatever the readings, there is a reason or a time within its interval', () => {
  const reading = fc.record({
    afterMs: fc.oneof(
      fc.integer({ min: 1, max: 20 * minute }),
      fc.integer({ min: 1, max: 30 * 60 * minute }),
    ),
    value: fc.oneof(
      fc.double({ min: -273, max: 1000, noNaN: true }),
      fc.constantFrom(8, 8.0000001, 7.9999999, 4),
      fc.integer({ min: 2, max: 9 }),
    ),
  })
  fc.assert(
    fc.property(
      fc.array(reading, { maxLength: 60 }),
      fc.constantFrom(8, 2, -15, 500),
      fc.constantFrom('above' as const, 'below' as const),
      (readings, limit, side) => {
        let time = start
        const points = readings.map(({ afterMs, value }) => {
          time += afterMs
          return { time, value }
        })
        const said = forecastAt(points, { limit, side })
        if (!('expectedMs' in said)) {
          expect(noForecastReasons).toContain(said.reason)
          return
        }
        expect(said.lowMs).toBeGreaterThan(0)
        expect(said.expectedMs).toBeGreaterThanOrEqual(said.lowMs)
        expect(said.highMs).toBeGreaterThanOrEqual(said.expectedMs)
        expect(Number.isFinite(said.highMs)).toBe(true)
        expect(said.probability > 0 && said.probability <= 1).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})

it('is announced once, stands through small doubts, is withdrawn after long ones, or reached', () => {
  const said: Forecast = {
    ...(forecastAt(warming(usual), above(8)) as Forecast),
    ...{ probability: 0.99, expectedMs: 40 * minute },
  }
  const doubt = { reason: 'unlikely', probability: 0.1 } as const
  const state: Announcing = {}
  const at = (minutes: number): number => start + minutes * minute
  expect(announce(state, said, at(0))).toBe('announced')
  expect(announce(state, said, at(5))).toBeUndefined()
  expect(announce(state, doubt, at(10))).toBeUndefined()
  expect(announce(state, said, at(15))).toBeUndefined()
  expect(announce(state, doubt, at(20))).toBeUndefined()
  expect(announce(state, { reason: 'steady' }, at(45))).toBeUndefined()
  expect(announce(state, { reason: 'steady' }, at(50))).toBe('withdrawn')
  expect(announce(state, said, at(55))).toBe('announced')
  expect(announce(state, { reason: 'beyond' }, at(60))).toBe('reached')
  expect(announce(state, said, at(80))).toBeUndefined()
  expect(announce(state, said, at(95))).toBe('announced')
})
