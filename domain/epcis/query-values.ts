// The values of query parameters, read to what a condition needs or refused with what would be
// right. A URL carries texts, lists divided by | (EPCIS 2.0 REST binding); JSON carries types.
// Knows no parameter: their table is in query-parse.ts.

import { isAbsoluteUri } from '../gs1/gs1.ts'
import type { Refusal, RefusalCode } from '../refusal.ts'
import { parseRfc3339 } from '../rfc3339.ts'
import type { Vocabulary } from './cbv.ts'
import { type EpcPattern, parseEpcPattern } from './query-epcs.ts'
import { type FieldTest, numberOf, type Prefixes } from './query-fields.ts'
import { comparableId, comparableTerm } from './query-match.ts'

/** What one query may hold; what is beyond it is no question, but a load. */
export const queryLimits = { parametersMax: 200, valuesMax: 2000, valueCharsMax: 4000 }

/** What is known while a query is read. */
export interface Reading {
  refusals: Refusal[]
  prefixes: Prefixes
  /** What stands before the name of a parameter in the path of a refusal. */
  path: string
  values: number
}

/** One parameter with its values, of which JSON says their types. */
export interface Parameter {
  name: string
  values: readonly unknown[]
  fromUrl: boolean
}

/** Always undefined, so that a reader can return it. */
export function refuse(
  reading: Reading,
  { name }: { name: string },
  detail: string,
  code: RefusalCode = 'epcis/query-parameter',
): undefined {
  reading.refusals.push({ code, path: `${reading.path}/${name}`, detail })
}

/** At least one text, none of them empty. */
export function texts(parameter: Parameter, reading: Reading): string[] | undefined {
  const found = parameter.values.map((value) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined,
  )
  reading.values += found.length
  if (found.length === 0 || found.includes(undefined) || found.includes(''))
    return refuse(reading, parameter, 'want one or more values')
  if (found.some((text) => text!.length > queryLimits.valueCharsMax))
    return refuse(reading, parameter, `a value has at most ${queryLimits.valueCharsMax} characters`)
  return found as string[]
}

export function text(parameter: Parameter, reading: Reading): string | undefined {
  const found = texts(parameter, reading)
  if (!found || found.length === 1) return found?.[0]
  return refuse(reading, parameter, 'want one value')
}

/** Every value read by `each`, which says what is wrong by giving undefined. */
export function each<T>(
  parameter: Parameter,
  reading: Reading,
  { read, want }: { read: (value: string) => T | undefined; want: string },
): Set<T> | undefined {
  const found = texts(parameter, reading)
  if (!found) return
  const values = new Set<T>()
  for (const value of found) {
    const one = read(value)
    if (one === undefined) return refuse(reading, parameter, `${shown(value)}: want ${want}`)
    values.add(one)
  }
  return values
}

/** Words of a vocabulary bare, foreign terms in full. */
export const terms = (
  parameter: Parameter,
  reading: Reading,
  vocabulary: Vocabulary,
): Set<string> | undefined =>
  each(parameter, reading, {
    read: (value) => comparableTerm(vocabulary, value, reading.prefixes),
    want: `a CBV word (${[...vocabulary.words].slice(0, 3).join(', ')}, …) or a URI`,
  })

export const termOf = (
  vocabulary: Vocabulary,
  value: string,
  { prefixes }: Reading,
): string | undefined => comparableTerm(vocabulary, value, prefixes)

/** Identifiers; GS1 keys in any syntax become canonical. */
export const ids = (parameter: Parameter, reading: Reading): Set<string> | undefined =>
  each(parameter, reading, {
    read: (value) => {
      const id = comparableId(value, reading.prefixes)
      return isAbsoluteUri(id) ? id : undefined
    },
    want: 'an absolute URI',
  })

export const uris = (parameter: Parameter, reading: Reading): Set<string> | undefined =>
  each(parameter, reading, {
    read: (value) => (isAbsoluteUri(value) ? value : undefined),
    want: 'an absolute URI',
  })

export function patterns(parameter: Parameter, reading: Reading): EpcPattern[] | undefined {
  const found = texts(parameter, reading)
  if (!found) return
  const read: EpcPattern[] = []
  for (const value of found) {
    const pattern = parseEpcPattern(value)
    if (pattern.ok) read.push(pattern.value)
    else refuse(reading, parameter, `${shown(value)}: ${pattern.refusals[0]!.detail}`)
  }
  return read.length === found.length ? read : undefined
}

/** Epoch ms. */
export function time(parameter: Parameter, reading: Reading): number | undefined {
  const value = text(parameter, reading)
  if (value === undefined) return
  const at = timeOf(value, parameter.fromUrl)
  if (at !== undefined) return at
  const right = 'want an RFC 3339 time with its offset, such as 2026-03-01T12:00:00Z'
  return refuse(reading, parameter, `${shown(value)}: ${right}`)
}

export function number(parameter: Parameter, reading: Reading): number | undefined {
  const value = text(parameter, reading)
  if (value === undefined) return
  return numberOf(value) ?? refuse(reading, parameter, `${shown(value)}: want a number`)
}

export function numbers(parameter: Parameter, reading: Reading): number[] | undefined {
  const found = each(parameter, reading, { read: numberOf, want: 'a number' })
  return found && [...found]
}

export function wholeNumber(parameter: Parameter, reading: Reading): number | undefined {
  const value = number(parameter, reading)
  if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value
  return refuse(reading, parameter, 'want a whole number')
}

export function oneOf<T extends string>(
  parameter: Parameter,
  reading: Reading,
  words: readonly T[],
): T | undefined {
  const value = text(parameter, reading)
  if (value === undefined || (words as readonly string[]).includes(value)) return value as T
  return refuse(reading, parameter, `${shown(value)}: want one of ${words.join(', ')}`)
}

/**
 * Parameters of type Void (EXISTS_…): there without a value, or true. False asks for nothing, as if
 * the parameter were not there.
 */
export function flag(parameter: Parameter, reading: Reading): boolean {
  const [value] = parameter.values
  const said = parameter.values.length === 0 ? '' : String(value ?? '').toLowerCase()
  if (parameter.values.length > 1 || !['', 'true', '1', 'false', '0'].includes(said))
    refuse(reading, parameter, 'want no value, true or false')
  return said !== 'false' && said !== '0'
}

/** What EQ asks of an extension field, whose type only its value says. */
export function equalTest(parameter: Parameter, reading: Reading): FieldTest | undefined {
  const found = texts(parameter, reading)
  if (!found) return
  const typed = parameter.values.filter((value) => typeof value === 'number')
  const times = found.flatMap((value) => timeOf(value, parameter.fromUrl) ?? [])
  return { op: 'EQ', texts: new Set(found), numbers: typed, times }
}

/** What GT, GE, LT and LE ask of an extension field: a number or a time. */
export function orderTest(
  op: 'GT' | 'GE' | 'LT' | 'LE',
  parameter: Parameter,
  reading: Reading,
): FieldTest | undefined {
  const value = text(parameter, reading)
  if (value === undefined) return
  const bound = numberOf(value)
  if (bound !== undefined) return { op, number: bound }
  const at = timeOf(value, parameter.fromUrl)
  if (at !== undefined) return { op, time: at }
  return refuse(reading, parameter, `${shown(value)}: want a number or an RFC 3339 time`)
}

/** In a URL a + that was not percent-encoded arrives as a space. */
function timeOf(value: string, fromUrl: boolean): number | undefined {
  const at = parseRfc3339(fromUrl ? value.replace(/ (?=\d\d:\d\d$)/, '+') : value)
  return Number.isNaN(at) ? undefined : at
}

const shown = (value: string): string =>
  JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
