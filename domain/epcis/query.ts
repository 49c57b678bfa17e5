// EPCIS event queries (SimpleEventQuery, EPCIS 2.0 §8.2.7): what a query asks as a list of
// conditions that all must hold, and what decides whether an event satisfies it. The same decision
// serves pages, named queries and subscriptions. Knows no store; facts of master data are given.
import type { EpcisEvent } from './epcis.ts'
import type { EpcPattern } from './query-epcs.ts'
import type { FieldName, FieldTest } from './query-fields.ts'
import type { NumberTest, SensorTest } from './query-sensors.ts'

export { matches } from './query-match.ts'
export { parseQuery } from './query-parse.ts'

/** The lists of an event that name EPCs or classes. */
export type Role =
  | 'epcList'
  | 'parentID'
  | 'childEPCs'
  | 'inputEPCList'
  | 'outputEPCList'
  | 'quantityList'
  | 'childQuantityList'
  | 'inputQuantityList'
  | 'outputQuantityList'

/** Where extension fields may stand, outside of sensor elements. */
export type Area = 'event' | 'ilmd' | 'errorDeclaration' | 'readPoint' | 'bizLocation'

/** Fields whose values are words of a vocabulary, so that master data may describe them. */
export const vocabularyFields = [
  'bizStep',
  'disposition',
  'readPoint',
  'bizLocation',
  'bizTransaction',
  'source',
  'destination',
  'epcClass',
] as const

export type TimeField = 'eventTime' | 'recordTime' | 'declarationTime'

/** Fields of which a query gives a choice of values. */
export type WordField =
  | 'type'
  | 'action'
  | 'bizStep'
  | 'disposition'
  | 'eventID'
  | 'transformationID'
  /** Of persistentDisposition. */
  | 'set'
  | 'unset'
  | 'errorReason'
  | 'correctiveEventIDs'

/** Times in epoch ms: `from` inclusive, `before` not. Words bare, identifiers canonical. */
export type Condition =
  | { on: TimeField; from?: number; before?: number }
  | { on: WordField; oneOf: ReadonlySet<string> }
  /** `descendants`: what master data says to be below them counts too (WD_…). */
  | { on: 'readPoint' | 'bizLocation'; oneOf: ReadonlySet<string>; descendants: boolean }
  | {
      on: 'bizTransactionList' | 'sourceList' | 'destinationList'
      /** Undefined: of any type. */
      type: string | undefined
      oneOf: ReadonlySet<string>
    }
  | { on: 'epcs'; roles: readonly Role[]; patterns: readonly EpcPattern[] }
  | { on: 'exists'; field: string }
  | { on: 'field'; area: Area; inner: boolean; name: FieldName; test: FieldTest }
  /** Quantity elements; one of them must satisfy all tests. */
  | { on: 'quantity'; tests: readonly NumberTest[] }
  | { on: 'sensor'; tests: readonly SensorTest[] }
  /** `elements` is what master data answers; undefined until it was asked. */
  | {
      on: 'attribute'
      field: (typeof vocabularyFields)[number]
      /** As the query writes them; without values, whatever they are. */
      attributes: readonly string[]
      values: ReadonlySet<string> | undefined
      elements: ReadonlySet<string> | undefined
    }

export interface EventQuery {
  conditions: readonly Condition[]
  order?: { by: 'eventTime' | 'recordTime' | FieldName; direction: 'ASC' | 'DESC' }
  /** The result has the first so many events (EPCIS 2.0 §8.2.7.1). */
  eventCountLimit?: number
  /** A larger result is refused. */
  maxEventCount?: number
}

/** recordTime is the store's: events that are not stored yet have none. */
export type QueriedEvent = EpcisEvent & { recordTime?: number }

/** What must be asked of master data before the query can be decided. */
export interface MasterDataNeeds {
  /** Places whose descendants count. */
  descendantsOf: string[]
  attributes: { attributes: readonly string[]; values: ReadonlySet<string> | undefined }[]
}

export interface MasterDataFacts {
  /** All that is below each, at any depth. */
  descendants: ReadonlyMap<string, Iterable<string>>
  /** In the order of the needs: which vocabulary elements have such an attribute. */
  elements: readonly ReadonlySet<string>[]
}

export function masterDataNeeds({ conditions }: EventQuery): MasterDataNeeds {
  const needs: MasterDataNeeds = { descendantsOf: [], attributes: [] }
  for (const condition of conditions)
    if (condition.on === 'attribute')
      needs.attributes.push({ attributes: condition.attributes, values: condition.values })
    else if ('descendants' in condition && condition.descendants)
      needs.descendantsOf.push(...condition.oneOf)
  return needs
}

/** The query with the facts in it: nothing is left to ask. */
export function withMasterData(query: EventQuery, facts: MasterDataFacts): EventQuery {
  let asked = 0
  const conditions = query.conditions.map((condition): Condition => {
    if (condition.on === 'attribute')
      return { ...condition, elements: facts.elements[asked++] ?? new Set() }
    if (!('descendants' in condition) || !condition.descendants) return condition
    const below = [...condition.oneOf].flatMap((id) => [...(facts.descendants.get(id) ?? [])])
    return { ...condition, oneOf: new Set([...condition.oneOf, ...below]), descendants: false }
  })
  return { ...query, conditions }
}
