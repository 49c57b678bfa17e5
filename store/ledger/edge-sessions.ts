// Ledger queries: when edge nodes of Sparkplug B and their devices were born and died last, and how
// often messages of theirs were missing.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import type { EdgeRecord } from '../../domain/edge-session.ts'
import { among, type LedgerQuery, listsOf } from './ledger.ts'

/** What is new since the last one. `gaps`: further ones. */
export interface EdgeChange {
  tenant: string
  node: string
  /** '': the node itself. */
  device: string
  bornAt?: number
  diedAt?: number
  gapAt?: number
  gaps: number
}

/**
 * The newest of each time stands, whoever wrote it: a node may have changed its broker. Of a tenant
 * with `max` records nothing is told of further nodes and devices.
 */
export async function keepEdgeChanges(
  db: LedgerQuery,
  changes: readonly EdgeChange[],
  max: number = bounds.edgeSessionsPerTenantMax,
): Promise<void> {
  for (const change of changes) {
    const { tenant, node, device, gaps, bornAt, diedAt, gapAt } = change
    const updated = await db
      .updateTable('edgeSessions')
      .set((eb) => ({
        ...(bornAt !== undefined && { bornAt: newest('bornAt', bornAt) }),
        ...(diedAt !== undefined && { diedAt: newest('diedAt', diedAt) }),
        ...(gapAt !== undefined && { gapAt: newest('gapAt', gapAt) }),
        gaps: eb('gaps', '+', gaps),
      }))
      .where('tenant', '=', tenant)
      .where('device', '=', device)
      .where('node', '=', node)
      .executeTakeFirst()
    if (updated.numUpdatedRows > 0n) continue
    const { count } = await db
      .selectFrom('edgeSessions')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('tenant', '=', tenant)
      .executeTakeFirstOrThrow()
    if (Number(count) >= max) continue
    const times = { bornAt: bornAt ?? null, diedAt: diedAt ?? null, gapAt: gapAt ?? null }
    await db
      .insertInto('edgeSessions')
      .values({ tenant, node, device, gaps, ...times })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

const newest = (column: 'bornAt' | 'diedAt' | 'gapAt', at: number) => {
  const was = sql.ref(column)
  return sql<number | null>`case when ${was} > ${at} then ${was} else ${at} end`
}

/** Of a logger: as a device behind nodes, as a node, and of the nodes that it is behind. */
export async function readEdgeRecords(
  db: LedgerQuery,
  { tenant, id }: { tenant: string; id: string },
): Promise<EdgeRecord[]> {
  return (await readEdgeRecordsOf(db, { tenant, ids: [id] })).get(id) ?? []
}

/** The same of each of many, by id; those that speak no Sparkplug are not in it. */
export async function readEdgeRecordsOf(
  db: LedgerQuery,
  { tenant, ids }: { tenant: string; ids: readonly string[] },
): Promise<Map<string, EdgeRecord[]>> {
  const read = async (column: 'device' | 'node', names: readonly string[]) => {
    const found: EdgeRecord[] = []
    for (const chunk of listsOf(db, names)) {
      const rows = db
        .selectFrom('edgeSessions')
        .select(['node', 'device', 'bornAt', 'diedAt', 'gaps', 'gapAt'])
        .where('tenant', '=', tenant)
        .where(among(db, column, chunk))
        .orderBy('node')
      found.push(...(await (column === 'node' ? rows.where('device', '=', '') : rows).execute()))
    }
    return found
  }
  const behind = Map.groupBy(await read('device', ids), ({ device }) => device)
  const nodesOf = (id: string): string[] => [
    id,
    ...(behind.get(id) ?? []).map(({ node }) => node).filter((node) => node !== id),
  ]
  const named = [...new Set(ids.flatMap(nodesOf))]
  const nodes = new Map((await read('node', named)).map((record) => [record.node, record]))
  const told = ids.map((id): [string, EdgeRecord[]] => [
    id,
    [...(behind.get(id) ?? []), ...nodesOf(id).flatMap((node) => nodes.get(node) ?? [])],
  ])
  return new Map(told.filter(([, records]) => records.length > 0))
}
