// Silence of a logger: stretches of event time in which it said nothing for longer than its
// product allows. Pure: the moment up to which is looked at is an argument (I4), so the same
// readings, closings and moment give the same silences, in whatever order they came. Judges no
// temperature and no unit: what nobody measured is unknown, and that is said elsewhere.
import type { Interval, Point } from './breach.ts'

export interface SilenceTerms {
  /** Only readings in it count, and time in it; `to` Infinity while it is open. */
  window: Interval
  /** So long a logger may say nothing. */
  allowanceMs: number
  /** So long a reading stands for the time after it: then nothing is known. */
  standsMs: number
}

/** A person said at `at` that a silence needs no more attention. */
export interface Closing {
  at: number
  by: string
  reason: string
}

export interface Silence {
  /** From when on nothing is known. */
  from: number
  /** When it spoke again, left what it watched, or was closed; null while it lasts. */
  to: number | null
  /** The last moment that was known when the allowance was used up. */
  overdueAt: number
  /** What it said last within the window; null when it had said nothing yet. */
  last: Point | null
  /** It had said nothing more at the moment of looking, closed or not. */
  ongoing: boolean
  closing?: Closing
}

/**
 * All silences that had begun by `asOf`, ascending. `points`: ascending by time, unique. Readings
 * with later times, of a clock that runs ahead, count once that time has come: else one of them
 * would hide a day without a word.
 */
export function silencesIn(
  points: readonly Point[],
  terms: SilenceTerms,
  { asOf, closings }: { asOf: number; closings: readonly Closing[] },
): Silence[] {
  const { allowanceMs, standsMs } = terms
  const found: Silence[] = []
  for (const { since, last, until } of pausesOf(points, terms)) {
    const ongoing = until > asOf
    if (Math.min(until, asOf) - since <= allowanceMs) continue
    const from = last ? since + Math.min(standsMs, allowanceMs) : since
    const closing = closings.find(({ at }) => at >= from && at < until)
    const to = closing?.at ?? (ongoing ? null : until)
    const overdueAt = since + allowanceMs
    found.push({ from, to, overdueAt, last, ongoing, ...(closing && { closing }) })
  }
  return found
}

/**
 * The first moment after which a later look would find something else; Infinity when none would.
 */
export function lookAgainAt(points: readonly Point[], terms: SilenceTerms, asOf: number): number {
  for (const { since, until } of pausesOf(points, terms)) {
    if (until <= asOf) continue
    if (asOf - since > terms.allowanceMs) return until - 1
    if (until - since > terms.allowanceMs) return since + terms.allowanceMs
  }
  return Infinity
}

/**
 * Whether a silence is known that had not ended or begun by then, and that no further word at its
 * end can undo: of readings with later times, of a clock that runs ahead or of ours set back.
 */
export function liesAhead(points: readonly Point[], terms: SilenceTerms, asOf: number): boolean {
  for (const { since, until } of pausesOf(points, terms))
    if (until > asOf && until < Infinity && until - since > terms.allowanceMs) return true
  return false
}

/** The time from each word to the next, from the window's begin to its end. */
function* pausesOf(
  points: readonly Point[],
  { window }: SilenceTerms,
): Generator<{ since: number; last: Point | null; until: number }> {
  let since = window.from
  let last: Point | null = null
  for (const point of points) {
    if (point.time < window.from) continue
    if (point.time >= window.to) break
    yield { since, last, until: point.time }
    since = point.time
    last = point
  }
  yield { since, last, until: window.to }
}
