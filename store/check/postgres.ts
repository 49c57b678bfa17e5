// The doctor's look at a PostgreSQL: does it answer, which version, does it let us in, is the
// database there, may we make and write tables, does it keep what it acknowledges.
import pg from 'pg'
import { migrationsFor } from '../ledger/migrations.ts'
import {
  answerWithinMs,
  broken,
  type Check,
  checkClock,
  doubtful,
  isLocal,
  reasonOf,
  well,
} from './check.ts'

const part = 'postgresql'
/** `nulls not distinct` and other things the migrations may use came no later than this. */
const oldestVersion = 13

export async function checkPostgres(url: string, now: () => number): Promise<Check[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: answerWithinMs,
    query_timeout: answerWithinMs,
  })
  // A lost connection is told by the query that needed it.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await ask(client, now)
  } catch (error) {
    return [refusal(error, new URL(url))]
  } finally {
    await client.end().catch(() => undefined)
  }
}

interface Told {
  version: string
  now: number
  user: string
  database: string
  replica: boolean
  creates: boolean
  durable: boolean
}

async function ask(client: pg.Client, now: () => number): Promise<Check[]> {
  const { rows } = await client.query<Told>(`
    select current_setting('server_version') as version,
      extract(epoch from clock_timestamp())::float8 * 1000 as now,
      current_user as user, current_database() as database,
      pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as replica,
      coalesce(has_schema_privilege(current_schema(), 'create'), false) as creates,
      current_setting('fsync')::bool and current_setting('synchronous_commit') <> 'off' as durable`)
  const told = rows[0]!
  const { version, user, database } = told
  const clock = checkClock(part, told.now, now())
  const only = (check: Check): Check[] => [check, ...clock]
  if (Number.parseInt(version, 10) < oldestVersion)
    return only(broken(part, `version ${version} is too old`, `install ${oldestVersion} or later`))
  if (told.replica)
    return only(
      broken(part, `${database} is read only`, 'set ISOTHERM_LEDGER_URL to the primary server'),
    )
  if (!told.creates) {
    const grant = `psql -d ${database} -c 'grant create, usage on schema public to "${user}"'`
    return only(broken(part, `${user} may not make tables in ${database}`, grant))
  }
  const newer = await newerMigration(client)
  if (newer !== undefined) {
    const detail = `${database} was written by a newer release: its migration ${newer} is not known`
    return only(broken(part, detail, 'start that release again'))
  }
  if (!told.durable) {
    const detail = 'fsync or synchronous_commit is off: a power cut loses alerts'
    return only(doubtful(part, detail, `psql -c 'alter system set synchronous_commit = on'`))
  }
  return only(well(part, `PostgreSQL ${version}: ${user} may write to ${database}`))
}

async function newerMigration(client: pg.Client): Promise<string | undefined> {
  const { rows: tables } = await client.query(`select to_regclass('kysely_migration') as name`)
  if (tables[0]?.name === null) return undefined
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration')
  const known = migrationsFor('postgres')
  return rows.find(({ name }) => !Object.hasOwn(known, name))?.name
}

/** What the operator can do about it, by SQLSTATE (PostgreSQL, Appendix A) or by system error. */
function refusal(error: unknown, url: URL): Check {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const user = decodeURIComponent(url.username) || 'USER'
  const database = url.pathname.slice(1) || user
  const { hostname, port = '' } = url
  const where = isLocal(url.host) ? '' : ` -h ${hostname}`
  const at = `${where}${port ? ` -p ${port}` : ''}`
  switch (code) {
    case '28P01':
    case '28000': {
      const alter = `psql${at} -c "alter role \\"${user}\\" password 'NEW'"`
      const detail = `it refuses the password of ${user}`
      return broken(part, detail, `${alter}, and put that into ISOTHERM_LEDGER_URL`)
    }
    case '3D000':
      return broken(part, `it has no database ${database}`, `createdb${at} -O ${user} ${database}`)
    case '53300':
      return broken(part, 'it has no connection left', `psql${at} -c 'show max_connections'`)
    case '57P03':
      return broken(part, 'it is starting up or shutting down', 'isotherm doctor (in a minute)')
  }
  const start = isLocal(url.host)
    ? 'systemctl start postgresql'
    : `systemctl start postgresql (on ${hostname}), or set ISOTHERM_LEDGER_URL to where it is`
  return broken(part, `${url.host} does not answer: ${reasonOf(error)}`, start)
}
