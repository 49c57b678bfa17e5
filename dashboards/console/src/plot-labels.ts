// Where the label of a limit stands: beside its line where no curve and no other label is, as near
// to the right end as can be. Pure: knows pixels, draws nothing.

/** In pixels; y grows downwards. */
export interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

/** What the label of one line has to do with. */
export interface Room {
  /** The plot, in which the label stays. */
  plot: Box
  /** Of the line. */
  y: number
  label: { width: number; height: number }
  /** Which side of the line comes first: a lower limit has its label below. */
  first: 'above' | 'below'
  /** Stretches of the curve and labels that stand already. */
  taken: readonly Box[]
}

const gap = 3
const steps = 6

/** Where nothing is in the way; without such a place the right end. */
export function placeOf({ plot, y, label, first, taken }: Room): Box {
  const above = { top: y - gap - label.height, bottom: y - gap }
  const below = { top: y + gap, bottom: y + gap + label.height }
  const sides = first === 'above' ? [above, below] : [below, above]
  const reach = Math.max(0, plot.right - plot.left - label.width - 2 * gap)
  const boxes = Array.from({ length: steps + 1 }, (_, step) => {
    const right = plot.right - gap - (reach * step) / steps
    return sides.map((side) => ({ ...side, left: right - label.width, right }))
  }).flat()
  const inside = boxes.filter(({ top, bottom }) => top >= plot.top && bottom <= plot.bottom)
  const free = inside.find((box) => !taken.some((other) => meets(box, other)))
  return free ?? inside[0] ?? boxes[0]!
}

export const meets = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
