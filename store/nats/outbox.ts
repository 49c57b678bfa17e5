// The way of envelopes into one partition of the replicated log: collected into batches, each
// published until the stream has acknowledged it. One at a time, so that what one process appends
// keeps its order; what comes in meanwhile makes the next batch bigger. Never drops a batch, and
// never stores one twice: the stream knows it by its id when it comes again.
import { setTimeout as delay } from 'node:timers/promises'
import { headers } from '@nats-io/transport-node'
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'
import {
  clearSlab,
  createSlab,
  type Slab,
  sealSlab,
  slabBytesFor,
  writeEntry,
} from '../envelope.ts'
import type { Envelope } from '../log.ts'
import type { NatsLink } from './connection.ts'
import { batchCountMax, formatId, idHeader, logSubject, partHeader } from './format.ts'

/** Envelopes on their way, with their tickets. */
export interface Parcel {
  slab: Slab
  /** As many as there are envelopes. */
  tickets: Float64Array
  number: number
  /** It was sent more than once, so NATS' client may still hold its bytes. */
  repeated: boolean
}

export interface OutboxOptions {
  link: NatsLink
  prefix: string
  id: number
  /** Names this process from its start to its end. */
  writer: string
  /** A parcel is durable: the sequence numbers of its first and last message. */
  stored: (parcel: Parcel, first: number, last: number) => void
  /** So many bytes are no longer pending. */
  relieved: (bytes: number) => void
}

/** JetStream's numbers of errors. */
const wrongLastSequence = 10071
/** Room for headers in a message of the largest size. */
const headerBytesMax = 1024
const spareParcelsMax = 2

interface Answer {
  seq?: number
  error?: { err_code?: number; description?: string }
}

export class Outbox {
  readonly id: number
  /** Bytes not yet durable. */
  pendingBytes = 0
  /** Why the parcel that stands first is not stored yet. */
  fault: Error | undefined

  readonly #options: OutboxOptions
  readonly #subject: string
  readonly #closing = new AbortController()
  readonly #waiting: Parcel[] = []
  readonly #spares: Parcel[] = []
  #open: Parcel
  #due = false
  #number = 0
  #publishing: Promise<void> | undefined
  #giveUp = false
  readonly #givenUp: Promise<void>

  constructor(options: OutboxOptions) {
    const { signal } = this.#closing
    this.#givenUp = new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    this.#options = options
    this.id = options.id
    this.#subject = logSubject(options.prefix, options.id)
    this.#open = this.#emptyParcel(bounds.natsBatchBytesMax)
  }

  /** Copies the envelope. True when it is the first of its batch: a window should begin. */
  add(envelope: Envelope, ticket: number): boolean {
    if (this.#open.slab.count === batchCountMax) this.#startParcel(0)
    let before = this.#open.slab.length
    if (!writeEntry(this.#open.slab, envelope)) {
      this.#startParcel(slabBytesFor(envelope))
      before = this.#open.slab.length
      writeEntry(this.#open.slab, envelope)
    }
    const { slab, tickets } = this.#open
    tickets[slab.count - 1] = ticket
    this.pendingBytes += slab.length - before
    if (slab.length >= bounds.commitBytes) this.#publish()
    return slab.count === 1
  }

  /** The window is over: what is there goes as it is. */
  flush(): void {
    if (this.#open.slab.count === 0 || this.#due) return
    this.#due = true
    this.#publish()
  }

  /** Publishes what it can; what is refused or unanswered after the deadline never went. */
  async close(deadlineMs: number): Promise<void> {
    this.flush()
    if (!this.#publishing) return
    const timer = setTimeout(() => {
      this.#giveUp = true
      this.#closing.abort()
    }, deadlineMs)
    await this.#publishing
    clearTimeout(timer)
  }

  #emptyParcel(bytesMax: number): Parcel {
    const tickets = new Float64Array(batchCountMax)
    return { slab: createSlab(bytesMax), tickets, number: 0, repeated: false }
  }

  #startParcel(bytesNeeded: number): void {
    if (this.#open.slab.count > 0) this.#waiting.push(this.#open)
    const spare = bytesNeeded <= bounds.natsBatchBytesMax ? this.#spares.pop() : undefined
    this.#open = spare ?? this.#emptyParcel(Math.max(bytesNeeded, bounds.natsBatchBytesMax))
    if (this.#waiting.length > 0) this.#publish()
  }

  #publish(): void {
    this.#publishing ??= this.#publishAll()
  }

  /** One parcel after the other until what is left may still wait for company. */
  async #publishAll(): Promise<void> {
    // Lets `#publishing` be set before anything below can end.
    await undefined
    do {
      // Due is the open parcel: while an older one goes first, it remains so.
      if (this.#waiting.length === 0) this.#due = false
      if (this.#waiting.length === 0 && this.#open.slab.count > 0) this.#startParcel(0)
      const parcel = this.#waiting.shift()
      if (!parcel || !(await this.#storeUntilKept(parcel))) break
    } while (this.#isDue())
    this.#publishing = undefined
  }

  #isDue(): boolean {
    const { slab } = this.#open
    return this.#due || this.#waiting.length > 0 || slab.length >= bounds.commitBytes
  }

  /** False when it was given up. */
  async #storeUntilKept(parcel: Parcel): Promise<boolean> {
    parcel.number = ++this.#number
    sealSlab(parcel.slab, 0)
    const [firstMs, longestMs]: readonly [number, number] = bounds.natsRetryMs
    for (let attempt = 0, waitMs = firstMs; ; waitMs = Math.min(2 * waitMs, longestMs)) {
      try {
        const stored = await this.#store(parcel, attempt)
        if (stored) {
          this.#keep(parcel, stored)
          return true
        }
        // Another writer came between two parts: a new run, after a wait that differs from theirs.
        attempt++
        await delay(waitMs * Math.random())
      } catch (error) {
        this.fault = error as Error
        parcel.repeated = true
        if (this.#giveUp) return false
        await delay(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined)
        await Promise.race([this.#options.link.connected(), this.#givenUp])
      }
      if (this.#giveUp) return false
    }
  }

  /** Sequence numbers of its first and last message; undefined when the run was broken. */
  async #store(parcel: Parcel, attempt: number): Promise<[number, number] | undefined> {
    const { link } = this.#options
    const { bytes, length } = parcel.slab
    const partBytes = (link.connection.info?.max_payload ?? 2 ** 20) - headerBytesMax
    const parts = Math.ceil(length / partBytes)
    let first = 0
    for (let part = 0; part < parts; part++) {
      const head = headers()
      const { writer } = this.#options
      head.set(idHeader, formatId({ writer, number: parcel.number, attempt, part, parts }))
      if (parts > 1) head.set(partHeader, `${part}/${parts}`)
      if (part > 0) head.set('Nats-Expected-Last-Sequence', String(first + part - 1))
      const payload = bytes.subarray(part * partBytes, Math.min(length, (part + 1) * partBytes))
      const answer = (await link.request(this.#subject, payload, head)).json<Answer>()
      if (answer.error?.err_code === wrongLastSequence) return undefined
      if (answer.error || !answer.seq)
        throw new Unavailable(`NATS did not store a batch: ${answer.error?.description}`)
      // Parts stored before a change of leader may have been lost with it.
      if (part > 0 && answer.seq !== first + part) return undefined
      if (part === 0) first = answer.seq
    }
    return [first, first + parts - 1]
  }

  #keep(parcel: Parcel, [first, last]: [number, number]): void {
    this.fault = undefined
    const { slab, repeated } = parcel
    const { length } = slab
    this.#options.stored(parcel, first, last)
    clearSlab(slab)
    this.pendingBytes -= length - slab.length
    this.#options.relieved(length - slab.length)
    const usual = slab.bytes.length === bounds.natsBatchBytesMax && !repeated
    if (usual && this.#spares.length < spareParcelsMax) this.#spares.push(parcel)
  }
}
