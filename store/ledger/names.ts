// How an EPC is found by its name. PostgreSQL has an index on the names. In SQLite such an index
// takes a page for each new serial once it is large, because pools give serials at random, and each
// page is written twice (WAL, then file): pages were most of what registering cost. There a name is
// found by a number made of it, in three tables, each much larger than the one before. What is new
// stands in the first, where many share a page, and moves on by slices of that number, so that many
// share each page of the next table too. Knows no units: store/ledger/epcs.ts.
import { type RawBuilder, sql } from 'kysely'
import { dialectOf, type LedgerQuery, listed, placeListed, storable } from './ledger.ts'
import { formatKeys, keyBits, nameKeys, nameTables } from './name-key.ts'

/**
 * How many numbers are given between two moves, and how many slices the keys of a table are cut
 * into, of which each move takes one. The first table holds some 70,000 names, the second a million
 * (measured: together a quarter of the pages of one table, at ten million).
 */
const moveEvery = 16_384
const slicesOf = [8, 128] as const

const everywhere = sql.raw(
  nameTables.map((table) => `select key, id from ${table}`).join(' union all '),
)

/**
 * FROM and WHERE of the rows in epcs that may have these names. In SQLite others may share a key:
 * compare `epcs.epc` with the name at its `place`. In no statement that groups or
 * orders: SQLite would then go through all names.
 */
export function named(
  db: LedgerQuery,
  tenant: string,
  names: readonly string[],
): { place: RawBuilder<number>; from: RawBuilder<unknown>; where: RawBuilder<boolean> } {
  const own = sql`epcs.tenant = ${tenant}`
  const place = placeListed(db)
  if (dialectOf(db) === 'postgres')
    return {
      place,
      from: sql`${listed(db, names)} cross join epcs`,
      where: sql<boolean>`${own} and epcs.epc = listed.value`,
    }
  const keys = nameKeys(tenant, names)
  // A list is read once for each of the tables: one name needs none.
  if (keys.length === 1)
    return {
      place: sql<number>`0`,
      from: sql`(${everywhere}) as names cross join epcs`,
      where: sql<boolean>`names.key = ${keys[0]} and epcs.id = names.id and ${own}`,
    }
  return {
    place,
    from: sql`${listed(db, keys)} cross join (${everywhere}) as names cross join epcs`,
    where: sql<boolean>`names.key = listed.value and epcs.id = names.id and ${own}`,
  }
}

/** A name as both databases can keep it. */
export const keptName = (short: string): string => storable(short) as string

/** SQLite. Names of new rows in epcs, numbered from `first` on. */
export async function addNames(
  db: LedgerQuery,
  tenant: string,
  { names, first }: { names: readonly string[]; first: number },
): Promise<void> {
  const keys = nameKeys(tenant, names)
  await sql`insert into names0 (key, id) select listed.value, ${first} + listed.key
    from ${listed(db, keys)}`.execute(db)
  const [before, after] = [first, first + names.length].map((id) => Math.floor(id / moveEvery))
  for (let move = before! + 1; move <= after!; move++) await moveOn(db, move)
}

/** Each move takes the next slice: no place is kept, and what one left the next round takes. */
async function moveOn(db: LedgerQuery, move: number): Promise<void> {
  for (const [level, slices] of slicesOf.entries()) {
    const width = 2 ** keyBits / slices
    const from = (move % slices) * width
    const [source, target] = [sql.table(nameTables[level]!), sql.table(nameTables[level + 1]!)]
    const slice = sql`key >= ${from} and key < ${from + width}`
    await sql`insert into ${target} (key, id)
      select key, id from ${source} where ${slice} order by key`.execute(db)
    await sql`delete from ${source} where ${slice}`.execute(db)
  }
}

/** SQLite. Names of rows that were written with their numbers, as an import does. */
export async function addWritten(
  db: LedgerQuery,
  rows: readonly { tenant: string; epc: string; id: number }[],
): Promise<void> {
  await sql`insert into names2 (key, id) select value, cast(key as integer)
    from json_each(${formatKeys(rows)})`.execute(db)
}

/** The shape of a serialised trade item in SQLite: what gtinOf (store/ledger/epcs.ts) finds. */
const unitShape = '01/??????????????/21/*'

/**
 * True of everything but units of lots, and in SQLite the condition of the index that has names in
 * their order; of units it would be as large as all else. `epcs`: its name in the statement.
 */
export const inNameOrder = (db: LedgerQuery, epcs = 'epcs'): RawBuilder<boolean> =>
  dialectOf(db) === 'postgres'
    ? sql<boolean>`true`
    : sql<boolean>`(${sql.ref(`${epcs}.lot`)} is null
      or ${sql.ref(`${epcs}.epc`)} not glob ${sql.lit(unitShape)})`

/** SQLite: the others. */
export const ofLots = sql<boolean>`(epcs.lot is not null and epcs.epc glob ${sql.lit(unitShape)})`

/** At most so many numbers of what has names in a range of short forms. */
export async function idsBetween(
  db: LedgerQuery,
  tenant: string,
  { from, to, limit }: { from: string; to: string; limit: number },
): Promise<number[]> {
  const between = sql`epcs.tenant = ${tenant} and epcs.epc >= ${from} and epcs.epc < ${to}`
  const apart = await sql<{ id: number }>`select epcs.id from epcs
    where ${between} and ${inNameOrder(db)} limit ${limit}`.execute(db)
  const found = apart.rows.map(({ id }) => id)
  if (dialectOf(db) === 'postgres' || found.length === limit) return found
  const units = await sql<{ id: number }>`select epcs.id from lots cross join epcs
    where lots.tenant = ${tenant} and lots.gtin <> ''
      and ${from} < '01/' || lots.gtin || '0' and ${to} > '01/' || lots.gtin || '/'
      and ${between} and epcs.lot = lots.id and ${ofLots}
    limit ${limit - found.length}`.execute(db)
  return [...found, ...units.rows.map(({ id }) => id)]
}
