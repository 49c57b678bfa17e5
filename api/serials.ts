// Which exact serials were inside: as they stand, as of a time, or as of a revision. How a set of
// serials is answered is in api/serial-sets.ts.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import { type Alert, listRevisions, readAlert, readSerialSet } from '../store/ledger/alerts.ts'
import { lotsOf } from '../store/ledger/epcs.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { columnsOf } from './files/files.ts'
import { fileNameOf } from './files/names.ts'
import { formatEnd, formatTime, timeQuery } from './page.ts'
import { notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'
import {
  readSerialPage,
  type SerialSetShown,
  serialPlace,
  serialSetDescription,
  serialSetFile,
  serialSetFiles,
  serialSetHeaders,
  serialSetPage,
  serialSetQuery,
} from './serial-sets.ts'

const serialSchema = z
  .object({
    epc: z.string().openapi({ example: 'https://id.gs1.org/01/09521234543213/21/A1' }),
    gtin: z.string().optional(),
    serial: z.string().optional(),
    lot: z.string().optional(),
    from: z.string(),
    to: z.string().nullable(),
    minutes: z.number(),
    peakC: z.number().nullable(),
    verdict: z.enum(['in', 'out', 'indeterminate']),
    unknownMinutes: z.number(),
  })
  .openapi('AffectedSerial')
const columns = columnsOf({
  ...{ epc: 'text', gtin: 'text', serial: 'text', lot: 'text', from: 'time', to: 'time' },
  ...{ minutes: 'number', peakC: 'celsius', verdict: 'code', unknownMinutes: 'number' },
})

const list = guarded(
  { noun: 'alerts', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/alerts/{id}/serials',
    summary: 'List the serials that were inside during the breach',
    description: serialSetDescription,
    request: {
      params: z.object({ id: z.string().max(200) }),
      query: z.object({
        ...serialSetQuery,
        asOf: timeQuery.optional().openapi({ description: 'record time: what was known then' }),
      }),
    },
    responses: {
      200: {
        description: 'The serials of one revision',
        content: {
          'application/json': {
            schema: serialSetPage(serialSchema).extend({ alert: z.string() }),
          },
          ...serialSetFiles,
        },
      },
    },
  },
)

const counts = guarded(
  { noun: 'alerts', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/alerts/{id}/serial-counts',
    summary: 'Count the serials of an alert by their own verdict',
    request: {
      params: z.object({ id: z.string().max(200) }),
      query: z.object({ revision: serialSetQuery.revision }),
    },
    responses: {
      200: {
        description: 'Of one revision, all of its serials',
        content: {
          'application/json': {
            schema: z.object({
              ...{ revision: z.number().int(), serialCount: z.number().int() },
              verdicts: z.object({
                ...{ in: z.number().int(), out: z.number().int(), indeterminate: z.number().int() },
              }),
            }),
          },
        },
      },
    },
  },
)

export const serials = () =>
  nounApp()
    .openapi(counts, async (c) => {
      const { tenant } = c.get('identity')
      const { db } = c.get('ledger')
      const { id } = c.req.valid('param')
      const { revision } = c.req.valid('query')
      const alert = await standing(db, { tenant, id, asOf: undefined, revision })
      const verdicts = await verdictsOf(db, tenant, alert)
      return c.json({ revision: alert.revision, serialCount: alert.serialCount, verdicts }, 200)
    })
    .openapi(list, async (c) => {
      const { tenant } = c.get('identity')
      const { db } = c.get('ledger')
      const { id } = c.req.valid('param')
      const { limit, cursor, asOf, ...query } = c.req.valid('query')
      const { revision, offset } = serialPlace({ cursor, ...query })
      const alert = await standing(db, { tenant, id, asOf, revision })
      const { serialCount, serialSetHash } = alert
      const set: SerialSetShown<SerialRow> = {
        ...{ revision: alert.revision, serialCount, serialSetHash, columns },
        fileName: fileNameOf('affected-serials', alert.gtin, alert.container, alert.from),
        read: (offset, limit) => readRows(db, { tenant, alert, offset, limit }),
      }
      const file = await serialSetFile(c, set, c.req.valid('query'))
      if (file) return file as never
      const page = await readSerialPage(set, { offset, limit })
      return c.json({ ...page, alert: id }, 200, serialSetHeaders(set))
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

/** Chunk by chunk: devices waiting for an acknowledgement come between. */
async function verdictsOf(db: LedgerQuery, tenant: string, alert: Alert) {
  const { serialSet, serialCount, legs } = alert
  const verdicts = { in: 0, out: 0, indeterminate: 0 }
  const limit = bounds.serialChunk
  for (let offset = 0; offset < serialCount; offset += limit) {
    const units = await readSerialSet(db, tenant, { serialSet, offset, limit })
    for (const [, leg] of units) verdicts[legs[leg]!.verdict]++
    await nextTurn()
  }
  return verdicts
}

async function readRows(
  db: LedgerQuery,
  page: { tenant: string; alert: Alert; offset: number; limit: number },
): Promise<SerialRow[]> {
  const { tenant, alert, offset, limit } = page
  const set = await readSerialSet(db, tenant, { serialSet: alert.serialSet, offset, limit })
  const lots = await lotsOf(
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
  // Written out, for there are 100,000 of them: what is undefined is in no format.
  return set.map(([epc, number]) => {
    const { gtin, serial } = namesOf(epc)
    const { from, to, minutes, peakC, verdict, unknownMinutes } = legs[number]!
    const lot = lots.get(epc)
    return { epc, gtin, serial, lot, from, to, minutes, peakC, verdict, unknownMinutes }
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
