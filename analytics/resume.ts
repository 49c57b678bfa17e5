// Late readings, judged from the last waypoint before them and only until every rule stands again
// where it stood. What is found is what all readings would tell, bit for bit; whatever cannot be
// shown to have come together goes on to the newest reading. Pure.
import type { Point } from '../domain/breach.ts'
import type { Watch } from './plan.ts'
import {
  pointAt,
  type Readings,
  type Replayed,
  runWatch,
  stopsOf,
  type Waypoint,
} from './replay.ts'
import {
  type ChannelState,
  currentBreaches,
  type Found,
  formatWatches,
  parseWatches,
  type WatchState,
} from './tracker.ts'

/** Event times of the first and the last late reading. */
export interface Late {
  from: number
  to: number
}

/** Of one rule: breaches that began then, or at `begun`, were judged anew; no others. */
export interface Anew {
  /**
   * Exclusive: the last reading before the start. The first moments of a breach may be known by
   * what stood there, when only then the logger settled.
   */
  after: number
  /** Inclusive. */
  upTo: number
  /** When the breach began that was going on there. */
  begun: number | null
}

export const isAnew = ({ after, upTo, begun }: Anew, from: number): boolean =>
  from === begun || (from > after && from <= upTo)

export interface Resumed extends Replayed {
  /** By id of the watch. */
  anew: Map<string, Anew>
}

export interface Resuming {
  kept: readonly Waypoint[]
  start: Waypoint
  watches: readonly Watch[]
  late: Late
  /** What is known by the readings that came in order. */
  channel: ChannelState
}

/** The last one that holds no late reading. */
export const startOf = (kept: readonly Waypoint[], late: Late): Waypoint | undefined =>
  kept.findLast(({ time }) => time <= late.from)

/**
 * `readings`: the last one before the start and all from there to the end; `whole` says that no
 * reading comes after them. Without it undefined when some rule must see more.
 */
export function resume(
  { kept, start, watches, late, channel }: Resuming,
  { readings, whole }: { readings: Readings; whole: boolean },
): Resumed | undefined {
  const stops = stopsOf(readings)
  const meetings = new Map(kept.map((one) => [one.time, one]))
  const fresh = new Map<number, Waypoint>()
  for (const { time, index } of stops)
    fresh.set(time, { time, last: pointAt(readings, index - 1), watches: {} })
  const count = readings.times.length
  const resumed: Resumed = {
    channel: {
      last: whole && count > 0 ? pointAt(readings, count - 1) : channel.last,
      watches: {},
    },
    ...{ found: [], waypoints: [], anew: new Map() },
  }
  const met = new Map<string, number>()
  const open: Watch[] = []
  for (const watch of watches) {
    const { id } = watch
    const text = start.watches[id]
    const begun = text === undefined ? null : parseWatches(text).tally.from
    const run = { readings, stops, fresh, meetings, after: late.to, found: resumed.found }
    const { state, metAt } = runUntilMet(watch, text, run)
    const upTo = metAt === undefined ? Infinity : fresh.get(metAt)!.last.time
    if (metAt === undefined && !whole) return undefined
    if (metAt === undefined) open.push(watch)
    else met.set(id, metAt)
    resumed.anew.set(id, { after: start.last.time, upTo, begun })
    const known = metAt === undefined ? state : channel.watches[id]
    if (known) resumed.channel.watches[id] = known
  }
  resumed.found.push(...currentBreaches(resumed.channel, open))
  resumed.waypoints = joined({ kept, start, fresh, watches, met })
  return resumed
}

interface Run {
  readings: Readings
  stops: readonly { time: number; index: number }[]
  fresh: ReadonlyMap<number, Waypoint>
  meetings: ReadonlyMap<number, Waypoint>
  after: number
  found: Found[]
}

/** To where it stands as it stood, with nothing going on; else to the last reading. */
function runUntilMet(
  watch: Watch,
  text: string | undefined,
  { readings, stops, fresh, meetings, after, found }: Run,
): { state?: WatchState | undefined; metAt?: number } {
  let state = text === undefined ? undefined : parseWatches(text)
  let begin = 1
  for (const { time, index } of stops) {
    state = runWatch(readings, { watch, known: state, found }, { begin, end: index })
    begin = index
    const now = state && formatWatches(state)
    const own = fresh.get(time)!
    if (now !== undefined) own.watches[watch.id] = now
    const before = time > after ? meetings.get(time) : undefined
    if (!before || !isSame(before.last, own.last)) continue
    // A breach that goes on may have the same sums and yet other shares of its units.
    if (before.watches[watch.id] === now && (state?.tally.from ?? null) === null)
      return { metAt: time }
  }
  const end = readings.times.length
  return { state: runWatch(readings, { watch, known: state, found }, { begin, end }) }
}

const isSame = (a: Point, b: Point): boolean => a.time === b.time && a.value === b.value

/** Those before the start, those run anew, and behind a meeting those that were. */
function joined(of: {
  kept: readonly Waypoint[]
  start: Waypoint
  fresh: ReadonlyMap<number, Waypoint>
  watches: readonly Watch[]
  met: ReadonlyMap<string, number>
}): Waypoint[] {
  const { kept, start, fresh, watches, met } = of
  const waypoints = kept.filter(({ time }) => time <= start.time)
  const old = new Map(kept.map((one) => [one.time, one]))
  const times = new Set([...fresh.keys(), ...old.keys()].filter((time) => time > start.time))
  for (const time of [...times].sort((a, b) => a - b)) {
    const [own, before] = [fresh.get(time), old.get(time)]
    const waypoint: Waypoint = { time, last: (own ?? before)!.last, watches: {} }
    const known = watches.every(({ id }) => {
      const from = time <= (met.get(id) ?? Infinity) ? own : before
      const text = from?.watches[id]
      if (text !== undefined) waypoint.watches[id] = text
      return from !== undefined
    })
    if (known) waypoints.push(waypoint)
  }
  return waypoints
}
