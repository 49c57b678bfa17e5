// Which exact serials were inside: a page as JSON, or all of them as NDJSON or CSV; as they stand,
// as of a time, or as of a revision. The hash of the set goes with them, so that a stranger can
// check that none is missing.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { type Alert, listRevisions, readAlert, readSerialSet } from '../store/ledger-alerts.ts'
import { readUnits } from '../store/ledger-epcs.ts'
import {
  formatCursor,
  formatEnd,
  formatTime,
  limitQuery,
  pageOf,
  parseCursor,
  timeQuery,
} from './page.ts'
import { notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'
import { formatAsked, streamRows } from './rows.ts'

const serialSchema = z
  .object({
    epc: z.string().openapi({ example: 'https://id.gs1.org/01/09521234543213/21/A1' }),
    gtin: z.string().optional(),
    serial: z.string().optional(),
    lot: z.string().optional(),
    from: z.string(),
    to: z.string().nullable(),
    minutes: z.number(),
    peakC: z.number(),
    verdict: z.enum(['in', 'out', 'indeterminate']),
    unknownMinutes: z.number(),
  })
  .openapi('AffectedSerial')
const columns = Object.keys(serialSchema.shape)

const list = guarded(
  { noun: 'alerts', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/alerts/{id}/serials',
    summary: 'List the serials that were inside during the breach',
    description:
      'Ascending by EPC. CSV and NDJSON come whole. Headers Isotherm-Serial-Set-Hash, Isotherm-Serial-Count and Isotherm-Revision say what was answered.',
    request: {
      params: z.object({ id: z.string().max(200) }),
      query: z.object({
        limit: limitQuery(bounds.serialPageMax, bounds.pageMax),
        cursor: z.string().max(1000).optional(),
        asOf: timeQuery.optional().openapi({ description: 'record time: what was known then' }),
        revision: z.coerce.number().int().min(1).optional().openapi({ type: 'integer' }),
      }),
    },
    responses: {
      200: {
        description: 'The serials of one revision',
        content: {
          'application/json': {
            schema: pageOf(serialSchema).extend({
              alert: z.string(),
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

export const serials = () =>
  nounApp().openapi(list, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const { id } = c.req.valid('param')
    const { limit, cursor, asOf, revision } = c.req.valid('query')
    // A cursor goes on in the revision it began in, whatever was restated meanwhile.
    const place = parseCursor(cursor, z.tuple([z.int().min(0), z.int().min(0)]))
    const wanted = { asOf, revision: place?.[0] ?? revision }
    const alert = await standing(db, { tenant, id, ...wanted })
    const { serialCount, serialSetHash } = alert
    const headers = {
      'Isotherm-Serial-Set-Hash': serialSetHash,
      'Isotherm-Serial-Count': String(serialCount),
      'Isotherm-Revision': String(alert.revision),
    }
    const read = (offset: number, count: number): Promise<SerialRow[]> =>
      readRows(db, { tenant, alert, offset, limit: count })
    const format = formatAsked(c)
    if (format !== 'json')
      return streamRows(c, format, {
        columns,
        batches: allRows(read, serialCount),
        fileName: `serials-${id.replace(/[^\w.-]/g, '_')}-r${alert.revision}`,
        headers,
      })
    const offset = place?.[1] ?? 0
    const items = await read(offset, limit)
    const more = offset + items.length < serialCount
    const next = more ? formatCursor([alert.revision, offset + items.length]) : null
    const answer = { items, next, alert: id, revision: alert.revision, serialCount, serialSetHash }
    return c.json(answer, 200, headers)
  })

type SerialRow = z.infer<typeof serialSchema>

/** The alert as it stands, as it stood at a record time, or as of a revision. Problem 404. */
async function standing(
  db: LedgerQuery,
  asked: { tenant: string; id: string; asOf: number | undefined; revision: number | undefined },
): Promise<Alert> {
  const { tenant, id, asOf, revision } = asked
  const now = await readAlert(db, tenant, id)
  if (!now) throw notFound(`no alert ${id}`, 'path/id')
  if (asOf === undefined && (revision === undefined || revision === now.revision)) return now
  const all = await listRevisions(db, tenant, id)
  if (revision !== undefined) {
    const found = all.find((entry) => entry.revision === revision)
    if (!found) throw notFound(`revisions 1 to ${now.revision} exist`, 'query/revision')
    return found.alert
  }
  const known = all.filter((entry) => entry.recordTime <= asOf!).at(-1)
  if (known) return known.alert
  const first = formatTime(all[0]?.recordTime ?? now.raisedAt)
  throw notFound(`the first revision of this alert is of ${first}`, 'query/asOf')
}

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
  page: { tenant: string; alert: Alert; offset: number; limit: number },
): Promise<SerialRow[]> {
  const { tenant, alert, offset, limit } = page
  const set = await readSerialSet(db, tenant, { serialSet: alert.serialSet, offset, limit })
  const units = await readUnits(
    db,
    tenant,
    set.map(([epc]) => epc),
  )
  const legs = alert.legs.map(({ from, to, minutes, peakC, verdict, unknownMinutes }) => ({
    from: formatTime(from),
    to: formatEnd(to),
    minutes,
    peakC,
    verdict,
    unknownMinutes,
  }))
  return set.map(([epc, leg]) => {
    const lot = units.get(epc)?.lot
    return {
      epc,
      ...namesOf(epc),
      ...(lot !== undefined && { lot }),
      ...legs[leg]!,
    }
  })
}

/**
 * Most EPCs are canonical SGTINs without escapes; parsing 100,000 of them takes longer than reading
 * them.
 */
function namesOf(epc: string): { gtin?: string; serial?: string } {
  const plain = /^https:\/\/id\.gs1\.org\/01\/(\d{14})\/21\/([\w.-]+)$/.exec(epc)
  if (plain) return { gtin: plain[1]!, serial: plain[2]! }
  const key = parseEpc(epc)
  return key?.key === 'sgtin' ? { gtin: key.gtin, serial: key.serial } : {}
}
