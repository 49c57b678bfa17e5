// Many rows into one table. SQLite, and few rows: inserts of several hundred each. PostgreSQL and
// many rows: COPY into a temporary table, then one insert from there, because COPY itself knows no
// conflicts. To be used in a transaction.
import {
  CompiledQuery,
  type Insertable,
  type InsertQueryBuilder,
  type InsertResult,
  sql,
} from 'kysely'
import { bounds } from '../config.ts'
import { chunksOf, dialectOf, type LedgerQuery, storable } from './ledger.ts'
import type { LedgerTables } from './ledger-schema.ts'

export type BulkTable = 'epcs' | 'mentions' | 'stays'
type Insert<T extends BulkTable> = InsertQueryBuilder<LedgerTables, T, InsertResult>

/** `finish` says what becomes of rows that are there already; without it they are an error. */
export async function insertMany<T extends BulkTable>(
  db: LedgerQuery,
  table: T,
  {
    rows,
    finish = (insert) => insert,
  }: { rows: readonly Insertable<LedgerTables[T]>[]; finish?: (insert: Insert<T>) => Insert<T> },
): Promise<void> {
  const insert = db.insertInto(table)
  if (dialectOf(db) === 'sqlite' || rows.length < bounds.copyRowsMin) {
    for (const chunk of chunksOf(rows))
      await finish(insert.values(chunk as Parameters<typeof insert.values>[0])).execute()
    return
  }
  const columns = Object.keys(rows[0]!) as (keyof Insertable<LedgerTables[T]> &
    keyof LedgerTables[T] &
    string)[]
  const names = sql.join(columns.map((name) => sql.ref(name)))
  const lot = sql.table(`lot_of_${table}`)
  await sql`create temporary table ${lot} as select ${names} from ${sql.table(table)} with no data`.execute(
    db,
  )
  const copy = sql`copy ${lot} (${names}) from stdin`.compile(db)
  await db.executeQuery(CompiledQuery.raw(copy.sql, [linesOf(rows, columns)]))
  const source = sql<LedgerTables[T]>`select ${names} from ${lot}`
  await finish(insert.columns(columns).expression(source)).execute()
  await sql`drop table ${lot}`.execute(db)
  await refreshStatistics(db, table, rows.length)
}

/**
 * Without statistics the planner reads whole tables for a list of names, and the rest of this
 * transaction looks up what was just written. PostgreSQL's own daemon comes a minute later, and
 * sees committed rows only. For tables that are much larger the old statistics are good enough.
 */
async function refreshStatistics(db: LedgerQuery, table: BulkTable, added: number): Promise<void> {
  const { rows } = await sql<{ known: number }>`
    select coalesce(sum(greatest(reltuples, 0)), 0)::float8 as known from pg_class
    where oid in (select inhrelid from pg_inherits where inhparent = ${table}::regclass)`.execute(
    db,
  )
  if (added * bounds.statisticsFactor > rows[0]!.known)
    await sql`analyze (skip_locked) ${sql.table(table)}`.execute(db)
}

/** PostgreSQL, COPY, text format: tabs between cells, \N for null. */
function* linesOf<R extends object>(
  rows: readonly R[],
  columns: readonly (keyof R)[],
): Generator<string> {
  for (const chunk of chunksOf(rows))
    yield chunk
      .map((row) => `${columns.map((column) => formatCell(row[column])).join('\t')}\n`)
      .join('')
}

const formatCell = (cell: unknown): string =>
  cell === null
    ? '\\N'
    : String(storable(cell)).replace(/[\\\t\n\r]/g, (character) => escapes[character]!)

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }
