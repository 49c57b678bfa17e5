// Rules: of what people are told, whom first and whom next; and what they would make of an alert.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { canonicalEpc } from '../../domain/gs1/gs1.ts'
import { severities } from '../../domain/profile/profile.ts'
import { readFacts } from '../../quality/notify/facts.ts'
import { readRules, readTerms } from '../../quality/notify/notify.ts'
import { foresee } from '../../quality/notify/plan.ts'
import { type NotificationRule, ruleKinds } from '../../quality/notify/terms.ts'
import { readAlert } from '../../store/ledger/alerts.ts'
import { listEndpoints } from '../../store/ledger/endpoints.ts'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import {
  countRules,
  deleteRule,
  listRules,
  type RuleRow,
  readRule,
  writeRule,
} from '../../store/ledger/notification-rules.ts'
import type { Deps } from '../deps.ts'
import { randomId, serially } from '../once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, textPlace } from '../page.ts'
import { conflict, invalid, notFound } from '../problem.ts'
import { gtinOf } from '../profiles/products.ts'
import { guarded, nounApp } from '../route.ts'

const entries = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(bounds.ruleEntriesMax)
const place = z
  .string()
  .max(500)
  .openapi({ description: 'GLN in any GS1 syntax; a site covers its docks' })
const whenSchema = z
  .strictObject({
    kinds: entries(z.enum(ruleKinds)).optional(),
    severity: z
      .enum(severities as [string, ...string[]])
      .optional()
      .openapi({ description: 'at least so severe' }),
    phases: entries(z.enum(['origin', 'transit', 'destination'])).optional(),
    gtins: entries(z.string().max(14)).optional(),
    places: entries(place).optional(),
    lanes: entries(z.strictObject({ from: place.optional(), to: place.optional() })).optional(),
    devices: entries(z.string().max(64)).optional(),
  })
  .openapi({ description: 'all that is said has to hold; of a list one entry' })
const ruleFields = {
  name: z.string().min(1).max(100),
  enabled: z.boolean().default(true),
  when: whenSchema.default({}),
  steps: z
    .array(
      z.strictObject({
        afterMinutes: z.number().min(0).max(bounds.ruleAfterMinutesMax).default(0),
        channels: z.array(z.string().max(100)).min(1).max(bounds.ruleChannelsMax),
      }),
    )
    .min(1)
    .max(bounds.ruleStepsMax)
    .openapi({
      description: 'the ladder: each rung after so many minutes, unless somebody has acknowledged',
    }),
}
const ruleBody = z.strictObject(ruleFields).openapi('NewNotificationRule', {
  example: {
    name: 'Critical excursions',
    when: { severity: 'critical' },
    steps: [
      { afterMinutes: 0, channels: ['ch-quality'] },
      { afterMinutes: 15, channels: ['ch-head-of-quality'] },
    ],
  },
})
const ruleSchema = z
  .object({
    id: z.string(),
    ...ruleFields,
    enabled: z.boolean(),
    when: z.record(z.string(), z.unknown()),
    steps: z.array(z.object({ afterMinutes: z.number(), channels: z.array(z.string()) })),
    createdAt: z.string(),
    changedAt: z.string(),
    changedBy: z.string(),
  })
  .openapi('NotificationRule')
const foreseenSchema = z
  .object({
    rule: z.string(),
    ruleName: z.string(),
    failing: z.array(z.string()).openapi({ description: 'conditions that do not hold' }),
    channel: z.string().optional(),
    channelName: z.string().optional(),
    step: z.int().optional(),
    dueAt: z.string().optional(),
    tellAt: z.string().optional().openapi({ description: 'were nothing told meanwhile' }),
    held: z.string().optional(),
    suppressed: z.string().optional(),
  })
  .openapi('ForeseenNotification')
const params = z.object({ id: z.string().max(100) })
const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
})
const read = { noun: 'notifications', verb: 'read' } as const
const write = { noun: 'notifications', verb: 'write' } as const
const path = '/api/v1/notification-rules'
const body = { required: true, content: { 'application/json': { schema: ruleBody } } }

const create = guarded(write, {
  method: 'post',
  path,
  summary: 'Say who is told of what',
  description: `Kinds: ${ruleKinds.join(', ')}. About what happens from now on.`,
  request: { body },
  responses: { 201: json('Made', ruleSchema) },
})
const list = guarded(read, {
  method: 'get',
  path,
  summary: 'List rules',
  request: { query: z.object(pageQuery) },
  responses: {
    200: {
      description: 'A page of rules',
      content: { 'application/json': { schema: pageOf(ruleSchema) } },
    },
  },
})
const get = guarded(read, {
  method: 'get',
  path: `${path}/{id}`,
  summary: 'Read one rule',
  request: { params },
  responses: { 200: json('The rule', ruleSchema) },
})
const replace = guarded(write, {
  method: 'put',
  path: `${path}/{id}`,
  summary: 'Change a rule',
  description: 'What waits by it and is not asked for any more is suppressed.',
  request: { params, body },
  responses: { 200: json('As it stands now', ruleSchema) },
})
const remove = guarded(write, {
  method: 'delete',
  path: `${path}/{id}`,
  summary: 'Delete a rule',
  request: { params },
  responses: { 204: { description: 'Deleted' } },
})
const preview = guarded(read, {
  method: 'post',
  path: `${path}/preview`,
  summary: 'Who would be told of an alert, when, and why, or why not',
  description: 'As if it were raised now; every rule answers. Tells nobody.',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ alert: z.string().max(200) }) } },
    },
  },
  responses: {
    200: json('What each rule makes of it', z.object({ items: z.array(foreseenSchema) })),
  },
})

type Body = Omit<NotificationRule, 'id'>

export function notificationRules({ now, deliveries }: Deps) {
  return nounApp()
    .openapi(create, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const at = now()
      const asked = c.req.valid('json')
      const made = await c.get('ledger').transact(async (db) => {
        if ((await countRules(db, tenant)) >= bounds.notificationRulesMax)
          throw conflict(`there are ${bounds.notificationRulesMax} rules: delete some`)
        const rule = await bodyOf(db, tenant, asked)
        const made = { createdAt: at, changedAt: at, changedBy: by }
        const row = { id: randomId('rule'), ...made, body: rule }
        await store(db, { tenant, row, kind: 'created' })
        c.set('created', `${path}/${row.id}`)
        return row
      }, serially)
      return c.json(formatRule(made), 201, { Location: `${path}/${made.id}` })
    })
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const after = parseCursor(cursor, textPlace)?.[0]
      const page = { limit: limit + 1, ...(after !== undefined && { after }) }
      const rows = await listRules<Body>(c.get('ledger').db, c.get('identity').tenant, page)
      const { items, next } = cutPage(rows, limit, ({ id }) => [id])
      return c.json({ items: items.map(formatRule), next }, 200)
    })
    .openapi(get, async (c) => {
      const { tenant } = c.get('identity')
      return c.json(
        formatRule(await ruleNamed(c.get('ledger').db, tenant, c.req.valid('param').id)),
        200,
      )
    })
    .openapi(replace, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { id } = c.req.valid('param')
      const asked = c.req.valid('json')
      const changed = await c.get('ledger').transact(async (db) => {
        const known = await ruleNamed(db, tenant, id)
        const rule = await bodyOf(db, tenant, asked)
        const row = { ...known, changedAt: now(), changedBy: by, body: rule }
        await store(db, { tenant, row, kind: 'changed' })
        return row
      })
      deliveries?.wake()
      return c.json(formatRule(changed), 200)
    })
    .openapi(remove, async (c) => {
      const { tenant, id: by } = c.get('identity')
      await c.get('ledger').transact(async (db) => {
        const { id, body: record } = await ruleNamed(db, tenant, c.req.valid('param').id)
        await deleteRule(db, tenant, id)
        const kind = 'notification-rule.deleted'
        await appendEvidence(db, { tenant, kind, by, at: now(), record: { id, ...record } })
      })
      return c.body(null, 204)
    })
    .openapi(preview, async (c) => {
      const { tenant } = c.get('identity')
      const { alert } = c.req.valid('json')
      return c.json(
        { items: await foreseen(c.get('ledger').db, tenant, { alert, at: now() }) },
        200,
      )
    })
}

async function store(
  db: LedgerQuery,
  { tenant, row, kind }: { tenant: string; row: RuleRow<Body>; kind: string },
): Promise<void> {
  await writeRule(db, tenant, row)
  const { id, changedBy: by, changedAt: at, body: record } = row
  const entry = { tenant, kind: `notification-rule.${kind}`, by, at }
  await appendEvidence(db, { ...entry, record: { id, ...record } })
}

/** Problem 400 where it names what there is not. */
async function bodyOf(
  db: LedgerQuery,
  tenant: string,
  { name, enabled, when, steps }: z.output<typeof ruleBody>,
): Promise<Body> {
  const { gtins, places, lanes, ...plain } = when
  const known = new Set((await channels(db, tenant)).map(({ id }) => id))
  for (const [index, step] of steps.entries())
    for (const channel of step.channels)
      if (!known.has(channel))
        throw invalid(`there is no channel ${channel}`, `/steps/${index}/channels`)
  const ascending = steps.every(
    ({ afterMinutes }, index) => index === 0 || afterMinutes > steps[index - 1]!.afterMinutes,
  )
  if (!ascending) throw invalid('each rung comes later than the one before', '/steps')
  return {
    ...{ name, enabled },
    when: {
      ...(plain as NotificationRule['when']),
      ...(gtins && { gtins: gtins.map((gtin) => gtinOf(gtin, '/when/gtins')) }),
      ...(places && { places: places.map((one) => placeOf(one, '/when/places')) }),
      ...(lanes && {
        lanes: lanes.map(({ from, to }) => ({
          ...(from !== undefined && { from: placeOf(from, '/when/lanes') }),
          ...(to !== undefined && { to: placeOf(to, '/when/lanes') }),
        })),
      }),
    },
    steps: steps.map(({ afterMinutes, channels: of }) => ({
      afterMs: Math.round(afterMinutes * 60_000),
      channels: [...new Set(of)],
    })),
  }
}

function placeOf(text: string, at: string): string {
  const place = canonicalEpc(text)
  if (!place.ok) throw invalid(place.refusals[0]!.detail, at)
  return place.value
}

const channels = (db: LedgerQuery, tenant: string) =>
  listEndpoints(db, tenant, { kind: 'channel', limit: bounds.endpointsMax })

async function ruleNamed(db: LedgerQuery, tenant: string, id: string): Promise<RuleRow<Body>> {
  const found = await readRule<Body>(db, tenant, id)
  if (!found) throw notFound(`no rule ${id}`, 'path/id')
  return found
}

async function foreseen(
  db: LedgerQuery,
  tenant: string,
  { alert: id, at }: { alert: string; at: number },
) {
  const alert = await readAlert(db, tenant, id)
  if (!alert) throw notFound(`no alert ${id}`, '/alert')
  const notice = {
    tenant,
    kind: 'alert.raised',
    ref: `${id}/preview`,
    recordTime: at,
    body: { alert },
  }
  const [facts] = await readFacts(db, tenant, { notices: [notice], journey: true })
  const rules = await readRules(db, tenant)
  const all = await channels(db, tenant)
  const terms = await Promise.all(all.map((channel) => readTerms(db, channel)))
  const byId = new Map(all.map((channel, index) => [channel.id, terms[index]!]))
  return foresee(facts!, { rules, channels: byId }).map(({ dueAt, tellAt, channel, ...line }) => ({
    ...line,
    failing: [...line.failing] as string[],
    ...(channel !== undefined && { channel, channelName: byId.get(channel)!.name }),
    ...(dueAt !== undefined && { dueAt: formatTime(dueAt) }),
    ...(tellAt !== undefined && { tellAt: formatTime(tellAt) }),
  }))
}

const formatRule = ({ id, body: rule, createdAt, changedAt, changedBy }: RuleRow<Body>) => ({
  ...{ id, name: rule.name, enabled: rule.enabled, when: rule.when as Record<string, string> },
  steps: rule.steps.map(({ afterMs, channels: of }) => ({
    afterMinutes: afterMs / 60_000,
    channels: [...of],
  })),
  ...{ createdAt: formatTime(createdAt), changedAt: formatTime(changedAt), changedBy },
})
