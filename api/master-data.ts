// Master data as EPCIS vocabulary elements: places, parties, products and whatever else partners
// tell of (EPCIS 2.0 §6.5, CBV 2.0 §9). Each change is a version with its record time.
import { z } from '@hono/zod-openapi'
import { canonicalEpc } from '../domain/gs1/gs1.ts'
import {
  listMasterData,
  type MasterRecord,
  readMasterData,
  storeMasterData,
} from '../store/ledger/master.ts'
import { attributesSchema } from './attributes.ts'
import type { Deps } from './deps.ts'
import { serially } from './once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, timeQuery } from './page.ts'
import { notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const id = z.string().min(1).max(500)
const bodySchema = z
  .strictObject({
    attributes: attributesSchema.default({}),
    children: z.array(id).max(10_000).default([]),
  })
  .openapi('MasterDataBody', {
    example: {
      attributes: {
        'urn:epcglobal:cbv:mda#name': 'Warehouse North',
        'urn:epcglobal:cbv:mda#countryCode': 'NO',
      },
      children: [],
    },
  })
const elementSchema = z
  .object({
    type: z.string(),
    id: z.string(),
    attributes: z.record(z.string(), z.unknown()),
    children: z.array(z.string()),
    version: z.number().int(),
    recordTime: z.string(),
  })
  .openapi('MasterData')

const params = z.object({
  type: id.openapi({
    description:
      'URI of the vocabulary, percent-encoded, or its last word below urn:epcglobal:epcis:vtype',
    example: 'BusinessLocation',
  }),
  id: id.openapi({ description: 'URI or GS1 key, percent-encoded' }),
})
const answer = {
  description: 'The element as it stands',
  content: { 'application/json': { schema: elementSchema } },
}

const put = guarded(
  { noun: 'masterData', verb: 'write' },
  {
    method: 'put',
    path: '/api/v1/master-data/{type}/{id}',
    summary: 'Store an element of master data',
    description: 'The version grows when it changed; the same body again changes nothing.',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: bodySchema } } },
    },
    responses: { 200: answer },
  },
)

const get = guarded(
  { noun: 'masterData', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/master-data/{type}/{id}',
    summary: 'Read an element of master data',
    request: { params, query: z.object({ at: timeQuery.optional() }) },
    responses: { 200: answer },
  },
)

const list = guarded(
  { noun: 'masterData', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/master-data',
    summary: 'List master data by type and id',
    request: { query: z.object({ ...pageQuery, type: id.optional() }) },
    responses: {
      200: {
        description: 'A page of elements',
        content: { 'application/json': { schema: pageOf(elementSchema) } },
      },
    },
  },
)

export const masterData = ({ now }: Deps) =>
  nounApp()
    .openapi(put, async (c) => {
      const { tenant } = c.get('identity')
      const key = keyOf(c.req.valid('param'))
      const element = { ...key, ...c.req.valid('json') }
      const stored = await c.get('ledger').transact(async (db) => {
        await storeMasterData(db, tenant, { elements: [element], at: now() })
        return readMasterData(db, tenant, key)
      }, serially)
      return c.json(formatElement(stored!), 200)
    })
    .openapi(get, async (c) => {
      const key = keyOf(c.req.valid('param'))
      const { at } = c.req.valid('query')
      const found = await readMasterData(c.get('ledger').db, c.get('identity').tenant, {
        ...key,
        ...(at !== undefined && { at }),
      })
      if (!found) throw notFound(`no ${key.type} ${key.id}`, 'path/id')
      return c.json(formatElement(found), 200)
    })
    .openapi(list, async (c) => {
      const { limit, cursor, type } = c.req.valid('query')
      const after = parseCursor(cursor, place)
      const rows = await listMasterData(c.get('ledger').db, c.get('identity').tenant, {
        limit: limit + 1,
        ...(type !== undefined && { type: typeOf(type) }),
        ...(after && { after }),
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.type, row.id])
      return c.json({ items: items.map(formatElement), next }, 200)
    })

const place = z.tuple([z.string(), z.string()])

const typeOf = (type: string): string =>
  type.includes(':') ? type : `urn:epcglobal:epcis:vtype:${type}`

/** GS1 keys in their canonical form, so that they meet those in events; others as they are. */
function keyOf({ type, id: given }: { type: string; id: string }): { type: string; id: string } {
  const canonical = canonicalEpc(given)
  return { type: typeOf(type), id: canonical.ok ? canonical.value : given }
}

const formatElement = ({ recordTime, ...element }: MasterRecord) => ({
  ...element,
  recordTime: formatTime(recordTime),
})
