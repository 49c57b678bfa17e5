// Ledger queries: which events name which EPCs, and as what. Everything that is derived of an EPC
// (its stays, its facts, its journey) is derived from these.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import type { Interval } from '../../domain/breach.ts'
import type { Action } from '../../domain/epcis/epcis.ts'
import type { Move, Relation } from '../../domain/hierarchy.ts'
import { insertMany } from './bulk.ts'
import { epcsOf, idsOf } from './epcs.ts'
import { readEventsById, type StoredEvent } from './events.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { mentionRoles, openEnd } from './schema.ts'

/** Everything that one event names in one role, by number. */
export interface Mentions {
  event: number
  role: number
  epcs: readonly number[]
}

export async function insertMentions(
  db: LedgerQuery,
  tenant: string,
  mentions: readonly Mentions[],
): Promise<void> {
  // A statement for a few is a statement too many: they go together.
  const few = mentions.filter(({ epcs }) => epcs.length < bounds.mentionsApartMin)
  const rows = few.flatMap(({ event, role, epcs }) =>
    epcs.map((epc) => ({ tenant, epc, event, role })),
  )
  if (rows.length > 0)
    await insertMany(db, 'mentions', {
      rows,
      finish: (insert) => insert.onConflict((conflict) => conflict.doNothing()),
    })
  for (const { event, role, epcs } of mentions)
    for (const page of epcs.length < bounds.mentionsApartMin ? [] : pagesOf(epcs))
      await sql`insert into mentions (tenant, epc, event, role)
        select ${tenant}, listed.value, cast(${event} as bigint), cast(${role} as smallint)
        from ${listed(db, page)} where true on conflict do nothing`.execute(db)
}

/** Takes back that an event named these EPCs. */
export async function deleteMentions(
  db: LedgerQuery,
  tenant: string,
  { event, epcs }: { event: number; epcs: readonly number[] },
): Promise<void> {
  for (const page of pagesOf(epcs))
    await sql`delete from mentions where tenant = ${tenant} and event = ${event}
      and epc in (select listed.value from ${listed(db, page)})`.execute(db)
}

/** The numbers of what was mentioned, ascending by event. */
export async function readMentions(
  db: LedgerQuery,
  tenant: string,
  by: { epcs: readonly number[]; roles?: readonly number[] },
): Promise<{ epc: number; event: number; role: number }[]> {
  const found: { epc: number; event: number; role: number }[] = []
  const roles = by.roles ? sql`and mentions.role in (${sql.join(by.roles)})` : sql``
  for (const page of pagesOf(by.epcs)) {
    const { rows } = await sql<{ epc: number; event: number; role: number }>`
      select mentions.epc, mentions.event, mentions.role from ${listed(db, page)}
      cross join mentions where mentions.tenant = ${tenant} and mentions.epc = listed.value
      ${roles}`.execute(db)
    for (const row of rows) found.push(row)
  }
  return found
}

/** Events that name any of these, in event time; those declared in error too. */
export async function eventsNaming(
  db: LedgerQuery,
  tenant: string,
  of: { epcs: readonly string[]; roles?: readonly number[]; window?: Interval },
): Promise<{ epc: string; role: number; event: StoredEvent }[]> {
  const ids = [...(await idsOf(db, tenant, of.epcs)).values()]
  const rows = await readMentions(db, tenant, {
    epcs: ids,
    ...(of.roles && { roles: of.roles }),
  })
  const named = await epcsOf(db, tenant, ids)
  const numbers = [...new Set(rows.map(({ event }) => event))]
  const events = new Map<number, StoredEvent>()
  for (const event of await readEventsById(db, tenant, numbers)) events.set(event.id!, event)
  const { from, to } = of.window ?? { from: -Infinity, to: Infinity }
  return rows
    .flatMap(({ epc, role, event: id }) => {
      const event = events.get(id)
      if (!event || event.eventTime < from || event.eventTime >= to) return []
      return [{ epc: named.get(epc)!, role, event }]
    })
    .sort((a, b) => a.event.eventTime - b.event.eventTime || a.event.id! - b.event.id!)
}

/** What an event says of containment, without whom it says it of. */
interface Moving {
  id: number
  eventID: string
  type: string
  action: Action | null
  eventTime: number
  parent: number | null
}

const movingColumns = sql`events.id, events."eventID", events.type, events.action,
  events."eventTime", events.parent`

/**
 * All moves of these children, by child, without those that empty whole parents. Events in error
 * make none.
 */
export async function readMoves(
  db: LedgerQuery,
  tenant: string,
  children: readonly number[],
): Promise<Map<number, Move<number>[]>> {
  const { epcList, childEPCs, inputEPCList } = mentionRoles
  const mentions = await readMentions(db, tenant, {
    epcs: children,
    roles: [epcList, childEPCs, inputEPCList],
  })
  const events = new Map<number, Moving>()
  for (const page of pagesOf([...new Set(mentions.map(({ event }) => event))])) {
    const { rows } = await sql<Moving>`select ${movingColumns} from ${listed(db, page)}
      cross join events where events.id = listed.value
      and events.tenant = ${tenant} and events.declared = 0`.execute(db)
    for (const row of rows) events.set(row.id, row)
  }
  const moves = new Map<number, Move<number>[]>()
  for (const { epc, event, role } of mentions) {
    const moving = events.get(event)
    const made = moving && movesBy(moving, { child: epc, role })
    if (!made || made.length === 0) continue
    const own = moves.get(epc)
    if (own) own.push(...made)
    else moves.set(epc, made)
  }
  return moves
}

/** The same as movesOf (domain/hierarchy.ts) makes of the whole event. */
function movesBy(moving: Moving, { child, role }: { child: number; role: number }): Move<number>[] {
  const { type, action, parent, eventTime, eventID } = moving
  const { epcList, childEPCs, inputEPCList } = mentionRoles
  const contained = type === 'AggregationEvent' || type === 'AssociationEvent'
  if (role === childEPCs && contained && parent !== null && action && action !== 'OBSERVE')
    return [{ relation: relationOf(type), child, parent, action, eventTime, eventID }]
  const consumed = role === inputEPCList && type === 'TransformationEvent'
  const decommissioned = role === epcList && type === 'ObjectEvent' && action === 'DELETE'
  if (!consumed && !decommissioned) return []
  const ceased = consumed ? 'consumed' : 'decommissioned'
  const ending = { child, parent: undefined, action: 'DELETE', eventTime, eventID, ceased } as const
  return [
    { relation: 'aggregation', ...ending },
    { relation: 'association', ...ending },
  ]
}

const relationOf = (type: string): Relation =>
  type === 'AssociationEvent' ? 'association' : 'aggregation'

/** The moves that empty these parents, by parent. */
export async function readEmptyings(
  db: LedgerQuery,
  tenant: string,
  parents: readonly number[],
): Promise<Map<number, Move<number>[]>> {
  const found: Move<number>[] = []
  for (const page of pagesOf(parents)) {
    const { rows } = await sql<Moving>`select ${movingColumns} from ${listed(db, page)}
      cross join events where events.tenant = ${tenant} and events.parent = listed.value
        and events.empties = 1 and events.declared = 0`.execute(db)
    for (const { type, parent, eventTime, eventID } of rows)
      found.push({
        relation: relationOf(type),
        ...{ parent: parent!, child: undefined, action: 'DELETE', eventTime, eventID },
      })
  }
  return Map.groupBy(found, ({ parent }) => parent!)
}

/** The window of a query in the numbers of the ledger. */
export const boundsOf = (window: Interval | undefined): Interval => ({
  from: Math.max(window?.from ?? -openEnd, -openEnd),
  to: Math.min(window?.to ?? openEnd, openEnd),
})
