// A follower reads a partition of the log at its own pace: one step at a time, in offset order, at
// least once. What a step does is not its business; what to do when it fails is. It never skips an
// envelope.
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { bounds } from '../config.ts'
import { Corrupt, Unavailable } from '../domain/refusal.ts'
import type { LoggedEnvelope, Partition } from './log.ts'

export interface FollowOptions {
  /** Names the cursor in the log. */
  name: string
  /**
   * Where to begin, instead of at the log's cursor: for a follower whose cursor lives in the
   * transaction of its step. The cursor in the log follows it all the same, for `trim`.
   */
  start?: number
  /**
   * When it resolves, the envelopes count as done. It sees them again after a crash and after it
   * threw Unavailable, perhaps cut in other batches. Never called concurrently, not even with
   * `idle`.
   */
  step: (envelopes: LoggedEnvelope[]) => Promise<void>
  /** Called once each time the end of what is durable is reached. */
  idle?: () => Promise<void> | void
  countMax?: number
  bytesMax?: number
  /** A step begins at most so often, unless more than one step's worth waits. */
  everyMs?: number
  /** The step threw something else than Unavailable or Corrupt: a bug. The follower has stopped. */
  onFail?: (error: unknown) => void
  /** The wait before a failed step is repeated; ends early when the signal aborts. */
  wait?: (waitMs: number, signal: AbortSignal) => Promise<void>
  /** From 0 to 1, the jitter of that wait. */
  random?: () => number
}

export interface Follower {
  readonly name: string
  /** The next offset it wants. */
  readonly position: number
  /** running: in a step, or idle at the end. waiting: the last step found something unavailable. */
  readonly state: 'running' | 'waiting' | 'stopped'
  /** Why it waits or stopped; undefined again after a step that went well. */
  readonly lastError: Error | undefined
  /**
   * Resolves when the position has passed the offset. Rejects with Unavailable when it stops
   * before.
   */
  advanced(offset: number): Promise<void>
  /** Resolves when it has stopped, for whatever reason, and its cursor is saved. */
  readonly ended: Promise<void>
  /**
   * Resolves when the step under way has ended and its cursor is saved. Not to be awaited in a
   * step.
   */
  stop(): Promise<void>
}

/** Begins on the next turn of the event loop. Stops by itself on Corrupt and on bugs only. */
export function follow(log: Partition, options: FollowOptions): Follower {
  return new LogFollower(log, options)
}

interface Waiter {
  offset: number
  resolve: () => void
  reject: (error: Error) => void
}

class LogFollower implements Follower {
  readonly name: string
  position: number
  state: 'running' | 'waiting' | 'stopped' = 'running'
  lastError: Error | undefined
  readonly ended: Promise<void>

  readonly #log: Partition
  readonly #options: FollowOptions
  readonly #stopping = new AbortController()
  #waiters: Waiter[] = []
  #wake: () => void = () => undefined
  #failures = 0
  #beganAt = Number.NEGATIVE_INFINITY
  #cursorSaved: Promise<void> = Promise.resolve()

  constructor(log: Partition, options: FollowOptions) {
    this.name = options.name
    this.#log = log
    this.#options = options
    this.position = options.start ?? log.cursor(options.name)
    this.ended = this.#run()
  }

  advanced(offset: number): Promise<void> {
    if (offset < this.position) return Promise.resolve()
    if (this.state === 'stopped') return Promise.reject(this.#stoppedBefore(offset))
    return new Promise((resolve, reject) => {
      this.#waiters.push({ offset, resolve, reject })
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    await this.ended
  }

  async #run(): Promise<void> {
    const forget = this.#log.onReadable(() => this.#wake())
    try {
      await nextTurn()
      this.#begin()
      while (!this.#stopping.signal.aborted) await this.#tryAdvance()
    } catch (error) {
      this.lastError = error instanceof Error ? error : new Error(String(error))
    }
    forget()
    this.state = 'stopped'
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.reject(this.#stoppedBefore(waiter.offset))
    if (this.lastError && !this.#isExpected(this.lastError)) this.#options.onFail?.(this.lastError)
    await this.#cursorSaved
  }

  #begin(): void {
    // A log that lost its end, or that of another installation: waiting for it to catch up would
    // lose data.
    if (this.position > this.#log.readable)
      throw new Corrupt(
        `log offset ${this.position}`,
        `${this.name} is ahead of the log, which ends at ${this.#log.readable}`,
      )
    if (this.position > this.#log.cursor(this.name)) this.#saveCursor()
  }

  async #tryAdvance(): Promise<void> {
    try {
      await this.#advance()
      this.#failures = 0
      this.state = 'running'
      this.lastError = undefined
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      this.state = 'waiting'
      this.lastError = error
      await this.#backOff(error.retryAfterMs)
    }
  }

  /** One step, or the wait for something to do. */
  async #advance(): Promise<void> {
    const { step, idle, countMax = bounds.followCountMax, bytesMax } = this.#options
    const waiting = this.#log.behind(this.position)
    if (waiting > 0 && waiting < countMax) await this.#keepPace()
    if (this.#stopping.signal.aborted) return
    const limitBytes = bytesMax ?? bounds.followBytesMax
    const known = this.#log.readable
    const { envelopes, next } = await this.#log.read(this.position, countMax, limitBytes)
    if (envelopes.length === 0) {
      // There may be offsets without envelopes.
      if (next > this.position) this.#moveTo(next)
      await idle?.()
      await this.#news(known)
      return
    }
    // Only a follower without any past may begin behind what was trimmed.
    const { first } = this.#log.size()
    if (first > this.position && this.position !== 0)
      throw new Corrupt(
        `log offset ${this.position}`,
        `${this.name} still wants envelopes that were dropped up to ${first}`,
      )
    await step(envelopes)
    this.#moveTo(next)
    // A long backlog must not keep acknowledgements from leaving.
    await nextTurn()
  }

  #moveTo(position: number): void {
    this.position = position
    this.#saveCursor()
    this.#tellAdvanced()
  }

  /** Waits until the step before is `everyMs` ago, so that more comes together. */
  async #keepPace(): Promise<void> {
    const { everyMs = 0 } = this.#options
    const waitMs = this.#beganAt + everyMs - performance.now()
    if (waitMs > 0) await waitFor(waitMs, this.#stopping.signal)
    this.#beganAt = performance.now()
  }

  /** Resolves when more can be read than was known, or the follower is to stop. */
  async #news(known: number): Promise<void> {
    if (this.#stopping.signal.aborted) return
    // It idles in good health, not at the end of a failed step.
    this.#failures = 0
    this.state = 'running'
    this.lastError = undefined
    // What is known to be there may not have come to the replica that was asked.
    if (this.#log.readable > known) return
    if (known > this.position) {
      await waitFor(bounds.followLookMs, this.#stopping.signal)
      return
    }
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  async #backOff(atLeastMs: number): Promise<void> {
    const { wait = waitFor, random = Math.random } = this.#options
    const [firstMs, longestMs] = bounds.followRetryMs
    const fullMs = Math.min(firstMs * 2 ** this.#failures++, longestMs)
    // Half of it is jitter, so that followers of one dead store do not come back in step.
    const waitMs = Math.max(atLeastMs, fullMs / 2) + (random() * fullMs) / 2
    await wait(waitMs, this.#stopping.signal)
  }

  /** Not awaited by the steps: a cursor lost in a crash costs a replay, never an envelope. */
  #saveCursor(): void {
    this.#cursorSaved = this.#log.setCursor(this.name, this.position).catch(() => undefined)
  }

  #tellAdvanced(): void {
    const waiters = this.#waiters
    if (waiters.length === 0) return
    this.#waiters = waiters.filter((waiter) => waiter.offset >= this.position)
    for (const waiter of waiters) if (waiter.offset < this.position) waiter.resolve()
  }

  #isExpected(error: Error): boolean {
    return error instanceof Corrupt || error instanceof Unavailable
  }

  #stoppedBefore(offset: number): Unavailable {
    const message = `${this.name} stopped at ${this.position}, before ${offset}`
    return new Unavailable(message, undefined, this.lastError)
  }
}

async function waitFor(waitMs: number, signal: AbortSignal): Promise<void> {
  // Rejects when aborted: the loop looks at the signal by itself.
  await delay(waitMs, undefined, { signal }).catch(() => undefined)
}
