// Corrections of stability budgets: stability data allow more minutes for a product, a lot or named
// units. Proposed with a reason and the document that says so, in force by a signature, taken back
// by another. Refuses one of a budget that the profile does not have: none is invented.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../config.ts'
import type { Limit } from '../domain/exposure.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import {
  dispositionControlOf,
  refusesSigner,
  serialSetHashOf,
} from '../quality/disposition/disposition.ts'
import { canonical, textHash } from '../quality/profile-change.ts'
import { readSettings } from '../store/ledger/changes.ts'
import {
  type CorrectionRecord,
  type CorrectionRow,
  insertCorrection,
  listCorrections,
  moveCorrection,
  readCorrection,
} from '../store/ledger/corrections.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import { appendEvidence } from '../store/ledger/evidence.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { readProduct } from '../store/ledger/registry.ts'
import { epcOf } from './alerts/alerts.ts'
import type { Deps } from './deps.ts'
import type { Env } from './identity.ts'
import { randomId } from './once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor } from './page.ts'
import { conflict, notFound, Problem } from './problem.ts'
import { gtinOf } from './profiles/products.ts'
import { guarded, nounApp } from './route.ts'
import { signerOf, signingFields } from './signer.ts'

const path = '/api/v1/budget-corrections'
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const text = z.string().trim().min(3).max(bounds.qualityTextMax)
const params = z.object({ id: z.string().max(100) })
const sides = ['above', 'atOrAbove', 'below', 'atOrBelow'] as const
const limit = z.strictObject({ side: z.enum(sides), limitC: z.number() })

const proposal = z
  .strictObject({
    gtin: z.string().max(14),
    lot: z.string().min(1).max(20).optional(),
    epcs: z
      .array(z.string().max(500))
      .min(1)
      .max(bounds.dispositionNamesMax)
      .optional()
      .openapi({ description: 'units; neither these nor a lot: all of the product' }),
    limit: limit.openapi({ description: 'of a budget that the profile has' }),
    addedMinutes: z.number().positive().max(5_256_000),
    reason: text,
    document: text.openapi({ description: 'the stability report, by its number' }),
  })
  .openapi('BudgetCorrectionProposal', {
    example: {
      gtin: '09521234543213',
      lot: 'L1',
      limit: { side: 'above', limitC: 8 },
      addedMinutes: 240,
      reason: 'Twelve months of data at 25 °C',
      document: 'ST-2026-017',
    },
  })

const signature = z
  .strictObject({
    meaning: z.enum(['approval', 'rejection']).default('approval'),
    reason: text,
    recordHash: hash,
    ...signingFields,
  })
  .openapi('BudgetCorrectionSignature')

const correction = z
  .object({
    id: z.string(),
    state: z.enum(['proposed', 'signed', 'rejected', 'reversed']),
    gtin: z.string(),
    lot: z.string().nullable(),
    serialCount: z.number().int().nullable().openapi({ description: 'null: not of named units' }),
    limit,
    addedMinutes: z.number(),
    reason: z.string(),
    document: z.string(),
    proposedBy: z.string(),
    proposedAt: z.string(),
    record: z.record(z.string(), z.unknown()),
    recordHash: hash,
    signature: z.record(z.string(), z.unknown()).nullable(),
    reversal: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi('BudgetCorrection')

const content = { 'application/json': { schema: correction } }
const read = { noun: 'dispositions', verb: 'read' } as const
const write = { noun: 'dispositions', verb: 'write' } as const

const post = guarded(write, {
  ...{ method: 'post', path },
  summary: 'Propose to add time to a budget',
  request: { body: { required: true, content: { 'application/json': { schema: proposal } } } },
  responses: { 201: { description: 'Proposed; counts nothing before it is signed', content } },
})
const list = guarded(read, {
  ...{ method: 'get', path },
  summary: 'List corrections of budgets, the newest first',
  request: { query: z.object({ ...pageQuery, gtin: z.string().max(14).optional() }) },
  responses: {
    200: {
      description: 'A page',
      content: { 'application/json': { schema: pageOf(correction) } },
    },
  },
})
const get = guarded(read, {
  method: 'get',
  path: `${path}/{id}` as const,
  summary: 'Read a correction of a budget',
  request: { params },
  responses: { 200: { description: 'As it stands', content } },
})
const step = <V extends string>(verb: V, summary: string) =>
  guarded(write, {
    method: 'post',
    path: `${path}/{id}/${verb}` as `${typeof path}/{id}/${V}`,
    summary,
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: signature } } },
    },
    responses: { 200: { description: 'Recorded', content } },
  })
const sign = step('signature', 'Put a correction in force by a signature, or turn it down')
const reverse = step('reversal', 'Take a correction back by a signature')

const timePlace = z.tuple([z.int(), z.string()])

export const budgetCorrections = (deps: Deps) =>
  nounApp()
    .openapi(post, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const at = deps.now()
      const asked = c.req.valid('json')
      const row = await c
        .get('ledger')
        .transact((db) => proposed(db, { tenant, by, at, asked: { ...asked, ...namedOf(asked) } }))
      return c.json(formatCorrection(row), 201)
    })
    .openapi(list, async (c) => {
      const { limit, cursor, gtin } = c.req.valid('query')
      const rows = await listCorrections(c.get('ledger').db, c.get('identity').tenant, {
        gtin: gtin === undefined ? undefined : gtinOf(gtin, 'query/gtin'),
        ...{ before: parseCursor(cursor, timePlace), limit: limit + 1 },
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.proposedAt, row.id])
      return c.json({ items: items.map(formatCorrection), next }, 200)
    })
    .openapi(get, async (c) => {
      const { id } = c.req.valid('param')
      const row = await rowOr404(c.get('ledger').db, c.get('identity').tenant, id)
      return c.json(formatCorrection(row), 200)
    })
    .openapi(sign, async (c) =>
      c.json(await signed(deps, c, { from: 'proposed', given: c.req.valid('json') }), 200),
    )
    .openapi(reverse, async (c) =>
      c.json(await signed(deps, c, { from: 'signed', given: c.req.valid('json') }), 200),
    )

type Asked = z.output<typeof proposal>

const namedOf = ({ gtin, epcs }: Asked): Pick<Asked, 'gtin' | 'epcs'> => ({
  gtin: gtinOf(gtin, '/gtin'),
  ...(epcs && { epcs: [...new Set(epcs.map((text, i) => epcOf(text, `/epcs/${i}`)))].sort() }),
})

async function proposed(
  db: LedgerQuery,
  { tenant, by, at, asked }: { tenant: string; by: string; at: number; asked: Asked },
): Promise<CorrectionRow> {
  const { gtin, lot, epcs, limit, addedMinutes, reason, document } = asked
  const product = await readProduct(db, tenant, gtin)
  if (!product) throw notFound(`no product ${gtin}`, '/gtin')
  const { budgets = [] } = product.profile
  if (!budgets.some((budget) => isSame(budget.limit, limit)))
    throw unfit(`the profile has no budget ${limit.side} ${limit.limitC} °C`, '/limit')
  if (lot !== undefined && epcs) throw unfit('of a lot or of named units, not both', '/lot')
  const ids = await idsOf(db, tenant, epcs ?? [])
  for (const [i, epc] of (epcs ?? []).entries()) {
    const key = parseEpc(epc)
    if (key?.key !== 'sgtin' || key.gtin !== gtin)
      throw unfit(`${epc} is no unit of ${gtin}`, `/epcs/${i}`)
    if (!ids.has(epc)) throw unfit(`no event names ${epc}`, `/epcs/${i}`)
  }
  const record: CorrectionRecord = {
    ...{ kind: 'budget-correction', tenant, id: randomId('bc'), gtin, lot: lot ?? null },
    units: epcs ? { serialCount: epcs.length, serialSetHash: serialSetHashOf(epcs) } : null,
    ...{ limit, addedMinutes, reason, document },
    control: dispositionControlOf(await readSettings(db, tenant)),
    ...{ proposedBy: by, proposedAt: formatTime(at) },
  }
  const text = canonical(record)
  const row: CorrectionRow = {
    ...{ tenant, id: record.id, gtin, lot: record.lot, state: 'proposed', proposedAt: at },
    ...{ record: text, recordHash: textHash(text), signature: null, reversal: null },
  }
  await insertCorrection(db, row, [...ids.values()])
  await appendEvidence(db, { tenant, kind: 'budget-correction.proposed', by, at, record })
  return row
}

/** Signs what is proposed, or takes back what is signed. */
async function signed(
  deps: Deps,
  c: Context<Env>,
  { from, given }: { from: 'proposed' | 'signed'; given: z.output<typeof signature> },
) {
  const { tenant } = c.get('identity')
  const id = c.req.param('id')!
  const at = deps.now()
  const meaning = from === 'signed' ? 'reversal' : given.meaning
  const { reason, recordHash } = given
  const signer = await signerOf(deps, c, { ...given, meaning })
  const row = await c.get('ledger').transact(async (db) => {
    const before = await rowOr404(db, tenant, id)
    const record = JSON.parse(before.record) as CorrectionRecord
    if (recordHash !== before.recordHash)
      throw conflict('this is not the hash of the record: read it again', '/recordHash')
    const asked = { signer: signer.signer, meaning: given.meaning }
    const refusal = from === 'proposed' ? refusesSigner(record, asked) : undefined
    if (refusal) throw new Problem(403, [{ code: 'request/forbidden', path: '', detail: refusal }])
    const told = {
      ...{ kind: 'signature', record: recordHash, ...signer },
      ...{ signedAt: formatTime(at), meaning, reason },
    }
    const text = canonical(told)
    const to =
      from === 'signed'
        ? { state: 'reversed', reversal: text }
        : { state: meaning === 'approval' ? 'signed' : 'rejected', signature: text }
    if (!(await moveCorrection(db, { tenant, id, from }, to))) throw ended(before)
    const kind = `budget-correction.${to.state}`
    await appendEvidence(db, {
      ...{ tenant, kind, by: signer.signer, at },
      record: { record, recordHash, signature: told },
    })
    return { ...before, ...to }
  })
  deps.tell?.({ tenant, event: 'budget.corrected', data: { id, state: row.state, gtin: row.gtin } })
  return formatCorrection(row)
}

const ended = ({ state }: CorrectionRow): Problem =>
  new Problem(409, [{ code: 'quality/stale', path: '', detail: `it is ${state} by now` }])

const unfit = (detail: string, at: string): Problem =>
  new Problem(422, [{ code: 'quality/units', path: at, detail }])

const isSame = (one: Limit, other: Limit): boolean =>
  one.side === other.side && one.limitC === other.limitC

async function rowOr404(db: LedgerQuery, tenant: string, id: string): Promise<CorrectionRow> {
  const row = await readCorrection(db, tenant, id)
  if (!row) throw notFound(`no correction ${id}`, 'path/id')
  return row
}

function formatCorrection(row: CorrectionRow): z.output<typeof correction> {
  const record = JSON.parse(row.record) as CorrectionRecord
  const { gtin, lot, units, limit, addedMinutes, reason, document } = record
  return {
    ...{ id: row.id, state: row.state as 'proposed', gtin, lot, limit, addedMinutes },
    ...{ reason, document, serialCount: units?.serialCount ?? null },
    ...{ proposedBy: record.proposedBy, proposedAt: record.proposedAt },
    ...{ record: { ...record }, recordHash: row.recordHash },
    signature: row.signature === null ? null : JSON.parse(row.signature),
    reversal: row.reversal === null ? null : JSON.parse(row.reversal),
  }
}
