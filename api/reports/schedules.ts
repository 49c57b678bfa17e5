// Reports that are sent again and again by e-mail: which, when and to whom; tried out, changed,
// deleted; and what became of each mail.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { isZone, parseLocalMinute } from '../../domain/local-time.ts'
import {
  formatSchedule,
  nextRun,
  periodOf,
  type ReportSchedule,
} from '../../domain/report-schedule.ts'
import { termsOf } from '../../quality/notify/terms.ts'
import { type ReportSettings, reportMessages, settingsOf } from '../../quality/report/mails.ts'
import { appendMessages } from '../../quality/webhooks.ts'
import { listDeliveries, reviveDelivery } from '../../store/ledger/deliveries.ts'
import {
  deleteEndpoint,
  type Endpoint,
  listEndpoints,
  readEndpoint,
  updateEndpoint,
} from '../../store/ledger/endpoints.ts'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import type { Deps } from '../deps.ts'
import { parquetType, xlsxType } from '../files/media.ts'
import { randomId, serially } from '../once.ts'
import { cutPage, formatEnd, numberPlace, pageOf, pageQuery, parseCursor } from '../page.ts'
import { conflict, invalid, notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { deliverySchema, formatDelivery } from '../webhook-messages.ts'
import { endpointPage, formatHealth, insertBounded, newEndpoint } from '../webhooks.ts'

const at = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'want HH:MM')
const zone = z.string().max(64).refine(isZone, 'is no time zone (IANA)').default('UTC')
const scheduleSchema = z.discriminatedUnion('every', [
  z.strictObject({ every: z.literal('day'), at, zone }),
  z.strictObject({ every: z.literal('week'), weekday: z.int().min(1).max(7), at, zone }),
  z.strictObject({ every: z.literal('month'), day: z.int().min(1).max(28), at, zone }),
])
const media = [
  'application/pdf',
  'text/csv',
  xlsxType,
  parquetType,
  'application/json',
  'application/xml',
] as const
const fields = {
  name: z.string().min(1).max(100),
  report: z
    .string()
    .max(300)
    .regex(
      /^([a-z0-9-]+|(alerts|recalls|dispositions|shipments|investigations)\/[^/?#]+\/report)$/,
      'is no report',
    )
    .openapi({ description: 'path below /api/v1/reports/ (fsma204), or recalls/{id}/report' }),
  query: z.record(z.string().max(100), z.string().max(1000)).default({}).openapi({
    description:
      'its parameters; {from} and {to} stand for the time of a run, {language}, {unit} and {zone} for those of the reader',
  }),
  media: z.enum(media),
  schedule: scheduleSchema,
  channels: z
    .array(z.string().max(100))
    .min(1)
    .max(bounds.reportReceiversMax)
    .openapi({ description: 'notification channels by e-mail' }),
}
const askedSchema = z.strictObject(fields).openapi('NewReportSchedule', {
  example: {
    name: 'Traceability of the week',
    report: 'fsma204',
    query: { from: '{from}', to: '{to}' },
    media: 'text/csv',
    schedule: { every: 'week', weekday: 1, at: '07:00', zone: 'Europe/Berlin' },
    channels: ['ch-quality'],
  },
})
const schema = z
  .object({
    id: z.string(),
    ...fields,
    query: z.record(z.string(), z.string()),
    media: z.string(),
    schedule: z.record(z.string(), z.union([z.string(), z.number()])),
    status: z.enum(['active', 'paused', 'failing', 'disabled']),
    reason: z.string().nullable(),
    createdAt: z.string(),
    toldAt: z.string().nullable(),
    failingSince: z.string().nullable(),
    nextAttemptAt: z.string().nullable(),
    nextRunAt: z.string().nullable(),
  })
  .openapi('ReportSchedule')
const params = z.object({ id: z.string().max(100) })
const json = (description: string, of: z.ZodType) => ({
  description,
  content: { 'application/json': { schema: of } },
})
const body = { required: true, content: { 'application/json': { schema: askedSchema } } }
const read = { noun: 'reportSchedules', verb: 'read' } as const
const write = { noun: 'reportSchedules', verb: 'write' } as const
const path = '/api/v1/report-schedules'

const create = guarded(write, {
  method: 'post',
  path,
  summary: 'Have a report sent again and again',
  request: { body },
  responses: { 201: json('Made', schema) },
})
const list = guarded(read, {
  method: 'get',
  path,
  summary: 'List reports that are sent again and again',
  request: { query: z.object(pageQuery) },
  responses: {
    200: {
      description: 'A page of schedules',
      content: { 'application/json': { schema: pageOf(schema) } },
    },
  },
})
const replace = guarded(write, {
  method: 'put',
  path: `${path}/{id}`,
  summary: 'Change what is sent, when or to whom',
  request: { params, body },
  responses: { 200: json('As it stands now', schema) },
})
const remove = guarded(write, {
  method: 'delete',
  path: `${path}/{id}`,
  summary: 'Send it no more',
  request: { params },
  responses: { 204: { description: 'Deleted, with the list of its mails' } },
})
const run = guarded(write, {
  method: 'post',
  path: `${path}/{id}/run`,
  summary: 'Send it now',
  description: 'Of the time since its last run was due; those to come stay as they are.',
  request: { params },
  responses: { 202: json('Under way', z.object({ messages: z.int() })) },
})
const mails = guarded(read, {
  method: 'get',
  path: `${path}/{id}/deliveries`,
  summary: 'List its mails with every attempt, the newest first',
  request: { params, query: z.object(pageQuery) },
  responses: {
    200: {
      description: 'A page of mails',
      content: { 'application/json': { schema: pageOf(deliverySchema) } },
    },
  },
})
const retry = guarded(write, {
  method: 'post',
  path: `${path}/{id}/deliveries/{message}/retry`,
  summary: 'Send a mail again that was given up',
  request: { params: params.extend({ message: z.string().max(100) }) },
  responses: { 202: json('It has its turn again', z.object({ message: z.string() })) },
})

export const reportSchedules = (deps: Deps) => schedules(deps).route('/', scheduleMails(deps))

const schedules = ({ now, deliveries }: Deps) =>
  nounApp()
    .openapi(create, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const asked = c.req.valid('json')
      const made = await c.get('ledger').transact(async (db) => {
        await refuseTooMany(db, tenant)
        const { schedule, settings } = await settingsFrom(db, tenant, asked)
        const endpoint: Endpoint = {
          ...newEndpoint(tenant, now()),
          ...{ id: randomId('report'), kind: 'report', query: '', url: '', secrets: [], settings },
          runAt: nextRun(schedule, now()),
        }
        await insertBounded(db, endpoint)
        await witness(db, endpoint, { kind: 'created', by, at: now() })
        c.set('created', `${path}/${endpoint.id}`)
        return endpoint
      }, serially)
      return c.json(format(made), 201, { Location: `${path}/${made.id}` })
    })
    .openapi(list, async (c) => {
      const page = { ...c.req.valid('query'), kind: 'report' } as const
      const { items, next } = await endpointPage(c.get('ledger').db, c.get('identity').tenant, page)
      return c.json({ items: items.map(format), next }, 200)
    })
    .openapi(replace, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { id } = c.req.valid('param')
      const asked = c.req.valid('json')
      const changed = await c.get('ledger').transact(async (db) => {
        const known = await scheduleNamed(db, tenant, id)
        const { schedule, settings } = await settingsFrom(db, tenant, asked)
        await updateEndpoint(db, known, { settings, runAt: nextRun(schedule, now()), nextAt: 0 })
        const after = await scheduleNamed(db, tenant, id)
        await witness(db, after, { kind: 'changed', by, at: now() })
        return after
      })
      deliveries?.wake()
      return c.json(format(changed), 200)
    })
    .openapi(remove, async (c) => {
      const { tenant, id: by } = c.get('identity')
      await c.get('ledger').transact(async (db) => {
        const known = await scheduleNamed(db, tenant, c.req.valid('param').id)
        await deleteEndpoint(db, tenant, known.id)
        await witness(db, known, { kind: 'deleted', by, at: now() })
      })
      return c.body(null, 204)
    })
    .openapi(run, async (c) => {
      const { tenant } = c.get('identity')
      const messages = await c.get('ledger').transact(async (db) => {
        const known = await scheduleNamed(db, tenant, c.req.valid('param').id)
        const { schedule } = settingsOf(known)
        const { from } = periodOf(schedule, { dueAt: nextRun(schedule, now()), now: now() })
        const made = reportMessages(known, { from, to: now() })
        await appendMessages(db, known, { messages: made, now: now() })
        return made.length
      })
      deliveries?.wake()
      return c.json({ messages }, 202)
    })

const scheduleMails = ({ deliveries }: Deps) =>
  nounApp()
    .openapi(mails, async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const before = parseCursor(cursor, numberPlace)?.[0]
      const { db } = c.get('ledger')
      const known = await scheduleNamed(db, c.get('identity').tenant, c.req.valid('param').id)
      const page = { limit: limit + 1, ...(before !== undefined && { before }) }
      const rows = await listDeliveries(db, known, page)
      const { items, next } = cutPage(rows, limit, ({ number }) => [number])
      return c.json({ items: items.map(formatDelivery), next }, 200)
    })
    .openapi(retry, async (c) => {
      const { tenant } = c.get('identity')
      const { id, message } = c.req.valid('param')
      await c.get('ledger').transact(async (db) => {
        const known = await scheduleNamed(db, tenant, id)
        if (!(await reviveDelivery(db, known, message)))
          throw conflict('only what was given up is sent again')
        await updateEndpoint(db, known, { nextAt: 0 })
      })
      deliveries?.wake()
      return c.json({ message }, 202)
    })

/** Problem 409. */
async function refuseTooMany(db: LedgerQuery, tenant: string): Promise<void> {
  const limit = bounds.reportSchedulesMax
  if ((await listEndpoints(db, tenant, { kind: 'report', limit })).length >= limit)
    throw conflict(`there are ${limit} schedules: delete some`)
}

/** Problem 404. */
async function scheduleNamed(db: LedgerQuery, tenant: string, id: string): Promise<Endpoint> {
  const found = await readEndpoint(db, tenant, id)
  if (found?.kind !== 'report') throw notFound(`no report schedule ${id}`, 'path/id')
  return found
}

/** Problem 400 where it names a channel that is none by e-mail. */
async function settingsFrom(
  db: LedgerQuery,
  tenant: string,
  { name, report, query, media: form, schedule: asked, channels }: z.output<typeof askedSchema>,
): Promise<{ schedule: ReportSchedule; settings: Endpoint['settings'] }> {
  for (const id of channels) {
    const channel = await readEndpoint(db, tenant, id)
    if (channel?.kind !== 'channel' || termsOf(channel).via !== 'email')
      throw invalid(`there is no channel ${id} by e-mail`, '/channels')
  }
  const schedule: ReportSchedule = { ...asked, at: parseLocalMinute(asked.at)! }
  const settings: ReportSettings = {
    ...{ name, path: report, query, media: form, schedule },
    channels: [...new Set(channels)],
  }
  return { schedule, settings: settings as unknown as Endpoint['settings'] }
}

async function witness(
  db: LedgerQuery,
  endpoint: Endpoint,
  { kind, by, at: when }: { kind: string; by: string; at: number },
): Promise<void> {
  const { tenant, id, settings } = endpoint
  const entry = { tenant, kind: `report-schedule.${kind}`, by, at: when }
  await appendEvidence(db, { ...entry, record: { id, ...settings } })
}

function format(endpoint: Endpoint) {
  const { name, path: report, query, media: form, schedule, channels } = settingsOf(endpoint)
  return {
    ...{ id: endpoint.id, name, report, query: { ...query }, media: form },
    schedule: formatSchedule(schedule) as Record<string, string | number>,
    channels: [...channels],
    ...formatHealth(endpoint),
    nextRunAt: formatEnd(endpoint.runAt),
  }
}
