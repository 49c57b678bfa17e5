import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channels } from '../domain/reading.ts'
import { decodeReadings, parseReadings } from '../ingest/readings-json.ts'
import { readUsual } from '../ingest/readings-usual.ts'

const recordTime = Date.UTC(2026, 2, 1, 12)
const declared = { co2: { unit: 'ppm', min: 0, max: 1e6 } }

/** What the general way says of the same bytes. */
function inGeneral(body: Uint8Array) {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
  return parseReadings(value, { recordTime, channels: declared })
}

const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...Object.keys(channels)) },
  { weight: 1, arbitrary: fc.constantFrom('seq', 'unit', 'co2', 'temperature.2', 'tim', 'doom') },
)
const decimals = fc.tuple(fc.integer({ min: -300, max: 1000 }), fc.stringMatching(/^\d{1,16}$/))
const oddNumber = fc.oneof(
  fc.double({ noNaN: true }).map(String),
  decimals.map((parts) => parts.join('.')),
  fc.constantFrom('-0', '-0.0', '05', '5.', '.5', '1e1', '2E-1', '-', '+1', '1.5.5', 'true', 'NaN'),
  fc.constantFrom('null', '"4"', '[]', '{}', '999999999999999', '9999999999999999', ''),
)
const number = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('0', '1') },
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 9999 }).map((n) => String(n / 100)) },
  { weight: 1, arbitrary: oddNumber },
)
const near = fc.integer({ min: -1_000_000, max: 3 * 86_400_000 }).map((ms) => recordTime + ms)
const oddTime = fc.constantFrom(
  ...['"2026-03-01T12:00:00+01:00"', '"2026-03-01 12:00"', '"\\u0032026"', '1772366400.7'],
  ...['1772366400', 'null', '"', '"2026-03-01T12:00:00Zä"', '-1', '1772366400000.7', 'true'],
)
const time = fc.oneof(
  { weight: 3, arbitrary: near.map(String) },
  { weight: 3, arbitrary: near.map((ms) => JSON.stringify(new Date(ms))) },
  { weight: 1, arbitrary: oddTime },
)
const space = fc.constantFrom('', '', '', ' ', '\n\t', '\r ')
const body = fc
  .record({
    members: fc.array(fc.tuple(name, number), { maxLength: 5 }),
    time: fc.option(time),
    at: fc.nat(5),
    gaps: fc.array(space, { minLength: 12, maxLength: 12 }),
    tail: fc.constantFrom('', '', '', '', '', '          ', ',', '}', ']', '\0', 'ä'),
  })
  .map(({ members, time: when, at, gaps, tail }) => {
    const written = members.map(([key, value]) => [JSON.stringify(key), value])
    if (when !== null) written.splice(at, 0, ['"time"', when])
    const gap = (i: number): string => gaps[i % gaps.length]!
    const inside = written.map(
      ([key, value], i) => `${gap(i)}${key}${gap(i + 1)}:${gap(i + 2)}${value}`,
    )
    return Buffer.from(`${gap(3)}{${inside.join(`${gap(4)},`)}${gap(5)}}${tail}`)
  })

describe('the usual packet is read in a shorter way', () => {
  it('that gives what the general way gives, or nothing', () => {
    let read = 0
    fc.assert(
      fc.property(body, (bytes) => {
        const readings = readUsual(bytes, recordTime)
        const general = inGeneral(bytes)
        if (readings === undefined) return
        read++
        expect(general).toEqual({ readings, refusals: [] })
        for (const [i, { value }] of readings.entries())
          expect(Object.is(value, general!.readings[i]!.value)).toBe(true)
      }),
      { numRuns: 20_000 },
    )
    expect(read).toBeGreaterThan(500)
  })

  it('and every fault of a packet is told by the general way as before', () => {
    fc.assert(
      fc.property(body, (bytes) => {
        const general = inGeneral(bytes)
        if (general === undefined) return
        expect(decodeReadings(bytes, { recordTime, channels: declared })).toEqual(general)
      }),
      { numRuns: 5000 },
    )
  })

  it('takes what devices send, with the time as a number or as RFC 3339, in any order', () => {
    const readings = [
      { channel: 'temperature', time: recordTime, value: -18.25 },
      { channel: 'door', time: recordTime, value: 0 },
    ]
    for (const text of [
      `{"time":${recordTime},"temperature":-18.25,"door":0}`,
      ` { "seq": 17, "temperature" : -18.250 ,"door":-0, "time":"2026-03-01T13:00:00+01:00" }\r\n`,
    ])
      expect(readUsual(Buffer.from(text), recordTime)).toEqual(readings)
  })

  it('leaves everything else alone', () => {
    const time = `"time":${recordTime}`
    for (const text of [
      `[{${time},"temperature":4}]`,
      `{${time},"temperature":4,"temperature":5}`,
      `{${time},"temperature":4,"unit":"F"}`,
      `{${time},"temperature.2":4}`,
      `{${time},"door":true}`,
      `{${time},"temperature":1e1}`,
      `{${time},"temperature":1001}`,
      `{${time}}`,
      `{"temperature":4}`,
      `\uFEFF{${time},"temperature":4}`,
      '',
    ])
      expect(readUsual(Buffer.from(text), recordTime)).toBeUndefined()
  })
})
