// Which loggers go in one vehicle, and by how much the clock of one is off beside the other, from
// where both say that they were. Compares positions only; what it means is for profile.ts.
import type { Interval } from '../../domain/breach.ts'
import { distanceM, type Spot } from '../../domain/earth.ts'
import { hourMs, indexAt, minuteMs } from './carriage.ts'

export interface Placed {
  time: number
  spot: Spot
}

/** A logger's way, and when papers say that it was put on its container and taken off it. */
export interface Way extends Interval {
  fixes: readonly Placed[]
}

/** Two receivers in one vehicle, and a vehicle's way between two fixes. */
const besideM = 3000
const sameTimeMs = 4 * minuteMs
const besideShare = 0.8
const fixesMin = 6
const speedMs = 40

/**
 * By how much the other's clock is ahead of the own one, ms: 0 when both were near each other all
 * the time; otherwise, for clocks that are off, the one delay at which they were. Undefined when
 * they were not in one vehicle; null when they did not say where they were at the same time.
 */
export function aheadOf(own: Way, other: Way): number | undefined | null {
  const { near, all } = togetherIn(own.fixes, other.fixes, 0)
  if (all >= fixesMin && near >= besideShare * all) return 0
  const ahead = delayBetween(own, other)
  return ahead === undefined && all < fixesMin ? null : ahead
}

/** Whether they were together while they moved: then both clocks are right, or wrong alike. */
export function isDrivenWith(own: Way, other: Way): boolean {
  const spread = spreadOf(own.fixes)
  const { near, all } = togetherIn(spread, other.fixes, 0)
  return all >= 2 * fixesMin && near >= besideShare * all
}

function togetherIn(
  own: readonly Placed[],
  other: readonly Placed[],
  aheadMs: number,
): { near: number; all: number } {
  let [near, all] = [0, 0]
  for (const { time, spot } of own) {
    const fix = nearestIn(other, time + aheadMs)
    if (!fix) continue
    const apartMs = Math.abs(fix.time - time - aheadMs)
    const reachM = besideM + (apartMs / 1000) * speedMs + spot.radiusM + fix.spot.radiusM
    all++
    if (distanceM(spot, fix.spot) < reachM) near++
  }
  return { near, all }
}

function nearestIn(fixes: readonly Placed[], time: number): Placed | undefined {
  const at = indexAt(fixes, time)
  const [before, after] = [fixes[at - 1], fixes[at]]
  const first = before && (!after || time - before.time < after.time - time) ? before : after
  return first && Math.abs(first.time - time) <= sameTimeMs ? first : undefined
}

/** As far as clocks are set wrong, and a step in which a vehicle does not leave the other. */
const clockOffMs = 26 * hourMs
const stepMs = 5 * minuteMs
/** Where it stands every delay fits: so many fixes, one from the other so far away. */
const spreadMax = 40
const apartM = 5000
/** Delays that are less are the way itself: stands, doors, how often a logger measures. */
const clockMs = 40 * minuteMs

function delayBetween(own: Way, other: Way): number | undefined {
  const spread = spreadOf(own.fixes)
  if (spread.length < 2 * fixesMin || other.fixes.length < 2 * fixesMin) return undefined
  const fitting: number[] = []
  for (let aheadMs = -clockOffMs; aheadMs <= clockOffMs; aheadMs += stepMs) {
    const { near, all } = togetherIn(spread, other.fixes, aheadMs)
    if (all >= 2 * fixesMin && near >= besideShare * all) fitting.push(aheadMs)
  }
  const aheadMs = fitting[fitting.length >> 1]
  if (aheadMs === undefined || fitting.at(-1)! - fitting[0]! > clockMs) return undefined
  return Math.abs(aheadMs) >= clockMs && isOneJourney(own, other, aheadMs) ? aheadMs : undefined
}

/** Another vehicle on the same way is loaded, or unloaded, as much later as it is seen. */
const isOneJourney = (own: Way, other: Way, aheadMs: number): boolean => {
  const isNear = (a: number, b: number): boolean =>
    a === b || Math.abs(a - b) < Math.abs(aheadMs) / 2
  return isNear(own.from, other.from) && isNear(own.to, other.to)
}

/** Some of them, each far from the one before. */
function spreadOf(fixes: readonly Placed[]): Placed[] {
  const moved: Placed[] = []
  for (const fix of fixes) {
    const last = moved.at(-1)
    if (!last || distanceM(last.spot, fix.spot) > apartM) moved.push(fix)
  }
  const every = Math.max(1, moved.length / spreadMax)
  return moved.filter((_, n) => Math.floor(n / every) !== Math.floor((n - 1) / every))
}
