// Bits of EPC tags as text of 0 and 1: tags are short, and text shows what is where. Reading keeps
// count, so that a fault can be told with the hexadecimal digits it stands in.
import type { Result } from '../refusal.ts'

export interface BitReader {
  bits: string
  at: number
}

/** Thrown and caught within the codec: the rest of a tag means nothing behind a fault. */
export class BitFault extends Error {
  readonly at: number
  readonly length: number
  constructor(detail: string, { at, length }: { at: number; length: number }) {
    super(detail)
    this.at = at
    this.length = length
  }
}

/** The next bits; a tag that ends before them is cut off. */
export function take(reader: BitReader, count: number): string {
  const { bits, at } = reader
  if (at + count > bits.length) throw new BitFault('the tag ends too early', { at, length: 0 })
  reader.at += count
  return bits.slice(at, at + count)
}

/** As a decimal number without leading zeros. */
export const takeNumber = (reader: BitReader, count: number): string =>
  BigInt(`0b${take(reader, count) || '0'}`).toString()

/** As so many decimal digits, filled with zeros; more are refused. */
export function takeDigits(reader: BitReader, count: number, digits: number): string {
  const at = reader.at
  const text = takeNumber(reader, count)
  if (digits === 0 && text === '0') return ''
  if (text.length <= digits) return text.padStart(digits, '0')
  throw new BitFault(`${text} has more than ${digits} digits`, { at, length: count })
}

export const numberBits = (digits: string, count: number): string =>
  BigInt(digits || '0')
    .toString(2)
    .padStart(count, '0')

/** Whole words of 16 bits, as tags keep them. */
export function hexOf(bits: string): string {
  const filled = bits.padEnd(Math.ceil(bits.length / 16) * 16, '0')
  return filled.replace(/.{4}/g, (nibble) => Number.parseInt(nibble, 2).toString(16).toUpperCase())
}

export const bitsOf = (hex: string): string =>
  hex.replace(/./g, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))

/** URN Code 40 of ISO/IEC 15962: three characters in 16 bits; zero fills the last three. */
export const writeCode40 = (text: string): string =>
  text.replace(/.{1,3}/g, (three) => {
    const [a = 0, b = 0, c = 0] = [...three].map((one) => code40.indexOf(one))
    return numberBits(String(1600 * a + 40 * b + c + 1), 16)
  })

/** So many characters; what is no text of this kind comes out with other ones or fewer. */
export function readCode40(reader: BitReader, length: number): string {
  let found = ''
  for (let i = 0; i < length; i += 3) {
    const three = Number.parseInt(take(reader, 16), 2) - 1
    const codes = [Math.floor(three / 1600), Math.floor(three / 40) % 40, three % 40]
    found += codes.map((code) => code40[code] ?? '').join('')
  }
  return found.replace(/\0+$/, '')
}
const code40 = '\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789'

/** What lies behind the last field is padding. */
export function expectZeros(reader: BitReader): void {
  const { bits, at } = reader
  const one = bits.indexOf('1', at)
  if (one >= 0) throw new BitFault('bits are set behind the last field', { at: one, length: 1 })
}

/** The value, or the fault as a refusal with the hexadecimal digits it stands in. */
export function readingTag<T>(read: () => T): Result<T> {
  try {
    return { ok: true, value: read() }
  } catch (fault) {
    if (!(fault instanceof BitFault)) throw fault
    const at = Math.floor(fault.at / 4)
    const length = Math.ceil((fault.at + fault.length) / 4) - at
    return {
      ok: false,
      refusals: [{ code: 'gs1/binary', path: '', detail: fault.message, at, length }],
    }
  }
}
