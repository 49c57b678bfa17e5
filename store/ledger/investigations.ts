// Ledger queries: investigations as they stand, and every record that each ever was. What stands in
// a record is not read here.
import type { Selectable } from 'kysely'
import type { LedgerQuery } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

export type InvestigationRow = Selectable<LedgerTables['investigations']>
export type InvestigationRevisionRow = Selectable<LedgerTables['investigationRevisions']>

export const readInvestigation = (
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<InvestigationRow | undefined> =>
  db
    .selectFrom('investigations')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

/** Newest first, before a place. */
export function listInvestigations(
  db: LedgerQuery,
  tenant: string,
  page: {
    state?: string | undefined
    before?: readonly [openedAt: number, id: string] | undefined
    limit: number
  },
): Promise<InvestigationRow[]> {
  let query = db.selectFrom('investigations').selectAll().where('tenant', '=', tenant)
  if (page.state !== undefined) query = query.where('state', '=', page.state)
  const { before } = page
  if (before)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('openedAt', 'id'), '<', tuple(before[0], before[1])),
    )
  return query.orderBy('openedAt', 'desc').orderBy('id', 'desc').limit(page.limit).execute()
}

/** Oldest first. */
export const listInvestigationRevisions = (
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<InvestigationRevisionRow[]> =>
  db
    .selectFrom('investigationRevisions')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('investigation', '=', id)
    .orderBy('revision')
    .execute()

/** False: somebody else made this revision before. */
export async function writeInvestigation(
  db: LedgerQuery,
  row: InvestigationRow,
  { by, cause }: { by: string; cause: string },
): Promise<boolean> {
  const { tenant, id, revision, record, recordHash, changedAt: at } = row
  const written = await db
    .insertInto('investigationRevisions')
    .values({ tenant, investigation: id, revision, at, by, cause, record, recordHash })
    .onConflict((conflict) => conflict.doNothing())
    .returning('revision')
    .execute()
  if (written.length === 0) return false
  const { state, changedAt, signature, signatureHash } = row
  const stands = { state, changedAt, revision, record, recordHash, signature, signatureHash }
  await db
    .insertInto('investigations')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(stands))
    .execute()
  return true
}
