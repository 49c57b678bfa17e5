// Which of the known places somebody is at. A place is a fence or a point with a radius; asked for
// fixes of vehicles, of up to some ten thousand places. Refuses to say whether one may be there.
import { type Balls, ballsOf, chordOfM, leavesWithin, type Vector, vectorOf } from './balls.ts'
import { distanceM, isInRing, type Spot } from './earth.ts'
import type { KnownPlace } from './suspicion.ts'

export interface Fences {
  readonly places: readonly KnownPlace[]
  readonly balls: Balls
}

/** A fence that is larger is a region and no yard: who is beside it is not at it. */
const yardM = 5000
/** Beside a fence: the lorry waits in the road before the gate. */
const gateM = 300

const made = new WeakMap<ReadonlyMap<string, KnownPlace>, Fences>()

/** Made once for each map. Places that say neither a point nor a fence are nowhere. */
export function fencesOf(known: ReadonlyMap<string, KnownPlace>): Fences {
  const before = made.get(known)
  if (before) return before
  const rows = [...known.values()].flatMap((place) => {
    const ball = ballOf(place)
    return ball ? [{ place, ball }] : []
  })
  const sorted = nearToNear(rows)
  const leaves = new Float64Array(4 * Math.max(1, sorted.length)).fill(-1)
  for (const [n, { ball }] of sorted.entries()) leaves.set([...ball.at, ball.radius], 4 * n)
  const fences = { places: sorted.map(({ place }) => place), balls: ballsOf(leaves) }
  made.set(known, fences)
  return fences
}

/** Places that somebody may be at: within the fence, beside a yard, or within a point's radius. */
export function placesAt({ places, balls }: Fences, spot: Spot): KnownPlace[] {
  const at = vectorOf(spot)
  const chord = chordOfM(Math.min(spot.radiusM, yardM) + gateM)
  return leavesWithin(balls, { at, chord }).flatMap((n) => {
    const place = places[n]!
    const isYard = balls.nodes[4 * (balls.size + n) + 3]! <= chordOfM(yardM)
    return isYard || !place.ring || isInRing(spot, place.ring) ? [place] : []
  })
}

/** Whether somebody is at the place surely: within its fence, or near its point. */
export function isSurelyIn({ ring, spot: middle }: KnownPlace, spot: Spot): boolean {
  if (ring) return isInRing(spot, ring)
  return middle !== undefined && distanceM(middle, spot) <= middle.radiusM
}

interface Ball {
  at: Vector
  radius: number
}

function ballOf({ ring, spot }: KnownPlace): Ball | undefined {
  if (!ring) return spot && { at: vectorOf(spot), radius: chordOfM(spot.radiusM) }
  const corners = ring.map(([lon, lat]) => vectorOf({ lat, lon }))
  const sum = corners.reduce((a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]], [0, 0, 0])
  const at: Vector = [sum[0] / corners.length, sum[1] / corners.length, sum[2] / corners.length]
  const far = Math.max(...corners.map((c) => Math.hypot(c[0] - at[0], c[1] - at[1], c[2] - at[2])))
  // Edges are straight in degrees (RFC 7946 §3.1.1): of a region they bend beyond its corners.
  return { at, radius: far > chordOfM(yardM) ? 1.3 * far : far }
}

/** Halved by the widest of the three directions, again and again. */
function nearToNear<T extends { ball: Ball }>(rows: readonly T[]): readonly T[] {
  if (rows.length <= 2) return rows
  const spans = [0, 1, 2].map((axis) => {
    const values = rows.map(({ ball }) => ball.at[axis]!)
    return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b))
  })
  const axis = spans.indexOf(Math.max(...spans))
  const sorted = rows.toSorted((a, b) => a.ball.at[axis]! - b.ball.at[axis]!)
  // The left half fills whole trees, as the leaves of a full tree lie.
  let left = 1
  while (2 * left < sorted.length) left *= 2
  return [...nearToNear(sorted.slice(0, left)), ...nearToNear(sorted.slice(left))]
}
