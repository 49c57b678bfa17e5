// The content rules of GS1 Application Identifiers that carry a key or qualify one (GS1 General
// Specifications §3): lengths, character sets, check digits. Knows no syntax: element strings, EPC
// URNs and Digital Links are read by gs1-element.ts, gs1-urn.ts and gs1-link.ts, and all end here.
import type { Refusal, RefusalCode, Result } from './refusal.ts'

/**
 * One AI with its plain value. `at` and `length` mark where it stood in the text it was read
 * from.
 */
export interface Element {
  ai: string
  value: string
  at: number
  length: number
}

/**
 * Characters after the digits: N digits, X the 82 of GenSpecs Fig. 7.11-1, Y the 39 of Fig.
 * 7.11-2.
 */
type Charset = 'N' | 'X' | 'Y'

interface Shape {
  /** So many digits first, the last of them a check digit. */
  digits: number
  /** What follows them: character set, fewest, most. */
  tail?: readonly [Charset, number, number]
  /** Qualifiers a key may carry, in their order; alternatives do not mix. Keys only. */
  chains?: readonly (readonly string[])[]
}

const shapes: Readonly<Record<string, Shape>> = {
  '00': { digits: 18, chains: [] },
  '01': { digits: 14, chains: [['22', '10', '21'], ['235']] },
  '253': { digits: 13, tail: ['X', 0, 17], chains: [] },
  '255': { digits: 13, tail: ['N', 0, 12], chains: [] },
  '401': { digits: 0, tail: ['X', 1, 30], chains: [] },
  '402': { digits: 17, chains: [] },
  '414': { digits: 13, chains: [['254'], ['7040']] },
  '417': { digits: 13, chains: [['7040']] },
  // A filler 0, then the 13 digits of the asset type: the zero does not change the check digit.
  '8003': { digits: 14, tail: ['X', 0, 16], chains: [] },
  '8004': { digits: 0, tail: ['X', 1, 30], chains: [] },
  '8006': { digits: 14, tail: ['N', 4, 4], chains: [['22', '10', '21']] },
  '8010': { digits: 0, tail: ['Y', 1, 30], chains: [['8011']] },
  '8017': { digits: 18, chains: [['8019']] },
  '8018': { digits: 18, chains: [['8019']] },
  '10': { digits: 0, tail: ['X', 1, 20] },
  '17': { digits: 0, tail: ['N', 6, 6] },
  '21': { digits: 0, tail: ['X', 1, 20] },
  '22': { digits: 0, tail: ['X', 1, 20] },
  '235': { digits: 0, tail: ['X', 1, 28] },
  '254': { digits: 0, tail: ['X', 1, 20] },
  '7040': { digits: 0, tail: ['X', 4, 4] },
  '8011': { digits: 0, tail: ['N', 1, 12] },
  '8019': { digits: 0, tail: ['N', 1, 10] },
}

const outside: Readonly<Record<Charset, RegExp>> = {
  N: /[^0-9]/,
  X: /[^!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]/,
  Y: /[^#\-/0-9A-Z]/,
}

/**
 * The mod-10 check digit of a body of digits (GenSpecs §7.9.1): weights 3, 1, 3, … from the
 * right.
 */
export function checkDigit(body: string): string {
  let sum = 0
  for (let i = body.length - 1, weight = 3; i >= 0; i--, weight = 4 - weight)
    sum += weight * (body.charCodeAt(i) - 48)
  return String((10 - (sum % 10)) % 10)
}

export const withCheckDigit = (body: string): string => body + checkDigit(body)

/** True for digits whose last one is the check digit of those before. */
export const checkDigitHolds = (digits: string): boolean =>
  checkDigit(digits.slice(0, -1)) === digits.at(-1)

/** The qualifiers a key AI may carry, or undefined when the AI is no key. */
export const chainsOf = (ai: string): readonly (readonly string[])[] | undefined =>
  Object.hasOwn(shapes, ai) ? shapes[ai]!.chains : undefined

export const isKnownAi = (ai: string): boolean => Object.hasOwn(shapes, ai)

/** Where the first character outside the set of 82 stands, or -1. */
export const outsideSet82 = (text: string): number => text.search(outside.X)

/** Undefined, or why the value cannot stand under its AI. AIs that are not in the table pass. */
export function refuseElement(element: Element): Refusal | undefined {
  const { ai, value } = element
  const shape = isKnownAi(ai) ? shapes[ai]! : undefined
  if (!shape) return
  const [set, min, max] = shape.tail ?? (['N', 0, 0] as const)
  const least = shape.digits + min
  const most = shape.digits + max
  if (value.length < least || value.length > most) {
    const right = least === most ? `${least}` : `${least} to ${most}`
    return refusalIn(element, 'gs1/length', `AI ${ai} has ${right} characters, not ${value.length}`)
  }
  const digits = value.slice(0, shape.digits)
  const letter = digits.search(outside.N)
  if (letter >= 0) return refusalIn(element, 'gs1/charset', `AI ${ai} has a digit here`, letter)
  const strange = value.slice(shape.digits).search(outside[set])
  if (strange >= 0) {
    const place = shape.digits + strange
    const detail = `${JSON.stringify(value[place])} is not in the character set of AI ${ai}`
    return refusalIn(element, 'gs1/charset', detail, place)
  }
  if (shape.digits && !checkDigitHolds(digits)) {
    const right = checkDigit(digits.slice(0, -1))
    const detail = `check digit of ${digits} would be ${right}`
    return refusalIn(element, 'gs1/check-digit', detail, shape.digits - 1)
  }
  if (ai === '8003' && value[0] !== '0')
    return refusalIn(element, 'gs1/syntax', 'AI 8003 starts with a filler 0', 0)
  if (ai === '17' && !isoDate(value))
    return refusalIn(element, 'gs1/syntax', `${value} is not a date YYMMDD`)
}

/**
 * YYMMDD as YYYY-MM-DD, undefined when there is no such day. Day 00 is the last of the month
 * (GenSpecs §3.4.7). The century is always this one: the rule of GenSpecs §7.12 needs a clock, and
 * nothing that is still to expire did so before 2000.
 */
export function isoDate(yymmdd: string): string | undefined {
  const [year, month, day] = [0, 2, 4].map((i) => Number(yymmdd.slice(i, i + 2))) as [
    number,
    number,
    number,
  ]
  const last = new Date(Date.UTC(2000 + year, month, 0)).getUTCDate()
  if (month < 1 || month > 12 || day > last) return
  const two = (n: number) => String(n).padStart(2, '0')
  return `20${two(year)}-${two(month)}-${two(day || last)}`
}

/** One refusal for the whole text of a key. */
export const refuse = (
  code: RefusalCode,
  detail: string,
  { at, length }: { at: number; length: number },
): { ok: false; refusals: Refusal[] } => ({
  ok: false,
  refusals: [{ code, path: '', detail, at, length }],
})

export const all = (text: string): { at: number; length: number } => ({
  at: 0,
  length: text.length,
})

/** The elements, or everything that is wrong with them. */
export function checkElements(elements: Element[]): Result<Element[]> {
  const refusals = elements.flatMap((element) => refuseElement(element) ?? [])
  return refusals.length ? { ok: false, refusals } : { ok: true, value: elements }
}

/** Marks one character of the value, or the whole of it when escapes have moved its characters. */
function refusalIn(element: Element, code: RefusalCode, detail: string, place?: number): Refusal {
  const plain = element.length === element.value.length
  if (place === undefined || !plain)
    return { code, path: '', detail, at: element.at, length: element.length }
  return { code, path: '', detail, at: element.at + place, length: 1 }
}
