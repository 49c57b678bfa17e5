// Reports as Parquet: what goes in comes out, in the order and with the types that were said, and
// equal rows make equal bytes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'
import { formatParquet } from '../api/files/parquet.ts'

const columns = ['lot', 'quantity', 'recalled', 'contradictions'] as const
const types = { quantity: 'DOUBLE', recalled: 'BOOLEAN', contradictions: 'INTEGER' } as const
const rows = Array.from({ length: 3000 }, (_, n) => ({
  lot: n % 7 === 0 ? null : `Größe "${n}", 疫`,
  quantity: n % 5 === 0 ? null : n / 8,
  recalled: n % 2 === 0,
  contradictions: n % 3,
}))

it('holds all rows as they were, and is the same bytes for the same rows', async () => {
  const bytes = await formatParquet({ columns, types, batches: [rows] })
  expect(Buffer.from(bytes.slice(0, 4)).toString()).toBe('PAR1')
  const again = await formatParquet({ columns, types, batches: [rows] })
  expect(Buffer.compare(bytes, again)).toBe(0)
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-parquet-'))
  try {
    const file = join(folder, 'read.parquet')
    writeFileSync(file, bytes)
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const read = await connection.runAndReadAll(`select * from '${file}'`)
    expect(read.getRowObjectsJson()).toEqual(rows)
    connection.closeSync()
    instance.closeSync()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('has its columns and types also when there is nothing to tell', async () => {
  const empty = await formatParquet({ columns, types, batches: [] })
  expect(empty.length).toBeGreaterThan(100)
  expect(Buffer.from(empty).includes('contradictions')).toBe(true)
})
