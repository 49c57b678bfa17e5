// The batches that were read last, decoded: followers pass the same place of the log shortly after
// each other, and checking and decoding a batch costs more than all that is done with most of its
// envelopes. Knows no disk; what it holds is bounded in bytes.
import { type Batch, batchStart, readEntry } from './envelope.ts'
import type { LoggedEnvelope } from './log.ts'

/** Bodies are views of the batch. */
export interface DecodedBatch {
  first: number
  envelopes: readonly LoggedEnvelope[]
  bytes: number
}

/** About what an envelope takes in the log beside its body. */
export const entryBytesAbout = 64

export class RecentBatches {
  readonly #bytesMax: number
  /** By first offset; the one that was asked for last stands last. */
  readonly #batches = new Map<number, DecodedBatch>()
  #bytes = 0
  #last: DecodedBatch | undefined

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The batch that holds the offset; undefined when it is not here. */
  holding(offset: number): DecodedBatch | undefined {
    if (this.#last && holds(this.#last, offset)) return this.#last
    // As followers go from batch to batch, the wanted offset is nearly always a first one.
    let found = this.#batches.get(offset)
    if (found === undefined)
      for (const batch of this.#batches.values()) if (holds(batch, offset)) found = batch
    if (found === undefined) return undefined
    this.#batches.delete(found.first)
    this.#batches.set(found.first, found)
    this.#last = found
    return found
  }

  keep(batch: Batch): DecodedBatch {
    const envelopes: LoggedEnvelope[] = []
    for (const place = batchStart(); place.index < batch.count; )
      envelopes.push(readEntry(batch, place))
    const bytes = batch.bytes.length + envelopes.length * entryBytesAbout
    const decoded = { first: batch.first, envelopes, bytes }
    this.#batches.set(batch.first, decoded)
    this.#bytes += bytes
    this.#last = decoded
    for (const [first, oldest] of this.#batches) {
      if (this.#bytes <= this.#bytesMax || oldest === decoded) break
      this.#batches.delete(first)
      this.#bytes -= oldest.bytes
    }
    return decoded
  }

  /** Lets go of what ends at or below the offset: everybody has read it. */
  forgetBelow(offset: number): void {
    for (const [first, batch] of this.#batches) {
      if (first + batch.envelopes.length > offset) continue
      this.#batches.delete(first)
      this.#bytes -= batch.bytes
      if (this.#last === batch) this.#last = undefined
    }
  }
}

const holds = ({ first, envelopes }: DecodedBatch, offset: number): boolean =>
  offset >= first && offset < first + envelopes.length
