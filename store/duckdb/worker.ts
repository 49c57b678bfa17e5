// The thread that owns the DuckDB file: writes, sorting and reads run here or below, so that the
// main thread never waits for a disk. It answers requests of store/duckdb/series.ts and knows no
// more of a series than its key. Refuses to guess: an error of DuckDB that it does not know is a
// bug.
import { parentPort, workerData } from 'node:worker_threads'
import type { DuckDBConnection } from '@duckdb/node-api'
import { Unavailable } from '../../domain/refusal.ts'
import { type HourLot, readHourChannels, readHours, replaceHours } from './hours.ts'
import {
  type KeySpan,
  type KeysSpan,
  type ReadColumns,
  readBuckets,
  readChannels,
  readColumns,
  readDays,
  readLatest,
  readRange,
} from './queries.ts'
import {
  type Columns,
  openTables,
  type TableList,
  type Tables,
  type TablesOptions,
} from './tables.ts'

export type SeriesRequest =
  | { ask: 'write'; columns: Columns; firstKey: number; names: string[] }
  | { ask: 'compact'; keepFrom?: number }
  | { ask: 'range' | 'columns'; span: KeySpan }
  | { ask: 'downsample'; span: KeySpan & { everyMs: number } }
  | { ask: 'days'; span: KeysSpan }
  | { ask: 'latest' | 'channels' | 'hourChannels'; keys: number[] }
  | { ask: 'writeHours'; lot: HourLot; firstKey: number; names: string[] }
  | { ask: 'hours'; span: KeySpan }
  | { ask: 'stats' }
  | { ask: 'copy'; file: string }
  | { ask: 'close' }

export interface SeriesStats {
  /** Rows not yet sorted, duplicates included. */
  hotRows: number
  sortedRows: number
  sortedTables: number
  series: number
  /** Why the last sorting failed; writing goes on until too many rows are unsorted. */
  compactionError?: string
}

/** What the receiver does with it: see domain/refusal.ts. */
export interface SeriesFailure {
  /** fatal: DuckDB serves no more until the file is opened again. */
  kind: 'unavailable' | 'fatal' | 'corrupt' | 'locked' | 'unwritable' | 'newer' | 'bug'
  message: string
}

interface Performed {
  columns?: ReadColumns
  texts?: (string | null)[]
  stats?: SeriesStats
}

/** `id` -1 answers the opening, with the names of the series kept. */
export type SeriesReply =
  | ({ id: number; names?: readonly string[] } & Performed)
  | { id: number; failure: SeriesFailure }

const port = parentPort!
const options = workerData as TablesOptions & { readers: number }
const idle: DuckDBConnection[] = []
const waiting: ((connection: DuckDBConnection) => void)[] = []
const active = new Set<Promise<void>>()

let tables: Tables
try {
  tables = await openTables(options)
  for (let i = 0; i < options.readers; i++) idle.push(await tables.connect())
  reply({ id: -1, names: tables.names })
  port.on('message', ({ id, request }: { id: number; request: SeriesRequest }) => {
    const done = answer(id, request).finally(() => active.delete(done))
    active.add(done)
  })
} catch (error) {
  reply({ id: -1, failure: failureOf(error) })
}

async function answer(id: number, request: SeriesRequest): Promise<void> {
  try {
    if (request.ask === 'close') {
      await close(id)
      return
    }
    reply({ id, ...(await perform(request)) })
  } catch (error) {
    reply({ id, failure: failureOf(error) })
  }
}

async function perform(request: Exclude<SeriesRequest, { ask: 'close' }>): Promise<Performed> {
  switch (request.ask) {
    case 'write':
      await tables.write(request.columns, request.firstKey, request.names)
      return {}
    case 'compact':
      await tables.compact(request.keepFrom)
      return {}
    case 'range':
      return { columns: await read((c, list) => readRange(c, list, request.span)) }
    case 'columns':
      return { columns: await read((c, list) => readColumns(c, list, request.span)) }
    case 'downsample':
      return { columns: await read((c, list) => readBuckets(c, list, request.span)) }
    case 'days':
      return { columns: await read((c, list) => readDays(c, list, request.span)) }
    case 'latest':
      return { columns: await read((c, list) => readLatest(c, list, request.keys)) }
    case 'channels':
      return { columns: await read((c, list) => readChannels(c, list, request.keys)) }
    case 'writeHours':
      await tables.change(request, (writer) => replaceHours(writer, request.lot))
      return {}
    case 'hours':
      return read((c) => readHours(c, request.span))
    case 'hourChannels':
      return { columns: await read((c) => readHourChannels(c, request.keys)) }
    case 'copy':
      await copyTo(request.file)
      return {}
    default:
      return { stats: statsOf(await tables.list()) }
  }
}

async function read<T>(
  query: (connection: DuckDBConnection, list: TableList) => Promise<T>,
): Promise<T> {
  const connection = idle.pop() ?? (await new Promise<DuckDBConnection>((go) => waiting.push(go)))
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await query(connection, await tables.list())
      } catch (error) {
        // A sorting was committed between the list and the query, and took a table away.
        if (!/^Catalog Error.*does not exist/s.test(String((error as Error).message))) throw error
        if (attempt === 10) throw new Unavailable('the series store is being sorted', 100, error)
      }
    }
  } finally {
    const next = waiting.shift()
    if (next) next(connection)
    else idle.push(connection)
  }
}

/** One transaction: all that was written before it, whole; writes and sortings go on beside it. */
async function copyTo(file: string): Promise<void> {
  const connection = await tables.connect()
  try {
    const [[own]] = (await connection.runAndReadAll('select current_database()')).getRows() as [
      [string],
    ]
    await connection.run(`attach ${quoted(file, "'")} as backup`)
    try {
      await connection.run(`copy from database ${quoted(own, '"')} to backup`)
    } finally {
      await connection.run('detach backup')
    }
  } finally {
    connection.disconnectSync()
  }
}

const quoted = (text: string, mark: string): string =>
  mark + text.replaceAll(mark, mark + mark) + mark

function statsOf({ hot, runs }: TableList): SeriesStats {
  const rowsIn = (list: readonly { rows: number }[]): number =>
    list.reduce((sum, { rows }) => sum + rows, 0)
  return {
    hotRows: rowsIn(hot),
    sortedRows: rowsIn(runs),
    sortedTables: runs.length,
    series: tables.names.length,
    ...(tables.compactionError && { compactionError: tables.compactionError.message }),
  }
}

/** The last request: what was asked before is answered first. */
async function close(id: number): Promise<void> {
  await tables.close(Promise.all(active))
  reply({ id })
  port.close()
}

function reply(message: SeriesReply): void {
  const moved = 'columns' in message ? (message.columns ?? []).map((column) => column.buffer) : []
  port.postMessage(message, moved)
}

function failureOf(error: unknown): SeriesFailure {
  const message = error instanceof Error ? error.message : String(error)
  const kinds: [SeriesFailure['kind'], RegExp][] = [
    ['fatal', /^(FATAL|INTERNAL) Error|invalidated/],
    ['locked', /Conflicting lock|Could not set lock/i],
    ['newer', /newer version|storage version/i],
    ['corrupt', /corrupt|checksum|not a valid DuckDB|Serialization Error|replaying WAL/i],
    ['unwritable', /Permission denied|Read-only file system|Not a directory|Is a directory/i],
    ['unavailable', /^(IO|Out of Memory|INTERRUPT|TransactionContext) Error/i],
  ]
  if (error instanceof Unavailable) return { kind: 'unavailable', message }
  return { kind: kinds.find(([, pattern]) => pattern.test(message))?.[0] ?? 'bug', message }
}
