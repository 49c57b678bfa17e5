// Ledger queries: endpoints (webhooks, EPCIS subscriptions, channels to people) with how far each
// has been told, and who tells it now. A claim is a row's lease: when its holder dies, others take
// over after a while, and whatever two processes do at once is fenced where the place is moved.
// Sends nothing.
import { sql } from 'kysely'
import type { LedgerQuery } from './ledger.ts'

/**
 * channel: a way to people, see quality/notify/terms.ts. report: one that is sent again and again,
 * see quality/report/mails.ts.
 */
export type EndpointKind = 'webhook' | 'subscription' | 'channel' | 'report'

/**
 * active: is told. paused: by its owner. failing: gave up after days of failures. disabled: it
 * answered 410, or its query is gone.
 */
export type EndpointStatus = 'active' | 'paused' | 'failing' | 'disabled'

export interface Secret {
  secret: string
  /** Signs until then, epoch ms; null: for as long as it stands. */
  until: number | null
}

export interface Endpoint {
  tenant: string
  id: string
  kind: EndpointKind
  /** Name of the named query; '' for a webhook. */
  query: string
  url: string
  secrets: Secret[]
  settings: Readonly<Record<string, unknown>>
  status: EndpointStatus
  /** Why it is not active, or why the last attempt failed. */
  reason: string | null
  createdAt: number
  notice: number
  offset: number
  pos: number
  runAt: number | null
  found: number | null
  /** Of the last message. */
  number: number
  /** No attempt before. */
  nextAt: number
  failingSince: number | null
  /** When it last answered 2xx. */
  toldAt: number | null
}

type Row = Omit<Endpoint, 'kind' | 'status' | 'secrets' | 'settings'> & {
  kind: string
  status: string
  secrets: string
  settings: string
}

const columns = [
  'tenant',
  'id',
  'kind',
  'query',
  'url',
  'secrets',
  'settings',
  'status',
  'reason',
  'createdAt',
  'notice',
  'offset',
  'pos',
  'runAt',
  'found',
  'number',
  'nextAt',
  'failingSince',
  'toldAt',
] as const

export async function insertEndpoint(db: LedgerQuery, endpoint: Endpoint): Promise<void> {
  const { secrets, settings, ...row } = endpoint
  await db
    .insertInto('endpoints')
    .values({
      ...row,
      secrets: JSON.stringify(secrets),
      settings: JSON.stringify(settings),
      heldBy: '',
      heldUntil: 0,
    })
    .execute()
}

export async function readEndpoint(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<Endpoint | undefined> {
  const row = await db
    .selectFrom('endpoints')
    .select(columns)
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && endpointOf(row)
}

/** Ascending by id; of one query when it is named. */
export async function listEndpoints(
  db: LedgerQuery,
  tenant: string,
  page: { kind: EndpointKind; query?: string; after?: string; limit: number },
): Promise<Endpoint[]> {
  let rows = db
    .selectFrom('endpoints')
    .select(columns)
    .where('tenant', '=', tenant)
    .where('kind', '=', page.kind)
    .where('id', '>', page.after ?? '')
  if (page.query !== undefined) rows = rows.where('query', '=', page.query)
  return (await rows.orderBy('id').limit(page.limit).execute()).map(endpointOf)
}

export async function countEndpoints(db: LedgerQuery, tenant: string): Promise<number> {
  const row = await db
    .selectFrom('endpoints')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  return Number(row?.count)
}

/** False when there is none. Its messages go with it. */
export async function deleteEndpoint(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<boolean> {
  await db
    .deleteFrom('deliveries')
    .where('tenant', '=', tenant)
    .where('endpoint', '=', id)
    .execute()
  const { numDeletedRows } = await db
    .deleteFrom('endpoints')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** All subscriptions to a query that is deleted (EPCIS 2.0 §12). Returns how many there were. */
export async function deleteSubscriptions(
  db: LedgerQuery,
  tenant: string,
  query: string,
): Promise<number> {
  const rows = await db
    .selectFrom('endpoints')
    .select('id')
    .where('tenant', '=', tenant)
    .where('kind', '=', 'subscription')
    .where('query', '=', query)
    .execute()
  for (const { id } of rows) await deleteEndpoint(db, tenant, id)
  return rows.length
}

export type EndpointChange = Partial<
  Pick<Endpoint, 'url' | 'secrets' | 'settings' | 'status' | 'reason' | 'nextAt' | 'failingSince'> &
    Pick<Endpoint, 'toldAt' | 'runAt' | 'found' | 'notice'>
>

export async function updateEndpoint(
  db: LedgerQuery,
  { tenant, id }: Pick<Endpoint, 'tenant' | 'id'>,
  { secrets, settings, ...change }: EndpointChange,
): Promise<void> {
  const set = {
    ...change,
    ...(secrets && { secrets: JSON.stringify(secrets) }),
    ...(settings && { settings: JSON.stringify(settings) }),
  }
  if (Object.keys(set).length === 0) return
  await db
    .updateTable('endpoints')
    .set(set)
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .execute()
}

/**
 * Active endpoints that nobody tells now, whose time has come and that have something to be told:
 * a message, or something behind their place. The longest waiting first.
 */
export async function dueEndpoints(
  db: LedgerQuery,
  now: number,
  limit: number,
): Promise<Endpoint[]> {
  const message = sql<boolean>`exists (select 1 from "deliveries" as "d"
    where "d"."tenant" = "endpoints"."tenant" and "d"."endpoint" = "endpoints"."id"
      and "d"."status" = 'pending')`
  const notice = sql<boolean>`"kind" in ('webhook', 'channel') and exists (select 1
    from "notices" as "n" where "n"."tenant" = "endpoints"."tenant"
      and "n"."seq" > "endpoints"."notice")`
  // An import moves places and events alike below 0.
  const event = sql<boolean>`"runAt" is null and exists (select 1 from "events" as "e"
    where "e"."tenant" = "endpoints"."tenant" and "e"."seq" >= "endpoints"."offset"
      and ("e"."seq" > "endpoints"."offset" or "e"."pos" > "endpoints"."pos"))`
  const rows = await db
    .selectFrom('endpoints')
    .select(columns)
    .where('status', '=', 'active')
    .where('nextAt', '<=', now)
    .where('heldUntil', '<=', now)
    .where(
      sql<boolean>`(${message} or (${notice}) or "runAt" <= ${now} or ("kind" = 'subscription'
        and ("found" is not null or (${event}))))`,
    )
    .orderBy('nextAt')
    .orderBy('toldAt')
    .limit(limit)
    .execute()
  return rows.map(endpointOf)
}

export interface Claim {
  tenant: string
  id: string
  heldBy: string
}

/** False when another one holds it, or when it is not active any more. Renews one's own. */
export async function claimEndpoint(
  db: LedgerQuery,
  { tenant, id, heldBy }: Claim,
  { now, until }: { now: number; until: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('endpoints')
    .set({ heldBy, heldUntil: until })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('status', '=', 'active')
    .where((e) => e.or([e('heldUntil', '<=', now), e('heldBy', '=', heldBy)]))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function letGo(db: LedgerQuery, { tenant, id, heldBy }: Claim): Promise<void> {
  await db
    .updateTable('endpoints')
    .set({ heldBy: '', heldUntil: 0 })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('heldBy', '=', heldBy)
    .execute()
}

/** Ends all claims: nobody can be there who holds one. */
export async function freeEndpoints(db: LedgerQuery): Promise<void> {
  await db
    .updateTable('endpoints')
    .set({ heldBy: '', heldUntil: 0 })
    .where('heldUntil', '>', 0)
    .execute()
}

/** Where an endpoint stands. */
export type Place = Pick<Endpoint, 'notice' | 'offset' | 'pos' | 'number' | 'runAt' | 'found'>

/**
 * Moves the place, in the transaction that writes what lies between. False when another process has
 * moved it meanwhile: then nothing may be kept of this transaction.
 */
export async function movePlace(db: LedgerQuery, from: Endpoint, to: Place): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('endpoints')
    .set(to)
    .where('tenant', '=', from.tenant)
    .where('id', '=', from.id)
    .where('notice', '=', from.notice)
    .where('offset', '=', from.offset)
    .where('pos', '=', from.pos)
    .where('number', '=', from.number)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Secrets that sign now, the newest first. */
export const signingSecrets = ({ secrets }: Endpoint, now: number): string[] =>
  secrets.filter(({ until }) => until === null || until > now).map(({ secret }) => secret)

const endpointOf = ({ kind, status, secrets, settings, ...row }: Row): Endpoint => ({
  ...row,
  kind: kind as EndpointKind,
  status: status as EndpointStatus,
  secrets: JSON.parse(secrets) as Secret[],
  settings: JSON.parse(settings) as Record<string, unknown>,
})
