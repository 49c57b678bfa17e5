// A text cut where refusals point into it, so that a page can mark the places. Pure; a place that
// others lie in is marked at its first character, and of equal ones the first counts.

export interface Piece {
  text: string
  /** Index of the refusal; null between them. */
  mark: number | null
}

export interface PlaceIn {
  at: number | null
  length: number
}

export function cutAt(text: string, places: readonly PlaceIn[]): Piece[] {
  const known = places
    .map(({ at, length }, mark) => ({ at: at ?? -1, length, mark }))
    .filter(({ at }) => at >= 0 && at <= text.length)
    .sort((one, other) => one.at - other.at || other.length - one.length)
  const pieces: Piece[] = []
  let done = 0
  for (const [index, { at, length, mark }] of known.entries()) {
    if (at < done) continue
    if (at > done) pieces.push({ text: text.slice(done, at), mark: null })
    const inner = known.slice(index + 1).find((other) => other.at > at)
    const isAround = inner !== undefined && inner.at < at + length
    // Where the text ends too early there is nothing to mark but the end itself.
    done = Math.min(text.length, at + (isAround ? 1 : Math.max(1, length)))
    pieces.push({ text: text.slice(at, done) || '⌫', mark })
  }
  if (done < text.length) pieces.push({ text: text.slice(done), mark: null })
  return pieces
}
