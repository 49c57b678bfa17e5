// Many things on the earth, each within a ball of space, in a tree: what is near a point is found
// without looking at all of them. Space instead of longitudes, so that 180 and the poles are places
// like any other. Refuses to know what the things are.

/** A point on the unit sphere. */
export type Vector = readonly [number, number, number]

/**
 * A full binary tree in an array: of node n the children are 2n and 2n + 1, node 1 is the root,
 * leaf k is node `size` + k. Of each node x, y, z and radius in earth radii; below 0: empty.
 */
export interface Balls {
  readonly size: number
  readonly nodes: Float64Array
}

export const earthM = 6_371_008.8
const rad = Math.PI / 180

export function vectorOf({ lat, lon }: { lat: number; lon: number }): Vector {
  const flat = Math.cos(lat * rad)
  return [flat * Math.cos(lon * rad), flat * Math.sin(lon * rad), Math.sin(lat * rad)]
}

/** Through the earth, in earth radii. */
export const chordOfM = (m: number): number => 2 * Math.sin(Math.min(Math.PI, m / earthM) / 2)

/** `leaves`: x, y, z, radius of each. Neighbours in the list should be neighbours on the earth. */
export function ballsOf(leaves: Float64Array): Balls {
  const count = leaves.length / 4
  let size = 1
  while (size < count) size *= 2
  const nodes = new Float64Array(8 * size).fill(-1)
  nodes.set(leaves, 4 * size)
  for (let n = size - 1; n >= 1; n--) join(nodes, n)
  return { size, nodes }
}

/** The smallest ball around the two below. */
function join(nodes: Float64Array, n: number): void {
  const [to, a, b] = [4 * n, 8 * n, 8 * n + 4]
  const [ra, rb] = [nodes[a + 3]!, nodes[b + 3]!]
  const dx = nodes[b]! - nodes[a]!
  const dy = nodes[b + 1]! - nodes[a + 1]!
  const dz = nodes[b + 2]! - nodes[a + 2]!
  const d = Math.hypot(dx, dy, dz)
  if (rb < 0 || d + rb <= ra) nodes.copyWithin(to, a, a + 4)
  else if (ra < 0 || d + ra <= rb) nodes.copyWithin(to, b, b + 4)
  else {
    const radius = (d + ra + rb) / 2
    const share = (radius - ra) / d
    nodes[to] = nodes[a]! + share * dx
    nodes[to + 1] = nodes[a + 1]! + share * dy
    nodes[to + 2] = nodes[a + 2]! + share * dz
    nodes[to + 3] = radius
  }
}

/** How far a point is from the ball of a node at least, in earth radii; Infinity: it is empty. */
export function fromBall(nodes: Float64Array, n: number, [x, y, z]: Vector): number {
  const at = 4 * n
  const radius = nodes[at + 3]!
  if (radius < 0) return Infinity
  const [dx, dy, dz] = [x - nodes[at]!, y - nodes[at + 1]!, z - nodes[at + 2]!]
  return Math.max(0, Math.sqrt(dx * dx + dy * dy + dz * dz) - radius)
}

/** The leaves whose balls are at most so far away, by number. */
export function leavesWithin(
  { size, nodes }: Balls,
  { at, chord }: { at: Vector; chord: number },
): number[] {
  const found: number[] = []
  const open = [1]
  for (let n = open.pop(); n !== undefined; n = open.pop()) {
    if (fromBall(nodes, n, at) > chord) continue
    if (n >= size) found.push(n - size)
    else open.push(2 * n + 1, 2 * n)
  }
  return found
}
