// Databases for a measurement: real servers as children on free ports, with the settings by which
// Isotherm finds them. Ended with the benchmark, however it ends.
import { type Influxd, influxdPath, startInfluxd } from '../influxd.ts'
import { type Nats, natsPath, startNats } from '../nats.ts'
import { type Postgres, postgresPath, startPostgres } from '../postgres.ts'

export interface Databases {
  /** Settings of an Isotherm that uses them. */
  env: Record<string, string>
  /** Of the server processes, by name. */
  pids: Record<string, number>
  influxd: Influxd
  stop(): Promise<void>
}

export interface Wanted {
  /** PostgreSQL instead of the embedded ledger. */
  postgres?: boolean
  /** JetStream instead of the embedded log, on so many nodes and as many replicas. */
  nats?: 1 | 3
  partitions?: number
}

/** Why they cannot be had on this machine; undefined when they can. */
export function missingDatabase(wanted: Wanted = {}): string | undefined {
  if (!influxdPath) return 'influxd not found'
  if (wanted.postgres && !postgresPath) return 'PostgreSQL not found'
  if (wanted.nats && !natsPath) return 'nats-server not found'
  return undefined
}

/** What is acknowledged is on disk: PostgreSQL syncs as by default. */
export async function startDatabases(wanted: Wanted = {}): Promise<Databases> {
  const influxd = await startInfluxd()
  const pids: Record<string, number> = { influxd: influxd.pid }
  const stops = [influxd.stop]
  // Asked when it comes to that: one that was started again has another pid. PostgreSQL sees to it
  // by itself.
  const started: { readonly pid: number }[] = [influxd]
  const endAll = (): void => killAll(started)
  process.once('exit', endAll)
  const stop = async (): Promise<void> => {
    process.off('exit', endAll)
    await Promise.all(stops.map((one) => one()))
  }
  const env: Record<string, string> = {
    ISOTHERM_SERIES_URL: `influxdb://${new URL(influxd.url).host}/${database}`,
  }
  try {
    if (wanted.postgres) {
      const postgres: Postgres = await startPostgres({ fsync: true })
      pids.postgres = postgres.pid
      stops.push(postgres.stop)
      env.ISOTHERM_LEDGER_URL = await postgres.createDatabase()
    }
    if (wanted.nats) {
      const nats: Nats = await startNats({ nodes: wanted.nats })
      for (const { name, pid } of nats.nodes) pids[name] = pid
      started.push(...nats.nodes)
      stops.push(nats.stop)
      const query = `replicas=${wanted.nats}&partitions=${wanted.partitions ?? 4}`
      env.ISOTHERM_LOG_URL = `nats://${nats.servers.join(',')}?${query}`
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { env, pids, influxd, stop }
}

/** Name of the database in InfluxDB. */
export const database = 'isotherm'

function killAll(started: readonly { readonly pid: number }[]): void {
  for (const { pid } of started)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // gone already
    }
}
