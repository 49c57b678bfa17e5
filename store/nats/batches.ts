// The batches of one partition as they are read: fetched by sequence number, some ahead of whoever
// reads, checked, decoded, and kept for a while, because followers pass the same place shortly
// after each other. Never skips a message that exists: one that a replica does not have yet is
// asked for again.
import { setTimeout as delay } from 'node:timers/promises'
import type { MsgHdrs } from '@nats-io/transport-node'
import { bounds } from '../../config.ts'
import { Corrupt, Unavailable } from '../../domain/refusal.ts'
import { batchStart, openBatch, readEntry } from '../envelope.ts'
import type { LoggedEnvelope } from '../log.ts'
import { entryBytesAbout } from '../recent-batches.ts'
import { type NatsLink, unavailable } from './connection.ts'
import { offsetOf, type PartOf, parsePart, sameRun, streamOf } from './format.ts'

export interface NatsBatch {
  /** Empty for what no batch begins with: later parts, and runs that were broken. */
  envelopes: readonly LoggedEnvelope[]
  /** Sequence number of what comes after it. */
  next: number
  bytes: number
}

interface Fetched {
  batch: Promise<NatsBatch>
  /** Undefined while it is under way. */
  bytes: number | undefined
}

interface Message {
  part: PartOf | undefined
  data: Uint8Array
}

/** A replica lags for milliseconds; after so many answers its leader is asked. */
const laggingMax = 4

export class NatsBatches {
  readonly #link: NatsLink
  readonly #stream: string
  readonly #id: number
  /** By sequence number, the oldest first; those under way are among them. */
  readonly #kept = new Map<number, Fetched>()
  #keptBytes = 0
  #bytesAbout = 64 * 1024
  /** Envelopes of a batch, as it is with the newest. */
  countAbout = 1

  constructor(link: NatsLink, { prefix, id }: { prefix: string; id: number }) {
    this.#link = link
    this.#stream = streamOf(prefix, id)
    this.#id = id
  }

  /**
   * What stands at a sequence number up to `last`, which is known to be there. Begins to fetch what
   * follows. Rejects with Unavailable or Corrupt.
   */
  at(sequence: number, last: number): Promise<NatsBatch> {
    const ahead = Math.ceil(bounds.natsAheadBytesMax / this.#bytesAbout)
    const end = Math.min(last, sequence + Math.min(ahead, bounds.natsAheadMax) - 1)
    for (let wanted = sequence; wanted <= end; wanted++)
      if (!this.#kept.has(wanted)) this.#begin(wanted, last)
    return this.#kept.get(sequence)!.batch
  }

  #begin(sequence: number, last: number): void {
    const fetched: Fetched = { batch: this.#fetch(sequence, last), bytes: undefined }
    this.#kept.set(sequence, fetched)
    fetched.batch.then(
      (batch) => {
        fetched.bytes = batch.bytes
        this.#keptBytes += batch.bytes
        this.#note(batch)
      },
      // Whoever asked hears of it; the next one asks again.
      () => this.#kept.delete(sequence),
    )
  }

  #note({ bytes, envelopes }: NatsBatch): void {
    if (envelopes.length > 0) {
      this.#bytesAbout += (bytes - this.#bytesAbout) / 8
      this.countAbout += (envelopes.length - this.countAbout) / 8
    }
    if (this.#keptBytes <= bounds.natsCacheBytesMax) return
    // The oldest go, until half is left: one pass in a while instead of one per batch.
    for (const [sequence, kept] of this.#kept) {
      if (this.#keptBytes <= bounds.natsCacheBytesMax / 2) return
      if (kept.bytes === undefined) continue
      this.#kept.delete(sequence)
      this.#keptBytes -= kept.bytes
    }
  }

  async #fetch(sequence: number, last: number): Promise<NatsBatch> {
    const message = await this.#message(sequence)
    const nothing = { envelopes: [], next: sequence + 1, bytes: 0 }
    if (!message) return nothing
    const { part, data } = message
    if (!part) throw this.#corrupt(sequence, 'a message of another program is in the log')
    if (part.part > 0) return nothing
    if (part.parts === 1) return this.#decode(sequence, [data])
    // What follows a run is known to be there, so all of a run that is whole is, too.
    if (sequence + part.parts - 1 > last) return nothing
    const run = [data]
    for (let index = 1; index < part.parts; index++) {
      const more = await this.#message(sequence + index)
      if (!more?.part || more.part.part !== index || !sameRun(more.part, part)) return nothing
      run.push(more.data)
    }
    return this.#decode(sequence, run)
  }

  #decode(sequence: number, parts: Uint8Array[]): NatsBatch {
    const first = offsetOf(sequence, this.#id)
    // A copy: the bytes are views of what the socket happened to deliver along with them.
    const batch = { ...openBatch(Buffer.concat(parts), first, 0), first }
    const envelopes: LoggedEnvelope[] = []
    for (const place = batchStart(); place.index < batch.count; )
      envelopes.push(readEntry(batch, place))
    const bytes = batch.bytes.length + envelopes.length * entryBytesAbout
    return { envelopes, next: sequence + parts.length, bytes }
  }

  /** Undefined when it was trimmed. */
  async #message(sequence: number): Promise<Message | undefined> {
    for (let attempt = 0; attempt < laggingMax; attempt++) {
      const subject = `$JS.API.DIRECT.GET.${this.#stream}`
      const answer = await this.#link.request(subject, `{"seq":${sequence}}`)
      const code = answer.headers?.code ?? 0
      if (code === 0) return messageOf(answer.headers, answer.data)
      if (code !== 404)
        throw new Unavailable(`NATS: ${answer.headers?.description ?? code}`, bounds.natsRetryMs[0])
      await delay(2 ** attempt * 5)
    }
    return this.#messageOfLeader(sequence)
  }

  async #messageOfLeader(sequence: number): Promise<Message | undefined> {
    const { streams } = this.#link
    const away = (error: unknown): never => {
      throw unavailable(error, 'NATS')
    }
    const stored = await streams.getMessage(this.#stream, { seq: sequence }).catch(away)
    if (stored) return messageOf(stored.header, stored.data)
    const { state } = await streams.info(this.#stream).catch(away)
    if (sequence < state.first_seq) return undefined
    const where = `message ${sequence} of stream ${this.#stream}`
    throw new Unavailable(`NATS does not have ${where}, though it acknowledged it`)
  }

  #corrupt(sequence: number, what: string): Corrupt {
    return new Corrupt(`message ${sequence} of stream ${this.#stream}`, what)
  }
}

function messageOf(headers: MsgHdrs | undefined, data: Uint8Array): Message {
  return { part: parsePart(headers), data }
}
