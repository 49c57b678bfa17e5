// Named EPCIS queries (EPCIS 2.0 §12): made once, listed, read, run whenever their events are asked
// for, removed. A query is checked when it is made; what it finds is what is there when it runs.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { type EventQuery, parseQuery } from '../../domain/epcis/query.ts'
import { deleteSubscriptions } from '../../store/ledger/endpoints.ts'
import {
  countNamedQueries,
  deleteNamedQuery,
  insertNamedQuery,
  listNamedQueries,
  type NamedQuery,
  readNamedQuery,
} from '../../store/ledger/queries.ts'
import type { Deps } from '../deps.ts'
import { formatCursor, parseCursor, textPlace } from '../page.ts'
import { Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { answerEvents, linkNext, perPageOf } from './event-pages.ts'
import { eventsRequest, optionsOf, queryDocument } from './events.ts'
import { discover, extensionPrefixes } from './headers.ts'

const definition = z
  .object({
    name: z.string().min(1).max(bounds.queryNameCharsMax),
    query: z.record(z.string(), z.unknown()),
  })
  .openapi('EpcisQuery', {
    example: { name: 'shipped', query: { eventType: ['ObjectEvent'], EQ_bizStep: ['shipping'] } },
  })
const params = z.object({ name: z.string().max(bounds.queryNameCharsMax) })
const read = { noun: 'queries', verb: 'read' } as const
const write = { noun: 'queries', verb: 'write' } as const
const tags = ['EPCIS']

const create = guarded(write, {
  method: 'post',
  path: '/epcis/queries',
  tags,
  summary: 'Name a query',
  request: { body: { required: true, content: { 'application/json': { schema: definition } } } },
  responses: {
    201: { description: 'Made', content: { 'application/json': { schema: definition } } },
  },
})
const list = guarded(read, {
  method: 'get',
  path: '/epcis/queries',
  tags,
  summary: 'List named queries',
  request: { query: eventsRequest },
  responses: {
    200: {
      description: 'The Link header leads to the next page',
      content: { 'application/json': { schema: z.array(definition) } },
    },
  },
})
const get = guarded(read, {
  method: 'get',
  path: '/epcis/queries/{name}',
  tags,
  summary: 'Read a named query',
  request: { params },
  responses: {
    200: { description: 'The query', content: { 'application/json': { schema: definition } } },
  },
})
const remove = guarded(write, {
  method: 'delete',
  path: '/epcis/queries/{name}',
  tags,
  summary: 'Remove a named query and the subscriptions to it',
  request: { params },
  responses: { 204: { description: 'Removed' } },
})
const run = guarded(read, {
  method: 'get',
  path: '/epcis/queries/{name}/events',
  tags,
  summary: 'Run a named query',
  request: { params, query: eventsRequest },
  responses: queryDocument,
})

/** The queries of the standard itself (EPCIS 2.0 §8.2.7): their names are taken. */
const standard = ['SimpleEventQuery', 'SimpleMasterDataQuery']

export const queries = (deps: Deps) =>
  nounApp()
    .openapi(create, async (c) => {
      const { name, query } = c.req.valid('json')
      const declared = extensionPrefixes(c)
      const whole = declared.size === 0 ? query : withContext(query, declared)
      understood({ query: whole }, '/query')
      const { tenant } = c.get('identity')
      const place = `/epcis/queries/${encodeURIComponent(name)}`
      c.set('created', place)
      await c.get('ledger').transact(async (db) => {
        if ((await countNamedQueries(db, tenant)) >= bounds.queriesMax)
          throw taken(`there are ${bounds.queriesMax} named queries already: remove one`)
        const made = { name, query: whole, createdAt: deps.now() }
        if (standard.includes(name) || !(await insertNamedQuery(db, tenant, made)))
          throw taken(`there is a query ${name} already`)
      })
      c.header('Location', place)
      return c.json({ name, query: whole }, 201)
    })
    .openapi(list, async (c) => {
      const search = new URL(c.req.url).searchParams
      const perPage = perPageOf(search)
      const after = parseCursor(search.get('nextPageToken') ?? undefined, textPlace)?.[0] ?? ''
      const page = { after, limit: perPage + 1 }
      const found = await listNamedQueries(c.get('ledger').db, c.get('identity').tenant, page)
      const shown = found.slice(0, perPage)
      if (found.length > perPage)
        linkNext(c, { perPage, token: formatCursor([shown.at(-1)!.name]), now: deps.now })
      return c.json(
        shown.map(({ name, query }) => ({ name, query })),
        200,
      )
    })
    .openapi(get, async (c) => {
      const { name } = c.req.valid('param')
      const found = await readNamedQuery(c.get('ledger').db, c.get('identity').tenant, name)
      if (!found) throw unknown(name)
      return c.json({ name, query: found.query }, 200)
    })
    .openapi(remove, async (c) => {
      const { name } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const gone = await c.get('ledger').transact(async (db) => {
        await deleteSubscriptions(db, tenant, name)
        return deleteNamedQuery(db, tenant, name)
      })
      if (!gone) throw unknown(name)
      return c.body(null, 204)
    })
    .openapi(run, async (c) => {
      const { name } = c.req.valid('param')
      const found = await readNamedQuery(c.get('ledger').db, c.get('identity').tenant, name)
      if (!found) throw unknown(name)
      const query = understood(found, '/query')
      return (await answerEvents(c, deps, { query, queryName: name })) as never
    })
    .openapi(optionsOf('/epcis/queries', 'queries'), (c) => discover(c, ['GET', 'HEAD', 'POST']))
    .openapi(optionsOf('/epcis/queries/{name}', 'queries'), (c) =>
      discover(c, ['GET', 'HEAD', 'DELETE']),
    )
    .openapi(optionsOf('/epcis/queries/{name}/events', 'queries'), (c) =>
      discover(c, ['GET', 'HEAD']),
    )

function understood({ query }: Pick<NamedQuery, 'query'>, path: string): EventQuery {
  const parsed = parseQuery(query, { path })
  if (parsed.ok) return parsed.value
  const complex = parsed.refusals.some(({ code }) => code === 'epcis/query-too-complex')
  throw new Problem(complex ? 413 : 400, parsed.refusals)
}

/** Prefixes of the header belong to the query: it is run later, without the header. */
function withContext(
  query: Record<string, unknown>,
  prefixes: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const own = query['@context']
  const entries = Array.isArray(own) ? own : own === undefined ? [] : [own]
  return { ...query, '@context': [Object.fromEntries(prefixes), ...entries] }
}

const unknown = (name: string): Problem =>
  new Problem(404, [{ code: 'epcis/query-unknown', path: 'path/name', detail: `no query ${name}` }])

const taken = (detail: string): Problem =>
  new Problem(409, [{ code: 'request/conflict', path: '/name', detail }])
