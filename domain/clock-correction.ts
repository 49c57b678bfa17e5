// What a person states of a device's clock: it was so far ahead from then to then. A reading keeps
// the time that its device said; it is judged at the time that follows from here. Pure. Estimates
// nothing: domain/clock.ts does, and moves no reading.

/** `from` inclusive, `to` exclusive, epoch ms by the device's own clock; no `to`: to this day. */
export interface ClockCorrection {
  from: number
  to: number
  /** Positive: the clock was fast. */
  aheadMs: number
}

/** A part of the device's time, moved as one. */
export type ClockPiece = ClockCorrection

/** Epoch ms of a time that the device said. */
export function correctTime(corrections: readonly ClockCorrection[], time: number): number {
  for (const { from, to, aheadMs } of corrections)
    if (time >= from && time < to) return time - aheadMs
  return time
}

/** All of the device's time, ascending. `corrections` do not overlap. */
export function piecesOf(corrections: readonly ClockCorrection[]): ClockPiece[] {
  const pieces: ClockPiece[] = []
  let begin = Number.NEGATIVE_INFINITY
  for (const one of corrections.toSorted((a, b) => a.from - b.from)) {
    if (one.from > begin) pieces.push({ from: begin, to: one.from, aheadMs: 0 })
    pieces.push(one)
    begin = one.to
  }
  if (begin < Infinity) pieces.push({ from: begin, to: Infinity, aheadMs: 0 })
  return pieces
}

/** Event times before it are the same with and without the correction. */
export const changedFrom = ({ from, aheadMs }: ClockCorrection): number =>
  Math.min(from, from - aheadMs)
