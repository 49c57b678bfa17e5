// Investigations: opened from alerts and cases, with root cause, five whys, corrective and
// preventive actions, and a signed end. Each change is a revision that stays readable. Refuses to
// change what is closed, and to close what is not finished: quality/investigation.ts says what is.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../config.ts'
import { mayStep } from '../domain/alert-life.ts'
import {
  changed,
  closingFaults,
  type InvestigationChange,
  type InvestigationRecord,
} from '../quality/investigation.ts'
import { canonical, textHash } from '../quality/profile-change.ts'
import { appendEntry, basisOf, holdLife } from '../store/ledger/alert-lives.ts'
import { readAlert } from '../store/ledger/alerts.ts'
import { readCase } from '../store/ledger/cases.ts'
import { readDisposition } from '../store/ledger/dispositions.ts'
import { appendEvidence } from '../store/ledger/evidence.ts'
import {
  type InvestigationRow,
  listInvestigationRevisions,
  listInvestigations,
  readInvestigation,
  writeInvestigation,
} from '../store/ledger/investigations.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import type { Deps } from './deps.ts'
import type { Env } from './identity.ts'
import {
  actionBody,
  checkBody,
  closingBody,
  commentBody,
  doneBody,
  editBody,
  investigationSchema,
  openAgainBody,
  openBody,
  revisionSchema,
} from './investigation-schemas.ts'
import { randomId } from './once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor } from './page.ts'
import { conflict, notFound, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'
import { signerOf } from './signer.ts'

const path = '/api/v1/investigations'
const params = z.object({ id: z.string().max(100) })
const content = { 'application/json': { schema: investigationSchema } }
const read = { noun: 'investigations', verb: 'read' } as const
const write = { noun: 'investigations', verb: 'write' } as const

const open = guarded(write, {
  ...{ method: 'post', path },
  summary: 'Open an investigation',
  request: { body: { required: true, content: { 'application/json': { schema: openBody } } } },
  responses: { 201: { description: 'Open', content } },
})

const list = guarded(read, {
  ...{ method: 'get', path },
  summary: 'List investigations, the newest first',
  request: { query: z.object({ ...pageQuery, state: z.enum(['open', 'closed']).optional() }) },
  responses: {
    200: {
      description: 'A page',
      content: { 'application/json': { schema: pageOf(investigationSchema) } },
    },
  },
})

const get = guarded(read, {
  method: 'get',
  path: `${path}/{id}` as const,
  summary: 'Read an investigation',
  request: { params },
  responses: { 200: { description: 'As it stands', content } },
})

const revisions = guarded(read, {
  method: 'get',
  path: `${path}/{id}/revisions` as const,
  summary: 'Read every record that an investigation ever was',
  request: { params },
  responses: {
    200: {
      description: 'Oldest first',
      content: { 'application/json': { schema: pageOf(revisionSchema) } },
    },
  },
})

const edit = guarded(write, {
  method: 'patch',
  path: `${path}/{id}` as const,
  summary: 'Change what is told of an investigation; the rest stays',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: editBody } } },
  },
  responses: { 200: { description: 'A new revision', content } },
})

const actionParams = params.extend({ action: z.string().max(20) })
const step = <V extends string, S extends z.ZodType>(of: {
  verb: V
  summary: string
  schema: S
  params?: typeof params
}) =>
  guarded(write, {
    method: 'post',
    path: `${path}/{id}/${of.verb}` as `${typeof path}/{id}/${V}`,
    summary: of.summary,
    request: {
      params: of.params ?? params,
      body: { required: true, content: { 'application/json': { schema: of.schema } } },
    },
    responses: { 200: { description: 'A new revision', content } },
  })

const comment = step({ verb: 'comments', summary: 'Say something', schema: commentBody })
const plan = step({ verb: 'actions', summary: 'Plan an action', schema: actionBody })
const finish = step({
  ...{ verb: 'actions/{action}/done', summary: 'Say that an action is done' },
  ...{ schema: doneBody, params: actionParams },
})
const check = step({
  ...{ verb: 'actions/{action}/effectiveness', summary: 'Say whether an action was effective' },
  ...{ schema: checkBody, params: actionParams },
})
const close = step({
  ...{ verb: 'signature', summary: 'Close an investigation with a signature' },
  schema: closingBody,
})
const openAgain = step({ verb: 'open-again', summary: 'Open it again', schema: openAgainBody })

const timePlace = z.tuple([z.int(), z.string()])

export const investigations = (deps: Deps) =>
  nounApp()
    .openapi(open, async (c) => c.json(await opened(deps, c, c.req.valid('json')), 201))
    .openapi(list, async (c) => {
      const { limit, cursor, state } = c.req.valid('query')
      const rows = await listInvestigations(c.get('ledger').db, c.get('identity').tenant, {
        ...{ state, limit: limit + 1, before: parseCursor(cursor, timePlace) },
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.openedAt, row.id])
      return c.json({ items: items.map(formatInvestigation), next }, 200)
    })
    .openapi(get, async (c) => {
      const { tenant } = c.get('identity')
      const row = await rowOr404(c.get('ledger').db, tenant, c.req.valid('param').id)
      return c.json(formatInvestigation(row), 200)
    })
    .openapi(revisions, async (c) => {
      const { id } = c.req.valid('param')
      const rows = await listInvestigationRevisions(
        c.get('ledger').db,
        c.get('identity').tenant,
        id,
      )
      if (rows.length === 0) throw notFound(`no investigation ${id}`, 'path/id')
      const items = rows.map(({ revision, at, by, cause, record, recordHash }) => ({
        ...{ revision, at: formatTime(at), by, cause, recordHash, record: JSON.parse(record) },
      }))
      return c.json({ items, next: null }, 200)
    })
    .openapi(edit, async (c) => {
      const { recordHash: seen, ...asked } = c.req.valid('json')
      const told = Object.entries(asked).filter(([, value]) => value !== undefined)
      return c.json(
        await change(deps, c, { seen, change: { do: 'edit', edit: Object.fromEntries(told) } }),
        200,
      )
    })
    .openapi(comment, async (c) => {
      const { text } = c.req.valid('json')
      return c.json(await change(deps, c, { change: { do: 'comment', text } }), 200)
    })
    .openapi(plan, async (c) => {
      const { dueAt, ...asked } = c.req.valid('json')
      const action = { ...asked, id: randomId('a').slice(0, 10), dueAt: formatTime(dueAt) }
      return c.json(await change(deps, c, { change: { do: 'plan', action } }), 200)
    })
    .openapi(finish, async (c) => {
      const action = c.req.param('action')!
      const { note } = c.req.valid('json')
      return c.json(await change(deps, c, { change: { do: 'finish', action, note } }), 200)
    })
    .openapi(check, async (c) => {
      const action = c.req.param('action')!
      const said = c.req.valid('json')
      return c.json(await change(deps, c, { change: { do: 'check', action, ...said } }), 200)
    })
    .openapi(close, async (c) => {
      const { recordHash: seen, reason, ...given } = c.req.valid('json')
      const meaning = 'closing'
      const signer = await signerOf(deps, c, { ...given, meaning, reason })
      const signature = { kind: 'signature', ...signer, meaning, reason }
      return c.json(await change(deps, c, { seen, signature, change: { do: 'close' } }), 200)
    })
    .openapi(openAgain, async (c) => {
      const { reason } = c.req.valid('json')
      return c.json(await change(deps, c, { cause: reason, change: { do: 'open-again' } }), 200)
    })

interface Asked {
  /** Hash of the record that was looked at. */
  seen?: string
  cause?: string
  signature?: Record<string, unknown>
  change: Exclude<InvestigationChange, { do: 'open-again' }> | { do: 'open-again' }
}

async function change(deps: Deps, c: Context<Env>, asked: Asked) {
  const { tenant, id: by } = c.get('identity')
  const id = c.req.param('id')!
  const now = deps.now()
  const row = await c.get('ledger').transact(async (db) => {
    const before = await rowOr404(db, tenant, id)
    if (asked.seen !== undefined && asked.seen !== before.recordHash)
      throw stale(`it is of revision ${before.revision} now: look again`)
    const signature = before.signature === null ? null : JSON.parse(before.signature)
    const step =
      asked.change.do === 'open-again' ? { do: asked.change.do, signature } : asked.change
    if (step.do === 'edit') await refuseUnknown(db, tenant, step.edit)
    const record = JSON.parse(before.record) as InvestigationRecord
    const next = changed(record, step, { by, at: formatTime(now) })
    if (typeof next === 'string') throw conflict(next)
    if (next.revision > bounds.investigationRevisionsMax)
      throw conflict(`at most ${bounds.investigationRevisionsMax} revisions of one`)
    const { signature: signed } = asked
    const cause = asked.cause ?? step.do
    return written(db, next, { by, at: now, did: step.do, cause, ...(signed && { signed }) })
  })
  tell(deps, row)
  return formatInvestigation(row)
}

async function opened(deps: Deps, c: Context<Env>, asked: z.output<typeof openBody>) {
  const { tenant, id: by } = c.get('identity')
  const at = deps.now()
  const record: InvestigationRecord = {
    ...{ kind: 'investigation', tenant, id: randomId('inv'), state: 'open', title: asked.title },
    ...{ category: asked.category ?? null, rootCause: asked.rootCause ?? null },
    ...{ alerts: asked.alerts ?? [], cases: asked.cases ?? [], whys: asked.whys ?? [] },
    ...{ dispositions: asked.dispositions ?? [], actions: [], comments: [], signatures: [] },
    ...{ openedBy: by, openedAt: formatTime(at), revision: 1 },
  }
  const row = await c.get('ledger').transact(async (db) => {
    await refuseUnknown(db, tenant, record)
    const row = await written(db, record, { by, at, did: 'open', cause: 'open' })
    for (const alert of record.alerts) await noteOn(db, tenant, { alert, id: record.id, by, at })
    return row
  })
  tell(deps, row)
  return formatInvestigation(row)
}

/** A closing is signed: its signature holds the hash of the record that it closes. */
async function written(
  db: LedgerQuery,
  next: InvestigationRecord,
  of: { by: string; at: number; did: string; cause: string; signed?: Record<string, unknown> },
): Promise<InvestigationRow> {
  const { by, at, cause } = of
  const { tenant, id, state, revision } = next
  const record = canonical(next)
  const recordHash = textHash(record)
  const signature = of.signed && { ...of.signed, record: recordHash, signedAt: formatTime(at) }
  const signed = signature && canonical(signature)
  const row: InvestigationRow = {
    ...{ tenant, id, state, openedAt: Date.parse(next.openedAt), changedAt: at, revision },
    ...{ record, recordHash, signature: signed ?? null },
    signatureHash: signed === undefined ? null : textHash(signed),
  }
  if (!(await writeInvestigation(db, row, { by, cause })))
    throw stale('somebody else was first: look again')
  const told = {
    investigation: id,
    record: next,
    recordHash,
    cause,
    ...(signature && { signature }),
  }
  await appendEvidence(db, { tenant, kind: `investigation.${of.did}`, by, at, record: told })
  return row
}

/** Whoever looks at the alert sees that somebody looks into it. */
async function noteOn(
  db: LedgerQuery,
  tenant: string,
  { alert, id, by, at }: { alert: string; id: string; by: string; at: number },
): Promise<void> {
  const life = await holdLife(db, tenant, alert)
  const stands = await readAlert(db, tenant, alert)
  if (!life || !stands) return
  const basis = basisOf(stands)
  const reason = `investigation ${id}`
  const entry = mayStep(life.life.state, 'investigating', 'person')
    ? ({ kind: 'moved', to: 'investigating', mover: 'person', reason, basis } as const)
    : ({ kind: 'commented', text: reason } as const)
  await appendEntry(db, life, { entry, by, at, basis })
}

async function refuseUnknown(
  db: LedgerQuery,
  tenant: string,
  { alerts = [], cases = [], dispositions = [] }: Partial<InvestigationRecord>,
): Promise<void> {
  const known = { alerts: readAlert, cases: readCase, dispositions: readDisposition }
  const named = { alerts, cases, dispositions }
  for (const field of ['alerts', 'cases', 'dispositions'] as const)
    for (const [i, id] of named[field].entries())
      if (!(await known[field](db, tenant, id)))
        throw notFound(`there is no such one: ${id}`, `/${field}/${i}`)
}

async function rowOr404(db: LedgerQuery, tenant: string, id: string): Promise<InvestigationRow> {
  const row = await readInvestigation(db, tenant, id)
  if (!row) throw notFound(`no investigation ${id}`, 'path/id')
  return row
}

const stale = (detail: string): Problem =>
  new Problem(409, [{ code: 'quality/stale', path: '/recordHash', detail }])

const tell = (deps: Deps, row: InvestigationRow): void =>
  deps.tell?.({
    ...{ tenant: row.tenant, event: 'investigation.changed' },
    data: { id: row.id, state: row.state, revision: row.revision },
  })

function formatInvestigation(row: InvestigationRow): z.output<typeof investigationSchema> {
  const record = JSON.parse(row.record) as InvestigationRecord
  const { kind: _, tenant: __, signatures: ___, ...told } = record
  const faults = record.state === 'open' ? closingFaults(record) : []
  return {
    ...{ ...told, changedAt: formatTime(row.changedAt), recordHash: row.recordHash },
    missing: faults.map(({ detail }) => detail),
    faults,
    signature: row.signature === null ? null : JSON.parse(row.signature),
    signatureHash: row.signatureHash,
  }
}
