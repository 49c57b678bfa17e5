// Isotherm as a consumer of a broker or cluster that is there already (Mosquitto, EMQX, HiveMQ), by
// shared subscription. What comes goes straight into the log, and its PUBACK leaves when the log
// says durable: what the other broker was not told is kept by the other broker. Who may publish on
// which device's topic is the other broker's to check; for which tenants it may speak at all is a
// setting. Relays nothing to MQTT subscribers, publishes nothing, reads no payload.
import { bounds } from '../config.ts'
import { OperatorError, Unavailable } from '../domain/refusal.ts'
import type { Envelope, Log } from '../store/log.ts'
import { type Acknowledged, AckQueue } from './acks.ts'
import type { BrokerLogger } from './aedes-core.ts'
import type { FrameCutter } from './frames.ts'
import { isDeviceLeaf, parseDeviceTopic } from './topics.ts'
import {
  type UpstreamAddress,
  UpstreamConnection,
  type UpstreamEnd,
} from './upstream-connection.ts'

export interface UpstreamOptions {
  /** mqtt://[user:password@]host[:1883], or mqtts:// with port 8883. */
  url: string
  /** Certificate authority of the other broker in PEM, when Node does not know it. */
  ca?: string | Buffer
  /** Who has the same share gets a part of the packets each. Undefined: all of them, by a plain
   * subscription on one connection, which some brokers keep better over a restart of theirs. */
  share: string | undefined
  /** The same at each start and different for each process: under it the other broker keeps what
   * this process was sent and has not acknowledged. */
  clientId: string
  /** Each has its own window of unacknowledged packets. */
  connections?: number
  /** Whose devices the other broker may speak for. */
  tenants: readonly string[]
  log: Log
  /** Epoch ms: the record time of envelopes. */
  now(): number
  logger?: BrokerLogger
}

export interface UpstreamStats {
  /** Connections with a session and a subscription now, and those lost so far. */
  connections: number
  lost: number
  /** PUBLISH packets taken, and acknowledgements sent after the log was durable. */
  received: number
  acked: number
  /** Kept as refusals: topics that are no device's, tenants that are not in the setting. */
  forbidden: number
  /** Packets to devices, acknowledged and not kept. */
  ignored: number
  /** Packets above bounds.packetBytesMax: their beginning is kept, and refused by the decoder. */
  clipped: number
  /** Bytes of packets waiting for the log. */
  waitingBytes: number
}

export interface Upstream {
  /** up: all connections have their subscription. */
  readonly state: 'up' | 'waiting'
  /** Why a connection ended or was refused last; undefined when all are up again. */
  readonly lastError: Error | undefined
  stats(): UpstreamStats
  /** Takes no more, acknowledges what is durable, says goodbye. The log stays open. */
  close(): Promise<void>
}

/** Throws OperatorError when the options cannot be right. Connects, again and again, by itself. */
export function openUpstream(options: UpstreamOptions): Upstream {
  return new SharedUpstream(options)
}

/** A place for one connection: its client id, and how often in a row it failed. */
interface Seat {
  clientId: string
  connection: UpstreamConnection | undefined
  failures: number
  timer: NodeJS.Timeout | undefined
}

interface Judged {
  kind: Envelope['kind'] | 'ignored'
  tenant: string
  source: string
  topic: string
  /** The packet of a tenant that is not ours to see: that it came is kept, not what it said. */
  withheld: boolean
}

const puback = 0x40
const nothing = new Uint8Array(0)

class SharedUpstream implements Upstream {
  lastError: Error | undefined
  readonly #options: UpstreamOptions
  readonly #address: UpstreamAddress
  readonly #filters: readonly string[]
  readonly #acks = new AckQueue(bounds.unackedBytesMax)
  readonly #seats: Seat[]
  readonly #judged = new Map<string, Judged>()
  /** The log copies what it keeps, so one envelope serves all packets. */
  readonly #envelope: Envelope
  readonly #figures = { lost: 0, received: 0, forbidden: 0, ignored: 0, clipped: 0 }
  readonly #sweep: NodeJS.Timeout
  readonly #stops: (() => void)[]
  #lastTicket = -1
  #closed = false

  constructor(options: UpstreamOptions) {
    const { share, tenants, connections = 1, clientId, log } = options
    checkOptions(options)
    this.#options = options
    this.#address = parseAddress(options)
    const group = share === undefined ? '' : `$share/${share}/`
    this.#filters = tenants.map((tenant) => `${group}v1/${tenant}/+/+`)
    const envelope = { kind: 'publish', tenant: '', source: '', topic: '' } as const
    this.#envelope = { ...envelope, recordTime: 0, body: nothing }
    this.#seats = Array.from({ length: connections }, (_, n) => ({
      clientId: n === 0 ? clientId : `${clientId}-${n + 1}`,
      ...{ connection: undefined, failures: 0, timer: undefined },
    }))
    this.#stops = [
      log.onDurable((durable) => {
        const wasFull = this.#acks.full
        this.#acks.release(durable)
        if (wasFull && !this.#acks.full) this.#resume()
      }),
      log.onPressure((pressed) => {
        if (!pressed) this.#resume()
      }),
    ]
    this.#sweep = setInterval(() => this.#sweepAll(), bounds.sweepMs)
    for (const seat of this.#seats) this.#connect(seat)
  }

  get state(): 'up' | 'waiting' {
    return this.#seats.every(({ connection }) => connection?.open) ? 'up' : 'waiting'
  }

  stats(): UpstreamStats {
    return {
      ...this.#figures,
      connections: this.#seats.filter(({ connection }) => connection?.open).length,
      acked: this.#acks.acked,
      waitingBytes: this.#acks.bytes,
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const { timer } of this.#seats) clearTimeout(timer)
    // Acknowledgements of what was taken leave before the goodbye; if the log cannot, then not.
    const { log } = this.#options
    if (this.#lastTicket >= log.durable)
      await log.whenDurable(this.#lastTicket).catch(() => undefined)
    this.#acks.release(log.durable)
    clearInterval(this.#sweep)
    for (const { connection } of this.#seats) connection?.leave()
    for (const stop of this.#stops) stop()
  }

  get #pressed(): boolean {
    return this.#closed || this.#options.log.pressed || this.#acks.full
  }

  #connect(seat: Seat): void {
    const pressed = (): boolean => this.#pressed
    const connection = new UpstreamConnection({
      address: this.#address,
      clientId: seat.clientId,
      filters: this.#filters,
      get pressed() {
        return pressed()
      },
      take: (cutter, from) => this.#take(cutter, from),
      subscribed: () => this.#subscribed(seat),
      closed: (end) => this.#lose(seat, end),
    })
    seat.connection = connection
  }

  #subscribed(seat: Seat): void {
    const { host, port } = this.#address
    this.#options.logger?.debug({ host, port, clientId: seat.clientId }, 'upstream subscribed')
    if (this.state === 'up') this.lastError = undefined
  }

  /** Tries again, later each time, and not at the moment at which all others do. */
  #lose(seat: Seat, { reason, wasOpen, lasted }: UpstreamEnd): void {
    if (this.#closed) return
    const { host, port } = this.#address
    const { clientId } = seat
    if (wasOpen) this.#figures.lost++
    if (lasted) seat.failures = 0
    seat.connection = undefined
    this.lastError = reason
    const [first, last] = bounds.upstreamRetryMs
    const longest = Math.min(first * 2 ** Math.min(seat.failures++, 20), last)
    const inMs = Math.round(longest * (0.5 + Math.random() / 2))
    const about = { host, port, clientId, error: reason.message, inMs }
    this.#options.logger?.error(about, 'upstream lost')
    seat.timer = setTimeout(() => this.#connect(seat), inMs)
  }

  /** False when the log takes nothing now. */
  #take(cutter: FrameCutter, from: Acknowledged): boolean {
    const { bytes, topicEnd, bodyAt, packetId, clipped } = cutter
    const judged = this.#judge(bytes.subarray(cutter.from + 2, topicEnd))
    const size = cutter.to - cutter.from
    const ack = packetId === 0 ? 0 : puback
    const { log } = this.#options
    if (judged.kind === 'ignored') {
      this.#figures.received++
      this.#figures.ignored++
      // In its turn: behind what was taken before it [MQTT-4.6.0-2].
      this.#acks.push(from, waiting(this.#lastTicket, ack, packetId, size))
      if (this.#lastTicket < log.durable) this.#acks.release(log.durable)
      return true
    }
    const envelope = this.#envelope
    envelope.kind = judged.kind
    envelope.tenant = judged.tenant
    envelope.source = judged.source
    envelope.topic = judged.topic
    envelope.recordTime = this.#options.now()
    envelope.body = judged.withheld ? nothing : bytes.subarray(bodyAt, cutter.to)
    let ticket: number
    try {
      ticket = log.append(envelope)
    } catch (error) {
      if (error instanceof Unavailable) return false
      throw error
    }
    this.#lastTicket = ticket
    this.#figures.received++
    if (judged.kind === 'forbidden') this.#figures.forbidden++
    if (clipped > 0) this.#clip(judged, size + clipped)
    this.#acks.push(from, waiting(ticket, ack, packetId, size))
    return true
  }

  #clip({ source, topic }: Judged, bytes: number): void {
    this.#figures.clipped++
    this.#options.logger?.error({ source, topic, bytes }, 'upstream packet too large')
  }

  #judge(topicBytes: Buffer): Judged {
    // A broken topic must not end the connection: it would come again and block what is behind it.
    const topic = topicBytes.toString('utf8')
    const known = this.#judged.get(topic)
    if (known !== undefined) return known
    const judged = judge(topic, this.#options)
    if (this.#judged.size >= bounds.connectionsMax) this.#judged.clear()
    this.#judged.set(topic, judged)
    return judged
  }

  #resume(): void {
    if (this.#pressed) return
    for (const { connection } of this.#seats) connection?.advance()
  }

  #sweepAll(): void {
    for (const { connection } of this.#seats) connection?.sweep()
    this.#resume()
  }
}

function waiting(offset: number, ack: number, packetId: number, bytes: number) {
  const then = undefined
  return { offset, ack, packetId, bytes, then }
}

/** Default deny: a tenant that is not in the setting does not come in this way. */
function judge(topic: string, { tenants, share, clientId }: UpstreamOptions): Judged {
  const parsed = parseDeviceTopic(topic)
  const ours = parsed !== undefined && tenants.includes(parsed.tenant)
  if (ours && isDeviceLeaf(parsed.leaf)) {
    const { tenant, device } = parsed
    return { kind: 'publish', tenant, source: device, topic, withheld: false }
  }
  const kind = ours && parsed.leaf === 'commands' ? 'ignored' : 'forbidden'
  const tenant = ours ? parsed.tenant : tenants[0]!
  const shown = topic.slice(0, bounds.topicBytesMax)
  return { kind, tenant, source: share ?? clientId, topic: shown, withheld: !ours }
}

function checkOptions({ share, tenants, connections = 1 }: UpstreamOptions): void {
  const plain = /^[^+#/\p{Cc}]+$/u
  const problem =
    (share !== undefined && !plain.test(share) && 'a share is a name without /, + and #') ||
    (!tenants.every((tenant) => plain.test(tenant)) && 'a tenant is a name without /, + and #') ||
    ((tenants.length < 1 || tenants.length > bounds.upstreamTenantsMax) &&
      `from 1 to ${bounds.upstreamTenantsMax} tenants`) ||
    ((connections < 1 || connections > bounds.upstreamConnectionsMax) &&
      `from 1 to ${bounds.upstreamConnectionsMax} connections`) ||
    (share === undefined && connections > 1 && 'one connection when there is no share')
  if (problem) throw notRight(problem)
}

function parseAddress({ url, ca }: UpstreamOptions): UpstreamAddress {
  if (!/^mqtts?:\/\/./.test(url) || !URL.canParse(url))
    throw notRight('mqtt://user:password@host:1883 or mqtts://…:8883')
  const { protocol, hostname, port, username, password } = new URL(url)
  const tls = protocol === 'mqtts:'
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || (tls ? 8883 : 1883)),
    ...{ tls, ca },
    user: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : Buffer.from(decodeURIComponent(password)),
  }
}

/** Shows nothing of the URL: a password may stand in it. */
const notRight = (want: string): OperatorError =>
  new OperatorError('the upstream broker is not set right', `want ${want}`)
