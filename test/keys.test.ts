import { expect, it } from 'vitest'
import { parseGs1 } from '../domain/gs1/gs1.ts'
import { giai, gln, grai, gtin, pgln, sgln, sgtin, sscc } from '../simulators/keys.ts'

it('makes keys that the domain reads back as what they are', () => {
  const keys = {
    sgtin: sgtin(gtin(0, 101), 'A1B2'),
    sscc: sscc(3, 120_000_007),
    sgln: sgln(7),
    pgln: pgln(7),
    grai: grai(301, 'S001'),
    giai: giai('LG0010001'),
  }
  for (const [key, epc] of Object.entries(keys))
    expect(parseGs1(epc), epc).toMatchObject({ ok: true, value: { key } })
})

it('computes the check digit as GS1 does', () => {
  // 952123400101 from the right: 3·(1+1+0+3+1+5) + (0+0+4+2+2+9) = 50, so nothing is missing to a
  // ten.
  expect(gln(101)).toBe('9521234001010')
  expect(gtin(0, 101)).toBe('09521234001010')
})

it('refuses serials that a URI would have to escape, and numbers that do not fit', () => {
  expect(() => sgtin(gtin(0, 1), 'A/B')).toThrow(RangeError)
  expect(() => sgtin(gtin(0, 1), 'A'.repeat(21))).toThrow(RangeError)
  expect(() => sscc(10, 1)).toThrow(RangeError)
  expect(() => sscc(1, 1e9)).toThrow(RangeError)
  expect(() => giai('A'.repeat(24))).toThrow(RangeError)
})
