// The ledger in PostgreSQL: the same tables, migrations and queries as in SQLite, shared by several
// processes. Opens, migrates once whoever comes first, and runs transactions; the queries of each
// noun are in store/ledger. Wants connections of its own: a pooler that mixes sessions
// (transaction pooling) would mix tenants.
import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { bounds } from '../../config.ts'
import { OperatorError, Unavailable } from '../../domain/refusal.ts'
import type { Ledger, LedgerQuery, LedgerView, TransactOptions } from '../ledger/ledger.ts'
import { migrationsFor, newerLedger } from '../ledger/migrations.ts'
import type { LedgerTables } from '../ledger/schema.ts'
import { Contended, openError, placeOf, postgresError } from './errors.ts'
import { type Connections, clientConfig, openConnections } from './pool.ts'
import { ensureRoles, guardTables, refuseForeignTables } from './tenants.ts'

/** Advisory locks are numbers; the first of two says what the second is about. */
const lockSpaces = { migrations: 0x150_0001, alone: 0x150_0002, singletons: 0x150_0003 } as const

const oldestVersion = 130_000

/** Throws OperatorError, without the password, when the operator can mend it. */
export async function openPostgresLedger({
  url,
  poolMax = bounds.ledgerPoolMax,
}: {
  /** postgres://user:password@host:5432/database */
  url: string
  poolMax?: number
}): Promise<Ledger> {
  if (!URL.canParse(url))
    throw new OperatorError(
      'the URL of the ledger is none',
      'set ISOTHERM_LEDGER_URL to postgres://user:password@host:5432/database',
    )
  const connections = openConnections(url, poolMax)
  try {
    await prepare(url, connections)
  } catch (error) {
    await connections.end()
    const place = new URL(url)
    throw newerLedger(error, placeOf(place)) ?? openError(error, place)
  }
  const views = new Map<string, LedgerView>()
  const close = async (): Promise<void> => {
    await connections.end()
  }
  return {
    ...viewOf(connections, undefined),
    dialect: 'postgres',
    get failure() {
      return connections.failure
    },
    forTenant: (tenant) => {
      const known = views.get(tenant)
      if (known) return known
      if (views.size >= bounds.tenantViewsMax) views.clear()
      const view = viewOf(connections, tenant)
      views.set(tenant, view)
      return view
    },
    singleton: (name, work) => singleton(url, name, work),
    close,
  }
}

const queryOf = (connections: Connections, tenant: string | undefined): LedgerQuery =>
  new Kysely<LedgerTables>({
    dialect: new PostgresDialect({ pool: connections.of(tenant) }),
  })

function viewOf(connections: Connections, tenant: string | undefined): LedgerView {
  const db = queryOf(connections, tenant)
  return { db, transact: (steps, options) => transact(db, steps, options) }
}

async function transact<T>(
  db: LedgerQuery,
  steps: (db: LedgerQuery) => Promise<T>,
  { serializable, alone }: TransactOptions = {},
): Promise<T> {
  const plain = db.transaction()
  const transaction = serializable ? plain.setIsolationLevel('serializable') : plain
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction.execute(async (query) => {
        // Before any other statement: each sees what was committed before it began.
        if (alone !== undefined)
          await sql`select pg_advisory_xact_lock(${sql.lit(lockSpaces.alone)}, hashtext(${alone}))`.execute(
            query,
          )
        return steps(query)
      })
    } catch (error) {
      if (!(error instanceof Contended) || attempt === bounds.transactTriesMax) throw error
      // Whoever waits by chance does not meet the same other one again.
      await delay(Math.random() * bounds.transactRetryMs * attempt)
    }
  }
}

/** A connection of its own: with it the claim ends, however the process ends. */
async function singleton<T>(
  url: string,
  name: string,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const client = new pg.Client(clientConfig(url))
  const lost = new AbortController()
  client.on('error', () => lost.abort(new Unavailable('the ledger is gone')))
  client.on('end', () => lost.abort(new Unavailable('the ledger is gone')))
  try {
    await client.connect()
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as mine',
      [lockSpaces.singletons, name],
    )
    return rows[0]!.mine ? await work(lost.signal) : undefined
  } catch (error) {
    throw postgresError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Roles and tables, by one process while others that start at the same time wait. */
async function prepare(url: string, connections: Connections): Promise<void> {
  const client = new pg.Client(clientConfig(url))
  client.on('error', () => undefined) // told by the query that needed it
  const place = new URL(url)
  try {
    await client.connect()
    await refuseUnfit(client, place)
    await client.query('select pg_advisory_lock($1, 0)', [lockSpaces.migrations])
    await ensureRoles(client, place)
    const provider = { getMigrations: async () => migrationsFor('postgres') }
    const db = queryOf(connections, undefined)
    const { error } = await new Migrator({ db, provider }).migrateToLatest()
    if (error) throw error
    await guardTables(client)
    await refuseForeignTables(client, place)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function refuseUnfit(client: pg.Client, place: URL): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string }>(
    `select current_setting('server_version_num')::int as version,
       current_setting('server_encoding') as encoding`,
  )
  const { version, encoding } = rows[0]!
  if (version < oldestVersion)
    throw new OperatorError(
      `${placeOf(place)} is version ${Math.floor(version / 10_000)}`,
      `use PostgreSQL ${oldestVersion / 10_000} or later`,
    )
  if (encoding !== 'UTF8')
    throw new OperatorError(
      `${placeOf(place)} keeps text as ${encoding}`,
      "make a database with: create database … encoding 'UTF8' template template0",
    )
}
