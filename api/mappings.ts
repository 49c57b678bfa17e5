// What the columns of files of other systems mean: mappings by name, stored, read and removed.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { fields, kinds, mappingSchema } from '../ingest/files/mapping.ts'
import {
  countMappings,
  deleteMapping,
  type KeptMapping,
  listMappings,
  putMapping,
  readMapping,
} from '../store/ledger/loads.ts'
import type { Deps } from './deps.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, textPlace } from './page.ts'
import { conflict, notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'

export const mappingName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'want a plain name')

const shownSchema = z
  .object({
    name: z.string(),
    updatedAt: z.string(),
    mapping: z.object({ kind: z.enum(kinds) }).loose(),
  })
  .openapi('Mapping')
const params = z.object({ name: mappingName })
const content = { 'application/json': { schema: shownSchema } }
const path = '/api/v1/mappings/{name}'
const tags = ['loads']

const put = guarded(
  { noun: 'events', verb: 'write' },
  {
    method: 'put',
    path,
    tags,
    summary: 'Say what the columns of a file mean',
    description: `Fields: ${fields.join(', ')}. docs/loading.md says what each kind needs.`,
    request: {
      params,
      body: {
        required: true,
        content: {
          'application/json': {
            schema: mappingSchema,
            example: {
              kind: 'serials',
              delimiter: ';',
              columns: {
                gtin: 'GTIN',
                serial: 'Serial',
                lot: 'Lot',
                expiry: 'Exp',
                eventTime: 'At',
              },
              expiryFormat: 'yymmdd',
            },
          },
        },
      },
    },
    responses: { 200: { description: 'Stored', content } },
  },
)
const get = guarded(
  { noun: 'events', verb: 'read' },
  {
    method: 'get',
    path,
    tags,
    summary: 'Read a mapping',
    request: { params },
    responses: { 200: { description: 'With all that was left out', content } },
  },
)
const remove = guarded(
  { noun: 'events', verb: 'write' },
  {
    method: 'delete',
    path,
    tags,
    summary: 'Remove a mapping; what was loaded by it stays',
    request: { params },
    responses: { 204: { description: 'Removed' } },
  },
)
const list = guarded(
  { noun: 'events', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/mappings',
    tags,
    summary: 'List mappings',
    request: { query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'Ascending by name',
        content: { 'application/json': { schema: pageOf(shownSchema) } },
      },
    },
  },
)

export const mappings = ({ now }: Deps) =>
  nounApp()
    .openapi(put, async (c) => {
      const { name } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const kept = { name, updatedAt: now(), body: JSON.stringify(c.req.valid('json')) }
      await c.get('ledger').transact(async (db) => {
        const isNew = !(await readMapping(db, tenant, name))
        if (isNew && (await countMappings(db, tenant)) >= bounds.mappingsMax)
          throw conflict(`there are ${bounds.mappingsMax} mappings: remove some`, 'path/name')
        await putMapping(db, tenant, kept)
      })
      return c.json(shownOf(kept), 200)
    })
    .openapi(get, async (c) => {
      const { name } = c.req.valid('param')
      const kept = await readMapping(c.get('ledger').db, c.get('identity').tenant, name)
      if (!kept) throw notFound(`there is no mapping ${name}`, 'path/name')
      return c.json(shownOf(kept), 200)
    })
    .openapi(remove, async (c) => {
      const { name } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const gone = await c.get('ledger').transact((db) => deleteMapping(db, tenant, name))
      if (!gone) throw notFound(`there is no mapping ${name}`, 'path/name')
      return c.body(null, 204)
    })
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const [after] = parseCursor(cursor, textPlace) ?? ['']
      const { tenant } = c.get('identity')
      const rows = await listMappings(c.get('ledger').db, tenant, { after, limit: limit + 1 })
      const { items, next } = cutPage(rows, limit, ({ name }) => [name])
      return c.json({ items: items.map(shownOf), next }, 200)
    })

const shownOf = ({ name, updatedAt, body }: KeptMapping) => ({
  name,
  updatedAt: formatTime(updatedAt),
  mapping: JSON.parse(body) as { kind: (typeof kinds)[number] },
})
