// Messages out of what goes out now: for people one with everything, for programs one for each
// thing that happened, for PagerDuty an event for each incident. The same rows make the same id.
// Reads how things stand; decides nothing about whether to tell.
import { createHash } from 'node:crypto'
import { bounds } from '../../config.ts'
import type { Severity } from '../../domain/profile/profile.ts'
import type { AlertStanding } from '../../store/ledger/alert-standing.ts'
import { readAlert } from '../../store/ledger/alerts.ts'
import type { Message } from '../../store/ledger/deliveries.ts'
import type { Endpoint } from '../../store/ledger/endpoints.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { readNotice } from '../../store/ledger/notices.ts'
import type { Notification } from '../../store/ledger/notifications.ts'
import { formatJson, formatMail, formatPager, formatSlack, formatTeams } from './formats.ts'
import { type Letter, type Told, type ToldItem, writeLetter, writeTest } from './letter.ts'
import { type ChannelTerms, isForPeople, rankOf } from './terms.ts'

/** A message and what it tells. */
export interface Composed {
  message: Message
  rows: Notification[]
  /** Several incidents in one: none of them is known by its own name. */
  summary: boolean
}

export interface ComposeFrom {
  endpoint: Endpoint
  terms: ChannelTerms
  /** Names of rules by id. */
  rules: ReadonlyMap<string, string>
  standings: ReadonlyMap<string, AlertStanding>
  /** Subjects that have an incident of their own already. */
  told: ReadonlySet<string>
  /** Whether a row ends an incident. */
  ends: (row: Notification) => boolean
  base: string | undefined
  now: number
}

export const messageType = 'notification'

/** At most `room` messages; rows that are in none of them wait for the next turn. */
export async function compose(
  db: LedgerQuery,
  rows: readonly Notification[],
  from: ComposeFrom & { room: number },
): Promise<Composed[]> {
  if (rows.length === 0) return []
  const { terms, room } = from
  if (isForPeople(terms)) return [await composeOne(db, [...rows], from)]
  if (terms.via === 'pagerduty') return composeIncidents(db, rows, from)
  const composed: Composed[] = []
  const changes = Map.groupBy(rows, ({ kind, ref, step }) => `${kind} ${ref} ${step}`)
  for (const of of [...changes.values()].slice(0, room))
    composed.push(await composeOne(db, of, from))
  return composed
}

/** A message that tells nothing, to see whether it arrives. */
export function composeTest(
  endpoint: Endpoint,
  { terms, id, now }: { terms: ChannelTerms; id: string; now: number },
): Message {
  const letter = writeTest({ ...terms, base: undefined })
  const told: Told = { tenant: endpoint.tenant, items: [], more: 0, counts: {} }
  const key = keyOf(endpoint, `test/${id}`)
  const action = { action: 'trigger' as const, key, source: 'Isotherm', at: now }
  const body = bodyOf(letter, { terms, told, action, id, at: now, thread: undefined })
  return { id, type: 'notification.test', body }
}

/** What has an incident goes on in it; what is new is one, or one for all when it is several. */
async function composeIncidents(
  db: LedgerQuery,
  rows: readonly Notification[],
  from: ComposeFrom & { room: number },
): Promise<Composed[]> {
  const isKnown = (row: Notification): boolean => from.ends(row) || from.told.has(row.subject)
  const known = Map.groupBy(rows.filter(isKnown), ({ subject }) => subject)
  const fresh = rows.filter((row) => !isKnown(row))
  const composed: Composed[] = []
  // How it stands is the last thing that is said of it.
  for (const of of [...known.values()].slice(0, from.room - 1))
    composed.push(await composeOne(db, of.toReversed(), from))
  if (fresh.length > 0) composed.push(await composeOne(db, fresh, from))
  return composed
}

async function composeOne(
  db: LedgerQuery,
  rows: Notification[],
  from: ComposeFrom,
): Promise<Composed> {
  const { endpoint, terms, now } = from
  const told = await readTold(db, rows, from)
  const [first] = rows
  const single = told.items.length + told.more === 1 ? first!.subject : undefined
  const id = `msg_${hashOf([endpoint.id, rows.map((row) => row.id).sort()])}`
  const ending = from.ends(first!)
  const standing = first!.alert === null ? undefined : from.standings.get(first!.alert)
  const action = {
    action: !ending ? 'trigger' : standing?.status === 'open' ? 'acknowledge' : 'resolve',
    key: keyOf(endpoint, single ?? id),
    source: told.items[0]?.alert?.device ?? 'Isotherm',
    at: first!.at,
  } as const
  const letter = writeLetter(told, { ...terms, base: from.base })
  const thread = single === undefined ? undefined : `thread_${hashOf([endpoint.id, single])}`
  const body = bodyOf(letter, { terms, told, action, id, at: now, thread })
  return { message: { id, type: messageType, body }, rows, summary: single === undefined }
}

/** The worst subjects in full, the others counted. */
async function readTold(
  db: LedgerQuery,
  rows: readonly Notification[],
  { endpoint: { tenant }, standings, rules }: ComposeFrom,
): Promise<Told> {
  const subjects = [...Map.groupBy(rows, ({ subject }) => subject).values()].map((of) => ({
    of,
    worst: of.reduce((a, b) => (rankOf(b.severity) > rankOf(a.severity) ? b : a)),
  }))
  subjects.sort(
    (a, b) =>
      rankOf(b.worst.severity) - rankOf(a.worst.severity) ||
      a.worst.at - b.worst.at ||
      (a.worst.subject < b.worst.subject ? -1 : 1),
  )
  const counts: Partial<Record<Severity, number>> = {}
  for (const { worst } of subjects) counts[worst.severity] = (counts[worst.severity] ?? 0) + 1
  const items: ToldItem[] = []
  for (const { of, worst } of subjects.slice(0, bounds.notifyItemsMax)) {
    const newest = of.reduce((a, b) => (b.at >= a.at ? b : a))
    const about = newest.alert ?? worst.alert
    const standing = about === null ? undefined : standings.get(about)
    const alert = standing && (await readAlert(db, tenant, standing.id))
    const notice = await readNotice(db, tenant, newest)
    const alerts = new Set(
      of.flatMap((row) => (row.alert === null ? [] : [standings.get(row.alert)?.id ?? row.alert])),
    )
    items.push({
      ...{ subject: worst.subject, kind: newest.kind, severity: worst.severity, at: newest.at },
      ...(alert && { alert: { ...alert, legs: [] }, place: standing.place }),
      ...(notice && { body: notice.body as Readonly<Record<string, unknown>> }),
      rules: [...new Set(of.map(({ rule }) => rules.get(rule) ?? rule))],
      unacknowledgedMs: alert ? Math.max(...of.map(({ dueAt, at }) => dueAt - at)) : 0,
      others: Math.max(0, alerts.size - 1),
    })
  }
  return { tenant, items, more: subjects.length - items.length, counts }
}

function bodyOf(
  letter: Letter,
  of: {
    terms: ChannelTerms
    told: Told
    action: Parameters<typeof formatPager>[1]
    id: string
    at: number
    thread: string | undefined
  },
): string {
  const forms: Record<ChannelTerms['via'], () => object> = {
    email: () => formatMail(letter, of.thread),
    slack: () => formatSlack(letter),
    teams: () => formatTeams(letter),
    pagerduty: () => formatPager(letter, of.action),
    webhook: () => formatJson(of.told, of),
    mqtt: () => formatJson(of.told, of),
  }
  return JSON.stringify(forms[of.terms.via]())
}

/** Name of an incident: of one tenant's channel, so that two installations never share one. */
const keyOf = ({ id }: Endpoint, subject: string): string => `isotherm/${id}/${subject}`

const hashOf = (of: unknown): string =>
  createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32)
