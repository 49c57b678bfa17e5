// The sweep: marked devices are judged anew from all their readings in the span that changed (I3).
// What no longer stands is superseded or retracted, never silently edited.
import { setTimeout as delay } from 'node:timers/promises'
import { bounds } from '../config.ts'
import { type Breach, type Interval, overlapOf, type Point } from '../domain/breach.ts'
import type { Presence } from '../domain/hierarchy.ts'
import { isTemperature } from '../domain/reading.ts'
import { Unavailable } from '../domain/refusal.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { type Alert, openAlertsOf } from '../store/ledger-alerts.ts'
import { readPresence } from '../store/ledger-contents.ts'
import { checkEpoch } from '../store/ledger-cursors.ts'
import {
  clearDirty,
  type DetectorRow,
  dirtyDetectors,
  writeDetectors,
} from '../store/ledger-detectors.ts'
import { readKeptFrom } from '../store/ledger-retention.ts'
import { type Affected, affectedUnits } from './affected.ts'
import { type DetectorTo, type DeviceMemory, keyOf } from './memory.ts'
import { type Plan, readPlan, type Watch } from './plan.ts'
import {
  type AlertChange,
  alertId,
  type Cause,
  type Raising,
  raise,
  type Subject,
  withdraw,
} from './raise.ts'
import { readingsOf, replayReadings } from './replay.ts'
import type { SilenceWatch } from './silence-watches.ts'
import { type Judgement, judgeSilence, keepSilence } from './silences.ts'
import { type ChannelState, formatChannels, parseChannels, type WatchState } from './tracker.ts'

export interface Sweep {
  /** Resolves when every marked device was judged anew, or the series store did not answer. */
  run(): Promise<void>
  /** The same, but goes on by itself when it takes long: whoever calls has readings to look at. */
  nudge(): Promise<void>
  /** A device had readings: what is being judged of it no longer holds all of them. */
  touched(key: string): void
  /**
   * The series store did not answer: sweeps are put off, alerts from readings in order go on (I12).
   */
  readonly blocked: boolean
}

export interface SweepTo extends DetectorTo {
  memory: Map<string, DeviceMemory>
  /** The detector has seen all envelopes before it. */
  position: () => number
  /** Steps of the follower, and whatever must not run beside them, take turns. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

interface SweepState extends SweepTo {
  /** Devices being judged, and whether they had readings since that began. */
  judging: Map<string, boolean>
}

export function openSweep(to: SweepTo): Sweep {
  const state: SweepState = { ...to, judging: new Map() }
  let blocked = false
  let againAt = 0
  let failure: { error: unknown } | undefined
  let sweeping: Promise<void> | undefined
  const sweepAll = async (): Promise<void> => {
    try {
      const judgeAll = (): Promise<number> => judgeMarked(state)
      await (to.observeSweep ? to.observeSweep(judgeAll) : judgeAll())
      blocked = false
    } catch (error) {
      if (error instanceof Unavailable) {
        blocked = true
        againAt = to.now() + bounds.sweepRetryMs
      } else failure = { error }
    }
    sweeping = undefined
  }
  const begin = (): Promise<void> | undefined => {
    if (!sweeping && !(blocked && to.now() < againAt)) sweeping = sweepAll()
    return sweeping
  }
  const throwFailure = (): void => {
    if (!failure) return
    const { error } = failure
    failure = undefined
    throw error
  }
  return {
    get blocked() {
      return blocked
    },
    touched: (key) => {
      if (state.judging.has(key)) state.judging.set(key, true)
    },
    run: async () => {
      // One under way may have looked before the newest mark.
      await sweeping
      await begin()
      throwFailure()
    },
    nudge: async () => {
      // One that takes long is waited for once, not with every step.
      const waited = sweeping !== undefined
      const under = begin()
      if (under && !waited) await endsWithin(under, bounds.sweepWaitMs)
      throwFailure()
    },
  }
}

/** Tells how many devices it judged. */
async function judgeMarked(state: SweepState): Promise<number> {
  const seen = new Set<string>()
  for (;;) {
    const { sweepDevices: limit } = bounds
    const rows = await dirtyDetectors(state.ledger.db, { limit, slots: state.slots })
    const fresh = rows.filter((row) => !seen.has(`${keyOf(row)} ${row.marks}`))
    if (fresh.length === 0) return seen.size
    await recordedInTime(state)
    for (const row of fresh) {
      seen.add(`${keyOf(row)} ${row.marks}`)
      await judgeAnew(state, row)
    }
  }
}

async function recordedInTime(to: SweepTo): Promise<void> {
  if (!(await endsWithin(to.recorded(to.position()), bounds.sweepWaitMs)))
    throw new Unavailable('the series store is behind', bounds.sweepRetryMs)
}

/** False when it did not; it goes on then, and its failure is not heard here. */
async function endsWithin(work: Promise<unknown>, waitMs: number): Promise<boolean> {
  const ended = new AbortController()
  const timeout = delay(waitMs, false, { signal: ended.signal, ref: false }).catch(() => false)
  try {
    return await Promise.race([work.then(() => true), timeout])
  } finally {
    ended.abort()
  }
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

interface Scope {
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

/**
 * Reading takes as long as the series store takes, and steps go on meanwhile. When they brought
 * readings of this device, what was read is no longer all: it is read again, at last with the steps
 * waiting, though not for long.
 */
async function judgeAnew(state: SweepState, row: DetectorRow): Promise<void> {
  const { inTurn, judging, position } = state
  const key = keyOf(row)
  try {
    for (let attempt = 0; attempt < bounds.sweepAttempts; attempt++) {
      const seenBefore = await inTurn(async () => {
        judging.set(key, false)
        return position()
      })
      const judged = await judge(state, row, seenBefore)
      if (await inTurn(async () => !judging.get(key) && (await keep(state, row, judged)))) return
    }
    await inTurn(async () => {
      const reading = judge(state, row, position())
      if (!(await endsWithin(reading, bounds.sweepWaitMs)))
        throw new Unavailable('the series store is slow', bounds.sweepRetryMs)
      await keep(state, row, await reading)
    })
  } finally {
    judging.delete(key)
  }
}

interface Judged {
  plan: Plan
  /** What lies before can no longer be judged: its readings were dropped. */
  keptFrom: number
  scope: ReturnType<typeof scopeOf>
  channels: Record<string, ChannelState>
  findings: (Subject & { affected: Affected })[]
  /** The moment up to which was looked for silence; not there when nobody asks for it. */
  silence?: Judgement
}

/** What the readings before an offset of the log say. Reads only. */
async function judge(to: SweepTo, row: DetectorRow, beforeOffset: number): Promise<Judged> {
  const { tenant, device } = row
  const { db } = to.ledger
  const plan = await readPlan(db, tenant, device)
  const scope = scopeOf(plan, row.dirtySince ?? 0)
  const keptFrom = await readKeptFrom(db)
  const read = async (channel: string): Promise<Point[]> =>
    to.series.range({
      tenant,
      device,
      channel,
      from: Math.max(scope.from - plan.gapMs, keptFrom),
      to: Number.MAX_SAFE_INTEGER,
      beforeOffset,
    })
  const presences = new Map<string, Presence>()
  const judged: Judged = { plan, scope, keptFrom, channels: {}, findings: [] }
  if (plan.watches.length === 0 && plan.silences.length === 0) return judged
  const spoken = new Map<number, Point>()
  for (const { channel } of await to.series.latest(tenant, device)) {
    if (!isTemperature(channel)) continue
    const points = await read(channel)
    if (scope.silences.length > 0) for (const point of points) spoken.set(point.time, point)
    const replayed = replayReadings(readingsOf(points), scope.watches)
    judged.channels[channel] = replayed.channel
    const begun = begunBefore(keptFrom, { row, channel, watches: scope.watches })
    Object.assign(replayed.channel.watches, begun)
    for (const { watch, breach } of replayed.found) {
      if (breach.verdict === 'in' || isCut({ watch, breach, points, keptFrom })) continue
      const presence = await presenceFor(db, { tenant, watch, presences })
      const share = (intervals: Parameters<Parameters<typeof affectedUnits>[1]['judge']>[0]) =>
        overlapOf(points, watch.options, { breach, presence: intervals })
      const affected = affectedUnits(presence, { gtin: watch.gtin, breach, judge: share })
      if (affected.serials.length > 0)
        judged.findings.push({ tenant, device, channel, watch, breach, affected })
    }
  }
  if (plan.silences.length > 0)
    judged.silence = await judgeSilence(db, {
      ...{ tenant, device, points: [...spoken.values()], watches: scope.silences, keptFrom },
      now: to.now(),
      presenceOf: (watch) => presenceFor(db, { tenant, watch, presences }),
    })
  return judged
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

/** Whether readings that are gone may have been part of it. */
function isCut(of: {
  watch: Watch
  breach: Breach
  points: readonly Point[]
  keptFrom: number
}): boolean {
  const { window, options } = of.watch
  if (window.from >= of.keptFrom) return false
  return options.rule.kind === 'cumulative' || of.breach.from <= (of.points[0]?.time ?? Infinity)
}

/** In turn with the steps. */
async function keep(to: SweepTo, row: DetectorRow, judged: Judged): Promise<true> {
  const { tenant, device, marks } = row
  const { plan, channels } = judged
  const raising: Raising = { recordTime: to.now(), cause: (row.cause ?? 'event') as Cause }
  const changes = await to.ledger.transact(async (db) => {
    await checkEpoch(db, to.claim.name, to.claim.epoch)
    const changed = await restate(db, { row, ...judged }, raising)
    const about = { others: judged.scope.otherSilences, from: judged.scope.from }
    const silent = { tenant, device, keptFrom: judged.keptFrom, silence: judged.silence }
    changed.push(...(await keepSilence(db, { ...silent, ...about }, raising)))
    await writeDetectors(db, [{ tenant, device, body: formatChannels(channels) }])
    await clearDirty(db, { tenant, device, marks })
    return changed
  })
  to.memory.set(keyOf(row), { marks, plan, channels, silent: judged.silence?.ongoing ?? false })
  for (const change of changes) to.onChange?.(change)
  return true
}

async function presenceFor(
  db: LedgerQuery,
  of: {
    tenant: string
    watch: Pick<Watch, 'container' | 'window'>
    presences: Map<string, Presence>
  },
): Promise<Presence> {
  const { tenant, watch, presences } = of
  const { container, window } = watch
  const key = `${container} ${window.from} ${window.to}`
  const known = presences.get(key)
  if (known) return known
  const presence = await readPresence(db, tenant, { container, window })
  presences.set(key, presence)
  return presence
}

async function restate(
  db: LedgerQuery,
  { row, scope, keptFrom, findings }: Judged & { row: DetectorRow },
  raising: Raising,
): Promise<AlertChange[]> {
  const { tenant, device } = row
  const changes: AlertChange[] = []
  const before = await openAlertsOf(db, tenant, device, scope.from)
  const standing = new Map<string, Alert>()
  for (const finding of findings) {
    const change = await raise(db, finding, raising)
    if (change) changes.push(change)
  }
  for (const alert of await openAlertsOf(db, tenant, device, scope.from))
    standing.set(alert.id, alert)
  const found = new Set(findings.map(alertId))
  for (const alert of before) {
    if (found.has(alert.id) || scope.others.some((watch) => covers(watch, alert))) continue
    if (alert.from < keptFrom) continue
    const by = [...standing.values()].find((other) => found.has(other.id) && replaces(other, alert))
    changes.push(await withdraw(db, { tenant, before: alert, by }, raising))
  }
  return changes
}

const covers = (watch: Watch, alert: Alert): boolean =>
  watch.container === alert.container &&
  watch.gtin === alert.gtin &&
  watch.label === alert.label &&
  watch.options.rule.id === alert.rule &&
  watch.window.from <= alert.from &&
  alert.from < watch.window.to

const replaces = (other: Alert, alert: Alert): boolean =>
  other.channel === alert.channel &&
  other.container === alert.container &&
  other.gtin === alert.gtin &&
  other.label === alert.label &&
  other.rule === alert.rule &&
  other.from < (alert.to ?? Infinity) &&
  alert.from < (other.to ?? Infinity)
