// A broker on a real log, and a client that knows nothing of MQTT but bytes. For tests only.
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, type BrokerOptions, openBroker } from '../ingest/broker.ts'
import { formatPacket, sized } from '../ingest/frames.ts'
import { listenMqtt, type MqttListener } from '../ingest/listen.ts'
import type { Principal } from '../ingest/topics.ts'
import { openLmdbLog } from '../store/lmdb/log.ts'
import type { Log, LoggedEnvelope } from '../store/log.ts'

export interface TestBroker {
  broker: Broker
  log: Log
  port: number
  listener: MqttListener
  /** Everything durable in the log. */
  kept(): LoggedEnvelope[]
  stop(): Promise<void>
}

export const device = (id: string, tenant = 'default'): Principal => ({
  kind: 'device',
  ...{ id, tenant, publish: [], subscribe: [] },
})

export const service = (id: string, publish: string[], subscribe = publish): Principal => ({
  kind: 'service',
  ...{ id, tenant: 'default', publish, subscribe },
})

/** User names `logger-…` are devices with the password `token`; the others are looked up. */
export async function startBroker(
  services: Principal[] = [],
  options: Partial<BrokerOptions> & { wrap?: (log: Log) => Log } = {},
): Promise<TestBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-broker-'))
  const log = await openLmdbLog({ folder, bytesMax: 256 * 1024 * 1024 })
  const kept = keepTrack(log)
  const { wrap, ...rest } = options
  const broker = await openBroker({
    log: wrap?.(log) ?? log,
    now: Date.now,
    authenticate: async (user, password) => {
      if (password.toString() !== 'token' && user !== '') return undefined
      if (user.startsWith('logger-')) return device(user)
      return services.find(({ id }) => id === user)
    },
    ...rest,
  })
  const listener = await listenMqtt(broker, { host: '127.0.0.1', port: 0 })
  const stop = async (): Promise<void> => {
    await broker.close()
    await listener.close()
    await log.close()
    await rm(folder, { recursive: true })
  }
  return { broker, log, port: listener.port, listener, kept, stop }
}

/** All that becomes durable, read as it does. Ask first, append later. */
export function keepTrack(log: Log): () => LoggedEnvelope[] {
  const kept: LoggedEnvelope[] = []
  const [all] = log.partitions
  let next = 0
  let reading = Promise.resolve()
  const read = async (): Promise<void> => {
    const some = await all!.read(next, 1e6, 1e9)
    next = some.next
    for (const envelope of some.envelopes)
      kept.push({ ...envelope, body: Buffer.from(envelope.body) })
  }
  log.onDurable(() => {
    reading = reading.then(read).catch(() => undefined) // the log is being closed
  })
  return () => [...kept]
}

/** Reads exactly so many bytes, or learns that the connection is closed. */
export class RawClient {
  readonly socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #closed = false
  #wake: () => void = () => undefined

  constructor(at: number | Socket) {
    this.socket =
      typeof at === 'number' ? connect({ port: at, host: '127.0.0.1', noDelay: true }) : at
    this.socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
  }

  send(...parts: (Buffer | string)[]): this {
    this.socket.write(Buffer.concat(parts.map((p) => (typeof p === 'string' ? fromHex(p) : p))))
    return this
  }

  /** Undefined when the connection closes before so much has come. */
  async read(count: number): Promise<Buffer | undefined> {
    while (this.#bytes.length < count) {
      if (this.#closed) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const read = this.#bytes.subarray(0, count)
    this.#bytes = this.#bytes.subarray(count)
    return read
  }

  async packet(): Promise<Buffer | undefined> {
    const head = await this.read(2)
    if (head === undefined) return undefined
    const parts: Buffer[] = [head]
    let length = head[1]! & 0x7f
    for (let shift = 7; parts.at(-1)!.at(-1)! > 0x7f; shift += 7) {
      const more = await this.read(1)
      if (more === undefined) return undefined
      length |= (more[0]! & 0x7f) << shift
      parts.push(more)
    }
    const body = length === 0 ? Buffer.alloc(0) : await this.read(length)
    return body && Buffer.concat([...parts, body])
  }

  /** Resolves when the broker has closed the connection; gives what it said before. */
  async closed(): Promise<Buffer> {
    while (!this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#bytes
  }

  /** CONNECT and its CONNACK, as hex. */
  async join(user: string, clean = true, clientId = user): Promise<string | undefined> {
    this.send(connectPacket({ user, clean, clientId }))
    return (await this.read(4))?.toString('hex')
  }

  end(): void {
    this.socket.destroy()
  }
}

export interface ConnectOf {
  user?: string
  password?: string
  clientId?: string
  clean?: boolean
  keepAliveSeconds?: number
  will?: { topic: string; payload: string; qos?: number; retain?: boolean }
}

export function connectPacket(of: ConnectOf): Buffer {
  const { user, password = 'token', clientId = 'c', clean = true, keepAliveSeconds = 60 } = of
  const { will } = of
  const flags =
    (user === undefined ? 0 : 0xc0) |
    (clean ? 2 : 0) |
    (will ? 4 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0) : 0)
  const body = [
    fromHex('0004 4D515454 04'),
    Buffer.from([flags, keepAliveSeconds >> 8, keepAliveSeconds & 0xff]),
    sized(clientId),
  ]
  if (will !== undefined) body.push(sized(will.topic), sized(will.payload))
  if (user !== undefined) body.push(sized(user), sized(password))
  return formatPacket(0x10, Buffer.concat(body))
}

export function publishPacket(
  topic: string,
  payload: string | Buffer,
  of: { qos?: number; id?: number; retain?: boolean } = {},
): Buffer {
  const { qos = 0, id = 1, retain = false } = of
  const parts = [sized(topic)]
  if (qos > 0) parts.push(Buffer.from([id >> 8, id & 0xff]))
  parts.push(Buffer.from(payload))
  return formatPacket(0x30 | (qos << 1) | (retain ? 1 : 0), Buffer.concat(parts))
}

export function subscribePacket(id: number, ...filters: [string, number][]): Buffer {
  const body: Buffer[] = [Buffer.from([id >> 8, id & 0xff])]
  for (const [filter, qos] of filters) body.push(sized(filter), Buffer.from([qos]))
  return formatPacket(0x82, Buffer.concat(body))
}

export function fromHex(hex: string): Buffer {
  return Buffer.from(hex.replace(/\s/g, ''), 'hex')
}

/** Waits for a condition. The test runner's timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}
