// Which topics anybody listens to, so that telemetry nobody subscribed to never reaches the
// broker's fan-out. Knows filters and sessions by name only; delivers nothing.
import { FilterTree } from './filter-tree.ts'

export class Interest {
  /** Grows with every change: a cached answer of `wants` is good while this stays the same. */
  version = 0
  readonly #tree = new FilterTree<true>()
  readonly #filters = new Map<string, Set<string>>()
  readonly #watchers = new Set<(any: boolean) => void>()

  /** Tells at once and at each change whether anybody listens to anything. Returns the way to
   * stop. */
  watch(watcher: (any: boolean) => void): () => void {
    this.#watchers.add(watcher)
    watcher(this.#filters.size > 0)
    return () => this.#watchers.delete(watcher)
  }

  add(session: string, filter: string): void {
    const filters = this.#filters.get(session) ?? new Set()
    if (filters.has(filter)) return
    this.#filters.set(session, filters.add(filter))
    this.#tree.set(filter, session, true)
    this.#changed()
  }

  remove(session: string, filter: string): void {
    const filters = this.#filters.get(session)
    if (!filters?.delete(filter)) return
    if (filters.size === 0) this.#filters.delete(session)
    this.#tree.delete(filter, session)
    this.#changed()
  }

  forget(session: string): void {
    for (const filter of this.#filters.get(session) ?? []) this.remove(session, filter)
  }

  wants(topic: string): boolean {
    return this.#filters.size > 0 && this.#tree.match(topic).length > 0
  }

  #changed(): void {
    this.version++
    for (const watcher of this.#watchers) watcher(this.#filters.size > 0)
  }
}
