import { expect, it } from 'vitest'
import type { Point } from '../domain/breach.ts'
import { formerSwings, swingNumbers } from '../domain/forecast/past.ts'

const minute = 60_000

/** Six hours of rises and falls, one after the other, as of a control cycle. */
function cycles({ height, riseMinutes }: { height: number; riseMinutes: number }): Point[] {
  return Array.from({ length: 361 }, (_, at) => {
    const part = 1 - Math.abs((at % (2 * riseMinutes)) - riseMinutes) / riseMinutes
    return { time: at * minute, value: 4 + height * part }
  })
}

const present = { noise: 0.01, gap: 2, height: 2, climbMs: 10 * minute }

it('cycles that went as high tell how far and how long they went on', () => {
  const numbers = formerSwings(cycles({ height: 3, riseMinutes: 20 }), present)
  expect(numbers).toHaveLength(swingNumbers)
  const [perDay, highest, , , alike, longest, more] = numbers
  expect(Math.expm1(perDay!)).toBeCloseTo(36, 5)
  // 3 K and 2 K now: half of a gap of 2 K more, after twice the time.
  expect(highest).toBeCloseTo(0.5, 5)
  expect(Math.expm1(alike!)).toBeCloseTo(9, 5)
  expect(longest).toBeCloseTo(Math.log(2), 5)
  expect(more).toBeCloseTo(0.5, 5)
})

it('a rise that outgrows all that a place did has nothing like it before', () => {
  const [, highest, , , alike, , more, weight] = formerSwings(
    cycles({ height: 1, riseMinutes: 20 }),
    present,
  )
  expect(highest).toBeLessThan(0)
  expect([alike, more, weight]).toEqual([0, -1, 0])
  expect(formerSwings([], present)).toHaveLength(swingNumbers)
})

it('degrees of any scale and any day give the same', () => {
  const points = cycles({ height: 2.5, riseMinutes: 15 })
  const other = points.map(({ time, value }) => ({ time: time + 1e9, value: value * 1.8 + 32 }))
  const scaled = { ...present, noise: 0.018, gap: 3.6, height: 3.6 }
  for (const [i, value] of formerSwings(other, scaled).entries())
    expect(value).toBeCloseTo(formerSwings(points, present)[i]!, 6)
})
