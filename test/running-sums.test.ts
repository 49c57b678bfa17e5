// Sums kept before each moment say of any span what its spells say.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { standsOf, uspKinetics } from '../domain/exposure.ts'
import { cyclesOf } from '../domain/freezing.ts'
import { type Question, type Sums, sumsOf } from '../domain/passport.ts'
import { runningSumsOf, sumsBetween } from '../domain/running-sums.ts'
import { spellsOf } from '../domain/spells.ts'

const question: Question = {
  limits: [
    { side: 'above', limitC: 8 },
    { side: 'below', limitC: 2 },
    { side: 'atOrBelow', limitC: -0.5 },
  ],
  kinetics: uspKinetics,
}
const readings = fc
  .uniqueArray(
    fc.record({
      time: fc.nat(500),
      value: fc.integer({ min: -20, max: 150 }).map((tenths) => tenths / 10),
    }),
    { selector: ({ time }) => time, maxLength: 120 },
  )
  .map((points) => points.sort((a, b) => a.time - b.time))

const close = (found: number, wanted: number): void =>
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(wanted)))
function same(found: Sums, wanted: Sums): void {
  expect([found.knownMs, found.minC, found.maxC, found.beyondMs]).toEqual([
    ...[wanted.knownMs, wanted.minC, wanted.maxC, wanted.beyondMs],
  ])
  close(found.weighted, wanted.weighted)
  close(found.kineticMs, wanted.kineticMs)
  expect(cyclesOf(found.freezing)).toBe(cyclesOf(wanted.freezing))
  expect(found.freezing).toEqual(wanted.freezing)
}

it('says of any span what its spells say, one logger or two', () => {
  const span = fc.tuple(fc.nat(520), fc.nat(520)).filter(([a, b]) => a !== b)
  const gapMs = 25
  fc.assert(
    fc.property(readings, readings, span, (one, other, [a, b]) => {
      const running = runningSumsOf(
        spellsOf([one, other].map((points) => standsOf(points, { gapMs }))),
        question,
      )
      const window = { from: Math.min(a, b), to: Math.max(a, b) }
      const stands = [one, other].map((points) => standsOf(points, { gapMs, window }))
      same(sumsBetween(running, window.from, window.to), sumsOf(spellsOf(stands), question))
    }),
    { numRuns: 10_000 },
  )
})
