// The most time beyond a limit that any window held, or any day: for allowances that begin anew.
// Certainly, and with time that nobody knows. Sums nothing else.

import type { Piece } from './runs.ts'
import type { Condition } from './verdict.ts'

export interface Held {
  outMs: number
  /** With what is perhaps beyond it besides. */
  possibleMs: number
}

const dayMs = 86_400_000

/** `begin`: when the first piece begins, epoch ms. */
export function mostHeld(
  pieces: Iterable<Piece>,
  begin: number,
  { windowMs, per }: Pick<Condition, 'windowMs' | 'per'>,
): Held {
  return per === 'day' ? mostOnADay(pieces, begin) : mostInWindow(pieces, begin, windowMs!)
}

interface Span {
  from: number
  to: number
  out: boolean
}

/** Time that was not known to be within the limit, ascending. */
function* spansOf(pieces: Iterable<Piece>, begin: number): Generator<Span> {
  let from = begin
  for (const { ms, state } of pieces) {
    if (state !== 'in' && ms > 0) yield { from, to: from + ms, out: state !== 'perhaps' }
    from += ms
  }
}

/** Within a span a window only fills, so that it holds the most at the end of one. */
function mostInWindow(pieces: Iterable<Piece>, begin: number, windowMs: number): Held {
  const most = { outMs: 0, possibleMs: 0 }
  const held: Span[] = []
  let [first, outMs, possibleMs] = [0, 0, 0]
  for (const span of spansOf(pieces, begin)) {
    held.push(span)
    possibleMs += span.to - span.from
    if (span.out) outMs += span.to - span.from
    for (const from = span.to - windowMs; held[first]!.from < from; ) {
      const oldest = held[first]!
      const goneMs = Math.min(oldest.to, from) - oldest.from
      possibleMs -= goneMs
      if (oldest.out) outMs -= goneMs
      if (oldest.to > from) oldest.from = from
      else first++
    }
    most.outMs = Math.max(most.outMs, outMs)
    most.possibleMs = Math.max(most.possibleMs, possibleMs)
  }
  return most
}

function mostOnADay(pieces: Iterable<Piece>, begin: number): Held {
  const most = { outMs: 0, possibleMs: 0 }
  let day = Number.NaN
  let [outMs, possibleMs] = [0, 0]
  for (const span of spansOf(pieces, begin))
    for (let from = span.from; from < span.to; ) {
      const own = Math.floor(from / dayMs)
      if (own !== day) [day, outMs, possibleMs] = [own, 0, 0]
      const to = Math.min(span.to, (own + 1) * dayMs)
      possibleMs += to - from
      if (span.out) outMs += to - from
      most.outMs = Math.max(most.outMs, outMs)
      most.possibleMs = Math.max(most.possibleMs, possibleMs)
      from = to
    }
  return most
}
