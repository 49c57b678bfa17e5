import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { casesContract } from './contracts/cases.ts'
import { evidenceContract } from './contracts/evidence.ts'
import { type LedgerFixture, ledgerContract } from './contracts/ledger.ts'
import { type Operation, operations } from './contracts/ledger-operations.ts'
import { notificationsContract } from './contracts/notifications.ts'
import { qualityContract } from './contracts/quality.ts'
import { silenceContract } from './contracts/silence.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

const sqlite = async (): Promise<LedgerFixture> => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-ledger-'))
  return {
    open: () => openSqliteLedger(folder),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

ledgerContract({ name: 'SQLite', fixture: sqlite })
silenceContract(sqlite)
notificationsContract(sqlite)
qualityContract(sqlite)
evidenceContract(sqlite)
casesContract(sqlite)

const absent = postgresPath === undefined
if (absent) console.warn('skipped: there is no PostgreSQL here (apt-get install postgresql)')

describe.skipIf(absent)('PostgreSQL', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  const postgres = async (): Promise<LedgerFixture> => {
    const url = await server.createLedger()
    return { open: () => openPostgresLedger({ url }), remove: async () => undefined }
  }

  ledgerContract({ name: 'PostgreSQL', fixture: postgres })
  silenceContract(postgres)
  notificationsContract(postgres)
  qualityContract(postgres)
  evidenceContract(postgres)
  casesContract(postgres)

  it('answers any sequence of operations as SQLite does', async () => {
    const [one, other] = await Promise.all([sqlite(), postgres()])
    const pair = await Promise.all([one.open(), other.open()])
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(operations, { minLength: 5, maxLength: 40 }), async (sequence) => {
        // A tenant of its own for each run: nothing has to be emptied between them.
        const tenant = `run-${run++}`
        const [left, right] = await Promise.all(
          pair.map((ledger) => play(ledger, tenant, sequence)),
        )
        expect(right).toEqual(left)
      }),
      { numRuns: 60 },
    )
    await Promise.all(pair.map((ledger) => ledger.close()))
    await one.remove()
  }, 120_000)
})

/** What each operation answered, or how it failed. */
async function play(
  ledger: Ledger,
  tenant: string,
  sequence: readonly Operation[],
): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const { run } of sequence)
    answers.push(
      await ledger
        .transact((db) => run(db, tenant))
        .catch((error: Error) => `failed: ${error.name}`),
    )
  return answers
}
