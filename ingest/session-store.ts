// What Aedes keeps between packets: retained packets, subscriptions and queues of sessions that
// outlive their connection, wills, QoS 2 ids. In memory and bounded in every direction: what was
// acknowledged to a publisher is in the log, a session is a convenience. Implements what Aedes
// calls of the promise interface of aedes-persistence 11; that one is unbounded, scans all retained
// packets for every SUBSCRIBE, queues for denied subscriptions and closes connections over packets
// it cannot find.
import { Readable } from 'node:stream'
import type { Aedes, Client, Subscription } from 'aedes'
import { bounds } from '../config.ts'
import { FilterTree } from './filter-tree.ts'
import { isWithin, mayReceive, maySubscribe, type Principal } from './topics.ts'

/** A packet as Aedes hands it over; `brokerCounter` tells packets apart, `messageId` is given on
 * sending. */
export interface StoredPacket {
  cmd: string
  topic: string
  payload: Buffer
  qos: 0 | 1 | 2
  retain: boolean
  dup: boolean
  brokerId?: string
  brokerCounter?: number
  messageId?: number | undefined
  clientId?: string
}

/** What the store asks of those who know the clients. */
export interface SessionOwners {
  owner(client: Client): Principal | undefined
  /** A session is gone: nothing is wanted for it any more. */
  forgotten(clientId: string): void
}

interface Session {
  owner: Principal | undefined
  filters: Map<string, Subscription['qos']>
  queue: StoredPacket[]
  queuedBytes: number
  /** QoS 2 packets received and not yet released [MQTT-4.3.3-2]. */
  incoming: Set<number>
}

interface Subscriber {
  clientId: string
  qos: 1 | 2
}

export class SessionStore {
  /** Packets that found a bound and were not kept. */
  dropped = 0
  readonly #owners: SessionOwners
  readonly #retained = new Map<string, StoredPacket>()
  #retainedBytes = 0
  readonly #sessions = new Map<string, Session>()
  readonly #subscribers = new FilterTree<Subscriber>()
  readonly #wills = new Map<string, StoredPacket>()
  #broker: Aedes | undefined

  constructor(owners: SessionOwners) {
    this.#owners = owners
  }

  get retainedCount(): number {
    return this.#retained.size
  }

  get sessionCount(): number {
    return this.#sessions.size
  }

  async setup(broker: Aedes): Promise<void> {
    this.#broker = broker
  }

  /** An empty payload removes [MQTT-3.3.1-10]. */
  retain(packet: StoredPacket): void {
    const old = this.#retained.get(packet.topic)
    if (old !== undefined) {
      this.#retained.delete(packet.topic)
      this.#retainedBytes -= old.payload.length
    }
    if (packet.payload.length === 0) return
    const bytes = this.#retainedBytes + packet.payload.length
    if (this.#retained.size >= bounds.retainedMax || bytes > bounds.retainedBytesMax) {
      this.dropped++
      return
    }
    this.#retained.set(packet.topic, packet)
    this.#retainedBytes = bytes
  }

  /** Keeps a QoS 1 or 2 packet for every session that outlives its connection and wants it:
   * once, at the highest QoS that overlapping filters allow [MQTT-3.3.5-1]. */
  enqueue(packet: StoredPacket): void {
    const granted = new Map<string, 1 | 2>()
    for (const { clientId, qos } of this.#subscribers.match(packet.topic))
      if (qos > (granted.get(clientId) ?? 0)) granted.set(clientId, qos)
    for (const [clientId, qos] of granted)
      this.#queue(clientId, qos < packet.qos ? { ...packet, qos } : packet)
  }

  createRetainedStreamCombi(filters: string[]): Readable {
    return Readable.from(filters.flatMap((filter) => this.#retainedFor(filter)))
  }

  /** Called by Aedes for sessions that outlive the connection, with all filters of a SUBSCRIBE,
   * those it denied included. */
  async addSubscriptions(client: Client, subscriptions: Subscription[]): Promise<void> {
    const session = this.#sessionOf(client.id)
    const owner = this.#owners.owner(client)
    session.owner = owner
    for (const { topic, qos } of subscriptions) {
      if (owner === undefined || !maySubscribe(owner, topic)) continue
      if (!session.filters.has(topic) && session.filters.size >= bounds.subscriptionsMax) continue
      session.filters.set(topic, qos)
      const clientId = client.id
      if (qos === 1 || qos === 2) this.#subscribers.set(topic, clientId, { clientId, qos })
      else this.#subscribers.delete(topic, clientId)
    }
  }

  async removeSubscriptions(client: Client, filters: string[]): Promise<void> {
    const session = this.#sessions.get(client.id)
    for (const filter of filters)
      if (session?.filters.delete(filter)) this.#subscribers.delete(filter, client.id)
  }

  async subscriptionsByClient(client: { id: string }): Promise<Subscription[]> {
    const session = this.#sessions.get(client.id)
    if (session === undefined) return []
    // The one that came last is the last to be evicted.
    this.#sessions.delete(client.id)
    this.#sessions.set(client.id, session)
    return [...session.filters].map(([topic, qos]) => ({ topic, qos }))
  }

  /** A clean session begins: the old one is discarded [MQTT-3.1.2-6]. */
  async cleanSubscriptions(client: { id: string }): Promise<void> {
    this.forget(client.id)
  }

  /** The session ends, with what it has not received. */
  forget(clientId: string): void {
    const session = this.#sessions.get(clientId)
    this.#sessions.delete(clientId)
    for (const filter of session?.filters.keys() ?? []) this.#subscribers.delete(filter, clientId)
    this.#owners.forgotten(clientId)
  }

  /** A PUBLISH got its packet id, or its PUBREC came and the PUBREL takes its place. */
  async outgoingUpdate(client: Client, packet: StoredPacket): Promise<void> {
    const session = this.#sessions.get(client.id)
    const released = packet.cmd === 'pubrel'
    const found = session?.queue.find((queued) =>
      released
        ? queued.messageId === packet.messageId
        : queued.brokerCounter === packet.brokerCounter,
    )
    // Retained packets and what found the queue full are sent without being queued: no error.
    if (session === undefined || found === undefined) return
    found.messageId = packet.messageId
    if (!released) return
    session.queuedBytes -= found.payload.length
    found.cmd = 'pubrel'
    found.payload = Buffer.alloc(0)
  }

  /** The peer has it. Without a packet id it is one that was queued and must not be delivered. */
  async outgoingClearMessageId(
    client: Client,
    packet: StoredPacket,
  ): Promise<StoredPacket | undefined> {
    const session = this.#sessions.get(client.id)
    if (session === undefined) return undefined
    const index = session.queue.findIndex((queued) =>
      packet.messageId === undefined
        ? queued.brokerCounter === packet.brokerCounter
        : queued.messageId === packet.messageId,
    )
    const [found] = index < 0 ? [] : session.queue.splice(index, 1)
    session.queuedBytes -= found?.payload.length ?? 0
    return found
  }

  /** What an absent session missed. What had been sent before is a duplicate [MQTT-3.3.1-1]. */
  outgoingStream(client: Client): Readable {
    const queue = this.#sessions.get(client.id)?.queue ?? []
    return Readable.from(
      queue.map((packet) =>
        packet.cmd === 'publish' && packet.messageId !== undefined
          ? { ...packet, dup: true }
          : packet,
      ),
    )
  }

  async incomingStorePacket(client: Client, packet: StoredPacket): Promise<void> {
    this.#sessionOf(client.id).incoming.add(packet.messageId ?? 0)
  }

  async incomingGetPacket(client: Client, packet: StoredPacket): Promise<StoredPacket> {
    if (!this.#sessions.get(client.id)?.incoming.has(packet.messageId ?? 0))
      throw new Error('no such packet')
    return packet
  }

  async incomingDelPacket(client: Client, packet: StoredPacket): Promise<void> {
    this.#sessions.get(client.id)?.incoming.delete(packet.messageId ?? 0)
  }

  async cleanIncoming(client: Client): Promise<void> {
    const session = this.#sessions.get(client.id)
    session?.incoming.clear()
    if (session?.filters.size === 0 && session.queue.length === 0) this.#sessions.delete(client.id)
  }

  async putWill(client: Client, will: StoredPacket): Promise<void> {
    will.clientId = client.id
    this.#wills.set(client.id, will)
  }

  async getWill(client: { id: string }): Promise<StoredPacket | undefined> {
    return this.#wills.get(client.id)
  }

  async delWill(client: { id: string }): Promise<StoredPacket | undefined> {
    const will = this.#wills.get(client.id)
    this.#wills.delete(client.id)
    return will
  }

  /** Wills of other brokers that died: there are no others. */
  streamWill(): Readable {
    return Readable.from([])
  }

  #retainedFor(filter: string): StoredPacket[] {
    if (!filter.includes('+') && !filter.includes('#')) {
      const packet = this.#retained.get(filter)
      return packet === undefined ? [] : [packet]
    }
    return [...this.#retained.values()].filter((packet) => isWithin(packet.topic, filter))
  }

  #sessionOf(clientId: string): Session {
    let session = this.#sessions.get(clientId)
    if (session === undefined) {
      if (this.#sessions.size >= bounds.sessionsMax) this.#evict()
      session = {
        ...{ owner: undefined, filters: new Map(), incoming: new Set() },
        ...{ queue: [], queuedBytes: 0 },
      }
      this.#sessions.set(clientId, session)
    }
    return session
  }

  /** The absent session that has not come back for longest makes room. */
  #evict(): void {
    const clients = (this.#broker as unknown as { clients: Record<string, Client> }).clients
    for (const clientId of this.#sessions.keys()) {
      if (clients[clientId] !== undefined) continue
      this.forget(clientId)
      return
    }
  }

  #queue(clientId: string, packet: StoredPacket): void {
    const session = this.#sessions.get(clientId)
    if (session?.owner === undefined || !mayReceive(session.owner, packet.topic)) return
    const bytes = session.queuedBytes + packet.payload.length
    if (session.queue.length >= bounds.offlineQueueMax || bytes > bounds.offlineBytesMax) {
      this.dropped++
      return
    }
    session.queuedBytes = bytes
    session.queue.push({ ...packet, messageId: undefined })
  }
}
