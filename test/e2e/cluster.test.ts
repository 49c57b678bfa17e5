// Many processes over three NATS nodes, InfluxDB and PostgreSQL: two brokers, a recorder, two
// detectors, an API. Each is killed in turn while loggers send, the leader of a stream too.
// Acknowledged means kept, wherever it was acknowledged (I1); nothing is lost and nothing doubled
// (I2), no alert either; what died is taken over within ten seconds, beyond what the way takes when
// nobody was killed and beyond the election of a stream's leader, which is NATS's own.
import { setTimeout as delay } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Influxd, influxdPath, startInfluxd } from '../influxd.ts'
import { type Nats, natsPath, startNats } from '../nats.ts'
import { type Postgres, postgresPath, startPostgres } from '../postgres.ts'
import { type Broker, cycle, expectAlerts, expectKept, Logger, spell } from './senders.ts'
import { startServer, type TestServer } from './server.ts'
import * as story from './story.ts'

const missing = [
  influxdPath ? '' : 'influxd',
  postgresPath ? '' : 'postgres',
  natsPath ? '' : 'nats-server',
].filter((name) => name !== '')
const reason = missing.length > 0 ? `no ${missing.join(', ')} here` : ''
const takeoverMs = 10_000
const streamLeader = 'the leader of a stream'
/** NATS waits for up to so long before it elects another leader, and that is not ours to change. */
const electionMs = 9000
const loggers = 6

describe.skipIf(reason !== '')(`a cluster${reason && ` (skipped: ${reason})`}`, () => {
  let influxd: Influxd
  let postgres: Postgres
  let nats: Nats
  let env: Record<string, string>
  const running: Record<string, TestServer> = {}
  const start = async (name: string, roles: string): Promise<void> => {
    running[name] = await startServer({ env: { ...env, ISOTHERM_ROLES: roles } })
  }
  const roles: Record<string, string> = {
    brokerA: 'broker',
    brokerB: 'broker',
    record: 'record',
    record2: 'record',
    detectA: 'detect',
    detectB: 'detect',
    api: 'api',
  }
  beforeAll(async () => {
    ;[influxd, postgres, nats] = await Promise.all([
      startInfluxd(),
      startPostgres(),
      startNats({ nodes: 3 }),
    ])
    env = {
      ISOTHERM_LOG_URL: `nats://${nats.servers.join(',')}?replicas=3&partitions=4`,
      ISOTHERM_SERIES_URL: `influxdb://${new URL(influxd.url).host}/isotherm`,
      ISOTHERM_LEDGER_URL: await postgres.createLedger(),
    }
    // The first one makes streams and tables; it need not be so, and is so in no other test.
    for (const [name, role] of Object.entries(roles)) await start(name, role)
  })
  afterAll(async () => {
    for (const server of Object.values(running)) await server.stop()
    await Promise.all([influxd.stop(), postgres.stop(), nats.stop()])
  })

  it('loses and doubles nothing whatever is killed, and goes on within ten seconds', {
    timeout: 600_000,
  }, async () => {
    const api = (): TestServer => running.api!
    await story.tellProduct(api())
    const senders: Logger[] = []
    for (let number = 1; number <= loggers; number++)
      senders.push(new Logger(await story.tellCase(api(), number), { inFlight: 4, pauseMs: 100 }))
    // Half of the loggers know broker A first, the other half broker B; each goes to the other one
    // when its own is gone.
    let sending = true
    const brokerFor = (index: number, turn: number): Broker =>
      running[(index + turn) % 2 === 0 ? 'brokerA' : 'brokerB']!
    const lines = senders.map(async (sender, index) => {
      for (let turn = 0; sending; turn++) {
        await sender.open(brokerFor(index, turn)).catch(() => delay(20))
        await sender.gone()
      }
    })
    let probes = 100
    /** From now, or from the kill, until the alert of a logger that began to send can be read. */
    const untilAlerted = async (victim?: string): Promise<number> => {
      const probe = await story.tellCase(api(), ++probes)
      const startedAt = performance.now()
      const revive = victim === undefined ? undefined : await kill(victim)
      const client = await reconnected(probe, brokerFor)
      await client.spell()
      // Nobody takes over for the only API: it is started again, and its start is not counted.
      const restarted = victim === 'api' ? ((await revive?.()) ?? 0) : 0
      await alerted(probe)
      const tookMs = Math.round(performance.now() - startedAt - restarted)
      await client.close()
      if (victim !== 'api') await revive?.()
      return tookMs
    }
    // Other tests share this machine: what the way takes when nobody was killed is no takeover.
    const undisturbed = [await untilAlerted()]
    const stops: Record<string, number> = {}
    for (const victim of [...Object.keys(roles), streamLeader]) {
      stops[victim] = await untilAlerted(victim)
      undisturbed.push(await untilAlerted())
    }
    sending = false
    for (const sender of senders) await sender.lost()
    await Promise.all(lines)
    console.info(`alerted again after ms: ${JSON.stringify(stops)}`)
    console.info(`with nobody killed, before, between and after: ${undisturbed.join(', ')}`)
    const acked = senders.reduce((sum, sender) => sum + sender.acked.size, 0)
    const resent = senders.reduce((sum, sender) => sum + sender.resent, 0)
    console.info(`${acked} acknowledged, ${resent} sent again`)

    const total = cycle * (1 + Math.ceil(Math.max(...senders.map(({ count }) => count)) / cycle))
    for (const [index, sender] of senders.entries()) await sender.open(brokerFor(index, 0), total)
    for (const sender of senders) await sender.finish()
    for (const [index, sender] of senders.entries()) {
      expect(sender.acked.size).toBe(total)
      const kept = (): Promise<void> => expectKept(api(), sender.id, total)
      await vi.waitFor(kept, { timeout: 120_000, interval: 500 })
      const told = (): Promise<void> => expectAlerts(api(), index + 1, { total, late: [] })
      await vi.waitFor(told, { timeout: 120_000, interval: 500 })
    }
    for (const [index, [victim, stoppedMs]] of Object.entries(stops).entries()) {
      const wayMs = Math.max(undisturbed[index]!, undisturbed[index + 1]!)
      const within = takeoverMs + (victim === streamLeader ? electionMs : 0)
      expect(stoppedMs - wayMs, victim).toBeLessThan(within)
    }
  })

  /** Kills without a word; gives the way to start it again, which tells how long that took. */
  async function kill(victim: string): Promise<() => Promise<number>> {
    if (victim in roles) {
      await running[victim]!.kill('SIGKILL')
      return () => timed(() => start(victim, roles[victim]!))
    }
    const leader = await leaderOf('isotherm-0')
    await leader.kill()
    return () => timed(() => leader.restart())
  }

  async function timed(act: () => Promise<void>): Promise<number> {
    const startedAt = performance.now()
    await act()
    return performance.now() - startedAt
  }

  async function leaderOf(stream: string): Promise<Nats['nodes'][number]> {
    const connection = await connect({ servers: nats.servers })
    try {
      const { cluster } = await (await jetstreamManager(connection)).streams.info(stream)
      return nats.nodes.find(({ name }) => name === cluster?.leader)!
    } finally {
      await connection.close()
    }
  }

  async function reconnected(
    probe: story.Teller,
    brokerFor: (index: number, turn: number) => Broker,
  ): Promise<{ spell(): Promise<void>; close(): Promise<void> }> {
    for (let turn = 0; ; turn++)
      try {
        return await spell(brokerFor(0, turn), probe)
      } catch {
        await delay(20)
      }
  }

  async function alerted(probe: story.Teller): Promise<void> {
    const path = `/api/v1/alerts?device=${probe.id}`
    await vi.waitFor(
      async () => {
        const { items } = await running.api!.api<story.Page<story.Alert>>('GET', path)
        expect(items).toHaveLength(1)
        expect(items[0]).toMatchObject({ minutes: 40, verdict: 'out' })
      },
      { timeout: 60_000, interval: 50 },
    )
  }
})
