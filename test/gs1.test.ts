import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withCheckDigit } from '../domain/gs1/ai.ts'
import {
  canonicalEpc,
  checkDigit,
  companyPrefixLength,
  formatDigitalLink,
  formatElementString,
  formatUrn,
  type Gs1Key,
  parseEpc,
  parseGs1,
  parseGtin,
} from '../domain/gs1/gs1.ts'
import type { Result } from '../domain/refusal.ts'

const data = '../shared/data'
const present = (name: string): boolean => {
  const here = existsSync(`${data}/${name}`)
  if (!here) console.warn(`skipped: ${data}/${name} not present`)
  return here
}
const load = <T>(name: string): T => JSON.parse(readFileSync(`${data}/${name}`, 'utf8')) as T

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.refusals))
  return result.value
}
const codes = (result: Result<unknown>): string[] =>
  result.ok ? [] : result.refusals.map((r) => r.code)
const gs = '\u001d'

const unit = 'https://id.gs1.org/01/09506000134352/21/A%2FB'
/** One identity a row, in every syntax it has. */
const sameThing: Record<string, string[]> = {
  [unit]: [
    'urn:epc:id:sgtin:9506000.013435.A%2FB',
    'urn:epc:id:sgtin:95060001343.05.A%2fB',
    'https://id.gs1.org/01/9506000134352/21/A%2FB',
    'http://track.maker.example/p/q/01/09506000134352/10/L1/21/A%2fB?17=271231#top',
    'HTTPS://maker.example:8443/01/09506000134352/22/v2/10/L1/21/A%2FB',
    'https://maker.example/gtin/09506000134352/lot/L1/ser/A%2FB',
    'https://maker.example/01/09506000134352/21/A%2FB?11=271231&linkType=gs1:pip',
    '(01)09506000134352(17)271200(10)L1(21)A/B',
    '(10)L1(21)A/B(01)09506000134352',
    `]d201095060001343521727123110L1${gs}21A/B`,
    `]C1010950600013435221A/B${gs}10L1`,
    `]Q3${gs}010950600013435221A/B`,
    '010950600013435221A/B',
  ],
  'https://id.gs1.org/01/09506000134352/10/L1': [
    'urn:epc:class:lgtin:9506000.013435.L1',
    '(01)09506000134352(10)L1',
    'https://maker.example/01/09506000134352/10/L1?17=271231',
  ],
  'https://id.gs1.org/01/09506000134352': [
    'urn:epc:idpat:sgtin:9506000.013435.*',
    '(01)09506000134352',
    'http://maker.example/01/9506000134352?',
  ],
  'https://id.gs1.org/00/106141411234567897': [
    'urn:epc:id:sscc:0614141.1123456789',
    '(00)106141411234567897',
    ']e000106141411234567897',
    'https://maker.example/00/106141411234567897?02=09506000134352&37=25&10=L1',
  ],
  'https://id.gs1.org/8004/4000001111': [
    'urn:epc:id:giai:4000001.111',
    '(8004)4000001111',
    'http://maker.example/8004/4000001111',
  ],
  'https://id.gs1.org/8003/00614141123452400': [
    'urn:epc:id:grai:0614141.12345.400',
    '(8003)00614141123452400',
    'https://maker.example/8003/00614141123452400',
  ],
  'https://id.gs1.org/414/0614141123452/254/32a%2Fb': [
    'urn:epc:id:sgln:0614141.12345.32a%2Fb',
    '(414)0614141123452(254)32a/b',
    `414061414112345225432a/b${gs}`,
  ],
  'https://id.gs1.org/414/0614141123452': [
    'urn:epc:id:sgln:0614141.12345.0',
    '(414)0614141123452',
    'https://maker.example/414/0614141123452/254/0',
  ],
  'https://id.gs1.org/417/9999999999994': ['urn:epc:id:pgln:999999999999.', '(417)9999999999994'],
}

describe('one identity has one canonical form', () => {
  for (const [canonical, spellings] of Object.entries(sameThing))
    it(`${canonical} comes out of ${spellings.length} spellings and of itself`, () => {
      for (const text of [canonical, ...spellings])
        expect(canonicalEpc(text), text).toEqual({ ok: true, value: canonical })
    })

  it('a URI that is no GS1 key stays as it is', () => {
    for (const uri of [
      'urn:example:thing:1',
      'urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8',
      'geo:42.69,23.31',
      'https://maker.example/orders/4711',
      'https://maker.example/2026/01/20260131',
      'https://maker.example/01/97803',
      'urn:epc:id:gid:952056.2718.1414',
    ])
      expect(canonicalEpc(uri)).toEqual({ ok: true, value: uri })
  })

  it('what is no URI, and what is meant as a GS1 key but is wrong, is refused', () => {
    const wrong: [string, string][] = [
      ['', 'gs1/syntax'],
      ['4711', 'gs1/ai-unknown'],
      ['4012345123456', 'gs1/syntax'],
      ['Hello World!', 'gs1/syntax'],
      ['https://maker.example/01/09506000134353/21/A', 'gs1/check-digit'],
      ['https://id.gs1.org/00/12345', 'gs1/length'],
      ['https://maker.example/01/09506000134352/21/A/10/L1', 'gs1/syntax'],
      ['https://maker.example/01/09506000134352/10/', 'gs1/length'],
      ['https://maker.example/01/09506000134352/21/%zz', 'gs1/syntax'],
      ['https://maker.example/01/09506000134352/21/A%40B', 'gs1/charset'],
      ['https://maker.example/01/09506000134352?10=L1', 'gs1/syntax'],
      ['https://maker.example/01/09506000134352/21/A?10=L1', 'gs1/syntax'],
      ['https://maker.example/01/09506000134352?21=A', 'gs1/syntax'],
      ['https://maker.example/01/09506000134352/21/A?89=x', 'gs1/ai-unknown'],
      ['https://id.gs1.org/AQnYUc1gmiERBhQZqQXBOg', 'gs1/syntax'],
      ['\u0002(01)09506000134352(21)A\r\n', 'gs1/syntax'],
      [' (01)09506000134352(21)A', 'gs1/syntax'],
      [`https://maker.example/01/09506000134352/21/${'A'.repeat(1_000_000)}`, 'gs1/length'],
      ['(00)106141411234567897(02)09506000134352', 'gs1/ai-combination'],
      ['(01)09506000134352(21)A(235)B', 'gs1/ai-combination'],
      ['urn:epc:id:sgtn:0614141.107346.2017', 'gs1/key-unknown'],
      ['urn:epc:id:sgtin:0614141.107346', 'gs1/syntax'],
      ['urn:epc:id:sgtin:0614141.17346.1', 'gs1/length'],
      ['urn:epc:id:sgtin:06141.41107346.1', 'gs1/length'],
      ['urn:epc:id:sgtin:0614141.10734x.1', 'gs1/charset'],
      ['urn:epc:id:sgtin:0614141.107346.a/b', 'gs1/charset'],
      ['urn:epc:tag:sgtin-96:3.0614141.107346.1', 'gs1/syntax'],
      ['(01)09506000134352(17)271301(21)A', 'gs1/date'],
      ['(01)09506000134352(21)A(21)B', 'gs1/ai-combination'],
      ['(17)271231(10)L1', 'gs1/key-unknown'],
      ['(01)950600013435(21)A', 'gs1/length'],
    ]
    for (const [text, code] of wrong) expect(codes(canonicalEpc(text)), text).toContain(code)
  })

  it('a refusal marks the characters that are wrong', () => {
    const marked = (text: string) => {
      const result = parseGs1(text)
      if (result.ok) return undefined
      const { at, length } = result.refusals[0]!
      return text.slice(at, at! + length!)
    }
    expect(marked('https://m.example/01/09506000134353/21/A')).toBe('3')
    expect(marked('(01)09506000134352(21)A@B')).toBe('@')
    expect(marked('urn:epc:id:sgtin:0614141.107346.a/b')).toBe('/')
    expect(marked('urn:epc:id:sgtin:06141.41107346.1')).toBe('06141')
    expect(marked('https://m.example/01/09506000134352/21/A?17=991301')).toBe('13')
    expect(marked(']d2010950600013435221A~B')).toBe('~')
  })
})

describe('what a text says beside the identity', () => {
  it('lot, variant and expiry are told but do not name the unit', () => {
    const facts = { key: 'sgtin', gtin: '09506000134352', serial: 'S1', lot: 'L1', cpv: 'v2' }
    const link = 'https://m.example/01/09506000134352/22/v2/10/L1/21/S1?17=270200'
    expect(parseEpc(link)).toEqual({ ...facts, expiry: '2027-02-28' })
    expect(parseEpc('(01)09506000134352(22)v2(10)L1(21)S1')).toEqual(facts)
    expect(formatDigitalLink(parseEpc(link)!)).toBe('https://id.gs1.org/01/09506000134352/21/S1')
  })

  it('GTIN-8, -12 and -13 are the GTIN-14 with zeros in front', () => {
    expect(value(parseGtin('95010939'))).toBe('00000095010939')
    expect(value(parseGtin('416000336108'))).toBe('00416000336108')
    expect(value(parseGtin('9506000134352'))).toBe('09506000134352')
    expect(codes(parseGtin('9506000134353'))).toEqual(['gs1/check-digit'])
    expect(codes(parseGtin('950600013435'))).toEqual(['gs1/check-digit'])
    expect(codes(parseGtin('95060001343'))).toEqual(['gs1/length'])
    expect(codes(parseGtin('95O6000134352'))).toEqual(['gs1/charset'])
  })

  it('a URN is not written without the length of the company prefix', () => {
    const key: Gs1Key = { key: 'sgtin', gtin: '12345678901231', serial: '9999' }
    expect(codes(formatUrn(key))).toEqual(['gs1/company-prefix-unknown'])
    expect(codes(formatUrn(key, 5))).toEqual(['gs1/length'])
    expect(value(formatUrn(key, 10))).toBe('urn:epc:id:sgtin:2345678901.123.9999')
  })

  it('the length is told by a table of own prefixes, when one of them fits', () => {
    const key = value(parseGs1('(00)106141411234567897'))
    expect(companyPrefixLength(key, ['4012345', '0614141'])).toBe(7)
    expect(companyPrefixLength(key, ['0614141', '06141411'])).toBeUndefined()
    expect(companyPrefixLength(key, ['1061414'])).toBeUndefined()
    const asset = value(parseGs1('(8003)00614141123452400'))
    expect(companyPrefixLength(asset, ['0614141'])).toBe(7)
  })

  it('check digits of published examples', () => {
    for (const [body, digit] of [
      ['952123454321', '3'],
      ['0950600013435', '2'],
      ['0061414112345', '2'],
      ['10614141123456789', '7'],
    ] as const)
      expect(checkDigit(body)).toBe(digit)
  })
})

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((d) => d.join(''))
const set82 = '!"%&\'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'
const text82 = (max: number) =>
  fc.string({ unit: fc.constantFrom(...set82), minLength: 1, maxLength: max })
const gtin = digits(13).map(withCheckDigit)
const gln = digits(12).map(withCheckDigit)
const anyKey: fc.Arbitrary<Gs1Key> = fc.oneof(
  fc.record({ key: fc.constant('sgtin' as const), gtin, serial: text82(20) }),
  fc.record({ key: fc.constant('lgtin' as const), gtin, lot: text82(20) }),
  fc.record({ key: fc.constant('gtin' as const), gtin }),
  fc.record({ key: fc.constant('sscc' as const), sscc: digits(17).map(withCheckDigit) }),
  fc.record({
    key: fc.constant('giai' as const),
    giai: fc.tuple(digits(12), text82(18)).map((parts) => parts.join('')),
  }),
  fc.record({
    key: fc.constant('grai' as const),
    grai: fc.tuple(gln, text82(16)).map((parts) => parts.join('')),
  }),
  fc.record({ key: fc.constant('sgln' as const), gln, ext: text82(20).filter((e) => e !== '0') }),
  fc.record({ key: fc.constant('sgln' as const), gln }),
  fc.record({ key: fc.constant('pgln' as const), gln }),
  fc.record({ key: fc.constant('upui' as const), value: gtin, serial: text82(28) }),
  fc.record({
    key: fc.constant('itip' as const),
    value: gtin.map((digits14) => `${digits14}0203`),
    serial: text82(20),
  }),
  fc.record({
    key: fc.constant('gdti' as const),
    value: fc.tuple(gln, text82(17)).map((parts) => parts.join('')),
  }),
  fc.record({
    key: fc.constant('gcn' as const),
    value: fc.tuple(gln, digits(12)).map((parts) => parts.join('')),
  }),
  fc.record({
    key: fc.constant('cpi' as const),
    value: digits(17),
    serial: fc.nat().map(String),
  }),
  fc.record({
    key: fc.constant('ginc' as const),
    value: fc.tuple(digits(12), text82(18)).map((parts) => parts.join('')),
  }),
  fc.record({ key: fc.constant('gsin' as const), value: digits(16).map(withCheckDigit) }),
  fc.record({ key: fc.constant('gsrn' as const), value: digits(17).map(withCheckDigit) }),
  fc.record({ key: fc.constant('gsrnp' as const), value: digits(17).map(withCheckDigit) }),
)

describe('any key through any two syntaxes', () => {
  it('comes back as itself', () => {
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 6, max: 12 }), (key, prefixLength) => {
        const link = formatDigitalLink(key)
        const spellings = [link, formatElementString(key), value(formatUrn(key, prefixLength))]
        for (const text of spellings) {
          expect(parseEpc(text), text).toEqual(key)
          expect(value(canonicalEpc(text))).toBe(link)
        }
      }),
    )
  })

  it('no text makes the parser throw, and a canonical form is its own canonical form', () => {
    const near = fc
      .tuple(anyKey, fc.nat(60), fc.string({ maxLength: 3 }))
      .map(([key, at, junk]) => {
        const text = formatDigitalLink(key)
        return text.slice(0, at) + junk + text.slice(at + 1)
      })
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (text) => {
        const result = canonicalEpc(text)
        if (result.ok) expect(value(canonicalEpc(result.value))).toBe(result.value)
        else
          for (const r of result.refusals)
            expect(r.at! + r.length!).toBeLessThanOrEqual(text.length)
      }),
    )
  })
})

describe.skipIf(!present('gs1-syntax'))('vectors of the GS1 syntax engine (gs1-syntax)', () => {
  interface Vector {
    should_succeed?: boolean
    option?: string
    value?: boolean
    uri?: string
    bracketed?: string
    unbracketed?: string
    scandata?: string
    expect_unbracketed?: string
    line: number
  }
  const groups = present('gs1-syntax')
    ? load<Record<string, Vector[]>>('gs1-syntax/engine-vectors.json')
    : {}
  /** Starts with an AI this project reads as a key. */
  const holdsKey = (raw: string) =>
    /^\^?(00|01|253|255|40[12]|41[47]|800[346]|8010|801[78])/.test(raw)

  it('Digital Links are read as the engine reads them', () => {
    const options = new Map<string, boolean>()
    let checked = 0
    for (const vector of groups['dl.c/test_dl_parseDLuri']!) {
      if (vector.option) options.set(vector.option, vector.value!)
      if (vector.uri === undefined || options.get('permitUnknownAIs')) continue
      // Names in place of AIs are always read here; the engine wants an option for it.
      if (vector.uri.includes('/gtin/') && !vector.should_succeed) continue
      checked++
      const result = parseGs1(vector.uri)
      expect(result.ok, `line ${vector.line}: ${vector.uri}`).toBe(vector.should_succeed)
      if (!result.ok) continue
      const raw = vector.expect_unbracketed!.replaceAll('^', gs)
      const same = parseGs1(raw)
      expect(formatDigitalLink(value(same)), vector.uri).toBe(formatDigitalLink(result.value))
    }
    expect(checked).toBeGreaterThan(45)
  })

  it('element strings with a key are read, bracketed and raw', () => {
    for (const { bracketed, should_succeed, expect_unbracketed } of groups[
      'ai.c/test_ai_parseAIdata'
    ]!) {
      if (!/\((00|01|8003)\)/.test(bracketed!)) continue
      expect(parseGs1(bracketed!).ok, bracketed).toBe(should_succeed)
      if (should_succeed)
        expect(parseGs1(bracketed!)).toEqual(parseGs1(expect_unbracketed!.replaceAll('^', gs)))
    }
    for (const { unbracketed, should_succeed } of groups['ai.c/test_ai_processAIdata']!) {
      if (!unbracketed || !holdsKey(unbracketed)) continue
      expect(parseGs1(unbracketed.replaceAll('^', gs)).ok, unbracketed).toBe(should_succeed)
    }
  })

  it('scanner data with a GS1 symbology identifier is read', () => {
    const read = groups['scandata.c/test_scandata_processScanData']!.filter(
      (v) =>
        /^\](C1|d2|Q3|e0|J1)/.test(v.scandata!) &&
        (!v.should_succeed || v.scandata!.slice(3).startsWith('01')),
    )
    expect(read.length).toBeGreaterThan(5)
    for (const { scandata, should_succeed } of read)
      expect(parseGs1(scandata!).ok, scandata).toBe(should_succeed)
  })
})

describe.skipIf(!present('epc-tds'))('vectors of the Tag Data Standard (epc-tds)', () => {
  interface Vector {
    kind?: string
    scheme?: string
    valid?: boolean
    uri?: string
    gs1_element_string?: string
    company_prefix_length?: number
    set?: string
    data?: { idpat?: string }
  }
  const vectors = present('epc-tds') ? load<Vector[]>('epc-tds/epcpy-vectors.json') : []
  it('valid pure-identity URNs are read, invalid ones refused', () => {
    const some = vectors.filter((v) => v.kind === 'EPCSchemeInit')
    expect(some.length).toBeGreaterThan(100)
    const isOf = (uri: string, scheme: string) =>
      canonicalEpc(uri).ok && uri.includes(`:${scheme.toLowerCase()}:`)
    const wrong = some.filter((v) => isOf(v.uri!, v.scheme!) !== v.valid)
    expect(wrong.map((v) => v.uri)).toEqual([])
  })

  it('patterns are read, or refused when they stand for no class', () => {
    const patterns = vectors.filter((v) => v.set?.endsWith('_ID_PATTERNS'))
    // CBV 2.0 §8.3 makes this the class of a coupon, which the vectors do not know.
    const coupon = 'urn:epc:idpat:sgcn:401234512345..*'
    for (const { set, data } of patterns.filter((v) => v.data!.idpat !== coupon))
      expect(canonicalEpc(data!.idpat!).ok, data!.idpat).toBe(set!.startsWith('VALID'))
    expect(patterns.length).toBeGreaterThan(10)
  })

  it('URNs and element strings become each other', () => {
    const some = vectors.filter((v) => v.kind === 'GS1Element' && v.valid && v.gs1_element_string)
    expect(some.length).toBeGreaterThan(30)
    for (const { uri, gs1_element_string: text, company_prefix_length: length } of some) {
      const key = value(parseGs1(uri!))
      expect(formatElementString(key)).toBe(text)
      expect(value(canonicalEpc(text!))).toBe(value(canonicalEpc(uri!)))
      expect(value(formatUrn(key, length))).toBe(uri)
    }
  })

  it('the examples of annex E.3 are the same in all their forms', () => {
    const rows = load<{ scheme: string; es?: string; dl?: string; uri?: string }[]>(
      'epc-tds/tds23-annex-e3.json',
    )
    for (const { es, dl, uri } of rows.filter((row) => row.es)) {
      const canonical = value(canonicalEpc(es!))
      expect(value(canonicalEpc(dl!))).toBe(canonical)
      if (uri) expect(value(canonicalEpc(uri))).toBe(canonical)
    }
  })
})

describe('pieces of a lot', () => {
  it('are named by their lot when they have no serial, which no URN can say', () => {
    const piece = 'https://id.gs1.org/8006/040123451234560102'
    expect(canonicalEpc(`${piece}/22/ABCD/10/XYZ`)).toEqual({ ok: true, value: `${piece}/10/XYZ` })
    expect(canonicalEpc(`${piece}/10/XYZ/21/S`)).toEqual({ ok: true, value: `${piece}/21/S` })
    expect(canonicalEpc(`(8006)040123451234560102(10)XYZ`)).toEqual({
      ok: true,
      value: `${piece}/10/XYZ`,
    })
    const key = parseGs1(`${piece}/10/XYZ`)
    expect(key.ok && formatUrn(key.value, 7)).toMatchObject({
      refusals: [{ code: 'gs1/key-unknown' }],
    })
  })
})

describe.skipIf(!present('epcis-hash'))('identifier normalisation of CBV 2.0 (epcis-hash)', () => {
  it('all pairs agree; what is no key stays as it is or is refused', () => {
    const pairs = load<{ in: string; out: string | null }[]>('epcis-hash/uri-normalisation.json')
    for (const { in: text, out } of pairs) {
      const result = canonicalEpc(text)
      if (out !== null) expect(result, text).toEqual({ ok: true, value: out })
      else if (result.ok) expect(result.value).toBe(text)
    }
  })
})
