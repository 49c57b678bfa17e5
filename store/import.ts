// An export (store/export.ts) taken into empty stores, whichever they are. Each chunk of the ledger
// and the note that it is in are one transaction; chunks of readings may be written twice, which
// changes nothing. So it may be ended at any moment and goes on where it was. Refuses stores that
// hold anything else.
import { sql } from 'kysely'
import { Corrupt, OperatorError } from '../domain/refusal.ts'
import type { MovingProgress } from './export.ts'
import {
  type ExportManifest,
  type MovedHours,
  type MovedPoints,
  type MovedRow,
  type MovedTable,
  movedOffset,
  movedTables,
  readChunk,
  readExport,
} from './export-format.ts'
import { hourOf } from './hour-columns.ts'
import { beginMissingLives } from './ledger/alert-lives.ts'
import { insertMany } from './ledger/bulk.ts'
import { chunksOf, dialectOf, type Ledger, type LedgerQuery } from './ledger/ledger.ts'
import { addWritten } from './ledger/names.ts'
import { readMeta, writeMeta } from './ledger/registry.ts'
import { moveKeptFrom } from './ledger/retention.ts'
import type { Series, SeriesExtent } from './series.ts'

/** Kept in the ledger under `import`. */
interface ImportState {
  id: string
  /** Chunks that are in. */
  done: number
  /** Readings that are in: those past their time are left out. */
  readings: number
  finished: boolean
}

const metaName = 'import'

export interface ImportOptions {
  tell: (progress: MovingProgress) => void
  /** Epoch ms, now: older readings are past their time. -Infinity when all are kept. */
  keepFrom: () => number
}

/**
 * Resolves when everything is in and counted. Throws OperatorError (the stores are not empty, the
 * folder is no export), Corrupt (a chunk is damaged, a count is wrong) or Unavailable.
 */
export async function importStores(
  { ledger, series }: { ledger: Ledger; series: Series },
  folder: string,
  options: ImportOptions,
): Promise<ExportManifest> {
  const manifest = readExport(folder)
  if (!manifest)
    throw new OperatorError(`${folder} is no finished export`, 'isotherm export DIR makes one')
  const work = async (lost: AbortSignal): Promise<true> => {
    await takeIn({ ledger, series }, { ...options, folder, manifest, lost })
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

interface Import extends ImportOptions {
  folder: string
  manifest: ExportManifest
  lost: AbortSignal
}

async function takeIn(
  { ledger, series }: { ledger: Ledger; series: Series },
  { folder, manifest, tell, keepFrom, lost }: Import,
): Promise<void> {
  const { id, chunks } = manifest
  let state = await begin(ledger, id)
  if (state.finished) return
  const totals = new Map<string, number>()
  for (const [index, chunk] of chunks.entries()) {
    lost.throwIfAborted()
    const { of } = chunk
    const rows = (totals.get(of) ?? 0) + chunk.rows
    totals.set(of, rows)
    if (index < state.done) continue
    const points = of === 'series' ? readChunk<MovedPoints>(folder, chunk) : []
    const hours = of === 'hours' ? readChunk<MovedHours>(folder, chunk) : []
    const tableRows = of === 'series' || of === 'hours' ? [] : readChunk<MovedRow>(folder, chunk)
    await writeHours(series, hours)
    const written = await writePoints(series, points, keepFrom)
    const after = { ...state, done: index + 1, readings: state.readings + written }
    await ledger.transact(async (db) => {
      if (of !== 'series' && of !== 'hours') await insertRows(db, of, tableRows)
      await writeState(db, after)
    })
    state = after
    tell({ of, rows })
  }
  await checkTables(ledger.db, totals)
  await checkHours({ ledger, series }, totals.get('hours') ?? 0)
  // Where readings go when their time has passed, some may have gone since.
  const keptFrom = keepFrom()
  if (keptFrom === Number.NEGATIVE_INFINITY) await checkSeries({ ledger, series }, state.readings)
  const finished = { ...state, finished: true }
  await ledger.transact(async (db) => {
    await passIds(ledger, db)
    await beginMissingLives(db)
    if (keptFrom > Number.NEGATIVE_INFINITY) await moveKeptFrom(db, keptFrom)
    await writeState(db, finished)
  })
}

/** Where it was when it is this one that was under way, else at its beginning. */
async function begin(ledger: Ledger, id: string): Promise<ImportState> {
  const known = await readState(ledger.db)
  if (known?.id === id) return known
  await refuseUnfinishedImport(ledger)
  await refuseFull(ledger.db)
  const state = { id, done: 0, readings: 0, finished: false }
  await ledger.transact((db) => writeState(db, state))
  return state
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
  if (table === 'epcs' || table === 'mentions' || table === 'stays') {
    await insertMany(db, table, { rows: rows as never[] })
    if (table === 'epcs' && dialectOf(db) === 'sqlite') await addWritten(db, rows as never[])
    return
  }
  for (const part of chunksOf(rows))
    await db
      .insertInto(table)
      .values(part as never)
      // Only the token of the administrator may be there: the one that stands, stays.
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

/** How far the clocks of the series store and ours may be apart. */
const clockMs = 60_000

/** How many were written. */
async function writePoints(
  series: Series,
  lines: readonly MovedPoints[],
  keepFrom: () => number,
): Promise<number> {
  let written = 0
  for (const { points, ...key } of lines) {
    const rows = points
      .filter(([time]) => time >= keepFrom())
      .map(([time, value]) => ({ ...key, time, value, offset: movedOffset }))
    const rejected = await series.write(rows)
    // Their time may have passed on the way.
    const wrong = rejected.filter(({ row }) => row.time >= keepFrom() + clockMs)
    if (wrong.length > 0)
      throw new Corrupt('series', `it refuses readings of ${key.device}: ${wrong[0]!.reason}`)
    written += rows.length - rejected.length
  }
  return written
}

async function writeHours(series: Series, lines: readonly MovedHours[]): Promise<void> {
  for (const { hours, ...key } of lines)
    await series.writeHours(hours.map((hour) => ({ ...key, ...hourOf(...hour) })))
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

type Counted = { ledger: Ledger; series: Series }

async function checkSeries({ ledger, series }: Counted, wanted: number): Promise<void> {
  const found = await sumOf(ledger, (tenant, id) => series.channels(tenant, id))
  if (found !== wanted)
    throw new Corrupt('series', `${found} readings are there after the import, not ${wanted}`)
}

async function checkHours({ ledger, series }: Counted, wanted: number): Promise<void> {
  if (wanted === 0) return
  const found = await sumOf(ledger, (tenant, id) => series.hourChannels(tenant, id))
  if (found !== wanted)
    throw new Corrupt('series', `${found} hours are there after the import, not ${wanted}`)
}

async function sumOf(
  { db }: Ledger,
  count: (tenant: string, device: string) => Promise<SeriesExtent[]>,
): Promise<number> {
  let sum = 0
  for (const { tenant, id } of await db.selectFrom('devices').select(['tenant', 'id']).execute())
    for (const extent of await count(tenant, id)) sum += extent.count
  return sum
}

/** Ids were given with the rows: PostgreSQL must be told where to count on. */
async function passIds({ dialect }: Ledger, db: LedgerQuery): Promise<void> {
  if (dialect !== 'postgres') return
  for (const [table, [key]] of Object.entries(movedTables)) {
    const sequence = sql<{ name: string | null }>`
      select pg_get_serial_sequence(${sql.lit(`"${table}"`)}, ${key}) as name`
    const name = (await sequence.execute(db)).rows[0]?.name
    if (name)
      await sql`select setval(${name}, (select coalesce(max(${sql.ref(key!)}), 0) + 1
        from ${sql.table(table)}), false)`.execute(db)
  }
}
