import { headers } from '@nats-io/transport-node'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  batchCountMax,
  capturesId,
  formatId,
  idHeader,
  offsetOf,
  type PartOf,
  parsePart,
  partHeader,
  sequenceOf,
  tokenOf,
} from '../store/nats/format.ts'

const place = fc.record({
  sequence: fc.nat(2 ** 37 - 1),
  id: fc.nat(capturesId),
  index: fc.nat(batchCountMax - 1),
})

const text = fc.string({
  unit: fc.constantFrom('a', '=', '2', 'e', '.', '*', 'é', '❄'),
  maxLength: 8,
})

it('an offset is of one envelope only, and says where its batch is', () => {
  fc.assert(
    fc.property(place, place, (one, other) => {
      const offset = offsetOf(one.sequence, one.id, one.index)
      expect(Number.isSafeInteger(offset)).toBe(true)
      expect(sequenceOf(offset)).toBe(one.sequence)
      const same = offset === offsetOf(other.sequence, other.id, other.index)
      expect(same).toBe(JSON.stringify(one) === JSON.stringify(other))
    }),
  )
})

it('offsets ascend along a partition', () => {
  fc.assert(
    fc.property(place, fc.nat(1000), (at, more) => {
      const offset = offsetOf(at.sequence, at.id, at.index)
      expect(offsetOf(at.sequence + 1 + more, at.id)).toBeGreaterThan(offset)
    }),
  )
})

it('any two texts are different tokens, and every token may stand in a subject', () => {
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(tokenOf(one)).toMatch(/^[A-Za-z0-9_=-]+$/)
      expect(tokenOf(one) === tokenOf(other)).toBe(one === other)
    }),
  )
  for (const text of ['', '=', '==', '.', '*', '>', 'detect/3', '=2f=']) {
    expect(tokenOf(text)).toMatch(/^[A-Za-z0-9_=-]+$/)
    expect(tokenOf(`${text}x`)).not.toBe(tokenOf(text))
  }
})

it('a message says which part of which batch it is', () => {
  const part: PartOf = { writer: 'host-1-ab', number: 7, attempt: 2, part: 1, parts: 3 }
  const head = headers()
  head.set(idHeader, formatId(part))
  head.set(partHeader, '1/3')
  expect(parsePart(head)).toEqual(part)
  expect(parsePart(headers())).toBeUndefined()
  expect(parsePart(undefined)).toBeUndefined()
})
