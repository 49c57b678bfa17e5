// Breaches and excursions over sorted readings: pure functions of readings, rule and window. No
// clock: time after the newest reading is not judged, because nothing is known of it yet.
//
// Standing rule: a reading stands for the time until the next one, at most gapMs; beyond that the
// time is unknown (a hole). The newest reading stands for no time: its successor will say how long.
//
// There is one arithmetic, a tally fed piece by piece. The live path keeps a tally and feeds it
// what is new, the batch path feeds all; so both agree bit for bit (I3).
import type { Rule, Side } from './profile.ts'

export type Verdict = 'in' | 'out' | 'indeterminate'

/** from inclusive, to exclusive, epoch ms; to = Infinity while open. */
export interface Interval {
  from: number
  to: number
}

export interface Point {
  time: number
  value: number
}

export interface JudgeOptions {
  rule: Rule
  gapMs: number
  hysteresisC: number
}

/** in = within the limit, out = beyond it, hole = unknown time between two readings. */
export type State = 'in' | 'out' | 'hole'

/** Time beyond a limit, judged by a rule. A breach that used up its allowance is an excursion. */
export interface Breach {
  /** First moment known to be beyond the limit. */
  from: number
  /**
   * End of the last moment known to be beyond it; null while the newest reading is beyond and the
   * window is open.
   */
  to: number | null
  /** With the holes right before and after: no moment outside these can belong to the breach. */
  extent: Interval
  /** Known time beyond the limit, ms. */
  outMs: number
  /** Unknown time within the extent, ms. */
  holeMs: number
  peakC: number
  verdict: Verdict
}

/** A part of a breach: what one unit had of it. */
export type Overlap = Omit<Breach, 'extent'>

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
}

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
})

/**
 * True when the value is beyond the limit. WHO PQS E006: "at or above" limits are inclusive (30.0
 * trips 30.0).
 */
export function isBeyond(side: Side, limitC: number, value: number): boolean {
  switch (side) {
    case 'above':
      return value > limitC
    case 'atOrAbove':
      return value >= limitC
    case 'below':
      return value < limitC
    case 'atOrBelow':
      return value <= limitC
  }
}

const isUpper = (side: Side): boolean => side === 'above' || side === 'atOrAbove'

/**
 * The state a reading begins, given whether its predecessor was out: a breach ends hysteresisC
 * inside the limit.
 */
export function stateOf(value: number, wasOut: boolean, options: JudgeOptions): 'in' | 'out' {
  const { side, limitC } = options.rule
  const inside = wasOut ? options.hysteresisC : 0
  const limit = isUpper(side) ? limitC - inside : limitC + inside
  return isBeyond(side, limit, value) ? 'out' : 'in'
}

/** One stretch of time in one state; of no length for the moment of a reading itself. */
export interface Piece extends Interval {
  state: State
  value: number
}

/** Adds the next piece in time. Returns the breach that this piece ended, if it did. */
export function addPiece(tally: Tally, piece: Piece, rule: Rule): Breach | undefined {
  // Inside and inside before, with nothing to remember: the most common piece by far changes
  // nothing.
  if (piece.state === 'in' && tally.last === 'in' && tally.from === null) return undefined
  const ms = piece.to - piece.from
  let ended: Breach | undefined
  if (piece.state === 'in') {
    if (rule.kind !== 'cumulative') {
      if (tally.from !== null) ended = breachOf(tally, rule, false)
      Object.assign(tally, newTally())
    } else if (tally.from === null) Object.assign(tally, newTally())
    tally.outRunMs = 0
    tally.stretchMs = 0
  } else {
    tally.stretchMs += ms
    tally.stretchMaxMs = Math.max(tally.stretchMaxMs, tally.stretchMs)
    if (piece.state === 'hole') addHole(tally, piece, ms)
    else addOut(tally, piece, { ms, side: rule.side })
  }
  tally.last = piece.state
  return ended
}

function addHole(tally: Tally, piece: Piece, ms: number): void {
  tally.outRunMs = 0
  const adjacent = tally.from === null || tally.last !== 'in'
  if (adjacent) {
    tally.holeMs += ms
    tally.extent = { from: tally.extent?.from ?? piece.from, to: piece.to }
  } else tally.pendingMs += ms
}

function addOut(tally: Tally, piece: Piece, { ms, side }: { ms: number; side: Side }): void {
  tally.from ??= piece.from
  tally.to = piece.to
  // A reading that nothing has followed yet lasts its moment, so that the extent holds it.
  const end = ms === 0 ? piece.to + 1 : piece.to
  tally.extent = { from: tally.extent?.from ?? piece.from, to: end }
  tally.outMs += ms
  tally.holeMs += tally.pendingMs
  tally.pendingMs = 0
  tally.outRunMs += ms
  tally.outRunMaxMs = Math.max(tally.outRunMaxMs, tally.outRunMs)
  const worst = isUpper(side) ? Math.max : Math.min
  tally.peakC = tally.peakC === null ? piece.value : worst(tally.peakC, piece.value)
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
  switch (rule.kind) {
    case 'instant':
      return tally.from !== null
        ? 'out'
        : tally.holeMs + tally.pendingMs > 0
          ? 'indeterminate'
          : 'in'
    case 'single':
      if (tally.outRunMaxMs >= rule.allowanceMs) return 'out'
      return tally.stretchMaxMs >= rule.allowanceMs ? 'indeterminate' : 'in'
    case 'cumulative':
      if (tally.outMs >= rule.allowanceMs) return 'out'
      return tally.outMs + tally.holeMs >= rule.allowanceMs ? 'indeterminate' : 'in'
  }
}

/**
 * The pieces between two neighbouring readings, cut to a window: standing time, then the hole if
 * there is one.
 */
export function piecesBetween(
  last: Point & { state: 'in' | 'out' },
  nextTime: number,
  { gapMs, window }: { gapMs: number; window: Interval },
): Piece[] {
  const standsTo = Math.min(nextTime, last.time + gapMs)
  const pieces: Piece[] = []
  const cut = (from: number, to: number, state: State): void => {
    const piece = {
      from: Math.max(from, window.from),
      to: Math.min(to, window.to),
      state,
      value: last.value,
    }
    if (piece.from < piece.to) pieces.push(piece)
  }
  cut(last.time, standsTo, last.state)
  cut(standsTo, nextTime, 'hole')
  return pieces
}

/**
 * Every piece of the points in a window, in time order: the moment of each reading, then its time.
 * Readings before the one that stands at the begin of the window have no say, not even by
 * hysteresis: the result does not depend on how far back one reads.
 */
export function* piecesOf(
  points: readonly Point[],
  options: JudgeOptions,
  window: Interval,
): Generator<Piece> {
  let last: (Point & { state: 'in' | 'out' }) | undefined
  for (let index = standingAt(points, window.from); index < points.length; index++) {
    const point = points[index]!
    let wasOut = last?.state === 'out'
    if (last) {
      yield* piecesBetween(last, point.time, { gapMs: options.gapMs, window })
      // After a hole nothing is carried over: hysteresis needs an unbroken breach.
      if (point.time > last.time + options.gapMs) wasOut = false
    }
    if (point.time >= window.to) return
    const state = stateOf(point.value, wasOut, options)
    if (point.time >= window.from)
      yield { from: point.time, to: point.time, state, value: point.value }
    last = { ...point, state }
  }
}

/**
 * All breaches of a rule in a window, ascending, with any verdict. `points`: ascending by time,
 * unique; they may begin before the window, since a reading stands into it.
 */
export function breachesOf(
  points: readonly Point[],
  options: JudgeOptions,
  window: Interval,
): Breach[] {
  const { rule } = options
  const tally = newTally()
  const breaches: Breach[] = []
  for (const piece of piecesOf(points, options, window)) {
    const ended = addPiece(tally, piece, rule)
    if (ended) breaches.push(ended)
  }
  const open = tally.last === 'out' && window.to === Infinity
  const current = breachOf(tally, rule, open)
  if (current) breaches.push(current)
  return breaches
}

/**
 * What somebody present during `presence` (ascending, disjoint) had of a breach; undefined when
 * nothing. The verdict judges this overlap alone by the rule.
 */
export function overlapOf(
  points: readonly Point[],
  options: JudgeOptions,
  { breach, presence }: { breach: Breach; presence: readonly Interval[] },
): Overlap | undefined {
  const tally = newTally()
  const end = breach.to ?? Infinity
  const last = lastMoment(breach)
  const during = presence.filter(({ from, to }) => from < last.breach && to > breach.from)
  const first = during[0]
  const final = during.at(-1)
  if (!first || !final) return undefined
  for (const { from, to } of during) {
    // Absence interrupts: what was before and after it does not add up for an uninterrupted rule.
    tally.outRunMs = 0
    tally.stretchMs = 0
    const extent = {
      from: breach.extent.from,
      to: Math.min(to, last.extent),
    }
    for (const piece of piecesOf(points, options, extent)) {
      const begin = Math.max(piece.from, from)
      if (begin < piece.to || (begin === piece.to && piece.from === piece.to))
        addOverlap(tally, { ...piece, from: begin }, options.rule)
    }
  }
  tally.holeMs += tally.pendingMs
  const begin = Math.max(first.from, breach.from)
  return {
    from: begin,
    to: final.to >= end ? breach.to : final.to,
    outMs: tally.outMs,
    holeMs: tally.holeMs,
    // In for a hole only, or since after the newest reading: the last thing known is what it came
    // into.
    peakC: tally.peakC ?? points[standingAt(points, begin)]!.value,
    verdict: verdictOf(tally, options.rule),
  }
}

/**
 * Until when a breach and its holes can touch anybody. Of a breach that a single reading tells, the
 * last before the logger left, the moment itself is known: it must not vanish for having no length.
 */
export function lastMoment({ from, to, extent }: Breach): { breach: number; extent: number } {
  if (to === null) return { breach: Infinity, extent: Infinity }
  return { breach: Math.max(to, from + 1), extent: extent.to }
}

/** Like addPiece, but `in` time only interrupts: the overlap stays one. */
function addOverlap(tally: Tally, piece: Piece, rule: Rule): void {
  if (piece.state !== 'in') addPiece(tally, piece, rule)
  else {
    tally.outRunMs = 0
    tally.stretchMs = 0
    tally.last = 'in'
  }
}

/** Index of the reading that stands at a time; 0 when all are later. */
function standingAt(points: readonly Point[], time: number): number {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (points[middle]!.time <= time) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}
