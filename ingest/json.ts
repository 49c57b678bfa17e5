// Bytes become a JSON value: strict UTF-8, strict RFC 8259. Refuses with the place of the first
// fault, which JSON.parse does not always tell. Never recurses, so that depth cannot exhaust the
// stack.
import { bounds } from '../config.ts'
import type { RefusalCode, Result } from '../domain/refusal.ts'

/**
 * Of several members with one name the last stands (RFC 8259 §4). packet/encoding or packet/json
 * else; packet/too-many-readings for more than `marksMax` members and elements.
 */
export function decodeJson(
  body: Uint8Array,
  marksMax: number = bounds.jsonMarksMax,
): Result<unknown> {
  if (hasMoreMarks(body, marksMax))
    return refused('packet/too-many-readings', `more than ${marksMax} members and elements`)
  let text: string
  try {
    text = strictUtf8.decode(body)
  } catch {
    return refused('packet/encoding', 'the body is not UTF-8 (RFC 8259 §8.1)')
  }
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch {
    const at = faultIn(text)
    const rest = text.slice(at, at + 20)
    const found = rest === '' ? 'the text ends there' : `found ${JSON.stringify(rest)}`
    return refused('packet/json', `not JSON at position ${at}: ${found}`, at)
  }
}

/**
 * Marks are at least as many as there are members and elements: parsing millions takes seconds,
 * counting them does not. An EPC has colons of its own, so texts do not count. Ends where the bytes
 * left are too few to make it more; most bodies have too few from the beginning.
 */
function hasMoreMarks(body: Uint8Array, max: number): boolean {
  let count = 0
  let isText = false
  for (let i = 0; count <= max && body.length - i > max - count; i++) {
    const byte = body[i]!
    if (byte === quote) isText = !isText
    else if (!isText) count += isMark[byte]!
    else if (byte === backslash) i++
  }
  return count > max
}

const isMark = new Uint8Array(256)
for (const mark of ':,[{') isMark[mark.charCodeAt(0)] = 1

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function refused(code: RefusalCode, detail: string, at?: number): Result<never> {
  return { ok: false, refusals: [{ code, path: '', detail, ...(at === undefined ? {} : { at }) }] }
}

/**
 * Where the first token stands that cannot follow what is before it. Called for text that is not
 * JSON.
 */
function faultIn(text: string): number {
  const open: number[] = []
  // What may come next: a value; a value or `]`; a member name; a name or `}`; what follows a
  // value.
  let next: 'value' | 'first' | 'name' | 'firstName' | 'after' = 'value'
  let at = skipSpace(text, 0)
  while (at < text.length) {
    const code = text.charCodeAt(at)
    const inside = open.length === 0 ? 0 : open[open.length - 1]!
    if (next === 'after' && code === comma && inside !== 0) {
      next = inside === brace ? 'name' : 'value'
      at++
    } else if (code === bracket + 2 || code === brace + 2) {
      const mayClose = next === 'after' || next === (inside === bracket ? 'first' : 'firstName')
      if (!mayClose || inside !== code - 2) return at
      open.pop()
      next = 'after'
      at++
    } else if (next === 'after') {
      return at
    } else if (next === 'name' || next === 'firstName') {
      const end = code === quote ? scalarEnd(text, at) : at
      if (end === at) return at
      at = skipSpace(text, end)
      if (text.charCodeAt(at) !== colon) return at
      next = 'value'
      at++
    } else if (code === bracket || code === brace) {
      open.push(code)
      next = code === bracket ? 'first' : 'firstName'
      at++
    } else {
      const end = scalarEnd(text, at)
      if (end === at) return at
      next = 'after'
      at = end
    }
    at = skipSpace(text, at)
  }
  return at
}

/** `[` and `{`; their closing ones are two code points on. */
const bracket = 0x5b
const brace = 0x7b
const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}

const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

/** The end of the string, number or word that starts here; here when it is none. */
function scalarEnd(text: string, from: number): number {
  let at = from + 1
  // A string without escapes and a number of digits need no second look: these are nearly all of
  // any body.
  let isPlain = true
  if (text.charCodeAt(from) === quote) {
    for (; at < text.length && text.charCodeAt(at) !== quote; at++) {
      const code = text.charCodeAt(at)
      if (code === backslash) at++
      if (code === backslash || code < 0x20) isPlain = false
    }
    if (at >= text.length) return text.length
    at++
  } else {
    const first = text.charCodeAt(from)
    isPlain = first > 0x30 && first <= 0x39
    for (; at < text.length && !endsWord(text.charCodeAt(at)); at++) {
      const code = text.charCodeAt(at)
      if (code < 0x30 || code > 0x39) isPlain = false
    }
  }
  if (isPlain) return at
  try {
    JSON.parse(text.slice(from, at))
    return at
  } catch {
    return from
  }
}

const endsWord = (code: number): boolean =>
  isSpace(code) ||
  code === comma ||
  code === colon ||
  code === quote ||
  code === bracket ||
  code === bracket + 2 ||
  code === brace ||
  code === brace + 2
