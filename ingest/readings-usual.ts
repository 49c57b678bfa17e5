// The packet that nearly every device sends, one flat object of a time and built-in channels with
// plain numbers, read straight from its bytes: neither text nor object is made of it. Whatever is
// not exactly that, and whatever might be refused, is left to readings-json.ts, which alone decides
// what a packet means.
import { channels, futureMs, type Reading, timeMin } from '../domain/reading.ts'
import { parseRfc3339 } from '../domain/rfc3339.ts'

/** The same readings as the general way gives, or undefined: then that way is to be asked. */
export function readUsual(body: Uint8Array, recordTime: number): Reading[] | undefined {
  if (body.length > usualBytesMax) return undefined
  const scan: Scan = { bytes: body, at: 0 }
  if (!takes(scan, brace)) return undefined
  const readings: Reading[] = []
  let seen = 0
  let time = Number.NaN
  do {
    const member = readName(scan)
    // Of several members with one name the last stands: not here.
    if (member === undefined || (seen & member.bit) !== 0) return undefined
    seen |= member.bit
    const { name, channel } = member
    const value = name === 'time' ? readTime(scan) : readNumber(scan)
    if (name === 'time') time = Math.floor(value)
    else if (channel !== undefined) {
      if (!(value >= channel.min && value <= channel.max)) return undefined
      if (channel.unit === '0|1' && value !== 0 && value !== 1) return undefined
      readings.push({ channel: name, time: 0, value })
    } else if (Number.isNaN(value)) return undefined
  } while (takes(scan, comma))
  if (!takes(scan, brace + 2) || readings.length === 0) return undefined
  skipSpace(scan)
  if (scan.at !== body.length || !(time >= timeMin && time <= recordTime + futureMs))
    return undefined
  for (const reading of readings) reading.time = time
  return readings
}

/** Every built-in member twice over; a larger body is no usual one. */
const usualBytesMax = 512

interface Member {
  name: string
  bytes: Buffer
  /** Undefined for what is no channel: the time, and a device's own counter. */
  channel: (typeof channels)[string] | undefined
  bit: number
}

/** Length and first two letters tell the built-in names apart. */
const keyOf = (length: number, first: number, second: number): number =>
  (length << 16) | (first << 8) | second

const members = new Map<number, Member>(
  ['time', 'seq', ...Object.keys(channels)].map((name, place) => {
    const bytes = Buffer.from(name)
    const member = { name, bytes, channel: channels[name], bit: 1 << place }
    return [keyOf(bytes.length, bytes[0]!, bytes[1]!), member]
  }),
)

interface Scan {
  bytes: Uint8Array
  at: number
}

/** The member whose name stands here, up to and with its colon. */
function readName(scan: Scan): Member | undefined {
  if (!takes(scan, quote)) return undefined
  const { bytes, at: from } = scan
  let to = from
  while (to < bytes.length && bytes[to] !== quote) to++
  const member = members.get(keyOf(to - from, bytes[from]!, bytes[from + 1]!))
  if (member === undefined) return undefined
  for (let i = 2; i < member.bytes.length; i++)
    if (bytes[from + i] !== member.bytes[i]) return undefined
  scan.at = to + 1
  return takes(scan, colon) ? member : undefined
}

/** Epoch ms, or a text of RFC 3339 without escapes. NaN for anything else. */
function readTime(scan: Scan): number {
  if (!takes(scan, quote)) return readNumber(scan)
  const { bytes, at: from } = scan
  let to = from
  for (; to < bytes.length && bytes[to] !== quote; to++)
    if (bytes[to]! <= space || bytes[to]! > tilde || bytes[to] === backslash) return Number.NaN
  if (to === bytes.length || to - from > rfc3339CharsMax) return Number.NaN
  scan.at = to + 1
  const codes = bytes.subarray(from, to) as unknown as number[]
  return parseRfc3339(String.fromCharCode.apply(undefined, codes))
}

const rfc3339CharsMax = 40

/**
 * A number of JSON (RFC 8259 §6) without an exponent and of at most fifteen digits, otherwise NaN.
 * As an integer such digits are below 2^53, and dividing that by a power of ten below 10^22, which
 * is exact too, rounds once: to the number nearest to what is written, as JSON.parse does.
 */
function readNumber(scan: Scan): number {
  skipSpace(scan)
  const { bytes } = scan
  const negative = bytes[scan.at] === minus
  let at = negative ? scan.at + 1 : scan.at
  const from = at
  let digits = 0
  for (; isDigit(bytes[at]); at++) digits = digits * 10 + bytes[at]! - zero
  const whole = at - from
  if (whole === 0 || (whole > 1 && bytes[from] === zero)) return Number.NaN
  let decimals = 0
  if (bytes[at] === dot) {
    for (at++; isDigit(bytes[at]); at++, decimals++) digits = digits * 10 + bytes[at]! - zero
    if (decimals === 0) return Number.NaN
  }
  if (whole + decimals > digitsMax || (bytes[at]! | 0x20) === letterE) return Number.NaN
  scan.at = at
  const value = decimals === 0 ? digits : digits / tens[decimals]!
  // There is one zero: the store keeps the greater of two values, and -0 and 0 compare equal.
  return negative && value !== 0 ? -value : value
}

const digitsMax = 15
const tens = Array.from({ length: digitsMax + 1 }, (_, exponent) => 10 ** exponent)

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= zero && byte <= zero + 9

function takes(scan: Scan, byte: number): boolean {
  skipSpace(scan)
  if (scan.bytes[scan.at] !== byte) return false
  scan.at++
  return true
}

function skipSpace(scan: Scan): void {
  const { bytes } = scan
  let { at } = scan
  while (isSpace(bytes[at])) at++
  scan.at = at
}

const isSpace = (byte: number | undefined): boolean =>
  byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09

const space = 0x20
const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const dot = 0x2e
const zero = 0x30
const colon = 0x3a
const backslash = 0x5c
const letterE = 0x65
/** Its closing one is two code points on. */
const brace = 0x7b
const tilde = 0x7e
