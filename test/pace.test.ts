import { expect, it } from 'vitest'
import { paceAt, paceLive } from '../simulators/pace.ts'

const clockAt = (start: number) => {
  const clock = { time: start, now: () => clock.time, sleep: async () => undefined }
  return clock
}

it('never waits at speed 0', () => {
  const pace = paceAt(0, clockAt(1000))
  expect(pace(0)).toBe(0)
  expect(pace(1e12)).toBe(0)
})

it('says ten minutes in a second at speed 600, counted from the first thing said', () => {
  const clock = clockAt(5_000_000)
  const pace = paceAt(600, clock)
  expect(pace(100_000)).toBe(0)
  expect(pace(100_000 + 600_000)).toBe(1000)
  clock.time += 400
  expect(pace(100_000 + 600_000)).toBe(600)
  expect(() => paceAt(-1, clock)).toThrow(RangeError)
})

it('plays history at once, catches up at speed, then keeps to the clock and never runs ahead of it', () => {
  const now = 10_000_000
  const clock = clockAt(now)
  const liveFrom = now - 60 * 60_000
  const pace = paceLive(liveFrom, 20, clock)
  expect(pace(liveFrom - 1)).toBeLessThanOrEqual(0)
  expect(pace(liveFrom)).toBeLessThanOrEqual(0)
  expect(pace(liveFrom + 20_000)).toBe(1000)
  // After 60 min / 19 of catching up virtual and real time have met.
  clock.time += 4 * 60_000
  expect(pace(clock.time - 1)).toBeLessThanOrEqual(0)
  expect(pace(clock.time + 5000)).toBe(5000)
})
