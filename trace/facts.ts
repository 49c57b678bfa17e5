// Which events concern a unit: those that name it, and those that name a container while it was
// inside, at any depth. Pure: rows come from trace/stories.ts, what follows for the unit's life is
// for domain/lifecycle.
import {
  type Containment,
  mergePresence,
  type Presence,
  presenceBelow,
} from '../domain/hierarchy.ts'
import { compareFacts, type Fact, type FactRole } from '../domain/lifecycle/lifecycle.ts'
import { mentionRoles } from '../store/ledger/schema.ts'
import type { ToldEvent } from '../store/ledger/told.ts'

/** An event that names something, and as what (mentionRoles). */
export interface Named {
  event: ToldEvent
  role: number
}

/** A fact with the event it comes from; `via`: the container that the event names. */
export interface UnitFact extends Fact {
  event: ToldEvent
  via: number | undefined
}

/**
 * Where a unit was, itself included: each container with the unit's time in it, the innermost
 * first. `staysOf`: the stays of a child. A cycle ends where it began.
 */
export function presenceAbove(
  unit: number,
  {
    staysOf,
    depthMax,
  }: {
    staysOf: (child: number) => readonly Containment<number>[]
    depthMax: number
  },
): Presence<number> {
  const above: Presence<number> = new Map([[unit, [{ from: -Infinity, to: Infinity }]]])
  let fresh: Presence<number> = above
  for (let depth = 0; depth < depthMax && fresh.size > 0; depth++) {
    const rows = [...fresh.keys()].flatMap((child) => [...staysOf(child)])
    // The arithmetic of going down, with the ends exchanged.
    const turned = rows.map((row) => ({ ...row, child: row.parent, parent: row.child }))
    fresh = mergePresence(above, presenceBelow(fresh, turned))
  }
  return above
}

/**
 * In the order of lives. Events of containers count from the unit's entry to before its leaving.
 */
export function factsOf(
  unit: number,
  {
    above,
    naming,
  }: {
    above: Presence<number>
    naming: (epc: number) => readonly Named[]
  },
): UnitFact[] {
  const facts = naming(unit).map((named) => factFrom(named, undefined))
  for (const [container, times] of above) {
    if (container === unit) continue
    for (const named of naming(container)) {
      const { eventTime } = named.event
      if (times.some(({ from, to }) => from <= eventTime && eventTime < to))
        facts.push(factFrom(named, container))
    }
  }
  return facts.sort(compareFacts)
}

/** Of the facts of a unit those by an event time, each event once: its own role before others. */
export function journeyFrom(facts: readonly UnitFact[], at = Infinity): UnitFact[] {
  const events = new Map<number, UnitFact>()
  for (const fact of facts) {
    if (fact.eventTime > at) continue
    const known = events.get(fact.event.id)
    if (!known || (known.inherited && !fact.inherited)) events.set(fact.event.id, fact)
  }
  return [...events.values()].sort((a, b) => a.eventTime - b.eventTime || a.event.id - b.event.id)
}

/** Where it was seen last by a time. */
export function lastSeen(facts: readonly UnitFact[], at = Infinity): UnitFact | undefined {
  return facts.findLast(({ eventTime, place }) => eventTime <= at && place !== undefined)
}

function factFrom({ event, role }: Named, via: number | undefined): UnitFact {
  const { eventTime, eventID, type, action, bizStep, disposition, persistent } = event
  const place = event.bizLocation ?? event.readPoint
  return {
    ...{ eventTime, eventID, type, role: factRoles.get(role)!, inherited: via !== undefined },
    ...{ event, via },
    ...(action && { action }),
    ...(bizStep !== null && { bizStep }),
    ...(disposition !== null && { disposition }),
    ...(persistent && { persistentDisposition: persistent }),
    ...(place !== null && { place }),
  }
}

const factRoles: ReadonlyMap<number, FactRole> = new Map([
  [mentionRoles.epcList, 'object'],
  [mentionRoles.quantityList, 'object'],
  [mentionRoles.parentID, 'parent'],
  [mentionRoles.childEPCs, 'child'],
  [mentionRoles.childQuantityList, 'child'],
  [mentionRoles.inputEPCList, 'input'],
  [mentionRoles.inputQuantityList, 'input'],
  [mentionRoles.outputEPCList, 'output'],
  [mentionRoles.outputQuantityList, 'output'],
])
