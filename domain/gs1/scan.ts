// What a scanner sends, to and from what the symbol says (ISO/IEC 15424, GenSpecs §7.8.2): three
// characters name the symbology, the rest is its data. A message is written as in GS1's own tools:
// `^01…10…^21…` with `^` for FNC1, plain digits for EAN, UPC and ITF-14, `|` before a composite
// component, anything else as it is; the GTIN of EAN, UPC, ITF-14 and DataBar may also stand as
// `^01…`. Refuses identifiers that carry no GS1 data.

import type { Result } from '../refusal.ts'
import { all, checkDigit, type Element, gs1CharactersMax, refuse, refuseElement } from './ai.ts'
import { predefinedLength } from './dictionary.ts'
import { fnc1, parseElementString } from './element.ts'
import { parseLink } from './link.ts'

export type Symbology = (typeof symbologies)[number]

export const symbologies = [
  'ean-13',
  'ean-8',
  'upc-a',
  'upc-e',
  'itf-14',
  'gs1-128',
  'code-128',
  'databar',
  'databar-expanded',
  'datamatrix',
  'qr',
  'dotcode',
] as const

export interface Scan {
  /** `]d2` and the like. */
  identifier: string
  symbology: Symbology
  message: string
  /** None for a symbol that holds plain text. Their spans are those of the scanned text. */
  elements: Element[]
}

type Content = 'gtin' | 'elements' | 'plain'

/** By the two characters behind `]`: which symbol it was and how its data read. */
const carriers: Readonly<Record<string, readonly [Symbology, Content, ...digits: number[]]>> = {
  // 13 digits whatever was printed: EAN-13, UPC-A and UPC-E; with an add-on of 2 or 5 behind.
  E0: ['ean-13', 'gtin', 13],
  E3: ['ean-13', 'gtin', 13, 15, 18],
  E4: ['ean-8', 'gtin', 8],
  I0: ['itf-14', 'gtin', 14],
  I1: ['itf-14', 'gtin', 14],
  C0: ['code-128', 'plain'],
  C1: ['gs1-128', 'elements'],
  e0: ['databar-expanded', 'elements'],
  d0: ['datamatrix', 'plain'],
  d1: ['datamatrix', 'plain'],
  d2: ['datamatrix', 'elements'],
  d4: ['datamatrix', 'plain'],
  d5: ['datamatrix', 'elements'],
  Q0: ['qr', 'plain'],
  Q1: ['qr', 'plain'],
  Q2: ['qr', 'plain'],
  Q3: ['qr', 'elements'],
  Q4: ['qr', 'elements'],
  J0: ['dotcode', 'plain'],
  J1: ['dotcode', 'elements'],
  J3: ['dotcode', 'plain'],
  J4: ['dotcode', 'elements'],
}

/** How each symbology is told when it holds element strings, and when it holds plain text. */
const matrices: Partial<Record<Symbology, readonly [elements: string, plain: string]>> = {
  qr: [']Q3', ']Q1'],
  datamatrix: [']d2', ']d1'],
  dotcode: [']J1', ']J0'],
}

const gtins: Partial<Record<Symbology, readonly [identifier: string, digits: number]>> = {
  'ean-13': [']E0', 13],
  'upc-a': [']E0', 12],
  'upc-e': [']E0', 12],
  'ean-8': [']E4', 8],
  'itf-14': [']I1', 14],
}

/** What a scanner sent, with its symbology identifier in front. */
export function parseScan(text: string): Result<Scan> {
  if (text.length > gs1CharactersMax) return refuse('gs1/length', 'too long for a scan', all(text))
  const identifier = text.slice(0, 3)
  const carrier = text.startsWith(']') ? carriers[identifier.slice(1)] : undefined
  if (!carrier) {
    const known = Object.keys(carriers).join(', ')
    const detail = `want ] and a symbology identifier that may carry GS1 data: ${known}`
    return refuse('gs1/syntax', detail, { at: 0, length: identifier.length })
  }
  const [symbology, content, ...digits] = carrier
  const data = text.slice(3)
  const scan = { identifier, symbology }
  if (content === 'gtin') return parseRetail(data, scan, digits)
  if (content === 'plain') {
    const link = /^https?:/i.test(data) ? parseLink(data) : undefined
    const elements = link?.ok ? link.value.map((e) => ({ ...e, at: e.at + 3 })) : []
    return { ok: true, value: { ...scan, message: escapeFnc1(data), elements } }
  }
  if (data === '') return refuse('gs1/syntax', 'the symbol holds nothing', all(text))
  // A scanner sends GS for FNC1, so a `^` is none here: an FNC1 in front says so.
  const elements = data.startsWith('^')
    ? parseElementString(`${fnc1}${data}`, 2)
    : parseElementString(data, 3)
  if (!elements.ok) return elements
  const message = `^${data.replaceAll(fnc1, '^')}`
  return { ok: true, value: { ...scan, message, elements: elements.value } }
}

/**
 * What a scanner would send for a symbol with this message. EAN, UPC, ITF and DataBar take digits
 * with their check digit, or without it when `addCheckDigit` says so.
 */
export function formatScan(
  symbology: Symbology,
  message: string,
  { addCheckDigit = false }: { addCheckDigit?: boolean } = {},
): Result<string> {
  if (message.length > gs1CharactersMax)
    return refuse('gs1/length', 'too long for a symbol', all(message))
  const matrix = matrices[symbology]
  if (matrix) {
    if (!message.startsWith('^'))
      return { ok: true, value: matrix[1] + message.replace(/^\\(\\*\^)/, '$1') }
    const elements = parseElementString(message)
    return elements.ok ? { ok: true, value: matrix[0] + withFnc1(message.slice(1)) } : elements
  }
  const bar = message.indexOf('|')
  const [linear, composite] =
    bar < 0 ? [message, ''] : [message.slice(0, bar), message.slice(bar + 1)]
  const second = bar < 0 ? undefined : parseElementString(composite, bar + 1)
  if (second && !composite.startsWith('^'))
    return refuse('gs1/syntax', 'a composite component starts with ^', { at: bar, length: 1 })
  if (second && !second.ok) return second
  const behind = withFnc1(composite.slice(1))
  const gtin = gtins[symbology]
  if (gtin || symbology === 'databar') {
    const [identifier, count] = gtin ?? [']e001', 14]
    const plain = withoutAi(linear, count)
    const full = symbology === 'upc-e' ? expandUpcE(plain) : plain
    const digits = completed(full, count, addCheckDigit)
    if (!digits.ok) return digits
    if (!gtin) return { ok: true, value: identifier + digits.value + behind }
    const padded = count === 12 ? `0${digits.value}` : digits.value
    return { ok: true, value: `${identifier}${padded}${second ? `|]e0${behind}` : ''}` }
  }
  if (symbology === 'code-128') return { ok: true, value: `]C0${message}` }
  if (!linear.startsWith('^'))
    return refuse('gs1/syntax', `${symbology} starts with FNC1, written ^`, all(linear))
  const first = parseElementString(linear)
  if (!first.ok) return first
  const { ai } = first.value.at(-1)!
  const divider = second && predefinedLength(ai) === undefined ? fnc1 : ''
  const identifier = symbology === 'gs1-128' && !second ? ']C1' : ']e0'
  return { ok: true, value: identifier + withFnc1(linear.slice(1)) + divider + behind }
}

/** A UPC-E of 8 digits as the UPC-A it stands for (GenSpecs §7.10); others stay as they are. */
export function expandUpcE(text: string): string {
  const found = /^([01])(\d{6})(\d)$/.exec(text)
  if (!found) return text
  const [, system, body, check] = found as unknown as [string, string, string, string]
  const last = body[5]!
  const [head, tail] =
    last <= '2'
      ? [body.slice(0, 2) + last, `0000${body.slice(2, 5)}`]
      : last === '3'
        ? [body.slice(0, 3), `00000${body.slice(3, 5)}`]
        : last === '4'
          ? [body.slice(0, 4), `00000${body[4]}`]
          : [body.slice(0, 5), `0000${last}`]
  return `${system}${head}${tail}${check}`
}

/** A GTIN, perhaps with a composite component behind `|]e0`. */
function parseRetail(
  data: string,
  scan: Omit<Scan, 'message' | 'elements'>,
  lengths: number[],
): Result<Scan> {
  const divider = data.indexOf('|]e0')
  const digits = divider < 0 ? data : data.slice(0, divider)
  const letter = digits.search(/[^0-9]/)
  if (letter >= 0) return refuse('gs1/charset', 'want digits here', { at: 3 + letter, length: 1 })
  if (!lengths.includes(digits.length)) {
    const detail = `${scan.identifier} has ${lengths.join(' or ')} digits, not ${digits.length}`
    return refuse('gs1/length', detail, { at: 3, length: digits.length })
  }
  const length = lengths[0]!
  const value = digits.slice(0, length).padStart(14, '0')
  const gtin: Element = { ai: '01', value, at: 3, length }
  const refusal = refuseElement(gtin)
  if (refusal) return { ok: false, refusals: [refusal] }
  if (divider < 0) return { ok: true, value: { ...scan, message: digits, elements: [gtin] } }
  const behind = data.slice(divider + 4)
  const composite = parseElementString(behind, 3 + divider + 4)
  if (!composite.ok) return composite
  const message = `${digits}|^${behind.replaceAll(fnc1, '^')}`
  return { ok: true, value: { ...scan, message, elements: [gtin, ...composite.value] } }
}

function completed(text: string, count: number, addCheckDigit: boolean): Result<string> {
  const digits = addCheckDigit && text.length === count - 1 ? text + checkDigit(text) : text
  const letter = text.search(/[^0-9]/)
  if (letter >= 0) return refuse('gs1/charset', 'want digits here', { at: letter, length: 1 })
  if (digits.length !== count)
    return refuse('gs1/length', `want ${count} digits, not ${text.length}`, all(text))
  if (checkDigit(digits.slice(0, -1)) !== digits.at(-1)) {
    const right = checkDigit(digits.slice(0, -1))
    const detail = `check digit of ${digits} would be ${right}`
    return refuse('gs1/check-digit', detail, { at: count - 1, length: 1 })
  }
  return { ok: true, value: digits }
}

/** `^01` and a GTIN-14 are the digits of the symbol, when nothing but zeros stands in front. */
function withoutAi(text: string, count: number): string {
  const gtin = /^\^01(\d{14})$/.exec(text)?.[1]
  return gtin && /^0*$/.test(gtin.slice(0, 14 - count)) ? gtin.slice(-count) : text
}

const withFnc1 = (text: string): string => text.replaceAll('^', fnc1)

/** A literal `^` in front of plain data must not read as FNC1. */
const escapeFnc1 = (data: string): string => (/^\\*\^/.test(data) ? `\\${data}` : data)
