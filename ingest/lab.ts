// The lab: sessions in which one device is watched and faults are put in its way, on request of a
// person, for a bounded time. Sees packets with the decoder of ingest and keeps what a grade needs.
// Touches no other device, keeps nothing on disk (a restart ends all sessions), grades nothing.
import { bounds } from '../config.ts'
import type { Fault, Happened, LabRecord, SeenEntry, SeenPacket } from '../domain/lab/lab.ts'
import type { Reading } from '../domain/reading.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Envelope } from '../store/log.ts'
import { type DecodeContext, decodePublish } from './decode/decode.ts'
import { inflate, isGzip } from './inflate.ts'
import { decodeJson } from './json.ts'
import type { Watch, Watched, WatchedPacket, Watcher } from './watch.ts'

export interface LabAsk {
  id: string
  tenant: string
  device: string
  by: string
  lengthMs: number
  faults: readonly Fault[]
  loggingIntervalMs?: number | undefined
}

/** full: so much was seen that the session ended before its time. */
export type LabState = 'running' | 'ended' | 'stopped' | 'full'

export interface LabSession {
  ask: LabAsk
  state: LabState
  /** When it ends, or ended. */
  endsAt: number
  record: LabRecord
}

/** A request that a fault refuses. */
export interface RefusedByFault {
  status: 429 | 503
  retryAfterMs: number
}

export interface Lab {
  /** busy: the device has a session, or too many are under way. */
  begin(ask: LabAsk): LabSession | 'busy' | 'too-many'
  read(tenant: string, id: string): LabSession | undefined
  /** Newest first. */
  list(tenant: string): LabSession[]
  stop(tenant: string, id: string): LabSession | undefined
  /** Told of each body of readings over HTTP before it is kept; undefined: go on. */
  received(envelope: Envelope): RefusedByFault | undefined
  close(): void
}

export interface LabTo {
  broker: Watched
  device: DecodeContext['device']
  now(): number
}

export function openLab({ broker, device, now }: LabTo): Lab {
  const sessions = new Map<string, Session>()
  const ofTenant = (tenant: string): Session[] =>
    [...sessions.values()].filter((session) => session.ask.tenant === tenant)
  const running = (): Session[] => [...sessions.values()].filter((session) => session.isRunning)
  const tick = (): void => {
    for (const session of running()) session.tick(now())
  }
  const timer = setInterval(tick, bounds.labTickMs).unref()
  const found = (tenant: string, id: string): Session | undefined => {
    tick()
    const session = sessions.get(id)
    return session?.ask.tenant === tenant ? session : undefined
  }
  return {
    begin: (ask) => {
      tick()
      const { tenant, device: id } = ask
      if (running().some(({ ask: own }) => own.tenant === tenant && own.device === id))
        return 'busy'
      if (running().length >= bounds.labSessionsMax) return 'too-many'
      const session = new Session(ask, { device, now })
      session.begin((watcher) => broker.watch({ tenant, id }, watcher))
      sessions.set(ask.id, session)
      for (const [old, { isRunning }] of sessions)
        if (sessions.size > bounds.labSessionsKeptMax && !isRunning) sessions.delete(old)
      return session.told()
    },
    read: (tenant, id) => found(tenant, id)?.told(),
    list: (tenant) => {
      tick()
      return ofTenant(tenant)
        .map((session) => session.told())
        .reverse()
    },
    stop: (tenant, id) => {
      const session = found(tenant, id)
      if (session?.isRunning) session.end('stopped', now())
      return session?.told()
    },
    received: (envelope) => {
      const { tenant, topic } = envelope
      const session = running().find(({ ask }) => ask.tenant === tenant && ask.device === topic)
      session?.tick(now())
      return session?.isRunning ? session.received(envelope) : undefined
    },
    close: () => {
      clearInterval(timer)
      for (const session of running()) session.end('stopped', now())
    },
  }
}

/** Faults that have not happened wait in the order of their moments. */
class Session implements Watcher {
  readonly ask: LabAsk
  readonly #to: Pick<LabTo, 'device' | 'now'>
  readonly #from: number
  #endsAt: number
  #state: LabState = 'running'
  #watch: Watch | undefined
  readonly #waiting: Fault[]
  readonly #connects: LabRecord['connects'][number][] = []
  readonly #closes: number[] = []
  readonly #packets: SeenPacket[] = []
  readonly #happened: Happened[] = []
  #entries = 0

  constructor(ask: LabAsk, to: Pick<LabTo, 'device' | 'now'>) {
    this.ask = ask
    this.#to = to
    this.#from = to.now()
    this.#endsAt = this.#from + ask.lengthMs
    this.#waiting = [...ask.faults].sort((a, b) => a.afterMs - b.afterMs)
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  begin(watch: (watcher: Watcher) => Watch): void {
    this.#watch = watch(this)
  }

  tick(now: number): void {
    if (!this.isRunning) return
    const cut = this.#due('disconnect', now)
    if (cut !== undefined) {
      this.#happened.push({ kind: 'disconnect', from: now, to: now + cut.forMs })
      this.#watch?.cut()
    }
    if (now >= this.#endsAt) this.end('ended', this.#endsAt)
  }

  end(state: LabState, at: number): void {
    this.#state = state
    this.#endsAt = at
    this.#watch?.stop()
    this.#watch = undefined
  }

  connecting({ clientId, clean }: { clientId: string; clean: boolean }): boolean {
    const at = this.#to.now()
    this.tick(at)
    if (!this.isRunning) return true
    const accepted = this.#under('disconnect', at) === undefined
    // Who hammers is known by then; that it comes back in the end is worth knowing too.
    const room = accepted ? bounds.labConnectsMax : bounds.labRefusedConnectsMax
    if (this.#connects.length < room) this.#connects.push({ at, clientId, clean, accepted })
    return accepted
  }

  published(packet: WatchedPacket): void {
    const { qos, dup, topic, body, recordTime: at } = packet
    this.tick(at)
    if (!this.isRunning) return
    const { tenant, device: source } = this.ask
    const kind = packet.forbidden ? 'forbidden' : 'publish'
    const envelope: Envelope = { kind, tenant, source, topic, recordTime: at, body }
    const held = qos > 0 ? this.#due('withhold', at) : undefined
    const outcome = held === undefined ? 'kept' : 'withheld'
    this.#see(envelope, { over: 'mqtt', qos, dup, outcome })
    if (held === undefined) return
    this.#happened.push({ kind: 'withhold', from: at, to: at })
    this.#watch?.cut()
  }

  closed(): void {
    if (this.#closes.length < bounds.labConnectsMax) this.#closes.push(this.#to.now())
  }

  received(envelope: Envelope): RefusedByFault | undefined {
    const at = envelope.recordTime
    const fault = this.#refusing(at)
    const outcome = fault === undefined ? 'kept' : 'refused'
    this.#see(envelope, { over: 'http', qos: 1, dup: false, outcome })
    if (fault === undefined) return undefined
    return { status: fault.kind === '429' ? 429 : 503, retryAfterMs: fault.to - at }
  }

  told(): LabSession {
    const { ask } = this
    const to = this.isRunning ? Math.min(this.#to.now(), this.#endsAt) : this.#endsAt
    const record: LabRecord = {
      ...{ from: this.#from, to, loggingIntervalMs: ask.loggingIntervalMs },
      ...{ connects: this.#connects, closes: this.#closes },
      ...{ packets: this.#packets, happened: this.#happened },
    }
    return { ask, state: this.#state, endsAt: this.#endsAt, record }
  }

  /** The fault under way, or the one that begins with this request. */
  #refusing(at: number): Happened | undefined {
    const under = this.#under('429', at) ?? this.#under('503', at)
    if (under !== undefined) return under
    const due = this.#due('429', at) ?? this.#due('503', at)
    if (due === undefined) return undefined
    const fault = { kind: due.kind, from: at, to: at + due.forMs }
    this.#happened.push(fault)
    return fault
  }

  #under(kind: Fault['kind'], at: number): Happened | undefined {
    return this.#happened.find((each) => each.kind === kind && at >= each.from && at < each.to)
  }

  /** Taken out when its moment has come. */
  #due(kind: Fault['kind'], at: number): Fault | undefined {
    const index = this.#waiting.findIndex((fault) => fault.kind === kind)
    const fault = this.#waiting[index]
    if (fault === undefined || this.#from + fault.afterMs > at) return undefined
    this.#waiting.splice(index, 1)
    return fault
  }

  #see(envelope: Envelope, how: Pick<SeenPacket, 'over' | 'qos' | 'dup' | 'outcome'>): void {
    const { readings, refusals } = decodePublish(envelope, { device: this.#to.device })
    const entries = entriesOf(readings, seqsIn(envelope.body))
    this.#entries += entries.length
    const full =
      this.#packets.length >= bounds.labPacketsMax || this.#entries > bounds.labEntriesMax
    if (full) {
      this.end('full', envelope.recordTime)
      return
    }
    const nothing = readings.length === 0 && how.over === 'http' && how.outcome === 'kept'
    this.#packets.push({
      at: envelope.recordTime,
      ...{ ...how, outcome: nothing ? 'bad' : how.outcome },
      entries,
      refusals: refusals.slice(0, bounds.labRefusalsPerPacketMax).map(shortened),
    })
  }
}

const shortened = ({ code, path, detail }: Refusal): SeenPacket['refusals'][number] => ({
  code,
  path: path.slice(0, 200),
  detail: detail.slice(0, 200),
})

function entriesOf(readings: readonly Reading[], seqs: ReadonlyMap<number, number>): SeenEntry[] {
  const byTime = new Map<number, [string, number][]>()
  for (const { time, channel, value } of readings) {
    const values = byTime.get(time)
    if (values === undefined) byTime.set(time, [[channel, value]])
    else values.push([channel, value])
  }
  return [...byTime].map(([time, values]) => ({
    ...{ time, seq: seqs.get(time) ?? null },
    values: values.sort(([a], [b]) => (a < b ? -1 : 1)),
  }))
}

/** The decoder has no use for the device's own counter and drops it. Of readings JSON only. */
function seqsIn(body: Uint8Array): Map<number, number> {
  const seqs = new Map<number, number>()
  const plain = isGzip(body) ? inflate(body) : { ok: true as const, value: body }
  const json = plain.ok ? decodeJson(plain.value) : plain
  if (!json.ok) return seqs
  for (const each of Array.isArray(json.value) ? json.value : [json.value]) {
    const { time, seq } = (each ?? {}) as { time?: unknown; seq?: unknown }
    const at = typeof time === 'string' ? Date.parse(time) : time
    if (typeof at === 'number' && typeof seq === 'number') seqs.set(at, seq)
  }
  return seqs
}
