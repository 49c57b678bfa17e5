// Two brokers of one installation, as a balancer's clients see them: whichever takes the
// connection, it is one broker.

import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { bounds } from '../config.ts'
import { type Broker, openBroker } from '../ingest/broker.ts'
import { listenMqtt } from '../ingest/listen.ts'
import { brokerElsewhere } from '../ingest/nodes.ts'
import { type Announcements, openAnnouncements } from '../store/announcements.ts'
import { openLmdbLog } from '../store/lmdb/log.ts'
import type { Envelope, Log } from '../store/log.ts'
import { openNats } from '../store/nats/log.ts'
import { slotOf } from '../store/slots.ts'
import {
  connectPacket,
  device,
  publishPacket,
  RawClient,
  service,
  subscribePacket,
  until,
} from './mqtt-raw.ts'
import { type Nats, natsPath, startNats } from './nats.ts'

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

type Name = 'a' | 'b'

/** The log and the announcements, as a process sees them. */
interface Side {
  log: Log
  announcements: Announcements
}

async function startNodes(open: (name: Name) => Promise<Side>): Promise<Nodes> {
  const clock = { ms: Date.UTC(2026, 0, 1) }
  const start = async (name: Name): Promise<Node & Side> => {
    const { log, announcements } = await open(name)
    let listening = 0
    const foreign: Log['foreign'] = (listener) => {
      listening++
      const stop = log.foreign(listener)
      return () => {
        listening--
        stop()
      }
    }
    const broker = await openBroker({
      log: logWith(log, { foreign }),
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
    return { broker, port: listener.port, listening: () => listening, log, announcements }
  }
  const [a, b] = [await start('a'), await start('b')]
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const)
    await acquainted(from.announcements, to.announcements)
  return { a, b, announcements: b.announcements, clock }
}

/** A process that has just begun to listen is not heard of at once. */
async function acquainted(from: Announcements, to: Announcements): Promise<void> {
  for (const topic of ['mqtt.connected', 'mqtt.revoked', 'mqtt.published', 'mqtt.retained']) {
    let heard = false
    const stop = to.listen(topic, () => {
      heard = true
    })
    await until(() => {
      if (!heard) from.tell(topic, { node: 'nobody' })
      return heard
    })
    stop()
  }
}

type Listener = (envelopes: Envelope[]) => void

/** One embedded log, of which each node appends a part and hears of the other's. */
async function inOneProcess(): Promise<(name: Name) => Promise<Side>> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-nodes-'))
  const log = await openLmdbLog({ folder, bytesMax: 2 ** 28 })
  ends.push(async () => {
    await log.close()
    await rm(folder, { recursive: true })
  })
  const announcements = openAnnouncements()
  const listeners = { a: new Set<Listener>(), b: new Set<Listener>() }
  return async (name) => {
    const append = (envelope: Envelope): number => {
      const copy = { ...envelope, body: Buffer.from(envelope.body) }
      const ticket = log.append(envelope)
      const tell = (): void => {
        for (const listener of listeners[name === 'a' ? 'b' : 'a']) listener([copy])
      }
      void log.whenDurable(ticket).then(tell, () => undefined)
      return ticket
    }
    const foreign = (listener: Listener): (() => void) => {
      listeners[name].add(listener)
      return () => listeners[name].delete(listener)
    }
    return { log: logWith(log, { append, foreign }), announcements }
  }
}

let nats: Nats | undefined
let installations = 0
afterAll(() => nats?.stop())

/** Two connections to one nats-server, as two processes have them. */
async function overNats(): Promise<(name: Name) => Promise<Side>> {
  nats ??= await startNats()
  const { servers } = nats
  const prefix = `nodes-${++installations}`
  return async (name) => {
    const store = await openNats({
      ...{ servers, prefix, node: name, replicas: 1, partitions: 2, bytesMax: 2 ** 28 },
      slotOf: ({ tenant, source }) => slotOf(tenant, source),
    })
    ends.push(() => store.close())
    return { log: store.log, announcements: store.announcements }
  }
}

function logWith(log: Log, own: Partial<Log>): Log {
  return new Proxy(log, {
    get: (target, name) => {
      if (name in own) return own[name as keyof Log]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
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

/** Until the other node has heard that somebody here listens, packets pass it by. */
async function established(sender: RawClient, listener: RawClient, topic: string): Promise<void> {
  let heard = false
  const first = listener.packet().then(() => {
    heard = true
  })
  await until(() => {
    if (!heard) sender.send(publishPacket(topic, 'ping'))
    return heard
  })
  await first
  sender.send(publishPacket(topic, 'mark'))
  while (!(await listener.packet())?.includes('mark'));
}

type Place = () => Promise<(name: Name) => Promise<Side>>

function nodesContract(place: Place): void {
  describe('a client id', () => {
    test('used on another node: the older connection is closed, wherever it is', async () => {
      const { a, b, clock } = await startNodes(await place())
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
      const { a, b } = await startNodes(await place())
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
      const { a, b, announcements, clock } = await startNodes(await place())
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
      const { a, b, clock } = await startNodes(await place())
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
      await until(() => a.broker.stats().sessions === 0)
      a.broker.publish(topic, 'open the door')
      expect((await moved.packet())?.toString()).toContain('open the door')
      expect(a.broker.stats().sessions).toBe(0)
    })
  })

  test('revoked credentials close the connections on every node', async () => {
    const { a, b, announcements } = await startNodes(await place())
    const [one, other] = [await client(a, 'logger-1'), await client(b, 'logger-2')]
    b.broker.disconnect('logger-1')
    await one.closed()
    expect(await isAlive(other)).toBe(true)
    brokerElsewhere(announcements).disconnect('logger-2')
    await other.closed()
  })

  describe('a subscriber on one node', () => {
    test('hears what devices publish on the other, within its rights, once', async () => {
      const { a, b } = await startNodes(await place())
      const listener = await subscribed(b, 'key', 'v1/default/+/readings')
      const sender = await client(a, 'logger-1')
      await established(sender, listener, 'v1/default/logger-1/readings')
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
      const { b } = await startNodes(await place())
      expect(b.listening()).toBe(0)
      const listener = await subscribed(b, 'key', 'v1/#')
      expect(b.listening()).toBe(1)
      listener.end()
      await until(() => b.listening() === 0)
    })

    test('hears what services publish on the other, retained packets included', async () => {
      const { a, b } = await startNodes(await place())
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
      const { a, b } = await startNodes(await place())
      const listener = await subscribed(b, 'key', 'v1/default/+/status')
      const sender = await client(a, 'logger-1')
      await established(sender, listener, 'v1/default/logger-1/status')
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
    const { a, b, announcements } = await startNodes(await place())
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

  test('commands reach an edge node of Sparkplug B on whichever node it is, each once', async () => {
    const { a, b, announcements } = await startNodes(await place())
    const topic = 'spBv1.0/default/NCMD/gateway'
    const edge = await subscribed(b, 'key', topic)
    a.broker.publish(topic, 'from a broker', 0)
    expect((await edge.packet())?.toString()).toContain('from a broker')
    const sender = await client(a, 'key', 'host')
    sender.send(publishPacket(topic, 'from a service', { qos: 1, id: 1 }))
    expect((await edge.packet())?.toString()).toContain('from a service')
    // What the log tells of the same comes behind it, and is not heard again.
    brokerElsewhere(announcements).publish(topic, 'from another process', 0)
    expect((await edge.packet())?.toString()).toContain('from another process')
    expect(await isAlive(edge)).toBe(true)
  })

  test('a packet too large to be told stays on its node, and is counted', async () => {
    const { a } = await startNodes(await place())
    a.broker.publish('orders/1', Buffer.alloc(bounds.announcedBytesMax + 1))
    expect(a.broker.stats().dropped).toBe(1)
  })

  test('announcements that make no sense are not heard', async () => {
    const { a, b, announcements } = await startNodes(await place())
    const raw = await client(a, 'logger-1')
    for (const topic of ['connected', 'revoked', 'published', 'retained'])
      for (const body of [{}, { topic: 1, payload: 'x' }, { topic: 'a', payload: 'x', qos: 7 }])
        announcements.tell(`mqtt.${topic}`, body)
    expect(await isAlive(raw)).toBe(true)
    expect(b.broker.stats().retained).toBe(0)
  })
}

describe('announced within one process', () => nodesContract(inOneProcess))

const absent = natsPath === undefined ? ' (skipped: nats-server is not installed)' : ''
describe.skipIf(absent !== '')(`announced over NATS${absent}`, () => nodesContract(overNats))
