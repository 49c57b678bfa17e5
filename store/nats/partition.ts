// The reading side of the replicated log: one partition, one JetStream stream. Followers read it by
// sequence number and keep their cursors in a bucket; no consumer of JetStream has a state here, so
// none can be lost, forgotten or left behind.
//
// What can be read is known from ticks, which whoever appends says after each acknowledgement, and
// from the stream itself, which is asked now and then in case one was lost.
import type { Subscription } from '@nats-io/transport-node'
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'
import type { EnvelopeKind, LoggedEnvelope, Partition } from '../log.ts'
import { entryBytesAbout } from '../recent-batches.ts'
import { allSlots } from '../slots.ts'
import { NatsBatches } from './batches.ts'
import { type NatsLink, unavailable } from './connection.ts'
import type { NatsCursors } from './cursors.ts'
import { capturesId, offsetOf, parsePart, sequenceOf, streamOf, tickSubject } from './format.ts'

export interface NatsPartitionOptions {
  link: NatsLink
  prefix: string
  id: number
  /** How many partitions share the slots. */
  partitions: number
  bytesMax: number
  cursors: NatsCursors
  /** The size changed. */
  sized: () => void
}

export class NatsPartition implements Partition {
  readonly id: number
  readonly kinds: readonly EnvelopeKind[]
  readonly slots: readonly number[]
  readonly bytesMax: number
  /** Kept by the stream, as far as is known here. */
  bytes = 0

  readonly #options: NatsPartitionOptions
  readonly #stream: string
  readonly #batches: NatsBatches
  readonly #listeners = new Set<() => void>()
  #ticks: Subscription | undefined
  /** Sequence number of the last message that ends a batch. */
  #last = 0
  #first = 1
  #closed = false

  constructor(options: NatsPartitionOptions) {
    const { id, partitions, prefix, link, bytesMax } = options
    this.#options = options
    this.bytesMax = bytesMax
    this.id = id
    this.kinds = id === capturesId ? ['capture'] : ['publish', 'forbidden', 'readings']
    this.slots = id === capturesId ? allSlots : allSlots.filter((slot) => slot % partitions === id)
    this.#stream = streamOf(prefix, id)
    this.#batches = new NatsBatches(link, { prefix, id })
  }

  get readable(): number {
    return offsetOf(this.#last + 1, this.id)
  }

  onReadable(listener: () => void): () => void {
    const { link, prefix } = this.#options
    this.#listeners.add(listener)
    if (!this.#ticks) {
      this.#ticks = link.connection.subscribe(tickSubject(prefix, this.id), {
        callback: (_error, { data }) => this.#grow(Number(Buffer.from(data).toString())),
      })
      // What was said before anybody listened. Unavailable: the next poll will tell.
      this.poll().catch(() => undefined)
    }
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      if (!this.#closed) this.#ticks?.unsubscribe()
      this.#ticks = undefined
    }
  }

  async read(
    from: number,
    countMax: number,
    bytesMax: number,
  ): Promise<{ envelopes: LoggedEnvelope[]; next: number }> {
    const last = this.#last
    const envelopes: LoggedEnvelope[] = []
    let next = Math.max(from, offsetOf(this.#first, this.id))
    let bytes = 0
    while (envelopes.length < countMax && bytes < bytesMax) {
      if (this.#closed) throw new Unavailable('the log is closed')
      const sequence = sequenceOf(next)
      if (sequence > last) break
      const batch = await this.#batches.at(sequence, last)
      next = offsetOf(batch.next, this.id)
      for (const envelope of batch.envelopes) {
        if (envelope.offset < from) continue
        if (envelopes.length === countMax || bytes >= bytesMax) {
          next = envelope.offset
          break
        }
        envelopes.push(envelope)
        bytes += envelope.body.length + entryBytesAbout
      }
    }
    return { envelopes, next }
  }

  cursor(follower: string): number {
    return this.#options.cursors.get(follower)
  }

  /**
   * The log is asked as well, after it: whoever takes a follower over must know as much of the end
   * as the one before, or it would seem to be ahead of the log.
   */
  async keptCursor(follower: string): Promise<number> {
    const cursor = await this.#options.cursors.kept(follower)
    await this.poll()
    return cursor
  }

  setCursor(follower: string, offset: number): Promise<void> {
    if (offset > this.readable) throw new RangeError(`${follower} cannot have passed ${offset} yet`)
    return this.#options.cursors.set(follower, offset)
  }

  passed(follower: string, offset: number): Promise<void> {
    return this.#options.cursors.passed(follower, offset)
  }

  behind(offset: number): number {
    const batches = this.#last + 1 - Math.max(sequenceOf(offset), this.#first)
    if (batches <= 0) return 0
    return Math.ceil(batches * this.#batches.countAbout)
  }

  keepFor(follower: string): void {
    this.#options.cursors.keepFor(follower)
  }

  async trim(): Promise<void> {
    const { cursors, link } = this.#options
    const passed = sequenceOf(await cursors.passedByAll())
    // The newest stays in any case.
    const seq = Math.min(passed, this.#last)
    if (seq <= this.#first) return
    try {
      await link.streams.purge(this.#stream, { seq })
    } catch (error) {
      throw unavailable(error, 'the log could not be trimmed')
    }
    await this.poll()
  }

  size(): { bytes: number; bytesMax: number; first: number } {
    const { bytes, bytesMax } = this
    return { bytes, bytesMax, first: offsetOf(this.#first, this.id) }
  }

  /** This process had a batch stored, the last message of which is this one. */
  appended(sequence: number, bytes: number): void {
    const { link, prefix } = this.#options
    this.bytes += bytes
    this.#grow(sequence)
    link.tell(tickSubject(prefix, this.id), String(sequence))
  }

  /** Asks the stream itself. Rejects with Unavailable. */
  async poll(): Promise<void> {
    const { link, sized } = this.#options
    try {
      const { state } = await link.streams.info(this.#stream)
      this.#first = Math.max(1, state.first_seq)
      this.bytes = state.bytes
      if (state.last_seq > this.#last) this.#grow(await this.#lastWhole(state.last_seq))
    } catch (error) {
      throw unavailable(error, `the stream ${this.#stream} does not answer`)
    }
    sized()
  }

  close(): void {
    this.#closed = true
    this.#ticks?.unsubscribe()
  }

  /** What ends with a part that is not its last may still grow: it counts from where it began. */
  async #lastWhole(newest: number): Promise<number> {
    const { streams } = this.#options.link
    for (let sequence = newest; sequence > this.#last; ) {
      const message = await streams.getMessage(this.#stream, { seq: sequence })
      const part = parsePart(message?.header)
      if (!part || part.part === part.parts - 1) return sequence
      sequence -= part.part + 1
    }
    return this.#last
  }

  #grow(sequence: number): void {
    if (sequence <= this.#last || this.#closed) return
    this.#last = sequence
    for (const listener of this.#listeners) listener()
  }
}

/** About what NATS keeps of a message beside its payload. */
export const messageBytesAbout = 200

/** Asks all streams and cursors in turn. Returns the way to stop it. */
export function pollEvery(
  partitions: readonly NatsPartition[],
  cursors: ReadonlyMap<number, NatsCursors>,
): () => void {
  let underWay = false
  const poll = async (): Promise<void> => {
    if (underWay) return
    underWay = true
    // Unavailable: the next one will tell.
    await Promise.allSettled([...partitions, ...cursors.values()].map((one) => one.poll()))
    underWay = false
  }
  const timer = setInterval(poll, bounds.natsPollMs).unref()
  return () => clearInterval(timer)
}
