// Heat: lumped thermal networks solved exactly, and air through an open door. A step of any length
// is as good as many short ones, so nothing can become unstable. Refuses to know shippers, reefers,
// time of day or weather.

/**
 * Nodes with heat capacity, joined by conductances; each node may also be joined to the
 * surroundings.
 */
export interface NetworkShape {
  /** J/K, one per node. */
  capacitiesJPerK: readonly number[]
  /** [node, node, W/K]. */
  linksWPerK: readonly (readonly [number, number, number])[]
  /**
   * W/K from each node to the surroundings. At least one is positive, and every node is joined to
   * it.
   */
  surroundingsWPerK: readonly number[]
}

const stepsMax = 64

/** A shape with its eigenvalues worked out. Node 0 is where heat may be put in. */
export interface Network {
  readonly nodes: number
  /** Per mode, 1/s, positive: how fast it dies out. */
  readonly ratesPerSecond: readonly number[]
  /** modes[m][i]: orthonormal vectors in the scaled temperatures sqrt(C_i) T_i. */
  readonly modes: readonly (readonly number[])[]
  readonly rootCapacities: readonly number[]
  /** K per W put into node 0, in the steady state. */
  readonly responseKPerW: readonly number[]
  /** exp(-A dt) by dt in seconds: few lengths occur, each many times. */
  readonly steps: Map<number, readonly number[]>
  /** Room for `advance` to work in: it runs millions of times. */
  readonly apart: number[]
}

/** Throws RangeError when a capacity is not positive or a node is cut off from the surroundings. */
export function createNetwork(shape: NetworkShape): Network {
  const nodes = shape.capacitiesJPerK.length
  for (const capacity of shape.capacitiesJPerK)
    if (!(capacity > 0)) throw new RangeError(`a heat capacity of ${capacity} J/K`)
  const rootCapacities = shape.capacitiesJPerK.map(Math.sqrt)
  const conductances = conductanceMatrix(shape)
  // C dT/dt = -G T; scaled by sqrt(C) the matrix is symmetric, so its eigenvalues are real.
  const scaled = conductances.map((row, i) =>
    row.map((g, j) => g / (rootCapacities[i]! * rootCapacities[j]!)),
  )
  const { values, vectors } = eigen(scaled)
  if (values.some((value) => !(value > 1e-15)))
    throw new RangeError('a node is cut off from the surroundings')
  return {
    nodes,
    ratesPerSecond: values,
    modes: vectors,
    rootCapacities,
    responseKPerW: Array.from({ length: nodes }, (_, i) =>
      vectors.reduce((sum, v, m) => sum + (v[i]! * v[0]!) / values[m]!, 0),
    ).map((sum, i) => sum / (rootCapacities[i]! * rootCapacities[0]!)),
    steps: new Map(),
    apart: new Array(nodes).fill(0),
  }
}

/** What acts on a network during a step, constant within it. */
export interface Drive {
  ambientC: number
  /** W into node 0; negative cools. */
  heatW: number
  seconds: number
}

/**
 * Moves the temperatures (°C, changed in place) through one step:
 * T(t) = T∞ + exp(-At) (T(0) - T∞). Exact for a constant drive, whatever its length.
 */
export function advance(network: Network, temperaturesC: number[], drive: Drive): void {
  const { nodes, responseKPerW, apart } = network
  const { ambientC, heatW, seconds } = drive
  let step = network.steps.get(seconds)
  if (!step) {
    if (network.steps.size >= stepsMax) network.steps.clear()
    step = stepMatrix(network, seconds)
    network.steps.set(seconds, step)
  }
  for (let i = 0; i < nodes; i++)
    apart[i] = temperaturesC[i]! - ambientC - responseKPerW[i]! * heatW
  for (let i = 0; i < nodes; i++) {
    let sum = ambientC + responseKPerW[i]! * heatW
    for (let j = 0; j < nodes; j++) sum += step[i * nodes + j]! * apart[j]!
    temperaturesC[i] = sum
  }
}

/** Newton's law for one body: T∞ + (T0 - T∞) e^(-t/τ). */
export function approach(fromC: number, towardsC: number, seconds: number, tauSeconds: number) {
  return towardsC + (fromC - towardsC) * Math.exp(-seconds / tauSeconds)
}

/**
 * The integral of `approach` less a base, in K·s: what a conductance carries, divided by that
 * conductance.
 */
export function approachIntegral(
  fromC: number,
  towardsC: number,
  options: { baseC: number; seconds: number; tauSeconds: number },
): number {
  const { baseC, seconds, tauSeconds } = options
  return (
    (towardsC - baseC) * seconds -
    (fromC - towardsC) * tauSeconds * Math.expm1(-seconds / tauSeconds)
  )
}

export interface Doorway {
  widthM: number
  heightM: number
}

/** kg/m³ of dry air at 1013.25 hPa: p / (R T) with R = 287.05 J/(kg K). */
export const airDensity = (temperatureC: number): number =>
  101_325 / (287.05 * (temperatureC + 273.15))

/**
 * Sensible heat through a fully open doorway by density-driven exchange, W, positive when the
 * inside is colder. Gosney and Olama (1975), as in the ASHRAE Handbook Refrigeration,
 * Refrigerated-Facility Loads, r the cold and i the warm side:   q = 0.221 A (h_i - h_r) ρ_r (1 -
 * ρ_i/ρ_r)^½ (g H)^½ F_m   F_m = (2 / (1 + (ρ_r/ρ_i)^⅓))^1.5 For dry air: moisture would add
 * latent heat.
 */
export function doorHeatW(doorway: Doorway, insideC: number, outsideC: number): number {
  if (insideC === outsideC) return 0
  const coldDensity = airDensity(Math.min(insideC, outsideC))
  const warmDensity = airDensity(Math.max(insideC, outsideC))
  const factor = (2 / (1 + Math.cbrt(coldDensity / warmDensity))) ** 1.5
  const enthalpyJPerKg = 1006 * Math.abs(outsideC - insideC)
  const heat =
    0.221 *
    (doorway.widthM * doorway.heightM) *
    enthalpyJPerKg *
    coldDensity *
    Math.sqrt(1 - warmDensity / coldDensity) *
    Math.sqrt(9.81 * doorway.heightM) *
    factor
  return outsideC > insideC ? heat : -heat
}

function conductanceMatrix(shape: NetworkShape): number[][] {
  const size = shape.capacitiesJPerK.length
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => (i === j ? (shape.surroundingsWPerK[i] ?? 0) : 0)),
  )
  for (const [a, b, conductance] of shape.linksWPerK) {
    matrix[a]![a]! += conductance
    matrix[b]![b]! += conductance
    matrix[a]![b]! -= conductance
    matrix[b]![a]! -= conductance
  }
  return matrix
}

function stepMatrix(network: Network, seconds: number): number[] {
  const { nodes, modes, ratesPerSecond, rootCapacities } = network
  const decays = ratesPerSecond.map((rate) => Math.exp(-rate * seconds))
  const matrix: number[] = []
  for (let i = 0; i < nodes; i++)
    for (let j = 0; j < nodes; j++) {
      let sum = 0
      for (let m = 0; m < nodes; m++) sum += modes[m]![i]! * decays[m]! * modes[m]![j]!
      matrix.push((sum * rootCapacities[j]!) / rootCapacities[i]!)
    }
  return matrix
}

/**
 * Jacobi's cyclic rotations for a small symmetric matrix: slow for large ones, unbeatable in
 * clarity.
 */
function eigen(symmetric: readonly (readonly number[])[]): {
  values: number[]
  vectors: number[][]
} {
  const size = symmetric.length
  const a = symmetric.map((row) => [...row])
  const v = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < 50; sweep++) {
    let rotated = false
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        if (Math.abs(a[p]![q]!) <= 1e-18 * Math.sqrt(Math.abs(a[p]![p]! * a[q]![q]!))) continue
        rotate(a, v, [p, q])
        rotated = true
      }
    if (!rotated) break
  }
  return { values: a.map((row, i) => row[i]!), vectors: v }
}

/** One rotation that makes a[p][q] zero; rows of v follow the eigenvectors. */
function rotate(a: number[][], v: number[][], [p, q]: readonly [number, number]): void {
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!)
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const cos = 1 / Math.hypot(t, 1)
  const sin = t * cos
  const turn = (x: number, y: number): [number, number] => [cos * x - sin * y, sin * x + cos * y]
  for (const row of a) [row[p], row[q]] = turn(row[p]!, row[q]!)
  for (let j = 0; j < a.length; j++) [a[p]![j], a[q]![j]] = turn(a[p]![j]!, a[q]![j]!)
  for (let j = 0; j < a.length; j++) [v[p]![j], v[q]![j]] = turn(v[p]![j]!, v[q]![j]!)
}
