// What the front does to strangers and to slow or broken clients, over real sockets.
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { bounds } from '../config.ts'
import { Unavailable } from '../domain/refusal.ts'
import type { Log } from '../store/log.ts'
import {
  connectPacket,
  fromHex,
  publishPacket,
  RawClient,
  service,
  startBroker,
  subscribePacket,
  type TestBroker,
  until,
} from './mqtt-raw.ts'

let running: TestBroker | undefined
const start = async (...of: Parameters<typeof startBroker>): Promise<TestBroker> => {
  running = await startBroker(...of)
  return running
}
afterEach(async () => {
  await running?.stop()
  running = undefined
})

const own = 'v1/default/logger-1/readings'
const publish = (id: number, payload = '{}', topic = own): Buffer =>
  publishPacket(topic, payload, { qos: 1, id })

/** A log whose news of durability can be held back: the packets are kept, nobody hears of it. */
function gated(log: Log): { log: Log; open(): void; press(pressed: boolean): void } {
  let closed = true
  let forced: boolean | undefined
  const durables = new Set<(durable: number) => void>()
  const pressures = new Set<(pressed: boolean) => void>()
  log.onDurable((durable) => {
    if (!closed) for (const listener of durables) listener(durable)
  })
  const gate: Log = Object.create(log, {
    append: {
      value: (envelope: Parameters<Log['append']>[0]) => {
        if (forced) throw new Unavailable('full')
        return log.append(envelope)
      },
    },
    end: { get: () => log.end },
    durable: { get: () => (closed ? 0 : log.durable) },
    pressed: { get: () => forced ?? log.pressed },
    onDurable: {
      value: (listener: (durable: number) => void) => {
        durables.add(listener)
        return () => durables.delete(listener)
      },
    },
    onPressure: {
      value: (listener: (pressed: boolean) => void) => {
        pressures.add(listener)
        return () => pressures.delete(listener)
      },
    },
  })
  return {
    log: gate,
    open() {
      closed = false
      for (const listener of durables) listener(log.durable)
    },
    press(pressed) {
      forced = pressed || undefined
      for (const listener of pressures) listener(pressed)
    },
  }
}

test('no acknowledgement leaves before the log says that the packet is durable', async () => {
  let gate: ReturnType<typeof gated> | undefined
  const { port, log, broker } = await start([service('key', ['#'])], {
    wrap: (real) => {
      gate = gated(real)
      return gate.log
    },
  })
  const device = new RawClient(port)
  const key = new RawClient(port)
  await device.join('logger-1')
  await key.join('key')
  device.send(publish(1), publishPacket(own, '{}', { qos: 2, id: 2 }), 'C000')
  key.send(publishPacket('v1/default/x/readings', '{}', { qos: 1, id: 3 }), 'C000')
  // The answer to the PINGREQ shows that the packets before it have been taken.
  expect((await device.packet())?.toString('hex')).toBe('d000')
  expect((await key.packet())?.toString('hex')).toBe('d000')
  await until(() => log.durable === 3)
  expect(broker.stats().acked).toBe(0)
  gate!.open()
  expect((await device.read(8))?.toString('hex')).toBe('4002000150020002')
  expect((await key.packet())?.toString('hex')).toBe('40020003')
})

test('acknowledgements come in the order of the packets, whatever their QoS and fate', async () => {
  const { port, kept } = await start()
  const device = new RawClient(port)
  await device.join('logger-1')
  const packets: Buffer[] = []
  const expected: string[] = []
  for (let id = 1; id <= 500; id++) {
    const qos = id % 7 === 0 ? 2 : 1
    const topic = id % 5 === 0 ? 'v1/default/logger-2/readings' : own
    packets.push(publishPacket(topic, `{"n":${id}}`, { qos, id }))
    packets.push(publishPacket(own, 'without', { qos: 0 }))
    expected.push((qos === 1 ? '4002' : '5002') + id.toString(16).padStart(4, '0'))
  }
  device.send(...packets)
  expect((await device.read(2000))?.toString('hex')).toBe(expected.join(''))
  expect(kept().filter(({ kind }) => kind === 'forbidden')).toHaveLength(100)
  expect(kept().filter(({ kind }) => kind === 'publish')).toHaveLength(900)
})

test('a publish on the topic of another is acknowledged, kept as forbidden and blocks nothing', async () => {
  const { port, kept, broker } = await start()
  const device = new RawClient(port)
  await device.join('logger-1')
  const deep = `v1/default/logger-1${'/a'.repeat(200)}`
  device.send(publish(1, 'a', 'v1/default/logger-2/readings'), publish(2, 'b', deep), publish(3))
  expect((await device.read(12))?.toString('hex')).toBe('400200014002000240020003')
  expect(kept().map(({ kind, source, topic }) => [kind, source, topic])).toEqual([
    ['forbidden', 'logger-1', 'v1/default/logger-2/readings'],
    ['forbidden', 'logger-1', deep],
    ['publish', 'logger-1', own],
  ])
  expect(broker.stats()).toMatchObject({ received: 3, acked: 3, forbidden: 2 })
})

test('a QoS 2 packet is kept before its PUBREC, and its PUBREL is always answered', async () => {
  const { port, kept } = await start()
  const device = new RawClient(port)
  await device.join('logger-1')
  const packet = publishPacket(own, 'twice', { qos: 2, id: 9 })
  device.send(packet)
  expect((await device.packet())?.toString('hex')).toBe('50020009')
  expect(kept()).toHaveLength(1)
  device.send(packet)
  expect((await device.packet())?.toString('hex')).toBe('50020009')
  device.send('62020009', '62020009')
  expect((await device.read(8))?.toString('hex')).toBe('7002000970020009')
})

test('what follows a DISCONNECT is not taken', async () => {
  const { port, broker, kept } = await start()
  const device = new RawClient(port)
  await device.join('logger-1')
  device.send(publish(1), 'E000', publish(2))
  await device.closed()
  await until(() => broker.stats().connections === 0 && kept().length > 0)
  expect(broker.stats().received).toBe(1)
})

test.for([
  ['a CONNECT without a user name', connectPacket({}), '20020005'],
  ['an unknown user', connectPacket({ user: 'nobody' }), '20020005'],
  ['a wrong password', connectPacket({ user: 'logger-1', password: 'wrong' }), '20020005'],
  [
    'an empty client id that is to be remembered',
    connectPacket({ user: 'logger-1', clientId: '', clean: false }),
    '20020002',
  ],
] as const)('%s is answered and closed', async ([, packet, connack]) => {
  const { port, broker } = await start()
  const client = new RawClient(port).send(packet)
  expect((await client.closed()).toString('hex')).toBe(connack)
  expect(broker.stats().refusedConnects).toBe(1)
})

test('identities that cannot be checked now are told so, not refused for good', async () => {
  const { port } = await start([], {
    authenticate: () => Promise.reject(new Unavailable('the ledger is away')),
  })
  const client = new RawClient(port).send(connectPacket({ user: 'logger-1' }))
  expect((await client.closed()).toString('hex')).toBe('20020003')
})

test('clients without a client id get one each', async () => {
  const { port, broker } = await start()
  const clients = [new RawClient(port), new RawClient(port)]
  for (const client of clients) expect(await client.join('logger-1', true, '')).toBe('20020000')
  expect(broker.stats().connections).toBe(2)
  for (const client of clients) {
    client.send('C000')
    expect((await client.packet())?.toString('hex')).toBe('d000')
  }
})

test('packets sent in one go with the CONNECT are all taken', async () => {
  const { port, kept } = await start()
  const packets = Array.from({ length: 400 }, (_, n) => publish(n + 1))
  const client = new RawClient(port).send(connectPacket({ user: 'logger-1' }), ...packets)
  expect((await client.read(4))?.toString('hex')).toBe('20020000')
  await client.read(1600)
  expect(kept()).toHaveLength(400)
})

test('packets of 256 MB that are announced ten times do not grow the memory', async () => {
  const { port, broker } = await start()
  const before = process.memoryUsage().rss
  const chunk = Buffer.alloc(1 << 20)
  const clients = Array.from({ length: 10 }, () => new RawClient(port))
  for (const [n, client] of clients.entries()) {
    if (n % 2 === 0) await client.join('logger-1', true, `c${n}`)
    client.send(fromHex('30 FFFFFF7F'))
    for (let i = 0; i < 8; i++) client.socket.write(chunk)
  }
  await Promise.all(clients.map((client) => client.closed()))
  expect(broker.stats()).toMatchObject({ connections: 0, protocolErrors: 10, received: 0 })
  // The 80 MB that the clients wrote themselves may still be around.
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
})

test('before the CONNECT nothing but a small CONNECT is taken', async () => {
  const { port } = await start()
  const large = new RawClient(port).send(fromHex('10 8080 04'))
  expect((await large.closed()).length).toBe(0)
  const other = new RawClient(port).send(publish(1))
  expect((await other.closed()).length).toBe(0)
})

test('a client that stays silent for 1.5 times its keep-alive is closed', async () => {
  const { port } = await start()
  const client = new RawClient(port).send(connectPacket({ user: 'logger-1', keepAliveSeconds: 1 }))
  await client.read(4)
  const startedAt = performance.now()
  await client.closed()
  const seconds = (performance.now() - startedAt) / 1000
  expect(seconds).toBeGreaterThan(1.2)
  expect(seconds).toBeLessThan(4)
})

test('a connection without a whole CONNECT is closed in time', { timeout: 30_000 }, async () => {
  const { port, broker } = await start()
  const silent = new RawClient(port)
  const partial = new RawClient(port).send(connectPacket({ user: 'logger-1' }).subarray(0, 20))
  const startedAt = performance.now()
  await Promise.all([silent.closed(), partial.closed()])
  const waited = performance.now() - startedAt
  expect(waited).toBeGreaterThan(bounds.connectTimeoutMs * 0.9)
  expect(broker.stats().connections).toBe(0)
})

test('while the log is full sockets are not read, and afterwards nothing is missing', async () => {
  let gate: ReturnType<typeof gated> | undefined
  const { port, kept, broker } = await start([service('key', ['#'])], {
    wrap: (real) => {
      gate = gated(real)
      gate.open()
      return gate.log
    },
  })
  const device = new RawClient(port)
  const key = new RawClient(port)
  await device.join('logger-1')
  await key.join('key')
  gate!.press(true)
  const total = 300
  for (let id = 1; id <= total; id++) device.send(publish(id, `{"n":${id}}`))
  key.send(publishPacket('v1/default/x/readings', '{}', { qos: 1, id: 1 }))
  // Round trips of somebody else show that the broker has had the time to read what was sent.
  const other = new RawClient(port)
  await other.join('logger-2')
  for (let n = 0; n < 100; n++) {
    other.send('C000')
    await other.packet()
  }
  expect(broker.stats().received).toBe(0)
  expect(kept()).toHaveLength(0)
  gate!.press(false)
  await device.read(4 * total)
  await key.read(4)
  expect(kept()).toHaveLength(total + 1)
})

test('a client that sends but never reads is closed when too much waits for it', async () => {
  const { port, broker } = await start([service('key', ['#'])])
  const frozen = new RawClient(port)
  await frozen.join('key', true, 'frozen')
  frozen.send(subscribePacket(1, ['flood', 1]))
  await frozen.packet()
  frozen.socket.pause()
  const source = new RawClient(port)
  await source.join('key', true, 'source')
  const packet = publishPacket('flood', Buffer.alloc(256 * 1024), { qos: 1, id: 1 })
  for (let n = 0; n < 100 && broker.stats().connections === 2; n++) {
    source.send(packet)
    await source.packet()
  }
  await until(() => broker.stats().connections === 1)
  frozen.end()
})

test('random bytes in every state leave the broker serving', { timeout: 60_000 }, async () => {
  const { port } = await start()
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), fc.boolean(), async (bytes, joined) => {
      const client = new RawClient(port)
      if (joined) await client.join('logger-1', true, 'random')
      client.send(Buffer.from(bytes))
      client.socket.end()
      await client.closed()
    }),
    { numRuns: 300 },
  )
  const client = new RawClient(port)
  await client.join('logger-1')
  client.send(publish(1))
  expect((await client.packet())?.toString('hex')).toBe('40020001')
})
