// What captured events change of containment: stays are derived anew from all events that name a
// child, and every logger that watches something they moved is marked, so that the detector looks
// again. Order, repetition and delay of captures do not matter.
import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import { movesOf } from '../../domain/hierarchy.ts'
import { ancestorsOf, devicesOn } from '../../store/ledger/contents.ts'
import { markDirty } from '../../store/ledger/detectors.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { devicesByGiai } from '../../store/ledger/registry.ts'
import { childrenInAt, readStaysById, restateStays } from '../../store/ledger/stays.ts'
import { devicesBelowLabels } from '../arm-limits.ts'
import { applyConflicts } from './conflicts.ts'
import type { CaptureProblem, Stored } from './events.ts'

/** Of canonical EPCs; parsing 100,000 of them to find one logger takes longer than all else. */
const giaiPrefix = 'https://id.gs1.org/8004/'

/**
 * Restates the stays that these events touch and marks the devices that watch them. `at`: record
 * time.
 */
export async function applyContainment(
  db: LedgerQuery,
  tenant: string,
  { stored: { fresh, withdrawn, ids }, at }: { stored: Stored; at: number },
): Promise<CaptureProblem[]> {
  // What is withdrawn moved something once, so what it moved has to be looked at.
  const events = [...fresh, ...withdrawn.map(undeclared)]
  const moves = events.flatMap(movesOf)
  if (moves.length === 0) return []
  const children = new Set<number>()
  const emptied: { parent: number; time: number }[] = []
  let since = Infinity
  for (const { child, parent, eventTime } of moves) {
    since = Math.min(since, eventTime)
    if (child !== undefined) children.add(ids.get(child)!)
    else emptied.push({ parent: ids.get(parent!)!, time: eventTime })
  }
  for (const child of await childrenInAt(db, tenant, emptied)) children.add(child)
  const problems = await unknownParents(db, tenant, { events: fresh, ids })
  const restated = await restateStays(db, tenant, [...children])
  problems.push(...(await applyConflicts(db, tenant, { children, restated, at })))
  const { parents, changed } = restated
  if (changed.size === 0) return problems
  const containers = [...(await ancestorsOf(db, tenant, [...parents]))]
  const devices = await devicesOn(db, tenant, containers)
  const moved = [...changed.keys()]
  for (const id of await devicesBelowLabels(db, tenant, { moved, containers })) devices.add(id)
  // A logger that is taken off something is on nothing now.
  const giais = moves.flatMap(({ child }) => (child?.startsWith(giaiPrefix) ? child : []))
  for (const { id } of await devicesByGiai(db, tenant, [...new Set(giais)])) devices.add(id)
  await markDirty(db, tenant, { devices: [...devices], since, cause: 'event' })
  return problems
}

function undeclared(event: EpcisEvent): EpcisEvent {
  const { errorDeclaration: _, ...rest } = event
  return rest
}

/**
 * Taking something out of a parent nobody ever filled is kept, and told: the filling may still come
 * (I3).
 */
async function unknownParents(
  db: LedgerQuery,
  tenant: string,
  { events, ids }: { events: readonly EpcisEvent[]; ids: ReadonlyMap<string, number> },
): Promise<CaptureProblem[]> {
  const parents = { ADD: new Set<string>(), DELETE: new Set<string>(), OBSERVE: new Set<string>() }
  for (const event of events)
    if (event.type === 'AggregationEvent' || event.type === 'AssociationEvent')
      if (event.parentID !== undefined && !event.errorDeclaration)
        parents[event.action].add(event.parentID)
  const unfilled = [...parents.DELETE].filter((parent) => !parents.ADD.has(parent))
  const among = unfilled.map((parent) => ids.get(parent)!)
  const filled = new Set<number>()
  for (const { parent } of await readStaysById(db, tenant, { in: 'parent', among }))
    filled.add(parent)
  return unfilled
    .filter((parent) => !filled.has(ids.get(parent)!))
    .map((parent) => ({
      code: 'epcis/parent-unknown',
      path: '',
      detail: `nothing is known to have been put into ${parent}; kept, and used as soon as its ADD comes`,
      warning: true,
    }))
}
