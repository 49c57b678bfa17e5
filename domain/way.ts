// A way over the earth, of great circles from point to point, and how far from it somebody is.
// Asked for each fix of a vehicle, so it looks first where the last answer was and walks no whole
// way. Refuses to know what the way is for.
import { type Balls, ballsOf, earthM, fromBall, type Vector, vectorOf } from './balls.ts'

/** Lines in one index. A line of one point is that point. */
export interface Way {
  readonly balls: Balls
  /** Of each piece its two ends and the pole of its great circle: nine numbers. */
  readonly pieces: Float64Array
  /** Of each piece the line that it is of. */
  readonly lines: Uint32Array
}

export interface OnWay {
  distanceM: number
  line: number
  /** For the next question, when it is of the same traveller. */
  piece: number
}

/** Points are [lon, lat]; longitudes may step over 180. At least one point in all. */
export function wayOf(lines: readonly (readonly (readonly [number, number])[])[]): Way {
  const count = lines.reduce(
    (sum, { length }) => sum + Math.min(length, Math.max(1, length - 1)),
    0,
  )
  const pieces = new Float64Array(9 * count)
  const owners = new Uint32Array(count)
  const leaves = new Float64Array(4 * count)
  let n = 0
  lines.forEach((points, line) => {
    for (let i = 0; i < points.length && (i === 0 || i < points.length - 1); i++) {
      const [a, b] = [points[i]!, points[i + 1] ?? points[i]!].map(([lon, lat]) =>
        vectorOf({ lat, lon }),
      ) as [Vector, Vector]
      pieces.set([...a, ...b, ...poleOf(a, b)], 9 * n)
      leaves.set(ballOf(a, b), 4 * n)
      owners[n++] = line
    }
  })
  return { balls: ballsOf(leaves), pieces, lines: owners }
}

/** The nearest of the way. `from`: the piece of an earlier answer that may be near. */
export function nearestOn(way: Way, at: { lat: number; lon: number }, from = 0): OnWay {
  const { balls, pieces, lines } = way
  const { size, nodes } = balls
  const v = vectorOf(at)
  let piece = from < lines.length ? from : 0
  let angle = angleTo(pieces, piece, v)
  let chord = chordOf(angle)
  const open = [1]
  for (let n = open.pop(); n !== undefined; n = open.pop()) {
    if (fromBall(nodes, n, v) >= chord) continue
    if (n < size) {
      const [left, right] = [fromBall(nodes, 2 * n, v), fromBall(nodes, 2 * n + 1, v)]
      // The nearer one is looked at first: it rules out most of the other.
      if (left <= right) open.push(2 * n + 1, 2 * n)
      else open.push(2 * n, 2 * n + 1)
      continue
    }
    const other = angleTo(pieces, n - size, v)
    if (other >= angle) continue
    angle = other
    chord = chordOf(angle)
    piece = n - size
  }
  return { distanceM: angle * earthM, line: lines[piece]!, piece }
}

/**
 * Some of the way within so many metres, the piece of an earlier answer or one beside it first;
 * when there is none, the nearest. For who asks only whether it is within.
 */
export function nearOn(
  way: Way,
  at: { lat: number; lon: number },
  { withinM, from }: { withinM: number; from: number },
): OnWay {
  const { pieces, lines } = way
  const v = vectorOf(at)
  for (const piece of [from, from + 1, from - 1]) {
    if (piece < 0 || piece >= lines.length) continue
    const distanceM = angleTo(pieces, piece, v) * earthM
    if (distanceM <= withinM) return { distanceM, line: lines[piece]!, piece }
  }
  return nearestOn(way, at, from)
}

const chordOf = (angle: number): number => 2 * Math.sin(angle / 2)

/** Of the great circle through both; zeros when they are one point. */
function poleOf([ax, ay, az]: Vector, [bx, by, bz]: Vector): Vector {
  const [x, y, z] = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
  const length = Math.hypot(x, y, z)
  return length < pointLike ? [0, 0, 0] : [x / length, y / length, z / length]
}

/** A millimetre: nearer ends have no direction that numbers could hold. */
const pointLike = 1.6e-10

/** Around the middle of an arc its ends are the farthest. */
function ballOf(a: Vector, b: Vector): [number, number, number, number] {
  const [x, y, z] = [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
  const length = Math.hypot(x, y, z) || 1
  const middle = [x / length, y / length, z / length] as const
  const radius = Math.hypot(middle[0] - a[0], middle[1] - a[1], middle[2] - a[2])
  return [...middle, radius + 1e-12]
}

/** From a piece, in radians: across it when the foot is on it, else from the nearer end. */
function angleTo(pieces: Float64Array, piece: number, [x, y, z]: Vector): number {
  const p = 9 * piece
  const [ax, ay, az] = [pieces[p]!, pieces[p + 1]!, pieces[p + 2]!]
  const [bx, by, bz] = [pieces[p + 3]!, pieces[p + 4]!, pieces[p + 5]!]
  const [nx, ny, nz] = [pieces[p + 6]!, pieces[p + 7]!, pieces[p + 8]!]
  // Beyond a: on its left side, seen along the pole; before b: on its right side.
  const pastA = (ny * az - nz * ay) * x + (nz * ax - nx * az) * y + (nx * ay - ny * ax) * z
  const beforeB = (by * nz - bz * ny) * x + (bz * nx - bx * nz) * y + (bx * ny - by * nx) * z
  if (pastA > 0 && beforeB > 0) return Math.asin(Math.min(1, Math.abs(nx * x + ny * y + nz * z)))
  const toA = Math.hypot(x - ax, y - ay, z - az)
  const toB = Math.hypot(x - bx, y - by, z - bz)
  return 2 * Math.asin(Math.min(1, Math.min(toA, toB) / 2))
}
