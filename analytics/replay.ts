// All readings of a channel at once, as columns, under the rules of a plan: the same steps as the
// tracker takes one by one, rule after rule, so that long stretches in which nothing happens cost
// a comparison each. Leaves waypoints behind, from which a late reading is judged without all that
// was before it. Pure.
import type { Point } from '../domain/breach.ts'
import { beginWalk } from '../domain/pieces.ts'
import { breachOf, newTally } from '../domain/tally.ts'
import { type Calm, calmOf, endOfCalm } from './calm.ts'
import type { Watch } from './plan.ts'
import {
  type ChannelState,
  currentBreaches,
  type Found,
  formatWatches,
  takeReading,
  type WatchState,
} from './tracker.ts'

/** Ascending by time, unique. Cheap to move between threads. */
export interface Readings {
  times: Float64Array
  values: Float64Array
}

/** What was known of each rule after the last reading before a time. */
export interface Waypoint {
  /** A multiple of waypointMs. */
  time: number
  last: Point
  /** The states of rules as text: the same text is the same state, bit for bit. */
  watches: Record<string, string>
}

export interface Replayed {
  channel: ChannelState
  found: Found[]
  waypoints: Waypoint[]
}

export const waypointMs = 7 * 86_400_000

export const readingsOf = (points: readonly Point[]): Readings => ({
  times: Float64Array.from(points, ({ time }) => time),
  values: Float64Array.from(points, ({ value }) => value),
})

export const pointAt = ({ times, values }: Readings, index: number): Point => ({
  time: times[index]!,
  value: values[index]!,
})

/** Every breach of all readings, the state to go on from, and waypoints where asked for. */
export function replayReadings(
  readings: Readings,
  watches: readonly Watch[],
  { keep = false, calm = calmOf(readings) }: { keep?: boolean; calm?: Calm } = {},
): Replayed {
  const stops = keep ? stopsOf(readings) : []
  const found: Found[] = []
  const count = readings.times.length
  const channel: ChannelState = { last: null, watches: {} }
  if (count > 0) channel.last = pointAt(readings, count - 1)
  const waypoints = stops.map(
    ({ time, index }): Waypoint => ({ time, last: pointAt(readings, index - 1), watches: {} }),
  )
  for (const watch of watches) {
    let known: WatchState | undefined
    let begin = 0
    for (const [place, { index }] of stops.entries()) {
      known = runWatch(readings, { watch, known, found }, { begin, end: index, calm })
      if (known) waypoints[place]!.watches[watch.id] = formatWatches(known)
      begin = index
    }
    known = runWatch(readings, { watch, known, found }, { begin, end: count, calm })
    if (known) channel.watches[watch.id] = known
  }
  found.push(...currentBreaches(channel, watches))
  return { channel, found, waypoints }
}

/** Where waypoints lie: before the reading at `index`, the first at or after `time`. */
export function stopsOf({ times }: Readings, first = 1): { time: number; index: number }[] {
  const stops: { time: number; index: number }[] = []
  for (let index = first; index < times.length; index++) {
    const time = Math.floor(times[index]! / waypointMs) * waypointMs
    if (times[index - 1]! < time) stops.push({ time, index })
  }
  return stops
}

/**
 * Takes the readings from `begin` to `end` (exclusive), which may need the one before. Changes
 * `known`, and tells what is known then; undefined before the window of the watch and after it.
 */
export function runWatch(
  readings: Readings,
  { watch, known, found }: { watch: Watch; known: WatchState | undefined; found: Found[] },
  { begin, end, calm }: { begin: number; end: number; calm?: Calm },
): WatchState | undefined {
  const { times } = readings
  const { window, options } = watch
  let index = known ? begin : Math.max(begin, firstFrom(times, window.from))
  let state = known
  for (; index < end; index++) {
    if (index > 0 && window.to <= times[index - 1]!) return undefined
    const last = index > 0 ? pointAt(readings, index - 1) : null
    state ??= { tally: newTally(), ...beginWalk(last, options) }
    if (last && state.state === 'in') {
      index = endOfCalm(readings, { watch, state, index, end, calm })
      if (index === end) return state
    }
    const before = index > 0 ? pointAt(readings, index - 1) : null
    const step = { last: before, point: pointAt(readings, index) }
    takeReading(state, step, { watch, found })
    if (step.point.time < window.to) continue
    const breach = breachOf(state.tally, options.rule, false)
    if (breach) found.push({ watch, breach })
    return undefined
  }
  return state
}

/** The first at a time or later. */
export function firstFrom(times: Float64Array, from: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < from) low = middle + 1
    else high = middle
  }
  return low
}
