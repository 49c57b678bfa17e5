// What the readings of a marked device say now: all of them in the span that changed, or, when only
// readings came late, those about them (analytics/resume.ts). Reads the stores; writes nothing.
import type { Interval, Point } from '../domain/breach.ts'
import type { Presence } from '../domain/hierarchy.ts'
import { isTemperature } from '../domain/reading.ts'
import { correctSeries } from '../store/corrected-series.ts'
import type { Alert } from '../store/ledger/alerts.ts'
import { readPresence } from '../store/ledger/contents.ts'
import type { DetectorRow } from '../store/ledger/detectors.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { readKeptFrom } from '../store/ledger/retention.ts'
import { readLooks, type SilenceLook } from '../store/ledger/silence.ts'
import type { Series } from '../store/series.ts'
import type { Affected } from './affected.ts'
import { isCut, judgeFound, needsReadings, presenceKey, toldFrom } from './judge.ts'
import { type DetectorTo, keyOf } from './memory.ts'
import { type Plan, readPlan, type Watch } from './plan.ts'
import type { Subject } from './raise.ts'
import { type Readings, replayReadings, type Waypoint, waypointMs } from './replay.ts'
import { isAnew, type Late, type Resumed, type Resuming, resume, startOf } from './resume.ts'
import { changedSince } from './silence/looks.ts'
import { type Judgement, judgeSilence } from './silence/silences.ts'
import type { SilenceWatch } from './silence/watches.ts'
import { type ChannelState, type Found, parseChannels, type WatchState } from './tracker.ts'
import type { KeptWaypoints, WaypointMemory } from './waypoints.ts'

export interface Judged {
  plan: Plan
  /** What lies before can no longer be judged: its readings were dropped. */
  keptFrom: number
  scope: Scope
  channels: Record<string, ChannelState>
  findings: (Subject & { affected: Affected })[]
  /** The moment up to which was looked for silence; not there when nobody asks for it. */
  silence?: Judgement
  /** Channels of which not all in the scope was judged anew. */
  resumed: Map<string, Resumed['anew']>
  /** From which the next late reading can be judged; not there when readings are gone. */
  waypoints?: KeptWaypoints
}

/** A marked device, and the envelopes before which its readings are read. */
export interface Marked {
  row: DetectorRow
  before: number
  /** When nothing but late readings marked it since its waypoints were kept. */
  late?: { kept: KeptWaypoints; span: Late }
}

/** In turn with the steps: what is marked now, and whether by late readings alone. */
export function lateOf(
  waypoints: WaypointMemory,
  { row, before }: { row: DetectorRow; before: number },
): Marked {
  const kept = waypoints.read(keyOf(row))
  const late = waypoints.late(keyOf(row))
  const known = kept && late && row.body !== '' && kept.marks + late.marks === row.marks
  return { row, before, ...(known && { late: { kept, span: late.span } }) }
}

/** The part of a plan that a change since some time can touch. */
export function scopeOf(plan: Plan, since: number): Scope {
  const touched = ({ window }: { window: Interval }): boolean => window.to >= since - plan.gapMs
  const [watches, others] = divide(plan.watches, touched)
  const [silences, otherSilences] = divide(plan.silences, touched)
  const begins = [...watches, ...silences].map(({ window }) => window.from)
  const from = Math.min(since - plan.gapMs, ...begins)
  return { watches, others, silences, otherSilences, from }
}

export interface Scope {
  watches: Watch[]
  others: Watch[]
  silences: SilenceWatch[]
  otherSilences: SilenceWatch[]
  from: number
}

const divide = <T>(all: readonly T[], into: (one: T) => boolean): [T[], T[]] => [
  all.filter(into),
  all.filter((one) => !into(one)),
]

/** What the readings before an offset of the log say. Reads only. */
export async function judge(to: DetectorTo, marked: Marked): Promise<Judged> {
  const { row } = marked
  const { tenant, device } = row
  const { db } = to.ledger
  const plan = await readPlan(db, tenant, device)
  const looked = (await readLooks(db, tenant, [device])).get(device)
  const series = correctSeries(to.series, () => plan.clock)
  const latest = await series.latest(tenant, device)
  const since = Math.min(row.dirtySince ?? 0, sinceOf(looked, { plan, latest, now: to.now() }))
  const scope = scopeOf(plan, since)
  const keptFrom = await readKeptFrom(db)
  const judged: Judged = { plan, scope, keptFrom, channels: {}, findings: [], resumed: new Map() }
  if (plan.watches.length === 0 && plan.silences.length === 0) return judged
  const presences = new Map<string, Presence>()
  const presenceOf = (watch: PresenceOf) => presenceFor(db, { tenant, watch, presences })
  const about: About = { series, marked, judged, presenceOf, spoken: new Map() }
  const waypoints = new Map<string, readonly Waypoint[]>()
  for (const { channel } of latest) {
    if (!isTemperature(channel)) continue
    const late = (await judgeLate(about, channel)) ?? (await judgeAll(about, channel))
    waypoints.set(channel, late)
  }
  if (isResumable(judged)) {
    const watches = new Set(scope.watches.map(({ id }) => id))
    const { marks } = row
    judged.waypoints = { marks, plan: planText(plan), watches, channels: waypoints }
  }
  if (plan.silences.length > 0)
    judged.silence = await judgeSilence(db, {
      ...{ tenant, device, points: [...about.spoken.values()], watches: scope.silences, keptFrom },
      ...{ now: to.now(), looked, whole: scope.otherSilences.length === 0, presenceOf },
    })
  return judged
}

/** From when on must be looked, so that what is kept about its silence stays true. */
function sinceOf(
  looked: SilenceLook | undefined,
  { plan, latest, now }: { plan: Plan; latest: readonly Latest[]; now: number },
): number {
  if (!looked) return Infinity
  const times = latest.filter(({ channel }) => isTemperature(channel)).map(({ time }) => time)
  const last = Math.max(...times)
  const untilNow = looked.ongoing && Number.isFinite(last) ? last : Infinity
  const ahead = looked.lookAt < now ? changedSince(looked, plan.silences) : Infinity
  return Math.min(untilNow, ahead)
}

/** Whether an alert was looked at again; others stand as they did. */
export function isJudged({ scope, keptFrom, resumed }: Judged, alert: Alert): boolean {
  if (scope.others.some((watch) => covers(watch, alert)) || alert.from < keptFrom) return false
  const anew = resumed.get(alert.channel)
  if (!anew) return true
  const watch = scope.watches.find((one) => covers(one, alert))
  const own = watch && anew.get(watch.id)
  return own === undefined || isAnew(own, alert.from)
}

type Latest = Awaited<ReturnType<DetectorTo['series']['latest']>>[number]

interface About {
  /** By the times that follow from what was stated of the clock. */
  series: Series
  marked: Marked
  judged: Judged
  presenceOf: (watch: PresenceOf) => Promise<Presence>
  /** Every reading by its time, when somebody asks for silences. */
  spoken: Map<number, Point>
}

/** Silences need every reading, and waypoints before readings that are gone say too much. */
const isResumable = ({ plan, keptFrom }: Judged): boolean =>
  plan.silences.length === 0 && keptFrom === Number.NEGATIVE_INFINITY

const planText = ({ watches, clock }: Plan): string => JSON.stringify([watches, clock])

/** All readings in the scope; tells the waypoints that it left. */
async function judgeAll(about: About, channel: string): Promise<Waypoint[]> {
  const { marked, judged, spoken } = about
  const { scope, plan, keptFrom } = judged
  const from = Math.max(scope.from - plan.gapMs, keptFrom)
  const readings = await read(about, channel, { from, to: Number.MAX_SAFE_INTEGER })
  const { times, values } = readings
  if (scope.silences.length > 0)
    for (const [i, time] of times.entries()) spoken.set(time, { time, value: values[i]! })
  const replayed = replayReadings(readings, scope.watches, { keep: isResumable(judged) })
  const begun = begunBefore(keptFrom, { row: marked.row, channel, watches: scope.watches })
  Object.assign(replayed.channel.watches, begun)
  judged.channels[channel] = replayed.channel
  const whole = replayed.found.filter((one) => !isCut(one, { keptFrom, first: times[0] }))
  for (const found of whole) await addFinding(about, channel, { found, readings })
  return replayed.waypoints
}

/** The readings about the late ones; undefined when all of them must be looked at. */
async function judgeLate(about: About, channel: string): Promise<Waypoint[] | undefined> {
  const { marked, judged } = about
  const { plan, scope } = judged
  if (!marked.late || !isResumable(judged)) return undefined
  const { kept, span } = marked.late
  const waypoints = kept.channels.get(channel) ?? []
  const start = startOf(waypoints, span)
  const known = parseChannels(marked.row.body)[channel]
  if (!start || !known || kept.plan !== planText(plan)) return undefined
  if (scope.watches.some(({ id }) => !kept.watches.has(id))) return undefined
  const resuming = { kept: waypoints, start, watches: scope.watches, late: span, channel: known }
  const done = await readAndResume(about, channel, resuming)
  if (!done) return undefined
  const { resumed, readings } = done
  judged.channels[channel] = resumed.channel
  judged.resumed.set(channel, resumed.anew)
  for (const found of resumed.found) await addFinding(about, channel, { found, readings })
  return resumed.waypoints
}

/** A little beyond the late ones at first, to the newest only when that was not enough. */
async function readAndResume(
  about: About,
  channel: string,
  resuming: Resuming,
): Promise<{ resumed: Resumed; readings: Readings } | undefined> {
  const { start, late } = resuming
  const near = (Math.floor(late.to / waypointMs) + 2) * waypointMs
  for (const to of [near, Number.MAX_SAFE_INTEGER]) {
    if (!Number.isFinite(to)) continue
    const readings = await read(about, channel, { from: start.last.time, to })
    // It was there when the waypoint was made: without it nothing of it is true any more.
    const { time, value } = start.last
    if (readings.times[0] !== time || readings.values[0] !== value) return undefined
    const resumed = resume(resuming, { readings, whole: to === Number.MAX_SAFE_INTEGER })
    if (resumed) return { resumed, readings }
  }
  return undefined
}

const read = ({ series, marked }: About, channel: string, span: Interval): Promise<Readings> => {
  const { tenant, device } = marked.row
  return series.columns({ tenant, device, channel, ...span, beforeOffset: marked.before })
}

async function addFinding(
  about: About,
  channel: string,
  { found, readings }: { found: Found; readings: Readings },
): Promise<void> {
  const { marked, judged, presenceOf } = about
  const { tenant, device } = marked.row
  if (found.breach.verdict === 'in') return
  const presence = await presenceOf(found.watch)
  // One that began long before what was read; units that were not in for all of it have shares.
  const from = toldFrom(found)
  const far = from < (readings.times[0] ?? 0) && judged.resumed.has(channel)
  const all =
    far && needsReadings(found, presence)
      ? await read(about, channel, {
          from: from - judged.plan.gapMs,
          to: Number.MAX_SAFE_INTEGER,
        })
      : readings
  const finding = judgeFound(found, { readings: all, presence })
  if (finding) judged.findings.push({ tenant, device, channel, ...finding })
}

/**
 * Sums that began with readings which are gone: they cannot be made anew, and go on as they are.
 * What comes late for them changes nothing any more.
 */
function begunBefore(
  keptFrom: number,
  of: { row: DetectorRow; channel: string; watches: readonly Watch[] },
): Record<string, WatchState> {
  if (keptFrom === Number.NEGATIVE_INFINITY || of.row.body === '') return {}
  const known = parseChannels(of.row.body)[of.channel]?.watches ?? {}
  const own = new Set(of.watches.map(({ id }) => id))
  return Object.fromEntries(
    Object.entries(known).filter(
      ([id, { tally }]) => own.has(id) && tally.from !== null && tally.from < keptFrom,
    ),
  )
}

type PresenceOf = Pick<Watch, 'container' | 'window'>

async function presenceFor(
  db: LedgerQuery,
  of: {
    tenant: string
    watch: PresenceOf
    presences: Map<string, Presence>
  },
): Promise<Presence> {
  const { tenant, watch, presences } = of
  const { container, window } = watch
  const key = presenceKey(watch)
  const known = presences.get(key)
  if (known) return known
  const presence = await readPresence(db, tenant, { container, window })
  presences.set(key, presence)
  return presence
}

const covers = (watch: Watch, alert: Alert): boolean =>
  watch.container === alert.container &&
  watch.gtin === alert.gtin &&
  watch.label === alert.label &&
  watch.options.rule.id === alert.rule &&
  watch.window.from <= alert.from &&
  alert.from < watch.window.to
