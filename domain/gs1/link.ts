// GS1 Digital Link URIs (GS1 Digital Link Standard: URI Syntax) on any domain, and elements.
// Says undefined for a web address that is no Digital Link at all, and refuses one that is meant
// to be but is wrong: a unit under a mistyped name would be a unit nobody finds.

import type { Refusal, Result } from '../refusal.ts'
import {
  all,
  chainsOf,
  checkElements,
  type Element,
  isKnownAi,
  refuse,
  refuseElement,
} from './ai.ts'
import { aiEntry, predefinedLength } from './dictionary.ts'

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
  gmn: '8013',
  refno: '8020',
}

export interface LinkReading {
  /** False: keys are read as they are written, for whoever only compares them. */
  checkDigits?: boolean
}

interface Segment {
  text: string
  at: number
}

/**
 * The key, its qualifiers, and the attributes of the query in their order; what is no AI there is
 * left to its owner.
 */
export function parseLink(
  text: string,
  { checkDigits = true }: LinkReading = {},
): Result<Element[]> | undefined {
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
    return own || isCompressed(host, path) ? refuseOwn(text, path) : undefined
  const refusals: Refusal[] = []
  const elements: Element[] = []
  for (let i = start; i < segments.length - 1; i += 2) {
    const value = percentDecode(segments[i + 1]!, refusals)
    const { at, text: raw } = segments[i + 1]!
    elements.push({ ai: aiOf(segments[i]!.text)!, value, at, length: raw.length })
  }
  const key = elements[0]!
  padGtin(key)
  if (!own && !looksLikeKey(key, checkDigits)) return
  if (path.endsWith('/')) refusals.push(refuseSlash(pathAt + path.length - 1))
  const chain = refuseChain(elements)
  if (chain) refusals.push(chain)
  if (url[3]) readQuery(url[3], { at: pathAt + path.length + 1, elements, refusals })
  const checked = checkElements(elements)
  if (!checked.ok) refusals.push(...checked.refusals)
  const fatal = refusals.filter(({ code }) => checkDigits || code !== 'gs1/check-digit')
  return fatal.length ? { ok: false, refusals } : { ok: true, value: elements }
}

/**
 * A Digital Link below a stem like `https://example.com/some/path`, without a slash at its end.
 * The first key among the elements leads, its qualifiers follow in their order, the others stand
 * in the query, those of predefined length first. Refused: no key, qualifiers of two chains, an AI
 * that may not stand in a query.
 */
export function formatLink(
  elements: readonly Pick<Element, 'ai' | 'value'>[],
  stem = 'https://id.gs1.org',
): Result<string> {
  const span = { at: 0, length: 0 }
  const key = elements.find(({ ai }) => chainsOf(ai))
  if (!key) return refuse('gs1/key-unknown', 'a Digital Link needs a key', span)
  const present = (chain: readonly string[]) =>
    chain.flatMap((ai) => elements.find((element) => element.ai === ai) ?? [])
  const chains = chainsOf(key.ai)!
  const chain = chains.reduce<readonly Pick<Element, 'ai' | 'value'>[]>((best, one) => {
    const found = present(one)
    return found.length > best.length ? found : best
  }, [])
  const path = [key, ...chain].map(({ ai, value }) => `/${ai}/${escapeUri(value, 'path')}`).join('')
  const rest = new Map<string, string>()
  for (const { ai, value } of elements) {
    if (ai === key.ai || chain.some((element) => element.ai === ai)) continue
    const detail = refuseAttribute(ai, chains, chain)
    if (detail) return refuse('gs1/ai-combination', detail, span)
    rest.set(ai, value)
  }
  const fixedFirst = (ai: string) => (predefinedLength(ai) === undefined ? 1 : 0)
  const query = [...rest]
    .sort(([a], [b]) => fixedFirst(a) - fixedFirst(b))
    .map(([ai, value]) => `${ai}=${escapeUri(value, 'query')}`)
    .join('&')
  return { ok: true, value: stem + path + (query && `?${query}`) }
}

/** RFC 3986 §2.3: all but the unreserved characters is escaped, so that there is one spelling. */
export function escapeUri(text: string, part: 'path' | 'query'): string {
  if (/^[A-Za-z0-9._~-]*$/.test(text)) return text
  const escaped = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return part === 'query' ? escaped.replaceAll('%20', '+') : escaped
}

/** What is no escape stays as it is. `+` is a space in a query only. */
export const unescapeUri = (text: string, part: 'path' | 'query'): string =>
  (part === 'query' ? text.replaceAll('+', ' ') : text).replace(
    /%([0-9A-Fa-f]{2})/g,
    (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)),
  )

const aiOf = (segment: string): string | undefined =>
  Object.hasOwn(names, segment) ? names[segment] : /^\d{2,4}$/.test(segment) ? segment : undefined

/** The rightmost key AI from which on the path is made of pairs of AI and value. */
function keyIndex(segments: Segment[]): number | undefined {
  for (let i = segments.length - 2; i >= 0; i -= 2) {
    const ai = aiOf(segments[i]!.text)
    if (ai === undefined) break
    if (chainsOf(ai)) return i
  }
  // A slash at the end is not a value: told as such, so that the key before it is seen.
  if (segments.at(-1)?.text !== '' || segments.length < 3) return
  segments.pop()
  return keyIndex(segments)
}

/** GTIN-8, -12 and -13 stand for the GTIN-14 with zeros in front. */
function padGtin(element: Element): void {
  if (element.ai === '01' && /^(\d{8}|\d{12}|\d{13})$/.test(element.value))
    element.value = element.value.padStart(14, '0')
}

/** A compressed link is one part of base64url, perhaps behind a key that was left readable. */
const isCompressed = (host: string, path: string): boolean =>
  host === 'id.gs1.org' && /^\/([0-9]{2,4}\/[0-9]+\/)?[A-Za-z0-9_-]{10,}$/.test(path)

const refuseOwn = (text: string, path: string) =>
  isCompressed('id.gs1.org', path)
    ? refuse('gs1/syntax', 'compressed Digital Links are not read: want the plain form', all(text))
    : refuse('gs1/key-unknown', 'no key with its value in the path', all(text))

/**
 * Whether a path on a foreign domain means this key. A wrong length or letters mean something
 * else; so does a wrong check digit on eight digits, which may be a date (/2026/01/20260131).
 */
function looksLikeKey(key: Element, checkDigits: boolean): boolean {
  const refusal = refuseElement(key)
  if (refusal?.code !== 'gs1/check-digit') return !refusal
  return !checkDigits || key.length > 8
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

/** DL URI Syntax §4: a path ends with a value. */
const refuseSlash = (at: number): Refusal => ({
  code: 'gs1/syntax',
  path: '',
  detail: 'a Digital Link does not end in a slash',
  at,
  length: 1,
})

/** Data attributes: AIs that say something about the thing without naming it. */
function readQuery(
  query: string,
  { at, elements, refusals }: { at: number; elements: Element[]; refusals: Refusal[] },
): void {
  const seen = new Set(elements.map((element) => element.ai))
  const chains = chainsOf(elements[0]!.ai)!
  const qualifiers = elements.slice(1)
  for (const { text, at: start } of splitAt(query, '&', at)) {
    const equals = text.indexOf('=')
    const ai = equals < 0 ? text : text.slice(0, equals)
    // Digits are for AIs alone; other names are the business of whoever runs the resolver.
    if (!/^\d{2,4}$/.test(ai)) continue
    const raw = { text: text.slice(equals + 1).replaceAll('+', ' '), at: start + equals + 1 }
    const element = { ai, value: percentDecode(raw, refusals), at: raw.at, length: raw.text.length }
    padGtin(element)
    const wrong = (code: Refusal['code'], detail: string) =>
      refusals.push({ code, path: '', detail, at: start, length: text.length })
    const misplaced = refuseAttribute(ai, chains, qualifiers)
    if (!isKnownAi(ai)) wrong('gs1/ai-unknown', `${ai} is no AI`)
    else if (seen.has(ai)) wrong('gs1/ai-combination', `AI ${ai} occurs twice`)
    else if (equals < 0 || element.value === '') wrong('gs1/length', `AI ${ai} has no value`)
    else if (misplaced) wrong('gs1/syntax', misplaced)
    else elements.push(element)
    seen.add(ai)
  }
}

/**
 * The identity of a thing must not hide in a query (DL URI Syntax §4.8). Qualifiers of a chain that
 * those in the path rule out are attributes: the lot of an item with a TPX names nothing.
 */
function refuseAttribute(
  ai: string,
  chains: readonly (readonly string[])[],
  qualifiers: readonly Pick<Element, 'ai'>[],
): string | undefined {
  const open = chains.filter((chain) => qualifiers.every((one) => chain.includes(one.ai)))
  if (open.some((chain) => chain.includes(ai)))
    return `AI ${ai} qualifies the key: it belongs into the path, or there is no place for it`
  if (!aiEntry(ai)?.attribute) return `AI ${ai} may not stand in the query of a Digital Link`
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
