// Dispositions: what becomes of exactly which units. Proposed on what was seen, put in force by a
// signature on just that; "recorded" is answered when it is durable. What a passport recommends is
// shown beside and decides nothing (I10). Refuses a stale page, and the second of two at once.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import { canonicalEpc } from '../../domain/gs1/gs1.ts'
import type { Recommended } from '../../domain/recommended.ts'
import type { Refusal } from '../../domain/refusal.ts'
import {
  type DispositionRecord,
  dispositionControlOf,
  refusesSigner,
  wordsOf,
} from '../../quality/disposition/disposition.ts'
import {
  propose,
  type SignedBy,
  signProposed,
  staleInList,
  staleness,
} from '../../quality/disposition/dispositions.ts'
import { drainOutbox } from '../../quality/outbox.ts'
import { readSettings } from '../../store/ledger/changes.ts'
import {
  type DispositionRow,
  listDispositions,
  readDisposition,
} from '../../store/ledger/dispositions.ts'
import { outboxOf } from '../../store/ledger/outbox.ts'
import { epcOf } from '../alerts/alerts.ts'
import { changeOf } from '../alerts/workflow.ts'
import type { Deps } from '../deps.ts'
import { answerList, columnsOf, fileContent, fileQuery, type PageAsked } from '../files/files.ts'
import { fileNameOf } from '../files/names.ts'
import type { Env } from '../identity.ts'
import { randomId } from '../once.ts'
import { cutPage, formatTime, pageOf, parseCursor } from '../page.ts'
import { conflict, invalid, notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { signerOf } from '../signer.ts'
import { recommendedBefore, recommendedNow, tooMuch } from './recommended.ts'
import {
  type dispositionSchema,
  listedSchema,
  proposalBody,
  signatureBody,
  wholeSchema,
} from './schemas.ts'

const path = '/api/v1/dispositions'
const params = z.object({ id: z.string().max(100) })
const whole = { 'application/json': { schema: wholeSchema } }
const read = { noun: 'dispositions', verb: 'read' } as const
const write = { noun: 'dispositions', verb: 'write' } as const

const post = guarded(
  write,
  {
    ...{ method: 'post', path },
    summary: 'Propose what becomes of units',
    description:
      'Changes nothing until somebody signs it. 409 when the alert or recall was restated since it was looked at, when passports recommend something else than was seen where a part is by verdict, or when what is in force on a unit does not let the decision follow.',
    request: {
      body: { required: true, content: { 'application/json': { schema: proposalBody } } },
    },
    responses: { 201: { description: 'Proposed', content: whole } },
  },
  { bodyBytesMax: bounds.dispositionBytesMax },
)

const list = guarded(read, {
  ...{ method: 'get', path },
  summary: 'List dispositions, the newest first',
  description: 'Files have one row for each part.',
  request: {
    query: z.object({
      ...fileQuery,
      alert: z.string().max(200).optional(),
      recall: z.string().max(200).optional(),
      state: z.enum(['proposed', 'signed', 'rejected']).optional(),
    }),
  },
  responses: {
    200: {
      description: 'A page',
      content: { 'application/json': { schema: pageOf(listedSchema) }, ...fileContent },
    },
  },
})

const get = guarded(read, {
  method: 'get',
  path: `${path}/{id}` as const,
  summary: 'Read a disposition, whether it can still be signed, and what was captured of it',
  request: { params },
  responses: { 200: { description: 'As it stands', content: whole } },
})

const sign = guarded(write, {
  method: 'post',
  path: `${path}/{id}/signature` as const,
  summary: 'Sign a disposition, or turn it down',
  description:
    'An approval puts it in force on each of its units and captures its EPCIS events; answered when it is durable. The signer says again who they are. 409 says what changed since: the alert was restated, or somebody else decided.',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: signatureBody } } },
  },
  responses: { 200: { description: 'Recorded', content: whole } },
})

const timePlace = z.tuple([z.int(), z.string()])

export const dispositions = (deps: Deps) =>
  nounApp()
    .openapi(post, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const body = c.req.valid('json')
      const at = deps.now()
      const { parts, reason } = body
      const subject = subjectOf(body.about)
      const asked = {
        ...{ id: randomId('disp'), subject, reason, by, at, asOf: body.asOf ?? at },
        parts: parts.map((part, i) => namesOf(part, `/parts/${i}`)),
        recommended: await pinOf(deps, c, body),
      }
      const made = await c.get('ledger').transact(async (db) => {
        const control = dispositionControlOf(await readSettings(db, tenant))
        return propose(db, tenant, { ...asked, control })
      })
      if ('refusals' in made) throw refused(made.refusals)
      return c.json(await wholeOf(c, made.row, asked.recommended?.now), 201)
    })
    .openapi(list, async (c) => {
      const asked = c.req.valid('query')
      const subject = asked.alert ?? asked.recall
      return answerList(c, asked, {
        ...{ columns, fileName: fileNameOf('decisions', subject, asked.state, deps.now()) },
        row: partRows,
        read: (page) => listedOf(c, { subject, state: asked.state, ...page }),
      }) as never
    })
    .openapi(get, async (c) => {
      const { id } = c.req.valid('param')
      const row = await dispositionOr404(c, id)
      return c.json(await wholeOf(c, row, await recommendedFor(deps, c, row)), 200)
    })
    .openapi(sign, async (c) => {
      const { id } = c.req.valid('param')
      const row = await signed(deps, c, { id, body: c.req.valid('json') })
      return c.json(await wholeOf(c, row, undefined), 200)
    })

async function listedOf(
  c: Context<Env>,
  asked: PageAsked & { subject: string | undefined; state: string | undefined },
) {
  const { limit, cursor, subject, state } = asked
  const { db } = c.get('ledger')
  const rows = await listDispositions(db, c.get('identity').tenant, {
    ...{ subject, state, limit: limit + 1, before: parseCursor(cursor, timePlace) },
  })
  const { items, next } = cutPage(rows, limit, (row) => [row.proposedAt, row.id])
  const listed: Listed[] = []
  let unitsLeft: number = bounds.dispositionListUnits
  for (const row of items) {
    const told = formatDisposition(row)
    const isOpen = told.state === 'proposed'
    listed.push({ ...told, staleBy: isOpen ? await staleInList(db, row, unitsLeft) : null })
    if (isOpen) unitsLeft -= told.serialCount
  }
  return { items: listed, next }
}

type Listed = z.output<typeof listedSchema>

const columns = columnsOf({
  ...{ id: 'text', state: 'code', staleBy: 'code', kind: 'code', subject: 'text' },
  ...{ revision: 'integer', part: 'integer', decision: 'code', disposition: 'text' },
  ...{ verdict: 'code', serialCount: 'integer', reason: 'text', proposedBy: 'text' },
  ...{ proposedAt: 'time', signer: 'text', printedName: 'text', signedAt: 'time' },
  ...{ serialSetHash: 'text', recordHash: 'text' },
})

function partRows(of: Listed) {
  const { id, state, staleBy, about, reason, proposedBy, proposedAt, recordHash } = of
  const signature = of.signature as Partial<SignedBy> | null
  const { signer = null, printedName = null, signedAt = null } = signature ?? {}
  return of.parts.map(({ decision, disposition, verdict, count, serialSetHash }, i) => ({
    ...{ id, state, staleBy, kind: about.kind, subject: about.id, revision: about.revision },
    ...{ part: i + 1, decision, disposition, verdict, serialCount: count, reason, proposedBy },
    ...{ proposedAt, signer, printedName, signedAt, serialSetHash, recordHash },
  }))
}

/**
 * What was seen of recommendations, beside what is recommended now; none: nothing is by verdict.
 */
async function pinOf(deps: Deps, c: Context<Env>, { about, parts }: Body) {
  const first = parts.findIndex(({ verdict }) => verdict !== undefined)
  if (first < 0) return undefined
  const seen = about?.recommended
  const subject = subjectOf(about)
  if (!seen || !subject) {
    const detail = 'units are chosen by verdict from those in question, as they were counted'
    throw invalid(detail, subject ? '/about/recommended' : `/parts/${first}/verdict`)
  }
  const { tenant } = c.get('identity')
  const now = await recommendedNow(deps, c.get('ledger'), { tenant, named: subject })
  if (!now) throw tooMuch()
  return { seen, before: recommendedBefore(deps, { tenant, hash: seen.hash }), now }
}

/** What is recommended now for the units that a proposal by verdict was about. */
async function recommendedFor(deps: Deps, c: Context<Env>, row: DispositionRow) {
  const { subject, recommended } = JSON.parse(row.record) as DispositionRecord
  if (!recommended || subject.kind === 'list' || row.state !== 'proposed') return undefined
  const asked = { tenant: row.tenant, named: { kind: subject.kind, id: subject.id } }
  return recommendedNow(deps, c.get('ledger'), asked)
}

async function signed(
  deps: Deps,
  c: Context<Env>,
  { id, body }: { id: string; body: z.output<typeof signatureBody> },
): Promise<DispositionRow> {
  const { meaning, reason, recordHash, revision } = body
  const { signer, printedName, authentication } = await signerOf(deps, c, body)
  const { tenant } = c.get('identity')
  const ledger = c.get('ledger')
  const at = deps.now()
  // Before the transaction, which others would wait for: it reads what loggers said.
  const recommended =
    meaning === 'approval'
      ? await recommendedFor(deps, c, await dispositionOr404(c, id))
      : undefined
  const done = await ledger.transact(
    async (db) => {
      const row = await readDisposition(db, tenant, id)
      if (!row) throw notFound(`no disposition ${id}`, 'path/id')
      const record = JSON.parse(row.record) as DispositionRecord
      if (recordHash !== row.recordHash)
        throw conflict('this is not the hash of the record: read it again', '/recordHash')
      if (record.subject.kind !== 'list' && revision !== record.subject.revision)
        throw refused([
          {
            ...{ code: 'quality/stale', path: '/revision' },
            detail: `it was proposed on revision ${record.subject.revision}: say that this is what you saw`,
          },
        ])
      const refusal = refusesSigner(record, { signer, meaning })
      if (refusal)
        throw new Problem(403, [{ code: 'request/forbidden', path: '', detail: refusal }])
      const signature: SignedBy = {
        ...{ kind: 'signature', record: recordHash, signer, printedName },
        ...{ signedAt: formatTime(at), meaning, reason, authentication },
      }
      return signProposed(db, row, { signature, at, recommended })
    },
    { alone: `dispositions/${tenant}` },
  )
  if ('refusals' in done) throw refused(done.refusals)
  const { row, moved } = done
  for (const life of moved) deps.tell?.(changeOf(life, signer))
  deps.tell?.({ tenant, event: 'disposition.changed', data: formatDisposition(row) })
  deps.deliveries?.wake()
  // It is recorded. Events that cannot be captured now are captured by whoever looks for them
  // next.
  await drainOutbox({ ledger, log: deps.log, now: deps.now }).catch((error) =>
    deps.report(error, c.get('requestId')),
  )
  return row
}

export async function dispositionOr404(c: Context<Env>, id: string): Promise<DispositionRow> {
  const row = await readDisposition(c.get('ledger').db, c.get('identity').tenant, id)
  if (!row) throw notFound(`no disposition ${id}`, 'path/id')
  return row
}

/** `recommended`: now, of what a proposal by verdict is about. */
async function wholeOf(
  c: Context<Env>,
  row: DispositionRow,
  recommended: Recommended | undefined,
): Promise<z.output<typeof wholeSchema>> {
  const { db } = c.get('ledger')
  const captured = row.state === 'signed' ? await outboxOf(db, row.tenant, `${row.id}-`) : []
  return {
    ...formatDisposition(row),
    stale: row.state === 'proposed' ? await staleness(db, row, recommended) : [],
    captures: captured.map(({ id, events, keptAt }) => ({
      ...{ id, events, job: `/epcis/capture/${id}` },
      keptAt: keptAt === null ? null : formatTime(keptAt),
    })),
  }
}

export function formatDisposition(row: DispositionRow): z.output<typeof dispositionSchema> {
  const record = JSON.parse(row.record) as DispositionRecord
  const { subject, parts, serialCount, left, serialSetHash, control, reason } = record
  const self = `${path}/${row.id}`
  return {
    ...{ id: row.id, state: row.state as 'proposed', serialCount, left, serialSetHash },
    parts: parts.map((part) => ({ ...part, verdict: part.verdict ?? null })),
    about: {
      kind: subject.kind,
      id: subject.kind === 'list' ? null : subject.id,
      revision: subject.kind === 'list' ? null : subject.revision,
    },
    ...{ control, reason, proposedBy: record.proposedBy, proposedAt: record.proposedAt },
    ...{ record: { ...record }, recordHash: row.recordHash, signatureHash: row.signatureHash },
    signature: row.signature === null ? null : JSON.parse(row.signature),
    links: { self, units: `${self}/units`, pickList: `${self}/pick-list` },
  }
}

type Body = z.output<typeof proposalBody>

function subjectOf(about: Body['about']) {
  if (!about) return null
  const { revision, serialSetHash } = about
  const named =
    'alert' in about
      ? { kind: 'alert' as const, id: about.alert }
      : { kind: 'recall' as const, id: about.recall }
  return { ...named, revision, serialSetHash }
}

function namesOf(part: Body['parts'][number], place: string) {
  const { decision, disposition, rest, verdict } = part
  const words = wordsOf[decision].dispositions
  if (disposition !== undefined && !words.includes(disposition))
    throw invalid(`to ${decision} says one of ${words.join(', ')}`, `${place}/disposition`)
  const nameOf = (text: string, i: number) =>
    isSerialAlone(text) ? { serial: text.trim() } : { epc: epcOf(text, `${place}/epcs/${i}`) }
  return {
    ...{ decision, disposition, rest, verdict },
    names: part.epcs.map(nameOf),
    containers: part.containers.map((text, i) => epcOf(text, `${place}/containers/${i}`)),
  }
}

/**
 * As it may stand in AI (21), and nothing that would be a key (GS1 General Specifications 3.5.2).
 */
const isSerialAlone = (text: string): boolean =>
  /^(?!\(|urn:|https?:)[!"%-?A-Z_a-z]{1,20}$/.test(text.trim()) && !canonicalEpc(text).ok

/** 404 for what is not there, 422 for what could never be, 409 for what changed. */
function refused(refusals: readonly Refusal[]): Problem {
  const codes = new Set(refusals.map(({ code }) => code))
  if (codes.has('request/not-found')) return new Problem(404, refusals)
  return new Problem(codes.has('quality/units') ? 422 : 409, refusals)
}
