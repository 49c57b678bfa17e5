// Query parameters whose names are made of parts (EPCIS 2.0 §8.2.7.1): a unit code, a type, the
// name of an extension field, the level of a sensor element. Each family takes apart the names that
// are its own; what no family knows is not a parameter.

import { isUnitCode } from '../units-of-measure.ts'
import * as cbv from './cbv.ts'
import type { Area, Condition, EventQuery } from './query.ts'
import { vocabularyFields } from './query.ts'
import { type FieldTest, parseFieldName } from './query-fields.ts'
import type { NumberTest, SensorTest } from './query-sensors.ts'
import * as read from './query-values.ts'
import { type Parameter, type Reading, refuse } from './query-values.ts'
import { eventShapes } from './shapes.ts'

/** Several parameters of one kind end in one condition, which their parts must satisfy together. */
export interface Draft extends Reading {
  conditions: Condition[]
  sensors: SensorTest[]
  quantities: NumberTest[]
  query: Omit<EventQuery, 'conditions'>
}

export type ParameterReader = (parameter: Parameter, draft: Draft) => unknown

/** Fields whose presence may be asked for by EXISTS_. */
const eventFields = new Set(Object.values(eventShapes).flatMap(({ fields }) => Object.keys(fields)))

/** True when the name is of the family; what is wrong with it has been told then. */
type Family = (parameter: Parameter, draft: Draft) => boolean

/** Families of parameters, by what their names are made of; the first that knows a name has it. */
export const families: readonly Family[] = [
  (parameter, draft) => {
    const field = /^EXISTS_(\w+)$/.exec(parameter.name)?.[1]
    if (field === undefined || !eventFields.has(field)) return false
    exists(field)(parameter, draft)
    return true
  },
  (parameter, draft) => {
    const [, list, type] =
      /^EQ_(bizTransaction|source|destination)(?:_(.+))?$/.exec(parameter.name) ?? []
    if (!list) return false
    readReference(list as 'source', type, { parameter, draft })
    return true
  },
  (parameter, draft) => {
    const [, op, field, unit] =
      /^(EQ|GT|GE|LT|LE)_(value|minValue|maxValue|meanValue|sDev|percValue|percRank|quantity)(?:_(\w+))?$/.exec(
        parameter.name,
      ) ?? []
    if (!field) return false
    readNumber(op as 'EQ', field, { unit, parameter, draft })
    return true
  },
  (parameter, draft) => {
    const [, op, field] = /^(HASATTR|EQATTR|EQ_ATTR)_(.+)$/.exec(parameter.name) ?? []
    if (!field) return false
    readAttribute(op === 'HASATTR', field, { parameter, draft })
    return true
  },
  (parameter, draft) => {
    const [, op, area, attribute] =
      /^(EQ|GE|LT)_SENSOR(METADATA|REPORT)_([A-Za-z]+)$/.exec(parameter.name) ?? []
    if (!attribute) return false
    const where = area === 'METADATA' ? 'metadata' : 'report'
    const form = Object.hasOwn(sensorForms, attribute) ? sensorForms[attribute] : undefined
    if (form && op === 'EQ') sensorValues(attribute, form, where)(parameter, draft)
    else if (sensorTimes.includes(attribute))
      sensorTime(
        attribute,
        op === 'EQ' ? 'at' : op === 'GE' ? 'from' : 'before',
        where,
      )(parameter, draft)
    else refuse(draft, parameter, `${attribute} is not asked for in this way`)
    return true
  },
  (parameter, draft) => {
    const [, op, inner, area = '', name] =
      /^(EQ|GT|GE|LT|LE|EXISTS)_(INNER_)?(?:(ILMD|ERROR_DECLARATION|SENSORELEMENT|SENSORMETADATA|SENSORREPORT|readPoint|bizLocation)_)?(.*[:#].*)$/.exec(
        parameter.name,
      ) ?? []
    if (!name) return false
    readField(op as 'EQ', { inner: inner !== undefined, area, name }, { parameter, draft })
    return true
  },
]

const referenceLists = {
  bizTransaction: ['bizTransactionList', cbv.bizTransactionType],
  source: ['sourceList', cbv.sourceOrDestinationType],
  destination: ['destinationList', cbv.sourceOrDestinationType],
} as const

interface Place {
  parameter: Parameter
  draft: Draft
}

function readReference(
  list: keyof typeof referenceLists,
  type: string | undefined,
  { parameter, draft }: Place,
): undefined {
  const [on, words] = referenceLists[list]
  const word = type === undefined ? undefined : read.termOf(words, type, draft)
  if (type !== undefined && word === undefined)
    return refuse(draft, parameter, `${type} is no type of a ${list}`)
  const oneOf = read.ids(parameter, draft)
  if (oneOf) draft.conditions.push({ on, type: word, oneOf })
}

function readNumber(
  op: NumberTest['op'],
  field: string,
  { unit, parameter, draft }: Place & { unit: string | undefined },
): undefined {
  if (unit !== undefined && (field === 'percRank' || !isUnitCode(unit)))
    return refuse(draft, parameter, `${unit} is no UN/CEFACT Rec 20 unit code that can stand here`)
  const one = op === 'EQ' ? undefined : read.number(parameter, draft)
  const values = op === 'EQ' ? read.numbers(parameter, draft) : one === undefined ? one : [one]
  if (!values) return
  const test = { op, values, ...(unit !== undefined && { unit }) }
  if (field === 'quantity') draft.quantities.push(test)
  else draft.sensors.push({ in: 'any', attribute: field, asks: { kind: 'number', ...test } })
}

/** HASATTR_field names attributes in its values, EQATTR_field_attribute one in its name. */
function readAttribute(has: boolean, name: string, { parameter, draft }: Place): undefined {
  const field = vocabularyFields.find((one) => name === one || name.startsWith(`${one}_`))
  const attribute = name.slice((field?.length ?? 0) + 1)
  if (!field || has !== (attribute === ''))
    return refuse(draft, parameter, `want one of the fields ${vocabularyFields.join(', ')}`)
  const found = read.texts(parameter, draft)
  if (!found) return
  const values = has ? undefined : new Set(found)
  const attributes = (has ? found : [attribute]).map((text) => fieldName(text, draft)?.key ?? text)
  draft.conditions.push({ on: 'attribute', field, attributes, values, elements: undefined })
}

const areas: Readonly<Record<string, Area>> = {
  '': 'event',
  ILMD: 'ilmd',
  ERROR_DECLARATION: 'errorDeclaration',
  readPoint: 'readPoint',
  bizLocation: 'bizLocation',
}
const sensorLevels = {
  SENSORELEMENT: 'element',
  SENSORMETADATA: 'metadata',
  SENSORREPORT: 'report',
} as const

function readField(
  op: 'EQ' | 'GT' | 'GE' | 'LT' | 'LE' | 'EXISTS',
  { inner, area, name: text }: { inner: boolean; area: string; name: string },
  { parameter, draft }: Place,
): undefined {
  const name = fieldName(text, draft)
  if (!name) return refuse(draft, parameter, `${text}: want prefix:name or namespace#name`)
  const test = testOf(op, parameter, draft)
  if (!test) return
  if (Object.hasOwn(sensorLevels, area)) {
    const level = sensorLevels[area as keyof typeof sensorLevels]
    draft.sensors.push({ in: level, inner, name, test })
  } else draft.conditions.push({ on: 'field', area: areas[area]!, inner, name, test })
}

function testOf(
  op: 'EQ' | 'GT' | 'GE' | 'LT' | 'LE' | 'EXISTS',
  parameter: Parameter,
  draft: Draft,
): FieldTest | undefined {
  if (op === 'EQ') return read.equalTest(parameter, draft)
  if (op !== 'EXISTS') return read.orderTest(op, parameter, draft)
  return read.flag(parameter, draft) ? { op } : undefined
}

export const fieldName = (text: string, { prefixes }: Draft) => parseFieldName(text, prefixes)

export const exists =
  (field: string): ParameterReader =>
  (parameter, draft) => {
    if (read.flag(parameter, draft)) draft.conditions.push({ on: 'exists', field })
  }

/** What may stand in the metadata of a sensor element and in its reports, and only there. */
export const sensorForms: Readonly<Record<string, Form>> = {
  type: 'term',
  component: 'term',
  exception: 'term',
  deviceID: 'id',
  deviceMetadata: 'id',
  rawData: 'id',
  dataProcessingMethod: 'id',
  bizRules: 'id',
  microorganism: 'id',
  chemicalSubstance: 'id',
  coordinateReferenceSystem: 'id',
  uriValue: 'id',
  stringValue: 'text',
  hexBinaryValue: 'hex',
}
export const sensorTimes = ['time', 'startTime', 'endTime']

type Form = 'text' | 'id' | 'term' | 'hex'

export const sensorValues =
  (attribute: string, form: Form, where: 'any' | 'metadata' | 'report' = 'any'): ParameterReader =>
  (parameter, draft) => {
    const oneOf = readForm(form, attribute, { parameter, draft })
    if (oneOf) draft.sensors.push({ in: where, attribute, asks: { kind: 'oneOf', form, oneOf } })
  }

function readForm(
  form: Form,
  attribute: string,
  { parameter, draft }: { parameter: Parameter; draft: Draft },
): Set<string> | undefined {
  switch (form) {
    case 'text':
      return read.each(parameter, draft, { read: (value) => value, want: 'a text' })
    case 'id':
      return read.ids(parameter, draft)
    case 'hex': {
      const hex = (value: string) =>
        /^[0-9A-Fa-f]+$/.test(value) ? value.toLowerCase() : undefined
      return read.each(parameter, draft, { read: hex, want: 'hex digits' })
    }
    case 'term':
      return read.terms(parameter, draft, sensorTerms[attribute] ?? cbv.measurementType)
  }
}

const sensorTerms: Readonly<Record<string, cbv.Vocabulary>> = {
  type: cbv.measurementType,
  component: cbv.component,
  exception: cbv.alertType,
}

export const sensorTime =
  (
    attribute: string,
    bound: 'from' | 'before' | 'at',
    where: 'any' | 'metadata' | 'report' = 'any',
  ): ParameterReader =>
  (parameter, draft) => {
    const at = read.time(parameter, draft)
    if (at === undefined) return
    const asks = { kind: 'time' as const, [bound]: bound === 'at' ? [at] : at }
    draft.sensors.push({ in: where, attribute, asks })
  }
