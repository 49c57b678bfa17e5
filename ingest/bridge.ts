// Aedes' end of a connection: the stream that Aedes takes for its socket. What the front lets
// through comes in, what Aedes answers goes out as whole packets. Judges nothing.
import { Duplex } from 'node:stream'
import { ProtocolError, packets } from './frames.ts'
import type { Principal } from './topics.ts'

/** The front, as Aedes' end needs it. */
export interface FrontSide {
  /** Whole packets from Aedes. */
  write(bytes: Buffer): void
  /** Aedes has read what was pushed and takes more. */
  wantMore(): void
  /** Aedes ends the connection. */
  end(): void
}

export class Bridge extends Duplex {
  readonly principal: Principal
  /** Filters granted on this connection and their QoS. */
  readonly granted = new Map<string, number>()
  /** Bytes written to the peer and not taken by it. */
  readonly backlog: () => number
  readonly #front: FrontSide
  /** QoS 1 and 2 packets under way to the peer: which answer is due. */
  readonly #due = new Map<number, number>()

  constructor(front: FrontSide, about: { principal: Principal; backlog: () => number }) {
    super()
    this.#front = front
    this.principal = about.principal
    this.backlog = about.backlog
  }

  /**
   * Checks an answer of the peer. A PUBREC for a QoS 1 packet, or a PUBCOMP before its PUBREC,
   * breaks the protocol (§4.3) [MQTT-4.8.0-1]; an unknown packet id may stem from a session before
   * and passes.
   */
  answered(type: number, packetId: number): void {
    const due = this.#due.get(packetId)
    if (due === undefined) return
    const repeated = type === packets.pubrec && due === packets.pubcomp
    if (type !== due && !repeated)
      throw new ProtocolError(`packet id ${packetId} is answered with the wrong packet`)
    if (type === packets.pubrec) this.#due.set(packetId, packets.pubcomp)
    else this.#due.delete(packetId)
  }

  override _read(): void {
    this.#front.wantMore()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send(chunk)
    done()
  }

  /** mqtt-packet corks the stream around each packet, so a batch always holds whole packets. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(chunks.length === 1 ? chunks[0]!.chunk : Buffer.concat(chunks.map((c) => c.chunk)))
    done()
  }

  override _final(done: () => void): void {
    this.#front.end()
    done()
  }

  override _destroy(_error: Error | null, done: () => void): void {
    this.#front.end()
    done()
  }

  #send(bytes: Buffer): void {
    for (const packet of wholePackets(bytes)) {
      const qos = (bytes[packet.at]! >> 1) & 3
      if (bytes[packet.at]! >> 4 !== packets.publish || qos === 0) continue
      const packetId = bytes.readUInt16BE(packet.body + 2 + bytes.readUInt16BE(packet.body))
      this.#due.set(packetId, qos === 1 ? packets.puback : packets.pubrec)
    }
    this.#front.write(bytes)
  }
}

function* wholePackets(bytes: Buffer): Generator<{ at: number; body: number }> {
  let at = 0
  while (at < bytes.length) {
    let length = 0
    let body = at + 1
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[body++]!
      length |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    yield { at, body }
    at = body + length
  }
}
