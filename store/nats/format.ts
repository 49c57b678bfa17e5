// The form of the replicated log in JetStream: its names, its offsets, and the messages of a batch.
// Knows no connection.
//
//   stream `{prefix}-{id}`, subject `{prefix}.log.{id}`: the envelopes of partition `id`
//   message: one batch as in store/envelope.ts, sealed with 0 as its first offset, because only
//     the stream knows which sequence number it gets; with the header Nats-Msg-Id, by which the
//     stream recognizes it when it comes again
//   a batch that is larger than a message may be: consecutive messages with the header
//     Isotherm-Part `i/n`, each only accepted behind the one before. A run that is not followed by
//     its next part is nobody's: its writer begins again
//   offset: sequence number of the (first) message, then the partition, then the place in the batch
import type { MsgHdrs } from '@nats-io/transport-node'

/** The partition of captures; the others begin at 0. */
export const capturesId = 63
/** Envelopes in one batch: what an offset has room for. */
export const batchCountMax = 1024
export const partitionsMax = 32

const placesPerBatch = 2 ** 10
const placesPerSequence = 2 ** 16

/** Below 2^53 for the first 137 thousand million messages of a partition. */
export function offsetOf(sequence: number, id: number, place = 0): number {
  return sequence * placesPerSequence + id * placesPerBatch + place
}

export function sequenceOf(offset: number): number {
  return Math.floor(offset / placesPerSequence)
}

export const streamOf = (prefix: string, id: number): string => `${prefix}-${id}`
export const logSubject = (prefix: string, id: number | '*'): string => `${prefix}.log.${id}`
export const tickSubject = (prefix: string, id: number): string => `${prefix}.tick.${id}`

/** Any text as one token of a subject or a key of a bucket. */
export function tokenOf(text: string): string {
  const token = text.replace(
    /[^A-Za-z0-9_-]/g,
    (character) => `=${character.codePointAt(0)!.toString(16)}=`,
  )
  return token === '' ? '=' : token
}

/** Which part of which batch a message is. */
export interface PartOf {
  /** One process from its start to its end. */
  writer: string
  /** Ascending per writer and partition. */
  number: number
  /** How often its parts were begun anew. */
  attempt: number
  part: number
  parts: number
}

export const partHeader = 'Isotherm-Part'
export const idHeader = 'Nats-Msg-Id'

export function formatId({ writer, number, attempt, part }: PartOf): string {
  return `${writer}:${number}:${attempt}:${part}`
}

/** Undefined when it is not one of ours. */
export function parsePart(headers: MsgHdrs | undefined): PartOf | undefined {
  const id = headers?.get(idHeader).split(':') ?? []
  const [part, parts] = (headers?.get(partHeader) || '0/1').split('/').map(Number)
  if (id.length !== 4) return undefined
  const [writer, number, attempt] = id as [string, string, string]
  return { writer, number: Number(number), attempt: Number(attempt), part: part!, parts: parts! }
}

/** Whether both are parts of one run. */
export function sameRun(one: PartOf, other: PartOf): boolean {
  return one.writer === other.writer && one.number === other.number && one.attempt === other.attempt
}
