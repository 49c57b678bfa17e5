// What a logger says about its own readings, and the same computed from the rows of its file. A
// difference is shown, never mended: the device samples more often than it logs, so small ones are
// expected.
import { type Interval, isBeyond } from '../../domain/breach.ts'
import {
  gasConstantSi,
  type Limit,
  meanOfRows,
  mktOfRows,
  type Run,
  reachedAt,
  runsBeyond,
  standsOf,
} from '../../domain/exposure.ts'
import type { Reading } from '../../domain/reading.ts'
import type { LoggerFile } from './format.ts'

/** Times in epoch ms, temperatures in °C as printed. What the file leaves out is absent. */
export interface DeviceFigures {
  activatedAt?: number
  /** The end of what the file tells of: the stop, or the moment the report was made. */
  endedAt?: number
  limits: StatedLimit[]
  /** One for a transport, one per day for a fridge; ascending. */
  periods: StatedPeriod[]
  /** Rows that the device marked as out of its limits and that have a value. */
  rowsMarked: number
}

export interface StatedLimit extends Limit {
  /** The device's own number of it. */
  number: number
  kind: 'single' | 'cumulative'
  allowanceMs: number
}

export interface StatedPeriod extends Interval {
  /** A day as the device's clock has it, or 'transport'. */
  title: string
  minC?: number
  minTime?: number
  maxC?: number
  maxTime?: number
  meanC?: number
  mktC?: number
  /** ΔH of the device's mean kinetic temperature. */
  deltaHKjPerMol?: number
  excursions: StatedExcursion[]
  /** Time without the external and the internal sensor, and when the device said so. */
  sensorLost: { sensor: 'external' | 'internal'; ms: number; raisedAt?: number }[]
  /** When somebody looked at the device. */
  checkedAt: number[]
}

/** Time beyond one limit. A fridge states the sum of a day, without from and to. */
export interface StatedExcursion {
  limit: number
  ms: number
  from?: number
  raisedAt?: number
  /** Absent while it lasts. */
  to?: number
  extremeC?: number
  extremeTime?: number
}

/**
 * One figure twice. `agrees`: equal as printed, or no farther apart than logging interval and gaps
 * explain.
 */
export interface FigureRow {
  period: string
  figure: 'min' | 'max' | 'mean' | 'mkt' | 'from' | 'raised' | 'to' | 'beyond' | 'rowsMarked'
  limit?: number
  /** °C, minutes, epoch ms or rows. */
  unit: '°C' | 'min' | 'time' | 'rows'
  device: number
  /** Null when the rows say nothing of it. */
  computed: number | null
  agrees: boolean
}

/** "Device says / computed from rows" for every figure the device states. Empty without rows. */
export function compareFigures(file: LoggerFile): FigureRow[] {
  const { figures, readings } = file
  if (readings.length === 0) return []
  const rows: FigureRow[] = []
  for (const period of figures.periods) {
    const own = readings.filter((r) => r.time >= period.from && r.time < period.to)
    rows.push(...compareTemperatures(period, own))
    for (const excursion of period.excursions) {
      const limit = figures.limits.find((known) => known.number === excursion.limit)
      if (limit) rows.push(...compareExcursion(excursion, limit, { file, period, own }))
    }
  }
  if (figures.limits.length > 0) {
    const beyond = readings.filter((r) =>
      figures.limits.some((l) => isBeyond(l.side, l.limitC, r.value)),
    ).length
    const agrees = beyond === figures.rowsMarked
    const device = figures.rowsMarked
    rows.push({
      period: 'file',
      figure: 'rowsMarked',
      unit: 'rows',
      device,
      computed: beyond,
      agrees,
    })
  }
  return rows
}

/** domain/breach.ts, standing rule: a spacing beyond so many logging intervals is a hole. */
export const gapIntervals = 2.5

/**
 * As these loggers print: one decimal, cut toward zero. Binary dust, 4.6 as 4.5999…, is not cut.
 */
export function cutToTenth(celsius: number): number {
  return Math.trunc(Number((celsius * 10).toFixed(6))) / 10 + 0
}

function compareTemperatures(period: StatedPeriod, own: readonly Reading[]): FigureRow[] {
  const values = own.map((r) => r.value)
  const deltaHKjPerMol = period.deltaHKjPerMol
  const computed: [FigureRow['figure'], number | undefined, number | null][] = [
    [
      'min',
      period.minC,
      values.reduce<number | null>((a, b) => (a === null || b < a ? b : a), null),
    ],
    [
      'max',
      period.maxC,
      values.reduce<number | null>((a, b) => (a === null || b > a ? b : a), null),
    ],
    ['mean', period.meanC, meanOfRows(values)],
  ]
  if (deltaHKjPerMol !== undefined) {
    const kinetics = { deltaHKjPerMol, gasConstantJPerMolK: gasConstantSi }
    computed.push(['mkt', period.mktC, mktOfRows(values, kinetics)])
  }
  return computed.flatMap(([figure, device, value]) => {
    if (device === undefined) return []
    const agrees = value !== null && cutToTenth(value) === device
    return [{ period: period.title, figure, unit: '°C', device, computed: value, agrees } as const]
  })
}

/** What `compareExcursion` looks at besides the excursion: readings of the period, ascending. */
interface Scene {
  file: LoggerFile
  period: StatedPeriod
  own: readonly Reading[]
}

function compareExcursion(
  excursion: StatedExcursion,
  limit: StatedLimit,
  { file, period, own }: Scene,
): FigureRow[] {
  const intervalMs = file.device.loggingIntervalMs ?? 0
  const stands = standsOf(own, { gapMs: gapIntervals * intervalMs })
  const runs = runsBeyond(stands, limit)
  const run = excursion.from === undefined ? undefined : nearest(runs, excursion.from)
  const raised =
    limit.kind === 'cumulative'
      ? reachedAt(stands, limit, limit.allowanceMs)
      : run && run.from + limit.allowanceMs
  const times = [
    ['from', excursion.from, limit.kind === 'single' ? run?.from : runs[0]?.from],
    ['raised', excursion.from === undefined ? undefined : excursion.raisedAt, raised],
    ['to', excursion.to, run?.to],
  ] as const
  const common = { period: period.title, limit: limit.number }
  const rows: FigureRow[] = times.flatMap(([figure, device, value]) => {
    if (device === undefined) return []
    const computed = value ?? null
    const agrees = computed !== null && Math.abs(computed - device) <= intervalMs
    return [{ ...common, figure, unit: 'time', device, computed, agrees } as const]
  })
  // A single excursion that ended is one run; all else is the sum of its period. As loggers count,
  // every row beyond the limit is one logging interval.
  const isOne = limit.kind === 'single' && excursion.to !== undefined
  const beyond = own.filter((r) => isBeyond(limit.side, limit.limitC, r.value))
  const counted = isOne
    ? beyond.filter((r) => run && r.time >= run.from && r.time <= run.to)
    : beyond
  const computedMs = counted.length * intervalMs
  // Each run's length is known to one logging interval only, and in a gap only the device knew.
  let toleranceMs = intervalMs * Math.max(1, isOne ? 1 : runs.length)
  for (const gap of file.gaps)
    toleranceMs += Math.max(0, Math.min(gap.to, period.to) - Math.max(gap.from, period.from))
  const agrees = Math.abs(computedMs - excursion.ms) <= toleranceMs
  const minutes = { device: excursion.ms / 60_000, computed: computedMs / 60_000 }
  return [...rows, { ...common, figure: 'beyond', unit: 'min', ...minutes, agrees }]
}

function nearest(runs: readonly Run[], from: number): Run | undefined {
  let best: Run | undefined
  for (const run of runs)
    if (!best || Math.abs(run.from - from) < Math.abs(best.from - from)) best = run
  return best
}
