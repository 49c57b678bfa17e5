// What followers of the replicated log have passed, in a bucket that every process watches: a key
// per partition and follower. A cursor only ever moves on: a late word of a process that lost its
// claim never takes it back.
import { setTimeout as delay } from 'node:timers/promises'
import type { KV } from '@nats-io/kv'
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'
import { Cursors } from '../cursors.ts'
import { jetStreamCode, type NatsLink, unavailable } from './connection.ts'
import { tokenOf } from './format.ts'
import { openBucket, untilOpen } from './streams.ts'

export interface CursorsOptions {
  prefix: string
  replicas: number
  ids: readonly number[]
}

/** JetStream's number of an error: somebody else wrote the key. */
const wrongLastSequence = 10071

/** By partition. Throws OperatorError. */
export async function openNatsCursors(
  link: NatsLink,
  { prefix, replicas, ids }: CursorsOptions,
): Promise<ReadonlyMap<number, NatsCursors>> {
  const bucket = `${prefix}-cursors`
  const kv = await openBucket(link, bucket, { replicas })
  const all = new Map(ids.map((id) => [id, new NatsCursors(link, kv, id)]))
  // The puts themselves, as they pass by: sooner than any watch of the bucket, and without state
  // on the server. One that is refused is still what some follower has passed.
  link.connection.subscribe(`$KV.${bucket}.>`, {
    callback: (_error, { subject, data }) => {
      const [id, key] = subject.slice(`$KV.${bucket}.`.length).split('.')
      all.get(Number(id))?.heard(key!, Number(Buffer.from(data).toString()))
    },
  })
  await untilOpen(link, async () => {
    for await (const place of await kv.keys()) {
      const [id, key] = place.split('.')
      await all.get(Number(id))?.load(key!)
    }
  })
  return all
}

/** Of one partition. Names are told and heard as tokens of subjects. */
export class NatsCursors {
  readonly #link: NatsLink
  readonly #kv: KV
  readonly #id: number
  readonly #cursors = new Cursors([])
  readonly #keepers = new Set<string>()
  readonly #revisions = new Map<string, number>()
  readonly #saved = new Map<string, number>()
  /** How many wait for a follower to pass something. */
  readonly #awaited = new Map<string, number>()
  #saving: Promise<void> | undefined
  #closed = false
  #close: () => void = () => undefined
  readonly #closing = new Promise<void>((resolve) => {
    this.#close = resolve
  })

  constructor(link: NatsLink, kv: KV, id: number) {
    this.#link = link
    this.#kv = kv
    this.#id = id
  }

  get(name: string): number {
    return this.#cursors.get(tokenOf(name))
  }

  /** Resolves when it, or a later one, is kept. */
  async set(name: string, offset: number): Promise<void> {
    if (this.#closed) throw new Unavailable('the log is closed')
    const key = tokenOf(name)
    if (offset <= (this.#saved.get(key) ?? -1)) return
    const saved = this.#cursors.set(key, Math.max(offset, this.#cursors.get(key)))
    this.#saving ??= this.#saveAll()
    await saved
  }

  async passed(name: string, offset: number): Promise<void> {
    if (this.#closed) throw new Unavailable('the log is closed')
    const key = tokenOf(name)
    this.#awaited.set(key, (this.#awaited.get(key) ?? 0) + 1)
    await this.#cursors.passed(key, offset)
    this.#awaited.set(key, this.#awaited.get(key)! - 1)
  }

  /** Another process told it. */
  heard(key: string, offset: number): void {
    if (offset > this.#cursors.get(key)) this.#cursors.heard(key, offset)
  }

  /** As the servers have it, 0 when nobody saved it. Rejects with Unavailable. */
  kept(name: string): Promise<number> {
    return this.load(tokenOf(name))
  }

  /** The same by its key. */
  async load(key: string): Promise<number> {
    if (this.#link.failure) throw this.#link.failure
    try {
      const entry = await this.#kv.get(`${this.#id}.${key}`)
      if (!entry) return 0
      const offset = Number(entry.string())
      this.#revisions.set(key, entry.revision)
      this.#saved.set(key, offset)
      this.heard(key, offset)
      return offset
    } catch (error) {
      throw unavailable(error, `the cursor ${key} cannot be read`)
    }
  }

  keepFor(name: string): void {
    this.#keepers.add(name)
  }

  /** What all kept-for followers have passed for good; 0 without them. */
  async passedByAll(): Promise<number> {
    if (this.#keepers.size === 0) return 0
    return Math.min(...(await Promise.all([...this.#keepers].map((name) => this.kept(name)))))
  }

  /** In case a word was lost: asks for those that somebody here waits for. */
  async poll(): Promise<void> {
    const awaited = [...this.#awaited].filter(([, count]) => count > 0)
    await Promise.all(awaited.map(([key]) => this.load(key)))
  }

  /** Saves what it can. */
  async close(): Promise<void> {
    this.#closed = true
    this.#close()
    await this.#saving
    this.#cursors.abandon(new Unavailable('the log was closed before this was passed'))
  }

  async #saveAll(): Promise<void> {
    await undefined
    while (this.#cursors.unsavedCount > 0) {
      const taken = this.#cursors.take()
      try {
        const puts = [...taken.offsets].map(([key, offset]) => this.#put(key, offset))
        await Promise.all(puts)
        this.#cursors.saved(taken)
      } catch {
        this.#cursors.notSaved(taken)
        // Lost, it costs a replay.
        if (this.#closed) break
        await Promise.race([this.#link.connected(), this.#closing])
      }
      if (!this.#closed) await delay(bounds.natsCursorEveryMs)
    }
    this.#saving = undefined
  }

  /** By compare-and-set, so that a higher one stands. */
  async #put(key: string, offset: number): Promise<void> {
    const place = `${this.#id}.${key}`
    if (this.#link.failure) throw this.#link.failure
    while (offset > (this.#saved.get(key) ?? -1)) {
      const revision = this.#revisions.get(key)
      try {
        const put =
          revision === undefined
            ? this.#kv.create(place, String(offset))
            : this.#kv.update(place, String(offset), revision)
        this.#revisions.set(key, await put)
        this.#saved.set(key, offset)
      } catch (error) {
        if (jetStreamCode(error) !== wrongLastSequence) throw error
        if ((await this.load(key)) === 0) this.#revisions.delete(key)
      }
    }
  }
}
