// Names on a map: each beside its point, on the side where there is room, or upon it when it is the
// middle of an area; the first ones first; one for which there is none is left out. Pure: texts
// come with their widths.
import type { Point, Size } from './view.ts'

export interface Named extends Point {
  text: string
  /** Pixels, as it will be drawn. */
  width: number
  /** Of an area, whose middle the point is. */
  area?: boolean
}

export interface Label extends Point {
  text: string
  area: boolean
}

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** From the middle of a mark to its name, pixels of an em of 12. */
const gapEm = 1.25
const lineEm = 1.3

/**
 * Where the left end of each name's middle line goes, in pixels of the frame. `marks`: middles of
 * what may not be written over, within `clearPx`. O(names x placed).
 */
export function placeLabels(
  names: readonly Named[],
  {
    marks,
    size,
    emPx,
    clearPx,
  }: { marks: readonly Point[]; size: Size; emPx: number; clearPx: number },
): Label[] {
  const taken: Box[] = marks.map(({ x, y }) => boxAt(x - clearPx, y, 2 * clearPx, 2 * clearPx))
  const labels: Label[] = []
  const written = new Set<string>()
  for (const { x, y, text, width, area = false } of names) {
    // One place, told as a mark and as a fence.
    if (written.has(text) || y < emPx || y > size.height - emPx) continue
    const gap = gapEm * emPx
    for (const left of area ? [x - width / 2] : [x + gap, x - gap - width]) {
      const box = boxAt(left, y, width, lineEm * emPx)
      const outside = box.left < 2 || box.right > size.width - 2
      if (outside || taken.some((other) => meets(other, box))) continue
      taken.push(box)
      labels.push({ text, x: left, y, area })
      written.add(text)
      break
    }
  }
  return labels
}

const boxAt = (left: number, middle: number, width: number, height: number): Box => ({
  left,
  right: left + width,
  top: middle - height / 2,
  bottom: middle + height / 2,
})

const meets = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
