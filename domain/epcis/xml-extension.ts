// What EPCIS XML says beyond the standard, as members of an EPCIS JSON object: elements and
// attributes of other name spaces (EPCIS 2.0 §9.1). Prefixes become those of a JSON-LD @context;
// repeated elements become lists; xsi:type of a number or boolean becomes its JSON type.
//
// Not kept: the order of elements with different names, whether a text was an attribute or an
// element, and that a list had one entry.

import { type XmlAttribute, type XmlElement, xmlNamespace, xsd, xsi } from '../xml.ts'
import { standardPrefixes } from './cbv.ts'

/** Prefixes that an event uses, for its @context. */
export type Names = Map<string, string>

/**
 * EPCIS 1.x leaves room in <extension> for elements without a name space, meant for versions of
 * GS1's to come. JSON has no such names; they stand under this one.
 */
export const localNamespace = 'urn:epcglobal:epcis:xsd:1#'
export const localPrefix = 'epcis1'

/** Name spaces of EPCIS itself, whose elements are no extensions. */
export const isEpcisNamespace = (uri: string): boolean =>
  /^urn:epcglobal:epcis(-query|-masterdata)?:xsd:[12]$/.test(uri)

/** `prefix:name` for JSON, the prefix noted; bare for what is in no name space. */
export function nameOf(
  { uri, prefix, name }: Pick<XmlElement, 'uri' | 'prefix' | 'name'>,
  names: Names,
): string {
  return uri === '' ? name : `${notePrefix(prefix, uri, names)}:${name}`
}

/** The prefix under which the name space is known now: another when this one is taken. */
export function notePrefix(wanted: string, uri: string, names: Names): string {
  const isStandard = wanted !== 'cbvmda' && standardPrefixes.get(wanted) === uri
  if (isStandard || names.get(wanted) === uri) return wanted
  for (const [prefix, known] of names) if (known === uri) return prefix
  // A prefix must not look like the scheme of a URI, nor be a word of JSON-LD.
  let prefix = /^(|urn|http|https|ni|data|id|type|xmlns)$/i.test(wanted) ? 'ns' : wanted
  for (let i = 1; names.has(prefix); i++) prefix = `${wanted || 'ns'}${i}`
  names.set(prefix, uri)
  return prefix
}

/** A CURIE whose prefix is declared in the document: declared for the event, too. */
export function noteCurie(text: string, element: XmlElement, names: Names): string {
  const colon = text.indexOf(':')
  const prefix = text.slice(0, Math.max(colon, 0))
  const uri = Object.hasOwn(element.scope, prefix) ? element.scope[prefix]! : ''
  if (prefix === '' || uri === '' || standardPrefixes.get(prefix) === uri) return text
  return notePrefix(prefix, uri, names) + text.slice(colon)
}

export type Members = [name: string, value: unknown][]

/** Members with one name become one member, whose value is a list. */
export function gather(members: Members): Record<string, unknown> {
  const gathered = new Map<string, unknown[]>()
  for (const [name, value] of members) {
    const values = gathered.get(name)
    if (values) values.push(value)
    else gathered.set(name, [value])
  }
  return Object.fromEntries(
    [...gathered].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  )
}

/** The value of an extension element: text, number, boolean, null, or an object. */
export function extensionValue(element: XmlElement, names: Names): unknown {
  const attributes = saidBy(element)
  if (element.children.length === 0 && attributes.length === 0) return leafValue(element)
  const members: Members = [
    ...attributeMembers(element, names),
    ...element.children.map((child): [string, unknown] => [
      nameOf(child, names),
      extensionValue(child, names),
    ]),
  ]
  const text = element.text.trim()
  if (text !== '') members.push(['#text', leafValue(element)])
  return gather(members)
}

/** Attributes of other name spaces, and those of extensions without any. */
export const attributeMembers = (element: XmlElement, names: Names): Members =>
  saidBy(element).map((attribute) => [nameOf(attribute, names), attribute.value])

/** Attributes that say something of the content, and not how XML writes it. */
const saidBy = ({ attributes, scope }: XmlElement): XmlAttribute[] =>
  attributes.filter(({ uri, name, value }) => {
    if (uri === xmlNamespace) return name !== 'space'
    if (uri !== xsi) return true
    return name === 'type' && standardType(value, scope) === undefined
  })

/** `integer` of `xsd:integer`: a type of XML Schema itself. */
function standardType(text: string, scope: XmlElement['scope']): string | undefined {
  const [prefix, type] = text.trim().split(':') as [string, string | undefined]
  const space = Object.hasOwn(scope, prefix) ? scope[prefix] : /^xsd?$/.test(prefix) ? xsd : ''
  return space === xsd ? type : undefined
}

function leafValue(element: XmlElement): unknown {
  const said = (uri: string, name: string): string | undefined =>
    element.attributes.find((one) => one.uri === uri && one.name === name)?.value
  if (/^(true|1)$/.test(said(xsi, 'nil') ?? '')) return null
  const text = said(xmlNamespace, 'space') === 'preserve' ? element.text : element.text.trim()
  const type = standardType(said(xsi, 'type') ?? '', element.scope)
  return type === undefined ? text : typedValue(text, type)
}

/** Only what JSON can hold exactly; other texts stay texts. */
function typedValue(text: string, type: string): unknown {
  if (type === 'boolean')
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text
  if (
    !/^(integer|int|long|short|byte|decimal|double|float|nonNegativeInteger|positiveInteger)$/.test(
      type,
    )
  )
    return text
  return numberOf(text) ?? text
}

/** A number that JSON gives back with all its digits. */
export function numberOf(text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return
  const value = Number(text)
  // Zeros at both ends only say how large it is.
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '')
  return Number.isFinite(value) && digits.length <= 17 ? value : undefined
}

/** The @context of an event: nothing when the standard one is enough. */
export const contextOf = (names: Names): Record<string, unknown> =>
  names.size === 0 ? {} : { '@context': Object.fromEntries(names) }
