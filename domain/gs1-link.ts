// GS1 Digital Link URIs (GS1 Digital Link Standard: URI Syntax) on any domain, read into elements.
// Says undefined for a web address that is no Digital Link at all, and refuses one that is meant
// to be but is wrong: a unit under a mistyped name would be a unit nobody finds.
import { all, chainsOf, checkElements, type Element, refuse, refuseElement } from './gs1-ai.ts'
import type { Refusal, Result } from './refusal.ts'

/** Names in place of AIs, from version 1.1 of the standard: still found in the field. */
const names: Readonly<Record<string, string>> = {
  gtin: '01',
  itip: '8006',
  cpid: '8010',
  gln: '414',
  party: '417',
  gsrnp: '8017',
  gsrn: '8018',
  gcn: '255',
  sscc: '00',
  gdti: '253',
  ginc: '401',
  gsin: '402',
  grai: '8003',
  giai: '8004',
  cpv: '22',
  lot: '10',
  ser: '21',
  tpx: '235',
  cpsn: '8011',
  glnx: '254',
  srin: '8019',
}

interface Segment {
  text: string
  at: number
}

/** The key, its qualifiers and AI 10 and 17 of the query, in this order. */
export function parseLink(text: string): Result<Element[]> | undefined {
  const url = /^(?:https?|HTTPS?):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/.exec(text)
  if (!url || !/^[A-Za-z0-9.:[\]_~-]+$/.test(url[1]!)) return
  const host = url[1]!
  const path = url[2]!
  const pathAt = text.indexOf(path, text.indexOf('//') + 2 + host.length)
  const segments = splitAt(path.slice(1), '/', pathAt + 1)
  const start = keyIndex(segments)
  // Every path of two or more parts at the resolver of GS1 itself is a Digital Link.
  const own = host === 'id.gs1.org' && /^\/(\d{2,4}|[a-z]+)\/./.test(path)
  if (start === undefined)
    return own
      ? refuse('gs1/key-unknown', 'no key with its value in the path', all(text))
      : undefined
  const refusals: Refusal[] = []
  const elements: Element[] = []
  for (let i = start; i < segments.length - 1; i += 2) {
    const value = percentDecode(segments[i + 1]!, refusals)
    const { at, text: raw } = segments[i + 1]!
    elements.push({ ai: aiOf(segments[i]!.text)!, value, at, length: raw.length })
  }
  const key = elements[0]!
  if (key.ai === '01') padGtin(key)
  if (!own && !looksLikeKey(key)) return
  const chain = refuseChain(elements)
  if (chain) refusals.push(chain)
  if (url[3]) readQuery(url[3], { at: pathAt + path.length + 1, elements, refusals })
  if (refusals.length) return { ok: false, refusals }
  return checkElements(elements)
}

const aiOf = (segment: string): string | undefined =>
  Object.hasOwn(names, segment) ? names[segment] : /^\d{2,4}$/.test(segment) ? segment : undefined

/** The rightmost key AI from which on the path is made of pairs of AI and value. */
function keyIndex(segments: Segment[]): number | undefined {
  for (let i = segments.length - 2; i >= 0; i -= 2) {
    const ai = aiOf(segments[i]!.text)
    if (ai === undefined) break
    if (chainsOf(ai)) return i
  }
  // A slash at the end is not a value.
  if (segments.at(-1)?.text !== '' || segments.length < 3) return
  segments.pop()
  return keyIndex(segments)
}

/** GTIN-8, -12 and -13 stand for the GTIN-14 with zeros in front. */
function padGtin(key: Element): void {
  if (/^(\d{8}|\d{12}|\d{13})$/.test(key.value)) key.value = key.value.padStart(14, '0')
}

/**
 * Whether a path on a foreign domain means this key. A wrong length or letters mean something
 * else; so does a wrong check digit on eight digits, which may be a date (/2026/01/20260131).
 */
function looksLikeKey(key: Element): boolean {
  const refusal = refuseElement(key)
  return !refusal || (refusal.code === 'gs1/check-digit' && key.length > 8)
}

/** The qualifiers must come from one chain of the key, in its order, each at most once. */
function refuseChain(elements: Element[]): Refusal | undefined {
  const [key, ...rest] = elements as [Element, ...Element[]]
  if (rest.length === 0) return
  const chains = chainsOf(key.ai)!
  for (const chain of chains) {
    const places = rest.map((element) => chain.indexOf(element.ai))
    if (places.every((place, i) => place > (i === 0 ? -1 : places[i - 1]!))) return
  }
  const { at, length } = rest[0]!
  const right = chains.map((chain) => chain.join(', ')).join(' or ') || 'no qualifiers'
  const found = rest.map((element) => element.ai).join(', ')
  const detail = `AI ${key.ai} takes ${right} in this order, not ${found}`
  return { code: 'gs1/syntax', path: '', detail, at, length }
}

/**
 * Data attributes. Lot and expiry are kept; a lot in the query of a link without a serial is
 * refused, because the identity of a lot must not hide in a query; so is a serial.
 */
function readQuery(
  query: string,
  { at, elements, refusals }: { at: number; elements: Element[]; refusals: Refusal[] },
): void {
  const seen = new Set(elements.map((element) => element.ai))
  const serial = seen.has('21')
  for (const { text, at: start } of splitAt(query, '&', at)) {
    const equals = text.indexOf('=')
    const ai = aiOf(equals < 0 ? text : text.slice(0, equals))
    if (ai === undefined || !/^\d/.test(text)) continue
    const raw = { text: text.slice(equals + 1).replaceAll('+', ' '), at: start + equals + 1 }
    const element = { ai, value: percentDecode(raw, refusals), at: raw.at, length: raw.text.length }
    const wrong = (detail: string) =>
      refusals.push({ code: 'gs1/syntax', path: '', detail, at: start, length: text.length })
    if (seen.has(ai)) wrong(`AI ${ai} occurs twice`)
    else if (equals < 0 || element.value === '') wrong(`AI ${ai} has no value`)
    else if (ai === '21' || ai === '235' || (ai === '10' && elements[0]!.ai === '01' && !serial))
      wrong(`AI ${ai} identifies: it belongs into the path`)
    else if (/[^!"%-?A-Z_a-z]/.test(element.value))
      wrong(`AI ${ai} has a character that is not allowed`)
    else if (ai === '10' || ai === '17') elements.push(element)
    seen.add(ai)
  }
}

/** RFC 3986 §2.1. A lone % is refused; the value then stays as it is. */
function percentDecode(segment: Segment, refusals: Refusal[]): string {
  const { text, at } = segment
  if (!text.includes('%')) return text
  const bad = text.search(/%(?![0-9A-Fa-f]{2})/)
  if (bad < 0)
    return text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const detail = '% starts an escape of two hex digits'
  refusals.push({ code: 'gs1/syntax', path: '', detail, at: at + bad, length: 1 })
  return text
}

function splitAt(text: string, divider: string, at: number): Segment[] {
  let from = at
  return text.split(divider).map((part) => {
    const segment = { text: part, at: from }
    from += part.length + 1
    return segment
  })
}
