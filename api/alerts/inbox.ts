// The inbox: what people still have to look at, one row for alerts on one container whose breaches
// met, with counts. What was done with each alert is in api/alerts/workflow.ts.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { lifeStates } from '../../domain/alert-life.ts'
import { type Severity, severities } from '../../domain/profile/profile.ts'
import {
  countGroups,
  countInbox,
  type InboxAlert,
  type InboxFilter,
  type InboxGroup,
  inboxAlerts,
  listInbox,
} from '../../store/ledger/inbox.ts'
import {
  cutPage,
  formatEnd,
  formatTime,
  limitQuery,
  pageOf,
  parseCursor,
  timeQuery,
} from '../page.ts'
import { gtinOf } from '../profiles/products.ts'
import { guarded, nounApp } from '../route.ts'
import { epcOf } from './alerts.ts'

const severity = z.enum(severities as [Severity, ...Severity[]])
const count = z.number().int()
const states = z.object(
  Object.fromEntries(lifeStates.map((state) => [state, count])) as Record<
    (typeof lifeStates)[number],
    typeof count
  >,
)

const alertSchema = z.object({
  id: z.string(),
  kind: z.enum(['excursion', 'silence']),
  state: z.enum(lifeStates),
  assignee: z.string().nullable(),
  severity,
  rule: z.string(),
  ruleKind: z.string(),
  gtin: z.string(),
  device: z.string(),
  from: z.string(),
  to: z.string().nullable(),
  minutes: z.number(),
  peakC: z.number().nullable(),
  limitC: z.number().nullable(),
  verdict: z.enum(['in', 'out', 'indeterminate']),
  status: z.string(),
  revision: count,
  serialCount: count,
  links: z.object({ self: z.string(), workflow: z.string(), serials: z.string() }),
})

const groupSchema = z
  .object({
    group: z.string(),
    container: z.string(),
    place: z.string().nullable().openapi({ description: 'where the container was when it began' }),
    severity: severity.openapi({ description: 'of the most severe' }),
    from: z.string().openapi({ description: 'begin of the first breach' }),
    lastFrom: z.string(),
    alertCount: count,
    unassigned: count,
    states,
    alerts: z.array(alertSchema).openapi({
      description: `the most severe first, at most ${bounds.inboxAlertsShown}`,
    }),
  })
  .openapi('InboxGroup')

const countsSchema = z
  .object({
    groups: count,
    alerts: count,
    states,
    severities: z.record(severity, count),
  })
  .openapi({ description: 'of all that the filter lets through; only with the first page' })

const list = guarded(
  { noun: 'alerts', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/inbox',
    summary: 'List what people still have to look at, in groups',
    description:
      'The most severe first, then the newest. Without `state`: all that is neither closed nor gone.',
    request: {
      query: z.object({
        limit: limitQuery(bounds.inboxPageMax, 50),
        cursor: z.string().max(1000).optional(),
        state: z.enum(lifeStates).optional(),
        severity: severity.optional().openapi({ description: 'at least that' }),
        assignee: z.string().max(200).optional().openapi({
          description: 'an id, `me`, or `nobody`',
        }),
        gtin: z.string().max(14).optional(),
        container: z.string().max(500).optional(),
        place: z.string().max(1000).optional(),
        from: timeQuery.optional().openapi({ description: 'breaches that begin then or later' }),
        to: timeQuery.optional(),
      }),
    },
    responses: {
      200: {
        description: 'A page of groups',
        content: {
          'application/json': {
            schema: pageOf(groupSchema).extend({ counts: countsSchema.nullable() }),
          },
        },
      },
    },
  },
)

const place = z.tuple([z.int(), z.int(), z.string()])

export const inbox = () =>
  nounApp().openapi(list, async (c) => {
    const { tenant, id: me } = c.get('identity')
    const { db } = c.get('ledger')
    const { limit, cursor, ...asked } = c.req.valid('query')
    const { assignee, gtin, container } = asked
    const filter: InboxFilter = {
      ...asked,
      severity: asked.severity && severities.indexOf(asked.severity),
      assignee: assignee === 'nobody' ? null : assignee === 'me' ? me : assignee,
      gtin: gtin === undefined ? undefined : gtinOf(gtin, 'query/gtin'),
      container: container === undefined ? undefined : epcOf(container, 'query/container'),
    }
    const after = parseCursor(cursor, place)
    const rows = await listInbox(db, tenant, { filter, after, limit: limit + 1 })
    const { items, next } = cutPage(rows, limit, (row) => [row.severity, row.last, row.group])
    const groups = items.map(({ group }) => group)
    const each = bounds.inboxAlertsShown
    const shown = await inboxAlerts(db, tenant, { groups, filter, each })
    const byGroup = Map.groupBy(shown, ({ group }) => group)
    const counts = after ? null : await countsOf(db, tenant, filter)
    const told = items.map((row) => formatGroup(row, byGroup.get(row.group) ?? []))
    return c.json({ items: told, next, counts }, 200)
  })

async function countsOf(db: Parameters<typeof countInbox>[0], tenant: string, filter: InboxFilter) {
  const rows = await countInbox(db, tenant, filter)
  const sum = (of: typeof rows): number => of.reduce((all, { alerts }) => all + alerts, 0)
  const pick = <K extends string>(names: readonly K[], of: (row: (typeof rows)[0]) => string) =>
    Object.fromEntries(
      names.map((name) => [name, sum(rows.filter((row) => of(row) === name))]),
    ) as Record<K, number>
  return {
    groups: await countGroups(db, tenant, filter),
    alerts: sum(rows),
    states: pick(lifeStates, ({ state }) => state),
    severities: pick(severities, (row) => severities[row.severity]!),
  }
}

function formatGroup(row: InboxGroup, alerts: readonly InboxAlert[]) {
  const [first] = alerts
  return {
    group: row.group,
    ...{ container: first?.alert.container ?? '', place: first?.place ?? null },
    severity: severities[row.severity]!,
    ...{ from: formatTime(row.first), lastFrom: formatTime(row.last) },
    ...{ alertCount: row.alerts, unassigned: row.unassigned, states: row.states },
    alerts: alerts.map(formatInboxAlert),
  }
}

function formatInboxAlert({ alert, state, assignee }: InboxAlert) {
  const { id, kind, severity, rule, ruleKind, gtin, device } = alert
  const { from, to, minutes, peakC, limitC } = alert
  const { verdict, status, revision, serialCount } = alert
  const self = `/api/v1/alerts/${encodeURIComponent(id)}`
  return {
    ...{ id, kind, state, assignee, severity, rule, ruleKind, gtin, device },
    ...{ from: formatTime(from), to: formatEnd(to), minutes, peakC, limitC },
    ...{ verdict, status, revision, serialCount },
    links: { self, workflow: `${self}/workflow`, serials: `${self}/serials` },
  }
}
