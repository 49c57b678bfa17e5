// Shares work among processes with leases in a bucket whose keys expire: one key per process that
// offers to do the work, one per name that somebody has. All decisions are compare-and-set of
// NATS; there is no election of ours. Work goes on through an outage of NATS: it ends only when
// somebody else is seen to have the name, so what must not be done twice is fenced elsewhere.
import type { KV } from '@nats-io/kv'
import type { Subscription } from '@nats-io/transport-node'
import { bounds } from '../../config.ts'
import type { Claims, Held, Share } from '../claims.ts'
import { jetStreamCode, type NatsLink } from './connection.ts'
import { tokenOf } from './format.ts'
import { openBucket } from './streams.ts'

export interface NatsClaims extends Claims {
  /** Stops every share that is not stopped yet. */
  close(): Promise<void>
}

export interface NatsClaimsOptions {
  prefix: string
  replicas: number
  /** Names this process from its start to its end. */
  member: string
}

/** Throws OperatorError. */
export async function openNatsClaims(
  link: NatsLink,
  { prefix, replicas, member }: NatsClaimsOptions,
): Promise<NatsClaims> {
  const bucket = `${prefix}-claims`
  const kv = await openBucket(link, bucket, { replicas, ttlMs: bounds.natsLeaseMs })
  const shares = new Set<NatsShare>()
  return {
    share: async (role, names, take) => {
      const share = new NatsShare({ link, kv, bucket, member, role, names, take })
      shares.add(share)
      await share.begin()
      return share
    },
    close: async () => {
      await Promise.all([...shares].map((share) => share.stop()))
    },
  }
}

interface ShareOptions {
  link: NatsLink
  kv: KV
  bucket: string
  member: string
  role: string
  names: readonly string[]
  take: (name: string) => Promise<Held>
}

/** A name that this process has. */
interface Lease {
  revision: number
  /** Undefined when it could not begin. */
  work: Promise<Held | undefined>
  held: Held | undefined
  leaving: boolean
}

/** JetStream's number of an error: somebody else wrote the key. */
const wrongLastSequence = 10071

class NatsShare implements Share {
  readonly #options: ShareOptions
  readonly #leases = new Map<string, Lease>()
  /** Names whose work failed here: until when they are left to others. */
  readonly #shunned = new Map<string, number>()
  readonly #nudges: Subscription
  #rounds: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #stopping: Promise<void> | undefined
  #presence = 0
  /** When the leases were renewed last, and until when only they may be claimed. */
  #renewedAt = performance.now()
  #graceUntil = 0

  constructor(options: ShareOptions) {
    this.#options = options
    this.#nudges = options.link.connection.subscribe(this.#nudgeSubject, {
      callback: () => void this.#soon(),
    })
  }

  get held(): readonly string[] {
    const begun = [...this.#leases].filter(([, { held, leaving }]) => held && !leaving)
    return begun.map(([name]) => name)
  }

  /** Resolves when it has what it can have at first. */
  async begin(): Promise<void> {
    await this.#soon()
    await Promise.all([...this.#leases.values()].map(({ work }) => work))
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#nudges.unsubscribe()
    clearTimeout(this.#timer)
    await this.#rounds
    await Promise.all([...this.#leases].map(([name, lease]) => this.#leave(name, lease)))
    await this.#remove(this.#presence)
    this.#nudge()
  }

  /** A round at once, behind the one under way. */
  #soon(): Promise<void> {
    clearTimeout(this.#timer)
    this.#rounds = this.#rounds.then(() => this.#round())
    return this.#rounds
  }

  async #round(): Promise<void> {
    if (this.#stopping) return
    clearTimeout(this.#timer)
    let waitMs: number = bounds.natsLeaseEveryMs
    try {
      if (this.#options.link.failure) throw this.#options.link.failure
      // The presence first: it expires before the leases, so that whoever finds them free already
      // counts one process less.
      this.#presence = await this.#options.kv.put(this.#presenceKey, this.#options.member)
      await Promise.all([...this.#leases].map(([name, lease]) => this.#renew(name, lease)))
      this.#judgeGrace()
      await this.#balance(await this.#look())
    } catch {
      // NATS is away: work goes on, and the leases are the first thing when it is back.
      waitMs = bounds.natsReconnectMs
    }
    if (!this.#stopping) this.#timer = setTimeout(() => void this.#soon(), waitMs)
  }

  /** After an outage all leases may have expired: those who had them come first. */
  #judgeGrace(): void {
    const now = performance.now()
    const { natsLeaseMs, natsLeaseEveryMs } = bounds
    if (now - this.#renewedAt > natsLeaseMs - natsLeaseEveryMs)
      this.#graceUntil = now + (natsLeaseMs * (1 + Math.random())) / 2
    this.#renewedAt = now
  }

  /** Rejects when NATS does not answer: then nothing is known. */
  async #renew(name: string, lease: Lease): Promise<void> {
    const { kv, member } = this.#options
    const key = this.#leaseKey(name)
    try {
      lease.revision = await kv.update(key, member, lease.revision)
    } catch (error) {
      if (jetStreamCode(error) !== wrongLastSequence) throw error
      const found = await kv.get(key)
      // An answer that was lost: it is ours all the same.
      if (found?.string() === member) lease.revision = found.revision
      else if (found || !(await this.#create(name, lease))) void this.#lose(name, lease)
    }
  }

  /** False when somebody else was faster. */
  async #create(name: string, lease: Pick<Lease, 'revision'>): Promise<boolean> {
    const { kv, member } = this.#options
    try {
      lease.revision = await kv.create(this.#leaseKey(name), member)
      return true
    } catch (error) {
      if (jetStreamCode(error) === wrongLastSequence) return false
      throw error
    }
  }

  /** Who is there, and what is taken. */
  async #look(): Promise<{ members: number; taken: ReadonlySet<string> }> {
    const { link, bucket, role } = this.#options
    const place = `$KV.${bucket}.${tokenOf(role)}.`
    const { state } = await link.streams.info(`KV_${bucket}`, {
      subjects_filter: `${place}>`,
    })
    const keys = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(place.length))
    const members = keys.filter((key) => key.startsWith('member.')).length
    return { members, taken: new Set(keys) }
  }

  async #balance(seen: { members: number; taken: ReadonlySet<string> }): Promise<void> {
    const { names } = this.#options
    const now = performance.now()
    const fair = Math.ceil(names.length / Math.max(1, seen.members))
    const staying = [...this.#leases].filter(([, { leaving }]) => !leaving)
    for (const [name, lease] of staying.slice(fair)) void this.#leave(name, lease)
    if (now < this.#graceUntil) return
    let room = fair - staying.length
    const free = names.filter(
      (name) =>
        !seen.taken.has(`lease.${tokenOf(name)}`) &&
        !this.#leases.has(name) &&
        (this.#shunned.get(name) ?? 0) <= now,
    )
    // Not all from the same end: of two newcomers each should find something.
    const start = Math.floor(Math.random() * free.length)
    for (const name of [...free.slice(start), ...free.slice(0, start)]) {
      if (room <= 0) return
      if (await this.#claim(name)) room--
    }
  }

  async #claim(name: string): Promise<boolean> {
    const claimed = { revision: 0 }
    if (!(await this.#create(name, claimed))) return false
    const lease: Lease = {
      revision: claimed.revision,
      work: Promise.resolve(undefined),
      held: undefined,
      leaving: false,
    }
    this.#leases.set(name, lease)
    lease.work = this.#begin(name, lease)
    return true
  }

  async #begin(name: string, lease: Lease): Promise<Held | undefined> {
    const giveUp = (): void => {
      this.#shunned.set(name, performance.now() + bounds.natsLeaseMs)
      void this.#leave(name, lease)
    }
    try {
      const held = await this.#options.take(name)
      lease.held = held
      held.ended.then(giveUp, giveUp)
      return held
    } catch {
      giveUp()
      return undefined
    }
  }

  /** Ends the work, then lets others have the name. */
  async #leave(name: string, lease: Lease): Promise<void> {
    if (lease.leaving) return
    lease.leaving = true
    await this.#end(lease)
    // No renewal may be under way, or it would make the lease last.
    await this.#rounds
    if (this.#leases.get(name) !== lease) return
    this.#leases.delete(name)
    await this.#remove(lease.revision)
    this.#nudge()
  }

  /** Another process has the name. */
  async #lose(name: string, lease: Lease): Promise<void> {
    if (this.#leases.get(name) === lease) this.#leases.delete(name)
    // Not again while it ends here.
    this.#shunned.set(name, performance.now() + bounds.natsLeaseMs)
    if (lease.leaving) return
    lease.leaving = true
    await this.#end(lease)
  }

  async #end(lease: Lease): Promise<void> {
    const held = await lease.work
    await held?.stop().catch(() => undefined)
  }

  /** Only if it is still the newest value of its key. What cannot be removed expires. */
  async #remove(revision: number): Promise<void> {
    const { link, bucket } = this.#options
    if (revision === 0 || link.failure) return
    await link.streams.deleteMessage(`KV_${bucket}`, revision, false).catch(() => undefined)
  }

  /** Others should look now. */
  #nudge(): void {
    this.#options.link.tell(this.#nudgeSubject, '')
  }

  get #nudgeSubject(): string {
    return `${this.#options.bucket}.${tokenOf(this.#options.role)}`
  }

  get #presenceKey(): string {
    return `${tokenOf(this.#options.role)}.member.${tokenOf(this.#options.member)}`
  }

  #leaseKey(name: string): string {
    return `${tokenOf(this.#options.role)}.lease.${tokenOf(name)}`
  }
}
