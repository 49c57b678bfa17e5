// Pages of events as answers (EPCIS 2.0 §12): an EPCISQueryDocument in JSON or XML, with a Link to
// the next page. What a query is and finds, domain and store decide; a token of a page belongs to
// its query and says where the page before ended.
import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import type { Json } from '../../domain/epcis/fields.ts'
import { formEvent } from '../../domain/epcis/form.ts'
import { formatJsonDocument, formatXmlDocument } from '../../domain/epcis/format.ts'
import { type Condition, type EventQuery, parseQuery } from '../../domain/epcis/query.ts'
import { sortValueOf, valuesOf } from '../../domain/epcis/query-fields.ts'
import { prefixesOf } from '../../domain/epcis/query-match.ts'
import { answerMasterData } from '../../store/ledger/event-master.ts'
import {
  collectEvents,
  type EventPlace,
  type FoundEvent,
  findEvents,
  findsMoreThan,
  readFound,
} from '../../store/ledger/event-queries.ts'
import type { StoredEvent } from '../../store/ledger/events.ts'
import type { Deps } from '../deps.ts'
import type { Env } from '../identity.ts'
import { formatCursor, formatTime, parseCursor } from '../page.ts'
import { invalid, Problem } from '../problem.ts'
import { extensionPrefixes, type WantedForm, wantedForm } from './headers.ts'

/** What is asked for beside the parameters of the URL. */
export interface EventRequest {
  /** Of a named query; without it the parameters of the URL are the query. */
  query?: EventQuery
  /** What the path says: the events of an EPC, of a place. */
  conditions?: readonly Condition[]
  queryName?: string
}

/** Answers one page. Problem 400 (epcis/query-parameter), 406, 413. */
export async function answerEvents(
  c: Context<Env>,
  { now }: Pick<Deps, 'now'>,
  { query: named, conditions = [], queryName = 'SimpleEventQuery' }: EventRequest,
): Promise<Response> {
  const form = wantedForm(c)
  const params = new URL(c.req.url).searchParams
  const perPage = perPageOf(params)
  const given = params.get('nextPageToken') ?? undefined
  for (const name of ['perPage', 'nextPageToken']) params.delete(name)
  const asked = named ? nothingElse(params, named) : queryOf(c, params)
  const { db } = c.get('ledger')
  const { tenant } = c.get('identity')
  const query = await answerMasterData(db, tenant, {
    ...asked,
    conditions: [...asked.conditions, ...conditions],
  })
  const mark = markOf(c, params)
  const token = tokenOf(given, mark)
  if (!token && query.maxEventCount !== undefined)
    refuseMore(await findsMoreThan(db, tenant, { query, count: query.maxEventCount }), query)
  const left = token?.left ?? query.eventCountLimit ?? null
  const limit = Math.min(perPage, left ?? perPage)
  const request = { query, after: token?.place, limit }
  const { events, next } = sortsByField(query)
    ? await sortedPage(c, request)
    : await timePage(c, request)
  const rest = left === null ? null : left - events.length
  if (next !== undefined && rest !== 0)
    linkNext(c, { perPage, token: formatCursor([mark, rest ?? -1, ...next]), now })
  return formatEvents(c, { events: events.map(({ stored }) => stored), form, queryName, at: now() })
}

/** An EPCISQueryDocument of these events, in the form that the caller wants. */
export function formatEvents(
  c: Context<Env>,
  {
    events,
    form,
    queryName,
    at,
  }: { events: readonly StoredEvent[]; form: WantedForm; queryName: string; at: number },
): Response {
  const frame = { creationDate: at, query: { name: queryName } }
  const said = events.map((stored) => ({
    ...(JSON.parse(stored.body) as Json),
    eventID: stored.eventID,
    recordTime: formatTime(stored.recordTime),
  }))
  if (form.media === 'application/xml') return answerXml(c, { said, form, frame })
  // A key whose company prefix nobody knows stays the link it is: no URN is guessed.
  const formed = said.map((event) =>
    formEvent(event, { epcs: form.epcs }, { path: '', refusals: [] }),
  )
  const document = formatJsonDocument(formed, frame)
  if (!document.ok) throw new Problem(406, document.refusals)
  c.header('Vary', 'Accept, GS1-EPC-Format')
  return c.body(JSON.stringify(document.value), 200, { 'Content-Type': form.media })
}

function answerXml(
  c: Context<Env>,
  {
    said,
    form,
    frame,
  }: {
    said: readonly Json[]
    form: WantedForm
    frame: { creationDate: number; query: { name: string } }
  },
): Response {
  const formed =
    form.version === '2.0'
      ? said.map((event) => formEvent(event, { epcs: form.epcs }, { path: '', refusals: [] }))
      : said
  const document = formatXmlDocument(formed, { ...frame, version: form.version, cbv: form.cbv })
  if (!document.ok) throw new Problem(406, document.refusals)
  c.header('Vary', 'Accept, GS1-EPC-Format, GS1-CBV-XML-Format')
  if (form.version === '1.2') {
    c.header('GS1-EPCIS-Version', '1.2.0')
    c.header('GS1-CBV-Version', '1.2.0')
  }
  return c.body(document.value.text, 200, { 'Content-Type': 'application/xml; charset=utf-8' })
}

interface Page {
  events: FoundEvent[]
  next: EventPlace | undefined
}
interface PageQuery {
  query: EventQuery
  after: EventPlace | undefined
  limit: number
}

const timePage = (c: Context<Env>, request: PageQuery): Promise<Page> =>
  findEvents(c.get('ledger').db, c.get('identity').tenant, request)

const sortsByField = ({ order }: EventQuery): boolean => typeof order?.by === 'object'

/** EPCIS 2.0 §8.2.7.1, orderBy: extension fields. No index has them: all that match are sorted. */
async function sortedPage(c: Context<Env>, { query, after, limit }: PageQuery): Promise<Page> {
  const { db } = c.get('ledger')
  const { tenant } = c.get('identity')
  const { by, direction } = query.order as { by: { key: string }; direction: 'ASC' | 'DESC' }
  const keep = ({ stored, event }: FoundEvent) => ({
    id: stored.id!,
    value: sortValueOf(valuesOf(event.raw, by, prefixesOf(event))),
  })
  const all = await collectEvents(db, tenant, { query, keep })
  if (!all) throw tooComplex('to be sorted by this field: narrow the query, or order by a time')
  const sign = direction === 'ASC' ? 1 : -1
  all.sort((a, b) => compareSorted(a.value, b.value, sign) || a.id - b.id)
  const begin = after === undefined ? 0 : all.findIndex(({ id }) => id === after[1]) + 1
  if (after !== undefined && begin === 0) throw badToken()
  const page = all.slice(begin, begin + limit)
  const events = await readFound(
    db,
    tenant,
    page.map(({ id }) => id),
  )
  const last = page.at(-1)
  return { events, next: last && begin + limit < all.length ? [0, last.id] : undefined }
}

/** Numbers and times before texts, and what has no such field last, in either direction. */
function compareSorted(
  a: number | string | undefined,
  b: number | string | undefined,
  sign: 1 | -1,
): number {
  const kinds = ['number', 'string', 'undefined']
  if (typeof a !== typeof b) return kinds.indexOf(typeof a) - kinds.indexOf(typeof b)
  return a === b || a === undefined || b === undefined ? 0 : a < b ? -sign : sign
}

function queryOf(c: Context<Env>, params: URLSearchParams): EventQuery {
  const query = parseQuery(params, { prefixes: extensionPrefixes(c) })
  if (query.ok) return query.value
  const complex = query.refusals.some(({ code }) => code === 'epcis/query-too-complex')
  throw new Problem(complex ? 413 : 400, query.refusals)
}

/** A named query is what it was made as. */
function nothingElse(params: URLSearchParams, query: EventQuery): EventQuery {
  const refusals = [...new Set(params.keys())].map((name) => ({
    code: 'epcis/query-parameter' as const,
    path: `query/${name}`,
    detail: ['stream', 'second', 'minute', 'hour'].includes(name)
      ? 'asks for a subscription: open a WebSocket'
      : 'the query has its parameters already: want perPage and nextPageToken only',
  }))
  if (refusals.length > 0) throw new Problem(400, refusals)
  return query
}

/** EPCIS 2.0 §12.3: a server may return fewer events than asked for. */
export function perPageOf(params: URLSearchParams): number {
  const text = params.get('perPage')
  if (text === null) return bounds.pageDefault
  const wanted = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (wanted < 1) throw invalid('want a whole number from 1', 'query/perPage')
  return Math.min(wanted, bounds.pageMax)
}

/** What a token belongs to: it says nothing in another query. */
function markOf(c: Context<Env>, params: URLSearchParams): string {
  const sorted = new URLSearchParams(params)
  sorted.sort()
  const { pathname } = new URL(c.req.url)
  return createHash('sha256').update(`${pathname}?${sorted}`).digest('base64url').slice(0, 12)
}

const tokenShape = z.tuple([z.string(), z.int().min(-1), z.int(), z.int()])

function tokenOf(
  token: string | undefined,
  mark: string,
): { left: number | null; place: EventPlace } | undefined {
  if (token === undefined) return undefined
  const parsed = tokenShape.safeParse(parseCursor(token, z.unknown()))
  if (!parsed.success || parsed.data[0] !== mark) throw badToken()
  const [, left, ...place] = parsed.data
  return { left: left < 0 ? null : left, place }
}

const badToken = (): Problem =>
  new Problem(400, [
    {
      code: 'epcis/query-parameter',
      path: 'query/nextPageToken',
      detail: 'not a token of this query: take the Link of the page before',
    },
  ])

export function linkNext(
  c: Context<Env>,
  { perPage, token, now }: { perPage: number; token: string; now: () => number },
): void {
  const url = new URL(c.req.url)
  url.searchParams.set('perPage', String(perPage))
  url.searchParams.set('nextPageToken', token)
  c.header('Link', `<${url.pathname}${url.search}>; rel="next"`)
  c.header('GS1-Next-Page-Token-Expires', formatTime(now() + bounds.pageTokenMs))
}

/** EPCIS 2.0 §8.2.3: QueryTooLargeException, QueryTooComplexException. */
function refuseMore(more: boolean | undefined, { maxEventCount }: EventQuery): void {
  if (more === undefined) throw tooComplex('to be counted: narrow the query')
  if (!more) return
  const detail = `the query finds more than ${maxEventCount} events (maxEventCount)`
  throw new Problem(413, [{ code: 'epcis/query-too-large', path: 'query/maxEventCount', detail }])
}

const tooComplex = (why: string): Problem =>
  new Problem(413, [
    { code: 'epcis/query-too-complex', path: 'query', detail: `too many events ${why}` },
  ])
