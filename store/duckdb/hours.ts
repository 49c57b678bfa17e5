// The hours of the embedded series store: one table, which outlives the readings. Runs in the
// thread that owns the file; a series is a number here. Refuses to interpret an hour.
import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  UINTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import { hourColumns } from '../hour-columns.ts'
import type { KeySpan, ReadColumns } from './queries.ts'

/** Hours on their way between the threads: columns of one length, NaN for what an hour has not. */
export interface HourLot {
  keys: Uint32Array<ArrayBuffer>
  times: Float64Array<ArrayBuffer>
  /** In the order of `hourColumns`. */
  numbers: Float64Array<ArrayBuffer>[]
  bins: (string | null)[]
}

/** Older files have none. */
export async function makeHourTable(connection: DuckDBConnection): Promise<void> {
  const numbers = hourColumns.map((name) => `${quoted(name)} double`).join(', ')
  await connection.run(
    `create table if not exists hours(key uinteger not null, ts bigint not null, ${numbers},
      bins varchar)`,
  )
}

/**
 * To be called within a transaction. There is no primary key, which would make inserts far slower:
 * what is written again is deleted first, found by its times, which are those of few row groups.
 */
export async function replaceHours(connection: DuckDBConnection, lot: HourLot): Promise<void> {
  await connection.run('create or replace temp table hour_lot as select * from hours limit 0')
  const appender = await connection.createAppender('hour_lot', 'main', 'temp')
  for (let at = 0; at < lot.keys.length; at += chunkRows) appender.appendDataChunk(chunkOf(lot, at))
  appender.closeSync()
  const [first, last] = [lot.times.reduce(least), lot.times.reduce(greatest)]
  await connection.run(
    `delete from hours using hour_lot where hours.ts >= $1 and hours.ts <= $2
      and hours.key = hour_lot.key and hours.ts = hour_lot.ts`,
    [BigInt(first), BigInt(last)],
    [BIGINT, BIGINT],
  )
  await connection.run(
    'insert into hours select distinct on (key, ts) * from hour_lot order by key, ts',
  )
}

/** Columns time, then `hourColumns`; the bins beside them. */
export async function readHours(
  connection: DuckDBConnection,
  { key, from, to, limit }: KeySpan,
): Promise<{ columns: ReadColumns; texts: (string | null)[] }> {
  const numbers = hourColumns.map((name) => `coalesce(${quoted(name)}, 'nan'::double)`)
  const most = limit === undefined ? '' : ` limit ${limit}`
  const result = await connection.runAndReadAll(
    `select ts::double, ${numbers.join(', ')}, bins from hours
      where key = $1 and ts >= $2 and ts < $3 order by ts${most}`,
    [key, BigInt(from), BigInt(to)],
    [UINTEGER, BIGINT, BIGINT],
  )
  const found = result.getColumns()
  return {
    columns: [0, ...hourColumns].map((_, i) => Float64Array.from((found[i] ?? []) as number[])),
    texts: (found[hourColumns.length + 1] ?? []) as (string | null)[],
  }
}

/** Columns key, first time, last time, count. */
export async function readHourChannels(
  connection: DuckDBConnection,
  keys: readonly number[],
): Promise<ReadColumns> {
  const among = keys.length === 0 ? 'false' : `key in (${keys.map(Number).join(', ')})`
  const result = await connection.runAndReadAll(
    `select key::double, min(ts)::double, max(ts)::double, count(*)::double
      from hours where ${among} group by key order by key`,
  )
  const found = result.getColumns() as number[][]
  return Array.from({ length: 4 }, (_, i) => Float64Array.from(found[i] ?? []))
}

const chunkRows = 2048

function chunkOf({ keys, times, numbers, bins }: HourLot, at: number): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create([UINTEGER, BIGINT, ...numbers.map(() => DOUBLE), VARCHAR])
  const part = <T>(column: ArrayLike<T> & { slice(from: number, to: number): Iterable<T> }): T[] =>
    Array.from(column.slice(at, at + chunkRows))
  chunk.setColumns([
    part(keys),
    part(times).map(BigInt),
    ...numbers.map((column) => part(column).map((one) => (Number.isNaN(one) ? null : one))),
    part(bins),
  ])
  return chunk
}

const quoted = (name: string): string => `"${name}"`
const least = (one: number, other: number): number => Math.min(one, other)
const greatest = (one: number, other: number): number => Math.max(one, other)
