// The embedded log: group commit into LMDB. Appends are encoded at once into an open slab; a slab
// becomes one checksummed value under its first offset and is durable after fdatasync. Never looks
// into a body, never has two commits under way, never drops a batch that could not be written.
//
// One commit at a time: of two, the later could succeed after the earlier failed, and a crash in
// that moment would leave a hole. What comes in meanwhile makes the next batch bigger.
import { setTimeout as delay } from 'node:timers/promises'
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'
import { Cursors } from '../cursors.ts'
import {
  clearSlab,
  createSlab,
  type Slab,
  sealSlab,
  slabBytesFor,
  writeEntry,
} from '../envelope.ts'
import type { Envelope, EnvelopeKind, Log, LoggedEnvelope, Partition } from '../log.ts'
import { entryBytesAbout } from '../recent-batches.ts'
import { allSlots } from '../slots.ts'
import { KeptBatches } from './batches.ts'
import {
  copyFiles,
  keptBytes,
  type LmdbFiles,
  openLmdbFiles,
  storedBytes,
  transact,
} from './files.ts'

export interface LmdbLogOptions {
  /** Created when missing. One log per folder, one process per log. */
  folder: string
  /** The most that batches may take on disk; beyond it `append` throws Unavailable. */
  bytesMax: number
  /** First and longest wait after a failed commit. */
  retryMs?: readonly [number, number]
}

/** Throws OperatorError when the folder is unusable, Corrupt when its newest batch is damaged. */
export async function openLmdbLog(options: LmdbLogOptions): Promise<LmdbLog> {
  const files = openLmdbFiles(options.folder)
  try {
    return new LmdbLog(files, options)
  } catch (error) {
    await files.env.close()
    throw error
  }
}

/** Envelopes that are not durable yet. */
interface Pending {
  slab: Slab
  first: number
}

interface Waiter {
  offset: number
  resolve: (offset: number) => void
  reject: (error: Error) => void
}

const spareSlabsMax = 4
/** A cursor of nobody, written only to have something to write. */
const trimMark = '(trim)'

/** One partition, all of it: a ticket is an offset, what is durable can be read. */
export class LmdbLog implements Log, Partition {
  readonly id = 0
  readonly kinds: readonly EnvelopeKind[] = ['publish', 'forbidden', 'capture', 'readings']
  readonly slots = allSlots
  readonly partitions: readonly Partition[] = [this]
  end: number
  durable: number
  pressed = false
  fault: Error | undefined

  readonly #files: LmdbFiles
  readonly #bytesMax: number
  readonly #retryMs: readonly [number, number]
  readonly #durableListeners = new Set<(durable: number) => void>()
  readonly #pressureListeners = new Set<(pressed: boolean) => void>()

  readonly #batches: KeptBatches
  #keptBytes: number
  #pendingBytes = 0
  #open: Pending
  readonly #waiting: Pending[] = []
  readonly #spareSlabs: Slab[] = []
  #durableWaiters: Waiter[] = []

  readonly #cursors: Cursors

  /** The window of the open slab is over, or so is the wait of a cursor. */
  #due = false
  #window: NodeJS.Timeout | undefined
  #cursorWindow: NodeJS.Timeout | undefined
  #committing: Promise<void> | undefined
  #trimming: Promise<void> | undefined
  readonly #closing = new AbortController()

  constructor(files: LmdbFiles, options: LmdbLogOptions) {
    this.#files = files
    this.#bytesMax = options.bytesMax
    this.#retryMs = options.retryMs ?? bounds.commitRetryMs
    this.#batches = new KeptBatches(files)
    this.durable = this.#batches.end
    this.end = this.durable
    this.#open = { slab: createSlab(bounds.commitBytesMax), first: this.end }
    this.#keptBytes = keptBytes(files)
    this.#cursors = new Cursors(files.cursors.getRange())
    this.#judgePressure()
  }

  /** No promise, closure or object per append: it runs a hundred thousand times a second. */
  append(envelope: Envelope): number {
    if (this.#closing.signal.aborted) throw new Unavailable('the log is closed')
    const held = this.#keptBytes + this.#pendingBytes
    if (held + envelope.body.length > this.#bytesMax)
      throw new Unavailable(`the log holds the ${this.#bytesMax} bytes it may hold`)
    if (this.#pendingBytes >= bounds.logPendingBytesMax)
      throw new Unavailable(`${this.#pendingBytes} bytes wait for the disk`)
    let before = this.#open.slab.length
    if (!writeEntry(this.#open.slab, envelope)) {
      this.#startSlab(slabBytesFor(envelope))
      before = this.#open.slab.length
      writeEntry(this.#open.slab, envelope)
    }
    const { slab } = this.#open
    this.#pendingBytes += slab.length - before
    const offset = this.end++
    if (slab.length >= bounds.commitBytes) this.#commit()
    else if (slab.count === 1 && !this.#due) this.#armWindow()
    if (!this.pressed) this.#judgePressure()
    return offset
  }

  onDurable(listener: (durable: number) => void): () => void {
    this.#durableListeners.add(listener)
    return () => this.#durableListeners.delete(listener)
  }

  onPressure(listener: (pressed: boolean) => void): () => void {
    this.#pressureListeners.add(listener)
    return () => this.#pressureListeners.delete(listener)
  }

  get readable(): number {
    return this.durable
  }

  onReadable(listener: () => void): () => void {
    return this.onDurable(() => listener())
  }

  /** Nobody else appends. */
  foreign(): () => void {
    return () => undefined
  }

  whenDurable(offset: number): Promise<number> {
    if (offset < this.durable) return Promise.resolve(offset)
    if (this.#closing.signal.aborted) return Promise.reject(new Unavailable('the log is closed'))
    return new Promise((resolve, reject) => {
      this.#durableWaiters.push({ offset, resolve, reject })
    })
  }

  async read(
    from: number,
    countMax: number,
    bytesMax: number,
  ): Promise<{ envelopes: LoggedEnvelope[]; next: number }> {
    if (this.#closing.signal.aborted) throw new Unavailable('the log is closed')
    const envelopes: LoggedEnvelope[] = []
    let offset = Math.max(from, this.#batches.first)
    let bytes = 0
    while (offset < this.durable && envelopes.length < countMax && bytes < bytesMax) {
      const batch = this.#batches.holding(offset)
      while (offset < batch.first + batch.envelopes.length) {
        const envelope = batch.envelopes[offset - batch.first]!
        envelopes.push(envelope)
        offset++
        bytes += envelope.body.length + entryBytesAbout
        if (envelopes.length === countMax || bytes >= bytesMax) break
      }
    }
    return { envelopes, next: offset }
  }

  cursor(name: string): number {
    return this.#cursors.get(name)
  }

  async keptCursor(name: string): Promise<number> {
    return this.#cursors.get(name)
  }

  passed(name: string, offset: number): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new Unavailable('the log is closed'))
    return this.#cursors.passed(name, offset)
  }

  behind(offset: number): number {
    return this.durable - offset
  }

  setCursor(name: string, offset: number): Promise<void> {
    if (offset > this.durable) throw new RangeError(`${name} cannot have passed ${offset} yet`)
    if (this.#closing.signal.aborted) return Promise.reject(new Unavailable('the log is closed'))
    const saved = this.#cursors.set(name, offset)
    this.#batches.readBelow(this.#cursors.readByAll)
    if (this.#cursors.unsavedCount === 1) this.#armCursorWindow()
    return saved
  }

  keepFor(name: string): void {
    this.#cursors.keepFor(name)
  }

  trim(): Promise<void> {
    this.#trimming ??= this.#trim().finally(() => {
      this.#trimming = undefined
    })
    return this.#trimming
  }

  /** For a backup: see `Cursors.pin`. */
  pin(): { cursors: ReadonlyMap<string, number>; release: () => void } {
    return this.#cursors.pin()
  }

  /** Copies everything durable into an empty folder, where followers stand at these cursors. */
  copyTo(folder: string, cursors: ReadonlyMap<string, number>): Promise<void> {
    return copyFiles(this.#files, folder, cursors)
  }

  size(): { bytes: number; bytesMax: number; first: number } {
    const bytes = this.#keptBytes + this.#pendingBytes
    return { bytes, bytesMax: this.#bytesMax, first: this.#batches.first }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    // Everything taken is tried once more; what the disk still refuses was never acknowledged.
    this.#closing.abort()
    clearTimeout(this.#window)
    clearTimeout(this.#cursorWindow)
    await this.#committing
    if (this.fault === undefined) {
      this.#commit()
      await this.#committing
    }
    await this.#trimming?.catch(() => undefined)
    const closed = new Unavailable('the log was closed before this was durable')
    for (const waiter of this.#durableWaiters) waiter.reject(closed)
    this.#cursors.abandon(closed)
    await this.#files.env.close()
  }

  #startSlab(bytesNeeded: number): void {
    if (this.#open.slab.count > 0) this.#waiting.push(this.#open)
    const spare = bytesNeeded <= bounds.commitBytesMax ? this.#spareSlabs.pop() : undefined
    const slab = spare ?? createSlab(Math.max(bytesNeeded, bounds.commitBytesMax))
    this.#open = { slab, first: this.end }
  }

  #armWindow(): void {
    this.#window ??= setTimeout(() => this.#commitDue(), bounds.commitWindowMs)
    this.#window.refresh()
  }

  #armCursorWindow(): void {
    this.#cursorWindow ??= setTimeout(() => this.#commitDue(), bounds.cursorWindowMs)
    this.#cursorWindow.refresh()
  }

  #commitDue(): void {
    this.#due = true
    this.#commit()
  }

  #commit(): void {
    this.#committing ??= this.#commitAll()
  }

  /** One batch after the other until what is left may still wait for company. */
  async #commitAll(): Promise<void> {
    // Lets `#committing` be set before anything below can end.
    await undefined
    do {
      // Due is the open slab: while an older one goes first, it remains so.
      if (this.#waiting.length === 0) this.#due = false
      const pending = this.#takePending()
      if (!pending && this.#cursors.unsavedCount === 0) break
      if (!(await this.#writeUntilKept(pending))) break
    } while (this.#commitIsDue())
    this.#committing = undefined
  }

  #commitIsDue(): boolean {
    if (this.#due || this.#waiting.length > 0) return true
    const { slab } = this.#open
    return slab.length >= bounds.commitBytes || (slab.count > 0 && this.#closing.signal.aborted)
  }

  #takePending(): Pending | undefined {
    if (this.#waiting.length === 0 && this.#open.slab.count > 0) this.#startSlab(0)
    return this.#waiting.shift()
  }

  /** False when the log was closed before it could be. */
  async #writeUntilKept(pending: Pending | undefined): Promise<boolean> {
    if (pending) sealSlab(pending.slab, pending.first)
    const [firstMs, longestMs] = this.#retryMs
    for (let waitMs = firstMs; ; waitMs = Math.min(2 * waitMs, longestMs)) {
      const last = this.#closing.signal.aborted
      try {
        await this.#write(pending)
        this.fault = undefined
        if (pending) this.#keep(pending)
        else this.#judgePressure()
        return true
      } catch (error) {
        this.fault = error as Error
        this.#judgePressure()
        // A full disk may still take the cursors, and trimming needs them to make room.
        if (pending) await this.#write(undefined).catch(() => undefined)
        if (last) return false
        await delay(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined)
      }
    }
  }

  /** One transaction with the batch, if any, and all unsaved cursors. */
  async #write(pending: Pending | undefined): Promise<void> {
    const { batches, cursors } = this.#files
    const unsaved = this.#cursors.take()
    try {
      const written = await transact(this.#files, () => {
        for (const [name, offset] of unsaved.offsets) cursors.put(name, offset)
        if (!pending) return true
        const { slab, first } = pending
        return batches.put(first, slab.bytes.subarray(0, slab.length), { append: true })
      })
      if (!written) throw new Error(`another process wrote offset ${pending?.first} of this log`)
    } catch (error) {
      this.#cursors.notSaved(unsaved)
      throw error
    }
    this.#cursors.saved(unsaved)
  }

  #keep({ slab, first }: Pending): void {
    this.durable = first + slab.count
    this.#keptBytes += storedBytes(slab.length)
    this.#pendingBytes -= slab.length
    clearSlab(slab)
    this.#pendingBytes += slab.length
    const usual = slab.bytes.length === bounds.commitBytesMax
    if (usual && this.#spareSlabs.length < spareSlabsMax) this.#spareSlabs.push(slab)
    this.#judgePressure()
    const { durable } = this
    if (this.#durableWaiters.length > 0) {
      const waiters = this.#durableWaiters
      this.#durableWaiters = waiters.filter((waiter) => waiter.offset >= durable)
      for (const waiter of waiters) if (waiter.offset < durable) waiter.resolve(waiter.offset)
    }
    for (const listener of this.#durableListeners) listener(durable)
  }

  #judgePressure(): void {
    const heldBytes = this.#keptBytes + this.#pendingBytes
    // Relief has a lower line, or senders would be stopped and let go at every commit.
    const keptMax = this.#bytesMax * (this.pressed ? bounds.logRelieveShare : bounds.logPressShare)
    const pendingMax = bounds.unackedBytesMax * (this.pressed ? bounds.logRelieveShare : 1)
    const pressed =
      this.fault !== undefined || heldBytes > keptMax || this.#pendingBytes > pendingMax
    if (pressed === this.pressed) return
    this.pressed = pressed
    for (const listener of this.#pressureListeners) listener(pressed)
  }

  async #trim(): Promise<void> {
    try {
      while (
        !this.#closing.signal.aborted &&
        (await this.#batches.dropBelow(this.#cursors.passedByAll))
      );
      // LMDB reuses pages one transaction later, and on a full disk no batch can be that one.
      if (this.fault) await transact(this.#files, () => this.#files.cursors.put(trimMark, 0))
    } catch (error) {
      throw new Unavailable('the log could not be trimmed', undefined, error)
    }
    if (this.#closing.signal.aborted) return
    this.#keptBytes = keptBytes(this.#files)
    this.#judgePressure()
  }
}
