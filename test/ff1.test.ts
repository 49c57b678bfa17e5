import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createFf1 } from '../domain/ff1.ts'

const nistKey = '2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94'
const key = Buffer.alloc(32, 7)

it.each([
  [16, 2433477484n],
  [24, 2830668132n],
  [32, 6657667009n],
])('gives the samples 1, 4 and 7 of NIST for SP 800-38G with a key of %i bytes', (bytes, text) => {
  const ff1 = createFf1(Buffer.from(nistKey, 'hex').subarray(0, bytes), { radix: 10, length: 10 })
  expect(ff1.encrypt([123456789n])).toEqual([text])
  expect(ff1.decrypt([text])).toEqual([123456789n])
})

it('is undone by its inverse, for every radix and length, one by one or together', () => {
  const domains = fc
    .record({ radix: fc.integer({ min: 2, max: 82 }), length: fc.integer({ min: 4, max: 20 }) })
    .filter(({ radix, length }) => BigInt(radix) ** BigInt(length) >= 1_000_000n)
  fc.assert(
    fc.property(
      domains,
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 128n }), { minLength: 1, maxLength: 20 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (domain, any, secret) => {
        const ff1 = createFf1(secret, domain)
        const numbers = any.map((number) => number % ff1.size)
        const hidden = ff1.encrypt(numbers)
        for (const number of hidden) expect(number >= 0n && number < ff1.size).toBe(true)
        expect(ff1.decrypt(hidden)).toEqual(numbers)
        expect(hidden).toEqual(numbers.flatMap((number) => ff1.encrypt([number])))
      },
    ),
    { numRuns: 300 },
  )
})

it('visits every number of its domain once', () => {
  const ff1 = createFf1(key, { radix: 10, length: 6 })
  const seen = new Uint8Array(1_000_000)
  for (let from = 0; from < seen.length; from += 10_000) {
    const hidden = ff1.encrypt(Array.from({ length: 10_000 }, (_, i) => BigInt(from + i)))
    for (const number of hidden) seen[Number(number)]! += 1
  }
  expect(seen.every((count) => count === 1)).toBe(true)
}, 60_000)

it('refuses domains too small to hide in, and too large for its arithmetic', () => {
  expect(() => createFf1(key, { radix: 10, length: 5 })).toThrow(RangeError)
  expect(() => createFf1(key, { radix: 82, length: 21 })).toThrow(RangeError)
  expect(() => createFf1(key, { radix: 1, length: 30 })).toThrow(RangeError)
  expect(createFf1(key, { radix: 82, length: 20 }).size).toBe(82n ** 20n)
})
