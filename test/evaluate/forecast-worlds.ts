// Cold places to judge forecasts on: their readings as they came, and what would have happened from
// any moment on if nobody had stepped in.
import type { Point } from '../../domain/breach.ts'
import { createRandom } from '../../simulators/random.ts'
import { liveThermal, needsMending, type ThermalPlan } from '../../simulators/thermal.ts'
import { drawThermalPlan } from '../../simulators/thermal-plans.ts'

export const minuteMs = 60_000
const hourMs = 60 * minuteMs
const hours = 72

/** True temperature above the limit, epoch ms; shorter returns below it are a part of it. */
export interface TrueBreach {
  from: number
  to: number
  /** How long it built up: see builtUp. */
  buildUpMs: number
}

export interface ForecastWorld {
  plan: ThermalPlan
  points: Point[]
  breaches: TrueBreach[]
  /** First minute above the limit after a time; Infinity when there is none in this world. */
  nextBreach(time: number): number
  /** The same, had what is broken at that time stayed broken. */
  nextUnmended(time: number): number
  /** The same, had nothing more happened at all; looks twelve hours ahead. */
  nextForeseen(time: number): number
}

const foreseenMinutes = 6 * 60
const minuteOf = (time: number): number => Math.floor(time / minuteMs) * minuteMs

export interface ForecastWorldOptions {
  fault?: boolean
  /** Readings each minute without noise, rounding and losses: what better loggers would tell. */
  isExact?: boolean
}

/** A return below the limit of less is no end of a breach. */
const returnMs = 30 * minuteMs

export function forecastWorld(
  seed: string,
  { isExact = false, ...options }: ForecastWorldOptions = {},
): ForecastWorld {
  const plan = drawThermalPlan({ seed, from: Date.UTC(2026, 2, 2), hours, ...options })
  const { trueC, readings, unmended } = liveThermal(plan)
  const dice = createRandom(seed).fork('mounted')
  // A logger that comes late to a place knows nothing of its past.
  const since = dice.chance(0.25) ? plan.from + dice.between(0, 0.8) * hours * hourMs : plan.from
  const nextBreach = (time: number): number => nextAbove(plan, trueC, time)
  const foreseen = (time: number): number => {
    const minutes = unmended(time, foreseenMinutes, plan.limitC)
    const at = minutes.findIndex((value) => value > plan.limitC)
    return at < 0 ? Number.POSITIVE_INFINITY : Math.max(time, minuteOf(time) + at * minuteMs)
  }
  return {
    plan,
    points: (isExact ? minutesOf(plan, trueC) : readings).filter(({ time }) => time >= since),
    breaches: breachesOf(plan, trueC).filter(({ from }) => from >= since + 2 * hourMs),
    nextBreach,
    nextUnmended: (time) => {
      const next = nextBreach(time)
      const isMended = plan.events.some(
        (event) => needsMending(event) && event.from <= time && event.to > time && event.to < next,
      )
      return isMended ? Math.min(next, foreseen(time)) : next
    },
    nextForeseen: foreseen,
  }
}

function minutesOf({ from }: ThermalPlan, trueC: Float64Array): Point[] {
  return Array.from(trueC, (value, minute) => ({ time: from + minute * minuteMs, value }))
}

function nextAbove({ from, limitC }: ThermalPlan, trueC: Float64Array, time: number): number {
  for (let at = Math.max(0, Math.ceil((time - from) / minuteMs)); at < trueC.length; at++)
    if (trueC[at]! > limitC) return from + at * minuteMs
  return Number.POSITIVE_INFINITY
}

function breachesOf(plan: ThermalPlan, trueC: Float64Array): TrueBreach[] {
  const { from, limitC } = plan
  const found: TrueBreach[] = []
  for (let at = 1; at < trueC.length; at++) {
    const time = from + at * minuteMs
    if (!(trueC[at]! > limitC)) continue
    const last = found.at(-1)
    if (last && time - last.to <= returnMs) last.to = time + minuteMs
    else found.push({ from: time, to: time + minuteMs, buildUpMs: builtUp(trueC, at) * minuteMs })
  }
  return found
}

/**
 * Minutes from where the climb had a tenth of its height behind it to where it is above; no more
 * than it takes at the pace of its second half, for what creeps and is then pushed does not build
 * up.
 */
function builtUp(trueC: Float64Array, above: number): number {
  const top = trueC[above]!
  let foot = above
  for (let at = above; at >= 0; at--) {
    if (trueC[at]! < trueC[foot]!) foot = at
    if (trueC[at]! > trueC[foot]! + 0.15 * (top - trueC[foot]!) && at < foot) break
  }
  const since = (part: number): number => {
    let at = above
    while (at > foot && trueC[at]! > trueC[foot]! + part * (top - trueC[foot]!)) at--
    return above - at
  }
  return Math.min(since(0.1), 2 * since(0.5))
}
