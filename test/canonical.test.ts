// One text for one value: RFC 8785.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical } from '../domain/canonical.ts'

describe('canonical JSON', () => {
  it('is that of the examples of RFC 8785', () => {
    // §3.2.2 and §3.2.3.
    const numbers = JSON.parse(
      '[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001, -0]',
    )
    expect(canonical(numbers)).toBe('[333333333.3333333,1e+30,4.5,0.002,1e-27,0]')
    const sorted = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    const values = JSON.parse(
      `[${[...canonical(sorted).matchAll(/:("[^"]*")/g)].map(([, v]) => v)}]`,
    )
    expect(values.map((value: string) => value.split(' ')[0])).toEqual([
      ...['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Emoji:', 'Hebrew'],
    ])
    expect(canonical({ b: [true, null, {}], a: '\u20ac$\u000f\nA\'B"\\"/' })).toBe(
      '{"a":"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/","b":[true,null,{}]}',
    )
    // Names that look like places of a list are names all the same.
    expect(canonical({ '10': 1, '9': 2 })).toBe('{"10":1,"9":2}')
  })

  it('says the same of the same value in whatever order, and can be read again', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonical(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        const turned = (part: unknown): unknown =>
          Array.isArray(part)
            ? part.map(turned)
            : typeof part === 'object' && part !== null
              ? Object.fromEntries(
                  Object.entries(part)
                    .reverse()
                    .map(([name, member]) => [name, turned(member)]),
                )
              : part
        expect(canonical(turned(value))).toBe(text)
      }),
    )
  })

  it('leaves out what is undefined and refuses what JSON has no word for', () => {
    expect(canonical({ a: undefined, b: [undefined] })).toBe('{"b":[null]}')
    expect(() => canonical({ a: Number.NaN })).toThrow(TypeError)
    expect(() => canonical(Number.POSITIVE_INFINITY)).toThrow(TypeError)
  })
})
