// Rows of `timestamp,value` in the ways that loggers, databases and sheets write them. Columns are
// found by their names, else by their place; what is no finite number or no time is a fault of its
// row, never a guess.
import type { CsvRecord } from './csv.ts'

export interface TimedValue {
  /** Of the file, from 1. */
  line: number
  /** As the file has them. */
  timestamp: string
  text: string
  value: number
  /** Why there is no value; `value` is not a number then. */
  fault?: string
}

export interface TimedValueReader {
  /** Undefined for the header. */
  take(record: CsvRecord): TimedValue | undefined
}

const timeNames = ['timestamp', 'time', 'datetime', 'date time', 'date_time', 'date', 'ts']
const valueNames = ['value', 'reading', 'values', 'measurement', 'temperature', 'temp', 'y']

/** The delimiter of a file, by its first line. */
export function delimiterOf(text: string): string {
  const [first = ''] = text.split('\n', 1)
  const often = (delimiter: string): number => first.split(delimiter).length
  return [',', ';', '\t'].reduce((most, one) => (often(one) > often(most) ? one : most))
}

/** `delimiter`: after a semicolon or a tab, a comma may stand within a number. */
export function readTimedValues(delimiter: string): TimedValueReader {
  let places: { time: number; value: number } | undefined
  const take = (record: CsvRecord): TimedValue | undefined => {
    const { line, cells, fault } = record
    if (fault !== undefined) return { line, timestamp: '', text: '', value: Number.NaN, fault }
    if (places === undefined) {
      const named = placesOf(cells)
      places = named ?? { time: 0, value: 1 }
      if (named || !isTime(cells[0] ?? '')) return undefined
    }
    const timestamp = (cells[places.time] ?? '').trim()
    const text = (cells[places.value] ?? '').trim()
    const value = numberOf(text, delimiter)
    const row = { line, timestamp, text, value }
    if (!isTime(timestamp))
      return { ...row, value: Number.NaN, fault: `"${shown(timestamp)}" is no time` }
    if (Number.isNaN(value)) return { ...row, fault: `"${shown(text)}" is no finite number` }
    return row
  }
  return { take }
}

function placesOf(cells: readonly string[]): { time: number; value: number } | undefined {
  const names = cells.map((cell) => cell.trim().toLowerCase())
  const place = (known: readonly string[]): number =>
    names.indexOf(known.find((name) => names.includes(name)) ?? '-')
  const time = place(timeNames)
  const value = place(valueNames)
  if (time < 0 && value < 0) return undefined
  // One of the two by its name; the other is the first column that is left.
  const other = (taken: number): number => (taken === 0 ? 1 : 0)
  return { time: time < 0 ? other(value) : time, value: value < 0 ? other(time) : value }
}

const numeric = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function numberOf(text: string, delimiter: string): number {
  const plain = delimiter === ',' ? text : text.replace(',', '.')
  const value = numeric.test(plain) ? Number(plain) : Number.NaN
  return Number.isFinite(value) ? value : Number.NaN
}

/** Year first with any of the usual signs between, or day or month first; time of day or not. */
const calendar =
  /^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))([T ]+\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AP]M)?)?( ?(Z|UTC|GMT|[+-]\d{2}:?(\d{2})?))?$/i
/** Epoch seconds to nanoseconds, and compact dates. */
const counted = /^\d{8,19}(\.\d+)?$/

/** The order of rows is what counts: it must read as a time, of whichever zone. */
const isTime = (text: string): boolean =>
  calendar.test(text) ||
  counted.test(text) ||
  (/[a-z]{3}/i.test(text) && !Number.isNaN(Date.parse(text)))

const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
