// Recalls: started by criteria, followed holder by holder, closed. Their units are in
// api/recalls/serials.ts. A drill is marked as one wherever it is shown.
import { isDeepStrictEqual } from 'node:util'
import { z } from '@hono/zod-openapi'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import {
  listHolders,
  listRecallRevisions,
  listRecalls,
  readRecall,
  tellHolder,
} from '../../store/ledger/recalls.ts'
import {
  closeRecall,
  type Recall,
  type RecallAsked,
  type RecallChange,
  restateRecall,
  startRecall,
} from '../../trace/recall/recalls.ts'
import type { Change, Deps } from '../deps.ts'
import { answerList, columnsOf, fileContent, fileQuery } from '../files/files.ts'
import { fileNameOf } from '../files/names.ts'
import { idOf, otherBody, randomId, rememberAnswers } from '../once.ts'
import {
  cutPage,
  formatEnd,
  formatTime,
  pageOf,
  pageQuery,
  parseCursor,
  textPlace,
} from '../page.ts'
import { notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { askedSchema, conditionOf, formatRecall, recallSchema } from './schemas.ts'

const params = z.object({ id: z.string().max(200) })
const read = { noun: 'recalls', verb: 'read' } as const
const write = { noun: 'recalls', verb: 'write' } as const
const answer = {
  description: 'The recall as it stands',
  content: { 'application/json': { schema: recallSchema } },
}

const post = guarded(write, {
  method: 'post',
  path: '/api/v1/recalls',
  summary: 'Start a recall, or a drill of one',
  request: {
    headers: z.object({ 'idempotency-key': z.string().max(200).optional() }),
    body: { required: true, content: { 'application/json': { schema: askedSchema } } },
  },
  responses: { 201: answer },
})

const list = guarded(read, {
  method: 'get',
  path: '/api/v1/recalls',
  summary: 'List recalls, the newest first',
  request: {
    query: z.object({
      ...pageQuery,
      status: z.enum(['open', 'closed']).optional(),
      drill: z.enum(['true', 'false']).optional(),
    }),
  },
  responses: {
    200: {
      description: 'A page of recalls',
      content: { 'application/json': { schema: pageOf(recallSchema) } },
    },
  },
})

const get = guarded(read, {
  method: 'get',
  path: '/api/v1/recalls/{id}',
  summary: 'Read a recall as it stands',
  request: { params },
  responses: { 200: answer },
})

const evaluate = guarded(write, {
  method: 'post',
  path: '/api/v1/recalls/{id}/evaluate',
  summary: 'Find and count the units anew now',
  description: 'Done by itself when captures come in. Others than before: a new revision.',
  request: { params },
  responses: { 200: answer },
})

const close = guarded(write, {
  method: 'post',
  path: '/api/v1/recalls/{id}/close',
  summary: 'Close a recall: nothing is blocked by it any more',
  request: { params },
  responses: { 200: answer },
})

const revisionSchema = z
  .object({
    revision: z.number().int(),
    recordTime: z.string(),
    cause: z.string(),
    diff: z.record(z.string(), z.unknown()),
    serialCount: z.number().int(),
    serialSetHash: z.string(),
  })
  .openapi('RecallRevision')

const revisions = guarded(read, {
  method: 'get',
  path: '/api/v1/recalls/{id}/revisions',
  summary: 'Read every revision of a recall with its cause and diff',
  request: { params },
  responses: {
    200: {
      description: 'All revisions, oldest first',
      content: { 'application/json': { schema: pageOf(revisionSchema) } },
    },
  },
})

const holderSchema = z
  .object({
    holder: z
      .string()
      .openapi({ description: 'who had its units when the recall began: a party, else a place' }),
    units: z.number().int(),
    returned: z.number().int(),
    destroyed: z.number().int(),
    quarantined: z.number().int(),
    notifiedAt: z.string().nullable(),
    acknowledgedAt: z.string().nullable(),
    acknowledgedBy: z.string().nullable(),
    note: z.string().nullable(),
  })
  .openapi('RecallHolder')

const holders = guarded(read, {
  method: 'get',
  path: '/api/v1/recalls/{id}/holders',
  summary: 'List who had units, and what became of these since',
  request: { params, query: z.object(fileQuery) },
  responses: {
    200: {
      description: 'A page of holders, or all of them as a file',
      content: { 'application/json': { schema: pageOf(holderSchema) }, ...fileContent },
    },
  },
})

const holderColumns = columnsOf({
  ...{ holder: 'text', units: 'integer', returned: 'integer', destroyed: 'integer' },
  ...{ quarantined: 'integer', notifiedAt: 'time', acknowledgedAt: 'time' },
  ...{ acknowledgedBy: 'text', note: 'text' },
})

const acknowledgement = z
  .strictObject({
    holder: z.string().min(1).max(1000),
    kind: z.enum(['notified', 'acknowledged']).default('acknowledged'),
    by: z.string().min(1).max(200).optional(),
    note: z.string().max(2000).optional(),
  })
  .openapi('RecallAcknowledgement')

const acknowledge = guarded(write, {
  method: 'post',
  path: '/api/v1/recalls/{id}/acknowledgements',
  summary: 'Note that a holder was notified, or has acknowledged',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: acknowledgement } } },
  },
  responses: { 204: { description: 'Noted' } },
})

/** For whoever has the room open: that it is to be looked at again, and no figures. */
export const recallChanged = (
  { tenant, recall: { id, status, revision } }: RecallChange,
  event: 'recall.started' | 'recall.changed' = 'recall.changed',
): Change => ({ tenant, event, data: { id, status, revision } })

export const recalls = (deps: Deps) => {
  const { now, series, kept, tell } = deps
  const heard = { series, kept }
  const once = rememberAnswers()
  return nounApp()
    .openapi(post, async (c) => {
      const { tenant, id: caller } = c.get('identity') as { tenant: string; id?: string }
      const body = c.req.valid('json')
      const ledger = c.get('ledger')
      const allOf = body.criteria.allOf.map((given, i) =>
        conditionOf(given, `/criteria/allOf/${i}`),
      )
      const { criteria, class: level, ...rest } = body
      const asked: RecallAsked = {
        ...rest,
        ...(level !== undefined && { class: level }),
        criteria: { version: criteria.version, allOf },
      }
      const key = c.req.valid('header')['idempotency-key']
      const scope = `${tenant} ${caller} recalls`
      const started = await once.run({ key, scope, body }, async () => {
        const id = key === undefined ? randomId('recall') : idOf('recall', `${scope}\n${key}`)
        const before = await repeated(ledger.db, tenant, { id, asked })
        if (before) return before
        const made = await startRecall(ledger, tenant, { id, asked, now, heard })
        if (!made.ok) throw new Problem(422, made.refusals)
        tell?.(recallChanged({ tenant, recall: made.value }, 'recall.started'))
        return made.value
      })
      return c.json(formatRecall(started), 201)
    })
    .openapi(list, async (c) => {
      const { limit, cursor, status, drill } = c.req.valid('query')
      const after = parseCursor(cursor, z.tuple([z.int(), z.string()]))
      const rows = await listRecalls(c.get('ledger').db, c.get('identity').tenant, {
        limit: limit + 1,
        ...(status && { status }),
        ...(drill && { drill: drill === 'true' }),
        ...(after && { after: { startedAt: after[0], id: after[1] } }),
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.startedAt, row.id])
      return c.json({ items: items.map((row) => formatRecall(row as Recall)), next }, 200)
    })
    .openapi(get, async (c) => {
      const { id } = c.req.valid('param')
      const recall = await readRecall(c.get('ledger').db, c.get('identity').tenant, id)
      return c.json(formatRecall(found(recall as Recall | undefined, id)), 200)
    })
    .openapi(evaluate, async (c) => {
      const { id } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const of = { id, now, cause: 'asked', heard }
      const recall = found(await restateRecall(c.get('ledger'), tenant, of), id)
      tell?.(recallChanged({ tenant, recall }))
      return c.json(formatRecall(recall), 200)
    })
    .openapi(close, async (c) => {
      const { id } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const recall = found(await closeRecall(c.get('ledger'), tenant, { id, at: now() }), id)
      tell?.(recallChanged({ tenant, recall }))
      return c.json(formatRecall(recall), 200)
    })
    .route('/', recallProgress(deps))
}

/** What this Idempotency-Key started, however long ago. Problem 422: it was asked for another. */
async function repeated(
  db: LedgerQuery,
  tenant: string,
  { id, asked }: { id: string; asked: RecallAsked },
): Promise<Recall | undefined> {
  const before = (await readRecall(db, tenant, id)) as Recall | undefined
  if (!before) return undefined
  const { body, name, drill } = before
  const asOf: Record<string, unknown> = { ...body, name, drill }
  const same = Object.entries(asked).every(([field, value]) =>
    isDeepStrictEqual(asOf[field], value),
  )
  if (!same) throw otherBody()
  return before
}

/** Revisions and holders. */
const recallProgress = ({ now, tell }: Deps) =>
  nounApp()
    .openapi(revisions, async (c) => {
      const { id } = c.req.valid('param')
      const rows = await listRecallRevisions(c.get('ledger').db, c.get('identity').tenant, id)
      if (rows.length === 0) throw notFound(`no recall ${id}`, 'path/id')
      const items = rows.map(({ revision, recordTime, cause, diff, body }) => {
        const { serialCount, serialSetHash } = body as Recall['body']
        return {
          revision,
          recordTime: formatTime(recordTime),
          cause,
          diff,
          serialCount,
          serialSetHash,
        }
      })
      return c.json({ items, next: null }, 200)
    })
    .openapi(holders, async (c) => {
      const { id } = c.req.valid('param')
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      found(await readRecall(db, tenant, id), id)
      return answerList(c, c.req.valid('query'), {
        columns: holderColumns,
        fileName: fileNameOf('recall-holders', id, now()),
        row: (holder: z.output<typeof holderSchema>) => holder,
        read: (page) => holdersOf(db, tenant, { id, ...page }),
      }) as never
    })
    .openapi(acknowledge, async (c) => {
      const { id } = c.req.valid('param')
      const { holder, kind, by, note } = c.req.valid('json')
      const told = {
        ...(kind === 'notified' ? { notifiedAt: now() } : { acknowledgedAt: now() }),
        ...(by !== undefined && { acknowledgedBy: by }),
        ...(note !== undefined && { note }),
      }
      const of = { recall: id, holder, told }
      const { tenant } = c.get('identity')
      const recall = await c.get('ledger').transact(async (db) => {
        if (!(await tellHolder(db, tenant, of)))
          throw notFound(`${holder} holds nothing of recall ${id}`, '/holder')
        return found(await readRecall(db, tenant, id), id)
      })
      tell?.(recallChanged({ tenant, recall }))
      return c.body(null, 204)
    })

async function holdersOf(
  db: LedgerQuery,
  tenant: string,
  { id, limit, cursor }: { id: string; limit: number; cursor?: string | undefined },
) {
  const after = parseCursor(cursor, textPlace)?.[0]
  const rows = await listHolders(db, tenant, {
    recall: id,
    limit: limit + 1,
    ...(after !== undefined && { after }),
  })
  const { items, next } = cutPage(rows, limit, ({ holder }) => [holder])
  const formatted = items.map(({ counts, notifiedAt, acknowledgedAt, ...row }) => ({
    ...row,
    ...{ units: 0, returned: 0, destroyed: 0, quarantined: 0, ...counts },
    notifiedAt: formatEnd(notifiedAt),
    acknowledgedAt: formatEnd(acknowledgedAt),
  }))
  return { items: formatted, next }
}

function found<T>(recall: T | undefined, id: string): T {
  if (!recall) throw notFound(`no recall ${id}`, 'path/id')
  return recall
}
