// Ledger queries: back-tests, proposed changes of profiles with their signatures, and the settings
// of a tenant. What they mean is not read here.
import type { Selectable } from 'kysely'
import type { LedgerQuery } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

export type BackTestRow = Selectable<LedgerTables['backTests']>
export type ProfileChangeRow = Selectable<LedgerTables['profileChanges']>

interface Page {
  gtin: string
  before?: readonly [time: number, id: string]
  limit: number
}

export async function insertBackTest(db: LedgerQuery, row: BackTestRow): Promise<void> {
  await db.insertInto('backTests').values(row).execute()
}

/** Of one that has not ended; false when it has. */
export async function updateBackTest(
  db: LedgerQuery,
  of: { tenant: string; id: string },
  change: Partial<BackTestRow>,
): Promise<boolean> {
  const rows = await db
    .updateTable('backTests')
    .set(change)
    .where('tenant', '=', of.tenant)
    .where('id', '=', of.id)
    .where('state', 'in', ['waiting', 'running'])
    .returning('id')
    .execute()
  return rows.length > 0
}

export const readBackTest = (
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<BackTestRow | undefined> =>
  db
    .selectFrom('backTests')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

/** Newest first, before a place. */
export function listBackTests(db: LedgerQuery, tenant: string, page: Page): Promise<BackTestRow[]> {
  let query = db.selectFrom('backTests').selectAll().where('tenant', '=', tenant)
  query = query.where('gtin', '=', page.gtin)
  const { before } = page
  if (before)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('createdAt', 'id'), '<', tuple(before[0], before[1])),
    )
  return query.orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(page.limit).execute()
}

export async function insertProfileChange(db: LedgerQuery, row: ProfileChangeRow): Promise<void> {
  await db.insertInto('profileChanges').values(row).execute()
}

export const readProfileChange = (
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<ProfileChangeRow | undefined> =>
  db
    .selectFrom('profileChanges')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

/** Newest first, before a place. */
export function listProfileChanges(
  db: LedgerQuery,
  tenant: string,
  page: Page,
): Promise<ProfileChangeRow[]> {
  let query = db.selectFrom('profileChanges').selectAll().where('tenant', '=', tenant)
  query = query.where('gtin', '=', page.gtin)
  const { before } = page
  if (before)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('proposedAt', 'id'), '<', tuple(before[0], before[1])),
    )
  return query.orderBy('proposedAt', 'desc').orderBy('id', 'desc').limit(page.limit).execute()
}

/** What was signed stays as it is: false when somebody else signed it before. */
export async function signProfileChange(
  db: LedgerQuery,
  of: { tenant: string; id: string },
  signed: Pick<ProfileChangeRow, 'state' | 'signature' | 'signatureHash' | 'version'>,
): Promise<boolean> {
  const rows = await db
    .updateTable('profileChanges')
    .set(signed)
    .where('tenant', '=', of.tenant)
    .where('id', '=', of.id)
    .where('state', '=', 'proposed')
    .returning('id')
    .execute()
  return rows.length > 0
}

/** JSON text; undefined when nobody set any. */
export async function readSettings(db: LedgerQuery, tenant: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('tenantSettings')
    .select('body')
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  return row?.body
}

export async function writeSettings(
  db: LedgerQuery,
  row: LedgerTables['tenantSettings'],
): Promise<void> {
  const { body, updatedAt, updatedBy } = row
  await db
    .insertInto('tenantSettings')
    .values(row)
    .onConflict((conflict) => conflict.column('tenant').doUpdateSet({ body, updatedAt, updatedBy }))
    .execute()
}
