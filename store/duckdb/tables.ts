// The tables of the embedded series store, and the only file that writes them. `hot_N` takes rows
// in the order they come; `run_N` holds rows sorted by key and time, so that zone maps find one
// series among thousands (measured: 40 times faster than rows in the order they came; a primary
// key made inserts 36 times slower and helped no read). Refuses to know devices by name in SQL: a
// series is a number here, its name a value in `series`.
import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBValue,
  UINTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import { Unavailable } from '../../domain/refusal.ts'
import { makeHourTable } from './hours.ts'

/** Columns of one write, all of one length; times and offsets are whole numbers. Made on the main
 * thread, moved here without a copy. */
export interface Columns {
  keys: Uint32Array<ArrayBuffer>
  times: Float64Array<ArrayBuffer>
  values: Float64Array<ArrayBuffer>
  offsets: Float64Array<ArrayBuffer>
}

/** Names that continue the list of series at a key. */
export interface Named {
  firstKey: number
  names: readonly string[]
}

/** A table and what it spans; `from` and `to` are the first and the last time in it. */
export interface Table {
  name: string
  rows: number
  from: number
  to: number
}

export interface TableList {
  /** Unsorted, of unknown span. */
  hot: readonly Table[]
  runs: readonly Table[]
}

export interface TablesOptions {
  file: string
  memory: string
  threads: number
  hotRowsMax: number
  hotRowsFactorMax: number
  sortedRowsMax: number
}

export interface Tables {
  /** Names of the series kept so far; the key of a series is its place in the list. */
  readonly names: readonly string[]
  /** One transaction, durable when it resolves. `names` continue the list at `firstKey`. */
  write(columns: Columns, firstKey: number, names: readonly string[]): Promise<void>
  /** Any other change, with the names that it needs, in one transaction of the writer. */
  change(named: Named, work: (writer: DuckDBConnection) => Promise<void>): Promise<void>
  /** Sorts the hot rows away. With `keepFrom` also drops every row before that time. */
  compact(keepFrom?: number): Promise<void>
  /**
   * Every table a reader has to look at now. A sorting may drop one before it is read: DuckDB then
   * says so (Catalog Error), never anything wrong, and the reader lists again.
   */
  list(): Promise<TableList>
  /** Why the last sorting failed; undefined when it did not. */
  readonly compactionError: Error | undefined
  connect(): Promise<DuckDBConnection>
  /** Lets writes end, gives up a sorting (its transaction rolls back), closes the file when
   * `answered` resolves: when nobody reads any more. */
  close(answered: Promise<unknown>): Promise<void>
}

const chunkRows = 2048
const columnTypes = [UINTEGER, BIGINT, DOUBLE, BIGINT]
const hotColumns =
  'key uinteger not null, ts bigint not null, v double not null, seq bigint not null'

/** Throws what DuckDB throws; the caller gives it its kind. */
export async function openTables(options: TablesOptions): Promise<Tables> {
  const instance = await DuckDBInstance.create(options.file, {
    memory_limit: options.memory,
    threads: String(options.threads),
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  try {
    const [writer, sorter] = [await instance.connect(), await instance.connect()]
    await writer.run(
      'create table if not exists series(key uinteger not null, name varchar not null)',
    )
    await makeHourTable(writer)
    const state = await readState(writer)
    if (state.hot.length === 0) await addHot(writer, state)
    return operate(options, { instance, writer, sorter, state })
  } catch (error) {
    instance.closeSync()
    throw error
  }
}

interface State {
  names: string[]
  /** Oldest first; rows are written to the last. */
  hot: Table[]
  runs: Table[]
  nextTable: number
  /** The commit of a sorting under way: the tables are new on disk, but not yet listed here. */
  swap: Promise<unknown>
}

interface Opened {
  instance: DuckDBInstance
  writer: DuckDBConnection
  sorter: DuckDBConnection
  state: State
}

function operate(options: TablesOptions, { instance, writer, sorter, state }: Opened): Tables {
  let writing: Promise<unknown> = Promise.resolve()
  let sorting: Promise<unknown> = Promise.resolve()
  let sortingNow = 0
  let closed = false
  let compactionError: Error | undefined
  /** The writer's connection takes one transaction at a time. */
  const inWriter = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.then(work)
    writing = done.catch(() => undefined)
    return done
  }
  const hotRows = (): number => state.hot.reduce((sum, table) => sum + table.rows, 0)

  const compact = (keepFrom?: number): Promise<void> => {
    const work = async (): Promise<void> => {
      if (closed) throw new Unavailable('the series store is closing')
      // Rows written from here on go to a new hot table: what is sorted now does not change any
      // more.
      if (hotRows() > 0) await inWriter(() => addHot(writer, state))
      // After a failure (no room to sort) one step less ambitious: a single hot table by itself.
      const rowsMax = compactionError ? 0 : options.sortedRowsMax
      const plan = planCompaction(state, rowsMax, keepFrom)
      if (plan) await sortAway(sorter, state, plan)
      compactionError = undefined
    }
    sortingNow++
    const done = sorting
      .then(work)
      .catch((error: Error) => {
        if (!closed) compactionError = error
        throw error
      })
      .finally(() => sortingNow--)
    sorting = done.catch(() => undefined)
    return done
  }

  const compactBeside = (): void => void compact().catch(() => undefined)
  if (hotRows() >= options.hotRowsMax || state.hot.length > 1) compactBeside()
  return {
    names: state.names,
    async write(columns, firstKey, names) {
      // Back-pressure: nothing grows without end while the sorting is slow or cannot (full disk).
      if (hotRows() >= options.hotRowsMax * options.hotRowsFactorMax) {
        if (sortingNow === 0) compactBeside()
        await sorting
        if (compactionError) throw compactionError
      }
      await inWriter(() => appendRows(writer, state, { columns, firstKey, names }))
      if (hotRows() >= options.hotRowsMax && sortingNow === 0) compactBeside()
    },
    change: (named, work) => inWriter(() => withNames(writer, state, { ...named, work })),
    compact,
    async list() {
      await state.swap
      return { hot: state.hot.filter((table) => table.rows > 0), runs: state.runs }
    },
    get compactionError() {
      return compactionError
    },
    connect: () => instance.connect(),
    async close(answered) {
      closed = true
      await writing
      sorter.interrupt()
      await sorting
      await answered
      sorter.disconnectSync()
      writer.disconnectSync()
      instance.closeSync()
    },
  }
}

async function readState(connection: DuckDBConnection): Promise<State> {
  const state: State = { names: [], hot: [], runs: [], nextTable: 1, swap: Promise.resolve() }
  const named = await rowsOf(connection, 'select name from series order by key')
  state.names.push(...named.map(([name]) => String(name)))
  const tables = await rowsOf(
    connection,
    `select table_name from duckdb_tables() where not internal and not temporary`,
  )
  for (const [table] of tables) {
    const parts = /^(hot|run)_(\d+)$/.exec(String(table))
    if (!parts) continue
    const found = await measure(connection, parts[0])
    if (parts[1] === 'hot') state.hot.push({ ...found, from: -Infinity, to: Infinity })
    else state.runs.push(found)
    state.nextTable = Math.max(state.nextTable, Number(parts[2]) + 1)
  }
  const age = (table: Table): number => Number(table.name.slice(4))
  state.hot.sort((a, b) => age(a) - age(b))
  return state
}

/** Answered from the statistics of the table, not by a scan. */
async function measure(connection: DuckDBConnection, name: string): Promise<Table> {
  const sql = `select count(*)::double, min(ts)::double, max(ts)::double from ${name}`
  const [rows, from, to] = (await rowsOf(connection, sql))[0] ?? []
  return { name, rows: Number(rows), from: Number(from), to: Number(to) }
}

async function addHot(writer: DuckDBConnection, state: State): Promise<void> {
  const name = `hot_${state.nextTable++}`
  await writer.run(`create table ${name}(${hotColumns})`)
  state.hot.push({ name, rows: 0, from: -Infinity, to: Infinity })
}

async function appendRows(
  writer: DuckDBConnection,
  state: State,
  { columns, ...named }: Named & { columns: Columns },
): Promise<void> {
  const hot = state.hot.at(-1)!
  const work = async (): Promise<void> => {
    const appender = await writer.createAppender(hot.name)
    for (let at = 0; at < columns.keys.length; at += chunkRows) {
      appender.appendDataChunk(chunkOf(columns, at))
    }
    // Within a transaction this hands the rows over; commit writes and syncs them, off this thread.
    appender.closeSync()
  }
  await withNames(writer, state, { ...named, work })
  hot.rows += columns.keys.length
}

async function withNames(
  writer: DuckDBConnection,
  state: State,
  { firstKey, names, work }: Named & { work(writer: DuckDBConnection): Promise<void> },
): Promise<void> {
  const newNames = names.slice(state.names.length - firstKey)
  await transact(writer, async () => {
    if (newNames.length > 0) await appendNames(writer, state.names.length, newNames)
    await work(writer)
    await writer.run('commit')
  })
  state.names.push(...newNames)
}

async function appendNames(
  writer: DuckDBConnection,
  firstKey: number,
  names: readonly string[],
): Promise<void> {
  const appender = await writer.createAppender('series')
  for (let at = 0; at < names.length; at += chunkRows) {
    const part = names.slice(at, at + chunkRows)
    const chunk = DuckDBDataChunk.create([UINTEGER, VARCHAR])
    chunk.setColumns([part.map((_, i) => firstKey + at + i), part])
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

function chunkOf({ keys, times, values, offsets }: Columns, at: number): DuckDBDataChunk {
  const count = Math.min(chunkRows, keys.length - at)
  const chunk = DuckDBDataChunk.create(columnTypes, count)
  const [key, ts, v, seq] = columnTypes.map((_, column) => chunk.getColumnVector(column))
  for (let i = 0; i < count; i++) {
    key!.setItem(i, keys[at + i]!)
    ts!.setItem(i, BigInt(times[at + i]!))
    v!.setItem(i, values[at + i]!)
    seq!.setItem(i, BigInt(offsets[at + i]!))
  }
  for (const vector of [key!, ts!, v!, seq!]) vector.flush()
  return chunk
}

interface Compaction {
  /** Tables that become one sorted table. */
  fold: Table[]
  /** Sorted tables that straddle `keepFrom`, each written anew. */
  trim: Table[]
  drop: Table[]
  keepFrom: number | undefined
}

/**
 * The frozen hot tables and those sorted ones that are not much larger become one table: each row
 * is sorted again only O(log n) times, and the number of tables below `rowsMax` stays
 * logarithmic.
 */
function planCompaction(
  state: State,
  rowsMax: number,
  keepFrom: number | undefined,
): Compaction | undefined {
  const frozen = state.hot.slice(0, -1)
  const fold = rowsMax === 0 ? frozen.slice(0, 1) : frozen
  let rows = fold.reduce((sum, table) => sum + table.rows, 0)
  const before = (table: Table): boolean => keepFrom !== undefined && table.to < keepFrom
  const drop = state.runs.filter((run) => before(run) || run.rows === 0)
  for (const run of state.runs.toSorted((a, b) => a.rows - b.rows)) {
    if (drop.includes(run)) continue
    if (run.rows > 2 * rows || rows + run.rows > rowsMax) break
    fold.push(run)
    rows += run.rows
  }
  const trim = state.runs.filter(
    (run) => !fold.includes(run) && !drop.includes(run) && run.from < (keepFrom ?? -Infinity),
  )
  if (fold.length + trim.length + drop.length === 0) return undefined
  return { fold, trim, drop, keepFrom }
}

/** One transaction: a kill at any moment leaves either all old tables or all new ones. */
async function sortAway(sorter: DuckDBConnection, state: State, plan: Compaction): Promise<void> {
  const groups = [plan.fold, ...plan.trim.map((table) => [table])].filter((g) => g.length > 0)
  const added: Table[] = []
  const gone = [...plan.fold, ...plan.trim, ...plan.drop]
  await transact(sorter, async () => {
    for (const group of groups) {
      const name = `run_${state.nextTable++}`
      await sorter.run(sortedCopySql(name, group, plan.keepFrom))
      added.push(await measure(sorter, name))
    }
    for (const { name } of gone) await sorter.run(`drop table ${name}`)
    const swap = sorter.run('commit').then(() => {
      state.hot = state.hot.filter((table) => !gone.includes(table))
      state.runs = [...state.runs.filter((table) => !gone.includes(table)), ...added]
    })
    state.swap = swap.catch(() => undefined)
    await swap
  })
}

/**
 * Of the rows with one identity those stay that were greater than all of lower offsets: the
 * greatest value stands, and what stood before any offset can still be told. Mostly that is one
 * row.
 */
function sortedCopySql(name: string, tables: readonly Table[], keepFrom?: number): string {
  const where = keepFrom === undefined ? '' : ` where ts >= ${BigInt(Math.ceil(keepFrom))}`
  const all = tables.map((table) => `select * from ${table.name}${where}`).join(' union all ')
  return `create table ${name} as select key, ts, v, seq from (
    select *, max(v) over (partition by key, ts order by seq, v desc
      rows between unbounded preceding and 1 preceding) as best from (${all}))
    where best is null or v > best order by key, ts, seq`
}

/** `work` ends with the commit. */
async function transact(connection: DuckDBConnection, work: () => Promise<void>): Promise<void> {
  await connection.run('begin')
  try {
    await work()
  } catch (error) {
    // A failed commit has rolled back already; then this has nothing to do and says so.
    await connection.run('rollback').catch(() => undefined)
    throw error
  }
}

const rowsOf = async (connection: DuckDBConnection, sql: string): Promise<DuckDBValue[][]> =>
  (await connection.runAndReadAll(sql)).getRows()
