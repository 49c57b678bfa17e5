// What takes packets in: the broker of this process, as one among others where there are several,
// and the broker outside whose packets are taken in as well.
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import type { PartHealth } from './api/deps.ts'
import type { Config } from './config.ts'
import { type Broker, openBroker } from './ingest/broker.ts'
import { openEdgeSessions } from './ingest/edge-sessions.ts'
import { type Lab, openLab } from './ingest/lab.ts'
import { brokerElsewhere } from './ingest/nodes.ts'
import type { Rebirths } from './ingest/rebirths.ts'
import type { Upstream } from './ingest/upstream.ts'
import type { Logger } from './logging.ts'
import { authenticate } from './sign-in.ts'
import type { Closing, Stores } from './stores.ts'

export interface Intake {
  /** Only with the role. */
  broker: Broker | undefined
  upstream: Upstream | undefined
  /** The way to connections of MQTT, wherever they are. */
  connections: {
    disconnect(principalId: string): void
    publish(topic: string, payload: Buffer | string, qos?: 0 | 1): void
  }
  /** Wherever devices may speak to this process, over MQTT or HTTP. */
  lab: Lab | undefined
  parts(): Record<string, PartHealth>
}

/** Throws OperatorError. */
export async function openIntake(
  config: Config,
  stores: Stores,
  to: { now: () => number; logger: Logger; closing: Closing; rebirths: Rebirths },
): Promise<Intake> {
  const { now, logger, closing, rebirths } = to
  const { log, announcements, node: name, alone } = stores
  if (!config.roles.has('broker'))
    return {
      broker: undefined,
      upstream: undefined,
      connections: brokerElsewhere(announcements),
      lab: config.roles.has('api') ? labOf(stores, { broker: undefined, now, closing }) : undefined,
      parts: () => ({}),
    }
  const edges = openEdgeSessions({ ledger: stores.ledger, rebirths })
  closing.push(edges.close)
  const broker = await openBroker({
    log,
    now,
    isHost: true,
    onSparkplug: edges.heard,
    authenticate: authenticate(stores, now),
    logger,
    ...(!alone && { node: { name, announcements } }),
  })
  closing.push(() => broker.close())
  const lab = labOf(stores, { broker, now, closing })
  const upstream = await openUpstreamOf(config, { log, now, logger })
  if (upstream) closing.push(() => upstream.close())
  return {
    broker,
    upstream,
    connections: broker,
    lab,
    parts: () => (upstream ? { upstream: healthOf(upstream) } : {}),
  }
}

function labOf(
  { ledger, announcements, node, directory }: Stores,
  { broker, now, closing }: { broker: Broker | undefined; now: () => number; closing: Closing },
): Lab {
  const lab = openLab({ ledger, announcements, node, broker, device: directory.device, now })
  closing.push(() => lab.close())
  return lab
}

async function openUpstreamOf(
  config: Config,
  to: Pick<Stores, 'log'> & { now: () => number; logger: Logger },
): Promise<Upstream | undefined> {
  if (!config.upstream) return undefined
  const { openUpstream } = await import('./ingest/upstream.ts')
  return openUpstream({ ...config.upstream, ...to, clientId: clientIdOf(config) })
}

/**
 * The same at each start and another for each process: under it the other broker keeps what this
 * one has not acknowledged.
 */
function clientIdOf({ dataDir, httpPort, mqttPort }: Config): string {
  const place = JSON.stringify([hostname(), dataDir, httpPort, mqttPort])
  return `isotherm-${createHash('sha256').update(place).digest('hex').slice(0, 12)}`
}

const healthOf = ({ state, lastError }: Upstream): PartHealth => ({
  state,
  ...(lastError && { detail: lastError.message }),
})
