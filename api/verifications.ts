// Verification of product identifiers for trading partners: our own form, and that of GS1
// Lightweight Messaging for Verification of Product Identifiers 1.1 (verify and checkConnectivity).
// Every request is kept with its answer. What is not asked is not told: no lot, expiry or place.
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { isoDate } from '../domain/gs1/dates.ts'
import { formatDigitalLink, parseGs1, parseGtin } from '../domain/gs1/gs1.ts'
import {
  insertVerification,
  listVerifications,
  readVerification,
  type Verification,
} from '../store/ledger/scans.ts'
import { unitFacts } from '../trace/verify/facts.ts'
import {
  answerTrade,
  isLotKnown,
  type Label,
  registeredOf,
  type TradeAnswer,
} from '../trace/verify/verify.ts'
import { epcOf } from './alerts/alerts.ts'
import type { Deps } from './deps.ts'
import type { Env } from './identity.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor } from './page.ts'
import { invalid, notFound, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'
import type { Strangers } from './strangers.ts'

const gln = z.string().regex(/^\d{13}$/, 'want a GLN of 13 digits')
const lotText = z.string().min(1).max(20)
const asking = {
  context: z.string().max(100).optional().openapi({ example: 'dscsaSaleableReturn' }),
  requestor: gln.optional().openapi({ description: 'GLN for whom this is asked' }),
  corrUUID: z.uuid().optional(),
}
const bodySchema = z
  .strictObject({
    text: z.string().max(1000).optional().openapi({ description: 'a scan; else the fields' }),
    gtin: z.string().max(14).optional(),
    serial: z.string().min(1).max(20).optional(),
    lot: lotText.optional(),
    expiry: z.iso.date().optional(),
    ...asking,
  })
  .openapi('VerificationRequest', {
    example: { gtin: '09521234543213', serial: 'A1', lot: 'L1', expiry: '2027-12-31' },
  })
const answerFields = {
  verified: z.boolean(),
  identifierMatches: z.boolean().openapi({ description: 'whatever else speaks against the unit' }),
  reasons: z.array(z.string()),
  failureReason: z.string().nullable(),
  additionalInfo: z.string().nullable(),
  fmd: z.object({
    status: z.string(),
    codes: z.array(z.object({ code: z.string(), detail: z.string() })),
  }),
}
const verificationSchema = z
  .object({
    id: z.string(),
    at: z.string(),
    epc: z.string(),
    askedBy: z.string(),
    requestor: z.string().nullable(),
    context: z.string().nullable(),
    corrUUID: z.string().nullable(),
    asked: z.object({ lot: z.string().nullable(), expiry: z.string().nullable() }),
    ...answerFields,
  })
  .openapi('Verification')
const content = { 'application/json': { schema: verificationSchema } }
const messageSchema = z
  .object({
    verificationTimestamp: z.string(),
    responderGLN: z.string().optional(),
    data: z.object({
      verified: z.boolean(),
      verificationFailureReason: z.string().optional(),
      additionalInfo: z.string().optional(),
    }),
    corrUUID: z.string().optional(),
  })
  .openapi('VerificationMessage')

const post = guarded(
  { noun: 'verifications', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/verifications',
    summary: 'Verify a product identifier',
    description: 'Whether GTIN, serial, lot and expiry are the maker’s. Kept with its answer.',
    request: { body: { required: true, content: { 'application/json': { schema: bodySchema } } } },
    responses: { 201: { description: 'Answered and kept', content } },
  },
)
const list = guarded(
  { noun: 'verifications', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/verifications',
    summary: 'List what partners asked',
    request: {
      query: z.object({
        ...pageQuery,
        epc: z.string().max(1000).optional(),
        verified: z.enum(['true', 'false']).optional(),
      }),
    },
    responses: {
      200: {
        description: 'The newest first',
        content: { 'application/json': { schema: pageOf(verificationSchema) } },
      },
    },
  },
)
const get = guarded(
  { noun: 'verifications', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/verifications/{id}',
    summary: 'Read a verification',
    request: { params: z.object({ id: z.string().max(100) }) },
    responses: { 200: { description: 'As it was answered', content } },
  },
)
const lightweight = guarded(
  { noun: 'verifications', verb: 'write' },
  {
    method: 'get',
    path: '/verify/gtin/{gtin}/lot/{lot}/ser/{serial}',
    summary: 'Verify a product identifier (GS1 Lightweight Messaging)',
    request: {
      params: z.object({ gtin: z.string().max(14), lot: lotText, serial: z.string().max(20) }),
      query: z.object({
        exp: z.string().max(6).openapi({ description: 'YYMMDD' }),
        linkType: z.literal('verificationService').optional(),
        context: asking.context,
        reqGLN: gln.optional(),
        corrUUID: asking.corrUUID,
        ctrlPossessAtt: z.enum(['true', 'false']).optional(),
      }),
    },
    responses: {
      200: { description: 'Answered', content: { 'application/json': { schema: messageSchema } } },
    },
  },
)
const connectivity = guarded(
  { noun: 'verifications', verb: 'read' },
  {
    method: 'get',
    path: '/checkConnectivity',
    summary: 'Whether verification can be asked here (GS1 Lightweight Messaging)',
    request: {
      query: z.object({
        gtin: z.string().max(14),
        reqGLN: gln.optional(),
        context: asking.context,
      }),
    },
    responses: {
      200: {
        description: 'It can',
        content: {
          'application/json': { schema: z.object({ responderGLN: z.string().optional() }) },
        },
      },
    },
  },
)

interface Asked {
  label: Label
  context?: string | undefined
  requestor?: string | undefined
  corrUUID?: string | undefined
}

export function verifications(deps: Deps, strangers: Strangers) {
  const { now } = deps
  const responder = deps.strangers?.responderGln
  const responderGLN = responder === undefined ? {} : { responderGLN: responder }
  return nounApp()
    .openapi(post, async (c) => {
      const { requestor, context, corrUUID, ...said } = c.req.valid('json')
      const asked = { label: labelOf(said), requestor, context, corrUUID }
      const { row, answer } = await answerAndKeep(c, { asked, strangers, at: now() })
      return c.json(shownOf({ ...row, body: { asked, answer } }), 201)
    })
    .openapi(list, async (c) => {
      const { limit, cursor, epc, verified } = c.req.valid('query')
      const rows = await listVerifications(c.get('ledger').db, c.get('identity').tenant, {
        epc: epc === undefined ? undefined : epcOf(epc, 'query/epc'),
        verified: verified === undefined ? undefined : verified === 'true',
        after: parseCursor(cursor, z.tuple([z.int(), z.string()])),
        limit: limit + 1,
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.at, row.id])
      return c.json({ items: items.map(shownOf), next }, 200)
    })
    .openapi(get, async (c) => {
      const { id } = c.req.valid('param')
      const row = await readVerification(c.get('ledger').db, c.get('identity').tenant, id)
      if (!row) throw notFound(`there is no verification ${id}`, 'path/id')
      return c.json(shownOf(row), 200)
    })
    .openapi(lightweight, async (c) => {
      const { exp, reqGLN, context, corrUUID } = c.req.valid('query')
      const expiry = isoDate(exp)
      if (expiry === undefined) throw invalid('want a date YYMMDD', 'query/exp')
      const label = labelOf({ ...c.req.valid('param'), expiry })
      const asked = { label, requestor: reqGLN, context, corrUUID }
      const { row, answer } = await answerAndKeep(c, { asked, strangers, at: now() })
      const { verified, failureReason, additionalInfo } = answer
      const data = {
        verified,
        ...(failureReason && { verificationFailureReason: failureReason }),
        ...(additionalInfo && { additionalInfo }),
      }
      const verificationTimestamp = new Date(row.at).toISOString()
      const echoed = corrUUID === undefined ? {} : { corrUUID }
      return c.json({ verificationTimestamp, ...responderGLN, data, ...echoed }, 200)
    })
    .openapi(connectivity, (c) => {
      const gtin = parseGtin(c.req.valid('query').gtin)
      if (gtin.ok) return c.json(responderGLN, 200)
      throw new Problem(
        400,
        gtin.refusals.map((refusal) => ({ ...refusal, path: 'query/gtin' })),
      )
    })
}

type Said = { [name in 'text' | keyof Label]?: string | undefined }

/** GTIN and serial from the fields or from a scan, checked like any other key. */
function labelOf(said: Said): Label {
  const { text, gtin, serial, lot, expiry } = said
  if ((text === undefined) === (gtin === undefined && serial === undefined))
    throw invalid('want either text, or gtin and serial', '')
  let scan = text
  if (scan === undefined) {
    if (gtin === undefined || serial === undefined)
      throw invalid('want gtin and serial together', gtin === undefined ? '/gtin' : '/serial')
    const whole = parseGtin(gtin)
    if (!whole.ok)
      throw new Problem(
        400,
        whole.refusals.map((refusal) => ({ ...refusal, path: '/gtin' })),
      )
    scan = formatDigitalLink({ key: 'sgtin', gtin: whole.value, serial })
  }
  const key = parseGs1(scan)
  if (!key.ok)
    throw new Problem(
      400,
      key.refusals.map((refusal) => ({
        ...refusal,
        path: text === undefined ? '/serial' : '/text',
      })),
    )
  if (key.value.key !== 'sgtin') throw invalid('want a GTIN with a serial number', '/text')
  const { value } = key
  return {
    gtin: value.gtin,
    serial: value.serial,
    lot: lot ?? value.lot,
    expiry: expiry ?? value.expiry,
  }
}

async function answerAndKeep(
  c: Context<Env>,
  { asked, strangers, at }: { asked: Asked; strangers: Strangers; at: number },
): Promise<{ row: Verification; answer: TradeAnswer }> {
  const { tenant, id: askedBy } = c.get('identity')
  const ledger = c.get('ledger')
  const { gtin, serial, lot } = asked.label
  const epc = formatDigitalLink({ key: 'sgtin', gtin, serial })
  const facts = await unitFacts(ledger.db, tenant, epc)
  const registered = await registeredOf(ledger.db, tenant, facts)
  const lotKnown = lot !== undefined && (await isLotKnown(ledger.db, tenant, { gtin, lot }))
  const answer = answerTrade({ label: asked.label, facts, registered, lotKnown }, at)
  const requestor = asked.requestor ?? null
  const body = { asked, answer }
  const row = { id: randomUUID(), at, epc, askedBy, requestor, verified: answer.verified, body }
  await ledger.transact((db) => insertVerification(db, tenant, row))
  const session = await strangers.sessionNamed(`${tenant}\n${askedBy}\n${requestor ?? ''}`)
  const hash = await strangers.hashOf(epc)
  const { expiry } = asked.label
  const scan = { epc, hash, session, source: 'trade' as const, at, lot, expiry }
  await strangers.record(ledger, tenant, [scan])
  return { row, answer }
}

function shownOf({ id, at, epc, askedBy, requestor, body }: Verification) {
  const { asked, answer } = body as { asked: Asked; answer: TradeAnswer }
  return {
    id,
    at: formatTime(at),
    epc,
    askedBy,
    requestor,
    context: asked.context ?? null,
    corrUUID: asked.corrUUID ?? null,
    asked: { lot: asked.label.lot ?? null, expiry: asked.label.expiry ?? null },
    verified: answer.verified,
    identifierMatches: answer.identifierMatches,
    reasons: answer.reasons,
    failureReason: answer.failureReason ?? null,
    additionalInfo: answer.additionalInfo ?? null,
    fmd: answer.fmd,
  }
}
