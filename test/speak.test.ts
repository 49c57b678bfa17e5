import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { Aedes } from 'aedes'
import { afterEach, expect, it } from 'vitest'
import type { WireReading } from '../simulators/actions.ts'
import { type Clock, paceAt } from '../simulators/pace.ts'
import { type SpeakOptions, speak } from '../simulators/speak.ts'
import { payloadOf } from '../simulators/voice.ts'
import { createWorld } from '../simulators/world.ts'

const startTime = Date.UTC(2026, 6, 1, 6)
const worldOf = (devices: number, hours = 20) =>
  createWorld({ seed: 3, devices, startTime, endTime: startTime + hours * 3_600_000 })

/** A server that keeps the public contract and nothing else: what arrives is written down. */
interface Stranger {
  options: SpeakOptions
  requests: { method: string; path: string; type: string; body: unknown }[]
  packets: { device: string; body: Buffer }[]
  sockets: Set<Socket>
  /** Answers the next requests with this. */
  trouble: ((response: ServerResponse) => void)[]
}

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function createStranger(): Promise<Stranger> {
  const stranger: Omit<Stranger, 'options'> = {
    requests: [],
    packets: [],
    sockets: new Set(),
    trouble: [],
  }
  const registered = new Map<string, string>()
  const http = createServer((request, response) => {
    void answer(request, response, { stranger, registered })
  })
  const aedes = await Aedes.createBroker({
    authenticate: (client, user, password, done) =>
      done(null, user === client?.id && registered.get(client.id) === String(password)),
    authorizePublish: (client, packet, done) => {
      const [version, tenant, device = '', last] = packet.topic.split('/')
      if (version !== 'v1' || tenant !== 'default' || device !== client?.id || last !== 'readings')
        return done(new Error(packet.topic))
      if (packet.qos !== 1) return done(new Error(`qos ${packet.qos}`))
      stranger.packets.push({ device, body: Buffer.from(packet.payload) })
      done(null)
    },
  })
  const tcp = createTcpServer((socket) => {
    stranger.sockets.add(socket)
    socket.on('close', () => stranger.sockets.delete(socket))
    socket.on('error', () => undefined)
    aedes.handle(socket)
  })
  const httpUrl = `http://127.0.0.1:${await listen(http)}`
  const mqttUrl = `mqtt://127.0.0.1:${await listen(tcp)}`
  closers.push(async () => {
    await new Promise<void>((done) => aedes.close(() => done()))
    for (const socket of stranger.sockets) socket.destroy()
    await new Promise((done) => tcp.close(done))
    http.closeAllConnections()
    await new Promise((done) => http.close(done))
  })
  return { ...stranger, options: { httpUrl, mqttUrl, token: 'admin-token' } }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  kept: { stranger: Omit<Stranger, 'options'>; registered: Map<string, string> },
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const trouble = kept.stranger.trouble.shift()
  if (trouble) return trouble(response)
  const body = JSON.parse(Buffer.concat(chunks).toString())
  const { method = '', url: path = '' } = request
  if (request.headers.authorization !== 'Bearer admin-token') return respond(response, 401, {})
  kept.stranger.requests.push({ method, path, type: request.headers['content-type'] ?? '', body })
  const rotated = /^\/api\/v1\/devices\/([^/]+)\/token$/.exec(path)?.[1]
  if (rotated !== undefined && kept.registered.has(rotated)) {
    kept.registered.set(rotated, `new token of ${rotated}`)
    return respond(response, 200, { id: rotated, token: `new token of ${rotated}` })
  }
  if (path !== '/api/v1/devices')
    return respond(response, path === '/epcis/capture' ? 202 : 200, {})
  if (kept.registered.has(body.id)) return respond(response, 409, { title: 'conflict' })
  kept.registered.set(body.id, `token of ${body.id}`)
  respond(response, 201, { id: body.id, token: `token of ${body.id}` })
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

const readingsIn = (body: Buffer): WireReading[] => {
  const text = (body[0] === 0x1f ? gunzipSync(body) : body).toString()
  const value: unknown = JSON.parse(text)
  return Array.isArray(value) ? value : [value as WireReading]
}

/** Device, sequence number and value of each reading of the world, once. */
function expected(devices: number): Set<string> {
  const all = new Set<string>()
  for (const action of worldOf(devices).actions)
    if (action.kind === 'readings')
      for (const { seq, temperature, time } of action.readings)
        all.add(`${action.device} ${seq} ${time} ${temperature}`)
  return all
}

function arrived(stranger: Stranger): Set<string> {
  const all = new Set<string>()
  for (const { device, body } of stranger.packets)
    for (const { seq, temperature, time } of readingsIn(body))
      all.add(`${device} ${seq} ${new Date(time).getTime()} ${temperature}`)
  return all
}

it('registers, captures and publishes the whole world as the contract says', async () => {
  const stranger = await createStranger()
  const progress = await speak(worldOf(8), stranger.options).done
  expect(arrived(stranger)).toEqual(expected(8))
  expect(progress.devices).toBe(8)
  expect(progress.refused).toBe(0)
  expect(progress.packets).toBe(stranger.packets.length)
  const paths = stranger.requests.map(({ method, path }) => `${method} ${path}`)
  expect(paths.filter((path) => /^PUT \/api\/v1\/products\/\d{14}$/.test(path))).toHaveLength(4)
  expect(paths.filter((path) => path === 'POST /api/v1/devices')).toHaveLength(8)
  const captures = stranger.requests.filter(({ path }) => path === '/epcis/capture')
  expect(captures).toHaveLength(progress.captures)
  for (const { type, body } of captures) {
    expect(type).toBe('application/ld+json')
    expect(body).toMatchObject({ type: 'EPCISDocument', schemaVersion: '2.0' })
  }
})

it('loses nothing when connections break and the server is busy', async () => {
  const stranger = await createStranger()
  const busy = (response: ServerResponse) => {
    response.writeHead(503, { 'retry-after': '0' }).end()
  }
  stranger.trouble.push(busy, busy, (response) => response.destroy())
  let breaks = 0
  const speaking = speak(worldOf(8), {
    ...stranger.options,
    onProgress: ({ packets }) => {
      if (breaks >= 3 || packets < 200 * (breaks + 1)) return
      breaks++
      for (const socket of stranger.sockets) socket.destroy()
    },
  })
  await speaking.done
  expect(breaks).toBe(3)
  expect(arrived(stranger)).toEqual(expected(8))
})

it('uses known tokens for devices that are registered already, and asks for new ones without', async () => {
  const stranger = await createStranger()
  const tokens = new Map<string, string>()
  await speak(worldOf(2, 4), { ...stranger.options, tokens }).done
  expect(tokens.size).toBe(2)
  const before = stranger.packets.length
  await speak(worldOf(2, 4), { ...stranger.options, tokens }).done
  expect(stranger.packets.length).toBe(2 * before)
  await speak(worldOf(2, 4), stranger.options).done
  expect(stranger.packets.length).toBe(3 * before)
  // The old tokens are dead now.
  await expect(speak(worldOf(2, 4), { ...stranger.options, tokens }).done).rejects.toThrow(
    /refuses/,
  )
})

it('stops at once when the token is refused by the broker', async () => {
  const stranger = await createStranger()
  const tokens = new Map<string, string>()
  await speak(worldOf(1, 4), { ...stranger.options, tokens }).done
  for (const device of tokens.keys()) tokens.set(device, 'wrong')
  const speaking = speak(worldOf(1, 4), { ...stranger.options, tokens })
  await expect(speaking.done).rejects.toThrow(/the broker refuses the connection/)
})

it('keeps the pace of the clock and falls silent when told to', async () => {
  const stranger = await createStranger()
  const clock: Clock & { time: number } = {
    time: 0,
    now: () => clock.time,
    sleep: async (ms) => {
      clock.time += ms
      // Everybody else gets a turn, as in a real wait.
      await new Promise((done) => setImmediate(done))
    },
  }
  const ended = Promise.withResolvers<void>()
  const speaking = speak(worldOf(3), {
    ...stranger.options,
    clock,
    pace: paceAt(600, clock),
    onProgress: ({ packets }) => packets >= 30 && ended.resolve(),
  })
  await ended.promise
  await speaking.stop()
  const { at } = await speaking.done
  expect(clock.time).toBeGreaterThanOrEqual((at - startTime) / 600 - 1)
  expect(arrived(stranger).size).toBeLessThan(expected(3).size)
  const silent = stranger.packets.length
  await new Promise((done) => setImmediate(done))
  expect(stranger.packets.length).toBe(silent)
})

it('packs large batches as gzip now and then, and small ones never', () => {
  const batch = (from: number, count: number): WireReading[] =>
    Array.from({ length: count }, (_, i) => ({ time: 1000 * i, seq: from + i, temperature: 5 }))
  expect(readingsIn(payloadOf(batch(2, 100)) as Buffer)).toEqual(batch(2, 100))
  expect(payloadOf(batch(2, 100)).slice(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  expect(payloadOf(batch(1, 100))).toBe(JSON.stringify(batch(1, 100)))
  expect(payloadOf(batch(2, 4))).toBe(JSON.stringify(batch(2, 4)))
  expect(payloadOf(batch(2, 1))).toBe('{"time":"1970-01-01T00:00:00.000Z","seq":2,"temperature":5}')
})

it('speaks for a hundred devices with a connection each, and prints what it cost', async () => {
  const stranger = await createStranger()
  const before = process.cpuUsage()
  const progress = await speak(worldOf(100, 3), stranger.options).done
  const { user, system } = process.cpuUsage(before)
  const cost = `${((user + system) / 1e6).toFixed(1)} s of CPU, broker and server included`
  console.log(`100 devices: ${progress.packets} packets, ${progress.captures} captures, ${cost}`)
  expect(progress.devices).toBe(100)
  expect(progress.readings).toBeGreaterThan(500)
})

it('says what the server refuses, and goes on', async () => {
  const stranger = await createStranger()
  const reasons: string[] = []
  const options = { ...stranger.options, onRefusal: (reason: string) => reasons.push(reason) }
  const speaking = speak(worldOf(1, 6), {
    ...options,
    onProgress: ({ devices, captures, refused }) => {
      if (devices === 1 && captures === 0 && refused === 0 && stranger.trouble.length === 0)
        stranger.trouble.push((response) => respond(response, 422, { title: 'no such parent' }))
    },
  })
  const progress = await speaking.done
  expect(progress.refused).toBe(1)
  expect(progress.captures).toBeGreaterThan(0)
  expect(reasons).toEqual([expect.stringMatching(/capture refused: 422.*no such parent/)])
})
