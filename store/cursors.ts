// What followers have passed: the newest offset each one told, and the one a crash would leave. The
// log writes them along with its commits; this file knows no disk.
import type { Unavailable } from '../domain/refusal.ts'

/** Cursors on their way to the disk, with those who wait for them. */
export interface UnsavedCursors {
  offsets: Map<string, number>
  waiters: { resolve: () => void; reject: (error: Error) => void }[]
}

export class Cursors {
  readonly #newest = new Map<string, number>()
  readonly #saved = new Map<string, number>()
  readonly #keepers = new Set<string>()
  #passing: { name: string; offset: number; resolve: () => void; reject: (e: Error) => void }[] = []
  #unsaved: UnsavedCursors = { offsets: new Map(), waiters: [] }
  readonly #pins = new Set<{ at: number }>()

  constructor(saved: Iterable<{ key: string; value: number }>) {
    for (const { key, value } of saved) {
      this.#newest.set(key, value)
      this.#saved.set(key, value)
    }
  }

  /** 0 when there is none. */
  get(name: string): number {
    return this.#newest.get(name) ?? 0
  }

  /** Resolves when saved. */
  set(name: string, offset: number): Promise<void> {
    this.heard(name, offset)
    this.#unsaved.offsets.set(name, offset)
    return new Promise((resolve, reject) => {
      this.#unsaved.waiters.push({ resolve, reject })
    })
  }

  /** A cursor moved, here or elsewhere. */
  heard(name: string, offset: number): void {
    this.#newest.set(name, offset)
    const waiting = this.#passing
    if (waiting.length === 0) return
    const isPassed = (one: { name: string; offset: number }): boolean =>
      one.name === name && one.offset < offset
    this.#passing = waiting.filter((one) => !isPassed(one))
    for (const one of waiting) if (isPassed(one)) one.resolve()
  }

  /** Resolves when the newest cursor is beyond the offset. */
  passed(name: string, offset: number): Promise<void> {
    if (offset < this.get(name)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#passing.push({ name, offset, resolve, reject })
    })
  }

  keepFor(name: string): void {
    this.#keepers.add(name)
  }

  get unsavedCount(): number {
    return this.#unsaved.offsets.size
  }

  /**
   * What every kept-for follower has passed for good; 0 when there are none. By saved cursors:
   * after a crash a follower comes back to its saved one.
   */
  get passedByAll(): number {
    if (this.#keepers.size === 0) return 0
    const kept = [...this.#keepers].map((name) => this.#saved.get(name) ?? 0)
    return Math.min(...kept, ...[...this.#pins].map(({ at }) => at))
  }

  /** What every kept-for follower has read, as far as is known here; 0 when there are none. */
  get readByAll(): number {
    let least = Number.POSITIVE_INFINITY
    for (const name of this.#keepers) least = Math.min(least, this.get(name))
    return this.#keepers.size === 0 ? 0 : least
  }

  /** The saved cursors of this moment; what they need counts as not passed until `release`. */
  pin(): { cursors: ReadonlyMap<string, number>; release: () => void } {
    const pin = { at: this.passedByAll }
    this.#pins.add(pin)
    return { cursors: new Map(this.#saved), release: () => this.#pins.delete(pin) }
  }

  /** Hands over what is unsaved. To be answered with `saved` or `notSaved`. */
  take(): UnsavedCursors {
    const taken = this.#unsaved
    this.#unsaved = { offsets: new Map(), waiters: [] }
    return taken
  }

  saved({ offsets, waiters }: UnsavedCursors): void {
    for (const [name, offset] of offsets) this.#saved.set(name, offset)
    for (const waiter of waiters) waiter.resolve()
  }

  /** They are unsaved again; what was set meanwhile is newer. */
  notSaved({ offsets, waiters }: UnsavedCursors): void {
    this.#unsaved = {
      offsets: new Map([...offsets, ...this.#unsaved.offsets]),
      waiters: [...waiters, ...this.#unsaved.waiters],
    }
  }

  /** They will not be saved any more, and nobody will pass anything. */
  abandon(error: Unavailable): void {
    for (const waiter of this.take().waiters) waiter.reject(error)
    for (const one of this.#passing.splice(0)) one.reject(error)
  }
}
