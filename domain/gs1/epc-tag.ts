// EPC tags (GS1 EPC Tag Data Standard): the hexadecimal content of their EPC memory behind the
// protocol control word, and their tag URIs (`urn:epc:tag:sgtin-96:3.…`), to and from EPCs. A tag
// says more than the EPC it carries: filter value and scheme; and its 96-bit schemes cannot carry
// every EPC, so the way to a tag may be refused.

import type { Result } from '../refusal.ts'
import { all, checkElements, type Element, refuse } from './ai.ts'
import { formatBracketed, parseElementString } from './element.ts'
import { binarySchemes, readBits, writeBits } from './epc-binary.ts'
import { bitsOf, hexOf, readingTag, take } from './epc-bits.ts'
import { isPlusHeader, plusSchemeNames, readPlus, writePlus } from './epc-plus.ts'
import { parseLink } from './link.ts'
import { escapePart, isForeignUrn, parseUrn } from './urn.ts'

export interface EpcTag {
  /** `sgtin-96`, `sgtin+` and the like. */
  scheme: string
  /** What is tagged, 0 to 7 (§10); for USDOD to 15, for ADI to 63. Always 0 for a GID. */
  filter: number
  /** The EPC: a URN for schemes that keep the company prefix apart, else an element string. */
  epc: string
  /** Of the ++ schemes: the host of the Digital Link that the tag stands for. */
  host?: string
}

/** The longest scheme holds 62 characters of six bits; a tag is at most this long. */
const hexDigitsMax = 256

/** What the hexadecimal EPC memory of a tag says; zeros behind its end do not count. */
export function decodeTag(hex: string): Result<EpcTag> {
  if (hex.length > hexDigitsMax)
    return refuse('gs1/binary', `a tag has at most ${hexDigitsMax} hex digits`, all(hex))
  const strange = hex.search(/[^0-9A-Fa-f]/)
  if (strange >= 0)
    return refuse('gs1/binary', 'want hexadecimal digits', { at: strange, length: 1 })
  const header = Number.parseInt(hex.slice(0, 2), 16)
  const scheme = binarySchemes.find((one) => one.header === header)
  if (!scheme && !isPlusHeader(header))
    return refuse('gs1/binary', `no EPC scheme has the header ${hex.slice(0, 2)}`, {
      at: 0,
      length: Math.min(2, hex.length),
    })
  const reader = { bits: bitsOf(hex), at: 0 }
  const read = readingTag(() => {
    take(reader, 8)
    if (!scheme) {
      const { scheme: name, filter, elements, host } = readPlus(header, reader)
      const named = host === undefined ? {} : { host }
      return { tag: { scheme: name, filter, epc: formatBracketed(elements), ...named }, elements }
    }
    const { filter, parts } = readBits(scheme, reader)
    const epc = `urn:epc:id:${scheme.urn}:${parts.map(escapePart).join('.')}`
    return { tag: { scheme: scheme.name, filter, epc }, elements: [] }
  })
  if (!read.ok) return read
  const { tag, elements }: { tag: EpcTag; elements: readonly Pick<Element, 'ai' | 'value'>[] } =
    read.value
  const refusal = scheme ? refuseUrn(tag.epc) : refuseElements(elements)
  if (refusal) return refuse('gs1/binary', refusal, all(hex))
  return { ok: true, value: tag }
}

/**
 * The hexadecimal EPC memory of a tag, in whole words of 16 bits. `epc` is a URN, or for the
 * schemes with + an element string or Digital Link, whose host those with ++ take when none is
 * given. gs1/binary when the scheme cannot hold it; the
 * span is that of the part of the EPC.
 */
export function encodeTag(tag: EpcTag): Result<string> {
  const { scheme: name, filter, epc } = tag
  const scheme = binarySchemes.find((one) => one.name === name)
  if (plusSchemeNames.includes(name)) return encodePlus(tag)
  if (!scheme) return refuse('gs1/binary', `there is no scheme ${name} to write`, all(epc))
  if (!filterFits(filter, scheme.filterBits))
    return refuse('gs1/binary', noFilter(filter), all(epc))
  const wrong = refuseUrn(epc)
  const start = `urn:epc:id:${scheme.urn}:`
  if (wrong || !epc.startsWith(start))
    return refuse('gs1/binary', wrong ?? `${name} holds ${start}…`, all(epc))
  const count = scheme.fields.reduce((sum, { parts }) => sum + parts, 0)
  const body = epc.slice(start.length)
  const parts = splitBody(body, count)
  const written = writeBits(scheme, { filter, parts: parts.map(unescaped) })
  if ('bits' in written) return { ok: true, value: hexOf(written.bits) }
  const part = parts[written.part] ?? ''
  const at = epc.length - body.length + parts.slice(0, written.part).join('.').length
  return refuse('gs1/binary', `${name} cannot hold ${JSON.stringify(part)}`, {
    at: written.part === 0 ? at : at + 1,
    length: part.length,
  })
}

/** `urn:epc:tag:sgtin-96:3.0614141.812345.6789`; the schemes with + have none. */
export function formatTagUri({ scheme, filter, epc }: EpcTag): Result<string> {
  const known = binarySchemes.find(({ name }) => name === scheme)
  const body = /^urn:epc:id:[a-z]+:(.*)$/.exec(epc)?.[1]
  if (!known || body === undefined)
    return refuse('gs1/binary', `${scheme} has no tag URI`, { at: 0, length: 0 })
  const front = known.filterBits ? `${filter}.` : ''
  return { ok: true, value: `urn:epc:tag:${scheme}:${front}${body}` }
}

/** Refuses what the scheme cannot hold, too. */
export function parseTagUri(text: string): Result<EpcTag> {
  const found = /^urn:epc:tag:([a-z]+-(?:\d+|var)):(.{1,1000})$/.exec(text)
  const scheme = binarySchemes.find(({ name }) => name === found?.[1])
  if (!found || !scheme)
    return refuse('gs1/syntax', 'want urn:epc:tag: with a scheme like sgtin-96', all(text))
  const { name, urn, filterBits } = scheme
  const front = filterBits ? /^(\d{1,2})\./.exec(found[2]!) : ['', '0']
  if (!front) return refuse('gs1/syntax', 'want a filter value and a dot', all(text))
  const body = found[2]!.slice(front[0]!.length)
  const tag = { scheme: name, filter: Number(front[1]), epc: `urn:epc:id:${urn}:${body}` }
  const hex = encodeTag(tag)
  if (hex.ok) return { ok: true, value: tag }
  const shift = text.length - tag.epc.length
  const refusals = hex.refusals.map(({ at = 0, length = 0, ...rest }) => ({
    ...rest,
    at: Math.max(0, at + shift),
    length: Math.min(length, text.length),
  }))
  return { ok: false, refusals }
}

function encodePlus({ scheme, filter, epc, host: given }: EpcTag): Result<string> {
  if (!filterFits(filter, 3)) return refuse('gs1/binary', noFilter(filter), all(epc))
  const elements = /^https?:/i.test(epc) ? parseLink(epc) : parseElementString(epc)
  if (!elements) return refuse('gs1/binary', 'no GS1 key', all(epc))
  if (!elements.ok) return elements
  const host = given ?? /^https?:\/\/([^/?#]+)/i.exec(epc)?.[1]
  const named = host === undefined ? {} : { host }
  const written = writePlus(scheme, { filter, elements: elements.value, ...named })
  if (!written) return refuse('gs1/binary', `there is no scheme ${scheme} to write`, all(epc))
  if ('bits' in written) return { ok: true, value: hexOf(written.bits) }
  if ('host' in written) {
    const detail =
      host === undefined ? 'the host of a Digital Link' : `a host it can hold, not ${host}`
    return refuse('gs1/binary', `${scheme} needs ${detail}`, all(epc))
  }
  const wrong = elements.value.find((element) => element.ai === written.ai)
  const what =
    written.ai === '' ? 'a date: AI 11, 13, 15, 16, 17, 7006 or 7007' : `AI ${written.ai}`
  return refuse(
    'gs1/binary',
    `${scheme} needs ${what} with a value that it can hold`,
    wrong ?? all(epc),
  )
}

const filterFits = (filter: number, bits: number): boolean =>
  Number.isInteger(filter) && filter >= 0 && filter < 2 ** bits

const noFilter = (filter: number): string => `there is no filter value ${filter}`

function refuseUrn(urn: string): string | undefined {
  if (isForeignUrn(urn)) return
  const elements = parseUrn(urn)
  return elements.ok ? undefined : elements.refusals[0]!.detail
}

function refuseElements(elements: readonly Pick<Element, 'ai' | 'value'>[]): string | undefined {
  const checked = checkElements(elements.map((element) => ({ ...element, at: 0, length: 0 })))
  return checked.ok ? undefined : checked.refusals[0]!.detail
}

/** The last part may hold dots. */
function splitBody(body: string, count: number): string[] {
  const parts = body.split('.')
  return parts.length <= count
    ? parts
    : [...parts.slice(0, count - 1), parts.slice(count - 1).join('.')]
}

const unescaped = (part: string): string =>
  part.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
