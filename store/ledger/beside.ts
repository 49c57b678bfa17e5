// Two connections to one SQLite file as one database: what only reads does not wait for
// transactions under way, which may take as long as a large capture. In WAL a reader sees all that
// was committed before its statement began, so whoever was told that something is written finds it.
// Begins no transactions: those run where is written.
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { LedgerQuery } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

/** Statements that read go to `reading`, all others to `writing`. Ends with both of them. */
export function readBeside(writing: LedgerQuery, reading: LedgerQuery): LedgerQuery {
  const connection: DatabaseConnection = {
    executeQuery: ({ sql, parameters }) =>
      (isReading(sql) ? reading : writing).executeQuery(CompiledQuery.raw(sql, [...parameters])),
    streamQuery: () => {
      throw new Error('a statement that stays open would keep later ones from seeing what is new')
    },
  }
  const refuse = async (): Promise<void> => {
    throw new Error('transactions run where is written')
  }
  const driver: Driver = {
    init: async () => undefined,
    acquireConnection: async () => connection,
    releaseConnection: async () => undefined,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    destroy: async () => {
      await reading.destroy()
      await writing.destroy()
    },
  }
  return new Kysely<LedgerTables>({
    dialect: {
      createAdapter: () => new SeveralConnections(),
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}

/** Kysely lets one statement after the other through where there is one connection. */
class SeveralConnections extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/** None of our reading statements begins with anything else; none that does writes. */
const isReading = (text: string): boolean => /^\s*select\b/i.test(text)
