// What people do with an alert: acknowledge it with a reason, assign it, say something, move it on;
// who did what when, and what else was alike. Refuses steps that the table of domain/alert-life.ts
// does not have, and whoever acts on a page that is no longer how it stands.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import { type LifeEntry, lifeStates, mayStep, maySteps } from '../../domain/alert-life.ts'
import {
  appendEntry,
  basisOf,
  holdLife,
  type LifeRow,
  readEntries,
  readLife,
} from '../../store/ledger/alert-lives.ts'
import { type Alert, readAlert } from '../../store/ledger/alerts.ts'
import { groupMembers, similarAlerts } from '../../store/ledger/inbox.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { readPerson } from '../../store/ledger/people.ts'
import type { Change, Deps } from '../deps.ts'
import type { Env, Identity } from '../identity.ts'
import { formatTime, limitQuery } from '../page.ts'
import { invalid, notFound, Problem } from '../problem.ts'
import { mayDo, rolesFor } from '../roles.ts'
import { guarded, nounApp } from '../route.ts'
import { alertSchema, formatAlert } from './alerts.ts'

const params = z.object({ id: z.string().max(200) })
const text = z.string().trim().min(3).max(bounds.qualityTextMax)
const state = z.enum(lifeStates)
const shared = {
  group: z.boolean().default(false).openapi({
    description: 'the same for all alerts of the group that it may be done to',
  }),
  seen: z.number().int().min(0).optional().openapi({
    description: '`number` of the workflow that was looked at; when there is more, 409',
  }),
}

const workflowSchema = z
  .object({
    alert: z.string(),
    group: z.string(),
    state,
    assignee: z.string().nullable(),
    number: z.number().int().openapi({ description: 'of the last entry' }),
    maySteps: z.array(state),
    revision: z.number().int(),
    serialSetHash: z.string(),
    decidedOn: z
      .object({ revision: z.number().int(), serialSetHash: z.string(), verdict: z.string() })
      .nullable(),
    supersededBy: z.string().nullable(),
    entries: z.array(
      z.object({
        alert: z.string().openapi({ description: 'another one: whose place this one took' }),
        number: z.number().int(),
        at: z.string(),
        by: z.string().openapi({ description: '`restated`: the data, no person' }),
        kind: z.enum(['moved', 'assigned', 'commented', 'carried']),
        to: z.string().nullable().optional(),
        reason: z.string().optional(),
        text: z.string().optional(),
        from: z.string().optional(),
        revision: z.number().int().optional().openapi({ description: 'that stood then' }),
      }),
    ),
    members: z.array(z.object({ alert: z.string(), state })).openapi({
      description: 'alerts of the group, this one among them',
    }),
  })
  .openapi('AlertWorkflow')

const content = { 'application/json': { schema: workflowSchema } }
const path = '/api/v1/alerts/{id}'

const get = guarded(
  { noun: 'alerts', verb: 'read' },
  {
    method: 'get',
    path: `${path}/workflow` as const,
    summary: 'What people did with an alert, and what may be done next',
    request: { params },
    responses: { 200: { description: 'As it stands', content } },
  },
)

const step = <V extends string, S extends z.ZodType>(verb: V, summary: string, schema: S) =>
  guarded(
    { noun: 'alerts', verb: 'write' },
    {
      method: 'post',
      path: `${path}/${verb}` as `${typeof path}/${V}`,
      summary,
      request: { params, body: { required: true, content: { 'application/json': { schema } } } },
      responses: { 200: { description: 'Done and kept', content } },
    },
  )

const acknowledge = step(
  'acknowledge',
  'Acknowledge an alert with a reason',
  z.strictObject({ reason: text, ...shared }).openapi('AlertAcknowledgement'),
)
const assign = step(
  'assign',
  'Assign an alert to a person, or to nobody',
  z
    .strictObject({ to: z.string().trim().min(1).max(200).nullable(), ...shared })
    .openapi('AlertAssignment', { example: { to: 'me', group: true } }),
)
const comment = step(
  'comment',
  'Say something about an alert; it stays',
  z.strictObject({ text, ...shared }).openapi('AlertComment'),
)
const transition = step(
  'transition',
  'Move an alert on, or open it again',
  z.strictObject({ to: state, reason: text, ...shared }).openapi('AlertTransition'),
)

const similar = guarded(
  { noun: 'alerts', verb: 'read' },
  {
    method: 'get',
    path: `${path}/similar` as const,
    summary: 'List alerts like this one: of its product, rule, container, logger or place',
    request: {
      params,
      query: z.object({
        days: z.coerce.number().int().min(1).max(bounds.similarDaysMax).default(90).openapi({
          type: 'integer',
        }),
        limit: limitQuery(bounds.similarMax, 20),
      }),
    },
    responses: {
      200: {
        description: 'The most alike first, then the newest',
        content: {
          'application/json': {
            schema: z.object({
              items: z.array(
                z.object({
                  alert: alertSchema,
                  state,
                  alike: z.array(z.enum(['product', 'rule', 'container', 'device', 'place'])),
                }),
              ),
            }),
          },
        },
      },
    },
  },
)

export const alertWorkflow = (deps: Deps) =>
  nounApp()
    .openapi(get, async (c) => {
      const told = await workflowOf(
        c.get('ledger').db,
        c.get('identity').tenant,
        c.req.valid('param').id,
      )
      return c.json(told, 200)
    })
    .openapi(acknowledge, async (c) => {
      const { reason, ...how } = c.req.valid('json')
      return c.json(await take(deps, c, { ...how, do: { to: 'acknowledged', reason } }), 200)
    })
    .openapi(transition, async (c) => {
      const { to, reason, ...how } = c.req.valid('json')
      refuseUnqualified(c.get('identity'), to)
      return c.json(await take(deps, c, { ...how, do: { to, reason } }), 200)
    })
    .openapi(assign, async (c) => {
      const { to, ...how } = c.req.valid('json')
      const assignee = await assigneeOf(c, to)
      return c.json(await take(deps, c, { ...how, do: { assignee } }), 200)
    })
    .openapi(comment, async (c) => {
      const { text, ...how } = c.req.valid('json')
      return c.json(await take(deps, c, { ...how, do: { text } }), 200)
    })
    .openapi(similar, async (c) => {
      const { tenant } = c.get('identity')
      const { db } = c.get('ledger')
      const { id } = c.req.valid('param')
      const { days, limit } = c.req.valid('query')
      const alert = await alertOr404(db, tenant, id)
      const place = (await readLife(db, tenant, id))?.place ?? null
      const since = alert.from - days * 86_400_000
      const rows = await similarAlerts(db, tenant, {
        ...{ alert, place, since, limit: bounds.similarMax },
      })
      const items = rows
        .map((row) => ({
          ...{ alert: formatAlert(row.alert), state: row.state },
          alike: likenesses(alert, row.alert, place !== null && row.place === place),
        }))
        .sort((a, b) => b.alike.length - a.alike.length)
      return c.json({ items: items.slice(0, limit) }, 200)
    })

/** A person of the tenant, or who asks: what is assigned to nobody real is looked at by nobody. */
async function assigneeOf(c: Context<Env>, to: string | null): Promise<string | null> {
  const { tenant, id: me } = c.get('identity')
  if (to === null) return null
  if (to === 'me' || to === me) return me
  const person = await readPerson(c.get('ledger').db, tenant, to)
  if (person?.status === 'active') return to
  throw invalid(`there is no such person: ${to}`, '/to')
}

/** Whoever may not decide on units does not say that an alert is decided, nor closes it. */
function refuseUnqualified(identity: Identity, to: (typeof lifeStates)[number]): void {
  const held = 'roles' in identity ? identity.roles : []
  if ((to !== 'decided' && to !== 'closed') || mayDo(held, 'dispositions', 'write')) return
  const names = rolesFor('dispositions', 'write').join(', ')
  const detail = `an alert is ${to} by whoever decides on units: ${names}`
  throw new Problem(403, [{ code: 'request/forbidden', path: '/to', detail }])
}

/** What is to be done to an alert, or to all of its group. */
type Doing =
  | { to: (typeof lifeStates)[number]; reason: string }
  | { assignee: string | null }
  | { text: string }

interface Asked {
  group: boolean
  seen?: number | undefined
  do: Doing
}

async function take(deps: Deps, c: Context<Env>, asked: Asked) {
  const { tenant, id: by } = c.get('identity')
  const id = c.req.param('id')!
  const at = deps.now()
  const ledger = c.get('ledger')
  const moved = await ledger.transact(async (db) => {
    const first = await stepOf(db, tenant, { id, by, at, asked })
    const rows = [first]
    if (!asked.group) return rows
    const { group } = first
    const members = await groupMembers(db, tenant, { group, limit: bounds.groupStepsMax })
    for (const { alert, state: from } of members) {
      if (alert === id || (from === 'closed' && !('to' in asked.do))) continue
      if ('to' in asked.do && !mayStep(from, asked.do.to, 'person')) continue
      rows.push(
        await stepOf(db, tenant, { id: alert, by, at, asked: { ...asked, seen: undefined } }),
      )
    }
    return rows
  })
  for (const row of moved) deps.tell?.(changeOf(row, by))
  deps.deliveries?.wake()
  return workflowOf(ledger.db, tenant, id)
}

async function stepOf(
  db: LedgerQuery,
  tenant: string,
  { id, by, at, asked }: { id: string; by: string; at: number; asked: Asked },
): Promise<LifeRow> {
  const row = await holdLife(db, tenant, id)
  const alert = await alertOr404(db, tenant, id)
  if (!row) throw notFound(`no alert ${id}`, 'path/id')
  if (row.heir !== null) throw stale(`another alert took its place: ${row.heir}`)
  if (asked.seen !== undefined && asked.seen < row.entries)
    throw stale(`${row.entries - asked.seen} entries came since it was looked at: look again`)
  const basis = basisOf(alert)
  const entry = entryOf(row, { doing: asked.do, basis })
  const after = await appendEntry(db, row, { entry, by, at, basis })
  if (!after) throw stale('somebody else was first: look again')
  return after
}

function entryOf(
  { life }: LifeRow,
  { doing, basis }: { doing: Doing; basis: ReturnType<typeof basisOf> },
): LifeEntry {
  if ('text' in doing) return { kind: 'commented', text: doing.text }
  if ('assignee' in doing) return { kind: 'assigned', to: doing.assignee }
  const { to, reason } = doing
  if (mayStep(life.state, to, 'person'))
    return { kind: 'moved', to, mover: 'person', reason, basis }
  const may = maySteps(life.state, 'person').join(', ')
  const detail = `it is ${life.state}: from there it goes to ${may}, not to ${to}`
  throw new Problem(409, [{ code: 'quality/step', path: '/to', detail }])
}

const stale = (detail: string): Problem =>
  new Problem(409, [{ code: 'quality/stale', path: '', detail }])

/** For all who follow the stream. */
export const changeOf = (row: LifeRow, by: string): Change => ({
  tenant: row.tenant,
  event: 'alert.workflow',
  data: {
    ...{ alert: row.alert, group: row.group, number: row.entries, by },
    ...{ state: row.life.state, assignee: row.life.assignee },
  },
})

async function alertOr404(db: LedgerQuery, tenant: string, id: string): Promise<Alert> {
  const alert = await readAlert(db, tenant, id)
  if (!alert) throw notFound(`no alert ${id}`, 'path/id')
  return alert
}

async function workflowOf(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<z.output<typeof workflowSchema>> {
  const alert = await alertOr404(db, tenant, id)
  const row = await readLife(db, tenant, id)
  if (!row) throw notFound(`no alert ${id}`, 'path/id')
  const entries = await readEntries(db, tenant, id)
  const { group, life, heir } = row
  const members = await groupMembers(db, tenant, { group, limit: bounds.groupStepsMax })
  return {
    ...{ alert: id, group, state: life.state, assignee: life.assignee, number: row.entries },
    maySteps: heir === null ? maySteps(life.state, 'person') : [],
    ...{ revision: alert.revision, serialSetHash: alert.serialSetHash, supersededBy: heir },
    decidedOn: life.basis && {
      ...{ revision: life.basis.revision, serialSetHash: life.basis.serialSetHash },
      verdict: life.basis.verdict,
    },
    entries: entries.map(({ entry, at, ...rest }) => ({
      ...{ ...rest, at: formatTime(at), kind: entry.kind },
      ...(entry.kind === 'moved' && {
        ...{ to: entry.to, reason: entry.reason, revision: entry.basis.revision },
      }),
      ...(entry.kind === 'assigned' && { to: entry.to }),
      ...(entry.kind === 'commented' && { text: entry.text }),
      ...(entry.kind === 'carried' && { from: entry.from, to: entry.life.state }),
    })),
    members,
  }
}

function likenesses(one: Alert, other: Alert, samePlace: boolean) {
  return [
    ...(one.gtin === other.gtin ? (['product'] as const) : []),
    ...(one.rule === other.rule ? (['rule'] as const) : []),
    ...(one.container === other.container ? (['container'] as const) : []),
    ...(one.device === other.device ? (['device'] as const) : []),
    ...(samePlace ? (['place'] as const) : []),
  ]
}
