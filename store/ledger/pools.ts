// Ledger queries: pools of serial numbers. Of numbers that a pool has given away only the places
// are kept, first and past of each allocation: the numbers follow from them and from the pool's
// secret (domain/pool.ts). Serials of a list are kept one by one. Judges no space.

import { sql } from 'kysely'
import { type Numbered, numbersOf, type SerialSpace } from '../../domain/pool.ts'
import { chunksOf, type LedgerQuery, listed, pagesOf } from './ledger.ts'

export interface Pool {
  tenant: string
  id: string
  name: string
  of: Numbered
  space: SerialSpace
  /** How many may be given away; of a list, how many it has. */
  issuable: number
  /** Places given away so far: 0 to issued - 1. */
  issued: number
  /** Of these, numbers that came back unused. They are not given away again. */
  returned: number
  createdAt: number
}

/** Numbers given away in one transaction: the places from `first` to before `past`. */
export interface Allocation {
  pool: string
  first: number
  past: number
  /** Places between, whose serials were known to the ledger already. */
  skipped: number[]
  /** Who asked, and for how many; a request of many has several parts. */
  request: string
  part: number
  asked: number
  reference?: string
  at: number
}

/** A pool with what makes its numbers. Never leaves the process. */
export interface OpenPool {
  pool: Pool
  secret: Uint8Array
}

export const prefixOf = (of: Numbered): string => (of.key === 'sgtin' ? of.gtin : of.prefix)

export async function insertPool(db: LedgerQuery, pool: Pool, secret: Uint8Array): Promise<void> {
  const { of, space, ...row } = pool
  await db
    .insertInto('pools')
    .values({
      ...row,
      key: of.key,
      prefix: prefixOf(of),
      space: JSON.stringify(space),
      secret: Buffer.from(secret),
    })
    .execute()
}

export async function readPool(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<OpenPool | undefined> {
  const row = await db
    .selectFrom('pools')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && poolOf(row)
}

/** All pools of a GTIN or SSCC prefix: at most `poolsPerKeyMax`. */
export async function poolsFor(db: LedgerQuery, tenant: string, of: Numbered): Promise<OpenPool[]> {
  const rows = await db
    .selectFrom('pools')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('key', '=', of.key)
    .where('prefix', '=', prefixOf(of))
    .orderBy('id')
    .execute()
  return rows.map(poolOf)
}

/** Ascending by id, after a given one. */
export async function listPools(
  db: LedgerQuery,
  tenant: string,
  page: { after?: string; limit: number; prefix?: string },
): Promise<Pool[]> {
  let query = db
    .selectFrom('pools')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '>', page.after ?? '')
  if (page.prefix !== undefined) query = query.where('prefix', '=', page.prefix)
  const rows = await query.orderBy('id').limit(page.limit).execute()
  return rows.map((row) => poolOf(row).pool)
}

/** Changes the counts of a pool. */
export async function updatePool(
  db: LedgerQuery,
  { tenant, id }: Pick<Pool, 'tenant' | 'id'>,
  counts: Partial<Pick<Pool, 'issuable' | 'issued' | 'returned'>>,
): Promise<void> {
  await db
    .updateTable('pools')
    .set(counts)
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .execute()
}

export async function insertAllocation(
  db: LedgerQuery,
  tenant: string,
  allocation: Allocation,
): Promise<void> {
  const { skipped, reference, ...row } = allocation
  await db
    .insertInto('allocations')
    .values({
      tenant,
      ...row,
      skipped: JSON.stringify(skipped),
      reference: reference ?? null,
    })
    .execute()
}

/** What a request has been given so far, in order. */
export async function allocationsOf(
  db: LedgerQuery,
  tenant: string,
  { pool, request, part }: { pool: string; request: string; part?: number },
): Promise<Allocation[]> {
  let query = db
    .selectFrom('allocations')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('pool', '=', pool)
    .where('request', '=', request)
  if (part !== undefined) query = query.where('part', '=', part)
  return (await query.orderBy('part').execute()).map(allocationOf)
}

/** The allocation that a place belongs to; undefined when it was not given away. */
export async function allocationAt(
  db: LedgerQuery,
  tenant: string,
  { pool, place }: { pool: string; place: number },
): Promise<Allocation | undefined> {
  const row = await db
    .selectFrom('allocations')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('pool', '=', pool)
    .where('first', '<=', place)
    .orderBy('first', 'desc')
    .limit(1)
    .executeTakeFirst()
  const allocation = row && allocationOf(row)
  return allocation && place < allocation.past && !allocation.skipped.includes(place)
    ? allocation
    : undefined
}

/** Which of these serials stand in a list of some pool already. */
export async function listedSerials(
  db: LedgerQuery,
  tenant: string,
  { prefix, serials }: { prefix: string; serials: readonly string[] },
): Promise<Map<string, { pool: string; place: number }>> {
  const found = new Map<string, { pool: string; place: number }>()
  for (const page of pagesOf(serials)) {
    const rows = await db
      .selectFrom('poolSerials')
      .select(['serial', 'pool', 'place'])
      .where('tenant', '=', tenant)
      .where('prefix', '=', prefix)
      .where(sql<boolean>`serial in (select listed.value from ${listed(db, page)})`)
      .execute()
    for (const { serial, pool, place } of rows) found.set(serial, { pool, place })
  }
  return found
}

/** Puts serials behind those that the list has. */
export async function appendSerials(
  db: LedgerQuery,
  { tenant, id, of, issuable }: Pool,
  serials: readonly string[],
): Promise<void> {
  const rows = serials.map((serial, i) => ({
    tenant,
    prefix: prefixOf(of),
    serial,
    pool: id,
    place: issuable + i,
  }))
  for (const chunk of chunksOf(rows)) await db.insertInto('poolSerials').values(chunk).execute()
  await updatePool(db, { tenant, id }, { issuable: issuable + serials.length })
}

/** The serials of consecutive places of a pool. */
export async function serialsAt(
  db: LedgerQuery,
  { pool, secret }: OpenPool,
  { first, past }: { first: number; past: number },
): Promise<string[]> {
  const { space } = pool
  if (space.kind !== 'list') return numbersOf(space, secret).serials(first, past - first)
  const rows = await db
    .selectFrom('poolSerials')
    .select('serial')
    .where('tenant', '=', pool.tenant)
    .where('pool', '=', pool.id)
    .where('place', '>=', first)
    .where('place', '<', past)
    .orderBy('place')
    .execute()
  return rows.map(({ serial }) => serial)
}

/** The places of serials in a pool; those that it does not hold are left out. */
export async function placesOf(
  db: LedgerQuery,
  { pool, secret }: OpenPool,
  serials: readonly string[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const { space, tenant } = pool
  if (space.kind === 'list') {
    const prefix = prefixOf(pool.of)
    for (const [serial, one] of await listedSerials(db, tenant, { prefix, serials }))
      if (one.pool === pool.id) found.set(serial, one.place)
    return found
  }
  const known = numbersOf(space, secret)
  for (const serial of serials) {
    const place = known.placeOf(serial)
    // A place beyond what can be counted was not given away, nor will it be.
    if (place !== undefined && place < pool.issuable) found.set(serial, Number(place))
  }
  return found
}

/** Remembers places as come back; those that came back before are not counted again. */
export async function returnPlaces(
  db: LedgerQuery,
  { tenant, id, returned }: Pool,
  { places, at }: { places: readonly number[]; at: number },
): Promise<number> {
  let added = 0
  for (const chunk of chunksOf(places)) {
    const result = await db
      .insertInto('poolReturns')
      .values(chunk.map((place) => ({ tenant, pool: id, place, at })))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    added += Number(result.numInsertedOrUpdatedRows ?? 0n)
  }
  if (added > 0) await updatePool(db, { tenant, id }, { returned: returned + added })
  return added
}

/** When the number of a place came back. */
export async function returnedAt(
  db: LedgerQuery,
  tenant: string,
  { pool, place }: { pool: string; place: number },
): Promise<number | undefined> {
  const row = await db
    .selectFrom('poolReturns')
    .select('at')
    .where('tenant', '=', tenant)
    .where('pool', '=', pool)
    .where('place', '=', place)
    .executeTakeFirst()
  return row?.at
}

interface PoolRow extends Omit<Pool, 'of' | 'space'> {
  key: string
  prefix: string
  space: string
  secret: Uint8Array
}

const poolOf = ({ key, prefix, space, secret, ...row }: PoolRow): OpenPool => ({
  pool: {
    ...row,
    of: key === 'sgtin' ? { key, gtin: prefix } : { key: 'sscc', prefix },
    space: JSON.parse(space) as SerialSpace,
  },
  secret,
})

function allocationOf({
  tenant: _,
  skipped,
  reference,
  ...row
}: Omit<Allocation, 'skipped' | 'reference'> & {
  tenant: string
  skipped: string
  reference: string | null
}): Allocation {
  return {
    ...row,
    skipped: JSON.parse(skipped) as number[],
    ...(reference !== null && { reference }),
  }
}
