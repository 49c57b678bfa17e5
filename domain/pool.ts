// Where serial numbers come from: spaces of them, numbered 0, 1, 2 …, so that a counter is all that
// must be kept. A random space is walked by a secret permutation: its numbers come once each and
// nobody can tell the next. Refuses to issue so many that one in ten thousand guesses is right
// (EU 2016/161 Art. 4(b)). Draws nothing itself: the key is an argument.
import { createFf1 } from './ff1.ts'
import { withCheckDigit } from './gs1/ai.ts'
import { formatDigitalLink } from './gs1/gs1.ts'
import type { Refusal, Result } from './refusal.ts'

/** All texts of a length over a set of characters, in secret order. */
export interface RandomSpace {
  kind: 'random'
  charset: string
  length: number
}

/** Both ends belong to it: the same text but for the digits at its end, equally many. */
export interface SerialRange {
  from: string
  to: string
}

/** The numbers of some ranges, one after the other. */
export interface RangeSpace {
  kind: 'ranges'
  ranges: SerialRange[]
}

/** Serials that somebody else made up: kept one by one. */
export interface ListSpace {
  kind: 'list'
}

export type SerialSpace = RandomSpace | RangeSpace | ListSpace

/** What is numbered: packs of a GTIN, or SSCCs behind extension digit and company prefix. */
export type Numbered = { key: 'sgtin'; gtin: string } | { key: 'sscc'; prefix: string }

/** The numbers of a space. */
export interface Numbers {
  /** The serials with the places `from`, `from` + 1, … */
  serials(from: number, count: number): string[]
  /** The place of a serial, given away or not; undefined when it is none of the space. */
  placeOf(serial: string): bigint | undefined
}

export const charsets = {
  digits: '0123456789',
  /** Without I, O, 0 and 1, which people mistake for each other. */
  unambiguous: '23456789ABCDEFGHJKLMNPQRSTUVWXYZ',
  alphanumeric: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
} as const

/** One in so many guesses may be right, and must not. */
const guesses = 10_000n
/** AI 21: X..20. */
const serialCharsMax = 20
/** GenSpecs §7.11, table 1: the 82 characters of AI 21. */
const ai82 = /^[!"%-?A-Z_a-z]*$/

/** Bytes of the secret key of a random space: AES-256. */
export const poolKeyBytes = 32

/** Checks a space for what it is to number. Refusals: pool/range at `path`. */
export function parseSpace(space: SerialSpace, of: Numbered, path: string): Result<SerialSpace> {
  const refusals: Refusal[] = []
  const refuse = (place: string, detail: string): void => {
    refusals.push({ code: 'pool/range', path: path + place, detail })
  }
  if (space.kind === 'random') {
    const fault = faultOfRandom(space, of)
    if (fault) refuse('', fault)
  } else if (space.kind === 'ranges')
    space.ranges.forEach((range, i) => {
      const fault = faultOfRange(range, of)
      if (fault) refuse(`/ranges/${i}`, fault)
      else if (space.ranges.slice(0, i).some((other) => rangesMeet(range, other)))
        refuse(`/ranges/${i}`, 'meets a range before it')
    })
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, value: space }
}

/** Why a text is no serial of what is numbered; undefined when it is one. */
export function faultOfSerial(serial: string, of: Numbered): string | undefined {
  if (of.key === 'sscc') {
    const digits = 17 - of.prefix.length
    return serial.length === digits && /^\d+$/.test(serial)
      ? undefined
      : `a serial reference behind this prefix has ${digits} digits`
  }
  if (serial.length === 0 || serial.length > serialCharsMax) return 'AI 21 has 1 to 20 characters'
  return ai82.test(serial) ? undefined : 'AI 21 takes the 82 characters of GenSpecs §7.11'
}

/** How many numbers the space has; undefined for a list, which grows. */
export function sizeOf(space: SerialSpace): bigint | undefined {
  if (space.kind === 'list') return undefined
  if (space.kind === 'random') return BigInt(space.charset.length) ** BigInt(space.length)
  return space.ranges.reduce((sum, range) => sum + countOf(range), 0n)
}

/**
 * How many of them may be given away: of random serials of packs fewer than a ten-thousandth, so
 * that a guess is right with a probability below 1/10,000. Never more than a number can count.
 */
export function issuableOf(space: SerialSpace, of: Numbered): number | undefined {
  const size = sizeOf(space)
  if (size === undefined) return undefined
  const issuable = space.kind === 'random' && of.key === 'sgtin' ? (size - 1n) / guesses : size
  const countable = BigInt(Number.MAX_SAFE_INTEGER)
  return Number(issuable < countable ? issuable : countable)
}

/** Whether two spaces for the same thing may have a serial in common. Rather yes than no. */
export function mayMeet(a: SerialSpace, b: SerialSpace): boolean {
  if (a.kind === 'list' || b.kind === 'list') return false
  if (a.kind === 'ranges' && b.kind === 'ranges')
    return a.ranges.some((one) => b.ranges.some((other) => rangesMeet(one, other)))
  if (a.kind === 'ranges') return mayMeet(b, a)
  if (b.kind === 'random')
    return a.length === b.length && [...a.charset].some((c) => b.charset.includes(c))
  return a.kind === 'random' && b.ranges.some((range) => randomMeets(a, range))
}

/** Whether the serial is one of the space, given away or not. */
export function holds(space: SerialSpace, serial: string): boolean {
  if (space.kind === 'list') return false
  if (space.kind === 'ranges') return space.ranges.some((range) => inRange(range, serial))
  return serial.length === space.length && [...serial].every((c) => space.charset.includes(c))
}

/** The numbers of a space that holds its serials by arithmetic. `key`: 32 secret bytes. */
export function numbersOf(space: RandomSpace | RangeSpace, key: Uint8Array): Numbers {
  return space.kind === 'random' ? randomNumbers(space, key) : rangeNumbers(space)
}

/** The canonical EPC of a serial. */
export function epcOf(of: Numbered, serial: string): string {
  if (of.key === 'sgtin') return formatDigitalLink({ key: 'sgtin', gtin: of.gtin, serial })
  return formatDigitalLink({ key: 'sscc', sscc: withCheckDigit(of.prefix + serial) })
}

function randomNumbers({ charset, length }: RandomSpace, key: Uint8Array): Numbers {
  const ff1 = createFf1(key, { radix: charset.length, length })
  return {
    serials: (from, count) =>
      ff1
        .encrypt(Array.from({ length: count }, (_, i) => BigInt(from + i)))
        .map((number) => spell(number, charset, length)),
    placeOf: (serial) => {
      const number = readNumber(serial, { charset, length })
      return number === undefined ? undefined : ff1.decrypt([number])[0]
    },
  }
}

function rangeNumbers({ ranges }: RangeSpace): Numbers {
  return {
    serials: (from, count) => {
      const found: string[] = []
      let skip = BigInt(from)
      for (const range of ranges) {
        const all = countOf(range)
        const { prefix, digits } = splitOf(range.from)
        for (; skip < all && found.length < count; skip++)
          found.push(prefix + String(BigInt(digits) + skip).padStart(digits.length, '0'))
        if (found.length === count) break
        skip -= all
      }
      return found
    },
    placeOf: (serial) => {
      let before = 0n
      for (const range of ranges) {
        if (inRange(range, serial))
          return before + BigInt(splitOf(serial).digits) - BigInt(splitOf(range.from).digits)
        before += countOf(range)
      }
      return undefined
    },
  }
}

function faultOfRandom({ charset, length }: RandomSpace, of: Numbered): string | undefined {
  if (new Set(charset).size !== charset.length) return 'a character stands twice in the charset'
  if (charset.length < 2) return 'a charset has two characters at least'
  const fault = faultOfSerial([...charset].join('').slice(0, 1).repeat(length), of)
  if (fault) return fault
  if (of.key === 'sscc' ? !/^\d+$/.test(charset) : !ai82.test(charset))
    return of.key === 'sscc'
      ? 'an SSCC has digits only'
      : 'AI 21 takes the 82 characters of GenSpecs §7.11'
  return BigInt(charset.length) ** BigInt(length) < 1_000_000n
    ? 'fewer than 1,000,000 serials are too few to hide in: take more characters or a longer text'
    : undefined
}

function faultOfRange({ from, to }: SerialRange, of: Numbered): string | undefined {
  const fault = faultOfSerial(from, of) ?? faultOfSerial(to, of)
  if (fault) return fault
  const [first, last] = [splitOf(from), splitOf(to)]
  if (first.digits === '' || first.prefix !== last.prefix || from.length !== to.length)
    return 'both ends are the same text but for the digits at their end, equally many'
  return from > to ? 'ends before it begins' : undefined
}

/** What stands before the digits at the end, and these. */
function splitOf(serial: string): { prefix: string; digits: string } {
  const digits = /\d*$/.exec(serial)![0]
  return { prefix: serial.slice(0, serial.length - digits.length), digits }
}

const countOf = ({ from, to }: SerialRange): bigint =>
  BigInt(splitOf(to).digits) - BigInt(splitOf(from).digits) + 1n

// Of equally many digits behind the same text the order of texts is that of the numbers.
const inRange = ({ from, to }: SerialRange, serial: string): boolean =>
  serial.length === from.length &&
  serial >= from &&
  serial <= to &&
  splitOf(serial).prefix === splitOf(from).prefix

const rangesMeet = (a: SerialRange, b: SerialRange): boolean =>
  a.from.length === b.from.length &&
  splitOf(a.from).prefix === splitOf(b.from).prefix &&
  a.from <= b.to &&
  b.from <= a.to

const randomMeets = ({ charset, length }: RandomSpace, { from }: SerialRange): boolean =>
  from.length === length &&
  [...splitOf(from).prefix].every((c) => charset.includes(c)) &&
  /\d/.test(charset)

/** Characters written at once: so many that their number is exact. */
const chunkOf = (radix: number): number => Math.floor(52 / Math.log2(radix))

function spell(number: bigint, charset: string, length: number): string {
  const chunk = chunkOf(charset.length)
  const size = BigInt(charset.length) ** BigInt(chunk)
  let text = ''
  let rest = number
  for (let left = length; left > 0; left -= chunk) {
    let part = Number(rest % size)
    rest /= size
    for (let i = 0; i < Math.min(chunk, left); i++) {
      text = charset[part % charset.length]! + text
      part = Math.floor(part / charset.length)
    }
  }
  return text
}

function readNumber(
  serial: string,
  { charset, length }: Omit<RandomSpace, 'kind'>,
): bigint | undefined {
  if (serial.length !== length) return undefined
  let number = 0n
  for (const character of serial) {
    const digit = charset.indexOf(character)
    if (digit < 0) return undefined
    number = number * BigInt(charset.length) + BigInt(digit)
  }
  return number
}
