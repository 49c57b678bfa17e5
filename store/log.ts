// The log: what came in, in the order it came, durable before it is acknowledged. This file is the
// port; store/lmdb-log.ts is the embedded log. A log never interprets an envelope.

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
  /** Place in the log: 0, 1, 2, … without holes. */
  offset: number
}

/**
 * Appends come from one process. `append` is on the hot path, never concurrent with itself,
 * and copies what it keeps. Durability is told in offset order.
 */
export interface Log {
  /**
   * Gives the envelope its offset at once; durable when `durable` has passed it. Throws Unavailable
   * when full.
   */
  append(envelope: Envelope): number
  /** The next offset. */
  readonly end: number
  /** All offsets below are on disk. */
  readonly durable: number
  /** Called after each group commit. Returns the way to stop it. */
  onDurable(listener: (durable: number) => void): () => void
  /**
   * Resolves when the offset is durable. Rejects with Unavailable when the log is closed before.
   */
  whenDurable(offset: number): Promise<void>
  /** True while senders should wait: size cap reached, disk full, or too much not yet written. */
  readonly pressed: boolean
  /** Why the last commit failed; it is tried again until it succeeds. For health. */
  readonly fault: Error | undefined
  onPressure(listener: (pressed: boolean) => void): () => void
  /**
   * Durable envelopes from an offset on, in order: at least one if there is any, at most so many
   * and about so many bytes. Below `first` it begins with the oldest kept. Bodies are views of a
   * copy of their batch: they stay valid, but one body kept for long holds its whole batch in
   * memory. Throws Corrupt when a checksum fails.
   */
  read(from: number, countMax: number, bytesMax: number): LoggedEnvelope[]
  /** The saved offset of a follower: the next one it wants. 0 when it never saved one. */
  cursor(name: string): number
  /** `cursor` shows it at once; resolves when it is durable, which may wait for company up to
   * bounds.cursorWindowMs. Rejects with Unavailable when the log is closed before. */
  setCursor(name: string, offset: number): Promise<void>
  /** Names a follower without which nothing may be trimmed. */
  keepFor(name: string): void
  /**
   * Drops whole batches that every kept-for follower has passed with its durable cursor; one that
   * never saved a cursor has passed nothing. Without kept-for followers nothing is dropped. Throws
   * Unavailable.
   */
  trim(): Promise<void>
  /** Figures for health: bytes kept, the cap, and the oldest offset kept. */
  size(): { bytes: number; bytesMax: number; first: number }
  /** Writes what it can first. Appends throw Unavailable from then on. */
  close(): Promise<void>
}
