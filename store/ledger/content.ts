// Ledger queries: one page of what is in something at a moment, level by level; and what events
// contradict each other about one thing.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import { epcsOf } from './epcs.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { openEnd } from './schema.ts'

export interface Contained {
  epc: string
  parent: string
  /** 1: directly inside. */
  depth: number
  relation: 'aggregation' | 'association'
  /** Epoch ms. */
  since: number
}

/** Where a page ends: everything of this level up to this number has been told. */
export interface ContentPlace {
  depth: number
  child: number
}

interface Row {
  child: number
  parent: number
  relation: number
  from: number
}

/**
 * By level, then in the order in which things were first named. `complete` false: more is there.
 */
export async function readContent(
  db: LedgerQuery,
  tenant: string,
  of: { container: number; at: number; depthMax: number; after?: ContentPlace; limit: number },
): Promise<{ items: (Contained & { place: ContentPlace })[]; complete: boolean }> {
  const { depth: past, child: last } = of.after ?? { depth: 0, child: -1 }
  const seen = new Set([of.container])
  const rows: (Row & { depth: number })[] = []
  let level = [of.container]
  let complete = true
  for (let depth = 1; depth <= of.depthMax && level.length > 0; depth++) {
    const inside = await childrenOf(db, tenant, { parents: level, at: of.at })
    level = []
    for (const row of inside) {
      if (seen.has(row.child)) continue
      seen.add(row.child)
      level.push(row.child)
      if (depth > past || (depth === past && row.child > last)) rows.push({ ...row, depth })
    }
    if (rows.length > of.limit) break
    if (seen.size > bounds.contentMax) {
      complete = false
      break
    }
  }
  const page = rows.slice(0, of.limit + 1)
  const epcs = await epcsOf(db, tenant, [
    ...new Set(page.flatMap(({ child, parent }) => [child, parent])),
  ])
  const items = page.map(({ child, parent, relation, from, depth }) => ({
    epc: epcs.get(child)!,
    parent: epcs.get(parent)!,
    depth,
    relation: relation === 0 ? ('aggregation' as const) : ('association' as const),
    since: from,
    place: { depth, child },
  }))
  return { items, complete }
}

async function childrenOf(
  db: LedgerQuery,
  tenant: string,
  { parents, at }: { parents: readonly number[]; at: number },
): Promise<Row[]> {
  const found: Row[] = []
  for (const page of pagesOf(parents)) {
    const { rows } = await sql<Row>`
      select stays.child, stays.parent, stays.relation, stays."from"
      from ${listed(db, page)} cross join stays
      where stays.tenant = ${tenant} and stays.parent = listed.value
        and stays."from" <= ${at} and stays."to" > ${at}
      limit ${bounds.contentMax}`.execute(db)
    for (const row of rows) found.push(row)
  }
  return found.sort((a, b) => a.child - b.child || a.parent - b.parent)
}

export interface UnitConflict {
  id: number
  kind: string
  child: string
  parent: string
  otherParent: string | null
  from: number
  to: number | null
}

/** Open contradictions about where a thing is or what is in it. */
export async function conflictsOn(
  db: LedgerQuery,
  tenant: string,
  epc: number,
): Promise<UnitConflict[]> {
  const columns = ['id', 'kind', 'child', 'parent', 'otherParent', 'from', 'to'] as const
  const rows = await db
    .selectFrom('conflicts')
    .select(columns)
    .where('tenant', '=', tenant)
    .where('child', '=', epc)
    .where('resolvedAt', 'is', null)
    .orderBy('from')
    .orderBy('id')
    .limit(bounds.unitAlertsMax)
    .execute()
  const named = rows.flatMap((row) => [row.child, row.parent, row.otherParent ?? []]).flat()
  const epcs = await epcsOf(db, tenant, [...new Set(named)])
  return rows.map((row) => ({
    ...row,
    child: epcs.get(row.child)!,
    parent: epcs.get(row.parent)!,
    otherParent: row.otherParent === null ? null : epcs.get(row.otherParent)!,
    to: row.to === openEnd ? null : row.to,
  }))
}
