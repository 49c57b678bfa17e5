// One event of EPCIS JSON as EPCIS XML 2.0 or 1.2, in the order of GS1's schemas. What version 1.2
// cannot say (association events, sensor data, persistent dispositions, certification) is refused,
// or left out and told when the caller wants that.

import type { Refusal } from '../refusal.ts'
import { parseRfc3339 } from '../rfc3339.ts'
import { escapeText } from '../xml.ts'
import * as cbv from './cbv.ts'
import { isObject, type Json, pointer } from './fields.ts'
import { type EventForm, formEvent } from './form.ts'
import type { EventType } from './shapes.ts'
import { localNamespace } from './xml-extension.ts'
import { fieldsIn, isAlwaysThere, type Layout, layoutOf, type XmlVersion } from './xml-layout.ts'
import {
  checked,
  declarations,
  drop,
  type Writing,
  writeAttribute,
  writeExtension,
  writingOf,
} from './xml-names.ts'

export interface XmlForm extends EventForm {
  version: XmlVersion
  /** GS1-CBV-XML-Format: words of the CBV as URNs, or as web URIs. 1.2 knows URNs only. */
  cbv?: 'urn' | 'web'
  /** What the version cannot say: refused unless it may be dropped. */
  unsaid?: 'refuse' | 'drop'
}

export interface WrittenEvent {
  /** One element; '' for an event that was dropped whole. */
  xml: string
  refusals: Refusal[]
  /**
   * What was left out because `unsaid` says so, and what JSON-LD says that XML has no place for.
   */
  dropped: Refusal[]
}

/** Of an event as EPCIS JSON, its prefixes in its @context. Pointers start with `path`. */
export function writeXmlEvent(event: Json, form: XmlForm, path = ''): WrittenEvent {
  const notes = { refusals: [] as Refusal[], dropped: [] as Refusal[] }
  const epcs = form.version === '1.2' ? 'urn' : form.epcs
  const formed = formEvent(event, { ...form, ...(epcs && { epcs }) }, { path, ...notes })
  const writing: EventWriting = { ...writingOf(event, notes), form, path }
  const type = String(event.type) as EventType
  const layout = layoutOf(form.version, type)
  const unsaid = (at: string, detail: string): void => {
    if (form.unsaid === 'drop') drop(writing, at, detail)
    else notes.refusals.push({ code: 'epcis/xml', path: at, detail })
  }
  if (!layout) {
    unsaid(path, `EPCIS ${form.version} has no ${type}`)
    return { xml: '', ...notes }
  }
  const said = new Set(fieldsIn(layout))
  let extensions = ''
  for (const [name, value] of Object.entries(formed)) {
    const at = pointer(path, name)
    if (name.startsWith('@') || name === 'type' || said.has(name)) continue
    if (!name.includes(':')) unsaid(at, `EPCIS ${form.version} has no ${name} in a ${type}`)
    else if (!isLocal(name, writing))
      extensions += writeExtension(name, value, { path: at, writing })
  }
  const content = writeLayout(layout, formed, writing) + extensions
  return { xml: `<${type}${declarations(writing)}>${content}</${type}>`, ...notes }
}

interface EventWriting extends Writing {
  form: XmlForm
  path: string
}

/** A field of EPCIS 1.x without a name space, which 1.2 has a place for. */
const isLocal = (name: string, { names, form }: EventWriting): boolean =>
  form.version === '1.2' && names.get(name.slice(0, name.indexOf(':'))) === localNamespace

function writeLayout(layout: Layout, event: Json, writing: EventWriting): string {
  let xml = ''
  for (const place of layout) {
    if (typeof place !== 'string') {
      const within = writeLayout(place[1], event, writing)
      xml += within === '' ? '' : `<${place[0]}>${within}</${place[0]}>`
    } else if (place === '*') xml += writeLocals(event, writing)
    else if (Object.hasOwn(event, place))
      xml += writers[place]!(event[place], {
        name: place,
        path: pointer(writing.path, place),
        writing,
      })
    else if (isAlwaysThere(writing.form.version, place)) xml += `<${place}/>`
  }
  return xml
}

function writeLocals(event: Json, writing: EventWriting): string {
  const locals = Object.entries(event).filter(([name]) => isLocal(name, writing))
  return locals
    .map(([name, value]) => {
      const path = pointer(writing.path, name)
      return writeExtension(name.slice(name.indexOf(':') + 1), value, { path, writing })
    })
    .join('')
}

interface Place {
  name: string
  path: string
  writing: EventWriting
}
type Writer = (value: unknown, place: Place) => string

const element = (name: string, text: string): string =>
  text === '' ? `<${name}/>` : `<${name}>${escapeText(text)}</${name}>`

const text: Writer = (value, { name, path, writing }) =>
  element(name, checked(String(value), path, writing))

const time: Writer = (value, { name }) => element(name, xmlTime(String(value)))

/** GS1's schemas know a T and a Z, no t, no z, and no leap second. */
function xmlTime(value: string): string {
  const upper = value.toUpperCase()
  const known = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?(Z|[+-](0\d|1[0-3]):\d\d|[+-]14:00)$/
  if (known.test(upper)) return upper
  const epochMs = parseRfc3339(value)
  return Number.isNaN(epochMs) ? value : new Date(epochMs).toISOString()
}

const texts: Writer = (value, place) =>
  (Array.isArray(value) ? value : [value]).map((one) => text(one, place)).join('')

const list =
  (item: string, writer: Writer, { mayBeEmpty = false } = {}): Writer =>
  (value, { name, path, writing }) => {
    if (!Array.isArray(value) || value.length === 0) return mayBeEmpty ? `<${name}/>` : ''
    const items = value.map((one, i) =>
      writer(one, { name: item, path: pointer(path, i), writing }),
    )
    return `<${name}>${items.join('')}</${name}>`
  }

/** Known members in their order, then the extensions. */
const object =
  (fields: Readonly<Record<string, Writer>>): Writer =>
  (value, { name, path, writing }) => {
    if (!isObject(value)) return ''
    let content = ''
    for (const [field, writer] of Object.entries(fields))
      if (Object.hasOwn(value, field))
        content += writer(value[field], { name: field, path: pointer(path, field), writing })
    for (const [field, member] of Object.entries(value))
      if (!Object.hasOwn(fields, field) && !field.startsWith('@'))
        content += writeExtension(field, member, { path: pointer(path, field), writing })
    return `<${name}>${content}</${name}>`
  }

/** A word of the vocabulary as the URI that XML wants; other terms as they are. */
function termText(vocabulary: cbv.Vocabulary, value: unknown, { form }: EventWriting): string {
  const word = String(value)
  if (!vocabulary.words.has(word)) return word
  const urn = vocabulary.namespaces.find((start) => start.startsWith('urn:'))
  const isUrn = urn !== undefined && (form.version === '1.2' || form.cbv !== 'web')
  return (isUrn ? urn : vocabulary.namespaces[0]) + word
}
const term =
  (vocabulary: cbv.Vocabulary): Writer =>
  (value, { name, path, writing }) =>
    element(name, checked(termText(vocabulary, value, writing), path, writing))

const typed =
  (vocabulary: cbv.Vocabulary): Writer =>
  (value, { name, path, writing }) => {
    if (!isObject(value)) return ''
    const type =
      value.type === undefined
        ? ''
        : writeAttribute('type', termText(vocabulary, value.type, writing), { path, writing })
    const id = checked(String(value[name]), path, writing)
    return `<${name}${type}>${escapeText(id)}</${name}>`
  }

/** xsd:decimal has no exponent. */
const decimal: Writer = (value, { name }) => element(name, decimalText(Number(value)))

function decimalText(value: number): string {
  const [mantissa, exponent] = String(value).split('e') as [string, string | undefined]
  if (exponent === undefined) return mantissa
  const digits = mantissa.replace(/[-.]/g, '')
  const whole = mantissa.replace('-', '').split('.')[0]!.length
  const point = whole + Number(exponent)
  const sign = value < 0 ? '-' : ''
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0')
}

const curies: Readonly<Record<string, readonly [cbv.Vocabulary, prefix: string]>> = {
  type: [cbv.measurementType, 'gs1:'],
  exception: [cbv.alertType, 'gs1:'],
  component: [cbv.component, 'cbv:Comp-'],
}

/** sensorMetadata and sensorReport: one attribute each, extensions too where they are plain. */
const attributes: Writer = (value, { name, path, writing }) => {
  if (!isObject(value)) return ''
  let said = ''
  let content = ''
  for (const [field, member] of Object.entries(value)) {
    const at = { path: pointer(path, field), writing }
    const [vocabulary, prefix] = curies[field] ?? []
    if (field.startsWith('@')) continue
    if (vocabulary?.words.has(String(member))) said += ` ${field}="${prefix}${String(member)}"`
    else if (/^(time|startTime|endTime)$/.test(field))
      said += ` ${field}="${xmlTime(String(member))}"`
    else if (typeof member === 'object') content += writeExtension(field, member, at)
    else said += writeAttribute(field, member, at)
  }
  return content === '' ? `<${name}${said}/>` : `<${name}${said}>${content}</${name}>`
}

const sensorElement = object({
  sensorMetadata: attributes,
  sensorReport: (value, place) =>
    (Array.isArray(value) ? value : []).map((one) => attributes(one, place)).join(''),
})

const epcs = list('epc', text, { mayBeEmpty: true })
const quantities = list(
  'quantityElement',
  object({ epcClass: text, quantity: decimal, uom: text }),
  {
    mayBeEmpty: true,
  },
)
const terms = (vocabulary: cbv.Vocabulary): Writer => {
  const one = term(vocabulary)
  return (value, place) =>
    (Array.isArray(value) ? value : []).map((word) => one(word, place)).join('')
}
const place = object({ id: text })

const writers: Readonly<Record<string, Writer>> = {
  eventTime: time,
  recordTime: time,
  eventTimeZoneOffset: text,
  eventID: text,
  errorDeclaration: object({
    declarationTime: time,
    reason: term(cbv.errorReason),
    correctiveEventIDs: list('correctiveEventID', text, { mayBeEmpty: true }),
  }),
  certificationInfo: texts,
  action: text,
  bizStep: term(cbv.bizStep),
  disposition: term(cbv.disposition),
  persistentDisposition: object({
    unset: terms(cbv.disposition),
    set: terms(cbv.disposition),
  }),
  readPoint: place,
  bizLocation: place,
  parentID: text,
  epcList: epcs,
  childEPCs: epcs,
  inputEPCList: epcs,
  outputEPCList: epcs,
  quantityList: quantities,
  childQuantityList: quantities,
  inputQuantityList: quantities,
  outputQuantityList: quantities,
  transformationID: text,
  bizTransactionList: list('bizTransaction', typed(cbv.bizTransactionType)),
  sourceList: list('source', typed(cbv.sourceOrDestinationType)),
  destinationList: list('destination', typed(cbv.sourceOrDestinationType)),
  sensorElementList: list('sensorElement', sensorElement),
  ilmd: object({}),
}
