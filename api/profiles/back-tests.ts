// Back-tests: stored readings judged again under a proposed profile, beside the one in force. Asked
// for, looked at and ended here; run by back-testing.ts. Changes no alert.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import type { BackTestAsked, BackTestReport, ListedExcursion } from '../../domain/back-test.ts'
import { parseProfile } from '../../domain/profile/parse.ts'
import { formatProfile } from '../../domain/profile/profile.ts'
import { profileHashOf } from '../../quality/profile-change.ts'
import {
  type BackTestRow,
  insertBackTest,
  listBackTests,
  readBackTest,
  updateBackTest,
} from '../../store/ledger/changes.ts'
import { readProduct } from '../../store/ledger/registry.ts'
import type { Deps } from '../deps.ts'
import { randomId } from '../once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor } from '../page.ts'
import { invalid, notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { backTestBody, backTestSchema } from './back-test-schemas.ts'
import { gtinOf } from './products.ts'

const params = z.object({ gtin: z.string(), id: z.string().max(100) })
const content = { 'application/json': { schema: backTestSchema } }
const path = '/api/v1/products/{gtin}/back-tests'

const post = guarded(
  { noun: 'products', verb: 'write' },
  {
    ...{ method: 'post', path },
    summary: 'Judge stored readings again under a proposed profile',
    description: 'Answered at once; runs beside everything else. Nothing that is live changes.',
    request: {
      params: params.pick({ gtin: true }),
      body: { required: true, content: { 'application/json': { schema: backTestBody } } },
    },
    responses: { 202: { description: 'Under way', content } },
  },
)

const list = guarded(
  { noun: 'products', verb: 'read' },
  {
    ...{ method: 'get', path },
    summary: 'List the back-tests of a product, newest first',
    request: { params: params.pick({ gtin: true }), query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'A page, without reports',
        content: { 'application/json': { schema: pageOf(backTestSchema) } },
      },
    },
  },
)

const get = guarded(
  { noun: 'products', verb: 'read' },
  {
    method: 'get',
    path: `${path}/{id}` as const,
    summary: 'Read a back-test: how far it is, and its report when it is done',
    request: { params },
    responses: { 200: { description: 'As it stands', content } },
  },
)

const cancel = guarded(
  { noun: 'products', verb: 'write' },
  {
    method: 'delete',
    path: `${path}/{id}` as const,
    summary: 'End a back-test that waits or runs',
    request: { params },
    responses: { 200: { description: 'As it stands', content } },
  },
)

export const timePlace = z.tuple([z.int(), z.string()])

export const backTests = (deps: Deps) => {
  const { backTests: runs } = deps
  return nounApp()
    .openapi(post, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const ledger = c.get('ledger')
      const body = c.req.valid('json')
      const gtin = gtinOf(c.req.valid('param').gtin, 'path/gtin')
      const profile = parseProfile(body.profile)
      if (!profile.ok) throw new Problem(400, profile.refusals)
      const ask: BackTestAsked = {
        profile: profile.value,
        effectiveFrom: body.effectiveFrom ?? null,
        ...{ from: body.from ?? null, to: body.to ?? null },
        costPerUnit: body.costPerUnit ?? null,
      }
      if (ask.from !== null && ask.to !== null && ask.to <= ask.from)
        throw invalid('ends before it begins', '/to')
      const product = await readProduct(ledger.db, tenant, gtin)
      if (!product) throw notFound(`no product ${gtin}`, 'path/gtin')
      const time = deps.now()
      const row: BackTestRow = {
        ...{ tenant, id: randomId('bt'), gtin, createdAt: time, createdBy: by, updatedAt: time },
        ...{ state: 'waiting', ask: JSON.stringify(ask) },
        ...{ profileHash: profileHashOf(ask.profile), baseHash: profileHashOf(product.profile) },
        ...{ devices: 0, devicesDone: 0, readings: 0, detail: null },
        ...{ report: null, reportHash: null },
      }
      const headers = { Location: `/api/v1/products/${gtin}/back-tests/${row.id}` }
      c.set('created', headers.Location)
      await ledger.transact((db) => insertBackTest(db, row))
      if (!runs.start(ledger, { tenant, id: row.id, gtin, ask })) {
        const end = { state: 'failed', detail: 'too many wait' } as const
        await ledger.transact((db) => updateBackTest(db, row, end))
        throw tooMany()
      }
      return c.json(formatBackTest(row, time), 202, headers)
    })
    .openapi(list, async (c) => {
      const gtin = gtinOf(c.req.valid('param').gtin, 'path/gtin')
      const { limit, cursor } = c.req.valid('query')
      const before = parseCursor(cursor, timePlace)
      const page = { gtin, limit: limit + 1, ...(before && { before }) }
      const rows = await listBackTests(c.get('ledger').db, c.get('identity').tenant, page)
      const { items, next } = cutPage(rows, limit, (row) => [row.createdAt, row.id])
      const told = items.map((row) => formatBackTest({ ...row, report: null }, deps.now()))
      return c.json({ items: told, next }, 200)
    })
    .openapi(get, async (c) => {
      const row = await found(c.get('ledger').db, c.get('identity').tenant, c.req.valid('param'))
      return c.json(formatBackTest(row, deps.now()), 200)
    })
    .openapi(cancel, async (c) => {
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      const row = await found(db, tenant, c.req.valid('param'))
      await updateBackTest(db, row, { state: 'cancelled', updatedAt: deps.now() })
      runs.cancel(row.id)
      return c.json(formatBackTest((await readBackTest(db, tenant, row.id))!, deps.now()), 200)
    })
}

/** A back-test of this product; Problem 404 otherwise. */
async function found(
  db: Parameters<typeof readBackTest>[0],
  tenant: string,
  { gtin: text, id }: { gtin: string; id: string },
): Promise<BackTestRow> {
  const gtin = gtinOf(text, 'path/gtin')
  const row = await readBackTest(db, tenant, id)
  if (row?.gtin === gtin) return row
  throw notFound(`no back-test ${id} of ${gtin}`, 'path/id')
}

function tooMany(): Problem {
  const detail = `${bounds.backTestsWaitingMax} back-tests wait: try again when one has ended`
  return new Problem(429, [{ code: 'request/too-many', path: '', detail }], { 'Retry-After': '30' })
}

function formatBackTest(row: BackTestRow, now: number): z.output<typeof backTestSchema> {
  const ask = JSON.parse(row.ask) as BackTestAsked
  const time = (at: number | null): string | null => (at === null ? null : formatTime(at))
  const report = row.report === null ? null : (JSON.parse(row.report) as BackTestReport)
  const { devices, devicesDone, readings } = row
  return {
    ...{ id: row.id, gtin: row.gtin, state: stateOf(row, now) },
    ...{ createdAt: formatTime(row.createdAt), createdBy: row.createdBy },
    updatedAt: formatTime(row.updatedAt),
    progress: { devices, devicesDone, readings: Number(readings) },
    detail: row.detail,
    profile: formatProfile(ask.profile),
    ...{ profileHash: row.profileHash, baseHash: row.baseHash },
    effectiveFrom: time(ask.effectiveFrom),
    ...{ from: time(ask.from), to: time(ask.to), costPerUnit: ask.costPerUnit },
    report: report && formatReport(report),
    reportHash: row.reportHash,
  }
}

/** The process that ran it has ended without a word. */
function stateOf(row: BackTestRow, now: number): z.output<typeof backTestSchema>['state'] {
  if (row.state === 'running' && now - row.updatedAt > bounds.backTestSilentMs) return 'interrupted'
  return row.state as 'done'
}

function formatReport(report: BackTestReport) {
  const { gained, lost, changed } = report
  return {
    ...report,
    gained: { ...gained, list: gained.list.map(formatListed) },
    lost: { ...lost, list: lost.list.map(formatListed) },
    changed: {
      ...changed,
      list: changed.list.map((one) => ({
        before: formatListed(one.before),
        after: formatListed(one.after),
      })),
    },
  }
}

const formatListed = ({ from, to, outMs, holeMs, ...one }: ListedExcursion) => ({
  ...one,
  from: formatTime(from),
  to: to === null ? null : formatTime(to),
  minutes: outMs / 60_000,
  unknownMinutes: holeMs / 60_000,
})
