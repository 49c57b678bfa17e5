// Silence becomes alerts: what a device's readings, and a moment to look up to, say of the
// stretches in which it said nothing. The same readings, events, closings and moment end in the
// same alerts (I3, I4). Judges no temperature.
import { createHash } from 'node:crypto'
import type { Breach, Interval, Overlap, Point } from '../../domain/breach.ts'
import type { Presence } from '../../domain/hierarchy.ts'
import { liesAhead, lookAgainAt, type Silence, silencesIn } from '../../domain/silence.ts'
import { type Alert, readAlert, silencesOf } from '../../store/ledger/alerts.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import {
  forgetLook,
  readClosings,
  type SilenceClosing,
  type SilenceLook,
  writeLook,
} from '../../store/ledger/silence.ts'
import { type Affected, affectedUnits, formatLeg } from '../affected.ts'
import { type AlertChange, type Raising, state, withdraw } from '../raise.ts'
import type { SilenceWatch } from './watches.ts'

export interface SilenceFinding {
  watch: SilenceWatch
  silence: Silence
  affected: Affected
}

/** `asOf`: the moment up to which was looked; `lookAt`: after which another look tells more. */
export interface Judgement {
  asOf: number
  lookAt: number
  /** It has said nothing since the begin of a silence. */
  ongoing: boolean
  /** A silence is known that lies after `asOf`. */
  ahead: boolean
  findings: SilenceFinding[]
}

/**
 * Reads only. As of now, or of an earlier look when that was later: a clock set back unsays
 * nothing. `points`: of all temperatures of the device, in any order.
 */
export async function judgeSilence(
  db: LedgerQuery,
  of: {
    tenant: string
    device: string
    points: Point[]
    watches: readonly SilenceWatch[]
    now: number
    keptFrom: number
    looked: SilenceLook | undefined
    /** No watch of the device was left out. */
    whole: boolean
    presenceOf: (watch: SilenceWatch) => Promise<Presence>
  },
): Promise<Judgement> {
  const { tenant, device, points, keptFrom, presenceOf, looked } = of
  const asOf = Math.max(looked?.asOf ?? 0, of.now)
  const closings = await readClosings(db, tenant, device)
  points.sort((a, b) => a.time - b.time)
  const found = await findSilences(points, of.watches, { asOf, closings, keptFrom, presenceOf })
  // Of watches that were not judged now, what lay ahead still does.
  if (!of.whole && looked?.ahead && looked.lookAt >= asOf)
    return { ...found, ahead: true, lookAt: Math.min(found.lookAt, looked.lookAt) }
  return found
}

/** In the transaction: what was found, and when to look again. */
export async function keepSilence(
  db: LedgerQuery,
  of: {
    tenant: string
    device: string
    silence: Judgement | undefined
    others: readonly SilenceWatch[]
    from: number
    keptFrom: number
  },
  raising: Raising,
): Promise<AlertChange[]> {
  const { tenant, device, silence, others } = of
  if (silence) {
    const { asOf, lookAt, ongoing, ahead } = silence
    await writeLook(db, { tenant, device, asOf, lookAt, ongoing, ahead })
  } else await forgetLook(db, tenant, device)
  const from = Math.max(of.from, of.keptFrom)
  const findings = silence?.findings ?? []
  return restateSilences(db, { tenant, device, findings, from, others }, raising)
}

/** All that is said of one device. */
async function findSilences(
  points: readonly Point[],
  watches: readonly SilenceWatch[],
  of: {
    asOf: number
    closings: readonly SilenceClosing[]
    /** What lies before can no longer be told: its readings were dropped. */
    keptFrom: number
    presenceOf: (watch: SilenceWatch) => Promise<Presence>
  },
): Promise<Judgement> {
  const found: Judgement = {
    ...{ asOf: of.asOf, findings: [], lookAt: Infinity },
    ...{ ongoing: false, ahead: false },
  }
  const newest = points.at(-1)?.time ?? Number.NEGATIVE_INFINITY
  for (const watch of watches) {
    const window = keptOf(watch.window, { points, keptFrom: of.keptFrom })
    if (!window) continue
    const terms = { ...watch, window }
    const closings = of.closings.filter(({ container }) => container === watch.container)
    found.lookAt = Math.min(found.lookAt, lookAgainAt(points, terms, of.asOf))
    found.ahead ||= liesAhead(points, terms, of.asOf)
    for (const silence of silencesIn(points, terms, { asOf: of.asOf, closings })) {
      // The next word changes it, although the watch may be over.
      if (silence.ongoing || newest <= (silence.last?.time ?? window.from)) found.ongoing = true
      const affected = affectedBy(silence, watch.gtin, await of.presenceOf(watch))
      if (affected.serials.length > 0) found.findings.push({ watch, silence, affected })
    }
  }
  return found
}

/** The part of a window of which readings are kept; none when nothing is left to begin with. */
function keptOf(
  window: Interval,
  { points, keptFrom }: { points: readonly Point[]; keptFrom: number },
): Interval | undefined {
  if (window.from >= keptFrom) return window
  const first = points.find(({ time }) => time >= keptFrom)
  return first && first.time < window.to ? { from: first.time, to: window.to } : undefined
}

/** Each unit with its own part of the silence: that much of it is unknown. */
function affectedBy(silence: Silence, gtin: string, presence: Presence): Affected {
  const { from, to, overdueAt } = silence
  const breach: Breach = {
    ...overlapOf(silence, [always])!,
    extent: { from, to: to ?? Math.max(overdueAt, from + 1) },
  }
  return affectedUnits(presence, {
    gtin,
    breach,
    judge: (intervals) => overlapOf(silence, intervals),
  })
}

const always: Interval = { from: Number.NEGATIVE_INFINITY, to: Infinity }

/** While it lasts, only the time until it was overdue is known to be unknown. */
function overlapOf(
  { from, to, overdueAt, last }: Silence,
  presence: readonly Interval[],
): Overlap | undefined {
  const end = to ?? Infinity
  const during = presence
    .filter((part) => part.from < end && part.to > from)
    .map((part) => ({ from: Math.max(part.from, from), to: Math.min(part.to, end) }))
  const [first, final] = [during[0], during.at(-1)]
  if (!first || !final) return undefined
  let holeMs = 0
  for (const part of during)
    holeMs += Math.max(0, (part.to === Infinity ? overdueAt : part.to) - part.from)
  return {
    from: first.from,
    to: final.to === Infinity ? null : final.to,
    outMs: 0,
    holeMs,
    peakC: last?.value ?? Number.NaN,
    verdict: 'indeterminate',
  }
}

/** In the transaction: alerts of what was found, and what no longer stands is taken back. */
async function restateSilences(
  db: LedgerQuery,
  of: {
    tenant: string
    device: string
    findings: readonly SilenceFinding[]
    /** Silences that began before were not looked at. */
    from: number
    /** Watches that were not looked at. */
    others: readonly SilenceWatch[]
  },
  raising: Raising,
): Promise<AlertChange[]> {
  const { tenant, device } = of
  const changes: AlertChange[] = []
  const standing = await silencesOf(db, tenant, device, of.from)
  const found = new Map<string, Alert>()
  for (const finding of of.findings) {
    const id = silenceId({ tenant, device, ...finding })
    const before = await readAlert(db, tenant, id)
    const alert = alertOf({ id, device, before, ...finding }, raising)
    found.set(id, alert)
    const { affected } = finding
    const change = await state(db, { tenant, before, alert, affected }, raising)
    if (change) changes.push(change)
  }
  for (const before of standing) {
    if (found.has(before.id) || of.others.some((watch) => covers(watch, before))) continue
    const by = [...found.values()].find((other) => replaces(other, before))
    changes.push(await withdraw(db, { tenant, before, by }, raising))
  }
  return changes
}

function silenceId({
  tenant,
  device,
  watch,
  silence,
}: SilenceFinding & { tenant: string; device: string }): string {
  const about = [tenant, device, 'silence', watch.container, watch.gtin, silence.from]
  return createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 32)
}

function alertOf(
  of: SilenceFinding & { id: string; device: string; before: Alert | undefined },
  { recordTime }: Raising,
): Alert {
  const { watch, silence, affected, before } = of
  const { from, to, last } = silence
  const { unknownMinutes } = formatLeg(overlapOf(silence, [always])!)
  const version = watch.versions.findLast((one) => one.from <= from) ?? watch.versions[0]!
  return {
    id: of.id,
    kind: 'silence',
    rule: 'silence',
    ruleKind: 'silence',
    limitC: null,
    allowanceMinutes: watch.allowanceMs / 60_000,
    severity: 'major',
    device: of.device,
    container: watch.container,
    channel: 'temperature',
    gtin: watch.gtin,
    productVersion: version.version,
    ...{ from, to, minutes: 0, unknownMinutes },
    peakC: last?.value ?? null,
    verdict: 'indeterminate',
    status: to === null ? 'open' : 'closed',
    revision: before?.revision ?? 1,
    raisedAt: before?.raisedAt ?? recordTime,
    serialCount: affected.serials.length,
    serialSetHash: affected.setHash,
    serialSet: affected.setName,
    legs: affected.legs,
    ...(to !== null && { closed: closedBy(silence, to, watch) }),
  }
}

function closedBy(
  { closing }: Silence,
  to: number,
  watch: SilenceWatch,
): NonNullable<Alert['closed']> {
  if (closing) return { at: closing.at, by: closing.by, reason: closing.reason }
  return { at: to, by: to === watch.window.to ? 'watch-ended' : 'readings' }
}

const covers = (watch: SilenceWatch, alert: Alert): boolean =>
  watch.container === alert.container &&
  watch.gtin === alert.gtin &&
  watch.window.from <= alert.from &&
  alert.from < watch.window.to

const replaces = (other: Alert, alert: Alert): boolean =>
  other.container === alert.container &&
  other.gtin === alert.gtin &&
  other.from < (alert.to ?? Infinity) &&
  alert.from < (other.to ?? Infinity)
