import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkElements } from '../domain/gs1/ai.ts'
import { type AiEntry, allAis } from '../domain/gs1/dictionary.ts'
import { formatBracketed, formatHri, formatRaw, parseElementString } from '../domain/gs1/element.ts'

const set82 = '!"%&\'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'
/** AIs whose values are any of their characters. */
const free = allAis().filter(({ components }) => components.every((c) => c.linters.length === 0))
const valueFor = ({ components }: AiEntry) =>
  fc
    .tuple(
      ...components.map(({ set, min, max }) => {
        const unit = fc.constantFrom(...(set === 'N' ? '0123456789' : set82))
        return fc.string({ unit, minLength: min, maxLength: max })
      }),
    )
    .map((parts) => parts.join(''))
const element = fc
  .constantFrom(...free)
  .chain((entry) =>
    valueFor(entry).map((value) => ({ ai: entry.ai, value, at: 0, length: value.length })),
  )
const message = fc.uniqueArray(element, { selector: ({ ai }) => ai, minLength: 1, maxLength: 8 })

describe('element strings', () => {
  it('any message, bracketed or raw, is read as it was written', () => {
    expect(free.length).toBeGreaterThan(300)
    fc.assert(
      fc.property(message, (elements) => {
        fc.pre(checkElements(elements).ok)
        for (const format of [formatBracketed, formatRaw, caret]) {
          const text = format(elements)
          const read = parseElementString(text)
          if (!read.ok) throw new Error(`${text} ${JSON.stringify(read.refusals)}`)
          expect(read.value.map(({ ai, value }) => [ai, value])).toEqual(
            elements.map(({ ai, value }) => [ai, value]),
          )
          expect(format(read.value)).toBe(text)
        }
      }),
    )
  })

  it('lines below a symbol have the AI in brackets', () => {
    expect(formatHri([{ ai: '10', value: 'L1' }])).toEqual(['(10) L1'])
  })

  it('the same AI may stand twice when it says the same', () => {
    expect(parseElementString('(400)ABC(99)DEF(400)ABC').ok).toBe(true)
    expect(parseElementString('(400)ABC(400)AB')).toMatchObject({
      refusals: [{ code: 'gs1/ai-combination', at: 13, length: 2 }],
    })
  })

  it('an FNC1 missing or too much is told where it is', () => {
    const gs = '\u001d'
    expect(parseElementString(`01095060001343${gs}5221A`)).toMatchObject({
      refusals: [
        { code: 'gs1/length', at: 2, length: 12 },
        { code: 'gs1/ai-unknown', at: 15, length: 4 },
      ],
    })
    expect(parseElementString(`10${'L'.repeat(21)}`)).toMatchObject({
      refusals: [{ code: 'gs1/length', at: 2, length: 21 }],
    })
    expect(parseElementString(`10L1${gs}${gs}21A`)).toMatchObject({
      refusals: [{ code: 'gs1/ai-unknown', at: 5 }],
    })
  })
})

const caret = (elements: Parameters<typeof formatRaw>[0]) => formatRaw(elements, '^')
