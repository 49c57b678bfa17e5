// Delimited text becomes records, piece by piece, in bounded memory (RFC 4180, read as kindly as is
// certain). What cannot be read is one record with its fault, and the next line is read again:
// nothing is skipped silently. Knows nothing of what cells mean.

export interface CsvRecord {
  /** Of its first line, from 1. */
  line: number
  cells: string[]
  /** As it came, without its line break; cut when it is longer than allowed. */
  raw: string
  /** Why its cells are not there. */
  fault?: string
}

export interface CsvRules {
  delimiter: string
  /** Characters of a record, line breaks within quotes included. */
  rowCharsMax: number
  columnsMax: number
  /** Number of the first line; 1 when absent. */
  firstLine?: number
}

export interface CsvReader {
  /** Records that are complete now; empty lines are none. */
  push(text: string): CsvRecord[]
  /** What is left when no more comes. */
  finish(): CsvRecord[]
}

/** Where a record ends and what it is; `next` is where the one after it begins. */
interface Found {
  next: number
  end: number
  cells: string[]
  fault?: string
}

export function readCsv(rules: CsvRules): CsvReader {
  let rest = ''
  let line = rules.firstLine ?? 1
  /** The remainder of a line that was too long is dropped as it comes. */
  let isDropping = false

  const take = (isLast: boolean): CsvRecord[] => {
    const records: CsvRecord[] = []
    let at = 0
    while (at < rest.length) {
      if (isDropping) {
        const end = rest.indexOf('\n', at)
        at = end < 0 ? rest.length : end + 1
        if (end >= 0) {
          isDropping = false
          line++
        }
        continue
      }
      const found = nextRecord(rest, at, { rules, isLast })
      if (found === undefined) {
        if (rest.length - at <= rules.rowCharsMax) break
        // One more than allowed: read again, it is still too long.
        records.push(tooLong(rest.slice(at, at + rules.rowCharsMax + 1), line, rules))
        isDropping = true
        continue
      }
      const raw = rest.slice(at, found.end)
      if (raw !== '') records.push(recordOf(found, { raw, line, rules }))
      line += linesIn(rest, at, found.next)
      at = found.next
    }
    rest = rest.slice(at)
    return records
  }
  return {
    push: (text) => {
      rest += text
      return take(false)
    },
    finish: () => take(true),
  }
}

const tooLong = (raw: string, line: number, { rowCharsMax }: CsvRules): CsvRecord => ({
  line,
  cells: [],
  raw,
  fault: `the row is longer than ${rowCharsMax} characters`,
})

function recordOf(
  { cells, fault }: Found,
  { raw, line, rules }: { raw: string; line: number; rules: CsvRules },
): CsvRecord {
  const detail =
    fault ??
    (cells.length > rules.columnsMax
      ? `the row has ${cells.length} cells, more than ${rules.columnsMax}`
      : raw.length > rules.rowCharsMax
        ? `the row is longer than ${rules.rowCharsMax} characters`
        : undefined)
  return detail === undefined ? { line, cells, raw } : { line, cells: [], raw, fault: detail }
}

/** Undefined: its end has not come yet. */
function nextRecord(
  text: string,
  at: number,
  { rules, isLast }: { rules: CsvRules; isLast: boolean },
): Found | undefined {
  const newline = text.indexOf('\n', at)
  if (newline < 0 && !isLast) return undefined
  const next = newline < 0 ? text.length : newline + 1
  const end = lineEnd(text, at, newline < 0 ? text.length : newline)
  const said = text.slice(at, end)
  // Most files quote nothing: their lines are cut where the delimiter stands.
  if (!said.includes('"')) return { next, end, cells: said.split(rules.delimiter) }
  return quotedRecord(text, at, { rules, isLast, line: { next, end } })
}

function quotedRecord(
  text: string,
  from: number,
  { rules, isLast, line }: { rules: CsvRules; isLast: boolean; line: Pick<Found, 'next' | 'end'> },
): Found | undefined {
  const cells: string[] = []
  const fault = (what: string): Found => ({ ...line, cells: [], fault: what })
  let at = from
  for (;;) {
    let cell: string
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1)
      if (close < 0 || close - from > rules.rowCharsMax) {
        if (!isLast && text.length - from <= rules.rowCharsMax) return undefined
        return fault('a quote is not closed')
      }
      // The character after it decides whether it closes.
      if (close + 1 === text.length && !isLast) return undefined
      cell = text.slice(at + 1, close).replaceAll('""', '"')
      at = close + 1
    } else {
      const end = cellEnd(text, at, rules.delimiter)
      if (end < 0 && !isLast) return undefined
      const stop = end < 0 ? text.length : end
      cell = text.slice(at, text[stop] === '\n' ? lineEnd(text, at, stop) : stop)
      at = stop
    }
    cells.push(cell)
    if (text[at] === rules.delimiter) {
      at++
      continue
    }
    if (text[at] === '\r' && at + 1 === text.length && !isLast) return undefined
    const newline = text[at] === '\r' && text[at + 1] === '\n' ? at + 1 : at
    if (at >= text.length) return { next: text.length, end: text.length, cells }
    if (text[newline] === '\n') return { next: newline + 1, end: at, cells }
    return fault('text stands after a closing quote')
  }
}

/** Of a cell that began with a quote; -1 when it is not there. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at
  return -1
}

function cellEnd(text: string, from: number, delimiter: string): number {
  const newline = text.indexOf('\n', from)
  const cut = text.indexOf(delimiter, from)
  return cut < 0 || (newline >= 0 && newline < cut) ? newline : cut
}

/** Without the carriage return before a line feed. */
const lineEnd = (text: string, from: number, newline: number): number =>
  newline > from && text[newline - 1] === '\r' ? newline - 1 : newline

function linesIn(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1))
    lines++
  return lines
}
