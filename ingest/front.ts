// The front: one connection between its socket and the broker. Everything from a stranger is
// bounded here, before it is buffered or understood: packet size from the header, time until
// CONNECT, keep-alive, order of packets. Publishes of devices take the fast lane (lane.ts), the
// rest goes to Aedes (bridge.ts). Never logs a password or a payload.
import type { Duplex } from 'node:stream'
import { bounds } from '../config.ts'
import { AckBytes, type Acknowledged } from './acks.ts'
import type { Bridge, FrontSide } from './bridge.ts'
import {
  type Connect,
  checkBody,
  FrameCutter,
  formatConnack,
  ProtocolError,
  packets,
  parseConnect,
  parseTopic,
} from './frames.ts'
import { Lane, type LaneTo } from './lane.ts'
import type { Principal } from './topics.ts'
import type { Watcher } from './watch.ts'

/** What a connection needs of the broker. */
export interface FrontTo extends LaneTo {
  authenticate(user: string, password: Buffer): Promise<Principal | undefined>
  watcherOf(principal: Principal): Watcher | undefined
  /** Opens Aedes' end and sends it the CONNECT. */
  bridge(side: FrontSide, connect: Connect, about: BridgeAbout): Bridge
  /** The log takes nothing now: call `advance` of this connection when it does again. */
  hold(connection: Connection): void
  readonly pressed: boolean
  /** Its identity is known, its session not yet there. */
  joining(connection: Connection): void
  opened(connection: Connection): void
  closed(connection: Connection, wasOpen: boolean, reason: string): void
  /** Bytes of packets that have not wholly come, all connections. */
  partialBytes: number
  figures: { received: number; forbidden: number; refusedConnects: number; protocolErrors: number }
}

export interface BridgeAbout {
  principal: Principal
  backlog: () => number
}

/** new: no CONNECT yet. joining: being authenticated, or before Aedes' CONNACK. leaving: the
 * last bytes are on their way out. */
type Phase = 'new' | 'joining' | 'open' | 'leaving' | 'closed'

const pingresp = Buffer.from([0xd0, 0])

export class Connection implements Acknowledged {
  principal: Principal | undefined
  clientId = ''
  phase: Phase = 'new'
  readonly remote: string
  readonly #to: FrontTo
  readonly #socket: Duplex
  readonly #cutter = new FrameCutter(bounds.connectBytesMax)
  readonly #acks = new AckBytes()
  #bridge: Bridge | undefined
  #lane: Lane | undefined
  #level: 3 | 4 = 4
  #partial = 0
  #paused = false
  #wasOpen = false
  /** What follows a DISCONNECT is not looked at [MQTT-3.14.4-1]. */
  #saidGoodbye = false
  /** Sweeps since the last whole packet, and how many are allowed. */
  #silent = 0
  #silentMax = Math.ceil(bounds.connectTimeoutMs / bounds.sweepMs)
  /** Sweeps for which the peer has left too much unread. */
  #behind = 0

  constructor(socket: Duplex, to: FrontTo, remote: string) {
    this.#socket = socket
    this.#to = to
    this.remote = remote
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('end', () => this.#leave('the peer ended the connection'))
    socket.on('error', (error: Error) => this.close(error.message))
    socket.on('close', () => this.close('the connection was lost'))
  }

  /** Cuts and takes what has come, as far as the log and Aedes let it. */
  advance(): void {
    if (this.phase === 'closed' || this.phase === 'leaving') return
    this.#pause(false)
    try {
      while (this.#takes() && this.#cutter.next()) this.#take()
      this.#countPartial()
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#to.figures.protocolErrors++
      this.close(error.message)
    }
  }

  /** Once every `bounds.sweepMs`. [MQTT-3.1.2-24]: silence of 1.5 times the keep-alive ends it. */
  sweep(): void {
    if (this.#to.now() >= (this.principal?.until ?? Infinity)) this.close('its token is over')
    if (this.phase === 'leaving' && ++this.#silent > this.#silentMax) this.close('it lingered')
    // While we do not read, the silence is ours.
    if (this.phase === 'leaving' || (this.#paused && this.phase !== 'joining')) return
    if (++this.#silent > this.#silentMax)
      this.close(this.phase === 'open' ? 'keep-alive timeout' : 'no session in time')
    this.#behind = this.backlog > bounds.subscriberBacklogBytesMax ? this.#behind + 1 : 0
    if (this.#behind * bounds.sweepMs > bounds.drainTimeoutMs) this.close('it does not read')
  }

  /** Bytes written that the peer has not taken. */
  get backlog(): number {
    return this.#socket.writableLength
  }

  get ackBytes(): number {
    return this.#acks.length
  }

  putAck(header: number, packetId: number): void {
    if (this.#acks.full) this.flushAcks()
    this.#acks.put(header, packetId)
  }

  flushAcks(): void {
    this.#write(this.#acks.take())
  }

  /** From now on, or no longer. */
  watch(watcher: Watcher | undefined): void {
    if (this.#lane !== undefined) this.#lane.watcher = watcher
  }

  /** Cuts the connection off at once. Aedes learns of it and sends the will. */
  close(reason: string): void {
    if (this.phase === 'closed') return
    const wasOpen = this.#wasOpen
    this.phase = 'closed'
    this.#to.partialBytes -= this.#partial
    this.#partial = 0
    this.#socket.destroy()
    this.#bridge?.destroy()
    this.#to.closed(this, wasOpen, reason)
  }

  #receive(chunk: Buffer): void {
    if (this.phase === 'closed' || this.phase === 'leaving') return
    this.#cutter.push(chunk)
    if (this.#takes()) this.advance()
  }

  #takes(): boolean {
    return !this.#paused && !this.#saidGoodbye && (this.phase === 'new' || this.phase === 'open')
  }

  #take(): void {
    const type = this.#cutter.header >> 4
    if (this.phase === 'new') {
      if (type !== packets.connect) throw new ProtocolError('not a CONNECT') // [MQTT-3.1.0-1]
      this.#silent = 0
      this.#connect()
      return
    }
    if (type === packets.connect) throw new ProtocolError('a second CONNECT') // [MQTT-3.1.0-2]
    if (type === packets.publish) {
      if (!this.#takePublish()) {
        this.#cutter.unread()
        this.#pause(true)
        this.#to.hold(this)
        return
      }
    } else this.#takeOther(type)
    this.#silent = 0
  }

  /** False when the log takes nothing now. */
  #takePublish(): boolean {
    if (this.#to.pressed) return false
    if (this.#lane !== undefined) return this.#lane.take(this.#cutter)
    this.#cutter.openPublish()
    const { bytes, from, topicEnd } = this.#cutter
    parseTopic(bytes.subarray(from + 2, topicEnd))
    this.#pass()
    return true
  }

  #takeOther(type: number): void {
    const { bytes, from, to } = this.#cutter
    const body = bytes.subarray(from, to)
    checkBody(type, body, bounds.subscriptionsMax)
    if (type === packets.disconnect) this.#saidGoodbye = true
    if (type === packets.pingreq) {
      this.#write(pingresp)
      return
    }
    const answer = type === packets.puback || type === packets.pubrec || type === packets.pubcomp
    if (answer) this.#bridge!.answered(type, body.readUInt16BE())
    // A device's QoS 2 packet was kept at its PUBLISH: the rest of the handshake has no state.
    if (type === packets.pubrel && this.#lane !== undefined)
      this.#write(Buffer.from([0x70, 2, body[0]!, body[1]!]))
    else this.#pass()
  }

  #pass(): void {
    if (!this.#bridge!.push(this.#cutter.copy())) this.#pause(true)
  }

  #connect(): void {
    const { bytes, from, to } = this.#cutter
    const connect = parseConnect(Buffer.from(bytes.subarray(from, to)), bounds.clientIdBytesMax)
    if ('refused' in connect) {
      this.#refuse(connect.refused, connect.reason)
      return
    }
    this.phase = 'joining'
    this.#pause(true)
    void this.#join(connect)
  }

  async #join(connect: Connect): Promise<void> {
    const password = connect.password ?? Buffer.alloc(0)
    const principal = await this.#to
      .authenticate(connect.user ?? '', password)
      .catch(() => 'unavailable' as const)
    if (this.phase !== 'joining') return
    // §3.2.2.3: 3 is server unavailable, 5 not authorized.
    if (principal === 'unavailable')
      this.#refuse(formatConnack(3), 'identities cannot be checked now')
    else if (principal === undefined) this.#refuse(formatConnack(5), 'not authorized')
    else if (this.#to.watcherOf(principal)?.connecting(connect) === false)
      this.#refuse(formatConnack(3), 'refused by a session of the lab')
    else this.#admit(principal, connect)
  }

  #admit(principal: Principal, connect: Connect): void {
    this.principal = principal
    this.clientId = connect.clientId
    this.#level = connect.level
    this.#cutter.sizeMax = bounds.packetBytesMax
    const longest = bounds.keepAliveMaxSeconds
    const seconds = Math.min(connect.keepAliveSeconds || longest, longest)
    this.#silentMax = Math.ceil((seconds * 1500) / bounds.sweepMs)
    if (principal.kind === 'device') this.#lane = new Lane(this.#to, this, principal)
    this.watch(this.#to.watcherOf(principal))
    this.#to.joining(this)
    const side: FrontSide = {
      write: (answer) => this.#fromAedes(answer),
      wantMore: () => this.#wantMore(),
      end: () => this.#leave(),
    }
    this.#bridge = this.#to.bridge(side, connect, { principal, backlog: () => this.backlog })
  }

  #wantMore(): void {
    if (this.phase === 'open' && this.#paused && !this.#to.pressed) this.advance()
  }

  #fromAedes(answer: Buffer): void {
    if (this.phase !== 'joining') {
      this.#write(answer)
      return
    }
    // The first answer is the CONNACK. Before 3.1.1 its second byte was reserved.
    if (this.#level === 3) answer[2] = 0
    this.#write(answer)
    if (answer[3] !== 0) {
      this.#leave()
      return
    }
    this.phase = 'open'
    this.#wasOpen = true
    this.#to.opened(this)
    // Not before Aedes is done with what it is doing.
    setImmediate(() => this.advance())
  }

  #refuse(connack: Buffer, reason: string): void {
    if (this.phase === 'closed') return
    this.#to.figures.refusedConnects++
    this.#write(connack)
    this.#leave(reason)
  }

  /** Lets the last bytes out, then closes. What still comes in is not looked at. */
  #leave(reason = 'the session ended'): void {
    if (this.phase === 'closed' || this.phase === 'leaving') return
    this.phase = 'leaving'
    this.#silent = 0
    this.#silentMax = Math.ceil(1000 / bounds.sweepMs)
    this.#pause(false)
    this.#socket.end(() => this.close(reason))
  }

  #write(bytes: Buffer): void {
    if (this.phase === 'closed' || this.#socket.writableEnded) return
    this.#socket.write(bytes)
    // Somebody who sends but never reads would make us buffer his acknowledgements for ever.
    if (this.backlog > 2 * bounds.subscriberBacklogBytesMax) this.close('it does not read')
  }

  #pause(paused: boolean): void {
    if (this.#paused === paused) return
    this.#paused = paused
    if (paused) this.#socket.pause()
    else this.#socket.resume()
  }

  #countPartial(): void {
    const held = this.#cutter.held
    this.#to.partialBytes += held - this.#partial
    this.#partial = held
    if (this.#to.partialBytes > bounds.partialBytesMax) this.close('too many unfinished packets')
  }
}
