// Ledger queries that follow containment: what was inside a container when, and which loggers watch
// it.
import { bounds } from '../config.ts'
import type { Interval } from '../domain/breach.ts'
import { mergePresence, type Presence, presenceBelow } from '../domain/hierarchy.ts'
import { among, type LedgerQuery, listsOf } from './ledger.ts'
import { readStays } from './ledger-events.ts'

/**
 * Presence of everything at any depth inside a container during a window, the container itself
 * included.
 */
export async function readPresence(
  db: LedgerQuery,
  tenant: string,
  { container, window }: { container: string; window: Interval },
): Promise<Presence> {
  const whole: Presence = new Map([[container, [{ ...window }]]])
  let fresh: Presence = whole
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.size > 0; depth++) {
    const rows = await readStays(db, tenant, { in: 'parent', among: [...fresh.keys()], window })
    fresh = mergePresence(whole, presenceBelow(fresh, rows))
  }
  return whole
}

/** These containers and everything they ever were in, at any time. */
export async function readAncestors(
  db: LedgerQuery,
  tenant: string,
  containers: string[],
): Promise<string[]> {
  const known = new Set(containers)
  let fresh = [...known]
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.length > 0; depth++) {
    const rows = await readStays(db, tenant, { in: 'child', among: fresh })
    fresh = [...new Set(rows.map((row) => row.parent))].filter((parent) => !known.has(parent))
    for (const parent of fresh) known.add(parent)
  }
  return [...known]
}

/** Ids of the devices that were ever mounted on one of these containers. */
export async function devicesMountedOn(
  db: LedgerQuery,
  tenant: string,
  containers: string[],
): Promise<string[]> {
  const devices = new Set<string>()
  for (const chunk of listsOf(db, containers)) {
    const rows = await db
      .selectFrom('stays')
      .innerJoin('devices', (join) =>
        join.onRef('devices.tenant', '=', 'stays.tenant').onRef('devices.giai', '=', 'stays.child'),
      )
      .select('devices.id')
      .distinct()
      .where('stays.tenant', '=', tenant)
      .where(among(db, 'stays.parent', chunk))
      .execute()
    for (const row of rows) devices.add(row.id)
  }
  return [...devices]
}
