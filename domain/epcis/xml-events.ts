// One event in EPCIS XML 2.0 or 1.x as the same event in EPCIS JSON (EPCIS 2.0 §9.5; 1.2 §9.5):
// <extension> and <baseExtension> are opened, list items lose their names, CBV URNs become bare
// words. Judges no content: the parser of JSON does. Refuses only what JSON could not say, such as
// a second <action>.

import { isAbsoluteUri } from '../gs1/gs1.ts'
import type { Refusal } from '../refusal.ts'
import { type XmlElement, xsi } from '../xml.ts'
import * as cbv from './cbv.ts'
import { type Json, pointer } from './fields.ts'
import {
  attributeMembers,
  contextOf,
  extensionValue,
  gather,
  isEpcisNamespace,
  localNamespace,
  localPrefix,
  type Members,
  type Names,
  nameOf,
  noteCurie,
  notePrefix,
  numberOf,
} from './xml-extension.ts'

/**
 * QuantityEvent is of EPCIS 1.0; its successor is an ObjectEvent with a quantityList (1.2 §7.4.5).
 */
const eventNames = new Set([
  'ObjectEvent',
  'AggregationEvent',
  'AssociationEvent',
  'TransactionEvent',
  'TransformationEvent',
  'QuantityEvent',
])

export const isXmlEvent = ({ uri, name }: XmlElement): boolean =>
  eventNames.has(name) && isStandard(uri)

interface Reading {
  names: Names
  path: string
  refusals: Refusal[]
  /** A document of EPCIS 1.x. */
  old: boolean
}

type FieldReader = (element: XmlElement, reading: Reading) => unknown

/** What JSON cannot say is reported in `refusals` with pointers that start with `path`. */
export function convertXmlEvent(
  element: XmlElement,
  { path, refusals, old }: { path: string; refusals: Refusal[]; old: boolean },
): Json {
  const reading: Reading = { names: new Map(), path, refusals, old }
  const members = attributeMembers(
    { ...element, attributes: element.attributes.filter(({ uri }) => uri !== '') },
    reading.names,
  )
  members.push(...fieldMembers(element, eventFields, reading))
  const fields = gatherFields(members, eventFields, reading)
  const content =
    element.name === 'QuantityEvent' ? modernise(fields) : { type: element.name, ...fields }
  return { ...contextOf(reading.names), ...content }
}

const isStandard = (uri: string): boolean => uri === '' || isEpcisNamespace(uri)
const isWrapper = ({ name, uri }: XmlElement): boolean =>
  (name === 'extension' || name === 'baseExtension') && isStandard(uri)

/** Children by the readers of their names; wrappers opened; the rest as extensions. */
function fieldMembers(
  element: XmlElement,
  fields: Readonly<Record<string, FieldReader>>,
  reading: Reading,
  wrapped = false,
): Members {
  if (element.text.trim() !== '') report(reading, element, 'text', 'no text between elements')
  return element.children.flatMap((child): Members => {
    if (isWrapper(child))
      return [
        ...attributeMembers(child, reading.names),
        ...fieldMembers(child, fields, reading, true),
      ]
    const isKnown = isStandard(child.uri) && Object.hasOwn(fields, child.name)
    // EPCIS 1.x knows no certificationInfo: free text under this name is a field of its own.
    const isOther = isKnown && child.name === 'certificationInfo' && isFreeText(child, reading)
    if (isKnown && !isOther) return [[child.name, fields[child.name]!(child, reading)]]
    const value = extensionValue(child, reading.names)
    if (child.uri !== '') return [[nameOf(child, reading.names), value]]
    if (!wrapped && !isOther) return [[child.name, value]]
    return [[`${notePrefix(localPrefix, localNamespace, reading.names)}:${child.name}`, value]]
  })
}

const isFreeText = ({ text }: XmlElement, { old }: Reading): boolean =>
  old && !isAbsoluteUri(text.trim())

/** Standard fields stand once (but for certificationInfo); extensions may be lists. */
function gatherFields(
  members: Members,
  fields: Readonly<Record<string, FieldReader>>,
  reading: Reading,
): Json {
  const seen = new Set<string>()
  const once = members.filter(([name, value]) => {
    if (value === undefined) return false
    if (!Object.hasOwn(fields, name) || repeatable.has(name)) return true
    if (seen.has(name)) reportAt(reading, pointer(reading.path, name), `${name} stands here twice`)
    return !seen.has(name) && seen.add(name)
  })
  return gather(once)
}
const repeatable = new Set(['certificationInfo', 'sensorReport'])

function report(reading: Reading, { line }: XmlElement, name: string, want: string): void {
  reportAt(reading, pointer(reading.path, name), `want ${want} (line ${line})`)
}

function reportAt({ refusals }: Reading, path: string, detail: string): void {
  refusals.push({ code: 'epcis/field-unexpected', path, detail })
}

const textOf: FieldReader = (element, reading) => {
  if (element.children.length > 0) report(reading, element, element.name, 'text, no elements')
  return element.text.trim()
}

const termOf =
  (vocabulary: cbv.Vocabulary) =>
  (text: string, element: XmlElement, { names }: Reading): string => {
    const prefix = text.slice(0, Math.max(text.indexOf(':'), 0))
    const bound = Object.hasOwn(element.scope, prefix) ? element.scope[prefix] : undefined
    const prefixes = bound === undefined ? cbv.standardPrefixes : new Map([[prefix, bound]])
    const term = cbv.parseTerm(vocabulary, text, prefixes) ?? text
    return term.includes(':') ? noteCurie(term, element, names) : term
  }
const term =
  (vocabulary: cbv.Vocabulary): FieldReader =>
  (element, reading) =>
    termOf(vocabulary)(String(textOf(element, reading)), element, reading)

/** Items of a list, each `name`; other elements are reported, extensions within them too. */
const listOf =
  (name: string, item: FieldReader): FieldReader =>
  (element, reading) => {
    if (element.text.trim() !== '') report(reading, element, element.name, `only <${name}>`)
    const items: unknown[] = []
    for (const child of element.children)
      if (child.name === name && isStandard(child.uri)) items.push(item(child, reading))
      else if (!isWrapper(child)) report(reading, child, element.name, `only <${name}>`)
    return items
  }

const decimal: FieldReader = (element, reading) => {
  if (
    element.attributes.some(
      ({ uri, name, value }) => uri === xsi && name === 'nil' && /^(true|1)$/.test(value),
    )
  )
    return
  const text = String(textOf(element, reading))
  return numberOf(text) ?? text
}

const objectOf =
  (fields: Readonly<Record<string, FieldReader>>): FieldReader =>
  (element, reading) => {
    const inner = { ...reading, path: pointer(reading.path, element.name) }
    return gatherFields(
      [...attributeMembers(element, reading.names), ...fieldMembers(element, fields, inner)],
      fields,
      inner,
    )
  }

/** `<source type="…">…</source>`: the text is the member with the element's name. */
const typedId =
  (vocabulary: cbv.Vocabulary): FieldReader =>
  (element, reading) => {
    const type = element.attributes.find(({ uri, name }) => uri === '' && name === 'type')?.value
    return {
      ...(type !== undefined && { type: termOf(vocabulary)(type.trim(), element, reading) }),
      [element.name]: textOf(element, reading),
    }
  }

const numbers = new Set('value minValue maxValue meanValue sDev percRank percValue'.split(' '))
const sensorTerms: Readonly<Record<string, ReturnType<typeof termOf>>> = {
  type: termOf(cbv.measurementType),
  exception: termOf(cbv.alertType),
  component: termOf(cbv.component),
}

/** sensorMetadata and sensorReport say everything in attributes. */
const sensorAttributes: FieldReader = (element, reading) => {
  const members = attributeMembers(element, reading.names).map(([name, raw]): [string, unknown] => {
    const text = String(raw).trim()
    if (Object.hasOwn(sensorTerms, name)) return [name, sensorTerms[name]!(text, element, reading)]
    if (numbers.has(name)) return [name, numberOf(text) ?? text]
    if (name === 'booleanValue') return [name, booleans.get(text) ?? text]
    return [name, raw]
  })
  return gather([...members, ...fieldMembers(element, {}, reading)])
}
const booleans = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

const sensorFields = { sensorMetadata: sensorAttributes, sensorReport: sensorAttributes }
const sensorElement: FieldReader = (element, reading) => {
  const { sensorReport, ...others } = objectOf(sensorFields)(element, reading) as Json
  if (sensorReport === undefined) return others
  return { ...others, sensorReport: Array.isArray(sensorReport) ? sensorReport : [sensorReport] }
}

const epcs = listOf('epc', textOf)
const quantities = listOf(
  'quantityElement',
  objectOf({ epcClass: textOf, quantity: decimal, uom: textOf }),
)
const place = objectOf({ id: textOf })
const persistentDisposition: FieldReader = (element, reading) => {
  const read = term(cbv.disposition)
  const sets: Record<string, unknown[]> = {}
  for (const child of element.children)
    if (child.name === 'set' || child.name === 'unset') {
      sets[child.name] ??= []
      sets[child.name]!.push(read(child, reading))
    } else report(reading, child, element.name, 'only <set> and <unset>')
  return sets
}

const eventFields: Readonly<Record<string, FieldReader>> = {
  eventTime: textOf,
  recordTime: textOf,
  eventTimeZoneOffset: textOf,
  eventID: textOf,
  certificationInfo: textOf,
  errorDeclaration: objectOf({
    declarationTime: textOf,
    reason: term(cbv.errorReason),
    correctiveEventIDs: listOf('correctiveEventID', textOf),
  }),
  action: textOf,
  bizStep: term(cbv.bizStep),
  disposition: term(cbv.disposition),
  persistentDisposition,
  readPoint: place,
  bizLocation: place,
  parentID: textOf,
  epcList: epcs,
  childEPCs: epcs,
  inputEPCList: epcs,
  outputEPCList: epcs,
  quantityList: quantities,
  childQuantityList: quantities,
  inputQuantityList: quantities,
  outputQuantityList: quantities,
  transformationID: textOf,
  bizTransactionList: listOf('bizTransaction', typedId(cbv.bizTransactionType)),
  sourceList: listOf('source', typedId(cbv.sourceOrDestinationType)),
  destinationList: listOf('destination', typedId(cbv.sourceOrDestinationType)),
  sensorElementList: listOf('sensorElement', sensorElement),
  ilmd: objectOf({}),
  // Of QuantityEvent.
  epcClass: textOf,
  quantity: decimal,
}

function modernise({ epcClass, quantity, ...fields }: Json): Json {
  return {
    type: 'ObjectEvent',
    action: 'OBSERVE',
    quantityList: [{ epcClass, quantity }],
    ...fields,
  }
}
