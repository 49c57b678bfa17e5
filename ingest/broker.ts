// The broker: Aedes behind the front, and the rules between them. Acknowledged means kept: what is
// published on telemetry topics is in the log, durably, before its PUBACK or PUBREC leaves. Who may
// do what is topics.ts, sessions are aedes-core.ts. Opens no port (listen.ts), reads no payload.
import type { Duplex } from 'node:stream'
import type { PublishPacket } from 'aedes'
import { bounds } from '../config.ts'
import { Unavailable } from '../domain/refusal.ts'
import type { Envelope, Log } from '../store/log.ts'
import { AckQueue } from './acks.ts'
import { AedesCore, type BrokerLogger, type Done, nowhere } from './aedes-core.ts'
import { Connection, type FrontTo } from './front.ts'
import { Interest } from './interest.ts'
import type { Relayed } from './lane.ts'
import { type NodeOptions, Nodes, type NodeTo } from './nodes.ts'
import { formatHostState, hostStateTopic, isSparkplug } from './sparkplug-topics.ts'
import { admit, isOwnStatus, type Principal } from './topics.ts'
import type { Watch, Watched, Watcher } from './watch.ts'

export interface BrokerOptions {
  log: Log
  /** Who it is, or undefined: refused. Without a user name in the CONNECT, `user` is ''. A
   * rejection means that identities cannot be checked now. */
  authenticate(user: string, password: Buffer): Promise<Principal | undefined>
  /** Epoch ms: the record time of envelopes. */
  now(): number
  /** Tells edge nodes of Sparkplug B that their host is there. */
  isHost?: boolean
  /** Told of each packet of Sparkplug B that is kept, in the order in which a node sent them. */
  onSparkplug?(envelope: Envelope): void
  /** A session was opened or its connection is gone. */
  onClientsChange?(principal: Principal, connected: boolean): void
  logger?: BrokerLogger
  /** When other processes are brokers of the same installation. */
  node?: NodeOptions
}

export interface BrokerStats {
  connections: number
  /** PUBLISH packets taken, and acknowledgements sent after the log was durable. */
  received: number
  acked: number
  refusedConnects: number
  forbidden: number
  protocolErrors: number
  /** Packets that a subscriber did not get: backlog, offline queue, retained bound, or too large
   * for other nodes to be told. */
  dropped: number
  retained: number
  sessions: number
  /** Bytes of packets waiting for the log. */
  waitingBytes: number
}

export interface Broker extends Watched {
  /** Takes over a connected socket: TCP, TLS or a WebSocket's stream. */
  serve(socket: Duplex, remote?: string): void
  /** To subscribers from the broker itself: commands to devices. Not written to the log. QoS 1,
   * if not told otherwise. */
  publish(topic: string, payload: Buffer | string, qos?: 0 | 1): void
  /** Closes every connection of an identity whose credentials are revoked. */
  disconnect(principalId: string): void
  stats(): BrokerStats
  /** Closes all connections. The log stays open. */
  close(): Promise<void>
}

export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const broker = new LoggedBroker(options)
  await broker.listen()
  return broker
}

class LoggedBroker implements Broker {
  readonly #options: BrokerOptions
  readonly #log: Log
  readonly #core: AedesCore
  readonly #acks = new AckQueue(bounds.unackedBytesMax)
  readonly #interest = new Interest()
  readonly #nodes: Nodes | undefined
  readonly #connections = new Set<Connection>()
  /** By tenant and id of the device. */
  readonly #watchers = new Map<string, Watcher>()
  /** Connections, and packets of services, for which the log has no room now. */
  readonly #held = new Set<Connection>()
  readonly #heldPublishes: (() => boolean)[] = []
  readonly #front: FrontTo
  readonly #figures = {
    received: 0,
    acked: 0,
    forbidden: 0,
    refusedConnects: 0,
    protocolErrors: 0,
  }
  readonly #sweep: NodeJS.Timeout
  readonly #stops: (() => void)[]
  #closed = false

  constructor(options: BrokerOptions) {
    this.#options = options
    this.#log = options.log
    this.#core = new AedesCore({
      interest: this.#interest,
      logger: options.logger,
      authorizePublish: (bridge, packet, done) =>
        this.#authorizePublish(bridge.principal, packet, done),
      published: (packet) => this.#nodes?.relayed(packet),
    })
    this.#nodes = options.node && new Nodes(options.node, this.#nodeTo())
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

  async listen(): Promise<void> {
    await this.#core.listen()
    if (!this.#options.isHost) return
    const payload = Buffer.from(formatHostState(this.#options.now()))
    this.#core.retain({ topic: hostStateTopic, payload, qos: 1, retain: true })
  }

  serve(socket: Duplex, remote = ''): void {
    if (this.#closed || this.#connections.size >= bounds.connectionsMax) {
      socket.on('error', () => undefined)
      socket.destroy()
      return
    }
    this.#connections.add(new Connection(socket, this.#front, remote))
  }

  publish(topic: string, payload: Buffer | string, qos: 0 | 1 = 1): void {
    this.#relay({ topic, payload: Buffer.from(payload), qos, retain: false })
  }

  disconnect(principalId: string): void {
    this.#disconnectHere(principalId)
    this.#nodes?.revoked(principalId)
  }

  watch({ tenant, id }: { tenant: string; id: string }, watcher: Watcher): Watch {
    const key = watchKey(tenant, id)
    const own = (): Connection[] =>
      [...this.#connections].filter(
        ({ principal: of }) => of?.kind === 'device' && of.tenant === tenant && of.id === id,
      )
    this.#watchers.set(key, watcher)
    for (const connection of own()) connection.watch(watcher)
    return {
      cut: () => {
        for (const connection of own()) connection.close('cut by a session of the lab')
      },
      stop: () => {
        this.#watchers.delete(key)
        for (const connection of own()) connection.watch(undefined)
      },
    }
  }

  stats(): BrokerStats {
    const { acked, ...figures } = this.#figures
    const core = this.#core.figures()
    return {
      ...figures,
      ...core,
      dropped: core.dropped + (this.#nodes?.dropped ?? 0),
      connections: this.#connections.size,
      acked: this.#acks.acked + acked,
      waitingBytes: this.#acks.bytes,
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#sweep)
    for (const connection of this.#connections) connection.close('the broker is closing')
    await this.#core.close()
    this.#nodes?.stop()
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
      watcherOf: (principal) => this.#watcherOf(principal),
      bridge: (side, connect, about) => this.#core.bridge(side, connect, about),
      hold: (connection) => this.#held.add(connection),
      joining: (connection) => this.#nodes?.joining(connection),
      opened: (connection) => this.#options.onClientsChange?.(connection.principal!, true),
      closed: (connection, wasOpen, reason) => this.#forget(connection, wasOpen, reason),
    }
  }

  #nodeTo(): NodeTo {
    return {
      log: this.#log,
      interest: this.#interest,
      now: this.#options.now,
      relay: (packet) => this.#core.relay(packet),
      retain: (packet) => this.#core.retain(packet),
      disconnect: (principalId) => this.#disconnectHere(principalId),
      forgetSession: (principal, clientId) => this.#core.forgetSession(principal, clientId),
    }
  }

  #relay(packet: Relayed): void {
    this.#core.relay(packet)
    this.#nodes?.relayed(packet)
  }

  #disconnectHere(principalId: string): void {
    for (const connection of this.#connections)
      if (connection.principal?.id === principalId) connection.close('its credentials are revoked')
  }

  #authorizePublish(principal: Principal, packet: PublishPacket, done: Done): void {
    // When the broker closes, clients are not dead: their wills are not sent.
    if (this.#closed) {
      done(new Error('the broker is closing'))
      return
    }
    this.#figures.received++
    const { topic } = packet
    const verdict = admit(principal, topic)
    // Only wills of devices come this way, and they may speak of nothing but the own status.
    const forbidden =
      verdict === 'forbidden' || (principal.kind === 'device' && !isOwnStatus(principal, topic))
    const envelope: Envelope = {
      kind: forbidden ? 'forbidden' : 'publish',
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
    const step =
      verdict === 'relay'
        ? () => this.#relayInTurn(packet.qos, done)
        : () => this.#keep(envelope, packet.qos, done)
    if (this.#heldPublishes.length > 0 || !step()) this.#heldPublishes.push(step)
  }

  /** Acknowledgements leave in the order of the packets [MQTT-4.6.0-2], so a packet that is only
   * relayed waits for those before it. */
  #relayInTurn(qos: number, done: Done): true {
    if (qos === 0 || this.#log.end === this.#log.durable) done()
    else this.#acks.push(undefined, waiting(this.#log.end - 1, 0, done))
    return true
  }

  /** False when the log takes nothing now. */
  #keep(envelope: Envelope, qos: number, done: Done): boolean {
    let offset: number
    try {
      offset = this.#log.append(envelope)
    } catch (error) {
      if (error instanceof Unavailable) return false
      throw error
    }
    if (envelope.kind === 'publish' && isSparkplug(envelope.topic))
      this.#options.onSparkplug?.(envelope)
    const acked = () => {
      this.#figures.acked++
      done()
    }
    this.#acks.push(undefined, waiting(offset, envelope.body.length, qos === 0 ? undefined : acked))
    if (qos === 0) done()
    return true
  }

  #resume(): void {
    if (this.#pressed) return
    const publishes = this.#heldPublishes
    while (publishes.length > 0 && publishes[0]!()) publishes.shift()
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
    this.#nodes?.closed(connection)
    const { principal, remote } = connection
    this.#options.logger?.debug({ principal: principal?.id, remote, reason }, 'connection closed')
    if (!wasOpen) return
    this.#watcherOf(principal!)?.closed()
    this.#options.onClientsChange?.(principal!, false)
  }

  #watcherOf({ kind, tenant, id }: Principal): Watcher | undefined {
    return kind === 'device' ? this.#watchers.get(watchKey(tenant, id)) : undefined
  }
}

const watchKey = (tenant: string, id: string): string => `${tenant}/${id}`

function waiting(offset: number, bytes: number, done: Done | undefined) {
  const then = done === undefined ? undefined : () => done()
  return { offset, ack: 0, packetId: 0, bytes, then }
}
