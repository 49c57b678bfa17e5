// The binary forms of EPC tags that keep company prefix and reference apart (GS1 EPC Tag Data
// Standard §14.6): SGTIN-96, SSCC-96, SGLN-195 and so on, to and from the parts of an EPC URN. One
// table of fields for each; a number with leading zeros or beyond its bits has no such form and is
// refused, never shortened.
import {
  BitFault,
  type BitReader,
  expectZeros,
  numberBits,
  take,
  takeDigits,
  takeNumber,
} from './epc-bits.ts'

/** One or two parts of a URN, as bits. Parts are plain: nothing is escaped in them. */
interface Field {
  parts: number
  /** Says undefined for parts that have no such bits. */
  write: (parts: string[]) => string | undefined
  read: (reader: BitReader) => string[]
}

export interface BinaryScheme {
  name: string
  /** The scheme of its EPC URN. */
  urn: string
  header: number
  filterBits: number
  fields: readonly Field[]
  /** Bits of the whole; none for schemes as long as their text. */
  bits?: number
}

/** Digits and bits of a company prefix by partition value: the same in every table. */
const prefixes: readonly (readonly [digits: number, bits: number])[] = [
  [12, 40],
  [11, 37],
  [10, 34],
  [9, 30],
  [8, 27],
  [7, 24],
  [6, 20],
]
const items = [4, 7, 10, 14, 17, 20, 24]
const places = [1, 4, 7, 11, 14, 17, 21]
const boxes = [18, 21, 24, 28, 31, 34, 38]
const assets96 = [42, 45, 48, 52, 55, 58, 62]
const assets202 = [148, 151, 154, 158, 161, 164, 168]
const components96 = [11, 14, 17, 21, 24, 27, 31]

const scheme = (
  name: string,
  header: number,
  { bits, filterBits = 3, fields }: Partial<BinaryScheme> & Pick<BinaryScheme, 'fields'>,
): BinaryScheme => ({
  name,
  urn: name.slice(0, name.indexOf('-')),
  header,
  filterBits,
  fields,
  ...(bits === undefined ? {} : { bits }),
})

export const binarySchemes: readonly BinaryScheme[] = [
  scheme('gdti-96', 0x2c, { bits: 96, fields: [divided(places, 12), whole(41)] }),
  scheme('gsrn-96', 0x2d, { bits: 96, fields: [divided(boxes, 17)] }),
  scheme('gsrnp-96', 0x2e, { bits: 96, fields: [divided(boxes, 17)] }),
  scheme('usdod-96', 0x2f, { bits: 96, filterBits: 4, fields: [owner(8), whole(36)] }),
  scheme('sgtin-96', 0x30, { bits: 96, fields: [divided(items, 13), whole(38)] }),
  scheme('sscc-96', 0x31, { bits: 96, fields: [divided(boxes, 17)] }),
  scheme('sgln-96', 0x32, { bits: 96, fields: [divided(places, 12), whole(41)] }),
  scheme('grai-96', 0x33, { bits: 96, fields: [divided(items, 12), whole(38)] }),
  scheme('giai-96', 0x34, { bits: 96, fields: [numbered(assets96, 24)] }),
  scheme('gid-96', 0x35, { bits: 96, filterBits: 0, fields: [whole(28), whole(24), whole(36)] }),
  scheme('sgtin-198', 0x36, { bits: 198, fields: [divided(items, 13), letters(140)] }),
  scheme('grai-170', 0x37, { bits: 170, fields: [divided(items, 12), letters(112)] }),
  scheme('giai-202', 0x38, { bits: 202, fields: [lettered(assets202, 18)] }),
  scheme('sgln-195', 0x39, { bits: 195, fields: [divided(places, 12), letters(140)] }),
  scheme('gdti-113', 0x3a, { bits: 113, fields: [divided(places, 12), counted(58)] }),
  scheme('adi-var', 0x3b, { filterBits: 6, fields: [owner(6), sixBits(0, 32), sixBits(1, 30)] }),
  scheme('cpi-96', 0x3c, { bits: 96, fields: [numbered(components96, 3), whole(31)] }),
  scheme('cpi-var', 0x3d, { fields: [component(), whole(40)] }),
  scheme('gdti-174', 0x3e, { bits: 174, fields: [divided(places, 12), letters(119)] }),
  scheme('sgcn-96', 0x3f, { bits: 96, fields: [divided(places, 12), counted(41)] }),
  scheme('itip-110', 0x40, { bits: 110, fields: [divided(items, 13), two(), two(), whole(38)] }),
  scheme('itip-212', 0x41, { bits: 212, fields: [divided(items, 13), two(), two(), letters(140)] }),
]

/** The bits of a tag from the parts of its URN, or the index of the part that has none. */
export function writeBits(
  { header, filterBits, fields, bits }: BinaryScheme,
  { filter, parts }: { filter: number; parts: readonly string[] },
): { bits: string } | { part: number } {
  let written = numberBits(String(header), 8)
  if (filterBits) written += numberBits(String(filter), filterBits)
  let next = 0
  for (const field of fields) {
    const own = parts.slice(next, next + field.parts)
    const some = own.length === field.parts ? field.write(own) : undefined
    if (some === undefined) return { part: next + field.parts - 1 }
    written += some
    next += field.parts
  }
  return { bits: written.padEnd(bits ?? 0, '0') }
}

/** Filter and parts; the reader stands behind the header. */
export function readBits(
  { filterBits, fields, bits }: BinaryScheme,
  reader: BitReader,
): { filter: number; parts: string[] } {
  const length = bits ?? 0
  if (reader.bits.length < length)
    throw new BitFault(`want ${length} bits`, { at: reader.bits.length, length: 0 })
  const filter = filterBits ? Number(takeNumber(reader, filterBits)) : 0
  const parts = fields.flatMap((field) => field.read(reader))
  expectZeros(reader)
  return { filter, parts }
}

const decimal = /^(0|[1-9]\d*)$/
const set82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/

const fits = (digits: string, bits: number): boolean =>
  decimal.test(digits) && BigInt(digits) < 1n << BigInt(bits)

/** A number without leading zeros. */
function whole(bits: number): Field {
  return {
    parts: 1,
    write: ([part]) => (fits(part!, bits) ? numberBits(part!, bits) : undefined),
    read: (reader) => [takeNumber(reader, bits)],
  }
}

/** A piece or total of two digits. */
function two(): Field {
  return {
    parts: 1,
    write: ([part]) => (/^\d\d$/.test(part!) ? numberBits(part!, 7) : undefined),
    read: (reader) => [takeDigits(reader, 7, 2)],
  }
}

/** Digits of any number, their leading zeros kept by a 1 in front (TDS §14.4.5). */
function counted(bits: number): Field {
  return {
    parts: 1,
    write: ([part]) =>
      /^\d+$/.test(part!) && fits(`1${part}`, bits) ? numberBits(`1${part}`, bits) : undefined,
    read: (reader) => {
      const at = reader.at
      const text = takeNumber(reader, bits)
      if (text.startsWith('1') && text.length > 1) return [text.slice(1)]
      throw new BitFault('a numeric string starts with 1', { at, length: bits })
    },
  }
}

/** Text of the set of 82, seven bits each, filled with zeros. */
function letters(bits: number): Field {
  return {
    parts: 1,
    write: ([part]) => sevenBits(part!, bits),
    read: (reader) => [takeSevenBits(reader, bits)],
  }
}

/** Company prefix and reference of so many digits together (TDS §14.4.3). */
function divided(referenceBits: readonly number[], digits: number): Field {
  return {
    parts: 2,
    write: ([prefix, reference]) =>
      prefix!.length + reference!.length === digits && /^\d*$/.test(reference!)
        ? partitioned(prefix!, (p) => numberBits(reference!, referenceBits[p]!))
        : undefined,
    read: (reader) => {
      const [partition, prefix] = takePrefix(reader)
      const rest = digits - prefix.length
      return [prefix, takeDigits(reader, referenceBits[partition]!, rest)]
    },
  }
}

/** Company prefix and a number without leading zeros (TDS §14.4.4). */
function numbered(referenceBits: readonly number[], digitsMax: number): Field {
  return {
    parts: 2,
    write: ([prefix, reference]) =>
      partitioned(prefix!, (p) =>
        fits(reference!, referenceBits[p]!) && reference!.length <= digitsMax + p
          ? numberBits(reference!, referenceBits[p]!)
          : undefined,
      ),
    read: (reader) => {
      const [partition, prefix] = takePrefix(reader)
      return [prefix, takeNumber(reader, referenceBits[partition]!)]
    },
  }
}

/** Company prefix and text of the set of 82, at most so many characters and one more per digit. */
function lettered(referenceBits: readonly number[], charactersMax: number): Field {
  return {
    parts: 2,
    write: ([prefix, reference]) =>
      partitioned(prefix!, (p) =>
        reference!.length <= charactersMax + p
          ? sevenBits(reference!, referenceBits[p]!)
          : undefined,
      ),
    read: (reader) => {
      const [partition, prefix] = takePrefix(reader)
      return [prefix, takeSevenBits(reader, referenceBits[partition]!)]
    },
  }
}

/** Company prefix and a component reference in six bits each. */
function component(): Field {
  return {
    parts: 2,
    write: ([prefix, reference]) =>
      partitioned(prefix!, (p) => sixBits(1, 18 + p).write([reference!])),
    read: (reader) => {
      const [partition, prefix] = takePrefix(reader)
      return [prefix, ...sixBits(1, 18 + partition).read(reader)]
    },
  }
}

/** Text in six bits each, ended by six zeros (TDS §14.4.8). */
function sixBits(min: number, max: number): Field {
  return {
    parts: 1,
    write: ([part]) => {
      if (!/^[#\-/0-9A-Z]*$/.test(part!) || part!.length < min || part!.length > max) return
      return `${[...part!].map(sixOf).join('')}000000`
    },
    read: (reader) => {
      let text = ''
      for (;;) {
        const at = reader.at
        const bits = take(reader, 6)
        if (bits === '000000') return [text]
        text += characterOf(bits)
        if (text.length > max || !/[#\-/0-9A-Z]$/.test(text))
          throw new BitFault('no character of a six-bit text', { at, length: 6 })
      }
    },
  }
}

/** A CAGE code or DODAAC, a space in front of five characters (TDS §14.4.7). */
function owner(bitsEach: 6 | 8): Field {
  return {
    parts: 1,
    write: ([part]) => {
      if (!/^[0-9A-HJ-NP-Z]{5,6}$/.test(part!)) return
      const six = [...part!.padStart(6, ' ')]
      return six
        .map((c) => (bitsEach === 6 ? sixOf(c) : numberBits(String(c.charCodeAt(0)), 8)))
        .join('')
    },
    read: (reader) => {
      const at = reader.at
      const six = Array.from({ length: 6 }, () => {
        const bits = take(reader, bitsEach)
        return bitsEach === 6 ? characterOf(bits) : String.fromCharCode(Number.parseInt(bits, 2))
      })
      const text = six.join('').trimStart()
      if (/^[0-9A-HJ-NP-Z]{5,6}$/.test(text)) return [text]
      throw new BitFault('no CAGE code or DODAAC', { at, length: 6 * bitsEach })
    },
  }
}

function partitioned(
  prefix: string,
  reference: (partition: number) => string | undefined,
): string | undefined {
  const partition = prefixes.findIndex(([digits]) => digits === prefix.length)
  if (partition < 0 || !/^\d+$/.test(prefix)) return
  const behind = reference(partition)
  if (behind === undefined) return
  const [, bits] = prefixes[partition]!
  return numberBits(String(partition), 3) + numberBits(prefix, bits) + behind
}

function takePrefix(reader: BitReader): [partition: number, prefix: string] {
  const at = reader.at
  const partition = Number(takeNumber(reader, 3))
  const sizes = prefixes[partition]
  if (!sizes) throw new BitFault('there is no partition 7', { at, length: 3 })
  return [partition, takeDigits(reader, sizes[1], sizes[0])]
}

const sixOf = (character: string): string => numberBits(String(character.charCodeAt(0) & 0x3f), 6)

function characterOf(bits: string): string {
  const code = Number.parseInt(bits, 2)
  return String.fromCharCode(code < 0x20 ? code + 0x40 : code)
}

function sevenBits(text: string, bits: number): string | undefined {
  if (!set82.test(text) || text.length * 7 > bits) return
  const written = [...text].map((c) => numberBits(String(c.charCodeAt(0)), 7)).join('')
  return written.padEnd(bits, '0')
}

function takeSevenBits(reader: BitReader, bits: number): string {
  const at = reader.at
  const field = take(reader, bits)
  let text = ''
  let from = 0
  for (; from + 7 <= bits; from += 7) {
    const code = Number.parseInt(field.slice(from, from + 7), 2)
    if (code === 0) break
    text += String.fromCharCode(code)
    if (!set82.test(text.at(-1)!))
      throw new BitFault('no character of the set of 82', { at: at + from, length: 7 })
  }
  if (field.includes('1', from) || text === '')
    throw new BitFault('text is filled with zeros behind its end', { at: at + from, length: 7 })
  return text
}
