// Lots as master data: what is known of their making beside their units. Each change is a version
// with its record time.
import { z } from '@hono/zod-openapi'
import { type LotRecord, listLots, putLot, readLot } from '../../store/ledger/master.ts'
import { attributesSchema } from '../attributes.ts'
import type { Deps } from '../deps.ts'
import { serially } from '../once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, timeQuery } from '../page.ts'
import { notFound } from '../problem.ts'
import { gtinOf } from '../profiles/products.ts'
import { guarded, nounApp } from '../route.ts'

const date = z.iso.date()
const short = z.string().trim().min(1).max(200)
const facts = {
  expiry: date.optional(),
  productionDate: date.optional(),
  bestBefore: date.optional(),
  supplier: short.optional().openapi({ description: 'GLN or URI' }),
  markets: z
    .array(z.string().regex(/^[A-Z]{2}$/))
    .max(250)
    .optional()
    .openapi({ description: 'ISO 3166-1 alpha-2; none told: anywhere' }),
  shift: short.optional(),
  line: short.optional(),
  attributes: attributesSchema.optional(),
}
const example = { expiry: '2027-12-31', supplier: '9521234000006', shift: 'night', line: '4' }
const bodySchema = z.strictObject(facts).openapi('LotBody', { example })
const lotSchema = z
  .object({
    gtin: z.string(),
    lot: z.string(),
    ...facts,
    version: z.number().int(),
    recordTime: z.string(),
  })
  .openapi('Lot')

const params = z.object({
  gtin: z.string().openapi({ example: '09521234543213' }),
  lot: z.string().min(1).max(20).openapi({ description: 'AI 10, percent-encoded' }),
})
const answer = {
  description: 'The lot as it stands',
  content: { 'application/json': { schema: lotSchema } },
}

const put = guarded(
  { noun: 'lots', verb: 'write' },
  {
    method: 'put',
    path: '/api/v1/lots/{gtin}/{lot}',
    summary: 'Store what is known of a lot',
    description: 'The version grows when it changed; the same body again changes nothing.',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: bodySchema } } },
    },
    responses: { 200: answer },
  },
)

const get = guarded(
  { noun: 'lots', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/lots/{gtin}/{lot}',
    summary: 'Read a lot',
    request: {
      params,
      query: z.object({ at: timeQuery.optional() }),
    },
    responses: { 200: answer },
  },
)

const list = guarded(
  { noun: 'lots', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/lots',
    summary: 'List lots by GTIN and lot',
    request: {
      query: z.object({
        ...pageQuery,
        gtin: z.string().optional(),
        lot: z.string().max(20).optional(),
        supplier: z.string().max(200).optional(),
        shift: z.string().max(200).optional(),
        line: z.string().max(200).optional(),
      }),
    },
    responses: {
      200: {
        description: 'A page of lots',
        content: { 'application/json': { schema: pageOf(lotSchema) } },
      },
    },
  },
)

export const lots = ({ now }: Deps) =>
  nounApp()
    .openapi(put, async (c) => {
      const { tenant } = c.get('identity')
      const { lot, gtin: given } = c.req.valid('param')
      const gtin = gtinOf(given, 'path/gtin')
      const known = c.req.valid('json')
      const stored = await c
        .get('ledger')
        .transact((db) => putLot(db, tenant, { gtin, lot, facts: known, at: now() }), serially)
      return c.json(formatLot(stored), 200)
    })
    .openapi(get, async (c) => {
      const { lot, gtin: given } = c.req.valid('param')
      const { at } = c.req.valid('query')
      const gtin = gtinOf(given, 'path/gtin')
      const asked = { gtin, lot, ...(at !== undefined && { at }) }
      const found = await readLot(c.get('ledger').db, c.get('identity').tenant, asked)
      if (!found) throw notFound(`no lot ${lot} of ${gtin}`, 'path/lot')
      return c.json(formatLot(found), 200)
    })
    .openapi(list, async (c) => {
      const { limit, cursor, gtin, ...filter } = c.req.valid('query')
      const after = parseCursor(cursor, lotPlace)
      const rows = await listLots(c.get('ledger').db, c.get('identity').tenant, {
        filter: { ...filter, ...(gtin !== undefined && { gtin: gtinOf(gtin, 'query/gtin') }) },
        limit: limit + 1,
        ...(after && { after }),
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.gtin, row.lot])
      return c.json({ items: items.map(formatLot), next }, 200)
    })

const lotPlace = z.tuple([z.string(), z.string()])

const formatLot = ({ recordTime, ...lot }: LotRecord) => ({
  ...lot,
  recordTime: formatTime(recordTime),
})
