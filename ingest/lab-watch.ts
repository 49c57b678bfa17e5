// One session of the lab as one process takes part in it: watches the device here, puts faults in
// its way when their moment has come, and remembers what it saw, within bounds. Decodes with the
// decoder of ingest. Keeps nothing (lab.ts does), grades nothing.
import { bounds } from '../config.ts'
import type { Fault, HappenedFault, LabPart, SeenEntry, SeenPacket } from '../domain/lab/lab.ts'
import type { Reading } from '../domain/reading.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Envelope } from '../store/log.ts'
import { type DecodeContext, decodePublish } from './decode/decode.ts'
import { plainBody } from './inflate.ts'
import { decodeJson } from './json.ts'
import type { Watch, WatchedPacket, Watcher } from './watch.ts'

export interface WatchedSession {
  id: string
  tenant: string
  device: string
  startedAt: number
  endsAt: number
  faults: readonly Fault[]
}

/** A request that a fault refuses. */
export interface RefusedByFault {
  status: 429 | 503
  retryAfterMs: number
}

export interface LabWatchTo {
  device: DecodeContext['device']
  now(): number
  /** The device met a fault here that other processes must not put in its way once more. */
  onFault(): void
}

export class LabWatch implements Watcher {
  readonly session: WatchedSession
  /** There is something new since this was set to false. */
  changed = false
  /** More came than a session remembers, at that time. */
  fullAt: number | undefined
  readonly #to: LabWatchTo
  #watch: Watch | undefined
  #over = false
  /** Faults that have not happened, in the order of their moments. */
  #waiting: (Fault & { fault: number })[]
  #connects: LabPart['connects'][number][] = []
  #closes: number[] = []
  #packets: SeenPacket[] = []
  /** Here, and at other processes. */
  #happened: HappenedFault[] = []
  #elsewhere: HappenedFault[] = []
  #entries = 0

  constructor(session: WatchedSession, to: LabWatchTo) {
    this.session = session
    this.#to = to
    this.#waiting = session.faults
      .map((each, fault) => ({ ...each, fault }))
      .sort((a, b) => a.afterMs - b.afterMs)
  }

  /** Without a broker here the device speaks HTTP only. */
  begin(watch: ((watcher: Watcher) => Watch) | undefined): void {
    this.#watch = watch?.(this)
  }

  /** Nothing stands in the way of the device any more. */
  stop(): void {
    this.#over = true
    this.#watch?.stop()
    this.#watch = undefined
  }

  get isOver(): boolean {
    return this.#over
  }

  /** Whether the device spoke to this process. */
  get isHeard(): boolean {
    return this.#connects.length + this.#packets.length > 0
  }

  /** As it stands now; lists go on growing. */
  get part(): LabPart {
    return {
      happened: this.#happened,
      connects: this.#connects,
      closes: this.#closes,
      packets: this.#packets,
    }
  }

  /** Faults that the device met at another process do not come again. */
  hear(happened: readonly HappenedFault[]): void {
    for (const each of happened) {
      if (this.#elsewhere.some(({ fault }) => fault === each.fault)) continue
      this.#elsewhere.push(each)
      // A cut is one of all processes, each at its own tick.
      if (each.kind !== 'disconnect')
        this.#waiting = this.#waiting.filter(({ fault }) => fault !== each.fault)
    }
  }

  tick(now: number): void {
    if (this.#over) return
    const cut = this.#due('disconnect', now)
    if (cut !== undefined) {
      this.#meet({ fault: cut.fault, kind: cut.kind, from: now, to: now + cut.forMs })
      this.#watch?.cut()
    }
    if (now >= this.session.endsAt) this.stop()
  }

  connecting({ clientId, clean }: { clientId: string; clean: boolean }): boolean {
    const at = this.#to.now()
    this.tick(at)
    if (this.#over) return true
    const accepted = this.#under('disconnect', at) === undefined
    // Who hammers is known by then; that it comes back in the end is worth knowing too.
    const room = accepted ? bounds.labConnectsMax : bounds.labRefusedConnectsMax
    if (this.#connects.length < room) this.#connects.push({ at, clientId, clean, accepted })
    this.changed = true
    return accepted
  }

  published(packet: WatchedPacket): void {
    const { qos, dup, topic, body, recordTime: at } = packet
    this.tick(at)
    if (this.#over) return
    const { tenant, device: source } = this.session
    const kind = packet.forbidden ? 'forbidden' : 'publish'
    const envelope: Envelope = { kind, tenant, source, topic, recordTime: at, body }
    const held = qos > 0 ? this.#due('withhold', at) : undefined
    const outcome = held === undefined ? 'kept' : 'withheld'
    this.#see(envelope, { over: 'mqtt', qos, dup, outcome })
    if (held === undefined) return
    this.#meet({ fault: held.fault, kind: held.kind, from: at, to: at })
    this.#watch?.cut()
  }

  closed(): void {
    if (this.#closes.length < bounds.labConnectsMax) this.#closes.push(this.#to.now())
    this.changed = true
  }

  received(envelope: Envelope): RefusedByFault | undefined {
    this.tick(envelope.recordTime)
    if (this.#over) return undefined
    const at = envelope.recordTime
    const fault = this.#refusing(at)
    const outcome = fault === undefined ? 'kept' : 'refused'
    this.#see(envelope, { over: 'http', qos: 1, dup: false, outcome })
    if (fault === undefined) return undefined
    return { status: fault.kind === '429' ? 429 : 503, retryAfterMs: fault.to - at }
  }

  /** The fault under way, or the one that begins with this request. */
  #refusing(at: number): HappenedFault | undefined {
    const under = this.#under('429', at) ?? this.#under('503', at)
    if (under !== undefined) return under
    const due = this.#due('429', at) ?? this.#due('503', at)
    if (due === undefined) return undefined
    const met = { fault: due.fault, kind: due.kind, from: at, to: at + due.forMs }
    this.#meet(met)
    return met
  }

  #meet(fault: HappenedFault): void {
    this.#happened.push(fault)
    this.changed = true
    if (fault.kind !== 'disconnect') this.#to.onFault()
  }

  #under(kind: Fault['kind'], at: number): HappenedFault | undefined {
    const within = (each: HappenedFault): boolean =>
      each.kind === kind && at >= each.from && at < each.to
    return this.#happened.find(within) ?? this.#elsewhere.find(within)
  }

  /** Taken out when its moment has come. */
  #due(kind: Fault['kind'], at: number): (Fault & { fault: number }) | undefined {
    const index = this.#waiting.findIndex((fault) => fault.kind === kind)
    const fault = this.#waiting[index]
    if (fault === undefined || this.session.startedAt + fault.afterMs > at) return undefined
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
      this.fullAt = envelope.recordTime
      this.stop()
      return
    }
    const nothing = readings.length === 0 && how.over === 'http' && how.outcome === 'kept'
    this.#packets.push({
      at: envelope.recordTime,
      ...{ ...how, outcome: nothing ? 'bad' : how.outcome },
      entries,
      refusals: refusals.slice(0, bounds.labRefusalsPerPacketMax).map(shortened),
    })
    this.changed = true
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
  const plain = plainBody(body)
  const json = plain.ok ? decodeJson(plain.value) : plain
  if (!json.ok) return seqs
  for (const each of Array.isArray(json.value) ? json.value : [json.value]) {
    const { time, seq } = (each ?? {}) as { time?: unknown; seq?: unknown }
    const at = typeof time === 'string' ? Date.parse(time) : time
    if (typeof at === 'number' && typeof seq === 'number') seqs.set(at, seq)
  }
  return seqs
}
