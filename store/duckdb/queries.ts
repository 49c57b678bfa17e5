// What the embedded series store is asked, as SQL over its tables. Only table names and the shape
// of a question go into the text; every value is a bound parameter. Reads see one identity once:
// `max(v)` per key and time is both "the greater value stands" (store/series.ts) and the removal
// of duplicates. Refuses to write.
import {
  BIGINT,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  UINTEGER,
} from '@duckdb/node-api'
import { dayMs } from '../../domain/heat.ts'
import type { Table, TableList } from './tables.ts'

/** Integers, epoch ms; `to` exclusive. */
export interface KeySpan {
  key: number
  from: number
  to: number
  limit?: number | undefined
  beforeOffset?: number | undefined
}

/** The same time of many keys. */
export interface KeysSpan {
  keys: readonly number[]
  from: number
  to: number
}

/** One typed array per column: cheap to move between threads. */
export type ReadColumns = Float64Array<ArrayBuffer>[]

/** Columns time, value. */
export async function readRange(
  connection: DuckDBConnection,
  tables: TableList,
  span: KeySpan,
): Promise<ReadColumns> {
  const { sql, bind } = uniqueRows(tables, span)
  const limit = span.limit === undefined ? '' : ` limit ${bind(span.limit)}`
  return read(connection, `select ts::double, v from (${sql}) order by ts${limit}`, bind)
}

/** The same of a long span, without a limit: neither DuckDB nor this thread makes rows of it. */
export async function readColumns(
  connection: DuckDBConnection,
  tables: TableList,
  span: KeySpan,
): Promise<ReadColumns> {
  const { sql, bind } = rowsOfSpan(tables, span)
  const result = await connection.stream(
    `select ts::double, v from (${sql})`,
    bind.values,
    bind.types,
  )
  const chunks = await result.fetchAllChunks()
  const count = chunks.reduce((sum, { rowCount }) => sum + rowCount, 0)
  const [times, values] = [new Float64Array(count), new Float64Array(count)]
  let at = 0
  for (const chunk of chunks) {
    copyColumn(chunk, 0, times.subarray(at))
    copyColumn(chunk, 1, values.subarray(at))
    at += chunk.rowCount
  }
  return onceEach(times, values)
}

/** Of doubles that are never null: as one block where the vector shows it, six times as fast. */
function copyColumn(chunk: DuckDBDataChunk, column: number, to: Float64Array): void {
  const vector = chunk.getColumnVector(column)
  const { items } = vector as { items?: unknown }
  if (items instanceof Float64Array) to.set(items.subarray(0, chunk.rowCount))
  else for (let i = 0; i < chunk.rowCount; i++) to[i] = vector.getItem(i) as number
}

/** Sorted tables give their rows in order; the greater value of one time stands. */
function onceEach(times: Float64Array<ArrayBuffer>, values: Float64Array<ArrayBuffer>) {
  const order = isAscending(times) ? undefined : orderOf(times)
  const columns: ReadColumns = [new Float64Array(times.length), new Float64Array(times.length)]
  const [ownTimes, ownValues] = columns as [Float64Array, Float64Array]
  let end = 0
  for (let place = 0; place < times.length; place++) {
    const [time, value] = [times[order?.[place] ?? place]!, values[order?.[place] ?? place]!]
    const known = end > 0 && ownTimes[end - 1] === time
    if (known) ownValues[end - 1] = Math.max(ownValues[end - 1]!, value)
    else {
      ownTimes[end] = time
      ownValues[end++] = value
    }
  }
  return end === times.length ? columns : columns.map((column) => column.slice(0, end))
}

const orderOf = (times: Float64Array): Uint32Array =>
  Uint32Array.from(times, (_, place) => place).sort((a, b) => times[a]! - times[b]!)

function isAscending(times: Float64Array): boolean {
  for (let i = 1; i < times.length; i++) if (times[i]! < times[i - 1]!) return false
  return true
}

/** Columns time, min, mean, max, count. The mean is summed in the order of time, so that the same
 * rows give the same bits however they are spread over tables and threads. */
export async function readBuckets(
  connection: DuckDBConnection,
  tables: TableList,
  span: KeySpan & { everyMs: number },
): Promise<ReadColumns> {
  const { sql, bind } = uniqueRows(tables, span)
  const every = bind(span.everyMs)
  const limit = span.limit === undefined ? '' : ` limit ${bind(span.limit)}`
  // % keeps the sign of the dividend: shifted into 0 … every-1 for times before 1970.
  const start = `ts - ((ts % ${every}) + ${every}) % ${every}`
  return read(
    connection,
    `select (${start})::double as bucket, min(v), avg(v order by ts), max(v), count(*)::double
      from (${sql}) group by bucket order by bucket${limit}`,
    bind,
  )
}

/** Columns key, begin of the day, min, max, count of rows; twins count, too. */
export async function readDays(
  connection: DuckDBConnection,
  tables: TableList,
  { keys, from, to }: KeysSpan,
): Promise<ReadColumns> {
  if (keys.length === 0) return Array.from({ length: 5 }, () => new Float64Array())
  const bind = binder()
  const wanted = keys.map((key) => bind(key, UINTEGER)).join(', ')
  const runs = tables.runs.filter((run) => run.from < to && run.to >= from)
  const where = `key in (${wanted}) and ts >= ${bind(from)} and ts < ${bind(to)}`
  return read(
    connection,
    `select key::double, (day * ${dayMs})::double, min(v), max(v), count(*)::double
      from (select key, v, (ts - ((ts % ${dayMs}) + ${dayMs}) % ${dayMs}) // ${dayMs} as day
        from (${unionOf([...tables.hot, ...runs], where)}))
      group by key, day`,
    bind,
  )
}

/** Columns key, time, value: the newest of each key. */
export async function readLatest(
  connection: DuckDBConnection,
  tables: TableList,
  keys: readonly number[],
): Promise<ReadColumns> {
  if (keys.length === 0) return Array.from({ length: 3 }, () => new Float64Array())
  const found = new Map<number, { time: number; value: number }>()
  const look = async (some: readonly Table[]): Promise<void> => {
    const bind = binder()
    const wanted = keys.map((key) => bind(key, UINTEGER)).join(', ')
    const rows = unionOf(some, `key in (${wanted})`)
    const newest = `select key::double, max(ts)::double from (${rows}) group by key`
    const [key = [], time = []] = await read(connection, newest, bind)
    const later = [...key].flatMap((own, i) => {
      const known = found.get(own)
      return known && known.time > time[i]! ? [] : [{ key: own, time: time[i]! }]
    })
    if (later.length > 0) await lookAt(some, later)
  }
  /** Times first, then what was said at them: both at once, as a struct, takes twice as long. */
  const lookAt = async (
    some: readonly Table[],
    at: readonly { key: number; time: number }[],
  ): Promise<void> => {
    const bind = binder()
    const own = at.map(({ key, time }) => `(key = ${bind(key, UINTEGER)} and ts = ${bind(time)})`)
    const sql = `select key::double, ts::double, max(v)
      from (${unionOf(some, own.join(' or '))}) group by key, ts`
    const [key = [], time = [], value = []] = await read(connection, sql, bind)
    for (let i = 0; i < key.length; i++) {
      const [now, v, old] = [time[i]!, value[i]!, found.get(key[i]!)]
      if (!old || now > old.time || (now === old.time && v > old.value))
        found.set(key[i]!, { time: now, value: v })
    }
  }
  // Sorted tables from the newest back, until no key can be found with a later time.
  const runs = tables.runs.toSorted((a, b) => b.to - a.to)
  await look([...tables.hot, ...runs.slice(0, 1)])
  for (const run of runs.slice(1)) {
    if (keys.every((key) => (found.get(key)?.time ?? -Infinity) > run.to)) break
    await look([run])
  }
  const rows = [...found].sort(([a], [b]) => a - b)
  return [
    Float64Array.from(rows, ([key]) => key),
    Float64Array.from(rows, ([, row]) => row.time),
    Float64Array.from(rows, ([, row]) => row.value),
  ]
}

/** Columns key, first time, last time, count of identities. */
export async function readChannels(
  connection: DuckDBConnection,
  tables: TableList,
  keys: readonly number[],
): Promise<ReadColumns> {
  if (keys.length === 0) return Array.from({ length: 4 }, () => new Float64Array())
  const bind = binder()
  const wanted = keys.map((key) => bind(key, UINTEGER)).join(', ')
  const rows = unionOf([...tables.hot, ...tables.runs], `key in (${wanted})`)
  return read(
    connection,
    `select key::double, min(ts)::double, max(ts)::double, count(*)::double
      from (select distinct key, ts from (${rows})) group by key order by key`,
    bind,
  )
}

interface Binder {
  (value: number, type?: DuckDBType): string
  values: DuckDBValue[]
  types: DuckDBType[]
}

/** Numbers the values; explicit types, since a DOUBLE would widen the column and skip zone maps. */
function binder(): Binder {
  const bind = (value: number, type: DuckDBType = BIGINT): string => {
    bind.types.push(type)
    return `$${bind.values.push(type === BIGINT ? BigInt(value) : value)}`
  }
  bind.values = [] as DuckDBValue[]
  bind.types = [] as DuckDBType[]
  return bind
}

function uniqueRows(tables: TableList, span: KeySpan): { sql: string; bind: Binder } {
  const { sql, bind } = rowsOfSpan(tables, span)
  return { sql: `select ts, max(v) as v from (${sql}) group by ts`, bind }
}

/** With all that were ever written for a time. */
function rowsOfSpan(tables: TableList, span: KeySpan): { sql: string; bind: Binder } {
  const bind = binder()
  const { key, from, to, beforeOffset } = span
  const conditions = [`key = ${bind(key, UINTEGER)}`, `ts >= ${bind(from)}`, `ts < ${bind(to)}`]
  if (beforeOffset !== undefined) conditions.push(`seq < ${bind(beforeOffset)}`)
  const runs = tables.runs.filter((run) => run.from < to && run.to >= from)
  return { sql: unionOf([...tables.hot, ...runs], conditions.join(' and ')), bind }
}

/** Stands for a table where none can hold an answer. */
const noRows =
  '(select 0::uinteger as key, 0::bigint as ts, 0::double as v, 0::bigint as seq limit 0)'

function unionOf(tables: readonly Table[], where: string): string {
  const names = tables.length === 0 ? [noRows] : tables.map(({ name }) => name)
  return names.map((name) => `select key, ts, v from ${name} where ${where}`).join(' union all ')
}

async function read(connection: DuckDBConnection, sql: string, bind: Binder): Promise<ReadColumns> {
  const result = await connection.runAndReadAll(sql, bind.values, bind.types)
  const columns = result.getColumns() as number[][]
  // Without rows DuckDB gives no columns either.
  return Array.from({ length: result.columnCount }, (_, i) => Float64Array.from(columns[i] ?? []))
}
