// GS1 element strings (GenSpecs §7.8), to and from elements: bracketed as printed under a symbol,
// `(01)…(21)…`, and raw as in a symbol, with FNC1 as GS (0x1D) or, in writing, as `^`. Judges each
// value and repeated AIs; which AIs need or exclude each other is asked of the whole label
// (refuseCombination of ai.ts), of which this may be a part.

import type { Refusal, Result } from '../refusal.ts'
import { all, checkElements, type Element, refuse, refuseRepeats } from './ai.ts'
import { aiAt, aiEntry, predefinedLength } from './dictionary.ts'

/** FNC1 as scanners send it. */
export const fnc1 = '\u001d'

type Bare = Pick<Element, 'ai' | 'value'>

/** All elements in the order of the text. `at` says where the text starts, for the spans. */
export function parseElementString(text: string, at = 0): Result<Element[]> {
  const elements = text.startsWith('(') ? readBracketed(text) : readRaw(text)
  const read = elements.ok ? checkElements(elements.value) : elements
  const repeats = read.ok ? refuseRepeats(read.value) : []
  const result: Result<Element[]> = repeats.length ? { ok: false, refusals: repeats } : read
  return at === 0 ? result : moved(result, at)
}

/** `(01)09506000134352(21)A1`. */
export const formatBracketed = (elements: readonly Bare[]): string =>
  elements.map(({ ai, value }) => `(${ai})${escapeBrackets(value)}`).join('')

/** As in a symbol: FNC1 behind values of variable length unless they come last, and in front. */
export const formatRaw = (elements: readonly Bare[], separator = fnc1): string =>
  separator +
  elements
    .map(({ ai, value }, i) => {
      const ends = predefinedLength(ai) === undefined && i < elements.length - 1
      return ai + value + (ends ? separator : '')
    })
    .join('')

/** The human readable lines under a symbol (GenSpecs §4.15): `(10) L1`. */
export const formatHri = (elements: readonly Bare[]): string[] =>
  elements.map(({ ai, value }) => `(${ai}) ${value}`)

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
    if (!aiEntry(ai))
      return after(
        elements,
        refuse('gs1/ai-unknown', `${ai} is no AI`, { at, length: found[0].length }),
      )
    const start = head.lastIndex
    const next = /(?<!\\)\(\d{2,4}\)/g
    next.lastIndex = start
    const end = next.exec(text)?.index ?? text.length
    const value = text.slice(start, end).replaceAll('\\(', '(')
    elements.push({ ai, value, at: start, length: end - start })
    at = end
  }
  return { ok: true, value: elements }
}

function readRaw(text: string): Result<Element[]> {
  const elements: Element[] = []
  const separator = text.startsWith('^') ? '^' : fnc1
  let at = text.startsWith(separator) ? 1 : 0
  while (at < text.length) {
    const entry = aiAt(text, at)
    if (!entry) {
      const length = Math.min(4, text.length - at)
      return after(elements, refuse('gs1/ai-unknown', 'no AI starts here', { at, length }))
    }
    const { ai } = entry
    const start = at + ai.length
    const found = text.indexOf(separator, start)
    const stop = found < 0 ? text.length : found
    const fixed = predefinedLength(ai)
    const end = fixed === undefined ? stop : Math.min(at + fixed, stop)
    elements.push({ ai, value: text.slice(start, end), at: start, length: end - start })
    // An FNC1 after a value of predefined length is not needed, but GenSpecs §7.8.5 tolerates it.
    at = text[end] === separator ? end + 1 : end
  }
  if (elements.length === 0) return refuse('gs1/syntax', 'no element string', all(text))
  return { ok: true, value: elements }
}

/** What was wrong before is told first: it is often why the rest cannot be read. */
function after(
  elements: Element[],
  refused: { ok: false; refusals: Refusal[] },
): Result<Element[]> {
  const before = checkElements(elements)
  return before.ok ? refused : { ok: false, refusals: [...before.refusals, ...refused.refusals] }
}

function moved(result: Result<Element[]>, by: number): Result<Element[]> {
  const move = <T extends { at?: number }>(spot: T): T => ({ ...spot, at: (spot.at ?? 0) + by })
  if (result.ok) return { ok: true, value: result.value.map(move) }
  return { ok: false, refusals: result.refusals.map(move) }
}
