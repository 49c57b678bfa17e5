// The API on each database, for tests that must say the same on both: SQLite, and a real PostgreSQL
// started once for a test file, with a fresh database for each API. Skipped where it is not here.
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { type Api, openApi } from './api-app.ts'
import { postgresPath, startPostgres } from './postgres.ts'

export interface Apis {
  /** On an empty ledger; its `close` closes that too. */
  open(): Promise<Api>
  stop(): Promise<void>
}

export const databases = postgresPath === undefined ? ['SQLite'] : ['SQLite', 'PostgreSQL']
if (databases.length === 1) console.warn('skipped on PostgreSQL, which is not here')

export async function startApis(database: string): Promise<Apis> {
  if (database === 'SQLite') return { open: () => openApi(), stop: async () => undefined }
  const postgres = await startPostgres()
  return {
    open: async () => {
      const ledger = await openPostgresLedger({ url: await postgres.createLedger() })
      const api = await openApi({ ledger })
      return {
        ...api,
        close: async () => {
          await api.close()
          await ledger.close()
        },
      }
    },
    stop: () => postgres.stop(),
  }
}
