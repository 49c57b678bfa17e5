// Readings in memory: a sorted column of times and one of values for each channel of a device. What
// comes late is put where it belongs; of two at one time the last stands.
import type { SeriesPoint } from '../../store/series.ts'

export interface Channels {
  write(key: string, time: number, value: number): void
  /** `to` is not in it. */
  range(key: string, from: number, to: number): SeriesPoint[]
}

export function createChannels(): Channels {
  const all = new Map<string, { times: number[]; values: number[] }>()
  return {
    write(key, time, value) {
      const own = all.get(key) ?? { times: [], values: [] }
      all.set(key, own)
      const { times, values } = own
      const at = placeIn(times, time)
      const replaced = times[at] === time ? 1 : 0
      times.splice(at, replaced, time)
      values.splice(at, replaced, value)
    },
    range(key, from, to) {
      const { times, values } = all.get(key) ?? { times: [], values: [] }
      const [first, end] = [placeIn(times, from), placeIn(times, to)]
      return times.slice(first, end).map((time, i) => ({ time, value: values[first + i]! }))
    },
  }
}

/** The first that is not before it. */
function placeIn(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length]
  if (high > 0 && times[high - 1]! < time) return high
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  return low
}
