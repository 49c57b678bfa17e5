// Everything that the ledger and the series hold, written down for other stores to take in
// (store/import.ts). Begins when every follower has read the log to its end, and refuses otherwise:
// what is in the log only would be lost. Reads; changes nothing.
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { bounds } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import {
  type ExportChunk,
  type ExportManifest,
  exportForm,
  formatRow,
  type MovedHours,
  type MovedKind,
  type MovedPoints,
  type MovedRow,
  type MovedTable,
  movedMeta,
  movedTables,
  offsetColumns,
  writeChunk,
  writeExportManifest,
} from './export-format.ts'
import { binsText, numbersOf } from './hour-columns.ts'
import type { Ledger, LedgerQuery } from './ledger/ledger.ts'
import type { Series } from './series.ts'

export interface MovingProgress {
  of: MovedKind
  /** Rows, readings or hours of this so far. */
  rows: number
}

/** Throws OperatorError when the folder holds something else than an unfinished export. */
export async function exportStores(
  { ledger, series }: { ledger: Ledger; series: Series },
  folder: string,
  { at, tell }: { at: number; tell: (progress: MovingProgress) => void },
): Promise<ExportManifest> {
  begin(folder)
  const shift = await offsetsEnd(ledger.db)
  const chunks: ExportChunk[] = []
  for (const table of Object.keys(movedTables) as MovedTable[]) {
    const out = openChunks(folder, { of: table, chunks, tell })
    for await (const row of rowsOf(ledger.db, table)) {
      const column = offsetColumns[table]
      if (column !== undefined) row[column] = Number(row[column]) - shift
      out.add(formatRow(row), 1)
    }
    out.end()
  }
  const out = openChunks(folder, { of: 'series', chunks, tell })
  for await (const points of pointsOf(ledger.db, series))
    out.add(JSON.stringify(points), points.points.length)
  out.end()
  const past = openChunks(folder, { of: 'hours', chunks, tell })
  for await (const hours of hoursOf(ledger.db, series))
    past.add(JSON.stringify(hours), hours.hours.length)
  past.end()
  const manifest: ExportManifest = {
    kind: 'isotherm-export',
    form: exportForm,
    id: randomUUID(),
    madeAt: new Date(at).toISOString(),
    chunks,
  }
  rmSync(join(folder, mark))
  writeExportManifest(folder, manifest)
  return manifest
}

/** Stands in the folder until the manifest does: what is left of an export that was ended. */
const mark = 'exporting'

function begin(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (existsSync(join(folder, mark)))
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
  else if (readdirSync(folder).length > 0)
    throw new OperatorError(`${folder} is not empty`, 'give the name of a new folder')
  writeFileSync(join(folder, mark), '')
}

/** One past every offset that the ledger knows. */
async function offsetsEnd(db: LedgerQuery): Promise<number> {
  let end = 0
  for (const [table, column] of Object.entries(offsetColumns)) {
    const query = sql<{ newest: number | null }>`
      select max(${sql.ref(column)}) as newest from ${sql.table(table)}`
    const newest = (await query.execute(db)).rows[0]?.newest ?? -1
    end = Math.max(end, Number(newest) + 1)
  }
  return end
}

/** Page by page along the key: nothing is held open, and no page is read twice. */
async function* rowsOf(db: LedgerQuery, table: MovedTable): AsyncGenerator<MovedRow> {
  const key = movedTables[table]
  const columns = sql.join(key.map((name) => sql.ref(name)))
  const limit = bounds.exportPageRows
  for (let last: MovedRow | undefined; ; ) {
    const after = last && sql`where (${columns}) > (${sql.join(key.map((name) => last![name]))})`
    const page = await sql<MovedRow>`
      select * from ${sql.table(table)} ${after ?? sql``} order by ${columns} limit ${limit}
    `.execute(db)
    for (const row of page.rows)
      if (table !== 'meta' || movedMeta.includes(String(row.name))) yield { ...row }
    last = page.rows.at(-1)
    if (page.rows.length < limit) return
  }
}

async function* pointsOf(db: LedgerQuery, series: Series): AsyncGenerator<MovedPoints> {
  for await (const { tenant, id } of rowsOf(db, 'devices')) {
    const key = { tenant: String(tenant), device: String(id) }
    for (const { channel, from, to } of await series.channels(key.tenant, key.device)) {
      const limit = bounds.exportPoints
      for (let next = from; next <= to; ) {
        const span = { ...key, channel, from: next, to: to + 1, limit }
        const rows = await series.range(span)
        if (rows.length === 0) break
        yield { ...key, channel, points: rows.map(({ time, value }) => [time, value]) }
        next = rows.at(-1)!.time + 1
      }
    }
  }
}

async function* hoursOf(db: LedgerQuery, series: Series): AsyncGenerator<MovedHours> {
  for await (const { tenant, id } of rowsOf(db, 'devices')) {
    const key = { tenant: String(tenant), device: String(id) }
    for (const { channel, from, to } of await series.hourChannels(key.tenant, key.device)) {
      const limit = bounds.hoursPerWrite
      for (let next = from; next <= to; ) {
        const rows = await series.hours({ ...key, channel, from: next, to: to + 1, limit })
        if (rows.length === 0) break
        const hours = rows.map((hour): MovedHours['hours'][number] => [
          hour.time,
          numbersOf(hour),
          binsText(hour) ?? null,
        ])
        yield { ...key, channel, hours }
        next = rows.at(-1)!.time + 1
      }
    }
  }
}

/** Lines on their way into files of a bounded size. */
function openChunks(
  folder: string,
  to: {
    of: MovedKind
    chunks: ExportChunk[]
    tell: (progress: MovingProgress) => void
  },
) {
  const { of, chunks, tell } = to
  let lines: string[] = []
  let [chars, rows, total] = [0, 0, 0]
  const flush = (): void => {
    if (rows === 0) return
    const file = `${String(chunks.length).padStart(5, '0')}-${of}.ndjson.gz`
    chunks.push(writeChunk(folder, { file, of, rows }, lines))
    total += rows
    tell({ of, rows: total })
    lines = []
    ;[chars, rows] = [0, 0]
  }
  return {
    add: (line: string, count: number): void => {
      lines.push(line)
      chars += line.length
      rows += count
      if (chars >= bounds.exportChunkChars) flush()
    },
    end: flush,
  }
}
