// Ledger queries for lists of very many containers: what is inside and what happened to each, with
// one question for all of them, and bounds on each. What needs all of one container asks elsewhere.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import { dialectOf, type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { relationCodes } from './schema.ts'
import { byParent } from './stays.ts'

export interface Cargo {
  /** Ascending. */
  gtins: string[]
  /** False: there is more inside than was looked at. */
  complete: boolean
}

/**
 * Products inside of containers at a moment. Of what is directly in one container a few are looked
 * at from either end, so that a mixed load shows more than its first product.
 */
export async function readCargo(
  db: LedgerQuery,
  tenant: string,
  { containers, at }: { containers: readonly number[]; at: number },
): Promise<Map<number, Cargo>> {
  const cargo = new Map<number, { gtins: Set<string>; complete: boolean }>()
  for (const container of containers) cargo.set(container, { gtins: new Set(), complete: true })
  /** Of what is looked into, the containers asked for: one may be in another that is asked for. */
  let level = new Map(containers.map((container) => [container, new Set([container])]))
  for (let depth = 0; depth < bounds.cargoDepthMax && level.size > 0; depth++) {
    const limit = depth === 0 ? bounds.cargoLookMax : bounds.cargoLookBelowMax
    const next = new Map<number, Set<number>>()
    const inside = await endsOf(db, tenant, { in: [...level.keys()], at, limit })
    for (const { parent, children } of inside) {
      const roots = level.get(parent)!
      if (children.length >= limit) for (const root of roots) cargo.get(root)!.complete = false
      for (const child of children) next.set(child, new Set([...roots, ...(next.get(child) ?? [])]))
    }
    for (const { id, gtin } of await gtinsOf(db, tenant, [...next.keys()]))
      for (const root of next.get(id)!) cargo.get(root)!.gtins.add(gtin)
    level = next
  }
  for (const roots of level.values()) for (const root of roots) cargo.get(root)!.complete = false
  const told = [...cargo].map(([id, { gtins, complete }]) => {
    return [id, { gtins: [...gtins].sort(), complete }] as const
  })
  return new Map(told)
}

/** Of what is in each of these, so many of the first and of the last. */
async function endsOf(
  db: LedgerQuery,
  tenant: string,
  of: { in: readonly number[]; at: number; limit: number },
): Promise<{ parent: number; children: number[] }[]> {
  const list =
    dialectOf(db) === 'sqlite' ? sql`json_group_array(child)` : sql`json_agg(child)::text`
  const some = (direction: 'asc' | 'desc') => sql`(select ${list} from (
    select stays.child from stays ${byParent(db)}
    where stays.tenant = ${tenant} and stays.parent = listed.value
      and stays."from" <= ${of.at} and stays."to" > ${of.at}
      and stays.relation = ${relationCodes.aggregation}
    order by stays."from" ${sql.raw(direction)}, stays."to" ${sql.raw(direction)},
      stays.child ${sql.raw(direction)}
    limit ${Math.ceil(of.limit / 2)}) as ends)`
  const found: { parent: number; children: number[] }[] = []
  for (const page of pagesOf(of.in)) {
    const { rows } = await sql<{ parent: number; first: string | null; last: string | null }>`
      select listed.value as parent, ${some('asc')} as first, ${some('desc')} as last
      from ${listed(db, page)}`.execute(db)
    for (const { parent, first, last } of rows) {
      const children = [...numbersIn(first), ...numbersIn(last)]
      if (children.length > 0) found.push({ parent, children: [...new Set(children)] })
    }
  }
  return found
}

const numbersIn = (list: string | null): number[] => (list === null ? [] : JSON.parse(list))

async function gtinsOf(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<{ id: number; gtin: string }[]> {
  const found: { id: number; gtin: string }[] = []
  for (const page of pagesOf(ids)) {
    const { rows } = await sql<{ id: number; gtin: string }>`
      select epcs.id, lots.gtin from ${listed(db, page)} cross join epcs cross join lots
      where epcs.id = listed.value and epcs.tenant = ${tenant}
        and lots.id = epcs.lot and lots.tenant = ${tenant}`.execute(db)
    for (const row of rows) if (row.gtin !== '') found.push(row)
  }
  return found
}

export interface NamingEvent {
  epc: number
  event: number
  eventTime: number
  bizStep: string | null
  readPoint: string | null
  bizLocation: string | null
}

/** Events that name any of these since a time, without their bodies and those in error. */
export async function readHappened(
  db: LedgerQuery,
  tenant: string,
  { epcs, since }: { epcs: readonly number[]; since: number },
): Promise<NamingEvent[]> {
  const found: NamingEvent[] = []
  for (const page of pagesOf(epcs)) {
    const left = bounds.journeyEventsMax - found.length
    if (left <= 0) break
    const { rows } = await sql<NamingEvent>`
      select mentions.epc, events.id as event, events."eventTime", events."bizStep",
        events."readPoint", events."bizLocation"
      from ${listed(db, page)} cross join mentions cross join events
      where mentions.tenant = ${tenant} and mentions.epc = listed.value
        and events.id = mentions.event and events.tenant = ${tenant} and events.declared = 0
        and events."eventTime" >= ${since}
      limit ${left}`.execute(db)
    for (const row of rows) found.push(row)
  }
  return found
}
