// A lab session graded: points for each check, and findings with their figures. Pure. What did not
// happen is not judged, and what cannot be known costs no points. It grades a sender and judges no
// unit (I10). The sentences are those of words.ts.

import type { RefusalCode } from '../refusal.ts'
import { againOf } from './again.ts'
import {
  intervalOf,
  isKept,
  type LabRecord,
  type SeenConnect,
  type SeenPacket,
  timesOf,
} from './lab.ts'
import type { FindingName } from './words.ts'

export const labChecks = [
  'schema',
  'units',
  'timing',
  'clock',
  'duplicates',
  'order',
  'buffering',
  'reconnect',
  'resend',
  'retry',
] as const
export type LabCheck = (typeof labChecks)[number]

/** What was found, by the names of words.ts, which has a sentence for each. */
export interface LabFinding {
  finding: FindingName
  values: Readonly<Record<string, number | string>>
}

export interface LabGrade {
  check: LabCheck
  /** Null: not judged. */
  points: number | null
  of: number
  findings: LabFinding[]
}

export interface LabReport {
  /** Of 100, over the checks that could be judged; null when none could. */
  score: number | null
  checks: LabGrade[]
}

const weights: Readonly<Record<LabCheck, number>> = {
  ...{ schema: 15, units: 10, timing: 10, clock: 10, duplicates: 10 },
  ...{ order: 5, buffering: 20, reconnect: 10, resend: 5, retry: 5 },
}

/** 0 … 1; null: not judged. */
interface Share {
  share: number | null
  findings: LabFinding[]
}

export function gradeLab(record: LabRecord): LabReport {
  const shares: Record<LabCheck, Share> = {
    ...gradeBodies(record),
    timing: gradeTiming(record),
    clock: gradeClock(record),
    ...gradeAgain(record),
    order: gradeOrder(record),
    buffering: gradeBuffering(record),
    reconnect: gradeReconnect(record),
  }
  const checks = labChecks.map((check): LabGrade => {
    const { share, findings } = shares[check]
    const of = weights[check]
    // Only what is without fault gets all.
    const points =
      share === null
        ? null
        : share >= 1
          ? of
          : Math.min(of - 1, Math.floor(of * Math.max(0, share)))
    return { check, points, of, findings }
  })
  const judged = checks.filter(({ points }) => points !== null)
  const most = judged.reduce((sum, { of }) => sum + of, 0)
  const got = judged.reduce((sum, { points }) => sum + (points ?? 0), 0)
  return { score: most === 0 ? null : Math.floor((100 * got) / most), checks }
}

const found = (finding: FindingName, values: LabFinding['values'] = {}): LabFinding => ({
  finding,
  values,
})
const unjudged = (finding: FindingName, values: LabFinding['values'] = {}): Share => ({
  share: null,
  findings: [found(finding, values)],
})

const unitCodes: ReadonlySet<RefusalCode> = new Set([
  'reading/unit-unknown',
  'reading/out-of-physics',
  'reading/channel-unknown',
])

/** What faults of ours refused tells of its form all the same. */
function gradeBodies({ packets }: LabRecord): Record<'schema' | 'units', Share> {
  const refusals = packets.flatMap((packet) => packet.refusals)
  const readings = packets.reduce((sum, packet) => sum + valuesIn(packet), 0)
  if (readings + refusals.length === 0)
    return { schema: unjudged('nothing-came'), units: unjudged('nothing-came') }
  const grade = (own: typeof refusals, good: LabFinding): Share => {
    if (own.length === 0) return { share: 1, findings: [good] }
    const findings = [...firstOf(own)].map(([code, { path, detail }]) => {
      const count = own.filter((each) => each.code === code).length
      return found('refused', { count, code, path, detail })
    })
    return { share: readings / (readings + own.length), findings }
  }
  return {
    schema: grade(
      refusals.filter(({ code }) => !unitCodes.has(code)),
      found('all-readable', { readings }),
    ),
    units: grade(
      refusals.filter(({ code }) => unitCodes.has(code)),
      found('units-right', { channels: channelsIn(packets) }),
    ),
  }
}

function firstOf<T extends { code: string }>(refusals: readonly T[]): Map<string, T> {
  const first = new Map<string, T>()
  for (const refusal of refusals) if (!first.has(refusal.code)) first.set(refusal.code, refusal)
  return first
}

const valuesIn = ({ entries }: SeenPacket): number =>
  entries.reduce((sum, { values }) => sum + values.length, 0)

function channelsIn(packets: readonly SeenPacket[]): string {
  const names = packets.flatMap(({ entries }) =>
    entries.flatMap(({ values }) => values.map(([channel]) => channel)),
  )
  return [...new Set(names)].sort().join(', ')
}

/** A step may be so far from the declared interval: crystals and radios are not exact. */
const stepTolerance = 0.1
const stepsMin = 5
/** A step longer than this is a hole. */
const gapFactor = 2.5

/** Steps across a fault are a matter of buffering. */
function gradeTiming(record: LabRecord): Share {
  const { loggingIntervalMs } = record
  if (loggingIntervalMs === undefined) return unjudged('interval-undeclared')
  const times = timesOf(record.packets)
  const steps = times
    .slice(1)
    .map((to, index) => ({ from: times[index]!, to }))
    .filter((step) => !record.happened.some((fault) => meets(step, fault)))
  if (steps.length < stepsMin) return unjudged('few-steps', { steps: steps.length })
  const far = stepTolerance * loggingIntervalMs
  const regular = steps.filter(({ from, to }) => Math.abs(to - from - loggingIntervalMs) <= far)
  const holes = steps.filter(({ from, to }) => to - from > gapFactor * loggingIntervalMs).length
  const seconds = loggingIntervalMs / 1000
  const values = { regular: regular.length, steps: steps.length, seconds }
  const findings = [found(regular.length === steps.length ? 'regular' : 'irregular', values)]
  if (holes > 0) findings.push(found('holes', { count: holes }))
  return { share: regular.length / steps.length, findings }
}

const meets = (a: { from: number; to: number }, b: { from: number; to: number }): boolean =>
  a.from <= b.to && b.from <= a.to

/** Ahead is wrong for certain; behind may be a slow way. */
const aheadMsMax = 2 * 60_000
const behindMsMax = 15 * 60_000

/** By the newest reading of each packet: the packet that came quickest says most. */
function gradeClock({ packets }: LabRecord): Share {
  let behindMs = Infinity
  for (const { at, entries } of packets)
    for (const { time } of entries) behindMs = Math.min(behindMs, at - time)
  if (behindMs === Infinity) return unjudged('nothing-came')
  const seconds = Math.round(Math.abs(behindMs) / 1000)
  if (behindMs < -aheadMsMax) return { share: 0, findings: [found('ahead', { seconds })] }
  if (behindMs > behindMsMax) return { share: 0, findings: [found('behind', { seconds })] }
  return { share: 1, findings: [found('on-time', { seconds })] }
}

/** What came more than once: needlessly, rightly after a fault, too early, or not at all. */
function gradeAgain(record: LabRecord): Record<'duplicates' | 'resend' | 'retry', Share> {
  const again = againOf(record)
  const { entries, needless, renumbered, rewritten } = again
  const doubled = [
    ...(renumbered > 0 ? [found('renumbered', { count: renumbered })] : []),
    ...(rewritten > 0 ? [found('rewritten', { count: rewritten })] : []),
    ...(needless > 0 ? [found('needless', { count: needless })] : []),
  ]
  // A new number or value makes of one reading two: that is worth no points at all.
  const once = renumbered + rewritten > 0 ? 0 : (entries - needless) / Math.max(1, entries)
  return {
    duplicates:
      entries === 0
        ? unjudged('nothing-came')
        : {
            share: once,
            findings: doubled.length > 0 ? doubled : [found('each-once', { entries })],
          },
    resend: gradeResend(record, again),
    retry: gradeRetry(record, again),
  }
}

type Again = ReturnType<typeof againOf>

function gradeResend({ packets }: LabRecord, { resent, unsent, undup }: Again): Share {
  const overMqtt = packets.filter(({ over }) => over === 'mqtt')
  if (overMqtt.length > 0 && overMqtt.every(({ qos }) => qos === 0))
    return { share: 0, findings: [found('qos-0')] }
  if (resent + unsent === 0) return unjudged('nothing-withheld')
  const findings = [
    ...(unsent > 0 ? [found('not-resent', { count: unsent })] : []),
    ...(undup > 0 ? [found('resent-without-dup', { count: undup })] : []),
  ]
  const share = (resent - undup / 2) / (resent + unsent)
  return { share, findings: findings.length > 0 ? findings : [found('resent', { count: resent })] }
}

function gradeRetry({ happened }: LabRecord, { early, earlyMs, lost, accepted }: Again): Share {
  const faults = happened.filter(({ kind }) => kind === '429' || kind === '503')
  if (faults.length === 0) return unjudged('no-refusals-met')
  const findings = [
    ...(early > 0 ? [found('too-early', { count: early, seconds: seconds(earlyMs) })] : []),
    ...(lost > 0 ? [found('not-retried', { count: lost })] : []),
  ]
  const share = 1 - (early > 0 ? 0.5 : 0) - (lost > 0 ? 0.5 : 0)
  const good = found('retried', { faults: faults.length, readings: accepted })
  return { share, findings: findings.length > 0 ? findings : [good] }
}

/** What comes again does not count: only what is new may come after something newer. */
function gradeOrder({ packets }: LabRecord): Share {
  const seen = new Set<number>()
  let newest = -Infinity
  let late = 0
  for (const { outcome, entries } of packets) {
    if (!isKept(outcome)) continue
    for (const { time } of entries) {
      if (seen.has(time)) continue
      seen.add(time)
      if (time < newest) late++
      newest = Math.max(newest, time)
    }
  }
  if (seen.size < 2) return unjudged('nothing-came')
  const values = { late, entries: seen.size }
  return {
    share: (seen.size - late) / seen.size,
    findings: [found(late === 0 ? 'in-order' : 'out-of-order', values)],
  }
}

/** Readings of the time in which nothing was taken from it. */
function gradeBuffering(record: LabRecord): Share {
  const { happened, packets, to } = record
  const intervalMs = intervalOf(record)
  if (intervalMs === undefined) return unjudged('interval-unknown')
  const times = timesOf(packets)
  let expected = 0
  let missing = 0
  for (const fault of happened) {
    // What is not over says nothing yet: the device may be about to send it.
    if (fault.to + intervalMs > to) continue
    const before = times.findLast((time) => time <= fault.from)
    if (before === undefined) continue
    const after = times.find((time) => time >= fault.to) ?? fault.to
    const within = times.filter((time) => time > before && time < after)
    const due = Math.round((after - before) / intervalMs) - 1
    expected += Math.max(0, due)
    missing += holesIn([before, ...within, after], intervalMs)
  }
  if (expected === 0) return unjudged('no-outage')
  const values = { missing, expected }
  return {
    share: (expected - missing) / expected,
    findings: [found(missing === 0 ? 'nothing-lost' : 'lost', values)],
  }
}

function holesIn(times: readonly number[], intervalMs: number): number {
  let missing = 0
  for (let index = 1; index < times.length; index++)
    missing += Math.max(0, Math.round((times[index]! - times[index - 1]!) / intervalMs) - 1)
  return missing
}

/** Tries that follow each other faster than this keep a server from getting up again. */
const tryMsMin = 1000
/** Waits that are as much alike are no chance. */
const alike = 0.02

function gradeReconnect({ connects, happened, packets, to }: LabRecord): Share {
  // Who speaks HTTP only has no connection to come back with.
  if (connects.length === 0 && packets.every(({ over }) => over === 'http'))
    return unjudged('no-cut')
  const cuts = happened.filter(({ kind }) => kind === 'disconnect' || kind === 'withhold')
  const ways = cuts
    .map((cut) => ({ cut, tries: triesAfter(connects, cut.from) }))
    // It gets a minute to come back.
    .filter(({ cut, tries }) => tries.at(-1)?.accepted || cut.to + 60_000 <= to)
  if (ways.length === 0) return unjudged('no-cut')
  const findings: LabFinding[] = []
  const away = ways.filter(({ tries }) => !tries.at(-1)?.accepted).length
  const waits = ways.map(({ cut, tries }) =>
    tries.map(({ at }, index) => at - (index === 0 ? cut.from : tries[index - 1]!.at)),
  )
  const between = waits.map((each) => each.slice(1))
  const shortest = Math.min(...between.flat())
  const steady = between.some((each) => each.length >= 3 && each.at(-1)! < 1.2 * each[0]!)
  const same = ways.length > 1 && waits.every((each) => isAlike(each, waits[0]!))
  const ids = new Set(connects.map(({ clientId }) => clientId))
  if (away > 0) findings.push(found('not-back', { count: away }))
  if (shortest < tryMsMin) findings.push(found('hammers', { seconds: shortest / 1000 }))
  if (steady) findings.push(found('no-backoff'))
  if (same) findings.push(found('no-jitter', { count: ways.length }))
  if (ids.size > 1) findings.push(found('new-client-id', { count: ids.size }))
  const share =
    (1 - away / ways.length) * (1 - Math.min(1, 0.25 * (findings.length - (away > 0 ? 1 : 0))))
  if (findings.length === 0)
    findings.push(found('back', { count: ways.length, seconds: seconds(longestOf(ways)) }))
  // Neither right nor wrong, and good to know.
  if (connects.some(({ clean }) => clean)) findings.push(found('clean-session'))
  return { share, findings }
}

/** Those that belong to one cut: up to the first that succeeds. */
function triesAfter(connects: readonly SeenConnect[], from: number): SeenConnect[] {
  const later = connects.filter(({ at }) => at >= from)
  const first = later.findIndex(({ accepted }) => accepted)
  return first < 0 ? later : later.slice(0, first + 1)
}

const isAlike = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length &&
  one.every((wait, index) => Math.abs(wait - other[index]!) <= alike * Math.max(wait, 50))

const longestOf = (ways: readonly { cut: { to: number }; tries: SeenConnect[] }[]): number =>
  Math.max(0, ...ways.map(({ cut, tries }) => (tries.at(-1)?.at ?? cut.to) - cut.to))

const seconds = (ms: number): number => Math.round(ms / 100) / 10
