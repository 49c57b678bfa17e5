// Whether what a logger said can be relied on: its calibrations, and when the next was due. A time
// past that is unknown however exact the logger may have been (I6); one before the first that was
// told is not judged, for nobody said anything of it. Judges no temperature.
import type { Interval } from './breach.ts'
import type { HealthFinding } from './health.ts'

/** One calibration, epoch ms. It speaks from its time on until the next is due. */
export interface Calibration {
  calibratedAt: number
  dueAt: number
}

/** EU GDP 2013/C 343/01 §3.3: at least yearly, for whoever told no other due date. */
export const calibrationYearMs = 365 * 86_400_000

/**
 * The due date that had passed while it was relied on; when none had, that of the calibration that
 * spoke last. Null: nobody ever told of one.
 */
export function dueWhileUsed(
  calibrations: readonly Calibration[],
  used: readonly Interval[],
): number | null {
  const sorted = calibrations.toSorted((a, b) => a.calibratedAt - b.calibratedAt)
  const first = sorted[0]
  if (!first) return null
  let dueAt = first.dueAt
  for (const [i, calibration] of sorted.entries()) {
    dueAt = Math.max(dueAt, calibration.dueAt)
    const next = sorted[i + 1]?.calibratedAt ?? Infinity
    if (used.some(({ from, to }) => from < next && to > dueAt && next > dueAt)) return dueAt
  }
  return dueAt
}

/** Whoever orders calibrations wants to know a month before. */
const soonMs = 30 * 86_400_000

/** For people who look after loggers, as of a moment; `used`: whether it said anything lately. */
export function calibrationFindings(
  calibrations: readonly Calibration[],
  { asOf, used }: { asOf: number; used: boolean },
): HealthFinding[] {
  const spoken = calibrations.filter(({ calibratedAt }) => calibratedAt <= asOf)
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10)
  const at = { kind: 'calibration', channel: 'calibration' } as const
  if (spoken.length === 0) {
    if (!used) return []
    const detail = 'nobody told of a calibration: its verdicts rest on nothing but its word'
    const told = { code: 'calibration-untold', figures: {}, detail } as const
    return [{ ...at, severity: 'info', from: asOf, to: asOf, ...told }]
  }
  const dueAt = Math.max(...spoken.map((one) => one.dueAt))
  const days = Math.ceil(Math.abs(asOf - dueAt) / 86_400_000)
  const figures = { days, dueAt: new Date(dueAt).toISOString() }
  if (dueAt <= asOf) {
    const detail = `was due on ${day(dueAt)}, ${days} days ago: what it says since is unknown`
    const told = { code: 'calibration-overdue', figures, detail } as const
    return [{ ...at, severity: 'major', from: dueAt, to: asOf, ...told }]
  }
  if (dueAt - asOf > soonMs) return []
  const detail = `is due on ${day(dueAt)}, in ${days} days`
  const told = { code: 'calibration-due', figures, detail } as const
  return [{ ...at, severity: 'minor', from: asOf, to: dueAt, ...told }]
}
