// Ledger queries that tell very many things at once what they have in common, each said once with
// the numbers of those it is said of: a million units on pallets are some thousand rows.
import { type RawBuilder, sql } from 'kysely'
import type { Interval } from '../../domain/breach.ts'
import { dialectOf, type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { openEnd } from './schema.ts'

/** The same time in the same container, of any relation. */
export interface SharedStay extends Interval {
  parent: number
  children: number[]
}

/** Own stays of these, ascending by begin. */
export async function readSharedStays(
  db: LedgerQuery,
  tenant: string,
  children: readonly number[],
): Promise<SharedStay[]> {
  const shared: SharedStay[] = []
  for (const page of pagesOf(children)) {
    const { rows } = await sql<Omit<SharedStay, 'children'> & { children: string }>`
      select stays.parent, stays."from", stays."to", ${numbersOf(db, 'stays.child')} as children
      from ${listed(db, page)} cross join stays
      where stays.tenant = ${tenant} and stays.child = listed.value
      group by stays.parent, stays."from", stays."to"`.execute(db)
    for (const { to, children: own, ...row } of rows)
      shared.push({
        ...{ ...row, to: to === openEnd ? Infinity : to },
        children: JSON.parse(own) as number[],
      })
  }
  return joined(shared.sort((a, b) => a.from - b.from || a.parent - b.parent || a.to - b.to))
}

/** Those that several pages told of. */
function joined(sorted: readonly SharedStay[]): SharedStay[] {
  const once: SharedStay[] = []
  for (const stay of sorted) {
    const last = once.at(-1)
    const same = last?.from === stay.from && last.parent === stay.parent && last.to === stay.to
    if (!same) once.push(stay)
    else for (const child of stay.children) last.children.push(child)
  }
  return once
}

/** Those of these that are serialised trade items, by GTIN. */
export async function readByGtin(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>()
  for (const page of pagesOf(ids)) {
    const { rows } = await sql<{ gtin: string; units: string }>`
      select substr(epcs.epc, 4, 14) as gtin, ${numbersOf(db, 'epcs.id')} as units
      from ${listed(db, page)} cross join epcs
      where epcs.id = listed.value and epcs.tenant = ${tenant}
        and substr(epcs.epc, 1, 3) = '01/' and substr(epcs.epc, 18, 4) = '/21/'
      group by 1`.execute(db)
    for (const { gtin, units } of rows)
      found.set(gtin, (found.get(gtin) ?? []).concat(JSON.parse(units) as number[]))
  }
  return found
}

/** Of a group, as the text of a JSON list. */
const numbersOf = (db: LedgerQuery, column: string): RawBuilder<string> =>
  dialectOf(db) === 'sqlite'
    ? sql<string>`json_group_array(${sql.ref(column)})`
    : sql<string>`cast(json_agg(${sql.ref(column)}) as text)`
