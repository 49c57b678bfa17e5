// Subscriptions to named EPCIS queries by webhook (EPCIS 2.0 §12.6): made, listed, read, ended.
// What a subscriber gets is an EPCISQueryDocument; the token it gave signs and is never shown.
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { parseSchedule } from '../../domain/query-schedule.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { parseRfc3339 } from '../../domain/rfc3339.ts'
import { refuseUrl } from '../../quality/destination.ts'
import { deleteEndpoint, type Endpoint, readEndpoint } from '../../store/ledger/endpoints.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import {
  firstPlace,
  lastPlace,
  readQuery,
  runAfter,
  type SubscriptionSettings,
} from '../../trace/subscriptions.ts'
import type { Deps } from '../deps.ts'
import { formatTime } from '../page.ts'
import { notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { beginAgain, endpointPage, formatHealth, insertBounded, newEndpoint } from '../webhooks.ts'
import { linkNext, perPageOf } from './event-pages.ts'
import { eventsRequest, optionsOf } from './events.ts'
import { discover } from './headers.ts'

const scheduleField = z.record(z.string().max(20), z.union([z.string().max(500), z.int()]))
const newSchema = z
  .object({
    dest: z.string().max(2000),
    signatureToken: z.string().min(1).max(200).optional(),
    initialRecordTime: z.string().max(40).optional(),
    reportIfEmpty: z.boolean().optional(),
    stream: z.boolean().optional(),
    schedule: scheduleField.optional(),
  })
  .openapi('NewSubscription', {
    example: { dest: 'https://client.example.com/queryCallback', stream: true },
  })
const subscriptionSchema = z
  .object({
    subscriptionID: z.string(),
    queryName: z.string(),
    dest: z.string(),
    createdAt: z.string(),
    lastNotifiedAt: z.string().optional(),
    initialRecordTime: z.string(),
    stream: z.literal(true).optional(),
    schedule: scheduleField.optional(),
    reportIfEmpty: z.boolean().optional(),
    status: z.string().openapi({ description: 'active, failing (given up) or disabled' }),
    reason: z.string().optional(),
  })
  .openapi('Subscription')
const queryName = z.string().max(bounds.queryNameCharsMax)
const params = z.object({ name: queryName })
const oneParams = params.extend({ subscriptionID: z.string().max(100) })
const read = { noun: 'subscriptions', verb: 'read' } as const
const write = { noun: 'subscriptions', verb: 'write' } as const
const tags = ['EPCIS']
const path = '/epcis/queries/{name}/subscriptions'

const create = guarded(write, {
  method: 'post',
  path,
  tags,
  summary: 'Subscribe to a named query',
  description:
    'With `stream`: told of each matching event as it is captured; with `schedule` (UTC): of those since the run before. From now on, or from `initialRecordTime`.',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: newSchema } } },
  },
  responses: {
    201: {
      description: 'Made',
      content: { 'application/json': { schema: subscriptionSchema } },
    },
  },
})
const list = guarded(read, {
  method: 'get',
  path,
  tags,
  summary: 'List the subscriptions to a query',
  request: { params, query: eventsRequest },
  responses: {
    200: {
      description: 'The Link header leads to the next page',
      content: { 'application/json': { schema: z.array(subscriptionSchema) } },
    },
  },
})
const get = guarded(read, {
  method: 'get',
  path: `${path}/{subscriptionID}`,
  tags,
  summary: 'Read a subscription',
  request: { params: oneParams },
  responses: {
    200: {
      description: 'The subscription, without its token',
      content: { 'application/json': { schema: subscriptionSchema } },
    },
  },
})
const remove = guarded(write, {
  method: 'delete',
  path: `${path}/{subscriptionID}`,
  tags,
  summary: 'Unsubscribe',
  request: { params: oneParams },
  responses: { 204: { description: 'Nothing more is told' } },
})

const resume = guarded(write, {
  method: 'post',
  path: `${path}/{subscriptionID}/resume`,
  tags,
  summary: 'Begin again where it was',
  description: 'Not of the standard: for one that was given up after days of failures.',
  request: { params: oneParams },
  responses: {
    200: {
      description: 'As it stands now',
      content: { 'application/json': { schema: subscriptionSchema } },
    },
  },
})

const placeOf = (query: string, id: string): string =>
  `/epcis/queries/${encodeURIComponent(query)}/subscriptions/${id}`

export const subscriptions = ({ now, deliveries }: Deps) =>
  nounApp()
    .openapi(create, async (c) => {
      const { tenant } = c.get('identity')
      const { name } = c.req.valid('param')
      const asked = c.req.valid('json')
      const refused = refuseUrl(asked.dest, deliveries?.allowed ?? new Set())
      if (refused) throw refuse([{ path: '/dest', detail: refused }])
      const settings = settingsOf(asked, now())
      const made = await c.get('ledger').transact(async (db) => {
        await checkQuery(db, tenant, name)
        const place =
          asked.initialRecordTime === undefined ? await lastPlace(db, tenant) : firstPlace
        const endpoint: Endpoint = {
          ...newEndpoint(tenant, now()),
          ...place,
          id: randomUUID(),
          kind: 'subscription',
          query: name,
          url: asked.dest,
          secrets:
            asked.signatureToken === undefined
              ? []
              : [{ secret: asked.signatureToken, until: null }],
          settings: { ...settings },
          runAt: runAfter(settings, now()),
        }
        await insertBounded(db, endpoint)
        c.set('created', placeOf(name, endpoint.id))
        return endpoint
      })
      deliveries?.wake()
      c.header('Location', placeOf(name, made.id))
      return c.json(formatSubscription(made), 201)
    })
    .openapi(list, async (c) => {
      const { tenant } = c.get('identity')
      const { name } = c.req.valid('param')
      const { db } = c.get('ledger')
      await checkQuery(db, tenant, name)
      const search = new URL(c.req.url).searchParams
      const perPage = perPageOf(search)
      const cursor = search.get('nextPageToken') ?? undefined
      const page = { kind: 'subscription', query: name, limit: perPage, cursor } as const
      const { items, next } = await endpointPage(db, tenant, page)
      if (next !== null) linkNext(c, { perPage, token: next, now })
      return c.json(items.map(formatSubscription), 200)
    })
    .openapi(get, async (c) => {
      const found = await subscriptionOf(
        c.get('ledger').db,
        c.get('identity').tenant,
        c.req.valid('param'),
      )
      return c.json(formatSubscription(found), 200)
    })
    .openapi(remove, async (c) => {
      const { tenant } = c.get('identity')
      await c.get('ledger').transact(async (db) => {
        const { id } = await subscriptionOf(db, tenant, c.req.valid('param'))
        await deleteEndpoint(db, tenant, id)
      })
      return c.body(null, 204)
    })
    .openapi(resume, async (c) => {
      const { tenant } = c.get('identity')
      const resumed = await c.get('ledger').transact(async (db) => {
        await beginAgain(db, await subscriptionOf(db, tenant, c.req.valid('param')))
        return subscriptionOf(db, tenant, c.req.valid('param'))
      })
      deliveries?.wake()
      return c.json(formatSubscription(resumed), 200)
    })
    .openapi(optionsOf(path, 'queries'), (c) => discover(c, ['GET', 'POST']))
    .openapi(optionsOf(`${path}/{subscriptionID}`, 'queries'), (c) =>
      discover(c, ['GET', 'DELETE']),
    )

/** Stream or schedule, as both ways to subscribe ask for it. Problem 400. */
export function settingsOf(
  asked: {
    stream?: boolean | undefined
    schedule?: Readonly<Record<string, unknown>> | undefined
    reportIfEmpty?: boolean | undefined
    initialRecordTime?: string | undefined
  },
  now: number,
): SubscriptionSettings & { askedRecordTime: number } {
  const { stream, schedule, reportIfEmpty, initialRecordTime } = asked
  if ((stream === true) === (schedule !== undefined))
    throw refuse([{ path: '', detail: 'want either "stream": true or a "schedule"' }])
  const parsed = schedule && parseSchedule(schedule)
  if (parsed && !parsed.ok) throw new Problem(400, parsed.refusals)
  const from = initialRecordTime === undefined ? now : parseRfc3339(initialRecordTime)
  if (!Number.isFinite(from))
    throw refuse([{ path: '/initialRecordTime', detail: 'want RFC 3339 with offset or Z' }])
  const texts = Object.entries(schedule ?? {}).map(([field, value]) => [field, String(value)])
  return {
    // From now on goes by place, not by time: what is applied from here on is told, whatever the
    // clock of the broker said when it came in.
    initialRecordTime: initialRecordTime === undefined ? 0 : from,
    askedRecordTime: from,
    ...(schedule && { schedule: Object.fromEntries(texts) }),
    ...(reportIfEmpty !== undefined && { reportIfEmpty }),
  }
}

/** Problem 404 when there is no query of this name. */
export async function checkQuery(db: LedgerQuery, tenant: string, name: string): Promise<void> {
  if (await readQuery(db, tenant, name)) return
  const detail = `no query ${name}`
  throw new Problem(404, [{ code: 'epcis/query-unknown', path: 'path/name', detail }])
}

async function subscriptionOf(
  db: LedgerQuery,
  tenant: string,
  { name, subscriptionID }: z.output<typeof oneParams>,
): Promise<Endpoint> {
  const found = await readEndpoint(db, tenant, subscriptionID)
  if (found?.kind !== 'subscription' || found.query !== name)
    throw notFound(`no subscription ${subscriptionID} to ${name}`, 'path/subscriptionID')
  return found
}

const refuse = (reasons: readonly Pick<Refusal, 'path' | 'detail'>[]): Problem =>
  new Problem(
    400,
    reasons.map((reason) => ({ code: 'epcis/subscription' as const, ...reason })),
  )

function formatSubscription(endpoint: Endpoint) {
  const settings = endpoint.settings as unknown as ReturnType<typeof settingsOf>
  const { schedule, reportIfEmpty, askedRecordTime } = settings
  const { status, reason, createdAt } = formatHealth(endpoint)
  return {
    subscriptionID: endpoint.id,
    queryName: endpoint.query,
    dest: endpoint.url,
    createdAt,
    ...(endpoint.toldAt !== null && { lastNotifiedAt: formatTime(endpoint.toldAt) }),
    initialRecordTime: formatTime(askedRecordTime),
    ...(schedule ? { schedule } : { stream: true as const }),
    ...(reportIfEmpty !== undefined && { reportIfEmpty }),
    status,
    ...(reason !== null && { reason }),
  }
}
