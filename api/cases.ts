// Cases: what may be diversion, theft or a counterfeit, with the evidence for it and the units
// concerned. A case accuses nobody: a person says whether it is one, and that moves the weights of
// the detectors for the next.
import { z } from '@hono/zod-openapi'
import { caseKinds } from '../domain/case.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import { detectorNames } from '../domain/suspicion.ts'
import { readSerialSet } from '../store/ledger/alerts.ts'
import {
  type CaseRow,
  caseStatuses,
  insertCaseVerdict,
  listCaseRevisions,
  listCases,
  readCase,
  readCaseVerdicts,
  writeCase,
} from '../store/ledger/cases.ts'
import { readGlances } from '../trace/glances.ts'
import type { Deps } from './deps.ts'
import { answerList, columnsOf, fileContent, fileQuery, type PageAsked } from './files/files.ts'
import { fileNameOf } from './files/names.ts'
import { cutPage, formatEnd, formatTime, pageOf, parseCursor } from './page.ts'
import { Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const evidenceSchema = z.object({
  detector: z.enum(detectorNames),
  weight: z.number().openapi({ description: 'natural log-odds that it adds to the case' }),
  from: z.string(),
  to: z.string().nullable(),
  words: z.string(),
  serialCount: z.number().int().nullable().openapi({ description: 'null: all that were inside' }),
  facts: z.record(z.string(), z.unknown()),
  rests: z.array(z.string()).openapi({ description: 'events, scans and readings it rests on' }),
})
const caseFields = {
  id: z.string(),
  kind: z.enum(caseKinds),
  status: z.enum(caseStatuses),
  subject: z.string().openapi({ description: 'outermost container, unit, or session' }),
  summary: z.string(),
  openedAt: z.string(),
  changedAt: z.string(),
  from: z.string(),
  to: z.string().nullable(),
  logOdds: z.number(),
  probability: z.number(),
  detectors: z.array(z.enum(detectorNames)),
  serialCount: z.number().int(),
  serialSetHash: z.string(),
  revision: z.number().int(),
}
const caseSchema = z.object(caseFields).openapi('Case')
const listedSchema = caseSchema
  .extend({
    gtins: z.array(z.string()).openapi({
      description: 'what the subject is or holds, as far as a list looks',
    }),
    place: z.string().nullable().openapi({ description: 'where an event has the subject last' }),
  })
  .openapi('ListedCase')
const verdictSchema = z.object({
  verdict: z.enum(['confirmed', 'dismissed']),
  reason: z.string(),
  at: z.string(),
  by: z.string(),
  revision: z.number().int(),
})
const wholeSchema = z
  .object({
    ...caseFields,
    weightsVersion: z.number().int().openapi({ description: 'verdicts the weights come from' }),
    evidence: z.array(evidenceSchema),
    verdicts: z.array(verdictSchema),
    revisions: z.array(
      z.object({ revision: z.number().int(), recordTime: z.string(), cause: z.string() }),
    ),
  })
  .openapi('CaseWithEvidence')
const askedSchema = z
  .strictObject({
    verdict: z.enum(['confirmed', 'dismissed']),
    reason: z.string().trim().min(1).max(2000),
    revision: z.number().int().optional().openapi({
      description: 'the one that was looked at; when it no longer stands, 409',
    }),
  })
  .openapi('CaseVerdict', {
    example: { verdict: 'dismissed', reason: 'A wholesaler abroad, agreed by contract.' },
  })

const params = z.object({ id: z.string().max(100) })
const read = { noun: 'cases', verb: 'read' } as const
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  200: { description, content: { 'application/json': { schema } } },
})
const files = <T extends z.ZodType>(schema: T, description: string) => ({
  200: { description, content: { 'application/json': { schema }, ...fileContent } },
})
const list = guarded(read, {
  method: 'get',
  path: '/api/v1/cases',
  summary: 'List cases, newest first',
  request: {
    query: z.object({
      ...fileQuery,
      status: z.enum([...caseStatuses, 'all']).default('open'),
      kind: z.enum(caseKinds).optional(),
    }),
  },
  responses: files(pageOf(listedSchema), 'A page of cases, or all of them as a file'),
})
const one = guarded(read, {
  method: 'get',
  path: '/api/v1/cases/{id}',
  summary: 'A case with its evidence',
  request: { params },
  responses: json(wholeSchema, 'The case'),
})
const serials = guarded(read, {
  method: 'get',
  path: '/api/v1/cases/{id}/serials',
  summary: 'The units concerned, in the order of their EPCs',
  request: { params, query: z.object(fileQuery) },
  responses: files(pageOf(z.object({ epc: z.string() })), 'A page of units, or all as a file'),
})
const judge = guarded(
  { noun: 'cases', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/cases/{id}/verdict',
    summary: 'Say whether it is one',
    description: 'The newest verdict of a case counts; all are kept. It moves the weights.',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: askedSchema } } },
    },
    responses: json(wholeSchema, 'The case'),
  },
)

export const cases = ({ now }: Deps) =>
  nounApp()
    .openapi(list, async (c) => {
      const asked = c.req.valid('query')
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      return answerList(c, asked, {
        ...{ columns: caseColumns, fileName: fileNameOf('cases', asked.status, now()) },
        row: ({ detectors, gtins, ...row }: z.output<typeof listedSchema>) => ({
          ...{ ...row, detectors: detectors.join(' '), gtins: gtins.join(' ') },
        }),
        read: (page) => casesOf(db, tenant, { ...asked, ...page, now: now() }),
      }) as never
    })
    .openapi(one, async (c) => {
      const { tenant } = c.get('identity')
      return c.json(await wholeOf(c.get('ledger').db, tenant, c.req.valid('param').id), 200)
    })
    .openapi(serials, async (c) => {
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      const { id, serialSet } = await found(db, tenant, c.req.valid('param').id)
      return answerList(c, c.req.valid('query'), {
        ...{ columns: columnsOf({ epc: 'text' }), fileName: fileNameOf('case-units', id, now()) },
        row: (unit: { epc: string }) => unit,
        read: (page) => unitsOf(db, tenant, { serialSet, ...page }),
      }) as never
    })
    .openapi(judge, async (c) => {
      const { verdict, reason, revision: seen } = c.req.valid('json')
      const { id } = c.req.valid('param')
      const { tenant, id: by } = c.get('identity')
      const ledger = c.get('ledger')
      await ledger.transact(
        async (db) => {
          const row = await found(db, tenant, id)
          if (row.status === 'withdrawn') throw conflict('its evidence was withdrawn')
          if (seen !== undefined && seen !== row.revision)
            throw conflict(`revision ${row.revision} stands now`)
          const number = (await readCaseVerdicts(db, tenant, id)).length + 1
          const at = now()
          const detectors = detectorsOf(row)
          await insertCaseVerdict(db, tenant, {
            ...{ case: id, number, at, by, verdict, reason, revision: row.revision, detectors },
          })
          const next = { ...row, status: verdict, changedAt: at, revision: row.revision + 1 }
          await writeCase(db, tenant, { row: next, cause: verdict })
        },
        { alone: `cases/${tenant}` },
      )
      return c.json(await wholeOf(ledger.db, tenant, id), 200)
    })

type Db = Parameters<typeof readCase>[0]

async function casesOf(
  db: Db,
  tenant: string,
  asked: PageAsked & z.output<typeof list.request.query> & { now: number },
) {
  const { limit, cursor, status, kind, now } = asked
  const rows = await listCases(db, tenant, {
    status: status === 'all' ? undefined : status,
    kind,
    after: parseCursor(cursor, z.tuple([z.int(), z.string()])),
    limit: limit + 1,
  })
  const { items, next } = cutPage(rows, limit, (row) => [row.openedAt, row.id])
  const glances = await readGlances(db, tenant, {
    mounts: items.map(({ subject, from, to }) => ({ container: subject, from, to })),
    now,
  })
  const about = items.map(({ subject }, i) => {
    const key = parseEpc(subject)
    const { gtins, progress } = glances[i]!
    const own = key?.key === 'sgtin' ? [key.gtin] : gtins
    return { gtins: own, place: progress.last?.place ?? null }
  })
  return { items: items.map((row, i) => ({ ...formatCase(row), ...about[i]! })), next }
}

async function unitsOf(
  db: Db,
  tenant: string,
  { serialSet, limit, cursor }: PageAsked & { serialSet: string },
) {
  const offset = parseCursor(cursor, z.tuple([z.int().min(0)]))?.[0] ?? 0
  const set = await readSerialSet(db, tenant, { serialSet, offset, limit: limit + 1 })
  const { items, next } = cutPage(set, limit, () => [offset + limit])
  return { items: items.map(([epc]) => ({ epc })), next }
}

const caseColumns = columnsOf({
  ...{ id: 'text', kind: 'code', status: 'code', subject: 'text', summary: 'text' },
  ...{ openedAt: 'time', from: 'time', to: 'time', probability: 'number', detectors: 'text' },
  ...{ serialCount: 'integer', serialSetHash: 'text', revision: 'integer' },
  ...{ gtins: 'text', place: 'text' },
})

/** As analytics/cases writes it. */
interface Body {
  serialCount: number
  serialSetHash: string
  weightsVersion: number
  summary: string
  evidence: {
    detector: (typeof detectorNames)[number]
    weight: number
    from: number
    to: number
    words: string
    serialCount: number | null
    facts: Record<string, unknown>
    rests: string[]
  }[]
}

export function formatCase(row: CaseRow): z.output<typeof caseSchema> {
  const { id, kind, status, subject, logOdds, revision } = row
  const { summary, serialCount, serialSetHash } = row.body as Body
  return {
    ...{ id, kind: kind as (typeof caseKinds)[number], status, subject, summary },
    ...{ openedAt: formatTime(row.openedAt), changedAt: formatTime(row.changedAt) },
    ...{ from: formatTime(row.from), to: formatEnd(row.to) },
    logOdds: Math.round(logOdds * 1000) / 1000,
    probability: Math.round(1e4 / (1 + Math.exp(-logOdds))) / 1e4,
    ...{ detectors: detectorsOf(row), serialCount, serialSetHash, revision },
  }
}

const detectorsOf = ({ body }: CaseRow) => [
  ...new Set((body as Body).evidence.map(({ detector }) => detector)),
]

async function wholeOf(db: Db, tenant: string, id: string): Promise<z.output<typeof wholeSchema>> {
  const row = await found(db, tenant, id)
  const { evidence, weightsVersion } = row.body as Body
  const verdicts = await readCaseVerdicts(db, tenant, id)
  const revisions = await listCaseRevisions(db, tenant, id)
  return {
    ...formatCase(row),
    weightsVersion,
    evidence: evidence.map((each) => ({
      ...each,
      from: formatTime(each.from),
      to: formatEnd(each.to),
    })),
    verdicts: verdicts.map(({ verdict, reason, at, by, revision }) => ({
      ...{ verdict, reason, at: formatTime(at), by, revision },
    })),
    revisions: revisions.map(({ revision, recordTime, cause }) => ({
      ...{ revision, recordTime: formatTime(recordTime), cause },
    })),
  }
}

async function found(db: Db, tenant: string, id: string): Promise<CaseRow> {
  const row = await readCase(db, tenant, id)
  if (row) return row
  const detail = 'there is no such case'
  throw new Problem(404, [{ code: 'request/not-found', path: '', detail }])
}

const conflict = (detail: string): Problem =>
  new Problem(409, [{ code: 'request/conflict', path: '', detail }])
