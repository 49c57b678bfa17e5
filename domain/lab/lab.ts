// What a lab session sees of one device: its connections and packets, and the faults that were put
// in its way. Shapes only, and what follows from a session's plan; grades.ts judges.
import type { RefusalCode } from '../refusal.ts'

/**
 * disconnect: its connection is cut, and CONNECTs are refused for a while. withhold: a packet of
 * QoS 1 or 2 is kept, its acknowledgement is not sent and the connection is cut. 429, 503: its
 * readings over HTTP are refused with a Retry-After until that time has passed.
 */
export const faultKinds = ['disconnect', 'withhold', '429', '503'] as const
export type FaultKind = (typeof faultKinds)[number]

export interface Fault {
  kind: FaultKind
  /** From the beginning of the session. */
  afterMs: number
  /** disconnect: how long CONNECTs are refused. 429, 503: what Retry-After says. withhold: 0. */
  forMs: number
}

/** A fault as it happened: a refusal of readings begins with the first request that it meets. */
export interface Happened {
  kind: FaultKind
  from: number
  to: number
}

/** Which of the session's faults it was: one may be met at several processes. */
export interface HappenedFault extends Happened {
  /** Its place in the list of faults. */
  fault: number
}

export interface SeenConnect {
  at: number
  clientId: string
  clean: boolean
  /** False: refused by a fault. */
  accepted: boolean
}

/** Channels and values of one event time in one packet, ascending by channel. */
export interface SeenEntry {
  time: number
  /** The device's own counter; null: it sends none. */
  seq: number | null
  values: readonly (readonly [channel: string, value: number])[]
}

export interface SeenPacket {
  at: number
  over: 'mqtt' | 'http'
  qos: 0 | 1 | 2
  dup: boolean
  /** withheld: kept, and not acknowledged. refused: by a fault, not kept. bad: nothing readable. */
  outcome: 'kept' | 'withheld' | 'refused' | 'bad'
  entries: readonly SeenEntry[]
  refusals: readonly { code: RefusalCode; path: string; detail: string }[]
}

/** In the order in which it was seen; times are the server's. */
export interface LabRecord {
  from: number
  /** The end of the session, or now. */
  to: number
  /** As declared; absent: it was not. */
  loggingIntervalMs?: number | undefined
  connects: readonly SeenConnect[]
  /** When connections ended, whoever ended them. */
  closes: readonly number[]
  packets: readonly SeenPacket[]
  happened: readonly Happened[]
}

/** What one process saw of the device, each list in the order in which it was seen. */
export interface LabPart {
  happened: readonly HappenedFault[]
  connects: LabRecord['connects']
  closes: LabRecord['closes']
  packets: LabRecord['packets']
}

/**
 * What all processes saw, by the time of each. A fault that several of them put in the way is one.
 */
export function joinParts(
  of: Pick<LabRecord, 'from' | 'to' | 'loggingIntervalMs'>,
  parts: readonly LabPart[],
): LabRecord {
  const byTime = <T extends { at: number }>(lists: readonly (readonly T[])[]): T[] =>
    lists.flat().sort((a, b) => a.at - b.at)
  const faults = new Map<number, Happened>()
  for (const { fault, kind, from, to } of parts.flatMap(({ happened }) => happened)) {
    const known = faults.get(fault) ?? { kind, from, to }
    faults.set(fault, { kind, from: Math.min(from, known.from), to: Math.max(to, known.to) })
  }
  return {
    ...of,
    connects: byTime(parts.map(({ connects }) => connects)),
    closes: parts.flatMap(({ closes }) => closes).sort((a, b) => a - b),
    packets: byTime(parts.map(({ packets }) => packets)),
    happened: [...faults.values()].sort((a, b) => a.from - b.from),
  }
}

/** Of the declared interval, else what most steps are; undefined: too little came. */
export function intervalOf({ loggingIntervalMs, packets }: LabRecord): number | undefined {
  if (loggingIntervalMs !== undefined) return loggingIntervalMs
  const times = timesOf(packets)
  const steps = times.slice(1).map((time, index) => time - times[index]!)
  return steps.length < 3 ? undefined : steps.sort((a, b) => a - b)[steps.length >> 1]
}

/** Event times of what is kept, each once, ascending. */
export function timesOf(packets: readonly SeenPacket[]): number[] {
  const times = new Set<number>()
  for (const { outcome, entries } of packets)
    if (isKept(outcome)) for (const { time } of entries) times.add(time)
  return [...times].sort((a, b) => a - b)
}

export const isKept = (outcome: SeenPacket['outcome']): boolean =>
  outcome === 'kept' || outcome === 'withheld'
