// GS1 keys in their three syntaxes: EPC URN, element string, Digital Link. The canonical form of a
// key is its Digital Link at id.gs1.org with nothing but the identity in it (GS1 TDS §6; CBV 2.0
// §8.9): lot, consumer product variant and expiry of a serialised unit are told, but do not name
// it. Refuses to guess the length of a company prefix. One key, any syntax: one string.

import type { Result } from '../refusal.ts'
import {
  all,
  chainsOf,
  checkDigit,
  checkDigitHolds,
  type Element,
  gs1CharactersMax,
  isoDate,
  refuse,
  refuseCombination,
  withCheckDigit,
} from './ai.ts'
import { fnc1, formatBracketed, parseElementString } from './element.ts'
import { escapeUri, parseLink } from './link.ts'
import { parseScan } from './scan.ts'
import { formatParts, isForeignUrn, parseUrn, type UrnParts } from './urn.ts'

export { checkDigit }

/** What a text may say about a trade item beside its identity. */
export interface TradeItemFacts {
  lot?: string
  /** Consumer product variant, AI 22. */
  cpv?: string
  /** AI 17 as YYYY-MM-DD. */
  expiry?: string
}

/**
 * gtin: 14 digits. sscc: 18. gln: 13. grai: without its filler 0; 13 digits alone are an asset
 * type.
 */
export type Gs1Key =
  | ({ key: 'sgtin'; gtin: string; serial: string } & TradeItemFacts)
  | ({ key: 'lgtin'; gtin: string; lot: string } & Omit<TradeItemFacts, 'lot'>)
  | ({ key: 'gtin'; gtin: string } & Omit<TradeItemFacts, 'lot'>)
  | { key: 'sscc'; sscc: string }
  | { key: 'giai'; giai: string }
  | { key: 'grai'; grai: string }
  | { key: 'sgln'; gln: string; ext?: string }
  | { key: 'pgln'; gln: string }
  | { key: OtherKey; value: string; serial?: string; lot?: string }

/** Keys only carried, by their value. serial: AI 235, 21, 8011 or 8020; lot: of an ITIP. */
export type OtherKey = (typeof otherKeys)[keyof typeof otherKeys] | 'upui'

const otherKeys = {
  '253': 'gdti',
  '255': 'gcn',
  '401': 'ginc',
  '402': 'gsin',
  '415': 'invoice',
  '8006': 'itip',
  '8010': 'cpi',
  '8013': 'gmn',
  '8017': 'gsrnp',
  '8018': 'gsrn',
} as const
const otherAis: Readonly<Record<OtherKey, readonly [ai: string, serialAi?: string]>> = {
  upui: ['01', '235'],
  itip: ['8006', '21'],
  cpi: ['8010', '8011'],
  gdti: ['253'],
  gcn: ['255'],
  ginc: ['401'],
  gsin: ['402'],
  gmn: ['8013'],
  gsrn: ['8018'],
  gsrnp: ['8017'],
  invoice: ['415', '8020'],
}

const domain = 'https://id.gs1.org'

/** RFC 3986 §4.3 as far as it can be seen without knowing the scheme. */
export const isAbsoluteUri = (text: string): boolean =>
  /^[A-Za-z][A-Za-z0-9+.-]*:(?:[!#$&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]|%[0-9A-Fa-f]{2})+$/.test(text)

/**
 * A key from any of the three syntaxes or from a scanner. Every refusal has code gs1/*, `at` and
 * `length` in the text.
 */
export function parseGs1(text: string): Result<Gs1Key> {
  const elements = readElements(text)
  if (!elements) return refuse('gs1/key-unknown', 'this URI holds no GS1 key', all(text))
  return elements.ok ? keyOf(elements.value, text) : elements
}

/**
 * One string per identity. A GS1 key in any syntax becomes its canonical Digital Link; another
 * absolute URI stays as it is; everything else is refused, and so is a GS1 key with a mistake in
 * it.
 */
export function canonicalEpc(text: string): Result<string> {
  const plain = plainLink(text) ?? plainUrn(text) ?? recent.get(text)
  if (plain !== undefined) return { ok: true, value: plain }
  const elements = readElements(text)
  const key = elements?.ok ? keyOf(elements.value, text) : elements
  if (key && !key.ok) return key
  const value = key ? formatDigitalLink(key.value) : text
  if (recent.size >= recentMax) recent.clear()
  if (text.length <= recentCharactersMax) recent.set(apart(text), apart(value))
  return { ok: true, value }
}

/** What took the long way: places and parties are few, and every event names some of them. */
const recent = new Map<string, string>()
const recentMax = 2000
const recentCharactersMax = 100

/** A text of its own: a part cut out of a document would keep the whole document in memory. */
const apart = (text: string): string => JSON.parse(JSON.stringify(text))

/**
 * The canonical form of a Digital Link whose check digits may be wrong: for comparing what others
 * wrote, not for taking it. Undefined for what is none.
 */
export function uncheckedLink(text: string): string | undefined {
  const elements = parseLink(text, { checkDigits: false })
  const key = elements?.ok ? keyOf(elements.value, text) : undefined
  return key?.ok ? formatDigitalLink(key.value) : undefined
}

/** The key of a canonical form; undefined for other URIs. */
export function parseEpc(epc: string): Gs1Key | undefined {
  const key = parseGs1(epc)
  return key.ok ? key.value : undefined
}

/** A GTIN-8, -12, -13 or -14 as GTIN-14. */
export function parseGtin(text: string): Result<string> {
  const letter = text.search(/\D/)
  if (letter >= 0) return refuse('gs1/charset', 'a GTIN has digits only', { at: letter, length: 1 })
  if (![8, 12, 13, 14].includes(text.length))
    return refuse('gs1/length', `a GTIN has 8, 12, 13 or 14 digits, not ${text.length}`, all(text))
  if (!checkDigitHolds(text)) {
    const detail = `check digit of ${text} would be ${checkDigit(text.slice(0, -1))}`
    return refuse('gs1/check-digit', detail, { at: text.length - 1, length: 1 })
  }
  return { ok: true, value: text.padStart(14, '0') }
}

/** The canonical form, `https://id.gs1.org/01/{gtin}/21/{serial}` and the like. */
export function formatDigitalLink(key: Gs1Key): string {
  let link = domain
  for (const [ai, value] of identityOf(key)) link += `/${ai}/${escapeUri(value, 'path')}`
  return link
}

/** `(01)…(21)…`: the identity only. */
export const formatElementString = (key: Gs1Key): string =>
  formatBracketed(identityOf(key).map(([ai, value]) => ({ ai, value })))

/**
 * The EPC URN; classes become urn:epc:class:lgtin or urn:epc:idpat. The length of the company
 * prefix is in no other syntax: without it gs1/company-prefix-unknown. Keys without URN:
 * gs1/key-unknown.
 */
export function formatUrn(key: Gs1Key, companyPrefixLength?: number): Result<string> {
  const span = { at: 0, length: 0 }
  if (companyPrefixLength === undefined)
    return refuse('gs1/company-prefix-unknown', 'the length of the company prefix is needed', span)
  if (!Number.isInteger(companyPrefixLength) || companyPrefixLength < 6 || companyPrefixLength > 12)
    return refuse('gs1/length', 'a company prefix has 6 to 12 digits', span)
  const parts = urnParts(key)
  if (parts) return formatParts(parts, companyPrefixLength)
  return refuse('gs1/key-unknown', `no URN is written for ${key.key}`, span)
}

/**
 * The length of the company prefix a key was made with, when it is one of these; undefined when
 * none of them fits, or more than one.
 */
export function companyPrefixLength(key: Gs1Key, prefixes: readonly string[]): number | undefined {
  const [[ai, value]] = identityOf(key) as [[string, string]]
  const from = ['00', '01', '8003', '8006'].includes(ai) ? 1 : 0
  const fitting = new Set(prefixes.filter((prefix) => value.startsWith(prefix, from)))
  return fitting.size === 1 ? [...fitting][0]!.length : undefined
}

/**
 * A canonical form without escapes stays as it is. Nearly every EPC there is looks like this or
 * like the next, and a capture may hold 100,000 of them; all others take the long way.
 */
function plainLink(text: string): string | undefined {
  if (!text.startsWith('https://id.gs1.org/0')) return
  if (/^https:\/\/id\.gs1\.org\/01\/\d{14}\/21\/[A-Za-z0-9._-]{1,20}$/.test(text))
    return checkDigitHolds(text.slice(22, 36)) ? text : undefined
  if (/^https:\/\/id\.gs1\.org\/00\/\d{18}$/.test(text))
    return checkDigitHolds(text.slice(22)) ? text : undefined
}

/** The canonical form of a URN of an SGTIN, SSCC or SGLN without escapes. */
function plainUrn(text: string): string | undefined {
  if (!text.startsWith('urn:epc:id:s')) return
  const unit = /^urn:epc:id:sgtin:(\d{6,12})\.(\d)(\d{0,6})\.([A-Za-z0-9._-]{1,20})$/.exec(text)
  if (unit && unit[1]!.length + unit[3]!.length === 12)
    return `${domain}/01/${withCheckDigit(unit[2]! + unit[1]! + unit[3]!)}/21/${unit[4]}`
  const box = /^urn:epc:id:sscc:(\d{6,12})\.(\d)(\d{4,10})$/.exec(text)
  if (box && box[1]!.length + box[3]!.length === 16)
    return `${domain}/00/${withCheckDigit(box[2]! + box[1]! + box[3]!)}`
  const place = /^urn:epc:id:sgln:(\d{6,12})\.(\d{0,6})\.([A-Za-z0-9._-]{1,20})$/.exec(text)
  if (place && place[1]!.length + place[2]!.length === 12) {
    const gln = `${domain}/414/${withCheckDigit(place[1]! + place[2]!)}`
    return place[3] === '0' ? gln : `${gln}/254/${place[3]}`
  }
}

/**
 * All elements of a text in any syntax, judged one by one and, on a label, together. Undefined for
 * a URI that is no GS1 key.
 */
export function readElements(text: string): Result<Element[]> | undefined {
  if (text.length > gs1CharactersMax)
    return refuse('gs1/length', `more than ${gs1CharactersMax} characters`, all(text))
  if (isBareGtin(text)) {
    const detail = `a GTIN by itself, or an element string? Write (01)${text.padStart(14, '0')}`
    return refuse('gs1/syntax', detail, all(text))
  }
  if (/^[(^0-9]/.test(text) || text.startsWith(fnc1))
    return combined(orNoise(parseElementString(text), text))
  if (text.startsWith(']')) {
    const scan = parseScan(text)
    return combined(scan.ok ? { ok: true, value: scan.value.elements } : orNoise(scan, text))
  }
  if (!isAbsoluteUri(text)) return refuseText(text)
  if (/^urn:epc:/i.test(text)) return isForeignUrn(text) ? undefined : parseUrn(text)
  return parseLink(text)
}

/**
 * Digits that a scanner without symbology identifiers sends for an EAN or UPC. Some are element
 * strings as well (AI 401 with ten digits), and nobody can tell which was meant.
 */
export const isBareGtin = (text: string): boolean =>
  /^(?:\d{8}|\d{12,14})$/.test(text) && checkDigitHolds(text)

/** What one label says, with AIs that do not go together refused. */
function combined(elements: Result<Element[]>): Result<Element[]> {
  if (!elements.ok || !elements.value.some(({ ai }) => chainsOf(ai))) return elements
  const refusals = refuseCombination(elements.value)
  return refusals.length ? { ok: false, refusals } : elements
}

/** A trace that a scanner left is told before what it made wrong. */
const orNoise = <T>(read: Result<T>, text: string): Result<T> =>
  read.ok || noiseIn(text) < 0 ? read : refuseText(text)

const noiseIn = (text: string): number => text.replaceAll(fnc1, '^').search(/[\p{Cc}\p{Cf}\s]/u)

/** Scanners and keyboards leave traces: says which. */
function refuseText(text: string) {
  const control = noiseIn(text)
  if (control < 0)
    return refuse('gs1/syntax', 'want an absolute URI or an element string', all(text))
  const shown = text.codePointAt(control)!.toString(16).toUpperCase().padStart(4, '0')
  const detail = `U+${shown} does not belong here: a scanner's prefix or suffix, or a space?`
  return refuse('gs1/syntax', detail, { at: control, length: 1 })
}

/** The first key among the elements with what qualifies it. The elements are checked already. */
export function keyOf(elements: Element[], text: string): Result<Gs1Key> {
  const values: Record<string, string> = {}
  let keyAi: string | undefined
  for (const { ai, value } of elements) {
    if (keyAi === undefined && chainsOf(ai)) keyAi = ai
    values[ai] = value
  }
  const value = values[keyAi ?? '']
  switch (keyAi) {
    case undefined:
      return refuse('gs1/key-unknown', 'no GS1 key among the elements', all(text))
    case '00':
      return { ok: true, value: { key: 'sscc', sscc: value! } }
    case '01':
      return tradeItem(values, text)
    case '414': {
      const ext = values['254']
      // TDS §6.3.3: extension 0 says that there is none.
      const none = ext === undefined || ext === '0'
      return { ok: true, value: { key: 'sgln', gln: value!, ...(none ? {} : { ext }) } }
    }
    case '417':
      return { ok: true, value: { key: 'pgln', gln: value! } }
    case '8003':
      return { ok: true, value: { key: 'grai', grai: value!.slice(1) } }
    case '8004':
      return { ok: true, value: { key: 'giai', giai: value! } }
    default: {
      const key = otherKeys[keyAi as keyof typeof otherKeys]
      const serial = values[otherAis[key][1] ?? '']
      const lot = key === 'itip' ? values['10'] : undefined
      const finest = serial !== undefined ? { serial } : lot !== undefined ? { lot } : {}
      return { ok: true, value: { key, value: value!, ...finest } }
    }
  }
}

function tradeItem(values: Record<string, string>, text: string): Result<Gs1Key> {
  const { '01': gtin, '10': lot, '21': serial, '22': cpv, '235': tpx } = values
  const expiry = values['17'] && isoDate(values['17'])
  if (tpx !== undefined) {
    if (serial === undefined) return { ok: true, value: { key: 'upui', value: gtin!, serial: tpx } }
    return refuse('gs1/syntax', 'AI 21 and AI 235 exclude each other', all(text))
  }
  const facts = { ...(cpv ? { cpv } : {}), ...(expiry ? { expiry } : {}) }
  if (serial !== undefined) {
    const withLot = lot === undefined ? facts : { lot, ...facts }
    return { ok: true, value: { key: 'sgtin', gtin: gtin!, serial, ...withLot } }
  }
  if (lot !== undefined) return { ok: true, value: { key: 'lgtin', gtin: gtin!, lot, ...facts } }
  return { ok: true, value: { key: 'gtin', gtin: gtin!, ...facts } }
}

/** The AIs that name the thing, key first. */
function identityOf(key: Gs1Key): [ai: string, value: string][] {
  switch (key.key) {
    case 'sgtin':
      return [
        ['01', key.gtin],
        ['21', key.serial],
      ]
    case 'lgtin':
      return [
        ['01', key.gtin],
        ['10', key.lot],
      ]
    case 'gtin':
      return [['01', key.gtin]]
    case 'sscc':
      return [['00', key.sscc]]
    case 'giai':
      return [['8004', key.giai]]
    case 'grai':
      return [['8003', `0${key.grai}`]]
    case 'sgln':
      return key.ext === undefined
        ? [['414', key.gln]]
        : [
            ['414', key.gln],
            ['254', key.ext],
          ]
    case 'pgln':
      return [['417', key.gln]]
    default: {
      const [ai, serialAi] = otherAis[key.key]
      const own: [ai: string, value: string][] = [[ai, key.value]]
      if (key.serial !== undefined && serialAi) own.push([serialAi, key.serial])
      else if (key.lot !== undefined) own.push(['10', key.lot])
      return own
    }
  }
}

function urnParts(key: Gs1Key): UrnParts | undefined {
  switch (key.key) {
    case 'sgtin':
      return { name: 'sgtin', body: key.gtin, last: key.serial }
    case 'lgtin':
      return { name: 'lgtin', body: key.gtin, last: key.lot }
    case 'gtin':
      return { name: 'sgtin', body: key.gtin, last: null }
    case 'sscc':
      return { name: 'sscc', body: key.sscc }
    case 'giai':
      return { name: 'giai', body: key.giai }
    case 'grai':
      return { name: 'grai', body: key.grai.slice(0, 13), last: key.grai.slice(13) || null }
    case 'sgln':
      return { name: 'sgln', body: key.gln, last: key.ext ?? '0' }
    case 'pgln':
      return { name: 'pgln', body: key.gln }
    case 'gdti':
      return { name: 'gdti', body: key.value.slice(0, 13), last: key.value.slice(13) || null }
    case 'gcn':
      return { name: 'sgcn', body: key.value.slice(0, 13), last: key.value.slice(13) || null }
    case 'cpi':
    case 'upui':
      return { name: key.key, body: key.value, last: key.serial ?? null }
    case 'itip': {
      // TDS has no URN for a lot of pieces.
      if (key.lot !== undefined) return
      const [body, between] = [key.value.slice(0, 14), key.value.slice(14)]
      return { name: 'itip', body, between, last: key.serial ?? null }
    }
    case 'ginc':
    case 'gsin':
    case 'gsrn':
    case 'gsrnp':
      return { name: key.key, body: key.value }
    default:
      return
  }
}
