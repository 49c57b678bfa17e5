// One connection to another broker, as its client: MQTT 3.1.1 from the CONNECT to the end of the
// socket. Acknowledges only what it is told to, in the order it is told, many at once. Never
// connects again by itself (upstream.ts does), never judges a topic, never keeps a packet.
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { bounds } from '../config.ts'
import { AckBytes, type Acknowledged } from './acks.ts'
import { FrameCutter, formatConnect, formatSubscribe, ProtocolError, packets } from './frames.ts'

/** Where the other broker is and who we are to it. */
export interface UpstreamAddress {
  host: string
  port: number
  tls: boolean
  /** PEM, instead of the authorities that Node knows. */
  ca: string | Buffer | undefined
  user: string | undefined
  password: Buffer | undefined
}

export interface UpstreamConnectionTo {
  address: UpstreamAddress
  clientId: string
  /** All in one SUBSCRIBE at QoS 1, every one of them wanted. */
  filters: readonly string[]
  readonly pressed: boolean
  /** Takes the PUBLISH just cut. False when the log takes nothing now: `advance` comes later. */
  take(cutter: FrameCutter, from: Acknowledged): boolean
  subscribed(): void
  /** Once. */
  closed(end: UpstreamEnd): void
}

export interface UpstreamEnd {
  reason: Error
  /** It had its subscription. */
  wasOpen: boolean
  /** So long that its end is a new failure and not one more of a row. */
  lasted: boolean
}

/** The other broker said no. */
export class UpstreamRefused extends Error {
  override name = 'UpstreamRefused'
}

const pingreq = Buffer.from([0xc0, 0])
const disconnect = Buffer.from([0xe0, 0])
const subscribeId = 1

/** MQTT 3.1.1, Table 3.1. */
const connackReasons: readonly string[] = [
  'accepted',
  'it does not speak MQTT 3.1.1',
  'it does not take our client id',
  'it is unavailable',
  'it does not take our user name or password',
  'we are not authorized',
]

export class UpstreamConnection implements Acknowledged {
  readonly #to: UpstreamConnectionTo
  readonly #socket: Socket
  readonly #cutter = new FrameCutter(bounds.packetBytesMax, 'server')
  readonly #acks = new AckBytes()
  #phase: 'joining' | 'subscribing' | 'open' | 'closed' = 'joining'
  #held = false
  /** Sweeps so far, since the last bytes came, and since the last went. */
  #age = 0
  #silentIn = 0
  #silentOut = 0

  constructor(to: UpstreamConnectionTo) {
    this.#to = to
    const { host, port, tls, ca } = to.address
    const socket = tls
      ? connectTls({ host, port, ...(ca !== undefined && { ca }), ...serverName(host) })
      : connect({ host, port })
    this.#socket = socket
    socket.setNoDelay(true)
    socket.once(tls ? 'secureConnect' : 'connect', () => this.#signOn())
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('end', () => this.close(new Error('the upstream ended the connection')))
    socket.on('error', (error) => this.close(error))
    socket.on('close', () => this.close(new Error('the connection was lost')))
  }

  get open(): boolean {
    return this.#phase === 'open'
  }

  get ackBytes(): number {
    return this.#acks.length
  }

  putAck(header: number, packetId: number): void {
    if (this.#acks.full) this.flushAcks()
    this.#acks.put(header, packetId)
  }

  flushAcks(): void {
    const bytes = this.#acks.take()
    // What this connection owes is owed to nobody when it is gone: the next one gets the packets
    // again [MQTT-4.4.0-1].
    if (this.#phase !== 'closed') this.#write(bytes)
  }

  /** Cuts and takes what has come, as far as the log lets it. */
  advance(): void {
    if (this.#phase === 'closed') return
    this.#hold(false)
    try {
      while (!this.#held && this.#isThere() && this.#cutter.next()) this.#take()
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof UpstreamRefused)) throw error
      this.close(error)
    }
  }

  /** Once every `bounds.sweepMs`. Keeps the session alive, and sees when the other side is dead. */
  sweep(): void {
    this.#age++
    if (!this.open && this.#age * bounds.sweepMs > bounds.connectTimeoutMs)
      this.close(new Error('no session in time'))
    // [MQTT-3.1.2-23]: we send something within the keep-alive.
    if (this.open && ++this.#silentOut * bounds.sweepMs > bounds.upstreamKeepAliveMs / 2)
      this.#write(pingreq)
    // While we do not read, the silence is ours.
    this.#silentIn = this.#held ? 0 : this.#silentIn + 1
    if (this.#silentIn * bounds.sweepMs > bounds.upstreamKeepAliveMs * 1.5)
      this.close(new Error('the upstream has fallen silent'))
    if (this.#socket.writableLength > bounds.subscriberBacklogBytesMax)
      this.close(new Error('the upstream does not read'))
  }

  /** Says goodbye: what has not been acknowledged stays with the other broker. */
  leave(): void {
    if (this.#phase === 'closed') return
    if (this.#phase !== 'joining') this.#socket.end(disconnect)
    this.close(new Error('closed by us'))
  }

  close(reason: Error): void {
    if (this.#phase === 'closed') return
    const wasOpen = this.open
    const lasted = wasOpen && this.#age * bounds.sweepMs > bounds.connectTimeoutMs
    this.#phase = 'closed'
    if (this.#socket.writableEnded) this.#socket.destroySoon()
    else this.#socket.destroy()
    this.#to.closed({ reason, wasOpen, lasted })
  }

  #signOn(): void {
    const { clientId, address } = this.#to
    const { user, password } = address
    const keepAliveSeconds = bounds.upstreamKeepAliveMs / 1000
    // A session of the other broker's that outlives us [MQTT-3.1.2-4]: it keeps for us what we
    // have not acknowledged.
    const session = { clean: false, will: undefined, clientId, keepAliveSeconds }
    this.#write(formatConnect({ ...session, user, password }))
  }

  #receive(chunk: Buffer): void {
    if (this.#phase === 'closed') return
    this.#silentIn = 0
    this.#cutter.push(chunk)
    if (!this.#held) this.advance()
  }

  #take(): void {
    const { header, bytes, from, to } = this.#cutter
    const type = header >> 4
    if (this.#phase === 'joining' && type !== packets.connack)
      throw new ProtocolError('the first packet is not a CONNACK') // [MQTT-3.2.0-1]
    // What was kept for us may come before the SUBACK.
    if (type === packets.publish) this.#takePublish()
    else if (type === packets.connack) this.#takeConnack(bytes[from + 1] ?? 0xff)
    else if (type === packets.suback) this.#takeSuback(bytes.subarray(from + 2, to))
  }

  #takePublish(): void {
    this.#cutter.openPublish()
    if (!this.#to.pressed && this.#to.take(this.#cutter, this)) return
    this.#cutter.unread()
    this.#hold(true)
  }

  #takeConnack(returnCode: number): void {
    if (this.#phase !== 'joining') throw new ProtocolError('a second CONNACK')
    if (returnCode !== 0)
      throw new UpstreamRefused(`refused: ${connackReasons[returnCode] ?? `code ${returnCode}`}`)
    this.#phase = 'subscribing'
    this.#write(formatSubscribe(subscribeId, this.#to.filters, 1))
  }

  #takeSuback(granted: Buffer): void {
    // At QoS 0 nothing would be sent again: not what was asked for. 0x80 is a failure [§3.9.3].
    if (granted.length !== this.#to.filters.length || granted.some((code) => code !== 1))
      throw new UpstreamRefused('refused: we may not subscribe at QoS 1')
    if (this.#phase !== 'subscribing') return
    this.#phase = 'open'
    this.#to.subscribed()
  }

  #isThere(): boolean {
    return this.#phase !== 'closed'
  }

  #write(bytes: Buffer): void {
    this.#silentOut = 0
    this.#socket.write(bytes)
  }

  #hold(held: boolean): void {
    if (this.#held === held) return
    this.#held = held
    if (held) this.#socket.pause()
    else this.#socket.resume()
  }
}

/** RFC 6066 §3: an address is no server name. The certificate is held against the host anyway. */
const serverName = (host: string): { servername?: string } =>
  /^[\d.]+$|:/.test(host) ? {} : { servername: host }
