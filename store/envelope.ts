// The bytes of a batch of envelopes, as the log keeps them: a checksummed header, then the
// envelopes. Writes into a slab that the caller reuses and reads without copying. Knows no disk and
// no log, and never looks into a body.
//
//   batch   0 magic u32 | 4 version u16 | 6 zero u16 | 8 first offset f64 | 16 count u32
//          20 length of the whole u32 | 24 CRC-32 of everything but this field u32 | 28 zero u32
//   entry   0 body length u32 | 4 kind u8 | 5 plain u8 | 6 tenant, 8 source, 10 topic length u16
//          12 record time f64 | 20 tenant, source, topic in UTF-8, then the body
//
// Little-endian. A float64 holds every offset up to 2^53 exactly.
import { crc32 } from 'node:zlib'
import { Corrupt, OperatorError } from '../domain/refusal.ts'
import type { Envelope, EnvelopeKind, LoggedEnvelope } from './log.ts'

/** Envelopes on their way into one batch. `length` counts the bytes in use, header included. */
export interface Slab {
  readonly bytes: Buffer
  readonly view: DataView
  length: number
  count: number
}

/** A batch that passed its checksum. */
export interface Batch {
  readonly bytes: Buffer
  readonly view: DataView
  readonly first: number
  readonly count: number
}

/** Where a reader stands in a batch: the index of the next entry and the byte it starts at. */
export interface BatchPlace {
  index: number
  at: number
}

const magic = 0x4f534931
const version = 1
const batchHeaderBytes = 32
const entryHeaderBytes = 20
const crcAt = 24
/** Position is code, so the order is part of the format: only append. */
const kinds: readonly EnvelopeKind[] = ['publish', 'forbidden', 'capture', 'readings']
const stringBytesMax = 0xffff

export function createSlab(bytesMax: number): Slab {
  const bytes = Buffer.allocUnsafeSlow(bytesMax)
  return { bytes, view: viewOf(bytes), length: batchHeaderBytes, count: 0 }
}

export function clearSlab(slab: Slab): void {
  slab.length = batchHeaderBytes
  slab.count = 0
}

/**
 * Bytes that surely hold the envelope as an entry: a UTF-16 unit takes three bytes of UTF-8 at
 * most.
 */
export function entryBytesMax(envelope: Envelope): number {
  const characters = envelope.tenant.length + envelope.source.length + envelope.topic.length
  return entryHeaderBytes + 3 * characters + envelope.body.length
}

/** What a slab must have to take this envelope alone. */
export function slabBytesFor(envelope: Envelope): number {
  return batchHeaderBytes + entryBytesMax(envelope)
}

/** Copies the envelope behind the others. False when there may not be room enough for it. */
export function writeEntry(slab: Slab, envelope: Envelope): boolean {
  const { bytes, view, length: start } = slab
  if (start + entryBytesMax(envelope) > bytes.length) return false
  const { tenant, source, topic, body } = envelope
  const tenantAt = start + entryHeaderBytes
  const sourceAt = writeString(bytes, tenantAt, tenant)
  const topicAt = writeString(bytes, sourceAt, source)
  const bodyAt = writeString(bytes, topicAt, topic)
  const plain = bodyAt - tenantAt === tenant.length + source.length + topic.length
  view.setUint32(start, body.length, true)
  view.setUint8(start + 4, kinds.indexOf(envelope.kind))
  view.setUint8(start + 5, plain ? 1 : 0)
  view.setUint16(start + 6, sourceAt - tenantAt, true)
  view.setUint16(start + 8, topicAt - sourceAt, true)
  view.setUint16(start + 10, bodyAt - topicAt, true)
  view.setFloat64(start + 12, envelope.recordTime, true)
  bytes.set(body, bodyAt)
  slab.length = bodyAt + body.length
  slab.count++
  return true
}

/** Writes the header. The result is a view: the slab must not change while it is in use. */
export function sealSlab(slab: Slab, first: number): Buffer {
  const { bytes, view, length } = slab
  view.setUint32(0, magic, true)
  view.setUint16(4, version, true)
  view.setUint16(6, 0, true)
  view.setFloat64(8, first, true)
  view.setUint32(16, slab.count, true)
  view.setUint32(20, length, true)
  view.setUint32(28, 0, true)
  const sealed = bytes.subarray(0, length)
  view.setUint32(crcAt, checksum(sealed), true)
  return sealed
}

/**
 * Checks a batch kept under the offset `first`; `sealedFirst` differs where its writer could not
 * know that yet. Throws Corrupt that names the offset, OperatorError for the batch of a later
 * release.
 */
export function openBatch(bytes: Buffer, first: number, sealedFirst = first): Batch {
  const view = viewOf(bytes)
  const broken = (what: string): never => {
    throw new Corrupt(`log offset ${first}`, `a batch of the log does not read back: ${what}`)
  }
  if (bytes.length < batchHeaderBytes) broken(`${bytes.length} bytes are too few`)
  if (view.getUint32(0, true) !== magic) broken('it does not begin as a batch')
  if (view.getUint32(20, true) !== bytes.length) broken('its length is not what was written')
  if (view.getUint32(crcAt, true) !== checksum(bytes)) broken('its checksum is wrong')
  // After the checksum: a damaged number must not pass for a later format.
  if (view.getUint16(4, true) !== version)
    throw new OperatorError(
      `the log was written by a newer release (format ${view.getUint16(4, true)} at ${first})`,
      'start that release again, or restore the backup made before the upgrade',
    )
  if (view.getFloat64(8, true) !== sealedFirst) broken(`it belongs to ${view.getFloat64(8, true)}`)
  return { bytes, view, first, count: view.getUint32(16, true) }
}

export const batchStart = (): BatchPlace => ({ index: 0, at: batchHeaderBytes })

/** Decodes the envelope at the place and moves on. Its body is a view of the batch. */
export function readEntry(batch: Batch, place: BatchPlace): LoggedEnvelope {
  const { bytes, view } = batch
  const { at } = place
  const tenantAt = at + entryHeaderBytes
  const sourceAt = tenantAt + view.getUint16(at + 6, true)
  const topicAt = sourceAt + view.getUint16(at + 8, true)
  const bodyAt = topicAt + view.getUint16(at + 10, true)
  const end = bodyAt + view.getUint32(at, true)
  const kind = kinds[view.getUint8(at + 4)]
  const offset = batch.first + place.index
  // The checksum was right, so this was written by a newer version or by a bug: not to be guessed
  // at.
  if (kind === undefined || end > bytes.length)
    throw new Corrupt(`log offset ${offset}`, 'an envelope of the log is of an unknown form')
  place.index++
  place.at = end
  const recordTime = view.getFloat64(at + 12, true)
  const body = bytes.subarray(bodyAt, end)
  if (view.getUint8(at + 5) === 1) {
    const { tenant, source, topic } = namesAt(bytes, { tenantAt, sourceAt, topicAt, bodyAt })
    return { offset, kind, tenant, source, topic, recordTime, body }
  }
  const tenant = bytes.toString('utf8', tenantAt, sourceAt)
  const source = bytes.toString('utf8', sourceAt, topicAt)
  const topic = bytes.toString('utf8', topicAt, bodyAt)
  return { offset, kind, tenant, source, topic, recordTime, body }
}

interface NamesPlace {
  tenantAt: number
  sourceAt: number
  topicAt: number
  bodyAt: number
}

/** The names of an envelope, and the ASCII bytes that they are. */
interface Names {
  bytes: Buffer
  tenant: string
  source: string
  topic: string
}

/**
 * A device sends under the same names all its life: the text is made once, which costs less than
 * making it and throwing it away, and whoever looks names up finds their hash ready. A place holds
 * the names that came last of those that share it.
 */
function namesAt(bytes: Buffer, { tenantAt, sourceAt, topicAt, bodyAt }: NamesPlace): Names {
  let hash = (sourceAt - tenantAt) * 31 + (topicAt - sourceAt)
  for (let at = tenantAt; at < bodyAt; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  const place = (hash ^ (hash >>> 15)) & (namesMax - 1)
  const known = names[place]
  const tenantLength = sourceAt - tenantAt
  const sourceLength = topicAt - sourceAt
  if (
    known !== undefined &&
    known.tenant.length === tenantLength &&
    known.source.length === sourceLength &&
    isAt(known.bytes, bytes, tenantAt) &&
    known.bytes.length === bodyAt - tenantAt
  )
    return known
  const text = bytes.toString('latin1', tenantAt, bodyAt)
  const made = {
    bytes: Buffer.from(bytes.subarray(tenantAt, bodyAt)),
    tenant: text.slice(0, tenantLength),
    source: text.slice(tenantLength, tenantLength + sourceLength),
    topic: text.slice(tenantLength + sourceLength),
  }
  // One long topic after the other must not be held.
  if (made.bytes.length <= namesBytesMax) names[place] = made
  return made
}

/** Some 300 bytes each: about 2 MB when all are taken. */
const namesMax = 8192
const namesBytesMax = 256
const names = new Array<Names | undefined>(namesMax).fill(undefined)

function isAt(wanted: Buffer, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false
  return true
}

/**
 * Returns where it ends. Topics are short and nearly always ASCII: a loop beats the native call.
 */
function writeString(bytes: Buffer, at: number, text: string): number {
  const { length } = text
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) {
      const written = bytes.write(text, at, 'utf8')
      if (written > stringBytesMax) throw new RangeError(`a name of ${written} bytes is too long`)
      return at + written
    }
    bytes[at + index] = code
  }
  if (length > stringBytesMax) throw new RangeError(`a name of ${length} bytes is too long`)
  return at + length
}

function checksum(batch: Buffer): number {
  const head = crc32(batch.subarray(0, crcAt))
  return crc32(batch.subarray(crcAt + 4), head)
}

const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
