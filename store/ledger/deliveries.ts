// Ledger queries: messages to endpoints with their attempts. The bytes of a message are written
// once and never change, so that every attempt says the same. Sends nothing.
import { bounds } from '../../config.ts'
import type { Endpoint } from './endpoints.ts'
import type { LedgerQuery } from './ledger.ts'

/**
 * pending: waits its turn. delivered: was answered 2xx. skipped: a person let it go. dead: given
 * up, and told again only when a person asks.
 */
export type DeliveryStatus = 'pending' | 'delivered' | 'skipped' | 'dead'

export interface Attempt {
  /** Epoch ms. */
  at: number
  durationMs: number
  /** Of HTTP; null when there was no answer. */
  status: number | null
  error: string | null
}

export interface Delivery {
  tenant: string
  endpoint: string
  /** Its place in the order of the endpoint. */
  number: number
  /** What the receiver knows it by. */
  id: string
  type: string
  status: DeliveryStatus
  createdAt: number
  endedAt: number | null
  tries: number
  /** The last ones. */
  attempts: Attempt[]
  body: string
}

/** A message that is not yet written. */
export type Message = Pick<Delivery, 'id' | 'type' | 'body'>

/** Numbers lie so far apart that a message can be cut into pieces that keep its place. */
export const numberStep = 1024

/** Behind all others of the endpoint; returns the last number. */
export async function insertMessages(
  db: LedgerQuery,
  { tenant, id: endpoint, number }: Pick<Endpoint, 'tenant' | 'id' | 'number'>,
  { messages, now }: { messages: readonly Message[]; now: number },
): Promise<number> {
  let last = number
  for (const message of messages) {
    last += numberStep
    await insertDelivery(db, { ...message, tenant, endpoint, number: last, createdAt: now })
  }
  return last
}

const insertDelivery = (
  db: LedgerQuery,
  message: Message & Pick<Delivery, 'tenant' | 'endpoint' | 'number' | 'createdAt'>,
) =>
  db
    .insertInto('deliveries')
    .values({ ...message, status: 'pending', endedAt: null, tries: 0, attempts: '[]' })
    .execute()

/** The one whose turn it is. */
export async function nextDelivery(
  db: LedgerQuery,
  { tenant, id }: Pick<Endpoint, 'tenant' | 'id'>,
): Promise<Delivery | undefined> {
  const row = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('endpoint', '=', id)
    .where('status', '=', 'pending')
    .orderBy('number')
    .limit(1)
    .executeTakeFirst()
  return row && deliveryOf(row)
}

export async function countPending(
  db: LedgerQuery,
  { tenant, id }: Pick<Endpoint, 'tenant' | 'id'>,
): Promise<number> {
  const row = await db
    .selectFrom('deliveries')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('tenant', '=', tenant)
    .where('endpoint', '=', id)
    .where('status', '=', 'pending')
    .executeTakeFirst()
  return Number(row?.count)
}

/** Notes an attempt. False when the message is not pending any more: somebody else was quicker. */
export async function noteAttempt(
  db: LedgerQuery,
  delivery: Delivery,
  { attempt, ended }: { attempt: Attempt; ended?: DeliveryStatus },
): Promise<boolean> {
  const attempts = [...delivery.attempts, attempt].slice(-bounds.attemptsKept)
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({
      tries: delivery.tries + 1,
      attempts: JSON.stringify(attempts),
      ...(ended && { status: ended, endedAt: attempt.at + attempt.durationMs }),
    })
    .where('tenant', '=', delivery.tenant)
    .where('endpoint', '=', delivery.endpoint)
    .where('number', '=', delivery.number)
    .where('status', '=', 'pending')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** The pieces take the place of a pending message that was too large for its receiver. */
export async function cutDelivery(
  db: LedgerQuery,
  delivery: Delivery,
  pieces: readonly [Message, Message],
): Promise<void> {
  const { tenant, endpoint, number, createdAt } = delivery
  const aside = asideOf(number)
  await db
    .deleteFrom('deliveries')
    .where('tenant', '=', tenant)
    .where('endpoint', '=', endpoint)
    .where('number', '=', number)
    .execute()
  const [first, second] = pieces
  const common = { tenant, endpoint, createdAt }
  await insertDelivery(db, { ...first, ...common, number: number - aside })
  await insertDelivery(db, { ...second, ...common, number: number + aside })
}

/** Halves of halves: how far to both sides of this number nothing else can be. */
function asideOf(number: number): number {
  if (number % numberStep === 0) return numberStep / 4
  let free = 1
  while (number % (free * 2) === 0) free *= 2
  return free / 2
}

/** Newest first; `before` is the number of the last one of the page before. */
export async function listDeliveries(
  db: LedgerQuery,
  { tenant, id }: Pick<Endpoint, 'tenant' | 'id'>,
  page: { status?: DeliveryStatus; before?: number; limit: number },
): Promise<Delivery[]> {
  let rows = db
    .selectFrom('deliveries')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('endpoint', '=', id)
  if (page.status) rows = rows.where('status', '=', page.status)
  if (page.before !== undefined) rows = rows.where('number', '<', page.before)
  return (await rows.orderBy('number', 'desc').limit(page.limit).execute()).map(deliveryOf)
}

/** Of each id the oldest message. */
export async function deliveriesById(
  db: LedgerQuery,
  { tenant, id }: Pick<Endpoint, 'tenant' | 'id'>,
  ids: readonly string[],
): Promise<Map<string, Delivery>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('endpoint', '=', id)
    .where('id', 'in', [...ids])
    .orderBy('number', 'desc')
    .execute()
  return new Map(rows.map((row) => [row.id, deliveryOf(row)]))
}

/** Ends a pending message without telling it. False when there is none of this id. */
export async function skipDelivery(
  db: LedgerQuery,
  { tenant, id }: Pick<Endpoint, 'tenant' | 'id'>,
  { message, now }: { message: string; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ status: 'skipped', endedAt: now })
    .where('tenant', '=', tenant)
    .where('endpoint', '=', id)
    .where('id', '=', message)
    .where('status', '=', 'pending')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** A new beginning: waits between attempts are short again. */
export async function forgetTries(
  db: LedgerQuery,
  { tenant, id }: Pick<Endpoint, 'tenant' | 'id'>,
): Promise<void> {
  await db
    .updateTable('deliveries')
    .set({ tries: 0 })
    .where('tenant', '=', tenant)
    .where('endpoint', '=', id)
    .where('status', '=', 'pending')
    .execute()
}

/** What was given up gets its turn again, with short waits. False when none of this id was. */
export async function reviveDelivery(
  db: LedgerQuery,
  { tenant, id }: Pick<Endpoint, 'tenant' | 'id'>,
  message: string,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ status: 'pending', endedAt: null, tries: 0 })
    .where('tenant', '=', tenant)
    .where('endpoint', '=', id)
    .where('id', '=', message)
    .where('status', '=', 'dead')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** When the newest message of a type was written and ended; undefined: there is none. */
export async function lastDelivery(
  db: LedgerQuery,
  { tenant, id }: Pick<Endpoint, 'tenant' | 'id'>,
  type: string,
): Promise<Pick<Delivery, 'createdAt' | 'endedAt'> | undefined> {
  return db
    .selectFrom('deliveries')
    .select(['createdAt', 'endedAt'])
    .where('tenant', '=', tenant)
    .where('endpoint', '=', id)
    .where('type', '=', type)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Forgets what ended before a time, and what was given up before another. */
export async function forgetDeliveries(
  db: LedgerQuery,
  before: { ended: number; dead: number },
): Promise<void> {
  for (const [statuses, at] of [
    [['delivered', 'skipped'], before.ended],
    [['dead'], before.dead],
  ] as const)
    await db
      .deleteFrom('deliveries')
      .where('status', 'in', [...statuses])
      .where('endedAt', '<', at)
      .execute()
}

export interface Backlog {
  /** Messages written and not yet delivered. */
  pending: number
  /** Record time of the oldest of them. */
  oldest: number | undefined
  /** Endpoints whose last attempt failed, and those given up. */
  failing: number
}

export async function readBacklog(db: LedgerQuery): Promise<Backlog> {
  const messages = await db
    .selectFrom('deliveries')
    .select(({ fn }) => [fn.countAll().as('count'), fn.min('createdAt').as('oldest')])
    .where('status', '=', 'pending')
    .executeTakeFirst()
  const endpoints = await db
    .selectFrom('endpoints')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('failingSince', 'is not', null)
    .where('status', 'in', ['active', 'failing'])
    .executeTakeFirst()
  const oldest = messages?.oldest ?? null
  return {
    pending: Number(messages?.count),
    oldest: oldest === null ? undefined : Number(oldest),
    failing: Number(endpoints?.count),
  }
}

type Row = Omit<Delivery, 'status' | 'attempts'> & { status: string; attempts: string }

const deliveryOf = ({ status, attempts, ...row }: Row): Delivery => ({
  ...row,
  status: status as DeliveryStatus,
  attempts: JSON.parse(attempts) as Attempt[],
})
