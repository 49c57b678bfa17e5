// MQTT 3.1.1 on the wire: cuts control packets out of a stream of bytes and reads the few of them
// that the front must understand. Refuses what a client may never send. Buffers no more than one
// packet, whose size it judges from the header. Knows no topics' meaning, no identities, no
// sockets.
import { isUtf8 } from 'node:buffer'
import { isFilter, isText, isTopic } from './topics.ts'

/** The peer broke the protocol: its socket is closed [MQTT-4.8.0-1]. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
}

export interface Will {
  topic: string
  payload: Buffer
  qos: number
  retain: boolean
}

export interface Connect {
  level: 3 | 4
  clientId: string
  clean: boolean
  keepAliveSeconds: number
  will: Will | undefined
  user: string | undefined
  password: Buffer | undefined
}

/** Packet types, as the high four bits of the first byte. */
export const packets = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const

/** The first bytes a client may send: reserved flags as in Table 2.2 [MQTT-2.2.2-2], no QoS 3
 * [MQTT-3.3.1-4], no DUP on QoS 0 [MQTT-3.3.1-2], nothing that only servers send. */
const clientHeaders = new Set([
  ...[0x10, 0x40, 0x50, 0x62, 0x70, 0x82, 0xa2, 0xc0, 0xe0],
  ...[0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3a, 0x3b, 0x3c, 0x3d],
])

/** The first bytes a server sends to a client that neither publishes nor asks for QoS 2. */
export const serverHeaders: ReadonlySet<number> = new Set([
  ...[0x20, 0x90, 0xb0, 0xd0],
  ...[0x30, 0x31, 0x32, 0x33, 0x3a, 0x3b],
])

const nothing = Buffer.alloc(0)

/**
 * Cuts packets. After `push(bytes)`, call `next()` until it says false; each time it says true,
 * `header` is the first byte and `bytes[from, to)` is the body, valid until the next call.
 */
export class FrameCutter {
  header = 0
  bytes: Buffer = nothing
  from = 0
  to = 0
  /** Of a PUBLISH, once `openPublish` has looked. The packet id is 0 at QoS 0. */
  topicEnd = 0
  bodyAt = 0
  packetId = 0
  /** The largest packet taken, header included. */
  sizeMax: number
  /** Bytes of the packet just cut that were left out because it is larger than that. */
  clipped = 0
  readonly #headers: ReadonlySet<number>
  readonly #clips: boolean
  #start = 0
  #end = 0
  /** Parts of a packet that has not wholly come, and how many bytes must be there to go on. */
  #parts: Buffer[] = []
  #partBytes = 0
  #wanted = 0

  /** A larger packet is an error, unless it comes from a server: that one would send it again and
   * again, so it is cut off at `sizeMax` and the rest of it passed over. */
  constructor(sizeMax: number, from: 'client' | 'server' = 'client') {
    this.sizeMax = sizeMax
    this.#clips = from === 'server'
    this.#headers = from === 'server' ? serverHeaders : clientHeaders
  }

  /** Bytes held that are not yet a packet. */
  get held(): number {
    return this.#partBytes + this.bytes.length - this.#end
  }

  push(chunk: Buffer): void {
    if (this.#parts.length === 0 && this.#end === this.bytes.length) {
      this.bytes = chunk
      this.#end = 0
      return
    }
    if (this.#parts.length === 0) {
      this.#parts.push(this.bytes.subarray(this.#end))
      this.#partBytes = this.bytes.length - this.#end
      this.bytes = nothing
      this.#end = 0
    }
    this.#parts.push(chunk)
    this.#partBytes += chunk.length
  }

  /** Throws ProtocolError as soon as the header shows that the packet will not be taken. */
  next(): boolean {
    if (this.#parts.length > 0) {
      if (this.#partBytes < this.#wanted) return false
      this.bytes = Buffer.concat(this.#parts, this.#partBytes)
      this.#parts = []
      this.#partBytes = 0
      this.#end = 0
    }
    if (this.#skip() && this.#cut()) return true
    this.#letGo()
    return false
  }

  /** The packet just cut will be cut again by `next()`. */
  unread(): void {
    this.#end = this.#start
    this.clipped = 0
  }

  /** Finds the parts of the PUBLISH just cut. Throws ProtocolError. */
  openPublish(): void {
    const { bytes, from, to } = this
    const hasId = (this.header & 6) !== 0
    this.topicEnd = from + 2 + (to - from < 2 ? 0xffff : bytes.readUInt16BE(from))
    this.bodyAt = hasId ? this.topicEnd + 2 : this.topicEnd
    if (this.bodyAt > to) throw new ProtocolError('the PUBLISH is too short')
    this.packetId = hasId ? bytes.readUInt16BE(this.topicEnd) : 0
    if (hasId && this.packetId === 0) throw new ProtocolError('packet id 0') // [MQTT-2.3.1-1]
  }

  /** A copy of the whole packet just cut. */
  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(this.#start, this.#end))
  }

  /** Passes over what was left out of the packet before. False when more of it is to come. */
  #skip(): boolean {
    if (this.clipped === 0) return true
    const skipped = Math.min(this.clipped, this.bytes.length - this.#end)
    this.clipped -= skipped
    this.#end += skipped
    this.#start = this.#end
    this.#wanted = 1
    return this.clipped === 0
  }

  #cut(): boolean {
    const { bytes } = this
    const start = this.#end
    const there = bytes.length - start
    this.#wanted = 2
    if (there === 0) return false
    const header = bytes[start]!
    if (!this.#headers.has(header))
      throw new ProtocolError(`a packet may not begin with ${hex(header)} here`)
    let length = 0
    let at = start + 1
    for (let shift = 0; ; shift += 7, at++) {
      // §2.2.3: at most four bytes of remaining length.
      if (shift > 21) throw new ProtocolError('the remaining length has more than four bytes')
      this.#wanted = at - start + 1
      if (at >= bytes.length) return false
      length |= (bytes[at]! & 0x7f) << shift
      if (bytes[at]! < 0x80) break
    }
    const from = at + 1
    const whole = from - start + length
    if (whole > this.sizeMax && !this.#clips)
      throw new ProtocolError(`a packet of ${whole} bytes; at most ${this.sizeMax} are taken`)
    const size = Math.min(whole, this.sizeMax)
    this.#wanted = size
    if (there < size) return false
    this.header = header
    this.from = from
    this.to = start + size
    this.clipped = whole - size
    this.#start = start
    this.#end = this.to
    return true
  }

  /** A quiet connection must not hold on to the 64 KiB that it was once read into. */
  #letGo(): void {
    const rest = this.bytes.length - this.#end
    if (rest > this.bytes.length / 2) return
    this.bytes = rest === 0 ? nothing : Buffer.from(this.bytes.subarray(this.#end))
    this.#start = 0
    this.#end = 0
  }
}

/** Why a CONNECT gets no session: a CONNACK to send before closing. */
export interface ConnectRefused {
  refused: Buffer
  reason: string
}

/** Reads a CONNECT body. Throws ProtocolError where the standard wants the socket closed in
 * silence. */
export function parseConnect(body: Buffer, clientIdBytesMax: number): Connect | ConnectRefused {
  const reader = new BodyReader(body)
  const name = reader.text('protocol name')
  const level = reader.byte()
  if (name !== 'MQTT' && name !== 'MQIsdp') throw new ProtocolError('not an MQTT CONNECT')
  // Level 5 reads another CONNACK: reason 0x84, unsupported protocol version (MQTT 5 §3.2.2.2).
  if (name === 'MQTT' && level === 5)
    return { refused: Buffer.from([0x20, 3, 0, 0x84, 0]), reason: 'MQTT 5 is not spoken here' }
  if ((name === 'MQTT' && level !== 4) || (name === 'MQIsdp' && level !== 3))
    return { refused: formatConnack(1), reason: 'unacceptable protocol level' } // [MQTT-3.1.2-2]
  const flags = reader.byte()
  // [MQTT-3.1.2-3]; in 3.1 the bit meant nothing.
  if (flags & 1 && level === 4) throw new ProtocolError('the reserved CONNECT flag is set')
  const hasWill = (flags & 4) !== 0
  const willQos = (flags >> 3) & 3
  if (willQos === 3) throw new ProtocolError('will QoS 3') // [MQTT-3.1.2-14]
  // [MQTT-3.1.2-11]
  if (!hasWill && (flags & 0x38) !== 0) throw new ProtocolError('will flags without a will')
  // [MQTT-3.1.2-22]
  if ((flags & 0xc0) === 0x40) throw new ProtocolError('a password without a user name')
  const keepAliveSeconds = reader.uint16()
  const clientId = reader.text('client id')
  let will: Will | undefined
  if (hasWill) {
    const topic = reader.text('will topic')
    if (!isTopic(topic)) throw new ProtocolError('the will topic is not a topic')
    will = { topic, payload: reader.binary(), qos: willQos, retain: (flags & 0x20) !== 0 }
  }
  const user = flags & 0x80 ? reader.text('user name') : undefined
  const password = flags & 0x40 ? reader.binary() : undefined
  reader.end()
  const clean = (flags & 2) !== 0
  // An empty client id is for clean 3.1.1 sessions only [MQTT-3.1.3-7, MQTT-3.1.3-8].
  if (
    (clientId === '' && (!clean || level === 3)) ||
    Buffer.byteLength(clientId) > clientIdBytesMax
  )
    return { refused: formatConnack(2), reason: 'client id rejected' }
  return {
    level: level === 3 ? 3 : 4,
    ...{ clientId, clean, keepAliveSeconds, will, user, password },
  }
}

/** Checks every packet but CONNECT and PUBLISH. Throws ProtocolError. */
export function checkBody(type: number, body: Buffer, filtersMax: number): void {
  if (type === packets.pingreq || type === packets.disconnect) {
    if (body.length !== 0) throw new ProtocolError('bytes behind a packet without a body')
    return
  }
  const reader = new BodyReader(body)
  if (reader.uint16() === 0) throw new ProtocolError('packet id 0') // [MQTT-2.3.1-1]
  if (type !== packets.subscribe && type !== packets.unsubscribe) {
    reader.end()
    return
  }
  let filters = 0
  do {
    if (++filters > filtersMax) throw new ProtocolError(`more than ${filtersMax} filters at once`)
    // At least one filter [MQTT-3.8.3-3, MQTT-3.10.3-2].
    if (!isFilter(reader.text('filter'))) throw new ProtocolError('not a topic filter')
    // [MQTT-3.8.3-4]
    if (type === packets.subscribe && reader.byte() > 2) throw new ProtocolError('requested QoS')
  } while (!reader.done)
}

/** The topic of a PUBLISH. Throws ProtocolError when it is none. */
export function parseTopic(bytes: Buffer): string {
  const topic = decodeText(bytes, 'topic')
  // [MQTT-3.3.2-2, MQTT-4.7.3-1]
  if (!isTopic(topic)) throw new ProtocolError('the topic is not a topic')
  return topic
}

export function formatConnack(returnCode: number): Buffer {
  return Buffer.from([0x20, 2, 0, returnCode])
}

/** A CONNECT of MQTT 3.1.1. */
export function formatConnect(connect: Omit<Connect, 'level'>): Buffer {
  const { will, clean, user, password, keepAliveSeconds } = connect
  let flags = clean ? 2 : 0
  if (will !== undefined) flags |= 4 | (will.qos << 3) | (will.retain ? 0x20 : 0)
  if (user !== undefined) flags |= 0x80
  if (password !== undefined) flags |= 0x40
  const keepAlive = [keepAliveSeconds >> 8, keepAliveSeconds & 0xff]
  const head = [0, 4, 0x4d, 0x51, 0x54, 0x54, 4, flags, ...keepAlive]
  const body: Buffer[] = [Buffer.from(head)]
  body.push(sized(connect.clientId))
  if (will !== undefined) body.push(sized(will.topic), sized(will.payload))
  if (user !== undefined) body.push(sized(user))
  if (password !== undefined) body.push(sized(password))
  return formatPacket(0x10, Buffer.concat(body))
}

/** A SUBSCRIBE, all filters at one QoS. */
export function formatSubscribe(packetId: number, filters: readonly string[], qos: 0 | 1): Buffer {
  const id = Buffer.from([packetId >> 8, packetId & 0xff])
  const asked = filters.flatMap((filter) => [sized(filter), Buffer.from([qos])])
  return formatPacket(0x82, Buffer.concat([id, ...asked]))
}

export function formatPacket(header: number, body: Buffer): Buffer {
  const head = [header]
  for (let left = body.length; ; left >>>= 7) {
    head.push(left > 0x7f ? (left & 0x7f) | 0x80 : left)
    if (left <= 0x7f) break
  }
  return Buffer.concat([Buffer.from(head), body])
}

/** Text or bytes with their length in front. */
export function sized(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  const framed = Buffer.allocUnsafe(bytes.length + 2)
  framed.writeUInt16BE(bytes.length)
  bytes.copy(framed, 2)
  return framed
}

/** Reads a body from front to back; running out of bytes is a protocol error. */
class BodyReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  byte(): number {
    if (this.done) throw new ProtocolError('the packet is too short')
    return this.#bytes[this.#at++]!
  }

  uint16(): number {
    return (this.byte() << 8) | this.byte()
  }

  binary(): Buffer {
    const length = this.uint16()
    if (this.#at + length > this.#bytes.length) throw new ProtocolError('the packet is too short')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  text(what: string): string {
    return decodeText(this.binary(), what)
  }

  end(): void {
    if (!this.done) throw new ProtocolError('bytes behind the end of the packet')
  }
}

/** UTF-8 without NUL and control characters; a byte order mark stays [MQTT-1.5.3-1 to 3]. */
function decodeText(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw new ProtocolError(`the ${what} is not UTF-8`)
  const text = bytes.toString('utf8')
  if (!isText(text)) throw new ProtocolError(`the ${what} has control characters`)
  return text
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`
}
