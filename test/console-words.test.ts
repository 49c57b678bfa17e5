// Every message of the console in every language, and no text of a page outside of the catalogues:
// the source is parsed and looked through.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'
import {
  formatMessage,
  languageOf,
  languages,
  type Message,
  type Messages,
} from '../dashboards/console/src/words.ts'

const source = 'dashboards/console/src'
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })

type Catalogue = Record<string, Messages>
const catalogues: [string, Catalogue][] = []
for (const file of files.filter((name) => /^words\/.*\.ts$/.test(name))) {
  const module = (await import(/* @vite-ignore */ `../${source}/${file}`)) as Record<
    string,
    unknown
  >
  for (const [name, value] of Object.entries(module))
    if (typeof value === 'object' && value !== null && languages.every((key) => key in value))
      catalogues.push([`${file} ${name}`, value as Catalogue])
}

const formsOf = (message: Message): string[] =>
  typeof message === 'string' ? [message] : [message.one, message.other]
const namesIn = (message: Message): string[] => {
  const names = formsOf(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)])
  return [...new Set(names.map(([, name]) => name!))].sort()
}

describe('the messages of the console', () => {
  it('are found', () => {
    expect(catalogues.length).toBeGreaterThan(3)
  })

  it.each(catalogues)('%s are in all languages, with the same values in each', (_, catalogue) => {
    const wrong: string[] = []
    for (const into of languages)
      for (const key of new Set([
        ...Object.keys(catalogue.en!),
        ...Object.keys(catalogue[into]!),
      ])) {
        const english = catalogue.en![key]
        const own = catalogue[into]![key]
        if (english === undefined || own === undefined) wrong.push(`${into} ${key}: missing`)
        else if (formsOf(own).some((text) => text.trim() === ''))
          wrong.push(`${into} ${key}: empty`)
        else if (typeof own !== typeof english) wrong.push(`${into} ${key}: plural`)
        else if (namesIn(own).join() !== namesIn(english).join())
          wrong.push(`${into} ${key}: ${namesIn(own)} for ${namesIn(english)}`)
      }
    expect(wrong).toEqual([])
  })

  it('of more than two words are translated, not copied', () => {
    const copied = catalogues.flatMap(([name, catalogue]) =>
      languages
        .filter((into) => into !== 'en')
        .flatMap((into) =>
          Object.entries(catalogue.en!)
            .filter(([key, english]) => {
              const words = formsOf(english)[0]!
                .replace(/\{\w+\}/g, '')
                .match(/\p{L}{2,}/gu)
              return (
                (words?.length ?? 0) > 2 &&
                JSON.stringify(catalogue[into]![key]) === JSON.stringify(english)
              )
            })
            .map(([key]) => `${name} ${into} ${key}`),
        ),
    )
    expect(copied).toEqual([])
  })

  it('put values in, and numbers as the language writes them', () => {
    const message = { one: '{count} row of {name}', other: '{count} rows of {name}' }
    expect(formatMessage(message, 'en', { count: 1, name: 'A' })).toBe('1 row of A')
    expect(formatMessage(message, 'de', { count: 12_480, name: 'A' })).toBe('12.480 rows of A')
    // French counts zero as one thing.
    expect(formatMessage(message, 'fr', { count: 0, name: 'A' })).toBe('0 row of A')
  })

  it('end no line before the signs that French sets apart', () => {
    const message = '« {name} » : prêt ? Oui ; 10 % !'
    expect(formatMessage(message, 'fr', { name: 'a : b' })).toBe(
      '«\u00a0a : b\u00a0»\u00a0: prêt\u202f? Oui\u202f; 10\u00a0%\u202f!',
    )
    expect(formatMessage('bereit: 10 %', 'de')).toBe('bereit: 10\u00a0%')
  })

  it('are set as each language sets them: signs, quotation marks, ellipses', () => {
    const faults: Readonly<Record<string, RegExp>> = {
      de: /["“]\p{L}|«|\p{L}…$|'/u,
      fr: /\p{L}[;!?»]|\p{L}:(?= |$)|«\p{L}|["“”„']/u,
      es: /["“”„']|« | »|(?<!¿)(?<=^|[.:] )[^¿.]*\p{L}\?/u,
    }
    const wrong = catalogues.flatMap(([name, catalogue]) =>
      Object.entries(faults).flatMap(([into, fault]) =>
        Object.entries(catalogue[into]!).flatMap(([key, message]) =>
          formsOf(message)
            .filter((text) => fault.test(text.replace(/\{\w+\}/g, 'x')))
            .map((text) => `${name} ${into} ${key}: ${text}`),
        ),
      ),
    )
    expect(wrong).toEqual([])
  })

  it('are in the first language of the reader that the console speaks', () => {
    expect(languageOf(['da', 'de-AT', 'en'])).toBe('de')
    expect(languageOf(['ES'])).toBe('es')
    expect(languageOf(['ja', 'estonian'])).toBe('en')
  })
})

/** Attributes that somebody reads. */
const spoken = new Set([
  'aria-label',
  'title',
  'placeholder',
  'alt',
  'aria-valuetext',
  'data-name',
  'label',
  'name',
])
/** Names and signs that are the same in every language. */
const everywhere = /^(Isotherm|Ctrl K|⌘ K|SSCC|GTIN|GLN|API|CSV|NDJSON|JSON|PDF|EPCIS)$/

interface Node {
  type: string
  [key: string]: unknown
}

function walk(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const entry of value) walk(entry, see)
  else if (typeof value === 'object' && value !== null) {
    if ('type' in value && typeof value.type === 'string') see(value as Node)
    for (const [key, entry] of Object.entries(value)) if (key !== 'parent') walk(entry, see)
  }
}

function textsIn(file: string): string[] {
  const { program, errors } = parseSync(file, readFileSync(join(source, file), 'utf8'))
  expect(errors).toEqual([])
  const texts: string[] = []
  walk(program, (node) => {
    if (node.type === 'JSXText') texts.push(String(node.value))
    if (node.type === 'JSXElement' || node.type === 'JSXFragment')
      for (const child of node.children as Node[])
        if (child.type === 'JSXExpressionContainer') texts.push(...written(child.expression))
    if (node.type !== 'JSXAttribute') return
    const { name, value } = node as { name?: { name?: string }; value?: Node | null }
    if (value?.type !== 'Literal' || !spoken.has(name?.name ?? '')) return
    // `name` is spoken on components of our own; on fields and icons it is an identifier.
    if (name?.name === 'name' && !/ |^[A-Z]/.test(String(value.value))) return
    texts.push(String(value.value))
  })
  return texts
    .map((text) => text.replace(/\s+/g, ' ').trim())
    .filter((text) => /\p{L}{2,}/u.test(text) && !everywhere.test(text))
}

/** Texts that an expression between tags shows: literals, also behind a condition. */
function written(value: unknown): string[] {
  const node = value as Node | undefined
  if (node?.type === 'Literal') return typeof node.value === 'string' ? [node.value] : []
  if (node?.type === 'ConditionalExpression')
    return [...written(node.consequent), ...written(node.alternate)]
  if (node?.type === 'LogicalExpression') return [...written(node.left), ...written(node.right)]
  if (node?.type === 'TemplateLiteral')
    return (node.quasis as { value: { raw: string } }[]).map(({ value }) => value.raw)
  return []
}

describe('the pages of the console', () => {
  it('hold no text of their own', () => {
    const found = files
      .filter((file) => file.endsWith('.tsx'))
      .flatMap((file) => textsIn(file).map((text) => `${file}: ${text}`))
    expect(found).toEqual([])
  })
})
