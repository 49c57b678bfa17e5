// Which rows of a long table are drawn: those in sight and some around them. Pure.

export interface RowWindow {
  /** First row that is drawn, and the one after the last. */
  from: number
  to: number
  /** Pixels of the rows above and below that are not. */
  above: number
  below: number
}

export interface Sight {
  count: number
  rowPx: number
  /** How far the rows are scrolled past the upper edge of what is in sight. */
  scrolledPx: number
  heightPx: number
}

/** Rows drawn beyond what is in sight, at both ends: a wheel's turn is no blank. */
export const rowsAround = 8

/**
 * They come and go so many at a time: a table that changes is laid out and painted anew, which
 * takes as long as twenty of its rows.
 */
const rowsTogether = 20

/** One screen of rows, those around it and those that come together, whatever `count` is. */
export function rowsInSight({ count, rowPx, scrolledPx, heightPx }: Sight): RowWindow {
  const first = Math.floor(scrolledPx / rowPx)
  const shown = Math.ceil(heightPx / rowPx) + 1
  const highest = clamp(first, 0, Math.max(0, count - 1)) - rowsAround
  // Above the first row there are none: they are not made up for below.
  const from = Math.floor(highest / rowsTogether) * rowsTogether
  const to = Math.min(count, from + rowsTogether + shown + 2 * rowsAround)
  const start = Math.min(Math.max(0, from), to)
  return { from: start, to, above: start * rowPx, below: (count - to) * rowPx }
}

/** The scroll position that brings a row into sight, or null when it is in sight already. */
export function scrollTo(row: number, { rowPx, scrolledPx, heightPx }: Sight): number | null {
  const top = row * rowPx
  if (top < scrolledPx) return top
  if (top + rowPx > scrolledPx + heightPx) return top + rowPx - heightPx
  return null
}

const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value))
