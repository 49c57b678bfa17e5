// The sweep: marked devices are judged anew from all their readings in the span that changed (I3).
// What no longer stands is superseded or retracted, never silently edited.
import { setTimeout as delay } from 'node:timers/promises'
import { bounds } from '../config.ts'
import { Unavailable } from '../domain/refusal.ts'
import { type Alert, openAlertsOf } from '../store/ledger/alerts.ts'
import { checkEpoch } from '../store/ledger/cursors.ts'
import {
  clearDirty,
  type DetectorRow,
  dirtyDetectors,
  readDetectors,
  writeDetectors,
} from '../store/ledger/detectors.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { isJudged, type Judged, judge, lateOf, type Marked } from './judgement.ts'
import { type DetectorTo, type DeviceMemory, keyOf } from './memory.ts'
import { type AlertChange, alertId, type Cause, type Raising, raise, withdraw } from './raise.ts'
import type { Late } from './resume.ts'
import { keepSilence } from './silence/silences.ts'
import { formatChannels } from './tracker.ts'
import { openWaypoints, type WaypointMemory } from './waypoints.ts'

export interface Sweep {
  /** Resolves when every marked device was judged anew, or the series store did not answer. */
  run(): Promise<void>
  /** The same, but goes on by itself when it takes long: whoever calls has readings to look at. */
  nudge(): Promise<void>
  /** A device had readings: what is being judged of it no longer holds all of them. */
  touched(key: string): void
  /** A device was marked because of readings alone, of these event times. */
  late(key: string, late: Late): void
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
  waypoints: WaypointMemory
}

export function openSweep(to: SweepTo): Sweep {
  const state: SweepState = { ...to, judging: new Map(), waypoints: openWaypoints() }
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
    late: state.waypoints.addLate,
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

/**
 * Reading takes as long as the series store takes, and steps go on meanwhile. When they brought
 * readings of this device, what was read is no longer all: it is read again, at last with the steps
 * waiting, though not for long.
 */
async function judgeAnew(state: SweepState, row: DetectorRow): Promise<void> {
  const { inTurn, judging } = state
  const key = keyOf(row)
  try {
    for (let attempt = 0; attempt < bounds.sweepAttempts; attempt++) {
      const marked = await inTurn(async () => {
        judging.set(key, false)
        return markedNow(state, row)
      })
      // Steps went on since the others were waited for.
      await recordedInTime(state)
      const judged = await judge(state, marked)
      if (await inTurn(async () => !judging.get(key) && (await keep(state, marked, judged)))) return
    }
    await inTurn(async () => {
      const marked = await markedNow(state, row)
      await recordedInTime(state)
      const reading = judge(state, marked)
      if (!(await endsWithin(reading, bounds.sweepWaitMs)))
        throw new Unavailable('the series store is slow', bounds.sweepRetryMs)
      await keep(state, marked, await reading)
    })
  } finally {
    judging.delete(key)
  }
}

async function markedNow(state: SweepState, row: DetectorRow): Promise<Marked> {
  const { tenant, device } = row
  const [now = row] = await readDetectors(state.ledger.db, tenant, [device])
  return lateOf(state.waypoints, { row: now, before: state.position() })
}

/** In turn with the steps. */
async function keep(to: SweepState, { row }: Marked, judged: Judged): Promise<true> {
  const { tenant, device, marks } = row
  const { plan, channels } = judged
  const raising: Raising = { recordTime: to.now(), cause: (row.cause ?? 'event') as Cause }
  const changes = await to.ledger.transact(async (db) => {
    await checkEpoch(db, to.claim.name, to.claim.epoch)
    const changed = await restate(db, { row, judged }, raising)
    const about = { others: judged.scope.otherSilences, from: judged.scope.from }
    const silent = { tenant, device, keptFrom: judged.keptFrom, silence: judged.silence }
    changed.push(...(await keepSilence(db, { ...silent, ...about }, raising)))
    await writeDetectors(db, [{ tenant, device, body: formatChannels(channels) }])
    await clearDirty(db, { tenant, device, marks })
    return changed
  })
  const key = keyOf(row)
  to.memory.set(key, { marks, plan, channels, silent: judged.silence?.ongoing ?? false })
  if (judged.waypoints) to.waypoints.keep(key, judged.waypoints)
  else to.waypoints.drop(key)
  for (const change of changes) to.onChange?.(change)
  return true
}

async function restate(
  db: LedgerQuery,
  { row, judged }: { row: DetectorRow; judged: Judged },
  raising: Raising,
): Promise<AlertChange[]> {
  const { scope, findings } = judged
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
    if (found.has(alert.id) || !isJudged(judged, alert)) continue
    const by = [...standing.values()].find((other) => found.has(other.id) && replaces(other, alert))
    changes.push(await withdraw(db, { tenant, before: alert, by }, raising))
  }
  return changes
}

const replaces = (other: Alert, alert: Alert): boolean =>
  other.channel === alert.channel &&
  other.container === alert.container &&
  other.gtin === alert.gtin &&
  other.label === alert.label &&
  other.rule === alert.rule &&
  other.from < (alert.to ?? Infinity) &&
  alert.from < (other.to ?? Infinity)
