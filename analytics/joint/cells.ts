// Readings of several loggers on one grid of time: each has its own interval, phase, noise, bias,
// and only what is alike in time can be compared. Arithmetic only: what follows is for
// profile.ts.
import { medianOf } from '../../domain/trend.ts'

export interface Sampled {
  time: number
  value: number
}

/** Means over cells of time; NaN where too little is known. Cell n begins at from + n * stepMs. */
export interface Cells {
  from: number
  stepMs: number
  values: Float64Array
}

/** Together, but for their place in the list: where something stirs, and by how much (K). */
export interface Stir {
  /** Of the first cell. */
  first: number
  values: readonly number[]
}

const finestMs = 10 * 60_000
/** Loggers that measure more seldom do not see doors. */
const coarsestMs = 30 * 60_000
const cellsMax = 20_000

/**
 * A step at which each of these lists has a reading in nearly every cell. Undefined when one is too
 * coarse or too short.
 */
export function stepOf(lists: readonly (readonly Sampled[])[]): number | undefined {
  let stepMs = finestMs
  for (const list of lists) {
    const gaps = gapsOf(list)
    if (gaps.length < 12) return undefined
    stepMs = Math.max(stepMs, median(gaps))
  }
  return stepMs <= coarsestMs ? stepMs : undefined
}

/** How often it measures, ms: the median. */
export const intervalOf = (list: readonly Sampled[]): number => median(gapsOf(list))

const gapsOf = (list: readonly Sampled[]): number[] =>
  list.slice(1).map(({ time }, n) => time - list[n]!.time)

/** The mean of the readings within a step on either side of each cell's middle. */
export function cellsOf(
  list: readonly Sampled[],
  { from, to, stepMs }: { from: number; to: number; stepMs: number },
): Cells {
  const count = Math.min(cellsMax, Math.max(0, Math.ceil((to - from) / stepMs)))
  const [sums, counts] = [new Float64Array(count), new Uint32Array(count)]
  const add = (cell: number, value: number): void => {
    if (cell < 0 || cell >= count) return
    sums[cell]! += value
    counts[cell]!++
  }
  for (const { time, value } of list) {
    const at = (time - from) / stepMs
    const cell = Math.floor(at)
    add(cell, value)
    // Each cell reaches half a step into its neighbours: doors open for less than a step.
    add(at - cell < 0.5 ? cell - 1 : cell + 1, value)
  }
  // More readings than the logger makes: two times are told as one, since its clock was set.
  const most = (1.6 * 2 * stepMs) / median(gapsOf(list))
  const isKnown = (n: number): boolean =>
    counts[n]! > 0 && [n - 1, n, n + 1].every((near) => (counts[near] ?? 0) <= most)
  return { from, stepMs, values: sums.map((sum, n) => (isKnown(n) ? sum / counts[n]! : NaN)) }
}

const halfHourMs = 30 * 60_000

/**
 * What changed in half an hour, or in so long: every bias and what is slower is gone, and what
 * happens at one time touches no cell that is farther off.
 */
export function changesOf({ from, stepMs, values }: Cells, lagMs = halfHourMs): Cells {
  const lag = Math.max(1, Math.round(lagMs / stepMs))
  return { from, stepMs, values: values.map((value, n) => value - (values[n - lag] ?? NaN)) }
}

/** Of the differences from cell to cell, robust (1.4826 times the median of what they are off). */
export function noiseOf({ values }: Cells): number {
  const steps: number[] = []
  for (let n = 1; n < values.length; n++) {
    const step = Math.abs(values[n]! - values[n - 1]!)
    if (!Number.isNaN(step)) steps.push(step)
  }
  return steps.length === 0 ? Infinity : Math.max(noiseMin, 1.05 * median(steps))
}

/** How little alike loggers are that feel the same: noise, phase, their place. */
export function unlikenessOf(all: readonly Cells[]): number {
  const [first, ...others] = all
  const worst = others.map(({ values }) => {
    const apart = { ...first!, values: values.map((value, n) => value - first!.values[n]!) }
    return spreadOf(apart) / Math.SQRT2
  })
  return Math.max(noiseMin, ...worst)
}

/** Robust (1.4826 times the median of what they are off zero). */
const spreadOf = ({ values }: Cells): number =>
  1.4826 * median([...values].map(Math.abs).filter((value) => !Number.isNaN(value)))

/** Readings come in tenths. */
const noiseMin = 0.03

/** Where all of these move the same way by `leastK` or more, with the least of them. */
export function stirsOf(all: readonly Cells[], leastK: number): Stir[] {
  const count = Math.min(...all.map(({ values }) => values.length))
  const common = Array.from({ length: count }, (_, n) => leastOf(all.map((one) => one.values[n]!)))
  const stirs: Stir[] = []
  for (let n = 0; n < count; n++) {
    if (Math.abs(common[n]!) < leastK) continue
    const first = n
    while (n < count && Math.abs(common[n]!) >= leastK / 2 && common[n]! * common[first]! > 0) n++
    stirs.push({ first, values: common.slice(first, n) })
  }
  return stirs
}

/** Where these cells move by `leastK` or more and no other does by a share of it nearby. */
export function lonelyOf(own: Cells, others: readonly Cells[], leastK: number): Stir[] {
  const stirs: Stir[] = []
  const isLonely = (n: number): boolean => {
    const size = Math.abs(own.values[n]!)
    return size >= leastK && others.every(({ values }) => isCalm(values, n, quietShare * size))
  }
  for (let n = 0; n < own.values.length; n++) {
    const first = n
    while (n < own.values.length && isLonely(n)) n++
    if (n > first) stirs.push({ first, values: [...own.values.subarray(first, n)] })
  }
  return stirs
}

const quietShare = 0.3
const soonCells = 2

/** Also false when it is not known. */
function isCalm(values: Float64Array, at: number, mostK: number): boolean {
  if (at < soonCells) return false
  for (let n = at - soonCells; n <= at + soonCells && n < values.length; n++)
    if (!(Math.abs(values[n]!) <= mostK)) return false
  return true
}

/** Zero when they do not agree, or one is not known. */
function leastOf(values: readonly number[]): number {
  const least = values.reduce((a, b) => (Math.abs(b) < Math.abs(a) ? b : a))
  const agree = values.every((value) => value * least > 0)
  return agree ? least : 0
}

/**
 * How much of a stir these cells show, `lag` cells later: 1 as much as the others at least, 0
 * nothing. Undefined where readings are missing.
 */
export function gainOf({ values }: Cells, stir: Stir, lag = 0): number | undefined {
  let [shown, whole] = [0, 0]
  for (const [n, common] of stir.values.entries()) {
    const own = values[stir.first + n + lag]
    if (own === undefined || Number.isNaN(own)) return undefined
    shown += own * common
    whole += common * common
  }
  return shown / whole
}

export const median = (list: readonly number[]): number => medianOf([...list].sort((a, b) => a - b))
