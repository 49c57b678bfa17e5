// Ledger queries: what was proposed and signed for units, and which decision is in force on each.
// Of one unit at most one is, which the database holds to. What may follow what is not known here.
import { type Selectable, sql } from 'kysely'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

export type DispositionRow = Selectable<LedgerTables['dispositions']>

/** What is in force on one unit. */
export interface InForce {
  disposition: string
  decision: string
  at: number
}

export async function insertDisposition(db: LedgerQuery, row: DispositionRow): Promise<void> {
  await db.insertInto('dispositions').values(row).execute()
}

export const readDisposition = (
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<DispositionRow | undefined> =>
  db
    .selectFrom('dispositions')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

/** Newest first, before a place. */
export function listDispositions(
  db: LedgerQuery,
  tenant: string,
  page: {
    subject?: string | undefined
    state?: string | undefined
    before?: readonly [proposedAt: number, id: string] | undefined
    limit: number
  },
): Promise<DispositionRow[]> {
  let query = db.selectFrom('dispositions').selectAll().where('tenant', '=', tenant)
  const { subject, state, before } = page
  if (subject !== undefined) query = query.where('subject', '=', subject)
  if (state !== undefined) query = query.where('state', '=', state)
  if (before)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('proposedAt', 'id'), '<', tuple(before[0], before[1])),
    )
  return query.orderBy('proposedAt', 'desc').orderBy('id', 'desc').limit(page.limit).execute()
}

/** What was signed stays as it is: false when somebody else was first. */
export async function signDisposition(
  db: LedgerQuery,
  of: { tenant: string; id: string },
  signed: Pick<DispositionRow, 'state' | 'signature' | 'signatureHash' | 'signedAt'>,
): Promise<boolean> {
  const rows = await db
    .updateTable('dispositions')
    .set(signed)
    .where('tenant', '=', of.tenant)
    .where('id', '=', of.id)
    .where('state', '=', 'proposed')
    .returning('id')
    .execute()
  return rows.length > 0
}

/** What is in force on these units, by number; none of those on which nothing is. */
export async function decisionsOn(
  db: LedgerQuery,
  tenant: string,
  units: readonly number[],
): Promise<Map<number, InForce>> {
  const found = new Map<number, InForce>()
  for (const page of pagesOf(units)) {
    const { rows } = await sql<InForce & { epc: number }>`
      select decisions.epc, decisions.disposition, decisions.decision, decisions.at
      from ${listed(db, page)} cross join decisions
      where decisions.tenant = ${tenant} and decisions.epc = listed.value
        and decisions."endedBy" is null`.execute(db)
    for (const { epc, ...inForce } of rows) found.set(epc, inForce)
  }
  return found
}

/** Everything that was ever decided of one unit, the newest first. */
export const decisionsEver = (
  db: LedgerQuery,
  tenant: string,
  unit: number,
): Promise<(InForce & { endedBy: string | null })[]> =>
  db
    .selectFrom('decisions')
    .select(['disposition', 'decision', 'at', 'endedBy'])
    .where('tenant', '=', tenant)
    .where('epc', '=', unit)
    .orderBy('at', 'desc')
    .orderBy('disposition')
    .execute()

/** Puts a decision in force on units, and ends what was in force on them before. */
export async function decide(
  db: LedgerQuery,
  tenant: string,
  of: { disposition: string; decision: string; at: number; units: readonly number[] },
): Promise<void> {
  const { disposition, decision, at } = of
  for (const page of pagesOf(of.units)) {
    await sql`update decisions set "endedBy" = ${disposition}
      where tenant = ${tenant} and "endedBy" is null
        and epc in (select listed.value from ${listed(db, page)})`.execute(db)
    await sql`insert into decisions (tenant, epc, disposition, decision, at)
      select ${tenant}, listed.value, ${disposition}, ${decision}, cast(${at} as bigint)
      from ${listed(db, page)} where true`.execute(db)
  }
}
