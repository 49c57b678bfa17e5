// Many rows into one table. SQLite, and few rows: inserts of many rows each. PostgreSQL and many
// rows: COPY into a temporary table, then one insert from there, because COPY itself knows no
// conflicts. To be used in a transaction.
import {
  CompiledQuery,
  type Insertable,
  type InsertQueryBuilder,
  type InsertResult,
  sql,
} from 'kysely'
import { bounds } from '../../config.ts'
import { chunksOf, dialectOf, type LedgerQuery, storable } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

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
  if (dialectOf(db) === 'sqlite' && rows.length > 1) {
    const columns = Object.keys(rows[0]!) as (keyof Insertable<LedgerTables[T]> & string)[]
    const [one] = rows.slice(0, 1) as Parameters<typeof insert.values>[0][]
    const { sql: text } = finish(insert.values(one!)).compile()
    await insertAlike(db, text, { rows, columns })
    return
  }
  if (rows.length < bounds.copyRowsMin) {
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
 * SQLite. Making the text of an insert costs more than the insert: `text`, an insert of one row
 * with every column as a parameter, is stretched to so many rows that its statement is still kept.
 */
export async function insertAlike<R extends object, Answer>(
  db: LedgerQuery,
  text: string,
  { rows, columns }: { rows: readonly R[]; columns: readonly (keyof R)[] },
): Promise<Answer[]> {
  const places = `(${columns.map(() => '?').join(', ')})`
  const [before, after, ...more] = text.split(places)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`no insert of one row: ${text}`)
  const most = Math.floor((bounds.statementCharsMax - text.length) / (places.length + 1))
  const answers: Answer[] = []
  for (let at = 0, size = most; at < rows.length; at += size) {
    // Few lengths, so that few statements stand for all.
    while (size > rows.length - at) size = Math.max(1, size >> 2)
    const values: unknown[] = []
    for (let i = at; i < at + size; i++) for (const column of columns) values.push(rows[i]![column])
    const many = `${before}${`${places},`.repeat(size).slice(0, -1)}${after}`
    const made = await db.executeQuery<Answer>(CompiledQuery.raw(many, values))
    for (const answer of made.rows) answers.push(answer)
  }
  return answers
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
