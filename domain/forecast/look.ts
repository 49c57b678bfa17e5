// What a forecast looks at: how a channel rises towards a limit now, how it rose before, and how
// far it is known. Every number is free of units and of the clock: gaps to the limit, times and
// noise as parts of each other, so degrees of any scale and any day give the same. Foretells
// nothing itself.
import type { Point } from '../breach.ts'
import { fitSinceChange, type NewtonFit, timeToLimit } from './fit.ts'
import {
  clip,
  dayBefore,
  formerRises,
  formerSwings,
  formerTime,
  sparse,
  swingNumbers,
} from './past.ts'

const minute = 60_000
const hour = 60 * minute

/** So far back a forecast looks. */
export const lookBackMs = 48 * hour
/** A forecast needs so many readings of so much time, the newest without a hole before them. */
export const lookReadingsMin = 5
export const lookSpanMinMs = 20 * minute
/** Holes longer than this many usual intervals, and than half an hour, end what is looked at. */
const holeFactor = 4
const holeMinMs = 30 * minute
/** Slower than this to the limit is no rise worth looking at. */
const riseMaxMs = 24 * hour

export type NoLook = 'too-few-readings' | 'holes' | 'beyond' | 'steady'

export interface Look {
  features: Float64Array
  fit: NewtonFit
  /** ms from the newest reading until the fitted curve is at the limit; Infinity: never. */
  newtonMs: number
  /** Standard deviation of the readings' noise. */
  noise: number
  /** Residuals of the fit, as a part of the gap to the limit. */
  fitError: number
}

/** The rising side is up: for a lower limit, points and limit come with their signs turned. */
export function lookAhead(points: readonly Point[], limit: number): Look | NoLook {
  const last = points.at(-1)
  if (!last) return 'too-few-readings'
  if (last.value > limit) return 'beyond'
  const first = points.findIndex(({ time }) => time > last.time - lookBackMs)
  const known = first > 0 ? points.slice(first) : points
  if (known.length < lookReadingsMin) return 'too-few-readings'
  const intervalMs = usualInterval(known)
  const whole = sinceHole(known, Math.max(holeMinMs, holeFactor * intervalMs))
  if (whole.length < lookReadingsMin || last.time - whole[0]!.time < lookSpanMinMs)
    return whole.length < known.length ? 'holes' : 'too-few-readings'
  const noise = noiseOf(whole)
  const level = meanSince(whole, Math.min(5 * minute, 2.5 * intervalMs))
  const gap = Math.max(limit - level, noise / 2, (limit - last.value) / 2)
  const slopes = windows.map((ms) => slopeSince(whole, Math.max(ms, 2.2 * intervalMs)))
  const fastest = Math.max(slopes[0]!, slopes[1]!, slopes[2]!)
  if (!(fastest * riseMaxMs > gap)) return 'steady'
  const climb = climbOf(whole, { noise, gap })
  // A climb of few readings is fitted with what was before it: of the fit little is asked then.
  const fit = fitSinceChange(climb.length < 4 ? whole.slice(-4) : climb, noise)
  if (!fit || climb.length < 2) return 'steady'
  const newtonMs = Math.max(0, timeToLimit(fit, limit) - (last.time - fit.at))
  const now = { whole, climb, gap, level, noise, intervalMs, slopes, limit }
  return {
    features: featuresOf(now, fit, newtonMs),
    fit,
    newtonMs,
    noise,
    fitError: fit.rmse / gap,
  }
}

const windows = [12, 25, 50, 100, 200].map((minutes) => minutes * minute)

interface Now {
  whole: readonly Point[]
  climb: readonly Point[]
  gap: number
  level: number
  noise: number
  intervalMs: number
  slopes: number[]
  limit: number
}

/** How high it was so many minutes ago: the shape of the rise, whatever made it. */
const lagMinutes = [3, 6, 10, 15, 20, 30, 45, 60, 90]
/** How many numbers there are. */
export const featureCount = 28 + lagMinutes.length + swingNumbers

function featuresOf(now: Now, fit: NewtonFit, newtonMs: number): Float64Array {
  const { whole, climb, gap, level, noise, intervalMs, slopes, limit } = now
  const last = whole.at(-1)!
  const start = climb[0]!
  const climbMs = last.time - start.time
  const height = Math.max(level - lowest(climb), 0)
  const past = whole.slice(0, whole.length - climb.length)
  const before = sparse(past)
  const sorted = before.map(({ value }) => value).sort((a, b) => a - b)
  const at = (part: number): number =>
    sorted.length > 0
      ? sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!
      : level
  const toLimit = (value: number): number => clip((limit - value) / gap, 0, 6)
  const rises = formerRises(before, { climbMs, gap })
  const yesterday = dayBefore(whole, gap)
  const hours = (ms: number): number => Math.log(clip(ms / hour, 0.02, 48))
  const toGo = (slope: number): number => (slope > 0 ? hours(gap / slope) : Math.log(48))
  return Float64Array.from([
    hours(newtonMs),
    ...slopes.map(toGo),
    clip((slopes[0]! - slopes[1]!) / (Math.abs(slopes[1]!) + gap / (4 * hour)), -3, 3),
    clip((slopes[1]! - slopes[2]!) / (Math.abs(slopes[2]!) + gap / (4 * hour)), -3, 3),
    hours(climbMs),
    height / (height + gap),
    Math.log(1 + climb.length),
    clip((fit.slope * climbMs) / gap, -3, 6),
    clip(fit.k * climbMs, 0, 9),
    fit.k > 0 ? clip((fit.ambient - level) / gap, -1, 6) : 6,
    clip(fit.rmse / gap, 0, 2),
    clip(noise / gap, 0, 2),
    Math.log(intervalMs / minute),
    hours(last.time - whole[0]!.time),
    toLimit(at(0.5)),
    toLimit(at(0.95)),
    toLimit(sorted.at(-1) ?? level),
    sorted.length > 0 ? sorted.filter((value) => value >= level - noise).length / sorted.length : 0,
    clip(rises.most, 0, 4),
    Math.log(clip(rises.longestMs / Math.max(climbMs, minute), 0.02, 20)),
    yesterday.known,
    yesterday.rise,
    hours(last.time - (formerTime(before, level) ?? whole[0]!.time)),
    before.length === 0 ? 1 : 0,
    ...lagMinutes.map((minutes) =>
      clip((valueAt(whole, last.time - minutes * minute) - level) / gap, -6, 6),
    ),
    ...formerSwings(past, { noise, gap, height, climbMs }),
  ])
}

/** In a line between the readings around a time; the first one before all of them. */
function valueAt(points: readonly Point[], time: number): number {
  let i = points.length - 1
  while (i > 0 && points[i]!.time > time) i--
  const [one, next] = [points[i]!, points[i + 1]]
  if (!next || one.time >= time) return one.value
  return one.value + ((next.value - one.value) * (time - one.time)) / (next.time - one.time)
}

const lowest = (points: readonly Point[]): number =>
  points.reduce((least, { value }) => Math.min(least, value), Number.POSITIVE_INFINITY)

/** From the foot of the rise that the newest reading is a part of. */
function climbOf(
  whole: readonly Point[],
  { noise, gap }: { noise: number; gap: number },
): readonly Point[] {
  let foot = whole.length - 1
  const top = whole[foot]!.value
  for (let i = foot - 1; i >= 0; i--) {
    const { value } = whole[i]!
    const low = whole[foot]!.value
    const slack = Math.max(4 * noise, 0.1 * (top - low))
    if (value > low + slack && value > low + 0.02 * gap) break
    // At rest it may lie as low for days: the foot is where it last was so low.
    if (value < low - Math.max(noise, 0.02 * gap)) foot = i
  }
  return whole.slice(foot)
}

/** Readings after the last hole. */
function sinceHole(points: readonly Point[], holeMs: number): readonly Point[] {
  for (let i = points.length - 1; i > 0; i--)
    if (points[i]!.time - points[i - 1]!.time > holeMs) return points.slice(i)
  return points
}

function usualInterval(points: readonly Point[]): number {
  const recent = points.slice(-40)
  const steps = recent.slice(1).map(({ time }, i) => time - recent[i]!.time)
  return Math.max(1, steps.sort((a, b) => a - b)[steps.length >> 1] ?? 1)
}

/**
 * From second differences of the newest readings, which slow changes leave alone; at least that of
 * rounding to the smallest step seen.
 */
function noiseOf(points: readonly Point[]): number {
  const recent = points.slice(-60).map(({ value }) => value)
  const bends: number[] = []
  let step = Number.POSITIVE_INFINITY
  for (let i = 1; i < recent.length; i++) {
    const difference = Math.abs(recent[i]! - recent[i - 1]!)
    if (difference > 1e-9) step = Math.min(step, difference)
    if (i > 1) bends.push(Math.abs(recent[i]! - 2 * recent[i - 1]! + recent[i - 2]!))
  }
  const middle = bends.sort((a, b) => a - b)[bends.length >> 1] ?? 0
  const rounding = Number.isFinite(step) ? step / Math.sqrt(12) : 0
  return Math.max(middle / (0.6745 * Math.sqrt(6)), rounding, 1e-9)
}

function meanSince(points: readonly Point[], ms: number): number {
  const from = points.at(-1)!.time - ms
  let [sum, count] = [0, 0]
  for (let i = points.length - 1; i >= 0 && points[i]!.time > from; i--) {
    sum += points[i]!.value
    count++
  }
  return sum / count
}

/** Least squares over the last so many ms, per ms; 0 of less than two readings. */
function slopeSince(points: readonly Point[], ms: number): number {
  const end = points.at(-1)!.time
  let [n, sumT, sumV] = [0, 0, 0]
  let i = points.length - 1
  for (; i >= 0 && points[i]!.time >= end - ms; i--) {
    n++
    sumT += points[i]!.time - end
    sumV += points[i]!.value
  }
  if (n < 2) return 0
  const [meanT, meanV] = [sumT / n, sumV / n]
  let [tt, tv] = [0, 0]
  for (let j = i + 1; j < points.length; j++) {
    const off = points[j]!.time - end - meanT
    tt += off * off
    tv += off * (points[j]!.value - meanV)
  }
  return tt > 0 ? tv / tt : 0
}
