// Hand-overs of a unit's exposure to partners: a signed statement as an EPCIS event, the keys by
// which it can be checked, and those of partners that are believed here. Counts nothing:
// trace/hand-overs.ts does.
import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { epcisContext } from '../domain/epcis/format.ts'
import { handOverField, handOverNamespace } from '../domain/hand-over.ts'
import {
  type HandOverKey,
  putHandOverKey,
  readHandOverKeys,
  revokeHandOverKey,
} from '../store/ledger/hand-overs.ts'
import type { LedgerQuery, LedgerView, TransactOptions } from '../store/ledger/ledger.ts'
import { isPublicKey, newHandOverKey, signHandOver, thumbprint } from '../trace/hand-overs.ts'
import { statementOf } from '../trace/passports.ts'
import { epcOf } from './alerts/alerts.ts'
import type { Deps } from './deps.ts'
import { formatEnd, formatTime, timeQuery } from './page.ts'
import { notFound, Problem } from './problem.ts'
import { signs } from './published-keys.ts'
import { guarded, nounApp } from './route.ts'
import { formatPassport, passportOr } from './units/passport-format.ts'

const jwkSchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().max(100).openapi({ description: 'the public key, base64url (RFC 8037)' }),
})
const keySchema = z
  .object({
    id: z.string().openapi({ description: 'RFC 7638 thumbprint; `kid` of what it signed' }),
    name: z.string(),
    own: z.boolean(),
    key: jwkSchema,
    createdAt: z.string(),
    revokedAt: z.string().nullable(),
  })
  .openapi('HandOverKey')
const bodySchema = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    key: z.looseObject(jwkSchema.shape).optional().openapi({
      description: "a partner's public key, to be believed; without it a new key of one's own",
    }),
  })
  .openapi('HandOverKeyBody')

const read = { noun: 'handOvers', verb: 'read' } as const
const write = { noun: 'handOvers', verb: 'write' } as const
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})

const list = guarded(read, {
  method: 'get',
  path: '/api/v1/hand-over-keys',
  summary: 'List the keys of hand-overs: own ones and those of partners',
  responses: { 200: json('All of them', z.object({ items: z.array(keySchema) })) },
})

const add = guarded(write, {
  method: 'post',
  path: '/api/v1/hand-over-keys',
  summary: "Believe a partner's key, or make a new one of one's own",
  request: { body: { required: true, content: { 'application/json': { schema: bodySchema } } } },
  responses: { 201: json('The key', keySchema) },
})

const params = z.object({ id: z.string().max(100) })
const revoke = guarded(write, {
  method: 'delete',
  path: '/api/v1/hand-over-keys/{id}',
  summary: 'Revoke a key: nothing that it signed counts any more',
  request: { params },
  responses: { 204: { description: 'Revoked' } },
})

const handOver = guarded(write, {
  method: 'post',
  path: '/api/v1/units/{epc}/hand-over',
  summary: 'Sign what a unit went through and what is left of its budgets, for a partner',
  description: 'An EPCIS document with one event. Nothing is captured here by it.',
  request: {
    params: z.object({ epc: z.string().max(1000) }),
    query: z.object({ to: timeQuery.optional().openapi({ description: 'up to then' }) }),
  },
  responses: { 200: json('The EPCIS document', z.looseObject({})) },
})

export const handOvers = ({ series, kept: keptTo, now }: Deps) =>
  nounApp()
    .openapi(list, async (c) => {
      const keys = await readHandOverKeys(c.get('ledger').db, c.get('identity').tenant)
      return c.json({ items: keys.map(formatKey) }, 200)
    })
    .openapi(add, async (c) => {
      const { name, key: jwk } = c.req.valid('json')
      if (jwk && !isPublicKey(jwk.x)) {
        const detail = 'want a public key of Ed25519: 32 bytes in base64url'
        throw new Problem(400, [{ code: 'request/invalid', path: '/key/x', detail }])
      }
      const { tenant } = c.get('identity')
      const key = jwk ? partnerKey(name, jwk.x, now()) : newHandOverKey(name, now())
      const kept = await c
        .get('ledger')
        .transact((db) => keep(db, tenant, key), writingKeys(tenant))
      return c.json(formatKey(kept), 201)
    })
    .openapi(revoke, async (c) => {
      const { id } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const found = await c
        .get('ledger')
        .transact((db) => revokeHandOverKey(db, tenant, { id, at: now() }))
      if (!found) throw notFound(`no key ${id}`, 'path/id')
      return c.body(null, 204)
    })
    .openapi(handOver, async (c) => {
      const { tenant } = c.get('identity')
      const epc = epcOf(c.req.valid('param').epc, 'path/epc')
      const view = c.get('ledger')
      const from = { db: view.db, series, kept: keptTo }
      const passport = await passportOr(from, tenant, { epc, to: c.req.valid('query').to })
      const text = JSON.stringify(formatPassport(epc, passport))
      const passportHash = createHash('sha256').update(text).digest('hex')
      const statement = statementOf(passport, { epc, passportHash })
      const jws = signHandOver(statement, await ownKey(view, tenant, now()))
      const budgets = passport.budgets.map(({ limit, allowedMs, drawnMs }) => ({
        [`isotherm:${limit.side}`]: limit.limitC,
        'isotherm:leftMinutes': Math.round((allowedMs - drawnMs) / 60) / 1000,
      }))
      const event = {
        ...{ type: 'ObjectEvent', action: 'OBSERVE', bizStep: 'sensor_reporting' },
        ...{ eventTime: new Date(passport.to).toISOString(), eventTimeZoneOffset: '+00:00' },
        epcList: [epc],
        // For people; what counts is the statement.
        ...(budgets.length > 0 && { 'isotherm:budgets': budgets }),
        [`isotherm:${handOverField}`]: jws,
      }
      const document = {
        '@context': [epcisContext, { isotherm: handOverNamespace }],
        ...{ type: 'EPCISDocument', schemaVersion: '2.0' },
        creationDate: formatTime(now()),
        epcisBody: { eventList: [event] },
      }
      return c.json(document, 200)
    })

/** The newest that counts; made when there is none, once. */
export async function ownKey(ledger: LedgerView, tenant: string, at: number): Promise<HandOverKey> {
  const known = (await readHandOverKeys(ledger.db, tenant)).findLast(signs)
  if (known) return known
  return ledger.transact(async (db) => {
    const meanwhile = (await readHandOverKeys(db, tenant)).findLast(signs)
    return meanwhile ?? keep(db, tenant, newHandOverKey(tenant, at))
  }, writingKeys(tenant))
}

/** Whoever adds keys adds them alone: two that sign first sign with one key. */
const writingKeys = (tenant: string): TransactOptions => ({ alone: `hand-over-keys/${tenant}` })

/** As it stands then. Problem 409: more keys than are looked through. */
async function keep(db: LedgerQuery, tenant: string, key: HandOverKey): Promise<HandOverKey> {
  const keys = await readHandOverKeys(db, tenant)
  if (keys.length >= bounds.handOverKeysMax && !keys.some(({ id }) => id === key.id)) {
    const detail = `at most ${bounds.handOverKeysMax} keys are kept`
    throw new Problem(409, [{ code: 'request/conflict', path: '', detail }])
  }
  await putHandOverKey(db, tenant, key)
  return (await readHandOverKeys(db, tenant)).find(({ id }) => id === key.id)!
}

const partnerKey = (name: string, x: string, createdAt: number): HandOverKey => ({
  ...{ id: thumbprint(x), name, publicKey: x, privateKey: null },
  ...{ createdAt, revokedAt: null },
})

const formatKey = (key: HandOverKey): z.infer<typeof keySchema> => ({
  ...{ id: key.id, name: key.name, own: key.privateKey !== null },
  key: { kty: 'OKP', crv: 'Ed25519', x: key.publicKey },
  ...{ createdAt: formatTime(key.createdAt), revokedAt: formatEnd(key.revokedAt) },
})
