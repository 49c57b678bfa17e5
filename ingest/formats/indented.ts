// The skeleton of an indented `Key: value` file with tab-separated tables: which line stands below
// which, and which tables there are. Knows no meaning of any key. Refuses lines that are neither,
// by their number.
import type { Refusal } from '../../domain/refusal.ts'
import { refuse } from '../refuse.ts'

export interface Line {
  /** From 1, as editors count. */
  number: number
  /** `Key: value, Key: value`, in order. */
  pairs: Field[]
  children: Line[]
}

export interface Field {
  key: string
  value: string
  line: number
}

export interface TableRow {
  number: number
  text: string
}

export interface IndentedFile {
  top: Line[]
  /** Rows by the key of the line above them. */
  tables: ReadonlyMap<string, TableRow[]>
  lineCount: number
  refusals: Refusal[]
}

/** One space per level; a row of a table begins with a tab. */
export function parseIndented(text: string): IndentedFile {
  const top: Line[] = []
  const tables = new Map<string, TableRow[]>()
  const refusals: Refusal[] = []
  // The open line of each level.
  const open: Line[] = []
  let number = 0
  for (const raw of text.split('\n')) {
    number++
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.trim() === '') continue
    const table = open[0]?.pairs[0]?.key
    if (line.startsWith('\t') && table !== undefined) {
      const rows = tables.get(table)
      if (rows) rows.push({ number, text: line })
      else tables.set(table, [{ number, text: line }])
      continue
    }
    const level = line.length - line.trimStart().length
    const pairs = pairsOf(line.trim(), number)
    if (pairs.length === 0 || level > open.length) {
      const shown = JSON.stringify(line.slice(0, 60))
      const detail = `neither "Key: value" nor a row of a table: ${shown}`
      refuse(refusals, { code: 'import/line', path: String(number), detail })
      continue
    }
    const own: Line = { number, pairs, children: [] }
    open.length = level
    const siblings = level === 0 ? top : open[level - 1]!.children
    siblings.push(own)
    open.push(own)
  }
  return { top, tables, lineCount: text.endsWith('\n') ? number - 1 : number, refusals }
}

/** The first line with this key among these. */
export const lineOf = (lines: readonly Line[], key: string): Line | undefined =>
  lines.find((line) => line.pairs.some((field) => field.key === key))

/** The first field with this key among these lines. */
export function fieldOf(lines: readonly Line[], key: string): Field | undefined {
  return lineOf(lines, key)?.pairs.find((field) => field.key === key)
}

/** A comma separates pairs only when another key follows, since values may hold commas. */
function pairsOf(text: string, line: number): Field[] {
  const pairs: Field[] = []
  for (const part of text.split(/, (?=[A-Za-z][\w ]{0,30}:)/)) {
    const colon = part.indexOf(':')
    if (colon < 1) return []
    pairs.push({ key: part.slice(0, colon), value: part.slice(colon + 1).trim(), line })
  }
  return pairs
}
