// Ledger queries: master data. EPCIS vocabulary elements (places, parties, products and whatever
// else a trading partner tells, EPCIS 2.0 §6.2, CBV 2.0 §9) and lots with what is known of their
// making. Nothing is overwritten: each change is a version with its record time.

import { sql } from 'kysely'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'

/** A vocabulary element as documents bring it: attribute URIs to values. */
export interface MasterElement {
  /** URI of the vocabulary, urn:epcglobal:epcis:vtype:BusinessLocation and the like. */
  type: string
  id: string
  attributes: Record<string, unknown>
  /** Elements below this one, a site's sub-sites for instance. */
  children: string[]
}

export interface MasterRecord extends MasterElement {
  version: number
  /** Epoch ms. */
  recordTime: number
}

/** What is known of a lot beside its units. Dates are YYYY-MM-DD. */
export interface LotFacts {
  expiry?: string | undefined
  productionDate?: string | undefined
  bestBefore?: string | undefined
  /** GLN or URI of the supplier. */
  supplier?: string | undefined
  /** ISO 3166-1 alpha-2 codes: where it may be sold. None told: anywhere. */
  markets?: string[] | undefined
  shift?: string | undefined
  line?: string | undefined
  attributes?: Record<string, unknown> | undefined
}

export interface LotRecord extends LotFacts {
  gtin: string
  lot: string
  version: number
  recordTime: number
}

/** Which of the current lots; what is not given does not matter. */
export interface LotFilter {
  gtin?: string | undefined
  lot?: string | undefined
  supplier?: string | undefined
  shift?: string | undefined
  line?: string | undefined
}

/**
 * Stores elements; the version grows where attributes or children changed. An element that stands
 * in the list twice is taken as it stands last. To be used in a serializable transaction.
 */
export async function storeMasterData(
  db: LedgerQuery,
  tenant: string,
  { elements, at }: { elements: readonly MasterElement[]; at: number },
): Promise<{ stored: number }> {
  const wanted = new Map(elements.map((element) => [keyOf(element), element]))
  const known = new Map<string, MasterRecord>()
  for (const page of pagesOf([...wanted.values()]))
    for (const record of await latestOf(db, tenant, namesOf(page))) known.set(keyOf(record), record)
  let stored = 0
  for (const [key, element] of wanted) {
    const before = known.get(key)
    if (before && textOf(before) === textOf(element)) continue
    await insertVersion(db, tenant, { element, version: (before?.version ?? 0) + 1, at })
    stored++
  }
  return { stored }
}

/** The element as it stands, or as it stood at a record time. */
export async function readMasterData(
  db: LedgerQuery,
  tenant: string,
  { type, id, at }: { type: string; id: string; at?: number },
): Promise<MasterRecord | undefined> {
  const row = await db
    .selectFrom('masterData')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('type', '=', type)
    .where('id', '=', id)
    .where(standing(at))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && recordOf(row)
}

/** Those of these ids as they stand, in no order. */
export async function listedMasterData(
  db: LedgerQuery,
  tenant: string,
  { type, ids }: { type: string; ids: readonly string[] },
): Promise<MasterRecord[]> {
  const found: MasterRecord[] = []
  for (const page of pagesOf(ids))
    found.push(...(await latestOf(db, tenant, { types: [type], ids: page })))
  return found
}

/** Elements as they stand, ascending by type and id, after a given one. */
export async function listMasterData(
  db: LedgerQuery,
  tenant: string,
  { type, after, limit }: { type?: string; after?: readonly [string, string]; limit: number },
): Promise<MasterRecord[]> {
  let query = db
    .selectFrom('masterData')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('latest', '=', 1)
  if (type !== undefined) query = query.where('type', '=', type)
  if (after) query = query.where(behind(['type', 'id'], after))
  const rows = await query.orderBy('type').orderBy('id').limit(limit).execute()
  return rows.map(recordOf)
}

/** Stores what is known of a lot; the version grows when it changed. Returns what stands now. */
export async function putLot(
  db: LedgerQuery,
  tenant: string,
  { gtin, lot, facts, at }: { gtin: string; lot: string; facts: LotFacts; at: number },
): Promise<LotRecord> {
  const before = await readLot(db, tenant, { gtin, lot })
  const body = canonical(facts)
  if (before) {
    const { gtin: _, lot: __, version, recordTime: ___, ...known } = before
    if (canonical(known) === body) return before
    await db
      .updateTable('lotRecords')
      .set({ latest: 0 })
      .where('tenant', '=', tenant)
      .where('gtin', '=', gtin)
      .where('lot', '=', lot)
      .where('version', '=', version)
      .execute()
  }
  const version = (before?.version ?? 0) + 1
  const { supplier = null, shift = null, line = null } = facts
  await db
    .insertInto('lotRecords')
    .values({ tenant, gtin, lot, version, latest: 1, recordTime: at, supplier, shift, line, body })
    .execute()
  return { gtin, lot, version, recordTime: at, ...facts }
}

/** The lot as it stands, or as it stood at a record time. */
export async function readLot(
  db: LedgerQuery,
  tenant: string,
  { gtin, lot, at }: { gtin: string; lot: string; at?: number },
): Promise<LotRecord | undefined> {
  const row = await db
    .selectFrom('lotRecords')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('gtin', '=', gtin)
    .where('lot', '=', lot)
    .where(standing(at))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && lotOf(row)
}

/** Lots as they stand, ascending by GTIN and lot, after a given one. */
export async function listLots(
  db: LedgerQuery,
  tenant: string,
  {
    filter = {},
    after,
    limit,
  }: { filter?: LotFilter; after?: readonly [string, string]; limit: number },
): Promise<LotRecord[]> {
  let query = db
    .selectFrom('lotRecords')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('latest', '=', 1)
  for (const [column, value] of Object.entries(filter) as [keyof LotFilter, string | undefined][])
    if (value !== undefined) query = query.where(column, '=', value)
  if (after) query = query.where(behind(['gtin', 'lot'], after))
  const rows = await query.orderBy('gtin').orderBy('lot').limit(limit).execute()
  return rows.map(lotOf)
}

/** The newest version, or those of a record time: the newest of them counts. */
const standing = (at: number | undefined) =>
  at === undefined ? sql<boolean>`latest = 1` : sql<boolean>`"recordTime" <= ${at}`

const behind = (columns: readonly [string, string], [first, second]: readonly [string, string]) =>
  sql<boolean>`(${sql.ref(columns[0])}, ${sql.ref(columns[1])}) > (${first}, ${second})`

const namesOf = (elements: readonly MasterElement[]) => ({
  types: [...new Set(elements.map(({ type }) => type))],
  ids: [...new Set(elements.map(({ id }) => id))],
})

async function latestOf(
  db: LedgerQuery,
  tenant: string,
  { types, ids }: { types: readonly string[]; ids: readonly string[] },
): Promise<MasterRecord[]> {
  const rows = await db
    .selectFrom('masterData')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('type', 'in', types)
    .where('latest', '=', 1)
    .where(sql<boolean>`id in (select listed.value from ${listed(db, ids)})`)
    .execute()
  return rows.map(recordOf)
}

async function insertVersion(
  db: LedgerQuery,
  tenant: string,
  { element, version, at }: { element: MasterElement; version: number; at: number },
): Promise<void> {
  const { type, id } = element
  if (version > 1)
    await db
      .updateTable('masterData')
      .set({ latest: 0 })
      .where('tenant', '=', tenant)
      .where('type', '=', type)
      .where('id', '=', id)
      .where('version', '=', version - 1)
      .execute()
  await db
    .insertInto('masterData')
    .values({
      tenant,
      type,
      id,
      version,
      latest: 1,
      recordTime: at,
      attributes: canonical(element.attributes),
      children: JSON.stringify(element.children),
    })
    .execute()
}

const keyOf = ({ type, id }: MasterElement): string => `${type}\n${id}`

const textOf = ({ attributes, children }: MasterElement): string =>
  canonical(attributes) + JSON.stringify(children)

/** One text per content, whatever order the names came in. */
const canonical = (value: object): string => JSON.stringify(sorted(value))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, sorted(one)]),
  )
}

function recordOf({
  attributes,
  children,
  ...row
}: {
  type: string
  id: string
  version: number
  recordTime: number
  attributes: string
  children: string
}): MasterRecord {
  const { type, id, version, recordTime } = row
  return {
    type,
    id,
    version,
    recordTime,
    attributes: JSON.parse(attributes) as Record<string, unknown>,
    children: JSON.parse(children) as string[],
  }
}

const lotOf = ({
  gtin,
  lot,
  version,
  recordTime,
  body,
}: {
  gtin: string
  lot: string
  version: number
  recordTime: number
  body: string
}): LotRecord => ({ ...(JSON.parse(body) as LotFacts), gtin, lot, version, recordTime })
