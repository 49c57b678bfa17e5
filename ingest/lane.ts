// The fast lane: every PUBLISH of a device goes from the socket's bytes straight into the log, past
// Aedes. Decides by the topic alone and never looks into a payload. A packet that is not allowed is
// kept as `forbidden` and acknowledged like any other: a device would resend it for ever.
import { Unavailable } from '../domain/refusal.ts'
import type { Envelope, Log } from '../store/log.ts'
import type { Acknowledged, AckQueue } from './acks.ts'
import { type FrameCutter, parseTopic } from './frames.ts'
import type { Interest } from './interest.ts'
import { admit, isOwnStatus, type Principal } from './topics.ts'
import type { Watcher } from './watch.ts'

/** A packet for MQTT subscribers. */
export interface Relayed {
  topic: string
  payload: Buffer
  qos: 0 | 1 | 2
  retain: boolean
}

export interface LaneTo {
  log: Log
  acks: AckQueue
  interest: Interest
  /** Hands a durable packet to the subscribers. */
  relay(packet: Relayed): void
  now(): number
  figures: { received: number; forbidden: number }
}

export class Lane {
  watcher: Watcher | undefined
  readonly #to: LaneTo
  readonly #connection: Acknowledged
  readonly #principal: Principal
  /** The log copies what it keeps, so one envelope serves all packets. */
  readonly #envelope: Envelope
  // The verdict on the last topic, for as long as the device stays on it.
  #topicBytes = Buffer.alloc(0)
  #mayRetain = false
  #wanted = false
  #interestVersion = -1

  constructor(to: LaneTo, connection: Acknowledged, principal: Principal) {
    this.#to = to
    this.#connection = connection
    this.#principal = principal
    this.#envelope = {
      kind: 'forbidden',
      tenant: principal.tenant,
      source: principal.id,
      topic: '',
      recordTime: 0,
      body: this.#topicBytes,
    }
  }

  /** Takes the PUBLISH just cut. False when the log takes nothing now. Throws ProtocolError. */
  take(cutter: FrameCutter): boolean {
    cutter.openPublish()
    const { header, bytes, from, to, topicEnd, bodyAt, packetId } = cutter
    const { log, acks, figures } = this.#to
    const qos = (header >> 1) & 3
    const topicAt = from + 2
    if (
      topicEnd - topicAt !== this.#topicBytes.length ||
      bytes.compare(this.#topicBytes, 0, this.#topicBytes.length, topicAt, topicEnd) !== 0
    )
      this.#judge(bytes.subarray(topicAt, topicEnd))
    const envelope = this.#envelope
    envelope.body = bytes.subarray(bodyAt, to)
    envelope.recordTime = this.#to.now()
    let offset: number
    try {
      offset = log.append(envelope)
    } catch (error) {
      if (error instanceof Unavailable) return false
      throw error
    }
    figures.received++
    if (envelope.kind === 'forbidden') figures.forbidden++
    const then = this.#relayLater(header, envelope)
    const ack = qos === 0 ? 0 : qos === 1 ? 0x40 : 0x50
    acks.push(this.#connection, { offset, ack, packetId, bytes: to - from, then })
    if (this.watcher !== undefined) this.#tell(this.watcher, header)
    return true
  }

  #tell(watcher: Watcher, header: number): void {
    const { kind, topic, body, recordTime } = this.#envelope
    const [qos, dup] = [((header >> 1) & 3) as 0 | 1 | 2, (header & 8) !== 0]
    watcher.published({ topic, body, qos, dup, recordTime, forbidden: kind === 'forbidden' })
  }

  #judge(topicBytes: Buffer): void {
    const topic = parseTopic(topicBytes)
    const verdict = admit(this.#principal, topic)
    this.#topicBytes = Buffer.from(topicBytes)
    this.#envelope.kind = verdict === 'keep' ? 'publish' : 'forbidden'
    this.#envelope.topic = topic
    this.#mayRetain = isOwnStatus(this.#principal, topic)
    this.#interestVersion = -1
  }

  /** Nothing, unless somebody subscribed to such a topic or it is to be retained. */
  #relayLater(header: number, envelope: Envelope): (() => void) | undefined {
    if (envelope.kind === 'forbidden') return undefined
    const { interest, relay } = this.#to
    if (this.#interestVersion !== interest.version) {
      this.#interestVersion = interest.version
      this.#wanted = interest.wants(envelope.topic)
    }
    // RETAIN is honoured on the own status only; elsewhere it is cleared.
    const retain = this.#mayRetain && (header & 1) === 1
    if (!this.#wanted && !retain) return undefined
    const payload = Buffer.from(envelope.body)
    const qos = ((header >> 1) & 3) as 0 | 1 | 2
    const { topic } = envelope
    return () => relay({ topic, payload, qos, retain })
  }
}
