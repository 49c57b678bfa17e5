// Sums kept of hours and days say of any span what its spells say, to the last bit.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { standsOf, uspKinetics } from '../domain/exposure.ts'
import { hourlySumsOf, sumsWithin } from '../domain/hourly-sums.ts'
import { type Question, sumsOf } from '../domain/passport.ts'
import { spellsOf } from '../domain/spells.ts'

const question: Question = {
  limits: [
    { side: 'above', limitC: 8 },
    { side: 'below', limitC: 2 },
    { side: 'atOrBelow', limitC: -0.5 },
  ],
  kinetics: uspKinetics,
}
const [minute, hour] = [60_000, 3_600_000]
const daysMax = 4

/** Some minutes apart, some hours, often on the hour, and here and there a hole. */
const moment = fc.oneof(
  fc.nat(daysMax * 24).map((hours) => hours * hour),
  fc.nat(daysMax * 24 * 60).map((minutes) => minutes * minute),
  fc.nat(daysMax * 24 * hour),
)
const celsius = fc.oneof(
  fc.integer({ min: -20, max: 150 }).map((tenths) => tenths / 10),
  fc.double({ min: -30, max: 60, noNaN: true }).map((value) => value + 0),
)
const since = Date.UTC(2026, 1, 27)
const readings = fc
  .uniqueArray(fc.record({ time: moment.map((ms) => since + ms), value: celsius }), {
    ...{ selector: ({ time }) => time, maxLength: 150 },
  })
  .map((points) => points.sort((a, b) => a.time - b.time))
const span = fc
  .tuple(moment, moment)
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => ({ from: since + Math.min(a, b), to: since + Math.max(a, b) }))

it('say of any span what its spells say, one logger or two, bit for bit', () => {
  const gaps = fc.constantFrom(20 * minute, 75 * minute, 30 * hour)
  fc.assert(
    fc.property(readings, readings, span, gaps, (one, other, window, gapMs) => {
      const whole = [one, other].map((points) => standsOf(points, { gapMs }))
      const stands = [one, other].map((points) => standsOf(points, { gapMs, window }))
      const found = sumsWithin(hourlySumsOf(spellsOf(whole), question), window)
      expect(found).toStrictEqual(sumsOf(spellsOf(stands), question))
    }),
    { numRuns: 2000 },
  )
}, 60_000)
