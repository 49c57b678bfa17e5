// Ledger queries: named EPCIS queries, and what the top-level resources of the EPCIS REST binding
// list: the words, places and EPCs that captured events name.
import { sql } from 'kysely'
import { idsOf, longEpc, shortEpc } from './epcs.ts'
import { dialectOf, type LedgerQuery } from './ledger.ts'
import { idsBetween, inNameOrder, ofLots } from './names.ts'

/** A query as it was made: the JSON of its parameters. */
export interface NamedQuery {
  name: string
  query: Record<string, unknown>
  createdAt: number
}

/** Fields of events whose values are resources of their own. */
export type EventField = 'bizStep' | 'disposition' | 'readPoint' | 'bizLocation'

/** False when the name is taken. */
export async function insertNamedQuery(
  db: LedgerQuery,
  tenant: string,
  { name, query, createdAt }: NamedQuery,
): Promise<boolean> {
  const rows = await db
    .insertInto('queries')
    .values({ tenant, name, query: JSON.stringify(query), createdAt })
    .onConflict((conflict) => conflict.doNothing())
    .returning('name')
    .execute()
  return rows.length > 0
}

export async function readNamedQuery(
  db: LedgerQuery,
  tenant: string,
  name: string,
): Promise<NamedQuery | undefined> {
  const row = await db
    .selectFrom('queries')
    .select(['name', 'query', 'createdAt'])
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && { ...row, query: JSON.parse(row.query) }
}

export async function countNamedQueries(db: LedgerQuery, tenant: string): Promise<number> {
  const row = await db
    .selectFrom('queries')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('tenant', '=', tenant)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** By name, after a name. */
export async function listNamedQueries(
  db: LedgerQuery,
  tenant: string,
  { after, limit }: { after: string; limit: number },
): Promise<NamedQuery[]> {
  const rows = await db
    .selectFrom('queries')
    .select(['name', 'query', 'createdAt'])
    .where('tenant', '=', tenant)
    .where('name', '>', after)
    .orderBy('name')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...row, query: JSON.parse(row.query) }))
}

/** False when there is none. */
export async function deleteNamedQuery(
  db: LedgerQuery,
  tenant: string,
  name: string,
): Promise<boolean> {
  const rows = await db
    .deleteFrom('queries')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .returning('name')
    .execute()
  return rows.length > 0
}

/**
 * Values that events have in a field, ascending, after one of them. Each is found from the one
 * before by one look into the index: events with the same value are not counted through.
 */
export async function listFieldValues(
  db: LedgerQuery,
  tenant: string,
  { field, after, limit }: { field: EventField; after: string; limit: number },
): Promise<string[]> {
  const column = sql.ref(`events.${field}`)
  const next = (behind: ReturnType<typeof sql>) => sql`
    select min(${column}) as value from events
    where events.tenant = ${tenant} and ${column} > ${behind}`
  const { rows } = await sql<{ value: string }>`
    with recursive found(value, number) as (
      select first.value, 1 from (${next(sql`${after}`)}) as first
      union all
      select (${next(sql`found.value`)}), found.number + 1 from found
      where found.value is not null and found.number < ${limit}
    )
    select value from found where value is not null order by value`.execute(db)
  return rows.map(({ value }) => value)
}

/** Whether any event has the value. */
export async function hasFieldValue(
  db: LedgerQuery,
  tenant: string,
  { field, value }: { field: EventField; value: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('events')
    .select('id')
    .where('tenant', '=', tenant)
    .where(field, '=', value)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether any event names an EPC in a range of canonical forms. */
export async function hasEpcIn(
  db: LedgerQuery,
  tenant: string,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const range = { from: shortEpc(from), to: shortEpc(to), limit: 1 }
  return (await idsBetween(db, tenant, range)).length > 0
}

/**
 * EPCs and EPC classes that events name, after one of them, in an order that stays: of their short
 * forms; in SQLite units of lots come after all others, by lot and then by number.
 */
export async function listEpcs(
  db: LedgerQuery,
  tenant: string,
  { after, limit }: { after: string; limit: number },
): Promise<string[]> {
  const last = after === '' ? undefined : await unitOfLot(db, tenant, after)
  const apart = last
    ? { rows: [] }
    : await sql<{ epc: string }>`select epcs.epc from epcs where epcs.tenant = ${tenant}
        and epcs.epc > ${shortEpc(after)} and ${inNameOrder(db)}
        order by epcs.epc limit ${limit}`.execute(db)
  const left = limit - apart.rows.length
  const { rows } =
    left === 0 || dialectOf(db) === 'postgres'
      ? { rows: [] }
      : await sql<{ epc: string }>`select epcs.epc from epcs where epcs.tenant = ${tenant}
          and (epcs.lot, epcs.id) > (${last?.lot ?? 0}, ${last?.id ?? 0}) and ${ofLots}
          order by epcs.lot, epcs.id limit ${left}`.execute(db)
  return [...apart.rows, ...rows].map(({ epc }) => longEpc(epc))
}

/** SQLite: its place among those that are not in the order of names, when it is one of them. */
async function unitOfLot(
  db: LedgerQuery,
  tenant: string,
  epc: string,
): Promise<{ id: number; lot: number } | undefined> {
  if (dialectOf(db) === 'postgres') return undefined
  const [id] = (await idsOf(db, tenant, [epc])).values()
  if (id === undefined) return undefined
  const { rows } = await sql<{ id: number; lot: number }>`select epcs.id, epcs.lot from epcs
    where epcs.id = ${id} and ${ofLots}`.execute(db)
  return rows[0]
}
