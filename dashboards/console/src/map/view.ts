// The arithmetic of a map: places on the Mercator square, what is in view, nearer and farther, many
// points as few. Pure: knows no pixel of a screen but those it is told.

/** Longitude and latitude in degrees. */
export interface Spot {
  lon: number
  lat: number
}

/** On the Mercator square, both 0 to 1 from the north-west. */
export interface Point {
  x: number
  y: number
}

/** What is looked at: the centre, and how many pixels the whole world is wide. */
export interface View extends Point {
  worldPx: number
}

export interface Size {
  width: number
  height: number
}

/** Mercator ends before the poles; nothing of ours goes there. */
const latMost = 84

export const worldPxLeast = 200
/** About two metres a pixel: a fence around a yard fills the map. */
export const worldPxMost = 16_000_000

export function project({ lon, lat }: Spot): Point {
  const kept = clamp(lat, -latMost, latMost)
  const phi = (kept * Math.PI) / 180
  const y = 0.5 - Math.log(Math.tan(Math.PI / 4 + phi / 2)) / (2 * Math.PI)
  return { x: wrap(lon / 360 + 0.5), y }
}

export function unproject({ x, y }: Point): Spot {
  const phi = 2 * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - Math.PI / 2
  return { lon: wrap(x) * 360 - 180, lat: (phi * 180) / Math.PI }
}

/** Pixels of the frame; of the copies of the world the one nearest to the centre. */
export function toPixels(point: Point, view: View, { width, height }: Size): Point {
  let dx = point.x - view.x
  if (dx > 0.5) dx -= 1
  if (dx < -0.5) dx += 1
  return {
    x: width / 2 + dx * view.worldPx,
    y: height / 2 + (point.y - view.y) * view.worldPx,
  }
}

export const fromPixels = (pixel: Point, view: View, { width, height }: Size): Point => ({
  x: wrap(view.x + (pixel.x - width / 2) / view.worldPx),
  y: view.y + (pixel.y - height / 2) / view.worldPx,
})

export const panBy = (view: View, dx: number, dy: number): View =>
  kept({ ...view, x: view.x - dx / view.worldPx, y: view.y - dy / view.worldPx })

/** What is below the pixel stays below it. */
export function zoomBy(view: View, factor: number, at: { pixel: Point; size: Size }): View {
  const worldPx = clamp(view.worldPx * factor, worldPxLeast, worldPxMost)
  const { pixel, size } = at
  const dx = pixel.x - size.width / 2
  const dy = pixel.y - size.height / 2
  return kept({
    worldPx,
    x: view.x + dx / view.worldPx - dx / worldPx,
    y: view.y + dy / view.worldPx - dy / worldPx,
  })
}

/**
 * One truck fills no screen: at the nearest some 700 km across, so that coasts and countries tell
 * where it is.
 */
const lanePx = 30_000

/** All points with a margin; the shorter way round the world. Without points the whole world. */
export function fitView(points: readonly Point[], size: Size, nearest = lanePx): View {
  if (points.length === 0)
    return {
      x: 0.5,
      y: 0.42,
      worldPx: Math.max(worldPxLeast, Math.min(size.width, size.height * 1.6)),
    }
  const [west, east] = narrowest(points.map(({ x }) => x))
  const ys = points.map(({ y }) => y)
  const [north, south] = [ys.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.max(a, b))]
  const marginPx = Math.min(80, size.width / 5, size.height / 5)
  const across = (size.width - 2 * marginPx) / Math.max(east - west, 1e-9)
  const down = (size.height - 2 * marginPx) / Math.max(south - north, 1e-9)
  const worldPx = clamp(Math.min(across, down), worldPxLeast, nearest)
  return kept({ x: (west + east) / 2, y: (north + south) / 2, worldPx })
}

export interface Cluster<T> extends Point {
  members: T[]
}

/**
 * Points closer than `apartPx` at this scale as one, at the middle of its members. The same for the
 * same points whatever is panned; O(points).
 */
export function clusterOf<T extends Point>(
  points: readonly T[],
  worldPx: number,
  apartPx: number,
): Cluster<T>[] {
  const cell = apartPx / worldPx
  const cells = new Map<string, Cluster<T>>()
  for (const point of points) {
    const column = Math.floor(point.x / cell)
    const row = Math.floor(point.y / cell)
    const near = nearest(cells, { column, row, point, cell })
    if (near) {
      const count = near.members.push(point)
      near.x += (point.x - near.x) / count
      near.y += (point.y - near.y) / count
    } else cells.set(`${column} ${row}`, { x: point.x, y: point.y, members: [point] })
  }
  return [...cells.values()]
}

/** Scales at which clusters are made: they change by steps, not with every turn of a wheel. */
export const stepOf = (worldPx: number): number => 2 ** (Math.round(Math.log2(worldPx) * 2) / 2)

/** Metres on the ground of a pixel, at a latitude. */
export const metresPerPx = (lat: number, worldPx: number): number =>
  (40_075_017 * Math.cos((lat * Math.PI) / 180)) / worldPx

interface Near<T> {
  column: number
  row: number
  point: T
  cell: number
}

function nearest<T extends Point>(
  cells: ReadonlyMap<string, Cluster<T>>,
  { column, row, point, cell }: Near<T>,
): Cluster<T> | undefined {
  let best: Cluster<T> | undefined
  let least = cell
  for (let c = column - 1; c <= column + 1; c++)
    for (let r = row - 1; r <= row + 1; r++) {
      const other = cells.get(`${c} ${r}`)
      const distance = other ? Math.hypot(other.x - point.x, other.y - point.y) : Infinity
      if (distance < least) {
        best = other
        least = distance
      }
    }
  return best
}

/** The shortest stretch of the circle that holds all: may begin below 0. */
function narrowest(xs: readonly number[]): [from: number, to: number] {
  const sorted = [...xs].sort((a, b) => a - b)
  const last = sorted.at(-1)!
  let [from, to, widest] = [sorted[0]!, last, sorted[0]! + 1 - last]
  for (let i = 1; i < sorted.length; i++) {
    const gap = sorted[i]! - sorted[i - 1]!
    if (gap <= widest) continue
    widest = gap
    from = sorted[i]! - 1
    to = sorted[i - 1]!
  }
  return [from, to]
}

const wrap = (x: number): number => x - Math.floor(x)

/** The centre stays on the square. */
const kept = (view: View): View => ({ ...view, x: wrap(view.x), y: clamp(view.y, 0, 1) })

const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value))
