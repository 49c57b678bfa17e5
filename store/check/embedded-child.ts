// The part of the doctor that reads the embedded stores, in a process of its own: a damaged file
// can end the process that maps it, and that is an answer too. Told what to read by its parent,
// sends one check for each, ends. Reads everything once, within a time; changes nothing that is
// kept.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import Database from 'better-sqlite3'
import { bounds } from '../../config.ts'
import { OperatorError } from '../../domain/refusal.ts'
import { openBatch } from '../envelope.ts'
import { migrationsFor } from '../ledger/migrations.ts'
import { openLmdbFiles } from '../lmdb/files.ts'
import { broken, type Check, doubtful, reasonOf, well } from './check.ts'

export interface EmbeddedAsked {
  folder: string
  stores: EmbeddedStore[]
}

export type EmbeddedStore = 'log' | 'series' | 'ledger'

process.once('message', async ({ folder, stores }: EmbeddedAsked) => {
  const readers = { log: readLog, series: readSeries, ledger: readLedger }
  for (const store of stores) {
    let check: Check
    try {
      check = await readers[store](folder)
    } catch (error) {
      const remedy = error instanceof OperatorError ? error.remedy : restore(folder)
      check = broken(store, reasonOf(error), remedy)
    }
    await new Promise((sent) => process.send!({ store, check }, sent))
  }
  process.exit(0)
})

const restore = (folder: string): string =>
  `mv ${folder} ${folder}.damaged && isotherm restore BACKUP (keep the damaged folder)`

async function readLog(folder: string): Promise<Check> {
  const place = join(folder, 'log')
  if (!existsSync(join(place, 'data.mdb'))) return well('log', 'empty: nothing came in yet')
  const { batches, cursors, env } = openLmdbFiles(place)
  const deadline = performance.now() + bounds.doctorReadMs
  let [read, next] = [0, -1]
  const keys = [...batches.getKeys()]
  for (const [index, key] of keys.entries()) {
    // The newest in any case: it says where the log ends.
    if (performance.now() > deadline && index < keys.length - 1) continue
    const batch = openBatch(Buffer.from(batches.getBinary(key)!), key)
    if (index === read && next >= 0 && key !== next)
      return broken('log', `envelopes ${next} to ${key - 1} are missing`, restore(folder))
    next = batch.first + batch.count
    read++
  }
  for (const { key, value } of cursors.getRange())
    if (value > Math.max(next, 0))
      return broken('log', `${key} is ahead of the log, at ${value} of ${next}`, restore(folder))
  await env.close()
  const all = read === keys.length ? 'all' : 'the others were not read in time'
  return well('log', `${read} of ${keys.length} batches read back as written (${all})`)
}

async function readSeries(folder: string): Promise<Check> {
  const file = join(folder, 'series', 'series.duckdb')
  if (!existsSync(file)) return well('series', 'empty: no reading was recorded yet')
  const options = { memory_limit: bounds.seriesMemory, access_mode: 'READ_ONLY' }
  const instance = await DuckDBInstance.create(file, options)
  const connection = await instance.connect()
  const tables = await connection.runAndReadAll(
    `select table_name from duckdb_tables() where regexp_matches(table_name, '^(hot|run)_[0-9]+$')`,
  )
  const late = setTimeout(() => connection.interrupt(), bounds.doctorReadMs)
  let rows = 0
  try {
    // Sums of all columns: every block is read, and DuckDB compares its checksum.
    for (const [table] of tables.getRows()) {
      const read = await connection.runAndReadAll(
        `select count(*)::double, sum(key), sum(ts), sum(v), sum(seq) from ${table}`,
      )
      rows += Number(read.getRows()[0]?.[0])
    }
  } catch (error) {
    if (!/^INTERRUPT/.test((error as Error).message)) throw error
    return well('series', `${rows} rows and more; not all was read in time`)
  } finally {
    clearTimeout(late)
  }
  connection.disconnectSync()
  instance.closeSync()
  return well('series', `${rows} rows in ${tables.currentRowCount} tables read back as written`)
}

async function readLedger(folder: string): Promise<Check> {
  const file = join(folder, 'ledger.sqlite')
  if (!existsSync(file)) return well('ledger', 'empty: made at the first start')
  const database = new Database(file, { readonly: true })
  try {
    const found = database.pragma('quick_check(1)', { simple: true })
    if (found !== 'ok') return broken('ledger', `SQLite says: ${found}`, restore(folder))
    const rows = database.prepare('select name from kysely_migration').all() as { name: string }[]
    const migrations = migrationsFor('sqlite')
    const newer = rows.find(({ name }) => !Object.hasOwn(migrations, name))
    if (newer) {
      const detail = `written by a newer release: its migration ${newer.name} is not known here`
      return broken('ledger', detail, 'start that release again')
    }
    const missing = Object.keys(migrations).length - rows.length
    if (missing > 0) {
      const detail = `readable; ${missing} migrations will be made at the next start`
      return doubtful('ledger', detail, `isotherm backup DIR (before that start)`)
    }
    return well('ledger', 'quick_check finds nothing, and its form is that of this release')
  } finally {
    database.close()
  }
}
