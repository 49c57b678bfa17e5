// A table as Apache Parquet, for who computes with it. Written by DuckDB in memory, by one thread
// and in the order of the rows: equal rows make equal bytes. Knows no table.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DuckDBAppender, DuckDBTimestampTZValue } from '@duckdb/node-api'
import type { Cell, Row } from '../rows.ts'

export type ParquetType = 'DOUBLE' | 'INTEGER' | 'BIGINT' | 'BOOLEAN' | 'TIMESTAMPTZ' | 'VARCHAR'

export interface ParquetTable {
  columns: readonly string[]
  /**
   * The type of a column does not hang on what is in it; those that are not named hold text.
   * TIMESTAMPTZ takes RFC 3339 and holds microseconds of UTC.
   */
  types: Readonly<Record<string, ParquetType>>
  batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>
}

/** Rows appended between turns of the event loop. */
const turnRows = 2000

export async function formatParquet(table: ParquetTable): Promise<Uint8Array<ArrayBuffer>> {
  const { columns, types } = table
  // Loaded when somebody wants Parquet: on other stores nothing else needs it.
  const duckdb = await import('@duckdb/node-api')
  const moment = (ms: number) => new duckdb.DuckDBTimestampTZValue(BigInt(ms) * 1000n)
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-report-'))
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    ...{ threads: '1', memory_limit: '512MB', temp_directory: folder },
  })
  try {
    const connection = await instance.connect()
    const typed = columns.map((name) => `"${name}" ${types[name] ?? 'VARCHAR'}`)
    await connection.run(`create table report (${typed.join(', ')})`)
    const appender = await connection.createAppender('report')
    let appended = 0
    for await (const rows of table.batches)
      for (const row of rows) {
        for (const name of columns) append(appender, types[name] ?? 'VARCHAR', row[name], moment)
        appender.endRow()
        if (++appended % turnRows === 0) await nextTurn()
      }
    appender.closeSync()
    const file = join(folder, 'report.parquet')
    const quoted = file.replaceAll("'", "''")
    await connection.run(`copy report to '${quoted}' (format parquet, compression zstd)`)
    connection.closeSync()
    return new Uint8Array(await readFile(file))
  } finally {
    instance.closeSync()
    await rm(folder, { recursive: true, force: true })
  }
}

function append(
  appender: DuckDBAppender,
  type: ParquetType,
  value: Cell,
  moment: (ms: number) => DuckDBTimestampTZValue,
): void {
  if (value === null || value === undefined) appender.appendNull()
  else if (type === 'BOOLEAN') appender.appendBoolean(value === true)
  else if (type === 'INTEGER') appender.appendInteger(Number(value))
  else if (type === 'BIGINT') appender.appendBigInt(BigInt(Math.trunc(Number(value))))
  else if (type === 'DOUBLE') appender.appendDouble(Number(value))
  else if (type === 'TIMESTAMPTZ') appender.appendTimestampTZ(moment(Date.parse(String(value))))
  else appender.appendVarchar(String(value))
}
