// Hours of readings say the same as the readings they were made of: for any readings, any gap, any
// window and any split.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Point } from '../domain/breach.ts'
import { exposureOf, mktOf, msBeyond, standsOf, uspKinetics } from '../domain/exposure.ts'
import {
  binOf,
  celsiusOfBin,
  exposureOfHours,
  type Hour,
  hourBinsMax,
  hourMs,
  hoursOf,
  mktOfHours,
  msBeyondOfHours,
} from '../domain/hours.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Readings over some hours, denser or sparser than the gap, in tenths of °C or finer. */
const world = fc
  .record({
    points: fc.uniqueArray(
      fc.record({
        time: fc.oneof(
          fc.integer({ min: -8, max: 60 }).map((n) => n * 10 * minute),
          fc.integer({ min: -2 * hour, max: 9 * hour }),
        ),
        // Hours know no -0 (a test of its own below).
        value: fc
          .oneof(
            fc.integer({ min: -300, max: 400 }).map((tenths) => tenths / 10),
            fc.double({ min: -90, max: 60, noNaN: true }),
          )
          .map((value) => value + 0),
      }),
      { selector: ({ time }) => time, maxLength: 60 },
    ),
    gapMs: fc.constantFrom(1, 15 * minute, 75 * minute, 5 * hour),
    from: fc.integer({ min: -2, max: 4 }),
    hours: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ points, gapMs, from, hours }) => ({
    points: points.sort((a, b) => a.time - b.time),
    gapMs,
    window: { from: from * hour, to: (from + hours) * hour },
  }))

const close = (found: number | null, wanted: number | null, within = 1e-9): void => {
  if (found === null || wanted === null) expect(found).toBe(wanted)
  else expect(Math.abs(found - wanted)).toBeLessThanOrEqual(within * Math.max(1, Math.abs(wanted)))
}
const made = (points: readonly Point[], gapMs: number, window: { from: number; to: number }) =>
  hoursOf(points, { gapMs, window, temperature: true })

describe('hours of readings', () => {
  it('know no -0: not every store would give it back', () => {
    const points = [0, 2 * hour].map((time) => ({ time, value: -0 }))
    const [first, second] = made(points, 5 * hour, { from: 0, to: 2 * hour })
    expect(first).toMatchObject({ min: 0, max: 0, sum: 0, weighted: 0, first: { value: 0 } })
    expect(second).toMatchObject({ min: null, carried: 0, weighted: 0 })
  })

  it('add up to what the readings of any window said: times and extremes exactly', () => {
    fc.assert(
      fc.property(world, ({ points, gapMs, window }) => {
        const hours = made(points, gapMs, window)
        const wanted = exposureOf(points, { gapMs, window })
        const found = exposureOfHours(hours, { window })
        expect([found.knownMs, found.unknownMs, found.min, found.max]).toEqual([
          ...[wanted.knownMs, wanted.unknownMs, wanted.min, wanted.max],
        ])
        close(found.mean, wanted.mean)
        close(found.mkt, wanted.mkt)
        const inside = points.filter(({ time }) => time >= window.from && time < window.to)
        expect(hours.reduce((sum, { count }) => sum + count, 0)).toBe(inside.length)
        const firsts = hours.flatMap(({ first }) => first ?? [])
        expect([firsts[0], hours.flatMap(({ last }) => last ?? []).at(-1)]).toEqual([
          ...[inside[0], inside.at(-1)],
        ])
        for (const one of hours)
          expect(one.knownMs).toBe([...(one.bins ?? [])].reduce((sum, [, ms]) => sum + ms, 0))
      }),
      { numRuns: 1000 },
    )
  })

  it('are the same however the window is cut, and add in any order', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 0, max: 8 }), ({ points, gapMs, window }, at) => {
        const cut = Math.min(window.to, window.from + at * hour)
        const parts = [
          ...made(points, gapMs, { ...window, to: cut }),
          ...made(points, gapMs, { ...window, from: cut }),
        ]
        const whole = made(points, gapMs, window)
        expect(parts).toEqual(whole)
        const sums = exposureOfHours(whole, { window })
        const turned = exposureOfHours(whole.toReversed(), { window })
        expect(turned.knownMs).toBe(sums.knownMs)
        close(turned.mkt, sums.mkt)
      }),
    )
  })

  it('need of the readings around the window only the one before and any one after it', () => {
    fc.assert(
      fc.property(world, ({ points, gapMs, window }) => {
        const before = points.filter(({ time }) => time < window.from).slice(-1)
        const inside = points.filter(({ time }) => time >= window.from && time < window.to)
        const newest = points.filter(({ time }) => time >= window.to).slice(-1)
        expect(made([...before, ...inside, ...newest], gapMs, window)).toEqual(
          made(points, gapMs, window),
        )
      }),
    )
  })

  it('tell the time beyond a limit: exactly in tenths of a degree, within bounds between them', () => {
    const limit = fc.record({
      side: fc.constantFrom(
        'above' as const,
        'atOrAbove' as const,
        'below' as const,
        'atOrBelow' as const,
      ),
      limitC: fc.oneof(
        fc.integer({ min: -300, max: 400 }).map((tenths) => tenths / 10),
        fc.double({ min: -30, max: 40, noNaN: true }),
      ),
    })
    fc.assert(
      fc.property(world, limit, ({ points, gapMs, window }, asked) => {
        const wanted = msBeyond(standsOf(points, { gapMs, window }), asked)
        const { leastMs, mostMs } = msBeyondOfHours(made(points, gapMs, window), asked)!
        if (Math.round(asked.limitC * 10) / 10 === asked.limitC)
          expect([leastMs, mostMs]).toEqual([wanted, wanted])
        expect(leastMs).toBeLessThanOrEqual(wanted)
        expect(mostMs).toBeGreaterThanOrEqual(wanted)
      }),
      { numRuns: 1000 },
    )
  })

  it('give the mean kinetic temperature for any activation energy, within 0.05 °C', () => {
    const deltaH = fc.integer({ min: 40, max: 130 })
    fc.assert(
      fc.property(world, deltaH, ({ points, gapMs, window }, deltaHKjPerMol) => {
        const kinetics = { ...uspKinetics, deltaHKjPerMol }
        const stands = standsOf(points, { gapMs, window })
        const found = mktOfHours(made(points, gapMs, window), kinetics)
        const wanted = mktOf(stands, kinetics)
        if (wanted === null) expect(found).toBeNull()
        else expect(Math.abs(found! - wanted)).toBeLessThan(0.0502)
        const tenths = points.map((one) => ({ ...one, value: Math.round(one.value * 10) / 10 + 0 }))
        close(
          mktOfHours(made(tenths, gapMs, window), kinetics),
          mktOf(standsOf(tenths, { gapMs, window }), kinetics),
        )
      }),
      { numRuns: 1000 },
    )
  })

  it('agree with the vectors of the mean kinetic temperature', () => {
    const steps = (...parts: [hours: number, value: number][]): Hour[] => {
      const points: Point[] = []
      let time = 0
      for (const [hours, value] of parts)
        for (let n = 0; n < hours * 6; n++, time += 10 * minute) points.push({ time, value })
      points.push({ time, value: 0 })
      return made(points, 25 * minute, { from: 0, to: time })
    }
    expect(mktOfHours(steps([18, 5], [6, 14]))).toBeCloseTo(8.285, 2)
    expect(mktOfHours(steps([29 * 24, 22], [24, 40]))).toBeCloseTo(23.6, 2)
    const si = (deltaHKjPerMol: number) => ({ deltaHKjPerMol, gasConstantJPerMolK: 8.314472 })
    for (const [deltaH, wanted] of [
      [60, 7.957],
      [100, 8.531],
      [120, 8.824],
    ] as const)
      expect(mktOfHours(steps([18, 5], [6, 14]), si(deltaH))).toBeCloseTo(wanted, 2)
  })

  it('count a freeze once, in the hour of the reading that is below 0 °C', () => {
    const values = [1, 0, -0.1, -3, 0, -1, 5, 2]
    const points = values.map((value, i) => ({ time: (i + 3) * 15 * minute, value }))
    expect(
      made(points, 15 * minute, { from: 0, to: 3 * hour }).map(({ freezes }) => freezes),
    ).toEqual([0, 1, 1])
    // Nobody knows what happened in the hole.
    expect(
      made(points, 15 * minute - 1, { from: 0, to: 3 * hour }).every((h) => h.freezes === 0),
    ).toBe(true)
  })

  it('say what stood when an hour began, also through hours without a reading', () => {
    const points = [
      { time: 30 * minute, value: 4 },
      { time: 3.5 * hour, value: 6 },
    ]
    const hours = made(points, day, { from: 0, to: 4 * hour })
    expect(hours.map(({ count, carried, knownMs }) => [count, carried, knownMs])).toEqual([
      [1, null, 30 * minute],
      [0, 4, hour],
      [0, 4, hour],
      [1, 4, 30 * minute],
    ])
    expect(hours[1]).toMatchObject({ min: null, max: null, first: null, last: null })
  })

  it('keep neither bins nor kinetics of what is no temperature, and no bins beyond their bound', () => {
    const window = { from: 0, to: hour }
    const points = Array.from({ length: 6000 }, (_, i) => ({ time: i * 600, value: i / 10 }))
    const humidity = hoursOf(points, { gapMs: minute, window, temperature: false })
    expect(humidity[0]).toMatchObject({ bins: null, kineticMs: null, freezes: 0, count: 6000 })
    expect(mktOfHours(humidity)).toBeNull()
    const wild = made(points, minute, window)
    expect(points.length).toBeGreaterThan(hourBinsMax)
    expect(wild[0]!.bins).toBeNull()
    expect(mktOfHours(wild)).toBeGreaterThan(0)
    expect(msBeyondOfHours(wild, { side: 'above', limitC: 8 })).toBeNull()
  })

  it('put a value into the bin it lies in', () => {
    for (const [value, bin] of [
      [0, 0],
      [-0, 0],
      [8.3, 166],
      [8.299999999999999, 165],
      [8.300000000000002, 167],
      [-0.5, -10],
      [-0.55, -11],
      [0.7, 14],
    ] as const)
      expect([value, Object.is(binOf(value), bin)]).toEqual([value, true])
    expect(celsiusOfBin(166)).toBe(8.3)
    expect(hourMs).toBe(hour)
  })
})
