// The broker: Aedes behind the front, and the rules between them. Acknowledged means kept: what is
// published on telemetry topics is in the log, durably, before its PUBACK or PUBREC leaves. Who may do
// what is topics.ts; what a session keeps is session-store.ts. Opens no port (listen.ts), reads no payload.
import type { Duplex } from 'node:stream'
import {
  Aedes,
  type AedesPublishPacket,
  type Client,
  type PublishPacket,
  type Subscription,
} from 'aedes'
import mqemitter from 'mqemitter'
import { bounds } from '../config.ts'
import { Unavailable } from '../domain/refusal.ts'
import type { Log } from '../store/log.ts'
import { AckQueue } from './acks.ts'
import { Bridge, type FrontSide } from './bridge.ts'
import { type Connect, formatConnect } from './frames.ts'
import { type BridgeAbout, Connection, type FrontTo } from './front.ts'
import { Interest } from './interest.ts'
import type { Relayed } from './lane.ts'
import { SessionStore } from './session-store.ts'
import type { Principal } from './topics.ts'
import { admit, isOwnStatus, matchesFilter, mayReceive, maySubscribe } from './topics.ts'

export interface BrokerOptions {
  log: Log
  /** Who it is, or undefined: refused. Without a user name in the CONNECT, `user` is ''. A rejection
   * means that identities cannot be checked now. */
  authenticate(user: string, password: Buffer): Promise<Principal | undefined>
  /** Epoch ms: the record time of envelopes. */
  now(): number
  /** A session was opened or its connection is gone. */
  onClientsChange?(principal: Principal, connected: boolean): void
  logger?: {
    debug(about: object, message: string): void
    error(about: object, message: string): void
  }
}

export interface BrokerStats {
  connections: number
  /** PUBLISH packets taken, and acknowledgements sent after the log was durable. */
  received: number
  acked: number
  refusedConnects: number
  forbidden: number
  protocolErrors: number
  /** Packets that a subscriber did not get: backlog, offline queue or retained bound. */
  dropped: number
  retained: number
  sessions: number
  /** Bytes of packets waiting for the log. */
  waitingBytes: number
}

export interface Broker {
  /** Takes over a connected socket: TCP, TLS or a WebSocket's stream. */
  serve(socket: Duplex, remote?: string): void
  /** To subscribers, QoS 1, from the broker itself: commands to devices. Not written to the log. */
  publish(topic: string, payload: Buffer | string): void
  /** Closes every connection of an identity whose credentials are revoked. */
  disconnect(principalId: string): void
  stats(): BrokerStats
  /** Closes all connections. The log stays open. */
  close(): Promise<void>
}

/** Where forbidden packets of services go inside Aedes: acknowledged, delivered to nobody. */
const nowhere = '$nowhere'

export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const broker = new LoggedBroker(options)
  await broker.listen()
  return broker
}

class LoggedBroker implements Broker {
  readonly #options: BrokerOptions
  readonly #log: Log
  readonly #aedes: Aedes
  readonly #acks = new AckQueue(bounds.unackedBytesMax)
  readonly #interest = new Interest()
  readonly #sessions: SessionStore
  readonly #connections = new Set<Connection>()
  /** Connections, and packets of services, for which the log has no room now. */
  readonly #held = new Set<Connection>()
  #heldPublishes: (() => void)[] = []
  readonly #front: FrontTo
  readonly #figures = {
    received: 0,
    acked: 0,
    forbidden: 0,
    refusedConnects: 0,
    protocolErrors: 0,
    droppedBehind: 0,
  }
  readonly #sweep: NodeJS.Timeout
  readonly #stops: (() => void)[]
  #closed = false

  constructor(options: BrokerOptions) {
    this.#options = options
    this.#log = options.log
    this.#sessions = new SessionStore({
      maySubscribe: (client, filter) => this.#maySubscribe(client, filter),
      forgotten: (clientId) => this.#interest.forget(clientId),
    })
    this.#aedes = this.#createAedes()
    this.#front = this.#createFront()
    this.#sweep = setInterval(() => this.#sweepAll(), bounds.sweepMs)
    this.#stops = [
      this.#log.onDurable((durable) => {
        const wasFull = this.#acks.full
        this.#acks.release(durable)
        if (wasFull && !this.#acks.full) this.#resume()
      }),
      this.#log.onPressure((pressed) => {
        if (!pressed) this.#resume()
      }),
    ]
  }

  listen(): Promise<void> {
    return this.#aedes.listen()
  }

  serve(socket: Duplex, remote = ''): void {
    if (this.#closed || this.#connections.size >= bounds.connectionsMax) {
      socket.on('error', () => undefined)
      socket.destroy()
      return
    }
    this.#connections.add(new Connection(socket, this.#front, remote))
  }

  publish(topic: string, payload: Buffer | string): void {
    this.#relay({ topic, payload: Buffer.from(payload), qos: 1, retain: false })
  }

  disconnect(principalId: string): void {
    for (const connection of this.#connections)
      if (connection.principal?.id === principalId) connection.close('its credentials are revoked')
  }

  stats(): BrokerStats {
    const { droppedBehind, acked, ...figures } = this.#figures
    return {
      ...figures,
      connections: this.#connections.size,
      acked: this.#acks.acked + acked,
      dropped: droppedBehind + this.#sessions.dropped,
      retained: this.#sessions.retainedCount,
      sessions: this.#sessions.sessionCount,
      waitingBytes: this.#acks.bytes,
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#sweep)
    for (const connection of this.#connections) connection.close('the broker is closing')
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()))
    for (const stop of this.#stops) stop()
  }

  get #pressed(): boolean {
    return this.#log.pressed || this.#acks.full
  }

  #createFront(): FrontTo {
    const pressed = (): boolean => this.#pressed
    return {
      log: this.#log,
      acks: this.#acks,
      interest: this.#interest,
      figures: this.#figures,
      partialBytes: 0,
      get pressed() {
        return pressed()
      },
      now: this.#options.now,
      authenticate: (user, password) => this.#options.authenticate(user, password),
      relay: (packet) => this.#relay(packet),
      bridge: (side, connect, about) => this.#bridge(side, connect, about),
      hold: (connection) => this.#held.add(connection),
      opened: (connection) => this.#options.onClientsChange?.(connection.principal!, true),
      closed: (connection, wasOpen, reason) => this.#forget(connection, wasOpen, reason),
    }
  }

  /** None of the options may stay at its default: see docs/adr, the broker. */
  #createAedes(): Aedes {
    const aedes = new Aedes({
      mq: createDecoupledEmitter(),
      persistence: this.#sessions,
      concurrency: 0,
      queueLimit: bounds.connectQueueMax,
      maxInflightInbound: bounds.inflightInboundMax,
      // The front sees to both.
      connectTimeout: 2 * bounds.connectTimeoutMs,
      keepaliveLimit: 0,
      drainTimeout: bounds.drainTimeoutMs,
      authenticate: (_client, _user, _password, done) => done(null, true),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#authorizeSubscribe(client, subscription)),
      authorizeForward: (client, packet) => this.#authorizeForward(client, packet),
    })
    // Too many levels are a matter of `admit`, which keeps the packet; Aedes would close the connection.
    Object.assign(aedes, { maxTopicLevels: Number.MAX_SAFE_INTEGER })
    const { logger } = this.#options
    aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) {
        bridgeOf(client)?.granted.delete(filter)
        this.#interest.remove(client.id, filter)
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
    return aedes
  }

  /** The client id is scoped by its owner: nobody can take over another's session [MQTT-3.1.4-2]. Client ids
   * cannot hold the separator, a control character. */
  #bridge(side: FrontSide, connect: Connect, about: BridgeAbout): Bridge {
    const { kind, tenant, id } = about.principal
    const name = connect.clientId || `auto-${crypto.randomUUID()}` // [MQTT-3.1.3-6]
    const bridge = new Bridge(side, { ...about, clean: connect.clean })
    this.#aedes.handle(bridge)
    bridge.push(formatConnect(connect, [kind, tenant, id, name].join('\u001f')))
    return bridge
  }

  #authorizePublish(client: Client | null, packet: PublishPacket, done: Done): void {
    const bridge = bridgeOf(client)
    if (bridge === undefined) {
      done(new Error('a packet without an identity'))
      return
    }
    const { principal } = bridge
    this.#figures.received++
    const { topic } = packet
    const verdict = admit(principal, topic)
    // Only wills of devices come this way, and they may speak of nothing but the own status.
    const forbidden =
      verdict === 'forbidden' || (principal.kind === 'device' && !isOwnStatus(principal, topic))
    const envelope = {
      kind: forbidden ? ('forbidden' as const) : ('publish' as const),
      tenant: principal.tenant,
      source: principal.id,
      topic,
      recordTime: this.#options.now(),
      body: Buffer.from(packet.payload),
    }
    if (forbidden) {
      this.#figures.forbidden++
      packet.topic = nowhere
      packet.retain = false
    }
    // Acknowledgements leave in the order of the packets [MQTT-4.6.0-2], so a packet that is only relayed
    // waits for those before it.
    if (verdict !== 'relay') this.#keep(envelope, packet.qos, done)
    else if (packet.qos === 0 || this.#log.end === this.#log.durable) done()
    else this.#acks.push(undefined, waiting(this.#log.end - 1, 0, done))
  }

  #keep(envelope: Parameters<Log['append']>[0], qos: number, done: Done): void {
    let offset: number
    try {
      offset = this.#log.append(envelope)
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      this.#heldPublishes.push(() => this.#keep(envelope, qos, done))
      return
    }
    const acked = () => {
      this.#figures.acked++
      done()
    }
    this.#acks.push(undefined, waiting(offset, envelope.body.length, qos === 0 ? undefined : acked))
    if (qos === 0) done()
  }

  #maySubscribe(client: Client, filter: string): boolean {
    const bridge = bridgeOf(client)
    return bridge !== undefined && maySubscribe(bridge.principal, filter)
  }

  /** Null is answered with 0x80 [§3.9.3]. */
  #authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const { topic, qos } = subscription
    const bridge = bridgeOf(client)
    if (bridge === undefined || !this.#maySubscribe(client, topic)) return null
    if (!bridge.granted.has(topic) && bridge.granted.size >= bounds.subscriptionsMax) return null
    bridge.granted.set(topic, qos)
    if (bridge.principal.kind === 'service') this.#interest.add(client.id, topic)
    return subscription
  }

  /** The last gate before a subscriber: rights, backlog, and the QoS it asked for [MQTT-3.8.4-6]. */
  #authorizeForward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const bridge = bridgeOf(client)
    if (bridge === undefined || !mayReceive(bridge.principal, packet.topic)) return null
    let qos = 0
    for (const [filter, granted] of packet.qos === 0 ? [] : bridge.granted)
      if (granted > qos && matchesFilter(packet.topic, filter)) qos = granted
    if (qos === 0 && bridge.backlog() > bounds.subscriberBacklogBytesMax) {
      this.#figures.droppedBehind++
      return null
    }
    return qos >= packet.qos ? packet : { ...packet, qos: qos as 0 | 1 | 2 }
  }

  #relay(packet: Relayed): void {
    if (this.#closed) return
    this.#aedes.publish({ ...packet, cmd: 'publish', dup: false }, () => undefined)
  }

  #resume(): void {
    if (this.#pressed) return
    const publishes = this.#heldPublishes
    this.#heldPublishes = []
    for (const retry of publishes) retry()
    const held = [...this.#held]
    this.#held.clear()
    for (const connection of held) connection.advance()
  }

  #sweepAll(): void {
    for (const connection of this.#connections) connection.sweep()
    this.#resume()
  }

  #forget(connection: Connection, wasOpen: boolean, reason: string): void {
    this.#connections.delete(connection)
    this.#held.delete(connection)
    const { principal, remote } = connection
    this.#options.logger?.debug({ principal: principal?.id, remote, reason }, 'connection closed')
    if (wasOpen) this.#options.onClientsChange?.(principal!, false)
  }
}

type Done = (error?: Error | null) => void

function waiting(offset: number, bytes: number, done: Done | undefined) {
  const then = done === undefined ? undefined : () => done()
  return { offset, ack: 0, packetId: 0, bytes, then }
}

function bridgeOf(client: Client | null): Bridge | undefined {
  return client?.conn instanceof Bridge ? client.conn : undefined
}

/** A publisher does not wait for subscribers: one that stops reading would stall them all. */
function createDecoupledEmitter(): mqemitter.MQEmitter {
  const emitter = mqemitter({ concurrency: 0, matchEmptyLevels: true })
  const emit = emitter.emit.bind(emitter)
  emitter.emit = (packet, done) => {
    emit(packet)
    done?.()
  }
  return emitter
}
