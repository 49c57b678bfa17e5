// Any text with a GS1 key in it, told in all its forms: what scanners send, element strings,
// Digital Links, EPC URNs, tag URIs and the hexadecimal content of tags. For looking things up and
// explaining them; parseGs1 and canonicalEpc of gs1.ts are the short ways for programs.

import type { Result } from '../refusal.ts'
import { all, chainsOf, type Element, refuse } from './ai.ts'
import { aiEntry } from './dictionary.ts'
import { formatBracketed, formatHri } from './element.ts'
import { decodeTag, type EpcTag, encodeTag, formatTagUri, parseTagUri } from './epc-tag.ts'
import {
  companyPrefixLength,
  formatDigitalLink,
  formatUrn,
  type Gs1Key,
  isBareGtin,
  keyOf,
  readElements,
} from './gs1.ts'
import { type LabelLimits, temperatureLimitsOf } from './limits.ts'
import { formatLink } from './link.ts'
import { readableValue } from './readable.ts'
import { parseScan, type Symbology } from './scan.ts'

export type Gs1Syntax =
  | 'scan'
  | 'gtin'
  | 'element-string'
  | 'digital-link'
  | 'epc-urn'
  | 'tag-uri'
  | 'tag-hex'

export interface Gs1Text {
  syntax: Gs1Syntax
  symbology?: Symbology
  /** `host`: where the Digital Link of a ++ tag leads. */
  tag?: { scheme: string; filter: number; hex: string; uri?: string; host?: string }
  /** None for elements that say something without saying of what, as on a second symbol. */
  key?: Gs1Key
  /** The canonical Digital Link of the key alone. */
  epc?: string
  /** With all that the text says beside the key, where a link can say it. */
  digitalLink?: string
  elementString: string
  hri: string[]
  /** Only when the length of the company prefix is known. */
  urn?: string
  elements: {
    ai: string
    title: string
    value: string
    readable?: string
    at: number
    length: number
  }[]
  limits: LabelLimits
}

/**
 * `prefixes` are company prefixes of one's own: a key made with one of them has a URN. All refusals
 * have spans in the text.
 */
export function decodeGs1(text: string, prefixes: readonly string[] = []): Result<Gs1Text> {
  const start = startOf(text)
  if (!start.ok) return start
  const { syntax, urn, tag, symbology, elements: read } = start.value
  const limits = temperatureLimitsOf(read)
  if (!limits.ok) return limits
  const key = read.some(({ ai }) => chainsOf(ai)) ? keyOf(read, text) : undefined
  if (key && !key.ok) return key
  const length = key && companyPrefixLength(key.value, prefixes)
  const ownUrn = key && length !== undefined ? formatUrn(key.value, length) : undefined
  const link = formatLink(read)
  const written = urn ?? (ownUrn?.ok ? ownUrn.value : undefined)
  return {
    ok: true,
    value: {
      syntax,
      ...(symbology && { symbology }),
      ...(tag && { tag }),
      ...(key && { key: key.value, epc: formatDigitalLink(key.value) }),
      ...(link.ok && { digitalLink: link.value }),
      elementString: formatBracketed(read),
      hri: formatHri(read),
      ...(written !== undefined && { urn: written }),
      elements: read.map(describe),
      limits: limits.value,
    },
  }
}

interface Start {
  syntax: Gs1Syntax
  symbology?: Symbology
  tag?: NonNullable<Gs1Text['tag']>
  urn?: string
  elements: Element[]
}

function startOf(text: string): Result<Start> {
  if (/^urn:epc:tag:/i.test(text)) {
    const tag = parseTagUri(text)
    return tag.ok ? tagStart('tag-uri', tag.value) : tag
  }
  // Somebody looks it up: a product is what is meant most of all.
  if (isBareGtin(text)) {
    const gtin = { ai: '01', value: text.padStart(14, '0'), at: 0, length: text.length }
    return { ok: true, value: { syntax: 'gtin', elements: [gtin] } }
  }
  const elements = readElements(text)
  if (elements?.ok) {
    const syntax = syntaxOf(text)
    const scan = syntax === 'scan' ? parseScan(text) : undefined
    const known = syntax === 'epc-urn' && /^urn:epc:(id|class)/.test(text) ? { urn: text } : {}
    const symbology = scan?.ok ? { symbology: scan.value.symbology } : {}
    return { ok: true, value: { syntax, ...symbology, ...known, elements: elements.value } }
  }
  // Digits alone may be an element string: what reads as one is one.
  if (/^[0-9A-Fa-f]{16,256}$/.test(text)) {
    const tag = decodeTag(text)
    if (tag.ok) return tagStart('tag-hex', tag.value)
    if (!elements || !/^\d/.test(text) || /[A-Fa-f]/.test(text)) return tag
  }
  return elements ?? refuse('gs1/key-unknown', 'this URI holds no GS1 key', all(text))
}

function tagStart(syntax: Gs1Syntax, tag: EpcTag): Result<Start> {
  const { scheme, filter, epc, host } = tag
  const elements = readElements(epc)
  if (!elements) return refuse('gs1/key-unknown', `${epc} is no GS1 key`, { at: 0, length: 0 })
  if (!elements.ok) return elements
  const hex = encodeTag(tag)
  const uri = formatTagUri(tag)
  const told = {
    ...{ scheme, filter, hex: hex.ok ? hex.value : '' },
    ...(uri.ok && { uri: uri.value }),
    ...(host !== undefined && { host }),
  }
  const urn = epc.startsWith('urn:') ? { urn: epc } : {}
  // Their places would be those in the EPC, which the text does not hold.
  const placed = elements.value.map((element) => ({ ...element, at: 0, length: 0 }))
  return { ok: true, value: { syntax, tag: told, ...urn, elements: placed } }
}

const syntaxOf = (text: string): Gs1Syntax =>
  text.startsWith(']')
    ? 'scan'
    : /^urn:/i.test(text)
      ? 'epc-urn'
      : /^https?:/i.test(text)
        ? 'digital-link'
        : 'element-string'

function describe({ ai, value, at, length }: Element): Gs1Text['elements'][number] {
  const readable = readableValue(ai, value)
  const title = aiEntry(ai)?.title ?? ''
  return { ai, title, value, ...(readable !== undefined && { readable }), at, length }
}
