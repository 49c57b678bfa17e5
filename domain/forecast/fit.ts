// Newton's law of cooling through readings: T(t) = Ta + (T0 - Ta) e^(-kt), fitted by robust least
// squares to what has happened since the last change (a door, a setpoint, a failure). Knows no
// limits of products and no units but that time is ms; says nothing of readings it cannot fit.
import type { Point } from '../breach.ts'

/** T(now + h) = now + slope (1 - e^(-kh)) / k, which is the same law seen from its end. */
export interface NewtonFit {
  /** Newest time that was fitted: that of the last reading, or of the mean of the last few. */
  at: number
  /** Fitted value then, and how fast it changes, per ms. */
  now: number
  slope: number
  /** Per ms; 0: a straight line. */
  k: number
  /** now + slope / k: where it would settle; infinite for a straight line. */
  ambient: number
  /** Root mean square of the residuals; those beyond three times the noise count less. */
  rmse: number
  /** The readings that were fitted. */
  from: number
  readings: number
}

/** Fewer readings bear no curve. */
export const fitReadingsMin = 4
const fitReadingsMax = 40
/** k as a part of the span: from a straight line to one that has long settled. */
const bends = [0, 0.2, 0.5, 1, 1.7, 3, 5, 9]
const golden = (Math.sqrt(5) - 1) / 2

/** ms from `at` until the curve is at a limit; Infinity when it never is, 0 when it is there. */
export function timeToLimit({ now, slope, k }: NewtonFit, limit: number): number {
  const left = limit - now
  if (left === 0 || slope === 0) return left === 0 ? 0 : Number.POSITIVE_INFINITY
  const line = left / slope
  if (line < 0) return Number.POSITIVE_INFINITY
  // t* = -(1/k) ln((Tlim - Ta) / (T0 - Ta)); both are differences from Ta, over slope / k.
  const part = k * line
  if (part >= 1) return Number.POSITIVE_INFINITY
  return part < 1e-9 ? line : -Math.log1p(-part) / k
}

/**
 * The fit over the longest stretch of `points` (ascending) that one curve explains, its residuals
 * within `noise` (a standard deviation), or else the shortest tried. Undefined of too few.
 */
export function fitSinceChange(points: readonly Point[], noise: number): NewtonFit | undefined {
  let shortest: NewtonFit | undefined
  for (const part of [0, 0.25, 0.5, 0.7, 0.85]) {
    const stretch = points.slice(Math.floor(part * points.length))
    if (stretch.length < fitReadingsMin) break
    const fit = fitNewton(stretch, noise)
    if (!fit) break
    shortest = fit
    if (fit.rmse <= 1.5 * noise) break
  }
  return shortest
}

/** One curve through all points, ascending by time; undefined of too few or of no time between. */
export function fitNewton(points: readonly Point[], noise: number): NewtonFit | undefined {
  const sampled = thinned(points)
  const last = sampled.at(-1)
  if (!last || sampled.length < fitReadingsMin) return undefined
  const span = last.time - sampled[0]!.time
  if (!(span > 0)) return undefined
  const at = sampled.map(({ time }) => (time - last.time) / span)
  const values = sampled.map(({ value }) => value)
  const stretch = { at, values, noise }
  let best = fitBend(stretch, 0)
  let place = 0
  for (const [index, bend] of bends.entries()) {
    const tried = fitBend(stretch, bend)
    if (tried.loss < best.loss) [best, place] = [tried, index]
  }
  best = refined(stretch, {
    best,
    low: bends[Math.max(0, place - 1)]!,
    high: bends[Math.min(bends.length - 1, place + 1)]!,
  })
  const k = best.bend / span
  const slope = best.slope / span
  return {
    at: last.time,
    now: best.now,
    slope,
    k,
    ambient: k > 0 ? best.now + slope / k : slope < 0 ? -Infinity : Infinity,
    rmse: Math.sqrt(best.loss),
    from: sampled[0]!.time,
    readings: points.length,
  }
}

interface Stretch {
  /** Of the span, from -1 to 0. */
  at: readonly number[]
  values: readonly number[]
  noise: number
}

interface Bent {
  now: number
  /** Per span. */
  slope: number
  bend: number
  loss: number
}

/** The loss has one valley between neighbours of the grid: golden section. */
function refined(
  stretch: Stretch,
  { best, low, high }: { best: Bent; low: number; high: number },
): Bent {
  let found = best
  const tryAt = (bend: number): Bent => {
    const tried = fitBend(stretch, bend)
    if (tried.loss < found.loss) found = tried
    return tried
  }
  let [a, b] = [low, high]
  let left = tryAt(b - golden * (b - a))
  let right = tryAt(a + golden * (b - a))
  // Of noisy readings a few rounds say all there is to know.
  const rise = best.slope * best.slope
  const rounds = best.loss > 1e-7 * rise ? 4 : 36
  for (let round = 0; round < rounds && b - a > 1e-9; round++) {
    if (left.loss < right.loss) {
      b = right.bend
      right = left
      left = tryAt(b - golden * (b - a))
    } else {
      a = left.bend
      left = right
      right = tryAt(a + golden * (b - a))
    }
  }
  return found
}

/**
 * Linear least squares of now and slope for a given bend. Residuals beyond three times the noise
 * count by their size only, not by its square (P. J. Huber 1964), by iteration.
 */
function fitBend({ at, values, noise }: Stretch, bend: number): Bent {
  const n = at.length
  const bound = 3 * noise
  const shape = at.map((t) => (bend < 1e-9 ? t : -Math.expm1(-bend * t) / bend))
  const residuals = new Float64Array(n)
  let [now, slope, loss] = [0, 0, 0]
  for (let round = 0; round < 3; round++) {
    let [w, x, y, xx, xy] = [0, 0, 0, 0, 0]
    for (let i = 0; i < n; i++) {
      const one = weightOf(residuals[i]!, bound)
      w += one
      x += one * shape[i]!
      y += one * values[i]!
    }
    const [meanX, meanY] = [x / w, y / w]
    for (let i = 0; i < n; i++) {
      const off = shape[i]! - meanX
      const one = weightOf(residuals[i]!, bound)
      xx += one * off * off
      xy += one * off * (values[i]! - meanY)
    }
    slope = xx > 0 ? xy / xx : 0
    now = meanY - slope * meanX
    let [isFar, sum] = [false, 0]
    for (let i = 0; i < n; i++) {
      const size = Math.abs(values[i]! - now - slope * shape[i]!)
      residuals[i] = size
      if (size > bound) isFar = true
      sum += size > bound ? bound * (2 * size - bound) : size * size
    }
    loss = sum / n
    if (!isFar) break
  }
  return { now, slope, bend, loss }
}

const weightOf = (residual: number, bound: number): number =>
  residual <= bound ? 1 : bound / residual

/** At most so many, each the mean of its neighbours in time: enough for two numbers and a bend. */
function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= fitReadingsMax) return points
  const every = Math.ceil(points.length / fitReadingsMax)
  const means: Point[] = []
  // From the end, so that the newest reading is in a full group.
  for (let end = points.length; end > 0; end -= every) {
    const group = points.slice(Math.max(0, end - every), end)
    const first = group[0]!
    let [time, value] = [0, 0]
    for (const point of group) {
      time += point.time - first.time
      value += point.value
    }
    means.push({ time: first.time + time / group.length, value: value / group.length })
  }
  return means.reverse()
}
