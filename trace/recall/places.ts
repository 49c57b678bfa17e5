// Which units were, or are, at a place: by the events that concern them, their own and those of the
// containers they were in. After an event a unit is at its bizLocation until the next one that
// tells of a place; at a readPoint it was at that moment (EPCIS 2.0 §7.3.5).
import { bounds } from '../../config.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { isEnded, lifeOf } from '../../domain/lifecycle/lifecycle.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import { type EventPick, pickEvents } from '../../store/ledger/event-picks.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { chunksOf } from '../../store/ledger/ledger.ts'
import { readStaysById } from '../../store/ledger/stays.ts'
import type { UnitFact } from '../facts.ts'
import { storiesOf } from '../stories.ts'
import { eventHas } from './attributes.ts'
import type { ConditionOf } from './criteria.ts'
import type { FoundUnit } from './find.ts'

type PlaceCondition = ConditionOf<'place'>

/** Of these units those that were, or are, at the place. */
export async function placed(
  db: LedgerQuery,
  tenant: string,
  of: { units: readonly FoundUnit[]; condition: PlaceCondition; at: number },
): Promise<FoundUnit[]> {
  const meant = new Set<number>()
  for (const page of chunksOf(of.units, bounds.recallPage))
    for (const { units, facts } of await storiesOf(
      db,
      tenant,
      page.map(({ id }) => id),
    ))
      if (isPlaced(facts, of)) for (const unit of units) meant.add(unit)
  return of.units.filter(({ id }) => meant.has(id))
}

/** `at`: event time of "now". `facts` in the order of lives. */
export function isPlaced(
  facts: readonly UnitFact[],
  { condition, at }: { condition: PlaceCondition; at: number },
): boolean {
  const known = facts.filter(({ eventTime }) => eventTime <= at)
  const telling = known.filter(({ place }) => place !== undefined)
  const isMeant = (place: string | null): boolean => place !== null && meant(condition, place)
  if (condition.when === 'is') {
    const last = telling.at(-1)
    if (!last || !isMeant(last.place!)) return false
    const { status } = lifeOf(known)
    return status !== 'in_transit' && !isEnded(status)
  }
  const { from = -Infinity, to = Infinity } = condition
  return telling.some(({ event, eventTime }, i) => {
    if (isMeant(event.readPoint) && eventTime >= from && eventTime < to) return true
    const until = telling[i + 1]?.eventTime ?? Infinity
    return isMeant(event.bizLocation) && eventTime < to && Math.max(until, eventTime + 1) > from
  })
}

/** A place, and for a GLN all places within it. */
const meant = ({ anyOf }: PlaceCondition, place: string): boolean =>
  anyOf.some((wanted) => place === wanted || place.startsWith(`${wanted}/254/`))

/**
 * Everything that events at the place, or with the attribute, name, and what was in it at that
 * moment: candidates. Undefined when these events are too many.
 */
export async function seenAt(
  db: LedgerQuery,
  tenant: string,
  {
    place,
    attribute,
    at,
  }: {
    place: PlaceCondition | undefined
    attribute: ConditionOf<'attribute'> | undefined
    at: number
  },
): Promise<Set<number> | undefined> {
  const pick: EventPick = {
    ...(place && { places: place.anyOf }),
    // A unit was at no place yet that is told ahead; a field is told, whatever time it is of.
    to: place
      ? Math.min(at + 1, place.when === 'was' ? (place.to ?? Infinity) : Infinity)
      : Infinity,
  }
  const found = new Set<number>()
  let looked = 0
  for await (const rows of pickEvents(db, tenant, pick)) {
    looked += rows.length
    if (looked > bounds.recallEventsMax) return undefined
    for (const row of rows) {
      if (attribute && !place && !eventHas(row.body, attribute)) continue
      const event = parseStored(row)
      const names =
        event.type === 'AggregationEvent' || event.type === 'AssociationEvent'
          ? [...event.childEPCs, event.parentID ?? []].flat()
          : event.type === 'TransformationEvent'
            ? [...event.inputEPCList, ...event.outputEPCList]
            : event.epcList
      const ids = [...(await idsOf(db, tenant, names)).values()]
      for (const id of ids) found.add(id)
      if (place)
        for (const id of await insideAt(db, tenant, { ids, at: row.eventTime })) found.add(id)
    }
  }
  return found
}

async function insideAt(
  db: LedgerQuery,
  tenant: string,
  { ids, at }: { ids: readonly number[]; at: number },
): Promise<Set<number>> {
  const found = new Set<number>()
  let fresh = ids
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.length > 0; depth++) {
    const window = { from: at, to: at + 1 }
    const stays = await readStaysById(db, tenant, { in: 'parent', among: fresh, window })
    fresh = stays.map(({ child }) => child).filter((child) => !found.has(child))
    for (const child of fresh) found.add(child)
  }
  return found
}
