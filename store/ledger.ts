// The ledger: devices, keys, products, events, stays, alerts, refusals. Opens SQLite, migrates, and
// runs transactions; the queries of each noun are in store/ledger-*.ts and take a LedgerQuery, so
// that several can share one transaction. Interprets nothing.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { bounds } from '../config.ts'
import { Corrupt, OperatorError, Unavailable } from '../domain/refusal.ts'
import { type LedgerTables, migrations, newerLedger } from './ledger-schema.ts'

/** The database, or a transaction on it. */
export type LedgerQuery = Kysely<LedgerTables>

export interface Ledger {
  readonly db: LedgerQuery
  /** Runs the steps in one durable transaction. Throws Unavailable when the disk refuses. */
  transact<T>(steps: (db: LedgerQuery) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens `ledger.sqlite` in a folder. Throws OperatorError or Corrupt. */
export async function openSqliteLedger(folder: string): Promise<Ledger> {
  const file = join(folder, 'ledger.sqlite')
  let raw: Database.Database
  try {
    raw = new Database(file)
    raw.pragma('journal_mode = wal')
    // Acked work must survive a power cut: fsync on every commit, not only at checkpoints.
    raw.pragma('synchronous = full')
    raw.pragma('foreign_keys = on')
    raw.pragma('busy_timeout = 2000')
    raw.pragma('cache_size = -65536')
  } catch (error) {
    throw openError(error, file)
  }
  const dialect = new SqliteDialect({ database: rememberStatements(raw) })
  const db = new Kysely<LedgerTables>({ dialect })
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) {
    await db.destroy()
    throw newerLedger(error, file) ?? openError(error, file)
  }
  return {
    db,
    transact: async (steps) => {
      try {
        return await db.transaction().execute(steps)
      } catch (cause) {
        throw ledgerError(cause)
      }
    },
    close: async () => {
      await sql`pragma wal_checkpoint(truncate)`.execute(db).catch(() => undefined)
      await db.destroy()
    },
  }
}

/**
 * Preparing a statement costs more than running most of ours, and Kysely prepares each time: the
 * texts are few and come again, so their statements are kept. Long texts (lists of many values) are
 * not.
 */
function rememberStatements(raw: Database.Database): SqliteDatabase {
  const known = new Map<string, SqliteStatement>()
  const rollback = rollbackOf(raw)
  return {
    prepare: (text) => {
      if (text === 'rollback') return rollback
      const found = known.get(text)
      if (found) return found
      const statement = raw.prepare(text)
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
export function ledgerError(error: unknown): unknown {
  const code = sqliteCode(error)
  if (/^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN)/.test(code))
    return new Unavailable(`the ledger cannot write: ${code}`, 1000, error)
  if (code.startsWith('SQLITE_CORRUPT')) return new Corrupt('ledger.sqlite', code, error)
  return error
}

/** A list cut for statements with bound parameters (SQLite's limit is 32,766). */
export function* chunksOf<T>(rows: readonly T[], size = 500): Generator<T[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size)
}
