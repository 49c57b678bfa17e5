// How well a device sends, graded by what came of it: points and a sentence for each check. Pure.
// What cannot be judged gets no points and no blame. It grades the sender; units are judged by
// nobody here (I10).
import type { ClockEstimate } from './clock.ts'
import { coverageOf } from './health.ts'

export const conformanceChecks = ['schema', 'interval', 'holes', 'clock', 'connection'] as const
export type ConformanceCheck = (typeof conformanceChecks)[number]

/** One sentence each, whatever its figures: consoles word them by these. */
export const gradeCodes = [
  ...['nothing-came', 'all-kept', 'refused'],
  ...['interval-undeclared', 'few-readings', 'no-steps', 'steps', 'no-holes', 'holes'],
  ...['clock-unknown', 'clock-ahead', 'clock-behind', 'clock-right'],
  ...['connection-kept', 'node-offline', 'device-offline', 'messages-missing'],
] as const
export type GradeCode = (typeof gradeCodes)[number]

export interface Told {
  code: GradeCode
  /** Named with their units; codes of refusals as one text. */
  figures: Readonly<Record<string, number | string>>
  /** The same as an English sentence. */
  detail: string
}

export interface CheckGrade extends Told {
  check: ConformanceCheck
  /** Null: there was not enough to judge by. */
  points: number | null
  of: number
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
  /** What was found of the session of its edge node; absent: it speaks no Sparkplug. */
  connection?: readonly Told[] | undefined
}

const weights: Readonly<Record<ConformanceCheck, number>> = {
  schema: 30,
  interval: 30,
  holes: 20,
  clock: 20,
  connection: 20,
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
  const shares: Partial<Record<ConformanceCheck, Share>> = {
    ...gradeReadings(observed),
    clock: gradeClock(observed.clock),
    ...(observed.connection && { connection: gradeConnection(observed.connection) }),
  }
  const checks = conformanceChecks.flatMap((check): CheckGrade[] => {
    const graded = shares[check]
    if (!graded) return []
    const { share, ...told } = graded
    const of = weights[check]
    // Only what is without fault gets all.
    const points =
      share === null ? null : share >= 1 ? of : Math.min(of - 1, Math.floor(of * share))
    return [{ check, points, of, ...told }]
  })
  const judged = checks.filter(({ points }) => points !== null)
  const most = judged.reduce((sum, { of }) => sum + of, 0)
  const got = judged.reduce((sum, { points }) => sum + (points ?? 0), 0)
  return { score: most === 0 ? null : Math.floor((100 * got) / most), checks }
}

/** 0 … 1; null: unknown. */
interface Share extends Told {
  share: number | null
}

function gradeReadings(observed: Observed): Record<'schema' | 'interval' | 'holes', Share> {
  const { points, loggingIntervalMs, window } = observed
  const schema = gradeRefusals(observed)
  if (loggingIntervalMs === undefined) {
    const detail = 'declare the logging interval with the device'
    const share: Share = { share: null, code: 'interval-undeclared', figures: {}, detail }
    return { schema, interval: share, holes: share }
  }
  if (points.length < readingsMin) {
    const detail = `fewer than ${readingsMin} readings`
    const figures = { least: readingsMin }
    const share: Share = { share: null, code: 'few-readings', figures, detail }
    return { schema, interval: share, holes: share }
  }
  const span = { from: points[0]!.time, to: Math.min(window.to, points.at(-1)!.time + 1) }
  const gapMs = gapFactor * loggingIntervalMs
  const { holes, unknownMs } = coverageOf({ points: [...points], window: span, gapMs })
  const minutes = Math.round(unknownMs / 60_000)
  return {
    schema,
    interval: gradeSteps(points, { loggingIntervalMs, gapMs }),
    holes: {
      share: Math.max(0, 1 - unknownMs / (span.to - span.from)),
      code: holes === 0 ? 'no-holes' : 'holes',
      figures: holes === 0 ? {} : { holes, minutes },
      detail: holes === 0 ? 'no holes' : `${holes} holes, ${minutes} min`,
    },
  }
}

function gradeRefusals({ points, refused, codes }: Observed): Share {
  const kept = points.length
  const all = kept + refused
  if (all === 0) return { share: null, code: 'nothing-came', figures: {}, detail: 'nothing came' }
  if (refused === 0) {
    const detail = `all ${kept} readings kept, nothing refused`
    return { share: 1, code: 'all-kept', figures: { kept }, detail }
  }
  const figures = { refused, kept, codes: codes.join(', ') }
  const detail = `${refused} refused (${figures.codes}), ${kept} readings kept`
  return { share: kept / all, code: 'refused', figures, detail }
}

/** Holes are graded by themselves: a step across one is none. */
function gradeSteps(
  points: Observed['points'],
  { loggingIntervalMs, gapMs }: { loggingIntervalMs: number; gapMs: number },
): Share {
  const steps = points.slice(1).map(({ time }, index) => time - points[index]!.time)
  const within = steps.filter((step) => step <= gapMs)
  if (within.length === 0) {
    const detail = 'no two readings follow each other'
    return { share: 0, code: 'no-steps', figures: {}, detail }
  }
  const tolerance = stepTolerance * loggingIntervalMs
  const regular = within.filter((step) => Math.abs(step - loggingIntervalMs) <= tolerance).length
  const seconds = loggingIntervalMs / 1000
  const detail = `${regular} of ${within.length} steps are ${seconds} s, within 10 %`
  const figures = { regular, steps: within.length, seconds }
  return { share: regular / within.length, code: 'steps', figures, detail }
}

/** Who is dead sends nothing; of what went missing some may have come again. */
function gradeConnection([worst]: readonly Told[]): Share {
  if (!worst) {
    const detail = 'its edge node is online, and no message is missing'
    return { share: 1, code: 'connection-kept', figures: {}, detail }
  }
  return { ...worst, share: worst.code === 'messages-missing' ? 0.5 : 0 }
}

function gradeClock(clock: ClockEstimate | undefined): Share {
  if (!clock || (clock.confidence === 'none' && clock.behindMs >= -aheadMsMax)) {
    const detail = 'its messages say too little of its clock yet'
    return { share: null, code: 'clock-unknown', figures: {}, detail }
  }
  const seconds = Math.round(Math.abs(clock.behindMs) / 1000)
  const figures = { seconds }
  if (clock.behindMs < -aheadMsMax)
    return { share: 0, code: 'clock-ahead', figures, detail: `ahead by ${seconds} s` }
  if (clock.behindMs > behindMsMax) {
    const detail = `behind, or ${seconds} s late at its quickest`
    return { share: 0, code: 'clock-behind', figures, detail }
  }
  const detail = `readings arrive ${seconds} s after they were taken at the quickest`
  return { share: 1, code: 'clock-right', figures, detail }
}
