// Several brokers as one, behind a TCP balancer: what each tells the others. Who connected, so that
// a client id has one connection in all of them; whose credentials are revoked; packets that do not
// go through the log, and what is retained. Told once and never again: whoever misses it keeps a
// dead connection until its keep-alive ends. Sessions and their queues are not shared: they end
// when their client comes back elsewhere.
import { bounds } from '../config.ts'
import type { Announcement, Announcements } from '../store/announcements.ts'
import type { Envelope, Log } from '../store/log.ts'
import type { Connection } from './front.ts'
import type { Interest } from './interest.ts'
import type { Relayed } from './lane.ts'
import { isCommand, isSparkplug } from './sparkplug-topics.ts'
import { isKept, type Principal, parseDeviceTopic } from './topics.ts'

export interface NodeOptions {
  /** Different for each broker process of the installation. */
  name: string
  announcements: Announcements
}

/** What this broker does when another one tells something. */
export interface NodeTo {
  log: Log
  interest: Interest
  now(): number
  relay(packet: Relayed): void
  retain(packet: Relayed): void
  disconnect(principalId: string): void
  /** The session that this broker keeps for a client that is elsewhere now. */
  forgetSession(principal: Principal, clientId: string): void
}

const topics = {
  connected: 'mqtt.connected',
  revoked: 'mqtt.revoked',
  published: 'mqtt.published',
  retained: 'mqtt.retained',
} as const

/** A broker in other processes only: for those that serve HTTP and have none of their own. */
export function brokerElsewhere(announcements: Announcements): {
  disconnect(principalId: string): void
  publish(topic: string, payload: Buffer | string, qos?: 0 | 1): void
} {
  return {
    disconnect: (id) => announcements.tell(topics.revoked, { node: '', id }),
    publish: (topic, text, qos = 1) => {
      const payload = Buffer.from(text)
      const packet = formatRelayed({ topic, payload, qos, retain: false })
      announcements.tell(topics.published, { node: '', ...packet })
    },
  }
}

export class Nodes {
  /** Packets too large to be told to others. */
  dropped = 0
  readonly #options: NodeOptions
  readonly #to: NodeTo
  /** Connections by whose they are and their client id, with the time they were announced. */
  readonly #connections = new Map<string, { connection: Connection; at: number }>()
  readonly #stops: (() => void)[]
  #stopForeign: (() => void) | undefined

  constructor(options: NodeOptions, to: NodeTo) {
    this.#options = options
    this.#to = to
    const { name, announcements } = options
    const listen = (topic: string, heard: (body: Announcement) => void): (() => void) =>
      announcements.listen(topic, (body) => {
        if (body.node !== name) heard(body)
      })
    this.#stops = [
      listen(topics.connected, (body) => this.#hearConnected(body)),
      listen(topics.revoked, ({ id }) => to.disconnect(String(id))),
      listen(topics.published, (body) => parseRelayed(body, to.relay)),
      listen(topics.retained, (body) => parseRelayed(body, to.retain)),
      to.interest.watch((any) => this.#followForeign(any)),
    ]
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    this.#stopForeign?.()
  }

  /** Told before the CONNACK: the will of the connection that it replaces elsewhere comes before
   * what the client says next. */
  joining(connection: Connection): void {
    const { principal, clientId } = connection
    // Without a client id it gets one that is only its own [MQTT-3.1.3-6].
    if (principal === undefined || clientId === '') return
    const at = this.#to.now()
    this.#connections.set(keyOf(principal, clientId), { connection, at })
    const { kind, tenant, id } = principal
    this.#tell(topics.connected, { kind, tenant, id, clientId, at })
  }

  closed(connection: Connection): void {
    const { principal, clientId } = connection
    const key = principal && keyOf(principal, clientId)
    if (key !== undefined && this.#connections.get(key)?.connection === connection)
      this.#connections.delete(key)
  }

  revoked(id: string): void {
    this.#tell(topics.revoked, { id })
  }

  /** A packet that was relayed here. What goes through the log reaches the others from there, but
   * the log does not say what is retained. */
  relayed(packet: Relayed): void {
    if (!travelsByLog(packet.topic)) this.#tellPacket(topics.published, packet)
    else if (packet.retain) this.#tellPacket(topics.retained, packet)
  }

  #tell(topic: string, body: Announcement): void {
    this.#options.announcements.tell(topic, { ...body, node: this.#options.name })
  }

  #tellPacket(topic: string, packet: Relayed): void {
    if (packet.payload.length > bounds.announcedBytesMax) this.dropped++
    else this.#tell(topic, formatRelayed(packet))
  }

  /**
   * [MQTT-3.1.4-2]: the client that is already connected is disconnected. If both connected at the
   * same time each hears of the other, and one of them gives way: whose time is earlier. Clocks of
   * two hosts differ, so times count only for so long as such a race can last.
   */
  #hearConnected({ node, kind, tenant, id, clientId, at }: Announcement): void {
    if (typeof clientId !== 'string' || typeof at !== 'number') return
    const principal: Principal = {
      kind: kind === 'service' ? 'service' : 'device',
      ...{ id: String(id), tenant: String(tenant), publish: [], subscribe: [] },
    }
    const own = this.#connections.get(keyOf(principal, clientId))
    if (own !== undefined && this.#to.now() - own.at < bounds.takeoverRaceMs) {
      const later = own.at === at ? this.#options.name > String(node) : own.at > at
      if (later) return
    }
    own?.connection.close('its client id connected to another node')
    this.#to.forgetSession(principal, clientId)
  }

  /** Costs nothing while nobody here subscribes to telemetry. */
  #followForeign(any: boolean): void {
    if (!any) {
      this.#stopForeign?.()
      this.#stopForeign = undefined
      return
    }
    this.#stopForeign ??= this.#to.log.foreign((envelopes) => {
      for (const envelope of envelopes) this.#relayForeign(envelope)
    })
  }

  /** Its QoS is not in the log: QoS 1, or less where the subscriber asked for less. */
  #relayForeign({ kind, topic, body }: Envelope): void {
    const { interest, relay } = this.#to
    if (kind !== 'publish' || !travelsByLog(topic) || !interest.wants(topic)) return
    relay({ topic, payload: Buffer.from(body), qos: 1, retain: false })
  }
}

/**
 * Commands are in the log too when a service publishes them, but no device is followed there; what
 * this server tells by itself never is.
 */
function travelsByLog(topic: string): boolean {
  const { device, leaf } = parseDeviceTopic(topic) ?? {}
  if (isSparkplug(topic)) return !isCommand(topic)
  return isKept(topic) && leaf !== 'commands' && device !== '@notifications'
}

const keyOf = ({ kind, tenant, id }: Principal, clientId: string): string =>
  [kind, tenant, id, clientId].join('\u001f')

function formatRelayed({ topic, payload, qos, retain }: Relayed): Announcement {
  return { topic, payload: payload.toString('base64'), qos, retain }
}

function parseRelayed(body: Announcement, then: (packet: Relayed) => void): void {
  const { topic, payload, qos, retain } = body
  if (typeof topic !== 'string' || typeof payload !== 'string') return
  if (qos !== 0 && qos !== 1 && qos !== 2) return
  then({ topic, payload: Buffer.from(payload, 'base64'), qos, retain: retain === true })
}
