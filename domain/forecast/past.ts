// What a place did before the rise that is looked at: how high and how long its doors, defrosts and
// control cycles rose until they turned back. A failure shows as a rise that outlasts or outgrows
// them. Times and heights come as parts of the present rise and of the gap to the limit; nothing
// here knows a unit, a clock or what is to come.
import type { Point } from '../breach.ts'

const minute = 60_000
const hour = 60 * minute
const sparseMs = 10 * minute

export const clip = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value))

/** When it was last as warm as now before this climb. */
export const formerTime = (before: readonly Point[], level: number): number | undefined =>
  before.findLast(({ value }) => value >= level)?.time

/** The most that it rose before within as long as it rises now, in gaps; its longest climb. */
export function formerRises(
  before: readonly Point[],
  { climbMs, gap }: { climbMs: number; gap: number },
): { most: number; longestMs: number } {
  let [most, longestMs, low, start] = [0, 0, 0, 0]
  let high = 0
  for (let end = 0; end < before.length; end++) {
    const { time, value } = before[end]!
    while (before[start]!.time < time - climbMs) start++
    most = Math.max(most, value - before[start]!.value)
    // A climb ends when it fell by a third of what it rose.
    const [bottom, top] = [before[low]!, before[high]!]
    if (value > top.value) high = end
    else if (value < bottom.value || top.value - value > (top.value - bottom.value) / 3) {
      if (top.value - bottom.value > gap / 3)
        longestMs = Math.max(longestMs, top.time - bottom.time)
      low = end
      high = end
    }
  }
  return { most: most / gap, longestMs }
}

/** How far it rose in the four hours after this time of the day before, in gaps. */
export function dayBefore(whole: readonly Point[], gap: number): { known: number; rise: number } {
  const then = whole.at(-1)!.time - 24 * hour
  const at = whole.findIndex(({ time }) => time >= then)
  if (at <= 0) return { known: 0, rise: 0 }
  const from = whole[at]!
  let most = from.value
  for (let i = at; i < whole.length && whole[i]!.time <= then + 4 * hour; i++)
    most = Math.max(most, whole[i]!.value)
  return { known: 1, rise: clip((most - from.value) / gap, 0, 4) }
}

/** The past as the warmest reading of each ten minutes: its peaks are what matters. */
export function sparse(points: readonly Point[]): readonly Point[] {
  const first = points[0]?.time ?? 0
  const last = points.at(-1)?.time ?? 0
  if (last - first >= points.length * sparseMs) return points
  const warmest: Point[] = []
  let [slot, best] = [-1, points[0]]
  for (const point of points) {
    // Counted from the newest, so that a look does not depend on when the readings begin.
    const own = Math.floor((last - point.time) / sparseMs)
    if (own !== slot && slot !== -1) {
      warmest.push(best!)
      best = point
    } else if (point.value > best!.value) best = point
    slot = own
  }
  if (best) warmest.push(best)
  return warmest
}

/** A rise that turned back; foot and peak are places among the readings. */
interface Swing {
  height: number
  riseMs: number
  foot: number
  peak: number
}

/** Rises, each from the lowest reading before it, that turned back by half of their height. */
function swingsOf(points: readonly Point[], least: number): Swing[] {
  const swings: Swing[] = []
  let [foot, peak] = [0, 0]
  for (let i = 1; i < points.length; i++) {
    const { value } = points[i]!
    const low = points[foot]!.value
    const high = points[peak]!.value
    if (value > high) peak = i
    else if (high - low >= least && high - value >= Math.max((high - low) / 2, least / 2)) {
      swings.push({
        height: high - low,
        riseMs: points[peak]!.time - points[foot]!.time,
        foot,
        peak,
      })
      foot = peak = i
    } else if (value < low) foot = peak = i
  }
  return swings
}

/** How many numbers formerSwings gives. */
export const swingNumbers = 9

/**
 * How the swings before compare with the present rise: how many a day; how much higher than it the
 * highest, the third and the upper quarter went, in gaps; of those that came as high as it, how
 * many, how long, how far they went on (those that were as quick say most), and how many were
 * quicker.
 */
export function formerSwings(
  before: readonly Point[],
  { noise, gap, height, climbMs }: Record<'noise' | 'gap' | 'height' | 'climbMs', number>,
): number[] {
  const swings = swingsOf(before, Math.max(4 * noise, gap / 4))
  const days = before.length > 1 ? (before.at(-1)!.time - before[0]!.time) / (24 * hour) : 0
  const heights = swings.map((one) => one.height).sort((a, b) => b - a)
  const of = (rank: number): number => clip(((heights[rank] ?? 0) - height) / gap, -3, 4)
  const like = swings.filter((one) => one.height >= 0.7 * height)
  let [more, weight, quick] = [0, 0, 0]
  for (const { foot, peak } of like) {
    // As high as now: how long did it take, and how far did it go from there?
    const base = before[foot]!.value
    let i = foot
    while (i < peak && before[i]!.value < base + 0.7 * height) i++
    const took = Math.max(before[i]!.time - before[foot]!.time, minute)
    const say = Math.exp(-Math.abs(Math.log(took / Math.max(climbMs, minute))))
    weight += say
    more += say * clip((before[peak]!.value - base - height) / gap, -1, 2)
    if (took <= climbMs) quick++
  }
  const longest = like.reduce((most, one) => Math.max(most, one.riseMs), minute)
  return [
    Math.log1p(swings.length / Math.max(days, 0.2)),
    of(0),
    of(2),
    of(Math.floor(heights.length / 4)),
    Math.log1p(like.length),
    Math.log(clip(longest / Math.max(climbMs, minute), 0.02, 20)),
    weight > 0 ? more / weight : -1,
    weight,
    Math.log1p(quick),
  ].map((value) => clip(value, -6, 6))
}
