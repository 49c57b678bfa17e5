// The evaluation of forecasts on few places with seeds of its own; docs/evaluation.md has many.
import { expect, it } from 'vitest'
import { countInterval, shareInterval, tallyForecasts } from './evaluate/forecast.ts'

it('intervals of counts and shares have their published values', () => {
  // C. Clopper and E. Pearson 1934; F. Garwood 1936.
  expect(shareInterval(0, 10)).toEqual([0, expect.closeTo(0.3085, 4)])
  expect(shareInterval(8, 10)).toEqual([expect.closeTo(0.4439, 4), expect.closeTo(0.9748, 4)])
  expect(countInterval(0)).toEqual([0, expect.closeTo(3.6889, 4)])
  expect(countInterval(10)).toEqual([expect.closeTo(4.7954, 4), expect.closeTo(18.3904, 4)])
})

it('most excursions that build up are announced in time, few falsely, and intervals hold', () => {
  const tally = tallyForecasts('in the test', 40)
  expect(tally.deviceDays).toBeGreaterThan(80)
  expect(tally.excursions).toBeGreaterThan(3)
  expect(tally.inTime / tally.excursions).toBeGreaterThan(0.6)
  expect(tally.falsely).toBeLessThanOrEqual(3)
  const [held, sooner, later] = tally.intervals
  expect(held / (held + sooner + later)).toBeGreaterThan(0.75)
})
