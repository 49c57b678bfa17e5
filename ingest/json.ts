// Bytes become a JSON value: strict UTF-8, strict RFC 8259. Refuses with the place of the first fault, which
// JSON.parse does not always tell. Never recurses, so that depth cannot exhaust the stack.
import type { RefusalCode, Result } from '../domain/refusal.ts'

/** Of several members with one name the last stands (RFC 8259 §4). packet/encoding or packet/json else. */
export function decodeJson(body: Uint8Array): Result<unknown> {
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

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function refused(code: RefusalCode, detail: string, at?: number): Result<never> {
  return { ok: false, refusals: [{ code, path: '', detail, ...(at === undefined ? {} : { at }) }] }
}

/** Where the first token stands that cannot follow what is before it. Called for text that is not JSON. */
function faultIn(text: string): number {
  const open: ('{' | '[')[] = []
  // What may come next: a value; a value or `]`; a member name; a name or `}`; what follows a value.
  let next: 'value' | 'first' | 'name' | 'firstName' | 'after' = 'value'
  let at = skipSpace(text, 0)
  while (at < text.length) {
    const char = text[at]!
    const inside = open.at(-1)
    if (next === 'after' && char === ',' && inside !== undefined) {
      next = inside === '{' ? 'name' : 'value'
      at++
    } else if (char === ']' || char === '}') {
      const mayClose = next === 'after' || next === (char === ']' ? 'first' : 'firstName')
      if (!mayClose || inside !== (char === ']' ? '[' : '{')) return at
      open.pop()
      next = 'after'
      at++
    } else if (next === 'after') {
      return at
    } else if (next === 'name' || next === 'firstName') {
      const end = char === '"' ? scalarEnd(text, at) : at
      if (end === at) return at
      at = skipSpace(text, end)
      if (text[at] !== ':') return at
      next = 'value'
      at++
    } else if (char === '[' || char === '{') {
      open.push(char)
      next = char === '[' ? 'first' : 'firstName'
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

function skipSpace(text: string, from: number): number {
  let at = from
  while (' \t\n\r'.includes(text[at] ?? 'end')) at++
  return at
}

/** The end of the string, number or word that starts here; here when it is none. */
function scalarEnd(text: string, from: number): number {
  let at = from + 1
  if (text[from] === '"') {
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    if (at >= text.length) return text.length
    at++
  } else {
    while (at < text.length && !' \t\n\r,:[]{}"'.includes(text[at]!)) at++
  }
  try {
    JSON.parse(text.slice(from, at))
    return at
  } catch {
    return from
  }
}
