// Alerts: what stands, its figures, and every revision it had. The serials of an alert are in
// api/serials.ts.
import { z } from '@hono/zod-openapi'
import { canonicalEpc } from '../../domain/gs1/gs1.ts'
import { severities } from '../../domain/profile/profile.ts'
import { type Alert, listAlerts, listRevisions, readAlert } from '../../store/ledger/alerts.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { answerList, columnsOf, fileContent, fileQuery, type PageAsked } from '../files/files.ts'
import { fileNameOf } from '../files/names.ts'
import { cutPage, formatEnd, formatTime, pageOf, parseCursor, textPlace } from '../page.ts'
import { notFound, Problem } from '../problem.ts'
import { gtinOf } from '../profiles/products.ts'
import { guarded, nounApp } from '../route.ts'

const statuses = ['open', 'closed', 'superseded', 'retracted'] as const
const verdict = z.enum(['in', 'out', 'indeterminate'])

export const alertSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['excursion', 'silence']),
    rule: z.string(),
    severity: z.enum(severities as [string, ...string[]]),
    device: z.string(),
    container: z.string(),
    label: z.string().optional().openapi({
      description: 'container whose scanned label asks for the limit; none: the profile does',
    }),
    channel: z.string(),
    from: z.string().openapi({ description: 'first moment known to be out' }),
    to: z.string().nullable().openapi({ description: 'null while it lasts' }),
    minutes: z.number().openapi({ description: 'known to be out' }),
    peakC: z.number().nullable().openapi({
      description: 'of a silence what was said last; null when nothing was',
    }),
    verdict,
    status: z.enum(statuses),
    revision: z.number().int(),
    serialCount: z.number().int(),
    serialSetHash: z.string().openapi({
      description: 'SHA-256 of the sorted Digital Links of all serials, each ended by a line feed',
    }),
    gtin: z.string(),
    unknownMinutes: z.number(),
    raisedAt: z.string(),
    limitC: z.number().nullable().openapi({
      description:
        'as the profile states it; of a rise or fall a difference, of two sides the upper; null of a silence',
    }),
    lowerLimitC: z.number().optional(),
    effectiveLimitC: z.number().optional().openapi({
      description: 'the limit as it was judged, when a guard band moved it inwards',
    }),
    effectiveLowerLimitC: z.number().optional(),
    ruleSide: z.string().optional().openapi({ description: 'outside, rise or fall' }),
    withinMinutes: z.number().optional(),
    per: z.string().optional(),
    ruleKind: z.string(),
    allowanceMinutes: z.number(),
    productVersion: z.number().int(),
    supersededBy: z.string().optional(),
    closed: z
      .object({ at: z.string(), by: z.string(), reason: z.string().optional() })
      .optional()
      .openapi({ description: 'by: readings, watch-ended, or who closed it' }),
    links: z.object({ self: z.string(), serials: z.string(), revisions: z.string() }),
  })
  .openapi('Alert')

const revisionSchema = z
  .object({
    revision: z.number().int(),
    recordTime: z.string(),
    cause: z.string(),
    diff: z.record(z.string(), z.unknown()),
    alert: alertSchema,
  })
  .openapi('AlertRevision')

const params = z.object({ id: z.string().max(200) })

const list = guarded(
  { noun: 'alerts', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/alerts',
    summary: 'List alerts, newest breach first',
    request: {
      query: z.object({
        ...fileQuery,
        device: z.string().max(64).optional(),
        container: z.string().max(500).optional().openapi({ description: 'any GS1 syntax' }),
        gtin: z.string().max(14).optional(),
        status: z.enum(statuses).default('open'),
        severity: z.enum(severities as [Alert['severity'], ...Alert['severity'][]]).optional(),
      }),
    },
    responses: {
      200: {
        description: 'A page of alerts, or all of them as a file',
        content: { 'application/json': { schema: pageOf(alertSchema) }, ...fileContent },
      },
    },
  },
)

const get = guarded(
  { noun: 'alerts', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/alerts/{id}',
    summary: 'Read an alert as it stands',
    request: { params },
    responses: {
      200: { description: 'The alert', content: { 'application/json': { schema: alertSchema } } },
    },
  },
)

const revisions = guarded(
  { noun: 'alerts', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/alerts/{id}/revisions',
    summary: 'Read every revision of an alert with its cause and diff',
    request: { params },
    responses: {
      200: {
        description: 'All revisions, oldest first',
        content: { 'application/json': { schema: pageOf(revisionSchema) } },
      },
    },
  },
)

export const alerts = () =>
  nounApp()
    .openapi(list, async (c) => {
      const asked = c.req.valid('query')
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      const { status, container, device, gtin } = asked
      const fileName = fileNameOf('alerts', status, container ?? device ?? gtin)
      return answerList(c, asked, {
        ...{ columns, fileName },
        row: ({ links, closed, ...row }: ReturnType<typeof formatAlert>) => row,
        read: (page) => alertsOf(db, tenant, { ...asked, ...page }),
      }) as never
    })
    .openapi(get, async (c) => {
      const { id } = c.req.valid('param')
      const alert = await readAlert(c.get('ledger').db, c.get('identity').tenant, id)
      if (!alert) throw notFound(`no alert ${id}`, 'path/id')
      return c.json(formatAlert(alert), 200)
    })
    .openapi(revisions, async (c) => {
      const { id } = c.req.valid('param')
      const rows = await listRevisions(c.get('ledger').db, c.get('identity').tenant, id)
      if (rows.length === 0) throw notFound(`no alert ${id}`, 'path/id')
      const items = rows.map(({ revision, recordTime, cause, diff, alert }) => ({
        revision,
        recordTime: formatTime(recordTime),
        cause,
        diff,
        alert: formatAlert(alert),
      }))
      return c.json({ items, next: null }, 200)
    })

const columns = columnsOf({
  ...{ id: 'text', kind: 'code', status: 'code', severity: 'code', rule: 'text', gtin: 'text' },
  ...{ container: 'text', device: 'text', channel: 'text', from: 'time', to: 'time' },
  ...{ minutes: 'number', unknownMinutes: 'number', peakC: 'celsius', limitC: 'number' },
  ...{ verdict: 'code', serialCount: 'integer', serialSetHash: 'text', revision: 'integer' },
  raisedAt: 'time',
})

async function alertsOf(
  db: LedgerQuery,
  tenant: string,
  asked: PageAsked & z.output<typeof list.request.query>,
) {
  const { limit, cursor, device, container, gtin, status, severity } = asked
  const after = parseCursor(cursor, textPlace)?.[0]
  const rows = await listAlerts(db, tenant, {
    limit: limit + 1,
    status,
    ...(device !== undefined && { device }),
    ...(container !== undefined && { container: epcOf(container, 'query/container') }),
    ...(gtin !== undefined && { gtin: gtinOf(gtin, 'query/gtin') }),
    ...(severity !== undefined && { severity }),
    ...(after !== undefined && { after }),
  })
  const { items, next } = cutPage(rows, limit, (row) => [row.id])
  return { items: items.map(formatAlert), next }
}

/** An EPC in any GS1 syntax as its canonical form; Problem 400 with the place of the fault. */
export function epcOf(text: string, path: string): string {
  const epc = canonicalEpc(text)
  if (epc.ok) return epc.value
  throw new Problem(
    400,
    epc.refusals.map((refusal) => ({ ...refusal, path })),
  )
}

export function formatAlert(alert: Alert) {
  const { legs: _legs, serialSet: _serialSet, from, to, raisedAt, closed, ...rest } = alert
  const self = `/api/v1/alerts/${encodeURIComponent(alert.id)}`
  return {
    ...rest,
    from: formatTime(from),
    to: formatEnd(to),
    raisedAt: formatTime(raisedAt),
    ...(closed && { closed: { ...closed, at: formatTime(closed.at) } }),
    links: { self, serials: `${self}/serials`, revisions: `${self}/revisions` },
  }
}
