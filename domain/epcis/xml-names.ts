// Extensions of EPCIS JSON in XML: names with their prefixes declared, JSON types as xsi:type,
// lists as repeated elements. The other direction is xml-extension.ts. Refuses names and
// texts that XML cannot hold.

import type { Refusal } from '../refusal.ts'
import { escapeAttribute, escapeText, isNcName, isXmlText, xmlNamespace } from '../xml.ts'
import { isObject, type Json, pointer } from './fields.ts'
import { declaredIn, standardNamespace } from './hash.ts'

/** What is known while one event is written. */
export interface Writing {
  /** Prefixes as the event declares them. */
  names: ReadonlyMap<string, string>
  /** Prefixes as they are declared in XML. */
  declared: Map<string, string>
  refusals: Refusal[]
  /** What is left out, as a rule that the caller knows. */
  dropped: Refusal[]
}

export const writingOf = (event: Json, notes: Pick<Writing, 'refusals' | 'dropped'>): Writing => {
  const names = declaredIn(event)
  const declared = new Map<string, string>()
  for (const [prefix, uri] of names)
    if (isNcName(prefix) && uri !== '' && prefix !== 'xml') declared.set(prefix, uri)
  return { ...notes, names, declared }
}

/** ` xmlns:a="…"` for all prefixes noted so far. */
export const declarations = ({ declared }: Writing): string =>
  [...declared].map(([prefix, uri]) => ` xmlns:${prefix}="${escapeAttribute(uri)}"`).join('')

/**
 * `prefix:local`, declared; bare for what is in no name space. Undefined when XML has no such name.
 */
export function xmlName(name: string, path: string, writing: Writing): string | undefined {
  const [space, wanted, local] = splitName(name, writing.names)
  if (!isNcName(local)) return refuse(writing, path, `${JSON.stringify(name)} is no name in XML`)
  if (space === '') return local
  if (space === xmlNamespace) return `xml:${local}`
  return `${declare(space, wanted, writing)}:${local}`
}

/** Name space, prefix and local name. A URI is cut behind its last separator. */
function splitName(
  name: string,
  names: ReadonlyMap<string, string>,
): [space: string, prefix: string, local: string] {
  const colon = name.indexOf(':')
  if (colon < 0) return ['', '', name]
  const prefix = name.slice(0, colon)
  const known = names.get(prefix) ?? standardNamespace(prefix)
  if (known !== undefined) return [known, prefix, name.slice(colon + 1)]
  const cut = Math.max(name.lastIndexOf('/'), name.lastIndexOf('#'), name.lastIndexOf(':')) + 1
  return [name.slice(0, cut), 'ns', name.slice(cut)]
}

function declare(space: string, wanted: string, { declared }: Writing): string {
  for (const [prefix, uri] of declared) if (uri === space) return prefix
  const stem = isNcName(wanted) && !/^xml/i.test(wanted) ? wanted : 'ns'
  let prefix = stem
  for (let i = 1; declared.has(prefix); i++) prefix = `${stem}${i}`
  declared.set(prefix, space)
  return prefix
}

/** The elements of an extension: several for a list, none for an empty one. */
export function writeExtension(
  name: string,
  value: unknown,
  { path, writing }: { path: string; writing: Writing },
): string {
  if (Array.isArray(value))
    return value
      .map((one, i) => writeExtension(name, one, { path: pointer(path, i), writing }))
      .join('')
  const tag = xmlName(name, path, writing)
  if (tag === undefined) return ''
  if (value === null) return `<${tag} xsi:nil="true"/>`
  if (!isObject(value)) return leaf(tag, value, { path, writing })
  if (Object.hasOwn(value, '@value')) return leaf(tag, value['@value'], { path, writing })
  return writeObject(tag, value, { path, writing })
}

function writeObject(
  tag: string,
  value: Json,
  { path, writing }: { path: string; writing: Writing },
): string {
  const hasText = Object.hasOwn(value, '#text')
  let attributes = ''
  let content = hasText ? escapeText(checked(String(value['#text']), path, writing)) : ''
  for (const [name, member] of Object.entries(value)) {
    const at = pointer(path, name)
    if (name === '#text') continue
    if (name.startsWith('@')) drop(writing, at, `${name} has no place in XML`)
    // Beside a text there is room for attributes only.
    else if (hasText && typeof member === 'string')
      attributes += writeAttribute(name, member, { path: at, writing })
    else content += writeExtension(name, member, { path: at, writing })
  }
  return `<${tag}${attributes}>${content}</${tag}>`
}

export function writeAttribute(
  name: string,
  value: unknown,
  { path, writing }: { path: string; writing: Writing },
): string {
  const tag = xmlName(name, path, writing)
  if (tag === undefined) return ''
  return ` ${tag}="${escapeAttribute(checked(String(value), path, writing))}"`
}

function leaf(
  tag: string,
  value: unknown,
  { path, writing }: { path: string; writing: Writing },
): string {
  const text = checked(String(value), path, writing)
  if (text === '') return `<${tag}/>`
  return `<${tag}${typeOf(value)}>${escapeText(text)}</${tag}>`
}

/** So that it comes back as what it was, spaces at its ends included. */
function typeOf(value: unknown): string {
  if (typeof value === 'boolean') return ' xsi:type="xsd:boolean"'
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 1e21
      ? ' xsi:type="xsd:integer"'
      : ' xsi:type="xsd:double"'
  return String(value).trim() === value ? '' : ' xml:space="preserve"'
}

export function checked(text: string, path: string, writing: Writing): string {
  if (isXmlText(text)) return text
  refuse(writing, path, 'this text has characters that XML 1.0 cannot hold')
  return ''
}

function refuse({ refusals }: Writing, path: string, detail: string): undefined {
  refusals.push({ code: 'epcis/xml', path, detail })
}

export function drop({ dropped }: Writing, path: string, detail: string): void {
  dropped.push({ code: 'epcis/xml', path, detail })
}
