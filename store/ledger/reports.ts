// Ledger queries for reports: the units of a lot, when events happened, and the master data that
// events refer to.
import { sql } from 'kysely'
import { chunksOf, type LedgerQuery, listed, pagesOf } from './ledger.ts'
import type { MasterElement } from './master.ts'

/** Numbers of the units of a product, or of one lot of it, in the order they were first named. */
export async function unitsOfLot(
  db: LedgerQuery,
  tenant: string,
  { gtin, lot, limit }: { gtin: string; lot?: string | undefined; limit: number },
): Promise<number[]> {
  let query = db
    .selectFrom('epcs')
    .innerJoin('lots', 'lots.id', 'epcs.lot')
    .select('epcs.id')
    .where('epcs.tenant', '=', tenant)
    .where('lots.tenant', '=', tenant)
    .where('lots.gtin', '=', gtin)
  if (lot !== undefined) query = query.where('lots.lot', '=', lot)
  const rows = await query.orderBy('epcs.id').limit(limit).execute()
  return rows.map(({ id }) => id)
}

/** Those of the units, by number, that an open recall begun by `at` (epoch ms) means; no drill. */
export async function recalledAmong(
  db: LedgerQuery,
  tenant: string,
  { units, at }: { units: readonly number[]; at: number },
): Promise<Set<number>> {
  const found = new Set<number>()
  for (const page of pagesOf(units)) {
    const { rows } = await sql<{ epc: number }>`
      select distinct recalled.epc from ${listed(db, page)}
      join recalled on recalled.tenant = ${tenant} and recalled.epc = listed.value
      join recalls on recalls.tenant = recalled.tenant and recalls.id = recalled.recall
      where recalls.drill = 0 and recalls."startedAt" <= ${at}`.execute(db)
    for (const { epc } of rows) found.add(epc)
  }
  return found
}

/** Event times (epoch ms) of these events, by number. */
export async function eventTimesOf(
  db: LedgerQuery,
  tenant: string,
  events: readonly number[],
): Promise<Map<number, number>> {
  const times = new Map<number, number>()
  for (const page of pagesOf(events)) {
    const { rows } = await sql<{ id: number; eventTime: number }>`
      select events.id, events."eventTime" from ${listed(db, page)} cross join events
      where events.id = listed.value and events.tenant = ${tenant}`.execute(db)
    for (const { id, eventTime } of rows) times.set(id, eventTime)
  }
  return times
}

/** Elements of any vocabulary with these ids, as they stand, by type and id. */
export async function masterDataNamed(
  db: LedgerQuery,
  tenant: string,
  ids: readonly string[],
): Promise<MasterElement[]> {
  const found: MasterElement[] = []
  const types = await db
    .selectFrom('masterData')
    .select('type')
    .distinct()
    .where('tenant', '=', tenant)
    .where('latest', '=', 1)
    .execute()
  for (const { type } of types)
    for (const page of chunksOf(ids)) {
      const rows = await db
        .selectFrom('masterData')
        .select(['type', 'id', 'attributes', 'children'])
        .where('tenant', '=', tenant)
        .where('type', '=', type)
        .where('latest', '=', 1)
        .where(sql<boolean>`id in (select listed.value from ${listed(db, page)})`)
        .execute()
      for (const row of rows)
        found.push({
          type: row.type,
          id: row.id,
          attributes: JSON.parse(row.attributes) as Record<string, unknown>,
          children: JSON.parse(row.children) as string[],
        })
    }
  return found.sort((a, b) => compare(a.type, b.type) || compare(a.id, b.id))
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
