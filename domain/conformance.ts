// How well a device sends, graded by what came of it: points and a sentence for each check. Pure.
// What cannot be judged gets no points and no blame. It grades the sender; units are judged by
// nobody here (I10).
import type { ClockEstimate } from './clock.ts'
import { coverageOf } from './health.ts'

export const conformanceChecks = ['schema', 'interval', 'holes', 'clock'] as const
export type ConformanceCheck = (typeof conformanceChecks)[number]

export interface CheckGrade {
  check: ConformanceCheck
  /** Null: there was not enough to judge by. */
  points: number | null
  of: number
  detail: string
}

export interface Conformance {
  /** Of 100, over the checks that could be judged; null when none could. */
  score: number | null
  checks: CheckGrade[]
}

export interface Observed {
  window: { from: number; to: number }
  /** Of the channel that is logged, ascending by time. */
  points: readonly { time: number; value: number }[]
  /** Faults that were refused within the window, and the codes of them. */
  refused: number
  codes: readonly string[]
  /** As it was declared; absent: it was not. */
  loggingIntervalMs?: number | undefined
  clock: ClockEstimate | undefined
}

const weights: Readonly<Record<ConformanceCheck, number>> = {
  schema: 30,
  interval: 30,
  holes: 20,
  clock: 20,
}

/** Fewer readings say nothing of an interval. */
const readingsMin = 10
/** A step may be so far from the declared interval: crystals and radios are not exact. */
const stepTolerance = 0.1
const gapFactor = 2.5
/** Ahead is wrong for certain; behind may be a slow way. */
const aheadMsMax = 2 * 60_000
const behindMsMax = 15 * 60_000

export function gradeSender(observed: Observed): Conformance {
  const shares = { ...gradeReadings(observed), clock: gradeClock(observed.clock) }
  const checks = conformanceChecks.map((check): CheckGrade => {
    const { share, detail } = shares[check]
    const of = weights[check]
    // Only what is without fault gets all.
    const points =
      share === null ? null : share >= 1 ? of : Math.min(of - 1, Math.floor(of * share))
    return { check, points, of, detail }
  })
  const judged = checks.filter(({ points }) => points !== null)
  const most = judged.reduce((sum, { of }) => sum + of, 0)
  const got = judged.reduce((sum, { points }) => sum + (points ?? 0), 0)
  return { score: most === 0 ? null : Math.floor((100 * got) / most), checks }
}

/** 0 … 1; null: unknown. */
interface Share {
  share: number | null
  detail: string
}

function gradeReadings(observed: Observed): Record<'schema' | 'interval' | 'holes', Share> {
  const { points, refused, codes, loggingIntervalMs, window } = observed
  const all = points.length + refused
  const faults = `${refused} refused (${codes.join(', ')}), ${points.length} readings kept`
  const schema: Share =
    all === 0
      ? { share: null, detail: 'nothing came' }
      : {
          share: points.length / all,
          detail: refused === 0 ? `all ${points.length} readings kept, nothing refused` : faults,
        }
  if (loggingIntervalMs === undefined) {
    const share = { share: null, detail: 'declare the logging interval with the device' }
    return { schema, interval: share, holes: share }
  }
  if (points.length < readingsMin) {
    const share = { share: null, detail: `fewer than ${readingsMin} readings` }
    return { schema, interval: share, holes: share }
  }
  const span = { from: points[0]!.time, to: Math.min(window.to, points.at(-1)!.time + 1) }
  const gapMs = gapFactor * loggingIntervalMs
  const { holes, unknownMs } = coverageOf({ points: [...points], window: span, gapMs })
  return {
    schema,
    interval: gradeSteps(points, { loggingIntervalMs, gapMs }),
    holes: {
      share: Math.max(0, 1 - unknownMs / (span.to - span.from)),
      detail: holes === 0 ? 'no holes' : `${holes} holes, ${Math.round(unknownMs / 60_000)} min`,
    },
  }
}

/** Holes are graded by themselves: a step across one is none. */
function gradeSteps(
  points: Observed['points'],
  { loggingIntervalMs, gapMs }: { loggingIntervalMs: number; gapMs: number },
): Share {
  const steps = points.slice(1).map(({ time }, index) => time - points[index]!.time)
  const within = steps.filter((step) => step <= gapMs)
  if (within.length === 0) return { share: 0, detail: 'no two readings follow each other' }
  const tolerance = stepTolerance * loggingIntervalMs
  const regular = within.filter((step) => Math.abs(step - loggingIntervalMs) <= tolerance).length
  const seconds = loggingIntervalMs / 1000
  const detail = `${regular} of ${within.length} steps are ${seconds} s, within 10 %`
  return { share: regular / within.length, detail }
}

function gradeClock(clock: ClockEstimate | undefined): Share {
  if (!clock || (clock.confidence === 'none' && clock.behindMs >= -aheadMsMax))
    return { share: null, detail: 'its messages say too little of its clock yet' }
  const seconds = Math.round(Math.abs(clock.behindMs) / 1000)
  if (clock.behindMs < -aheadMsMax) return { share: 0, detail: `ahead by ${seconds} s` }
  if (clock.behindMs > behindMsMax)
    return { share: 0, detail: `behind, or ${seconds} s late at its quickest` }
  return { share: 1, detail: `readings arrive ${seconds} s after they were taken at the quickest` }
}
