// When will equipment need somebody? From means of days: where a quantity changed for good, and
// when its trend reaches a limit, with an interval, or that nothing can be foretold. Advises
// people; no verdict reads it (I10).
import type { Point } from './breach.ts'
import { chiSquareAbove, normalQuantile } from './statistics.ts'

/** Before and after it a quantity has another level. */
export interface Change {
  /** Begin of the first day after it. */
  at: number
  before: number
  after: number
  /** Probability that chance makes such a change anywhere in the span. */
  p: number
}

/**
 * few-days: fewer than 30 since the last change. no-trend: chance may make it. away: it goes the
 * other way. far: beyond half a year, or so vague. reached: the limit is behind it.
 */
export type NoForecast = 'few-days' | 'no-trend' | 'away' | 'far' | 'reached'

export interface LimitForecast {
  /** When the trend reaches the limit; the interval holds the true moment nine times of ten. */
  at: number
  low: number
  high: number
  /** Units a day. */
  perDay: number
}

export interface Outlook {
  changes: Change[]
  forecast: LimitForecast | null
  why: NoForecast | null
}

export interface OutlookLimit {
  value: number
  side: 'above' | 'below'
}

const dayMs = 86_400_000

/**
 * Of independent days one look in 5000 names a change; of simulated equipment in order, whose days
 * resemble each other, fewer than two in a hundred (test/outlook.test.ts).
 */
const changeLevel = 0.0002
/** Trends are believed from this level on, two-sided. */
const trendLevel = 0.002
const trendErrorsMin = 7
const daysMin = 30
/** A trend of a season ago says little of next month. */
const daysMax = 60
const horizonDays = 180

/**
 * `days`: means of days, ascending. `ambient`: of the same days, where it is known: a compressor
 * that runs more in a hot week is not worn.
 */
export function outlookOf(
  days: readonly Point[],
  { limit, ambient }: { limit?: OutlookLimit | undefined; ambient?: readonly Point[] | undefined },
): Outlook {
  const rows = rowsOf(days, ambient)
  const levelled = rows.map(({ time, value, load }) => ({ time, value: value - load }))
  const changes = changesIn(levelled)
  const since = changes.at(-1)?.at ?? Number.NEGATIVE_INFINITY
  const recent = rows.filter(({ time }) => time >= since).slice(-daysMax)
  if (!limit) return { changes, forecast: null, why: null }
  return { changes, ...forecastOf(recent, limit) }
}

interface Row extends Point {
  /** Ambient against its mean; 0 where it is not known. */
  ambient: number
  /** What of the value ambient explains. */
  load: number
}

/**
 * All levels of change: the likeliest split, and those within what lies on both sides of it. How
 * much days resemble the days before them is told by what is left around all levels that
 * independent days would have: of one level alone a second change would pass for resemblance.
 */
export function changesIn(days: readonly Point[]): Change[] {
  const levels = splitAt(days, splitsIn(days, 0))
  const alike = correlationOf(levels.flatMap(restOf), Math.max(2, levels.length))
  const indexes = splitsIn(days, alike)
  const final = splitAt(
    days,
    indexes.map(({ index }) => index),
  )
  return indexes.map(({ index, p }, i) => ({
    at: days[index]!.time,
    before: meanOf(final[i]!),
    after: meanOf(final[i + 1]!),
    p,
  }))
}

type Split = { index: number; p: number }

function splitsIn(days: readonly Point[], alike: number): Split[] {
  if (days.length < 2 * changeDaysMin) return []
  const { index, p } = likeliestSplit(days, alike)
  if (p > changeLevel) return []
  const [before, after] = [days.slice(0, index), days.slice(index)]
  const inner = [splitsIn(before, alike), splitsIn(after, alike)] as const
  const squares = splitAt(days, [
    ...inner[0].map((one) => one.index),
    index,
    ...inner[1].map((one) => one.index + index),
  ]).reduce((sum, level) => sum + squaresOfLevel(level), 0)
  // A line through all of it that fits as well says that it went gradually.
  if (squaresOfLine(days) <= squares) return []
  return [
    ...inner[0],
    { index, p },
    ...inner[1].map((one) => ({ ...one, index: one.index + index })),
  ]
}

function splitAt(days: readonly Point[], at: readonly (number | Split)[]): (readonly Point[])[] {
  const cuts = [0, ...at.map((one) => (typeof one === 'number' ? one : one.index)), days.length]
  return cuts.slice(1).map((cut, i) => days.slice(cuts[i]!, cut))
}

const changeDaysMin = 5

/**
 * The split whose sides differ most, and the probability that chance makes one that differs so: of
 * Student's t, times the number of splits that were looked at (Bonferroni). Days that resemble the
 * days before them are as few as that makes them.
 */
function likeliestSplit(days: readonly Point[], alike: number): Split {
  const n = days.length
  const splits = n - 2 * changeDaysMin + 1
  let [least, index] = [Infinity, changeDaysMin]
  for (let at = changeDaysMin; at <= n - changeDaysMin; at++) {
    const left = squaresOfLevel(days.slice(0, at)) + squaresOfLevel(days.slice(at))
    if (left < least) [least, index] = [left, at]
  }
  const [before, after] = [days.slice(0, index), days.slice(index)]
  const apart = Math.abs(meanOf(after) - meanOf(before))
  const counted = (n * (1 - alike)) / (1 + alike)
  const freedom = Math.max(2, counted - 2)
  const share = n / before.length + n / after.length
  const t = apart / Math.sqrt(((least / (n - 2)) * share) / counted + Number.MIN_VALUE)
  // As a normal deviate (Abramowitz and Stegun 26.7.8).
  const z = (t * (1 - 1 / (4 * freedom))) / Math.sqrt(1 + (t * t) / (2 * freedom))
  return { index, p: apart > 0 ? Math.min(1, splits * chiSquareAbove(z * z, 1)) : 1 }
}

const restOf = (days: readonly Point[]): number[] => {
  const mean = meanOf(days)
  return days.map(({ value }) => value - mean)
}

/**
 * From one day to the next, 0 to 0.9. What a fit leaves of few days looks less alike than it is, by
 * about one and four times the correlation for each of its terms (Kendall 1954).
 */
function correlationOf(rest: readonly number[], terms: number): number {
  const square = dot(rest, rest)
  if (square === 0) return 0
  const follow = rest.slice(1).reduce((sum, value, i) => sum + value * rest[i]!, 0)
  const told = follow / square
  const hidden = ((1 + 4 * Math.max(0, told)) * Math.max(1, terms - 1)) / rest.length
  return Math.min(0.9, Math.max(0, told + hidden))
}

function rowsOf(days: readonly Point[], ambient: readonly Point[] | undefined): Row[] {
  const told = new Map(ambient?.map(({ time, value }) => [time, value]))
  const known = days.filter(({ time }) => told.has(time))
  // Without most of it, nothing is said by the rest.
  if (known.length < Math.max(daysMin, 0.8 * days.length))
    return days.map((day) => ({ ...day, ambient: 0, load: 0 }))
  const mean = meanOf(known.map(({ time }) => ({ time, value: told.get(time)! })))
  const rows = known.map((day) => ({ ...day, ambient: told.get(day.time)! - mean, load: 0 }))
  // From one day to the next neither wear nor a change counts, but for the day of it.
  const steps = rows.slice(1).map((row, i) => ({
    x: row.ambient - rows[i]!.ambient,
    y: row.value - rows[i]!.value,
  }))
  const square = steps.reduce((sum, { x }) => sum + x * x, 0)
  const slope = square > 1e-9 ? steps.reduce((sum, { x, y }) => sum + x * y, 0) / square : 0
  return rows.map((row) => ({ ...row, load: slope * row.ambient }))
}

/**
 * Least squares of a level, a trend and, where it is known, ambient. Days resemble the days before
 * them: the fewer count, by their correlation. The interval are the days at which the limit lies
 * within the band of the line (Fieller 1954).
 */
function forecastOf(rows: readonly Row[], limit: OutlookLimit): Pick<Outlook, 'forecast' | 'why'> {
  const none = (why: NoForecast) => ({ forecast: null, why })
  if (rows.length < daysMin) return none('few-days')
  const last = rows.at(-1)!.time
  const up = limit.side === 'above' ? 1 : -1
  const fit = fitLine(rows, last)
  if (!fit) return none('few-days')
  const gapOf = (day: number): number => up * (limit.value - fit.level - fit.perDay * day)
  if (gapOf(0) <= 0) return none('reached')
  // Of trends that are hardly to be told from chance those are told that chance made look steeper.
  const least = Math.max(trendErrorsMin, quantile(1 - trendLevel / 2, fit.freedom))
  if (Math.abs(fit.perDay) < least * fit.slopeError) return none('no-trend')
  if (up * fit.perDay <= 0) return none('away')
  const day = gapOf(0) / Math.abs(fit.perDay)
  if (day > horizonDays) return none('far')
  const q = quantile(0.95, fit.freedom)
  const within = (at: number): boolean => Math.abs(gapOf(at)) <= q * fit.errorAt(at)
  const [low, high] = [edge(within, day, -1), edge(within, day, 1)]
  if (high === undefined) return none('far')
  const timeOf = (at: number): number => last + Math.round(at * dayMs)
  return {
    forecast: {
      at: timeOf(day),
      low: timeOf(Math.max(0, low ?? 0)),
      high: timeOf(high),
      perDay: fit.perDay,
    },
    why: null,
  }
}

/** Where the limit leaves the band, in eighths of a day; undefined when it does not in a year. */
function edge(within: (day: number) => boolean, from: number, way: 1 | -1): number | undefined {
  for (let step = 0; step < 8 * 2 * horizonDays; step++) {
    const at = from + (way * step) / 8
    if (!within(at)) return at
    if (at < 0) return 0
  }
  return undefined
}

interface Line {
  /** At the last day, at the ambient of its week. */
  level: number
  perDay: number
  slopeError: number
  freedom: number
  errorAt(day: number): number
}

function fitLine(rows: readonly Row[], last: number): Line | undefined {
  const hot = rows.some(({ ambient }) => ambient !== 0)
  const xs = rows.map(({ time, ambient }) => [1, (time - last) / dayMs, ...(hot ? [ambient] : [])])
  const inverse = invert(gram(xs))
  if (!inverse) return undefined
  const width = xs[0]!.length
  const sums = Array.from({ length: width }, (_, k) =>
    rows.reduce((sum, { value }, i) => sum + value * xs[i]![k]!, 0),
  )
  const beta = inverse.map((line) => dot(line, sums))
  const rest = rows.map(({ value }, i) => value - dot(beta, xs[i]!))
  const square = dot(rest, rest)
  const n = rows.length
  const alike = correlationOf(rest, width)
  const counted = (n * (1 - alike)) / (1 + alike)
  const freedom = Math.max(2, counted - width)
  const scale = (square / Math.max(1, n - width)) * (n / counted)
  const week = rows.slice(-7)
  const ambient = hot ? week.reduce((sum, row) => sum + row.ambient, 0) / week.length : 0
  const at = (day: number): number[] => [1, day, ...(hot ? [ambient] : [])]
  const errorAt = (day: number): number => {
    const x = at(day)
    return Math.sqrt(
      Math.max(
        0,
        scale *
          dot(
            x,
            inverse.map((line) => dot(line, x)),
          ),
      ),
    )
  }
  const slopeError = Math.sqrt(Math.max(0, scale * inverse[1]![1]!))
  return { level: dot(beta, at(0)), perDay: beta[1]!, slopeError, freedom, errorAt }
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0)

const gram = (xs: readonly (readonly number[])[]): number[][] =>
  xs[0]!.map((_, j) => xs[0]!.map((__, k) => xs.reduce((sum, x) => sum + x[j]! * x[k]!, 0)))

/** Gauss and Jordan; undefined when the rows are not independent. */
function invert(matrix: readonly (readonly number[])[]): number[][] | undefined {
  const n = matrix.length
  const work = matrix.map((line, i) => [...line, ...line.map((_, k) => (i === k ? 1 : 0))])
  for (let i = 0; i < n; i++) {
    const best = work
      .slice(i)
      .reduce((b, line, k) => (Math.abs(line[i]!) > Math.abs(work[b]![i]!) ? k + i : b), i)
    ;[work[i], work[best]] = [work[best]!, work[i]!]
    const lead = work[i]![i]!
    if (Math.abs(lead) < 1e-12) return undefined
    work[i] = work[i]!.map((value) => value / lead)
    for (let k = 0; k < n; k++) {
      if (k === i) continue
      const by = work[k]![i]!
      work[k] = work[k]!.map((value, c) => value - by * work[i]![c]!)
    }
  }
  return work.map((line) => line.slice(n))
}

/** Of Student's t, by Cornish and Fisher around the normal (Abramowitz and Stegun 26.7.5). */
function quantile(probability: number, freedom: number): number {
  const z = normalQuantile(probability)
  const g1 = (z ** 3 + z) / 4
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  return z + g1 / freedom + g2 / freedom ** 2 + g3 / freedom ** 3
}

const meanOf = (days: readonly Point[]): number =>
  days.reduce((sum, { value }) => sum + value, 0) / days.length

function squaresOfLevel(days: readonly Point[]): number {
  const mean = meanOf(days)
  return days.reduce((sum, { value }) => sum + (value - mean) ** 2, 0)
}

function squaresOfLine(days: readonly Point[]): number {
  const time = meanOf(days.map((day) => ({ time: 0, value: day.time })))
  const mean = meanOf(days)
  const square = days.reduce((sum, day) => sum + (day.time - time) ** 2, 0)
  const slope = days.reduce((sum, day) => sum + (day.time - time) * (day.value - mean), 0) / square
  return days.reduce((sum, day) => sum + (day.value - mean - slope * (day.time - time)) ** 2, 0)
}
