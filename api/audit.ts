// The evidence of a tenant for those who read it: pages, each entry with the proof that it is in
// the list, the signed head of the tree, the proof that one head follows from another, and all of
// it as lines that can be checked without this server (isotherm verify audit). Changes nothing.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { canonical } from '../domain/canonical.ts'
import * as evidence from '../store/ledger/evidence.ts'
import type { HandOverKey } from '../store/ledger/hand-overs.ts'
import type { LedgerView } from '../store/ledger/ledger.ts'
import { signJws } from '../trace/hand-overs.ts'
import type { Deps } from './deps.ts'
import { answerList, columnsOf, fileContent, fileQuery } from './files/files.ts'
import { fileNameOf } from './files/names.ts'
import { ownKey } from './hand-overs.ts'
import { cutPage, formatTime, pageOf, parseCursor, timeQuery } from './page.ts'
import { invalid, notFound } from './problem.ts'
import { formatJwk } from './published-keys.ts'
import { guarded, nounApp } from './route.ts'
import type { Row } from './rows.ts'

const right = { noun: 'audit', verb: 'read' } as const
const hash = z.string().openapi({ description: 'SHA-256, hex' })
const proof = z.array(hash).openapi({ description: 'RFC 9162 §2.1' })
const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  200: { description, content: { 'application/json': { schema } } },
})

const entrySchema = z
  .object({
    seq: z.int().openapi({ description: 'its leaf, from 0 on, without holes' }),
    at: z.string(),
    kind: z.string(),
    by: z.string().openapi({ description: 'id of the caller' }),
    record: z.unknown(),
    leafHash: hash,
  })
  .openapi('Evidence')
const headSchema = z
  .object({
    head: z.object({
      kind: z.literal('tree-head'),
      tenant: z.string(),
      size: z.int(),
      rootHash: hash,
      at: z.string(),
    }),
    jws: z.string().openapi({
      description: 'the head as canonical JSON, signed with EdDSA (RFC 7515, RFC 8037)',
    }),
    key: z.looseObject({}).openapi({
      description: 'JWK; keep it, or take it from /.well-known/isotherm-keys/{tenant}',
    }),
  })
  .openapi('TreeHead')

const list = guarded(right, {
  method: 'get',
  path: '/api/v1/audit',
  summary: 'What was changed, by whom and when, newest first',
  request: {
    query: z.object({
      ...fileQuery,
      by: z.string().max(200).optional(),
      kind: z.string().max(100).optional(),
      from: timeQuery.optional(),
      to: timeQuery.optional().openapi({ description: 'before then' }),
    }),
  },
  responses: {
    200: {
      description: 'A page, or all of it as a file',
      content: { 'application/json': { schema: pageOf(entrySchema) }, ...fileContent },
    },
  },
})

const head = guarded(right, {
  method: 'get',
  path: '/api/v1/audit/head',
  summary: 'The signed head of the tree: keep it, and nothing before it can be changed unseen',
  responses: json('The head now', headSchema),
})

const consistency = guarded(right, {
  method: 'get',
  path: '/api/v1/audit/consistency',
  summary: 'That the list of one size begins with that of another',
  request: { query: z.object({ from: place, to: place.optional() }) },
  responses: json(
    'The proof',
    z.object({ from: z.int(), to: z.int(), fromRoot: hash, toRoot: hash, proof }),
  ),
})

const lines = guarded(right, {
  method: 'get',
  path: '/api/v1/audit/export',
  summary: 'Everything, a line each, and at the end the signed head',
  description:
    'The leaf of a line is SHA-256 over a zero byte and the bytes of the line. `isotherm verify audit --file FILE` checks it without a server.',
  responses: {
    200: {
      description: 'Lines of JSON',
      content: { 'application/x-ndjson': { schema: { type: 'string' } } },
    },
  },
})

const one = guarded(right, {
  method: 'get',
  path: '/api/v1/audit/{seq}',
  summary: 'An entry with the proof that it is in the list',
  request: {
    params: z.object({ seq: place }),
    query: z.object({
      size: place.optional().openapi({ description: 'of the head one has; all there is' }),
    }),
  },
  responses: json(
    'The entry',
    z.object({
      ...entrySchema.shape,
      leaf: z.string().openapi({ description: 'the text that is hashed' }),
      inclusion: z.object({ size: z.int(), rootHash: hash, proof }),
    }),
  ),
})

export const audit = ({ now }: Deps) =>
  nounApp()
    .openapi(list, async (c) => {
      const asked = c.req.valid('query')
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      return answerList(c, asked, {
        ...{ columns, fileName: fileNameOf('audit-log', tenant, now()), row: rowOf },
        read: async ({ limit, cursor }) => {
          const before = parseCursor(cursor, z.tuple([z.int(), z.int()]))
          const page = { ...asked, limit: limit + 1, before }
          const rows = await evidence.listEvidence(db, tenant, page)
          const { items, next } = cutPage(rows, limit, ({ at, seq }) => [at, seq])
          return { items: items.map(formatEntry), next }
        },
      }) as never
    })
    .openapi(head, async (c) =>
      c.json(await signedHead(c.get('ledger'), c.get('identity').tenant, now()), 200),
    )
    .openapi(consistency, async (c) => {
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      const { size } = await evidence.evidenceTree(db, tenant)
      const { from, to = size } = c.req.valid('query')
      if (to > size) throw invalid(`there are ${size} entries`, 'query/to')
      if (from > to) throw invalid('is after `to`', 'query/from')
      const [fromRoot, toRoot] = [
        await evidence.rootAt(db, tenant, from),
        await evidence.rootAt(db, tenant, to),
      ]
      const told = await evidence.proveConsistency(db, tenant, { from, to })
      return c.json({ from, to, fromRoot, toRoot, proof: told }, 200)
    })
    .openapi(lines, async (c) => {
      const { tenant } = c.get('identity')
      const view = c.get('ledger')
      const end = await signedHead(view, tenant, now())
      return c.body(exported(view, end), 200, {
        'Content-Type': 'application/x-ndjson',
        'Content-Disposition': 'attachment; filename="evidence.ndjson"',
      }) as never
    })
    .openapi(one, async (c) => {
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      const { seq } = c.req.valid('param')
      const row = await evidence.readEvidence(db, tenant, seq)
      if (!row) throw notFound(`no entry ${seq}`, 'path/seq')
      const tree = await evidence.evidenceTree(db, tenant)
      const { size = tree.size } = c.req.valid('query')
      if (size > tree.size || size <= seq)
        throw invalid(`want a size from ${seq + 1} to ${tree.size}`, 'query/size')
      const inclusion = {
        size,
        rootHash: await evidence.rootAt(db, tenant, size),
        proof: await evidence.proveInclusion(db, tenant, { seq, size }),
      }
      const leaf = evidence.formatEvidence(row)
      return c.json({ ...formatEntry(row), leaf, inclusion }, 200)
    })

type SignedHead = z.output<typeof headSchema>

async function signedHead(view: LedgerView, tenant: string, at: number): Promise<SignedHead> {
  const key: HandOverKey = await ownKey(view, tenant, at)
  const { size, root } = await evidence.evidenceTree(view.db, tenant)
  const told = { kind: 'tree-head' as const, tenant, size, rootHash: root, at: formatTime(at) }
  return { head: told, jws: signJws(canonical(told), key), key: formatJwk(key) }
}

/** As long as somebody reads: a page is asked for when the one before has gone. */
function exported(view: LedgerView, end: SignedHead): ReadableStream<Uint8Array> {
  const { tenant, size } = end.head
  const encoder = new TextEncoder()
  let from = 0
  return new ReadableStream({
    async pull(controller) {
      const to = Math.min(size, from + bounds.evidencePageRows)
      const rows = from < to ? await evidence.evidenceInOrder(view.db, tenant, { from, to }) : []
      const told = rows.map((row) => `${evidence.formatEvidence(row)}\n`)
      from = to
      if (from >= size) told.push(`${JSON.stringify(end)}\n`)
      controller.enqueue(encoder.encode(told.join('')))
      if (from >= size) controller.close()
    },
  })
}

const formatEntry = ({ seq, at, kind, by, record, leafHash }: evidence.EvidenceRow) => ({
  ...{ seq, at: formatTime(at), kind, by },
  record: JSON.parse(record) as unknown,
  leafHash,
})

const columns = columnsOf({
  ...{ seq: 'integer', at: 'time', kind: 'text', by: 'text', route: 'text', path: 'text' },
  ...{ record: 'text', leafHash: 'text' },
})

/** What was asked in columns of its own, and the whole record as it is kept. */
function rowOf({ record, ...entry }: ReturnType<typeof formatEntry>): Row {
  const { route, path } = (record ?? {}) as Readonly<Record<string, unknown>>
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  return { ...entry, route: text(route), path: text(path), record: JSON.stringify(record) }
}
