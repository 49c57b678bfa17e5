// Breaches and excursions over sorted readings: pure functions of readings, rule and window. No
// clock: time after the newest reading is not judged, because nothing is known of it yet.
//
// Standing rule: a reading stands for the time until the next one, at most gapMs; beyond that the
// time is unknown (a hole). The newest reading stands for no time: its successor will say how long.
//
// There is one arithmetic: readings become pieces of time (domain/pieces.ts), pieces are fed to a
// tally (domain/tally.ts). The live path feeds what is new, the batch path here all; so both agree
// bit for bit (I3).
import { piecesOf, standingAt } from './pieces.ts'
import type { Rule, Side } from './profile/profile.ts'
import {
  addPiece,
  breachOf,
  countPending,
  newTally,
  type Piece,
  type Tally,
  verdictOf,
} from './tally.ts'

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
  /** With its limits as they are judged: moved inwards by the guard band. */
  rule: Rule
  gapMs: number
  hysteresisC: number
  /** Begin of the watch: no rise is measured from what was read before. Not given: the window's. */
  since?: number
  settling?: Settling
}

/**
 * A logger shows for a while where it came from: until then time is unknown. With a slope until the
 * first reading, at most gapMs after the one before it, that changed by less than so many °C an
 * hour, and no longer than `until`; without until just then.
 */
export interface Settling {
  from: number
  until: number
  slopeBelowCPerHour?: number
}

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
    breaches.push(...addPiece(tally, piece, rule))
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
  countPending(tally)
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
