// Ledger queries: where events contradict each other about containment. A conflict is told as long
// as the events stand as they are, and goes by itself when later ones make it vanish: what is kept
// is compared with what is found now. Decides nothing: see domain/hierarchy.ts.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import { epcsOf } from './epcs.ts'
import { chunksOf, type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { openEnd } from './schema.ts'

export type ConflictKind = 'double-parent' | 'cycle'

/** Times are epoch ms; `to` is Infinity while it lasts. EPCs by number. */
export interface FoundConflict {
  kind: ConflictKind
  relation: number
  child: number
  /** Double parent: the one that it was put into last. Cycle: of the stay that closed it. */
  parent: number
  otherParent: number | null
  from: number
  to: number
  /** All that are part of it, ascending. */
  members: number[]
}

export interface Conflict {
  id: number
  kind: ConflictKind
  child: string
  parent: string
  otherParent: string | null
  from: number
  to: number
  recordTime: number
  resolvedAt: number | null
  members: string[]
}

interface Row extends Omit<FoundConflict, 'members' | 'kind'> {
  id: number
  kind: string
  recordTime: number
  resolvedAt: number | null
  body: string
}

/** An open conflict as it stands. */
export type StoodConflict = FoundConflict & { id: number }

/** Open conflicts that one of these children is part of, as the one that moved or as a member. */
export async function openConflictsOf(
  db: LedgerQuery,
  tenant: string,
  children: ReadonlySet<number>,
): Promise<StoodConflict[]> {
  const open = db
    .selectFrom('conflicts')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('resolvedAt', 'is', null)
  const stood: StoodConflict[] = []
  for (const page of pagesOf([...children])) {
    const { rows } = await sql<Row>`
      select conflicts.* from ${listed(db, page)}
      cross join conflicts where conflicts.tenant = ${tenant} and conflicts.child = listed.value
        and conflicts."resolvedAt" is null and conflicts.kind = 'double-parent'`.execute(db)
    for (const row of rows) stood.push({ ...foundOf(row), id: row.id })
  }
  // Rings are few, for somebody has to have been wrong twice.
  for (const row of await open.where('kind', '=', 'cycle').execute()) {
    const cycle = { ...foundOf(row), id: row.id }
    if (cycle.members.some((member) => children.has(member))) stood.push(cycle)
  }
  return stood
}

/**
 * `stood`: what was open and may have changed; `now`: what is found in its place. Returns the
 * numbers of those that are new.
 */
export async function restateConflicts(
  db: LedgerQuery,
  tenant: string,
  { stood, now, at }: { stood: StoodConflict[]; now: FoundConflict[]; at: number },
): Promise<number[]> {
  const left = new Map(stood.map((conflict) => [nameOf(conflict), conflict]))
  const fresh: FoundConflict[] = []
  for (const conflict of now) {
    const same = left.get(nameOf(conflict))
    left.delete(nameOf(conflict))
    if (!same) fresh.push(conflict)
    else if (same.to !== conflict.to)
      await db
        .updateTable('conflicts')
        .set({ to: Math.min(conflict.to, openEnd) })
        .where('tenant', '=', tenant)
        .where('id', '=', same.id)
        .execute()
  }
  for (const chunk of chunksOf([...left.values()].map(({ id }) => id)))
    await db
      .updateTable('conflicts')
      .set({ resolvedAt: at })
      .where('tenant', '=', tenant)
      .where('id', 'in', chunk)
      .execute()
  const ids: number[] = []
  for (const chunk of chunksOf(fresh)) {
    const rows = await db
      .insertInto('conflicts')
      .values(
        chunk.map(({ members, ...conflict }) => ({
          ...{ tenant, ...conflict, to: Math.min(conflict.to, openEnd) },
          ...{ recordTime: at, resolvedAt: null, body: JSON.stringify({ members }) },
        })),
      )
      .returning('id')
      .execute()
    for (const { id } of rows) ids.push(id)
  }
  return ids
}

/** These, in the order of their numbers. */
export async function readConflicts(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Conflict[]> {
  const rows: Row[] = []
  for (const chunk of chunksOf(ids))
    rows.push(
      ...(await db
        .selectFrom('conflicts')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('id', 'in', chunk)
        .orderBy('id')
        .execute()),
    )
  return named(db, tenant, rows)
}

/** Newest first. */
export async function listConflicts(
  db: LedgerQuery,
  tenant: string,
  page: { open?: boolean; epc?: number; before?: number; limit: number },
): Promise<Conflict[]> {
  let query = db.selectFrom('conflicts').selectAll().where('tenant', '=', tenant)
  if (page.open !== undefined) query = query.where('resolvedAt', page.open ? 'is' : 'is not', null)
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  if (page.epc !== undefined) query = query.where('child', '=', page.epc)
  return named(db, tenant, await query.orderBy('id', 'desc').limit(page.limit).execute())
}

/** Open contradictions about where this thing is, by begin. */
export async function conflictsOf(
  db: LedgerQuery,
  tenant: string,
  epc: number,
): Promise<Conflict[]> {
  const rows = await db
    .selectFrom('conflicts')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('child', '=', epc)
    .where('resolvedAt', 'is', null)
    .orderBy('from')
    .orderBy('id')
    .limit(bounds.unitAlertsMax)
    .execute()
  return named(db, tenant, rows)
}

async function named(db: LedgerQuery, tenant: string, rows: Row[]): Promise<Conflict[]> {
  const found = rows.map((row) => ({ ...row, ...foundOf(row) }))
  const ids = found.flatMap(({ child, parent, otherParent, members }) => [
    ...[child, parent, ...members],
    ...(otherParent === null ? [] : [otherParent]),
  ])
  const epcs = await epcsOf(db, tenant, [...new Set(ids)])
  return found.map(({ id, kind, from, to, recordTime, resolvedAt, ...of }) => ({
    ...{ id, kind, from, to, recordTime, resolvedAt },
    child: epcs.get(of.child)!,
    parent: epcs.get(of.parent)!,
    otherParent: of.otherParent === null ? null : epcs.get(of.otherParent)!,
    members: of.members.map((member) => epcs.get(member)!),
  }))
}

const foundOf = (row: Row): FoundConflict => ({
  kind: row.kind as ConflictKind,
  relation: row.relation,
  child: row.child,
  parent: row.parent,
  otherParent: row.otherParent,
  from: row.from,
  to: row.to === openEnd ? Infinity : row.to,
  members: (JSON.parse(row.body) as { members: number[] }).members,
})

/** What makes two the same conflict: not how long it lasts. */
const nameOf = ({ kind, relation, child, parent, otherParent, from, members }: FoundConflict) =>
  [kind, relation, child, parent, otherParent, from, ...members].join(' ')
