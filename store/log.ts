// The log: what came in, in the order it came, durable before it is acknowledged. This file is the
// port; store/lmdb/log.ts is the embedded log, store/nats/log.ts the replicated one. A log never
// interprets an envelope.
//
// Whoever appends gets a ticket, good in its own process: 0, 1, 2, … Whoever reads sees a place,
// the offset in a partition. The embedded log is one partition and its tickets are its offsets; the
// replicated one has many, with many writers, and a ticket becomes an offset when it is durable.

/** publish: an allowed MQTT PUBLISH. forbidden: one the identity had no right to. capture: an EPCIS
 * document. readings: readings JSON that came by HTTP or from a logger file. */
export type EnvelopeKind = 'publish' | 'forbidden' | 'capture' | 'readings'

/** What the log keeps of a PUBLISH or a capture. */
export interface Envelope {
  kind: EnvelopeKind
  tenant: string
  /** Who sent it: a device id, or the id of a service key. */
  source: string
  /** The MQTT topic; for captures the job id; for readings the device id. */
  topic: string
  /** When it came in, epoch ms. */
  recordTime: number
  /** The bytes as they came. */
  body: Uint8Array
}

export interface LoggedEnvelope extends Envelope {
  /** Place in the log, unique in all of it; ascending within a partition, perhaps with gaps. */
  offset: number
}

/** The appending side. `append` is on the hot path and copies what it keeps. */
export interface Log {
  /** Gives a ticket at once; durable when `durable` has passed it. Throws Unavailable when full. */
  append(envelope: Envelope): number
  /** The next ticket. */
  readonly end: number
  /** All tickets below are durable. */
  readonly durable: number
  /** Called after each commit, with tickets in order. Returns the way to stop it. */
  onDurable(listener: (durable: number) => void): () => void
  /**
   * Resolves to the offset when the ticket is durable. Rejects with Unavailable when the log is
   * closed before. Tickets long durable may be forgotten: ask right after the append.
   */
  whenDurable(ticket: number): Promise<number>
  /** True while senders should wait: size cap reached, disk full, or too much not yet written. */
  readonly pressed: boolean
  /** Why the last commit failed; it is tried again until it succeeds. For health. */
  readonly fault: Error | undefined
  onPressure(listener: (pressed: boolean) => void): () => void
  /** In ascending order of id. Every envelope is in exactly one of them. */
  readonly partitions: readonly Partition[]
  /** What other processes append, as it comes: not in order, perhaps not durable, never twice. */
  foreign(listener: (envelopes: Envelope[]) => void): () => void
  /** Writes what it can first. Appends throw Unavailable from then on. */
  close(): Promise<void>
}

/** The reading side: a part of the log that followers read in order, each with its own cursor. */
export interface Partition {
  readonly id: number
  /** Kinds of envelopes it holds. */
  readonly kinds: readonly EnvelopeKind[]
  /** Slots (store/slots.ts) of the devices whose envelopes it holds. */
  readonly slots: readonly number[]
  /** All offsets below can be read, as far as is known here. */
  readonly readable: number
  onReadable(listener: () => void): () => void
  /**
   * Envelopes from an offset on, in order: at least one if there is any, at most so many and about
   * so many bytes. Below `first` it begins with the oldest kept. `next` is where to read on. Bodies
   * are views of a copy of their batch: they stay valid, but one body kept for long holds its whole
   * batch in memory. Rejects with Unavailable, or with Corrupt when a checksum fails.
   */
  read(
    from: number,
    countMax: number,
    bytesMax: number,
  ): Promise<{ envelopes: LoggedEnvelope[]; next: number }>
  /** The offset a follower wants next, as far as is known here; 0 when it never saved one. */
  cursor(follower: string): number
  /** The same as it is kept, for whoever begins to follow. Rejects with Unavailable. */
  keptCursor(follower: string): Promise<number>
  /** `cursor` shows it at once; resolves when it is durable, which may wait for company up to
   * bounds.cursorWindowMs. Rejects with Unavailable when the log is closed before. */
  setCursor(follower: string, offset: number): Promise<void>
  /**
   * Resolves when a follower, wherever it runs, has told that it passed the offset. Rejects with
   * Unavailable when the log is closed before.
   */
  passed(follower: string, offset: number): Promise<void>
  /** What a follower at this offset has not read: envelopes, or batches of them where unknown. */
  behind(offset: number): number
  /** Names a follower without which nothing may be trimmed. */
  keepFor(follower: string): void
  /**
   * Drops whole batches that every kept-for follower has passed with its durable cursor; one that
   * never saved a cursor has passed nothing. Without kept-for followers nothing is dropped. Throws
   * Unavailable.
   */
  trim(): Promise<void>
  /** Figures for health: bytes kept, the cap, and the oldest offset kept. */
  size(): { bytes: number; bytesMax: number; first: number }
}
