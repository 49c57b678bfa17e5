// How a pinned set of serials is answered, whosever it is: a page as JSON, or all of it as a file,
// always of one revision, with the hash of the set, so that a stranger can check that none
// is missing. What stands in a row is for who asks.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../config.ts'
import type { Reader } from '../quality/report/reader.ts'
import { type FileColumn, fileAsked, fileContent } from './files/files.ts'
import { readerQuery } from './files/reader.ts'
import { formatCursor, limitQuery, pageOf, parseCursor } from './page.ts'
import type { Row } from './rows.ts'

/** One revision of a set of serials, ascending by EPC. */
export interface SerialSetShown<R extends Row> {
  revision: number
  serialCount: number
  serialSetHash: string
  columns: readonly FileColumn[]
  /** Without revision and extension. */
  fileName: string
  read(offset: number, count: number): Promise<R[]>
}

export const serialSetDescription =
  'Ascending by EPC. Files come whole. Headers Isotherm-Serial-Set-Hash, Isotherm-Serial-Count and Isotherm-Revision say what was answered.'

export const serialSetQuery = {
  limit: limitQuery(bounds.serialPageMax, bounds.pageMax),
  cursor: z.string().max(1000).optional(),
  revision: z.coerce.number().int().min(1).optional().openapi({ type: 'integer' }),
  ...readerQuery,
}

/** A page of these rows, with what it is a page of. */
export const serialSetPage = <R extends z.ZodType>(row: R) =>
  pageOf(row).extend({
    revision: z.number().int(),
    serialCount: z.number().int(),
    serialSetHash: z.string(),
  })

/** The other forms that a set comes in. */
export const serialSetFiles = fileContent

/**
 * Where a page begins. A cursor goes on in the revision it began in, whatever was restated
 * meanwhile.
 */
export function serialPlace(query: {
  cursor?: string | undefined
  revision?: number | undefined
}): { revision: number | undefined; offset: number } {
  const place = parseCursor(query.cursor, z.tuple([z.int().min(0), z.int().min(0)]))
  return { revision: place?.[0] ?? query.revision, offset: place?.[1] ?? 0 }
}

export const serialSetHeaders = (set: {
  revision: number
  serialCount: number
  serialSetHash: string
}) => ({
  'Isotherm-Serial-Set-Hash': set.serialSetHash,
  'Isotherm-Serial-Count': String(set.serialCount),
  'Isotherm-Revision': String(set.revision),
})

/** The whole set as a file, when that is asked for. */
export const serialSetFile = <R extends Row>(
  c: Context,
  set: SerialSetShown<R>,
  reader: Reader,
): Promise<Response | undefined> =>
  fileAsked(
    c,
    {
      ...{ columns: set.columns, batches: allRows(set), headers: serialSetHeaders(set) },
      fileName: `${set.fileName}_r${set.revision}`,
    },
    reader,
  )

export async function readSerialPage<R extends Row>(
  set: SerialSetShown<R>,
  { offset, limit }: { offset: number; limit: number },
) {
  const { revision, serialCount, serialSetHash } = set
  const items = await set.read(offset, limit)
  const more = offset + items.length < serialCount
  const next = more ? formatCursor([revision, offset + items.length]) : null
  return { items, next, revision, serialCount, serialSetHash }
}

async function* allRows<R extends Row>({
  read,
  serialCount,
}: SerialSetShown<R>): AsyncGenerator<R[]> {
  // A short first batch: whoever waits sees rows at once.
  let count = Math.ceil(bounds.serialChunk / 10)
  for (let offset = 0; offset < serialCount; offset += count) {
    if (offset > 0) count = bounds.serialChunk - (offset % bounds.serialChunk)
    yield await read(offset, count)
    // The ledger answers in this thread: devices waiting for an acknowledgement come between.
    await nextTurn()
  }
}
