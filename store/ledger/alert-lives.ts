// Ledger queries: the lives of alerts among people. A life follows from its entries, which nobody
// ever changes; its row is where lists look. Every alert that is raised gets one, one that took the
// place of another goes on with its life, a restated one is opened again: see domain/alert-life.ts.
import { sql } from 'kysely'
import {
  type AlertLife,
  advanceLife,
  type Basis,
  isPending,
  type LifeEntry,
  newLife,
  reopening,
} from '../../domain/alert-life.ts'
import { severities } from '../../domain/profile/profile.ts'
import type { Alert } from './alerts.ts'
import { idsOf } from './epcs.ts'
import { appendEvidence } from './evidence.ts'
import { dialectOf, type LedgerQuery } from './ledger.ts'
import { writeNotice } from './notices.ts'
import { openEnd } from './schema.ts'

/** A life with what lists show beside it. */
export interface LifeRow {
  tenant: string
  alert: string
  group: string
  life: AlertLife
  /** Number of the last entry; 0: nobody did anything yet. */
  entries: number
  severity: number
  gtin: string
  container: string
  place: string | null
  from: number
  changedAt: number
  heir: string | null
}

export interface StoredEntry {
  alert: string
  number: number
  at: number
  by: string
  entry: LifeEntry
}

/** Who took steps that no person took. */
export const restated = 'restated'

export const basisOf = ({ revision, serialSetHash, verdict, status }: Alert): Basis => ({
  ...{ revision, serialSetHash, verdict, status },
})

export async function readLife(
  db: LedgerQuery,
  tenant: string,
  alert: string,
): Promise<LifeRow | undefined> {
  const row = await lifeQuery(db, tenant, alert).executeTakeFirst()
  return row && lifeOf(row)
}

/** The same, held until the end of the transaction: whoever restates the alert waits for it. */
export async function holdLife(
  db: LedgerQuery,
  tenant: string,
  alert: string,
): Promise<LifeRow | undefined> {
  const query = lifeQuery(db, tenant, alert)
  const row = await (dialectOf(db) === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
  return row && lifeOf(row)
}

/** Its own entries and those of the alerts whose place it took, in the order of time. */
export async function readEntries(
  db: LedgerQuery,
  tenant: string,
  alert: string,
): Promise<StoredEntry[]> {
  const known = new Set([alert])
  for (const each of known)
    for (const before of await heirsOf(db, tenant, each)) known.add(before.alert)
  const rows = await db
    .selectFrom('alertEntries')
    .select(['alert', 'number', 'at', 'by', 'body'])
    .where('tenant', '=', tenant)
    .where('alert', 'in', [...known])
    .orderBy('at')
    .orderBy('alert')
    .orderBy('number')
    .execute()
  return rows.map(({ body, ...row }) => ({ ...row, entry: JSON.parse(body) as LifeEntry }))
}

/** False: somebody else was first, and the life is no longer the one that was read. */
export async function appendEntry(
  db: LedgerQuery,
  row: LifeRow,
  { entry, by, at, basis }: { entry: LifeEntry; by: string; at: number; basis: Basis },
): Promise<LifeRow | undefined> {
  const { tenant, alert } = row
  const number = row.entries + 1
  const life = advanceLife(row.life, entry)
  const written = await db
    .updateTable('alertLives')
    .set({ ...columnsOf(life, basis), entries: number, changedAt: at })
    .where('tenant', '=', tenant)
    .where('alert', '=', alert)
    .where('entries', '=', row.entries)
    .returning('alert')
    .execute()
  if (written.length === 0) return undefined
  const body = JSON.stringify(entry)
  await db.insertInto('alertEntries').values({ tenant, alert, number, at, by, body }).execute()
  const next: LifeRow = { ...row, life, entries: number, changedAt: at }
  const { group, gtin, container, place, severity } = row
  await writeNotice(db, {
    ...{ tenant, kind: 'alert.workflow', ref: `${alert}/${number}`, recordTime: at },
    body: {
      ...{ alert, group, number, by, entry, state: life.state, assignee: life.assignee },
      ...{ gtin, container, place, severity: severities[severity] },
    },
  })
  const record = { alert, number, entry, state: life.state, assignee: life.assignee }
  await appendEvidence(db, { tenant, kind: 'alert.workflow', by, at, record })
  return next
}

/** An alert was written that people may have to hear of: in the transaction that writes it. */
export async function followAlert(
  db: LedgerQuery,
  tenant: string,
  { alert, at }: { alert: Alert; at: number },
): Promise<void> {
  const basis = basisOf(alert)
  const known = await holdLife(db, tenant, alert.id)
  let row = known ?? (await beginLife(db, tenant, { alert, at }))
  if (known) {
    const heir = alert.status === 'superseded' ? (alert.supersededBy ?? null) : null
    const severity = severities.indexOf(alert.severity)
    row = { ...known, heir, severity, from: alert.from }
    await db
      .updateTable('alertLives')
      .set({ ...columnsOf(row.life, basis), heir, severity, from: alert.from })
      .where('tenant', '=', tenant)
      .where('alert', '=', alert.id)
      .execute()
  }
  row = await acknowledged(db, row, { alert, at })
  await openAgain(db, row, { basis, at })
  if (row.heir !== null) await handOn(db, row, at)
}

/** Who closed the alarm of a silent logger has seen it. */
async function acknowledged(
  db: LedgerQuery,
  row: LifeRow,
  { alert, at }: { alert: Alert; at: number },
): Promise<LifeRow> {
  const { closed } = alert
  if (!closed?.reason || row.life.state !== 'new') return row
  const { by, reason } = closed
  const basis = basisOf(alert)
  const entry: LifeEntry = { kind: 'moved', to: 'acknowledged', mover: 'person', reason, basis }
  return (await appendEntry(db, row, { entry, by, at, basis })) ?? row
}

/** Alerts that came without their lives, of a release that knew none: new to people. */
export async function beginMissingLives(db: LedgerQuery): Promise<void> {
  const ranks = severities.map((name, rank) => sql`when ${sql.lit(name)} then ${sql.lit(rank)}`)
  await sql`insert into "alertLives" (tenant, alert, "group", pending, state, severity, gtin,
      container, "from", "changedAt", entries, body)
    select tenant, id, id, case when status in ('open', 'closed') then 1 else 0 end, 'new',
      case severity ${sql.join(ranks, sql` `)} else 0 end,
      gtin, container, "from", "raisedAt", 0, ${sql.lit(JSON.stringify(newLife))}
    from alerts
    where not exists (select known.alert from "alertLives" as known
      where known.tenant = alerts.tenant and known.alert = alerts.id)`.execute(db)
}

/** What an alert had come to, to the one that took its place; nothing when nobody did anything. */
async function handOn(db: LedgerQuery, from: LifeRow, at: number): Promise<void> {
  const { tenant, life, heir, group } = from
  const next = await holdLife(db, tenant, heir!)
  const stands = next && (await readAlertBody(db, tenant, heir!))
  // One that is not written yet looks for whose place it took when it is.
  if (!next || !stands) return
  if (next.entries === 0) {
    await db
      .updateTable('alertLives')
      .set({ group, place: from.place })
      .where('tenant', '=', tenant)
      .where('alert', '=', next.alert)
      .execute()
    next.group = group
  }
  if (from.entries === 0 || next.life.state !== 'new') return
  const entry: LifeEntry = { kind: 'carried', from: from.alert, life }
  const basis = basisOf(stands)
  const after = await appendEntry(db, next, { entry, by: restated, at, basis })
  if (after) await openAgain(db, after, { basis, at })
}

async function openAgain(
  db: LedgerQuery,
  row: LifeRow,
  { basis, at }: { basis: Basis; at: number },
): Promise<void> {
  const entry = reopening(row.life, basis)
  if (entry) await appendEntry(db, row, { entry, by: restated, at, basis })
}

async function beginLife(
  db: LedgerQuery,
  tenant: string,
  { alert, at }: { alert: Alert; at: number },
): Promise<LifeRow> {
  const { id, gtin, container, from } = alert
  const [before] = await heirsOf(db, tenant, id)
  const row: LifeRow = {
    ...{ tenant, alert: id, gtin, container, from, changedAt: at, entries: 0 },
    group: before?.group ?? (await groupOf(db, tenant, alert)) ?? id,
    ...{ life: newLife, severity: severities.indexOf(alert.severity) },
    place: before?.place ?? (await placeOf(db, tenant, alert)),
    heir: alert.status === 'superseded' ? (alert.supersededBy ?? null) : null,
  }
  const { life, ...columns } = row
  await db
    .insertInto('alertLives')
    .values({ ...columns, ...columnsOf(life, basisOf(alert)) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  if (!before || before.entries === 0) return row
  const entry: LifeEntry = { kind: 'carried', from: before.alert, life: before.life }
  const said = { entry, by: restated, at, basis: basisOf(alert) }
  return (await appendEntry(db, row, said)) ?? row
}

/** Lives whose alerts this one took the place of; the one that people were last at first. */
async function heirsOf(db: LedgerQuery, tenant: string, heir: string): Promise<LifeRow[]> {
  const rows = await db
    .selectFrom('alertLives')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('heir', '=', heir)
    .orderBy('changedAt', 'desc')
    .orderBy('alert')
    .execute()
  return rows.map(lifeOf).sort((a, b) => Number(b.entries > 0) - Number(a.entries > 0))
}

/** The group of the first alert on the same container whose breach met this one. */
async function groupOf(
  db: LedgerQuery,
  tenant: string,
  { id, container, from, to }: Alert,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('alerts')
    .innerJoin('alertLives', (join) =>
      join
        .onRef('alertLives.tenant', '=', 'alerts.tenant')
        .onRef('alertLives.alert', '=', 'alerts.id'),
    )
    .select('alertLives.group')
    .where('alerts.tenant', '=', tenant)
    .where('alerts.container', '=', container)
    .where('alerts.id', '<>', id)
    .where('alerts.status', 'in', ['open', 'closed'])
    // Not to be found by time: all of the tenant began before the end of one that lasts.
    .where(sql<boolean>`alerts."from" + 0 <= ${to ?? openEnd}`)
    .where('alerts.to', '>=', from)
    .orderBy(sql`alerts."from" + 0`)
    .orderBy('alerts.id')
    .limit(1)
    .executeTakeFirst()
  return row?.group
}

/** The place that the last event before the breach names. */
async function placeOf(
  db: LedgerQuery,
  tenant: string,
  { container, from }: Alert,
): Promise<string | null> {
  const id = (await idsOf(db, tenant, [container])).get(container)
  if (id === undefined) return null
  const { rows } = await sql<{ place: string }>`
    select coalesce(events."bizLocation", events."readPoint") as place
    from mentions join events on events.id = mentions.event
    where mentions.tenant = ${tenant} and mentions.epc = ${id} and events."eventTime" <= ${from}
      and coalesce(events."bizLocation", events."readPoint") is not null
    order by events."eventTime" desc, events."eventID" limit 1`.execute(db)
  return rows[0]?.place ?? null
}

async function readAlertBody(
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
  return row && (JSON.parse(row.body) as Alert)
}

const columnsOf = (life: AlertLife, basis: Basis) => ({
  ...{ state: life.state, assignee: life.assignee, body: JSON.stringify(life) },
  pending: Number(isPending(life, basis)),
})

const lifeQuery = (db: LedgerQuery, tenant: string, alert: string) =>
  db.selectFrom('alertLives').selectAll().where('tenant', '=', tenant).where('alert', '=', alert)

const lifeOf = ({
  body,
  pending: _,
  state: __,
  assignee: ___,
  ...row
}: Omit<LifeRow, 'life'> & {
  body: string
  pending: number
  state: string
  assignee: string | null
}): LifeRow => ({ ...row, life: JSON.parse(body) as AlertLife })
