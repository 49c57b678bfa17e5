// Sparkplug B, decoded from what an encoder of the tests alone makes (sparkplug-encoder.ts).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePublish } from '../ingest/decode/decode.ts'
import { decodePayload } from '../ingest/sparkplug.ts'
import { formatBirth, openBirth } from '../ingest/sparkplug-births.ts'
import { decodeSparkplug } from '../ingest/sparkplug-readings.ts'
import { payload, type Sent, type Type } from './sparkplug-encoder.ts'

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

  it('holds what is historical, and not what is transient', () => {
    const sent: Sent[] = [
      { ...warm, timestamp: at - 9000, historical: true },
      { ...warm, transient: true },
    ]
    expect(decode(sent)).toMatchObject({ readings: [{ time: at - 9000 }], refusals: [] })
  })

  it('is refused where it is a table, a moment or a text instead of a number', () => {
    const refusalsOf = (sent: Sent) => decode([warm, sent]).refusals.map(({ path }) => path)
    expect(refusalsOf({ name: 'Alarms', type: 'DataSet', value: 'column' })).toEqual(['/metrics/1'])
    expect(refusalsOf({ name: 'Pump', type: 'Template', value: 'x' })).toEqual(['/metrics/1'])
    expect(refusalsOf({ name: '_types_/Pump', type: 'Template', value: 'x' })).toEqual([])
    expect(refusalsOf({ name: 'temperature', type: 'String', value: '4' })).toEqual(['/metrics/1'])
    expect(refusalsOf({ name: 'temperature', type: 'DateTime', value: 5 })).toEqual(['/metrics/1'])
    expect(refusalsOf({ name: 'Serial', type: 'String', value: '4' })).toEqual([])
  })

  it('means by an alias and by a name what the birth in force says (tck-id-payloads-alias-…)', () => {
    const born = formatBirth(
      payload(
        [
          { name: 'Probes/temperature', alias: 0, type: 'Int16', value: 70, unit: 'F' },
          { name: 'humidity', alias: 2 ** 53, type: 'Double', value: 1 },
          { name: 'light', alias: 2 ** 53 + 2, type: 'Double', value: 1 },
          { name: 'Node Control/Reboot', alias: 5, type: 'Boolean', value: false },
          { name: 'door', alias: 7, type: 'Boolean', value: true },
          { name: 'battery', alias: 7, type: 'Double', value: 1 },
        ],
        at,
      ),
    )
    const told = (sent: Partial<Sent>) => {
      const body = payload([{ type: 'Int16', value: -4, withType: false, ...sent }], at)
      const context = { recordTime, channels: {}, birth: openBirth(born) }
      const { readings, refusals } = decodeSparkplug(body, 'DDATA', context)
      return [...readings.map(({ channel, value }) => `${channel} ${value}`), ...refusals]
    }
    expect(told({ alias: 0 })).toEqual(['temperature -20'])
    expect(told({ name: 'Probes/temperature' })).toEqual(['temperature -20'])
    // What the packet says itself stands.
    expect(told({ alias: 0, unit: 'C' })).toEqual(['temperature -4'])
    expect(told({ alias: 2 ** 53, type: 'Double', value: 8 })).toEqual(['humidity 8'])
    expect(told({ alias: 2 ** 53 + 2, type: 'Double', value: 8 })).toEqual(['light 8'])
    expect(told({ alias: 5, type: 'Boolean', value: true })).toEqual([])
    // It stands for two, so for none (tck-id-payloads-alias-uniqueness).
    expect(told({ alias: 7 })).toMatchObject([{ code: 'reading/alias-only' }])
    expect(told({ alias: 6 })).toMatchObject([
      { detail: expect.stringMatching(/alias 6 .*DBIRTH/) },
    ])
    expect(told({ alias: 6, value: null })).toEqual([])
    // After a birth that cannot be read nothing is known.
    expect(openBirth(formatBirth(Buffer.from('no birth'))).byAlias('0')).toBeUndefined()
  })

  it('of a gateway that is no logger is refused only where it measures', () => {
    const codes = (type: string, sent: Sent) =>
      decodePublish(
        {
          ...{ kind: 'publish', tenant: 'default', source: 'gateway', recordTime },
          topic: `spBv1.0/default/${type}/gateway`,
          body: payload([sent], at),
        },
        { device: () => undefined },
      ).refusals.map(({ code }) => code)
    expect(codes('NBIRTH', { name: 'bdSeq', type: 'Int64', value: 1 })).toEqual([])
    expect(codes('NDATA', { alias: 3, type: 'Double', value: 1 })).toEqual([])
    expect(codes('NDEATH', { name: 'bdSeq', type: 'Int64', value: 1 })).toEqual([])
    expect(codes('NBIRTH', warm)).toEqual(['device/unknown'])
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
