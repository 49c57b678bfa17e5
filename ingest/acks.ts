// What waits for the log: one queue for all connections, in the order of the appends. When the log
// says how far it is durable, acknowledgements leave in exactly that order [MQTT-4.6.0-2], one
// write per connection. No promise, no closure per packet: a packet costs a slot in a ring.

/** A connection that is owed acknowledgements. */
export interface Acknowledged {
  /** Bytes of acknowledgements put and not yet flushed. */
  readonly ackBytes: number
  /** Adds a PUBACK or PUBREC: its first byte and the packet id. */
  putAck(header: number, packetId: number): void
  flushAcks(): void
}

export interface Waiting {
  offset: number
  /** PUBACK 0x40, PUBREC 0x50, or 0 when nothing is owed (QoS 0). */
  ack: number
  packetId: number
  /** Size of the packet, for the bound. */
  bytes: number
  /** Runs once the packet is durable, after all acknowledgements of the same commit. */
  then: (() => void) | undefined
}

const ackBufferBytes = 512

/** Acknowledgements of a connection on their way into one write: put while not full, then take. */
export class AckBytes {
  length = 0
  #bytes = Buffer.alloc(0)

  /** True when there must be a `take` before the next `put`. */
  get full(): boolean {
    return this.length > 0 && this.length + 4 > this.#bytes.length
  }

  put(header: number, packetId: number): void {
    if (this.length + 4 > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(ackBufferBytes)
    const at = this.length
    const bytes = this.#bytes
    bytes[at] = header
    bytes[at + 1] = 2
    bytes[at + 2] = packetId >> 8
    bytes[at + 3] = packetId & 0xff
    this.length = at + 4
  }

  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.length)
    this.#bytes = this.#bytes.subarray(this.length)
    this.length = 0
    return taken
  }
}

/** What a slot weighs beside the packet's bytes, so that empty packets are bounded as well. */
const slotBytes = 64

export class AckQueue {
  /** Bytes of packets that are not durable yet. */
  bytes = 0
  /** Acknowledgements handed to sockets. */
  acked = 0
  readonly #bytesMax: number
  #mask = 1023
  #head = 0
  #tail = 0
  #offsets = new Float64Array(1024)
  #acks = new Uint32Array(1024)
  #sizes = new Uint32Array(1024)
  #to: (Acknowledged | undefined)[] = new Array(1024).fill(undefined)
  #then: ((() => void) | undefined)[] = new Array(1024).fill(undefined)

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** True while senders must wait. */
  get full(): boolean {
    return this.bytes >= this.#bytesMax
  }

  push(to: Acknowledged | undefined, waiting: Waiting): void {
    if (this.#tail - this.#head > this.#mask) this.#grow()
    const slot = this.#tail++ & this.#mask
    const size = waiting.bytes + slotBytes
    this.#offsets[slot] = waiting.offset
    this.#acks[slot] = (waiting.ack << 16) | waiting.packetId
    this.#sizes[slot] = size
    this.#to[slot] = to
    this.#then[slot] = waiting.then
    this.bytes += size
  }

  /** Acknowledges everything below the offset. */
  release(durable: number): void {
    const touched: Acknowledged[] = []
    const after: (() => void)[] = []
    while (this.#head < this.#tail) {
      const slot = this.#head & this.#mask
      if (this.#offsets[slot]! >= durable) break
      this.#head++
      const to = this.#to[slot]
      const ack = this.#acks[slot]!
      const then = this.#then[slot]
      this.#to[slot] = undefined
      this.#then[slot] = undefined
      this.bytes -= this.#sizes[slot]!
      if (to !== undefined && ack !== 0) {
        if (to.ackBytes === 0) touched.push(to)
        to.putAck(ack >>> 16, ack & 0xffff)
        this.acked++
      }
      if (then !== undefined) after.push(then)
    }
    for (const to of touched) to.flushAcks()
    for (const then of after) then()
  }

  #grow(): void {
    const old = { size: this.#mask + 1, head: this.#head }
    const [offsets, acks, sizes, to, then] = [
      this.#offsets,
      this.#acks,
      this.#sizes,
      this.#to,
      this.#then,
    ]
    const size = old.size * 2
    this.#offsets = new Float64Array(size)
    this.#acks = new Uint32Array(size)
    this.#sizes = new Uint32Array(size)
    this.#to = new Array(size).fill(undefined)
    this.#then = new Array(size).fill(undefined)
    for (let i = 0; i < old.size; i++) {
      const from = (old.head + i) & this.#mask
      this.#offsets[i] = offsets[from]!
      this.#acks[i] = acks[from]!
      this.#sizes[i] = sizes[from]!
      this.#to[i] = to[from]
      this.#then[i] = then[from]
    }
    this.#mask = size - 1
    this.#head = 0
    this.#tail = old.size
  }
}
