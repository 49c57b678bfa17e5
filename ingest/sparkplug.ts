// Sparkplug B payloads (Eclipse Sparkplug 3.0 §6.4): the protobuf wire format of `Payload`, read by
// hand. Keeps of each metric its name, alias, time, datatype, unit and a number or boolean, of
// other values only what they are. Knows no birth: sparkplug-births.ts does.
import { bounds } from '../config.ts'
import type { Result } from '../domain/refusal.ts'

export interface Metric {
  name?: string
  /** In decimal digits: 64 bits are more than a number holds. */
  alias?: string
  /** Epoch ms; NaN: beyond what a number holds. */
  timestamp?: number | undefined
  datatype?: number
  isNull: boolean
  /** Not to be stored, its sender says (`is_transient`). */
  isTransient: boolean
  /** Property `engUnit`, as many edge nodes send it. */
  unit?: string | undefined
  /** Of an integer without a datatype that could be negative: `doubtful`. */
  value?: number | boolean | 'doubtful' | undefined
  /** The integer as it travelled: a birth may tell its datatype. */
  integer?: WireInteger
  /** A value that is neither number nor boolean. */
  other?: 'text' | 'bytes' | 'DataSet' | 'Template'
}

export interface WireInteger {
  value: bigint
  bits: 32 | 64
}

export interface Payload {
  timestamp?: number
  /** Of the messages of its edge node, from 0 to 255 (§6.4.5); told by all but deaths of nodes. */
  seq?: number
  metrics: Metric[]
}

/** Datatypes by number (§6.4.16); those that travel as integers and are no measurement. */
export const datatypes = { boolean: 11, dateTime: 13 } as const

/** packet/sparkplug when it is no such payload, is compressed, or has too many metrics. */
export function decodePayload(body: Uint8Array): Result<Payload> {
  try {
    return { ok: true, value: readPayload(new Wire(body)) }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    const refusal = { code: 'packet/sparkplug', path: '', detail: error.message } as const
    return { ok: false, refusals: [refusal] }
  }
}

/** The seq of a payload, without a look into its metrics; undefined when there is none. */
export function readSeq(body: Uint8Array): number | undefined {
  const wire = new Wire(body)
  let seq: number | undefined
  try {
    while (wire.next())
      if (wire.field === 3) seq = Number(wire.varint())
      else wire.skip()
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
  return seq
}

/** Where a metric stands in its payload, in bytes from its beginning. */
export interface MetricPlace {
  /** Empty: it goes by its alias, or has neither. */
  name: string
  alias: string | null
  at: number
  length: number
}

/** Of all metrics up to the first that cannot be read. */
export function metricPlaces(body: Uint8Array): MetricPlace[] {
  const wire = new Wire(body)
  const places: MetricPlace[] = []
  try {
    while (wire.next()) {
      if (wire.field !== 2) {
        wire.skip()
        continue
      }
      const bytes = wire.bytes()
      const { name = '', alias = null } = readMetric(new Wire(bytes))
      places.push({ name, alias, at: bytes.byteOffset - body.byteOffset, length: bytes.length })
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
  return places
}

class WireError extends Error {}

/** Wire types of protobuf; 3 and 4 (groups) were given up before Sparkplug. */
const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Fields of one message. Throws WireError beyond its end. */
class Wire {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  field = 0
  #type = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** False at the end. Before it, the value of the last field must have been read or skipped. */
  next(): boolean {
    if (this.#at === this.#bytes.length) return false
    const key = this.varint(true)
    this.field = Number(key >> 3n)
    this.#type = Number(key & 7n)
    if (this.field === 0) throw new WireError('a field without a number')
    return true
  }

  varint(isKey = false): bigint {
    if (!isKey) this.#want(wireTypes.varint)
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new WireError('a number that does not end')
  }

  float(): number {
    this.#want(wireTypes.fixed32)
    return this.#view.getFloat32(this.#step(4), true)
  }

  double(): number {
    this.#want(wireTypes.fixed64)
    return this.#view.getFloat64(this.#step(8), true)
  }

  bytes(): Uint8Array {
    this.#want(wireTypes.bytes)
    const length = Number(this.varint(true))
    const from = this.#step(length)
    return this.#bytes.subarray(from, from + length)
  }

  text(): string {
    const bytes = this.bytes()
    try {
      return utf8.decode(bytes)
    } catch {
      throw new WireError('a text that is not UTF-8')
    }
  }

  skip(): void {
    if (this.#type === wireTypes.varint) this.varint()
    else if (this.#type === wireTypes.fixed64) this.#step(8)
    else if (this.#type === wireTypes.fixed32) this.#step(4)
    else this.bytes()
  }

  #want(type: number): void {
    if (this.#type === type) return
    throw new WireError(`field ${this.field} is of wire type ${this.#type}, want ${type}`)
  }

  #step(length: number): number {
    const from = this.#at
    if (length > this.#bytes.length - from) throw new WireError('it ends in the middle of a field')
    this.#at += length
    return from
  }
}

function readPayload(wire: Wire): Payload {
  const payload: Payload = { metrics: [] }
  while (wire.next()) {
    if (wire.field === 1) payload.timestamp = timeOf(wire.varint())
    else if (wire.field === 2) {
      if (payload.metrics.length >= bounds.readingsPerPacketMax)
        throw new WireError(`more than ${bounds.readingsPerPacketMax} metrics`)
      payload.metrics.push(readMetric(new Wire(wire.bytes())))
    } else if (wire.field === 3) payload.seq = Number(wire.varint())
    else if (wire.field === 5) throw new WireError('compressed payloads are not read')
    else wire.skip()
  }
  return payload
}

function readMetric(wire: Wire): Metric {
  const metric: Metric = { isNull: false, isTransient: false }
  while (wire.next()) {
    const { field } = wire
    if (field === 1) metric.name = wire.text()
    else if (field === 2) metric.alias = String(wire.varint())
    else if (field === 3) metric.timestamp = timeOf(wire.varint())
    else if (field === 4) metric.datatype = Number(wire.varint())
    else if (field === 6) metric.isTransient = wire.varint() !== 0n
    else if (field === 7) metric.isNull = wire.varint() !== 0n
    else if (field === 9) metric.unit = unitIn(new Wire(wire.bytes())) ?? metric.unit
    else if (field === 10) metric.integer = { value: wire.varint(), bits: 32 }
    else if (field === 11) metric.integer = { value: wire.varint(), bits: 64 }
    else if (field === 12) metric.value = shortest(wire.float())
    else if (field === 13) metric.value = wire.double()
    else if (field === 14) metric.value = wire.varint() !== 0n
    else {
      if (field >= 15 && field <= 18) metric.other = others[field - 15]!
      wire.skip()
    }
  }
  if (metric.integer) metric.value = integerOf(metric.integer, metric.datatype)
  return metric
}

const others = ['text', 'bytes', 'DataSet', 'Template'] as const

/** Int8, Int16, Int32, Int64 travel as two's complement in unsigned fields, Boolean in its own. */
const signedBits: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64 }

export function integerOf(
  { value, bits }: WireInteger,
  datatype: number | undefined,
): Metric['value'] {
  if (datatype === undefined || datatype === 0)
    return value >> BigInt(bits - 1) === 0n ? Number(value) : 'doubtful'
  const signed = signedBits[datatype]
  return Number(signed === undefined ? value : BigInt.asIntN(signed, value))
}

/** 4.2 was meant, not 4.199999809: the shortest decimal that is the same float. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const near = Number(value.toPrecision(digits))
    if (Math.fround(near) === value) return near
  }
  return value
}

const timeOf = (value: bigint): number =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN

/** Keys and values of a PropertySet stand side by side. */
function unitIn(wire: Wire): string | undefined {
  const keys: string[] = []
  const values: Uint8Array[] = []
  while (wire.next()) {
    if (wire.field === 1) keys.push(wire.text())
    else if (wire.field === 2) values.push(wire.bytes())
    else wire.skip()
  }
  const place = keys.indexOf('engUnit')
  const value = values[place]
  if (value === undefined) return undefined
  const inner = new Wire(value)
  let text: string | undefined
  while (inner.next()) {
    if (inner.field === 8) text = inner.text()
    else inner.skip()
  }
  return text
}
