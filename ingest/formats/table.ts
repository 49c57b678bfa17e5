// Tables of readings as loggers, databases and sheets write them: a header, then a row per moment.
// The whole file is looked at before any time is given out. Refuses a file whose times may be read
// in two ways, saying what must be told, and single rows by their line; a row says all it can.
import { bounds } from '../../config.ts'
import { channelOf, channels, type Reading, refuseTime, refuseValue } from '../../domain/reading.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { type CsvRecord, readCsv } from '../files/csv.ts'
import { refuse } from '../refuse.ts'
import { gapIntervals } from './figures.ts'
import type { Gap, LoggerFile, LoggerFormat, ParseOptions } from './format.ts'
import { columnsOf, type TableColumns } from './table-columns.ts'
import { openTimes, type Row, surveyTimes } from './table-times.ts'

export const table: LoggerFormat = {
  id: 'table',
  title:
    'table with a header: a time, or the time since start, and columns such as temperature, Temp (°F) or RH (%)',
  takesTimes: true,
  recognise: (head) => headerOf(head) !== undefined,
  parse: parseTable,
}

interface Header {
  columns: TableColumns
  delimiter: string
  /** Of the header, from 1. */
  line: number
  cells: number
  /** Where the rows begin. */
  end: number
}

const delimiters = [',', ';', '\t', '|']
/** Exports tell of the logger first. */
const headerLinesMax = 60

function headerOf(text: string): Header | undefined {
  let from = 0
  for (let line = 1; line <= headerLinesMax && from < text.length; line++) {
    const newline = text.indexOf('\n', from)
    const end = newline < 0 ? text.length : newline + 1
    const raw = text
      .slice(from, end)
      .replace(/^\uFEFF/, '')
      .trimEnd()
    for (const delimiter of delimiters) {
      if (!raw.includes(delimiter)) continue
      const cells = cellsOf(raw, delimiter)
      const columns = columnsOf(cells)
      if (columns) return { columns, delimiter, line, cells: cells.length, end }
    }
    from = end
  }
  return undefined
}

const rulesOf = (delimiter: string) => ({
  delimiter,
  rowCharsMax: bounds.loadRowCharsMax,
  columnsMax: bounds.loadColumnsMax,
})

const cellsOf = (raw: string, delimiter: string): string[] => {
  const reader = readCsv(rulesOf(delimiter))
  return [...reader.push(raw), ...reader.finish()][0]?.cells ?? []
}

function parseTable(text: string, options: ParseOptions): Omit<LoggerFile, 'format'> {
  const header = headerOf(text)!
  const { columns } = header
  const read: string[] = columns.channels.map(({ channel }) => channel)
  const unread = columns.unread.slice(0, 20).join(', ')
  const file: Omit<LoggerFile, 'format'> = {
    device: {
      ...{ id: '', serial: '' },
      model: `table of ${read.join(', ')}${unread && ` (not read: ${unread})`}`,
    },
    ...{ readings: [], figures: { limits: [], periods: [], rowsMarked: 0 } },
    ...{ refusals: [], gaps: [] },
  }
  const whole = (path: string, detail: string) => {
    const fault: Refusal = { code: 'import/times', path, detail }
    return { ...file, fault }
  }
  if (columns.fault) return whole(String(header.line), columns.fault)
  const surveyed = surveyTimes(rowsOf(text, header), { columns, options })
  if ('fault' in surveyed) return whole(surveyed.path, surveyed.fault)
  const times = openTimes(surveyed, options)
  const taken = takeRows(rowsOf(text, header), { header, now: options.now, timeOf: times.timeOf })
  return { ...file, ...taken, gaps: gapsOf(taken.readings) }
}

/** Rows with what they say of their time, and the records that are none. */
function* rowsOf(text: string, { columns, delimiter, line, end }: Header): Generator<Row> {
  const reader = readCsv({ ...rulesOf(delimiter), firstLine: line + 1 })
  const { date, time, relative } = columns
  const cell = (cells: readonly string[], at: number | undefined): string =>
    at === undefined ? '' : (cells[at] ?? '').trim()
  const rowOf = (record: CsvRecord): Row => {
    const own = cell(record.cells, time)
    const moment = date === undefined || own === '' ? own : `${cell(record.cells, date)} ${own}`
    return { record, moment, since: cell(record.cells, relative?.at) }
  }
  for (let from = end; from < text.length; from += sliceChars)
    for (const record of reader.push(text.slice(from, from + sliceChars))) yield rowOf(record)
  for (const record of reader.finish()) yield rowOf(record)
}

const sliceChars = 1 << 20

interface Taking {
  header: Header
  now: number | undefined
  timeOf: (row: Row) => number | string
}

function takeRows(
  rows: Iterable<Row>,
  { header, now = Infinity, timeOf }: Taking,
): { readings: Reading[]; refusals: Refusal[] } {
  const refusals: Refusal[] = []
  const columns = header.columns.channels.map((column) => ({ ...column, series: newSeries() }))
  const last = Math.max(...columns.map(({ at }) => at))
  const readings: Reading[] = []
  for (const row of rows) {
    const { cells, line, fault } = row.record
    const path = String(line)
    const reject = (detail: string): void => refuse(refusals, { code: 'import/line', path, detail })
    // A blank row, or what stands below a table, as sheets have it.
    if (row.moment === '' && row.since === '' && cells.every((cell) => cell.trim() === '')) {
      if (fault !== undefined) reject(fault)
      continue
    }
    if (cells.length <= last) {
      reject(`${cells.length} cells, the header has ${header.cells}: the row is cut short`)
      continue
    }
    const time = timeOf(row)
    const refusal = typeof time === 'number' ? refuseTime(time, now, path) : undefined
    if (typeof time === 'string' || refusal) {
      reject(refusal ? refusal.detail : String(time))
      continue
    }
    for (const { at, channel, convert, series } of columns) {
      const text = cells[at]!.trim()
      if (noValue.test(text)) continue
      const value = convert(numberOf(text, header.delimiter))
      const before = series.at(time)
      const wrong = refuseCell(text, { channel, value, before })
      if (wrong !== undefined) reject(wrong)
      else if (before === undefined) {
        series.add(time, value)
        readings.push({ channel, time, value })
      }
    }
  }
  return { readings: inOrder(readings), refusals }
}

/**
 * The readings of a channel so far, by their time. Nearly every table goes one way only: until one
 * does not, no time can have been there before, and nothing is looked up.
 */
function newSeries() {
  const times: number[] = []
  const values: number[] = []
  let known: Map<number, number> | undefined
  const isBeyond = (time: number): boolean => {
    const [first, last] = [times[0]!, times.at(-1)!]
    return times.length < 2 ? time !== first : last > first ? time > last : time < last
  }
  return {
    at: (time: number): number | undefined => {
      if (!known && !isBeyond(time)) known = new Map(times.map((one, i) => [one, values[i]!]))
      return known?.get(time)
    },
    add: (time: number, value: number): void => {
      known?.set(time, value)
      times.push(time)
      values.push(value)
    },
  }
}

/** Ascending; those of one moment as they stand in their row. */
function inOrder(readings: Reading[]): Reading[] {
  const isAscending = readings.every(({ time }, i) => i === 0 || readings[i - 1]!.time <= time)
  return isAscending ? readings : readings.sort((a, b) => a.time - b.time)
}

/** What sheets and loggers write where there is no reading. */
const noValue = /^(|-+|-+\.-+|n\/?a|nan|null|none|#n\/a|\?)$/i
const numeric = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** After any other delimiter than a comma, a comma may stand for the decimal point. */
function numberOf(text: string, delimiter: string): number {
  const plain = delimiter === ',' ? text : text.replace(',', '.')
  return numeric.test(plain) ? Number(plain) : Number.NaN
}

function refuseCell(
  text: string,
  { channel, value, before }: { channel: string; value: number; before: number | undefined },
): string | undefined {
  if (Number.isNaN(value)) return `${channel}: ${JSON.stringify(text.slice(0, 40))} is no number`
  const physics = refuseValue(value, channelOf(channel) ?? channels.temperature!, '')
  if (physics) return `${channel}: ${physics.detail}`
  if (before !== undefined && before !== value)
    return `${channel}: another value for the same time; of a clock that was set back, give the zone (--zone)`
  return undefined
}

/** Times without a reading of the first channel for longer than its rows usually lie apart. */
function gapsOf(readings: readonly Reading[]): Gap[] {
  const own = readings.filter(({ channel }) => channel === readings[0]?.channel)
  const apart = own.slice(1).map(({ time }, i) => time - own[i]!.time)
  const usual = apart.toSorted((a, b) => a - b)[Math.floor((apart.length - 1) / 2)] ?? 0
  return apart.flatMap((ms, i) =>
    ms > gapIntervals * usual ? [{ from: own[i]!.time, to: own[i + 1]!.time }] : [],
  )
}
