// Ledger queries: EPCs and the numbers that stand for them, lots, and units. Every EPC is written
// down once; what is kept of events and containment speaks of its number. Outside of this room EPCs
// are the canonical strings they always were.
import { type RawBuilder, sql } from 'kysely'
import { dialectOf, type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { addNames, keptName, named } from './names.ts'

export interface Unit {
  epc: string
  gtin?: string
  lot?: string
  expiry?: string
  commissionedAt?: number
}

/** What one commissioning says of the units it names. Times are epoch ms. */
export interface UnitFacts {
  lot?: string
  expiry?: string
  commissionedAt: number
}

const host = 'https://id.gs1.org/'

/** An EPC as it is kept. No absolute URI begins with a digit, so both ways are certain. */
export const shortEpc = (epc: string): string => {
  if (!epc.startsWith(host)) return epc
  const first = epc.charCodeAt(host.length)
  return first >= 48 && first <= 57 ? epc.slice(host.length) : epc
}

export const longEpc = (short: string): string => {
  const first = short.charCodeAt(0)
  return first >= 48 && first <= 57 ? host + short : short
}

/** The same in SQL, of a column that holds the short form. */
export const longName = (column: string): RawBuilder<string> => {
  const short = sql.ref(column)
  const rooted = sql`substr(${short}, 1, 1) between '0' and '9'`
  return sql<string>`case when ${rooted} then ${sql.lit(host)} || ${short} else ${short} end`
}

/** And of a column that holds the whole EPC. */
export const shortName = (column: string): RawBuilder<string> => {
  const epc = sql.ref(column)
  const [start, rest] = [sql.lit(host.length), sql.lit(host.length + 1)]
  const rooted = sql`substr(${epc}, 1, ${start}) = ${sql.lit(host)}
    and substr(${epc}, ${rest}, 1) between '0' and '9'`
  return sql<string>`case when ${rooted} then substr(${epc}, ${rest}) else ${epc} end`
}

/**
 * The numbers of these EPCs, of those that are not known yet new ones. To be used in a transaction.
 */
export async function internEpcs(
  db: LedgerQuery,
  tenant: string,
  epcs: readonly string[],
): Promise<Map<string, number>> {
  const ids = await idsOf(db, tenant, epcs)
  const missing = [...new Set(epcs)].filter((epc) => !ids.has(epc))
  if (missing.length > 0) await insertEpcs(db, tenant, { epcs: missing, ids })
  return withThose(db, tenant, { epcs: missing, ids })
}

/** Another transaction may have been first, or two texts are one once they are storable. */
async function withThose(
  db: LedgerQuery,
  tenant: string,
  { epcs, ids }: { epcs: readonly string[]; ids: Map<string, number> },
): Promise<Map<string, number>> {
  const left = epcs.filter((epc) => !ids.has(epc))
  for (const [epc, id] of left.length > 0 ? await idsOf(db, tenant, left) : []) ids.set(epc, id)
  return ids
}

/** The numbers of those that are known. */
export async function idsOf(
  db: LedgerQuery,
  tenant: string,
  epcs: readonly string[],
): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  // In SQLite the order of keys has nothing to do with that of names.
  const wanted = dialectOf(db) === 'sqlite' ? epcs : inOrder(epcs)
  for (const page of pagesOf(wanted))
    for (const { id, place } of await rowsNamed<{ id: number }>(db, tenant, {
      names: page.map(shortEpc),
      columns: sql`epcs.id`,
    }))
      ids.set(page[place]!, id)
  return ids
}

/** Rows of epcs by their names, `columns` of them, and which name it was. */
async function rowsNamed<R>(
  db: LedgerQuery,
  tenant: string,
  of: { names: readonly string[]; columns: RawBuilder<unknown>; join?: RawBuilder<unknown> },
): Promise<(R & { place: number; epc: string })[]> {
  const names = of.names.map(keptName)
  const { place, from, where } = named(db, tenant, names)
  const { rows } = await sql<R & { place: number; epc: string }>`
    select ${place} as place, epcs.epc, ${of.columns}
    from ${from} ${of.join ?? sql``} where ${where}`.execute(db)
  return rows.filter((row) => row.epc === names[row.place])
}

/** Neighbours stand on the same pages of an index. */
const inOrder = (epcs: readonly string[]): string[] => [...epcs].sort()

/** The EPCs of these numbers. */
export async function epcsOf(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Map<number, string>> {
  const epcs = new Map<number, string>()
  for (const page of pagesOf(ids)) {
    const { rows } = await sql<{ id: number; epc: string }>`
      select epcs.id, epcs.epc from ${listed(db, page)}
      cross join epcs where epcs.id = listed.value and epcs.tenant = ${tenant}`.execute(db)
    for (const row of rows) epcs.set(row.id, longEpc(row.epc))
  }
  return epcs
}

/**
 * What one commissioning says of its units; the numbers of all of them. Of several commissionings
 * the earliest decides, of those at one time the one that tells a lot, then the smaller text:
 * whatever order they come in (I3).
 */
export async function commission(
  db: LedgerQuery,
  tenant: string,
  { epcs, facts }: { epcs: readonly string[]; facts: UnitFacts },
): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  const later: Row[] = []
  const known = await knownOrMade(db, tenant, { epcs, facts, ids })
  for (const row of known) {
    const epc = longEpc(row.epc)
    ids.set(epc, row.id)
    if (decides(facts, row)) later.push(row)
  }
  for (const [gtin, rows] of Map.groupBy(later, (row) => gtinOf(row.epc) ?? ''))
    await setFacts(db, tenant, { ids: rows.map(({ id }) => id), gtin, facts })
  const missing = [...new Set(epcs)].filter((epc) => !ids.has(epc))
  if (missing.length > 0) await insertEpcs(db, tenant, { epcs: missing, ids, facts })
  return withThose(db, tenant, { epcs: missing, ids })
}

/** What stands of these units; PostgreSQL may have made those in `ids` meanwhile. */
async function knownOrMade(
  db: LedgerQuery,
  tenant: string,
  of: { epcs: readonly string[]; facts: UnitFacts; ids: Map<string, number> },
): Promise<Row[]> {
  const { epcs, ids } = of
  if (dialectOf(db) === 'sqlite') return readRows(db, tenant, epcs)
  // Mostly all are new or none: what is new need not be looked for.
  const [first] = await readRows(db, tenant, epcs.slice(0, 1))
  if (!first) await insertEpcs(db, tenant, of)
  return readRows(db, tenant, first ? epcs : epcs.filter((epc) => !ids.has(epc)))
}

/** Takes back what commissionings said of these units. */
export async function forgetFacts(
  db: LedgerQuery,
  tenant: string,
  epcs: readonly string[],
): Promise<void> {
  const rows = await readRows(db, tenant, epcs)
  for (const [gtin, group] of Map.groupBy(rows, (row) => gtinOf(row.epc) ?? ''))
    await setFacts(db, tenant, { ids: group.map(({ id }) => id), gtin, facts: undefined })
}

/** Of each EPC that any event named. */
export async function readUnits(
  db: LedgerQuery,
  tenant: string,
  epcs: readonly string[],
): Promise<Map<string, Unit>> {
  const units = new Map<string, Unit>()
  for (const row of await readRows(db, tenant, epcs)) units.set(longEpc(row.epc), unitOf(row))
  return units
}

/** One of them, with its number. */
export async function readUnit(
  db: LedgerQuery,
  tenant: string,
  epc: string,
): Promise<{ id: number; unit: Unit } | undefined> {
  const [row] = await readRows(db, tenant, [epc])
  return row && { id: row.id, unit: unitOf(row) }
}

/** The lots of units, by EPC; nothing else of them, for there may be very many. */
export async function lotsOf(
  db: LedgerQuery,
  tenant: string,
  epcs: readonly string[],
): Promise<Map<string, string>> {
  const lots = new Map<string, string>()
  const names = new Map<number, string>()
  for (const page of pagesOf(epcs)) {
    const rows = await rowsNamed<{ lot: number | null }>(db, tenant, {
      names: page.map(shortEpc),
      columns: sql`epcs.lot`,
    })
    const unread = [...new Set(rows.flatMap(({ lot }) => lot ?? []))].filter(
      (lot) => !names.has(lot),
    )
    if (unread.length > 0) {
      const read = await sql<{ id: number; lot: string }>`
        select lots.id, lots.lot from ${listed(db, unread)}
        cross join lots where lots.id = listed.value and lots.tenant = ${tenant}`.execute(db)
      for (const { id, lot } of read.rows) names.set(id, lot)
    }
    for (const { place, lot } of rows) {
      const name = lot !== null && names.get(lot)
      if (name) lots.set(page[place]!, name)
    }
  }
  return lots
}

/**
 * Units of a product, of one of its lots, or of all. By lot, then by number: roughly as they were
 * first named; `after` is the last of the page before.
 */
export async function listUnits(
  db: LedgerQuery,
  tenant: string,
  of: { gtin?: string; lot?: string; expiry?: string; after?: string; limit: number },
): Promise<Unit[]> {
  const [last] = of.after === undefined ? [] : await readRows(db, tenant, [of.after])
  if (of.after !== undefined && !last) return []
  let query = db
    .selectFrom('epcs')
    .innerJoin('lots', 'lots.id', 'epcs.lot')
    .select(['epcs.id', 'epcs.epc', 'epcs.commissionedAt', 'lots.lot', 'lots.expiry'])
    .where('epcs.tenant', '=', tenant)
    .where('lots.tenant', '=', tenant)
  if (of.gtin !== undefined) query = query.where('lots.gtin', '=', of.gtin)
  if (of.lot !== undefined) query = query.where('lots.lot', '=', of.lot)
  if (of.expiry !== undefined) query = query.where('lots.expiry', '=', of.expiry)
  if (last) query = query.where(sql<boolean>`(epcs.lot, epcs.id) > (${last.lotId}, ${last.id})`)
  const rows = await query.orderBy('epcs.lot').orderBy('epcs.id').limit(of.limit).execute()
  return rows.map((row) => unitOf({ ...row, lotId: null }))
}

interface Row {
  id: number
  epc: string
  lotId: number | null
  lot: string | null
  expiry: string | null
  commissionedAt: number | null
}

async function readRows(db: LedgerQuery, tenant: string, epcs: readonly string[]): Promise<Row[]> {
  const found: Row[] = []
  for (const page of pagesOf(epcs))
    for (const row of await rowsNamed<Row>(db, tenant, {
      names: page.map(shortEpc),
      columns: sql`epcs.id, epcs.lot as "lotId", lots.lot, lots.expiry, epcs."commissionedAt"`,
      join: sql`left join lots on lots.id = epcs.lot`,
    }))
      found.push(row)
  return found
}

function unitOf({ epc: short, lot, expiry, commissionedAt }: Row): Unit {
  const gtin = gtinOf(short)
  return {
    epc: longEpc(short),
    ...(gtin !== undefined && { gtin }),
    ...(lot && { lot }),
    ...(expiry && { expiry }),
    ...(commissionedAt !== null && { commissionedAt }),
  }
}

/** Of an SGTIN. */
const gtinOf = (short: string): string | undefined =>
  short.startsWith('01/') && short.startsWith('/21/', 17) ? short.slice(3, 17) : undefined

function decides(facts: UnitFacts, row: Row): boolean {
  if (row.commissionedAt === null || facts.commissionedAt !== row.commissionedAt)
    return facts.commissionedAt < (row.commissionedAt ?? Infinity)
  // What is not known comes after every text.
  const rank = (lot: string | null | undefined, expiry: string | null | undefined): string =>
    `${lot || '\u{10FFFF}'}\0${expiry || '\u{10FFFF}'}`
  return rank(facts.lot, facts.expiry) < rank(row.lot, row.expiry)
}

/** Adds the numbers of those that were new to `ids`. In SQLite all must be new. */
async function insertEpcs(
  db: LedgerQuery,
  tenant: string,
  of: { epcs: readonly string[]; ids: Map<string, number>; facts?: UnitFacts },
): Promise<void> {
  const at = of.facts?.commissionedAt ?? null
  const insert = dialectOf(db) === 'sqlite' ? insertNumbered : insertReturning
  for (const [gtin, group] of Map.groupBy(inOrder(of.epcs), (epc) => gtinOf(shortEpc(epc)) ?? '')) {
    const lot = await internLot(db, tenant, { gtin, facts: of.facts })
    for (const page of pagesOf(group)) {
      const made = await insert(db, tenant, { page, lot, at })
      for (const [epc, id] of made) of.ids.set(epc, id)
    }
  }
}

interface NewEpcs {
  page: readonly string[]
  lot: number | null
  at: number | null
}

async function insertReturning(
  db: LedgerQuery,
  tenant: string,
  { page, lot, at }: NewEpcs,
): Promise<Iterable<[string, number]>> {
  const { rows } = await sql<{ id: number; epc: string }>`
    insert into epcs (tenant, epc, lot, "commissionedAt")
    select ${tenant}, listed.value, ${bigint(lot)}, ${bigint(at)}
    from ${listed(db, page.map(shortEpc))}
    where true on conflict do nothing returning id, epc`.execute(db)
  return rows.map(({ id, epc }) => [longEpc(epc), id])
}

/**
 * SQLite. Nobody else writes meanwhile, so numbers can be given without asking for them back, and
 * what was looked for and not found is not there.
 */
async function insertNumbered(
  db: LedgerQuery,
  tenant: string,
  { page, lot, at }: NewEpcs,
): Promise<Iterable<[string, number]>> {
  const { rows } = await sql<{ last: number | null }>`select max(id) as last from epcs`.execute(db)
  const first = (rows[0]!.last ?? 0) + 1
  const names = page.map((epc) => keptName(shortEpc(epc)))
  // Two texts may be one once they are storable.
  const once = names.every((name, i) => page[i]!.endsWith(name)) ? names : [...new Set(names)]
  await sql`insert into epcs (id, tenant, epc, lot, "commissionedAt")
    select ${first} + listed.key, ${tenant}, listed.value, ${bigint(lot)}, ${bigint(at)}
    from ${listed(db, once)}`.execute(db)
  await addNames(db, tenant, { names: once, first })
  return once === names
    ? page.map((epc, i) => [epc, first + i])
    : once.map((name, i) => [longEpc(name), first + i])
}

async function setFacts(
  db: LedgerQuery,
  tenant: string,
  of: { ids: readonly number[]; gtin: string; facts: UnitFacts | undefined },
): Promise<void> {
  const lot = await internLot(db, tenant, of)
  for (const page of pagesOf(of.ids))
    await sql`update epcs set lot = ${bigint(lot)},
      "commissionedAt" = ${bigint(of.facts?.commissionedAt ?? null)}
      where id in (select listed.value from ${listed(db, page)}) and tenant = ${tenant}`.execute(db)
}

/** A parameter whose type a select list does not tell. */
const bigint = (value: number | null) => sql`cast(${value} as bigint)`

/** Null when nothing is known. */
async function internLot(
  db: LedgerQuery,
  tenant: string,
  { gtin, facts }: { gtin: string; facts: UnitFacts | undefined },
): Promise<number | null> {
  const row = { tenant, gtin, lot: facts?.lot ?? '', expiry: facts?.expiry ?? '' }
  if (gtin === '' && row.lot === '' && row.expiry === '') return null
  const made = await db
    .insertInto('lots')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (made) return made.id
  const known = await db
    .selectFrom('lots')
    .select('id')
    .where('tenant', '=', tenant)
    .where('gtin', '=', gtin)
    .where('lot', '=', row.lot)
    .where('expiry', '=', row.expiry)
    .executeTakeFirstOrThrow()
  return known.id
}
