// What the temperature chart draws and what its summary says, from readings and limits. Pure. A
// reading stands until the next one, at most gapMs; beyond it the time is a hole and stays empty:
// nothing is interpolated, because unknown is not good. Judges nothing: verdicts come from the
// server.
import {
  formatMinutes,
  formatTemperature,
  formatTime,
  type Look,
  toUnit,
  type Unit,
} from './format.ts'
import type { Product, Row } from './shapes.ts'
import { figures } from './words/figures.ts'
import { writeIn } from './words.ts'

export interface Limits {
  min: number
  max: number
}

/** from inclusive, to exclusive, epoch ms. */
export interface Span {
  from: number
  to: number
}

/** When a limit is expected to be reached: nine of ten between `low` and `high`, epoch ms. */
export interface ForecastBand {
  limitC: number
  low: number
  expected: number
  high: number
  /** The reading it starts from. */
  from: { time: number; value: number }
}

/** Columns of equal length for a stepped drawing: times ascending, null where nothing is known. */
export interface Columns {
  times: number[]
  values: (number | null)[]
  mins: (number | null)[]
  maxs: (number | null)[]
}

/** `everyMs` null: single readings. `gapMs`: how long a reading stands. */
export interface Curve {
  rows: readonly Row[]
  gapMs: number
  everyMs: number | null
}

/** The longest interval a standard allows: CDC Vaccine Storage and Handling Toolkit, 30 minutes. */
const loggingIntervalMsDefault = 30 * 60_000
const gapFactorDefault = 2.5

/**
 * How long a reading stands: the device's interval, else the product's, else 30 minutes; times the
 * gap factor.
 */
export function gapMsOf(product: Product | undefined, deviceIntervalMs: number | null): number {
  const interval = deviceIntervalMs ?? product?.loggingIntervalMs ?? loggingIntervalMsDefault
  return Math.round(interval * (product?.gapFactor ?? gapFactorDefault))
}

/** The range that suits all products in a container: the highest minimum, the lowest maximum. */
export function limitsOf(products: readonly Product[]): Limits | null {
  const ranges = products.flatMap(({ rangeC }) => (rangeC ? [rangeC] : []))
  if (ranges.length === 0) return null
  const min = Math.max(...ranges.map((range) => range.min))
  const max = Math.min(...ranges.map((range) => range.max))
  return min < max ? { min, max } : null
}

const bucketWidthsMs = [1, 5, 10, 15, 30, 60, 180, 360, 720, 1440].map(
  (minutes) => minutes * 60_000,
)

/** Bucket width that gives at most `bucketsMax` over a span; whole days beyond a day. */
export function bucketMsFor(spanMs: number, bucketsMax: number): number {
  const least = spanMs / bucketsMax
  const fitting = bucketWidthsMs.find((width) => width >= least)
  return fitting ?? Math.ceil(least / 86_400_000) * 86_400_000
}

/** The holes between readings: unknown time, ascending. */
export function holesOf({ rows, gapMs, everyMs }: Curve): Span[] {
  const holes: Span[] = []
  for (let i = 1; i < rows.length; i++) {
    // The last reading of a bucket may be anywhere in it: only what is certainly empty is a hole.
    const from = rows[i - 1]!.time + (everyMs ?? 0) + gapMs
    const to = rows[i]!.time
    if (to > from) holes.push({ from, to })
  }
  return holes
}

/**
 * Columns to draw in steps, in the unit asked for. Before a hole the last value is drawn on for the
 * time it stands; the newest reading stands for no time, because its successor is not known; a
 * bucket for its width.
 */
export function columnsOf(curve: Curve, unit: Unit): Columns {
  const columns: Columns = { times: [], values: [], mins: [], maxs: [] }
  const push = (time: number, row: Row | null): void => {
    const last = columns.times.at(-1)
    if (last !== undefined && time <= last) return
    columns.times.push(time)
    columns.values.push(row && toUnit(row.value, unit))
    columns.mins.push(row && toUnit(row.min ?? row.value, unit))
    columns.maxs.push(row && toUnit(row.max ?? row.value, unit))
  }
  const { rows, everyMs } = curve
  const holes = holesOf(curve)
  let hole = 0
  rows.forEach((row, index) => {
    push(row.time, row)
    const next = rows[index + 1]
    if (!next) {
      if (everyMs !== null) push(row.time + everyMs, row)
      return
    }
    const gap = holes[hole]
    if (!gap || gap.to !== next.time) return
    push(gap.from, row)
    push(gap.from + 1, null)
    hole++
  })
  return columns
}

/** What the y axis must show: all values, and the limits that are not far from them. In °C. */
export function scaleOf(rows: readonly Row[], limits: readonly number[]): Limits {
  const values = rows.flatMap((row) => [row.min ?? row.value, row.max ?? row.value])
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (values.length === 0) [low, high] = [Math.min(0, ...limits), Math.max(10, ...limits)]
  // A -50 °C floor under a curve at -20 °C would flatten the curve; an 8 °C ceiling above 5 °C
  // belongs to it.
  const near = Math.max(10, high - low)
  for (const limit of limits) {
    if (limit < low && low - limit <= near) low = limit
    else if (limit > high && limit - high <= near) high = limit
  }
  const margin = Math.max(1, (high - low) * 0.08)
  return { min: low - margin, max: high + margin }
}

/** Overlapping spans as one, ascending: two rules broken at once are one stretch of the picture. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else merged.push({ ...span })
  }
  return merged
}

/** Only the readings in a span; those before and after it are loaded to draw its edges. */
export const within = (curve: Curve, { from, to }: Span): Curve => ({
  ...curve,
  rows: curve.rows.filter(({ time }) => time >= from && time < to),
})

/**
 * Known time beyond the range, ms, by the standing rule. Null for buckets: they do not say it
 * exactly.
 */
export function beyondMs(curve: Curve, limits: Limits | null): number | null {
  if (!limits || curve.everyMs !== null) return null
  let total = 0
  curve.rows.forEach(({ time, value }, index) => {
    const next = curve.rows[index + 1]
    if (next && (value < limits.min || value > limits.max))
      total += Math.min(next.time - time, curve.gapMs)
  })
  return total
}

/** The chart in words, for those who cannot see it and for those who want the numbers. */
export function summarize(curve: Curve, limits: Limits | null, look: Look): string[] {
  const { language } = look
  const { rows, everyMs } = curve
  if (rows.length === 0) return [writeIn(figures, language, 'chart.none')]
  const lowOf = (row: Row): number => row.min ?? row.value
  const highOf = (row: Row): number => row.max ?? row.value
  const lowest = rows.reduce((a, b) => (lowOf(b) < lowOf(a) ? b : a))
  const highest = rows.reduce((a, b) => (highOf(b) > highOf(a) ? b : a))
  const t = (celsius: number): string => formatTemperature(celsius, look)
  const count = rows.length
  const every = formatMinutes((everyMs ?? 0) / 60_000, look)
  const lines = [
    everyMs === null
      ? writeIn(figures, language, 'chart.readings', { count })
      : writeIn(figures, language, 'chart.intervals', { count, every }),
    writeIn(figures, language, 'chart.lowest', {
      degrees: t(lowOf(lowest)),
      time: formatTime(lowest.time, look),
    }),
    writeIn(figures, language, 'chart.highest', {
      degrees: t(highOf(highest)),
      time: formatTime(highest.time, look),
    }),
  ]
  const beyond = beyondMs(curve, limits)
  if (limits && beyond !== null) {
    const range = { min: t(limits.min), max: t(limits.max) }
    const minutes = formatMinutes(beyond / 60_000, look)
    lines.push(
      beyond === 0
        ? writeIn(figures, language, 'chart.within', range)
        : writeIn(figures, language, 'chart.outside', { ...range, minutes }),
    )
  }
  const holes = holesOf(curve)
  const holeMs = holes.reduce((sum, { from, to }) => sum + to - from, 0)
  const minutes = formatMinutes(holeMs / 60_000, look)
  lines.push(
    holes.length === 0
      ? writeIn(figures, language, 'chart.noHoles')
      : writeIn(figures, language, 'chart.holes', { count: holes.length, minutes }),
  )
  return lines
}

/** Readings with newer ones added: ascending, each time once, the later arrival wins. */
export function addRows(rows: readonly Row[], newer: readonly Row[]): Row[] {
  const byTime = new Map<number, Row>()
  for (const row of rows) byTime.set(row.time, row)
  for (const row of newer) byTime.set(row.time, row)
  return [...byTime.values()].sort((a, b) => a.time - b.time)
}
