// Elements, an Application Identifier with its value each, judged by the table of
// dictionary.ts: lengths, character sets, content rules, and which AIs need or exclude each
// other. Knows no syntax: element strings, EPC URNs and Digital Links are read by element.ts,
// urn.ts and link.ts, and all end here.

import type { Refusal, RefusalCode, Result } from '../refusal.ts'
import { type Fault, isoDate } from './dates.ts'
import { aiEntry, aiMatches, type Component } from './dictionary.ts'
import { checkDigit, linters, lintSet, outsideSet82 } from './linters.ts'

export { checkDigit, isoDate, outsideSet82 }

/**
 * One AI with its plain value. `at` and `length` mark where it stood in the text it was read
 * from.
 */
export interface Element {
  ai: string
  value: string
  at: number
  length: number
}

/** No message, link or URN of GS1 comes near this; what is longer is not even looked at. */
export const gs1CharactersMax = 4096

export const withCheckDigit = (body: string): string => body + checkDigit(body)

/** True for digits whose last one is the check digit of those before. */
export const checkDigitHolds = (digits: string): boolean =>
  checkDigit(digits.slice(0, -1)) === digits.at(-1)

/** The qualifiers a key AI may carry, or undefined when the AI is no key. */
export const chainsOf = (ai: string): readonly (readonly string[])[] | undefined =>
  aiEntry(ai)?.chains

export const isKnownAi = (ai: string): boolean => aiEntry(ai) !== undefined

/** Undefined, or why the value cannot stand under its AI. */
export function refuseElement(element: Element): Refusal | undefined {
  const { ai, value } = element
  const entry = aiEntry(ai)
  if (!entry) return refusalAt(element, { code: 'gs1/ai-unknown', detail: `${ai} is no AI` })
  const { components } = entry
  let from = 0
  for (const component of components) {
    const left = value.length - from
    if (left === 0 && component.optional) break
    if (left < component.min) return refuseLength(element, components)
    const part = value.slice(from, from + component.max)
    const fault = faultOf(component, part)
    if (fault && !isUnknownPiece(ai, part)) return refuseFault(element, fault, from)
    from += part.length
  }
  if (from < value.length) return refuseLength(element, components)
}

/** The elements, or everything that is wrong with them. */
export function checkElements(elements: Element[]): Result<Element[]> {
  const refusals = elements.flatMap((element) => refuseElement(element) ?? [])
  return refusals.length ? { ok: false, refusals } : { ok: true, value: elements }
}

/**
 * AIs that exclude each other or miss what they need (GenSpecs §4.13, §4.14). Asked of everything
 * that one label or message says: parts of it may well lack what the others have.
 */
export function refuseCombination(elements: readonly Element[]): Refusal[] {
  const refusals: Refusal[] = []
  const present = [...new Set(elements.map((element) => element.ai))]
  const seen = new Set<string>()
  for (const element of elements) {
    const entry = aiEntry(element.ai)
    if (!entry || seen.has(element.ai)) continue
    seen.add(element.ai)
    const wrong = (detail: string) =>
      refusals.push(refusalAt(element, { code: 'gs1/ai-combination', detail }))
    const other = present.find(
      (ai) => ai !== element.ai && entry.excludes.some((pattern) => aiMatches(ai, pattern)),
    )
    if (other !== undefined) wrong(`AI ${element.ai} cannot stand beside AI ${other}`)
    const isThere = (pattern: string) => present.some((ai) => aiMatches(ai, pattern))
    if (entry.requires.length && !entry.requires.some((group) => group.every(isThere))) {
      const needed = entry.requires.map((group) => group.join(' with ')).join(', or ')
      wrong(`AI ${element.ai} needs AI ${needed}`)
    }
  }
  return [...refusals, ...refuseSignature(elements)]
}

/** The same AI may stand twice in a message when it says the same. */
export function refuseRepeats(elements: readonly Element[]): Refusal[] {
  const values = new Map<string, string>()
  return elements.flatMap((element) => {
    const first = values.get(element.ai)
    if (first === undefined) values.set(element.ai, element.value)
    if (first === undefined || first === element.value) return []
    const detail = `AI ${element.ai} occurs twice with different values`
    return refusalAt(element, { code: 'gs1/ai-combination', detail })
  })
}

/** One refusal for the whole text of a key. */
export const refuse = (
  code: RefusalCode,
  detail: string,
  { at, length }: { at: number; length: number },
): { ok: false; refusals: Refusal[] } => ({
  ok: false,
  refusals: [{ code, path: '', detail, at, length }],
})

export const all = (text: string): { at: number; length: number } => ({
  at: 0,
  length: text.length,
})

const refusalAt = (
  { at, length }: { at: number; length: number },
  { code, detail }: { code: RefusalCode; detail: string },
): Refusal => ({ code, path: '', detail, at, length })

function faultOf(component: Component, part: string): Fault | undefined {
  const strange = lintSet(component.set, part)
  if (strange) return strange
  for (const name of component.linters) {
    const fault = linters[name]?.(part)
    if (fault) return fault
  }
}

/**
 * TDS §6.3.12 writes ITIPs whose piece and total are not known as 00.00, and their URNs must have
 * a Digital Link.
 */
const isUnknownPiece = (ai: string, part: string): boolean => ai === '8006' && part === '0000'

/** Marks the characters of the value, or the whole of it when escapes have moved them. */
function refuseFault(element: Element, fault: Fault, from: number): Refusal {
  const { ai, value, at, length } = element
  const hint = fault.code === 'gs1/check-digit' ? swapHint(value, from) : ''
  const told = { code: fault.code, detail: `AI ${ai}: ${fault.detail}${hint}` }
  if (length !== value.length) return refusalAt(element, told)
  return refusalAt({ at: at + from + fault.at, length: fault.length }, told)
}

function refuseLength(element: Element, components: readonly Component[]): Refusal {
  const { ai, value } = element
  let least = 0
  let most = 0
  for (const { min, max, optional } of components) {
    most += max
    if (!optional) least += min
  }
  const fits = value.length >= least && value.length <= most
  const right = least === most ? `${least}` : `${least} to ${most}`
  const detail = fits
    ? `AI ${ai} ends in the middle of a part after ${value.length} characters`
    : `AI ${ai} has ${right} characters, not ${value.length}`
  return refusalAt(element, { code: 'gs1/length', detail })
}

/** Typed numbers go wrong by swapped neighbours most of all: tells of the one swap that fits. */
function swapHint(value: string, from: number): string {
  const digits = /^\d+/.exec(value.slice(from))?.[0] ?? ''
  const body = digits.length > 18 ? '' : digits
  const swaps: string[] = []
  for (let i = 0; i + 1 < body.length; i++) {
    const swapped = body.slice(0, i) + body[i + 1] + body[i] + body.slice(i + 2)
    if (swapped !== body && checkDigitHolds(swapped)) swaps.push(swapped)
  }
  return swaps.length === 1 ? `, or two digits are swapped: ${swaps[0]}?` : ''
}

/** GenSpecs §3.8.18: what a digital signature signs is one thing, so its key has a serial. */
function refuseSignature(elements: readonly Element[]): Refusal[] {
  const signature = elements.find((element) => element.ai === '8030')
  const bare: Readonly<Record<string, number>> = { '253': 13, '255': 13, '8003': 14 }
  const key = elements.find(({ ai, value }) => bare[ai] === value.length)
  if (!signature || !key) return []
  const detail = `AI 8030 signs a serialised key, and AI ${key.ai} has no serial here`
  return [refusalAt(signature, { code: 'gs1/ai-combination', detail })]
}
