// The content rules that Application Identifiers name for the parts of their values: check digits,
// dates, times, places, codes. Each judges one part alone; its place in the message and its length
// are the business of ai.ts. Company prefixes are judged by their form only: which ones exist
// is known to GS1 alone.

import { countryLetters, countryNumbers, currencies, isMediaType, packageTypes } from './codes.ts'
import { lintCoupon, lintPositiveOffer } from './coupon.ts'
import { type Fault, fault, lintClock, lintDate } from './dates.ts'

export type Linter = (value: string) => Fault | undefined

/** The 82 characters of GenSpecs Fig. 7.11-1, the 39 of Fig. 7.11-2, file-safe base64 (7.11-3). */
const outside = {
  N: /[^0-9]/,
  X: /[^!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]/,
  Y: /[^#\-/0-9A-Z]/,
  Z: /[^0-9A-Z_a-z-]/,
} as const

const pairLetters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
const set82 = '!"%&\'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'
const primes = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
  101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193,
  197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307,
  311, 313, 317, 331, 337, 347, 349, 353, 359, 367, 373, 379, 383, 389, 397, 401, 409, 419, 421,
  431, 433, 439, 443, 449, 457, 461, 463, 467, 479, 487, 491, 499, 503, 509,
]

export const linters: Readonly<Record<string, Linter>> = {
  csetnumeric: (value) => lintSet('N', value),
  cset82: (value) => lintSet('X', value),
  cset39: (value) => lintSet('Y', value),
  cset64: lintBase64,
  csum: lintCheckDigit,
  csumalpha: lintCheckPair,
  gcppos1: (value) => lintCompanyPrefix(value, 0),
  gcppos2: (value) => lintCompanyPrefix(value, 1),
  yymmdd: (value) => lintDate(value, { year: 2, dayMin: 1 }),
  yymmd0: (value) => lintDate(value, { year: 2, dayMin: 0 }),
  yyyymmdd: (value) => lintDate(value, { year: 4, dayMin: 1 }),
  yyyymmd0: (value) => lintDate(value, { year: 4, dayMin: 0 }),
  hh: (value) => lintClock(value, ['hour']),
  mi: (value) => lintClock(value, ['minute']),
  ss: (value) => lintClock(value, ['second']),
  hhmi: (value) => lintClock(value, ['hour', 'minute']),
  iso3166: (value) => among(countryNumbers.has(value), value, 'no ISO 3166 country number'),
  iso3166999: (value) =>
    among(
      value === '999' || countryNumbers.has(value),
      value,
      'no ISO 3166 country number nor 999',
    ),
  iso3166alpha2: (value) => among(countryLetters.has(value), value, 'no ISO 3166 country code'),
  iso4217: (value) => among(currencies.has(value), value, 'no ISO 4217 currency number'),
  iso5218: (value) => among(/^[0129]$/.test(value), value, 'sex is 0, 1, 2 or 9 (ISO 5218)'),
  packagetype: (value) => among(packageTypes.has(value), value, 'no package type'),
  mediatype: (value) => among(isMediaType(value), value, 'no AIDC media type'),
  winding: (value) => among(/^[019]$/.test(value), value, 'a winding direction is 0, 1 or 9'),
  yesno: (value) => among(/^[01]$/.test(value), value, 'want 0 for no or 1 for yes'),
  importeridx: (value) =>
    among(/^[0-9A-Za-z_-]$/.test(value), value, 'no importer index: want one of A-Z a-z 0-9 - _'),
  hyphen: (value) => among(/^-+$/.test(value), value, 'want a hyphen'),
  zero: (value) => among(/^0+$/.test(value), value, 'want 0'),
  nonzero: (value) =>
    lintSet('N', value) ?? (/[1-9]/.test(value) ? undefined : whole(value, 'must not be 0')),
  nozeroprefix: (value) =>
    lintSet('N', value) ??
    (/^0./.test(value) ? fault('gs1/content', 'no leading zero here', [0, 1]) : undefined),
  hasnondigit: (value) =>
    /[^0-9]/.test(value) ? undefined : whole(value, 'must not be of digits only'),
  pcenc: lintPercent,
  pieceoftotal: lintPiece,
  posinseqslash: lintPosition,
  latitude: (value) => lintPlace(value, 1_800_000_000),
  longitude: (value) => lintPlace(value, 3_600_000_000),
  iban: lintIban,
  couponcode: lintCoupon,
  couponposoffer: lintPositiveOffer,
}

/** The first character outside the set. */
export function lintSet(set: keyof typeof outside, value: string): Fault | undefined {
  if (set === 'Z') return lintBase64(value)
  const place = value.search(outside[set])
  if (place < 0) return
  const shown = JSON.stringify(value[place])
  const detail = set === 'N' ? `want a digit, not ${shown}` : `${shown} is not allowed here`
  return fault('gs1/charset', detail, [place, 1])
}

/** Where the first character outside the set of 82 stands, or -1. */
export const outsideSet82 = (text: string): number => text.search(outside.X)

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

/** The pair of check characters of a body of the set of 82, at most 97 long (GenSpecs §7.9.5). */
export function checkPair(body: string): string {
  let sum = 0
  for (let i = 0; i < body.length; i++)
    sum += set82.indexOf(body[i]!) * primes[body.length - 1 - i]!
  sum %= 1021
  return pairLetters[sum >> 5]! + pairLetters[sum & 31]!
}

const whole = (value: string, detail: string): Fault =>
  fault('gs1/content', detail, [0, value.length])

const among = (good: boolean, value: string, detail: string): Fault | undefined =>
  good ? undefined : whole(value, `${JSON.stringify(value)}: ${detail}`)

function lintCheckDigit(value: string): Fault | undefined {
  if (value === '') return fault('gs1/check-digit', 'no check digit', [0, 0])
  const letter = lintSet('N', value)
  if (letter) return letter
  const right = checkDigit(value.slice(0, -1))
  if (right === value.at(-1)) return
  return fault('gs1/check-digit', `check digit of ${value} would be ${right}`, [
    value.length - 1,
    1,
  ])
}

function lintCheckPair(value: string): Fault | undefined {
  if (value.length < 2) return fault('gs1/check-digit', 'no check characters', [0, value.length])
  if (value.length > primes.length + 2)
    return fault('gs1/check-digit', 'too long for check characters', [0, value.length])
  const body = value.slice(0, -2)
  const strange = lintSet('X', body)
  if (strange) return strange
  const right = checkPair(body)
  if (value.endsWith(right)) return
  return fault('gs1/check-digit', `check characters would be ${right}`, [value.length - 2, 2])
}

/** GenSpecs §1.4.2: a company prefix has at least four digits. */
function lintCompanyPrefix(value: string, from: number): Fault | undefined {
  const start = value.slice(from, from + 4)
  if (start.length < 4)
    return fault('gs1/length', 'too short to start with a company prefix', [0, value.length])
  const letter = start.search(outside.N)
  if (letter < 0) return
  return fault('gs1/charset', 'a company prefix has digits here', [from + letter, 1])
}

function lintBase64(value: string): Fault | undefined {
  const end = value.search(/=*$/)
  const pads = value.length - end
  if (pads > 2 || (pads > 0 && value.length % 3 !== 0))
    return fault('gs1/charset', 'wrong padding of base64', [end, pads])
  const place = value.slice(0, end).search(outside.Z)
  if (place >= 0) return fault('gs1/charset', 'not in the base64 file-safe set', [place, 1])
}

/** RFC 3986 §2.1: a % starts an escape of two hex digits. */
function lintPercent(value: string): Fault | undefined {
  const place = value.search(/%(?![0-9A-Fa-f]{2})/)
  if (place < 0) return
  const length = Math.min(3, value.length - place)
  return fault('gs1/content', '% starts an escape of two hex digits', [place, length])
}

/** `0203`: piece 2 of 3. */
function lintPiece(value: string): Fault | undefined {
  const half = value.length / 2
  if (value === '' || !Number.isInteger(half))
    return fault('gs1/length', 'want piece and total in as many digits', [0, value.length])
  const letter = lintSet('N', value)
  if (letter) return letter
  const [piece, total] = [value.slice(0, half), value.slice(half)]
  if (/^0+$/.test(piece)) return fault('gs1/content', 'pieces count from 1', [0, half])
  if (/^0+$/.test(total)) return fault('gs1/content', 'no total of 0 pieces', [half, half])
  if (piece > total) return whole(value, `no piece ${piece} of ${total}`)
}

/** `2/3`: second of three. */
function lintPosition(value: string): Fault | undefined {
  const found = /^([0-9]+)\/([0-9]+)$/.exec(value)
  if (!found) return whole(value, 'want a position like 2/3')
  const [, position, end] = found as unknown as [string, string, string]
  if (position.startsWith('0'))
    return fault('gs1/content', 'no leading zero here', [0, position.length])
  if (end.startsWith('0'))
    return fault('gs1/content', 'no leading zero here', [position.length + 1, end.length])
  if (position.length > end.length || (position.length === end.length && position > end))
    return whole(value, `no position ${position} of ${end}`)
}

/** Ten digits: degrees times 10,000,000, counted from the south pole or westward round. */
function lintPlace(value: string, max: number): Fault | undefined {
  if (value.length !== 10) return fault('gs1/length', 'want ten digits', [0, value.length])
  return (
    lintSet('N', value) ??
    (Number(value) > max ? whole(value, `${value} is beyond ${max}`) : undefined)
  )
}

/** ISO 13616: country, two check digits, at most 34 in all; the rest mod 97 leaves 1. */
function lintIban(value: string): Fault | undefined {
  if (value.length <= 10) return fault('gs1/length', 'too short for an IBAN', [0, value.length])
  if (value.length > 34) return fault('gs1/length', 'too long for an IBAN', [0, value.length])
  if (!countryLetters.has(value.slice(0, 2)))
    return fault('gs1/content', 'an IBAN starts with an ISO 3166 country code', [0, 2])
  const strange = value.search(/[^0-9A-Z]/)
  if (strange >= 0) return fault('gs1/charset', 'an IBAN has digits and capitals', [strange, 1])
  let rest = 0
  for (const letter of value.slice(4) + value.slice(0, 4)) {
    const number = Number.parseInt(letter, 36)
    rest = (rest * (number < 10 ? 10 : 100) + number) % 97
  }
  if (rest !== 1) return fault('gs1/check-digit', 'wrong check digits of the IBAN', [2, 2])
}
