// What is in a unit, which events concern it, and what it was made of or went into: lists beside
// api/units.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { readContent } from '../../store/ledger/content.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import { eventsOf } from '../../trace/journey.ts'
import { traceLineage } from '../../trace/lineage.ts'
import { epcOf } from '../alerts/alerts.ts'
import type { Deps } from '../deps.ts'
import {
  cutPage,
  formatCursor,
  formatTime,
  pageOf,
  pageQuery,
  parseCursor,
  timeQuery,
} from '../page.ts'
import { notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'

const right = { noun: 'units', verb: 'read' } as const
const params = z.object({ epc: z.string().max(1000) })
const at = timeQuery.optional().openapi({ description: 'event time; now when absent' })

const contentSchema = z
  .object({
    epc: z.string(),
    parent: z.string(),
    depth: z.number().int().openapi({ description: '1: directly inside' }),
    relation: z.enum(['aggregation', 'association']),
    since: z.string(),
  })
  .openapi('UnitContent')

const content = guarded(right, {
  method: 'get',
  path: '/api/v1/units/{epc}/content',
  summary: 'List what is in a unit at a time',
  request: {
    params,
    query: z.object({
      ...pageQuery,
      at,
      depth: z.coerce
        .number()
        .int()
        .min(1)
        .max(bounds.containmentDepthMax)
        .default(bounds.containmentDepthMax)
        .openapi({ type: 'integer' }),
    }),
  },
  responses: {
    200: {
      description: 'By depth; `complete` false: there is more than can be shown',
      content: {
        'application/json': { schema: pageOf(contentSchema).extend({ complete: z.boolean() }) },
      },
    },
  },
})

const eventSchema = z
  .object({
    eventID: z.string(),
    type: z.string(),
    action: z.string().nullable(),
    eventTime: z.string(),
    bizStep: z.string().nullable(),
    disposition: z.string().nullable(),
    readPoint: z.string().nullable(),
    bizLocation: z.string().nullable(),
    role: z.enum(['object', 'parent', 'child', 'input', 'output']),
    via: z.string().nullable().openapi({ description: 'the container that the event names' }),
    links: z.object({ event: z.string() }),
  })
  .openapi('UnitEvent')

const events = guarded(right, {
  method: 'get',
  path: '/api/v1/units/{epc}/events',
  summary: 'List the events of a unit, and those of its containers while it was inside',
  request: { params, query: z.object({ ...pageQuery, at }) },
  responses: {
    200: {
      description: 'Ascending by event time',
      content: { 'application/json': { schema: pageOf(eventSchema) } },
    },
  },
})

const lineageSchema = z
  .object({
    epc: z.string(),
    direction: z.enum(['forward', 'back']),
    nodes: z.array(z.object({ epc: z.string(), depth: z.number().int() })),
    edges: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        kind: z.enum(['certain', 'possible']).openapi({
          description: 'possible: the event names the lot of the unit, not the unit',
        }),
        eventID: z.string(),
        eventTime: z.string(),
      }),
    ),
    complete: z.boolean(),
  })
  .openapi('UnitTrace')

const trace = guarded(right, {
  method: 'get',
  path: '/api/v1/units/{epc}/trace',
  summary: 'Trace what a unit or lot was made of, or went into',
  request: {
    params,
    query: z.object({
      direction: z.enum(['forward', 'back']).default('forward'),
      depth: z.coerce
        .number()
        .int()
        .min(1)
        .max(bounds.traceDepthMax)
        .default(bounds.traceDepthDefault)
        .openapi({ type: 'integer' }),
    }),
  },
  responses: {
    200: {
      description: 'Everything reached, and how',
      content: { 'application/json': { schema: lineageSchema } },
    },
  },
})

export const unitContents = ({ now }: Deps) =>
  nounApp()
    .openapi(content, async (c) => {
      const epc = epcOf(c.req.valid('param').epc, 'path/epc')
      const { tenant } = c.get('identity')
      const { db } = c.get('ledger')
      const asked = c.req.valid('query')
      const place = parseCursor(asked.cursor, z.tuple([z.int(), z.int(), z.int()]))
      const moment = place?.[0] ?? asked.at ?? now()
      const container = (await idsOf(db, tenant, [epc])).get(epc)
      if (container === undefined) throw notFound(`no event names ${epc}`, 'path/epc')
      const { items: rows, complete } = await readContent(db, tenant, {
        ...{ container, at: moment, depthMax: asked.depth, limit: asked.limit },
        ...(place && { after: { depth: place[1], child: place[2] } }),
      })
      const items = rows.slice(0, asked.limit).map(({ place: _, since, ...row }) => ({
        ...row,
        since: formatTime(since),
      }))
      const last = rows.length > asked.limit ? rows[asked.limit - 1]!.place : undefined
      const next = last ? formatCursor([moment, last.depth, last.child]) : null
      return c.json({ items, next, complete }, 200)
    })
    .openapi(events, async (c) => {
      const epc = epcOf(c.req.valid('param').epc, 'path/epc')
      const asked = c.req.valid('query')
      const place = parseCursor(asked.cursor, z.tuple([z.int(), z.int()]))
      const rows = await eventsOf(c.get('ledger').db, c.get('identity').tenant, {
        ...{ epc, at: asked.at ?? Infinity, limit: asked.limit + 1 },
        ...(place && { after: { eventTime: place[0], id: place[1] } }),
      })
      if (!rows) throw notFound(`no event names ${epc}`, 'path/epc')
      const { items, next } = cutPage(rows, asked.limit, ({ fact }) => [
        fact.eventTime,
        fact.event.id,
      ])
      const formatted = items.map(({ fact, via }) => {
        const { eventID, type, action, bizStep, disposition, readPoint, bizLocation } = fact.event
        return {
          ...{ eventID, type, action: action ?? null, eventTime: formatTime(fact.eventTime) },
          ...{ bizStep, disposition, readPoint, bizLocation, role: fact.role, via: via ?? null },
          links: { event: `/epcis/events/${encodeURIComponent(eventID)}` },
        }
      })
      return c.json({ items: formatted, next }, 200)
    })
    .openapi(trace, async (c) => {
      const epc = epcOf(c.req.valid('param').epc, 'path/epc')
      const { direction, depth } = c.req.valid('query')
      const of = { epcs: [epc], direction, depth }
      const lineage = await traceLineage(c.get('ledger').db, c.get('identity').tenant, of)
      if (lineage.nodes.length === 0) throw notFound(`no event names ${epc}`, 'path/epc')
      const edges = lineage.edges.map((edge) => ({
        ...edge,
        eventTime: formatTime(edge.eventTime),
      }))
      return c.json({ epc, direction, ...lineage, edges }, 200)
    })
