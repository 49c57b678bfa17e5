// Which shipment a thing belongs to: the outermost container that it was first packed into, or
// itself when it was never in any. What is known of a shipment is looked at together. Decides
// nothing about it.
import { bounds } from '../../config.ts'
import type { Containment } from '../../domain/hierarchy.ts'
import type { Known } from './known.ts'

/** Of what is used again (GRAI) only the time matters in which it was named. */
export interface Start {
  id: number
  from: number
  to: number
}

type Stays = Pick<Known, 'stays'>

/**
 * The shipments of these things, by the number of their home. `asked`: things that stand for
 * themselves when they were never in any container, however many there are.
 */
export async function shipmentsOf(
  known: Stays,
  { starts, asked }: { starts: readonly Start[]; asked: ReadonlySet<number> },
): Promise<Set<number>> {
  const found = new Set<number>()
  const loose = new Set<number>()
  for (const [start, own] of await homesOf(known, starts))
    for (const home of own) (home === start ? loose : found).add(home)
  const containers = await containersAmong(known, [...loose])
  for (const container of containers) found.add(container)
  const rest = [...loose].filter((id) => !containers.has(id))
  // A line that commissions 100,000 units has done nothing yet: they will be packed.
  const many = rest.length > bounds.looseUnitsMax
  for (const id of rest) if (!many || asked.has(id)) found.add(id)
  return found
}

/** The home of each, by number. Follows the earliest stay of each on the way up. */
export async function homesOf(
  known: Stays,
  starts: readonly Start[],
): Promise<Map<number, Set<number>>> {
  const homes = new Map<number, Set<number>>()
  const stays = new Map<number, Containment<number>[]>()
  let climbing = starts.map((start) => ({ start: start.id, ...start }))
  for (let depth = 0; climbing.length > 0; depth++) {
    const unread = [...new Set(climbing.map(({ id }) => id))].filter((id) => !stays.has(id))
    for (const id of unread) stays.set(id, [])
    for (const stay of await known.stays({ in: 'child', among: unread }))
      stays.get(stay.child)!.push(stay)
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
async function containersAmong(known: Stays, ids: readonly number[]): Promise<Set<number>> {
  return new Set((await known.stays({ in: 'parent', among: ids })).map(({ parent }) => parent))
}
