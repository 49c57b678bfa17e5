// Aedes as the core of sessions: subscriptions, deliveries, QoS handshakes of services, wills. Its
// options, its hooks and the places where it is set right. Opens no socket, sees no credentials and
// no log: whether a packet may be published is asked of the broker.
import {
  Aedes,
  type AedesPublishPacket,
  type Client,
  type PublishPacket,
  type Subscription,
} from 'aedes'
import mqemitter from 'mqemitter'
import { bounds } from '../config.ts'
import { Bridge, type FrontSide } from './bridge.ts'
import { type Connect, formatConnect } from './frames.ts'
import type { BridgeAbout } from './front.ts'
import type { Interest } from './interest.ts'
import type { Relayed } from './lane.ts'
import { SessionStore, type StoredPacket } from './session-store.ts'
import { matchesFilter, mayReceive, maySubscribe, type Principal } from './topics.ts'

export interface BrokerLogger {
  debug(about: object, message: string): void
  error(about: object, message: string): void
}

/** Ends a step of Aedes; with an error the connection is closed. */
export type Done = (error?: Error | null) => void

export interface AedesCoreOptions {
  interest: Interest
  logger: BrokerLogger | undefined
  /** Calls `done` when the packet may be acknowledged and relayed. May change its topic to
   * `nowhere`. */
  authorizePublish(bridge: Bridge, packet: PublishPacket, done: Done): void
  /** A client's packet, or its will, goes to the subscribers. */
  published(packet: Relayed): void
}

/** A topic whose packets are acknowledged and delivered to nobody. */
export const nowhere = '$nowhere'

export class AedesCore {
  /** Packets that a subscriber did not get because it was behind. */
  #droppedBehind = 0
  /** Packets relayed so far: Aedes tells copies of one packet from others by this number. */
  #relayed = 0
  readonly #options: AedesCoreOptions
  readonly #aedes: Aedes
  readonly #sessions: SessionStore
  /** A publisher does not wait for subscribers: it emits and goes on. */
  readonly #emitter = mqemitter({ concurrency: 0, matchEmptyLevels: true })

  constructor(options: AedesCoreOptions) {
    this.#options = options
    this.#sessions = new SessionStore({
      owner: (client) => bridgeOf(client)?.principal,
      forgotten: (clientId) => options.interest.forget(clientId),
    })
    this.#aedes = this.#createAedes()
    this.#listenToAedes()
  }

  listen(): Promise<void> {
    return this.#aedes.listen()
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#aedes.close(() => resolve()))
  }

  figures(): { dropped: number; retained: number; sessions: number } {
    return {
      dropped: this.#droppedBehind + this.#sessions.dropped,
      retained: this.#sessions.retainedCount,
      sessions: this.#sessions.sessionCount,
    }
  }

  /** The client id is scoped by its owner: nobody can take over another's session
   * [MQTT-3.1.4-2]. Client ids cannot hold the separator, a control character. */
  bridge(side: FrontSide, connect: Connect, about: BridgeAbout): Bridge {
    const name = connect.clientId || `auto-${crypto.randomUUID()}` // [MQTT-3.1.3-6]
    const bridge = new Bridge(side, about)
    this.#aedes.handle(bridge)
    const clientId = sessionOf(about.principal, name)
    // The front has seen to credentials and keep-alive.
    const settled = { user: undefined, password: undefined, keepAliveSeconds: 0 }
    bridge.push(formatConnect({ ...connect, clientId, ...settled }))
    return bridge
  }

  /** Subscribers to come get it; those of now do not. */
  retain({ topic, payload, qos }: Relayed): void {
    const packet = { cmd: 'publish', topic, payload, qos, retain: true, dup: false }
    this.#sessions.retain({ ...packet, brokerId: this.#aedes.id, brokerCounter: ++this.#relayed })
  }

  forgetSession(principal: Principal, clientId: string): void {
    this.#sessions.forget(sessionOf(principal, clientId))
  }

  relay(packet: Relayed): void {
    this.#fanOut({ ...packet, cmd: 'publish', dup: false }, undefined, () => undefined)
  }

  /** Options left out here would be unbounded or closed to everybody's harm: a queue of 42, no
   * limit of half-open QoS 2, a minute of patience with a frozen reader. */
  #createAedes(): Aedes {
    const aedes = new Aedes({
      mq: this.#emitter,
      persistence: this.#sessions,
      concurrency: 0,
      queueLimit: bounds.connectQueueMax,
      maxInflightInbound: bounds.inflightInboundMax,
      // The front sees to both.
      connectTimeout: 2 * bounds.connectTimeoutMs,
      keepaliveLimit: 0,
      drainTimeout: bounds.drainTimeoutMs,
      authenticate: (_client, _user, _password, done) => done(null, true),
      authorizePublish: (client, packet, done) => {
        const bridge = bridgeOf(client)
        if (bridge === undefined) done(new Error('a packet without an identity'))
        else this.#options.authorizePublish(bridge, packet, done)
      },
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#authorizeSubscribe(client, subscription)),
      authorizeForward: (client, packet) => this.#authorizeForward(client, packet),
    })
    Object.assign(aedes, {
      // Too many levels are a matter of `admit`, which keeps the packet; Aedes would close the
      // connection.
      maxTopicLevels: Number.MAX_SAFE_INTEGER,
      publish: (packet: PublishPacket, by: Client | Done | null, done?: Done) => {
        this.#tell(packet)
        if (typeof by === 'function') this.#fanOut(packet, undefined, by)
        else this.#fanOut(packet, by?.id, done ?? (() => undefined))
      },
    })
    return aedes
  }

  #listenToAedes(): void {
    const { interest, logger } = this.#options
    const aedes = this.#aedes
    aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) {
        bridgeOf(client)?.granted.delete(filter)
        interest.remove(client.id, filter)
      }
    })
    aedes.on('clientError', (client, error) =>
      logger?.debug(
        { principal: bridgeOf(client)?.principal.id, error: error.message },
        'session closed',
      ),
    )
    aedes.on('connectionError', (_client, error) =>
      logger?.debug({ error: error.message }, 'session refused'),
    )
    ;(aedes as NodeJS.EventEmitter).on('error', (error: Error) =>
      logger?.error({ error: error.message }, 'the broker core failed'),
    )
  }

  /** Null is answered with 0x80 [§3.9.3]. */
  #authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const { topic, qos } = subscription
    const bridge = bridgeOf(client)
    if (bridge === undefined || !maySubscribe(bridge.principal, topic)) return null
    if (!bridge.granted.has(topic) && bridge.granted.size >= bounds.subscriptionsMax) return null
    bridge.granted.set(topic, qos)
    if (bridge.principal.kind === 'service') this.#options.interest.add(client.id, topic)
    // Aedes delivers a packet once, by whichever filter comes first, at that filter's QoS. Highest
    // here, and lowered in #authorizeForward to what all matching filters allow; the SUBACK tells
    // what was granted.
    return { ...subscription, qos: 2 }
  }

  /** The last gate before a subscriber: rights, backlog, and the QoS it asked for
   * [MQTT-3.8.4-6]. */
  #authorizeForward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const bridge = bridgeOf(client)
    if (bridge === undefined || !mayReceive(bridge.principal, packet.topic)) return null
    let qos = 0
    for (const [filter, granted] of packet.qos === 0 ? [] : bridge.granted)
      if (granted > qos && matchesFilter(packet.topic, filter)) qos = granted
    if (qos === 0 && bridge.backlog() > bounds.subscriberBacklogBytesMax) {
      this.#droppedBehind++
      return null
    }
    return qos >= packet.qos ? packet : { ...packet, qos: qos as 0 | 1 | 2 }
  }

  #tell({ topic, payload, qos, retain }: PublishPacket): void {
    if (isNews(topic))
      this.#options.published({ topic, payload: Buffer.from(payload), qos, retain })
  }

  /**
   * Retains, queues and delivers in one step. Aedes takes steps of different length for QoS 0, for
   * QoS 1 and 2 and for RETAIN, so that packets overtake each other, and then drops what was
   * overtaken as a duplicate. Its own news under $SYS names the clients of all tenants and goes
   * nowhere.
   */
  #fanOut(packet: PublishPacket, clientId: string | undefined, done: Done): void {
    const { topic, qos, retain } = packet
    if (isNews(topic)) {
      const payload =
        typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
      const about = { brokerId: this.#aedes.id, brokerCounter: ++this.#relayed }
      const stored: StoredPacket = {
        ...{ cmd: 'publish', topic, payload, qos, retain, dup: false, messageId: undefined },
        ...(clientId === undefined ? about : { ...about, clientId }),
      }
      if (retain) this.#sessions.retain(stored)
      if (qos > 0) this.#sessions.enqueue(stored)
      this.#emitter.emit(stored)
    }
    done(null)
  }
}

const isNews = (topic: string): boolean => topic !== nowhere && !topic.startsWith('$SYS/')

const sessionOf = ({ kind, tenant, id }: Principal, clientId: string): string =>
  [kind, tenant, id, clientId].join('\u001f')

function bridgeOf(client: Client | null): Bridge | undefined {
  return client?.conn instanceof Bridge ? client.conn : undefined
}
