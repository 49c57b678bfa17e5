import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  charsets,
  epcOf,
  holds,
  issuableOf,
  mayMeet,
  type Numbered,
  numbersOf,
  parseSpace,
  type RandomSpace,
  type RangeSpace,
  type SerialSpace,
  sizeOf,
} from '../domain/pool.ts'

const pack: Numbered = { key: 'sgtin', gtin: '09521234543213' }
const key = Buffer.alloc(32, 42)
const random = (charset: string, length: number): RandomSpace => ({
  kind: 'random',
  charset,
  length,
})
const ranges = (...list: [from: string, to: string][]): RangeSpace => ({
  kind: 'ranges',
  ranges: list.map(([from, to]) => ({ from, to })),
})
const usual = random(charsets.unambiguous, 12)
const faults = (space: SerialSpace, of: Numbered = pack): string[] => {
  const parsed = parseSpace(space, of, '')
  return parsed.ok ? [] : parsed.refusals.map(({ code, path }) => `${code} ${path}`)
}

describe('random serials', () => {
  it('come once each, in the space, and tell their places', () => {
    const numbers = numbersOf(usual, key)
    const serials = [0, 20_000, 40_000].flatMap((from) => numbers.serials(from, 20_000))
    expect(new Set(serials).size).toBe(60_000)
    for (const [place, serial] of serials.entries()) {
      if (!holds(usual, serial)) throw new Error(`${serial} is not in the space`)
      if (place % 97 === 0) expect(numbers.placeOf(serial)).toBe(BigInt(place))
    }
  })

  it('have a place for every text of the space, and for no other', () => {
    const numbers = numbersOf(usual, key)
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(...charsets.unambiguous),
          minLength: 12,
          maxLength: 12,
        }),
        (serial) => {
          const place = numbers.placeOf(serial)
          expect(place).toBeDefined()
          if (place! < 2n ** 53n) expect(numbers.serials(Number(place), 1)).toEqual([serial])
        },
      ),
    )
    for (const other of ['', 'ABC', '0'.repeat(12), 'A'.repeat(13), 'a'.repeat(12)])
      expect(numbers.placeOf(other)).toBeUndefined()
  })

  it('show each character as often as any other at every position (chi-square)', () => {
    const count = 64_000
    const serials = numbersOf(usual, key).serials(0, count)
    const expected = count / charsets.unambiguous.length
    for (let position = 0; position < 12; position++) {
      const seen = new Map<string, number>()
      for (const serial of serials)
        seen.set(serial[position]!, (seen.get(serial[position]!) ?? 0) + 1)
      let chi = 0
      for (const c of charsets.unambiguous) chi += ((seen.get(c) ?? 0) - expected) ** 2 / expected
      // 31 degrees of freedom: 71 is passed by chance once in 20,000 times. The key is fixed.
      expect(chi).toBeLessThan(71)
    }
  })

  it('of neighbouring places, and of keys that differ in a bit, have nothing in common', () => {
    const near = Buffer.from(key)
    near[31]! ^= 1
    const [one, other] = [numbersOf(usual, key), numbersOf(usual, near)]
    const serials = one.serials(0, 5000)
    const alike = (a: string, b: string): number => [...a].filter((c, i) => c === b[i]).length
    let next = 0
    let across = 0
    for (const [i, serial] of other.serials(0, 5000).entries()) {
      across += alike(serial, serials[i]!)
      next += alike(serials[i]!, serials[(i + 1) % 5000]!)
    }
    // 12 positions, each alike with a probability of 1/32.
    for (const sum of [next, across]) expect(Math.abs(sum / 5000 - 12 / 32)).toBeLessThan(0.05)
  })

  it('are given away only as long as fewer than one guess in 10,000 is right', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 36 }),
        fc.integer({ min: 5, max: 20 }),
        (radix, length) => {
          const space = random(charsets.alphanumeric.slice(0, radix), length)
          const size = sizeOf(space)!
          const issuable = BigInt(issuableOf(space, pack)!)
          expect(issuable * 10_000n < size).toBe(true)
          // And not fewer than may be.
          if (issuable < BigInt(Number.MAX_SAFE_INTEGER))
            expect((issuable + 1n) * 10_000n >= size).toBe(true)
        },
      ),
    )
    expect(issuableOf(random(charsets.digits, 8), pack)).toBe(9999)
    expect(issuableOf(random(charsets.digits, 9), { key: 'sscc', prefix: '10614141' })).toBe(1e9)
  })

  it('are refused when they could not stand in AI 21, or are too few', () => {
    expect(faults(usual)).toEqual([])
    expect(faults(random(charsets.digits, 5))).toEqual(['pool/range '])
    expect(faults(random('AAB', 12))).toEqual(['pool/range '])
    expect(faults(random('A', 12))).toEqual(['pool/range '])
    expect(faults(random('ABCÄ', 12))).toEqual(['pool/range '])
    expect(faults(random('ABC D', 12))).toEqual(['pool/range '])
    expect(faults(random(charsets.alphanumeric, 21))).toEqual(['pool/range '])
    const all82 = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
      .filter((c) => !'#$@[\\]^`{|}~'.includes(c))
      .join('')
    expect(all82).toHaveLength(82)
    expect(faults(random(all82, 20))).toEqual([])
  })
})

describe('ranges', () => {
  it('are counted one after the other', () => {
    const space = ranges(['A08', 'A11'], ['000', '001'])
    const numbers = numbersOf(space, key)
    const all = ['A08', 'A09', 'A10', 'A11', '000', '001']
    expect(numbers.serials(0, 10)).toEqual(all)
    expect(numbers.serials(3, 2)).toEqual(['A11', '000'])
    expect(all.map((serial) => numbers.placeOf(serial))).toEqual([0n, 1n, 2n, 3n, 4n, 5n])
    expect(numbers.placeOf('A12')).toBeUndefined()
    expect(numbers.placeOf('A8')).toBeUndefined()
    expect([sizeOf(space), issuableOf(space, pack)]).toEqual([6n, 6])
  })

  it('give what they hold and hold what they give, for any ends', () => {
    const end = fc.integer({ min: 0, max: 99_999 })
    fc.assert(
      fc.property(end, end, fc.constantFrom('', 'A', 'X-', '9B'), (a, b, prefix) => {
        const text = (n: number): string => prefix + String(n).padStart(5, '0')
        const space = ranges([text(Math.min(a, b)), text(Math.max(a, b))])
        expect(faults(space)).toEqual([])
        const numbers = numbersOf(space, key)
        const size = Number(sizeOf(space))
        expect(size).toBe(Math.abs(a - b) + 1)
        const last = numbers.serials(size - 1, 5)
        expect(last).toEqual([text(Math.max(a, b))])
        expect(numbers.placeOf(last[0]!)).toBe(BigInt(size - 1))
      }),
    )
  })

  it('are refused when their ends are not the same text but for digits', () => {
    expect(faults(ranges(['A1', 'B2']))).toEqual(['pool/range /ranges/0'])
    expect(faults(ranges(['A1', 'A10']))).toEqual(['pool/range /ranges/0'])
    expect(faults(ranges(['A2', 'A1']))).toEqual(['pool/range /ranges/0'])
    expect(faults(ranges(['ABC', 'ABC']))).toEqual(['pool/range /ranges/0'])
    expect(faults(ranges(['A00', 'A50'], ['A50', 'A60']))).toEqual(['pool/range /ranges/1'])
    expect(faults(ranges(['1', '9']), { key: 'sscc', prefix: '10614141' })).toHaveLength(1)
  })
})

describe('two pools of one GTIN', () => {
  it('do not meet when no text can be in both', () => {
    expect(mayMeet(usual, random(charsets.unambiguous, 13))).toBe(false)
    expect(mayMeet(usual, random('01', 12))).toBe(false)
    expect(mayMeet(ranges(['000', '499']), ranges(['500', '999']))).toBe(false)
    expect(mayMeet(ranges(['A00', 'A99']), ranges(['B00', 'B99']))).toBe(false)
    expect(mayMeet(usual, ranges(['I00000000000', 'I99999999999']))).toBe(false)
  })

  it('meet when some text may be in both, whichever is asked', () => {
    const pairs: [SerialSpace, SerialSpace][] = [
      [usual, random(charsets.digits, 12)],
      [ranges(['000', '500']), ranges(['500', '999'])],
      [ranges(['A00', 'A99']), random(charsets.alphanumeric, 3)],
    ]
    for (const [a, b] of pairs) expect([mayMeet(a, b), mayMeet(b, a)]).toEqual([true, true])
  })

  it('are told to meet whenever a serial of one is in the other', () => {
    const digit = fc.constantFrom('', 'A', 'B')
    const any = fc.record({
      prefix: digit,
      from: fc.integer({ min: 0, max: 99 }),
      length: fc.integer({ min: 0, max: 20 }),
    })
    const spaceOf = ({ prefix, from, length }: { prefix: string; from: number; length: number }) =>
      ranges([
        prefix + String(from).padStart(3, '0'),
        prefix + String(from + length).padStart(3, '0'),
      ])
    fc.assert(
      fc.property(any, any, (left, right) => {
        const [a, b] = [spaceOf(left), spaceOf(right)]
        const shared = numbersOf(a, key)
          .serials(0, 100)
          .some((serial) => holds(b, serial))
        expect(mayMeet(a, b)).toBe(shared)
      }),
    )
  })
})

it('a number becomes an EPC with its check digit, escaped where a link needs it', () => {
  expect(epcOf(pack, 'A/1')).toBe('https://id.gs1.org/01/09521234543213/21/A%2F1')
  expect(epcOf({ key: 'sscc', prefix: '106141411' }, '23456789')).toBe(
    'https://id.gs1.org/00/106141411234567897',
  )
})
