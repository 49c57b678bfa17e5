import { existsSync, readFileSync } from 'node:fs'
import { encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { decodePack, resolveSenml, type SenmlRecord } from '../ingest/senml.ts'
import { decodeSenml } from '../ingest/senml-readings.ts'

const recordTime = Date.UTC(2026, 2, 1, 12)
const bt = recordTime / 1000 - 600
const context = { recordTime }
const decode = (pack: unknown, declared = {}) =>
  decodeSenml(Buffer.from(JSON.stringify(pack)), { recordTime, channels: declared })
const faults = (pack: unknown) => decode(pack).refusals.map((r) => `${r.code} ${r.path}`)
const resolve = (pack: unknown) => resolveSenml(pack, recordTime)

const vectors = '../shared/data/senml'
const present = existsSync(vectors)
if (!present) console.warn(`skipped: ${vectors} not present`)
const read = (name: string) => readFileSync(`${vectors}/${name}`)
const json = (name: string) => JSON.parse(read(name).toString())

describe.skipIf(!present)('the examples of RFC 8428', () => {
  it.each([
    ['ex1', 1_498_780_179_000],
    ['ex2', 1_498_780_179_000],
    ['ex3', 0],
    ['ex5', 0],
    ['ex9', 1_498_780_179_000],
    ['ex12', 0],
  ])('%s resolves to its published records', (name, nowMs) => {
    const { records, refusals } = resolveSenml(json(`${name}.json`), nowMs)
    expect(refusals).toEqual([])
    // Two known slips of the program that made the files: ex3 leaves out its version and the order
    // of time.
    const published = json(`${name}.gen.resolved.json`) as SenmlRecord[]
    expect(records.map(({ bver, ...rest }) => rest)).toEqual(
      published.toSorted((a, b) => a.t - b.t),
    )
    expect(new Set(records.map((r) => r.bver))).toEqual(new Set([name === 'ex3' ? 5 : undefined]))
  })

  it('ex7 resolves to four records, the one with data too', () => {
    const { records } = resolveSenml(json('ex7.json'), 1_499_109_309_000)
    expect(records.slice(0, 3)).toEqual(json('ex7.gen.resolved.json'))
    expect(records[3]).toEqual({
      n: 'urn:dev:ow:10e2073a01080063:nfv-reader',
      t: 1_499_109_309,
      vd: 'aGkgCg',
    })
  })

  it('ex13 resolves to exact tenths of a second', () => {
    const { records } = resolveSenml(json('ex13.json'), 0)
    expect(records.map((r) => r.t)).toEqual([
      1_320_078_429, 1_320_078_429, 1_320_078_429.1, 1_320_078_429.1,
    ])
  })

  it.each(['ex3', 'ex5'])('%s is the same pack in CBOR', (name) => {
    const cbor = decodePack(read(`${name}.gen.cbor`))
    expect(cbor.ok && resolve(cbor.value)).toEqual(resolve(json(`${name}.json`)))
  })

  it('ex5 gives readings though its records are told apart by unit only', () => {
    const { readings, refusals } = decodeSenml(read('ex5.json'), context)
    expect(refusals).toEqual([])
    expect(readings.length).toBe(13)
    expect(readings[0]).toEqual({ channel: 'humidity', time: 1_320_067_464_000, value: 20 })
    expect(new Set(readings.map((r) => r.channel))).toEqual(
      new Set(['humidity', 'lon', 'lat', 'battery']),
    )
  })
})

describe('resolving a pack', () => {
  it('adds base and own values, times and sums', () => {
    const { records } = resolve([
      { bn: 'x:', bt, bu: 'Cel', bv: 0.1, bs: 5, n: 'a', v: 0.2, t: 0.3, s: 1, ut: 60 },
      { n: 'b', u: 'K', t: 0.7 },
    ])
    expect(records).toEqual([
      { n: 'x:a', u: 'Cel', t: bt + 0.3, v: 0.3, s: 6, ut: 60 },
      { n: 'x:b', u: 'K', t: bt + 0.7, v: 0.1, s: 5 },
    ])
  })

  it('puts base fields into force until they are replaced', () => {
    const { records } = resolve([
      { bn: 'x:', bt, n: 'a', v: 1 },
      { n: 'b', v: 2 },
      { bn: 'y:', bt: bt + 60 },
      { n: 'c', v: 3 },
    ])
    expect(records.map((r) => [r.n, r.t - bt])).toEqual([
      ['x:a', 0],
      ['x:b', 0],
      ['y:c', 60],
    ])
  })

  it('counts times below 2^28 from now and others from 1970', () => {
    const times = (t: number) => resolve([{ n: 'a', v: 1, t }]).records[0]!.t * 1000 - recordTime
    expect(times(0)).toBe(0)
    expect(times(-30.5)).toBe(-30_500)
    expect(times(60)).toBe(60_000)
    expect(times(2 ** 28 - 1)).toBe(2 ** 28 * 1000 - 1000)
    expect(resolve([{ n: 'a', v: 1, t: 2 ** 28 }]).records[0]!.t).toBe(2 ** 28)
  })

  it('orders records by time and leaves equal times as they came', () => {
    const pack = [3, 1, 2, 1].map((t, i) => ({ n: `r${i}`, bt, t, v: i }))
    expect(resolve(pack).records.map((r) => r.v)).toEqual([1, 3, 2, 0])
  })

  it('ignores labels it does not know', () => {
    const { records, refusals } = resolve([{ bn: 'x:', n: 'a', v: 1, bzz: {}, zz: [1], ct: '60' }])
    expect(refusals).toEqual([])
    expect(records).toEqual([{ n: 'x:a', t: recordTime / 1000, v: 1 }])
  })

  it('repeats a version other than 10 in every record', () => {
    const of = (bver: number) =>
      resolve([
        { n: 'a', v: 1, bver },
        { n: 'b', v: 1 },
      ]).records
    expect(of(10).map((r) => r.bver)).toEqual([undefined, undefined])
    expect(of(5).map((r) => r.bver)).toEqual([5, 5])
    expect(of(26).map((r) => r.bver)).toEqual([26, 26])
  })
})

describe('what makes a pack or a record invalid', () => {
  it.each([
    [{}, ['senml/shape ']],
    [[], ['senml/shape ']],
    [[5], ['senml/shape /0']],
    [[{ n: 'light', v: 1, bver: 11 }], ['senml/version /0/bver']],
    [[{ n: 'light', v: 1, bver: 0 }], ['senml/version /0/bver']],
    [[{ n: 'light', v: 1, bver: 9.5 }], ['senml/version /0/bver']],
    [[{ n: 'light', v: 1, bver: '10' }], ['senml/version /0/bver']],
    [[{ n: 'light', v: 1, must_: 1 }], ['senml/label-unknown /0']],
    [[{ n: 'light', v: 1, bmust_: 1 }], ['senml/label-unknown /0']],
    [[{ n: 'light' }], ['senml/value /0']],
    [[{}], ['senml/name /0']],
    [[{ n: 'light', v: 1, vb: true }], ['senml/value /0']],
    [[{ n: 'light', v: '1' }], ['senml/value /0/v']],
    [[{ n: 'light', v: null }], ['senml/value /0/v']],
    [[{ n: 'light', vd: 'a b=' }], ['senml/value /0/vd']],
    [[{ n: 'light', v: 1, t: 'now' }], ['senml/time /0/t']],
    [[{ n: 'light', v: 1, t: 1e300 }], ['senml/time /0']],
    [[{ n: 'light', v: 1, u: 1 }], ['senml/shape /0/u']],
    [[{ n: '', v: 1 }], ['senml/name /0']],
    [[{ n: '-light', v: 1 }], ['senml/name /0']],
    [[{ n: 'li ght', v: 1 }], ['senml/name /0']],
    [[{ n: 'lüx', v: 1 }], ['senml/name /0']],
    [[{ bn: 'a?', n: 'light', v: 1 }], ['senml/name /0']],
    [[{ bn: 'urn:dev:x:' }], ['reading/empty ']],
    [[{ n: 'light', s: 1 }], ['reading/value-invalid /0']],
  ])('%j is refused', (pack, expected) => {
    expect(faults(pack)).toEqual(expected)
    expect(decode(pack).readings).toEqual([])
  })

  it('two versions in one pack are refused', () => {
    const record = { n: 'light', v: 1 }
    expect(faults([record, { ...record, bver: 5 }])).toEqual(['senml/version /1/bver'])
    expect(
      faults([
        { ...record, bver: 5 },
        { ...record, bver: 5 },
      ]),
    ).toEqual([])
  })

  it('a bad record costs only itself, a bad base all that rest on it', () => {
    const { readings, refusals } = decode([
      { bn: 'x:', n: 'light', v: 1 },
      { n: 'humidity', v: 'wet' },
      { n: 'battery', u: '%EL', v: 50 },
      { bt: 'noon', n: 'light', v: 2 },
      { n: 'light', v: 3 },
    ])
    expect(readings.map((r) => r.channel)).toEqual(['light', 'battery'])
    expect(refusals.map((r) => `${r.code} ${r.path}`)).toEqual([
      'senml/value /1/v',
      'senml/time /3/bt',
      'senml/shape /3',
    ])
  })

  it('too many records are refused as a whole', () => {
    const pack = Array.from({ length: bounds.readingsPerPacketMax + 1 }, () => ({
      n: 'light',
      v: 1,
    }))
    expect(faults(pack)).toEqual(['packet/too-many-readings '])
  })
})

describe('records become readings', () => {
  const value = (n: string, u: string | undefined, v: number) =>
    decode([{ n, u, v }]).readings[0]?.value

  it('takes the channel from the own name or the last part of the full name', () => {
    const names = ['temperature', 'urn:dev:ow:10e2:temperature', 'dock/7/temperature.2']
    const pack = names.map((n) => ({ n, u: 'Cel', v: 4 }))
    expect(decode(pack).readings.map((r) => r.channel)).toEqual([
      'temperature',
      'temperature',
      'temperature.2',
    ])
    expect(decode([{ bn: 'urn:dev:1', n: 'light', v: 1 }]).readings[0]!.channel).toBe('light')
    expect(faults([{ n: 'urn:dev:1:colour', v: 1 }])).toEqual(['reading/channel-unknown /0'])
    expect(faults([{ n: 'urn:dev:1:ambient', u: 'Cel', v: 1 }])).toEqual([
      'reading/channel-unknown /0',
    ])
  })

  it('converts units to those of the channel', () => {
    expect(value('temperature', 'Cel', 4.5)).toBe(4.5)
    expect(value('temperature', 'K', 278.15)).toBe(5)
    expect(value('temperature', 'degF', 50)).toBe(10)
    expect(value('temperature', undefined, 4)).toBe(4)
    expect(value('humidity', '%RH', 55)).toBe(55)
    expect(value('humidity', '/', 0.55)).toBe(55)
    expect(value('battery', '%EL', 98)).toBe(98)
    expect(value('battery', '/', 0.55)).toBe(55)
    expect(value('battery', '%', 0.5)).toBe(50)
    expect(value('light', 'lx', 10)).toBe(10)
    expect(value('pressure', 'Pa', 101_325)).toBe(1013.25)
    expect(value('shock', 'm/s2', 9.80665)).toBe(1)
    expect(value('lat', 'lat', 60.1)).toBe(60.1)
    expect(value('accuracy', 'km', 0.2)).toBe(200)
    expect(
      decode([{ n: 'v1', u: 'V', v: 3 }], { v1: { unit: 'V', min: 0, max: 5 } }).readings,
    ).toEqual([{ channel: 'v1', time: recordTime, value: 3 }])
  })

  it.each([
    [{ n: 'temperature', u: '%RH', v: 1 }, 'reading/unit-unknown'],
    [{ n: 'temperature', u: 'constructor', v: 1 }, 'reading/unit-unknown'],
    [{ n: 'lat', u: 'lon', v: 1 }, 'reading/unit-unknown'],
    [{ n: 'temperature', u: 'Cel', vs: '4' }, 'reading/value-invalid'],
    [{ n: 'temperature', u: 'Cel', vb: true }, 'reading/value-invalid'],
    [{ n: 'temperature', vd: 'aGk' }, 'reading/value-invalid'],
    [{ n: 'door', v: 0.5 }, 'reading/value-invalid'],
    [{ n: 'humidity', u: '%RH', v: 101 }, 'reading/out-of-physics'],
    [{ n: 'temperature', v: 4, t: 268_435_456 }, 'reading/time-before-2000'],
    [{ n: 'temperature', v: 4, t: 200_000 }, 'reading/time-in-future'],
  ])('refuses %j', (record, code) => {
    expect(decode([record]).refusals.map((r) => r.code)).toEqual([code])
  })

  it('takes a door as boolean or ratio', () => {
    const pack = [
      { n: 'door', vb: true },
      { n: 'door', t: -1, vb: false },
      { n: 'door', t: 1, u: '/', v: 1 },
    ]
    expect(decode(pack).readings.map((r) => r.value)).toEqual([0, 1, 1])
  })
})

describe('CBOR', () => {
  const pack = new Map<number | string, unknown>([
    [-2, 'urn:dev:1:'],
    [0, 'temperature'],
    [1, 'Cel'],
    [2, 4.25],
    [6, -60],
  ])

  it('reads integer labels, decimal fractions and unknown labels', () => {
    const bytes = encode([pack])
    const decoded = decodeSenml(bytes, context)
    expect(decoded).toEqual({
      readings: [{ channel: 'temperature', time: recordTime - 60_000, value: 4.25 }],
      refusals: [],
    })
    // 81 a2 00 "light" 02 4([-1, 125]): one record, the value as a decimal fraction.
    const decimal = Buffer.from('81a200656c6967687402c48220187d', 'hex')
    expect(decodeSenml(decimal, context).readings[0]!.value).toBe(12.5)
    const odd = encode([new Map([...pack, [99, 'x'], ['later', [1]]])])
    expect(decodeSenml(odd, context).readings.length).toBe(1)
  })

  it.each([
    ['cut short', encode([pack]).subarray(0, 20), 'packet/cbor'],
    ['with bytes behind', Buffer.concat([encode([pack]), Buffer.from([0])]), 'packet/cbor'],
    ['with one label twice', Buffer.from('81a202010202', 'hex'), 'packet/cbor'],
    ['with an unknown tag', Buffer.from('c101', 'hex'), 'packet/cbor'],
    ['nested a million deep', Buffer.alloc(1_000_000, 0x81), 'packet/cbor'],
    ['tagged a million times', Buffer.alloc(1_000_000, 0xc4), 'packet/cbor'],
    [
      'of a million empty arrays',
      Buffer.concat([Buffer.from('9a000f4240', 'hex'), Buffer.alloc(1_000_000, 0x80)]),
      'packet/cbor',
    ],
    ['claiming four billion records', Buffer.from('9affffffff', 'hex'), 'packet/cbor'],
    ['of one record without an array', encode(pack), 'senml/shape'],
    ['with a label to understand', encode([new Map([...pack, ['x_', 1]])]), 'senml/label-unknown'],
  ])('%s is refused', (_, body, code) => {
    const { readings, refusals } = decodeSenml(body, context)
    expect(readings).toEqual([])
    expect(refusals.map((r) => r.code)).toEqual([code])
  })

  it('never throws, and says something about every body', () => {
    const good = encode([
      pack,
      new Map([
        [0, 'light'],
        [2, 1],
      ] as [number, unknown][]),
    ])
    const mutated = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })))
      .map((edits) => {
        const bytes = Uint8Array.from(good)
        for (const [place, byte] of edits) bytes[place] = byte
        return bytes
      })
    const record = fc.dictionary(
      fc.constantFrom(
        'bn',
        'bt',
        'bu',
        'bv',
        'bs',
        'n',
        'u',
        'v',
        'vs',
        'vb',
        'vd',
        's',
        't',
        'x_',
        '__proto__',
      ),
      fc.oneof(
        fc.double(),
        fc.string(),
        fc.boolean(),
        fc.constantFrom('light', 'Cel', null, [], 1),
      ),
    )
    const jsonPack = fc.array(record).map((p) => Buffer.from(JSON.stringify(p)))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), mutated, jsonPack), (body) => {
        const { readings, refusals } = decodeSenml(body, context)
        expect(readings.length + refusals.length).toBeGreaterThan(0)
        for (const r of readings) expect(Number.isFinite(r.value)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
