// Shapes of answers, put together from small parts, so that what a page gets is what it says it
// gets. As shapes.ts: unknown fields are ignored, missing ones get a plain value. Judges nothing.
import { numberOf, objectOf, parseTime, textOf } from '../shapes.ts'

export type Decode<T> = (json: unknown) => T
export type Shape<S> = { [K in keyof S]: S[K] extends Decode<infer T> ? T : never }

export const text: Decode<string> = textOf
export const number: Decode<number> = (json) => numberOf(json) ?? 0
export const numberOrNull: Decode<number | null> = numberOf
export const textOrNull: Decode<string | null> = (json) => textOf(json) || null
/** Epoch ms; null where none is told. */
export const time: Decode<number | null> = parseTime
export const flag: Decode<boolean> = (json) => json === true
export const raw: Decode<Readonly<Record<string, unknown>>> = objectOf

export const oneOf =
  <const T extends string>(known: readonly T[], fallback: NoInfer<T>): Decode<T> =>
  (json) =>
    known.find((entry) => entry === json) ?? fallback

export const list =
  <T>(item: Decode<T>): Decode<T[]> =>
  (json) =>
    Array.isArray(json) ? json.map(item) : []

export const orNull =
  <T>(inner: Decode<T>): Decode<T | null> =>
  (json) =>
    json === null || json === undefined ? null : inner(json)

export const shape =
  <S extends Record<string, Decode<unknown>>>(parts: S): Decode<Shape<S>> =>
  (json) => {
    const from = objectOf(json)
    const entries = Object.entries(parts).map(([name, part]) => [name, part(from[name])])
    return Object.fromEntries(entries) as Shape<S>
  }

/** Counts by name. */
export const counts: Decode<Readonly<Record<string, number>>> = (json) =>
  Object.fromEntries(Object.entries(objectOf(json)).map(([name, n]) => [name, numberOf(n) ?? 0]))

export interface Page<T> {
  items: T[]
  next: string | null
}

export const page =
  <T>(item: Decode<T>): Decode<Page<T>> =>
  (json) => {
    const from = objectOf(json)
    return { items: list(item)(from.items), next: textOrNull(from.next) }
  }

/** Sides of a temperature and the value, as zones, budgets and exposures tell them. */
export const limitSides = ['above', 'atOrAbove', 'below', 'atOrBelow'] as const
export type LimitSide = (typeof limitSides)[number]

export const limit: Decode<{ side: LimitSide; limitC: number } | null> = (json) => {
  const from = objectOf(json)
  for (const side of limitSides) {
    const limitC = numberOf(from[side])
    if (limitC !== null) return { side, limitC }
  }
  return null
}
