// The units of a recall: a page as JSON, or all of them as NDJSON or CSV, of the revision that
// stands or an earlier one, each with where it is now. The hash of the set goes with them.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { stateOf } from '../domain/lifecycle.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { readSerialSet } from '../store/ledger-alerts.ts'
import { idsOf, readUnits } from '../store/ledger-epcs.ts'
import { listRecallRevisions } from '../store/ledger-recalls.ts'
import { holderOf, standingOf, standings } from '../trace/recall-figures.ts'
import type { RecallBody } from '../trace/recalls.ts'
import { storiesOf } from '../trace/stories.ts'
import type { Deps } from './deps.ts'
import { formatCursor, limitQuery, pageOf, parseCursor } from './page.ts'
import { notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'
import { formatAsked, streamRows } from './rows.ts'

const serialSchema = z
  .object({
    epc: z.string(),
    gtin: z.string().nullable(),
    lot: z.string().nullable(),
    expiry: z.string().nullable(),
    standing: z.enum(standings),
    state: z.string(),
    place: z.string().nullable(),
    holder: z.string(),
  })
  .openapi('RecalledSerial')
type SerialRow = z.infer<typeof serialSchema>
const columns = Object.keys(serialSchema.shape)

const list = guarded(
  { noun: 'recalls', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/recalls/{id}/serials',
    summary: 'List the units of a recall',
    description:
      'Ascending by EPC. CSV and NDJSON come whole. Headers Isotherm-Serial-Set-Hash, Isotherm-Serial-Count and Isotherm-Revision say what was answered.',
    request: {
      params: z.object({ id: z.string().max(200) }),
      query: z.object({
        limit: limitQuery(bounds.serialPageMax, bounds.pageMax),
        cursor: z.string().max(1000).optional(),
        revision: z.coerce.number().int().min(1).optional().openapi({ type: 'integer' }),
      }),
    },
    responses: {
      200: {
        description: 'The units of one revision',
        content: {
          'application/json': {
            schema: pageOf(serialSchema).extend({
              recall: z.string(),
              revision: z.number().int(),
              serialCount: z.number().int(),
              serialSetHash: z.string(),
            }),
          },
          'application/x-ndjson': { schema: { type: 'string' } },
          'text/csv': { schema: { type: 'string' } },
        },
      },
    },
  },
)

export const recallSerials = ({ now }: Deps) =>
  nounApp().openapi(list, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const { id } = c.req.valid('param')
    const { limit, cursor, revision } = c.req.valid('query')
    // A cursor goes on in the revision it began in, whatever was restated meanwhile.
    const place = parseCursor(cursor, z.tuple([z.int().min(0), z.int().min(0)]))
    const all = await listRecallRevisions(db, tenant, id)
    const wanted = place?.[0] ?? revision
    const stands = wanted === undefined ? all.at(-1) : all.find((one) => one.revision === wanted)
    if (!stands)
      throw all.length === 0
        ? notFound(`no recall ${id}`, 'path/id')
        : notFound(`revisions 1 to ${all.length} exist`, 'query/revision')
    const { serialCount, serialSetHash } = stands.body as RecallBody
    const headers = {
      'Isotherm-Serial-Set-Hash': serialSetHash,
      'Isotherm-Serial-Count': String(serialCount),
      'Isotherm-Revision': String(stands.revision),
    }
    const at = now()
    const read = (offset: number, count: number): Promise<SerialRow[]> =>
      readRows(db, tenant, { serialSet: stands.serialSet, at, offset, limit: count })
    const format = formatAsked(c)
    if (format !== 'json')
      return streamRows(c, format, {
        columns,
        batches: allRows(read, serialCount),
        fileName: `recall-${id.replace(/[^\w.-]/g, '_')}-r${stands.revision}`,
        headers,
      })
    const offset = place?.[1] ?? 0
    const items = await read(offset, limit)
    const more = offset + items.length < serialCount
    const next = more ? formatCursor([stands.revision, offset + items.length]) : null
    const set = { recall: id, revision: stands.revision, serialCount, serialSetHash }
    return c.json({ items, next, ...set }, 200, headers)
  })

async function* allRows(
  read: (offset: number, count: number) => Promise<SerialRow[]>,
  serialCount: number,
): AsyncGenerator<SerialRow[]> {
  // A short first batch: whoever waits sees rows at once.
  let count = Math.ceil(bounds.serialChunk / 10)
  for (let offset = 0; offset < serialCount; offset += count) {
    if (offset > 0) count = bounds.serialChunk - (offset % bounds.serialChunk)
    yield await read(offset, count)
    // The ledger answers in this thread: devices waiting for an acknowledgement come between.
    await nextTurn()
  }
}

async function readRows(
  db: LedgerQuery,
  tenant: string,
  page: { serialSet: string; at: number; offset: number; limit: number },
): Promise<SerialRow[]> {
  const set = await readSerialSet(db, tenant, page)
  const epcs = set.map(([epc]) => epc)
  const units = await readUnits(db, tenant, epcs)
  const ids = await idsOf(db, tenant, epcs)
  const told = new Map<number, Pick<SerialRow, 'standing' | 'state' | 'place' | 'holder'>>()
  for (const { units: same, facts } of await storiesOf(db, tenant, [...ids.values()])) {
    const { standing, life, place } = standingOf(facts, page.at)
    const one = { standing, state: stateOf(life), place: place ?? null, holder: holderOf(place) }
    for (const unit of same) told.set(unit, one)
  }
  const nothing = { standing: 'unknown' as const, state: 'unknown', place: null, holder: 'unknown' }
  return epcs.map((epc) => {
    const { gtin = null, lot = null, expiry = null } = units.get(epc) ?? {}
    return { epc, gtin, lot, expiry, ...(told.get(ids.get(epc) ?? -1) ?? nothing) }
  })
}
