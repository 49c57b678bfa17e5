import { expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { decodePublish } from '../ingest/decode/decode.ts'
import { decodeOnce } from '../ingest/decode/once.ts'
import type { LoggedEnvelope } from '../store/log.ts'

const context = { device: () => ({}) }
const now = Date.UTC(2026, 0, 1)

const envelopeAt = (offset: number, body: unknown = { time: now + offset, temperature: 5 }) =>
  ({
    ...{ offset, kind: 'publish', tenant: 'default', source: 'logger', recordTime: now },
    topic: 'v1/default/logger/readings',
    body: Buffer.from(JSON.stringify(body)),
  }) satisfies LoggedEnvelope

it('gives both followers the same readings, however far one lags behind', () => {
  const decode = decodeOnce(context)
  const lag = bounds.decodedKeptMax + 10
  for (let offset = 0; offset < 2 * lag; offset++) {
    const expected = decodePublish(envelopeAt(offset), context)
    expect(decode(envelopeAt(offset))).toEqual(expected)
    if (offset < lag) continue
    const late = envelopeAt(offset - lag)
    expect(decode(late)).toEqual(decodePublish(late, context))
  }
})

it('decodes once for two, and anew for a third', () => {
  const decode = decodeOnce(context)
  const first = decode(envelopeAt(7))
  expect(decode(envelopeAt(7))).toBe(first)
  expect(decode(envelopeAt(7))).not.toBe(first)
})

it('keeps no large packets and none with refusals', () => {
  const decode = decodeOnce(context)
  const count = bounds.decodedReadingsMax + 1
  const many = Array.from({ length: count }, (_, i) => ({ time: now + i, temperature: 5 }))
  for (const body of [many, { temperature: 5 }]) {
    const first = decode(envelopeAt(1, body))
    expect(decode(envelopeAt(1, body))).not.toBe(first)
    expect(decode(envelopeAt(1, body))).toEqual(first)
  }
})
