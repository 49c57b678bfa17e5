// The two sets of stores that everything must run on alike: embedded, and InfluxDB, PostgreSQL and
// NATS. Real servers, started once for a test file; each pipeline gets its own database, its own
// streams. Where a server is missing, the second set is skipped with the reason.
import { randomBytes } from 'node:crypto'
import { deviceOfEnvelope } from '../ingest/decode/decode.ts'
import { openInfluxSeries } from '../store/influx/series.ts'
import { openNats } from '../store/nats/log.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { slotOf } from '../store/slots.ts'
import { influxdPath, startInfluxd } from './influxd.ts'
import { natsPath, startNats } from './nats.ts'
import { type Backends, openEmbedded } from './pipeline.ts'
import { postgresPath, startPostgres } from './postgres.ts'

export interface Stack {
  name: string
  /** Why it cannot be had on this machine. */
  missing: string | undefined
  /** Starts its servers; `open` gives fresh, empty stores on them. */
  start(): Promise<{ open(): Promise<Backends>; stop(): Promise<void> }>
}

const missing = [
  influxdPath ? '' : 'influxd',
  postgresPath ? '' : 'postgres',
  natsPath ? '' : 'nats-server',
].filter((name) => name !== '')

export const stacks: readonly Stack[] = [
  {
    name: 'DuckDB, SQLite and LMDB',
    missing: undefined,
    start: async () => ({ open: openEmbedded, stop: async () => undefined }),
  },
  {
    name: 'InfluxDB, PostgreSQL and JetStream',
    missing: missing.length > 0 ? `there is no ${missing.join(', ')} here` : undefined,
    start: startServers,
  },
]

for (const { name, missing: reason } of stacks)
  if (reason) console.warn(`skipped on ${name}: ${reason}`)

async function startServers(): Promise<{ open(): Promise<Backends>; stop(): Promise<void> }> {
  const [influxd, postgres, nats] = await Promise.all([
    startInfluxd(),
    startPostgres(),
    startNats(),
  ])
  return {
    open: async () => {
      const name = `t${randomBytes(6).toString('hex')}`
      const log = await openNats({
        servers: nats.servers,
        prefix: name,
        replicas: 1,
        partitions: 2,
        bytesMax: 512 * 1024 * 1024,
        node: 'test',
        slotOf: (envelope) => slotOf(envelope.tenant, deviceOfEnvelope(envelope)),
      })
      return {
        ledger: await openPostgresLedger({ url: await postgres.createLedger() }),
        series: await openInfluxSeries({ url: influxd.url, bucket: name }),
        log: log.log,
        remove: () => log.close(),
      }
    },
    stop: async () => {
      await Promise.all([influxd.stop(), postgres.stop(), nats.stop()])
    },
  }
}
