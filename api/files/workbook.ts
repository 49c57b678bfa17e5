// A table as a workbook (XLSX), for people: headings in the reader's language, moments as moments
// of the reader's zone, temperatures in the reader's unit. Texts stay texts, whatever a spreadsheet
// would take them for: there is no formula in it.
import type { CellObject } from 'write-excel-file/node'
import type { Reader } from '../../quality/report/reader.ts'
import type { Cell, Row } from '../rows.ts'
import { cellWord } from './cell-words.ts'
import { columnWord } from './column-words.ts'
import type { FileColumn } from './files.ts'

const dayMs = 86_400_000
/** 1970-01-01 as spreadsheets count days. */
const dayOfEpoch = 25_569
/** What a cell may hold; spreadsheets refuse to open more. */
const cellCharsMax = 32_767
const widthMax = 60

export async function formatWorkbook(
  { columns, rows }: { columns: readonly FileColumn[]; rows: readonly Row[] },
  reader: Reader,
): Promise<Uint8Array<ArrayBuffer>> {
  // Loaded when somebody wants a workbook.
  const { default: writeExcelFile } = await import('write-excel-file/node')
  const offsetAt = offsetsOf(reader.zone)
  const titles = columns.map((column) => titleOf(column, reader))
  const head = titles.map((value): CellObject => ({ value, type: String, fontWeight: 'bold' }))
  const body = rows.map((row) =>
    columns.map((column) => cellOf(row[column.name], { column, reader, offsetAt })),
  )
  const widths = columns.map(({ name, type }, i) => {
    if (type === 'time') return { width: Math.max(17, titles[i]!.length + 2) }
    const longest = rows.slice(0, 500).map((row) => String(row[name] ?? '').length)
    return { width: Math.min(widthMax, Math.max(titles[i]!.length, ...longest) + 2) }
  })
  const bytes = await writeExcelFile([head, ...body], {
    ...{ sheet: 'Isotherm', columns: widths, stickyRowsCount: 1 },
  }).toBuffer()
  return new Uint8Array(bytes)
}

/** `Worst (°F)`, `From (Europe/Berlin)`: a spreadsheet has no place for a unit or a zone. */
function titleOf({ name, type, title }: FileColumn, { language, unit, zone }: Reader): string {
  const word = title ?? columnWord(name, language)
  if (type === 'time') return `${word} (${zone})`
  return type === 'celsius' ? `${word} (°${unit})` : word
}

function cellOf(
  value: Cell,
  of: { column: FileColumn; reader: Reader; offsetAt: (time: number) => number },
): CellObject | null {
  if (value === null || value === undefined || value === '') return null
  const { type } = of.column
  const { unit, language } = of.reader
  if (type === 'time') {
    const time = Date.parse(String(value))
    if (!Number.isFinite(time)) return { value: String(value), type: String }
    const days = (time + of.offsetAt(time)) / dayMs + dayOfEpoch
    return { value: days, type: Number, format: 'yyyy-mm-dd hh:mm:ss' }
  }
  if (typeof value === 'number') {
    const shown = type === 'celsius' && unit === 'F' ? value * 1.8 + 32 : value
    // A figure that was told to the tenth is no longer one after the way through the other unit.
    return { value: Math.round(shown * 1e6) / 1e6, type: Number }
  }
  if (typeof value === 'boolean') return { value, type: Boolean }
  const text = type === 'code' ? cellWord(value, language) : value
  return { value: text.slice(0, cellCharsMax), type: String }
}

/** How far the zone's clocks are ahead of UTC at a time, ms; remembered by hour. */
function offsetsOf(zone: string): (time: number) => number {
  const known = new Map<number, number>()
  const clock = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const quarterMs = 900_000
  return (time) => {
    const quarter = Math.floor(time / quarterMs)
    const before = known.get(quarter)
    if (before !== undefined) return before
    const part: Record<string, number> = {}
    const at = quarter * quarterMs
    for (const { type, value } of clock.formatToParts(at)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - at
    known.set(quarter, offset)
    return offset
  }
}
