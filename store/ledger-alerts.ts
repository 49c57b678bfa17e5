// Ledger queries: alerts with their revisions and serial sets, what detectors remember, refusals.
import { gunzipSync, gzipSync } from 'node:zlib'
import { bounds } from '../config.ts'
import type { Verdict } from '../domain/breach.ts'
import type { Severity } from '../domain/profile.ts'
import type { Refusal } from '../domain/refusal.ts'
import { chunksOf, type LedgerQuery } from './ledger.ts'
import { openEnd } from './ledger-schema.ts'

/** open: stands, until a person closes it (latched). superseded: late data moved its begin, another alert took its
 * place. retracted: late data showed that it was none. */
export type AlertStatus = 'open' | 'superseded' | 'retracted'

/** What units that came and went together had of the breach. Times epoch ms. */
export interface Leg {
  from: number
  to: number | null
  minutes: number
  unknownMinutes: number
  peakC: number
  verdict: Verdict
}

export interface Alert {
  id: string
  kind: 'excursion'
  rule: string
  ruleKind: string
  limitC: number
  allowanceMinutes: number
  severity: Severity
  device: string
  container: string
  channel: string
  gtin: string
  productVersion: number
  from: number
  to: number | null
  minutes: number
  unknownMinutes: number
  peakC: number
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

/** Open alerts of a device that began at or after a time. */
export async function openAlertsOf(
  db: LedgerQuery,
  tenant: string,
  device: string,
  from: number,
): Promise<Alert[]> {
  const rows = await db
    .selectFrom('alerts')
    .select('body')
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .where('from', '>=', from)
    .where('status', '=', 'open')
    .execute()
  return rows.map(bodyOf)
}

/** Writes the alert as it stands now. With a revision, that revision is written (again) too. */
export async function writeAlert(
  db: LedgerQuery,
  tenant: string,
  alert: Alert,
  revision: Omit<Revision, 'alert'>,
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
    // A growing breach rewrites the figures of the revision that stands; what made it a revision stays.
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'alert', 'revision']).doUpdateSet({ body }),
    )
    .execute()
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

export interface DetectorRow {
  tenant: string
  device: string
  body: string
  dirtySince: number | null
  cause: string | null
  /** Grows with each mark: whoever clears a mark must have seen the newest. */
  marks: number
}

export async function readDetectors(
  db: LedgerQuery,
  tenant: string,
  devices: string[],
): Promise<DetectorRow[]> {
  const rows: DetectorRow[] = []
  for (const chunk of chunksOf(devices))
    rows.push(
      ...(await db
        .selectFrom('detectors')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('device', 'in', chunk)
        .execute()),
    )
  return rows
}

export const dirtyDetectors = (db: LedgerQuery, limit: number): Promise<DetectorRow[]> =>
  db.selectFrom('detectors').selectAll().where('dirtySince', 'is not', null).limit(limit).execute()

/** The marks of these devices, without what the detector remembers of them. */
export async function readMarks(
  db: LedgerQuery,
  tenant: string,
  devices: string[],
): Promise<Map<string, number>> {
  const marks = new Map<string, number>()
  for (const chunk of chunksOf(devices)) {
    const rows = await db
      .selectFrom('detectors')
      .select(['device', 'marks'])
      .where('tenant', '=', tenant)
      .where('device', 'in', chunk)
      .execute()
    for (const row of rows) marks.set(row.device, row.marks)
  }
  return marks
}

/** Keeps what the detector remembers. Dirty marks stay as they are. */
export async function writeDetectors(
  db: LedgerQuery,
  rows: { tenant: string; device: string; body: string }[],
): Promise<void> {
  for (const chunk of chunksOf(rows))
    await db
      .insertInto('detectors')
      .values(chunk.map((row) => ({ ...row, dirtySince: null, cause: null, marks: 0 })))
      .onConflict((conflict) =>
        conflict
          .columns(['tenant', 'device'])
          .doUpdateSet((e) => ({ body: e.ref('excluded.body') })),
      )
      .execute()
}

/** Clears the mark unless a newer one came since `marks` was read. */
export async function clearDirty(
  db: LedgerQuery,
  { tenant, device, marks }: { tenant: string; device: string; marks: number },
): Promise<void> {
  await db
    .updateTable('detectors')
    .set({ dirtySince: null, cause: null })
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .where('marks', '=', marks)
    .execute()
}

/** These devices must be looked at again from a time on; an earlier mark stays. */
export async function markDirty(
  db: LedgerQuery,
  tenant: string,
  mark: { devices: string[]; since: number; cause: string },
): Promise<void> {
  for (const chunk of chunksOf(mark.devices))
    await db
      .insertInto('detectors')
      .values(
        chunk.map((device) => ({
          tenant,
          device,
          body: '',
          dirtySince: mark.since,
          cause: mark.cause,
          marks: 1,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'device']).doUpdateSet((e) => ({
          dirtySince: e
            .case()
            .when('detectors.dirtySince', '<', mark.since)
            .then(e.ref('detectors.dirtySince'))
            .else(mark.since)
            .end(),
          cause: mark.cause,
          marks: e('detectors.marks', '+', 1),
        })),
      )
      .execute()
}

export interface StoredRefusal extends Refusal {
  id: number
  device: string
  offset: number
  recordTime: number
  topic: string
  raw: Uint8Array
}

export interface NewRefusal extends Refusal {
  tenant: string
  device: string
  offset: number
  pos: number
  recordTime: number
  topic: string
  raw: Uint8Array
}

/** Kept once, however often the log is replayed; the oldest of a device go when there are too many. */
export async function insertRefusals(db: LedgerQuery, refusals: NewRefusal[]): Promise<void> {
  for (const chunk of chunksOf(refusals, 200))
    await db
      .insertInto('refusals')
      .values(
        chunk.map(
          ({ tenant, device, offset, pos, recordTime, topic, code, path, detail, raw }) => ({
            tenant,
            device,
            offset,
            pos,
            recordTime,
            topic,
            code,
            path,
            detail,
            // The bytes are kept once a packet, with its first refusal.
            raw: pos === 0 ? raw : new Uint8Array(0),
          }),
        ),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  const devices = new Map(
    refusals.map((refusal) => [`${refusal.tenant}\n${refusal.device}`, refusal]),
  )
  for (const { tenant, device } of devices.values()) await trimRefusals(db, tenant, device)
}

async function trimRefusals(db: LedgerQuery, tenant: string, device: string): Promise<void> {
  const beyond = await db
    .selectFrom('refusals')
    .select('id')
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .orderBy('id', 'desc')
    .offset(bounds.refusalsPerDeviceMax)
    .limit(1)
    .executeTakeFirst()
  if (!beyond) return
  await db
    .deleteFrom('refusals')
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .where('id', '<=', beyond.id)
    .execute()
}

/** Newest first. `before`: the id of the last refusal of the page before. */
export async function listRefusals(
  db: LedgerQuery,
  tenant: string,
  page: { device?: string; before?: number; limit: number },
): Promise<StoredRefusal[]> {
  let query = db.selectFrom('refusals').selectAll().where('tenant', '=', tenant)
  if (page.device !== undefined) query = query.where('device', '=', page.device)
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  const rows = await query.orderBy('id', 'desc').limit(page.limit).execute()
  return rows.map((row) => ({ ...row, code: row.code as Refusal['code'] }))
}
