// Ledger queries: documents that are to be captured, written in the transaction of what they follow
// from. Whoever drains them puts each into the log and says so; after a crash in between it is put
// there again, with the same bytes, which changes nothing.
import { sql } from 'kysely'
import type { LedgerQuery } from './ledger.ts'

export interface OutboxRow {
  tenant: string
  /** The id of the capture, too. */
  id: string
  at: number
  source: string
  events: number
  document: Uint8Array
}

/** Once for each id. */
export async function putOutbox(db: LedgerQuery, row: OutboxRow): Promise<void> {
  await db
    .insertInto('outbox')
    .values({ ...row, keptAt: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** The oldest that wait, of all tenants that the connection may see. */
export const waitingOutbox = (db: LedgerQuery, limit: number): Promise<OutboxRow[]> =>
  db
    .selectFrom('outbox')
    .select(['tenant', 'id', 'at', 'source', 'events', 'document'])
    .where('keptAt', 'is', null)
    .orderBy('at')
    .orderBy('id')
    .limit(limit)
    .execute()

/** Whether any waits: asked without a claim, since mostly none does. */
export async function anyWaiting(db: LedgerQuery): Promise<boolean> {
  const row = await db
    .selectFrom('outbox')
    .select('id')
    .where('keptAt', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function markKept(
  db: LedgerQuery,
  { tenant, id }: Pick<OutboxRow, 'tenant' | 'id'>,
  keptAt: number,
): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ keptAt })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('keptAt', 'is', null)
    .execute()
}

/** Those whose ids begin so: of one disposition, say. */
export const outboxOf = (
  db: LedgerQuery,
  tenant: string,
  prefix: string,
): Promise<{ id: string; events: number; keptAt: number | null }[]> =>
  db
    .selectFrom('outbox')
    .select(['id', 'events', 'keptAt'])
    .where('tenant', '=', tenant)
    .where('id', '>=', prefix)
    .where(sql<boolean>`substr(id, 1, ${sql.lit(prefix.length)}) = ${prefix}`)
    .orderBy('id')
    .execute()
