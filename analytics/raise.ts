// Station 7: findings become alerts in the ledger. The id of an alert follows from what it is
// about, a change that late data brought becomes a revision with its cause and diff, and what stood
// before stays readable.
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { bounds } from '../config.ts'
import type { Breach } from '../domain/breach.ts'
import {
  type Alert,
  readAlert,
  readSerialSet,
  type SerialLeg,
  writeAlert,
  writeSerialSet,
} from '../store/ledger/alerts.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { type Affected, formatLeg } from './affected.ts'
import type { Watch } from './plan.ts'

/**
 * Why an alert is written: a reading in order, a late one, an EPCIS event, a scanned label, a
 * changed profile or device, nothing for too long, a person who closed it.
 */
export type Cause =
  | 'reading'
  | 'late-reading'
  | 'event'
  | 'label'
  | 'profile'
  | 'device'
  | 'clock'
  | 'silence'
  | 'closing'

export interface Subject {
  tenant: string
  device: string
  channel: string
  watch: Watch
  breach: Breach
}

export interface Raising {
  recordTime: number
  cause: Cause
  /** When it was judged, where that is later than the record time: a backlog is. */
  judgedAt?: number
}

/** What happened to an alert, for those who watch live. */
export interface AlertChange {
  tenant: string
  change: 'raised' | 'grown' | 'restated' | 'superseded' | 'retracted'
  alert: Alert
}

/** The same breach has the same id whatever order its readings and events came in (I3). */
export function alertId({ tenant, device, channel, watch, breach }: Subject): string {
  const { container, gtin, label, options } = watch
  const about = [
    tenant,
    device,
    channel,
    container,
    gtin,
    options.rule.id,
    options.rule.kind,
    breach.from,
    ...(label === undefined ? [] : [label]),
  ]
  return createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 32)
}

/** Writes what is now known of a breach. Returns undefined when that was known before. */
export async function raise(
  db: LedgerQuery,
  subject: Subject & { affected: Affected },
  raising: Raising,
): Promise<AlertChange | undefined> {
  const { tenant, affected } = subject
  const before = await readAlert(db, tenant, alertId(subject))
  return state(db, { tenant, before, alert: alertOf(subject, before, raising), affected }, raising)
}

/** Writes an alert as it now stands, with the difference to how it stood before. */
export async function state(
  db: LedgerQuery,
  of: { tenant: string; before: Alert | undefined; alert: Alert; affected: Affected },
  raising: Raising,
): Promise<AlertChange | undefined> {
  const { tenant, before, alert, affected } = of
  if (before && sameFacts(before, alert)) return undefined
  if (affected.setName !== before?.serialSet)
    await writeSerialSet(db, tenant, affected.setName, affected.serials)
  const grown = before !== undefined && isGrowth(before, alert)
  if (!grown) alert.revision = (before?.revision ?? 0) + 1
  const diff =
    before && !grown
      ? await diffOf(db, tenant, { before, after: alert, serials: affected.serials })
      : {}
  const revision = { ...raising, revision: alert.revision, diff, grown }
  await writeAlert(db, tenant, alert, revision)
  return { tenant, change: !before ? 'raised' : grown ? 'grown' : 'restated', alert }
}

/**
 * The quick way for a breach that only grew. undefined: there is no such alert yet. partial: some
 * units were not in for all of it, so their shares must be worked out from the readings.
 */
export async function grow(
  db: LedgerQuery,
  subject: Subject,
  raising: Raising,
): Promise<AlertChange | 'same' | 'partial' | undefined> {
  const { tenant, breach } = subject
  const before = await readAlert(db, tenant, alertId(subject))
  if (before?.status !== 'open') return undefined
  if (sameFigures(before, breach)) return 'same'
  const [leg, ...others] = before.legs
  const whole = leg && others.length === 0 && leg.from === before.from && leg.to === null
  if (!whole || before.to !== null) return 'partial'
  const affected: Affected = {
    serials: [],
    setHash: before.serialSetHash,
    setName: before.serialSet,
    legs: [formatLeg(breach)],
  }
  const alert = {
    ...alertOf({ ...subject, affected }, before, raising),
    serialCount: before.serialCount,
  }
  const grown = isGrowth(before, alert)
  if (!grown) alert.revision = before.revision + 1
  const diff = grown ? {} : figuresDiff(before, alert)
  const revision = { ...raising, revision: alert.revision, diff, grown }
  await writeAlert(db, tenant, alert, revision)
  return { tenant, change: grown ? 'grown' : 'restated', alert }
}

/**
 * The breach of this alert is no more: late data moved its begin (`by`), or showed that there was
 * none.
 */
export async function withdraw(
  db: LedgerQuery,
  { tenant, before, by }: { tenant: string; before: Alert; by: Alert | undefined },
  { cause, recordTime }: Raising,
): Promise<AlertChange> {
  const status = by ? 'superseded' : 'retracted'
  const alert: Alert = { ...before, status, revision: before.revision + 1 }
  if (by) alert.supersededBy = by.id
  const diff = { status: [before.status, status], ...(by && { supersededBy: by.id }) }
  await writeAlert(db, tenant, alert, { revision: alert.revision, recordTime, cause, diff })
  return { tenant, change: status, alert }
}

function alertOf(
  { device, channel, watch, breach, affected, ...subject }: Subject & { affected: Affected },
  before: Alert | undefined,
  raising: Raising,
): Alert {
  const { stated: rule = watch.options.rule } = watch
  const { minutes, unknownMinutes } = formatLeg(breach)
  return {
    id: alertId({ device, channel, watch, breach, ...subject }),
    kind: 'excursion',
    rule: rule.id,
    ruleKind: rule.kind,
    ...limitsOf(watch),
    allowanceMinutes: rule.allowanceMs / 60_000,
    severity: rule.severity,
    device,
    container: watch.container,
    ...(watch.label !== undefined && { label: watch.label }),
    channel,
    gtin: watch.gtin,
    productVersion: versionAt(watch, breach.from),
    from: breach.from,
    to: breach.to,
    minutes,
    unknownMinutes,
    peakC: breach.peakC,
    verdict: breach.verdict,
    status: 'open',
    revision: before?.revision ?? 1,
    raisedAt: before?.raisedAt ?? raising.recordTime,
    serialCount: affected.serials.length,
    serialSetHash: affected.setHash,
    serialSet: affected.setName,
    legs: affected.legs,
  }
}

/** The limits as the profile states them and, moved by a guard band, as they were judged. */
function limitsOf({ stated, options: { rule } }: Watch) {
  const { limitC, lowerC, side, windowMs, per } = stated ?? rule
  return {
    limitC,
    ...(side in otherSides && { ruleSide: side }),
    ...(lowerC !== undefined && { lowerLimitC: lowerC }),
    ...(stated && { effectiveLimitC: rule.limitC }),
    ...(stated && rule.lowerC !== undefined && { effectiveLowerLimitC: rule.lowerC }),
    ...(windowMs !== undefined && { withinMinutes: windowMs / 60_000 }),
    ...(per && { per }),
  }
}

/** Of the others the sign of what was found tells. */
const otherSides = { outside: true, rise: true, fall: true }

/** The version that judged it: the one in force when it began. */
const versionAt = ({ versions = [], productVersion }: Watch, time: number): number =>
  versions.findLast(({ from }) => from <= time)?.version ?? productVersion

const sameFacts = (a: Alert, b: Alert): boolean =>
  JSON.stringify({ ...a, revision: 0 }) === JSON.stringify({ ...b, revision: 0 })

function sameFigures(alert: Alert, breach: Breach): boolean {
  const { from, to, minutes, unknownMinutes, peakC, verdict } = formatLeg(breach)
  return (
    alert.from === from &&
    alert.to === to &&
    alert.minutes === minutes &&
    alert.unknownMinutes === unknownMinutes &&
    alert.peakC === peakC &&
    alert.verdict === verdict
  )
}

/** An open breach that went on, with the same units and the same verdict, is not news. */
const isGrowth = (before: Alert, after: Alert): boolean =>
  before.status === 'open' &&
  after.status === 'open' &&
  before.to === null &&
  before.verdict === after.verdict &&
  before.serialSet === after.serialSet &&
  before.productVersion === after.productVersion &&
  after.minutes >= before.minutes

const figures = [
  'from',
  'to',
  'minutes',
  'unknownMinutes',
  'peakC',
  'verdict',
  'status',
  'severity',
  'limitC',
  'effectiveLimitC',
  'allowanceMinutes',
  'productVersion',
  'serialCount',
  'closed',
] as const

function figuresDiff(before: Alert, after: Alert): Record<string, unknown> {
  const changed = figures.filter((name) => !isDeepStrictEqual(before[name], after[name]))
  return Object.fromEntries(changed.map((name) => [name, [before[name], after[name]]]))
}

/**
 * What changed, with the serials that came and went (named up to a page of them, counted in full).
 */
async function diffOf(
  db: LedgerQuery,
  tenant: string,
  { before, after, serials }: { before: Alert; after: Alert; serials: SerialLeg[] },
): Promise<Record<string, unknown>> {
  const diff = figuresDiff(before, after)
  if (JSON.stringify(before.legs) !== JSON.stringify(after.legs))
    diff.legs = [before.legs.slice(0, bounds.diffLegsMax), after.legs.slice(0, bounds.diffLegsMax)]
  if (before.serialSetHash === after.serialSetHash) return diff
  const page = { serialSet: before.serialSet, offset: 0, limit: bounds.serialSetMax }
  const old = new Set((await readSerialSet(db, tenant, page)).map(([epc]) => epc))
  const added = serials.map(([epc]) => epc).filter((epc) => !old.delete(epc))
  const removed = [...old]
  return {
    ...diff,
    serialSetHash: [before.serialSetHash, after.serialSetHash],
    serialsAdded: { count: added.length, epcs: added.slice(0, bounds.pageMax) },
    serialsRemoved: { count: removed.length, epcs: removed.slice(0, bounds.pageMax) },
  }
}
