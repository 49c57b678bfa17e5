// Whether one event satisfies an EPCIS query: every condition of domain/epcis/query.ts decided over
// a parsed event. The one truth of queries: whatever a store looks up first, this decides.

import { canonicalEpc } from '../gs1/gs1.ts'
import * as cbv from './cbv.ts'
import { expandCurie, parseTerm, standardPrefixes } from './cbv.ts'
import type { EpcisEvent, QuantityElement } from './epcis.ts'
import { isObject, type Json } from './fields.ts'
import type { Area, Condition, EventQuery, QueriedEvent, Role } from './query.ts'
import { matchesEpc } from './query-epcs.ts'
import { innerValuesOf, type Prefixes, testField, valuesOf } from './query-fields.ts'
import { testNumber, testSensors, within } from './query-sensors.ts'

export function matches(event: QueriedEvent, query: EventQuery): boolean {
  const prefixes = prefixesOf(event)
  return query.conditions.every((condition) => decide(condition, event, prefixes))
}

/** The standard prefixes and what the event declares. */
export const prefixesOf = (event: EpcisEvent): Prefixes =>
  event.prefixes
    ? new Map([...standardPrefixes, ...Object.entries(event.prefixes)])
    : standardPrefixes

/**
 * An identifier as queries compare it: a GS1 key canonical, everything else as it stands. What
 * looks like a key but is none (a wrong check digit) stays as it is and equals itself.
 */
export function comparableId(text: string, prefixes: Prefixes): string {
  const full = expandCurie(text, prefixes)
  const canonical = canonicalEpc(full)
  return canonical.ok ? canonical.value : full
}

/** A word of a vocabulary bare, a foreign term in full. */
export function comparableTerm(
  vocabulary: cbv.Vocabulary,
  text: string,
  prefixes: Prefixes,
): string | undefined {
  const word = parseTerm(vocabulary, text, prefixes)
  return word?.includes(':') ? expandCurie(word, prefixes) : word
}

/** What stands in a list of an event; empty for types that do not have it. */
export function epcsIn(event: EpcisEvent, role: Role): readonly string[] {
  const value = (event as unknown as Record<Role, unknown>)[role]
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return []
  return role.endsWith('uantityList')
    ? value.map(({ epcClass }: QuantityElement) => epcClass)
    : value
}

function decide(condition: Condition, event: QueriedEvent, prefixes: Prefixes): boolean {
  switch (condition.on) {
    case 'eventTime':
      return within(event.eventTime, condition)
    case 'recordTime':
      return event.recordTime !== undefined && within(event.recordTime, condition)
    case 'readPoint':
    case 'bizLocation': {
      const place = event[condition.on]
      return place !== undefined && condition.oneOf.has(place)
    }
    case 'type':
      return condition.oneOf.has(event.type)
    case 'action':
    case 'eventID':
    case 'transformationID': {
      const value = condition.on in event ? event[condition.on as 'eventID'] : undefined
      return value !== undefined && condition.oneOf.has(value)
    }
    case 'bizStep':
    case 'disposition': {
      const word = event[condition.on]
      return word !== undefined && condition.oneOf.has(inFull(word, prefixes))
    }
    case 'set':
    case 'unset':
      return dispositionsOf(event, condition.on, prefixes).some((word) => condition.oneOf.has(word))
    case 'declarationTime': {
      const time = event.errorDeclaration?.declarationTime
      return time !== undefined && within(time, condition)
    }
    case 'errorReason': {
      const reason = event.errorDeclaration?.reason
      return reason !== undefined && condition.oneOf.has(inFull(reason, prefixes))
    }
    case 'correctiveEventIDs': {
      const ids = event.errorDeclaration?.correctiveEventIDs ?? []
      return ids.some((id) => condition.oneOf.has(id))
    }
    case 'epcs':
      return condition.roles.some((role) =>
        epcsIn(event, role).some((epc) =>
          condition.patterns.some((pattern) => matchesEpc(pattern, epc)),
        ),
      )
    case 'field':
      return decideField(condition, event, prefixes)
    case 'quantity':
      return quantitiesOf(event).some(({ quantity, uom }) =>
        condition.tests.every((test) => testNumber(test, { value: quantity, unit: uom })),
      )
    case 'sensor':
      return decideSensors(condition, event, prefixes)
    default:
      return decideReference(condition, event, prefixes)
  }
}

function decideReference(
  condition: Condition & {
    on: 'bizTransactionList' | 'sourceList' | 'destinationList' | 'exists' | 'attribute'
  },
  event: EpcisEvent,
  prefixes: Prefixes,
): boolean {
  switch (condition.on) {
    case 'bizTransactionList':
    case 'sourceList':
    case 'destinationList':
      return referencesOf(event, condition.on, prefixes).some(
        ({ type, id }) =>
          (condition.type === undefined || condition.type === type) && condition.oneOf.has(id),
      )
    case 'exists':
      return existsIn(event, condition.field)
    case 'attribute': {
      const { elements } = condition
      return vocabularyOf(event, condition.field, prefixes).some((id) => elements?.has(id))
    }
  }
}

function decideField(
  { area, inner, name, test }: Condition & { on: 'field' },
  event: EpcisEvent,
  prefixes: Prefixes,
): boolean {
  const holder = holderOf(event, area)
  const values = inner
    ? innerValuesOf(holder, { name, prefixes, all: area === 'ilmd' })
    : valuesOf(holder, name, prefixes)
  return testField(test, values)
}

const holderOf = ({ raw }: EpcisEvent, area: Area): Json => {
  const holder = area === 'event' ? raw : raw[area]
  return isObject(holder) ? holder : {}
}

const decideSensors = (
  { tests }: Condition & { on: 'sensor' },
  event: EpcisEvent,
  prefixes: Prefixes,
): boolean =>
  testSensors(event.sensorElementList, {
    tests,
    prefixes,
    readers: {
      id: (text) => comparableId(text, prefixes),
      term: (text) => termOf(text, prefixes),
    },
  })

/** Types of measurement, components and alerts: bare words, each in one vocabulary only. */
const termOf = (text: string, prefixes: Prefixes): string =>
  comparableTerm(cbv.measurementType, text, prefixes) ??
  comparableTerm(cbv.component, text, prefixes) ??
  comparableTerm(cbv.alertType, text, prefixes) ??
  text

/** Events keep foreign terms as they came; queries compare them in full. */
const inFull = (word: string, prefixes: Prefixes): string =>
  word.includes(':') ? expandCurie(word, prefixes) : word

function dispositionsOf({ raw }: EpcisEvent, which: 'set' | 'unset', prefixes: Prefixes): string[] {
  const sets = raw.persistentDisposition
  const words = isObject(sets) ? sets[which] : undefined
  return (Array.isArray(words) ? words : []).flatMap((word) =>
    typeof word === 'string' ? (comparableTerm(cbv.disposition, word, prefixes) ?? []) : [],
  )
}

function quantitiesOf(event: EpcisEvent): readonly QuantityElement[] {
  switch (event.type) {
    case 'ObjectEvent':
    case 'TransactionEvent':
      return event.quantityList
    case 'AggregationEvent':
    case 'AssociationEvent':
      return event.childQuantityList
    case 'TransformationEvent':
      return [...event.inputQuantityList, ...event.outputQuantityList]
  }
}

function referencesOf(
  event: EpcisEvent,
  list: 'bizTransactionList' | 'sourceList' | 'destinationList',
  prefixes: Prefixes,
): { type: string | undefined; id: string }[] {
  if (list !== 'bizTransactionList')
    return event[list].map(({ type, id }) => ({ type: inFull(type, prefixes), id }))
  return event.bizTransactionList.map(({ type, bizTransaction }) => ({
    type: type === undefined ? undefined : inFull(type, prefixes),
    id: comparableId(bizTransaction, prefixes),
  }))
}

/** A field of the event, or one of the levels of a sensor element, whatever it holds. */
function existsIn({ raw, sensorElementList }: EpcisEvent, field: string): boolean {
  if (field === 'sensorElementList') return sensorElementList.length > 0
  if (field === 'sensorMetadata' || field === 'sensorReport')
    return sensorElementList.some((element) => isObject(element) && filled(element[field]))
  return filled(raw[field])
}

const filled = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)

function vocabularyOf(
  event: EpcisEvent,
  field: (Condition & { on: 'attribute' })['field'],
  prefixes: Prefixes,
): string[] {
  switch (field) {
    case 'bizStep':
    case 'disposition':
    case 'readPoint':
    case 'bizLocation': {
      const value = event[field]
      return value === undefined ? [] : [inFull(value, prefixes)]
    }
    case 'bizTransaction':
      return referencesOf(event, 'bizTransactionList', prefixes).map(({ id }) => id)
    case 'source':
      return event.sourceList.map(({ id }) => id)
    case 'destination':
      return event.destinationList.map(({ id }) => id)
    case 'epcClass':
      return quantitiesOf(event).map(({ epcClass }) => epcClass)
  }
}
