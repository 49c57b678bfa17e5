// A report's table as Apache Parquet, for who computes with it. Written by DuckDB in memory, by one
// thread and in the order of the rows: equal rows make equal bytes. Knows no report.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'

export const parquetType = 'application/vnd.apache.parquet'

export interface ParquetTable<C extends string> {
  columns: readonly C[]
  /** The type of a column does not hang on what is in it; those that are not named hold text. */
  types: Partial<Record<C, 'DOUBLE' | 'INTEGER' | 'BOOLEAN'>>
  rows: readonly Readonly<Record<C, string | number | boolean | null>>[]
}

/** Rows appended between turns of the event loop. */
const turnRows = 2000

export async function formatParquet<C extends string>(
  table: ParquetTable<C>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { columns, types } = table
  // Loaded when somebody wants Parquet: on other stores nothing else needs it.
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-report-'))
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' })
  try {
    const connection = await instance.connect()
    const typed = columns.map((name) => `"${name}" ${types[name] ?? 'VARCHAR'}`)
    await connection.run(`create table report (${typed.join(', ')})`)
    const appender = await connection.createAppender('report')
    for (const [index, row] of table.rows.entries()) {
      for (const name of columns) {
        const value = row[name]
        const type = types[name]
        if (value === null) appender.appendNull()
        else if (type === 'BOOLEAN') appender.appendBoolean(value === true)
        else if (type === 'INTEGER') appender.appendInteger(Number(value))
        else if (type === 'DOUBLE') appender.appendDouble(Number(value))
        else appender.appendVarchar(String(value))
      }
      appender.endRow()
      if (index % turnRows === turnRows - 1) await nextTurn()
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
