// Load on an MQTT broker as devices make it, one process for itself: raw frames, because a client
// library costs more than the broker. Closed loop (each connection keeps `window` QoS 1 packets
// unacknowledged) or open loop (`--rate` packets a second over all). Prints one line of JSON. Knows
// nothing of our code.
//
// Temperatures wander a little inside the limits; with `--crossing-every` each device goes above 8
// °C now and then, and `--crossings FILE` tells when the packets left that used up the allowance.
//
//   node test/bench/load.ts --port 1883 --connections 200 --window 8 --seconds 10 \
//     --user-prefix logger- --password token --topic-template 'v1/default/{user}/readings'

import { readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'

const { values: flags } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '1883' },
    connections: { type: 'string', default: '200' },
    /** Number of the first connection. */
    first: { type: 'string', default: '0' },
    window: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '10' },
    warmup: { type: 'string', default: '1' },
    /** Packets a second over all connections; 0: closed loop. */
    rate: { type: 'string', default: '0' },
    /** `{n}` is the number of the connection; appended when absent. */
    'user-prefix': { type: 'string', default: 'logger-' },
    password: { type: 'string', default: 'token' },
    /** JSON, password by user name, instead of one for all. */
    passwords: { type: 'string', default: '' },
    'topic-template': { type: 'string', default: 'v1/default/{user}/readings' },
    qos: { type: 'string', default: '1' },
    /** With it the broker's CPU time per packet is told (Linux). */
    'broker-pid': { type: 'string', default: '' },
    /** Event time of the first packet, and between two of one device. */
    'start-ms': { type: 'string', default: String(Date.UTC(2026, 0, 1)) },
    'interval-ms': { type: 'string', default: '1000' },
    /** Of so many packets of a device, how many in one go are too warm; 0: none. */
    'crossing-every': { type: 'string', default: '0' },
    'crossing-length': { type: 'string', default: '15' },
    /** The packet of them, from 0, that uses up the allowance. */
    'crossing-tells': { type: 'string', default: '10' },
    crossings: { type: 'string', default: '' },
  },
})

const connections = Number(flags.connections)
const windowMax = Number(flags.window)
const rate = Number(flags.rate)
const qos = Number(flags.qos)
const histogramStepMs = 0.05
const patienceMs = 20_000
const startTime = Number(flags['start-ms'])
const intervalMs = Number(flags['interval-ms'])
const crossingEvery = Number(flags['crossing-every'])
const crossingLength = Number(flags['crossing-length'])
const crossingTells = Number(flags['crossing-tells'])
const passwords = flags.passwords ? JSON.parse(readFileSync(flags.passwords, 'utf8')) : undefined

interface Device {
  user: string
  n: number
  socket: Socket
  /** A whole packet, of which the packet id and the time change. */
  packet: Buffer
  idAt: number
  timeAt: number
  temperatureAt: number
  nextId: number
  unacked: number
  sentAt: Float64Array
  seq: number
  rest: number
}

/**
 * A breach that used up its allowance: the device, its first event time, and when the packet left.
 */
interface Crossing {
  device: string
  from: number
  sentAt: number
}

const crossings: Crossing[] = []
const figures = { sent: 0, acked: 0 }
const latencies = new Uint32Array(200_000)
let measuring = false
let running = true

const devices = await Promise.all(
  Array.from({ length: connections }, (_, n) => open(Number(flags.first) + n)),
)
const cpuBefore = process.cpuUsage()
if (rate > 0) openLoop()
else for (const device of devices) fill(device)
await sleep(Number(flags.warmup) * 1000)
const before = { ...figures }
const brokerBefore = brokerCpuSeconds()
const startedAt = performance.now()
measuring = true
await sleep(Number(flags.seconds) * 1000)
measuring = false
const seconds = (performance.now() - startedAt) / 1000
const after = { ...figures }
const brokerSeconds = brokerCpuSeconds() - brokerBefore
running = false
const cpu = process.cpuUsage(cpuBefore)
// What was sent is to arrive: a closed socket would take with it what still waits to leave.
const patienceUntil = performance.now() + patienceMs
while (qos > 0 && figures.acked < figures.sent && performance.now() < patienceUntil) await sleep(20)
const sent = after.sent - before.sent
const acked = after.acked - before.acked
console.log(
  JSON.stringify({
    sent,
    acked,
    perSecond: Math.round((qos === 0 ? sent : acked) / seconds),
    ackP50Ms: percentile(0.5),
    ackP99Ms: percentile(0.99),
    connections,
    window: rate > 0 ? null : windowMax,
    rate: rate || null,
    brokerMicrosPerPacket: Number(((brokerSeconds * 1e6) / Math.max(sent, 1)).toFixed(2)) || null,
    fromMs: performance.timeOrigin + startedAt,
    toMs: performance.timeOrigin + startedAt + seconds * 1000,
    generatorSent: figures.sent,
    generatorAcked: figures.acked,
    generatorCpuSeconds: Number(((cpu.user + cpu.system) / 1e6).toFixed(2)),
  }),
)
if (flags.crossings) writeFileSync(flags.crossings, JSON.stringify(crossings))
for (const { socket } of devices) socket.destroy()

function open(n: number): Promise<Device> {
  const prefix = flags['user-prefix']
  const user = prefix.includes('{n}') ? prefix.replace('{n}', String(n)) : `${prefix}${n}`
  const topic = flags['topic-template'].replaceAll('{user}', user)
  const body = Buffer.from(payload())
  const length = 2 + topic.length + (qos > 0 ? 2 : 0) + body.length
  const start = Buffer.from([0x30 | (qos << 1), (length & 0x7f) | 0x80, length >> 7])
  const head = Buffer.concat([start, text(topic), Buffer.alloc(qos > 0 ? 2 : 0)])
  const socket = connect({ host: flags.host, port: Number(flags.port), noDelay: true })
  const device: Device = {
    ...{ user, n, socket, packet: Buffer.concat([head, body]), idAt: head.length - 2 },
    ...{ timeAt: head.length + body.indexOf(String(startTime)), nextId: 1, unacked: 0 },
    ...{ temperatureAt: head.length + body.indexOf('5.375'), sentAt: new Float64Array(65_536) },
    ...{ seq: 0, rest: 0 },
  }
  const join = Buffer.concat([
    Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0xc2, 0, 0]),
    ...[text(user), text(user), text(passwords?.[user] ?? flags.password)],
  ])
  socket.write(Buffer.concat([Buffer.from([0x10, join.length]), join]))
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => {
      if (running) reject(new Error(`the broker closed the connection of ${user}`))
    })
    socket.once('data', (connack) => {
      if (connack[0] !== 0x20 || connack[3] !== 0)
        reject(new Error(`${user} is refused: ${connack.toString('hex')}`))
      socket.on('data', (acks) => receive(device, acks))
      resolve(device)
    })
  })
}

/** PUBACKs are four bytes each; a read may end within one. */
function receive(device: Device, acks: Buffer): void {
  const now = performance.now()
  let at = (4 - device.rest) % 4
  const first = device.rest > 0 ? 1 : 0
  device.rest = (device.rest + acks.length) % 4
  let count = first > 0 && at <= acks.length ? 1 : 0
  for (; at + 4 <= acks.length; at += 4) {
    count++
    const id = (acks[at + 2]! << 8) | acks[at + 3]!
    const step = ((now - device.sentAt[id]!) / histogramStepMs) | 0
    if (measuring) latencies[Math.min(step, latencies.length - 1)]!++
  }
  figures.acked += count
  device.unacked -= count
  if (rate === 0 && running) fill(device)
}

function fill(device: Device): void {
  const { socket } = device
  if (qos > 0) {
    send(device, windowMax - device.unacked)
    return
  }
  while (running && socket.writableLength < 65_536) send(device, 64)
  if (running) socket.once('drain', () => fill(device))
}

/** So many packets in one write. `dueAt`: when they were to leave, if that was told. */
function send(device: Device, count: number, dueAt?: number): void {
  if (count <= 0) return
  const { packet } = device
  const bytes = Buffer.allocUnsafe(count * packet.length)
  const now = dueAt ?? performance.now()
  for (let n = 0; n < count; n++) {
    const at = n * packet.length
    packet.copy(bytes, at)
    writeReading(device, bytes, at)
    if (qos === 0) continue
    const id = device.nextId
    device.nextId = id === 65_535 ? 1 : id + 1
    bytes.writeUInt16BE(id, at + device.idAt)
    device.sentAt[id] = now
    device.unacked++
  }
  device.socket.write(bytes)
  figures.sent += count
}

/** The next event time, and a temperature in the limits or, now and then, above them. */
function writeReading(device: Device, bytes: Buffer, at: number): void {
  const seq = device.seq++
  const time = startTime + seq * intervalMs
  bytes.write(String(time), at + device.timeAt, 'latin1')
  let warm = false
  if (crossingEvery > 0) {
    // Devices cross one after the other, not all at once.
    const phase = (seq + ((device.n * 37) % crossingEvery)) % crossingEvery
    const place = phase - (crossingEvery - crossingLength)
    warm = place >= 0 && seq >= place
    if (warm && place === crossingTells && running)
      crossings.push({ device: device.user, from: time - place * intervalMs, sentAt: wallClock() })
  }
  const degrees = (warm ? 9000 : 5000) + ((seq * 7919) % 1000)
  bytes.write(`${(degrees / 1000).toFixed(3)}`, at + device.temperatureAt, 'latin1')
}

/**
 * Sends what is due every few milliseconds, no matter what was acknowledged. A packet that leaves
 * late, because the machine was busy, counts from when it was due: otherwise a stall would hide the
 * latencies that it makes.
 */
function openLoop(): void {
  const from = performance.now()
  let done = 0
  const timer = setInterval(() => {
    if (!running) return clearInterval(timer)
    const due = ((performance.now() - from) / 1000) * rate
    for (; done < due; done++) send(devices[done % devices.length]!, 1, from + (done / rate) * 1000)
  }, 2)
}

function wallClock(): number {
  return performance.timeOrigin + performance.now()
}

/** About 150 bytes with three channels; the time grows by a second from packet to packet. */
function payload(): string {
  const channels = { temperature: 5.375, humidity: 45.125, battery: 87.5 }
  return JSON.stringify({ time: startTime, ...channels }).padEnd(150)
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

function percentile(share: number): number {
  const total = latencies.reduce((sum, count) => sum + count, 0)
  let seen = 0
  for (let step = 0; step < latencies.length; step++) {
    seen += latencies[step]!
    if (seen >= total * share) return Number((step * histogramStepMs).toFixed(2))
  }
  return 0
}

/** User and system time of all threads, in the clock ticks of /proc (100 a second). */
function brokerCpuSeconds(): number {
  const pid = flags['broker-pid']
  if (pid === '') return 0
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')
  const fields = rest.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
