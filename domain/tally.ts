// The running sums of one rule over one window, fed piece by piece in time order: pure arithmetic,
// kept by the detector and made anew by the sweep. Knows no readings and no limits: what is out,
// in or unknown was decided before (domain/pieces.ts).
import type { Breach, Interval, Verdict } from './breach.ts'
import type { Rule } from './profile/profile.ts'

/** in = within the limit, out = beyond it, hole = unknown time between two readings. */
export type State = 'in' | 'out' | 'hole'

/** One stretch of time in one state; of no length for the moment of a reading itself. */
export interface Piece extends Interval {
  state: State
  value: number
}

/** Running sums of one rule over one window. Plain JSON, so that a detector can keep it. */
export interface Tally {
  /** First and last moment known to be out; null before the first. */
  from: number | null
  to: number | null
  extent: Interval | null
  outMs: number
  holeMs: number
  /**
   * Holes since the last known-out moment that count only when another follows (cumulative rules).
   */
  pendingMs: number
  /** Uninterrupted known-out time: now, and the longest. */
  outRunMs: number
  outRunMaxMs: number
  /** Uninterrupted time not known to be in: now, and the longest. */
  stretchMs: number
  stretchMaxMs: number
  peakC: number | null
  last: State | null
  /** Of cumulative rules with a rolling window only. */
  rolling: Rolling | null
}

/** What a rolling window holds now, and the most that any held so far. */
export interface Rolling {
  spans: Span[]
  /** Uninterrupted time known to be in: when it fills the window, the breach is over. */
  inRunMs: number
  /** The most known-out time that any window held, and with the unknown time in it. */
  outMs: number
  possibleMs: number
  /** possibleMs, should another out moment follow. */
  pendingMs: number
}

/** Out and unknown time, ms, between two moments. Time known to be in makes up the rest. */
type Span = [from: number, to: number, outMs: number, holeMs: number]

/**
 * A window remembers at most so many spans. Of more, the two nearest become one: when the window
 * later cuts it, the time in it lies in the part that is worst for `possible` and best for `out`,
 * so that what is forgotten makes a verdict indeterminate and never better (I6).
 */
const spansMax = 256

const dayMs = 86_400_000

export const newTally = (): Tally => ({
  from: null,
  to: null,
  extent: null,
  outMs: 0,
  holeMs: 0,
  pendingMs: 0,
  outRunMs: 0,
  outRunMaxMs: 0,
  stretchMs: 0,
  stretchMaxMs: 0,
  peakC: null,
  last: null,
  rolling: null,
})

const none: readonly Breach[] = []

/**
 * Inside, and more time inside changes nothing: there is nothing to remember, or nothing that time
 * inside could end. Nearly every piece of a cold chain comes upon such a tally.
 */
export const isIdle = (tally: Tally, rule: Rule): boolean =>
  tally.last === 'in' &&
  (tally.from === null ||
    (rule.kind === 'cumulative' && rule.windowMs === undefined && rule.per === undefined))

/** Adds the next piece in time. Returns the breaches that this piece ended. */
export function addPiece(tally: Tally, piece: Piece, rule: Rule): readonly Breach[] {
  if (piece.state === 'in' && isIdle(tally, rule)) return none
  if (rule.per === 'day') return addByDay(tally, piece, rule)
  const ended = addWhole(tally, piece, rule)
  return ended ? [ended] : none
}

/** Each calendar day (UTC) has an allowance and a breach of its own: pieces are cut at midnight. */
function addByDay(tally: Tally, piece: Piece, rule: Rule): Breach[] {
  const ended: Breach[] = []
  let { from } = piece
  do {
    const midnight = (dayOf(from) + 1) * dayMs
    if (tally.extent && dayOf(tally.extent.from) !== dayOf(from)) {
      const breach = breachOf(tally, rule, false)
      if (breach) ended.push(breach)
      Object.assign(tally, newTally())
    }
    const to = Math.min(piece.to, midnight)
    addWhole(tally, { ...piece, from, to }, rule)
    // Whole days in a hole begin no breach: on to the last.
    from = piece.state === 'hole' ? Math.max(to, dayOf(piece.to) * dayMs) : to
  } while (from < piece.to)
  return ended
}

const dayOf = (time: number): number => Math.floor(time / dayMs)

function addWhole(tally: Tally, piece: Piece, rule: Rule): Breach | undefined {
  const ms = piece.to - piece.from
  let ended: Breach | undefined
  if (piece.state === 'in') {
    if (isOver(tally, ms, rule)) {
      ended = breachOf(tally, rule, false)
      Object.assign(tally, newTally())
    }
    tally.outRunMs = 0
    tally.stretchMs = 0
  } else {
    tally.stretchMs += ms
    tally.stretchMaxMs = Math.max(tally.stretchMaxMs, tally.stretchMs)
    if (piece.state === 'hole') addHole(tally, piece, rule)
    else addOut(tally, piece, rule)
  }
  tally.last = piece.state
  return ended
}

/** Whether time known to be in ends what was going on. */
function isOver(tally: Tally, ms: number, rule: Rule): boolean {
  if (tally.from === null || rule.kind !== 'cumulative') return true
  if (rule.windowMs === undefined || !tally.rolling) return false
  tally.rolling.inRunMs += ms
  return tally.rolling.inRunMs >= rule.windowMs
}

function addHole(tally: Tally, piece: Piece, rule: Rule): void {
  const ms = piece.to - piece.from
  tally.outRunMs = 0
  const adjacent = tally.from === null || tally.last !== 'in'
  if (adjacent) {
    tally.holeMs += ms
    tally.extent = { from: tally.extent?.from ?? piece.from, to: piece.to }
  } else tally.pendingMs += ms
  if (!isRolling(rule)) return
  const rolling = roll(tally, piece, rule.windowMs)
  const { possibleMs } = heldAt(rolling, piece.to, rule.windowMs)
  if (adjacent) rolling.possibleMs = Math.max(rolling.possibleMs, possibleMs)
  else rolling.pendingMs = Math.max(rolling.pendingMs, possibleMs)
}

function addOut(tally: Tally, piece: Piece, rule: Rule): void {
  const ms = piece.to - piece.from
  tally.from ??= piece.from
  tally.to = piece.to
  // A reading that nothing has followed yet lasts its moment, so that the extent holds it.
  const end = ms === 0 ? piece.to + 1 : piece.to
  tally.extent = { from: tally.extent?.from ?? piece.from, to: end }
  tally.outMs += ms
  tally.outRunMs += ms
  tally.outRunMaxMs = Math.max(tally.outRunMaxMs, tally.outRunMs)
  tally.peakC = tally.peakC === null ? piece.value : worse(rule, tally.peakC, piece.value)
  countPending(tally)
  if (!isRolling(rule)) return
  // Within a piece the window only fills, so that it holds the most at the end of it.
  const rolling = roll(tally, piece, rule.windowMs)
  const held = heldAt(rolling, piece.to, rule.windowMs)
  rolling.outMs = Math.max(rolling.outMs, held.outMs)
  rolling.possibleMs = Math.max(rolling.possibleMs, held.possibleMs)
}

/** Unknown time that stood aside counts: what is around it is part of one breach. */
export function countPending(tally: Tally): void {
  tally.holeMs += tally.pendingMs
  tally.pendingMs = 0
  const { rolling } = tally
  if (!rolling) return
  rolling.possibleMs = Math.max(rolling.possibleMs, rolling.pendingMs)
  rolling.pendingMs = 0
}

const isRolling = (rule: Rule): rule is Rule & { windowMs: number } =>
  rule.kind === 'cumulative' && rule.windowMs !== undefined

function roll(tally: Tally, piece: Piece, windowMs: number): Rolling {
  tally.rolling ??= { spans: [], inRunMs: 0, outMs: 0, possibleMs: 0, pendingMs: 0 }
  const { rolling } = tally
  rolling.inRunMs = 0
  const ms = piece.to - piece.from
  const { spans } = rolling
  while (spans.length > 0 && spans[0]![1] <= piece.to - windowMs) spans.shift()
  if (ms === 0) return rolling
  const last = spans.at(-1)
  const sort = piece.state === 'out' ? 2 : 3
  if (last && last[1] === piece.from && last[sort] === last[1] - last[0]) {
    last[1] = piece.to
    last[sort] += ms
  } else spans.push([piece.from, piece.to, sort === 2 ? ms : 0, sort === 3 ? ms : 0])
  if (spans.length > spansMax) joinNearest(spans)
  return rolling
}

function joinNearest(spans: Span[]): void {
  let at = 1
  for (let index = 2; index < spans.length; index++)
    if (spans[index]![0] - spans[index - 1]![1] < spans[at]![0] - spans[at - 1]![1]) at = index
  const [from, , outMs, holeMs] = spans[at - 1]!
  const [, to, nextOutMs, nextHoleMs] = spans[at]!
  spans.splice(at - 1, 2, [from, to, outMs + nextOutMs, holeMs + nextHoleMs])
}

/** What the window that ends at a time holds. */
function heldAt(
  { spans }: Rolling,
  end: number,
  windowMs: number,
): { outMs: number; possibleMs: number } {
  const begin = end - windowMs
  const held = { outMs: 0, possibleMs: 0 }
  for (const [from, to, outMs, holeMs] of spans) {
    const cutMs = Math.max(0, begin - from)
    held.outMs += Math.max(0, outMs - cutMs)
    held.possibleMs += Math.min(to - from - cutMs, outMs + holeMs)
  }
  return held
}

/** The value further beyond: of both sides the one that is further beyond its own limit. */
function worse({ side, limitC, lowerC }: Rule, a: number, b: number): number {
  if (side === 'above' || side === 'atOrAbove' || side === 'rise') return Math.max(a, b)
  if (side !== 'outside') return Math.min(a, b)
  const beyond = (value: number): number => Math.max(value - limitC, lowerC! - value)
  return beyond(b) > beyond(a) ? b : a
}

/** The breach of a tally that has one. `open`: the newest reading is out and more may follow. */
export function breachOf(tally: Tally, rule: Rule, open: boolean): Breach | undefined {
  if (tally.from === null || tally.to === null || tally.extent === null || tally.peakC === null)
    return undefined
  return {
    from: tally.from,
    to: open ? null : tally.to,
    extent: tally.extent,
    outMs: tally.outMs,
    holeMs: tally.holeMs,
    peakC: tally.peakC,
    verdict: verdictOf(tally, rule),
  }
}

/**
 * out: known time alone uses up the allowance. indeterminate: it would if the unknown time were out
 * too (I6). An allowance is used up when it is reached: 30 minutes of 30 are out.
 */
export function verdictOf(tally: Tally, rule: Rule): Verdict {
  const { allowanceMs } = rule
  switch (rule.kind) {
    case 'instant':
    case 'rate':
      if (tally.from !== null) return 'out'
      return tally.holeMs + tally.pendingMs > 0 ? 'indeterminate' : 'in'
    case 'single':
      if (tally.outRunMaxMs >= allowanceMs) return 'out'
      return tally.stretchMaxMs >= allowanceMs ? 'indeterminate' : 'in'
    case 'cumulative': {
      const { outMs, holeMs, rolling } = tally
      const possibleMs = isRolling(rule) ? (rolling?.possibleMs ?? 0) : outMs + holeMs
      if ((isRolling(rule) ? (rolling?.outMs ?? 0) : outMs) >= allowanceMs) return 'out'
      return possibleMs >= allowanceMs ? 'indeterminate' : 'in'
    }
  }
}
