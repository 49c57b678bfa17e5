// The source of what people are told: reads notices behind the place of a channel, writes down what
// rules ask of them (quality/notify/plan.ts), and makes messages of what goes out now. All in the
// transaction that moves the place: a crash loses nothing and repeats nothing but an attempt. How
// an attempt is made depends on the channel; when it is made is the engine's (quality/deliver.ts).
import { createHash } from 'node:crypto'
import { bounds } from '../../config.ts'
import type { Severity } from '../../domain/profile/profile.ts'
import { type AlertStanding, standingOf } from '../../store/ledger/alert-standing.ts'
import { readSettings } from '../../store/ledger/changes.ts'
import { type Delivery, lastDelivery } from '../../store/ledger/deliveries.ts'
import { type Endpoint, signingSecrets } from '../../store/ledger/endpoints.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { noticesAfter, type PlacedNotice } from '../../store/ledger/notices.ts'
import { listRules } from '../../store/ledger/notification-rules.ts'
import {
  insertNotifications,
  type Notification,
  nextLook,
  notificationsAbout,
  settleNotifications,
  waitingNotifications,
} from '../../store/ledger/notifications.ts'
import { readPerson } from '../../store/ledger/people.ts'
import type { Filled, Source } from '../deliver.ts'
import type { Mailer } from '../mail.ts'
import type { Post, Posted } from '../post.ts'
import { headersOf } from '../standard-webhooks.ts'
import { type Composed, compose, messageType } from './compose.ts'
import { alertOf, readFacts, type Subjected } from './facts.ts'
import type { Mail } from './formats.ts'
import { type Known, planFor, release, type Waiting } from './plan.ts'
import {
  asksJourney,
  type ChannelTerms,
  languages,
  type NotificationRule,
  rankOf,
  termsOf,
  usualKinds,
} from './terms.ts'

/** The ways out of this process. */
export interface NotifyBy {
  /** Undefined: no server for mail is set. */
  mailer: Mailer | undefined
  post: Post
  /** To subscribers of our own broker; false while it is not open. */
  publish(topic: string, payload: string): boolean
  /** Where people reach the console. */
  base: string | undefined
}

/** Where programs listen; no device can have that name. */
export const notificationTopic = (tenant: string, channel: string): string =>
  `v1/${tenant}/@notifications/${channel}`

export function channelSource(by: NotifyBy): Source {
  return {
    retryMs: bounds.notifyRetryMs,
    send: (endpoint, delivery, on) => send(by, { endpoint, delivery, ...on }),
    fill: (db, endpoint, on) => fill(db, endpoint, { ...on, base: by.base }),
  }
}

/** Rules that say something to somebody, by id. */
export async function readRules(db: LedgerQuery, tenant: string): Promise<NotificationRule[]> {
  const limit = bounds.notificationRulesMax
  const rows = await listRules<Omit<NotificationRule, 'id'>>(db, tenant, { limit })
  return rows.map(({ id, body }) => ({ ...body, id }))
}

/**
 * With address, language, unit and zone of the person that is named; what they did not choose is
 * the organisation's, then the channel's.
 */
export async function readTerms(db: LedgerQuery, endpoint: Endpoint): Promise<ChannelTerms> {
  const { tenant } = endpoint
  const terms = termsOf(endpoint)
  if (terms.person === undefined) return terms
  const found = await readPerson(db, tenant, terms.person)
  const person = found?.status === 'active' ? found : undefined
  const organisation = JSON.parse((await readSettings(db, tenant)) ?? '{}') as Partial<Liked>
  const { address: _, ...own } = terms
  return {
    ...own,
    ...(person?.email && { address: person.email }),
    language: oneOf(languages, person?.language, organisation.language) ?? own.language,
    unit: oneOf(['C', 'F'], person?.unit, organisation.unit) ?? own.unit,
    zone: person?.zone ?? organisation.zone ?? own.zone,
  }
}

interface Liked {
  language: string
  unit: string
  zone: string
}

const oneOf = <T extends string>(
  known: readonly T[],
  ...said: (string | null | undefined)[]
): T | undefined => {
  const first = said.find((one) => one !== null && one !== undefined)
  return known.find((one) => one === first)
}

async function fill(
  db: LedgerQuery,
  endpoint: Endpoint,
  { now, room, base }: { now: number; room: number; base: string | undefined },
): Promise<Filled | undefined> {
  const { tenant, id: channel, offset, pos, found } = endpoint
  const limit = bounds.outboxLook
  const notices = await noticesAfter(db, tenant, { after: endpoint.notice, limit })
  const rules = await readRules(db, tenant)
  await plan(db, endpoint, { notices, rules, now })
  const notice = notices.at(-1)?.seq ?? endpoint.notice
  const place = { notice, offset, pos, found }
  // First all that happened, then one message about it.
  if (notices.length === limit) return { messages: [], place: { ...place, runAt: now } }
  const terms = await readTerms(db, endpoint)
  const composed = await goOut(db, endpoint, { terms, rules, room, base, now })
  for (const { message, rows, summary } of composed)
    await settleNotifications(
      db,
      { tenant, ids: rows.map(({ id }) => id) },
      { state: 'told', reason: summary ? 'summary' : null, message: message.id, decidedAt: now },
    )
  const runAt = await nextLook(db, { tenant, channel })
  const same = notices.length === 0 && composed.length === 0 && runAt === endpoint.runAt
  if (same) return undefined
  return { messages: composed.map(({ message }) => message), place: { ...place, runAt } }
}

/** Writes down what these notices ask of the channel. */
async function plan(
  db: LedgerQuery,
  endpoint: Endpoint,
  of: { notices: readonly PlacedNotice[]; rules: readonly NotificationRule[]; now: number },
): Promise<void> {
  const { tenant, id: channel } = endpoint
  const rules = of.rules
    .filter(({ enabled, steps }) => steps.some((one) => enabled && one.channels.includes(channel)))
    .map((rule) => (termsOf(endpoint).via === 'pagerduty' ? withSteps(rule) : rule))
  if (rules.length === 0 || of.notices.length === 0) return
  const { now } = of
  const notices = of.notices.filter((notice) => !isAside(notice, termsOf(endpoint)))
  const facts = await readFacts(db, tenant, { notices, journey: rules.some(asksJourney) })
  const known = await readKnown(db, { tenant, channel }, facts)
  const rows: Notification[] = []
  for (const [index, fact] of facts.entries()) {
    const { kind, ref, at, severity, subject } = fact
    const before = known.get(subject)!
    for (const { rule, step, dueAt, suppressed } of planFor(channel, {
      facts: fact,
      rules,
      known: before,
    })) {
      rows.push({
        ...{ tenant, channel, kind, ref, subject, severity, rule, step, at, dueAt },
        id: `ntf_${hashOf([channel, kind, ref, rule, step])}`,
        ...{ alert: alertOf(notices[index]!) ?? null, createdAt: now, lookAt: dueAt },
        ...{ state: suppressed ? 'suppressed' : 'waiting', reason: suppressed ?? null },
        ...{ message: null, decidedAt: suppressed ? now : null },
      })
      before.steps.add(`${rule}/${step}`)
      if (kind === 'alert.raised' && !suppressed) before.raised = worse(before.raised, severity)
    }
  }
  await insertNotifications(db, rows)
}

/** An incident is taken on and closed with its alert, unless a rule says what it is about. */
const withSteps = (rule: NotificationRule): NotificationRule => ({
  ...rule,
  when: { ...rule.when, kinds: rule.when.kinds ?? [...usualKinds, 'alert.workflow'] },
})

/** Who says something about an alert, or is to look at it, moves no incident. */
const isAside = ({ kind, body }: PlacedNotice, { via }: ChannelTerms): boolean =>
  via === 'pagerduty' &&
  kind === 'alert.workflow' &&
  (body as { entry: { kind: string } }).entry.kind !== 'moved'

type Learning = Known & { steps: Set<string> }

async function readKnown(
  db: LedgerQuery,
  of: { tenant: string; channel: string },
  facts: readonly Subjected[],
): Promise<Map<string, Learning>> {
  const subjects = [...new Set(facts.map(({ subject }) => subject))]
  const known = new Map<string, Learning>(
    subjects.map((subject) => [subject, { raised: undefined, steps: new Set(), told: false }]),
  )
  for (const row of await notificationsAbout(db, of, { subjects })) {
    const one = known.get(row.subject)!
    one.steps.add(`${row.rule}/${row.step}`)
    if (row.state === 'told') one.told = true
    if (row.kind === 'alert.raised' && row.state !== 'suppressed')
      one.raised = worse(one.raised, row.severity)
  }
  return known
}

const worse = (a: Severity | undefined, b: Severity): Severity =>
  a !== undefined && rankOf(a) >= rankOf(b) ? a : b

interface GoOut {
  terms: ChannelTerms
  rules: readonly NotificationRule[]
  room: number
  base: string | undefined
  now: number
}

/** Ends what is not told, puts back what has to wait, and makes messages of the rest. */
async function goOut(db: LedgerQuery, endpoint: Endpoint, of: GoOut): Promise<Composed[]> {
  const { tenant, id: channel } = endpoint
  const { terms, rules, now } = of
  const limit = bounds.notifyLookMax
  const rows = await waitingNotifications(db, { tenant, channel }, { now, limit })
  if (rows.length === 0) return []
  const alerts = rows.flatMap(({ alert }) => alert ?? [])
  const standings = await standingOf(db, tenant, alerts)
  const ends = (row: Notification): boolean => endsIncident(row, terms, standings)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const waiting = rows.map((row): Waiting => {
    const standing = row.alert === null ? undefined : standings.get(row.alert)
    const asked = isAsked(row, rules)
    return { ...row, asked, ends: ends(row), ...(standing && { standing }) }
  })
  const told = await toldSubjects(db, endpoint, { rows, terms })
  const last = await lastDelivery(db, endpoint, messageType)
  const lastAt = last ? Math.max(last.createdAt, last.endedAt ?? 0) : Number.NEGATIVE_INFINITY
  const { tell, suppress, hold } = release(waiting, { terms, told, lastAt, now })
  for (const [reason, of] of Map.groupBy(suppress, ({ reason }) => reason))
    await settleNotifications(
      db,
      { tenant, ids: of.map(({ waiting: { id } }) => id) },
      { state: 'suppressed', reason, decidedAt: now },
    )
  for (const of of Map.groupBy(hold, ({ reason, until }) => `${reason} ${until}`).values())
    await settleNotifications(
      db,
      { tenant, ids: of.map(({ waiting: { id } }) => id) },
      { reason: of[0]!.reason, lookAt: of[0]!.until },
    )
  const names = new Map(rules.map(({ id, name }) => [id, name]))
  const going = tell.map(({ id }) => byId.get(id)!)
  return compose(db, going, { ...of, endpoint, rules: names, standings, told, ends })
}

/** Of PagerDuty's incidents: somebody has taken it on, or nothing is left of it. */
function endsIncident(
  { kind, alert }: Notification,
  { via }: ChannelTerms,
  standings: ReadonlyMap<string, AlertStanding>,
): boolean {
  const standing = alert === null ? undefined : standings.get(alert)
  if (via !== 'pagerduty' || !standing || kind === 'alert.raised') return false
  return standing.status !== 'open' || standing.acknowledged
}

const isAsked = (
  { rule, step, channel }: Notification,
  rules: readonly NotificationRule[],
): boolean => {
  const found = rules.find(({ id }) => id === rule)
  return found?.enabled === true && found.steps[step]?.channels.includes(channel) === true
}

/** Of which the channel was told before; of PagerDuty only those that have an incident. */
async function toldSubjects(
  db: LedgerQuery,
  { tenant, id: channel }: Endpoint,
  { rows, terms }: { rows: readonly Notification[]; terms: ChannelTerms },
): Promise<Set<string>> {
  const subjects = [...new Set(rows.map(({ subject }) => subject))]
  const about = await notificationsAbout(db, { tenant, channel }, { subjects })
  const told = about.filter(
    ({ state, reason }) => state === 'told' && (terms.via !== 'pagerduty' || reason !== 'summary'),
  )
  return new Set(told.map(({ subject }) => subject))
}

interface Sending {
  endpoint: Endpoint
  delivery: Delivery
  db: LedgerQuery
  at: number
}

async function send(
  { mailer, post, publish }: NotifyBy,
  { endpoint, delivery, db, at }: Sending,
): Promise<Posted> {
  const { via } = termsOf(endpoint)
  const { id, body, createdAt } = delivery
  if (via === 'email') {
    // An address that was put right meanwhile counts.
    const { address } = await readTerms(db, endpoint)
    if (address === undefined) return gone('the person has no e-mail address, or is gone')
    if (!mailer) return gone('no server for e-mail is set: ISOTHERM_SMTP_URL')
    return mailer.send(JSON.parse(body) as Mail, { id, to: address, at: createdAt })
  }
  if (via === 'mqtt') {
    const published = publish(notificationTopic(endpoint.tenant, endpoint.id), body)
    return { status: null, error: published ? null : 'the broker is not open' }
  }
  const secrets = signingSecrets(endpoint, at)
  const headers = via === 'webhook' ? headersOf({ id, time: at, body }, secrets) : {}
  const [key] = secrets
  const sent =
    via === 'pagerduty' ? JSON.stringify({ routing_key: key, ...JSON.parse(body) }) : body
  const posted = await post(endpoint.url, { headers, body: sent })
  const { status } = posted
  // RFC 9110 §15.5: the message is at fault, but for a wait, a limit or a locked door.
  const permanent =
    status !== null && status >= 400 && status < 500 && ![408, 425, 429].includes(status)
  return permanent ? { ...posted, permanent } : posted
}

const gone = (error: string): Posted => ({ status: null, error, permanent: true })

const hashOf = (of: unknown): string =>
  createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32)
