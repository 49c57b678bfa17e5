// Which field stands where in the five EPCIS event types, and what it holds: EPCIS 2.0 §7.4 and
// GS1's JSON Schema as tables. Rules between fields of an event are in parse.ts.
import * as cbv from './cbv.ts'
import {
  boolean,
  epc,
  epcs,
  isObject,
  keyUri,
  list,
  number,
  object,
  oneOrMore,
  pattern,
  pointer,
  type Reader,
  report,
  type Shape,
  term,
  text,
  time,
  uri,
} from './fields.ts'

export type EventType = keyof typeof eventShapes

const action = pattern(/^(ADD|OBSERVE|DELETE)$/, 'ADD, OBSERVE or DELETE')

/** EPCIS 2.0 §7.3.3.3: a UN/ECE Recommendation 20 unit. */
const quantityElement = object({
  fields: { epcClass: epc, quantity: number, uom: pattern(/^[A-Z0-9]{2,3}$/, 'a Rec 20 unit') },
  required: ['epcClass'],
  closed: true,
})
const quantityList = list(quantityElement)
const place = object({ fields: { id: epc }, required: ['id'] })
const source = object({
  fields: { type: term(cbv.sourceOrDestinationType), source: epc },
  required: ['type', 'source'],
  closed: true,
})
const destination = object({
  fields: { type: term(cbv.sourceOrDestinationType), destination: epc },
  required: ['type', 'destination'],
  closed: true,
})
const bizTransaction = object({
  fields: { type: term(cbv.bizTransactionType), bizTransaction: uri },
  required: ['bizTransaction'],
  closed: true,
})
const bizTransactionList = list(bizTransaction)

const errorDeclaration = object({
  fields: {
    declarationTime: time,
    reason: term(cbv.errorReason),
    correctiveEventIDs: list(uri),
  },
  required: ['declarationTime'],
})

const dispositions = uniqueTerms(list(term(cbv.disposition), { min: 1 }))
const dispositionSets = object({ fields: { set: dispositions, unset: dispositions }, closed: true })
const persistentDisposition: Reader<unknown> = (value, path, scope) =>
  isObject(value) && !('set' in value) && !('unset' in value)
    ? report(scope, 'epcis/field-missing', { path, detail: 'set or unset is required here' })
    : dispositionSets(value, path, scope)

/** What may stand in the metadata for all reports of an element, or in a report for itself. */
const inlineFields = {
  time,
  deviceID: epc,
  deviceMetadata: uri,
  rawData: uri,
  dataProcessingMethod: uri,
  bizRules: uri,
}
const sensorMetadata = object({ fields: { ...inlineFields, startTime: time, endTime: time } })
const reportFields = object({
  fields: {
    ...inlineFields,
    type: term(cbv.measurementType),
    exception: term(cbv.alertType),
    microorganism: uri,
    chemicalSubstance: uri,
    coordinateReferenceSystem: uri,
    value: number,
    component: term(cbv.component),
    stringValue: text,
    booleanValue: boolean,
    hexBinaryValue: pattern(/^[A-Fa-f0-9]+$/, 'hex digits'),
    uriValue: uri,
    minValue: number,
    maxValue: number,
    meanValue: number,
    sDev: number,
    percRank: number,
    percValue: number,
    uom: text,
  },
})
/** The JSON Schema wants a type always, the XML Schema never: an exception is of no type. */
const sensorReport: Reader<unknown> = (value, path, scope) =>
  isObject(value) && !('type' in value) && !('exception' in value)
    ? report(scope, 'epcis/field-missing', { path, detail: 'type or exception is required here' })
    : reportFields(value, path, scope)
const sensorFields = object({
  fields: { sensorMetadata, sensorReport: list(sensorReport, { min: 1 }) },
  required: ['sensorReport'],
})
const sensorElement: Reader<unknown> = (value, path, scope) => {
  if (isObject(value)) reportTwice(value, path, scope)
  return sensorFields(value, path, scope)
}

const common: Shape['fields'] = {
  persistentDisposition,
  eventTime: time,
  eventTimeZoneOffset: pattern(
    /^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$/,
    'an offset from -14:00 to +14:00',
  ),
  // The server says when it recorded an event; what a sender says about it is not read.
  recordTime: () => undefined,
  eventID: keyUri,
  certificationInfo: oneOrMore(uri),
  errorDeclaration,
  bizStep: term(cbv.bizStep),
  disposition: term(cbv.disposition),
  readPoint: place,
  bizLocation: place,
  bizTransactionList,
  sourceList: list(source),
  destinationList: list(destination),
  sensorElementList: list(sensorElement),
  // Read before, because it says which of these tables holds.
  type: text,
}
const required = ['eventTime', 'eventTimeZoneOffset'] as const
const withAction = [...required, 'action'] as const

/** Instance or lot master data: every name in a namespace, the values free (EPCIS 2.0 §7.3.8). */
const ilmd = object({ fields: {} })

const hierarchy: Shape = {
  fields: {
    ...common,
    action,
    parentID: epc,
    childEPCs: epcs({ unique: false }),
    childQuantityList: quantityList,
  },
  required: withAction,
}

export const eventShapes = {
  ObjectEvent: {
    fields: {
      ...common,
      action,
      epcList: epcs({ unique: true }),
      quantityList,
      ilmd,
    },
    required: withAction,
  },
  AggregationEvent: hierarchy,
  AssociationEvent: hierarchy,
  TransactionEvent: {
    fields: {
      ...common,
      action,
      parentID: epc,
      epcList: epcs({ unique: false }),
      quantityList,
      bizTransactionList: list(bizTransaction, { min: 1 }),
    },
    required: [...withAction, 'bizTransactionList'],
  },
  TransformationEvent: {
    fields: {
      ...common,
      inputEPCList: epcs({ unique: true }),
      inputQuantityList: quantityList,
      outputEPCList: epcs({ unique: true }),
      outputQuantityList: quantityList,
      transformationID: uri,
      ilmd,
    },
    required,
  },
} satisfies Record<string, Shape>

/**
 * The same attribute for all reports and for one of them: which one holds? (EPCIS 2.0 conformance
 * TCR-53, step 29.)
 */
function reportTwice(
  element: Record<string, unknown>,
  path: string,
  scope: Parameters<Reader<0>>[2],
) {
  if (!scope.sensorAttributesOnce) return
  const { sensorMetadata: shared, sensorReport: reports } = element
  if (!isObject(shared) || !Array.isArray(reports)) return
  for (const [i, one] of reports.entries()) {
    if (!isObject(one)) continue
    for (const name of Object.keys(inlineFields)) {
      if (!Object.hasOwn(shared, name) || !Object.hasOwn(one, name)) continue
      const place = pointer(pointer(pointer(path, 'sensorReport'), i), name)
      const detail = `${name} stands in sensorMetadata already: want it in one of the two`
      report(scope, 'epcis/sensor-duplicate-attribute', { path: place, detail })
    }
  }
}

function uniqueTerms(read: Reader<string[]>): Reader<string[]> {
  return (value, path, scope) => {
    const terms = read(value, path, scope)
    const twice = terms?.findIndex((one, i) => terms.indexOf(one) !== i) ?? -1
    if (twice < 0) return terms
    const detail = 'want every disposition once'
    return report(scope, 'epcis/field-invalid', { path: pointer(path, twice), detail })
  }
}
