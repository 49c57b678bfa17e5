// Messages in four languages, typed by their English: a key that is missing in one of them, or a
// message without the value it needs, does not compile. Plurals and numbers go by Intl. Holds no
// message itself: they stand in words/, one file per part of the console.
import { signal } from '@preact/signals'
import { typeset } from '../../../domain/typography.ts'

export const languages = ['en', 'de', 'fr', 'es'] as const
export type Language = (typeof languages)[number]

/** `one` and `other` by Intl.PluralRules of `{count}`. */
export interface Plural {
  one: string
  other: string
}
export type Message = string | Plural
export type Messages = Readonly<Record<string, Message>>

type Translated<E extends Messages> = {
  readonly [K in keyof E]: E[K] extends string ? string : Plural
}
export type Catalogue<E extends Messages> = Readonly<
  { en: E } & Record<Exclude<Language, 'en'>, Translated<E>>
>

type NamesIn<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never
type NamesOf<M extends Message> = M extends string
  ? NamesIn<M>
  : M extends Plural
    ? NamesIn<M['other']> | NamesIn<M['one']> | 'count'
    : never
type Values<M extends Message> = [NamesOf<M>] extends [never]
  ? []
  : [values: Readonly<Record<NamesOf<M>, string | number>>]

/** Writes the message of a key in the language of the reader; the page follows when it changes. */
export type Write<E extends Messages> = <K extends keyof E>(
  key: K,
  ...values: Values<E[K]>
) => string

/** The language of the page: session.ts sets it. */
export const language = signal<Language>('en')

/** All messages of a part: keeps them typed by the English ones. */
export const catalogue = <const E extends Messages>(messages: Catalogue<E>): Catalogue<E> =>
  messages

export const writerOf =
  <E extends Messages>(messages: Catalogue<E>): Write<E> =>
  (key, ...[values]) =>
    formatMessage(messages[language.value][key] ?? String(key), language.value, values)

/** The same for pure functions, which are told the language. */
export const writeIn = <E extends Messages, K extends keyof E>(
  messages: Catalogue<E>,
  into: Language,
  key: K,
  ...[values]: Values<E[K]>
): string => formatMessage(messages[into][key] ?? String(key), into, values)

/** Numbers among the values are written as the language writes them. */
export function formatMessage(
  message: Message,
  into: Language,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const text = typeof message === 'string' ? message : message[pluralOf(values.count, into)]
  return typeset(text, into).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? numberFormat(into).format(value) : value
  })
}

/** Locales of dates and numbers: English as it is written outside of America. */
export const localeOf = (of: Language): string => (of === 'en' ? 'en-GB' : of)

/** The first of the reader's languages that the console speaks. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const known = languages.find((name) => tag.toLowerCase().split('-')[0] === name)
    if (known) return known
  }
  return 'en'
}

// Making a formatter is slow, using it is not.
const numbers = new Map<Language, Intl.NumberFormat>()
const plurals = new Map<Language, Intl.PluralRules>()

export function numberFormat(of: Language): Intl.NumberFormat {
  let format = numbers.get(of)
  if (!format) {
    format = new Intl.NumberFormat(localeOf(of), { maximumFractionDigits: 6 })
    numbers.set(of, format)
  }
  return format
}

function pluralOf(count: string | number | undefined, of: Language): keyof Plural {
  let rules = plurals.get(of)
  if (!rules) {
    rules = new Intl.PluralRules(localeOf(of))
    plurals.set(of, rules)
  }
  return rules.select(Number(count)) === 'one' ? 'one' : 'other'
}
