import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withCheckDigit } from '../domain/gs1/ai.ts'
import { binarySchemes } from '../domain/gs1/epc-binary.ts'
import {
  decodeTag,
  type EpcTag,
  encodeTag,
  formatTagUri,
  parseTagUri,
} from '../domain/gs1/epc-tag.ts'
import { canonicalEpc, formatUrn, type Gs1Key, parseGs1 } from '../domain/gs1/gs1.ts'
import type { Result } from '../domain/refusal.ts'
import { loadVectors, vectorsPresent } from './vectors.ts'

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.refusals))
  return result.value
}
const refusal = (result: Result<unknown>) => (result.ok ? undefined : result.refusals[0])
/** Tags are kept in words of 16 bits; documents print fewer digits. */
const filled = (hex: string) => hex.toUpperCase().padEnd(Math.ceil(hex.length / 4) * 4, '0')

const serial = 'urn:epc:id:sgtin:95060001343.05.'

describe('a tag', () => {
  it('gives scheme, filter and EPC, and is made of them', () => {
    const tag = { scheme: 'sgtin-96', filter: 3, epc: `${serial}123456789` }
    expect(value(decodeTag('3066C4409047E140075BCD15'))).toEqual(tag)
    expect(value(encodeTag(tag))).toBe('3066C4409047E140075BCD15')
    expect(value(formatTagUri(tag))).toBe('urn:epc:tag:sgtin-96:3.95060001343.05.123456789')
    expect(value(parseTagUri('urn:epc:tag:sgtin-96:3.95060001343.05.123456789'))).toEqual(tag)
  })

  it('of 96 bits holds no serial with letters, leading zeros or 2^38 and more', () => {
    const encode = (text: string, scheme = 'sgtin-96') =>
      encodeTag({ scheme, filter: 1, epc: serial + text })
    expect(encode('274877906943').ok).toBe(true)
    expect(refusal(encode('274877906944'))).toMatchObject({
      code: 'gs1/binary',
      at: serial.length,
      length: 12,
    })
    for (const text of ['01', 'A1']) {
      expect(encode(text).ok).toBe(false)
      expect(encode(text, 'sgtin-198').ok).toBe(true)
    }
    expect(encode('0').ok).toBe(true)
    expect(refusal(parseTagUri('urn:epc:tag:sgtin-96:8.95060001343.05.1'))?.code).toBe('gs1/binary')
  })

  it('that contradicts itself is refused with the digits that do', () => {
    const at = (hex: string) => {
      const found = refusal(decodeTag(hex))
      return found && [found.code, found.at, found.length]
    }
    expect(at('3066C4409047E140075BCD1')).toEqual(['gs1/binary', 23, 0])
    expect(at('307EC4409047E140075BCD15')?.slice(0, 2)).toEqual(['gs1/binary', 2])
    expect(at('FFFFFFFFFFFFFFFFFFFFFFFF')).toEqual(['gs1/binary', 0, 2])
    expect(at('31FA1B300CE0A6A83000000G')).toEqual(['gs1/binary', 23, 1])
    expect(at('311BA1B300CE0A6A83000001')).toEqual(['gs1/binary', 23, 1])
    expect(at('0'.repeat(1_000_000))?.[0]).toBe('gs1/binary')
  })

  it('of a ++ scheme names the host of its Digital Link', () => {
    const epc = 'https://shop.example.co.uk/01/09506000134352/21/A-1'
    const hex = value(encodeTag({ scheme: 'sgtin++', filter: 1, epc }))
    expect(value(decodeTag(hex))).toEqual({
      scheme: 'sgtin++',
      filter: 1,
      epc: '(01)09506000134352(21)A-1',
      host: 'shop.example.co.uk',
    })
    const bare = { scheme: 'sgtin++', filter: 1, epc: '(01)09506000134352(21)A-1' }
    expect(refusal(encodeTag(bare))?.detail).toMatch(/needs the host/)
    for (const host of ['a b.example', '-a.example', '', 'a'.repeat(64), 'x/y'])
      expect(refusal(encodeTag({ ...bare, host }))?.code).toBe('gs1/binary')
    const label = fc.string({ unit: fc.constantFrom(...'abcz059-'), minLength: 1, maxLength: 12 })
    const ending = fc.constantFrom('.com', '.de', '.co.uk', '.zw', '.tech', '.example', '.coop.org')
    const name = fc
      .tuple(fc.constantFrom('', 'id.', 'www.', 'qr.', 'x.'), label, ending)
      .map(([start, text, end]) => `${start}a${text}z${end}`)
    fc.assert(
      fc.property(
        fc.oneof(
          name,
          name.map((one) => one.toUpperCase()),
        ),
        (host) => {
          const tag = { ...bare, host }
          expect(value(decodeTag(value(encodeTag(tag))))).toEqual(tag)
        },
      ),
    )
  })

  it('of a DSGTIN+ holds one date', () => {
    const tag = { scheme: 'dsgtin+', filter: 2, epc: '(15)271231(01)09506000134352(21)7' }
    expect(value(decodeTag(value(encodeTag(tag))))).toEqual(tag)
    expect(refusal(encodeTag({ ...tag, epc: '(01)09506000134352(21)7' }))?.detail).toMatch(/a date/)
  })

  it('any bits are read or refused, and what is read is written the same', () => {
    const headers = [
      ...binarySchemes.map(({ header }) => header),
      0xf0,
      0xf7,
      0xf9,
      0xfa,
      0xfb,
      0xec,
      0xef,
      0xfc,
    ]
    const hex = fc
      .tuple(
        fc.constantFrom(...headers),
        fc.string({ unit: fc.constantFrom(...'0123456789ABCDEF'), minLength: 20, maxLength: 54 }),
      )
      .map(([header, rest]) => header.toString(16).toUpperCase() + rest)
    fc.assert(
      fc.property(hex, (text) => {
        const tag = decodeTag(text)
        const again = tag.ok ? encodeTag(tag.value) : undefined
        if (tag.ok && again?.ok) expect(value(decodeTag(again.value))).toEqual(tag.value)
      }),
      { numRuns: 500 },
    )
  })
})

const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length })
const text82 = (max: number) =>
  fc.string({
    unit: fc.constantFrom(
      ...'!"%&\'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz',
    ),
    minLength: 1,
    maxLength: max,
  })
const gtin = digits(13).map(withCheckDigit)
const gln = digits(12).map(withCheckDigit)
const keyed: fc.Arbitrary<[string, Gs1Key]> = fc.oneof(
  fc.tuple(
    fc.constant('sgtin-198'),
    fc.record({ key: fc.constant('sgtin' as const), gtin, serial: text82(20) }),
  ),
  fc.tuple(
    fc.constant('sgtin-96'),
    fc.record({
      key: fc.constant('sgtin' as const),
      gtin,
      serial: fc.integer({ min: 0, max: 2 ** 38 - 1 }).map(String),
    }),
  ),
  fc.tuple(
    fc.constant('sscc-96'),
    fc.record({ key: fc.constant('sscc' as const), sscc: digits(17).map(withCheckDigit) }),
  ),
  fc.tuple(
    fc.constant('sgln-195'),
    fc.record({ key: fc.constant('sgln' as const), gln, ext: text82(20) }),
  ),
  fc.tuple(
    fc.constant('grai-170'),
    fc.record({
      key: fc.constant('grai' as const),
      grai: fc.tuple(gln, text82(16)).map((parts) => parts.join('')),
    }),
  ),
  fc.tuple(
    fc.constant('giai-202'),
    fc.record({
      key: fc.constant('giai' as const),
      giai: fc.tuple(digits(12), text82(18)).map((parts) => parts.join('')),
    }),
  ),
)

describe('any key', () => {
  it('goes into a tag and comes back with its company prefix', () => {
    fc.assert(
      fc.property(
        keyed,
        fc.integer({ min: 6, max: 12 }),
        fc.integer({ min: 0, max: 7 }),
        ([scheme, key], prefixLength, filter) => {
          const tag: EpcTag = { scheme, filter, epc: value(formatUrn(key, prefixLength)) }
          const hex = value(encodeTag(tag))
          expect(value(decodeTag(hex))).toEqual(tag)
          expect(value(parseTagUri(value(formatTagUri(tag))))).toEqual(tag)
        },
      ),
    )
  })

  it('goes into a tag with + and comes back', () => {
    const schemes: Record<string, string> = {
      sgtin: 'sgtin+',
      sscc: 'sscc+',
      sgln: 'sgln+',
      grai: 'grai+',
      giai: 'giai+',
    }
    fc.assert(
      fc.property(keyed, ([, key]) => {
        const link = value(canonicalEpc(value(formatUrn(key, 7))))
        const hex = value(encodeTag({ scheme: schemes[key.key]!, filter: 2, epc: link }))
        const tag = value(decodeTag(hex))
        expect(tag.filter).toBe(2)
        expect(value(canonicalEpc(tag.epc))).toBe(link)
      }),
    )
  })
})

interface Row {
  scheme: string
  es?: string
  uri?: string
  tag?: string
  hex: string
  filter?: number
}

describe.skipIf(!vectorsPresent('epc-tds/tds23-annex-e3.json'))('TDS 2.3 annex E.3', () => {
  const rows = vectorsPresent('epc-tds/tds23-annex-e3.json')
    ? loadVectors<Row[]>('epc-tds/tds23-annex-e3.json')
    : []
  /** Printed with the header of SSCC+ and ITIP+, but with a host behind the key: see the data set. */
  const misprinted = ['SSCC++', 'ITIP++']

  it('tags are read', () => {
    for (const { scheme, hex, es, uri, filter } of rows) {
      if (misprinted.includes(scheme)) continue
      const tag = value(decodeTag(hex))
      expect(tag.scheme).toBe(scheme.toLowerCase())
      expect(value(canonicalEpc(tag.epc))).toBe(value(canonicalEpc(uri ?? es!)))
      if (filter !== undefined) expect(tag.filter).toBe(filter)
    }
  })

  it('tags are written', () => {
    for (const { scheme, hex, es, uri, tag: tagUri, filter } of rows) {
      if (misprinted.includes(scheme)) continue
      // The host of every row, also where another one is printed beside it.
      const host = scheme.endsWith('++') ? { host: 'id.example.com' } : {}
      const tag = tagUri
        ? value(parseTagUri(tagUri))
        : { scheme: scheme.toLowerCase(), filter: filter!, epc: es!, ...host }
      if (uri) expect(tag.epc).toBe(uri)
      expect(value(encodeTag(tag)), scheme).toBe(filled(hex))
    }
  })
})

interface Vector {
  kind?: string
  set?: string
  valid?: boolean
  uri?: string
  kwargs?: { filter_value?: string; binary_coding_scheme?: string }
  tag_uri?: string
  hex?: string
  data?: Vector
}

describe.skipIf(!vectorsPresent('epc-tds/epcpy-vectors.json'))('vectors of retail-epcpy', () => {
  const file = 'epc-tds/epcpy-vectors.json'
  const vectors = vectorsPresent(file) ? loadVectors<Vector[]>(file) : []

  it('tags are written and read', () => {
    const some = vectors.flatMap((v) => (v.set === 'VALID_TEST_DATA' ? v.data! : v))
    const good = some.filter((v) => v.tag_uri && v.hex && v.uri)
    expect(good.length).toBeGreaterThan(35)
    for (const { uri, tag_uri, hex } of good) {
      const tag = value(parseTagUri(tag_uri!))
      expect(tag.epc).toBe(uri)
      expect(value(encodeTag(tag)), uri).toBe(filled(hex!))
      expect(value(formatTagUri(value(decodeTag(hex!))))).toBe(tag_uri)
    }
  })

  it('what a scheme cannot hold is refused', () => {
    const bad = vectors.filter((v) => v.kind === 'TagEncodable' && !v.valid)
    expect(bad.length).toBeGreaterThan(8)
    for (const { uri, kwargs } of bad) {
      const [, scheme] = /\.([A-Z]+_(?:\d+|VAR))$/.exec(kwargs!.binary_coding_scheme!)!
      const name = scheme!.toLowerCase().replace('_', '-')
      expect(refusal(encodeTag({ scheme: name, filter: 0, epc: uri! }))?.code, uri).toBe(
        'gs1/binary',
      )
    }
  })

  it('partitions of other makers are read', () => {
    const rows = loadVectors<string[][]>('epc-tds/sgtin96-partitions.json')
    for (const [hex, , prefix, indicator, item, ean13] of rows) {
      const tag = value(decodeTag(hex!))
      expect(tag.epc).toBe(`urn:epc:id:sgtin:${prefix}.${indicator}${item}.1`)
      expect(parseGs1(tag.epc)).toMatchObject({ value: { gtin: `0${ean13}` } })
    }
  })
})
