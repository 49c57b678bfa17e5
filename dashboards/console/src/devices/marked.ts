// A text cut where refusals point into it, so that a page can mark the places. Pure; places that
// overlap count once, the first of them.

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
  for (const { at, length, mark } of known) {
    if (at < done) continue
    if (at > done) pieces.push({ text: text.slice(done, at), mark: null })
    // Where the text ends too early there is nothing to mark but the end itself.
    done = Math.min(text.length, at + Math.max(1, length))
    pieces.push({ text: text.slice(at, done) || '⌫', mark })
  }
  if (done < text.length) pieces.push({ text: text.slice(done), mark: null })
  return pieces
}
