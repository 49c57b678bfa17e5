// What a printed report says, as a plain record of sections in the reader's language: whoever has
// the record makes the same document from it, to the byte. Knows no database and no layout.
import { createHash } from 'node:crypto'
import { canonical } from '../../domain/canonical.ts'

export const reportKinds = ['release', 'recall', 'alert', 'shipment', 'investigation'] as const
export type ReportKind = (typeof reportKinds)[number]

export interface ReportRecord {
  kind: 'report'
  /**
   * Of the layout: another one makes other bytes of the same record. 1 is that of 0.4.0, still made
   * to compare documents with that somebody kept.
   */
  version: 1 | 2
  report: ReportKind
  language: string
  title: string
  subtitle: string
  /** Epoch ms of what is told, not of the printing: equal input makes equal bytes. */
  at: number
  /** Of each page, after its number: "of". */
  words: { page: string; of: string; hash: string; odd: string }
  sections: Section[]
}

export type Section =
  | { kind: 'facts'; title?: string; rows: [name: string, value: string][] }
  | { kind: 'text'; title?: string; lines: string[] }
  | { kind: 'table'; title?: string; columns: Column[]; rows: string[][]; note?: string }
  | { kind: 'list'; title?: string; groups: ListGroup[]; note?: string }
  | { kind: 'chart'; title?: string; chart: Chart }
  | { kind: 'signatures'; title?: string; signatures: [name: string, value: string][][] }

export interface Column {
  title: string
  /** Share of the width of the page. */
  share: number
  align?: 'right'
}

/** What belongs together, many short texts side by side. */
export interface ListGroup {
  title: string
  items: string[]
}

/** Temperatures in the reader's unit, over time. */
export interface Chart {
  unit: string
  from: number
  to: number
  /** Epoch ms, least and most of a piece of time; null where nothing is known. */
  points: [time: number, min: number | null, max: number | null][]
  limits: { value: number; name: string }[]
  /** The breach that is spoken of. */
  marked: { from: number; to: number } | null
  /** Times written below, at their places. */
  ticks: { time: number; text: string }[]
  /** What the lines and areas are, below it. */
  words?: { curve: string; limit: string; breach: string; unknown: string }
}

/** SHA-256 of the record's canonical JSON (RFC 8785), in hex. */
export const reportHashOf = (record: ReportRecord): string =>
  createHash('sha256').update(canonical(record)).digest('hex')

/** Units that are printed; of more the hash says which they are. */
export const printedUnitsMax = 5000
