// Connections to PostgreSQL as Kysely wants them. A connection is handed out either as the owner of
// the tables or as a role that sees the rows of one tenant only; what it was used for before never
// shows. Failures become the words of domain/refusal.ts here, for reads and transactions alike.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { bounds } from '../../config.ts'
import { Corrupt, Unavailable } from '../../domain/refusal.ts'
import { storable } from '../ledger/ledger.ts'
import { isLost, postgresError } from './errors.ts'
import { tenantRole, tenantSetting } from './tenants.ts'

export interface Connections {
  /** What statements see: all rows, or those of a tenant. */
  of(tenant: string | undefined): PostgresPool
  /** Why the last statement found no server, until one does. */
  readonly failure: Error | undefined
  end(): Promise<void>
}

/** Of one connection: what the server is told at its start, and how its values are read. */
export function clientConfig(url: string): pg.ClientConfig {
  const types = new pg.TypeOverrides()
  types.setTypeParser(20, parseInt8)
  return {
    connectionString: url,
    application_name: 'isotherm',
    keepAlive: true,
    connectionTimeoutMillis: bounds.ledgerConnectMs,
    statement_timeout: bounds.ledgerStatementMs,
    // A server that vanished without a word must not hold a step for ever.
    query_timeout: bounds.ledgerStatementMs + bounds.ledgerConnectMs,
    // A process that hangs, or whose machine is gone, must not hold what others wait for.
    idle_in_transaction_session_timeout: bounds.ledgerIdleTransactionMs,
    options: '-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3',
    types,
  }
}

/** Times and counts are bigint columns; all of ours are far within what a number holds exactly. */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond the safe integers`)
  return value
}

export function openConnections(url: string, poolMax: number): Connections {
  const pool = new pg.Pool({
    ...clientConfig(url),
    max: poolMax,
    idleTimeoutMillis: bounds.ledgerIdleMs,
  })
  const state: { failure: Error | undefined } = { failure: undefined }
  // A connection that dies while nobody uses it is replaced when somebody wants one.
  pool.on('error', (error) => {
    state.failure = new Unavailable(`the ledger cannot serve: ${error.message}`, 1000, error)
  })
  // One that dies in use is told by the query that was under way.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const views = new WeakMap<pg.PoolClient, string | undefined>()
  const nameOf = rememberTexts()
  const connect = async (tenant: string | undefined): Promise<PostgresPoolClient> => {
    let client: pg.PoolClient | undefined
    try {
      client = await pool.connect()
      if (!views.has(client) || views.get(client) !== tenant) {
        // Not what it was before, should this fail half-way.
        views.set(client, '\n')
        await client.query(become(tenant))
        views.set(client, tenant)
      }
      state.failure = undefined
      return wrap(client, { state, nameOf })
    } catch (error) {
      client?.release(true)
      throw told(error, state)
    }
  }
  return {
    of: (tenant) => ({ connect: () => connect(tenant), end: async () => undefined, options: {} }),
    get failure() {
      return state.failure
    },
    end: () => pool.end(),
  }
}

const become = (tenant: string | undefined): pg.QueryConfig => ({
  name: 'become',
  text: `select set_config('role', $1, false), set_config('${tenantSetting}', $2, false)`,
  values: tenant === undefined ? ['none', ''] : [tenantRole, storable(tenant)],
})

function told(cause: unknown, state: { failure: Error | undefined }): unknown {
  const error = postgresError(cause)
  if ((error instanceof Unavailable && isLost(cause)) || error instanceof Corrupt)
    state.failure = error
  return error
}

/**
 * A list of values is not prepared: a plan made for any values compares each row with each of them,
 * where one made for these hashes them (measured: 270 ms against 5 for 500 of 5000 rows).
 */
const isPrepared = (parameters: readonly unknown[]): boolean =>
  parameters.length > 0 &&
  parameters.length <= preparedParametersMax &&
  !parameters.some((parameter) => Array.isArray(parameter))

const preparedParametersMax = 20

/** The name under which a text is prepared on each connection; undefined: it is not. */
function rememberTexts(): (text: string) => string | undefined {
  const names = new Map<string, string>()
  return (text) => {
    if (text.length > bounds.statementCharsMax) return undefined
    const known = names.get(text)
    if (known || names.size >= bounds.statementsMax) return known
    const name = `q${names.size}`
    names.set(text, name)
    return name
  }
}

function wrap(
  client: pg.PoolClient,
  {
    state,
    nameOf,
  }: { state: { failure: Error | undefined }; nameOf: (text: string) => string | undefined },
): PostgresPoolClient {
  let lost = false
  const query = async (
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<never>> => {
    try {
      // The one parameter of COPY … FROM STDIN is what to stream.
      if (text.startsWith('copy ')) return await copy(client, text, parameters[0])
      const name = isPrepared(parameters) ? nameOf(text) : undefined
      const values = parameters.map(storable)
      const result = await client.query({ ...(name !== undefined && { name }), text, values })
      return result as unknown as PostgresQueryResult<never>
    } catch (error) {
      lost ||= isLost(error)
      throw told(error, state)
    }
  }
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(lost || destroy === true),
  }
}

async function copy(
  client: pg.PoolClient,
  text: string,
  lines: unknown,
): Promise<PostgresQueryResult<never>> {
  await pipeline(Readable.from(lines as Iterable<string>), client.query(copyFrom(text)))
  return { command: 'INSERT', rowCount: 0, rows: [] }
}
