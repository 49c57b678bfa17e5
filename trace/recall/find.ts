// Which units a recall means: sets of numbers, met and filtered, not unit by unit. Lots are found
// first, for they are few; then what names units directly; and only what is left is asked about its
// events. Judges nothing and writes nothing.
import { bounds } from '../../config.ts'
import type { Refusal, Result } from '../../domain/refusal.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import {
  lotsMeant,
  lotsTold,
  numbersOfLots,
  unitsAmong,
  unitsOfLots,
} from '../../store/ledger/recall-units.ts'
import { having, lotHas } from './attributes.ts'
import type { Condition, ConditionOf, Criteria } from './criteria.ts'
import { exposedUnits, type Heard } from './exposure.ts'
import { placed, seenAt } from './places.ts'
import { inAlerts, insideContainers, listedUnits, madeOf } from './sets.ts'

export interface FoundUnit {
  id: number
  epc: string
  /** Number in `lots`. */
  lot: number | null
}

/**
 * The serialised trade items that meet all conditions, by EPC. `at`: event time of "now". Refused
 * when too much would have to be looked through, or too much is found.
 */
export async function findUnits(
  db: LedgerQuery,
  tenant: string,
  { criteria, at, heard }: { criteria: Criteria; at: number; heard?: Heard | undefined },
): Promise<Result<FoundUnit[]>> {
  const { allOf } = criteria
  const lots = await lotsMeant(db, tenant, allOf.filter(isOfLots))
  let found: Set<number> | undefined
  const meet = (ids: ReadonlySet<number>): void => {
    found = new Set(found ? [...found].filter((id) => ids.has(id)) : ids)
  }
  for (const condition of allOf) {
    const ids = await direct(db, tenant, { condition, at, heard })
    if (ids === 'tooMuch')
      return tooMuch(
        `at most ${bounds.serialSetMax} things and ${bounds.exposureReadingsMax} readings are followed`,
      )
    if (ids) meet(ids)
  }
  let units = await named(db, tenant, { ids: found, lots })
  if (!units) {
    const wide = await widest(db, tenant, { allOf, at })
    if (!wide.ok) return wide
    units = (await named(db, tenant, { ids: wide.value, lots }))!
  }
  for (const condition of allOf) {
    if (units.length === 0) break
    if (condition.field === 'attribute') units = await having(db, tenant, { units, condition })
    if (condition.field === 'place') units = await placed(db, tenant, { units, condition, at })
  }
  if (units.length > bounds.serialSetMax)
    return tooMuch(`a recall has at most ${bounds.serialSetMax} units`)
  return { ok: true, value: units }
}

export type LotCondition = ConditionOf<'gtin' | 'lot' | 'expiry' | 'supplier'>

const isOfLots = (condition: Condition): condition is LotCondition =>
  ['gtin', 'lot', 'expiry', 'supplier'].includes(condition.field)

/** Units that a condition names by itself; undefined when others are better asked first. */
async function direct(
  db: LedgerQuery,
  tenant: string,
  { condition, at, heard }: { condition: Condition; at: number; heard: Heard | undefined },
): Promise<ReadonlySet<number> | 'tooMuch' | undefined> {
  switch (condition.field) {
    case 'epc':
      return listedUnits(db, tenant, { epcs: condition.anyOf, at })
    case 'container':
      return insideContainers(db, tenant, condition)
    case 'input':
      return (await madeOf(db, tenant, condition.anyOf)) ?? 'tooMuch'
    case 'condition':
      return inAlerts(db, tenant, condition)
    case 'exposure':
      // Without the readings nobody can say.
      return (heard && (await exposedUnits(db, tenant, { condition, heard }))) ?? 'tooMuch'
    default:
      return undefined
  }
}

/** Nothing named units or lots: those that events at a place, or with a field, name. */
async function widest(
  db: LedgerQuery,
  tenant: string,
  { allOf, at }: { allOf: readonly Condition[]; at: number },
): Promise<Result<ReadonlySet<number>>> {
  const place = allOf.find((condition) => condition.field === 'place')
  const attribute = allOf.find((condition) => condition.field === 'attribute')
  const seen = await seenAt(db, tenant, { place, attribute, at })
  if (!seen) return tooMuch(narrower)
  if (attribute && !place) {
    const lots = await lotsTold(db, tenant, (record) => lotHas(record, attribute))
    for (const id of await numbersOfLots(db, tenant, lots)) seen.add(id)
  }
  return { ok: true, value: seen }
}

const narrower = `more than ${bounds.recallEventsMax} events would have to be looked through: name products, lots, containers or a time`

const tooMuch = (detail: string): { ok: false; refusals: Refusal[] } => ({
  ok: false,
  refusals: [{ code: 'request/too-large', path: '/criteria', detail }],
})

/** Units of these numbers and of these lots, by EPC; undefined when neither is told. */
async function named(
  db: LedgerQuery,
  tenant: string,
  { ids, lots }: { ids: ReadonlySet<number> | undefined; lots: ReadonlySet<number> | undefined },
): Promise<FoundUnit[] | undefined> {
  if (!ids) return lots && unitsOfLots(db, tenant, [...lots])
  const units = await unitsAmong(db, tenant, [...ids])
  return lots ? units.filter(({ lot }) => lot !== null && lots.has(lot)) : units
}
