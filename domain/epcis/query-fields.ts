// Extension fields as EPCIS queries name them (EQ_…, GT_…, EXISTS_… with a fieldname, EPCIS 2.0
// §8.2.7.1): how a name in a query meets a name in an event whatever prefixes either uses, and how
// values compare that carry no type. Knows nothing of fields that the standard defines.

import { isAbsoluteUri } from '../gs1/gs1.ts'
import { parseRfc3339 } from '../rfc3339.ts'
import { expandCurie } from './cbv.ts'
import { isObject, type Json } from './fields.ts'
import { localNamespace } from './xml-extension.ts'

export type Prefixes = ReadonlyMap<string, string>

/** `key` is one for every spelling; `literal` is the text of a name whose prefix is unknown. */
export interface FieldName {
  key: string
  literal?: string
}

export type Comparison = 'GT' | 'GE' | 'LT' | 'LE'

/** What a query asks of the values of a field; one value that satisfies it is enough. */
export type FieldTest =
  | { op: 'EXISTS' }
  | { op: 'EQ'; texts: ReadonlySet<string>; numbers: readonly number[]; times: readonly number[] }
  | { op: Comparison; number: number }
  | { op: Comparison; time: number }

/** JSON values of one key, lists taken apart. */
export interface Found {
  values: unknown[]
}

/**
 * `ext:name` by the prefixes in force, `namespace#name` or another URI in full, `#name` for a name
 * without a namespace. Undefined for what is none of these. A prefix that is not declared stands
 * for itself: it meets fields that were written with that very prefix.
 */
export function parseFieldName(text: string, prefixes: Prefixes): FieldName | undefined {
  if (/^#[^\s#]+$/.test(text)) return { key: text }
  const full = expandCurie(text, prefixes)
  if (full !== text) {
    const [, prefix, local] = /^([^:]*):(.*)$/s.exec(text)!
    return local === '' ? undefined : { key: joined(prefixes.get(prefix!)!, local!) }
  }
  if (/^[A-Za-z][\w.-]*:[^\s:/#]+$/.test(text)) return { key: text, literal: text }
  return isAbsoluteUri(text) ? splitUri(text) : undefined
}

/** Values of this name among the members of an object. */
export function valuesOf(holder: Json, name: FieldName, prefixes: Prefixes): unknown[] {
  const values: unknown[] = []
  for (const [raw, value] of Object.entries(holder))
    if (raw === name.literal || (name.literal === undefined && keyOf(raw, prefixes) === name.key))
      values.push(...listOf(value))
  return values
}

/**
 * Values of this name within extension fields of an object, on any level below the first (the
 * INNER parameters).
 */
export function innerValuesOf(
  holder: Json,
  { name, prefixes, all }: { name: FieldName; prefixes: Prefixes; all: boolean },
): unknown[] {
  const values: unknown[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (isObject(value)) {
      values.push(...valuesOf(value, name, prefixes))
      for (const member of Object.values(value)) visit(member)
    }
  }
  for (const [raw, value] of Object.entries(holder)) if (all || raw.includes(':')) visit(value)
  return values
}

export function testField(test: FieldTest, values: readonly unknown[]): boolean {
  if (test.op === 'EXISTS') return values.length > 0
  return values.some((value) => testValue(test, plainOf(value)))
}

/** What a field sorts by: a number, a time, or text; undefined for what has no order. */
export function sortValueOf(values: readonly unknown[]): number | string | undefined {
  const plain = plainOf(values[0])
  if (typeof plain === 'number') return plain
  if (typeof plain !== 'string') return plain === undefined ? undefined : String(plain)
  const number = numberOf(plain)
  if (number !== undefined) return number
  const time = parseRfc3339(plain)
  return Number.isNaN(time) ? plain : time
}

/** A text that is a number and nothing else. */
export function numberOf(text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

type Plain = string | number | boolean | undefined

function testValue(test: Exclude<FieldTest, { op: 'EXISTS' }>, value: Plain): boolean {
  if (value === undefined) return false
  if (test.op === 'EQ') return equalsOne(test, value)
  const order = orderOf(test, value)
  return order !== undefined && compares(test.op, order)
}

/** Whether `value op bound` holds for the sign of value - bound. */
export function compares(op: Comparison, order: number): boolean {
  switch (op) {
    case 'GT':
      return order > 0
    case 'GE':
      return order >= 0
    case 'LT':
      return order < 0
    case 'LE':
      return order <= 0
  }
}

function equalsOne(test: FieldTest & { op: 'EQ' }, value: NonNullable<Plain>): boolean {
  if (test.texts.has(String(value))) return true
  if (typeof value === 'boolean') return false
  // A number in the query is compared as one; a text of digits is a text: 0012 is not 12.
  const number = typeof value === 'number' ? value : numberOf(value)
  if (number !== undefined && test.numbers.includes(number)) return true
  if (typeof value === 'number') return [...test.texts].some((text) => numberOf(text) === value)
  return test.times.length > 0 && test.times.includes(parseRfc3339(value))
}

/** The sign of value - bound; undefined when they are not of one kind. */
function orderOf(
  test: { number: number } | { time: number },
  value: NonNullable<Plain>,
): number | undefined {
  if ('number' in test) {
    const number = typeof value === 'string' ? numberOf(value) : value
    return typeof number === 'number' ? number - test.number : undefined
  }
  const time = typeof value === 'string' ? parseRfc3339(value) : Number.NaN
  return Number.isNaN(time) ? undefined : time - test.time
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

/** The value of a JSON-LD value object or of an element with attributes, or the value itself. */
function plainOf(value: unknown): Plain {
  const inside = isObject(value) ? (value['@value'] ?? value['#text']) : value
  return typeof inside === 'string' || typeof inside === 'number' || typeof inside === 'boolean'
    ? inside
    : undefined
}

function keyOf(raw: string, prefixes: Prefixes): string | undefined {
  if (!raw.includes(':')) return `#${raw}`
  return parseFieldName(raw, prefixes)?.key
}

/** A namespace with and without its last / or # is the same: XML writes it without. */
const joined = (namespace: string, local: string): string =>
  namespace === localNamespace ? `#${local}` : `${namespace.replace(/[/#:]+$/, '')}#${local}`

function splitUri(uri: string): FieldName | undefined {
  const at = uri.includes('#') ? uri.lastIndexOf('#') : lastDivider(uri)
  const local = uri.slice(at + 1)
  return at < 0 || local === '' ? undefined : { key: joined(uri.slice(0, at), local) }
}

const lastDivider = (uri: string): number => Math.max(uri.lastIndexOf('/'), uri.lastIndexOf(':'))
