// GS1 element strings (GenSpecs §7.8): bracketed as printed under a symbol, `(01)…(21)…`, and raw
// as a scanner sends them, with FNC1 as GS (0x1D) and an optional symbology identifier. AIs that
// neither are a key nor qualify one are skipped by their length only; their content is not judged.
import { all, checkElements, type Element, isKnownAi, outsideSet82, refuse } from './gs1-ai.ts'
import type { Result } from './refusal.ts'

/** GS1-128, GS1 DataMatrix, GS1 QR Code, GS1 DataBar and composites, GS1 DotCode. */
const symbology = /^\](?:C1|d2|Q3|e0|J1)/

/** Digits of an AI by its first two (GenSpecs Fig. 7.8.5-1). Two where nothing is said. */
const longAis: Readonly<Record<string, number>> = {
  '23': 3,
  '24': 3,
  '25': 3,
  '40': 3,
  '41': 3,
  '42': 3,
  '71': 3,
  '31': 4,
  '32': 4,
  '33': 4,
  '34': 4,
  '35': 4,
  '36': 4,
  '39': 4,
  '43': 4,
  '70': 4,
  '72': 4,
  '80': 4,
  '81': 4,
  '82': 4,
}
const shortAis = /^(0[0-4]|1[0-9]|2[0-2]|30|37|9[0-9])$/

/**
 * Length of AI and value together when no FNC1 is needed (GenSpecs Fig. 7.8.5-2), by the first
 * two digits.
 */
const fixedLengths: Readonly<Record<string, number>> = {
  '00': 20,
  '01': 16,
  '02': 16,
  '03': 16,
  '04': 18,
  '11': 8,
  '12': 8,
  '13': 8,
  '14': 8,
  '15': 8,
  '16': 8,
  '17': 8,
  '18': 8,
  '19': 8,
  '20': 4,
  '31': 10,
  '32': 10,
  '33': 10,
  '34': 10,
  '35': 10,
  '36': 10,
  '41': 16,
}

/** FNC1 as scanners send it. */
export const fnc1 = '\u001d'

/** All elements in the order of the text; those known to gs1-ai.ts are checked. */
export function parseElementString(text: string): Result<Element[]> {
  const elements = text.startsWith('(') ? readBracketed(text) : readRaw(text)
  if (!elements.ok) return elements
  const values = new Map<string, string>()
  for (const { ai, value, at, length } of elements.value) {
    const strange = isKnownAi(ai) ? -1 : outsideSet82(value)
    if (strange >= 0)
      return refuse('gs1/charset', `AI ${ai} has a character that is not allowed`, { at, length })
    if (values.has(ai) && values.get(ai) !== value)
      return refuse('gs1/syntax', `AI ${ai} occurs twice with different values`, { at, length })
    values.set(ai, value)
  }
  return checkElements(elements.value)
}

/** `(` within a value is written `\(`, as GS1's own tools do. */
export const escapeBrackets = (value: string): string => value.replaceAll('(', '\\(')

function readBracketed(text: string): Result<Element[]> {
  const elements: Element[] = []
  const head = /\((\d{2,4})\)/y
  let at = 0
  while (at < text.length) {
    head.lastIndex = at
    const found = head.exec(text)
    if (!found) return refuse('gs1/syntax', 'want an AI in brackets here', { at, length: 1 })
    const ai = found[1]!
    if (aiLength(ai) !== ai.length)
      return refuse('gs1/key-unknown', `${ai} is no AI`, { at, length: found[0].length })
    const start = head.lastIndex
    const next = /(?<!\\)\(\d{2,4}\)/g
    next.lastIndex = start
    const end = next.exec(text)?.index ?? text.length
    const value = text.slice(start, end).replaceAll('\\(', '(')
    const refusal = refuseLength(ai, value, { at: start, length: end - start })
    if (refusal) return refusal
    elements.push({ ai, value, at: start, length: end - start })
    at = end
  }
  return { ok: true, value: elements }
}

function readRaw(text: string): Result<Element[]> {
  const elements: Element[] = []
  let at = symbology.exec(text)?.[0].length ?? 0
  if (text[at] === fnc1) at++
  while (at < text.length) {
    const ai = text.slice(at, at + aiLength(text.slice(at, at + 2)))
    if (!/^\d{2,4}$/.test(ai) || aiLength(ai) !== ai.length)
      return refuse('gs1/key-unknown', 'no AI starts here', { at, length: Math.max(ai.length, 1) })
    const start = at + ai.length
    const separator = text.indexOf(fnc1, start)
    const stop = separator < 0 ? text.length : separator
    const fixed = fixedLengths[ai.slice(0, 2)]
    const end = fixed === undefined ? stop : Math.min(at + fixed, stop)
    const value = text.slice(start, end)
    const refusal = refuseLength(ai, value, { at: start, length: end - start })
    if (refusal) return refusal
    elements.push({ ai, value, at: start, length: end - start })
    // An FNC1 after a value of fixed length is not needed, but GenSpecs §7.8.5 tolerates it.
    at = text[end] === fnc1 ? end + 1 : end
  }
  if (elements.length === 0) return refuse('gs1/syntax', 'no element string', all(text))
  return { ok: true, value: elements }
}

/** How long the AI is that starts with these digits; 0 when none does. */
const aiLength = (start: string): number =>
  longAis[start.slice(0, 2)] ?? (shortAis.test(start.slice(0, 2)) ? 2 : 0)

function refuseLength(ai: string, value: string, span: { at: number; length: number }) {
  const fixed = fixedLengths[ai.slice(0, 2)]
  if (value === '') return refuse('gs1/length', `AI ${ai} has no value`, span)
  if (fixed !== undefined && ai.length + value.length !== fixed) {
    const detail = `AI ${ai} has ${fixed - ai.length} characters, not ${value.length}`
    return refuse('gs1/length', detail, span)
  }
}
