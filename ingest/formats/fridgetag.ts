// Text exports of Berlinger Fridge-tag and Q-tag loggers: rows, and what the device computed
// itself. The signatures at the end are not verified here. Times are the clock of the device: the
// caller says its zone.
import type { Reading } from '../../domain/reading.ts'
import { channels, refuseValue, type TemperatureUnit, toCelsius } from '../../domain/reading.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { parseRfc3339 } from '../../domain/rfc3339.ts'
import { refuse } from '../refuse.ts'
import { type DeviceFigures, gapIntervals } from './figures.ts'
import type { Gap, LoggerFile, LoggerFormat, ParseOptions } from './format.ts'
import { readFigures } from './fridgetag-figures.ts'
import {
  type Field,
  fieldOf,
  type IndentedFile,
  lineOf,
  parseIndented,
  type TableRow,
} from './indented.ts'

export const fridgetag: LoggerFormat = {
  id: 'fridgetag',
  title: 'Berlinger Fridge-tag and Q-tag text export',
  recognise: (head) => /^\uFEFF?Device: *(Q-tag|Fridge-tag)/.test(head),
  parse: parseFridgetag,
}

/** What every value of a file is read with. */
export interface Reader {
  /** Epoch ms of `yyyy-MM-dd` and `hh:mm`; NaN when there is no such moment. */
  time(date: string, clock: string): number
  /**
   * °C of a printed temperature; undefined for an empty or absent field and, refused, for a bad
   * one.
   */
  celsius(field: Field | undefined): number | undefined
  /** Whole minutes as ms, likewise. */
  minutes(field: Field | undefined): number | undefined
  reject(line: number, detail: string): void
}

function parseFridgetag(text: string, options: ParseOptions): Omit<LoggerFile, 'format'> {
  const file = parseIndented(text.replace(/^\uFEFF/, ''))
  const conf = lineOf(file.top, 'Conf')?.children ?? []
  const refusals: Refusal[] = [...file.refusals]
  const reader = makeReader(fieldOf(conf, 'Temp unit'), options, refusals)
  const model = fieldOf(file.top, 'Device')?.value ?? ''
  const serial = fieldOf(conf, 'Serial')?.value ?? ''
  if (serial === '') reader.reject(1, 'the file does not say the serial of its device')
  const loggingIntervalMs = reader.minutes(fieldOf(conf, 'Logging Interval'))
  const { readings, gaps, rowsMarked } = readRows(file, reader, loggingIntervalMs)
  const figures: DeviceFigures = { ...readFigures(file, reader), rowsMarked }
  if (lineOf(file.top, 'Sig') === undefined)
    reader.reject(
      Math.max(1, file.lineCount),
      'the file ends before its signature: it is cut short',
    )
  return {
    device: { id: serial, serial, model, ...(loggingIntervalMs ? { loggingIntervalMs } : {}) },
    readings,
    figures,
    refusals: refusals.toSorted((a, b) => Number(a.path) - Number(b.path)),
    gaps,
  }
}

function makeReader(
  unitField: Field | undefined,
  { utcOffsetMinutes }: ParseOptions,
  refusals: Refusal[],
): Reader {
  const reject = (line: number, detail: string): void =>
    refuse(refusals, { code: 'import/line', path: String(line), detail })
  // Q-tags do not print a unit: theirs is always C.
  const stated = unitField?.value || 'C'
  const isKnown = stated === 'C' || stated === 'F'
  if (!isKnown) reject(unitField!.line, `temperature unit ${stated} is neither C nor F`)
  const unit: TemperatureUnit = stated === 'F' ? 'F' : 'C'
  return {
    reject,
    time: (date, clock) => parseRfc3339(`${date}T${clock}:00Z`) - utcOffsetMinutes * 60_000,
    celsius(field) {
      if (field === undefined || field.value === '' || field.value === noValue) return undefined
      if (!isKnown) return undefined
      if (/^[+-]?\d{1,3}\.\d$/.test(field.value)) return toCelsius(Number(field.value), unit) + 0
      reject(field.line, `${field.key}: ${JSON.stringify(field.value)} is not a temperature`)
    },
    minutes(field) {
      if (field === undefined || field.value === '') return undefined
      if (/^\d{1,7}$/.test(field.value)) return Number(field.value) * 60_000
      reject(field.line, `${field.key}: ${JSON.stringify(field.value)} is not whole minutes`)
    },
  }
}

/** Printed at start-up and while the sensor is off. */
const noValue = '--.-'
const rowPattern = /^\t(\d{4}-\d\d-\d\d) (\d\d:\d\d)\t([^\t]*)(?:\t(x?)\s*)?$/

interface Row {
  time: number
  /** Undefined: the row says that there was no reading. */
  value: number | undefined
}

function readRows(
  file: IndentedFile,
  reader: Reader,
  intervalMs: number | undefined,
): { readings: Reading[]; gaps: Gap[]; rowsMarked: number } {
  const rows: Row[] = []
  const seen = new Set<number>()
  let rowsMarked = 0
  for (const { number, text } of dataRows(file, reader)) {
    // The table's head: the format of its times.
    if (text.startsWith('\tyyyy')) continue
    const match = rowPattern.exec(text)
    const time = match ? reader.time(match[1]!, match[2]!) : Number.NaN
    if (!match || Number.isNaN(time)) {
      reader.reject(
        number,
        `not a time, a temperature and a mark: ${JSON.stringify(text.slice(0, 60))}`,
      )
      continue
    }
    const printed = match[3]!
    const value = reader.celsius({ key: 'T', value: printed || '?', line: number })
    if (value === undefined && printed !== noValue) continue
    const refusal = value === undefined ? undefined : refuseValue(value, channels.temperature!, '')
    if (refusal || seen.has(time)) {
      reader.reject(number, refusal?.detail ?? 'a second row for the same time')
      continue
    }
    seen.add(time)
    rows.push({ time, value })
    if (value !== undefined && match[4] === 'x') rowsMarked++
  }
  rows.sort((a, b) => a.time - b.time)
  const readings: Reading[] = []
  for (const { time, value } of rows)
    if (value !== undefined) readings.push({ channel: 'temperature', time, value })
  return { readings, gaps: gapsOf(rows, intervalMs), rowsMarked }
}

/** The rows of the `Data:` table, and those that a damaged file left below some other line. */
function dataRows(file: IndentedFile, reader: Reader): TableRow[] {
  const rows: TableRow[] = []
  for (const [table, own] of file.tables) {
    // Markers are the user's pressing of a button, with a temperature that is in the rows too.
    if (table === 'Marker') continue
    if (table !== 'Data') reader.reject(own[0]!.number, 'rows of a table outside "Data:"')
    for (const row of own) rows.push(row)
  }
  return rows
}

/** Rows without a value, and times without a row for longer than a reading may stand. */
function gapsOf(rows: readonly Row[], intervalMs: number | undefined): Gap[] {
  const gaps: Gap[] = []
  let last: Row | undefined
  let open = false
  for (const row of rows) {
    const far = intervalMs && last && row.time - last.time > gapIntervals * intervalMs
    if (last && (open || far || (row.value === undefined && !open))) {
      if (open) gaps.at(-1)!.to = row.time
      else gaps.push({ from: last.time, to: row.time })
    } else if (row.value === undefined) gaps.push({ from: row.time, to: row.time })
    open = row.value === undefined
    last = row
  }
  return gaps
}
