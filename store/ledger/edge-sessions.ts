// Ledger queries: when edge nodes of Sparkplug B and their devices were born and died last, and how
// often messages of theirs were missing.
import { sql } from 'kysely'
import type { EdgeRecord } from '../../domain/edge-session.ts'
import type { LedgerQuery } from './ledger.ts'

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

/** The newest of each time stands, whoever wrote it: a node may have changed its broker. */
export async function keepEdgeChanges(
  db: LedgerQuery,
  changes: readonly EdgeChange[],
): Promise<void> {
  for (const { bornAt = null, diedAt = null, gapAt = null, ...rest } of changes)
    await db
      .insertInto('edgeSessions')
      .values({ ...rest, bornAt, diedAt, gapAt })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'node', 'device']).doUpdateSet((eb) => ({
          bornAt: newest('bornAt'),
          diedAt: newest('diedAt'),
          gapAt: newest('gapAt'),
          gaps: eb('edgeSessions.gaps', '+', eb.ref('excluded.gaps')),
        })),
      )
      .execute()
}

const newest = (column: 'bornAt' | 'diedAt' | 'gapAt') => {
  const [was, is] = [sql.ref(`edgeSessions.${column}`), sql.ref(`excluded.${column}`)]
  return sql<number | null>`case when ${was} is null or ${is} > ${was} then ${is} else ${was} end`
}

/** Of a logger: as a device behind nodes, as a node, and of the nodes that it is behind. */
export async function readEdgeRecords(
  db: LedgerQuery,
  { tenant, id }: { tenant: string; id: string },
): Promise<EdgeRecord[]> {
  const own = await db
    .selectFrom('edgeSessions')
    .select(['node', 'device', 'bornAt', 'diedAt', 'gaps', 'gapAt'])
    .where('tenant', '=', tenant)
    .where('device', '=', id)
    .orderBy('node')
    .execute()
  const nodes = await db
    .selectFrom('edgeSessions')
    .select(['node', 'device', 'bornAt', 'diedAt', 'gaps', 'gapAt'])
    .where('tenant', '=', tenant)
    .where('device', '=', '')
    .where('node', 'in', [id, ...own.map(({ node }) => node)])
    .orderBy('node')
    .execute()
  return [...own, ...nodes]
}
