// Rows of `timestamp,value` in the ways that loggers, databases and sheets write them. Columns are
// found by their names, else by what stands in the first row that has a time; what is no finite
// number or no time is a fault of its row, never a guess. Compares no times and skips no row.
import type { CsvRecord } from './csv.ts'

export interface TimedValue {
  /** Of the file, from 1. */
  line: number
  /** As the file has them; a date and a time of day of two columns with a space between. */
  timestamp: string
  text: string
  value: number
  /** Why there is no value; `value` is not a number then. */
  fault?: string
}

export interface TimedValueReader {
  /** Undefined for the header and for what stands before it. */
  take(record: CsvRecord): TimedValue | undefined
  /** Whether it is known which columns hold times and values. */
  isKnown(): boolean
}

/** `date`: of a file that has the time of day in another column. */
interface Places {
  time: number
  value: number
  date?: number
  /** A column that says it is the time may count seconds or name the time of day alone. */
  isNamed: boolean
}

const delimiters = ['\t', ';', '|', ','] as const
/** Lines that say how cells are cut. */
const linesLooked = 20

const timeNames =
  /^(date[ _/-]?time|time[ _-]?stamp|time|date|ts|t|when|zeit(punkt|stempel)?|datum|epoch)$/
const valueNames =
  /^(value|values|reading|readings|measurement|temperature|temp|temperatur|messwert|wert|y|x)$/
const beginsAsTime = /(^|[ _.-])(date|time|timestamp|zeit|datum)([ _.-]|$)|_at$/
const beginsAsValue = /(^|[ _.-])(value|reading|temp|temperature|temperatur|messwert)([ _.-]|$)/

/**
 * The delimiter of a file, by its first lines: the one that most of them have. Of equal ones a
 * comma is the last, for it also stands within numbers.
 */
export function delimiterOf(text: string): string {
  const lines = text.split(/\r\n|\n|\r/, linesLooked + 1)
  // The last one may have been cut.
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines
  const often = (one: string): number => whole.filter((line) => line.includes(one)).length
  return delimiters.reduce((most, one) => (often(one) > often(most) ? one : most))
}

/** As far as the text tells: of times written alike with the year first, or counted. */
export const isEarlier = (time: string, than: string): boolean =>
  time.length === than.length && time < than && yearFirst.test(time) && yearFirst.test(than)

/** `delimiter`: where it is no comma, a comma may stand within a number. */
export function readTimedValues(delimiter: string): TimedValueReader {
  let header: readonly string[] | undefined
  let places: Places | undefined
  const take = (record: CsvRecord): TimedValue | undefined => {
    const { line, cells, fault } = record
    if (fault !== undefined) return { line, timestamp: '', text: '', value: Number.NaN, fault }
    if (places === undefined) {
      const named = placesOf(cells, header, delimiter)
      places = named?.places
      if (!named) header = undefined
      if (named?.isHeader) header = cells
      if (!places || named?.isHeader) return undefined
    }
    return rowOf(record, places, delimiter)
  }
  return { take, isKnown: () => places !== undefined }
}

function rowOf({ line, cells }: CsvRecord, places: Places, delimiter: string): TimedValue {
  const cell = (place: number): string => (cells[place] ?? '').trim()
  const date = places.date === undefined ? '' : cell(places.date)
  const timestamp = date === '' ? cell(places.time) : `${date} ${cell(places.time)}`
  const text = cell(places.value)
  const value = numberOf(text, delimiter)
  const row = { line, timestamp, text, value }
  const reads = isTime(timestamp) || (places.isNamed && (isCount(timestamp) || isClock(timestamp)))
  if (!reads) return { ...row, value: Number.NaN, fault: `"${shown(timestamp)}" is no time` }
  if (Number.isNaN(value))
    return { ...row, fault: `"${shown(text)}" is no finite number${remedyOf(text)}` }
  return row
}

function remedyOf(text: string): string {
  if (text === '') return ''
  return /^[\d., ']+$/.test(text) ? ': write it with a point and without separators' : ''
}

/**
 * Which columns: at once when a record names both; when it names one, or none, by what stands in
 * the record after it. Undefined: nothing is said here, as in lines before a header.
 */
function placesOf(
  cells: readonly string[],
  header: readonly string[] | undefined,
  delimiter: string,
): { places?: Places; isHeader: boolean } | undefined {
  const contents = contentsOf(cells, header, delimiter)
  if (contents) return { places: contents, isHeader: false }
  const { time, value, date } = isWords(cells, delimiter) ? namesOf(cells) : nameless
  if (time >= 0 && value >= 0) {
    const both = { time, value, isNamed: true }
    return { places: date < 0 ? both : { ...both, date }, isHeader: true }
  }
  if (time >= 0 || value >= 0) return { isHeader: true }
  // The row after a header that names one column: by place, and its fault is seen.
  return header ? { places: byPlace(header), isHeader: false } : undefined
}

/** As a header is: "limit,8" before it is none. */
const isWords = (cells: readonly string[], delimiter: string): boolean =>
  cells.length > 1 &&
  cells.every((cell) => !isTime(cell.trim()) && Number.isNaN(numberOf(cell.trim(), delimiter)))

/** By the cells of a row: a time, and the first number after it, else before it. */
function contentsOf(
  cells: readonly string[],
  header: readonly string[] | undefined,
  delimiter: string,
): Places | undefined {
  const named = header ? namesOf(header) : nameless
  const texts = cells.map((cell) => cell.trim())
  const calendarAt = texts.findIndex((text) => isTime(text) && !counted.test(text))
  const timeAt = calendarAt >= 0 ? calendarAt : texts.findIndex(isTime)
  const time = named.time >= 0 ? named.time : timeAt
  if (time < 0) return undefined
  const isValue = (text: string, at: number): boolean =>
    at !== time && !Number.isNaN(numberOf(text, delimiter))
  const after = texts.findIndex((text, at) => at > time && isValue(text, at))
  const value = named.value >= 0 ? named.value : after >= 0 ? after : texts.findIndex(isValue)
  if (value < 0 || value === time) return undefined
  const places = { time, value, isNamed: named.time >= 0 }
  return named.date < 0 ? places : { ...places, date: named.date }
}

function byPlace(header: readonly string[]): Places {
  const { time, value } = namesOf(header)
  const other = (taken: number): number => (taken === 0 ? 1 : 0)
  const isNamed = time >= 0
  return { time: isNamed ? time : other(value), value: value < 0 ? other(time) : value, isNamed }
}

const nameless = { time: -1, value: -1, date: -1 }

/** -1: no name says so. `date` is there beside a column of its own for the time of day. */
function namesOf(cells: readonly string[]): Record<'time' | 'value' | 'date', number> {
  // "Temp (°C)", "time [UTC]" and "temperature °C" are names with their units.
  const names = cells.map((cell) =>
    cell
      .toLowerCase()
      .replace(/\(.*?\)|\[.*?\]|°\s*[cfk]?/g, '')
      .trim(),
  )
  const date = names.findIndex((name) => name === 'date' || name === 'datum')
  const clock = names.findIndex((name) => name === 'time' || name === 'zeit' || name === 'uhrzeit')
  const place = (...known: RegExp[]): number => {
    for (const pattern of known) {
      const at = names.findIndex((name) => pattern.test(name))
      if (at >= 0) return at
    }
    return -1
  }
  const stamp = names.findIndex((name) => /^(time[ _-]?stamp|date[ _/-]?time)$/.test(name))
  const isSplit = date >= 0 && clock >= 0 && stamp < 0
  return {
    time: stamp >= 0 ? stamp : isSplit ? clock : place(timeNames, beginsAsTime),
    value: place(valueNames, beginsAsValue),
    date: isSplit ? date : -1,
  }
}

const numeric = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const unit = /\s*(°\s*[CFK]?|[CFK]|%(\s*RH)?)$/i

function numberOf(text: string, delimiter: string): number {
  const plain = delimiter === ',' ? text : text.replace(',', '.')
  const value = numeric.test(plain) ? Number(plain) : Number(bareOf(plain))
  return Number.isFinite(value) ? value : Number.NaN
}

/** Without its unit, with a minus sign that computers know; no number when it is none. */
function bareOf(text: string): string {
  const bare = text.replace(unit, '').replace('\u2212', '-')
  return numeric.test(bare) ? bare : 'none'
}

/** Year first with any of the usual signs between, or day or month first; time of day or not. */
const calendar =
  /^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))([T, ]+\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AP]M)?)?( ?(Z|UTC|GMT|[+-]\d{2}:?(\d{2})?))?$/i
/** Epoch seconds to nanoseconds, and compact dates. */
const counted = /^(\d{8,19}(\.\d+)?|\d{8}T\d{4,6}Z?)$/
const yearFirst = /^\d{4}/
/** A name of a month beside digits: without it, "logger 7" would be a date to JavaScript. */
const month = /(?=.*\d)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i

/** The order of rows is what counts: it must read as a time, of whichever zone. */
const isTime = (text: string): boolean =>
  calendar.test(text) || counted.test(text) || (month.test(text) && !Number.isNaN(Date.parse(text)))

const isCount = (text: string): boolean => numeric.test(text)
const isClock = (text: string): boolean =>
  /^\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AP]M)?$/i.test(text)

const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
