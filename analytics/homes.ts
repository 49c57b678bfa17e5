// Which shipment a thing belongs to: the outermost container that it was first packed into, or
// itself when it was never in any. What is known of a shipment is looked at together. Decides
// nothing about it.
import { bounds } from '../config.ts'
import type { Containment } from '../domain/hierarchy.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { readStaysById } from '../store/ledger-stays.ts'

/** Of what is used again (GRAI) only the time matters in which it was named. */
export interface Start {
  id: number
  from: number
  to: number
}

/** The home of each, by number. Follows the earliest stay of each on the way up. */
export async function homesOf(
  db: LedgerQuery,
  tenant: string,
  starts: readonly Start[],
): Promise<Map<number, Set<number>>> {
  const homes = new Map<number, Set<number>>()
  const stays = new Map<number, Containment<number>[]>()
  let climbing = starts.map((start) => ({ start: start.id, ...start }))
  for (let depth = 0; climbing.length > 0; depth++) {
    const unread = [...new Set(climbing.map(({ id }) => id))].filter((id) => !stays.has(id))
    for (const id of unread) stays.set(id, [])
    const query = { in: 'child', among: unread, relation: 'aggregation' } as const
    for (const stay of await readStaysById(db, tenant, query)) stays.get(stay.child)!.push(stay)
    const next: typeof climbing = []
    for (const each of climbing) {
      const first = depth < bounds.containmentDepthMax && earliest(stays.get(each.id)!, each)
      if (first)
        next.push({
          ...{ start: each.start, id: first.parent },
          ...{ from: Math.max(first.from, each.from), to: Math.min(first.to, each.to) },
        })
      else homes.set(each.start, (homes.get(each.start) ?? new Set()).add(each.id))
    }
    climbing = next
  }
  return homes
}

const earliest = (
  stays: readonly Containment<number>[],
  { from, to }: Start,
): Containment<number> | undefined =>
  stays
    .filter((stay) => stay.from < to && stay.to > from)
    .sort((a, b) => a.from - b.from || a.parent - b.parent)[0]

/** Of these, those that anything was ever put into. */
export async function containersAmong(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Set<number>> {
  const query = { in: 'parent', among: ids, relation: 'aggregation' } as const
  return new Set((await readStaysById(db, tenant, query)).map(({ parent }) => parent))
}
