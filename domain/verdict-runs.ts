// How long a unit was beyond a limit: in all, and at the longest without a break, certainly and
// perhaps. Time that nobody knows may have been beyond it; so may time in hours whose readings are
// gone, as far as their rows allow it. Recommends nothing: domain/verdict.ts does.
import { type Interval, isBeyond, type Verdict } from './breach.ts'
import type { Limit } from './exposure.ts'
import { extremesOfRow, isSpellBeyond, isUpper, knownMsOfPast, msBeyondOfPast } from './passport.ts'
import { isPast, type PastHour, type Stretch } from './spells.ts'
import type { Condition } from './verdict.ts'

/** What is known of a unit in a window: stretches ascending, unknown time between them. */
export interface Evidence {
  window: Interval
  stretches: readonly Stretch[]
  knownMs: number
  /** Of each logger: until when it was relied on, and when its calibration was due, if told. */
  calibrations: readonly { device: string; dueAt: number | null; usedTo: number }[]
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

export function runOf(evidence: Evidence, condition: Condition): LimitRun {
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
  const { kind, allowanceMs } = condition
  const [least, most] =
    kind === 'single' ? [longestMs, longestPerhapsMs] : [outMs, outMs + unknownMs]
  const verdict: Verdict =
    kind === 'instant'
      ? touched
        ? 'out'
        : unknownMs >= 1000
          ? 'indeterminate'
          : 'in'
      : least >= allowanceMs
        ? 'out'
        : most >= allowanceMs
          ? 'indeterminate'
          : 'in'
  return { verdict, outMs, longestMs, unknownMs, worstC }
}

/** The whole window, in order of time. */
export function* piecesOf({ window, stretches }: Evidence, of: Limits): Generator<Piece> {
  let at = window.from
  for (const stretch of stretches) {
    if (stretch.from > at) yield { ms: stretch.from - at, state: 'perhaps', valueC: null }
    at = stretch.to
    if (isPast(stretch)) yield* piecesOfPast(stretch, of)
    else {
      const limit = of.limits.find((each) => isSpellBeyond(stretch, each))
      const valueC = limit ? (isUpper(limit) ? stretch.warmC : stretch.coldC) : stretch.warmC
      yield { ms: stretch.to - stretch.from, state: limit ? 'out' : 'in', valueC }
    }
  }
  if (window.to > at) yield { ms: window.to - at, state: 'perhaps', valueC: null }
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
