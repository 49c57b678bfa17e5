// The log of what was told to whom, what waits and why, and what was not told and why; and a
// message that was given up, tried again.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { severities } from '../../domain/profile/profile.ts'
import { channelKinds, termsOf } from '../../quality/notify/terms.ts'
import type { Attempt, DeliveryStatus } from '../../store/ledger/deliveries.ts'
import { reviveDelivery } from '../../store/ledger/deliveries.ts'
import {
  type Endpoint,
  listEndpoints,
  readEndpoint,
  updateEndpoint,
} from '../../store/ledger/endpoints.ts'
import {
  type LoggedNotification,
  listNotifications,
  type NotificationState,
} from '../../store/ledger/notifications.ts'
import type { Deps } from '../deps.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor } from '../page.ts'
import { conflict, notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'

const states = ['waiting', 'suppressed', 'sending', 'delivered', 'failed', 'skipped'] as const
type State = (typeof states)[number]

const schema = z
  .object({
    id: z.string(),
    state: z.enum(states).openapi({
      description: 'sending: under way, or to be tried again; failed: given up, may be retried',
    }),
    reason: z.string().nullable().openapi({ description: 'why it waits, or was not told' }),
    channel: z.string(),
    channelName: z.string().nullable(),
    via: z.enum(channelKinds).nullable(),
    kind: z.string(),
    subject: z.string().openapi({ description: 'what belongs together: an alert group, a recall' }),
    alert: z.string().nullable(),
    severity: z.enum(severities as [string, ...string[]]),
    rule: z.string(),
    step: z.int(),
    at: z.string().openapi({ description: 'when it happened' }),
    dueAt: z.string(),
    heldUntil: z.string().nullable(),
    message: z.string().nullable().openapi({ description: 'several may share one' }),
    tries: z.int(),
    attempts: z.array(
      z.object({
        at: z.string(),
        durationMs: z.number(),
        status: z.int().nullable(),
        error: z.string().nullable(),
      }),
    ),
    endedAt: z.string().nullable(),
  })
  .openapi('Notification')

const list = guarded(
  { noun: 'notifications', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/notifications',
    summary: 'List what was told, waits or was not told, the newest first',
    request: {
      query: z.object({
        ...pageQuery,
        state: z.enum(states).optional(),
        channel: z.string().max(100).optional(),
        alert: z.string().max(200).optional(),
      }),
    },
    responses: {
      200: {
        description: 'A page of the log',
        content: { 'application/json': { schema: pageOf(schema) } },
      },
    },
  },
)

const retry = guarded(
  { noun: 'notifications', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/notifications/{id}/retry',
    summary: 'Try a message again that was given up',
    description: 'With all that it tells, under the same id.',
    request: { params: z.object({ id: z.string().max(100) }) },
    responses: {
      202: {
        description: 'It has its turn again',
        content: { 'application/json': { schema: z.object({ message: z.string() }) } },
      },
    },
  },
)

const placeSchema = z.tuple([z.int(), z.string()])

export function notifications({ deliveries }: Deps) {
  return nounApp()
    .openapi(list, async (c) => {
      const { tenant } = c.get('identity')
      const { limit, cursor, state, channel, alert } = c.req.valid('query')
      const { db } = c.get('ledger')
      const after = parseCursor(cursor, placeSchema)
      const rows = await listNotifications(db, tenant, {
        limit: limit + 1,
        ...(state && { state: storedStates[state] }),
        ...(channel !== undefined && { channel }),
        ...(alert !== undefined && { alert }),
        ...(after && { after }),
      })
      const { items, next } = cutPage(rows, limit, ({ createdAt, id }) => [createdAt, id])
      const page = { kind: 'channel', limit: bounds.endpointsMax } as const
      const channels = new Map((await listEndpoints(db, tenant, page)).map((one) => [one.id, one]))
      return c.json(
        { items: items.map((row) => formatRow(row, channels.get(row.channel))), next },
        200,
      )
    })
    .openapi(retry, async (c) => {
      const { tenant } = c.get('identity')
      const { id } = c.req.valid('param')
      const message = await c.get('ledger').transact(async (db) => {
        const [row] = await listNotifications(db, tenant, { id, limit: 1 })
        const endpoint = row && (await readEndpoint(db, tenant, row.channel))
        if (!row || !endpoint) throw notFound(`no notification ${id}`, 'path/id')
        if (row.message === null || !(await reviveDelivery(db, endpoint, row.message)))
          throw conflict('only what was given up is tried again')
        await updateEndpoint(db, endpoint, { nextAt: 0 })
        return row.message
      })
      deliveries?.wake()
      return c.json({ message }, 202)
    })
}

const storedStates: Readonly<Record<State, NotificationState | DeliveryStatus>> = {
  waiting: 'waiting',
  suppressed: 'suppressed',
  sending: 'pending',
  delivered: 'delivered',
  failed: 'dead',
  skipped: 'skipped',
}

function stateOf({ state, delivery }: LoggedNotification): State {
  if (state !== 'told') return state
  // Messages that were delivered are forgotten sooner than this.
  const { status } = delivery ?? { status: 'delivered' as const }
  return states.find((one) => storedStates[one] === status)!
}

function formatRow(
  row: LoggedNotification,
  channel: Endpoint | undefined,
): z.output<typeof schema> {
  const { id, kind, subject, alert, severity, rule, step, reason, message, delivery } = row
  const terms = channel && termsOf(channel)
  const attempts = JSON.parse(delivery?.attempts ?? '[]') as Attempt[]
  const held = row.state === 'waiting' && row.lookAt > row.dueAt
  return {
    ...{ id, state: stateOf(row), reason, channel: row.channel },
    ...{ channelName: terms?.name ?? null, via: terms?.via ?? null },
    ...{ kind, subject, alert, severity, rule, step, message },
    ...{ at: formatTime(row.at), dueAt: formatTime(row.dueAt) },
    heldUntil: held ? formatTime(row.lookAt) : null,
    tries: delivery?.tries ?? 0,
    attempts: attempts.map((attempt) => ({ ...attempt, at: formatTime(attempt.at) })),
    endedAt: delivery?.endedAt == null ? null : formatTime(delivery.endedAt),
  }
}
