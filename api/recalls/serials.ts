// The units of a recall, of the revision that stands or an earlier one, each with where it is now.
// How a set of serials is answered is in api/serial-sets.ts.
import { z } from '@hono/zod-openapi'
import { stateOf } from '../../domain/lifecycle/lifecycle.ts'
import { readSerialSet } from '../../store/ledger/alerts.ts'
import { idsOf, readUnits } from '../../store/ledger/epcs.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { listRecallRevisions } from '../../store/ledger/recalls.ts'
import { nobody, standingOf, standings } from '../../trace/recall/figures.ts'
import type { RecallBody } from '../../trace/recall/recalls.ts'
import { storiesOf } from '../../trace/stories.ts'
import type { Deps } from '../deps.ts'
import { columnsOf } from '../files/files.ts'
import { fileNameOf } from '../files/names.ts'
import { notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import type { Row } from '../rows.ts'
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
} from '../serial-sets.ts'

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
const columns = columnsOf({
  ...{ epc: 'text', gtin: 'text', lot: 'text', expiry: 'text', standing: 'code', state: 'text' },
  ...{ place: 'text', holder: 'text' },
})

const list = guarded(
  { noun: 'recalls', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/recalls/{id}/serials',
    summary: 'List the units of a recall',
    description: serialSetDescription,
    request: {
      params: z.object({ id: z.string().max(200) }),
      query: z.object(serialSetQuery),
    },
    responses: {
      200: {
        description: 'The units of one revision',
        content: {
          'application/json': {
            schema: serialSetPage(serialSchema).extend({ recall: z.string() }),
          },
          ...serialSetFiles,
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
    const { limit, ...query } = c.req.valid('query')
    const { revision, offset } = serialPlace(query)
    const stands = await recallRevision(db, tenant, { id, revision })
    const { serialCount, serialSetHash, serialSet } = stands
    const at = now()
    const set: SerialSetShown<SerialRow> = {
      ...{ revision: stands.revision, serialCount, serialSetHash, columns },
      fileName: fileNameOf('recalled-units', id, at),
      read: (offset, limit) => readRows(db, tenant, { serialSet, at, offset, limit }),
    }
    const file = await serialSetFile(c, set, c.req.valid('query'))
    if (file) return file as never
    const page = await readSerialPage(set, { offset, limit })
    return c.json({ ...page, recall: id }, 200, serialSetHeaders(set))
  })

/** The newest without a number. Throws the problem of whoever asked for one that is not there. */
export async function recallRevision(
  db: LedgerQuery,
  tenant: string,
  { id, revision }: { id: string; revision: number | undefined },
): Promise<
  Pick<SerialSetShown<Row>, 'revision' | 'serialCount' | 'serialSetHash'> & { serialSet: string }
> {
  const all = await listRecallRevisions(db, tenant, id)
  const stands = revision === undefined ? all.at(-1) : all.find((one) => one.revision === revision)
  if (!stands)
    throw all.length === 0
      ? notFound(`no recall ${id}`, 'path/id')
      : notFound(`revisions 1 to ${all.length} exist`, 'query/revision')
  const { serialCount, serialSetHash } = stands.body as RecallBody
  return { revision: stands.revision, serialSet: stands.serialSet, serialCount, serialSetHash }
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
    const { standing, life, place, holder } = standingOf(facts, page.at)
    const one = { standing, state: stateOf(life), place: place ?? null, holder }
    for (const unit of same) told.set(unit, one)
  }
  const nothing = { standing: 'unknown' as const, state: 'unknown', place: null, holder: nobody }
  return epcs.map((epc) => {
    const { gtin = null, lot = null, expiry = null } = units.get(epc) ?? {}
    return { epc, gtin, lot, expiry, ...(told.get(ids.get(epc) ?? -1) ?? nothing) }
  })
}
