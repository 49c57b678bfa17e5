import { describe, expect, it } from 'vitest'
import { refuseCombination, refuseElement } from '../domain/gs1/ai.ts'
import { aiMatches } from '../domain/gs1/dictionary.ts'
import { formatRaw, parseElementString } from '../domain/gs1/element.ts'
import { loadVectors, vectorsPresent } from './vectors.ts'

interface Vector {
  bracketed?: string
  unbracketed?: string
  expect_unbracketed?: string
  expect_markup?: string
  should_succeed?: boolean
  should_match?: boolean
  needle?: string
  ignore?: string | null
  expect?: string | null
  line: number
}
const file = 'gs1-syntax/engine-vectors.json'
const present = vectorsPresent(file)
const groups = present ? loadVectors<Record<string, Vector[]>>(file) : {}
const group = (name: string) => groups[name]!.filter((v) => v.bracketed ?? v.unbracketed)

const codes = (text: string) => {
  const elements = parseElementString(text)
  return (elements.ok ? refuseCombination(elements.value) : elements.refusals).map((r) => r.code)
}
const refusal = (ai: string, value: string) =>
  refuseElement({ ai, value, at: 0, length: value.length })

describe('one element', () => {
  it('tells the right check digit, and of the one swap of neighbours that would fit', () => {
    expect(refusal('01', '09506000134353')).toMatchObject({
      code: 'gs1/check-digit',
      at: 13,
      length: 1,
      detail: expect.stringContaining('would be 2'),
    })
    expect(refusal('01', '09506000143352')?.detail).toContain('09506000134352?')
  })

  it('is judged part by part', () => {
    expect(refusal('8001', '1X345678901234')).toMatchObject({ code: 'gs1/charset', at: 1 })
    expect(refusal('4309', '02790858483015297971')).toBeUndefined()
    expect(refusal('7007', '211225211')).toMatchObject({ code: 'gs1/length' })
    expect(refusal('4324', '2712312460')).toMatchObject({ code: 'gs1/date', at: 6, length: 2 })
    expect(refusal('3910', '978')).toMatchObject({ code: 'gs1/length' })
    expect(refusal('05', '1')).toMatchObject({ code: 'gs1/ai-unknown' })
  })
})

describe('elements together', () => {
  it('what excludes or needs another is refused with the span of its value', () => {
    const elements = parseElementString('(01)12345678901231(37)123')
    if (!elements.ok) throw new Error('must be read')
    expect(refuseCombination(elements.value)).toMatchObject([
      { code: 'gs1/ai-combination', at: 4, length: 14 },
      { code: 'gs1/ai-combination', at: 22, length: 3 },
    ])
    expect(codes('(00)106141411234567897(4331)000800(4333)000200')).toEqual([])
    expect(codes('(00)106141411234567897(4330)000800(4331)000800')).toHaveLength(2)
    expect(codes('(01)09506000134352(4331)000800')).toEqual(['gs1/ai-combination'])
  })
})

describe.skipIf(!present)('vectors of the GS1 syntax engine', () => {
  it('bracketed messages become unbracketed ones', () => {
    for (const { bracketed, should_succeed, expect_unbracketed } of group(
      'ai.c/test_ai_parseAIdata',
    )) {
      const elements = parseElementString(bracketed!)
      expect(elements.ok, bracketed).toBe(should_succeed)
      if (elements.ok) expect(formatRaw(elements.value, '^')).toBe(expect_unbracketed)
    }
  })

  it('unbracketed messages are read or refused', () => {
    for (const { unbracketed, should_succeed } of group('ai.c/test_ai_processAIdata'))
      expect(parseElementString(unbracketed!).ok, unbracketed).toBe(should_succeed)
  })

  it('repeats, exclusions, needs and signatures are judged', () => {
    for (const { bracketed, should_succeed } of group('ai.c/test_ai_validateAIs'))
      expect(codes(bracketed!).length === 0, bracketed).toBe(should_succeed)
  })

  it('patterns find their AI', () => {
    for (const vector of group('ai.c/test_ai_existsInAIdata')) {
      const ais = [...vector.bracketed!.matchAll(/\((\d+)\)/g)].map((m) => m[1]!)
      const found = ais.find(
        (ai) => aiMatches(ai, vector.needle!) && !(vector.ignore && aiMatches(ai, vector.ignore)),
      )
      expect(found !== undefined, `line ${vector.line}`).toBe(vector.should_match)
      if (vector.expect) expect(found).toBe(vector.expect)
    }
  })

  it('the offending characters are marked', () => {
    for (const { bracketed, expect_markup } of group('ai.c/test_ai_errMarkup')) {
      const elements = parseElementString(bracketed!)
      const { at, length } = (elements.ok ? [] : elements.refusals)[0]!
      // The engine leaves out the end of what it shows.
      const bad = bracketed!.slice(at, at! + length!)
      expect(expect_markup).toContain(`${bracketed!.slice(0, at)}|${bad}|`)
    }
  })
})
