// What happened to many units at once. Units that the same events name, in the same containers at
// the same times, have one story, and it is told once: of 100,000 units of a lot there are some
// thousand. Decides nothing.
import { bounds } from '../config.ts'
import type { Containment, Presence } from '../domain/hierarchy.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { readMentions } from '../store/ledger/mentions.ts'
import { readStaysById } from '../store/ledger/stays.ts'
import { readTold } from '../store/ledger/told.ts'
import { factsOf, type Named, presenceAbove, type UnitFact } from './facts.ts'

export interface Story {
  /** Whose it is. */
  units: number[]
  facts: UnitFact[]
  /** The containers with the time in them, the innermost first, without the units themselves. */
  above: Presence<number>
  /** Own stays, ascending by begin. */
  stays: readonly Containment<number>[]
}

/** Numbers that nothing is known of have a story without facts. */
export async function storiesOf(
  db: LedgerQuery,
  tenant: string,
  units: readonly number[],
): Promise<Story[]> {
  const naming = await namingOf(db, tenant, units)
  const stays = Map.groupBy(
    await readStaysById(db, tenant, { in: 'child', among: units }),
    ({ child }) => child,
  )
  const staysOf = (child: number) => stays.get(child) ?? []
  const alike = alikeOf(units, { naming: (epc) => naming.get(epc) ?? [], staysOf })
  const tellers = alike.map(([first]) => first!)
  const containers = await climb(db, tenant, { children: tellers, stays })
  for (const [epc, named] of await namingOf(db, tenant, containers)) naming.set(epc, named)
  const events = new Set<number>()
  for (const epc of [...tellers, ...containers])
    for (const { event } of naming.get(epc) ?? []) events.add(event)
  const told = await readTold(db, tenant, [...events])
  const known = new Map<number, Named[]>()
  for (const epc of [...tellers, ...containers]) {
    const named = (naming.get(epc) ?? []).flatMap(({ event, role }) => {
      const one = told.get(event)
      return one ? [{ event: one, role }] : []
    })
    known.set(epc, named)
  }
  return alike.map((same) => storyOf(same, { named: (epc) => known.get(epc) ?? [], staysOf }))
}

/** Stays of a child, in any order. */
type StaysOf = (child: number) => Containment<number>[]

/** Units with the same events and the same stays, together. */
export function alikeOf(
  units: readonly number[],
  { naming, staysOf }: { naming: (epc: number) => Mention[]; staysOf: StaysOf },
): number[][] {
  const alike = new Map<string, number[]>()
  for (const unit of units) {
    const key = keyOf(naming(unit), staysOf(unit))
    const same = alike.get(key)
    if (same) same.push(unit)
    else alike.set(key, [unit])
  }
  return [...alike.values()]
}

/** The story of units that are alike; `named`: events that stand, also those of containers. */
export function storyOf(
  same: number[],
  { named, staysOf }: { named: (epc: number) => readonly Named[]; staysOf: StaysOf },
): Story {
  const unit = same[0]!
  const above = presenceAbove(unit, { staysOf, depthMax: bounds.containmentDepthMax })
  const facts = factsOf(unit, { above, naming: named })
  above.delete(unit)
  return { units: same, facts, above, stays: staysOf(unit).toSorted((a, b) => a.from - b.from) }
}

/** An event that names something, and as what (mentionRoles). */
export type Mention = { event: number; role: number }

async function namingOf(
  db: LedgerQuery,
  tenant: string,
  epcs: readonly number[],
): Promise<Map<number, Mention[]>> {
  const naming = new Map<number, Mention[]>()
  for (const { epc, event, role } of await readMentions(db, tenant, { epcs })) {
    const known = naming.get(epc)
    if (known) known.push({ event, role })
    else naming.set(epc, [{ event, role }])
  }
  return naming
}

function keyOf(naming: Mention[], stays: Containment<number>[]): string {
  naming.sort((a, b) => a.event - b.event || a.role - b.role)
  stays.sort((a, b) => a.from - b.from || a.parent - b.parent)
  let key = ''
  for (const { event, role } of naming) key += `${event}.${role} `
  for (const { parent, from, to } of stays) key += `/${parent} ${from} ${to}`
  return key
}

/** Adds the stays of everything above; returns what is above. */
async function climb(
  db: LedgerQuery,
  tenant: string,
  { children, stays }: { children: readonly number[]; stays: Map<number, Containment<number>[]> },
): Promise<number[]> {
  const parentsOf = (of: readonly number[]): number[] =>
    of.flatMap((child) => (stays.get(child) ?? []).map(({ parent }) => parent))
  const above = new Set<number>()
  let fresh = [...new Set(parentsOf(children))]
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.length > 0; depth++) {
    for (const parent of fresh) above.add(parent)
    const unread = fresh.filter((parent) => !stays.has(parent))
    for (const parent of unread) stays.set(parent, [])
    for (const stay of await readStaysById(db, tenant, { in: 'child', among: unread }))
      stays.get(stay.child)!.push(stay)
    fresh = [...new Set(parentsOf(fresh))].filter((parent) => !above.has(parent))
  }
  return [...above]
}
