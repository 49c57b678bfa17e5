// What is kept of a channel when its readings go: one row for each hour (UTC), made so that rows of
// any span add up to what the readings said. Counts, extremes and times are exact; sums may differ
// in their last bits. Says nothing of rules or verdicts, and never fills what is unknown.
//
// A reading counts in its own hour, and stands (domain/exposure.ts, standsOf) into the hours after
// it until its successor or the gap: each hour has the time within it.
import { isBeyond, type Point } from './breach.ts'
import {
  acceleration,
  type Exposure,
  type Kinetics,
  kineticReferenceC,
  type Limit,
  mktOfSum,
  type StandingRule,
  standsOf,
  uspKinetics,
} from './exposure.ts'

export const hourMs = 3_600_000

/**
 * Time by temperature: ms at a bin. An even bin 2k is k/10 °C exactly, the odd one after it all
 * between k/10 and (k+1)/10. So loggers that tell tenths lose nothing, and time beyond a limit in
 * tenths is exact for every logger.
 */
export type Bins = ReadonlyMap<number, number>

/** An hour that holds a reading, or in which one still stands. */
export interface Hour {
  /** Its start, epoch ms, a multiple of an hour. */
  time: number
  /** Readings in it, and their extremes; null without any. */
  count: number
  min: number | null
  max: number | null
  /** Of the readings, each counting the same: sum/count is the mean of their rows. */
  sum: number
  first: Point | null
  last: Point | null
  /** What stood when the hour began, of a reading before it; null when nothing did. */
  carried: number | null
  /** Time in it for which a value is known; the rest of it is unknown. */
  knownMs: number
  /** ∫ value dt over the known time, unit·ms. */
  weighted: number
  /** ∫ a(T) dt over the known time in ms, with USP's kinetics; null unless a temperature. */
  kineticMs: number | null
  /** Null unless a temperature; null too for one that was in more bins than are kept. */
  bins: Bins | null
  /** Readings below 0 °C after one that was not, with no hole between: freeze-thaw cycles begun. */
  freezes: number
  /** The gap by which readings stood. */
  gapMs: number
}

export interface HourRule extends Required<StandingRule> {
  /** Of whole hours. */
  window: { from: number; to: number }
  temperature: boolean
}

/** Bins of one hour that are kept: 200 °C of them; more is no cold chain, but a broken probe. */
export const hourBinsMax = 4096

export const hourOfTime = (time: number): number => Math.floor(time / hourMs) * hourMs

/**
 * Hours of the window, ascending; one in which nothing is known is left out. `points`: ascending by
 * time, unique; they may begin before the window, whose first hour needs what stood before it, and
 * must go on to the first one after it, whatever its time.
 */
export function hoursOf(points: readonly Point[], rule: HourRule): Hour[] {
  const { gapMs, window, temperature } = rule
  const hours = new Map<number, Draft>()
  const hourAt = (time: number): Draft => {
    const start = hourOfTime(time)
    const hour = hours.get(start) ?? emptyHour(start, rule)
    hours.set(start, hour)
    return hour
  }
  for (const [i, point] of points.entries()) {
    if (point.time < window.from || point.time >= window.to) continue
    const before = points[i - 1]
    const froze =
      before !== undefined &&
      before.value >= 0 &&
      point.value < 0 &&
      point.time - before.time <= gapMs
    countIn(hourAt(point.time), point, temperature && froze)
  }
  for (const { from, to, value } of standsOf(points, rule))
    for (let at = from; at < to; at = hourOfTime(at) + hourMs)
      standIn(hourAt(at), { from: at, to: Math.min(to, hourOfTime(at) + hourMs), value })
  for (const hour of hours.values()) if (hour.bins && hour.bins.size > hourBinsMax) hour.bins = null
  return [...hours.values()].sort((one, other) => one.time - other.time)
}

/** What the hours of a window add up to; as `exposureOf` the readings, with USP's kinetics. */
export function exposureOfHours(
  hours: readonly Hour[],
  { window, kinetics }: { window: { from: number; to: number }; kinetics?: Kinetics },
): Exposure {
  let [knownMs, weighted] = [0, 0]
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const hour of hours) {
    knownMs += hour.knownMs
    weighted += hour.weighted
    for (const value of [hour.min, hour.max, hour.carried]) {
      if (value === null) continue
      min = Math.min(min, value)
      max = Math.max(max, value)
    }
  }
  return {
    knownMs,
    unknownMs: window.to - window.from - knownMs,
    min: min > max ? null : min,
    max: min > max ? null : max,
    mean: knownMs > 0 ? weighted / knownMs : null,
    mkt: mktOfHours(hours, kinetics),
  }
}

/**
 * Mean kinetic temperature in °C; null when no time is known or what is needed for it is not. With
 * other kinetics than USP's it is that of the bins: exact for readings in tenths of °C, otherwise
 * within 0.05 °C.
 */
export function mktOfHours(
  hours: readonly Hour[],
  kinetics: Kinetics = uspKinetics,
): number | null {
  let [weightedMs, ms] = [0, 0]
  const usp = kinetics === uspKinetics
  for (const hour of hours) {
    if (hour.kineticMs === null || (hour.bins === null && !usp)) return null
    ms += hour.knownMs
    if (usp) weightedMs += hour.kineticMs
    else
      for (const [bin, binMs] of hour.bins!)
        weightedMs += acceleration(celsiusOfBin(bin), kineticReferenceC, kinetics) * binMs
  }
  return mktOfSum({ weightedMs, ms }, kinetics)
}

/**
 * Known time beyond a limit: at least and at most so many ms. Both are the same for a limit in
 * tenths of °C. Null when an hour has no bins.
 */
export function msBeyondOfHours(
  hours: readonly Hour[],
  limit: Limit,
): { leastMs: number; mostMs: number } | null {
  let [leastMs, mostMs] = [0, 0]
  for (const { bins, knownMs } of hours) {
    if (bins === null && knownMs > 0) return null
    for (const [bin, ms] of bins ?? []) {
      const { all, some } = beyondOfBin(bin, limit)
      if (all) leastMs += ms
      if (some) mostMs += ms
    }
  }
  return { leastMs, mostMs }
}

export function binOf(celsius: number): number {
  const tenths = Math.round(celsius * 10)
  const edge = tenths / 10
  return 2 * tenths + (celsius > edge ? 1 : celsius < edge ? -1 : 0) + 0
}

/** A bin's temperature: its own, or the middle between its ends. */
export const celsiusOfBin = (bin: number): number => bin / 20

type Draft = Omit<Hour, 'bins'> & { bins: Map<number, number> | null }

function emptyHour(time: number, { gapMs, temperature }: HourRule): Draft {
  return {
    ...{ time, count: 0, min: null, max: null, sum: 0, first: null, last: null, carried: null },
    ...{ knownMs: 0, weighted: 0, freezes: 0, gapMs },
    ...(temperature ? { kineticMs: 0, bins: new Map() } : { kineticMs: null, bins: null }),
  }
}

function countIn(hour: Draft, { time, value: read }: Point, froze: boolean): void {
  // There is no -0 °C: not every store would give it back.
  const value = read + 0
  hour.count++
  hour.sum += value
  hour.min = Math.min(hour.min ?? value, value)
  hour.max = Math.max(hour.max ?? value, value)
  hour.first ??= { time, value }
  hour.last = { time, value }
  if (froze) hour.freezes++
}

function standIn(hour: Draft, { from, to, value }: { from: number; to: number; value: number }) {
  const ms = to - from
  if (from === hour.time && hour.first?.time !== from) hour.carried = value + 0
  hour.knownMs += ms
  hour.weighted += value * ms
  if (hour.bins === null || hour.kineticMs === null) return
  hour.kineticMs += acceleration(value, kineticReferenceC, uspKinetics) * ms
  const bin = binOf(value)
  hour.bins.set(bin, (hour.bins.get(bin) ?? 0) + ms)
}

/** Whether all, and whether some of what may lie in a bin is beyond the limit. */
function beyondOfBin(bin: number, { side, limitC }: Limit): { all: boolean; some: boolean } {
  if (bin % 2 === 0) {
    const beyond = isBeyond(side, limitC, bin / 20)
    return { all: beyond, some: beyond }
  }
  // The ends of an odd bin do not belong to it, so that a limit included or not is the same.
  const [low, high] = [(bin - 1) / 20, (bin + 1) / 20]
  const upwards = side === 'above' || side === 'atOrAbove'
  return upwards
    ? { all: limitC <= low, some: limitC < high }
    : { all: limitC >= high, some: limitC > low }
}
