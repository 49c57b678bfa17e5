// Ledger queries: mappings of files of other systems, what was loaded by them, and the rows that
// were refused. What a mapping says is not read here.
import { sql } from 'kysely'
import { chunksOf, type LedgerQuery } from './ledger.ts'

export interface KeptMapping {
  name: string
  /** Epoch ms. */
  updatedAt: number
  /** JSON. */
  body: string
}

export interface LoadCounts {
  /** Rows read: applied, already there, or refused. */
  rows: number
  applied: number
  already: number
  refused: number
  /** Events that the applied rows became. */
  events: number
  /** What was applied and contradicts what is known, such as a second parent. */
  warnings: number
}

/** A file that was loaded, or the parts of it that came. Times are epoch ms. */
export interface Load extends LoadCounts {
  id: string
  mapping: string
  createdAt: number
  updatedAt: number
  /** Of the last row that was read. */
  line: number
}

export interface LoadRefusal {
  line: number
  /** Of several of one line. */
  pos: number
  column: string
  code: string
  detail: string
  row: string
}

export async function putMapping(
  db: LedgerQuery,
  tenant: string,
  mapping: KeptMapping,
): Promise<void> {
  const { updatedAt, body } = mapping
  await db
    .insertInto('mappings')
    .values({ tenant, ...mapping })
    .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet({ updatedAt, body }))
    .execute()
}

export const readMapping = (
  db: LedgerQuery,
  tenant: string,
  name: string,
): Promise<KeptMapping | undefined> =>
  db
    .selectFrom('mappings')
    .select(['name', 'updatedAt', 'body'])
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst()

/** Ascending by name, after one. */
export const listMappings = (
  db: LedgerQuery,
  tenant: string,
  { after, limit }: { after: string; limit: number },
): Promise<KeptMapping[]> =>
  db
    .selectFrom('mappings')
    .select(['name', 'updatedAt', 'body'])
    .where('tenant', '=', tenant)
    .where('name', '>', after)
    .orderBy('name')
    .limit(limit)
    .execute()

export async function countMappings(db: LedgerQuery, tenant: string): Promise<number> {
  const row = await db
    .selectFrom('mappings')
    .select((query) => query.fn.countAll<number>().as('count'))
    .where('tenant', '=', tenant)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** False when there was none. */
export async function deleteMapping(
  db: LedgerQuery,
  tenant: string,
  name: string,
): Promise<boolean> {
  const gone = await db
    .deleteFrom('mappings')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .returning('name')
    .execute()
  return gone.length > 0
}

export async function insertLoad(db: LedgerQuery, tenant: string, load: Load): Promise<void> {
  await db
    .insertInto('loads')
    .values({ tenant, ...load })
    .execute()
}

/**
 * A window of rows more. Windows come in the order of the file: one that came before, in a part
 * that is sent again, counts no more, and refusals that are there already stay. In a transaction.
 */
export async function addToLoad(
  db: LedgerQuery,
  tenant: string,
  more: {
    id: string
    at: number
    line: number
    counts: LoadCounts
    refusals: readonly LoadRefusal[]
  },
): Promise<void> {
  const { rows, applied, already, refused, events, warnings } = more.counts
  await db
    .updateTable('loads')
    .set({
      updatedAt: more.at,
      line: more.line,
      rows: sql<number>`"rows" + ${rows}`,
      applied: sql<number>`"applied" + ${applied}`,
      already: sql<number>`"already" + ${already}`,
      refused: sql<number>`"refused" + ${refused}`,
      events: sql<number>`"events" + ${events}`,
      warnings: sql<number>`"warnings" + ${warnings}`,
    })
    .where('tenant', '=', tenant)
    .where('id', '=', more.id)
    .where('line', '<', more.line)
    .execute()
  for (const chunk of chunksOf(more.refusals))
    await db
      .insertInto('loadRefusals')
      .values(chunk.map((one) => ({ tenant, load: more.id, ...one })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

const loadColumns = [
  'id',
  'mapping',
  'createdAt',
  'updatedAt',
  'line',
  'rows',
  'applied',
  'already',
  'refused',
  'events',
  'warnings',
] as const

export const readLoad = (db: LedgerQuery, tenant: string, id: string): Promise<Load | undefined> =>
  db
    .selectFrom('loads')
    .select(loadColumns)
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

/** The newest first, before one. */
export function listLoads(
  db: LedgerQuery,
  tenant: string,
  { before, limit }: { before?: { createdAt: number; id: string } | undefined; limit: number },
): Promise<Load[]> {
  const query = db
    .selectFrom('loads')
    .select(loadColumns)
    .where('tenant', '=', tenant)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  if (!before) return query.execute()
  const { createdAt, id } = before
  return query.where(sql<boolean>`("createdAt", id) < (${createdAt}, ${id})`).execute()
}

/** In the order of the file, after one. */
export const listLoadRefusals = (
  db: LedgerQuery,
  tenant: string,
  of: { load: string; after: { line: number; pos: number }; limit: number },
): Promise<LoadRefusal[]> =>
  db
    .selectFrom('loadRefusals')
    .select(['line', 'pos', 'column', 'code', 'detail', 'row'])
    .where('tenant', '=', tenant)
    .where('load', '=', of.load)
    .where(sql<boolean>`("line", "pos") > (${of.after.line}, ${of.after.pos})`)
    .orderBy('line')
    .orderBy('pos')
    .limit(of.limit)
    .execute()

/** With its refused rows; what it loaded stays. In a transaction. */
export async function deleteLoad(db: LedgerQuery, tenant: string, id: string): Promise<boolean> {
  await db.deleteFrom('loadRefusals').where('tenant', '=', tenant).where('load', '=', id).execute()
  const gone = await db
    .deleteFrom('loads')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .returning('id')
    .execute()
  return gone.length > 0
}
