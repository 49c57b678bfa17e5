// The binary forms of EPC tags of TDS 2.0 and later (§14.6, schemes with + and ++): GS1 keys as
// they are printed, four bits a digit, without a word about the company prefix; serials in the
// shortest of six encodings. The ++ schemes name a web host behind the key.

import type { Element } from './ai.ts'
import {
  BitFault,
  type BitReader,
  expectZeros,
  numberBits,
  readCode40,
  take,
  takeDigits,
  writeCode40,
} from './epc-bits.ts'
import { readHost, writeHost } from './epc-host.ts'

export interface PlusTag {
  scheme: string
  filter: number
  elements: Pick<Element, 'ai' | 'value'>[]
  /** Whether data of other AIs follow the EPC in the memory of the tag. */
  moreData: boolean
  /** Of the ++ schemes: where the Digital Link of the tag leads. */
  host?: string
}

type Part =
  | { kind: 'digits'; count: number }
  /** Letters and digits behind an encoding and a length, at most so many. */
  | { kind: 'text'; max: number }
  /** Digits behind a length in four bits (§14.5.6.2). */
  | { kind: 'number'; max: number }
  /** Digits of four bits first, then perhaps text (§14.5.5). */
  | { kind: 'mixed'; max: number }
  | { kind: 'date' }

interface PlusScheme {
  name: string
  header: number
  /** An AI may have two parts: digits, then text. Empty text is left out. */
  parts: readonly (readonly [ai: string, ...Part[]])[]
}

const digits = (count: number): Part => ({ kind: 'digits', count })
const text = (max: number): Part => ({ kind: 'text', max })
const number = (max: number): Part => ({ kind: 'number', max })
const mixed = (max: number): Part => ({ kind: 'mixed', max })

const sgtin = [
  ['01', digits(14)],
  ['21', text(20)],
] as const
const dsgtin = [['', { kind: 'date' }], ...sgtin] as const
const gsrn = [['8018', digits(18)]] as const
const sgcn = [['255', digits(13), number(12)]] as const
const cpi = [
  ['8010', mixed(30)],
  ['8011', number(12)],
] as const
const sgln = [
  ['414', digits(13)],
  ['254', text(20)],
] as const
const itip = [
  ['8006', digits(18)],
  ['21', text(20)],
] as const
const grai = [['8003', digits(14), text(16)]] as const
const gdti = [['253', digits(13), text(17)]] as const
const giai = [['8004', mixed(30)]] as const
const sscc = [['00', digits(18)]] as const

const schemes: readonly PlusScheme[] = [
  { name: 'cpi+', header: 0xf0, parts: cpi },
  { name: 'grai+', header: 0xf1, parts: grai },
  { name: 'sgln+', header: 0xf2, parts: sgln },
  { name: 'itip+', header: 0xf3, parts: itip },
  { name: 'gsrn+', header: 0xf4, parts: gsrn },
  { name: 'gsrnp+', header: 0xf5, parts: [['8017', digits(18)]] },
  { name: 'gdti+', header: 0xf6, parts: gdti },
  { name: 'sgtin+', header: 0xf7, parts: sgtin },
  { name: 'sgcn+', header: 0xf8, parts: sgcn },
  { name: 'sscc+', header: 0xf9, parts: sscc },
  { name: 'giai+', header: 0xfa, parts: giai },
  { name: 'dsgtin+', header: 0xfb, parts: dsgtin },
  { name: 'cpi++', header: 0xe6, parts: cpi },
  { name: 'gsrn++', header: 0xe7, parts: gsrn },
  { name: 'gsrnp++', header: 0xe8, parts: [['8017', digits(18)]] },
  { name: 'sgln++', header: 0xe9, parts: sgln },
  { name: 'gdti++', header: 0xea, parts: gdti },
  { name: 'grai++', header: 0xeb, parts: grai },
  { name: 'sgcn++', header: 0xec, parts: sgcn },
  { name: 'itip++', header: 0xed, parts: itip },
  { name: 'giai++', header: 0xee, parts: giai },
  { name: 'sscc++', header: 0xef, parts: sscc },
  { name: 'dsgtin++', header: 0xfc, parts: dsgtin },
  { name: 'sgtin++', header: 0xfd, parts: sgtin },
]

/** AIs of the date of a DSGTIN+, by its four bits. */
const dateAis = ['11', '13', '15', '16', '17', '7006', '7007']

/** Six ways to write text, by their number: what they can write and how many bits that takes. */
const encodings: readonly { can: RegExp; bits: (length: number) => number }[] = [
  { can: /^\d+$/, bits: (length) => integerBits(length) },
  { can: /^[0-9A-F]+$/, bits: (length) => length * 4 },
  { can: /^[0-9a-f]+$/, bits: (length) => length * 4 },
  { can: /^[0-9A-Z_a-z-]+$/, bits: (length) => length * 6 },
  { can: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z#]+$/, bits: (length) => length * 7 },
  { can: /^[A-Z.:0-9-]+$/, bits: (length) => Math.ceil(length / 3) * 16 },
]
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Whether the header is one of these schemes. */
export const isPlusHeader = (header: number): boolean =>
  schemes.some((scheme) => scheme.header === header)

export const plusSchemeNames = schemes.map(({ name }) => name)

/** The tag behind its header. */
export function readPlus(header: number, reader: BitReader): PlusTag {
  const { name, parts } = schemes.find((scheme) => scheme.header === header)!
  const moreData = take(reader, 1) === '1'
  const filter = Number.parseInt(take(reader, 3), 2)
  const elements: PlusTag['elements'] = []
  for (const [ai, ...own] of parts) {
    if (ai === '') elements.push(readDate(reader))
    else elements.push({ ai, value: own.map((part) => readPart(part, reader)).join('') })
  }
  const host = name.endsWith('++') ? { host: readHost(reader) } : {}
  if (!moreData) expectZeros(reader)
  const present = elements.filter(({ value }) => value !== '')
  return { scheme: name, filter, elements: present, moreData, ...host }
}

/**
 * The bits of a key; undefined when it has no such scheme, or the AI whose value it cannot hold: ''
 * is a date that is missing.
 */
export function writePlus(
  name: string,
  { filter, elements, host }: Pick<PlusTag, 'filter' | 'elements' | 'host'>,
): { bits: string } | { ai: string } | { host: string | undefined } | undefined {
  const scheme = schemes.find((one) => one.name === name)
  if (!scheme) return
  let bits = `${numberBits(String(scheme.header), 8)}0${numberBits(String(filter), 3)}`
  for (const [ai, ...parts] of scheme.parts) {
    if (ai === '') {
      const date = writeDate(elements)
      if (date === undefined) return { ai }
      bits += date
      continue
    }
    const value = elements.find((element) => element.ai === ai)?.value ?? ''
    let from = 0
    for (const part of parts) {
      const own = part.kind === 'digits' ? value.slice(0, part.count) : value.slice(from)
      const some = writePart(part, own)
      if (some === undefined) return { ai }
      bits += some
      from += own.length
    }
  }
  if (!name.endsWith('++')) return { bits }
  const named = host === undefined ? undefined : writeHost(host)
  return named === undefined ? { host } : { bits: bits + named }
}

/** Bits that hold every number of so many decimal digits. */
const integerBits = (length: number): number =>
  length === 0 ? 0 : (10n ** BigInt(length) - 1n).toString(2).length

function readPart(part: Part, reader: BitReader): string {
  if (part.kind === 'digits') return readDigits(reader, part.count)
  if (part.kind === 'text') return readText(reader, part.max)
  if (part.kind === 'mixed') return readMixed(reader, part.max)
  const at = reader.at
  const length = Number.parseInt(take(reader, 4), 2)
  if (length <= 12) return takeDigits(reader, integerBits(length), length)
  throw new BitFault(`at most 12 digits, not ${length}`, { at, length: 4 })
}

function writePart(part: Part, own: string): string | undefined {
  if (part.kind === 'digits')
    return own.length === part.count && /^\d+$/.test(own) ? nibbles(own) : undefined
  if (part.kind === 'text') return writeText(own, part.max)
  if (part.kind === 'mixed') return writeMixed(own, part.max)
  if (part.kind === 'date' || !/^\d{0,12}$/.test(own)) return
  const length = numberBits(String(own.length), 4)
  return own === '' ? length : length + numberBits(own, integerBits(own.length))
}

const nibbles = (own: string): string => own.replace(/./g, (digit) => numberBits(digit, 4))

function readDigits(reader: BitReader, count: number): string {
  let found = ''
  for (let i = 0; i < count; i++) {
    const digit = Number.parseInt(take(reader, 4), 2)
    if (digit > 9) throw new BitFault('no decimal digit', { at: reader.at - 4, length: 4 })
    found += digit
  }
  return found
}

function writeText(own: string, max: number): string | undefined {
  if (own.length > max) return
  if (own === '') return '0'.repeat(8)
  let best = -1
  for (const [i, { can, bits }] of encodings.entries()) {
    if (!can.test(own)) continue
    if (best < 0 || bits(own.length) < encodings[best]!.bits(own.length)) best = i
  }
  if (best < 0) return
  const head = numberBits(String(best), 3) + numberBits(String(own.length), 5)
  return head + writeEncoded(best, own)
}

function writeEncoded(encoding: number, own: string): string {
  const each = (write: (character: string) => string) => [...own].map(write).join('')
  switch (encoding) {
    case 0:
      return numberBits(own, integerBits(own.length))
    case 1:
    case 2:
      return each((c) => numberBits(String(Number.parseInt(c, 16)), 4))
    case 3:
      return each((c) => numberBits(String(base64.indexOf(c)), 6))
    case 4:
      return each((c) => numberBits(String(c.charCodeAt(0)), 7))
    default:
      return writeCode40(own)
  }
}

function readText(reader: BitReader, max: number): string {
  const at = reader.at
  const encoding = Number.parseInt(take(reader, 3), 2)
  const length = Number.parseInt(take(reader, 5), 2)
  const known = encodings[encoding]
  if (!known || length > max)
    throw new BitFault(`no text of encoding ${encoding} and length ${length}`, { at, length: 8 })
  if (length === 0) return ''
  const from = reader.at
  const found = readEncoded(reader, encoding, length)
  if (found.length === length && known.can.test(found)) return found
  throw new BitFault('no text of its encoding', { at: from, length: reader.at - from })
}

function readEncoded(reader: BitReader, encoding: number, length: number): string {
  const each = (bits: number, read: (code: number) => string | undefined) =>
    Array.from({ length }, () => read(Number.parseInt(take(reader, bits), 2)) ?? '').join('')
  switch (encoding) {
    case 0:
      return takeDigits(reader, integerBits(length), length)
    case 1:
      return each(4, (code) => code.toString(16).toUpperCase())
    case 2:
      return each(4, (code) => code.toString(16))
    case 3:
      return each(6, (code) => base64[code])
    case 4:
      return each(7, (code) => String.fromCharCode(code))
    default:
      return readCode40(reader, length)
  }
}

/** Digits, then F; or digits, then E and text. */
function writeMixed(own: string, max: number): string | undefined {
  if (own.length > max) return
  const start = /^\d+/.exec(own)?.[0] ?? ''
  if (start === own) return `${nibbles(own)}1111`
  const rest = writeText(own.slice(start.length), max)
  return rest === undefined ? undefined : `${nibbles(start)}1110${rest}`
}

function readMixed(reader: BitReader, max: number): string {
  let found = ''
  for (;;) {
    const at = reader.at
    const nibble = Number.parseInt(take(reader, 4), 2)
    if (nibble === 15) return found
    if (nibble === 14) return found + readText(reader, max - found.length)
    if (nibble > 9 || found.length === max)
      throw new BitFault('neither a digit nor the end of digits', { at, length: 4 })
    found += nibble
  }
}

/** Which date it is in four bits, then year, month and day in 7, 4 and 5. */
function readDate(reader: BitReader): Pick<Element, 'ai' | 'value'> {
  const at = reader.at
  const ai = dateAis[Number.parseInt(take(reader, 4), 2)]
  if (!ai) throw new BitFault('no date of a known kind', { at, length: 4 })
  const value = [7, 4, 5].map((bits) => takeDigits(reader, bits, 2)).join('')
  return { ai, value }
}

/** The first date there is; nothing but the day, whatever more its AI may hold. */
function writeDate(elements: PlusTag['elements']): string | undefined {
  for (const [number, ai] of dateAis.entries()) {
    const value = elements.find((element) => element.ai === ai)?.value
    if (value === undefined || !/^\d{6}$/.test(value)) continue
    const [year, month, day] = [value.slice(0, 2), value.slice(2, 4), value.slice(4)] as const
    return (
      numberBits(String(number), 4) +
      numberBits(year, 7) +
      numberBits(month, 4) +
      numberBits(day, 5)
    )
  }
  return
}
