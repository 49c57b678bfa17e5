// From readings to pieces of time, each in, out or unknown: where a limit lies, how long a reading
// stands, what a rise is measured from, and when a logger has settled after it was mounted. The
// same steps live and in batch. Sums nothing: that is domain/tally.ts.
import { type Interval, isBeyond, type JudgeOptions, type Point, type Settling } from './breach.ts'
import type { Rule } from './profile/profile.ts'
import type { Piece, State } from './tally.ts'

/** What the next reading's state depends on besides its value. Plain JSON. */
export interface Walk {
  /** State of the newest reading. */
  state: 'in' | 'out'
  /** Of rate rules: what later readings may have risen or fallen from, ascending by time. */
  recent?: [time: number, value: number][]
  /** From when on readings are judged, once the slope has told. */
  settledAt?: number
}

/**
 * A rise is measured from at most so many readings. Of more, the two nearest in time become the
 * earlier's value at the later's time: what is forgotten makes a rise look quicker, never slower.
 */
const recentMax = 256

/** Differences of decimals are not exact in binary: 12.1 - 7.1 is a rise of 5. */
const tiny = 1e-9

/** Before the first reading of a window: the one that stands at its begin, if there is one. */
export function beginWalk(standing: Point | null, options: JudgeOptions): Walk {
  const walk: Walk = { state: 'in' }
  if (!standing) return walk
  walk.state =
    options.rule.kind === 'rate'
      ? rateState(walk, standing, { joined: false, options })
      : stateOf(standing.value, false, options)
  return walk
}

/**
 * The pieces that a reading tells of: the time since the one before it, cut to the window, then its
 * own moment.
 */
export function nextPieces(walk: Walk, step: Step, judging: Judging): Piece[] {
  const before = walk.state
  walk.state = nextState(walk, step, judging)
  return piecesTo(walk, { ...step, before }, judging)
}

/** A reading and the one before it. */
export interface Step {
  last: Point | null
  point: Point
}

export interface Judging {
  options: JudgeOptions
  window: Interval
}

/**
 * The state that a reading begins; `walk.state` is still that of the one before it. Remembers what
 * later ones may have risen from, and when the logger has settled.
 */
export function nextState(
  walk: Walk,
  { last, point }: Step,
  { options, window }: Judging,
): 'in' | 'out' {
  const { gapMs, settling } = options
  if (settling && walk.settledAt === undefined && last) {
    const settledAt = settledBetween(last, point, { settling, gapMs })
    if (settledAt !== undefined) walk.settledAt = settledAt
  }
  const joined = last !== null && point.time <= last.time + gapMs
  if (options.rule.kind === 'rate') return rateState(walk, point, { joined, options })
  // After a hole nothing is carried over: hysteresis needs an unbroken breach. Nor has a reading
  // before the window a say, not even by hysteresis.
  const wasOut = joined && walk.state === 'out' && point.time > window.from
  return stateOf(point.value, wasOut, options)
}

/** The pieces up to a reading whose state is known; `before`: that of the one before it. */
export function piecesTo(
  walk: Walk,
  { last, point, before }: Step & { before: 'in' | 'out' },
  { options, window }: Judging,
): Piece[] {
  const { gapMs, settling } = options
  const judgedFrom = judgedFromOf(settling, walk)
  const pieces = last
    ? piecesBetween({ ...last, state: before }, point.time, { gapMs, window, judgedFrom })
    : []
  if (point.time >= window.from && point.time < window.to && point.time >= judgedFrom)
    pieces.push({ from: point.time, to: point.time, state: walk.state, value: point.value })
  return pieces
}

/**
 * Every piece of the points in a window, in time order. Readings before the one that stands at the
 * begin of the window have no say but for what a rise is measured from: the result does not depend
 * on how far back one reads.
 */
export function* piecesOf(
  points: readonly Point[],
  options: JudgeOptions,
  window: Interval,
): Generator<Piece> {
  const { rule, settling, since = window.from } = options
  const lookBackMs = rule.kind === 'rate' ? (rule.windowMs ?? 0) : 0
  const walk: Walk = { state: 'in' }
  const settledAt = settling && settledIn(points, settling, options.gapMs)
  if (settledAt !== undefined) walk.settledAt = settledAt
  let last: Point | null = null
  const begin = Math.min(window.from, Math.max(since, window.from - lookBackMs))
  for (let index = standingAt(points, begin); index < points.length; index++) {
    const point = points[index]!
    yield* nextPieces(walk, { last, point }, { options, window })
    if (point.time >= window.to) return
    last = point
  }
}

/** Index of the reading that stands at a time; 0 when all are later. */
export function standingAt(points: readonly Point[], time: number): number {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (points[middle]!.time <= time) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/**
 * The state a reading begins, given whether its predecessor was out: a breach ends hysteresisC
 * inside the limit.
 */
export function stateOf(value: number, wasOut: boolean, options: JudgeOptions): 'in' | 'out' {
  const inside = wasOut ? options.hysteresisC : 0
  return isOut(value, inside, options.rule) ? 'out' : 'in'
}

function isOut(value: number, inside: number, { side, limitC, lowerC }: Rule): boolean {
  switch (side) {
    case 'above':
    case 'atOrAbove':
      return isBeyond(side, limitC - inside, value)
    case 'below':
    case 'atOrBelow':
      return isBeyond(side, limitC + inside, value)
    case 'outside':
      return value > limitC - inside || value < lowerC! + inside
    case 'rise':
    case 'fall':
      return false
  }
}

/**
 * Out when the reading lies by the limit or more above (rise) or below (fall) any reading of the
 * last windowMs, that one included which is just so old. Never across a hole.
 */
function rateState(
  walk: Walk,
  { time, value }: Point,
  { joined, options }: { joined: boolean; options: JudgeOptions },
): 'in' | 'out' {
  const { rule, settling, since = Number.NEGATIVE_INFINITY } = options
  walk.recent ??= []
  const { recent } = walk
  if (!joined) recent.length = 0
  if (time < Math.max(since, judgedFromOf(settling, walk))) return 'in'
  const first = time - (rule.windowMs ?? 0)
  let gone = 0
  while (gone < recent.length && recent[gone]![0] < first) gone++
  if (gone > 0) recent.splice(0, gone)
  const up = rule.side === 'rise' ? 1 : -1
  // The first is the lowest of those within reach (of falls the highest), for what was higher and
  // earlier than another was forgotten.
  const base = recent.length > 0 ? recent[0]![1] : undefined
  while (recent.length > 0 && up * recent[recent.length - 1]![1] >= up * value) recent.pop()
  recent.push([time, value])
  if (recent.length > recentMax) joinNearest(recent)
  return base !== undefined && up * (value - base) >= rule.limitC - tiny ? 'out' : 'in'
}

/**
 * The same for a rate rule over columns, from a reading on whose predecessor was in: the first at
 * which something may change that is not just one more inside: out, a hole, the end of the window,
 * or more to be remembered than is. `walk` is then as if each before it had been taken.
 */
export function whileRateIsIn(
  walk: Walk,
  { times, values, index: begin, end }: Columns & { index: number; end: number },
  { options, window }: Judging,
): number {
  const { rule, gapMs } = options
  const up = rule.side === 'rise' ? 1 : -1
  const [limitC, windowMs] = [rule.limitC - tiny, rule.windowMs ?? 0]
  const base = (walk.recent ?? []).slice(0, recentMax)
  // A ring: what is remembered lies from `first` to `last`, by turns at the same places.
  const [ringTimes, ringValues] = [new Float64Array(ringSize), new Float64Array(ringSize)]
  for (const [place, [time, value]] of base.entries()) {
    ringTimes[place] = time
    ringValues[place] = value
  }
  let [first, last] = [0, base.length]
  let index = begin
  for (; index < end; index++) {
    const [time, value] = [times[index]!, values[index]!]
    if (time >= window.to || time > times[index - 1]! + gapMs) break
    let oldest = first
    while (oldest < last && ringTimes[oldest & ringMask]! < time - windowMs) oldest++
    if (oldest < last && up * (value - ringValues[oldest & ringMask]!) >= limitC) break
    let newest = last
    while (newest > oldest && up * ringValues[(newest - 1) & ringMask]! >= up * value) newest--
    if (newest - oldest >= recentMax) break
    ringTimes[newest & ringMask] = time
    ringValues[newest & ringMask] = value
    first = oldest
    last = newest + 1
  }
  walk.recent = []
  for (let place = first; place < last; place++)
    walk.recent.push([ringTimes[place & ringMask]!, ringValues[place & ringMask]!])
  return index
}

/** Ascending by time. */
interface Columns {
  times: Float64Array
  values: Float64Array
}

/** A power of two, more than is remembered. */
const ringSize = 2 * recentMax
const ringMask = ringSize - 1

function joinNearest(recent: [number, number][]): void {
  let at = 1
  for (let index = 2; index < recent.length; index++)
    if (recent[index]![0] - recent[index - 1]![0] < recent[at]![0] - recent[at - 1]![0]) at = index
  recent.splice(at - 1, 2, [recent[at]![0], recent[at - 1]![1]])
}

/** When the two readings tell that the logger has settled, the moment of it. */
function settledBetween(
  last: Point,
  point: Point,
  { settling, gapMs }: { settling: Settling; gapMs: number },
): number | undefined {
  const { from, until, slopeBelowCPerHour } = settling
  if (slopeBelowCPerHour === undefined || point.time >= until) return undefined
  if (last.time < from || point.time > last.time + gapMs) return undefined
  const hours = (point.time - last.time) / 3_600_000
  const slope = Math.abs(point.value - last.value) / hours
  return slope < slopeBelowCPerHour ? point.time : undefined
}

/** The same of all readings at once; undefined while none of them tells. */
function settledIn(
  points: readonly Point[],
  settling: Settling,
  gapMs: number,
): number | undefined {
  for (let index = standingAt(points, settling.from) + 1; index < points.length; index++) {
    const [last, point] = [points[index - 1]!, points[index]!]
    const settledAt = settledBetween(last, point, { settling, gapMs })
    if (settledAt !== undefined) return settledAt
    if (point.time >= settling.until) return undefined
  }
  return undefined
}

/** Time before it is unknown: the logger still showed where it came from. */
function judgedFromOf(settling: Settling | undefined, walk: Walk): number {
  return settling ? (walk.settledAt ?? settling.until) : Number.NEGATIVE_INFINITY
}

/** Standing time, then the hole if there is one; before judgedFrom nothing but hole. */
function piecesBetween(
  last: Point & { state: 'in' | 'out' },
  nextTime: number,
  { gapMs, window, judgedFrom }: { gapMs: number; window: Interval; judgedFrom: number },
): Piece[] {
  const standsTo = Math.min(nextTime, last.time + gapMs)
  const pieces: Piece[] = []
  const cut = (from: number, to: number, state: State): void => {
    const begin = Math.max(from, window.from)
    const end = Math.min(to, window.to)
    if (begin < end) pieces.push({ from: begin, to: end, state, value: last.value })
  }
  if (last.time < judgedFrom) cut(last.time, Math.min(standsTo, judgedFrom), 'hole')
  cut(Math.max(last.time, Math.min(judgedFrom, standsTo)), standsTo, last.state)
  cut(standsTo, nextTime, 'hole')
  return pieces
}
