// The messages of a webhook: what was told, with every attempt; told again, tried out, let go.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { type Formats, replay, tellTest } from '../quality/webhooks.ts'
import type { Alert } from '../store/ledger/alerts.ts'
import { type Delivery, listDeliveries, skipDelivery } from '../store/ledger/deliveries.ts'
import { formatAlert } from './alerts/alerts.ts'
import type { Deps } from './deps.ts'
import {
  cutPage,
  formatTime,
  numberPlace,
  pageOf,
  pageQuery,
  parseCursor,
  timeQuery,
} from './page.ts'
import { conflict, invalid, notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'
import { webhookOf } from './webhooks.ts'

/** How what happened is shown to strangers. */
export const noticeFormats: Formats = {
  'alert.raised': (body) => formatAlertNotice(body as AlertNotice),
  'alert.changed': (body) => formatAlertNotice(body as AlertNotice),
}

interface AlertNotice {
  cause: string
  alert: Alert
  /** From what was told before. */
  diff?: Record<string, unknown>
  /** Alerts told before that this one took the place of. */
  supersedes?: string[]
}

const params = z.object({ id: z.string().max(100) })
export const deliverySchema = z
  .object({
    id: z.string().openapi({ description: 'as in the header webhook-id' }),
    type: z.string(),
    status: z.enum(['pending', 'delivered', 'skipped', 'dead']),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
    tries: z.int(),
    attempts: z.array(
      z.object({
        at: z.string(),
        durationMs: z.number(),
        status: z.int().nullable(),
        error: z.string().nullable(),
      }),
    ),
    body: z.string().openapi({ description: 'the bytes that are signed' }),
  })
  .openapi('Delivery')

const list = guarded(
  { noun: 'webhooks', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/webhooks/{id}/deliveries',
    summary: 'List messages with their attempts',
    request: {
      params,
      query: z.object({
        ...pageQuery,
        status: z.enum(['pending', 'delivered', 'skipped', 'dead']).optional(),
      }),
    },
    responses: {
      200: {
        description: 'A page of messages, the newest first',
        content: { 'application/json': { schema: pageOf(deliverySchema) } },
      },
    },
  },
)

const told = { content: { 'application/json': { schema: z.object({ id: z.string() }) } } }
const test = guarded(
  { noun: 'webhooks', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/webhooks/{id}/test',
    summary: 'Send a message of type webhook.test',
    request: { params },
    responses: { 202: { description: 'It waits behind the others', ...told } },
  },
)

const counted = z.object({ messages: z.int() })
const again = guarded(
  { noun: 'webhooks', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/webhooks/{id}/replay',
    summary: 'Tell again',
    description: `Of a span of time or by ids, at most ${bounds.replayMax} messages, with the ids and bytes they had: a receiver that got one before knows it.`,
    request: {
      params,
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .union([
                z.strictObject({ from: timeQuery, to: timeQuery }),
                z.strictObject({
                  ids: z.array(z.string().max(100)).min(1).max(bounds.replayMax),
                }),
              ])
              .openapi('Replay', { example: { ids: ['msg_0123456789abcdef0123456789abcdef'] } }),
          },
        },
      },
    },
    responses: {
      202: {
        description: 'They wait behind the others',
        content: { 'application/json': { schema: counted } },
      },
    },
  },
)

const skip = guarded(
  { noun: 'webhooks', verb: 'write' },
  {
    method: 'delete',
    path: '/api/v1/webhooks/{id}/deliveries/{message}',
    summary: 'Let a waiting message go',
    description: 'One that its receiver will never take holds up all behind it.',
    request: { params: params.extend({ message: z.string().max(100) }) },
    responses: { 204: { description: 'It will not be told; it stays in the list' } },
  },
)

export function webhookMessages({ now, deliveries }: Deps) {
  return nounApp()
    .openapi(list, async (c) => {
      const { limit, cursor, status } = c.req.valid('query')
      const before = parseCursor(cursor, numberPlace)?.[0]
      const { db } = c.get('ledger')
      const webhook = await webhookOf(db, c.get('identity').tenant, c.req.valid('param').id)
      const rows = await listDeliveries(db, webhook, {
        limit: limit + 1,
        ...(status && { status }),
        ...(before !== undefined && { before }),
      })
      const { items, next } = cutPage(rows, limit, ({ number }) => [number])
      return c.json({ items: items.map(formatDelivery), next }, 200)
    })
    .openapi(test, async (c) => {
      const { tenant } = c.get('identity')
      const id = await c.get('ledger').transact(async (db) => {
        const webhook = await webhookOf(db, tenant, c.req.valid('param').id)
        if (webhook.status !== 'active')
          throw conflict(`the webhook is ${webhook.status}: make it active first`)
        return tellTest(db, webhook, now())
      })
      deliveries?.wake()
      return c.json({ id }, 202)
    })
    .openapi(again, async (c) => {
      const { tenant } = c.get('identity')
      const of = c.req.valid('json')
      const replayed = await c.get('ledger').transact(async (db) => {
        const webhook = await webhookOf(db, tenant, c.req.valid('param').id)
        return replay(db, webhook, { of, formats: noticeFormats, now: now() })
      })
      if (!replayed)
        throw invalid(`more than ${bounds.replayMax} messages: take a shorter span`, '/to')
      if (replayed.unknown.length > 0)
        throw notFound(`not kept: ${replayed.unknown.slice(0, 5).join(', ')}`, '/ids')
      deliveries?.wake()
      return c.json({ messages: replayed.count }, 202)
    })
    .openapi(skip, async (c) => {
      const { tenant } = c.get('identity')
      const { id, message } = c.req.valid('param')
      const skipped = await c.get('ledger').transact(async (db) => {
        const webhook = await webhookOf(db, tenant, id)
        return skipDelivery(db, webhook, { message, now: now() })
      })
      if (!skipped) throw notFound(`no message ${message} waits`, 'path/message')
      deliveries?.wake()
      return c.body(null, 204)
    })
}

const formatAlertNotice = ({ alert, cause, diff, supersedes }: AlertNotice) => ({
  ...formatAlert(alert),
  cause,
  ...(diff && { diff: formatDiff(diff) }),
  ...(supersedes && { supersedes }),
})

/** Times as everywhere else. */
const formatDiff = (diff: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(diff).map(([name, change]) =>
      name === 'from' || name === 'to'
        ? [name, (change as (number | null)[]).map((time) => time && formatTime(time))]
        : [name, change],
    ),
  )

export const formatDelivery = ({
  id,
  type,
  status,
  createdAt,
  endedAt,
  tries,
  attempts,
  body,
}: Delivery) => ({
  id,
  type,
  status,
  createdAt: formatTime(createdAt),
  endedAt: endedAt === null ? null : formatTime(endedAt),
  tries,
  attempts: attempts.map((attempt) => ({ ...attempt, at: formatTime(attempt.at) })),
  body,
})
