// What readings of one channel come to for the units that were there: the arithmetic that the sweep
// and the back-test share, so that what is proposed is judged as what is live. Pure: readings,
// rules and presence are arguments.
import { type Breach, overlapOf, type Point } from '../domain/breach.ts'
import type { Presence } from '../domain/hierarchy.ts'
import { type Affected, affectedUnits, hasParts, isWhole } from './affected.ts'
import type { Watch } from './plan.ts'
import { firstFrom, pointAt, type Readings } from './replay.ts'
import type { Found } from './tracker.ts'

export interface Finding extends Found {
  affected: Affected
}

/** Name of the presence that a watch needs: of its container, during its window. */
export const presenceKey = ({ container, window }: Pick<Watch, 'container' | 'window'>): string =>
  `${container} ${window.from} ${window.to}`

/** An excursion, or what may be one, with its units; undefined when it touched none. */
export function judgeFound(
  found: Found,
  { readings, presence }: { readings: Readings; presence: Presence },
): Finding | undefined {
  const { watch, breach } = found
  if (breach.verdict === 'in') return undefined
  let points: Point[] | undefined
  const affected = affectedUnits(presence, {
    gtin: watch.gtin,
    breach,
    judge: (intervals) => {
      if (isWhole(intervals, breach)) return breach
      points ??= pointsAbout(readings, found)
      return overlapOf(points, watch.options, { breach, presence: intervals })
    },
  })
  return affected.serials.length > 0 ? { watch, breach, affected } : undefined
}

/** Whether readings that are gone may have been part of it. */
export function isCut(
  { watch, breach }: Found,
  { keptFrom, first }: { keptFrom: number; first: number | undefined },
): boolean {
  const { window, options } = watch
  if (window.from >= keptFrom) return false
  return options.rule.kind === 'cumulative' || breach.from <= (first ?? Infinity)
}

/** Whether some unit was not in for all of it: its share is told by the readings alone. */
export const needsReadings = ({ watch, breach }: Found, presence: Presence): boolean =>
  hasParts(presence, { gtin: watch.gtin, breach })

/** From when on readings tell of a breach: what stood into it, and what it may have risen from. */
export function toldFrom({ watch, breach }: { watch: Watch; breach: Breach }): number {
  const { rule, gapMs, settling } = watch.options
  const lookBackMs = Math.max(gapMs, rule.kind === 'rate' ? (rule.windowMs ?? 0) : 0)
  return Math.min(breach.extent.from - lookBackMs, settling?.from ?? Infinity)
}

/** The readings of a breach, with those that tell of it before and the first one after. */
function pointsAbout(readings: Readings, found: Found): Point[] {
  const { times } = readings
  const { to, extent } = found.breach
  const first = Math.max(0, firstFrom(times, toldFrom(found)) - 1)
  const end = to === null ? times.length : firstFrom(times, extent.to) + 2
  const points: Point[] = []
  for (let index = first; index < Math.min(end, times.length); index++)
    points.push(pointAt(readings, index))
  return points
}
