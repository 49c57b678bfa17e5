// Sparkplug B, decoded from what an encoder written for this test alone makes: from the .proto of
// the specification, with a writer that grows an array of numbers.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePublish } from '../ingest/decode/decode.ts'
import { decodePayload } from '../ingest/sparkplug.ts'

/** Datatypes of the specification, by number. */
const types = {
  ...{ Int8: 1, Int16: 2, Int32: 3, Int64: 4, UInt8: 5, UInt16: 6, UInt32: 7, UInt64: 8 },
  ...{ Float: 9, Double: 10, Boolean: 11, String: 12 },
} as const
type Type = keyof typeof types

interface Sent {
  name?: string
  alias?: number
  timestamp?: number
  type: Type
  value: number | bigint | boolean | string | null
  withType?: boolean
  unit?: string
}

const varint = (value: bigint | number): number[] => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(rest % 128n)
    rest /= 128n
    bytes.push(rest > 0n ? low + 128 : low)
  } while (rest > 0n)
  return bytes
}
const number = (field: number, value: bigint | number): number[] => [
  ...varint(field * 8),
  ...varint(value),
]
const block = (field: number, bytes: readonly number[] | Uint8Array): number[] => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
]
const text = (field: number, value: string): number[] => block(field, Buffer.from(value))

function written(type: Type, value: NonNullable<Sent['value']>): number[] {
  if (type === 'String') return text(15, String(value))
  if (type === 'Boolean') return number(14, value ? 1 : 0)
  if (type === 'Float' || type === 'Double') {
    const bytes = Buffer.alloc(type === 'Float' ? 4 : 8)
    if (type === 'Float') bytes.writeFloatLE(Number(value))
    else bytes.writeDoubleLE(Number(value))
    return [...varint(type === 'Float' ? 12 * 8 + 5 : 13 * 8 + 1), ...bytes]
  }
  const whole = BigInt(value as number | bigint)
  // Signed ones travel as two's complement of the width of their field.
  if (type === 'Int64' || type === 'UInt64') return number(11, BigInt.asUintN(64, whole))
  return number(10, BigInt.asUintN(32, whole))
}

/** Two properties, the keys before the values; the second is the unit. */
const unitProperty = (unit: string): number[] => [
  ...text(1, 'other'),
  ...text(1, 'engUnit'),
  ...block(2, number(3, 1)),
  ...block(2, [...number(1, types.String), ...text(8, unit)]),
]

function metric(sent: Sent): number[] {
  const { name, alias, timestamp, type, value, unit, withType = true } = sent
  return [
    ...(name === undefined ? [] : text(1, name)),
    ...(alias === undefined ? [] : number(2, alias)),
    ...(timestamp === undefined ? [] : number(3, timestamp)),
    ...(withType ? number(4, types[type]) : []),
    ...(value === null ? number(7, 1) : []),
    ...(unit === undefined ? [] : block(9, unitProperty(unit))),
    ...(value === null ? [] : written(type, value)),
  ]
}
const payload = (sent: readonly Sent[], timestamp?: number): Uint8Array =>
  Buffer.from([
    ...(timestamp === undefined ? [] : number(1, timestamp)),
    ...sent.flatMap((each) => block(2, metric(each))),
    ...number(3, 7),
    ...text(4, 'a uuid'),
  ])

const recordTime = Date.UTC(2026, 5, 1)
const at = recordTime - 60_000
const known = { channels: { co2: { unit: 'ppm', min: -10, max: 5000 } } }
const decode = (sent: readonly Sent[], { type = 'NDATA', time = at as number | null } = {}) =>
  decodePublish(
    {
      ...{ kind: 'publish', tenant: 'default', source: 'gateway', recordTime },
      topic: `spBv1.0/default/${type}/${type.startsWith('D') ? 'node/' : ''}logger`,
      body: payload(sent, time ?? undefined),
    },
    { device: (_, id) => (id === 'logger' ? known : undefined) },
  )
const warm: Sent = { name: 'temperature', type: 'Double', value: 4.25 }

describe('a packet of Sparkplug B', () => {
  it.each(['NBIRTH', 'DBIRTH', 'NDATA', 'DDATA'])(
    'of type %s holds readings of the last level',
    (type) => {
      expect(decode([warm], { type })).toEqual({
        device: 'logger',
        readings: [{ channel: 'temperature', time: at, value: 4.25 }],
        refusals: [],
      })
    },
  )

  it.each(['NDEATH', 'DDEATH', 'NCMD', 'DCMD'])(
    'of type %s holds none, and is not refused',
    (type) => {
      expect(decode([warm], { type })).toMatchObject({ readings: [], refusals: [] })
    },
  )

  it('has the time of the metric, else of the payload, else none', () => {
    const own = { ...warm, timestamp: at - 5000 }
    expect(decode([own, warm]).readings.map(({ time }) => time)).toEqual([at - 5000, at])
    const { refusals } = decode([warm], { time: null })
    expect(refusals).toMatchObject([{ code: 'reading/time-missing', path: '/metrics/0' }])
  })

  it('gives each number as it was sent, whatever its type (tck-id-payloads-metric-datatype)', () => {
    const widths = { Int8: 8n, Int16: 16n, Int32: 32n, Int64: 53n } as const
    const signed = fc
      .constantFrom(...(Object.keys(widths) as (keyof typeof widths)[]))
      .chain((type) => {
        const half = 2n ** (widths[type] - 1n)
        return fc.record({
          type: fc.constant<Type>(type),
          value: fc.bigInt({ min: -half, max: half - 1n }),
        })
      })
    const unsigned = fc.record({
      type: fc.constantFrom<Type>('UInt8', 'UInt16', 'UInt32', 'UInt64'),
      value: fc.bigInt({ min: 0n, max: 255n }),
    })
    const real = fc.oneof(
      fc.record({ type: fc.constant<Type>('Double'), value: fc.double({ noNaN: true }) }),
      // What a sensor tells: a decimal of a few digits.
      fc.record({
        type: fc.constant<Type>('Float'),
        value: fc.integer({ min: -99_999, max: 99_999 }).map((n) => n / 100),
      }),
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(signed, unsigned, real), { maxLength: 9 }), (sent) => {
        const decoded = decodePayload(
          payload(
            sent.map((each) => ({ name: 'n', ...each })),
            at,
          ),
        )
        if (!decoded.ok) throw new Error(decoded.refusals[0]!.detail)
        expect(decoded.value.metrics.map(({ value }) => value)).toEqual(
          sent.map(({ value }) => Number(value)),
        )
      }),
    )
  })

  it('knows channels by name, at the end of a path, and those declared with the device', () => {
    const names = ['Probes/1/Temperature', 'humidity', 'Gas/co2', 'temperature.2']
    const { readings } = decode(names.map((name) => ({ name, type: 'Int32', value: 5 })))
    const found = readings.map(({ channel }) => channel)
    expect(found).toEqual(['temperature', 'humidity', 'co2', 'temperature.2'])
    const { refusals } = decode([{ name: 'Probes/Viscosity', type: 'Int32', value: 5 }])
    expect(refusals).toMatchObject([{ code: 'reading/channel-unknown', path: '/metrics/0' }])
  })

  it('is silent about what a node has and what is no number', () => {
    const sent: Sent[] = [
      { name: 'bdSeq', type: 'UInt64', value: 3 },
      { name: 'Node Control/Rebirth', type: 'Boolean', value: false },
      { name: 'Properties/maker', type: 'String', value: 'somebody' },
      { name: 'temperature', type: 'Double', value: null },
      { name: 'door', type: 'Boolean', value: true },
    ]
    expect(decode(sent)).toMatchObject({
      readings: [{ channel: 'door', value: 1 }],
      refusals: [],
    })
  })

  it('is told in °C, from what its property engUnit says', () => {
    const sent = (unit: string): Sent => ({ name: 'temperature', type: 'Double', value: 50, unit })
    expect(decode([sent('°F'), sent('C')]).readings.map(({ value }) => value)).toEqual([10, 50])
    expect(decode([sent('Ra')]).refusals).toMatchObject([{ code: 'reading/unit-unknown' }])
  })

  it('is not guessed at: no name but an alias, no sign, no such value', () => {
    const codes = (sent: Sent) => decode([sent]).refusals.map(({ code }) => code)
    expect(codes({ alias: 3, type: 'Double', value: 4 })).toEqual(['reading/alias-only'])
    const unsure: Sent = { name: 'temperature', type: 'Int32', value: -5, withType: false }
    expect(codes(unsure)).toEqual(['reading/value-invalid'])
    expect(decode([{ ...unsure, value: 5 }]).readings).toMatchObject([{ value: 5 }])
    expect(decode([{ ...unsure, withType: true }]).readings).toMatchObject([{ value: -5 }])
    expect(codes({ ...warm, value: 5000 })).toEqual(['reading/out-of-physics'])
    expect(codes({ ...warm, value: Number.NaN })).toEqual(['reading/value-invalid'])
    expect(codes({ ...warm, timestamp: 86_400_000 })).toEqual(['reading/time-before-2000'])
    expect(codes({ name: 'temperature', type: 'Boolean', value: true })).toEqual([
      'reading/value-invalid',
    ])
  })

  it('belongs to the tenant of its credentials and to a registered logger', () => {
    const codeOf = (topic: string) => {
      const envelope = { kind: 'publish' as const, tenant: 'default', source: 'g', recordTime }
      const decoded = decodePublish(
        { ...envelope, topic, body: payload([warm], at) },
        { device: (_, id) => (id === 'logger' ? known : undefined) },
      )
      return decoded.refusals[0]?.code
    }
    expect(codeOf('spBv1.0/default/NDATA/logger')).toBeUndefined()
    expect(codeOf('spBv1.0/other/NDATA/logger')).toBe('packet/topic-unknown')
    expect(codeOf('spBv1.0/default/NDATA/stranger')).toBe('device/unknown')
    for (const rest of ['NDATA/node/logger', 'DDATA/logger', 'DDATA/node/', 'DATA/logger', 'NDATA'])
      expect(codeOf(`spBv1.0/default/${rest}`)).toBe('packet/topic-unknown')
  })

  it('never fails but by refusal, whatever the bytes, whole or cut', () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .nat(60)
        .map((length) => payload([warm, { ...warm, alias: 2, unit: 'K' }], at).slice(0, length)),
    )
    fc.assert(
      fc.property(bodies, (body) => {
        const decoded = decodePayload(body)
        if (decoded.ok) expect(decoded.value.metrics.length).toBeLessThanOrEqual(body.length)
        else expect(decoded.refusals).toMatchObject([{ code: 'packet/sparkplug' }])
      }),
    )
  })
})
