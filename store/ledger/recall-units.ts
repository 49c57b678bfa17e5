// Ledger queries: units by their lots, for recalls: whole lots at once, by number.
import { sql } from 'kysely'
import { longEpc } from './epcs.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { lotRowsOf } from './transformations.ts'

/** Values of one condition on lots; dates are YYYY-MM-DD, both included. */
export type LotTest =
  | { field: 'gtin' | 'lot' | 'supplier'; anyOf: readonly string[] }
  | { field: 'expiry'; from?: string; to?: string }

export interface UnitRow {
  id: number
  epc: string
  lot: number | null
}

/** Numbers of the lots that meet all of these; undefined when nothing is asked. */
export async function lotsMeant(
  db: LedgerQuery,
  tenant: string,
  tests: readonly LotTest[],
): Promise<Set<number> | undefined> {
  if (tests.length === 0) return undefined
  let query = db.selectFrom('lots').select(['id', 'gtin', 'lot', 'expiry'])
  query = query.where('tenant', '=', tenant)
  for (const test of tests)
    if (test.field === 'gtin' || test.field === 'lot') {
      const values = sql`select listed.value from ${listed(db, test.anyOf)}`
      query = query.where(sql<boolean>`${sql.ref(`lots.${test.field}`)} in (${values})`)
    }
  const rows = await query.execute()
  const asked = tests.filter(({ field }) => field === 'supplier' || field === 'expiry')
  const records = asked.length > 0 ? await recordsOf(db, tenant, rows) : new Map()
  const meant = rows.filter((row) => {
    const record = records.get(`${row.gtin} ${row.lot}`)
    return asked.every((test) => {
      if (test.field === 'supplier') return test.anyOf.includes(record?.supplier ?? '')
      if (test.field !== 'expiry') return true
      const expiry = (row.expiry || record?.expiry || '').slice(0, 10)
      return expiry !== '' && expiry >= (test.from ?? '') && expiry <= (test.to ?? '9999')
    })
  })
  return new Set(meant.map(({ id }) => id))
}

export interface LotRecordRow {
  supplier?: string
  expiry?: string
  shift?: string
  line?: string
  attributes?: Record<string, unknown>
}

/** What is told of these lots beside their units, by `gtin lot`. */
export async function recordsOf(
  db: LedgerQuery,
  tenant: string,
  lots: readonly { gtin: string; lot: string }[],
): Promise<Map<string, LotRecordRow>> {
  const records = new Map<string, LotRecordRow>()
  for (const page of pagesOf([...new Set(lots.map(({ gtin }) => gtin))])) {
    const rows = await db
      .selectFrom('lotRecords')
      .select(['gtin', 'lot', 'body'])
      .where('tenant', '=', tenant)
      .where('latest', '=', 1)
      .where(sql<boolean>`gtin in (select listed.value from ${listed(db, page)})`)
      .execute()
    for (const { gtin, lot, body } of rows) records.set(`${gtin} ${lot}`, JSON.parse(body))
  }
  return records
}

/** Numbers of the lots whose record says so. */
export async function lotsTold(
  db: LedgerQuery,
  tenant: string,
  says: (record: LotRecordRow) => boolean,
): Promise<number[]> {
  const rows = await db
    .selectFrom('lotRecords')
    .select(['gtin', 'lot', 'body'])
    .where('tenant', '=', tenant)
    .where('latest', '=', 1)
    .execute()
  const told = rows.filter(({ body }) => says(JSON.parse(body) as LotRecordRow))
  return (await lotRowsOf(db, tenant, told)).map(({ id }) => id)
}

/** GTIN, lot and expiry of these numbers. */
export async function readLots(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Map<number, { gtin: string; lot: string; expiry: string }>> {
  const found = new Map<number, { gtin: string; lot: string; expiry: string }>()
  for (const page of pagesOf(ids)) {
    const rows = await db
      .selectFrom('lots')
      .select(['id', 'gtin', 'lot', 'expiry'])
      .where('tenant', '=', tenant)
      .where(sql<boolean>`id in (select listed.value from ${listed(db, page)})`)
      .execute()
    for (const { id, ...lot } of rows) found.set(id, lot)
  }
  return found
}

/** The serialised trade items of these lots, ascending by EPC. */
export async function unitsOfLots(
  db: LedgerQuery,
  tenant: string,
  lots: readonly number[],
): Promise<UnitRow[]> {
  const found: UnitRow[] = []
  for (const page of pagesOf(lots)) {
    const { rows } = await sql<UnitRow>`
      select epcs.id, epcs.epc, epcs.lot from ${listed(db, page)} cross join epcs
      where epcs.tenant = ${tenant} and epcs.lot = listed.value`.execute(db)
    for (const row of rows) if (isUnit(row)) found.push(row)
  }
  return inOrder(found)
}

/** Those of these numbers that are serialised trade items, ascending by EPC. */
export async function unitsAmong(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<UnitRow[]> {
  const found: UnitRow[] = []
  for (const page of pagesOf(ids)) {
    const { rows } = await sql<UnitRow>`
      select epcs.id, epcs.epc, epcs.lot from ${listed(db, page)} cross join epcs
      where epcs.id = listed.value and epcs.tenant = ${tenant}`.execute(db)
    for (const row of rows) if (isUnit(row)) found.push(row)
  }
  return inOrder(found)
}

/** A canonical SGTIN, as it is kept; its serial may hold anything but a stroke. */
const isUnit = ({ epc }: UnitRow): boolean => /^01\/\d{14}\/21\/[^/]+$/.test(epc)

/** Sorted as they are kept: all of them begin alike, and half as much is compared. */
function inOrder(units: UnitRow[]): UnitRow[] {
  units.sort((a, b) => (a.epc < b.epc ? -1 : 1))
  for (const unit of units) unit.epc = longEpc(unit.epc)
  return units
}

/** The numbers of everything that is of these lots. */
export async function numbersOfLots(
  db: LedgerQuery,
  tenant: string,
  lots: readonly number[],
): Promise<number[]> {
  const found: number[] = []
  for (const page of pagesOf(lots)) {
    const { rows } = await sql<{ id: number }>`
      select epcs.id from ${listed(db, page)} cross join epcs
      where epcs.tenant = ${tenant} and epcs.lot = listed.value`.execute(db)
    for (const { id } of rows) found.push(id)
  }
  return found
}

/** The lots that any of these numbers are of. */
export async function lotsAmong(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<number[]> {
  const found = new Set<number>()
  for (const page of pagesOf(ids)) {
    const { rows } = await sql<{ lot: number }>`
      select distinct epcs.lot from ${listed(db, page)} cross join epcs
      where epcs.id = listed.value and epcs.tenant = ${tenant}
        and epcs.lot is not null`.execute(db)
    for (const { lot } of rows) found.add(lot)
  }
  return [...found]
}

/** How many things are of these lots. */
export async function countOfLots(
  db: LedgerQuery,
  tenant: string,
  lots: readonly number[],
): Promise<number> {
  let count = 0
  for (const page of pagesOf(lots)) {
    const { rows } = await sql<{ units: number }>`
      select count(*) as units from ${listed(db, page)} cross join epcs
      where epcs.tenant = ${tenant} and epcs.lot = listed.value`.execute(db)
    count += Number(rows[0]!.units)
  }
  return count
}
