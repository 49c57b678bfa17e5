// Does something rise or fall? Robust lines through points with outliers, and how likely chance
// alone makes them: for batteries that empty, sensors that drift, compressors that tire. Judges
// nothing.
import type { Point } from './breach.ts'
import { chiSquareAbove, normalQuantile } from './statistics.ts'

export interface Trend {
  /** Units per day: the median of the slopes between any two points (Theil 1950, Sen 1968). */
  perDay: number
  low: number
  high: number
  /** Probability of such an order by chance, two-sided (Mann 1945, Kendall 1975). */
  p: number
  /** Where the line is at the first and at the last point. */
  first: number
  last: number
}

const dayMs = 86_400_000

/** Fewer prove nothing: 8 in perfect order have a p of 0.0008. */
export const trendPointsMin = 8

/** Work grows with the square; who has more makes means of them first. */
export const trendPointsMax = 1000

/** Ascending by time, independent of each other (means of days, say); undefined of too few. */
export function trendOf(points: readonly Point[], confidence = 0.95): Trend | undefined {
  const n = points.length
  if (n < trendPointsMin || n > trendPointsMax) return undefined
  const slopes: number[] = []
  let s = 0
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const rise = points[j]!.value - points[i]!.value
      s += Math.sign(rise)
      slopes.push((rise * dayMs) / (points[j]!.time - points[i]!.time))
    }
  slopes.sort((one, other) => one - other)
  const variance = varianceOf(points)
  const z = variance > 0 && s !== 0 ? (Math.abs(s) - 1) / Math.sqrt(variance) : 0
  // Sen's interval: as many ranks around the median as S would vary by chance.
  const spread = normalQuantile((1 + confidence) / 2) * Math.sqrt(variance)
  const rank = (place: number): number =>
    slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(place)))]!
  const perDay = medianOf(slopes)
  const start = points[0]!.time
  const offsets = points.map(({ time, value }) => value - (perDay * (time - start)) / dayMs)
  const first = medianOf(offsets.sort((one, other) => one - other))
  return {
    perDay,
    low: rank((slopes.length - spread) / 2 - 1),
    high: rank((slopes.length + spread) / 2),
    p: chiSquareAbove(z * z, 1),
    first,
    last: first + (perDay * (points.at(-1)!.time - start)) / dayMs,
  }
}

/** The middle of ascending numbers; NaN of none. */
export function medianOf(ascending: readonly number[]): number {
  const middle = ascending.length >> 1
  if (ascending.length === 0) return Number.NaN
  return ascending.length % 2 === 1
    ? ascending[middle]!
    : (ascending[middle - 1]! + ascending[middle]!) / 2
}

/** Means of spans of `everyMs` since the epoch that hold at least one point, ascending. */
export function meansOf(points: readonly Point[], everyMs: number): Point[] {
  const means: Point[] = []
  let [start, sum, count] = [Number.NaN, 0, 0]
  const close = (): void => {
    if (count > 0) means.push({ time: start, value: sum / count })
  }
  for (const { time, value } of points) {
    const at = Math.floor(time / everyMs) * everyMs
    if (at !== start) {
      close()
      ;[start, sum, count] = [at, 0, 0]
    }
    sum += value
    count++
  }
  close()
  return means
}

/** Of Kendall's S, with ties (Kendall 1975, ch. 4). */
function varianceOf(points: readonly Point[]): number {
  const n = points.length
  const counts = new Map<number, number>()
  for (const { value } of points) counts.set(value, (counts.get(value) ?? 0) + 1)
  let variance = n * (n - 1) * (2 * n + 5)
  for (const t of counts.values()) variance -= t * (t - 1) * (2 * t + 5)
  return variance / 18
}
