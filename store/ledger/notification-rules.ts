// Ledger queries: rules of who is told of what, as JSON that quality/notify/terms.ts knows.
import type { LedgerQuery } from './ledger.ts'

export interface RuleRow<Body> {
  id: string
  createdAt: number
  changedAt: number
  changedBy: string
  body: Body
}

/** Ascending by id. */
export async function listRules<Body>(
  db: LedgerQuery,
  tenant: string,
  page: { after?: string; limit: number },
): Promise<RuleRow<Body>[]> {
  const rows = await db
    .selectFrom('notificationRules')
    .select(['id', 'createdAt', 'changedAt', 'changedBy', 'body'])
    .where('tenant', '=', tenant)
    .where('id', '>', page.after ?? '')
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as Body }))
}

export async function readRule<Body>(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<RuleRow<Body> | undefined> {
  const row = await db
    .selectFrom('notificationRules')
    .select(['id', 'createdAt', 'changedAt', 'changedBy', 'body'])
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && { ...row, body: JSON.parse(row.body) as Body }
}

/** Writes it as it now stands; what was made when stays. */
export async function writeRule<Body>(
  db: LedgerQuery,
  tenant: string,
  { body, ...row }: RuleRow<Body>,
): Promise<void> {
  const { changedAt, changedBy } = row
  const text = JSON.stringify(body)
  await db
    .insertInto('notificationRules')
    .values({ tenant, ...row, body: text })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'id']).doUpdateSet({ changedAt, changedBy, body: text }),
    )
    .execute()
}

export async function countRules(db: LedgerQuery, tenant: string): Promise<number> {
  const row = await db
    .selectFrom('notificationRules')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  return Number(row?.count)
}

/** False when there is none. */
export async function deleteRule(db: LedgerQuery, tenant: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('notificationRules')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
