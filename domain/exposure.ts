// Exposure arithmetic over readings in order of time: how long, how warm, how long beyond a limit,
// and the mean kinetic temperature. Says nothing of rules or verdicts (domain/breach.ts does) and
// never fills what is unknown.
//
// Standing rule, the same as in domain/breach.ts: a reading stands until the next one, at most
// gapMs; what lies beyond is unknown; the newest reading stands for no time.
import { type Interval, isBeyond, type Point } from './breach.ts'
import type { Side } from './profile/profile.ts'

export interface StandingRule {
  gapMs: number
  /** from inclusive, to exclusive. Without it: from the first reading to the last. */
  window?: Interval
}

/** A value and the time it stands for; `to` = `from` for the newest reading. */
export interface Stand extends Interval {
  value: number
}

export interface Limit {
  side: Side
  limitC: number
}

/** An unbroken stretch beyond a limit. A hole ends it: nobody knows what happened there. */
export interface Run extends Interval {
  extreme: number
  /** When the extreme was first read. */
  extremeTime: number
  /** How it ended: back in range, in a hole, or with the readings. */
  end: 'return' | 'hole' | 'last'
}

/** ΔH and R of the mean kinetic temperature. Both are said, since ΔH/R can turn a verdict. */
export interface Kinetics {
  deltaHKjPerMol: number
  gasConstantJPerMolK: number
}

/** USP <1079.2>: ΔH 83.144 kJ/mol with R 8.3144 J/(mol·K), so that ΔH/R is 10 000 K. */
export const uspKinetics: Kinetics = { deltaHKjPerMol: 83.144, gasConstantJPerMolK: 8.3144 }

/** R as the SI defines it since 2019, J/(mol·K). */
export const gasConstantSi = 8.314462618

/** The middle of 2-8 °C: keeps kinetic sums near 1 for most goods. It cancels out of the result. */
export const kineticReferenceC = 5

/** Known time, unknown time and what was measured. Null where nothing is known. */
export interface Exposure {
  knownMs: number
  unknownMs: number
  min: number | null
  max: number | null
  /** Weighted by time. */
  mean: number | null
  mkt: number | null
}

/** Sums add: those of two neighbouring spans are those of both. See `mktOfSum`. */
export interface KineticSum {
  /** ∫ a(T) dt with a(T) = exp((ΔH/R)(1/Tref − 1/T)), in ms. */
  weightedMs: number
  ms: number
}

/**
 * `points`: ascending by time, unique; they may begin before the window, since a reading stands
 * into it.
 */
export function exposureOf(
  points: readonly Point[],
  rule: StandingRule,
  kinetics: Kinetics = uspKinetics,
): Exposure {
  const stands = standsOf(points, rule)
  const window = rule.window ?? { from: points[0]?.time ?? 0, to: points.at(-1)?.time ?? 0 }
  const knownMs = knownMsOf(stands)
  return {
    knownMs,
    unknownMs: window.to - window.from - knownMs,
    ...extremesOf(stands),
    mean: meanOf(stands),
    mkt: mktOfSum(kineticSumOf(stands, kinetics), kinetics),
  }
}

/**
 * The stands of readings, cut to the window, ascending and without overlap; what is between them is
 * unknown.
 */
export function standsOf(points: readonly Point[], { gapMs, window }: StandingRule): Stand[] {
  const stands: Stand[] = []
  for (let i = 0; i < points.length; i++) {
    const { time, value } = points[i]!
    if (window && time >= window.to) break
    const next = points[i + 1]?.time ?? time
    const from = Math.max(time, window?.from ?? time)
    const to = Math.min(next, time + gapMs, window?.to ?? next)
    // A reading before the window counts only with time inside it; one in the window counts always.
    if (to > from || time === from) stands.push({ from, to: Math.max(from, to), value })
  }
  return stands
}

export function knownMsOf(stands: readonly Stand[]): number {
  let ms = 0
  for (const { from, to } of stands) ms += to - from
  return ms
}

export function extremesOf(stands: readonly Stand[]): { min: number | null; max: number | null } {
  let min: number | null = null
  let max: number | null = null
  for (const { value } of stands) {
    if (min === null || value < min) min = value
    if (max === null || value > max) max = value
  }
  return { min, max }
}

/** Weighted by time; null when no time is known. */
export function meanOf(stands: readonly Stand[]): number | null {
  let sum = 0
  let ms = 0
  for (const { from, to, value } of stands) {
    sum += value * (to - from)
    ms += to - from
  }
  return ms > 0 ? sum / ms : null
}

/** Known time beyond the limit, ms. */
export function msBeyond(stands: readonly Stand[], { side, limitC }: Limit): number {
  let ms = 0
  for (const { from, to, value } of stands) if (isBeyond(side, limitC, value)) ms += to - from
  return ms
}

/** When the time beyond the limit, added up, reaches the allowance. Null when it does not. */
export function reachedAt(
  stands: readonly Stand[],
  { side, limitC }: Limit,
  allowanceMs: number,
): number | null {
  let left = allowanceMs
  for (const { from, to, value } of stands) {
    if (!isBeyond(side, limitC, value)) continue
    if (to - from >= left) return from + left
    left -= to - from
  }
  return null
}

/** All stretches beyond the limit, ascending. */
export function runsBeyond(stands: readonly Stand[], { side, limitC }: Limit): Run[] {
  const runs: Run[] = []
  let run: Run | undefined
  for (const { from, to, value } of stands) {
    if (run && from > run.to) {
      run.end = 'hole'
      run = undefined
    }
    if (!isBeyond(side, limitC, value)) {
      if (run) run.end = 'return'
      run = undefined
      continue
    }
    if (!run) {
      run = { from, to, extreme: value, extremeTime: from, end: 'last' }
      runs.push(run)
    }
    run.to = to
    if (value !== run.extreme && isBeyond(side, run.extreme, value)) {
      run.extreme = value
      run.extremeTime = from
    }
  }
  return runs
}

/** Mean kinetic temperature in °C, weighted by time; null when no time is known. */
export const mktOf = (stands: readonly Stand[], kinetics: Kinetics = uspKinetics): number | null =>
  mktOfSum(kineticSumOf(stands, kinetics), kinetics)

export function kineticSumOf(stands: readonly Stand[], kinetics: Kinetics): KineticSum {
  const sum: KineticSum = { weightedMs: 0, ms: 0 }
  for (const { from, to, value } of stands) {
    sum.weightedMs += acceleration(value, kineticReferenceC, kinetics) * (to - from)
    sum.ms += to - from
  }
  return sum
}

/**
 * T = 1 / (1/Tref − (R/ΔH)·ln(K/t)): Haynes' formula, written so that sums of spans add and nothing
 * overflows.
 */
export function mktOfSum({ weightedMs, ms }: KineticSum, kinetics: Kinetics): number | null {
  if (ms <= 0) return null
  const perKelvin =
    1 / kelvin(kineticReferenceC) - Math.log(weightedMs / ms) / activationK(kinetics)
  return 1 / perKelvin - kelvin(0)
}

/** How many times faster than at the reference a product ages at this temperature (Arrhenius). */
export function acceleration(temperatureC: number, towardsC: number, kinetics: Kinetics): number {
  return Math.exp(activationK(kinetics) * (1 / kelvin(towardsC) - 1 / kelvin(temperatureC)))
}

/** The mean of rows as loggers form it: every row counts the same. Null for no rows. */
export function meanOfRows(values: readonly number[]): number | null {
  return meanOf(rowStands(values))
}

/**
 * The mean kinetic temperature of rows as loggers form it: right only when rows are equally spaced.
 */
export function mktOfRows(values: readonly number[], kinetics: Kinetics): number | null {
  return mktOf(rowStands(values), kinetics)
}

/** What a sensor cannot tell from the limit is beyond it (ISO 14253-1). */
export function inwards({ side, limitC }: Limit, guardBandC: number): Limit {
  const moved = side === 'above' || side === 'atOrAbove' ? limitC - guardBandC : limitC + guardBandC
  // 8.1 - 0.3 is 7.8, not 7.799999999999999: a reading of 7.8 must not be above it.
  return { side, limitC: Math.round(moved * 1e9) / 1e9 }
}

const kelvin = (celsius: number): number => celsius + 273.15

const activationK = ({ deltaHKjPerMol, gasConstantJPerMolK }: Kinetics): number =>
  (deltaHKjPerMol * 1000) / gasConstantJPerMolK

const rowStands = (values: readonly number[]): Stand[] =>
  values.map((value) => ({ from: 0, to: 1, value }))
