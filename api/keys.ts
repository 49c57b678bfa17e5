// Service keys: what a system or a person's tool signs in with. A key's rights are its roles
// (api/roles.ts) and its MQTT filters. The token is told once.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { isFilter } from '../ingest/topics.ts'
import {
  hashToken,
  insertKey,
  listKeys,
  newToken,
  revokeKey,
  type ServiceKey,
} from '../store/ledger/registry.ts'
import type { Deps } from './deps.ts'
import { idOf, randomId, rememberAnswers, serially } from './once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, textPlace } from './page.ts'
import { conflict, notFound } from './problem.ts'
import { roles, unknownRoles } from './roles.ts'
import { guarded, nounApp } from './route.ts'

const filters = z
  .array(
    z
      .string()
      .max(bounds.topicBytesMax)
      .refine(isFilter, { error: 'is no MQTT topic filter (MQTT 3.1.1 §4.7)' }),
  )
  .max(100)
const bodySchema = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    roles: z.array(z.string().min(1).max(64)).max(20).default([]),
    mqtt: z
      .strictObject({ publish: filters.default([]), subscribe: filters.default([]) })
      .optional(),
  })
  .openapi('NewKey', {
    example: {
      name: 'warehouse system',
      roles: ['integration'],
      mqtt: { publish: [], subscribe: ['v1/default/+/readings'] },
    },
  })
const stored = {
  id: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  mqtt: z.object({ publish: z.array(z.string()), subscribe: z.array(z.string()) }).nullable(),
  createdAt: z.string(),
}
const keySchema = z.object({ ...stored, revokedAt: z.string().nullable() }).openapi('Key')
const createdSchema = z
  .object({
    ...stored,
    token: z.string().openapi({ description: 'told once; MQTT password, user name is the id' }),
    warnings: z.array(z.string()).optional(),
  })
  .openapi('CreatedKey')

const create = guarded(
  { noun: 'keys', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/keys',
    summary: 'Make a service key',
    description: `Known roles: ${roles.join(', ')}. Others are kept and grant nothing.`,
    request: {
      headers: z.object({ 'idempotency-key': z.string().max(200).optional() }),
      body: { required: true, content: { 'application/json': { schema: bodySchema } } },
    },
    responses: {
      201: { description: 'Made', content: { 'application/json': { schema: createdSchema } } },
    },
  },
)

const list = guarded(
  { noun: 'keys', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/keys',
    summary: 'List service keys',
    request: { query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'A page of keys, without tokens',
        content: { 'application/json': { schema: pageOf(keySchema) } },
      },
    },
  },
)

const revoke = guarded(
  { noun: 'keys', verb: 'write' },
  {
    method: 'delete',
    path: '/api/v1/keys/{id}',
    summary: 'Revoke a service key at once',
    request: { params: z.object({ id: z.string().max(100) }) },
    responses: { 204: { description: 'Revoked; its MQTT connections are closed' } },
  },
)

export function keys({ now, broker }: Deps) {
  const once = rememberAnswers()
  return nounApp()
    .openapi(create, async (c) => {
      const { tenant, id: caller } = c.get('identity')
      const body = c.req.valid('json')
      const asked = c.req.valid('header')['idempotency-key']
      const scope = `${tenant}/${caller}`
      const created = await once.run({ key: asked, scope, body }, async () => {
        const token = newToken()
        const id = asked === undefined ? randomId('key') : idOf('key', `${scope}\n${asked}`)
        const { name, roles: held, mqtt } = body
        const key: ServiceKey = { id, tenant, name, roles: held, createdAt: now() }
        if (mqtt) key.mqtt = mqtt
        c.set('created', `/api/v1/keys/${id}`)
        await c.get('ledger').transact(async (db) => {
          const [known] = await db.selectFrom('keys').select('id').where('id', '=', id).execute()
          // The id follows from the Idempotency-Key, so a repetition is found however late it
          // comes.
          if (known) throw conflict(`key ${id} was made by this Idempotency-Key; its token is gone`)
          await insertKey(db, key, hashToken(token))
        }, serially)
        return { ...formatKey(key), token, ...warningsOf(held) }
      })
      return c.json(created, 201, { Location: `/api/v1/keys/${created.id}` })
    })
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const after = parseCursor(cursor, textPlace)?.[0]
      const rows = await listKeys(c.get('ledger').db, c.get('identity').tenant, {
        limit: limit + 1,
        ...(after !== undefined && { after }),
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.id])
      const formatted = items.map((key) => ({
        ...formatKey(key),
        revokedAt: key.revokedAt === undefined ? null : formatTime(key.revokedAt),
      }))
      return c.json({ items: formatted, next }, 200)
    })
    .openapi(revoke, async (c) => {
      const { id } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const revoked = await c.get('ledger').transact((db) => revokeKey(db, { tenant, id }, now()))
      if (!revoked) throw notFound(`no key ${id}`, 'path/id')
      broker?.disconnect(id)
      return c.body(null, 204)
    })
}

function warningsOf(held: string[]): { warnings?: string[] } {
  const unknown = unknownRoles(held)
  const known = `known are ${roles.join(', ')}`
  return unknown.length === 0
    ? {}
    : { warnings: unknown.map((name) => `the role ${name} grants nothing; ${known}`) }
}

const formatKey = (key: ServiceKey) => ({
  id: key.id,
  name: key.name,
  roles: key.roles,
  mqtt: key.mqtt ?? null,
  createdAt: formatTime(key.createdAt),
})
