// Ledger queries: the inbox. Alerts on one container whose breaches met are one group; a storm of
// thousands of alerts is a page of groups with counts. Orders and counts, and decides nothing.
import { sql } from 'kysely'
import type { LifeState } from '../../domain/alert-life.ts'
import type { Alert } from './alerts.ts'
import type { LedgerQuery } from './ledger.ts'

export interface InboxFilter {
  /** Without: those that people still have to look at. */
  state?: LifeState | undefined
  /** 0 to 3: at least that. */
  severity?: number | undefined
  /** null: nobody's. */
  assignee?: string | null | undefined
  gtin?: string | undefined
  container?: string | undefined
  place?: string | undefined
  /** Begin of the breach, epoch ms: [from, to). */
  from?: number | undefined
  to?: number | undefined
}

export interface InboxGroup {
  group: string
  /** Of those that the filter lets through. */
  alerts: number
  severity: number
  /** Begins of the first and of the last breach. */
  first: number
  last: number
  unassigned: number
  states: Record<LifeState, number>
}

export type InboxPlace = readonly [severity: number, last: number, group: string]

/** Alerts of a group as they are shown with it. */
export interface InboxAlert {
  group: string
  state: LifeState
  assignee: string | null
  place: string | null
  alert: Alert
}

/** The most severe first, then the newest; after a place in that order. */
export async function listInbox(
  db: LedgerQuery,
  tenant: string,
  { filter, after, limit }: { filter: InboxFilter; after: InboxPlace | undefined; limit: number },
): Promise<InboxGroup[]> {
  const counted = (state: LifeState) =>
    sql<number>`sum(case when state = ${sql.lit(state)} then 1 else 0 end)`
  let query = matching(db, tenant, filter)
    .select(['group'])
    .select(({ fn }) => [
      fn.countAll<number>().as('alerts'),
      fn.max('severity').as('severity'),
      fn.min('from').as('first'),
      fn.max('from').as('last'),
    ])
    .select(sql<number>`sum(case when assignee is null then 1 else 0 end)`.as('unassigned'))
    .select([
      counted('new').as('new'),
      counted('acknowledged').as('acknowledged'),
      counted('investigating').as('investigating'),
      counted('decided').as('decided'),
      counted('closed').as('closed'),
    ])
    .groupBy('group')
  if (after)
    query = query.having(
      sql<boolean>`(max(severity), max("from"), "group") < (${after[0]}, ${after[1]}, ${after[2]})`,
    )
  const rows = await query
    .orderBy(sql`max(severity)`, 'desc')
    .orderBy(sql`max("from")`, 'desc')
    .orderBy('group', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ group, alerts, severity, first, last, unassigned, ...states }) => ({
    ...{ group, alerts: Number(alerts), severity: Number(severity) },
    ...{ first: Number(first), last: Number(last), unassigned: Number(unassigned) },
    states: Object.fromEntries(
      Object.entries(states).map(([name, count]) => [name, Number(count)]),
    ) as Record<LifeState, number>,
  }))
}

/** How many there are in all, by state and severity. */
export async function countInbox(
  db: LedgerQuery,
  tenant: string,
  filter: InboxFilter,
): Promise<{ state: LifeState; severity: number; alerts: number }[]> {
  const rows = await matching(db, tenant, filter)
    .select(['state', 'severity'])
    .select(({ fn }) => fn.countAll<number>().as('alerts'))
    .groupBy(['state', 'severity'])
    .execute()
  return rows.map(({ state, severity, alerts }) => ({
    ...{ state: state as LifeState, severity, alerts: Number(alerts) },
  }))
}

export async function countGroups(
  db: LedgerQuery,
  tenant: string,
  filter: InboxFilter,
): Promise<number> {
  const row = await matching(db, tenant, filter)
    .select(sql<number>`count(distinct "group")`.as('groups'))
    .executeTakeFirstOrThrow()
  return Number(row.groups)
}

/** At most so many of each group, the most severe first. */
export async function inboxAlerts(
  db: LedgerQuery,
  tenant: string,
  { groups, filter, each }: { groups: readonly string[]; filter: InboxFilter; each: number },
): Promise<InboxAlert[]> {
  if (groups.length === 0) return []
  const numbered = matching(db, tenant, filter)
    .where('group', 'in', [...groups])
    .select(['alert', 'group', 'state', 'assignee', 'place', 'severity', 'from'])
    .select(
      sql<number>`row_number() over (partition by "group" order by severity desc, "from", alert)`.as(
        'number',
      ),
    )
  const rows = await db
    .selectFrom(numbered.as('shown'))
    .innerJoin('alerts', 'alerts.id', 'shown.alert')
    .select(['shown.group', 'shown.state', 'shown.assignee', 'shown.place', 'alerts.body'])
    .where('alerts.tenant', '=', tenant)
    .where('shown.number', '<=', each)
    .orderBy('shown.group')
    .orderBy('shown.number')
    .execute()
  return rows.map(({ body, state, ...row }) => ({
    ...{ ...row, state: state as LifeState, alert: JSON.parse(body) as Alert },
  }))
}

/** Alerts of the same group that people still have to look at, or all of it. */
export async function groupMembers(
  db: LedgerQuery,
  tenant: string,
  { group, limit }: { group: string; limit: number },
): Promise<{ alert: string; state: LifeState }[]> {
  const rows = await db
    .selectFrom('alertLives')
    .select(['alert', 'state'])
    .where('tenant', '=', tenant)
    .where('group', '=', group)
    .where('heir', 'is', null)
    .orderBy('from')
    .orderBy('alert')
    .limit(limit)
    .execute()
  return rows.map(({ alert, state }) => ({ alert, state: state as LifeState }))
}

/** Alerts that began in a time and are alike in any of these, the newest first. */
export async function similarAlerts(
  db: LedgerQuery,
  tenant: string,
  of: { alert: Alert; place: string | null; since: number; limit: number },
): Promise<{ alert: Alert; state: LifeState; place: string | null }[]> {
  const { id, gtin, rule, container, device } = of.alert
  const rows = await db
    .selectFrom('alerts')
    .innerJoin('alertLives', (join) =>
      join
        .onRef('alertLives.tenant', '=', 'alerts.tenant')
        .onRef('alertLives.alert', '=', 'alerts.id'),
    )
    .select(['alerts.body', 'alertLives.state', 'alertLives.place'])
    .where('alerts.tenant', '=', tenant)
    .where('alerts.from', '>=', of.since)
    .where('alerts.id', '<>', id)
    .where('alerts.status', 'in', ['open', 'closed'])
    .where((e) =>
      e.or([
        e('alerts.gtin', '=', gtin),
        e('alerts.rule', '=', rule),
        e('alerts.container', '=', container),
        e('alerts.device', '=', device),
        ...(of.place === null ? [] : [e('alertLives.place', '=', of.place)]),
      ]),
    )
    .orderBy('alerts.from', 'desc')
    .orderBy('alerts.id')
    .limit(of.limit)
    .execute()
  return rows.map(({ body, state, place }) => ({
    ...{ alert: JSON.parse(body) as Alert, state: state as LifeState, place },
  }))
}

function matching(db: LedgerQuery, tenant: string, filter: InboxFilter) {
  const { state, severity, assignee, gtin, container, place, from, to } = filter
  let query = db.selectFrom('alertLives').where('tenant', '=', tenant)
  query = state === undefined ? query.where('pending', '=', 1) : query.where('state', '=', state)
  if (severity !== undefined) query = query.where('severity', '>=', severity)
  if (assignee === null) query = query.where('assignee', 'is', null)
  else if (assignee !== undefined) query = query.where('assignee', '=', assignee)
  if (gtin !== undefined) query = query.where('gtin', '=', gtin)
  if (container !== undefined) query = query.where('container', '=', container)
  if (place !== undefined) query = query.where('place', '=', place)
  if (from !== undefined) query = query.where('from', '>=', from)
  if (to !== undefined) query = query.where('from', '<', to)
  return query
}
