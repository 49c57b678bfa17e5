// The lab: sessions in which one device is watched and faults are put in its way, on request of a
// person, for a bounded time. Sessions stand in the ledger; each process that devices may speak to
// takes part in all that run, and keeps there what it saw. Announcements only make that quicker.
// A session ends when a process dies that the device spoke to: what it saw last is not known.
// Touches no other device, grades nothing.
import { bounds } from '../config.ts'
import { type Fault, joinParts, type LabPart, type LabRecord } from '../domain/lab/lab.ts'
import type { Announcements } from '../store/announcements.ts'
import {
  beatLabPart,
  endDueLabSessions,
  endLabSession,
  forgetLabSessions,
  insertLabSession,
  type LabSessionRow,
  labBeats,
  listLabSessions,
  putLabPart,
  readLabParts,
  readLabSession,
  runningLabSessions,
} from '../store/ledger/lab.ts'
import type { Ledger } from '../store/ledger/ledger.ts'
import type { Envelope } from '../store/log.ts'
import type { DecodeContext } from './decode/decode.ts'
import { LabWatch, type RefusedByFault } from './lab-watch.ts'
import type { Watched } from './watch.ts'

export type { RefusedByFault } from './lab-watch.ts'

export interface LabAsk {
  id: string
  tenant: string
  device: string
  by: string
  lengthMs: number
  faults: readonly Fault[]
  loggingIntervalMs?: number | undefined
}

export interface LabSession {
  id: string
  device: string
  by: string
  faults: readonly Fault[]
  /** full: so much was seen that it ended early. lost: a process that the device spoke to ended. */
  state: LabSessionRow['state']
  /** When it ends, or ended. */
  endsAt: number
  record: LabRecord
}

export interface Lab {
  /** busy: the device has a session, or too many are under way. */
  begin(ask: LabAsk): Promise<LabSession | 'busy' | 'too-many'>
  read(tenant: string, id: string): Promise<LabSession | undefined>
  /** Newest first, so many as a list shows. */
  list(tenant: string, device?: string): Promise<LabSession[]>
  stop(tenant: string, id: string): Promise<LabSession | undefined>
  /** Told of each body of readings over HTTP before it is kept; undefined: go on. */
  received(envelope: Envelope): RefusedByFault | undefined
  close(): Promise<void>
}

export interface LabTo {
  ledger: Pick<Ledger, 'db' | 'transact'>
  announcements: Announcements
  /** Of this run of this process. */
  node: string
  /** Undefined: this process takes readings over HTTP only. */
  broker: Watched | undefined
  device: DecodeContext['device']
  now(): number
}

/** Something that others should look at before their time comes. */
const changedTopic = 'lab.changed'

export const openLab = (to: LabTo): Lab => new LedgerLab(to)

class LedgerLab implements Lab {
  readonly #to: LabTo
  readonly #watches = new Map<string, LabWatch>()
  /** How often the beat of another process has stood still. */
  readonly #silent = new Map<string, { beat: number; looks: number }>()
  readonly #stops: (() => void)[]
  #beat = 0
  #isLook = false
  #underWay: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(to: LabTo) {
    this.#to = to
    const tick = setInterval(() => this.#tick(), bounds.labTickMs).unref()
    const look = (): void => {
      this.#isLook = true
      this.#syncSoon()
    }
    const sync = setInterval(look, bounds.labSyncMs).unref()
    this.#stops = [
      () => clearInterval(tick),
      () => clearInterval(sync),
      to.announcements.listen(changedTopic, () => this.#syncSoon()),
    ]
  }

  async begin(ask: LabAsk): Promise<LabSession | 'busy' | 'too-many'> {
    await this.#sync()
    const { id, tenant, device, by, lengthMs, faults, loggingIntervalMs } = ask
    const startedAt = this.#to.now()
    const row: LabSessionRow = {
      ...{ tenant, id, device, by, state: 'running', startedAt, endsAt: startedAt + lengthMs },
      ...{ loggingIntervalMs: loggingIntervalMs ?? null, faults: JSON.stringify(faults) },
    }
    const begun = await this.#to.ledger.transact(async (db) => {
      if ((await runningLabSessions(db)).length >= bounds.labSessionsMax) return 'too-many'
      if (!(await insertLabSession(db, row))) return 'busy'
      await forgetLabSessions(db, tenant, bounds.labSessionsKeptMax)
      return 'begun'
    })
    if (begun !== 'begun') return begun
    await this.#changed()
    return this.#told(row)
  }

  async read(tenant: string, id: string): Promise<LabSession | undefined> {
    await this.#sync()
    const row = await readLabSession(this.#to.ledger.db, { tenant, id })
    return row && this.#told(row)
  }

  async list(tenant: string, device?: string): Promise<LabSession[]> {
    await this.#sync()
    const limit = bounds.labSessionsListed
    const rows = await listLabSessions(this.#to.ledger.db, tenant, { device, limit })
    const told: LabSession[] = []
    for (const row of rows) told.push(await this.#told(row))
    return told
  }

  async stop(tenant: string, id: string): Promise<LabSession | undefined> {
    await this.#sync()
    const ended = { state: 'stopped', endsAt: this.#to.now() } as const
    await endLabSession(this.#to.ledger.db, { tenant, id }, ended)
    await this.#changed()
    return this.read(tenant, id)
  }

  received(envelope: Envelope): RefusedByFault | undefined {
    const { tenant, topic } = envelope
    for (const watch of this.#watches.values())
      if (watch.session.tenant === tenant && watch.session.device === topic)
        return watch.received(envelope)
    return undefined
  }

  /** The device has to go elsewhere: nobody would know why it was away. */
  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    const heard = [...this.#watches.values()].filter(({ isHeard }) => isHeard)
    for (const watch of this.#watches.values()) watch.stop()
    await this.#sync().catch(() => undefined)
    for (const { session } of heard)
      await endLabSession(this.#to.ledger.db, session, { state: 'lost', endsAt: this.#to.now() })
  }

  #tick(): void {
    const now = this.#to.now()
    for (const watch of this.#watches.values()) watch.tick(now)
  }

  /** Others look once it is in the ledger. */
  async #changed(): Promise<void> {
    await this.#sync()
    this.#to.announcements.tell(changedTopic, {})
  }

  /** Tried again at the next look when the ledger is away: what was seen waits here. */
  #syncSoon(): void {
    this.#sync().catch(() => undefined)
  }

  /** One under way may have looked before what is to be seen. */
  #sync(): Promise<void> {
    this.#next ??= this.#underWay.then(() => {
      this.#next = undefined
      const own = this.#syncNow()
      this.#underWay = own.catch(() => undefined)
      return own
    })
    return this.#next
  }

  async #syncNow(): Promise<void> {
    const { db } = this.#to.ledger
    const isLook = this.#isLook
    this.#isLook = false
    this.#tick()
    for (const watch of this.#watches.values()) await this.#keep(watch)
    await endDueLabSessions(db, this.#to.now())
    const running = await runningLabSessions(db)
    const ids = new Set(running.map(({ id }) => id))
    for (const [id, watch] of this.#watches)
      if (!ids.has(id)) {
        watch.stop()
        this.#watches.delete(id)
      }
    for (const row of running) if (!this.#watches.has(row.id)) this.#begin(row)
    await this.#hearOthers(isLook)
  }

  #begin(row: LabSessionRow): void {
    const { id, tenant, device, startedAt, endsAt } = row
    const session = { id, tenant, device, startedAt, endsAt, faults: faultsOf(row) }
    const onFault = (): void => {
      this.#changed().catch(() => undefined)
    }
    const watch = new LabWatch(session, { device: this.#to.device, now: this.#to.now, onFault })
    const { broker } = this.#to
    watch.begin(broker && ((watcher) => broker.watch({ tenant, id: device }, watcher)))
    this.#watches.set(id, watch)
  }

  async #keep(watch: LabWatch): Promise<void> {
    const { ledger, node } = this.#to
    const { tenant, id: session } = watch.session
    const beat = watch.isHeard ? ++this.#beat : 0
    const part = { tenant, session, node, beat }
    if (watch.changed) {
      const { happened, ...seen } = watch.part
      watch.changed = false
      const kept = { ...part, happened: JSON.stringify(happened), seen: JSON.stringify(seen) }
      await putLabPart(ledger.db, kept).catch((error) => {
        watch.changed = true
        throw error
      })
    } else if (beat > 0) await beatLabPart(ledger.db, part)
    if (watch.fullAt !== undefined)
      await endLabSession(ledger.db, watch.session, { state: 'full', endsAt: watch.fullAt })
  }

  /** What faults the device met elsewhere, and which processes are dead. */
  async #hearOthers(isLook: boolean): Promise<void> {
    const { ledger, node } = this.#to
    const others = (await labBeats(ledger.db)).filter((part) => part.node !== node)
    const known = new Set(others.map(keyOf))
    for (const key of this.#silent.keys()) if (!known.has(key)) this.#silent.delete(key)
    for (const part of others) {
      this.#watches.get(part.session)?.hear(JSON.parse(part.happened))
      if (!isLook || part.beat === 0) continue
      const before = this.#silent.get(keyOf(part))
      const looks = before?.beat === part.beat ? before.looks + 1 : 0
      this.#silent.set(keyOf(part), { beat: part.beat, looks })
      if (looks < bounds.labSilentLooksMax) continue
      const session = { tenant: part.tenant, id: part.session }
      await endLabSession(ledger.db, session, { state: 'lost', endsAt: this.#to.now() })
    }
  }

  async #told(row: LabSessionRow): Promise<LabSession> {
    const { id, tenant, device, by, state, startedAt, endsAt } = row
    const parts = await readLabParts(this.#to.ledger.db, tenant, id)
    const to = state === 'running' ? Math.min(this.#to.now(), endsAt) : endsAt
    const loggingIntervalMs = row.loggingIntervalMs ?? undefined
    const seen = parts.map(({ happened, seen }) => ({
      ...(JSON.parse(seen) as Omit<LabPart, 'happened'>),
      happened: JSON.parse(happened) as LabPart['happened'],
    }))
    const record = joinParts({ from: startedAt, to, loggingIntervalMs }, seen)
    return { id, device, by, faults: faultsOf(row), state, endsAt, record }
  }
}

const keyOf = ({ session, node }: { session: string; node: string }): string => `${session} ${node}`

const faultsOf = ({ faults }: LabSessionRow): Fault[] => JSON.parse(faults) as Fault[]
