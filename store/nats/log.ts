// The replicated log: NATS JetStream, for many processes on many hosts. Every partition is a
// stream; each process appends to all of them and reads those it claims. This file is the appending
// side: it gives tickets, tells when they are durable, and says when senders should wait.
//
// Durable means here that a majority of the replicas has it: in the memory of their operating
// systems, not on their disks, which NATS syncs every two minutes. The loss of a minority of the
// servers loses nothing; with replicas=1, or when a majority loses power at once, the newest
// envelopes may be lost although they were acknowledged.
import { randomBytes } from 'node:crypto'
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'
import type { Announcements } from '../announcements.ts'
import type { Claims } from '../claims.ts'
import type { Envelope, Log } from '../log.ts'
import { openNatsAnnouncements } from './announcements.ts'
import { openNatsClaims } from './claims.ts'
import { connectNats, type NatsLink, type NatsServers } from './connection.ts'
import { type NatsCursors, openNatsCursors } from './cursors.ts'
import { NatsForeign } from './foreign.ts'
import { offsetOf } from './format.ts'
import { Outbox, type Parcel } from './outbox.ts'
import { messageBytesAbout, NatsPartition, pollEvery } from './partition.ts'
import { bytesMaxOf, openStreams, untilOpen } from './streams.ts'

export interface NatsOptions extends NatsServers {
  /** Begins the names of all streams, buckets and subjects. */
  prefix: string
  replicas: 1 | 3 | 5
  /** Settled when the streams are created. */
  partitions: number
  /** What all partitions may hold together, on each replica. */
  bytesMax: number
  /** From 0 to 63: envelopes of one slot keep their order. */
  slotOf: (envelope: Envelope) => number
}

export interface NatsStore {
  log: Log
  claims: Claims
  announcements: Announcements
  /** Why NATS is away; undefined while it is there. */
  readonly failure: Error | undefined
  close(): Promise<void>
}

/** Throws OperatorError when NATS does not answer or its streams are not those of the settings. */
export async function openNats(options: NatsOptions): Promise<NatsStore> {
  const link = await connectNats(options)
  try {
    const writer = `${options.node.replace(/[^A-Za-z0-9-]/g, '-')}-${randomBytes(4).toString('hex')}`
    const ids = await openStreams(link, options)
    const cursors = await openNatsCursors(link, { ...options, ids })
    const claims = await openNatsClaims(link, { ...options, member: writer })
    const log = new NatsLog({ ...options, link, ids, cursors, writer })
    await untilOpen(link, () => log.begin())
    const announcements = openNatsAnnouncements(link, options)
    return {
      log,
      claims,
      announcements,
      get failure() {
        return link.failure
      },
      close: async () => {
        await claims.close()
        announcements.close()
        await log.close()
        await link.close()
      },
    }
  } catch (error) {
    await link.close()
    throw error
  }
}

interface NatsLogOptions extends NatsOptions {
  link: NatsLink
  ids: readonly number[]
  cursors: ReadonlyMap<number, NatsCursors>
  /** Names this process from its start to its end: a name used again would hide what is new. */
  writer: string
}

interface Waiter {
  ticket: number
  resolve: (offset: number) => void
  reject: (error: Error) => void
}

const ticketMask = bounds.natsTicketsMax - 1

class NatsLog implements Log {
  end = 0
  durable = 0
  pressed = false
  readonly partitions: readonly NatsPartition[]

  readonly #options: NatsLogOptions
  readonly #foreign: NatsForeign
  readonly #outboxes: readonly Outbox[]
  /** Offsets of the newest tickets, in a ring; 0 while not stored. */
  readonly #offsets = new Float64Array(bounds.natsTicketsMax)
  readonly #durableListeners = new Set<(durable: number) => void>()
  readonly #pressureListeners = new Set<(pressed: boolean) => void>()
  #waiters: Waiter[] = []
  #window: NodeJS.Timeout | undefined
  #windowOpen = false
  #pendingBytes = 0
  #closed = false
  #stopPolling: () => void = () => undefined

  constructor(options: NatsLogOptions) {
    const { link, ids, cursors, prefix, partitions, writer } = options
    this.#options = options
    this.#foreign = new NatsForeign(link, prefix)
    const bytesMax = bytesMaxOf(options)
    const sized = (): void => this.#judgePressure()
    this.partitions = ids.map(
      (id) =>
        new NatsPartition({
          ...{ link, prefix, id, partitions, bytesMax, sized },
          cursors: cursors.get(id)!,
        }),
    )
    this.#outboxes = this.partitions.map(
      (partition) =>
        new Outbox({
          ...{ link, prefix, id: partition.id, writer },
          stored: (parcel, first, last) => this.#stored(partition, parcel, [first, last]),
          relieved: (bytes) => {
            this.#pendingBytes -= bytes
            this.#judgePressure()
          },
        }),
    )
  }

  /** Why the batch that stands first is not stored; it is sent again until it is. */
  get fault(): Error | undefined {
    return this.#outboxes.find(({ fault }) => fault !== undefined)?.fault
  }

  /** No promise, closure or object per append: it runs a hundred thousand times a second. */
  append(envelope: Envelope): number {
    if (this.#closed) throw new Unavailable('the log is closed')
    const { slotOf, partitions } = this.#options
    const index = envelope.kind === 'capture' ? partitions : slotOf(envelope) % partitions
    const outbox = this.#outboxes[index]!
    const before = outbox.pendingBytes
    const { bytes, bytesMax } = this.partitions[index]!
    if (bytes + before + envelope.body.length > bytesMax)
      throw new Unavailable(`a partition of the log holds the ${bytesMax} bytes it may hold`)
    if (this.#pendingBytes >= bounds.logPendingBytesMax || this.end - this.durable > ticketMask)
      throw new Unavailable(`${this.end - this.durable} envelopes wait for NATS`)
    const ticket = this.end
    const isFirst = outbox.add(envelope, ticket)
    this.#offsets[ticket & ticketMask] = 0
    this.#pendingBytes += outbox.pendingBytes - before
    this.end++
    if (isFirst && !this.#windowOpen) this.#openWindow()
    if (!this.pressed) this.#judgePressure()
    return ticket
  }

  onDurable(listener: (durable: number) => void): () => void {
    this.#durableListeners.add(listener)
    return () => this.#durableListeners.delete(listener)
  }

  onPressure(listener: (pressed: boolean) => void): () => void {
    this.#pressureListeners.add(listener)
    return () => this.#pressureListeners.delete(listener)
  }

  whenDurable(ticket: number): Promise<number> {
    if (ticket < this.durable) {
      const offset = this.#offsets[ticket & ticketMask]!
      if (ticket >= this.end - bounds.natsTicketsMax && offset > 0) return Promise.resolve(offset)
      return Promise.reject(new Unavailable(`where ticket ${ticket} is kept was forgotten`))
    }
    if (this.#closed) return Promise.reject(new Unavailable('the log is closed'))
    return new Promise((resolve, reject) => {
      this.#waiters.push({ ticket, resolve, reject })
    })
  }

  foreign(listener: (envelopes: Envelope[]) => void): () => void {
    return this.#foreign.listen(listener)
  }

  /** Learns where the partitions end, and keeps knowing it. Rejects with Unavailable. */
  async begin(): Promise<void> {
    await Promise.all(this.partitions.map((partition) => partition.poll()))
    this.#stopPolling = pollEvery(this.partitions, this.#options.cursors)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#window)
    this.#stopPolling()
    const { link, cursors } = this.#options
    // While NATS is away nothing can go; what was not acknowledged may come again elsewhere.
    const deadlineMs = link.failure || this.fault ? 0 : bounds.drainTimeoutMs
    await Promise.all(this.#outboxes.map((outbox) => outbox.close(deadlineMs)))
    await Promise.all([...cursors.values()].map((one) => one.close()))
    for (const partition of this.partitions) partition.close()
    const closed = new Unavailable('the log was closed before this was durable')
    for (const waiter of this.#waiters.splice(0)) waiter.reject(closed)
  }

  /** One for all partitions. */
  #openWindow(): void {
    this.#windowOpen = true
    this.#window ??= setTimeout(() => {
      this.#windowOpen = false
      for (const outbox of this.#outboxes) outbox.flush()
    }, bounds.natsWindowMs)
    this.#window.refresh()
  }

  #stored(partition: NatsPartition, parcel: Parcel, [first, last]: [number, number]): void {
    const { slab, tickets } = parcel
    const offset = offsetOf(first, partition.id)
    for (let place = 0; place < slab.count; place++)
      this.#offsets[tickets[place]! & ticketMask] = offset + place
    partition.appended(last, slab.length + (last - first + 1) * messageBytesAbout)
    let { durable } = this
    while (durable < this.end && this.#offsets[durable & ticketMask]! > 0) durable++
    if (durable > this.durable) this.#tellDurable(durable)
  }

  #tellDurable(durable: number): void {
    this.durable = durable
    if (this.#waiters.length > 0) {
      const waiters = this.#waiters
      this.#waiters = waiters.filter(({ ticket }) => ticket >= durable)
      for (const { ticket, resolve } of waiters)
        if (ticket < durable) resolve(this.#offsets[ticket & ticketMask]!)
    }
    for (const listener of this.#durableListeners) listener(durable)
  }

  #judgePressure(): void {
    // Relief has a lower line, or senders would be stopped and let go at every batch.
    const keptShare = this.pressed ? bounds.logRelieveShare : bounds.logPressShare
    const pendingShare = this.pressed ? bounds.logRelieveShare : 1
    const pressed =
      this.#pendingBytes > bounds.unackedBytesMax * pendingShare ||
      this.end - this.durable > (bounds.natsTicketsMax / 2) * pendingShare ||
      this.partitions.some(({ bytes, bytesMax }) => bytes > bytesMax * keptShare)
    if (pressed === this.pressed) return
    this.pressed = pressed
    for (const listener of this.#pressureListeners) listener(pressed)
  }
}
