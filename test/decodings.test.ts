import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placesIn } from '../domain/json-places.ts'
import { refusalCodes } from '../domain/refusal.ts'
import { remedyOf } from '../domain/remedies.ts'
import { type Api, bodyOf, openApi, testNow } from './api-app.ts'

describe('the place of a JSON pointer in a text', () => {
  it('is the span of its value, whatever stands around it', () => {
    const text = '[ {"a~/b": {"c,\\"]": [1, "x"]}}, true]'
    const spanned = (pointer: string) => {
      const place = placesIn(text, [pointer]).get(pointer)
      return place && text.slice(place.at, place.at + place.length)
    }
    expect(spanned('/0/a~0~1b/c,"]/1')).toBe('"x"')
    expect(spanned('/0/a~0~1b')).toBe('{"c,\\"]": [1, "x"]}')
    expect(spanned('/1')).toBe('true')
    // What is missing is missing in the object around it.
    expect(spanned('/0/time')).toBe('{"a~/b": {"c,\\"]": [1, "x"]}}')
    expect(spanned('')).toBeUndefined()
  })

  it('holds the value that the pointer names, for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const all = pointersInto(value)
        const places = placesIn(
          text,
          all.map(([pointer]) => pointer),
        )
        for (const [pointer, inner] of all) {
          const { at, length } = places.get(pointer)!
          expect(JSON.parse(text.slice(at, at + length))).toEqual(JSON.parse(JSON.stringify(inner)))
        }
      }),
    )
  })
})

function pointersInto(value: unknown, base = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const pointer = `${base}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return [[pointer, inner] as [string, unknown], ...pointersInto(inner, pointer)]
  })
}

describe('POST /api/v1/decodings', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
    const channels = { co2: { unit: 'ppm', min: 0, max: 5000 } }
    await api.ask('POST', '/api/v1/devices', { body: { id: 'L-1', channels } })
  })
  afterAll(() => api.close())

  const time = new Date(testNow - 60_000).toISOString()
  const topic = (leaf: string) => `v1/default/L-1/${leaf}`
  const decode = async (body: object, query = '') =>
    bodyOf<Told>(await api.ask('POST', `/api/v1/decodings${query}`, { body }))

  it('tells readings as they would be kept, and marks each refusal with its remedy', async () => {
    const payload = JSON.stringify([
      { time, temperature: 41, unit: 'F', co2: 600 },
      { time, temperature: '4.2' },
      { temperature: 4.2 },
    ])
    const told = await decode({ topic: topic('readings'), payload })
    const kept = { time: expect.stringContaining(time.slice(0, 19)) }
    expect(told).toMatchObject({ device: 'L-1', form: 'json', gzip: false, readingCount: 2 })
    expect(told.readings).toEqual([
      { ...kept, channel: 'temperature', value: 5, unit: '°C' },
      { ...kept, channel: 'co2', value: 600, unit: 'ppm' },
    ])
    const marked = told.refusals.map(({ code, at, length }) => [
      code,
      payload.slice(at, at! + length!),
    ])
    expect(marked).toEqual([
      ['reading/value-invalid', '"4.2"'],
      ['reading/time-missing', '{"temperature":4.2}'],
    ])
    for (const { remedy } of told.refusals) expect(remedy).toMatch(/\w+ \w+/)
    const german = await decode({ topic: topic('readings'), payload }, '?language=de')
    expect(german.refusals[1]!.remedy).toContain('Messwert')
    expect(told.hint).toBeNull()
  })

  it('marks a lone reading that lacks its time, and tells what was likely meant', async () => {
    const payload = '{"timestamp":"2026-03-01T12:00:00Z","temp":4.2}'
    const told = await decode({ topic: topic('readings'), payload })
    expect(told.refusals.map(({ code, at, length }) => [code, at, length])).toEqual([
      ['reading/time-missing', 0, payload.length],
      ['reading/channel-unknown', 13, 22],
      ['reading/channel-unknown', 43, 3],
    ])
    const [, time, channel] = told.refusals.map(({ remedy }) => remedy)
    expect(time).toMatch(/^Is it “time”\?/)
    expect(channel).toMatch(/^Is it “temperature”\?/)
    const table = { topic: topic('readings'), payload: 'time,temperature\n1,2' }
    expect((await decode(table)).hint).toContain('/api/v1/imports')
    expect((await decode(table, '?language=es')).hint).toContain('tabla')
    const right = JSON.stringify({ time: testNow, temperature: 4 })
    expect((await decode({ topic: topic('readings'), payload: right })).hint).toBeNull()
  })

  it('reads SenML as CBOR in hex, gzip in base64, and what a device sends by HTTP', async () => {
    // [{0: "temperature", 1: "Cel", 2: 4.5}] and one value that is a text.
    const cbor = '81 a3 00 6b74656d7065726174757265 01 63 43656c 02 f94480'
    const senml = await decode({ topic: topic('senml'), payload: cbor, encoding: 'hex' })
    expect(senml).toMatchObject({ form: 'cbor', readings: [{ value: 4.5, unit: '°C' }] })
    expect(JSON.parse(senml.text!)).toEqual([{ n: 'temperature', u: 'Cel', v: 4.5 }])
    const packed = gzipSync(JSON.stringify({ time, temperature: -300 })).toString('base64')
    const gzip = await decode({ device: 'L-1', payload: packed, encoding: 'base64' })
    expect(gzip).toMatchObject({ gzip: true, readingCount: 0, form: 'json' })
    const [cold] = gzip.refusals
    expect(cold).toMatchObject({ code: 'reading/out-of-physics' })
    expect(gzip.text!.slice(cold!.at, cold!.at! + cold!.length!)).toBe('-300')
  })

  it('reads Sparkplug B, and names the metric that it refuses', async () => {
    // {timestamp, metrics: [{name: "temperature", double_value: 4.25}, {alias: 7, int_value: 1}]}
    const at = testNow - 60_000
    const low = Array.from({ length: 6 }, (_, i) => Math.floor(at / 128 ** i) % 128)
    const time8 = Buffer.from(low.map((part, i) => (i < 5 ? part + 128 : part)))
    const value = Buffer.alloc(8)
    value.writeDoubleLE(4.25)
    const named = Buffer.concat([
      Buffer.from([0x0a, 11]),
      Buffer.from('temperature'),
      Buffer.from([0x69]),
      value,
    ])
    const payload = Buffer.concat([
      ...[Buffer.from([0x08]), time8, Buffer.from([0x12, named.length]), named],
      Buffer.from([0x12, 4, 0x10, 7, 0x50, 1]),
    ]).toString('hex')
    const told = await decode({ topic: 'spBv1.0/default/NDATA/L-1', payload, encoding: 'hex' })
    expect(told).toMatchObject({
      ...{ device: 'L-1', readingCount: 1 },
      readings: [{ channel: 'temperature', time: '2026-03-02T11:59:00Z', value: 4.25, unit: '°C' }],
      refusals: [
        {
          ...{ code: 'reading/alias-only', path: '/metrics/1' },
          metric: { name: '', alias: '7', at: payload.length / 2 - 4, length: 4 },
        },
      ],
    })
  })

  it('says what no decoder takes: unknown topics and devices, broken JSON with its place', async () => {
    const codeOf = async (body: object) => (await decode(body)).refusals.map(({ code }) => code)
    expect(await codeOf({ topic: topic('data'), payload: '1' })).toEqual(['packet/topic-unknown'])
    expect(await codeOf({ topic: 'v1/other/L-1/readings', payload: '{}' })).toEqual([
      'packet/topic-unknown',
    ])
    expect(await codeOf({ device: 'L-9', payload: '{}' })).toEqual(['device/unknown'])
    const broken = await decode({ device: 'L-1', payload: '{"time":1 "x":2}' })
    expect(broken).toMatchObject({ form: 'text', refusals: [{ code: 'packet/json', at: 10 }] })
  })

  it('keeps nothing, is bounded, and is for those who look after devices', async () => {
    const end = api.log.end
    await decode({ device: 'L-1', payload: JSON.stringify({ time, temperature: 4 }) })
    expect(api.log.end).toBe(end)
    const statusOf = async (body: object, token?: string) =>
      (await api.ask('POST', '/api/v1/decodings', { body, ...(token && { token }) })).status
    expect(await statusOf({ device: 'L-1', payload: ' '.repeat(70_000) })).toBe(413)
    expect(await statusOf({ device: 'L-1', payload: 'abc', encoding: 'hex' })).toBe(400)
    expect(await statusOf({ payload: '{}' })).toBe(400)
    const [viewer, engineer] = [await api.keyWith('viewer'), await api.keyWith('engineer')]
    expect(await statusOf({ device: 'L-1', payload: '{}' }, viewer)).toBe(403)
    expect(await statusOf({ device: 'L-1', payload: '{}' }, engineer)).toBe(200)
  })

  it('knows a remedy for each code that a packet of readings can get', () => {
    const ofPackets = refusalCodes.filter((code) => /^(packet|reading|senml)\//.test(code))
    for (const code of ofPackets)
      for (const language of ['en', 'de', 'fr', 'es'] as const)
        expect(remedyOf(code, language), code).not.toBeNull()
    expect(remedyOf('profile/shape', 'en')).toBeNull()
  })
})

interface Told {
  hint: string | null
  text: string | null
  readings: object[]
  refusals: { code: string; at?: number; length?: number; remedy: string | null }[]
}
