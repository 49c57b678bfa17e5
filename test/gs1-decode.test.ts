import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeGs1 } from '../domain/gs1/decode.ts'
import { readableValue } from '../domain/gs1/readable.ts'

const unit = 'https://id.gs1.org/01/09506000134352/21/123456789'
const told = (text: string, prefixes?: string[]) => {
  const result = decodeGs1(text, prefixes)
  return result.ok ? result.value : result.refusals
}

describe('one unit in every form', () => {
  const forms = {
    ']d2010950600013435221123456789': 'scan',
    '(01)09506000134352(21)123456789': 'element-string',
    '^010950600013435221123456789': 'element-string',
    [unit]: 'digital-link',
    'urn:epc:id:sgtin:95060001343.05.123456789': 'epc-urn',
    'urn:epc:tag:sgtin-96:3.95060001343.05.123456789': 'tag-uri',
    '3066C4409047E140075BCD15': 'tag-hex',
    '3066c4409047e140075bcd15': 'tag-hex',
  }
  for (const [text, syntax] of Object.entries(forms))
    it(`${text} is a ${syntax}`, () => {
      expect(told(text, ['95060001343'])).toMatchObject({
        syntax,
        key: { key: 'sgtin', gtin: '09506000134352', serial: '123456789' },
        epc: unit,
        digitalLink: unit,
        elementString: '(01)09506000134352(21)123456789',
        hri: ['(01) 09506000134352', '(21) 123456789'],
        urn: 'urn:epc:id:sgtin:95060001343.05.123456789',
      })
    })

  it('no URN is told when the length of the company prefix is not known', () => {
    expect(told(unit)).not.toHaveProperty('urn')
    expect(told('3066C4409047E140075BCD15')).toMatchObject({
      tag: { scheme: 'sgtin-96', filter: 3, hex: '3066C4409047E140075BCD15' },
      urn: 'urn:epc:id:sgtin:95060001343.05.123456789',
    })
  })

  it('a tag whose digits are all decimal is a tag when it is no element string', () => {
    expect(told('302117688465380000000001')).toMatchObject({
      syntax: 'tag-hex',
      key: { key: 'sgtin' },
    })
  })
})

describe('what else is told', () => {
  it('attributes with their titles and readable values', () => {
    expect(told('(01)09506000134352(17)270200(3103)000195(10)L1')).toMatchObject({
      digitalLink: 'https://id.gs1.org/01/09506000134352/10/L1?17=270200&3103=000195',
      elements: [
        { ai: '01', title: 'GTIN' },
        { ai: '17', title: 'USE BY or EXPIRY', readable: '2027-02-28', at: 22, length: 6 },
        { ai: '3103', title: 'NET WEIGHT (kg)', readable: '0.195 kg' },
        { ai: '10', title: 'BATCH/LOT', value: 'L1' },
      ],
    })
  })

  it('a GTIN by itself', () => {
    expect(told('9506000134352')).toMatchObject({
      syntax: 'gtin',
      elementString: '(01)09506000134352',
    })
  })

  it('the limits of a container', () => {
    expect(told('(00)106141411234567897(4331)000800(4333)000200')).toMatchObject({
      limits: { minC: 2, maxC: 8 },
    })
  })

  it('elements without a key, as on a second symbol of a label', () => {
    expect(told('(10)L1(17)271231')).toMatchObject({ elementString: '(10)L1(17)271231' })
    expect(told('(10)L1(17)271231')).not.toHaveProperty('key')
  })

  it('every kind of value as it is read', () => {
    const readable: [string, string, string | undefined][] = [
      ['4331', '002000-', '-20 °C'],
      ['3922', '1234', '12.34'],
      ['3932', '9781234', '12.34 (ISO 4217 978)'],
      ['3941', '0125', '12.5 %'],
      ['3370', '000012', '12 kg per m²'],
      ['3600', '000012', '12 qt (US)'],
      ['4309', '14240000003600000000', '52.4000000, 0.0000000'],
      ['7003', '2712312359', '2027-12-31T23:59'],
      ['7007', '270101270105', '2027-01-01/2027-01-05'],
      ['8008', '27010108', '2027-01-01T08:00'],
      ['7250', '20011231', '2001-12-31'],
      ['4300', 'A%26B+Ltd', 'A&B Ltd'],
      ['4300', 'A%FF', 'A%FF'],
      ['4321', '1', 'yes'],
      ['8006', '095060001343520203', 'piece 02 of 03'],
      ['10', 'L1', undefined],
    ]
    for (const [ai, value, text] of readable) expect(readableValue(ai, value), ai).toBe(text)
  })
})

describe('any input', () => {
  it('is told or refused with spans within it, and never throws', () => {
    const start = fc.constantFrom('', ']d2', ']E0', '(01)', '(00)', 'urn:epc:id:', 'urn:epc:tag:')
    const more = fc.constantFrom('https://id.gs1.org/', '30', '3066C4', 'F7', '^', '\u001d')
    const text = fc
      .tuple(
        fc.oneof(start, more),
        fc.oneof(fc.string(), fc.stringMatching(/^[0-9A-F().:/?=&%-]*$/)),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (input) => {
        const result = decodeGs1(input)
        if (result.ok) return
        for (const { code, at, length } of result.refusals) {
          expect(code).toMatch(/^gs1\//)
          expect(at! + length!).toBeLessThanOrEqual(input.length)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('of a million characters is refused at once', () => {
    for (const start of [
      '(10)',
      '^10',
      ']d210',
      'urn:epc:id:sgtin:',
      'https://id.gs1.org/01/',
      '3',
    ])
      for (const filler of ['A', '(', '0', '%', '/', '='])
        expect(decodeGs1(start + filler.repeat(1_000_000)).ok).toBe(false)
  })
})
