// Ledger queries: what was, will be or was not told to whom, one row for each channel, thing that
// happened and step. Rows are written once and end once. Knows no rule and sends nothing.
import { sql } from 'kysely'
import type { Severity } from '../../domain/profile/profile.ts'
import type { DeliveryStatus } from './deliveries.ts'
import { chunksOf, type LedgerQuery } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

/**
 * waiting: for its time, or held back. told: in a message, which has a life of its own. suppressed:
 * it will not be told.
 */
export type NotificationState = 'waiting' | 'told' | 'suppressed'

export interface Notification {
  tenant: string
  id: string
  channel: string
  kind: string
  ref: string
  subject: string
  alert: string | null
  severity: Severity
  rule: string
  step: number
  /** When it happened: record time. */
  at: number
  createdAt: number
  dueAt: number
  lookAt: number
  state: NotificationState
  /** Why it is held back, or is not told at all. */
  reason: string | null
  /** Id of the message that tells it. */
  message: string | null
  decidedAt: number | null
}

/** Once each: what is there stays as it is. */
export async function insertNotifications(
  db: LedgerQuery,
  rows: readonly Notification[],
): Promise<void> {
  for (const chunk of chunksOf(rows, 200))
    await db
      .insertInto('notifications')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

/** What is to be looked at now, in the order in which it fell due. */
export async function waitingNotifications(
  db: LedgerQuery,
  { tenant, channel }: { tenant: string; channel: string },
  { now, limit }: { now: number; limit: number },
): Promise<Notification[]> {
  const rows = await db
    .selectFrom('notifications')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('channel', '=', channel)
    .where('state', '=', 'waiting')
    .where('lookAt', '<=', now)
    .orderBy('lookAt')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(notificationOf).sort((a, b) => a.dueAt - b.dueAt || a.at - b.at)
}

/** When something of a channel is to be looked at next; null: never. */
export async function nextLook(
  db: LedgerQuery,
  { tenant, channel }: { tenant: string; channel: string },
): Promise<number | null> {
  const row = await db
    .selectFrom('notifications')
    .select(({ fn }) => fn.min('lookAt').as('at'))
    .where('tenant', '=', tenant)
    .where('channel', '=', channel)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return row?.at === null || row?.at === undefined ? null : Number(row.at)
}

/** Rows of a channel about any of these alerts or subjects. */
export async function notificationsAbout(
  db: LedgerQuery,
  { tenant, channel }: { tenant: string; channel: string },
  by: { alerts: readonly string[] } | { subjects: readonly string[] },
): Promise<Notification[]> {
  const column = 'alerts' in by ? 'alert' : 'subject'
  const found: Notification[] = []
  for (const values of chunksOf('alerts' in by ? by.alerts : by.subjects)) {
    const rows = await db
      .selectFrom('notifications')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('channel', '=', channel)
      .where(column, 'in', values)
      .execute()
    found.push(...rows.map(notificationOf))
  }
  return found
}

/** Ends waiting rows, or holds them back until later. */
export async function settleNotifications(
  db: LedgerQuery,
  { tenant, ids }: { tenant: string; ids: readonly string[] },
  set: Partial<Pick<Notification, 'state' | 'reason' | 'message' | 'lookAt' | 'decidedAt'>>,
): Promise<void> {
  for (const chunk of chunksOf(ids))
    await db
      .updateTable('notifications')
      .set(set)
      .where('tenant', '=', tenant)
      .where('id', 'in', chunk)
      .where('state', '=', 'waiting')
      .execute()
}

/** The terms of a channel changed: whatever was held back by the old ones is looked at again. */
export async function lookAgain(
  db: LedgerQuery,
  { tenant, channel }: { tenant: string; channel: string },
): Promise<void> {
  await db
    .updateTable('notifications')
    .set((e) => ({ lookAt: e.ref('dueAt') }))
    .where('tenant', '=', tenant)
    .where('channel', '=', channel)
    .where('state', '=', 'waiting')
    .execute()
}

/** With the life of the message that tells it; null: there is none, or it is forgotten. */
export type LoggedNotification = Notification & {
  delivery: {
    status: DeliveryStatus
    tries: number
    attempts: string
    endedAt: number | null
  } | null
}

export interface LogFilter {
  state?: NotificationState | DeliveryStatus
  channel?: string
  alert?: string
  id?: string
  /** Place of the last row of the page before. */
  after?: readonly [createdAt: number, id: string]
  limit: number
}

/** Newest first. */
export async function listNotifications(
  db: LedgerQuery,
  tenant: string,
  filter: LogFilter,
): Promise<LoggedNotification[]> {
  let rows = db
    .selectFrom('notifications as n')
    .leftJoin('deliveries as d', (join) =>
      join
        .onRef('d.tenant', '=', 'n.tenant')
        .onRef('d.endpoint', '=', 'n.channel')
        .onRef('d.id', '=', 'n.message'),
    )
    .selectAll('n')
    .select(['d.status', 'd.tries', 'd.attempts', 'd.endedAt'])
    .where('n.tenant', '=', tenant)
  const { state, channel, alert, id, after } = filter
  if (state === 'waiting' || state === 'suppressed' || state === 'told')
    rows = rows.where('n.state', '=', state)
  else if (state !== undefined) rows = rows.where('d.status', '=', state)
  if (channel !== undefined) rows = rows.where('n.channel', '=', channel)
  if (alert !== undefined) rows = rows.where('n.alert', '=', alert)
  if (id !== undefined) rows = rows.where('n.id', '=', id)
  if (after)
    rows = rows.where(sql<boolean>`(n."createdAt" < ${after[0]}
      or (n."createdAt" = ${after[0]} and n.id > ${after[1]}))`)
  const found = await rows
    .orderBy('n.createdAt', 'desc')
    .orderBy('n.id')
    .limit(filter.limit)
    .execute()
  return found.map(({ status, tries, attempts, endedAt, ...row }) => ({
    ...notificationOf(row),
    delivery:
      status === null
        ? null
        : {
            status: status as DeliveryStatus,
            tries: tries!,
            attempts: attempts!,
            endedAt: endedAt === null ? null : Number(endedAt),
          },
  }))
}

/** Forgets what ended before a time. */
export async function forgetNotifications(db: LedgerQuery, before: number): Promise<void> {
  await db
    .deleteFrom('notifications')
    .where('state', '!=', 'waiting')
    .where('createdAt', '<', before)
    .execute()
}

/** All of a channel that is deleted. */
export async function deleteNotifications(
  db: LedgerQuery,
  { tenant, channel }: { tenant: string; channel: string },
): Promise<void> {
  await db
    .deleteFrom('notifications')
    .where('tenant', '=', tenant)
    .where('channel', '=', channel)
    .execute()
}

const notificationOf = (row: LedgerTables['notifications']): Notification => ({
  ...row,
  severity: row.severity as Severity,
  state: row.state as NotificationState,
})
