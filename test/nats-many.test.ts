// Many processes on one replicated log, and servers that die under it: real nats-servers, several
// connections. Skipped where there is no nats-server.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect as connectClient } from '@nats-io/transport-node'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Unavailable } from '../domain/refusal.ts'
import type { Envelope, Log, LoggedEnvelope, Partition } from '../store/log.ts'
import { type NatsOptions, type NatsStore, openNats } from '../store/nats/log.ts'
import { slotOf } from '../store/slots.ts'
import { publish, readAll } from './contracts/log.ts'
import { type Nats, type NatsOptions as NatsServerOptions, natsPath, startNats } from './nats.ts'

if (natsPath === undefined) console.warn('No nats-server here: the tests of the NATS log skip.')

const stores: NatsStore[] = []
const proxies: Proxy[] = []
const clusters: Nats[] = []
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  await Promise.all(clusters.splice(0).map((nats) => nats.stop()))
  for (const proxy of proxies.splice(0)) proxy.stop()
})

describe.skipIf(natsPath === undefined)('on one server', { timeout: 30_000 }, () => {
  let nats: Nats
  beforeAll(async () => {
    nats = await startNats()
    return () => nats.stop()
  })

  it('two write and one reads: the order of each is kept, nothing is missing or double', async () => {
    const writers = [await open(nats, 'two'), await open(nats, 'two')]
    const { log } = await open(nats, 'two')
    const reading = readUntil(log, 2 * 3000)
    await Promise.all(
      writers.map(async (writer, index) => {
        for (let count = 0; count < 3000; count++) {
          writer.log.append(numbered(`LOGGER-${index}`, count))
          if (count % 50 === 0) await nextTurn()
        }
        await writer.log.whenDurable(2999)
      }),
    )
    const read = await reading
    for (const index of [0, 1]) {
      const mine = read.filter(({ source }) => source === `LOGGER-${index}`)
      expect(mine.map(({ recordTime }) => recordTime)).toEqual(range(3000))
    }
    expect(new Set(read.map(({ offset }) => offset)).size).toBe(6000)
  })

  it('a follower in one process is seen to have passed something in another', async () => {
    const [here, there] = [await open(nats, 'passed'), await open(nats, 'passed')]
    const offset = await here.log.whenDurable(here.log.append(publish({ kind: 'capture' })))
    const mine = captures(here.log)
    const theirs = captures(there.log)
    const passing = mine.passed('capture', offset)
    await vi.waitUntil(() => theirs.readable > offset, { timeout: 5000 })
    await theirs.setCursor('capture', theirs.readable)
    await passing
    expect(await mine.keptCursor('capture')).toBe(theirs.readable)
    await mine.setCursor('capture', offset)
    expect(await theirs.keptCursor('capture'), 'a late word takes nothing back').toBe(
      theirs.readable,
    )
  })

  it('what others append passes by once, and what this process appends does not', async () => {
    const [here, there] = [await open(nats, 'foreign'), await open(nats, 'foreign')]
    const heard: Envelope[] = []
    const stop = here.log.foreign((envelopes) => heard.push(...envelopes))
    // A subscription is in force when the server has answered something that came behind it.
    await here.log.partitions[0]!.keptCursor('none')
    await here.log.whenDurable(here.log.append(publish({ topic: 'mine' })))
    const large = Buffer.alloc(3 * 1024 * 1024, 'x')
    await there.log.whenDurable(there.log.append(publish({ topic: 'theirs' })))
    await there.log.whenDurable(there.log.append(publish({ topic: 'large', body: large })))
    await vi.waitUntil(() => heard.length === 2, { timeout: 5000 })
    expect(heard.map(({ topic }) => topic)).toEqual(['theirs', 'large'])
    expect(large.equals(heard[1]!.body)).toBe(true)
    stop()
    await there.log.whenDurable(there.log.append(publish({ topic: 'unheard' })))
    expect(heard).toHaveLength(2)
  })

  it('large captures of several processes come whole, though their parts meet', async () => {
    const writers = await Promise.all([1, 2, 3].map(() => open(nats, 'large')))
    const bodies = writers.map((_, index) => Buffer.alloc(5 * 1024 * 1024, `capture ${index} `))
    const offsets = await Promise.all(
      writers.map(({ log }, index) =>
        log.whenDurable(log.append(publish({ kind: 'capture', body: bodies[index]! }))),
      ),
    )
    const { log } = await open(nats, 'large')
    const read = await readAll(log)
    expect(read.map(({ offset }) => offset)).toEqual(offsets.toSorted((a, b) => a - b))
    for (const [index, body] of bodies.entries())
      expect(body.equals(read.find(({ offset }) => offset === offsets[index])!.body)).toBe(true)
    const lengths = read.map(({ body }) => body.length)
    expect(lengths).toEqual(bodies.map((body) => body.length))
  })

  it('an acknowledgement that is lost on the way doubles nothing', async () => {
    const proxy = await startProxy(nats.servers[0]!)
    const { log } = await open(nats, 'lost', { servers: [proxy.at] })
    const other = await open(nats, 'lost')
    await log.whenDurable(log.append(publish({ topic: 'before' })))
    for (let round = 0; round < 3; round++) {
      const before = ends(other.log)
      proxy.deaf = true
      log.append(publish({ topic: `lost ${round}` }))
      const large = Buffer.alloc(2 * 1024 * 1024, round)
      const last = log.append(publish({ kind: 'capture', topic: `large ${round}`, body: large }))
      // Stored: the other process sees it; the writer does not hear of it.
      await vi.waitUntil(async () => ends(other.log) > before, { timeout: 10_000 })
      expect(log.durable).toBeLessThanOrEqual(last)
      proxy.cut()
      proxy.deaf = false
      await log.whenDurable(last)
    }
    const rounds = range(3).flatMap((round) => [`lost ${round}`, `large ${round}`])
    const all = ['before', ...rounds].toSorted()
    await vi.waitUntil(async () => (await readAll(other.log)).length >= all.length, {
      timeout: 5000,
    })
    expect((await readAll(other.log)).map(({ topic }) => topic).toSorted()).toEqual(all)
  })

  it('a stream that is full takes nothing, says so, and goes on when it is trimmed', async () => {
    const here = await open(nats, 'full', { bytesMax: 3 * 1024 * 1024 })
    const there = await open(nats, 'full', { bytesMax: 3 * 1024 * 1024 })
    const body = Buffer.alloc(50_000, 1)
    const [partition] = here.log.partitions
    partition!.keepFor('record')
    // More than fits, by two who do not know of each other in time: the stream itself refuses.
    for (const { log } of [here, there])
      for (let count = 0; count < 17; count++) log.append(publish({ body }))
    await vi.waitUntil(() => here.log.fault ?? there.log.fault, { timeout: 5000 })
    await vi.waitUntil(() => here.log.pressed && there.log.pressed, { timeout: 5000 })
    const late = [here, there].map(({ log }) => log.whenDurable(log.end - 1))
    while (here.log.fault ?? there.log.fault) {
      await partition!.setCursor('record', partition!.readable)
      await partition!.trim()
      await nextTurn()
    }
    await Promise.all(late)
    await vi.waitUntil(() => !here.log.pressed && !there.log.pressed, { timeout: 5000 })
  })
})

describe.skipIf(natsPath === undefined)('servers that end', { timeout: 60_000 }, () => {
  it('one alone, killed and started again: nothing is lost or doubled', async () => {
    const nats = await started()
    const { log } = await open(nats, 'restart')
    const killing = new AbortController()
    const writing = writeUntil(log, killing.signal)
    for (let kill = 0; kill < 3; kill++) {
      const { durable } = log
      await vi.waitUntil(() => log.durable > durable, { timeout: 10_000 })
      await nats.nodes[0]!.restart()
    }
    killing.abort()
    const { acked } = await writing
    await expectOnce(log, acked)
  })

  it('is away while the log is closed: it closes soon, and says what is not durable', async () => {
    const nats = await started()
    const { log } = await open(nats, 'closing')
    const store = stores.at(-1)!
    const [partition] = log.partitions
    await log.whenDurable(log.append(publish()))
    await nats.nodes[0]!.kill()
    await vi.waitUntil(() => store.failure !== undefined)
    const never = expect(log.whenDurable(log.append(publish()))).rejects.toThrow(Unavailable)
    const unsaved = partition!.setCursor('record', partition!.readable)
    const lost = expect(unsaved).rejects.toThrow(Unavailable)
    const unread = partition!.read(0, 1, 1)
    await expect(unread).rejects.toThrow(Unavailable)
    // It does not wait for a NATS that never comes back: the test would not end.
    await store.close()
    await Promise.all([never, lost])
  })

  it('is not there when it is opened: the operator hears which host, and never a password', async () => {
    const nats = await started()
    await nats.stop()
    const opening = open(nats, 'away', { user: 'isotherm', password: 'top-secret' })
    await expect(opening).rejects.toMatchObject({
      name: 'OperatorError',
      message: expect.stringContaining(nats.servers[0]!),
      remedy: expect.stringContaining('nats-server -js'),
    })
    await expect(opening).rejects.not.toMatchObject({
      message: expect.stringContaining('top-secret'),
    })
  })

  it('refuses a wrong password, settings that differ, and replicas it cannot have', async () => {
    const users = 'authorization { user: "isotherm", password: "right" }'
    const nats = await started({ config: users })
    const right = { user: 'isotherm', password: 'right' }
    const refused = async (options: Partial<NatsOptions>, what: RegExp): Promise<void> => {
      const opening = open(nats, 'settings', options)
      await expect(opening).rejects.toMatchObject({ name: 'OperatorError' })
      await expect(opening).rejects.toThrow(what)
    }
    await refused({ user: 'isotherm', password: 'wrong' }, /refuses the user/)
    await open(nats, 'settings', right)
    await refused({ ...right, partitions: 4 }, /of 1 partitions/)
    await refused({ ...right, prefix: 'other', replicas: 3 }, /replicas > 1/)
    await refused({ ...right, prefix: 'a.b' }, /prefix a.b/)
    await open(nats, 'settings', { ...right, bytesMax: 2 ** 28 })
  })

  it('the leader of a stream of three, killed while 5,000 a second come in', async () => {
    const nats = await started({ nodes: 3 })
    const options = { replicas: 3 as const }
    const { log } = await open(nats, 'leader', options)
    const reader = await open(nats, 'leader', options)
    const stalls: number[] = []
    let since = performance.now()
    log.onDurable(() => {
      stalls.push(performance.now() - since)
      since = performance.now()
    })
    const killing = new AbortController()
    const writing = writeUntil(log, killing.signal)
    for (let kill = 0; kill < 2; kill++) {
      const { durable } = log
      await vi.waitUntil(() => log.durable > durable + 2000, { timeout: 20_000 })
      const name = await leaderOf(nats, 'leader-0')
      const node = nats.nodes.find((one) => one.name === name)!
      await node.kill()
      const killedAt = log.durable
      await vi.waitUntil(() => log.durable > killedAt + 100, { timeout: 20_000 })
      await node.restart()
    }
    killing.abort()
    const { acked, taken } = await writing
    console.log(
      `${acked} acknowledged of ${taken}, longest stall ${Math.round(Math.max(...stalls))} ms`,
    )
    await expectOnce(reader.log, acked)
  })
})

/** Ended when the test has. */
async function started(options?: NatsServerOptions): Promise<Nats> {
  const nats = await startNats(options)
  clusters.push(nats)
  return nats
}

/** Its record time says its number. */
function numbered(source: string, count: number): Envelope {
  return publish({ source, topic: `v1/default/${source}/readings`, recordTime: count })
}

/** Appends 5,000 a second, all numbered; resolves when all are acknowledged. */
async function writeUntil(log: Log, end: AbortSignal): Promise<{ acked: number; taken: number }> {
  let taken = 0
  while (!end.aborted) {
    for (let count = 0; count < 25 && !log.pressed; count++)
      log.append(numbered('LOGGER-0', taken++))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await log.whenDurable(taken - 1)
  return { acked: log.durable, taken }
}

/** Every number that was acknowledged is there once, in order. */
async function expectOnce(log: Log, acked: number): Promise<void> {
  const read = await readUntil(log, acked)
  expect(read.length).toBe(acked)
  const wrong = read.findIndex(({ recordTime }, index) => recordTime !== index)
  expect(wrong, 'the first that is not where it should be').toBe(-1)
}

/** Reads all partitions beside each other, as followers do, until so many have come. */
async function readUntil(log: Log, count: number): Promise<LoggedEnvelope[]> {
  const all: LoggedEnvelope[] = []
  const follow = async (partition: Partition): Promise<void> => {
    let wake = (): void => undefined
    const stop = partition.onReadable(() => wake())
    for (let from = 0; all.length < count; ) {
      const news = new Promise<void>((resolve) => {
        wake = resolve
      })
      const read = await partition.read(from, 1000, 1024 * 1024).catch(whenAway)
      const { envelopes, next } = read ?? { envelopes: [], next: from }
      all.push(...envelopes)
      from = next
      if (all.length >= count) break
      if (envelopes.length === 0 && partition.readable <= from) await news
    }
    stop()
  }
  await Promise.race(log.partitions.map(follow))
  return all
}

/** A follower would wait and read again. */
async function whenAway(error: unknown): Promise<undefined> {
  if (!(error instanceof Unavailable)) throw error
  await nextTurn()
}

const ends = (log: Log): number => log.partitions.reduce((sum, { readable }) => sum + readable, 0)

const captures = (log: Log): Partition =>
  log.partitions.find(({ kinds }) => kinds.includes('capture'))!

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

async function leaderOf(nats: Nats, stream: string): Promise<string> {
  const connection = await connectClient({ servers: nats.servers })
  const { cluster } = await (await jetstreamManager(connection)).streams.info(stream)
  await connection.close()
  return cluster?.leader ?? ''
}

async function open(
  nats: Nats,
  prefix: string,
  options: Partial<NatsOptions> = {},
): Promise<NatsStore> {
  const store = await openNats({
    servers: nats.servers,
    node: 'test',
    prefix,
    replicas: 1,
    partitions: 1,
    bytesMax: 1024 ** 3,
    slotOf: ({ tenant, source }) => slotOf(tenant, source),
    ...options,
  })
  stores.push(store)
  return store
}

/** Stands between a client and a server, and can lose what the server says. */
interface Proxy {
  at: string
  deaf: boolean
  /** Ends all connections. */
  cut(): void
  stop(): void
}

async function startProxy(server: string): Promise<Proxy> {
  const [host, port] = server.split(':')
  const sockets = new Set<Socket>()
  const listening: Server = createServer((client) => {
    const upstream = connect(Number(port), host)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => upstream.write(bytes))
    upstream.on('data', (bytes) => {
      if (!proxy.deaf) client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const proxy: Proxy = {
    at: `127.0.0.1:${(listening.address() as { port: number }).port}`,
    deaf: false,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    stop: () => {
      for (const socket of sockets) socket.destroy()
      listening.close()
    },
  }
  proxies.push(proxy)
  return proxy
}
