// Captured EPCIS events, given back as they came with what the repository adds: eventID and
// recordTime (EPCIS 2.0 §7.4.1). Pages in capture order; no other query yet than by type.
import { z } from '@hono/zod-openapi'
import { listEvents, readEvents, type StoredEvent } from '../store/ledger-events.ts'
import type { Deps } from './deps.ts'
import { cutPage, formatTime, limitQuery, parseCursor } from './page.ts'
import { notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const context = ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld']
const types = [
  'ObjectEvent',
  'AggregationEvent',
  'AssociationEvent',
  'TransactionEvent',
  'TransformationEvent',
] as const
const eventSchema = z.looseObject({ type: z.string(), eventID: z.string() }).openapi('EpcisEvent')
const place = z.tuple([z.int(), z.int()])

const list = guarded(
  { noun: 'events', verb: 'read' },
  {
    method: 'get',
    path: '/epcis/events',
    tags: ['EPCIS'],
    summary: 'List captured events',
    request: {
      query: z.object({
        perPage: limitQuery(),
        nextPageToken: z.string().max(1000).optional(),
        eventType: z.enum(types).optional(),
      }),
    },
    responses: {
      200: {
        description: 'An EPCISQueryDocument; the Link header leads to the next page',
        content: { 'application/json': { schema: z.looseObject({ type: z.string() }) } },
      },
    },
  },
)

const get = guarded(
  { noun: 'events', verb: 'read' },
  {
    method: 'get',
    path: '/epcis/events/{eventID}',
    tags: ['EPCIS'],
    summary: 'Read one event',
    request: { params: z.object({ eventID: z.string().max(2000) }) },
    responses: {
      200: { description: 'The event', content: { 'application/json': { schema: eventSchema } } },
    },
  },
)

export const events = ({ now }: Deps) =>
  nounApp()
    .openapi(list, async (c) => {
      const { perPage, nextPageToken, eventType } = c.req.valid('query')
      const after = parseCursor(nextPageToken, place)
      const rows = await listEvents(c.get('ledger').db, c.get('identity').tenant, {
        limit: perPage + 1,
        ...(after && { after: { seq: after[0], pos: after[1] } }),
        ...(eventType && { type: eventType }),
      })
      const { items, next } = cutPage(rows, perPage, (row) => [row.seq, row.pos])
      c.header('GS1-EPCIS-Version', '2.0.0')
      if (next !== null) {
        const query = new URLSearchParams({ perPage: String(perPage), nextPageToken: next })
        if (eventType) query.set('eventType', eventType)
        c.header('Link', `</epcis/events?${query}>; rel="next"`)
      }
      const eventList = items.map(formatEvent)
      const queryResults = { queryName: 'SimpleEventQuery', resultsBody: { eventList } }
      const document = {
        '@context': context,
        type: 'EPCISQueryDocument',
        schemaVersion: '2.0',
        creationDate: formatTime(now()),
        epcisBody: { queryResults },
      }
      return c.json(document, 200)
    })
    .openapi(get, async (c) => {
      const { eventID } = c.req.valid('param')
      const [row] = await readEvents(c.get('ledger').db, c.get('identity').tenant, [eventID])
      if (!row) throw notFound(`no event ${eventID}`, 'path/eventID')
      return c.json({ '@context': context, ...formatEvent(row) }, 200)
    })

const formatEvent = (row: StoredEvent) => ({
  ...(JSON.parse(row.body) as Record<string, unknown>),
  type: row.type,
  eventID: row.eventID,
  recordTime: formatTime(row.recordTime),
})
