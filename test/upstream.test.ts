// Isotherm behind a broker that was there before: what the other broker was told is kept, is kept.
// With a real Mosquitto where there is one, and byte by byte against a server that only a test
// would be.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { bounds } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import { openUpstream, type Upstream, type UpstreamOptions } from '../ingest/upstream.ts'
import { openLmdbLog } from '../store/lmdb/log.ts'
import type { Log, LoggedEnvelope } from '../store/log.ts'
import { type Mosquitto, mosquittoPath, startMosquitto } from './mosquitto.ts'
import { keepTrack, publishPacket, RawClient, subscribePacket, until } from './mqtt-raw.ts'

const ends: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const folderOf = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-upstream-'))
  ends.push(() => rmSync(folder, { recursive: true }))
  return folder
}

interface Consumer {
  upstream: Upstream
  log: Log & { close(): Promise<void> }
  kept: () => LoggedEnvelope[]
  lines: string[]
}

async function consume(
  port: number,
  options: Partial<UpstreamOptions> & { wrap?: (log: Log) => Log; bytesMax?: number } = {},
): Promise<Consumer> {
  const { wrap, bytesMax = 2 ** 28, ...rest } = options
  const log = await openLmdbLog({ folder: folderOf(), bytesMax })
  ends.push(() => log.close())
  const kept = keepTrack(log)
  const lines: string[] = []
  const write = (about: object, message: string): void => {
    lines.push(JSON.stringify(about) + message)
  }
  const upstream = openUpstream({
    url: `mqtt://127.0.0.1:${port}`,
    ...{ share: 'isotherm', clientId: 'one', tenants: ['default'] },
    ...{ log: wrap?.(log) ?? log, now: () => 5000, logger: { debug: write, error: write } },
    ...rest,
  })
  ends.push(() => upstream.close())
  return { upstream, log, kept, lines }
}

const texts = (envelopes: readonly LoggedEnvelope[]): string[] =>
  envelopes.map(({ body }) => Buffer.from(body).toString())

const lacking = (kept: () => LoggedEnvelope[], wanted: readonly string[]): string[] => {
  const all = new Set(texts(kept()))
  return wanted.filter((text) => !all.has(text))
}

/** The other broker, as bytes: what it is sent comes out of `packet`. */
async function byteServer(): Promise<{ port: number; next: () => Promise<RawClient> }> {
  const waiting: Socket[] = []
  let wake: () => void = () => undefined
  const server: Server = createServer((socket) => {
    waiting.push(socket)
    ends.push(() => socket.destroy())
    wake()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => server.close())
  const next = async (): Promise<RawClient> => {
    while (waiting.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    return new RawClient(waiting.shift()!)
  }
  return { port: (server.address() as AddressInfo).port, next }
}

const connack = '20020000'
const suback = '9003000101'

/** Answers CONNECT and SUBSCRIBE as a broker does. */
async function accept(next: () => Promise<RawClient>): Promise<RawClient> {
  const peer = await next()
  expect((await peer.packet())?.[0]).toBe(0x10)
  peer.send(connack)
  expect((await peer.packet())?.[0]).toBe(0x82)
  return peer.send(suback)
}

const reading = (id: number, text = `r${id}`): Buffer =>
  publishPacket('v1/default/logger-1/readings', text, { qos: 1, id })

describe('towards the other broker', () => {
  test('a session that outlives the connection, and a share of each tenant, are asked for', async () => {
    const { port, next } = await byteServer()
    const { upstream } = await consume(port, {
      url: `mqtt://user:p%40ss@127.0.0.1:${port}`,
      tenants: ['default', 'north'],
    })
    const peer = await next()
    // Clean session off, user and password on, 30 s keep-alive.
    expect((await peer.packet())?.toString('latin1')).toBe(
      `\x10\x1b\0\x04MQTT\x04\xc0\0\x1e\0\x03one\0\x04user\0\x04p@ss`,
    )
    peer.send(connack)
    const asked = ['$share/isotherm/v1/default/+/+', '$share/isotherm/v1/north/+/+']
    expect(await peer.packet()).toEqual(
      subscribePacket(1, ...asked.map((f): [string, number] => [f, 1])),
    )
    peer.send('900400010101')
    await until(() => upstream.state === 'up')
    expect(upstream.lastError).toBeUndefined()
  })

  test('nothing is acknowledged before it is durable, then all of it in order', async () => {
    const { port, next } = await byteServer()
    let tell: (durable: number) => void = () => undefined
    const { log } = await consume(port, {
      wrap: (real) =>
        Object.create(real, {
          append: { value: real.append.bind(real) },
          onDurable: {
            value: (listener: (durable: number) => void) => {
              tell = listener
              return () => undefined
            },
          },
          onPressure: { value: real.onPressure.bind(real) },
          whenDurable: { value: real.whenDurable.bind(real) },
          durable: { get: () => real.durable },
          pressed: { get: () => real.pressed },
        }) as Log,
    })
    const peer = await accept(next)
    peer.send(...Array.from({ length: 300 }, (_, n) => reading(n + 1)))
    await until(() => log.durable === 300)
    tell(200)
    const first = Array.from({ length: 200 }, (_, n) => `4002${hex16(n + 1)}`)
    expect((await peer.read(800))?.toString('hex')).toBe(first.join(''))
    tell(300)
    expect((await peer.read(4))?.toString('hex')).toBe(`4002${hex16(201)}`)
  })

  test('what was on its way when the connection ended is taken again, and owed once', async () => {
    const { port, next } = await byteServer()
    const { kept, upstream } = await consume(port)
    const before = await accept(next)
    before.send(reading(7))
    before.end()
    const peer = await accept(next)
    peer.send(reading(7))
    expect((await peer.read(4))?.toString('hex')).toBe('40020007')
    peer.send(reading(8))
    expect((await peer.read(4))?.toString('hex')).toBe('40020008')
    expect(texts(kept()).at(-1)).toBe('r8')
    expect(upstream.stats()).toMatchObject({ lost: 1, connections: 1 })
  })

  test('refusals are named, tried again later, and show no password', async () => {
    const { port, next } = await byteServer()
    const { upstream, lines } = await consume(port, {
      url: `mqtt://user:secret-word@127.0.0.1:${port}`,
    })
    ;(await next()).send('20020005')
    await until(() => upstream.lastError !== undefined)
    expect(upstream.lastError?.message).toContain('not authorized')
    const again = await next()
    again.send(connack, '9003000180')
    await until(() => lines.length >= 2)
    expect(upstream.lastError?.message).toContain('may not subscribe')
    expect(upstream.state).toBe('waiting')
    expect(lines.join('\n')).not.toContain('secret-word')
  })

  test('an address that is none is refused without showing what is in it', () => {
    const options = { share: 's', clientId: 'c', tenants: ['default'], now: Date.now }
    for (const url of ['http://u:secret-word@h', 'mqtt://u:secret-word@', 'secret-word'])
      try {
        openUpstream({ ...options, url, log: {} as Log })
        expect.unreachable()
      } catch (error) {
        expect(error).toBeInstanceOf(OperatorError)
        expect((error as OperatorError).message + (error as OperatorError).remedy).not.toContain(
          'secret-word',
        )
      }
  })

  test('one that breaks the protocol or does not answer is left', { timeout: 20_000 }, async () => {
    const { port, next } = await byteServer()
    const { upstream } = await consume(port)
    ;(await next()).send('d000')
    await until(() => upstream.lastError !== undefined)
    expect(upstream.lastError?.message).toContain('CONNACK')
    const mute = await next()
    await mute.closed()
    expect(upstream.lastError?.message).toContain('no session in time')
    const peer = await accept(next)
    await until(() => upstream.state === 'up')
    peer.send('3600') // QoS 3
    await peer.closed()
  })
})

const hex16 = (value: number): string => value.toString(16).padStart(4, '0')

describe('packets that are not to be taken', () => {
  test('are kept as refusals or passed over, acknowledged, and block nothing', async () => {
    const { port, next } = await byteServer()
    const { kept, upstream } = await consume(port)
    const peer = await accept(next)
    const raw = (topic: Buffer, id: number): Buffer => {
      const packet = publishPacket('x'.repeat(topic.length), 'body', { qos: 1, id })
      topic.copy(packet, 4)
      return packet
    }
    peer.send(
      publishPacket('v1/default/logger-1/commands', 'to it', { qos: 1, id: 1 }),
      publishPacket('v1/default/logger-1/reading', 'misspelt', { qos: 1, id: 2 }),
      publishPacket('v1/other/logger-1/readings', 'not ours to see', { qos: 1, id: 3 }),
      publishPacket('elsewhere', 'not ours to see', { qos: 1, id: 4 }),
      raw(Buffer.from([0x76, 0xff, 0xfe]), 5),
      raw(Buffer.from('v1/+/x/readings'), 6),
      publishPacket(`v1/default/${'x'.repeat(60_000)}/status`, 'long', { qos: 1, id: 7 }),
      reading(8),
    )
    const acks = Array.from({ length: 8 }, (_, n) => `4002${hex16(n + 1)}`)
    expect((await peer.read(32))?.toString('hex')).toBe(acks.join(''))
    expect(kept().map(({ kind, tenant, source }) => `${kind} ${tenant} ${source}`)).toEqual([
      ...Array(6).fill('forbidden default isotherm'),
      'publish default logger-1',
    ])
    expect(texts(kept())).toEqual(['misspelt', '', '', '', '', '', 'r8'])
    expect(kept()[4]).toMatchObject({ topic: 'v1/+/x/readings', recordTime: 5000 })
    expect(upstream.stats()).toMatchObject({ received: 8, acked: 8, forbidden: 6, ignored: 1 })
  })

  test('for their size are cut off, kept, and acknowledged', async () => {
    const { port, next } = await byteServer()
    const { kept, upstream, lines } = await consume(port)
    const peer = await accept(next)
    const large = Buffer.alloc(3 * bounds.packetBytesMax, 65)
    const packet = publishPacket('v1/default/logger-1/readings', large, { qos: 1, id: 1 })
    // In two parts, the second beginning in what is passed over.
    peer.send(packet.subarray(0, bounds.packetBytesMax + 5))
    peer.send(packet.subarray(bounds.packetBytesMax + 5), reading(2))
    expect((await peer.read(8))?.toString('hex')).toBe('4002000140020002')
    expect(upstream.stats().clipped).toBe(1)
    expect(kept().map(({ kind }) => kind)).toEqual(['publish', 'publish'])
    expect(kept()[0]!.body.length).toBeLessThan(bounds.packetBytesMax)
    expect(texts(kept())[1]).toBe('r2')
    expect(lines.join()).toContain('too large')
  })
})

describe('while the log is full', () => {
  test('the other broker keeps what comes, and nothing of it is lost', async () => {
    const { port, next } = await byteServer()
    const { log, kept, upstream } = await consume(port, { bytesMax: 4 * 2 ** 20 })
    const [all] = log.partitions
    all!.keepFor('nobody')
    const peer = await accept(next)
    const total = 100
    const text = (n: number): string => `${n} `.padEnd(100_000, 'x')
    peer.send(...Array.from({ length: total }, (_, n) => reading(n + 1, text(n))))
    await until(() => log.pressed)
    expect(upstream.stats().received).toBeLessThan(total)
    while (kept().length < total) {
      await all!.setCursor('nobody', all!.readable)
      await all!.trim()
    }
    expect(texts(kept())).toEqual(Array.from({ length: total }, (_, n) => text(n)))
    expect((await peer.read(4 * total))?.length).toBe(4 * total)
    expect(upstream.stats()).toMatchObject({ lost: 0, acked: total })
  })
})

const absent = mosquittoPath === undefined ? ' (skipped: mosquitto is not installed)' : ''

describe.skipIf(absent !== '')(`behind a real Mosquitto${absent}`, () => {
  const start = async (settings: string[] = []): Promise<Mosquitto> => {
    const mosquitto = await startMosquitto(settings)
    ends.push(() => mosquitto.stop())
    return mosquitto
  }

  const child = async (port: number, clientId: string, folder: string): Promise<ChildProcess> => {
    const script = join(import.meta.dirname, 'upstream-consumer.ts')
    const args = [script, String(port), clientId, folder]
    const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    ends.push(async () => {
      if (process_.exitCode !== null || process_.signalCode !== null) return
      process_.kill('SIGKILL')
      await once(process_, 'exit')
    })
    let said = ''
    process_.stdout!.on('data', (chunk) => {
      said += chunk
    })
    await until(() => said.includes('ready'))
    return process_
  }

  const keptIn = async (folder: string): Promise<string[]> => {
    const log = await openLmdbLog({ folder, bytesMax: 2 ** 32 })
    const { envelopes } = await log.read(0, 1e7, 2 ** 32)
    const found = texts(envelopes)
    await log.close()
    return found
  }

  test('two consumers share the load, each packet to one of them', async () => {
    const { port } = await start()
    const one = await consume(port, { connections: 2 })
    const two = await consume(port, { clientId: 'two', connections: 2 })
    await until(() => one.upstream.state === 'up' && two.upstream.state === 'up')
    const load = await publishers(port)
    await until(() => load.acked.size > 2000)
    const acked = await load.stop()
    await until(() => one.kept().length + two.kept().length >= acked.size)
    const all = [...texts(one.kept()), ...texts(two.kept())]
    expect(new Set(all)).toEqual(acked)
    expect(all).toHaveLength(acked.size)
    for (const { kept } of [one, two]) expect(kept().length).toBeGreaterThan(acked.size / 4)
  })

  test('a consumer killed under load: nothing acknowledged is lost', async () => {
    const { port } = await start()
    const folders = [folderOf(), folderOf()]
    let one = await child(port, 'one', folders[0]!)
    let two = await child(port, 'two', folders[1]!)
    const load = await publishers(port)
    for (let kills = 1; kills <= 3; kills++) {
      const before = load.acked.size
      await until(() => load.acked.size > before + 1000)
      one.kill('SIGKILL')
      await once(one, 'exit')
      const then = load.acked.size
      await until(() => load.acked.size > then + 300)
      one = await child(port, 'one', folders[0]!)
    }
    const acked = await load.stop()
    // What Mosquitto still holds for them is theirs at the next start.
    for (;;) {
      for (const consumer of [one, two]) {
        consumer.kill('SIGTERM')
        await once(consumer, 'exit')
      }
      const kept = new Set([...(await keptIn(folders[0]!)), ...(await keptIn(folders[1]!))])
      if ([...acked].every((text) => kept.has(text))) break
      one = await child(port, 'one', folders[0]!)
      two = await child(port, 'two', folders[1]!)
    }
  }, 60_000)

  test('Mosquitto killed under load: what we had acknowledged is kept, and it goes on by itself', async () => {
    const mosquitto = await start(['max_inflight_messages 1000'])
    const { upstream, kept } = await consume(mosquitto.port, { connections: 2 })
    await until(() => upstream.state === 'up')
    const load = await publishers(mosquitto.port)
    for (let kills = 1; kills <= 2; kills++) {
      const before = load.acked.size
      await until(() => load.acked.size > before + 1000)
      await mosquitto.kill()
      // Its own word to publishers is only in its memory, ours to it is on disk.
      expect(kept().length).toBeGreaterThanOrEqual(upstream.stats().acked)
      await mosquitto.restart()
      await until(() => upstream.state === 'up')
    }
    const mark = load.acked.size
    await until(() => load.acked.size > mark + 1000)
    const acked = await load.stop()
    const after = [...acked].slice(mark)
    await until(() => lacking(kept, after).length === 0)
    expect(upstream.stats().lost).toBe(4)
    const died = lacking(kept, [...acked]).length
    console.log(`of ${acked.size} packets that Mosquitto acknowledged, ${died} died with it`)
  }, 60_000)

  test('Mosquitto restarted under load: by a plain subscription nothing is lost', async () => {
    const mosquitto = await start()
    const { upstream, kept } = await consume(mosquitto.port, { share: undefined })
    await until(() => upstream.state === 'up')
    const load = await publishers(mosquitto.port)
    for (let restarts = 1; restarts <= 2; restarts++) {
      const before = load.acked.size
      await until(() => load.acked.size > before + 1000)
      await mosquitto.kill('SIGTERM')
      await mosquitto.restart()
    }
    const mark = load.acked.size
    await until(() => load.acked.size > mark + 1000)
    const acked = await load.stop()
    await until(() => lacking(kept, [...acked]).length === 0)
  }, 60_000)

  const openssl = existsSync('/usr/bin/openssl')
  test.skipIf(!openssl)('TLS: only a broker whose certificate is vouched for', async () => {
    const folder = folderOf()
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    execFileSync('openssl', [...make, '-keyout', key, '-out', cert, '-days', '2', ...name], {
      stdio: 'ignore',
    })
    const { port } = await start([`certfile ${cert}`, `keyfile ${key}`])
    const url = `mqtts://localhost:${port}`
    const stranger = await consume(port, { url, clientId: 'stranger' })
    await until(() => stranger.upstream.lastError !== undefined)
    expect(stranger.upstream.lastError?.message).toMatch(/self.signed/)
    const ca = readFileSync(cert)
    const { upstream, kept } = await consume(port, { url, ca })
    await until(() => upstream.state === 'up')
    const client = await connectAsync(`mqtts://localhost:${port}`, { ca })
    await client.publishAsync('v1/default/logger-1/readings', 'by TLS', { qos: 1 })
    await until(() => kept().length === 1)
    expect(texts(kept())).toEqual(['by TLS'])
    client.end(true)
  })
})

/** Devices that publish one packet after the other at QoS 1, and know which were acknowledged. */
async function publishers(
  port: number,
): Promise<{ acked: Set<string>; stop: () => Promise<Set<string>> }> {
  const acked = new Set<string>()
  let running = true
  const clients: MqttClient[] = []
  const work: Promise<void>[] = []
  const publish = async (client: MqttClient, name: string): Promise<void> => {
    for (let n = 0; running; n++) {
      const text = `${name}-${n}`
      const topic = `v1/default/${name}/readings`
      // A failure is a packet without an acknowledgement: MQTT.js gives up those of a second loss.
      await client.publishAsync(topic, text, { qos: 1 }).then(
        () => acked.add(text),
        () => undefined,
      )
    }
  }
  for (let n = 0; n < 4; n++) {
    const url = `mqtt://127.0.0.1:${port}`
    const client = await connectAsync(url, { clientId: `device-${n}`, reconnectPeriod: 20 })
    client.on('error', () => undefined)
    clients.push(client)
    for (let lane = 0; lane < 8; lane++) work.push(publish(client, `logger-${n}-${lane}`))
  }
  const end = (): void => {
    for (const client of clients) client.end(true)
  }
  ends.push(end)
  const stop = async (): Promise<Set<string>> => {
    running = false
    await Promise.all(work)
    end()
    return acked
  }
  return { acked, stop }
}
