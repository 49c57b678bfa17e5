// Long stretches in which nothing happens, passed over without looking at every reading: a block of
// readings whose lowest and highest are inside a limit is inside it as a whole. Changes nothing of
// what the tracker would remember. Pure.
import { stateOf, whileRateIsIn } from '../domain/pieces.ts'
import { isIdle } from '../domain/tally.ts'
import type { Watch } from './plan.ts'
import type { Readings } from './replay.ts'
import type { WatchState } from './tracker.ts'

/** Of each block of readings. */
export interface Calm {
  lowest: Float64Array
  highest: Float64Array
  /** The longest time from a reading to its successor, that into the block included. */
  apartMs: Float64Array
}

const blockSize = 64

export function calmOf({ times, values }: Readings): Calm {
  const count = Math.floor(times.length / blockSize)
  const calm: Calm = {
    lowest: new Float64Array(count),
    highest: new Float64Array(count),
    apartMs: new Float64Array(count),
  }
  for (let block = 0; block < count; block++) {
    let [lowest, highest, apartMs] = [Infinity, -Infinity, 0]
    for (let index = block * blockSize; index < (block + 1) * blockSize; index++) {
      const value = values[index]!
      if (value < lowest) lowest = value
      if (value > highest) highest = value
      const ms = index > 0 ? times[index]! - times[index - 1]! : 0
      if (ms > apartMs) apartMs = ms
    }
    calm.lowest[block] = lowest
    calm.highest[block] = highest
    calm.apartMs[block] = apartMs
  }
  return calm
}

/** The first reading that is not just one more inside: those before it change nothing. */
export function endOfCalm(
  readings: Readings,
  of: { watch: Watch; state: WatchState; index: number; end: number; calm: Calm | undefined },
): number {
  const { watch, state, end, calm } = of
  const { window, options } = watch
  let { index } = of
  if (!isIdle(state.tally, options.rule)) return index
  if (options.rule.kind === 'rate') return whileRateIsIn(state, { ...readings, index, end }, watch)
  const { times, values } = readings
  const { gapMs } = options
  const isIn = (value: number): boolean => stateOf(value, false, options) === 'in'
  while (index < end) {
    const block = index / blockSize
    const next = index + blockSize
    if (calm && Number.isInteger(block) && next <= end) {
      const near = calm.apartMs[block]! <= gapMs && times[next - 1]! < window.to
      if (near && isIn(calm.lowest[block]!) && isIn(calm.highest[block]!)) {
        index = next
        continue
      }
    }
    const time = times[index]!
    if (time >= window.to || time > times[index - 1]! + gapMs || !isIn(values[index]!)) break
    index++
  }
  return index
}
