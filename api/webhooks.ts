// Webhooks: who is told of alerts, captures and conflicts, and where. Messages are signed as
// Standard Webhooks 1.0 says; a secret is shown once, when it is made.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { refuseUrl } from '../quality/destination.ts'
import { isSecret, newSecret } from '../quality/standard-webhooks.ts'
import { kindsOf, noticeKinds } from '../quality/webhooks.ts'
import { forgetTries } from '../store/ledger/deliveries.ts'
import {
  countEndpoints,
  deleteEndpoint,
  type Endpoint,
  type EndpointKind,
  insertEndpoint,
  listEndpoints,
  readEndpoint,
  type Secret,
  updateEndpoint,
} from '../store/ledger/endpoints.ts'
import type { LedgerQuery, LedgerView } from '../store/ledger/ledger.ts'
import { lastNotice } from '../store/ledger/notices.ts'
import type { Deps } from './deps.ts'
import { idOf, randomId, rememberAnswers, serially } from './once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, textPlace } from './page.ts'
import { conflict, invalid, notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const secretField = z
  .string()
  .refine(isSecret, { error: 'want whsec_ and 24 to 64 bytes in base64' })
  .optional()
  .openapi({ description: 'one of your own; else one is made' })
const fields = {
  url: z.string().max(2000),
  kinds: z.array(z.enum(noticeKinds)).min(1).max(noticeKinds.length).optional(),
  description: z.string().max(200).optional(),
}
const newSchema = z.strictObject({ ...fields, secret: secretField }).openapi('NewWebhook', {
  example: { url: 'https://example.com/alerts', kinds: ['alert.raised'] },
})
const changeSchema = z
  .strictObject({
    ...fields,
    url: fields.url.optional(),
    status: z.enum(['active', 'paused']).optional(),
  })
  .openapi('WebhookChange', { example: { status: 'active' } })
const stored = {
  id: z.string(),
  url: z.string(),
  kinds: z.array(z.string()),
  description: z.string().nullable(),
  status: z.enum(['active', 'paused', 'failing', 'disabled']).openapi({
    description:
      'failing: given up after days of failures; disabled: it answered 410. `active` begins again, with nothing lost that is still kept',
  }),
  reason: z.string().nullable().openapi({ description: 'why it failed or is not told' }),
  createdAt: z.string(),
  toldAt: z.string().nullable(),
  failingSince: z.string().nullable(),
  nextAttemptAt: z.string().nullable(),
}
const webhookSchema = z.object(stored).openapi('Webhook')
const createdSchema = z
  .object({ ...stored, secret: z.string().openapi({ description: 'shown once' }) })
  .openapi('CreatedWebhook')
const params = z.object({ id: z.string().max(100) })
const answerOf = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
})

const create = guarded(
  { noun: 'webhooks', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/webhooks',
    summary: 'Have something told',
    description: `Kinds: ${noticeKinds.join(', ')}; all when none is named. Told from now on.`,
    request: {
      headers: z.object({ 'idempotency-key': z.string().max(200).optional() }),
      body: { required: true, content: { 'application/json': { schema: newSchema } } },
    },
    responses: {
      201: { description: 'Made', content: { 'application/json': { schema: createdSchema } } },
    },
  },
)

const list = guarded(
  { noun: 'webhooks', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/webhooks',
    summary: 'List webhooks',
    request: { query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'A page of webhooks, without secrets',
        content: { 'application/json': { schema: pageOf(webhookSchema) } },
      },
    },
  },
)

const get = guarded(
  { noun: 'webhooks', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/webhooks/{id}',
    summary: 'Read one webhook',
    request: { params },
    responses: { 200: answerOf('The webhook, without its secret', webhookSchema) },
  },
)

const change = guarded(
  { noun: 'webhooks', verb: 'write' },
  {
    method: 'patch',
    path: '/api/v1/webhooks/{id}',
    summary: 'Change, pause or begin again',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: changeSchema } } },
    },
    responses: { 200: answerOf('As it stands now', webhookSchema) },
  },
)

const remove = guarded(
  { noun: 'webhooks', verb: 'write' },
  {
    method: 'delete',
    path: '/api/v1/webhooks/{id}',
    summary: 'Delete a webhook with its messages',
    request: { params },
    responses: { 204: { description: 'Deleted' } },
  },
)

const rotate = guarded(
  { noun: 'webhooks', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/webhooks/{id}/secret',
    summary: 'Change the secret',
    description: 'The secrets before it sign beside the new one for a day.',
    request: {
      params,
      body: {
        required: true,
        content: { 'application/json': { schema: z.strictObject({ secret: secretField }) } },
      },
    },
    responses: { 200: answerOf('The new secret, shown once', createdSchema) },
  },
)

export function webhooks({ now, deliveries }: Deps) {
  const once = rememberAnswers()
  const allowed = deliveries?.allowed ?? new Set<string>()
  const check = (url: string | undefined): void => {
    const refused = url === undefined ? undefined : refuseUrl(url, allowed)
    if (refused) throw invalid(refused, '/url')
  }
  return nounApp()
    .openapi(create, async (c) => {
      const { tenant, id: caller } = c.get('identity')
      const body = c.req.valid('json')
      check(body.url)
      const key = c.req.valid('header')['idempotency-key']
      const scope = `${tenant}/${caller}`
      const id = key === undefined ? randomId('wh') : idOf('wh', `${scope}\n${key}`)
      c.set('created', `/api/v1/webhooks/${id}`)
      const made = await once.run({ key, scope, body }, () =>
        createWebhook(c.get('ledger'), { tenant, id, now: now() }, body),
      )
      return c.json(made, 201, { Location: `/api/v1/webhooks/${made.id}` })
    })
    .openapi(list, async (c) => {
      const { tenant } = c.get('identity')
      const page = { ...c.req.valid('query'), kind: 'webhook' } as const
      const { items, next } = await endpointPage(c.get('ledger').db, tenant, page)
      return c.json({ items: items.map(formatWebhook), next }, 200)
    })
    .openapi(get, async (c) => {
      const { tenant } = c.get('identity')
      const found = await webhookOf(c.get('ledger').db, tenant, c.req.valid('param').id)
      return c.json(formatWebhook(found), 200)
    })
    .openapi(change, async (c) => {
      const { tenant } = c.get('identity')
      const { id } = c.req.valid('param')
      const body = c.req.valid('json')
      check(body.url)
      const changed = await c.get('ledger').transact(async (db) => {
        await applyChange(db, await webhookOf(db, tenant, id), body)
        return webhookOf(db, tenant, id)
      })
      deliveries?.wake()
      return c.json(formatWebhook(changed), 200)
    })
    .openapi(remove, async (c) => {
      const { tenant } = c.get('identity')
      const { id } = c.req.valid('param')
      await c.get('ledger').transact(async (db) => {
        await webhookOf(db, tenant, id)
        await deleteEndpoint(db, tenant, id)
      })
      return c.body(null, 204)
    })
    .openapi(rotate, async (c) => {
      const { tenant } = c.get('identity')
      const { id } = c.req.valid('param')
      const secret = c.req.valid('json').secret ?? newSecret()
      const changed = await c.get('ledger').transact(async (db) => {
        const webhook = await webhookOf(db, tenant, id)
        await updateEndpoint(db, webhook, { secrets: rotated(webhook.secrets, secret, now()) })
        return webhook
      })
      return c.json({ ...formatWebhook(changed), secret }, 200)
    })
}

/** Problem 404. */
export async function webhookOf(db: LedgerQuery, tenant: string, id: string): Promise<Endpoint> {
  const found = await readEndpoint(db, tenant, id)
  if (found?.kind !== 'webhook') throw notFound(`no webhook ${id}`, 'path/id')
  return found
}

/** Ascending by id. Problem 400 when the cursor is none. */
export async function endpointPage(
  db: LedgerQuery,
  tenant: string,
  page: { kind: EndpointKind; query?: string; limit: number; cursor?: string | undefined },
): Promise<{ items: Endpoint[]; next: string | null }> {
  const { cursor, limit, ...of } = page
  const after = parseCursor(cursor, textPlace)?.[0]
  const rows = await listEndpoints(db, tenant, {
    ...of,
    limit: limit + 1,
    ...(after !== undefined && { after }),
  })
  return cutPage(rows, limit, ({ id }) => [id])
}

/** Problem 409 when there are too many. */
export async function insertBounded(db: LedgerQuery, endpoint: Endpoint): Promise<void> {
  if ((await countEndpoints(db, endpoint.tenant)) >= bounds.endpointsMax)
    throw conflict(`there are ${bounds.endpointsMax} webhooks and subscriptions: delete some`)
  await insertEndpoint(db, endpoint)
}

/** The parts of an endpoint that are the same at the beginning of each. */
export const newEndpoint = (tenant: string, now: number) => ({
  tenant,
  status: 'active' as const,
  reason: null,
  createdAt: now,
  notice: 0,
  offset: 0,
  pos: 0,
  runAt: null,
  found: null,
  number: 0,
  nextAt: 0,
  failingSince: null,
  toldAt: null,
})

/** Shows its secret. Problem 409 when there is one of that id, or too many of them. */
async function createWebhook(
  ledger: LedgerView,
  of: { tenant: string; id: string; now: number },
  asked: z.output<typeof newSchema>,
) {
  const { tenant, id } = of
  const secret = asked.secret ?? newSecret()
  const made = await ledger.transact(async (db) => {
    if (await readEndpoint(db, tenant, id))
      throw conflict(`webhook ${id} was made by this Idempotency-Key; its secret is gone`)
    const webhook = newWebhook(of, { ...asked, secret })
    webhook.notice = await lastNotice(db, tenant)
    await insertBounded(db, webhook)
    return webhook
  }, serially)
  return { ...formatWebhook(made), secret }
}

function newWebhook(
  { tenant, id, now }: { tenant: string; id: string; now: number },
  { url, secret, kinds, description }: z.output<typeof newSchema> & { secret: string },
): Endpoint {
  return {
    ...newEndpoint(tenant, now),
    id,
    kind: 'webhook',
    query: '',
    url,
    secrets: [{ secret, until: null }],
    settings: { ...(kinds && { kinds }), ...(description !== undefined && { description }) },
  }
}

async function applyChange(
  db: LedgerQuery,
  webhook: Endpoint,
  { url, kinds, description, status }: z.output<typeof changeSchema>,
): Promise<void> {
  const settings = {
    ...webhook.settings,
    ...(kinds && { kinds }),
    ...(description !== undefined && { description }),
  }
  await updateEndpoint(db, webhook, {
    settings,
    ...(url !== undefined && { url }),
    ...(status && { status }),
  })
  if (status === 'active') await beginAgain(db, webhook)
}

/** From where it was, and with short waits. */
export async function beginAgain(db: LedgerQuery, endpoint: Endpoint): Promise<void> {
  const again = { status: 'active', reason: null, failingSince: null, nextAt: 0 } as const
  await updateEndpoint(db, endpoint, again)
  await forgetTries(db, endpoint)
}

/** The new one in front; those before it count for a while. */
function rotated(secrets: readonly Secret[], secret: string, now: number): Secret[] {
  const until = now + bounds.secretOverlapMs
  const before = secrets
    .filter((one) => one.until === null || one.until > now)
    .map((one) => ({ ...one, until: Math.min(one.until ?? until, until) }))
  return [{ secret, until: null }, ...before].slice(0, bounds.secretsMax)
}

const formatWebhook = (endpoint: Endpoint) => ({
  id: endpoint.id,
  url: endpoint.url,
  kinds: [...kindsOf(endpoint)],
  description: (endpoint.settings.description as string | undefined) ?? null,
  ...formatHealth(endpoint),
})

/** How the telling goes. */
export const formatHealth = (endpoint: Endpoint) => ({
  status: endpoint.status,
  reason: endpoint.reason,
  createdAt: formatTime(endpoint.createdAt),
  toldAt: endpoint.toldAt === null ? null : formatTime(endpoint.toldAt),
  failingSince: endpoint.failingSince === null ? null : formatTime(endpoint.failingSince),
  nextAttemptAt: endpoint.nextAt === 0 ? null : formatTime(endpoint.nextAt),
})
