// Rows as JSON, CSV (RFC 4180) or NDJSON, by Accept. CSV and NDJSON are streamed as fast as they
// are read and no faster, in bounded memory. A failure midway cuts the connection: half a file must
// not look whole.
import type { Context } from 'hono'
import { parquetType, xlsxType } from './files/media.ts'

export type RowFormat = 'json' | 'csv' | 'ndjson'
/** Forms that are made whole before they leave: api/files/files.ts. */
export type MadeFormat = 'xlsx' | 'parquet'
export type Cell = string | number | boolean | null | undefined
export type Row = Readonly<Record<string, Cell>>

const made: Readonly<Record<string, MadeFormat>> = {
  [xlsxType]: 'xlsx',
  [parquetType]: 'parquet',
}

const formats: Readonly<Record<string, RowFormat>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'text/csv': 'csv',
  'text/*': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
}

/** The format that Accept weighs most (RFC 9110 §12.5.1); JSON when it names none of ours. */
export const formatAsked = (c: Context): RowFormat => heaviest(c, formats) ?? 'json'

/** As `formatAsked`, of a table that also comes as a workbook and as Parquet. */
export const fileFormatAsked = (c: Context): RowFormat | MadeFormat =>
  heaviest<RowFormat | MadeFormat>(c, { ...formats, ...made }) ?? 'json'

function heaviest<F extends string>(
  c: Context,
  offered: Readonly<Record<string, F>>,
): F | undefined {
  let best: { format: F; weight: number } | undefined
  for (const part of (c.req.header('Accept') ?? '').split(',')) {
    const [type = '', ...params] = part.split(';').map((text) => text.trim().toLowerCase())
    const format = offered[type]
    const given = params.find((param) => param.startsWith('q='))?.slice(2)
    const weight = given === undefined ? 1 : Number(given)
    if (format && weight > (best?.weight ?? 0)) best = { format, weight }
  }
  return best?.format
}

export interface RowStream {
  columns: readonly string[]
  /** Batches of rows. */
  batches: AsyncIterable<readonly Row[]>
  /** Without extension. */
  fileName: string
  headers?: Readonly<Record<string, string>>
}

export function streamRows(c: Context, format: 'csv' | 'ndjson', rows: RowStream): Response {
  const csv = format === 'csv'
  const encoder = new TextEncoder()
  const batches = rows.batches[Symbol.asyncIterator]()
  const head = csv ? `${rows.columns.map(formatCell).join(',')}\r\n` : ''
  let first = true
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await batches.next()
        let text = first ? head : ''
        first = false
        if (!done)
          for (const row of value)
            text += csv
              ? `${rows.columns.map((column) => formatCell(row[column])).join(',')}\r\n`
              : `${JSON.stringify(row)}\n`
        if (text) controller.enqueue(encoder.encode(text))
        if (done) controller.close()
      },
      async cancel() {
        await batches.return?.()
      },
    },
    { highWaterMark: 1 },
  )
  return c.body(body, 200, {
    'Content-Type': csv ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
    'Content-Disposition': `attachment; filename="${rows.fileName}.${csv ? 'csv' : 'ndjson'}"`,
    ...rows.headers,
  })
}

/**
 * Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay
 * numbers.
 */
export function formatCell(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const safe = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
