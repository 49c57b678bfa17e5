// The broker as devices and services see it, with real clients: MQTT.js, mosquitto's tools, raw
// bytes.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { bounds } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import { attachWebSocket, listenMqtt } from '../ingest/listen.ts'
import type { Principal } from '../ingest/topics.ts'
import {
  connectPacket,
  device,
  publishPacket,
  RawClient,
  service,
  startBroker,
  subscribePacket,
  type TestBroker,
  until,
} from './mqtt-raw.ts'

const run = promisify(execFile)
let running: TestBroker | undefined
const clients: MqttClient[] = []

const start = async (...of: Parameters<typeof startBroker>): Promise<TestBroker> => {
  running = await startBroker(...of)
  return running
}

async function join(port: number, username: string, more: IClientOptions = {}) {
  const url = `mqtt://127.0.0.1:${port}`
  const client = await connectAsync(url, {
    ...{ username, password: 'token', clientId: username, reconnectPeriod: 0 },
    ...more,
  })
  clients.push(client)
  return client
}

/** Collects what a client receives. */
function inbox(
  client: MqttClient,
): { topic: string; text: string; qos: number; retain: boolean }[] {
  const received: { topic: string; text: string; qos: number; retain: boolean }[] = []
  client.on('message', (topic, payload, { qos, retain }) => {
    received.push({ topic, text: payload.toString(), qos, retain })
  })
  return received
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true)
  await running?.stop()
  running = undefined
})

const everything = service('key', ['#'])

describe('a device', () => {
  test('publishes with MQTT.js at every QoS, and all of it is kept', async () => {
    const { port, kept } = await start()
    const client = await join(port, 'logger-1')
    for (const qos of [0, 1, 2] as const)
      await client.publishAsync('v1/default/logger-1/readings', `at ${qos}`, { qos })
    await until(() => kept().length === 3)
    expect(kept().map(({ body }) => Buffer.from(body).toString())).toEqual(['at 0', 'at 1', 'at 2'])
  })

  test('receives commands, also those sent while it was away', async () => {
    const { port, broker } = await start()
    const online = await join(port, 'logger-1', { clean: false })
    const received = inbox(online)
    await online.subscribeAsync('v1/default/logger-1/commands', { qos: 1 })
    broker.publish('v1/default/logger-1/commands', 'first')
    await until(() => received.length === 1)
    await online.endAsync()
    broker.publish('v1/default/logger-1/commands', 'second')
    const packets: string[] = []
    const again = new RawClient(port)
    again.send(connectPacket({ user: 'logger-1', clientId: 'logger-1', clean: false }))
    expect((await again.packet())?.toString('hex')).toBe('20020100')
    packets.push((await again.packet())!.toString('latin1'))
    expect(packets[0]).toContain('second')
  })

  test('cannot subscribe to what others send or are told', async () => {
    const { port } = await start()
    const client = new RawClient(port)
    await client.join('logger-1')
    client.send(
      subscribePacket(
        1,
        ['v1/default/logger-2/commands', 1],
        ['#', 0],
        ['v1/default/logger-1/#', 1],
      ),
    )
    expect((await client.packet())?.toString('hex')).toBe('90050001808001')
  })

  test('may leave a will on its own status, and it is kept when it dies', async () => {
    const { port, kept } = await start([everything])
    const watcher = await join(port, 'key')
    const received = inbox(watcher)
    await watcher.subscribeAsync('v1/default/+/status', { qos: 1 })
    for (const [user, of] of [
      ['logger-1', 'logger-1'],
      ['logger-2', 'logger-1'],
    ] as const) {
      const client = new RawClient(port)
      const will = { topic: `v1/default/${of}/status`, payload: `${user} died`, qos: 1 }
      client.send(connectPacket({ user, clientId: user, will }))
      await client.packet()
      client.end()
    }
    await until(() => kept().length === 2 && received.length === 1)
    const fates = kept().map(({ kind, source }) => `${source} ${kind}`)
    expect(fates.sort()).toEqual(['logger-1 publish', 'logger-2 forbidden'])
    expect(received.map(({ text }) => text)).toEqual(['logger-1 died'])
  })

  test('that says goodbye leaves no will', async () => {
    const { port, kept, broker } = await start()
    const client = new RawClient(port)
    const will = { topic: 'v1/default/logger-1/status', payload: 'died' }
    client.send(connectPacket({ user: 'logger-1', will }))
    await client.packet()
    client.send('E000')
    await client.closed()
    await until(() => broker.stats().connections === 0)
    expect(kept()).toEqual([])
  })

  test('may retain its status and nothing else', async () => {
    const { port, broker } = await start([everything])
    const client = await join(port, 'logger-1')
    await client.publishAsync('v1/default/logger-1/status', 'on', { qos: 1, retain: true })
    await client.publishAsync('v1/default/logger-1/readings', '{}', { qos: 1, retain: true })
    await client.publishAsync('v1/default/logger-2/status', 'fake', { qos: 1, retain: true })
    await until(() => broker.stats().retained === 1)
    const late = await join(port, 'key')
    const received = inbox(late)
    await late.subscribeAsync('v1/#', { qos: 1 })
    await until(() => received.length === 1)
    expect(received[0]).toMatchObject({ topic: 'v1/default/logger-1/status', retain: true })
  })

  test('is closed when its credentials are revoked', async () => {
    const seen: string[] = []
    const { port, broker } = await start([], {
      onClientsChange: (who: Principal, connected) => {
        seen.push(`${who.id} ${connected}`)
      },
    })
    const [one, two] = [new RawClient(port), new RawClient(port)]
    await one.join('logger-1')
    await two.join('logger-2')
    broker.disconnect('logger-1')
    await one.closed()
    two.send('C000')
    expect((await two.packet())?.toString('hex')).toBe('d000')
    expect(seen).toEqual(['logger-1 true', 'logger-2 true', 'logger-1 false'])
  })
})

describe('a service', () => {
  test('hears what devices publish, once it is kept', async () => {
    const { port, kept } = await start([everything])
    const sender = await join(port, 'logger-1')
    await sender.publishAsync('v1/default/logger-1/readings', 'before', { qos: 1 })
    const listener = await join(port, 'key')
    const received = inbox(listener)
    await listener.subscribeAsync('v1/default/+/readings', { qos: 1 })
    await sender.publishAsync('v1/default/logger-1/readings', 'after', { qos: 1 })
    await sender.publishAsync('v1/default/logger-2/readings', 'forbidden', { qos: 1 })
    await until(() => received.length === 1)
    expect(received[0]).toMatchObject({ text: 'after', qos: 1, retain: false })
    expect(kept()).toHaveLength(3)
    await listener.unsubscribeAsync('v1/default/+/readings')
    await sender.publishAsync('v1/default/logger-1/readings', 'too late', { qos: 1 })
    expect(received).toHaveLength(1)
  })

  test('publishes within its filters; the rest is kept as forbidden and heard by nobody', async () => {
    const narrow = service('narrow', ['v1/default/gateway/#', 'orders/#'])
    const { port, kept } = await start([everything, narrow])
    const listener = await join(port, 'key')
    const received = inbox(listener)
    await listener.subscribeAsync('#', { qos: 2 })
    const client = await join(port, 'narrow')
    const deep = `orders${'/x'.repeat(150)}`
    for (const topic of ['v1/default/gateway/senml', 'orders/1', 'invoices/1', deep])
      for (const qos of [1, 2] as const) await client.publishAsync(topic, `${qos}`, { qos })
    await until(() => received.length === 4)
    expect(received.map(({ topic, qos }) => `${topic} ${qos}`).sort()).toEqual([
      'orders/1 1',
      'orders/1 2',
      'v1/default/gateway/senml 1',
      'v1/default/gateway/senml 2',
    ])
    const fates = kept().map(({ kind, topic }) => `${kind} ${topic}`)
    expect(fates).toEqual([
      ...Array(2).fill('publish v1/default/gateway/senml'),
      ...Array(2).fill('forbidden invoices/1'),
      ...Array(2).fill(`forbidden ${deep}`),
    ])
  })

  test('gets its acknowledgements in order even when only some packets are kept', async () => {
    const { port } = await start([everything])
    const client = new RawClient(port)
    await client.join('key')
    const packets: Buffer[] = []
    const expected: string[] = []
    for (let id = 1; id <= 200; id++) {
      const topic = id % 3 === 0 ? 'v1/default/g/readings' : 'chatter'
      packets.push(publishPacket(topic, 'x', { qos: 1, id }))
      expected.push(`4002${id.toString(16).padStart(4, '0')}`)
    }
    client.send(...packets)
    expect((await client.read(800))?.toString('hex')).toBe(expected.join(''))
  })

  test('is granted only filters within its own', async () => {
    const { port } = await start([service('narrow', [], ['orders/+', 'v1/default/+/status'])])
    const client = new RawClient(port)
    await client.join('narrow', false)
    const asked: [string, number][] = [
      ['orders/1', 2],
      ['orders/#', 1],
      ['v1/default/l1/status', 0],
      ['$SYS/#', 1],
    ]
    client.send(subscribePacket(1, ...asked))
    expect((await client.packet())?.toString('hex')).toBe('9006000102800080')
    // What was denied is not remembered by the session either.
    client.end()
    const again = new RawClient(port)
    await again.join('narrow', false)
    const { broker } = running!
    broker.publish('orders/1/2', 'never asked for')
    broker.publish('orders/1', 'asked for')
    expect((await again.packet())?.toString()).toContain('asked for')
  })

  test('gets one copy, at the highest QoS of overlapping filters', async () => {
    const { port } = await start([everything])
    const client = await join(port, 'key')
    const received = inbox(client)
    await client.subscribeAsync({ 'a/#': { qos: 2 }, 'a/+': { qos: 1 } })
    await client.publishAsync('a/b', 'x', { qos: 2 })
    await until(() => received.length > 0)
    expect(received).toEqual([{ topic: 'a/b', text: 'x', qos: 2, retain: false }])
  })

  test('misses no packet among those of other QoS, retained or not', async () => {
    const { port } = await start([everything])
    const client = await join(port, 'key')
    const received = inbox(client)
    await client.subscribeAsync('#', { qos: 2 })
    const sender = new RawClient(port)
    await sender.join('key', true, 'sender')
    const device = new RawClient(port)
    await device.join('logger-1')
    const texts: string[] = []
    const packets = { sender: [] as Buffer[], device: [] as Buffer[] }
    for (let id = 1; id <= 60; id++) {
      const of = { qos: (id * 7) % 3, retain: id % 4 === 0, id }
      packets.sender.push(publishPacket('chatter', `s${id}`, of))
      packets.device.push(publishPacket('v1/default/logger-1/status', `d${id}`, of))
      texts.push(`s${id}`, `d${id}`)
    }
    sender.send(...packets.sender)
    device.send(...packets.device)
    await until(() => received.length === texts.length)
    expect(received.map(({ text }) => text).sort()).toEqual(texts.sort())
  })

  test('gets the highest QoS of its filters, also when one of them is at 0', async () => {
    const { port } = await start([everything])
    const client = await join(port, 'key')
    const received = inbox(client)
    await client.subscribeAsync({ '#': { qos: 0 }, 'a/b': { qos: 0 }, 'a/+': { qos: 2 } })
    await client.publishAsync('a/b', 'x', { qos: 1 })
    await client.publishAsync('b', 'y', { qos: 1 })
    await until(() => received.length === 2)
    expect(received.map(({ text, qos }) => `${text} ${qos}`)).toEqual(['x 1', 'y 0'])
  })

  test('receives no packet at a higher QoS than its filter was granted', async () => {
    const { port } = await start([everything])
    const client = await join(port, 'key')
    const received = inbox(client)
    await client.subscribeAsync('a/+', { qos: 1 })
    await client.publishAsync('a/b', 'x', { qos: 2 })
    await until(() => received.length === 1)
    expect(received[0]?.qos).toBe(1)
  })

  test('of another tenant hears nothing, however wide its filter', async () => {
    const other: Principal = { ...service('other', ['#']), tenant: 'other' }
    const { port, kept } = await start([everything, other])
    const spy = await join(port, 'other')
    const received = inbox(spy)
    await spy.subscribeAsync('#', { qos: 1 })
    const sender = await join(port, 'logger-1')
    await sender.publishAsync('v1/default/logger-1/readings', 'ours', { qos: 1 })
    await spy.publishAsync('v1/default/logger-1/readings', 'forged', { qos: 1 })
    await spy.publishAsync('done', 'yes', { qos: 1 })
    await until(() => received.length > 0)
    expect(received.map(({ topic }) => topic)).toEqual(['done'])
    expect(kept().map(({ kind, tenant }) => `${kind} ${tenant}`)).toEqual([
      'publish default',
      'forbidden other',
    ])
  })

  test('that is away is not sent the packets of other tenants', async () => {
    const other: Principal = { ...service('other', ['#']), tenant: 'other' }
    const { port } = await start([everything, other])
    const away = await join(port, 'other', { clean: false })
    await away.subscribeAsync('#', { qos: 1 })
    await away.endAsync()
    const sender = await join(port, 'logger-1')
    await sender.publishAsync('v1/default/logger-1/readings', 'ours', { qos: 1 })
    running!.broker.publish('v1/other/logger/commands', 'theirs')
    const again = new RawClient(port)
    again.send(connectPacket({ user: 'other', clientId: 'other', clean: false }), 'C000')
    await again.read(4)
    expect((await again.packet())?.toString()).toContain('theirs')
  })

  test('finds at most the bound of packets that came while it was away', async () => {
    const { port, broker } = await start([everything])
    const client = await join(port, 'key', { clean: false })
    await client.subscribeAsync('busy', { qos: 1 })
    await client.endAsync()
    const extra = 50
    for (let n = 0; n < bounds.offlineQueueMax + extra; n++) broker.publish('busy', `${n}`)
    await until(() => broker.stats().dropped === extra)
    const again = new RawClient(port)
    again.send(connectPacket({ user: 'key', clientId: 'key', clean: false }))
    expect((await again.packet())?.toString('hex')).toBe('20020100')
    for (let n = 0; n < bounds.offlineQueueMax; n++)
      expect((await again.packet())?.subarray(10).toString()).toBe(`${n}`)
    again.send('C000')
    expect((await again.packet())?.toString('hex')).toBe('d000')
  })

  test('is not stalled by another that has stopped reading', { timeout: 60_000 }, async () => {
    const { port, broker } = await start([everything])
    const frozen = new RawClient(port)
    await frozen.join('key', true, 'frozen')
    frozen.send(subscribePacket(1, ['#', 0]))
    await frozen.packet()
    frozen.socket.pause()
    const healthy = await join(port, 'key', { clientId: 'healthy' })
    let received = 0
    healthy.on('message', () => {
      received++
    })
    await healthy.subscribeAsync('v1/#', { qos: 0 })
    const sender = new RawClient(port)
    await sender.join('logger-1')
    const payload = Buffer.alloc(1024, 65)
    const total = 30_000
    for (let sent = 0; sent < total; sent += 100) {
      const packets = Array.from({ length: 100 }, (_, n) =>
        publishPacket('v1/default/logger-1/readings', payload, { qos: 1, id: n + 1 }),
      )
      sender.send(...packets)
      await sender.read(400)
    }
    await until(() => received === total)
    expect(broker.stats().dropped).toBeGreaterThan(0)
    frozen.end()
  })
})

describe('client ids', () => {
  test('taken twice by the same owner: the older connection is closed', async () => {
    const { port } = await start()
    const [older, newer] = [new RawClient(port), new RawClient(port)]
    await older.join('logger-1', true, 'same')
    await newer.join('logger-1', true, 'same')
    await older.closed()
    newer.send('C000')
    expect((await newer.packet())?.toString('hex')).toBe('d000')
  })

  test('of one owner never disturb another, nor another tenant', async () => {
    const { port } = await start([everything], {
      authenticate: async (user) =>
        user === 'key' ? everything : device('same-id', user.replace('tenant-', '')),
    })
    const all = [new RawClient(port), new RawClient(port), new RawClient(port)]
    for (const [n, user] of ['key', 'tenant-a', 'tenant-b'].entries())
      await all[n]!.join(user, true, 'same')
    for (const client of all) {
      client.send('C000')
      expect((await client.packet())?.toString('hex')).toBe('d000')
    }
  })
})

describe('ways in', () => {
  test('a port that is in use is named, with the remedy', async () => {
    const { port, broker } = await start()
    const error = await listenMqtt(broker, { host: '127.0.0.1', port }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(OperatorError)
    expect((error as OperatorError).message).toContain(String(port))
    expect((error as OperatorError).remedy).toContain('ISOTHERM_MQTT_PORT')
  })

  test('MQTT over WebSocket does the same; other paths and protocols are refused', async () => {
    const { broker, kept } = await start()
    const http = createServer()
    const detach = attachWebSocket(broker, http, { path: '/mqtt' })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    const options = { username: 'logger-1', password: 'token', reconnectPeriod: 0 }
    const client = await connectAsync(`ws://127.0.0.1:${port}/mqtt`, options)
    await client.publishAsync('v1/default/logger-1/readings', 'by ws', { qos: 1 })
    expect(kept()).toHaveLength(1)
    const elsewhere = connectAsync(`ws://127.0.0.1:${port}/other`, options, false)
    await expect(elsewhere).rejects.toThrow()
    const unnamed = new WebSocket(`ws://127.0.0.1:${port}/mqtt`)
    const [failed] = await once(unnamed, 'error')
    expect(failed).toBeDefined()
    await client.endAsync()
    detach()
    http.closeAllConnections()
    http.close()
  })

  const tool = '/usr/bin/mosquitto_pub'
  const reason = existsSync(tool) ? '' : ' (skipped: mosquitto_pub is not installed)'
  test.skipIf(reason !== '')(
    `mosquitto_pub and mosquitto_sub are served in 3.1 and 3.1.1${reason}`,
    async () => {
      const { port, kept } = await start([everything])
      const at = ['-h', '127.0.0.1', '-p', String(port), '-P', 'token']
      const sub = spawn('mosquitto_sub', [...at, '-u', 'key', '-t', 'v1/#', '-q', '1'])
      let heard = ''
      sub.stdout.on('data', (text) => {
        heard += text
      })
      const topic = 'v1/default/logger-1/readings'
      // The subscription is there once a first packet comes through.
      while (heard === '')
        await run('mosquitto_pub', [...at, '-u', 'logger-1', '-t', topic, '-m', 'up'])
      for (const version of ['mqttv31', 'mqttv311'])
        for (const qos of ['1', '2'])
          await run('mosquitto_pub', [
            ...[...at, '-u', 'logger-1', '-V', version, '-q', qos, '-t', topic],
            ...['-m', `${version} at ${qos}`],
          ])
      await until(() => heard.includes('mqttv311 at 2'))
      sub.kill()
      expect(heard.split('\n').filter((line) => line.startsWith('mqtt'))).toHaveLength(4)
      const wrong = run('mosquitto_pub', [...at, '-P', 'no', '-u', 'logger-1', '-t', 't', '-n'])
      await expect(wrong).rejects.toThrow(/not authori[sz]ed/i)
      expect(kept().filter(({ body }) => body.toString().startsWith('mqttv311'))).toHaveLength(2)
    },
  )
})

test('nothing that is logged holds a password or a payload', async () => {
  const lines: string[] = []
  const write = (about: object, message: string): void => {
    lines.push(JSON.stringify(about) + message)
  }
  const { port, broker } = await start([], { logger: { debug: write, error: write } })
  const good = new RawClient(port)
  await good.join('logger-1')
  good.send(publishPacket('v1/default/logger-1/readings', 'a-payload'), 'F000')
  await good.closed()
  const bad = new RawClient(port).send(connectPacket({ user: 'x', password: 'a-password' }))
  await bad.closed()
  await until(() => broker.stats().connections === 0)
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.join('\n')).not.toMatch(/a-payload|a-password|token/)
})
