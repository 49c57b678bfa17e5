import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Corrupt } from '../domain/refusal.ts'
import {
  batchStart,
  clearSlab,
  createSlab,
  openBatch,
  readEntry,
  sealSlab,
  slabBytesFor,
  writeEntry,
} from '../store/envelope.ts'
import type { Envelope, LoggedEnvelope } from '../store/log.ts'
import { anyEnvelope, publish } from './contracts/log.ts'

const anyEnvelopes = fc.array(anyEnvelope, { minLength: 1, maxLength: 12 })
const anyOffset = fc.oneof(
  fc.nat(),
  fc.constantFrom(2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER - 20),
)

it('reads back every envelope as it was written', () => {
  fc.assert(
    fc.property(anyEnvelopes, anyOffset, (envelopes, first) => {
      const read = readBatch(seal(envelopes, first), first)
      expect(
        read.map(({ body, ...rest }) => ({ ...rest, body: [...body.subarray(0, 400)] })),
      ).toEqual(
        envelopes.map(({ body, ...rest }, index) => ({
          ...rest,
          offset: first + index,
          body: [...body.subarray(0, 400)],
        })),
      )
      for (const [index, { body }] of read.entries())
        expect(Buffer.compare(body, envelopes[index]!.body)).toBe(0)
    }),
    { numRuns: 60 },
  )
})

it('notices a single flipped bit anywhere, and names the offset', () => {
  const sealed = seal(
    [publish(), publish({ topic: 'größe' }), publish({ body: Buffer.alloc(0) })],
    12,
  )
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const damaged = Buffer.from(sealed)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => openBatch(damaged, 12), `bit ${bit}`).toThrow(Corrupt)
  }
  expect(() => openBatch(Buffer.alloc(sealed.length), 12)).toThrow(/log offset 12/)
})

it('notices a batch that was cut short, grew, or stands in the place of another', () => {
  const sealed = seal([publish(), publish()], 12)
  for (let length = 0; length < sealed.length; length++)
    expect(() => openBatch(sealed.subarray(0, length), 12)).toThrow(Corrupt)
  expect(() => openBatch(Buffer.concat([sealed, Buffer.alloc(1)]), 12)).toThrow(Corrupt)
  expect(() => openBatch(sealed, 13)).toThrow(/belongs to 12/)
})

it('refuses an envelope that may not fit, and leaves the slab as it was', () => {
  const envelope = publish()
  const slab = createSlab(slabBytesFor(envelope))
  expect(writeEntry(slab, envelope)).toBe(true)
  expect(writeEntry(slab, publish({ body: Buffer.alloc(1000) }))).toBe(false)
  expect(readBatch(sealSlab(slab, 0), 0)).toHaveLength(1)
})

it('keeps nothing of the batch before when a slab is used again', () => {
  const slab = createSlab(10_000)
  writeEntry(slab, publish({ body: Buffer.alloc(5000, 1) }))
  clearSlab(slab)
  writeEntry(slab, publish({ topic: 'second' }))
  expect(readBatch(sealSlab(slab, 1), 1).map((envelope) => envelope.topic)).toEqual(['second'])
})

it('takes a topic as long as MQTT allows and refuses a longer one', () => {
  const topic = 'é'.repeat(32_767)
  expect(readBatch(seal([publish({ topic })], 0), 0)[0]!.topic).toBe(topic)
  expect(() => seal([publish({ topic: `${topic}é` })], 0)).toThrow(RangeError)
})

it('still reads a batch of the first format version', () => {
  // Written once and checked byte by byte against the head comment of store/envelope.ts.
  const hex =
    '3149534f01000000000000000000454002000000590000002eaca9f400000000' +
    '020000000001010001000300000080aa6db77942' +
    '7461612f627b7d' +
    '0200000003000100020005000000000000000000' +
    '74c3bc612fe29d845b5d'
  const written: Envelope[] = [
    {
      kind: 'publish',
      tenant: 't',
      source: 'a',
      topic: 'a/b',
      recordTime: Date.UTC(2026, 0, 1),
      body: Buffer.from('{}'),
    },
    {
      kind: 'readings',
      tenant: 't',
      source: 'ü',
      topic: 'a/❄',
      recordTime: 0,
      body: Buffer.from('[]'),
    },
  ]
  expect(seal(written, 42).toString('hex')).toBe(hex)
  expect(readBatch(Buffer.from(hex, 'hex'), 42)).toEqual(
    written.map((envelope, index) => ({ ...envelope, offset: 42 + index })),
  )
})

function seal(envelopes: Envelope[], first: number): Buffer {
  const bytes = envelopes.reduce((sum, envelope) => sum + slabBytesFor(envelope), 0)
  const slab = createSlab(bytes)
  for (const envelope of envelopes) expect(writeEntry(slab, envelope)).toBe(true)
  return sealSlab(slab, first)
}

function readBatch(bytes: Buffer, first: number): LoggedEnvelope[] {
  const batch = openBatch(bytes, first)
  const place = batchStart()
  const envelopes: LoggedEnvelope[] = []
  while (place.index < batch.count) envelopes.push(readEntry(batch, place))
  return envelopes
}
