// Bad input gets a clear answer and loses nothing of the good input around it. What a device sent
// is acknowledged (or it would be sent for ever), kept, and listed with its reason and its bytes.
import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { encode } from 'cborg'
import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectMqtt, startServer, type TestServer } from './server.ts'
import * as story from './story.ts'

let server: TestServer
let logger: story.Teller
let client: MqttClient
/** Times of good readings, sent between the bad ones. */
const good: string[] = []

beforeAll(async () => {
  server = await startServer()
  const device = { id: 'logger-1', giai: story.giai(1) }
  const { token } = await server.api<{ token: string }>('POST', '/api/v1/devices', device)
  logger = { id: device.id, token, number: 1 }
  client = await connectMqtt(server, logger)
})
afterAll(async () => {
  await client.endAsync()
})

async function sendGood(): Promise<void> {
  const time = new Date(Date.parse('2026-03-02T00:00:00Z') + good.length * 60_000).toISOString()
  const reading = JSON.stringify({ time, temperature: 5 })
  await client.publishAsync('v1/default/logger-1/readings', reading, { qos: 1 })
  good.push(time)
}

/** The refusals of this packet of a device, once there are so many. */
async function refusalsOf(
  device: string,
  packet: { topic: string; body: Buffer },
  count = 1,
): Promise<story.Refusal[]> {
  const raw = packet.body.subarray(0, 99).toString('base64')
  return vi.waitFor(
    async () => {
      const path = `/api/v1/devices/${device}/refusals?limit=20`
      const { items } = await server.api<story.Page<story.Refusal>>('GET', path)
      const own = items.filter(
        (refusal) =>
          refusal.topic === packet.topic &&
          refusal.rawBytes === packet.body.length &&
          refusal.raw.startsWith(raw),
      )
      expect(own).toHaveLength(count)
      return own
    },
    { timeout: 5000, interval: 20 },
  )
}

const reading = (fields: object): string =>
  JSON.stringify({ time: '2026-03-01T12:00:00Z', ...fields })
const tooMany = Array.from({ length: 20_001 }, (_, n) => ({ time: 1.7724e12 + n, temperature: 1 }))

describe('a packet of a logger with', () => {
  it.each<[what: string, leaf: string, body: string | Uint8Array, code: string, path: string]>([
    ['half a JSON text', 'readings', '{"time":', 'packet/json', ''],
    ['nothing in it', 'readings', '', 'packet/json', ''],
    ['bytes that are no text', 'readings', Buffer.from('fffefd00', 'hex'), 'packet/encoding', ''],
    ['NaN', 'readings', '{"time":1772366400000,"temperature":NaN}', 'packet/json', ''],
    [
      'a text for a number',
      'readings',
      reading({ temperature: '5' }),
      'reading/value-invalid',
      '/temperature',
    ],
    [
      'null for a number',
      'readings',
      reading({ temperature: null }),
      'reading/value-invalid',
      '/temperature',
    ],
    [
      '1e999',
      'readings',
      '{"time":1772366400000,"temperature":1e999}',
      'reading/value-invalid',
      '/temperature',
    ],
    [
      '1e308 °C',
      'readings',
      reading({ temperature: 1e308 }),
      'reading/out-of-physics',
      '/temperature',
    ],
    [
      'less than absolute zero',
      'readings',
      reading({ temperature: -273.16 }),
      'reading/out-of-physics',
      '/temperature',
    ],
    [
      'the year 1970',
      'readings',
      '{"time":"1970-01-01T00:00:00Z","temperature":5}',
      'reading/time-before-2000',
      '/time',
    ],
    ['epoch 0', 'readings', '{"time":0,"temperature":5}', 'reading/time-before-2000', '/time'],
    [
      'seconds for milliseconds',
      'readings',
      '{"time":1772366400,"temperature":5}',
      'reading/time-before-2000',
      '/time',
    ],
    [
      'the end of 32-bit time in 2038',
      'readings',
      '{"time":"2038-01-19T03:14:08Z","temperature":5}',
      'reading/time-in-future',
      '/time',
    ],
    [
      'a time without a zone',
      'readings',
      '{"time":"2026-03-01T12:00:00","temperature":5}',
      'reading/time-invalid',
      '/time',
    ],
    [
      'the 30th of February',
      'readings',
      '{"time":"2026-02-30T12:00:00Z","temperature":5}',
      'reading/time-invalid',
      '/time',
    ],
    ['no time', 'readings', '{"temperature":5}', 'reading/time-missing', ''],
    [
      'an unknown channel',
      'readings',
      reading({ temprature: 5 }),
      'reading/channel-unknown',
      '/temprature',
    ],
    [
      'an unknown unit',
      'readings',
      reading({ temperature: 5, unit: 'R' }),
      'reading/unit-unknown',
      '/unit',
    ],
    ['a number for an object', 'readings', '5', 'reading/shape', ''],
    [
      'more readings than a packet may hold',
      'readings',
      JSON.stringify(tooMany),
      'packet/too-many-readings',
      '',
    ],
    ['damaged gzip', 'readings', gzipSync('[]').subarray(0, 12), 'packet/encoding', ''],
    ['a gzip bomb', 'readings', gzipSync(Buffer.alloc(64 << 20, ' ')), 'packet/too-large', ''],
    ['damaged CBOR', 'senml', Buffer.from('9fbf', 'hex'), 'packet/cbor', ''],
    [
      'NaN in CBOR',
      'senml',
      encode([
        new Map([
          [0, 'temperature'],
          [6, 1.7724e9],
          [2, Number.NaN],
        ] as [number, string | number][]),
      ]),
      'senml/value',
      '/0',
    ],
    [
      'SenML of a later version',
      'senml',
      '[{"bver":99,"n":"temperature","t":1.7724e9,"v":5}]',
      'senml/version',
      '/0',
    ],
  ])(
    '%s is acknowledged, and refused with its reason and bytes',
    async (_what, leaf, body, code, path) => {
      await sendGood()
      const topic = `v1/default/logger-1/${leaf}`
      const bytes = Buffer.from(body)
      await client.publishAsync(topic, bytes, { qos: 1 })
      await sendGood()
      const [refusal] = await refusalsOf('logger-1', { topic, body: bytes })
      expect(refusal).toMatchObject({ code })
      expect(refusal!.path.startsWith(path)).toBe(true)
      expect(refusal!.detail.length).toBeGreaterThan(5)
      const raw = await server.ask('GET', refusal!.links.raw)
      expect(Buffer.from(await raw.arrayBuffer()).equals(bytes)).toBe(true)
    },
  )

  it('good and bad readings keeps the good ones and refuses each bad one at its place', async () => {
    const body = Buffer.from(
      JSON.stringify([
        { time: '2026-03-01T13:00:00Z', temperature: 6, humidity: 40 },
        { time: '2026-03-01T13:05:00Z', temperature: 2000, humidity: 41 },
        { time: '1970-01-01T00:00:00Z', temperature: 6 },
        { time: '2026-03-01T13:10:00Z', temperature: 7 },
      ]),
    )
    await client.publishAsync('v1/default/logger-1/readings', body, { qos: 1 })
    const refusals = await refusalsOf(
      'logger-1',
      { topic: 'v1/default/logger-1/readings', body },
      2,
    )
    expect(refusals.map(({ code, path }) => [code, path]).toSorted()).toEqual([
      ['reading/out-of-physics', '/1/temperature'],
      ['reading/time-before-2000', '/2/time'],
    ])
    expect(await valuesOf('temperature', '2026-03-01T13')).toEqual([6, 7])
    expect(await valuesOf('humidity', '2026-03-01T13')).toEqual([40, 41])
  })

  it.each([
    ['of another logger', 'v1/default/logger-2/readings'],
    ['of another tenant', 'v1/other/logger-1/readings'],
    ['that nobody knows', 'v1/default/logger-1/nonsense'],
    ['of the broker', '$SYS/broker/uptime'],
    ['for commands to itself', 'v1/default/logger-1/commands'],
    ['as deep as a well', `v1/default/logger-1/${'deep/'.repeat(100)}`],
  ])('a topic %s is acknowledged and refused under the name of its sender', async (_, topic) => {
    const body = Buffer.from(reading({ temperature: 5 }))
    await client.publishAsync(topic, body, { qos: 1 })
    const [refusal] = await refusalsOf('logger-1', { topic, body })
    expect(refusal).toMatchObject({ code: 'packet/topic-forbidden', text: body.toString() })
    await sendGood()
  })

  it('nothing wrong in it is never lost beside the others', async () => {
    expect(good.length).toBeGreaterThan(50)
    await vi.waitFor(async () =>
      expect(await valuesOf('temperature', '2026-03-02T')).toEqual(good.map(() => 5)),
    )
  })
})

async function valuesOf(channel: string, prefix: string): Promise<number[]> {
  const path = `/api/v1/readings?device=logger-1&channel=${channel}&from=2026-03-01T00:00:00Z`
  const { items } = await server.api<story.Page<story.Reading>>('GET', path)
  return items.filter(({ time }) => time.startsWith(prefix)).map(({ value }) => value)
}

describe('a connection', () => {
  const login = (id: string, token: string) => connectMqtt(server, { id, token })

  it('with a wrong token, an unknown name or neither is not authorized', async () => {
    const refused = { message: expect.stringMatching(/not authorized/i) }
    await expect(login('logger-1', 'wrong')).rejects.toMatchObject(refused)
    await expect(login('logger-99', logger.token)).rejects.toMatchObject(refused)
    await expect(login('', '')).rejects.toMatchObject(refused)
    for (const token of ['wrong', '']) {
      const answer = await server.ask('GET', '/api/v1/alerts', { token })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    }
  })

  it('that sends a packet larger than 1 MiB is closed; the logger may come again', async () => {
    const other = await login('logger-1', logger.token)
    other.on('error', () => undefined)
    const closed = new Promise<void>((resolve) => other.once('close', () => resolve()))
    const huge = other.publishAsync('v1/default/logger-1/readings', Buffer.alloc(1_100_000), {
      qos: 1,
    })
    huge.catch(() => undefined)
    await closed
    await other.endAsync(true)
    const again = await login('logger-1', logger.token)
    await again.endAsync()
  })

  it.each([
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['zeros', Buffer.alloc(64)],
    ['a packet before its CONNECT', Buffer.from('c000', 'hex')],
    ['a length without end', Buffer.from('10ffffffffff', 'hex')],
    ['random bytes', Buffer.from('f3a41f00ff', 'hex')],
  ])('that sends %s is closed and disturbs nobody', async (_what, bytes) => {
    const socket = connect(server.mqttPort, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(bytes)
    socket.resume()
    await once(socket, 'close')
    await sendGood()
  })
})

it('readings for a device that is not registered are kept as refusals under its name', async () => {
  const key = await server.api<{ id: string; token: string }>('POST', '/api/v1/keys', {
    name: 'gateway',
    mqtt: { publish: ['v1/default/+/readings'] },
  })
  const gateway = await connectMqtt(server, key)
  const body = Buffer.from(reading({ temperature: 5 }))
  const topic = 'v1/default/nobody-knows/readings'
  await gateway.publishAsync(topic, body, { qos: 1 })
  await gateway.endAsync()
  expect(await refusalsOf('nobody-knows', { topic, body })).toMatchObject([
    { code: 'device/unknown', text: body.toString() },
  ])
  const posted = await server.ask('POST', '/api/v1/readings?device=nobody-knows', { body })
  expect(posted.status).toBe(404)
})

describe('an EPCIS document', () => {
  const post = (body: unknown, headers = { 'Content-Type': 'application/ld+json' }) =>
    server.ask('POST', '/epcis/capture', { body, headers })
  interface Problem {
    title: string
    errors: { code: string; path: string; detail: string }[]
  }

  // What is missing has no pointer of its own: that of the object it is missing from.
  it('with several faults is refused with every one of them and its JSON pointer', async () => {
    const ok = story.packed('08:00', story.pallet(2), [story.vial(2, 'A')]) as Record<
      string,
      unknown
    >
    const { action: _action, ...withoutAction } = ok
    const answer = await post(
      story.documentOf([
        { ...ok, eventTime: 'yesterday' },
        ok,
        withoutAction,
        { ...ok, childEPCs: [story.vial(2, 'A'), 'urn:epc:id:sgtin:9521234.05432.A1'] },
        { ...ok, type: 'PalletEvent' },
        { ...ok, eventTimeZoneOffset: '1 hour' },
        { ...ok, parentID: undefined },
      ]),
    )
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const { errors } = (await answer.json()) as Problem
    const list = '/epcisBody/eventList'
    expect(errors.map(({ path }) => path).toSorted()).toEqual([
      `${list}/0/eventTime`,
      `${list}/2`,
      `${list}/3/childEPCs/1`,
      `${list}/4/type`,
      `${list}/5/eventTimeZoneOffset`,
      `${list}/6`,
    ])
    for (const { code, detail } of errors) expect(code + detail).toMatch(/^epcis\/.{10}/)
    const kept = await server.ask('GET', `/api/v1/units/${encodeURIComponent(story.vial(2, 'A'))}`)
    expect(kept.status).toBe(404)
  })

  it('that is no JSON, too large or of another type gets an answer that says so', async () => {
    const broken = await post('{"type": "EPCISDocument", ')
    expect(broken.status).toBe(400)
    expect(((await broken.json()) as Problem).errors[0]).toMatchObject({ code: 'epcis/json' })
    const xml = await post('<epcis/>', { 'Content-Type': 'application/xml' })
    expect(((await xml.json()) as Problem).errors[0]).toMatchObject({ code: 'epcis/schema' })
    const text = await post('epcis', { 'Content-Type': 'text/plain' })
    expect(text.status).toBe(415)
    const large = await post(`"${'x'.repeat(17 << 20)}"`)
    expect(large.status).toBe(413)
  })

  it('that takes something out of an unknown parent is applied, with a warning', async () => {
    const leaves = {
      ...story.packed('09:00', story.pallet(3), [story.vial(3, 'A')]),
      action: 'DELETE',
    }
    const job = await story.capture(server, [
      leaves,
      story.commissioned('07:00', [story.vial(3, 'A')]),
    ])
    expect(job).toMatchObject({ success: true, events: 2 })
    expect(job.errors).toMatchObject([{ code: 'epcis/parent-unknown', warning: true }])
    const vial = await server.api('GET', `/api/v1/units/${encodeURIComponent(story.vial(3, 'A'))}`)
    expect(vial).toMatchObject({ lot: 'L42' })
  })
})

it('leaves the server ready and without a word of complaint', async () => {
  expect((await server.ask('GET', '/readyz')).status).toBe(200)
  const lines = server.output().trim().split('\n')
  const spoken = lines.filter((line) => !line.startsWith('{'))
  expect(spoken).toEqual([expect.stringMatching(/^Isotherm is ready/)])
  // Warnings of slowness belong to the machine of the test.
  const logged = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  expect(logged.filter(({ level, msg }) => level >= 40 && !/slow/.test(msg))).toEqual([])
})
