// How long a unit was beyond a limit: in all, and at the longest without a break, certainly and
// perhaps. Time that nobody knows may have been beyond it; so may time in hours whose readings are
// gone, as far as their rows allow it. Recommends nothing: domain/verdict does.
import { type Interval, isBeyond, type Verdict } from '../breach.ts'
import type { BudgetCorrection } from '../budget-corrections.ts'
import type { Draw } from '../budgets.ts'
import { inwards, type Limit } from '../exposure.ts'
import { intersect } from '../hierarchy.ts'
import {
  extremesOfRow,
  isSpellBeyond,
  isUpper,
  knownMsOfPast,
  msBeyondOfPast,
} from '../passport.ts'
import { type Guarded, isPast, type PastHour, type Stretch } from '../spells.ts'
import type { Condition } from './verdict.ts'
import { mostHeld } from './windows.ts'

/** What is known of a unit in a window: stretches ascending, unknown time between them. */
export interface Evidence {
  window: Interval
  stretches: readonly Stretch[]
  knownMs: number
  /** Unknown time that the profile allows for: loggers that had not settled. Disjoint, in order. */
  excused: readonly Interval[]
  /** Of each logger: until when it was relied on, and when its calibration was due, if told. */
  calibrations: readonly { device: string; dueAt: number | null; usedTo: number }[]
  /** What its whole life drew on its budgets; not told where the product has none. */
  life?: LifeDraws
}

export interface LifeDraws {
  draws: readonly Draw[]
  /** From its commissioning on, or from what a partner handed over. */
  whole: boolean
  /** Counted in the draws already; those that were taken back are told too. */
  corrections?: readonly BudgetCorrection[]
}

export interface LimitRun {
  verdict: Verdict
  /** Known to be beyond it, added up. */
  outMs: number
  /** The longest of it without a break. */
  longestMs: number
  /** Perhaps beyond it besides. */
  unknownMs: number
  /** The furthest beyond; null when never. */
  worstC: number | null
}

/** Time in one state. somewhere: out, but perhaps with breaks. perhaps: nobody knows; no value. */
export interface Piece {
  ms: number
  state: 'in' | 'out' | 'somewhere' | 'perhaps'
  valueC: number | null
}

type Limits = Pick<Condition, 'limits'>

export function runOf(evidence: Evidence, condition: Omit<Condition, 'name' | 'hard'>): LimitRun {
  let [outMs, unknownMs, longestMs, runMs, perhapsRunMs, longestPerhapsMs] = [0, 0, 0, 0, 0, 0]
  let touched = false
  let worstC: number | null = null
  for (const { ms, state, valueC } of piecesOf(evidence, condition)) {
    if (state === 'in') {
      runMs = 0
      perhapsRunMs = 0
      continue
    }
    perhapsRunMs += ms
    longestPerhapsMs = Math.max(longestPerhapsMs, perhapsRunMs)
    if (state === 'perhaps') {
      unknownMs += ms
      runMs = 0
      continue
    }
    touched = true
    outMs += ms
    runMs = state === 'out' ? runMs + ms : 0
    longestMs = Math.max(longestMs, runMs)
    if (valueC !== null) worstC = worse(condition, worstC, valueC)
  }
  const run = { outMs, longestMs, unknownMs, worstC }
  const { kind, allowanceMs, windowMs, per } = condition
  if (kind === 'instant') {
    // Clocks of loggers do not agree to the second.
    return { verdict: touched ? 'out' : unknownMs >= 1000 ? 'indeterminate' : 'in', ...run }
  }
  if (kind === 'single')
    return { verdict: usedUp(allowanceMs, longestMs, longestPerhapsMs), ...run }
  if (windowMs === undefined && !per)
    return { verdict: usedUp(allowanceMs, outMs, outMs + unknownMs), ...run }
  const most = mostHeld(piecesOf(evidence, condition), evidence.window.from, condition)
  const verdict = usedUp(allowanceMs, most.outMs, most.possibleMs)
  return { verdict, ...run, outMs: most.outMs, unknownMs: most.possibleMs - most.outMs }
}

/** An allowance is used up when it is reached. */
const usedUp = (allowanceMs: number, leastMs: number, mostMs: number): Verdict =>
  leastMs >= allowanceMs ? 'out' : mostMs >= allowanceMs ? 'indeterminate' : 'in'

/** The whole window, in order of time. */
export function* piecesOf({ window, stretches, excused }: Evidence, of: Limits): Generator<Piece> {
  let at = window.from
  const hole = (to: number): Piece[] => holeOf({ from: at, to }, excused)
  for (const stretch of stretches) {
    if (stretch.from > at) yield* hole(stretch.from)
    at = stretch.to
    const limits = guardedBy(of.limits, stretch)
    if (isPast(stretch)) yield* piecesOfPast(stretch, { limits })
    else {
      const limit = limits.find((each) => isSpellBeyond(stretch, each))
      const valueC = limit ? (isUpper(limit) ? stretch.warmC : stretch.coldC) : stretch.warmC
      yield { ms: stretch.to - stretch.from, state: limit ? 'out' : 'in', valueC }
    }
  }
  if (window.to > at) yield* hole(window.to)
}

const guardedBy = (limits: readonly Limit[], { guardC }: Guarded): readonly Limit[] =>
  guardC === undefined ? limits : limits.map((limit) => inwards(limit, guardC))

/** Excused time is no longer perhaps beyond a limit than it is within it. */
function holeOf(hole: Interval, excused: readonly Interval[]): Piece[] {
  const fineMs = intersect([hole], excused).reduce((sum, { from, to }) => sum + to - from, 0)
  const perhapsMs = hole.to - hole.from - fineMs
  const pieces: Piece[] = []
  if (fineMs > 0) pieces.push({ ms: fineMs, state: 'in', valueC: null })
  if (perhapsMs > 0) pieces.push({ ms: perhapsMs, state: 'perhaps', valueC: null })
  return pieces
}

/** Where in the hour it was beyond nobody knows: it may join what was before and after it. */
function* piecesOfPast(past: PastHour, { limits }: Limits): Generator<Piece> {
  const ms = past.to - past.from
  const knownMs = knownMsOfPast(past)
  let [leastMs, mostMs] = [0, 0]
  let valueC: number | null = null
  for (const limit of limits) {
    const beyond = msBeyondOfPast(past, limit)
    leastMs = Math.min(knownMs, leastMs + beyond.leastMs)
    mostMs = Math.min(knownMs, mostMs + beyond.mostMs)
    const worst = worstOfPast(past, limit)
    // The newest reading of all stands for no time, and was beyond it all the same.
    if (worst !== null && isBeyond(limit.side, limit.limitC, worst)) valueC ??= worst
  }
  if (leastMs === ms) return yield { ms, state: 'out', valueC }
  const perhapsMs = ms - knownMs + mostMs - leastMs
  if (perhapsMs > 0) yield { ms: perhapsMs, state: 'perhaps', valueC: null }
  if (leastMs > 0 || (valueC !== null && mostMs === 0))
    yield { ms: leastMs, state: 'somewhere', valueC }
  else if (perhapsMs === 0) yield { ms, state: 'in', valueC: null }
}

function worstOfPast({ rows }: PastHour, limit: Limit): number | null {
  const values = rows.flatMap((row) => {
    const { minC, maxC } = extremesOfRow(row)
    return (isUpper(limit) ? maxC : minC) ?? []
  })
  if (values.length === 0) return null
  return isUpper(limit) ? Math.max(...values) : Math.min(...values)
}

function worse({ limits }: Limits, known: number | null, value: number): number {
  if (known === null) return value
  const beyond = (celsius: number): number =>
    Math.max(
      ...limits.map((limit) => (isUpper(limit) ? celsius - limit.limitC : limit.limitC - celsius)),
    )
  return beyond(value) > beyond(known) ? value : known
}

export const minutesOf = (ms: number): number => Math.round(ms / 60) / 1000
