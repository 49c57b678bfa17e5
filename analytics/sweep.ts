// The sweep: marked devices are judged anew from all their readings in the span that changed (I3).
// What no longer stands is superseded or retracted, never silently edited.
import { setTimeout as delay } from 'node:timers/promises'
import { bounds } from '../config.ts'
import { overlapOf, type Point } from '../domain/breach.ts'
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
import { type ChannelState, formatChannels, replay } from './tracker.ts'

export interface Sweep {
  run(): Promise<void>
  /**
   * The series store did not answer: sweeps are put off, alerts from readings in order go on (I12).
   */
  readonly blocked: boolean
}

export interface SweepTo extends DetectorTo {
  memory: Map<string, DeviceMemory>
  /** The detector has seen all envelopes before it. */
  position: () => number
}

export function openSweep(to: SweepTo): Sweep {
  let blocked = false
  let againAt = 0
  return {
    get blocked() {
      return blocked
    },
    run: async () => {
      if (blocked && to.now() < againAt) return
      const seen = new Set<string>()
      for (;;) {
        const rows = await dirtyDetectors(to.ledger.db, {
          limit: bounds.sweepDevices,
          slots: to.slots,
        })
        const fresh = rows.filter((row) => !seen.has(`${keyOf(row)} ${row.marks}`))
        if (fresh.length === 0) break
        try {
          await recordedInTime(to)
          for (const row of fresh) {
            seen.add(`${keyOf(row)} ${row.marks}`)
            await judgeAnew(to, row)
          }
        } catch (error) {
          if (!(error instanceof Unavailable)) throw error
          blocked = true
          againAt = to.now() + bounds.sweepRetryMs
          return
        }
      }
      blocked = false
    },
  }
}

async function recordedInTime(to: SweepTo): Promise<void> {
  const ended = new AbortController()
  const timeout = delay(bounds.sweepWaitMs, undefined, { signal: ended.signal, ref: false }).then(
    () => {
      throw new Unavailable('the series store is behind', bounds.sweepRetryMs)
    },
    () => undefined,
  )
  try {
    await Promise.race([to.recorded(to.position()), timeout])
  } finally {
    ended.abort()
  }
}

/** The part of a plan that a change since some time can touch. */
export function scopeOf(
  plan: Plan,
  since: number,
): { watches: Watch[]; others: Watch[]; from: number } {
  const touched = (watch: Watch): boolean => watch.window.to >= since - plan.gapMs
  const watches = plan.watches.filter(touched)
  const from = Math.min(since - plan.gapMs, ...watches.map((watch) => watch.window.from))
  return { watches, others: plan.watches.filter((watch) => !touched(watch)), from }
}

async function judgeAnew(to: SweepTo, row: DetectorRow): Promise<void> {
  const { tenant, device, marks } = row
  const { db } = to.ledger
  const plan = await readPlan(db, tenant, device)
  const scope = scopeOf(plan, row.dirtySince ?? 0)
  const read = async (channel: string): Promise<Point[]> =>
    to.series.range({
      tenant,
      device,
      channel,
      from: scope.from - plan.gapMs,
      to: Number.MAX_SAFE_INTEGER,
      beforeOffset: to.position(),
    })
  const presences = new Map<string, Presence>()
  const channels: Record<string, ChannelState> = {}
  const findings: (Subject & { affected: Affected })[] = []
  if (plan.watches.length > 0)
    for (const { channel } of await to.series.channels(tenant, device)) {
      if (!isTemperature(channel)) continue
      const points = await read(channel)
      const replayed = replay(points, scope.watches)
      channels[channel] = replayed.channel
      for (const { watch, breach } of replayed.found) {
        if (breach.verdict === 'in') continue
        const presence = await presenceFor(db, { tenant, watch, presences })
        const judge = (intervals: Parameters<Parameters<typeof affectedUnits>[1]['judge']>[0]) =>
          overlapOf(points, watch.options, { breach, presence: intervals })
        const affected = affectedUnits(presence, { gtin: watch.gtin, breach, judge })
        if (affected.serials.length > 0)
          findings.push({ tenant, device, channel, watch, breach, affected })
      }
    }
  const raising: Raising = { recordTime: to.now(), cause: (row.cause ?? 'event') as Cause }
  const changes = await to.ledger.transact(async (transaction) => {
    await checkEpoch(transaction, to.claim.name, to.claim.epoch)
    const changed = await restate(transaction, { row, scope, findings }, raising)
    await writeDetectors(transaction, [{ tenant, device, body: formatChannels(channels) }])
    await clearDirty(transaction, { tenant, device, marks })
    return changed
  })
  to.memory.set(keyOf(row), { marks, plan, channels })
  for (const change of changes) to.onChange?.(change)
}

async function presenceFor(
  db: LedgerQuery,
  { tenant, watch, presences }: { tenant: string; watch: Watch; presences: Map<string, Presence> },
): Promise<Presence> {
  const { container, window } = watch
  const key = `${container} ${window.from}`
  const known = presences.get(key)
  if (known) return known
  const presence = await readPresence(db, tenant, { container, window })
  presences.set(key, presence)
  return presence
}

async function restate(
  db: LedgerQuery,
  {
    row,
    scope,
    findings,
  }: {
    row: DetectorRow
    scope: ReturnType<typeof scopeOf>
    findings: (Subject & { affected: Affected })[]
  },
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
    const by = [...standing.values()].find((other) => found.has(other.id) && replaces(other, alert))
    changes.push(await withdraw(db, { tenant, before: alert, by }, raising))
  }
  return changes
}

const covers = (watch: Watch, alert: Alert): boolean =>
  watch.container === alert.container &&
  watch.gtin === alert.gtin &&
  watch.options.rule.id === alert.rule &&
  watch.window.from <= alert.from &&
  alert.from < watch.window.to

const replaces = (other: Alert, alert: Alert): boolean =>
  other.channel === alert.channel &&
  other.container === alert.container &&
  other.gtin === alert.gtin &&
  other.rule === alert.rule &&
  other.from < (alert.to ?? Infinity) &&
  alert.from < (other.to ?? Infinity)
