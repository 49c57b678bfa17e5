// The event hash id of CBV 2.0 §8.9.2: `ni:///sha-256;<hex>?ver=CBV2.0` over a string in which the
// same event always looks the same, in whatever syntax, order and spelling it came. An idempotency
// key, no signature: anybody can compute it.
//
// Where the text of §8.9.2 leaves a choice, this takes that of the implementation its authors
// published, because ids are compared between systems: transactions, sources and destinations are
// sorted in with the extensions; an exact half of a millisecond is rounded to even; every text that
// reads as a number is written as one.
import { hash } from 'node:crypto'
import { canonicalEpc, uncheckedLink } from '../gs1/gs1.ts'
import { parseRfc3339 } from '../rfc3339.ts'
import * as cbv from './cbv.ts'
import { isObject, type Json } from './fields.ts'
import { localNamespace } from './xml-extension.ts'

export interface HashScope {
  /** Prefixes declared in the document and the event; those of the standard context are known. */
  prefixes?: ReadonlyMap<string, string> | undefined
  /** Extensions that a document excludes, as `{name space}name`. */
  ignored?: ReadonlySet<string> | undefined
}

/** Of an event as EPCIS JSON; prefixes in its own @context are read. */
export const eventHash = (event: Json, scope: HashScope = {}): string => {
  return `ni:///sha-256;${hash('sha256', preHash(event, scope))}?ver=CBV2.0`
}

/** Whether an eventID is meant to be a hash of this kind. */
export const isEventHash = (eventID: string): boolean =>
  /^ni:\/\/\/sha-256;[0-9a-fA-F]{64}\?ver=CBV2\.0$/.test(eventID)

/** The string that is hashed: `key=value` pieces without anything between them. */
export function preHash(event: Json, { prefixes, ignored }: HashScope = {}): string {
  const names = new Map([...(prefixes ?? []), ...declaredIn(event)])
  const nodes: Node[] = []
  for (const [name, value] of Object.entries(event)) {
    const key = keyOf(name, names)
    if (key === undefined || unhashed.has(name) || ignored?.has(key)) continue
    nodes.push(...fieldNodes(name, key, { value, names }))
  }
  const { text, left } = inOrder(nodes, eventOrder, { isNested: false })
  return `eventType=${String(event.type)}${text}${inAnyOrder(left)}`
}

interface Node {
  key: string
  text: string
  children: Node[]
}

type Names = ReadonlyMap<string, string>
type Order = readonly (readonly [key: string, within?: Order])[]

const unhashed = new Set(['type', 'recordTime', 'eventID', 'errorDeclaration'])

const keys = (text: string): Order => text.split(' ').map((key) => [key])
const epcOrder: Order = [['epc']]
const quantityOrder: Order = [['quantityElement', keys('epcClass quantity uom')]]
const sensorOrder: Order = [
  [
    'sensorElement',
    [
      [
        'sensorMetadata',
        keys(
          'time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules',
        ),
      ],
      [
        'sensorReport',
        keys(
          'type exception deviceID deviceMetadata rawData dataProcessingMethod time ' +
            'microorganism chemicalSubstance value component stringValue booleanValue ' +
            'hexBinaryValue uriValue minValue maxValue meanValue sDev percRank percValue uom ' +
            'coordinateReferenceSystem',
        ),
      ],
    ],
  ],
]
const eventOrder: Order = [
  ...keys('eventTime eventTimeZoneOffset certificationInfo parentID'),
  ['epcList', epcOrder],
  ['inputEPCList', epcOrder],
  ['childEPCs', epcOrder],
  ['quantityList', quantityOrder],
  ['childQuantityList', quantityOrder],
  ['inputQuantityList', quantityOrder],
  ['outputEPCList', epcOrder],
  ['outputQuantityList', quantityOrder],
  ...keys('action transformationID bizStep disposition'),
  ['persistentDisposition', keys('set unset')],
  ['readPoint', keys('id')],
  ['bizLocation', keys('id')],
  ['sensorElementList', sensorOrder],
]

/** What the items of a list are called: JSON does not say. */
const itemNames: Readonly<Record<string, string>> = {
  epcList: 'epc',
  inputEPCList: 'epc',
  outputEPCList: 'epc',
  childEPCs: 'epc',
  quantityList: 'quantityElement',
  childQuantityList: 'quantityElement',
  inputQuantityList: 'quantityElement',
  outputQuantityList: 'quantityElement',
  sensorElementList: 'sensorElement',
}
const typedLists: Readonly<Record<string, readonly [item: string, types: cbv.Vocabulary]>> = {
  bizTransactionList: ['bizTransaction', cbv.bizTransactionType],
  sourceList: ['source', cbv.sourceOrDestinationType],
  destinationList: ['destination', cbv.sourceOrDestinationType],
}
/** Fields of events and sensor reports whose words stand bare in JSON. */
const vocabularies: Readonly<Record<string, cbv.Vocabulary>> = {
  bizStep: cbv.bizStep,
  disposition: cbv.disposition,
  set: cbv.disposition,
  unset: cbv.disposition,
  type: cbv.measurementType,
  exception: cbv.alertType,
  component: cbv.component,
}

interface Value {
  value: unknown
  names: Names
}

function fieldNodes(name: string, key: string, { value, names }: Value): Node[] {
  const typed = Object.hasOwn(typedLists, name) ? typedLists[name] : undefined
  const item = Object.hasOwn(itemNames, name) ? itemNames[name] : undefined
  if (!typed && !item) return nodesOf(key, { value, names }, isStandard(key))
  const items = Array.isArray(value) ? value : []
  const children = typed
    ? items.filter(isObject).map((one) => pairOf(one, typed, names))
    : items.flatMap((one) => nodesOf(item!, { value: one, names }, true))
  return children.length === 0 ? [] : [{ key, text: '', children }]
}

/** The type goes before what it is the type of, and is no child of it. */
function pairOf(one: Json, [item, types]: readonly [string, cbv.Vocabulary], names: Names): Node {
  const type = one.type === undefined ? '' : `type=${canonical(termOf(types, one.type, names))}`
  return { key: type + item, text: canonical(expand(String(one[item] ?? ''), names)), children: [] }
}

/** `standard`: below a field of EPCIS itself, where words of its vocabularies may stand bare. */
function nodesOf(key: string, { value, names }: Value, standard: boolean): Node[] {
  if (Array.isArray(value))
    return value.flatMap((one) => nodesOf(key, { value: one, names }, standard))
  if (!isObject(value)) {
    const isTerm = standard && Object.hasOwn(vocabularies, key)
    const raw = isTerm ? termOf(vocabularies[key]!, value, names) : expand(textOf(value), names)
    const isTime = standard && /^(eventTime|time|startTime|endTime)$/.test(key)
    return [{ key, text: isTime ? canonicalTime(raw) : canonical(raw), children: [] }]
  }
  const text = value['#text'] ?? value['@value'] ?? ''
  const children = Object.entries(value).flatMap(([name, member]): Node[] => {
    const inner = name === '#text' ? undefined : keyOf(name, names)
    if (inner === undefined) return []
    return nodesOf(inner, { value: member, names }, standard && isStandard(inner) && key !== 'ilmd')
  })
  return [{ key, text: canonical(expand(textOf(text), names)), children }]
}

const isStandard = (key: string): boolean => !key.startsWith('{')
const textOf = (value: unknown): string => (value === null ? '' : String(value))

/** Pieces in the order of CBV 2.0 §8.9.2, extensions of a part at its end; `left` is the rest. */
function inOrder(
  nodes: readonly Node[],
  order: Order,
  { isNested }: { isNested: boolean },
): { text: string; left: Node[] } {
  if (nodes.length === 0) return { text: '', left: [] }
  const byKey = new Map<string, Node[]>()
  for (const node of nodes) {
    const twins = byKey.get(node.key)
    if (twins) twins.push(node)
    else byKey.set(node.key, [node])
  }
  const left: Node[] = []
  let text = ''
  for (const [key, within] of order) {
    const twins = byKey.get(key)
    if (!twins) continue
    byKey.delete(key)
    const pieces: string[] = []
    for (const node of twins) {
      const inner = inOrder(node.children, within ?? [], { isNested: true })
      if (node.text !== '' || inner.text !== '') pieces.push(pieceOf(node) + inner.text)
      if (inner.left.length > 0) left.push({ key, text: '', children: inner.left })
    }
    text += pieces.length === 1 ? pieces[0] : pieces.sort(byCodePoint).join('')
  }
  const own: Node[] = []
  for (const [key, twins] of byKey)
    for (const node of twins) (isNested && !isStandard(key) ? own : left).push(node)
  return { text: text + inAnyOrder(own), left }
}

function inAnyOrder(nodes: readonly Node[]): string {
  if (nodes.length === 0) return ''
  const pieces = nodes.map((node) => pieceOf(node) + inAnyOrder(node.children))
  return pieces.sort(byCodePoint).join('')
}

const pieceOf = ({ key, text }: Node): string => (text === '' ? key : `${key}=${text}`)

/** As UTF-8 sorts; UTF-16 differs behind U+D7FF. */
const byCodePoint = (a: string, b: string): number =>
  /[\ud800-\uffff]/.test(a + b)
    ? Buffer.compare(Buffer.from(a), Buffer.from(b))
    : a < b
      ? -1
      : +(a > b)

/** `{name space}name`; a bare name as it is; undefined for comments and what is JSON-LD's. */
export function keyOf(name: string, names: Names): string | undefined {
  if (name === 'comment' || name.startsWith('@')) return
  const colon = name.indexOf(':')
  if (colon < 0) return name
  const prefix = name.slice(0, colon)
  const namespace = names.get(prefix) ?? standardNamespace(prefix)
  const cut = Math.max(name.lastIndexOf('/'), name.lastIndexOf('#'), name.lastIndexOf(':')) + 1
  const [space, local] =
    namespace === undefined
      ? [name.slice(0, cut), name.slice(cut)]
      : [namespace, name.slice(colon + 1)]
  if (local === 'comment' && space.startsWith(rdfs)) return
  return space === localNamespace ? local : `{${space}}${local}`
}
const rdfs = 'http://www.w3.org/2000/01/rdf-schema#'

/** The context of JSON puts a colon behind what XML declares without: one of them it must be. */
export const standardNamespace = (prefix: string): string | undefined =>
  prefix === 'cbvmda' ? 'urn:epcglobal:cbv:mda' : cbv.standardPrefixes.get(prefix)

/** Prefixes of the event's own @context. */
export function declaredIn(event: Json): Map<string, string> {
  const context = event['@context']
  const declared = new Map<string, string>()
  for (const entry of Array.isArray(context) ? context : [context]) {
    if (!isObject(entry)) continue
    for (const [name, meaning] of Object.entries(entry)) {
      const namespace = isObject(meaning) ? meaning['@id'] : meaning
      if (typeof namespace === 'string' && !name.startsWith('@')) declared.set(name, namespace)
    }
  }
  return declared
}

function termOf(vocabulary: cbv.Vocabulary, value: unknown, names: Names): string {
  const text = textOf(value).trim()
  if (vocabulary.words.has(text)) return vocabulary.namespaces[0] + text
  const word = cbv.parseTerm(vocabulary, text, new Map([...cbv.standardPrefixes, ...names]))
  return word === undefined || word.includes(':')
    ? expand(text, names)
    : vocabulary.namespaces[0] + word
}

/** CURIEs of GS1's own prefixes only: whether others are meant as such, a value does not say. */
function expand(text: string, names: Names): string {
  const prefix = /^\s*(gs1|cbv|epcis):(?!\/\/)/.exec(text)?.[1]
  if (prefix === undefined) return text
  const namespace = names.get(prefix) ?? cbv.standardPrefixes.get(prefix)!
  return namespace + text.trim().slice(prefix.length + 1)
}

function canonical(raw: string): string {
  let text = raw.trim()
  if (!/[:\d]/.test(text)) return text
  if (text.includes('urn:epcglobal:cbv:'))
    text = text.replace(
      /urn:epcglobal:cbv:(bizstep|disp|btt|sdt|er):/g,
      (_, list: string) => `https://ref.gs1.org/cbv/${webLists[list]}-`,
    )
  if (/^[+-]?\.?\d/.test(text)) return canonicalNumber(text)
  if (!/^(https?:\/\/|urn:epc:)/i.test(text)) return text
  if (canonicalAlready.test(text)) return text
  const epc = canonicalEpc(text)
  // A wrong check digit is the business of whoever captures, and whether it is one, too.
  const link = epc.ok && epc.value !== text ? epc.value : uncheckedLink(text)
  // §8.9.2 escapes what a path of RFC 3986 §3.3 could not hold, and these three it can.
  return link === undefined ? text : link.replace(/%(27|3B|3D)/g, decodeURIComponent)
}

/** Most identifiers there are: looking at them more closely would change nothing. */
const canonicalAlready =
  /^https:\/\/id\.gs1\.org\/(00\/\d{18}|41[47]\/\d{13}|01\/\d{14}(\/(21|10)\/[\w.-]{1,20})?)$/

const webLists: Readonly<Record<string, string>> = {
  bizstep: 'BizStep',
  disp: 'Disp',
  btt: 'BTT',
  sdt: 'SDT',
  er: 'ER',
}

/** Without zeros that say nothing; small ones as 1e-05. Texts that are no number stay. */
function canonicalNumber(text: string): string {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return text
  const value = Number(text)
  if (!Number.isFinite(value)) return text
  if (Number.isInteger(value)) return BigInt(value).toString()
  if (Math.abs(value) >= 1e-4) return String(value)
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1')
}

/** UTC to the millisecond; a text that is no time stays. */
function canonicalTime(raw: string): string {
  const text = raw.trim()
  const fraction = /\.(\d+)(?=[Zz+-])/.exec(text)
  const second = parseRfc3339(fraction ? text.replace(fraction[0], '') : text)
  if (Number.isNaN(second)) return text
  const microseconds = Number((fraction?.[1] ?? '').padEnd(6, '0').slice(0, 6))
  return new Date(second + halfToEven(microseconds / 1000)).toISOString()
}

function halfToEven(value: number): number {
  const down = Math.floor(value)
  if (value - down !== 0.5) return Math.round(value)
  return down % 2 === 0 ? down : down + 1
}
