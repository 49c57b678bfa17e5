// Ledger queries: sessions of the conformance lab, and what each process saw of one. Interprets
// nothing: parts are JSON of ingest/lab-watch.ts.
import type { Insertable, Selectable } from 'kysely'
import { among, type LedgerQuery, listsOf } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

export type LabSessionRow = Selectable<LedgerTables['labSessions']>
export type LabPartRow = Selectable<LedgerTables['labParts']>
type SessionKey = Pick<LabSessionRow, 'tenant' | 'id'>

/** False when the device has one that runs. */
export async function insertLabSession(
  db: LedgerQuery,
  row: Insertable<LedgerTables['labSessions']>,
): Promise<boolean> {
  const done = await db
    .insertInto('labSessions')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** One that ended already stays as it ended. */
export async function endLabSession(
  db: LedgerQuery,
  { tenant, id }: SessionKey,
  { state, endsAt }: Pick<LabSessionRow, 'state' | 'endsAt'>,
): Promise<void> {
  await db
    .updateTable('labSessions')
    .set({ state, endsAt })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute()
}

/** Those whose time is over, of all tenants. */
export async function endDueLabSessions(db: LedgerQuery, now: number): Promise<void> {
  await db
    .updateTable('labSessions')
    .set({ state: 'ended' })
    .where('state', '=', 'running')
    .where('endsAt', '<=', now)
    .execute()
}

/** Of all tenants. */
export const runningLabSessions = (db: LedgerQuery): Promise<LabSessionRow[]> =>
  db.selectFrom('labSessions').selectAll().where('state', '=', 'running').execute()

export const readLabSession = (
  db: LedgerQuery,
  { tenant, id }: SessionKey,
): Promise<LabSessionRow | undefined> =>
  db
    .selectFrom('labSessions')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

/** Newest first. */
export function listLabSessions(
  db: LedgerQuery,
  tenant: string,
  { device, limit }: { device?: string | undefined; limit: number },
): Promise<LabSessionRow[]> {
  let query = db.selectFrom('labSessions').selectAll().where('tenant', '=', tenant)
  if (device !== undefined) query = query.where('device', '=', device)
  return query.orderBy('startedAt', 'desc').orderBy('id').limit(limit).execute()
}

/** All but the newest `kept` of a tenant are forgotten; none that runs. */
export async function forgetLabSessions(
  db: LedgerQuery,
  tenant: string,
  kept: number,
): Promise<void> {
  const newest = await listLabSessions(db, tenant, { limit: kept })
  const oldest = newest.length < kept ? undefined : newest.at(-1)
  if (!oldest) return
  const old = await db
    .selectFrom('labSessions')
    .select('id')
    .where('tenant', '=', tenant)
    .where('startedAt', '<', oldest.startedAt)
    .where('state', '!=', 'running')
    .execute()
  for (const ids of listsOf(
    db,
    old.map(({ id }) => id),
  )) {
    const parts = db.deleteFrom('labParts').where('tenant', '=', tenant)
    await parts.where(among(db, 'session', ids)).execute()
    const sessions = db.deleteFrom('labSessions').where('tenant', '=', tenant)
    await sessions.where(among(db, 'id', ids)).execute()
  }
}

/** What this process saw so far takes the place of what it had seen before. */
export async function putLabPart(db: LedgerQuery, part: LabPartRow): Promise<void> {
  const { beat, happened, seen } = part
  await db
    .insertInto('labParts')
    .values(part)
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'session', 'node']).doUpdateSet({ beat, happened, seen }),
    )
    .execute()
}

export async function beatLabPart(
  db: LedgerQuery,
  { tenant, session, node, beat }: Pick<LabPartRow, 'tenant' | 'session' | 'node' | 'beat'>,
): Promise<void> {
  await db
    .updateTable('labParts')
    .set({ beat })
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    .where('node', '=', node)
    .execute()
}

/** Of all processes, in the order of their names. */
export const readLabParts = (
  db: LedgerQuery,
  tenant: string,
  session: string,
): Promise<LabPartRow[]> =>
  db
    .selectFrom('labParts')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    .orderBy('node')
    .execute()

/** Of running sessions of all tenants: which processes took part, and which faults were met. */
export const labBeats = (
  db: LedgerQuery,
): Promise<Pick<LabPartRow, 'tenant' | 'session' | 'node' | 'beat' | 'happened'>[]> =>
  db
    .selectFrom('labParts')
    .innerJoin('labSessions', (join) =>
      join
        .onRef('labSessions.tenant', '=', 'labParts.tenant')
        .onRef('labSessions.id', '=', 'labParts.session'),
    )
    .select([
      'labParts.tenant',
      'labParts.session',
      'labParts.node',
      'labParts.beat',
      'labParts.happened',
    ])
    .where('labSessions.state', '=', 'running')
    .execute()
