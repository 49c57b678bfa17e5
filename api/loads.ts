// Files of other systems by HTTP: read row by row as they come, applied window by window, in
// bounded memory; the rows that were refused can be fetched. What rows mean: ingest/files.
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../config.ts'
import { type CsvRecord, readCsv } from '../ingest/files/csv.ts'
import { type RowWindow, windowsOf } from '../ingest/files/groups.ts'
import { applyWindow, beginLoad, type LoadPorts } from '../ingest/files/load.ts'
import { type Mapping, mappingSchema } from '../ingest/files/mapping.ts'
import { readRows } from '../ingest/files/rows.ts'
import { readText, refuseBinary } from '../ingest/files/text.ts'
import {
  addToLoad,
  deleteLoad,
  insertLoad,
  type Load,
  listLoadRefusals,
  listLoads,
  readLoad,
  readMapping,
} from '../store/ledger/loads.ts'
import type { Deps } from './deps.ts'
import type { Env } from './identity.ts'
import { mappingName } from './mappings.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor } from './page.ts'
import { invalid, notFound, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'
import { formatAsked, type Row, streamRows } from './rows.ts'

const count = z.number().int()
const loadSchema = z
  .object({
    id: z.string(),
    mapping: z.string(),
    createdAt: z.string(),
    updatedAt: z.string(),
    line: count.openapi({ description: 'of the last row that was read' }),
    rows: count.openapi({ description: 'applied, already there, or refused' }),
    applied: count,
    already: count.openapi({ description: 'rows whose events were there before' }),
    refused: count.openapi({ description: 'rows; GET …/refused lists them with their reasons' }),
    events: count,
    warnings: count.openapi({ description: 'applied, and against what is known: see conflicts' }),
  })
  .openapi('Load')
const loadContent = { 'application/json': { schema: loadSchema } }
const tags = ['loads']
const params = z.object({ id: z.uuid() })

const post = guarded(
  { noun: 'events', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/loads',
    tags,
    summary: 'Load serials, aggregations or shipments from a file of another system',
    description:
      'The body is the file as it is, or a part of it after its header. Answered when all of it ' +
      'is applied or refused. The same rows again change nothing.',
    request: {
      query: z.object({
        mapping: mappingName,
        load: z.uuid().optional().openapi({ description: 'the load that this is a part of' }),
        line: z.coerce
          .number()
          .int()
          .min(1)
          .max(Number.MAX_SAFE_INTEGER)
          .optional()
          .openapi({ type: 'integer', description: 'of the first row of the body in the file' }),
      }),
      body: {
        required: true,
        content: { 'text/csv': { schema: { type: 'string', format: 'binary' } } },
      },
    },
    responses: { 200: { description: 'Loaded', content: loadContent } },
  },
)
const get = guarded(
  { noun: 'events', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/loads/{id}',
    tags,
    summary: 'Read how far a load is',
    request: { params },
    responses: { 200: { description: 'The load', content: loadContent } },
  },
)
const list = guarded(
  { noun: 'events', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/loads',
    tags,
    summary: 'List loads, the newest first',
    request: { query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'Loads',
        content: { 'application/json': { schema: pageOf(loadSchema) } },
      },
    },
  },
)
const refusedRows = guarded(
  { noun: 'events', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/loads/{id}/refused',
    tags,
    summary: 'Download the refused rows with their reasons',
    request: { params },
    responses: {
      200: {
        description: 'line, column, code, detail and the row itself; CSV unless NDJSON is asked',
        content: {
          'text/csv': { schema: { type: 'string' } },
          'application/x-ndjson': { schema: { type: 'string' } },
        },
      },
    },
  },
)
const remove = guarded(
  { noun: 'events', verb: 'write' },
  {
    method: 'delete',
    path: '/api/v1/loads/{id}',
    tags,
    summary: 'Forget a load and its refused rows; what was applied stays',
    request: { params },
    responses: { 204: { description: 'Forgotten' } },
  },
)

const loadPlace = z.tuple([z.int(), z.string()])

export const loads = (deps: Deps) =>
  nounApp()
    .openapi(post, async (c) => {
      const { mapping: name, load: given, line } = c.req.valid('query')
      if (given !== undefined && line === undefined)
        throw invalid('a part of a load has a first line in its file', 'query/line')
      const { tenant, id: source } = c.get('identity')
      const ledger = c.get('ledger')
      const mapping = await mappingOf(c, name)
      refuseLong(c.req.header('Content-Length'))
      const load = await openLoad(deps, c, { given, name })
      const ports: LoadPorts = { ...deps, ledger, tenant, source }
      await beginLoad(ports)
      for await (const window of rowWindows(c, { mapping, line })) await keep(window, load, ports)
      return c.json(shownOf((await readLoad(ledger.db, tenant, load))!), 200)
    })
    .openapi(get, async (c) => c.json(shownOf(await found(c, c.req.valid('param').id)), 200))
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const place = parseCursor(cursor, loadPlace)
      const rows = await listLoads(c.get('ledger').db, c.get('identity').tenant, {
        before: place && { createdAt: place[0], id: place[1] },
        limit: limit + 1,
      })
      const { items, next } = cutPage(rows, limit, ({ createdAt, id }) => [createdAt, id])
      return c.json({ items: items.map(shownOf), next }, 200)
    })
    .openapi(refusedRows, async (c) => {
      const { id } = await found(c, c.req.valid('param').id)
      // Hono's types know a response of text, not one that is streamed.
      const format = formatAsked(c) === 'ndjson' ? 'ndjson' : 'csv'
      return streamRows(c, format, {
        columns: ['line', 'column', 'code', 'detail', 'row'],
        batches: refusalsOf(c, id),
        fileName: `refused-${id}`,
      }) as never
    })
    .openapi(remove, async (c) => {
      const { id } = c.req.valid('param')
      const { tenant } = c.get('identity')
      const gone = await c.get('ledger').transact((db) => deleteLoad(db, tenant, id))
      if (!gone) throw notFound(`there is no load ${id}`, 'path/id')
      return c.body(null, 204)
    })

async function mappingOf(c: Context<Env>, name: string): Promise<Mapping> {
  const kept = await readMapping(c.get('ledger').db, c.get('identity').tenant, name)
  if (!kept)
    throw notFound(`there is no mapping ${name}: PUT /api/v1/mappings/${name}`, 'query/mapping')
  return mappingSchema.parse(JSON.parse(kept.body))
}

async function openLoad(
  { now }: Deps,
  c: Context<Env>,
  { given, name }: { given: string | undefined; name: string },
): Promise<string> {
  if (given !== undefined) {
    const { id, mapping } = await found(c, given)
    if (mapping !== name)
      throw invalid(`load ${id} is one by the mapping ${mapping}`, 'query/mapping')
    return id
  }
  const [id, at] = [randomUUID(), now()]
  await c.get('ledger').transact((db) =>
    insertLoad(db, c.get('identity').tenant, {
      ...{ id, mapping: name, createdAt: at, updatedAt: at, line: 0, rows: 0, applied: 0 },
      ...{ already: 0, refused: 0, events: 0, warnings: 0 },
    }),
  )
  return id
}

/** Problem 400 before the first window when the header is not what the mapping says. */
async function* rowWindows(
  c: Context,
  { mapping, line }: { mapping: Mapping; line: number | undefined },
): AsyncGenerator<RowWindow> {
  const rules = {
    delimiter: mapping.delimiter,
    rowCharsMax: bounds.loadRowCharsMax,
    columnsMax: bounds.loadColumnsMax,
  }
  const csv = readCsv({
    ...rules,
    ...(line !== undefined && !mapping.header && { firstLine: line }),
  })
  let windows: ReturnType<typeof windowsOf> | undefined
  let shift = 0
  const take = (records: CsvRecord[]): RowWindow[] => {
    const [first, ...rest] = records
    if (first === undefined) return []
    if (windows) return windows.push(moved(records, shift))
    windows = windowsOf(readerOf(mapping, first))
    if (!mapping.header) return windows.push(records)
    if (line !== undefined) shift = line - (first.line + first.raw.split('\n').length)
    return windows.push(moved(rest, shift))
  }
  for await (const text of textOf(c, mapping)) yield* take(csv.push(text))
  yield* take(csv.finish())
  if (windows) yield* windows.finish()
  else throw invalid('the body is empty', '')
}

function readerOf(mapping: Mapping, first: CsvRecord) {
  if (mapping.header && first.fault !== undefined) throw invalid(first.fault, '')
  const reader = readRows(mapping, mapping.header ? first.cells : undefined)
  if (!reader.ok) throw new Problem(400, reader.refusals)
  return reader.value
}

const moved = (records: CsvRecord[], shift: number): CsvRecord[] =>
  shift === 0 ? records : records.map((one) => ({ ...one, line: one.line + shift }))

async function* textOf(c: Context, { encoding }: Mapping): AsyncGenerator<string> {
  const text = readText(encoding)
  let bytes = 0
  for await (const chunk of c.req.raw.body ?? []) {
    if (bytes === 0) {
      const binary = refuseBinary(chunk)
      if (binary) throw new Problem(400, [binary])
    }
    bytes += chunk.byteLength
    refuseLong(bytes)
    yield text.push(chunk)
  }
  yield text.finish()
}

/** What came before is applied; it is known when the rest comes in parts. */
function refuseLong(bytes: number | string | undefined): void {
  if (Number(bytes ?? 0) <= bounds.loadBytesMax) return
  const detail = `more than ${bounds.loadBytesMax} bytes: send the file in parts, as isotherm load does`
  throw new Problem(413, [{ code: 'request/too-large', path: '', detail }])
}

async function keep(window: RowWindow, id: string, ports: LoadPorts): Promise<void> {
  const { tenant, ledger } = ports
  const { refused, ...counts } = await applyWindow(window, ports)
  const lines = new Map<number, number>()
  const refusals = refused.map((one) => {
    const pos = lines.get(one.line) ?? 0
    lines.set(one.line, pos + 1)
    return { ...one, pos }
  })
  const more = {
    ...{ id, at: ports.now(), line: window.lastLine, refusals },
    counts: { ...counts, rows: window.rows, refused: lines.size },
  }
  await ledger.transact((db) => addToLoad(db, tenant, more))
  const load = await readLoad(ledger.db, tenant, id)
  if (!load || load.refused <= bounds.loadRefusedMax) return
  const detail = `more than ${bounds.loadRefusedMax} rows were refused, up to line ${load.line}: the mapping is not of this file; GET /api/v1/loads/${id}/refused lists them`
  throw new Problem(422, [{ code: 'file/value', path: '', detail }])
}

async function found(c: Context<Env>, id: string): Promise<Load> {
  const load = await readLoad(c.get('ledger').db, c.get('identity').tenant, id)
  if (!load) throw notFound(`there is no load ${id}`, 'path/id')
  return load
}

async function* refusalsOf(c: Context<Env>, load: string): AsyncGenerator<Row[]> {
  const { tenant } = c.get('identity')
  let after = { line: -1, pos: 0 }
  for (;;) {
    const page = { load, after, limit: bounds.pageMax }
    const rows = await listLoadRefusals(c.get('ledger').db, tenant, page)
    if (rows.length > 0) yield rows.map(({ pos: _, ...row }) => row)
    const last = rows.at(-1)
    if (!last || rows.length < bounds.pageMax) return
    after = last
  }
}

const shownOf = ({ createdAt, updatedAt, ...load }: Load) => ({
  ...load,
  createdAt: formatTime(createdAt),
  updatedAt: formatTime(updatedAt),
})
