// Channels: the ways to people, each with its language, zone, quiet hours and digest; made, tried
// out, changed, deleted. Addresses of Slack, Teams and keys of PagerDuty are secrets: whoever has
// one may post, so they are taken in and never given back.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { formatLocalMinute, parseLocalMinute } from '../../domain/local-time.ts'
import { type AllowedHosts, refuseUrl } from '../../quality/destination.ts'
import { composeTest } from '../../quality/notify/compose.ts'
import { readTerms } from '../../quality/notify/notify.ts'
import { type ChannelTerms, isForPeople, termsOf } from '../../quality/notify/terms.ts'
import { newSecret } from '../../quality/standard-webhooks.ts'
import { appendMessages } from '../../quality/webhooks.ts'
import {
  deleteEndpoint,
  type Endpoint,
  listEndpoints,
  readEndpoint,
  updateEndpoint,
} from '../../store/ledger/endpoints.ts'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import type { LedgerQuery, LedgerView } from '../../store/ledger/ledger.ts'
import { lastNotice } from '../../store/ledger/notices.ts'
import { deleteNotifications, lookAgain } from '../../store/ledger/notifications.ts'
import { readPerson } from '../../store/ledger/people.ts'
import type { Deps } from '../deps.ts'
import { idOf, randomId, rememberAnswers, serially } from '../once.ts'
import { pageOf, pageQuery } from '../page.ts'
import { conflict, invalid, notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { beginAgain, endpointPage, formatHealth, insertBounded, newEndpoint } from '../webhooks.ts'
import { changeSchema, channelSchema, createdSchema, newSchema } from './schemas.ts'

const params = z.object({ id: z.string().max(100) })
const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
})
const read = { noun: 'notifications', verb: 'read' } as const
const write = { noun: 'notifications', verb: 'write' } as const
const path = '/api/v1/notification-channels'

const create = guarded(write, {
  method: 'post',
  path,
  summary: 'Make a way to tell somebody',
  description: 'It tells nothing until a rule names it.',
  request: {
    headers: z.object({ 'idempotency-key': z.string().max(200).optional() }),
    body: { required: true, content: { 'application/json': { schema: newSchema } } },
  },
  responses: {
    201: { description: 'Made', content: { 'application/json': { schema: createdSchema } } },
  },
})
const list = guarded(read, {
  method: 'get',
  path,
  summary: 'List channels',
  request: { query: z.object(pageQuery) },
  responses: {
    200: {
      description: 'A page of channels, without secrets',
      content: { 'application/json': { schema: pageOf(channelSchema) } },
    },
  },
})
const get = guarded(read, {
  method: 'get',
  path: `${path}/{id}`,
  summary: 'Read one channel',
  request: { params },
  responses: { 200: json('The channel, without secrets', channelSchema) },
})
const change = guarded(write, {
  method: 'patch',
  path: `${path}/{id}`,
  summary: 'Change a channel, pause it or begin again',
  description: 'What waits for it is looked at again under the new terms.',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: changeSchema } } },
  },
  responses: { 200: json('As it stands now', channelSchema) },
})
const remove = guarded(write, {
  method: 'delete',
  path: `${path}/{id}`,
  summary: 'Delete a channel with its messages and its log',
  request: { params },
  responses: { 204: { description: 'Deleted' } },
})
const test = guarded(write, {
  method: 'post',
  path: `${path}/{id}/test`,
  summary: 'Send a message to see whether it arrives',
  request: { params },
  responses: { 202: json('It waits behind the others', z.object({ id: z.string() })) },
})

export function notificationChannels({ now, deliveries }: Deps) {
  const once = rememberAnswers()
  const allowed = deliveries?.allowed ?? new Set<string>()
  return nounApp()
    .openapi(create, async (c) => {
      const { tenant, id: caller } = c.get('identity')
      const asked = c.req.valid('json')
      const key = c.req.valid('header')['idempotency-key']
      const scope = `${tenant}/${caller}`
      const id = key === undefined ? randomId('ch') : idOf('ch', `${scope}\n${key}`)
      c.set('created', `${path}/${id}`)
      const made = await once.run({ key, scope, body: asked }, () =>
        createChannel(c.get('ledger'), asked, { tenant, id, by: caller, at: now(), allowed }),
      )
      return c.json(made, 201, { Location: `${path}/${made.id}` })
    })
    .openapi(list, async (c) => {
      const { tenant } = c.get('identity')
      const page = { ...c.req.valid('query'), kind: 'channel' } as const
      const { items, next } = await endpointPage(c.get('ledger').db, tenant, page)
      return c.json({ items: items.map(formatChannel), next }, 200)
    })
    .openapi(get, async (c) => {
      const { tenant } = c.get('identity')
      const found = await channelNamed(c.get('ledger').db, tenant, c.req.valid('param').id)
      return c.json(formatChannel(found), 200)
    })
    .openapi(change, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { id } = c.req.valid('param')
      const asked = c.req.valid('json')
      const changed = await c.get('ledger').transact(async (db) => {
        await applyChange(db, await channelNamed(db, tenant, id), { asked, allowed })
        const after = await channelNamed(db, tenant, id)
        await witness(db, after, { kind: 'changed', by, at: now() })
        return after
      })
      deliveries?.wake()
      return c.json(formatChannel(changed), 200)
    })
    .openapi(remove, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { id } = c.req.valid('param')
      await c.get('ledger').transact(async (db) => {
        const channel = await channelNamed(db, tenant, id)
        await deleteEndpoint(db, tenant, id)
        await deleteNotifications(db, { tenant, channel: id })
        await witness(db, channel, { kind: 'deleted', by, at: now() })
      })
      return c.body(null, 204)
    })
    .openapi(test, async (c) => {
      const { tenant } = c.get('identity')
      const id = randomId('msg')
      await c.get('ledger').transact(async (db) => {
        const channel = await channelNamed(db, tenant, c.req.valid('param').id)
        if (channel.status !== 'active')
          throw conflict(`the channel is ${channel.status}: make it active first`)
        const of = { terms: await readTerms(db, channel), id, now: now() }
        await appendMessages(db, channel, { messages: [composeTest(channel, of)], now: now() })
      })
      deliveries?.wake()
      return c.json({ id }, 202)
    })
}

/** Shows the secret of a webhook. Problem 409 when there is one of that id, or too many. */
function createChannel(
  ledger: LedgerView,
  asked: Asked,
  of: { tenant: string; id: string; by: string; at: number; allowed: AllowedHosts },
) {
  const { tenant, id, by, at, allowed } = of
  return ledger.transact(async (db) => {
    if (await readEndpoint(db, tenant, id)) throw conflict(`channel ${id} was made by this key`)
    const limit = bounds.notificationChannelsMax
    if ((await listEndpoints(db, tenant, { kind: 'channel', limit })).length >= limit)
      throw conflict(`there are ${limit} channels: delete some`)
    const channel = channelOf(asked, { ...newEndpoint(tenant, at), id }, allowed)
    await checkPerson(db, channel)
    channel.notice = await lastNotice(db, tenant)
    await insertBounded(db, channel)
    await witness(db, channel, { kind: 'created', by, at })
    const [secret] = channel.secrets
    const shown = asked.via === 'webhook' && secret ? { secret: secret.secret } : {}
    return { ...formatChannel(channel), ...shown }
  }, serially)
}

/** Without secrets, and without an address: a person may want it erased, and nothing is here. */
async function witness(
  db: LedgerQuery,
  channel: Endpoint,
  { kind, by, at }: { kind: string; by: string; at: number },
): Promise<void> {
  const { id, name, via, person, url, quietHours, digest, status } = formatChannel(channel)
  const record = { id, name, via, person, url, quietHours, digest, status }
  const { tenant } = channel
  await appendEvidence(db, { tenant, kind: `notification-channel.${kind}`, by, at, record })
}

/** Problem 404. */
export async function channelNamed(db: LedgerQuery, tenant: string, id: string): Promise<Endpoint> {
  const found = await readEndpoint(db, tenant, id)
  if (found?.kind !== 'channel') throw notFound(`no channel ${id}`, 'path/id')
  return found
}

const pagerUrl = 'https://events.pagerduty.com/v2/enqueue'

type Asked = z.output<typeof newSchema>

/** Problem 400 when it cannot be used that way. */
function channelOf(
  { via, url, routingKey, secret, ...asked }: Asked,
  bare: Omit<Endpoint, 'kind' | 'query' | 'url' | 'secrets' | 'settings'>,
  allowed: AllowedHosts,
): Endpoint {
  const signing = via === 'webhook' ? (secret ?? newSecret()) : routingKey
  const settings: ChannelTerms = {
    ...{ via, name: asked.name, language: 'en', unit: 'C', zone: 'UTC', criticalAtOnce: false },
    spacingMs: via === 'webhook' || via === 'mqtt' ? 0 : bounds.notifySpacingMs,
    ...settingsOf(asked),
  }
  const channel: Endpoint = {
    ...bare,
    ...{ kind: 'channel', query: '', url: url ?? (via === 'pagerduty' ? pagerUrl : '') },
    secrets: signing === undefined ? [] : [{ secret: signing, until: null }],
    settings: settings as unknown as Endpoint['settings'],
  }
  check(channel, allowed)
  return channel
}

function settingsOf(asked: z.output<typeof changeSchema>): Partial<ChannelTerms> {
  const { name, address, person, language, unit, zone, criticalAtOnce, spacingMinutes } = asked
  const { quietHours, digest } = asked
  const minute = (text: string): number => parseLocalMinute(text)!
  const said = {
    ...{ name, address, person, language, unit, zone, criticalAtOnce },
    spacingMs: spacingMinutes === undefined ? undefined : spacingMinutes * 60_000,
    quiet: quietHours ? { from: minute(quietHours.from), to: minute(quietHours.to) } : undefined,
    digest: !digest
      ? undefined
      : digest === 'hourly'
        ? { every: 'hour' as const }
        : { every: 'day' as const, at: minute(digest.dailyAt) },
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

/** Problem 400: what a way needs, and what does not fit it. */
function check(
  { url, secrets, settings }: Pick<Endpoint, 'url' | 'secrets' | 'settings'>,
  allowed: AllowedHosts,
): void {
  const { via, address, person, quiet, digest } = termsOf({ settings })
  const mail = via === 'email'
  if (mail && (address === undefined) === (person === undefined))
    throw invalid('e-mail wants an address or a person', '/address')
  if (!mail && (address ?? person) !== undefined) throw invalid('is for e-mail', '/address')
  const posted = via === 'slack' || via === 'teams' || via === 'webhook' || via === 'pagerduty'
  if (!posted && url !== '') throw invalid(`${via} has no URL`, '/url')
  const refused = posted ? refuseUrl(url, allowed) : undefined
  if (refused) throw invalid(url === '' ? `${via} wants a URL` : refused, '/url')
  if (via === 'pagerduty' && secrets.length === 0) throw invalid('is wanted', '/routingKey')
  if (via !== 'pagerduty' && via !== 'webhook' && secrets.length > 0)
    throw invalid(`${via} has no key`, '/routingKey')
  if (!isForPeople({ via }) && (quiet ?? digest) !== undefined)
    throw invalid('quiet hours and digests are for people', quiet ? '/quietHours' : '/digest')
  if (quiet && quiet.from === quiet.to) throw invalid('is no time or all of it', '/quietHours')
}

/** Problem 400 when nobody of that name can come in. */
async function checkPerson(db: LedgerQuery, { tenant, settings }: Endpoint): Promise<void> {
  const { person } = termsOf({ settings })
  if (person === undefined) return
  if ((await readPerson(db, tenant, person))?.status !== 'active')
    throw invalid(`there is no person ${person}`, '/person')
}

async function applyChange(
  db: LedgerQuery,
  channel: Endpoint,
  { asked, allowed }: { asked: z.output<typeof changeSchema>; allowed: AllowedHosts },
): Promise<void> {
  const { status, url, routingKey, ...said } = asked
  const settings: Record<string, unknown> = { ...channel.settings, ...settingsOf(said) }
  if (said.quietHours === null) delete settings.quiet
  if (said.digest === null) delete settings.digest
  // One or the other: naming one takes the other back.
  if (said.person !== undefined) delete settings.address
  else if (said.address !== undefined) delete settings.person
  const secrets = routingKey === undefined ? channel.secrets : [{ secret: routingKey, until: null }]
  const changed = { ...channel, settings, secrets, url: url ?? channel.url }
  check(changed, allowed)
  await checkPerson(db, changed)
  const set = { settings, secrets, url: changed.url, nextAt: 0, runAt: 0 }
  await updateEndpoint(db, channel, { ...set, ...(status && { status }) })
  if (status === 'active') await beginAgain(db, channel)
  await lookAgain(db, { tenant: channel.tenant, channel: channel.id })
}

function formatChannel(channel: Endpoint): z.output<typeof channelSchema> {
  const { via, name, address, person, language, unit, zone, quiet, digest } = termsOf(channel)
  const { criticalAtOnce, spacingMs } = termsOf(channel)
  return {
    ...{ id: channel.id, name, via, address: address ?? null, person: person ?? null },
    url: shownUrl(channel, via),
    ...{ language, unit, zone },
    quietHours: quiet
      ? { from: formatLocalMinute(quiet.from), to: formatLocalMinute(quiet.to) }
      : null,
    digest: !digest
      ? null
      : digest.every === 'hour'
        ? 'hourly'
        : { dailyAt: formatLocalMinute(digest.at) },
    ...{ criticalAtOnce, spacingMinutes: spacingMs / 60_000 },
    ...formatHealth(channel),
  }
}

/** Whoever knows the path of a Slack or Teams webhook may post there. */
function shownUrl({ url }: Endpoint, via: ChannelTerms['via']): string | null {
  if (url === '') return null
  return via === 'webhook' ? url : `${new URL(url).origin}/…`
}
