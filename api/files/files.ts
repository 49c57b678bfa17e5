// Tables as files: CSV and NDJSON as they are read, workbooks for people, Parquet for who computes.
// CSV, NDJSON and Parquet say what JSON says: RFC 3339 in UTC, °C, codes. A workbook is in the
// language, unit and zone of its reader. What is in a table is for who asks.
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import type { Reader } from '../../quality/report/reader.ts'
import { pageQuery } from '../page.ts'
import { Problem } from '../problem.ts'
import { fileFormatAsked, type Row, streamRows } from '../rows.ts'
import { attachment, parquetType, xlsxType } from './media.ts'
import { formatParquet, type ParquetType } from './parquet.ts'
import { readerQuery } from './reader.ts'
import { makeWorkbook } from './workbook-thread.ts'

/** celsius: a temperature; code: one of a few words, in workbooks in the reader's language. */
export type ColumnType = 'text' | 'code' | 'number' | 'integer' | 'boolean' | 'time' | 'celsius'

export interface FileColumn {
  name: string
  type: ColumnType
  /** Of a workbook, in whatever language; else the word for its name. */
  title?: string
}

export interface TableFile {
  columns: readonly FileColumn[]
  batches: AsyncIterable<readonly Row[]>
  /** Without extension. */
  fileName: string
  headers?: Readonly<Record<string, string>>
}

/** Columns by name and type, in their order. */
export const columnsOf = (types: Readonly<Record<string, ColumnType>>): FileColumn[] =>
  Object.entries(types).map(([name, type]) => ({ name, type }))

const text = { schema: { type: 'string' } } as const
const binary = { schema: { type: 'string', format: 'binary' } } as const

/** What a route that answers tables says of its forms beside JSON. */
export const fileContent = {
  ...{ 'text/csv': text, 'application/x-ndjson': text },
  ...{ [xlsxType]: binary, [parquetType]: binary },
} as const

/** Of a list that also comes as a file: page and reader. */
export const fileQuery = { ...pageQuery, ...readerQuery }

/** The whole table, when Accept wants a file; undefined for JSON. Problem 413. */
export async function fileAsked(
  c: Context,
  table: TableFile,
  { language, unit, zone }: Reader,
): Promise<Response | undefined> {
  const format = fileFormatAsked(c)
  if (format === 'json') return undefined
  const { columns, batches, fileName, headers } = table
  if (format === 'csv' || format === 'ndjson') {
    const names = columns.map(({ name }) => name)
    const stream = { columns: names, batches, fileName, ...(headers && { headers }) }
    return streamRows(c, format, stream)
  }
  const bytes = await oneAtATime(() => {
    if (format === 'xlsx') {
      const reader = { language, unit, zone }
      return makeWorkbook({ columns, reader }, within(batches, bounds.reportSheetRowsMax))
    }
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, sqlTypes[type]]))
    const bounded = within(batches, bounds.fileRowsMax)
    return formatParquet({ columns: Object.keys(types), types, batches: bounded })
  })
  return c.body(bytes, 200, {
    ...{ ...headers, ...attachment(`${fileName}.${format}`) },
    'Content-Type': format === 'xlsx' ? xlsxType : parquetType,
  })
}

export interface PageAsked {
  limit: number
  cursor?: string | undefined
}

export interface Page<I> {
  items: I[]
  next: string | null
}

/**
 * A list as a page of JSON, or all of it as a file. `read` answers a page, `row` writes one of its
 * items into the columns, or into several rows.
 */
export async function answerList<I>(
  c: Context,
  query: Reader & PageAsked,
  list: {
    columns: readonly FileColumn[]
    fileName: string
    row(item: I): Row | Row[]
    read(page: PageAsked): Promise<Page<I>>
  },
): Promise<Response> {
  const { columns, fileName, row, read } = list
  const rowsOf = (item: I): Row[] => {
    const told = row(item)
    return Array.isArray(told) ? told : [told]
  }
  async function* batches(): AsyncGenerator<Row[]> {
    for (let cursor = query.cursor; ; ) {
      const page = await read({ limit: bounds.pageMax, cursor })
      yield page.items.flatMap(rowsOf)
      if (page.next === null) return
      cursor = page.next
    }
  }
  const file = await fileAsked(c, { columns, fileName, batches: batches() }, query)
  const { limit, cursor } = query
  return file ?? c.json(await read({ limit, cursor }), 200)
}

const sqlTypes: Readonly<Record<ColumnType, ParquetType>> = {
  ...{ text: 'VARCHAR', code: 'VARCHAR', number: 'DOUBLE', integer: 'BIGINT', celsius: 'DOUBLE' },
  ...{ boolean: 'BOOLEAN', time: 'TIMESTAMPTZ' },
}

async function* within(
  batches: AsyncIterable<readonly Row[]>,
  rowsMax: number,
): AsyncGenerator<readonly Row[]> {
  let count = 0
  for await (const rows of batches) {
    count += rows.length
    if (count > rowsMax) {
      const detail = `more than ${rowsMax} rows: take CSV, which has no bound, or ask for less`
      throw new Problem(413, [{ code: 'request/too-large', path: 'header/Accept', detail }])
    }
    yield rows
  }
}

let last: Promise<unknown> = Promise.resolve()

/** What is made in memory is made for one asker after the other. */
function oneAtATime<T>(make: () => Promise<T>): Promise<T> {
  const mine = last.then(make, make)
  last = mine.catch(() => undefined)
  return mine
}
