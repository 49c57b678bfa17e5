// Changes of profiles under control: proposed with a back-test and a reason, put in force by a
// signature (21 CFR 11.50, 11.70, 11.200). Refuses what was proposed on another profile than the
// one in force, and the signature of whoever proposed where a tenant asks for four eyes.
import { z } from '@hono/zod-openapi'
import type { BackTestAsked } from '../../domain/back-test.ts'
import { parseProfile } from '../../domain/profile/parse.ts'
import { formatProfile } from '../../domain/profile/profile.ts'
import {
  type ChangeRecord,
  canonical,
  profileHashOf,
  refusesSigner,
  type SignatureRecord,
  textHash,
} from '../../quality/profile-change.ts'
import {
  insertProfileChange,
  listProfileChanges,
  type ProfileChangeRow,
  readBackTest,
  readProfileChange,
  signProfileChange,
} from '../../store/ledger/changes.ts'
import { markDirty, marking } from '../../store/ledger/detectors.ts'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { type Product, putProduct, readProduct } from '../../store/ledger/registry.ts'
import { mountedDevices } from '../../store/ledger/trace.ts'
import type { Deps } from '../deps.ts'
import { randomId } from '../once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor } from '../page.ts'
import { conflict, notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { signerOf } from '../signer.ts'
import { controlOf } from '../unsigned.ts'
import { changeBody, changeSchema, signatureBody } from './back-test-schemas.ts'
import { timePlace } from './back-tests.ts'
import { gtinOf } from './products.ts'

const params = z.object({ gtin: z.string(), id: z.string().max(100) })
const content = { 'application/json': { schema: changeSchema } }
const path = '/api/v1/products/{gtin}/changes'

const post = guarded(
  { noun: 'products', verb: 'write' },
  {
    ...{ method: 'post', path },
    summary: 'Propose the profile of a back-test',
    description: 'Changes nothing until somebody signs it.',
    request: {
      params: params.pick({ gtin: true }),
      body: { required: true, content: { 'application/json': { schema: changeBody } } },
    },
    responses: { 201: { description: 'Proposed', content } },
  },
)

const list = guarded(
  { noun: 'products', verb: 'read' },
  {
    ...{ method: 'get', path },
    summary: 'List the proposed changes of a product, newest first, with their signatures',
    request: { params: params.pick({ gtin: true }), query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'A page',
        content: { 'application/json': { schema: pageOf(changeSchema) } },
      },
    },
  },
)

const sign = guarded(
  { noun: 'products', verb: 'write' },
  {
    method: 'post',
    path: `${path}/{id}/signature` as const,
    summary: 'Approve or reject a proposed change',
    description:
      'An approval puts the profile in force. The token is given once more; the hash is that of the record that was read. 409 when the profile changed since it was proposed, or it is signed already.',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: signatureBody } } },
    },
    responses: { 200: { description: 'Signed', content } },
  },
)

export const profileChanges = (deps: Deps) =>
  nounApp()
    .openapi(post, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const gtin = gtinOf(c.req.valid('param').gtin, 'path/gtin')
      const { backTest, reason } = c.req.valid('json')
      const at = deps.now()
      const told = await c.get('ledger').transact(async (db) => {
        const product = await productOf(db, tenant, gtin)
        const proposed = await proposedBy(db, { tenant, product, backTest })
        const id = randomId('pc')
        const record: ChangeRecord = {
          ...{ kind: 'profile-change', tenant, id, gtin, ...proposed, reason, backTest },
          ...{ proposedBy: by, proposedAt: formatTime(at) },
        }
        const text = canonical(record)
        const row: ProfileChangeRow = {
          ...{ tenant, id, gtin, state: 'proposed', proposedAt: at, version: null },
          ...{ record: text, recordHash: textHash(text), signature: null, signatureHash: null },
        }
        await insertProfileChange(db, row)
        const evidence = { change: id, gtin, recordHash: row.recordHash }
        await appendEvidence(db, { tenant, kind: 'profile.proposed', by, at, record: evidence })
        return formatChange(row, product)
      })
      return c.json(told, 201)
    })
    .openapi(list, async (c) => {
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      const gtin = gtinOf(c.req.valid('param').gtin, 'path/gtin')
      const product = await productOf(db, tenant, gtin)
      const { limit, cursor } = c.req.valid('query')
      const before = parseCursor(cursor, timePlace)
      const page = { gtin, limit: limit + 1, ...(before && { before }) }
      const rows = await listProfileChanges(db, tenant, page)
      const { items, next } = cutPage(rows, limit, (row) => [row.proposedAt, row.id])
      return c.json({ items: items.map((row) => formatChange(row, product)), next }, 200)
    })
    .openapi(sign, async (c) => {
      const { tenant } = c.get('identity')
      const body = c.req.valid('json')
      const signer = await signerOf(deps, c, body)
      const gtin = gtinOf(c.req.valid('param').gtin, 'path/gtin')
      const { id } = c.req.valid('param')
      const at = deps.now()
      const told = await c.get('ledger').transact(async (db) => {
        const row = await readProfileChange(db, tenant, id)
        if (row?.gtin !== gtin) throw notFound(`no change ${id} of ${gtin}`, 'path/id')
        const { meaning, reason, recordHash } = body
        if (recordHash !== row.recordHash)
          throw conflict('this is not the hash of the record: read it again', '/recordHash')
        const signature: SignatureRecord = {
          ...{ kind: 'signature', record: recordHash, ...signer },
          ...{ signedAt: formatTime(at), meaning, reason },
        }
        const told = formatChange(...(await signed(db, { row, signature, at })))
        const evidence = { change: id, gtin, signature, state: told.state, version: told.version }
        const by = signer.signer
        await appendEvidence(db, { tenant, kind: 'profile.signed', by, at, record: evidence })
        return told
      }, marking(tenant))
      return c.json(told, 200)
    })

async function productOf(db: LedgerQuery, tenant: string, gtin: string): Promise<Product> {
  const product = await readProduct(db, tenant, gtin)
  if (product) return product
  throw notFound(`no product ${gtin}`, 'path/gtin')
}

/** What the back-test tells of the proposed profile, bound to the one in force. */
async function proposedBy(
  db: LedgerQuery,
  { tenant, product, backTest }: { tenant: string; product: Product; backTest: string },
) {
  const tested = await readBackTest(db, tenant, backTest)
  if (tested?.gtin !== product.gtin) throw notFound(`no back-test ${backTest}`, '/backTest')
  if (tested.reportHash === null)
    throw conflict(`the back-test is ${tested.state}: only one that is done counts`, '/backTest')
  const baseHash = profileHashOf(product.profile)
  if (tested.baseHash !== baseHash)
    throw conflict('the profile in force changed since: run the back-test again', '/backTest')
  const { profile, effectiveFrom } = JSON.parse(tested.ask) as BackTestAsked
  return {
    profile: formatProfile(profile),
    ...{ profileHash: tested.profileHash, baseHash, baseVersion: product.version },
    effectiveFrom: effectiveFrom === null ? null : formatTime(effectiveFrom),
    backTestHash: tested.reportHash,
  }
}

async function signed(
  db: LedgerQuery,
  { row, signature, at }: { row: ProfileChangeRow; signature: SignatureRecord; at: number },
): Promise<[ProfileChangeRow, Product]> {
  const { tenant } = row
  const record = JSON.parse(row.record) as ChangeRecord
  const refusal = refusesSigner(await controlOf(db, tenant), record, signature)
  if (refusal) throw new Problem(403, [{ code: 'request/forbidden', path: '', detail: refusal }])
  if (row.state !== 'proposed') throw conflict(`this change is ${row.state} already`)
  const product = await productOf(db, tenant, row.gtin)
  const approved = signature.meaning === 'approval'
  const after = approved ? await putInForce(db, { record, product, at }) : product
  const text = canonical(signature)
  const end = {
    ...{ state: approved ? 'approved' : 'rejected', version: approved ? after.version : null },
    ...{ signature: text, signatureHash: textHash(text) },
  }
  if (!(await signProfileChange(db, row, end))) throw conflict('somebody else has signed it')
  return [{ ...row, ...end }, after]
}

async function putInForce(
  db: LedgerQuery,
  { record, product, at }: { record: ChangeRecord; product: Product; at: number },
): Promise<Product> {
  if (profileHashOf(product.profile) !== record.baseHash)
    throw conflict(
      `the profile is of version ${product.version} now, this was proposed on ${record.baseVersion}: propose it anew`,
    )
  const profile = parseProfile(record.profile)
  if (!profile.ok) throw new Problem(400, profile.refusals)
  const { tenant, gtin, name } = product
  const effectiveFrom = record.effectiveFrom === null ? null : Date.parse(record.effectiveFrom)
  const told = { tenant, gtin, name, profile: profile.value, effectiveFrom, updatedAt: at }
  const after = await putProduct(db, told)
  const devices = await mountedDevices(db, tenant)
  await markDirty(db, tenant, { devices, since: effectiveFrom ?? 0, cause: 'profile' })
  return after
}

function formatChange(row: ProfileChangeRow, product: Product): z.output<typeof changeSchema> {
  const record = JSON.parse(row.record) as ChangeRecord
  return {
    ...{ id: row.id, gtin: row.gtin, state: row.state as 'proposed' },
    stale: row.state === 'proposed' && profileHashOf(product.profile) !== record.baseHash,
    ...{ record: { ...record }, recordHash: row.recordHash },
    signature: row.signature === null ? null : JSON.parse(row.signature),
    ...{ signatureHash: row.signatureHash, version: row.version },
  }
}
