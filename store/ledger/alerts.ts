// Ledger queries: alerts with their revisions and serial sets.
import { gunzipSync, gzipSync } from 'node:zlib'
import { bounds } from '../../config.ts'
import type { Verdict } from '../../domain/breach.ts'
import type { Severity } from '../../domain/profile/profile.ts'
import { followAlert } from './alert-lives.ts'
import { chunksOf, type LedgerQuery } from './ledger.ts'
import { openEnd } from './schema.ts'
import { markUntold } from './tellings.ts'

/**
 * open: stands, until a person closes it (latched). closed: of a silence, that it is over or that a
 * person said so. superseded: late data moved its begin, another alert took its place. retracted:
 * late data showed that it was none.
 */
export type AlertStatus = 'open' | 'closed' | 'superseded' | 'retracted'

/** What units that came and went together had of the breach. Times epoch ms. */
export interface Leg {
  from: number
  to: number | null
  minutes: number
  unknownMinutes: number
  /** Of a silence the last that was known; null when nothing was. */
  peakC: number | null
  verdict: Verdict
}

export interface Alert {
  id: string
  /** excursion: of one rule of a product. silence: its logger says nothing for too long. */
  kind: 'excursion' | 'silence'
  rule: string
  ruleKind: string
  /** outside, rise or fall; not there for a limit on one side. */
  ruleSide?: string
  /**
   * As the profile states it; of a rise or fall a difference, of two sides the upper; null of a
   * silence.
   */
  limitC: number | null
  lowerLimitC?: number
  /** As it was judged, when a guard band moved it. */
  effectiveLimitC?: number
  effectiveLowerLimitC?: number
  /** The window of a sum, or within which a rise happened. */
  withinMinutes?: number
  per?: 'day'
  allowanceMinutes: number
  severity: Severity
  device: string
  container: string
  /** The container whose label asks for the limit; none when the product's profile does. */
  label?: string
  channel: string
  gtin: string
  /** 0: there is no such product, its label alone judged. */
  productVersion: number
  from: number
  to: number | null
  minutes: number
  unknownMinutes: number
  peakC: number | null
  verdict: Verdict
  status: AlertStatus
  revision: number
  raisedAt: number
  serialCount: number
  /** sha-256 over the canonical Digital Links, sorted, one per line, each line ended by \n. */
  serialSetHash: string
  /** Name of the stored set: which serials, each with its leg. */
  serialSet: string
  legs: Leg[]
  supersededBy?: string
  /** `by`: readings, watch-ended (the logger was taken off), or who closed it. */
  closed?: { at: number; by: string; reason?: string }
}

export interface Revision {
  revision: number
  recordTime: number
  cause: string
  diff: Record<string, unknown>
  alert: Alert
}

/** One serial and the number of its leg. */
export type SerialLeg = [epc: string, leg: number]

export interface AlertFilter {
  device?: string
  container?: string
  gtin?: string
  status?: AlertStatus
  severity?: Severity
  after?: string
  limit: number
}

const bodyOf = (row: { body: string }): Alert => JSON.parse(row.body)

export async function readAlert(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<Alert | undefined> {
  const row = await db
    .selectFrom('alerts')
    .select('body')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && bodyOf(row)
}

/** Newest breach first; `after` is the id of the last alert of the page before. */
export async function listAlerts(
  db: LedgerQuery,
  tenant: string,
  filter: AlertFilter,
): Promise<Alert[]> {
  let query = db.selectFrom('alerts').select('body').where('tenant', '=', tenant)
  query = query.where('status', '=', filter.status ?? 'open')
  if (filter.device !== undefined) query = query.where('device', '=', filter.device)
  if (filter.container !== undefined) query = query.where('container', '=', filter.container)
  if (filter.gtin !== undefined) query = query.where('gtin', '=', filter.gtin)
  if (filter.severity !== undefined) query = query.where('severity', '=', filter.severity)
  if (filter.after !== undefined) {
    const last = await readAlert(db, tenant, filter.after)
    if (!last) return []
    query = query.where((e) =>
      e.or([e('from', '<', last.from), e.and([e('from', '=', last.from), e('id', '>', last.id)])]),
    )
  }
  const rows = await query.orderBy('from', 'desc').orderBy('id').limit(filter.limit).execute()
  return rows.map(bodyOf)
}

/** Excursions of a device that stand and began at or after a time. */
export const openAlertsOf = (
  db: LedgerQuery,
  tenant: string,
  device: string,
  from: number,
): Promise<Alert[]> => standing(db, tenant, { device, from, kind: 'excursion' })

/** Its silences, those that are over too. */
export const silencesOf = (
  db: LedgerQuery,
  tenant: string,
  device: string,
  from: number,
): Promise<Alert[]> => standing(db, tenant, { device, from, kind: 'silence' })

async function standing(
  db: LedgerQuery,
  tenant: string,
  { device, from, kind }: { device: string; from: number; kind: Alert['kind'] },
): Promise<Alert[]> {
  const rows = await db
    .selectFrom('alerts')
    .select('body')
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .where('from', '>=', from)
    .where('status', 'in', ['open', 'closed'])
    .execute()
  return rows.map(bodyOf).filter((alert) => alert.kind === kind)
}

/**
 * Writes the alert and its revision as they stand now. One that only grew is no news to anybody.
 * Whoever hears of it hears when nothing was judged anew for a while, which counts from `judgedAt`.
 */
export async function writeAlert(
  db: LedgerQuery,
  tenant: string,
  alert: Alert,
  revision: Omit<Revision, 'alert'> & { grown?: boolean; judgedAt?: number },
): Promise<void> {
  const body = JSON.stringify(alert)
  const { id, device, container, channel, gtin, rule, severity, status, verdict, from, raisedAt } =
    alert
  const to = alert.to ?? openEnd
  await db
    .insertInto('alerts')
    .values({
      tenant,
      id,
      device,
      container,
      channel,
      gtin,
      rule,
      severity,
      status,
      verdict,
      from,
      to,
      raisedAt,
      revision: alert.revision,
      body,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'id'])
        .doUpdateSet({ severity, status, verdict, to, revision: alert.revision, body }),
    )
    .execute()
  await db
    .insertInto('revisions')
    .values({
      tenant,
      alert: id,
      revision: revision.revision,
      recordTime: revision.recordTime,
      cause: revision.cause,
      diff: JSON.stringify(revision.diff),
      body,
      serialSet: alert.serialSet,
    })
    // A growing breach rewrites the figures of the revision that stands; what made it a revision
    // stays.
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'alert', 'revision']).doUpdateSet({ body }),
    )
    .execute()
  const { recordTime: at, cause, judgedAt = at } = revision
  if (revision.grown) return
  await markUntold(db, { tenant, alert: id, at: judgedAt, cause })
  await followAlert(db, tenant, { alert, at })
}

export async function listRevisions(
  db: LedgerQuery,
  tenant: string,
  alert: string,
): Promise<Revision[]> {
  const rows = await db
    .selectFrom('revisions')
    .select(['revision', 'recordTime', 'cause', 'diff', 'body'])
    .where('tenant', '=', tenant)
    .where('alert', '=', alert)
    .orderBy('revision')
    .execute()
  return rows.map(({ revision, recordTime, cause, diff, body }) => ({
    revision,
    recordTime,
    cause,
    diff: JSON.parse(diff),
    alert: JSON.parse(body),
  }))
}

/** Stores a set of serials once, in chunks sorted by EPC. `name` is derived from the content. */
export async function writeSerialSet(
  db: LedgerQuery,
  tenant: string,
  name: string,
  serials: SerialLeg[],
): Promise<void> {
  let chunk = 0
  for (const rows of chunksOf(serials, bounds.serialChunk)) {
    const body = gzipSync(JSON.stringify(rows), { level: 1 })
    await db
      .insertInto('serialChunks')
      .values({ tenant, serialSet: name, chunk: chunk++, body })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** Rows `offset` to `offset + limit` of a stored set. */
export async function readSerialSet(
  db: LedgerQuery,
  tenant: string,
  page: { serialSet: string; offset: number; limit: number },
): Promise<SerialLeg[]> {
  const first = Math.floor(page.offset / bounds.serialChunk)
  const last = Math.floor((page.offset + page.limit - 1) / bounds.serialChunk)
  const chunks = await db
    .selectFrom('serialChunks')
    .select('body')
    .where('tenant', '=', tenant)
    .where('serialSet', '=', page.serialSet)
    .where('chunk', '>=', first)
    .where('chunk', '<=', last)
    .orderBy('chunk')
    .execute()
  const rows = chunks.flatMap(({ body }) => JSON.parse(gunzipSync(body).toString()) as SerialLeg[])
  const skip = page.offset - first * bounds.serialChunk
  return rows.slice(skip, skip + page.limit)
}
