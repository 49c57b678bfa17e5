// Captured EPCIS events by the whole query language of EPCIS 2.0 (§8.2.7.1, §12), and one by its
// eventID. They leave as they came, with what the repository adds (eventID and recordTime, §7.4.1),
// unless the caller asks for another form.
import { z } from '@hono/zod-openapi'
import { readEvents } from '../../store/ledger/events.ts'
import type { Deps } from '../deps.ts'
import { notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { answerEvents, formatEvents } from './event-pages.ts'
import { discover, wantedForm } from './headers.ts'

/** What every page of events takes and gives; the parameters of the query language beside. */
export const eventsRequest = z.looseObject({
  perPage: z.unknown().optional().openapi({ type: 'integer', description: 'events of a page' }),
  nextPageToken: z
    .unknown()
    .optional()
    .openapi({ type: 'string', description: 'of the Link of the page before' }),
})
export const queryDocument = {
  200: {
    description: 'An EPCISQueryDocument; the Link header leads to the next page',
    content: {
      'application/json': { schema: z.looseObject({ type: z.string() }) },
      'application/xml': { schema: z.string() },
    },
  },
}

const right = { noun: 'events', verb: 'read' } as const
const tags = ['EPCIS']

const list = guarded(right, {
  method: 'get',
  path: '/epcis/events',
  tags,
  summary: 'Query captured events',
  description:
    'Parameters: those of SimpleEventQuery (EPCIS 2.0 §8.2.7.1), lists divided by |. ' +
    'Prefixes of extension fields: header GS1-Extensions.',
  request: { query: eventsRequest },
  responses: queryDocument,
})

const get = guarded(right, {
  method: 'get',
  path: '/epcis/events/{eventID}',
  tags,
  summary: 'Read one event',
  request: { params: z.object({ eventID: z.string().max(2000) }) },
  responses: queryDocument,
})

const release = guarded(right, {
  method: 'delete',
  path: '/epcis/nextPageToken/{token}',
  tags,
  summary: 'Let go of a page token',
  description: 'Tokens hold nothing here: there is nothing to release.',
  request: { params: z.object({ token: z.string().max(1000) }) },
  responses: { 204: { description: 'Nothing is held' } },
})

export const optionsOf = <P extends string>(path: P, noun: 'events' | 'queries' = 'events') =>
  guarded(
    { noun, verb: 'read' },
    {
      method: 'options',
      path,
      tags,
      summary: 'What is spoken here',
      responses: { 204: { description: 'Allow and the versions, in headers' } },
    },
  )

export const events = (deps: Deps) =>
  nounApp()
    .openapi(list, (c) => answerEvents(c, deps, {}) as never)
    .openapi(get, async (c) => {
      const form = wantedForm(c)
      const { eventID } = c.req.valid('param')
      const [stored] = await readEvents(c.get('ledger').db, c.get('identity').tenant, [eventID])
      if (!stored) throw notFound(`no event ${eventID}`, 'path/eventID')
      const said = { events: [stored], form, queryName: 'SimpleEventQuery', at: deps.now() }
      return formatEvents(c, said) as never
    })
    .openapi(release, (c) => c.body(null, 204))
    .openapi(optionsOf('/epcis/events'), (c) => discover(c, ['GET', 'HEAD', 'POST']))
    .openapi(optionsOf('/epcis/events/{eventID}'), (c) => discover(c, ['GET', 'HEAD']))
