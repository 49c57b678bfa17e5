// An export (store/export.ts) taken into empty stores, whichever they are. Each chunk of the ledger
// and the note that it is in are one transaction; chunks of readings may be written twice, which
// changes nothing. So it may be ended at any moment and goes on where it was. Refuses stores that
// hold anything else.
import { sql } from 'kysely'
import { Corrupt, OperatorError } from '../domain/refusal.ts'
import type { MovingProgress } from './export.ts'
import {
  type ExportManifest,
  type MovedPoints,
  type MovedRow,
  type MovedTable,
  movedOffset,
  movedTables,
  readChunk,
  readExport,
} from './export-format.ts'
import { chunksOf, type Ledger, type LedgerQuery } from './ledger.ts'
import { readMeta, writeMeta } from './ledger-registry.ts'
import type { Series } from './series.ts'

/** Kept in the ledger under `import`. */
interface ImportState {
  id: string
  /** Chunks that are in. */
  done: number
  finished: boolean
}

const metaName = 'import'

/**
 * Resolves when everything is in and counted. Throws OperatorError (the stores are not empty, the
 * folder is no export), Corrupt (a chunk is damaged, a count is wrong) or Unavailable.
 */
export async function importStores(
  { ledger, series }: { ledger: Ledger; series: Series },
  folder: string,
  tell: (progress: MovingProgress) => void,
): Promise<ExportManifest> {
  const manifest = readExport(folder)
  if (!manifest)
    throw new OperatorError(`${folder} is no finished export`, 'isotherm export DIR makes one')
  const work = async (lost: AbortSignal): Promise<true> => {
    await takeIn({ ledger, series }, { folder, manifest, tell, lost })
    return true
  }
  if (!(await ledger.singleton('import', work)))
    throw new OperatorError('another import into this ledger is under way', 'wait for its end')
  return manifest
}

/** A server must not begin to work on half of an installation. Throws OperatorError. */
export async function refuseUnfinishedImport({ db }: Ledger): Promise<void> {
  const state = await readState(db)
  if (state && !state.finished)
    throw new OperatorError(
      'the import into this ledger is not finished',
      'isotherm import DIR (the same folder again): it goes on where it was',
    )
}

const readState = async (db: LedgerQuery): Promise<ImportState | undefined> => {
  const text = await readMeta(db, metaName)
  return text === undefined ? undefined : (JSON.parse(text) as ImportState)
}

const writeState = (db: LedgerQuery, state: ImportState): Promise<void> =>
  writeMeta(db, metaName, JSON.stringify(state))

interface Import {
  folder: string
  manifest: ExportManifest
  tell: (progress: MovingProgress) => void
  lost: AbortSignal
}

async function takeIn(
  { ledger, series }: { ledger: Ledger; series: Series },
  { folder, manifest, tell, lost }: Import,
): Promise<void> {
  const { id, chunks } = manifest
  let state = await readState(ledger.db)
  if (state?.id === id && state.finished) return
  if (state?.id !== id) {
    if (state && !state.finished) await refuseUnfinishedImport(ledger)
    await refuseFull(ledger.db)
    state = { id, done: 0, finished: false }
    const begun = state
    await ledger.transact((db) => writeState(db, begun))
  }
  const totals = new Map<string, number>()
  for (const [index, chunk] of chunks.entries()) {
    lost.throwIfAborted()
    const { of } = chunk
    const rows = (totals.get(of) ?? 0) + chunk.rows
    totals.set(of, rows)
    if (index < state.done) continue
    const after = { id, done: index + 1, finished: false }
    if (of === 'series') await writePoints(series, readChunk<MovedPoints>(folder, chunk))
    const tableRows = of === 'series' ? [] : readChunk<MovedRow>(folder, chunk)
    await ledger.transact(async (db) => {
      if (of !== 'series') await insertRows(db, of, tableRows)
      await writeState(db, after)
    })
    tell({ of, rows })
  }
  await checkTables(ledger.db, totals)
  await checkSeries({ ledger, series }, totals.get('series') ?? 0)
  await ledger.transact(async (db) => {
    await passIds(ledger, db)
    await writeState(db, { id, done: chunks.length, finished: true })
  })
}

/** What a first start has made up by itself (the administrator's token) does not count. */
async function refuseFull(db: LedgerQuery): Promise<void> {
  for (const table of Object.keys(movedTables) as MovedTable[]) {
    if (table === 'meta' || (await countRows(db, table)) === 0) continue
    throw new OperatorError(
      `the ledger is not empty: it holds ${table}`,
      'set ISOTHERM_LEDGER_URL (or ISOTHERM_DATA_DIR) to a new one',
    )
  }
}

async function countRows(db: LedgerQuery, table: MovedTable): Promise<number> {
  const counted = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table)}`.execute(db)
  return Number(counted.rows[0]?.count)
}

async function insertRows(db: LedgerQuery, table: MovedTable, rows: MovedRow[]): Promise<void> {
  for (const part of chunksOf(rows))
    await db
      .insertInto(table)
      .values(part as never)
      // Only the token of the administrator may be there: the one that stands, stays.
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

async function writePoints(series: Series, lines: readonly MovedPoints[]): Promise<void> {
  for (const { points, ...key } of lines) {
    const rows = points.map(([time, value]) => ({ ...key, time, value, offset: movedOffset }))
    const rejected = await series.write(rows)
    if (rejected.length > 0)
      throw new Corrupt('series', `it refuses ${rejected.length} readings of ${key.device}`)
  }
}

/** Every table as full as the one it came from. */
async function checkTables(db: LedgerQuery, totals: ReadonlyMap<string, number>): Promise<void> {
  for (const table of Object.keys(movedTables) as MovedTable[]) {
    if (table === 'meta') continue
    const [found, wanted] = [await countRows(db, table), totals.get(table) ?? 0]
    if (found !== wanted)
      throw new Corrupt('ledger', `${table} holds ${found} rows after the import, not ${wanted}`)
  }
}

async function checkSeries(
  { ledger, series }: { ledger: Ledger; series: Series },
  wanted: number,
): Promise<void> {
  let found = 0
  for (const { tenant, id } of await ledger.db
    .selectFrom('devices')
    .select(['tenant', 'id'])
    .execute())
    for (const { count } of await series.channels(tenant, id)) found += count
  if (found !== wanted)
    throw new Corrupt('series', `${found} readings are there after the import, not ${wanted}`)
}

/** Ids were given with the rows: PostgreSQL must be told where to count on. */
async function passIds({ dialect }: Ledger, db: LedgerQuery): Promise<void> {
  if (dialect !== 'postgres') return
  await sql`select setval(pg_get_serial_sequence('refusals', 'id'),
    (select coalesce(max(id), 0) + 1 from refusals), false)`.execute(db)
}
