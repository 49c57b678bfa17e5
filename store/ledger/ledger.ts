// The ledger: devices, keys, products, events, stays, alerts, refusals. Opens SQLite, migrates, and
// runs transactions; the queries of each noun are in files beside it and take a LedgerQuery, so
// that several can share one transaction. Interprets nothing.
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import {
  type DatabaseConnection,
  Kysely,
  PostgresAdapter,
  type RawBuilder,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
  sql,
} from 'kysely'
import { Migrator } from 'kysely/migration'
import { bounds } from '../../config.ts'
import { Corrupt, OperatorError, Unavailable } from '../../domain/refusal.ts'
import { readBeside } from './beside.ts'
import { type Dialect, migrationsFor, newerLedger } from './migrations.ts'
import type { LedgerTables } from './schema.ts'

/** The database, or a transaction on it. */
export type LedgerQuery = Kysely<LedgerTables>

export interface TransactOptions {
  /**
   * For few rows that are read and then written: the outcome is as if transactions of this kind ran
   * one after the other (SQL: serializable).
   */
  serializable?: boolean
  /**
   * For work on many rows, some of which others write all the time: transactions of the same name
   * run one after the other, in all processes.
   */
  alone?: string
}

/** What queries need: all rows, or those of one tenant. */
export interface LedgerView {
  readonly db: LedgerQuery
  /**
   * Runs the steps in one durable transaction. They may run again when another transaction was in
   * the way, so they must change nothing but the ledger. Throws Unavailable when the database
   * refuses.
   */
  transact<T>(steps: (db: LedgerQuery) => Promise<T>, options?: TransactOptions): Promise<T>
}

export interface Ledger extends LedgerView {
  readonly dialect: Dialect
  /** Why the database cannot serve, while it cannot. */
  readonly failure: Error | undefined
  /**
   * What a caller of this tenant may touch. In PostgreSQL no other tenant's rows exist in it, even
   * for a query that forgets to ask for its tenant (row-level security).
   */
  forTenant(tenant: string): LedgerView
  /**
   * Work that only one process may do at a time; undefined at once when another one is at it. The
   * signal tells that the claim was lost with its connection.
   */
  singleton<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined>
  close(): Promise<void>
}

/** Which database a query goes to. */
export const dialectOf = (db: LedgerQuery): Dialect =>
  db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'

/**
 * Text as both databases can keep it: PostgreSQL knows no U+0000, so it becomes the character that
 * stands for what cannot be written (U+FFFD), as does half of a surrogate pair.
 */
export function storable(parameter: unknown): unknown {
  if (Array.isArray(parameter)) return parameter.map(storable)
  if (typeof parameter !== 'string') return parameter
  const whole = parameter.isWellFormed() ? parameter : parameter.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole
}

/** Opens `ledger.sqlite` in a folder. Throws OperatorError or Corrupt. */
export async function openSqliteLedger(folder: string): Promise<Ledger> {
  const file = join(folder, 'ledger.sqlite')
  const raw = openFile(file)
  const state: { failure: Error | undefined } = { failure: undefined }
  const writing = queryOf(raw, state)
  try {
    await migrate(writing, raw)
  } catch (error) {
    await writing.destroy()
    throw newerLedger(error, file) ?? openError(error, file)
  }
  const view: LedgerView = {
    db: writing,
    // One connection: transactions run one after the other whatever they ask for.
    transact: (steps) => writing.transaction().execute(steps),
  }
  const beside = readBeside(writing, queryOf(openReader(file), state))
  return {
    ...view,
    dialect: 'sqlite',
    get failure() {
      return state.failure
    },
    // Whoever asks from outside does not wait for the work inside.
    forTenant: () => ({ ...view, db: beside }),
    singleton: (_name, work) => work(new AbortController().signal),
    close: async () => {
      await sql`pragma wal_checkpoint(truncate)`.execute(writing).catch(() => undefined)
      await beside.destroy()
    },
  }
}

function queryOf(raw: Database.Database, state: { failure: Error | undefined }): LedgerQuery {
  const dialect = new SqliteDialect({
    database: rememberStatements(raw, state),
    onCreateConnection: async (connection) => takeTurns(connection),
  })
  return new Kysely<LedgerTables>({ dialect })
}

/**
 * Statements run in this thread: between those of long work (a capture of 100,000 units takes
 * seconds) others have their turn, such as devices that wait for an acknowledgement. Writes of
 * others wait for the transaction all the same.
 */
function takeTurns(connection: DatabaseConnection): void {
  const execute = connection.executeQuery.bind(connection)
  let turnAt = performance.now()
  connection.executeQuery = async (query) => {
    if (performance.now() - turnAt > bounds.ledgerTurnMs) {
      await nextTurn()
      turnAt = performance.now()
    }
    return execute(query)
  }
}

function openFile(file: string): Database.Database {
  try {
    const raw = new Database(file)
    raw.pragma('journal_mode = wal')
    // Acked work must survive a power cut: fsync on every commit, not only at checkpoints.
    raw.pragma('synchronous = full')
    raw.pragma('foreign_keys = on')
    raw.pragma('busy_timeout = 2000')
    raw.pragma('cache_size = -65536')
    // 32 MB: pages that one document after the other writes go into the file once.
    raw.pragma('wal_autocheckpoint = 8000')
    return raw
  } catch (error) {
    throw openError(error, file)
  }
}

/** Beside the connection that writes, and after it has made the tables. */
function openReader(file: string): Database.Database {
  try {
    const raw = new Database(file, { readonly: true })
    raw.pragma('busy_timeout = 2000')
    raw.pragma('cache_size = -65536')
    return raw
  } catch (error) {
    throw openError(error, file)
  }
}

/** All or nothing: Kysely would leave half a migration behind when the power goes. */
async function migrate(db: LedgerQuery, raw: Database.Database): Promise<void> {
  const provider = { getMigrations: async () => migrationsFor('sqlite') }
  raw.exec('begin immediate')
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error) throw error
  raw.exec('commit')
}

/**
 * Preparing a statement costs more than running most of ours, and Kysely prepares each time: the
 * texts are few and come again, so their statements are kept. Long texts (lists of many values) are
 * not. Failures become the words of domain/refusal.ts here, for reads and transactions alike.
 */
function rememberStatements(
  raw: Database.Database,
  state: { failure: Error | undefined },
): SqliteDatabase {
  const known = new Map<string, SqliteStatement>()
  const rollback = rollbackOf(raw)
  const told = <T>(work: () => T): T => {
    try {
      const result = work()
      state.failure = undefined
      return result
    } catch (cause) {
      const error = ledgerError(cause)
      if (error instanceof Unavailable || error instanceof Corrupt) state.failure = error
      throw error
    }
  }
  const telling = (statement: SqliteStatement): SqliteStatement => ({
    reader: statement.reader,
    all: (parameters) => told(() => statement.all(parameters.map(storable))),
    run: (parameters) => told(() => statement.run(parameters.map(storable))),
    iterate: (parameters) => statement.iterate(parameters.map(storable)),
  })
  return {
    prepare: (text) => {
      if (text === 'rollback') return rollback
      const found = known.get(text)
      if (found) return found
      const statement = telling(told(() => raw.prepare(text)))
      if (text.length <= bounds.statementCharsMax) {
        if (known.size >= bounds.statementsMax) known.clear()
        known.set(text, statement)
      }
      return statement
    },
    close: () => {
      known.clear()
      raw.close()
    },
  }
}

/**
 * A full disk makes SQLite roll back by itself; a second rollback would fail and hide the reason
 * behind its own failure (SQLite, Transaction: Response To Errors Within A Transaction).
 */
function rollbackOf(raw: Database.Database): SqliteStatement {
  const statement = raw.prepare('rollback')
  return {
    reader: false,
    all: () => [],
    iterate: () => [][Symbol.iterator](),
    run: () => (raw.inTransaction ? statement.run() : { changes: 0, lastInsertRowid: 0 }),
  }
}

const sqliteCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

function openError(error: unknown, file: string): Error {
  const code = sqliteCode(error)
  if (code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB')
    return new Corrupt(file, 'the ledger does not read as a SQLite database', error)
  return new OperatorError(
    `cannot open the ledger ${file}: ${error instanceof Error ? error.message : error}`,
    'check that the data folder exists, is writable and has free space',
    error,
  )
}

/**
 * Disk trouble passes (Unavailable); damage does not (Corrupt); anything else is a bug and stays as
 * it is.
 */
function ledgerError(error: unknown): unknown {
  const code = sqliteCode(error)
  if (/^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN)/.test(code))
    return new Unavailable(`the ledger cannot write: ${code}`, 1000, error)
  if (code.startsWith('SQLITE_CORRUPT')) return new Corrupt('ledger.sqlite', code, error)
  return error
}

/**
 * Whether a column holds one of these. PostgreSQL takes them as one array and joins it, which needs
 * neither a plan for each length nor a look-up for each name (measured: the stays of 100,000 units
 * in 0.9 s instead of 14).
 */
export const among = (
  db: LedgerQuery,
  column: string,
  values: readonly string[],
): RawBuilder<boolean> =>
  dialectOf(db) === 'postgres'
    ? sql<boolean>`${sql.ref(column)} in (select unnest(${values}::text[]))`
    : sql<boolean>`${sql.ref(column)} in (${sql.join(values)})`

/**
 * Values as the rows of a table `listed` with one column, `value`: one parameter, however many.
 * SQLite reads them from JSON without making a statement for each length. To be joined with
 * `cross join`, which SQLite runs as it is written: it would take the list for the smaller side of
 * nothing, and go through it once for each row of the other.
 */
export function listed(
  db: LedgerQuery,
  values: readonly string[] | readonly number[],
): RawBuilder<{ value: string | number }> {
  if (dialectOf(db) === 'sqlite') return sql`json_each(${jsonOf(values)}) as listed`
  return typeof values[0] === 'number'
    ? sql`unnest(${values}::bigint[]) with ordinality as listed(value, key)`
    : sql`unnest(${values}::text[]) with ordinality as listed(value, key)`
}

/** Only what JSON has to write as \\u may not be storable. */
function jsonOf(values: readonly string[] | readonly number[]): string {
  const text = JSON.stringify(values)
  return text.includes('\\u') ? JSON.stringify(storable(values)) : text
}

/** The place of a row of `listed` in the list, from 0 on. */
export const placeListed = (db: LedgerQuery): RawBuilder<number> =>
  dialectOf(db) === 'sqlite' ? sql`listed.key` : sql`listed.key - 1`

/** Values cut into lists for `listed`. */
export const pagesOf = <T>(values: readonly T[]): Iterable<T[]> =>
  chunksOf(values, bounds.arrayNamesMax)

/** Names cut into lists for `among`. */
export const listsOf = (db: LedgerQuery, names: readonly string[]): Iterable<string[]> =>
  chunksOf(names, dialectOf(db) === 'postgres' ? bounds.arrayNamesMax : undefined)

/** A list cut for statements with bound parameters (SQLite's limit is 32,766). */
export function* chunksOf<T>(rows: readonly T[], size = 500): Generator<T[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size)
}
