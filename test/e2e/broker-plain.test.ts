// A service key with topic filters uses the server as a plain MQTT 3.1.1 broker: what the clients
// of others expect of any broker, within its filters and nowhere else.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectMqtt, startServer, type TestServer } from './server.ts'
import type { Page, Reading } from './story.ts'

interface Key {
  id: string
  token: string
}

let server: TestServer
let plant: Key
beforeAll(async () => {
  server = await startServer()
  plant = await newKey({ publish: ['plant/#'], subscribe: ['plant/#'] })
})

const newKey = (mqtt: { publish: string[]; subscribe: string[] }): Promise<Key> =>
  server.api<Key>('POST', '/api/v1/keys', { name: 'another system', roles: [], mqtt })

const open: MqttClient[] = []
afterEach(async () => {
  for (const client of open.splice(0)) await client.endAsync(true)
})

async function join(key: Key, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectMqtt(server, key, options)
  client.on('error', () => undefined)
  open.push(client)
  return client
}

interface Got {
  topic: string
  text: string
  qos: number
  retain: boolean
}

/** What a client receives, as it comes. */
function listen(client: MqttClient): Got[] {
  const got: Got[] = []
  client.on('message', (topic, payload, { qos, retain }) =>
    got.push({ topic, text: payload.toString(), qos, retain }),
  )
  return got
}

describe('a service key that publishes for a logger', () => {
  it('is heard for what was measured before the logger was retired, and refused with its bytes since', async () => {
    await server.api('POST', '/api/v1/devices', { id: 'worn-out' })
    const gateway = await join(await newKey({ publish: ['v1/default/#'], subscribe: [] }))
    const say = (time: string): Promise<unknown> => {
      const body = JSON.stringify({ time, temperature: 4 })
      return gateway.publishAsync('v1/default/worn-out/readings', body, { qos: 1 })
    }
    const before = new Date().toISOString()
    const reason = { reason: 'probe broken' }
    await server.api('POST', '/api/v1/devices/worn-out/retirement', reason)
    const since = new Date().toISOString()
    await say(since)
    await say(before)
    await vi.waitFor(async () => {
      const path = '/api/v1/devices/worn-out/refusals'
      const { items } = await server.api<Page<{ code: string; text: string }>>('GET', path)
      expect(items).toMatchObject([{ code: 'device/retired' }])
      expect(JSON.parse(items[0]!.text)).toEqual({ time: since, temperature: 4 })
      const readings = '/api/v1/readings?device=worn-out'
      const { items: rows } = await server.api<Page<Reading>>('GET', readings)
      expect(rows.map(({ time }) => Date.parse(time))).toEqual([Date.parse(before)])
    })
    await server.api('DELETE', '/api/v1/devices/worn-out/retirement')
    await say(since)
    await vi.waitFor(async () => {
      const readings = '/api/v1/readings?device=worn-out'
      expect((await server.api<Page<Reading>>('GET', readings)).items).toHaveLength(2)
    })
  })
})

describe('a service key within its filters', () => {
  it.each([0, 1, 2] as const)(
    'publishes and subscribes with QoS %i, each packet once',
    async (qos) => {
      const [sender, receiver] = [await join(plant), await join(plant)]
      const got = listen(receiver)
      await receiver.subscribeAsync(`plant/${qos}/+`, { qos })
      const texts = Array.from({ length: 50 }, (_, n) => `${n}`)
      for (const text of texts) await sender.publishAsync(`plant/${qos}/line`, text, { qos })
      await vi.waitFor(() => expect(got).toHaveLength(texts.length))
      expect(got.map(({ text }) => text)).toEqual(texts)
      expect(new Set(got.map((packet) => packet.qos))).toEqual(new Set([qos]))
    },
  )

  it('finds what was retained, and no more once it was taken back', async () => {
    const sender = await join(plant)
    const topic = 'plant/retained/setpoint'
    await sender.publishAsync(topic, '4.5', { qos: 1, retain: true })
    const early = await join(plant)
    const got = listen(early)
    await early.subscribeAsync('plant/retained/#', { qos: 1 })
    await vi.waitFor(() => expect(got).toEqual([{ topic, text: '4.5', qos: 1, retain: true }]))
    await sender.publishAsync(topic, '', { qos: 1, retain: true })
    await vi.waitFor(() => expect(got).toHaveLength(2))
    const late = await join(plant)
    const gotLate = listen(late)
    await late.subscribeAsync('plant/retained/#', { qos: 1 })
    await sender.publishAsync('plant/retained/end', 'end', { qos: 1 })
    await vi.waitFor(() => expect(gotLate.map(({ text }) => text)).toEqual(['end']))
  })

  it('hears the will of a client that vanished, not of one that left', async () => {
    const receiver = await join(plant)
    const got = listen(receiver)
    await receiver.subscribeAsync('plant/will/#', { qos: 1 })
    const will = (name: string): IClientOptions => ({
      will: { topic: `plant/will/${name}`, payload: Buffer.from('gone'), qos: 1, retain: false },
    })
    const polite = await join(plant, will('polite'))
    await polite.endAsync()
    const rude = await join(plant, will('rude'))
    rude.stream.destroy()
    await vi.waitFor(() => expect(got.map(({ topic }) => topic)).toEqual(['plant/will/rude']))
  })

  it('gets what came while it was away when its session is not clean', async () => {
    const session = { clientId: 'sleeper', clean: false }
    const asleep = await join(plant, session)
    await asleep.subscribeAsync('plant/sleep/#', { qos: 1 })
    await asleep.endAsync()
    const sender = await join(plant)
    for (const text of ['1', '2', '3']) await sender.publishAsync('plant/sleep/x', text, { qos: 1 })
    // Not `join`: it resolves after the first packets have come.
    const awake = mqtt.connect(`mqtt://127.0.0.1:${server.mqttPort}`, {
      ...{ ...session, username: plant.id, password: plant.token, reconnectPeriod: 0 },
    })
    open.push(awake)
    const got = listen(awake)
    await vi.waitFor(() => expect(got.map(({ text }) => text)).toEqual(['1', '2', '3']))
  })
})

describe('a service key outside its filters', () => {
  it('is refused to subscribe, and its packets reach nobody', async () => {
    const wide = await newKey({ publish: [], subscribe: ['#'] })
    const witness = await join(wide)
    const got = listen(witness)
    await witness.subscribeAsync('#', { qos: 1 })
    const client = await join(plant)
    for (const filter of ['#', 'other/#', 'v1/#', '$SYS/#', '+/x'])
      await expect(client.subscribeAsync(filter), filter).rejects.toThrow()
    await client.publishAsync('other/topic', 'secret', { qos: 1 })
    await client.publishAsync('plant/topic', 'allowed', { qos: 1 })
    // Whoever may hear everything hears the state of the host, too, which is retained.
    const told = () => got.filter(({ topic }) => !topic.startsWith('spBv1.0/STATE/'))
    await vi.waitFor(() => expect(told().map(({ text }) => text)).toEqual(['allowed']))
    const refusals = await server.api<Page<object>>('GET', `/api/v1/refusals?device=${plant.id}`)
    expect(refusals.items).toMatchObject([
      { code: 'packet/topic-forbidden', topic: 'other/topic', text: 'secret' },
    ])
  })

  it('without any filter may not even connect, nor with a wrong token', async () => {
    const none = await server.api<Key>('POST', '/api/v1/keys', { name: 'x', roles: ['viewer'] })
    await expect(connectMqtt(server, none)).rejects.toThrow(/not authorized/i)
    const forged = { id: plant.id, token: `${plant.token}x` }
    await expect(connectMqtt(server, forged)).rejects.toThrow(/not authorized/i)
  })

  it('that is revoked is disconnected at once and cannot come again', async () => {
    const key = await newKey({ publish: ['plant/#'], subscribe: ['plant/#'] })
    const client = await join(key)
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    await server.api('DELETE', `/api/v1/keys/${key.id}`)
    await closed
    await expect(connectMqtt(server, key)).rejects.toThrow(/not authorized/i)
  })
})

it('a gateway with a key publishes readings for a logger, and others hear them', async () => {
  await server.api('POST', '/api/v1/devices', { id: 'logger-1' })
  const topics = ['v1/default/+/readings']
  const gateway = await join(await newKey({ publish: topics, subscribe: topics }))
  const got = listen(gateway)
  await gateway.subscribeAsync('v1/default/+/readings', { qos: 1 })
  const reading = JSON.stringify({ time: '2026-03-02T10:00:00Z', temperature: 4.5 })
  await gateway.publishAsync('v1/default/logger-1/readings', reading, { qos: 1 })
  await vi.waitFor(async () => {
    const path = '/api/v1/readings?device=logger-1'
    const { items } = await server.api<Page<Reading>>('GET', path)
    expect(items).toEqual([{ time: '2026-03-02T10:00:00Z', value: 4.5 }])
  })
  await vi.waitFor(() => expect(got.map(({ text }) => text)).toEqual([reading]))
})

const hasMosquitto = ((): boolean => {
  try {
    execFileSync('mosquitto_sub', ['--help'], { stdio: 'ignore' })
    return true
  } catch (error) {
    // Its --help ends with 1.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
})()
if (!hasMosquitto) console.warn('skipped: mosquitto_sub and mosquitto_pub are not installed')

describe.skipIf(!hasMosquitto)('the clients of Mosquitto', () => {
  const as = (key: Key): string[] => [
    ...['-h', '127.0.0.1', '-p', `${server.mqttPort}`],
    ...['-u', key.id, '-P', key.token],
  ]
  let subscriber: ChildProcess | undefined
  afterEach(() => {
    subscriber?.kill()
  })

  it.each([0, 1, 2])('publish and subscribe with QoS %i', async (qos) => {
    const more = ['-t', `plant/mosquitto/${qos}`, '-q', `${qos}`]
    const child = spawn('mosquitto_sub', [...as(plant), ...more, '-C', '2', '-F', '%q %p'])
    subscriber = child
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    const ended = once(child, 'close')
    // It does not say when it has subscribed, so it is told until it has heard it twice.
    while (child.exitCode === null) {
      execFileSync('mosquitto_pub', [...as(plant), ...more, '-m', 'cold'])
      await delay(10)
    }
    expect((await ended)[0]).toBe(0)
    expect(said).toBe(`${qos} cold\n${qos} cold\n`)
  })
})
