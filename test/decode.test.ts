import { gzipSync } from 'node:zlib'
import { encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { type DecodeContext, decodePublish } from '../ingest/decode/decode.ts'
import type { Envelope } from '../store/log.ts'

const recordTime = Date.UTC(2026, 2, 1, 12)
const reading = JSON.stringify({ time: recordTime, temperature: 4.5 })
const context: DecodeContext = {
  device: (tenant, id) =>
    tenant === 'acme' && id === 'logger-1'
      ? { channels: { co2: { unit: 'ppm', min: 0, max: 1e6 } } }
      : undefined,
}
const decode = (topic: string, body: string | Uint8Array, change: Partial<Envelope> = {}) =>
  decodePublish(
    {
      kind: 'publish',
      tenant: 'acme',
      source: 'logger-1',
      topic,
      recordTime,
      body: typeof body === 'string' ? Buffer.from(body) : body,
      ...change,
    },
    context,
  )
const codes = (...args: Parameters<typeof decode>) => decode(...args).refusals.map((r) => r.code)
const topic = 'v1/acme/logger-1/readings'
const one = [{ channel: 'temperature', time: recordTime, value: 4.5 }]

describe('a device that is retired', () => {
  const at = recordTime - 60_000
  const retired: DecodeContext = { device: () => ({ retired: { at, reason: 'probe broken' } }) }
  const sent = (times: number[], change: Partial<Envelope> = {}) =>
    decodePublish(
      {
        ...{ kind: 'publish', tenant: 'acme', source: 'gateway', topic, recordTime },
        body: Buffer.from(JSON.stringify(times.map((time) => ({ time, temperature: 4 })))),
        ...change,
      },
      retired,
    )

  it('is refused what it measured since, once a packet, and keeps what it measured before', () => {
    const { readings, refusals, device } = sent([at - 1, at, at + 1])
    expect(device).toBe('logger-1')
    expect(readings.map(({ time }) => time)).toEqual([at - 1])
    expect(refusals).toMatchObject([{ code: 'device/retired', path: topic }])
    expect(refusals[0]!.detail).toContain('(probe broken): 2 of 3 values')
    expect(sent([at - 1]).refusals).toEqual([])
  })

  it('keeps what had come before it was retired, whatever its clock said', () => {
    expect(sent([at + 1], { recordTime: at - 1 }).readings).toHaveLength(1)
  })

  it('tells what its status said as well', () => {
    const status = sent([at + 1], { topic: 'v1/acme/logger-1/status' })
    expect(status.refusals).toMatchObject([{ code: 'device/retired' }])
  })
})

describe('an envelope becomes readings of its device', () => {
  it('reads own JSON, SenML as JSON and SenML as CBOR, each plain and as gzip', () => {
    const senml = [{ n: 'temperature', u: 'Cel', v: 4.5 }]
    const cbor = encode([
      new Map<number, unknown>([
        [0, 'temperature'],
        [2, 4.5],
      ]),
    ])
    const bodies: [string, Uint8Array][] = [
      [topic, Buffer.from(reading)],
      ['v1/acme/logger-1/senml', Buffer.from(JSON.stringify(senml))],
      ['v1/acme/logger-1/senml', cbor],
    ]
    for (const [at, body] of bodies)
      for (const sent of [body, gzipSync(body)])
        expect(decode(at, sent)).toEqual({ device: 'logger-1', readings: one, refusals: [] })
  })

  it('reads readings that came by HTTP or from a file, where the topic is the device', () => {
    const result = decode('logger-1', reading, { kind: 'readings', source: 'operator' })
    expect(result).toEqual({ device: 'logger-1', readings: one, refusals: [] })
    expect(codes('logger-2', reading, { kind: 'readings' })).toEqual(['device/unknown'])
  })

  it('knows the channels that the device declared', () => {
    expect(codes(topic, JSON.stringify({ time: recordTime, co2: 800 }))).toEqual([])
    expect(codes(topic, JSON.stringify({ time: recordTime, radon: 800 }))).toEqual([
      'reading/channel-unknown',
    ])
  })

  it('takes any status, and readings in it when there are some', () => {
    const status = (body: string) => decode('v1/acme/logger-1/status', body)
    for (const body of ['online', '', '{}', '{"state":"up","battery":50}', '[1]', '\u0000'])
      expect(status(body)).toEqual({ device: 'logger-1', readings: [], refusals: [] })
    expect(status(JSON.stringify({ time: recordTime, state: 'up', battery: 50 })).readings).toEqual(
      [{ channel: 'battery', time: recordTime, value: 50 }],
    )
  })

  it('leaves captures to others', () => {
    expect(decode('job-1', '{}', { kind: 'capture' })).toEqual({
      device: '',
      readings: [],
      refusals: [],
    })
  })
})

describe('an envelope that cannot become readings', () => {
  it('is refused for its sender when the publish was forbidden', () => {
    const result = decode('v1/acme/logger-9/readings', reading, { kind: 'forbidden' })
    expect(result.device).toBe('logger-1')
    expect(result.readings).toEqual([])
    expect(result.refusals).toMatchObject([
      { code: 'packet/topic-forbidden', path: 'v1/acme/logger-9/readings' },
    ])
  })

  it('is refused when nobody registered the device', () => {
    const result = decode('v1/acme/logger-2/readings', reading)
    expect(result).toMatchObject({ device: 'logger-2', refusals: [{ code: 'device/unknown' }] })
  })

  it.each([
    'v1/acme/logger-1/commands',
    'v1/acme/logger-1/readings/x',
    'v1/acme/logger-1',
    'v1/acme//readings',
    'v1/other/logger-1/readings',
    'v1/acmeX/logger-1/readings',
    'v2/acme/logger-1/readings',
    'readings',
    '',
  ])('is refused when the topic is %j', (at) => {
    expect(codes(at, reading)).toEqual(['packet/topic-unknown'])
  })

  it('is refused when a gzip body is a bomb, cut short or not what it seems', () => {
    const bomb = gzipSync(Buffer.alloc(bounds.inflatedBytesMax + 1, 0x20))
    expect(bomb.length).toBeLessThan(bounds.packetBytesMax)
    expect(codes(topic, bomb)).toEqual(['packet/too-large'])
    expect(codes(topic, gzipSync(reading).subarray(0, 20))).toEqual(['packet/encoding'])
    expect(codes(topic, Buffer.from([0x1f, 0x8b, 0, 0]))).toEqual(['packet/encoding'])
    expect(codes(topic, gzipSync(gzipSync(reading)))).toEqual(['packet/encoding'])
  })

  it('never throws, whatever the topic and the body are', () => {
    const body = fc.oneof(
      fc.uint8Array(),
      fc.uint8Array().map((bytes) => Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), bytes])),
      fc.json().map((text) => gzipSync(text)),
      fc.constant(Buffer.from(reading)),
    )
    const leaf = fc.constantFrom('readings', 'senml', 'status', 'x')
    const at = fc.oneof(
      leaf.map((l) => `v1/acme/logger-1/${l}`),
      fc.string(),
    )
    const kind = fc.constantFrom('publish', 'forbidden', 'readings', 'capture' as const)
    fc.assert(
      fc.property(at, body, kind, (t, bytes, k) => {
        const first = decode(t, bytes, { kind: k as Envelope['kind'] })
        expect(decode(t, bytes, { kind: k as Envelope['kind'] })).toEqual(first)
      }),
      { numRuns: 1000 },
    )
  })
})
