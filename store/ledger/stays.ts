// Ledger queries: the intervals "child in parent", which follow from events. They are derived anew
// from all events that name a child, so that it does not matter in which order these came (I3).
import { type RawBuilder, sql } from 'kysely'
import { bounds } from '../../config.ts'
import type { Interval } from '../../domain/breach.ts'
import {
  type Containment,
  type DoubleParent,
  historyOf,
  type Move,
  type Relation,
} from '../../domain/hierarchy.ts'
import { insertMany } from './bulk.ts'
import { epcsOf, idsOf } from './epcs.ts'
import { dialectOf, type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { readEmptyings, readMoves } from './mentions.ts'
import { endCodes, type LedgerTables, openEnd, relationCodes } from './schema.ts'

export interface StayQuery<K> {
  /** Stays in these parents, or of these children. */
  in: 'parent' | 'child'
  among: readonly K[]
  /** Only those that overlap it. */
  window?: Interval
  relation?: Relation
}

export async function readStays(
  db: LedgerQuery,
  tenant: string,
  by: StayQuery<string>,
): Promise<Containment[]> {
  const ids = [...(await idsOf(db, tenant, by.among)).values()]
  const rows = await readStaysById(db, tenant, { ...by, among: ids })
  const named = new Set(rows.flatMap(({ child, parent }) => [child, parent]))
  const epcs = await epcsOf(db, tenant, [...named])
  return rows.map((row) => ({
    ...row,
    child: epcs.get(row.child)!,
    parent: epcs.get(row.parent)!,
  }))
}

/** The same by numbers. */
export async function readStaysById(
  db: LedgerQuery,
  tenant: string,
  by: StayQuery<number>,
): Promise<Containment<number>[]> {
  const stays: Containment<number>[] = []
  const { from, to } = by.window ?? { from: -Infinity, to: Infinity }
  const overlapping = by.window
    ? sql`and stays."from" < ${Math.min(to, openEnd)} and stays."to" > ${Math.max(from, -openEnd)}`
    : sql``
  const related = by.relation ? sql`and stays.relation = ${relationCodes[by.relation]}` : sql``
  for (const page of pagesOf(by.among)) {
    const { rows } = await sql<LedgerTables['stays']>`
      select stays.relation, stays.child, stays.parent, stays."from", stays."to", stays."endedBy"
      from ${listed(db, page)} cross join stays ${by.in === 'parent' ? byParent(db) : sql``}
      where stays.tenant = ${tenant}
        and stays.${sql.ref(by.in)} = listed.value ${related} ${overlapping}`.execute(db)
    for (const row of rows) stays.push(stayOf(row))
  }
  return stays
}

/**
 * Behind `stays`, for what is asked of a parent. SQLite takes the primary key otherwise, because
 * all columns are in it, and goes through all stays of the tenant for each parent.
 */
export const byParent = (db: LedgerQuery): RawBuilder<unknown> =>
  dialectOf(db) === 'sqlite' ? sql`indexed by "staysByParent"` : sql``

/** Codes as words. */
export const relationNames = ['aggregation', 'association'] as const
const endNames = new Map<number, string>(
  Object.entries(endCodes).map(([name, code]) => [code, name]),
)

const stayOf = (row: LedgerTables['stays']): Containment<number> => ({
  relation: relationNames[row.relation]!,
  child: row.child,
  parent: row.parent,
  from: row.from,
  to: row.to === openEnd ? Infinity : row.to,
  endedBy: (row.endedBy === null ? null : endNames.get(row.endedBy)!) as Containment['endedBy'],
})

/** Children whose stays an emptying of these parents at these times begins or ceases to end. */
export async function childrenInAt(
  db: LedgerQuery,
  tenant: string,
  emptied: readonly { parent: number; time: number }[],
): Promise<Set<number>> {
  const children = new Set<number>()
  for (const { parent, time } of emptied) {
    const { rows } = await sql<{ child: number }>`
      select child from stays where tenant = ${tenant} and parent = ${parent}
        and "from" < ${time} and "to" >= ${time}`.execute(db)
    for (const { child } of rows) children.add(child)
  }
  return children
}

export interface Restated {
  /** Where the children were before, and are now. */
  parents: Set<number>
  /** The stays of each child that are others now. */
  changed: Map<number, Containment<number>[]>
  /** What two parents claim, of all the children asked for. */
  doubles: DoubleParent<number>[]
}

/** Derives the stays of these children anew, in both relations. */
export async function restateStays(
  db: LedgerQuery,
  tenant: string,
  children: readonly number[],
): Promise<Restated> {
  const restated: Restated = { parents: new Set(), changed: new Map(), doubles: [] }
  for (const page of pagesOf(children)) await restatePage(db, tenant, { page, restated })
  return restated
}

async function restatePage(
  db: LedgerQuery,
  tenant: string,
  { page, restated }: { page: readonly number[]; restated: Restated },
): Promise<void> {
  const stood = await readStaysById(db, tenant, { in: 'child', among: page })
  const before = Map.groupBy(stood, ({ child }) => child)
  const moves = await readMoves(db, tenant, page)
  const parents = new Set<number>()
  for (const own of moves.values())
    for (const { parent } of own) if (parent !== undefined) parents.add(parent)
  const emptyings = await readEmptyings(db, tenant, [...parents])
  const rows: Containment<number>[] = []
  const gone: number[] = []
  for (const child of page) {
    const { stays, doubles } = historiesOf(child, moves.get(child) ?? [], emptyings)
    const old = before.get(child) ?? []
    restated.doubles.push(...doubles)
    for (const { parent } of old) restated.parents.add(parent)
    for (const { parent } of stays) restated.parents.add(parent)
    if (sameStays(old, stays)) continue
    restated.changed.set(child, stays)
    if (old.length > 0) gone.push(child)
    rows.push(...stays)
  }
  for (const part of pagesOf(gone))
    await sql`delete from stays where tenant = ${tenant}
      and child in (select listed.value from ${listed(db, part)})`.execute(db)
  await insertStays(db, tenant, rows)
}

/** Both relations of a child; `emptyings`: by the parent that was emptied. */
export function historiesOf(
  child: number,
  own: readonly Move<number>[],
  emptyings: ReadonlyMap<number, Move<number>[]>,
): { stays: Containment<number>[]; doubles: DoubleParent<number>[] } {
  const stays: Containment<number>[] = []
  const doubles: DoubleParent<number>[] = []
  for (const relation of relationNames) {
    const moves = own.filter((move) => move.relation === relation)
    if (moves.length === 0) continue
    if (emptyings.size > 0)
      for (const parent of new Set(moves.map((move) => move.parent)))
        for (const move of (parent !== undefined && emptyings.get(parent)) || [])
          if (move.relation === relation) moves.push(move)
    const history = historyOf(child, moves)
    stays.push(...history.stays)
    doubles.push(...history.doubles)
  }
  return { stays, doubles }
}

function sameStays(a: readonly Containment<number>[], b: readonly Containment<number>[]): boolean {
  if (a.length !== b.length) return false
  const others = new Map(b.map((stay) => [`${stay.relation} ${stay.from} ${stay.parent}`, stay]))
  return a.every((stay) => {
    const other = others.get(`${stay.relation} ${stay.from} ${stay.parent}`)
    return other !== undefined && other.to === stay.to && other.endedBy === stay.endedBy
  })
}

async function insertStays(
  db: LedgerQuery,
  tenant: string,
  stays: readonly Containment<number>[],
): Promise<void> {
  const few: Containment<number>[] = []
  // Mostly many things are put into one container at one time: what they share is said once.
  const alike = ({ relation, parent, from, to, endedBy }: Containment<number>): string =>
    `${relation} ${parent} ${from} ${to} ${endedBy}`
  for (const group of Map.groupBy(stays, alike).values()) {
    if (group.length < bounds.mentionsApartMin) few.push(...group)
    else await insertAlikeStays(db, tenant, group)
  }
  if (few.length > 0)
    await insertMany(db, 'stays', {
      rows: few.map((stay) => ({ tenant, child: stay.child, ...sharedOf(stay) })),
    })
}

async function insertAlikeStays(
  db: LedgerQuery,
  tenant: string,
  stays: readonly Containment<number>[],
): Promise<void> {
  const { relation, parent, from, to, endedBy } = sharedOf(stays[0]!)
  for (const page of pagesOf(stays.map(({ child }) => child)))
    await sql`insert into stays (tenant, relation, child, parent, "from", "to", "endedBy")
      select ${tenant}, cast(${relation} as smallint), listed.value, cast(${parent} as bigint),
        cast(${from} as bigint), cast(${to} as bigint), cast(${endedBy} as smallint)
      from ${listed(db, page)}`.execute(db)
}

const sharedOf = ({ relation, parent, from, to, endedBy }: Containment<number>) => ({
  relation: relationCodes[relation],
  parent,
  from,
  to: Math.min(to, openEnd),
  endedBy: endedBy === null ? null : endCodes[endedBy],
})
