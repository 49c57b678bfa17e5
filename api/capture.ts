// EPCIS capture (EPCIS 2.0 §12): a document is checked whole, then kept in the log, then applied by
// its follower. A document with one fault is refused whole, with every fault (capture error
// behaviour "rollback").
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../config.ts'
import type { EpcisEvent } from '../domain/epcis.ts'
import { parseEpcisDocument } from '../domain/epcis-parse.ts'
import { decodeJson } from '../ingest/json.ts'
import { type Capture, insertCapture, readCapture } from '../store/ledger-events.ts'
import { readBody } from './body.ts'
import type { Deps } from './deps.ts'
import type { Env } from './identity.ts'
import { formatTime } from './page.ts'
import { notFound, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const captureSchema = z
  .object({
    captureID: z.string(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
    running: z.boolean(),
    success: z.boolean(),
    captureErrorBehaviour: z.literal('rollback'),
    events: z.number().int(),
    errors: z.array(
      z.object({
        code: z.string(),
        path: z.string(),
        detail: z.string(),
        warning: z.boolean().optional(),
      }),
    ),
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
const body = {
  required: true,
  content: { 'application/json': document, 'application/ld+json': document },
}

const capture = guarded(
  { noun: 'events', verb: 'write' },
  {
    method: 'post',
    path: '/epcis/capture',
    tags: ['EPCIS'],
    summary: 'Capture an EPCIS document',
    description: 'Durable when answered; Location tells where to see that it was applied.',
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
        content: { 'application/json': { schema: captureSchema } },
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

export const captures = (deps: Deps) =>
  nounApp()
    .openapi(capture, async (c) => {
      const { events, bytes } = await parseBody(c)
      const { kept } = await keep(deps, c, { events, bytes })
      c.header('GS1-EPCIS-Version', '2.0.0')
      c.header('Location', `/epcis/capture/${kept.id}`)
      return c.json(formatCapture(kept), 202)
    })
    .openapi(job, async (c) => {
      const { id } = c.req.valid('param')
      const found = await readCapture(c.get('ledger').db, c.get('identity').tenant, id)
      if (!found) throw notFound(`no capture ${id}`, 'path/id')
      return c.json(formatCapture(found), 200)
    })
    .openapi(captureOne, async (c) => {
      const { events, bytes } = await parseBody(c)
      const [event] = events
      if (!event || events.length > 1) {
        const detail = `want one event, not ${events.length}: documents go to /epcis/capture`
        throw new Problem(400, [{ code: 'epcis/schema', path: '', detail }])
      }
      const identity = c.get('identity')
      const { kept, offset } = await keep(deps, c, { events, bytes })
      await deps.applied(offset)
      const applied = await readCapture(c.get('ledger').db, identity.tenant, kept.id)
      const faults = applied?.errors.filter((error) => !isWarning(error)) ?? []
      if (faults.length > 0) throw new Problem(409, faults as Problem['refusals'])
      c.header('Location', `/epcis/events/${encodeURIComponent(event.eventID)}`)
      return c.json({ eventID: event.eventID }, 201)
    })

async function parseBody(c: Context): Promise<{ events: EpcisEvent[]; bytes: Uint8Array }> {
  const types = ['application/json', 'application/ld+json']
  const bytes = await readBody(c, { bytesMax: bounds.captureBytesMax, types })
  const json = decodeJson(bytes)
  if (!json.ok)
    throw new Problem(
      400,
      json.refusals.map((refusal) => ({ ...refusal, code: 'epcis/json' as const })),
    )
  const limits = { eventsMax: bounds.captureEventsMax, epcsPerEventMax: bounds.epcsPerEventMax }
  const events = parseEpcisDocument(json.value, limits)
  if (!events.ok) throw new Problem(400, events.refusals)
  return { events: events.value, bytes }
}

async function keep(
  { log, now }: Deps,
  c: Context<Env>,
  { events, bytes }: { events: EpcisEvent[]; bytes: Uint8Array },
): Promise<{ kept: Capture; offset: number }> {
  const { tenant, id: source } = c.get('identity')
  const recordTime = now()
  const kept = { id: randomUUID(), createdAt: recordTime, events: events.length, errors: [] }
  // Before the log, or the follower might finish what is not yet begun.
  await insertCapture(c.get('ledger').db, tenant, kept)
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

/** Told, but no reason to call the capture failed. */
const isWarning = (error: Capture['errors'][number]): boolean =>
  'warning' in error && error.warning === true

const formatCapture = (capture: Capture) => ({
  captureID: capture.id,
  createdAt: formatTime(capture.createdAt),
  finishedAt: capture.finishedAt === undefined ? null : formatTime(capture.finishedAt),
  running: capture.finishedAt === undefined,
  success: capture.errors.every(isWarning),
  captureErrorBehaviour: 'rollback' as const,
  events: capture.events,
  errors: capture.errors,
})
