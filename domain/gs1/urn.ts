// EPC pure-identity URNs, classes and patterns (GS1 EPC Tag Data Standard §6) to and from
// elements. A URN divides a key into company prefix and reference, which no other syntax does; so
// the way back needs the length of the prefix and refuses to guess it. Tag and raw URIs are not
// identities and are refused.

import type { Refusal, Result } from '../refusal.ts'
import { all, checkElements, type Element, outsideSet82, refuse, withCheckDigit } from './ai.ts'

interface Scheme {
  /** Components, divided by dots; the last one may hold dots itself. */
  parts: number
  /** Digits of company prefix and reference together; 0 when the reference has letters. */
  digits: number
  /** Empty values are left out: the serial of a class. */
  elements: (parts: string[]) => [ai: string, value: string][]
}

/** The first digit of the reference leads: indicator digit or extension digit. */
const leading = ([prefix, ref]: string[]) => withCheckDigit(ref![0]! + prefix! + ref!.slice(1))
const plain = ([prefix, ref]: string[]) => withCheckDigit(prefix! + ref!)
const gtinAnd =
  (ai: string): Scheme['elements'] =>
  (p) => [
    ['01', leading(p)],
    [ai, p[2]!],
  ]

const schemes: Readonly<Record<string, Scheme>> = {
  sgtin: { parts: 3, digits: 13, elements: gtinAnd('21') },
  lgtin: { parts: 3, digits: 13, elements: gtinAnd('10') },
  upui: { parts: 3, digits: 13, elements: gtinAnd('235') },
  sscc: { parts: 2, digits: 17, elements: (p) => [['00', leading(p)]] },
  sgln: {
    parts: 3,
    digits: 12,
    // TDS §6.3.3: extension 0 says that there is none.
    elements: (p) => [
      ['414', plain(p)],
      ['254', p[2] === '0' ? '' : p[2]!],
    ],
  },
  pgln: { parts: 2, digits: 12, elements: (p) => [['417', plain(p)]] },
  grai: { parts: 3, digits: 12, elements: (p) => [['8003', `0${plain(p)}${p[2]}`]] },
  giai: { parts: 2, digits: 0, elements: (p) => [['8004', p[0]! + p[1]]] },
  gsrn: { parts: 2, digits: 17, elements: (p) => [['8018', plain(p)]] },
  gsrnp: { parts: 2, digits: 17, elements: (p) => [['8017', plain(p)]] },
  gdti: { parts: 3, digits: 12, elements: (p) => [['253', plain(p) + p[2]]] },
  sgcn: { parts: 3, digits: 12, elements: (p) => [['255', plain(p) + p[2]]] },
  ginc: { parts: 2, digits: 0, elements: (p) => [['401', p[0]! + p[1]]] },
  gsin: { parts: 2, digits: 16, elements: (p) => [['402', plain(p)]] },
  cpi: {
    parts: 3,
    digits: 0,
    elements: (p) => [
      ['8010', p[0]! + p[1]],
      ['8011', p[2]!],
    ],
  },
  itip: {
    parts: 5,
    digits: 13,
    elements: (p) => [
      ['8006', leading(p) + p[2] + p[3]],
      ['21', p[4]!],
    ],
  },
}

/** A GID's parts, and others: most bits of each decimal number. */
const gidBits = [28, 24, 36] as const

/** A CAGE code or DODAAC (TDS §6.3.14, §6.3.15): no I and no O. */
const dodOwner = '[0-9A-HJ-NP-Z]{5,6}'
const foreign: Readonly<Record<string, (body: string) => boolean>> = {
  gid: (body) => {
    const parts = body.split('.')
    return parts.length === 3 && parts.every((part, i) => fitsBits(part, gidBits[i]!))
  },
  usdod: (body) =>
    new RegExp(`^${dodOwner}\\.\\d+$`).test(body) && fitsBits(body.split('.')[1]!, 36),
  adi: (body) =>
    new RegExp(
      `^${dodOwner}\\.(?:[0-9A-Z-]|%2[Ff]){0,32}\\.(?:%23)?(?:[0-9A-Z-]|%2[Ff]){1,30}$`,
    ).test(body),
  bic: (body) => /^[A-Z]{3}[JRUZ]\d{7}$/.test(body),
  imovn: (body) => /^\d{7}$/.test(body),
}

/**
 * Identifiers of the Tag Data Standard that hold no GS1 key and have one syntax only, and patterns
 * of all the keys of a company: true when well-formed.
 */
export function isForeignUrn(text: string): boolean {
  const found = /^urn:epc:id:([a-z]+):([^\s]+)$/.exec(text)
  if (found && Object.hasOwn(foreign, found[1]!)) return foreign[found[1]!]!(found[2]!)
  return /^urn:epc:idpat:(?:ginc|giai):\d{6,12}\.\*$/.test(text)
}

/**
 * Elements of `urn:epc:id:…`, `urn:epc:class:lgtin:…` or `urn:epc:idpat:…`. gs1/key-unknown for
 * others.
 */
export function parseUrn(text: string): Result<Element[]> {
  const head = /^urn:epc:(id|class|idpat):([a-z]+):/i.exec(text)
  if (!head)
    return refuse('gs1/syntax', 'want urn:epc:id:, urn:epc:class: or urn:epc:idpat:', all(text))
  const [prefix, kind, name] = head as unknown as [string, string, string]
  const scheme = Object.hasOwn(schemes, name) ? schemes[name]! : undefined
  if (Object.hasOwn(foreign, name))
    return refuse('gs1/syntax', `no well-formed ${name} identifier`, all(text))
  if (!scheme || (kind === 'class') !== (name === 'lgtin'))
    return refuse(
      'gs1/key-unknown',
      `urn:epc:${kind}:${name} is no scheme of a GS1 key`,
      all(prefix),
    )
  const parts = splitParts(text.slice(prefix.length), scheme.parts)
  if (!parts)
    return refuse('gs1/syntax', `${name} has ${scheme.parts} parts divided by dots`, all(text))
  const anySerial = kind === 'idpat' && parts.length > 2 && parts.at(-1) === '*'
  const refusals: Refusal[] = []
  let at = prefix.length
  const values = parts.map((part, i) => {
    const start = at
    at += part.length + 1
    if (anySerial && i === parts.length - 1) return ''
    if (i === 0 || (i === 1 && scheme.digits > 0)) {
      refusals.push(...refuseDigits(part, start))
      return part
    }
    return unescapePart(part, start, refusals)
  })
  refusals.push(...refuseLengths(parts, scheme, prefix.length))
  if (!anySerial && scheme.parts > 2 && values.at(-1) === '')
    refusals.push(wrong('gs1/length', 'the last part is empty', text.length, 0))
  if (refusals.length) return { ok: false, refusals }
  const found = scheme.elements(values).filter(([, value]) => value !== '')
  const lastAt = text.length - parts.at(-1)!.length
  const elements = found.map(([ai, value], i) => {
    const start = i === 0 ? prefix.length : lastAt
    const end = i === 0 && found.length > 1 ? lastAt - 1 : text.length
    return { ai, value, at: start, length: end - start }
  })
  return checkElements(elements)
}

/** A key as its URN divides it. */
export interface UrnParts {
  name: string
  /** The digits of the key with their check digit; for some keys digits and letters. */
  body: string
  /** Behind the body; null stands for any and makes a pattern. None for schemes of two parts. */
  last?: string | null
  /** Piece and total of an ITIP, between body and serial. */
  between?: string
}

/** The first digit of a GTIN or SSCC leads the reference, behind the company prefix. */
const led = ['sgtin', 'lgtin', 'upui', 'itip', 'sscc']
/** Keys without check digit, whose reference may have letters. */
const unchecked = ['giai', 'ginc', 'cpi']

/** The URN of a key, or why its company prefix cannot be that long. */
export function formatParts(
  { name, body: whole, last, between }: UrnParts,
  prefixLength: number,
): Result<string> {
  const kind = name === 'lgtin' ? 'class' : last === null ? 'idpat' : 'id'
  const lead = led.includes(name) ? 1 : 0
  const body = unchecked.includes(name) ? whole : whole.slice(0, -1)
  const company = body.slice(lead, lead + prefixLength)
  const behind = body.slice(lead + prefixLength)
  if (!/^\d+$/.test(company) || (unchecked.includes(name) && behind === '')) {
    const detail = `a ${name} starts with the ${prefixLength} digits of the prefix, and goes on`
    return refuse('gs1/length', detail, { at: 0, length: 0 })
  }
  const reference = escapePart(body.slice(0, lead) + behind)
  const middle = between === undefined ? '' : `.${between.slice(0, 2)}.${between.slice(2)}`
  const end = last === undefined ? '' : `.${last === null ? '*' : escapePart(last)}`
  return { ok: true, value: `urn:epc:${kind}:${name}:${company}.${reference}${middle}${end}` }
}

/** TDS §6.3: the characters of the sets of 82 and 39 that a URN must escape. */
export const escapePart = (text: string): string =>
  text.replace(/["#%&/<>?]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

const fitsBits = (digits: string, bits: number): boolean =>
  /^(0|[1-9]\d{0,11})$/.test(digits) && Number(digits) < 2 ** bits

function splitParts(body: string, count: number): string[] | undefined {
  const parts: string[] = []
  let from = 0
  while (parts.length < count - 1) {
    const dot = body.indexOf('.', from)
    if (dot < 0) return
    parts.push(body.slice(from, dot))
    from = dot + 1
  }
  parts.push(body.slice(from))
  return parts
}

const wrong = (code: Refusal['code'], detail: string, at: number, length: number): Refusal => ({
  code,
  path: '',
  detail,
  at,
  length,
})

function refuseDigits(part: string, at: number): Refusal[] {
  const letter = part.search(/[^0-9]/)
  return letter < 0 ? [] : [wrong('gs1/charset', 'want digits', at + letter, 1)]
}

function refuseLengths(parts: string[], scheme: Scheme, at: number): Refusal[] {
  const [company, ref] = parts as [string, string]
  // GenSpecs §1.4.2: a company prefix has 4 to 12 digits; TDS gives URNs to those of 6 to 12.
  if (company.length < 6 || company.length > 12)
    return [wrong('gs1/length', 'a company prefix has 6 to 12 digits', at, company.length)]
  const total = company.length + ref.length
  if (scheme.digits && total !== scheme.digits) {
    const detail = `the first two parts have ${scheme.digits} digits together, not ${total}`
    return [wrong('gs1/length', detail, at, total + 1)]
  }
  if (scheme.digits === 0 && ref === '')
    return [wrong('gs1/length', 'the reference is empty', at + company.length + 1, 0)]
  return []
}

/**
 * Plain text of a component; characters that TDS §6.3 wants escaped are refused when they are
 * not.
 */
function unescapePart(part: string, at: number, refusals: Refusal[]): string {
  let plainText = part
  if (part.includes('%')) {
    const bad = part.search(/%(?![0-9A-Fa-f]{2})/)
    if (bad >= 0) {
      refusals.push(wrong('gs1/syntax', '% starts an escape of two hex digits', at + bad, 1))
      return part
    }
    plainText = part.replace(/%(..)/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  }
  // # is in the set of 39 that component identifiers use.
  const raw = part.search(/[^!'()*+,\-.0-9:;=A-Z_a-z%]/)
  const strange = outsideSet82(plainText.replaceAll('#', '-'))
  if (raw >= 0) {
    const detail = `${JSON.stringify(part[raw])} must be percent-encoded or is not allowed`
    refusals.push(wrong('gs1/charset', detail, at + raw, 1))
  } else if (strange >= 0) {
    const detail = `${JSON.stringify(plainText[strange])} is not in the character set of 82`
    refusals.push(wrong('gs1/charset', detail, at, part.length))
  }
  return plainText
}
