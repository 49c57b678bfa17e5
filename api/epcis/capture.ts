// The capture interface (EPCIS 2.0 §12.6): a document in JSON or XML is checked, kept in the log,
// and applied by its follower; a job says what became of it. With "rollback" one fault refuses the
// whole document, with "proceed" the events that are right are taken.
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { escapeAttribute, escapeText } from '../../domain/xml.ts'
import {
  type CaptureBehaviour,
  type CaptureDocument,
  type CaptureReading,
  parseCaptureBody,
} from '../../ingest/epcis-document.ts'
import { recodeXml } from '../../ingest/xml.ts'
import {
  type Capture,
  insertCaptures,
  listCaptures,
  readCapture,
} from '../../store/ledger/events.ts'
import { readBody } from '../body.ts'
import type { Deps } from '../deps.ts'
import { openGathering } from '../gather.ts'
import type { Env } from '../identity.ts'
import { cutPage, formatCursor, formatTime, limitQuery, parseCursor } from '../page.ts'
import { invalid, notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { linkNext } from './event-pages.ts'
import { optionsOf } from './events.ts'
import { discover, wantedForm } from './headers.ts'

const errorSchema = z.object({
  type: z.string().openapi({ example: 'epcisException:ValidationException' }),
  title: z.string(),
  code: z.string(),
  path: z.string().openapi({ description: 'JSON pointer into the document, in its JSON form' }),
  detail: z.string(),
  warning: z.boolean().optional().openapi({ description: 'taken all the same' }),
})

const captureSchema = z
  .object({
    captureID: z.string(),
    createdAt: z.string(),
    finishedAt: z.string().optional(),
    running: z.boolean(),
    success: z.boolean(),
    captureErrorBehaviour: z.enum(['rollback', 'proceed']),
    events: z.number().int().openapi({ description: 'events that are right' }),
    errors: z.array(errorSchema),
  })
  .openapi('CaptureJob')

const document = {
  schema: { type: 'object' as const },
  example: {
    '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2026-03-01T12:00:00Z',
    epcisBody: {
      eventList: [
        {
          type: 'AggregationEvent',
          eventTime: '2026-03-01T12:00:00Z',
          eventTimeZoneOffset: '+00:00',
          parentID: 'https://id.gs1.org/00/106141412345678908',
          childEPCs: ['https://id.gs1.org/01/09521234543213/21/A1'],
          action: 'ADD',
          bizStep: 'packing',
        },
      ],
    },
  },
}
const xml = { schema: { type: 'string' as const } }
const body = {
  required: true,
  content: {
    'application/json': document,
    'application/ld+json': document,
    'application/xml': xml,
    'text/xml': xml,
  },
}
const jobContent = {
  'application/json': { schema: captureSchema },
  'application/xml': xml,
}

const capture = guarded(
  { noun: 'events', verb: 'write' },
  {
    method: 'post',
    path: '/epcis/capture',
    tags: ['EPCIS'],
    summary: 'Capture an EPCIS document',
    description:
      'EPCIS 2.0 in JSON-LD or XML, EPCIS 1.2 in XML. Durable when answered; Location tells where ' +
      'to see that it was applied. Header GS1-Capture-Error-Behaviour: rollback (the default, all ' +
      'events or none) or proceed.',
    request: { body },
    responses: {
      202: {
        description: 'Kept',
        content: { 'application/json': { schema: captureSchema } },
      },
    },
  },
)

const job = guarded(
  { noun: 'events', verb: 'read' },
  {
    method: 'get',
    path: '/epcis/capture/{id}',
    tags: ['EPCIS'],
    summary: 'Read what became of a capture',
    request: { params: z.object({ id: z.string().max(100) }) },
    responses: {
      200: {
        description: 'The capture job',
        content: jobContent,
      },
    },
  },
)

const jobs = guarded(
  { noun: 'events', verb: 'read' },
  {
    method: 'get',
    path: '/epcis/capture',
    tags: ['EPCIS'],
    summary: 'List captures, the newest first',
    request: {
      query: z.object({
        perPage: limitQuery(),
        nextPageToken: z.string().max(1000).optional(),
      }),
    },
    responses: {
      200: {
        description: 'Capture jobs; the Link header leads to the next page',
        content: { 'application/json': { schema: z.array(captureSchema) } },
      },
    },
  },
)

const captureOne = guarded(
  { noun: 'events', verb: 'write' },
  {
    method: 'post',
    path: '/epcis/events',
    tags: ['EPCIS'],
    summary: 'Capture one event; answered when it is applied',
    request: { body },
    responses: {
      201: {
        description: 'Applied',
        content: { 'application/json': { schema: z.object({ eventID: z.string() }) } },
      },
    },
  },
)

const jobPlace = z.tuple([z.int(), z.string()])

interface KeepTo extends Deps {
  /** Writes down a job that begins: many senders wait for one commit. */
  begin: ReturnType<typeof openGathering<Capture>>
}

export const captures = (deps: Deps) => {
  const to: KeepTo = { ...deps, begin: openGathering(bounds.captureTogetherMax, insertCaptures) }
  return nounApp()
    .openapi(capture, async (c) => {
      const behaviour = behaviourOf(c)
      const { document, bytes } = await parseDocument(c, { behaviour, identify: false })
      const { kept } = await keep(to, c, { events: document.events.length, bytes, behaviour })
      c.header('Location', `/epcis/capture/${kept.id}`)
      return c.json(formatCapture(kept), 202)
    })
    .openapi(jobs, async (c) => {
      const { perPage, nextPageToken } = c.req.valid('query')
      const place = parseCursor(nextPageToken, jobPlace)
      const rows = await listCaptures(c.get('ledger').db, c.get('identity').tenant, {
        before: place && { createdAt: place[0], id: place[1] },
        limit: perPage + 1,
      })
      const { items } = cutPage(rows, perPage, ({ createdAt, id }) => [createdAt, id])
      const last = items.at(-1)
      if (last && rows.length > perPage)
        linkNext(c, { perPage, token: formatCursor([last.createdAt, last.id]), now: deps.now })
      return c.json(items.map(formatCapture), 200)
    })
    .openapi(job, async (c) => {
      const { id } = c.req.valid('param')
      const isXml = wantedForm(c).media === 'application/xml'
      const found = await readCapture(c.get('ledger').db, c.get('identity').tenant, id)
      if (!found) throw notFound(`no capture ${id}`, 'path/id')
      if (!isXml) return c.json(formatCapture(found), 200)
      return c.body(formatXmlJob(found), 200, { 'Content-Type': 'application/xml' }) as never
    })
    .openapi(captureOne, async (c) => {
      const { document, bytes } = await parseDocument(c, { behaviour: 'rollback' })
      const [event] = document.events
      if (!event || document.events.length > 1) {
        const detail = `want one event, not ${document.events.length}: documents go to /epcis/capture`
        throw new Problem(400, [{ code: 'epcis/schema', path: '', detail }])
      }
      const { kept, offset } = await keep(to, c, { events: 1, bytes, behaviour: 'rollback' })
      await deps.applied(offset)
      const applied = await readCapture(c.get('ledger').db, c.get('identity').tenant, kept.id)
      const faults = applied?.errors.filter((error) => !error.warning) ?? []
      if (faults.length > 0) throw new Problem(409, faults as Refusal[])
      c.header('Location', `/epcis/events/${encodeURIComponent(event.eventID)}`)
      return c.json({ eventID: event.eventID }, 201)
    })
    .openapi(optionsOf('/epcis/capture'), (c) => {
      for (const [name, value] of Object.entries(limits)) c.header(name, value)
      c.header('GS1-Capture-Error-Behaviour', 'all')
      return discover(c, ['GET', 'HEAD', 'POST'])
    })
    .openapi(optionsOf('/epcis/capture/{id}'), (c) => discover(c, ['GET', 'HEAD']))
}

/** What a capture may not exceed: EPCIS 2.0 §12.6. */
const limits = {
  'GS1-EPCIS-Capture-Limit': String(bounds.captureEventsMax),
  'GS1-EPCIS-Capture-File-Size-Limit': String(bounds.captureBytesMax),
}

/** The binding has called the header both ways. */
function behaviourOf(c: Context): CaptureBehaviour {
  const names = ['GS1-Capture-Error-Behaviour', 'GS1-EPCIS-Capture-Error-Behaviour']
  const value = names.map((name) => c.req.header(name)?.trim()).find(Boolean) ?? 'rollback'
  if (value === 'rollback' || value === 'proceed') return value
  throw invalid('want rollback or proceed', `header/${names[0]!.toLowerCase()}`)
}

/** What a sender says of its document must be something that is read here. */
function refuseVersions(c: Context): void {
  const known = {
    'GS1-EPCIS-Version': /^(1\.[012]|2\.0)(\.\d+)?$/,
    'GS1-CBV-Version': /^[12]\.\d+(\.\d+)?$/,
  }
  for (const [name, right] of Object.entries(known)) {
    const value = c.req.header(name)?.trim()
    if (value === undefined || right.test(value)) continue
    const detail = `${name} ${value} is not read here: EPCIS 1.0 to 2.0 are`
    const path = `header/${name.toLowerCase()}`
    throw new Problem(406, [{ code: 'request/media-type', path, detail }])
  }
}

async function parseDocument(
  c: Context,
  reading: CaptureReading,
): Promise<{ document: CaptureDocument; bytes: Uint8Array }> {
  refuseVersions(c)
  const raw = await readDocument(c)
  // The log keeps no headers: what they say of the encoding goes into the bytes.
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(c.req.header('Content-Type') ?? '')?.[1]
  const bytes = recodeXml(raw, charset)
  const parsed = parseCaptureBody(bytes, reading)
  if (parsed.ok) return { document: parsed.value, bytes }
  const isTooMany = parsed.refusals.some(({ code }) => code === 'epcis/too-many-events')
  throw new Problem(isTooMany ? 413 : 400, parsed.refusals, isTooMany ? limits : {})
}

async function readDocument(c: Context): Promise<Uint8Array> {
  const types = Object.keys(body.content)
  try {
    return await readBody(c, { bytesMax: bounds.captureBytesMax, types })
  } catch (error) {
    if (error instanceof Problem && error.status === 413)
      throw new Problem(413, error.refusals, { ...error.headers, ...limits })
    throw error
  }
}

async function keep(
  { log, now, begin }: KeepTo,
  c: Context<Env>,
  { events, bytes, behaviour }: { events: number; bytes: Uint8Array; behaviour: CaptureBehaviour },
): Promise<{ kept: Capture; offset: number }> {
  const { tenant, id: source } = c.get('identity')
  const recordTime = now()
  const kept: Capture = {
    ...{ id: randomUUID(), createdAt: recordTime, events, errors: [] },
    ...(behaviour === 'proceed' && { behaviour }),
  }
  // Before the log, or the follower might finish what is not yet begun.
  await begin(c.get('ledger'), tenant, kept)
  const offset = log.append({
    kind: 'capture',
    tenant,
    source,
    topic: kept.id,
    recordTime,
    body: bytes,
  })
  await log.whenDurable(offset)
  return { kept, offset }
}

const formatCapture = (capture: Capture) => ({
  captureID: capture.id,
  createdAt: formatTime(capture.createdAt),
  ...(capture.finishedAt !== undefined && { finishedAt: formatTime(capture.finishedAt) }),
  running: capture.finishedAt === undefined,
  // Warnings are told, but are no reason to call the capture failed.
  success: capture.errors.every(({ warning }) => warning === true),
  captureErrorBehaviour: capture.behaviour ?? ('rollback' as const),
  events: capture.events,
  errors: capture.errors.map((error) => ({
    type: 'epcisException:ValidationException',
    title: error.warning ? 'Taken all the same' : 'Refused',
    ...error,
  })),
})

/** EPCISCaptureJob of GS1's XML schema 2.0. */
function formatXmlJob(capture: Capture): string {
  const { captureID, createdAt, finishedAt, running, success, ...said } = formatCapture(capture)
  const errors = said.errors.map(
    ({ type, title, path, detail }) =>
      `<error><type>${type}</type><title>${title}</title>` +
      `<detail>${escapeText(`${path} ${detail}`.trim())}</detail></error>`,
  )
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<epcis:EPCISCaptureJob xmlns:epcis="urn:epcglobal:epcis:xsd:2"' +
    ` running="${running}" success="${success}" captureID="${escapeAttribute(captureID)}">` +
    `<captureErrorBehaviour>${said.captureErrorBehaviour}</captureErrorBehaviour>` +
    `<createdAt>${createdAt}</createdAt>` +
    (finishedAt === undefined ? '' : `<finishedAt>${finishedAt}</finishedAt>`) +
    (errors.length === 0 ? '' : `<errors>${errors.join('')}</errors>`) +
    '</epcis:EPCISCaptureJob>\n'
  )
}
