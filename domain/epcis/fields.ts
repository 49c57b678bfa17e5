// Readers of single EPCIS JSON fields: each takes a value of unknown type and gives its normalised
// form, or reports a refusal with the JSON pointer of the place and what would be right there.
// Knows no event types: the tables that say which field stands where are in shapes.ts.

import { canonicalEpc, isAbsoluteUri } from '../gs1/gs1.ts'
import type { Refusal, RefusalCode } from '../refusal.ts'
import { parseRfc3339 } from '../rfc3339.ts'
import { expandCurie, parseTerm, type Vocabulary } from './cbv.ts'

/** What is known while a document is read. */
export interface Scope {
  sensorAttributesOnce: boolean
  refusals: Refusal[]
  /** Name-space prefixes in force, the standard ones included. */
  prefixes: ReadonlyMap<string, string>
  /** Those of them that the document or the event declares. */
  declared: ReadonlyMap<string, string>
  /** Events without eventID get their hash. */
  identify: boolean
  /** Extensions that the document leaves out of the event hash, as `{name space}name`. */
  ignored?: ReadonlySet<string>
}

/** Undefined when a refusal has been reported. `path` is an RFC 6901 pointer. */
export type Reader<T> = (value: unknown, path: string, scope: Scope) => T | undefined

export type Json = Record<string, unknown>

/** Beyond it the refusals of one document say nothing new. */
export const refusalsMax = 1000

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 6901 §3: ~ and / of a name are written ~0 and ~1. */
export const pointer = (path: string, name: string | number): string =>
  typeof name === 'number' || !/[~/]/.test(name)
    ? `${path}/${name}`
    : `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** Always undefined, so that a reader can return it. */
export function report(
  scope: Scope,
  code: RefusalCode,
  place: { path: string; detail: string; at?: number | undefined; length?: number | undefined },
): undefined {
  if (scope.refusals.length >= refusalsMax) return
  const { path, detail, at, length } = place
  const span = at === undefined || length === undefined ? {} : { at, length }
  scope.refusals.push({ code, path, detail, ...span })
}

const want = (scope: Scope, path: string, detail: string): undefined =>
  report(scope, 'epcis/field-invalid', { path, detail: `want ${detail}` })

export const text: Reader<string> = (value, path, scope) =>
  typeof value === 'string' ? value : want(scope, path, 'a string')

export const number: Reader<number> = (value, path, scope) =>
  typeof value === 'number' && Number.isFinite(value) ? value : want(scope, path, 'a number')

export const boolean: Reader<boolean> = (value, path, scope) =>
  typeof value === 'boolean' ? value : want(scope, path, 'true or false')

export const uri: Reader<string> = (value, path, scope) =>
  typeof value === 'string' && isAbsoluteUri(value)
    ? value
    : want(scope, path, 'an absolute URI (RFC 3986)')

/**
 * A URI that becomes part of a key in the ledger, and of a path of the API. PostgreSQL refuses
 * index rows beyond 2,704 bytes, in which the names of a child and a parent must find room too.
 */
export const keyUri: Reader<string> = (value, path, scope) =>
  typeof value === 'string' && value.length > keyUriCharsMax
    ? want(scope, path, `at most ${keyUriCharsMax} characters`)
    : uri(value, path, scope)
const keyUriCharsMax = 2000

/** Text that matches; `right` says in words what does. */
export const pattern =
  (expression: RegExp, right: string): Reader<string> =>
  (value, path, scope) =>
    typeof value === 'string' && expression.test(value) ? value : want(scope, path, right)

/** Epoch ms. */
export const time: Reader<number> = (value, path, scope) => {
  const epochMs = typeof value === 'string' ? parseRfc3339(value) : Number.NaN
  if (!Number.isNaN(epochMs)) return epochMs
  const detail = 'want an RFC 3339 time with its offset, such as 2026-03-01T12:00:00.000+01:00'
  return report(scope, 'epcis/time-invalid', { path, detail })
}

/** A word of a vocabulary, bare; or a term of another vocabulary as it is. */
export const term =
  (vocabulary: Vocabulary): Reader<string> =>
  (value, path, scope) => {
    const word =
      typeof value === 'string' ? parseTerm(vocabulary, value, scope.prefixes) : undefined
    if (word !== undefined) return word
    const some = [...vocabulary.words].slice(0, 4).join(', ')
    const detail = `want a CBV word (${some}, …) or a URI of another vocabulary`
    return report(scope, 'epcis/vocabulary', { path, detail })
  }

/** An identifier in its canonical form. */
export const epc: Reader<string> = (value, path, scope) => {
  if (typeof value !== 'string')
    return want(scope, path, 'an EPC URN, a Digital Link or another URI')
  const full = expandCurie(value, scope.prefixes)
  // EPCIS 2.0 §6.4: identifiers are URIs; an element string would be none.
  if (!/^[A-Za-z]/.test(full)) return want(scope, path, 'an EPC URN, a Digital Link or another URI')
  const canonical = canonicalEpc(full)
  if (canonical.ok) return canonical.value
  const { code, detail, at, length } = canonical.refusals[0]!
  // The span is in the text as it came, unless a prefix has been replaced.
  const span = full === value ? { at, length } : {}
  return report(scope, 'epcis/epc-invalid', { path, detail: `${detail} (${code})`, ...span })
}

export const list =
  <T>(item: Reader<T>, { min = 0 }: { min?: number } = {}): Reader<T[]> =>
  (value, path, scope) => {
    if (!Array.isArray(value)) return want(scope, path, 'an array')
    if (value.length < min) return want(scope, path, `at least ${min} entry`)
    const before = scope.refusals.length
    const items: T[] = []
    for (let i = 0; i < value.length && scope.refusals.length < refusalsMax; i++) {
      const read = item(value[i], pointer(path, i), scope)
      if (read !== undefined) items.push(read)
    }
    return scope.refusals.length === before ? items : undefined
  }

/**
 * Identifiers, each canonical and once. `unique`: the same text twice is refused, as the JSON
 * Schema does. The same unit in two syntaxes passes the schema; it is one unit here.
 */
export const epcs =
  ({ unique }: { unique: boolean }): Reader<string[]> =>
  (value, path, scope) => {
    if (!Array.isArray(value)) return want(scope, path, 'an array')
    const before = scope.refusals.length
    const canonical = new Set<string>()
    // The texts so far, once there is an identifier that has been there before.
    let texts: Set<unknown> | undefined
    for (let i = 0; i < value.length && scope.refusals.length < refusalsMax; i++) {
      const raw: unknown = value[i]
      const read = epc(raw, pointer(path, i), scope)
      if (read !== undefined && unique && canonical.has(read)) {
        texts ??= new Set(value.slice(0, i))
        if (texts.has(raw)) want(scope, pointer(path, i), 'every identifier once')
      }
      if (read !== undefined) canonical.add(read)
      texts?.add(raw)
    }
    return scope.refusals.length === before ? [...canonical] : undefined
  }

/** One value or a list of values, as a list. */
export const oneOrMore =
  <T>(item: Reader<T>): Reader<T[]> =>
  (value, path, scope) => {
    if (Array.isArray(value)) return list(item)(value, path, scope)
    const read = item(value, path, scope)
    return read === undefined ? undefined : [read]
  }

export interface Shape {
  fields: Readonly<Record<string, Reader<unknown>>>
  required?: readonly string[]
  /** Closed objects take no extension fields. */
  closed?: true
}

/**
 * An object with known fields. Extension fields (`prefix:name`) come out under their full name and
 * as they were; names starting with @ are JSON-LD's and left out. Names without a prefix mean
 * nothing: refused.
 */
export const object =
  (shape: Shape): Reader<Json> =>
  (value, path, scope) => {
    if (!isObject(value)) return want(scope, path, 'an object')
    const before = scope.refusals.length
    for (const name of shape.required ?? [])
      if (!Object.hasOwn(value, name)) missing(scope, path, name)
    const read: Json = {}
    for (const [name, raw] of Object.entries(value)) {
      if (Object.hasOwn(shape.fields, name))
        read[name] = shape.fields[name]!(raw, pointer(path, name), scope)
      else if (!shape.closed && /^[^\s:@]+:\S+$/.test(name))
        extend(read, expandCurie(name, scope.prefixes), raw)
      else if (!name.startsWith('@')) unexpected(scope, pointer(path, name), shape)
    }
    return scope.refusals.length === before ? read : undefined
  }

/** A prefix may stand for anything, also for half of a name that objects have by themselves. */
function extend(read: Json, name: string, raw: unknown): void {
  if (name !== '__proto__') read[name] = raw
}

export const missing = (scope: Scope, path: string, name: string): undefined =>
  report(scope, 'epcis/field-missing', { path, detail: `${name} is required here` })

function unexpected(scope: Scope, path: string, shape: Shape): void {
  const known = Object.keys(shape.fields).join(', ')
  const right = [shape.closed ? '' : 'extension fields with a prefix', known].filter(Boolean)
  report(scope, 'epcis/field-unexpected', { path, detail: `want only ${right.join(', or ')}` })
}
