// The series store: readings by (tenant, device, channel) and event time. This file is the port;
// store/duckdb/series.ts is the embedded store. It never sees a serial number (I7).
import type { Hour } from '../domain/hours.ts'
import type { SeriesKey } from '../domain/reading.ts'

/**
 * One reading on its way to the store. `time` is a whole number of ms, `value` is finite; anything
 * else is a bug of the caller. `offset` is that of the envelope it came in.
 */
export interface SeriesRow extends SeriesKey {
  time: number
  value: number
  offset: number
}

/** A row that the store will never take: it is refused, the others of its write are kept. */
export interface RejectedRow {
  /** The object that was given to `write`. */
  row: SeriesRow
  reason: string
}

export interface SeriesPoint {
  time: number
  value: number
}

/** Ascending by time, unique; both of one length, cheap to move between threads. */
export interface SeriesColumns {
  times: Float64Array<ArrayBuffer>
  values: Float64Array<ArrayBuffer>
}

/** The newest reading of a channel. */
export interface Latest extends SeriesPoint {
  channel: string
}

export interface SeriesBucket {
  /** Start of the bucket, a multiple of the width since the epoch, in ms. */
  time: number
  min: number
  mean: number
  max: number
  count: number
}

/** A day (UTC) of a channel: its begin, the lowest and the highest, and how many were written. */
export interface SeriesDay {
  device: string
  channel: string
  time: number
  min: number
  max: number
  count: number
}

export interface DaysAsked {
  from: number
  to: number
  wanted(channel: string): boolean
}

/** from inclusive, to exclusive, epoch ms. */
export interface SeriesSpan extends SeriesKey {
  from: number
  to: number
}

/** What is kept of an hour of a series when its readings go. */
export type HourRow = SeriesKey & Hour

/** What a series holds: first and last time, and how many readings or hours. */
export interface SeriesExtent {
  channel: string
  from: number
  to: number
  count: number
}

/**
 * Identity of a reading is series key + time. Writing it again changes nothing; of two values for
 * the same identity the greater one stands, whatever order they came in (I3). `write` is called
 * by one follower, never concurrently; reads may run beside it.
 */
export interface Series {
  /**
   * Resolves when all rows are durable but for those it resolves to, which the store will never
   * take (normally none). Throws Unavailable: the caller writes the whole batch again. A read that
   * starts after it resolved sees the rows.
   */
  write(rows: SeriesRow[]): Promise<RejectedRow[]>
  /**
   * Ascending by time. `beforeOffset`: as if only envelopes before this offset had come, also
   * when a greater value stands today. `limit` keeps the first so many. Reads throw Unavailable
   * (too many at once, closed, disk) or Corrupt.
   */
  range(span: SeriesSpan & { limit?: number; beforeOffset?: number }): Promise<SeriesPoint[]>
  /** The same as `range` without a limit, as columns: a year of a device is no list of objects. */
  columns(span: SeriesSpan & { beforeOffset?: number }): Promise<SeriesColumns>
  /**
   * Buckets of `everyMs` that hold at least one reading, ascending: every extreme survives in
   * min and max.
   */
  downsample(span: SeriesSpan & { everyMs: number; limit?: number }): Promise<SeriesBucket[]>
  /**
   * Each day that holds a reading, of all wanted channels of these devices, in no order: to see at
   * once where it is worth looking. Values that another one of the same identity has taken the
   * place of may still count.
   */
  dayExtremes(tenant: string, devices: readonly string[], asked: DaysAsked): Promise<SeriesDay[]>
  /** The newest reading of each channel of a device. */
  latest(tenant: string, device: string): Promise<Latest[]>
  /**
   * The same of many devices in one go, by device; those without a reading are not in it. For
   * lists: what is asked one by one costs a question each.
   */
  latestOf(tenant: string, devices: readonly string[]): Promise<Map<string, Latest[]>>
  /** Channels a device has readings for, with first and last time and count. */
  channels(tenant: string, device: string): Promise<SeriesExtent[]>
  /**
   * Drops readings before a time; one that is written later stays until the next drop. Hours stay.
   */
  dropBefore(time: number): Promise<void>
  /**
   * Resolves when all are durable. An hour that is there already is replaced; of one given twice
   * either stands. Never beside another `writeHours`. Throws Unavailable: they are to come again.
   */
  writeHours(hours: HourRow[]): Promise<void>
  /** Ascending; those that begin in the span. `limit` keeps the first so many. */
  hours(span: SeriesSpan & { limit?: number }): Promise<Hour[]>
  /** Channels a device has hours for. */
  hourChannels(tenant: string, device: string): Promise<SeriesExtent[]>
  /**
   * Answers what was asked before, then lets go of everything; calls after it reject with
   * Unavailable.
   */
  close(): Promise<void>
}
