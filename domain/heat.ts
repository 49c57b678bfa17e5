// Warmth over time as the two sums of doubles that passports keep, added in one order, whoever adds
// them up: within each hour (UTC), the hours of a day, and then the days. So hours and days may be
// summed once for all legs (domain/hourly-sums.ts), and what comes out is the same to the last bit.
// Knows no limits, and not what is unknown.
import type { Interval } from './breach.ts'
import { hourMs, hourOfTime } from './hours.ts'

export interface Heat {
  hourEnd: number
  dayEnd: number
  hour: HeatSums
  day: HeatSums
  days: HeatSums
}

export interface HeatSums {
  /** ∫ T dt, °C·ms. */
  weighted: number
  /** ∫ a(T) dt, ms at the reference temperature. */
  kineticMs: number
}

const noHeat = (): HeatSums => ({ weighted: 0, kineticMs: 0 })

export const newHeat = (): Heat => ({
  ...{ hourEnd: -Infinity, dayEnd: -Infinity },
  ...{ hour: noHeat(), day: noHeat(), days: noHeat() },
})

/** Time at one value, after all that was added before. */
export function addHeat(
  heat: Heat,
  { from, to }: Interval,
  { warmC, faster }: { warmC: number; faster: number },
): void {
  for (let at = from; at < to; ) {
    if (at >= heat.hourEnd) beginHour(heat, at)
    const end = Math.min(to, heat.hourEnd)
    heat.hour.weighted += warmC * (end - at)
    heat.hour.kineticMs += faster * (end - at)
    at = end
  }
}

/** A whole hour or day, after all that was added before. */
export function addHeatOf(heat: Heat, time: number, sums: HeatSums & { ms: number }): void {
  beginHour(heat, time)
  joinHeat(sums.ms === dayMs ? heat.days : heat.day, sums)
}

export function heatOf(heat: Heat): HeatSums {
  beginHour(heat, Infinity)
  return heat.days
}

function beginHour(heat: Heat, time: number): void {
  joinHeat(heat.day, heat.hour)
  heat.hour = noHeat()
  heat.hourEnd = hourOfTime(time) + hourMs
  if (time < heat.dayEnd) return
  joinHeat(heat.days, heat.day)
  heat.day = noHeat()
  heat.dayEnd = dayOfTime(time) + dayMs
}

function joinHeat(to: HeatSums, more: HeatSums): void {
  to.weighted += more.weighted
  to.kineticMs += more.kineticMs
}

export const dayMs = 24 * hourMs
export const dayOfTime = (time: number): number => Math.floor(time / dayMs) * dayMs
