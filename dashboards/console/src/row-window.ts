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

/** At most one screen of rows and twice the rows around it, whatever `count` is. */
export function rowsInSight({ count, rowPx, scrolledPx, heightPx }: Sight): RowWindow {
  const first = Math.floor(scrolledPx / rowPx)
  const shown = Math.ceil(heightPx / rowPx) + 1
  // In steps, so that the table is not drawn anew for each pixel.
  const step = Math.max(1, Math.floor(rowsAround / 2))
  const from = Math.floor((clamp(first, 0, Math.max(0, count - 1)) - rowsAround) / step) * step
  const to = Math.min(count, Math.max(0, from) + shown + 2 * rowsAround + step)
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
