// Two brokers of one installation, as a balancer's clients see them: whichever takes the
// connection, it is one broker.

import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { bounds } from '../config.ts'
import { type Broker, openBroker } from '../ingest/broker.ts'
import { listenMqtt } from '../ingest/listen.ts'
import { brokerElsewhere } from '../ingest/nodes.ts'
import { type Announcements, openAnnouncements } from '../store/announcements.ts'
import { openLmdbLog } from '../store/lmdb-log.ts'
import type { Envelope, Log } from '../store/log.ts'
import {
  connectPacket,
  device,
  publishPacket,
  RawClient,
  service,
  subscribePacket,
  until,
} from './mqtt-raw.ts'

interface Node {
  broker: Broker
  port: number
  /** How many listen to what other nodes append. */
  listening(): number
}

interface Nodes {
  a: Node
  b: Node
  announcements: Announcements
  clock: { ms: number }
}

const ends: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** One log, of which each node appends a part and hears of the other's. */
async function startNodes(): Promise<Nodes> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-nodes-'))
  const log = await openLmdbLog({ folder, bytesMax: 2 ** 28 })
  ends.push(async () => {
    await log.close()
    await rm(folder, { recursive: true })
  })
  const announcements = openAnnouncements()
  const listeners = { a: new Set<Listener>(), b: new Set<Listener>() }
  const clock = { ms: Date.UTC(2026, 0, 1) }
  const open = async (name: 'a' | 'b', other: 'a' | 'b'): Promise<Node> => {
    const broker = await openBroker({
      log: sideOf(log, { hears: listeners[name], tells: listeners[other] }),
      now: () => clock.ms,
      authenticate: async (user) =>
        user.startsWith('logger-') ? device(user) : service(user, ['#']),
      node: { name, announcements },
    })
    const listener = await listenMqtt(broker, { host: '127.0.0.1', port: 0 })
    ends.push(async () => {
      await broker.close()
      await listener.close()
    })
    return { broker, port: listener.port, listening: () => listeners[name].size }
  }
  return { a: await open('a', 'b'), b: await open('b', 'a'), announcements, clock }
}

type Listener = (envelopes: Envelope[]) => void

function sideOf(log: Log, { hears, tells }: { hears: Set<Listener>; tells: Set<Listener> }): Log {
  const append = (envelope: Envelope): number => {
    const copy = { ...envelope, body: Buffer.from(envelope.body) }
    const ticket = log.append(envelope)
    void log.whenDurable(ticket).then(
      () => {
        for (const tell of tells) tell([copy])
      },
      () => undefined,
    )
    return ticket
  }
  const foreign = (listener: Listener): (() => void) => {
    hears.add(listener)
    return () => hears.delete(listener)
  }
  const own: Record<string | symbol, unknown> = { append, foreign }
  return new Proxy(log, {
    get: (target, name) => {
      const value: unknown = own[name] ?? Reflect.get(target, name, target)
      return typeof value === 'function' && !own[name] ? value.bind(target) : value
    },
  })
}

const client = async (node: Node, user: string, clientId = user): Promise<RawClient> => {
  const raw = new RawClient(node.port)
  ends.push(() => raw.end())
  expect(await raw.join(user, true, clientId)).toBe('20020000')
  return raw
}

const subscribed = async (node: Node, user: string, filter: string): Promise<RawClient> => {
  const raw = await client(node, user)
  raw.send(subscribePacket(1, [filter, 1]))
  await raw.packet()
  return raw
}

const isAlive = async (raw: RawClient): Promise<boolean> => {
  raw.send('C000')
  return (await raw.packet())?.toString('hex') === 'd000'
}

describe('a client id', () => {
  test('used on another node: the older connection is closed, wherever it is', async () => {
    const { a, b, clock } = await startNodes()
    const first = await client(a, 'logger-1')
    clock.ms += 2 * bounds.takeoverRaceMs
    const second = await client(b, 'logger-1')
    await first.closed()
    expect(await isAlive(second)).toBe(true)
    clock.ms += 1
    const third = await client(a, 'logger-1')
    await second.closed()
    expect(await isAlive(third)).toBe(true)
  })

  test('counts for its owner only, and not when it is empty', async () => {
    const { a, b } = await startNodes()
    const all = [
      await client(a, 'logger-1', 'same'),
      await client(b, 'logger-2', 'same'),
      await client(a, 'key', 'same'),
      await client(a, 'logger-3', ''),
      await client(b, 'logger-3', ''),
    ]
    for (const one of all) expect(await isAlive(one)).toBe(true)
  })

  test('taken on two nodes at once: the later one stays, and only it', async () => {
    const { a, b, announcements, clock } = await startNodes()
    const raw = await client(a, 'logger-1')
    // What node b would tell, had it got the same client a little earlier or later.
    const told = { node: 'z', kind: 'device', tenant: 'default', id: 'logger-1' }
    const connected = { ...told, clientId: 'logger-1' }
    announcements.tell('mqtt.connected', { ...connected, at: clock.ms - 5 })
    expect(await isAlive(raw)).toBe(true)
    announcements.tell('mqtt.connected', { ...connected, at: clock.ms + 5 })
    await raw.closed()
    expect(b.broker.stats().connections).toBe(0)
  })

  test('that moved leaves no session behind that would repeat old commands', async () => {
    const { a, b, clock } = await startNodes()
    const topic = 'v1/default/logger-1/commands'
    const join = async (node: Node): Promise<RawClient> => {
      const raw = new RawClient(node.port)
      ends.push(() => raw.end())
      raw.send(connectPacket({ user: 'logger-1', clientId: 'logger-1', clean: false }))
      expect((await raw.packet())?.toString('hex')).toBe('20020000')
      raw.send(subscribePacket(1, [topic, 1]))
      await raw.packet()
      return raw
    }
    await join(a)
    expect(a.broker.stats().sessions).toBe(1)
    clock.ms += 2 * bounds.takeoverRaceMs
    const moved = await join(b)
    expect(a.broker.stats().sessions).toBe(0)
    a.broker.publish(topic, 'open the door')
    expect((await moved.packet())?.toString()).toContain('open the door')
    expect(a.broker.stats().sessions).toBe(0)
  })
})

test('revoked credentials close the connections on every node', async () => {
  const { a, b, announcements } = await startNodes()
  const [one, other] = [await client(a, 'logger-1'), await client(b, 'logger-2')]
  b.broker.disconnect('logger-1')
  await one.closed()
  expect(await isAlive(other)).toBe(true)
  brokerElsewhere(announcements).disconnect('logger-2')
  await other.closed()
})

describe('a subscriber on one node', () => {
  test('hears what devices publish on the other, within its rights, once', async () => {
    const { a, b } = await startNodes()
    const listener = await subscribed(b, 'key', 'v1/default/+/readings')
    const sender = await client(a, 'logger-1')
    sender.send(
      publishPacket('v1/default/logger-2/readings', 'forbidden', { qos: 1, id: 1 }),
      publishPacket('v1/default/logger-1/senml', 'not asked for', { qos: 1, id: 2 }),
      publishPacket('v1/default/logger-1/readings', 'first', { qos: 1, id: 3 }),
      publishPacket('v1/default/logger-1/readings', 'second', { qos: 1, id: 4 }),
    )
    expect((await listener.packet())?.toString()).toContain('first')
    expect((await listener.packet())?.toString()).toContain('second')
    expect(await isAlive(listener)).toBe(true)
  })

  test('costs nothing before it comes and after it has gone', async () => {
    const { b } = await startNodes()
    expect(b.listening()).toBe(0)
    const listener = await subscribed(b, 'key', 'v1/#')
    expect(b.listening()).toBe(1)
    listener.end()
    await until(() => b.listening() === 0)
  })

  test('hears what services publish on the other, retained packets included', async () => {
    const { a, b } = await startNodes()
    const listener = await subscribed(b, 'key', 'orders/#')
    const sender = await client(a, 'shop')
    sender.send(publishPacket('orders/1', 'now', { qos: 1, id: 1 }))
    expect((await listener.packet())?.toString()).toContain('now')
    sender.send(publishPacket('orders/2', 'kept', { qos: 1, id: 2, retain: true }))
    expect((await listener.packet())?.toString()).toContain('kept')
    const late = await subscribed(b, 'late', 'orders/#')
    expect((await late.packet())?.toString()).toContain('kept')
  })

  test('finds the retained status of a device that is on the other, and hears it once', async () => {
    const { a, b } = await startNodes()
    const listener = await subscribed(b, 'key', 'v1/default/+/status')
    const sender = await client(a, 'logger-1')
    const status = (text: string, id: number): Buffer =>
      publishPacket('v1/default/logger-1/status', text, { qos: 1, id, retain: true })
    sender.send(status('on', 1))
    expect((await listener.packet())?.toString()).toContain('on')
    expect(await isAlive(listener)).toBe(true)
    const late = await subscribed(b, 'late', 'v1/default/+/status')
    expect((await late.packet())?.toString()).toContain('on')
    sender.send(status('', 2))
    await until(() => b.broker.stats().retained === 0)
  })
})

test('commands reach a device on whichever node it is, sent by the API or by a service', async () => {
  const { a, b, announcements } = await startNodes()
  const topic = 'v1/default/logger-1/commands'
  const logger = await subscribed(b, 'logger-1', topic)
  a.broker.publish(topic, 'from a broker')
  expect((await logger.packet())?.toString()).toContain('from a broker')
  brokerElsewhere(announcements).publish(topic, 'from another process')
  expect((await logger.packet())?.toString()).toContain('from another process')
  const sender = await client(a, 'key')
  sender.send(publishPacket(topic, 'from a service', { qos: 1, id: 1 }))
  expect((await logger.packet())?.toString()).toContain('from a service')
  expect(await isAlive(logger)).toBe(true)
})

test('a packet too large to be told stays on its node, and is counted', async () => {
  const { a } = await startNodes()
  a.broker.publish('orders/1', Buffer.alloc(bounds.announcedBytesMax + 1))
  expect(a.broker.stats().dropped).toBe(1)
})

test('announcements that make no sense are not heard', async () => {
  const { a, b, announcements } = await startNodes()
  const raw = await client(a, 'logger-1')
  for (const topic of ['connected', 'revoked', 'published', 'retained'])
    for (const body of [{}, { topic: 1, payload: 'x' }, { topic: 'a', payload: 'x', qos: 7 }])
      announcements.tell(`mqtt.${topic}`, body)
  expect(await isAlive(raw)).toBe(true)
  expect(b.broker.stats().retained).toBe(0)
})
