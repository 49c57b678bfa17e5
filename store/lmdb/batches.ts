// The batches that the embedded log keeps: finding, reading and dropping them. Writing them is
// store/lmdb/log.ts; this file knows no pending envelopes and no cursors.
import { bounds } from '../../config.ts'
import { Corrupt } from '../../domain/refusal.ts'
import { type Batch, openBatch } from '../envelope.ts'
import { type DecodedBatch, RecentBatches } from '../recent-batches.ts'
import { type LmdbFiles, transact } from './files.ts'

export class KeptBatches {
  /** The oldest offset kept. */
  first: number
  /** One past the newest when it was opened. */
  readonly end: number
  readonly #files: LmdbFiles
  readonly #recent = new RecentBatches(bounds.readCacheBytesMax)

  /** Throws Corrupt when the newest batch is damaged. */
  constructor(files: LmdbFiles) {
    this.#files = files
    const [oldest] = files.batches.getKeys({ limit: 1 })
    const [newest] = files.batches.getKeys({ reverse: true, limit: 1 })
    const last = newest === undefined ? undefined : this.#load(newest)
    this.first = oldest ?? 0
    this.end = last === undefined ? 0 : last.first + last.count
  }

  /** The batch with this durable offset. Throws Corrupt. */
  holding(offset: number): DecodedBatch {
    const recent = this.#recent.holding(offset)
    if (recent) return recent
    const [key] = this.#files.batches.getKeys({ start: offset, reverse: true, limit: 1 })
    const batch = this.#load(key ?? offset)
    if (offset >= batch.first + batch.count)
      throw new Corrupt(`log offset ${offset}`, 'the log has a hole')
    return this.#recent.keep(batch)
  }

  /** Nobody will ask for what ends at or below: it is read from disk if somebody does. */
  readBelow(offset: number): void {
    this.#recent.forgetBelow(offset)
  }

  /** Drops in one transaction what ends at or below. False when there was nothing to drop. */
  async dropBelow(upTo: number): Promise<boolean> {
    const { batches } = this.#files
    const keys = [...batches.getKeys({ limit: bounds.trimBatchesMax + 1 })]
    // The newest stays in any case: it knows the end.
    let dropped = 0
    while (dropped + 1 < keys.length && keys[dropped + 1]! <= upTo) dropped++
    if (dropped === 0) return false
    // Before they are gone, so that no reader looks for them.
    this.first = keys[dropped]!
    await transact(this.#files, () => {
      for (const key of keys.slice(0, dropped)) batches.remove(key)
    })
    return true
  }

  /** A copy: the memory LMDB shows is good until the next look only. */
  #load(first: number): Batch {
    let bytes: Buffer | undefined
    try {
      bytes = this.#files.batches.getBinary(first)
    } catch (error) {
      throw new Corrupt(`log offset ${first}`, 'a batch of the log cannot be read', error)
    }
    if (!bytes) throw new Corrupt(`log offset ${first}`, 'a batch of the log is missing')
    return openBatch(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), first)
  }
}
