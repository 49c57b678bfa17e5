import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { decodeReadings, parseReadings } from '../ingest/readings-json.ts'

const recordTime = Date.UTC(2026, 2, 1, 12)
const time = '2026-03-01T11:59:00Z'
const at = Date.UTC(2026, 2, 1, 11, 59)
const parse = (value: unknown) => parseReadings(value, { recordTime })
const decode = (text: string) => decodeReadings(Buffer.from(text), { recordTime })
const codes = (value: unknown) => parse(value).refusals.map((r) => `${r.code} ${r.path}`)

describe('good readings JSON', () => {
  it('gives one reading per channel of an object', () => {
    const all = {
      temperature: 4.2,
      humidity: 55,
      light: 12,
      shock: 0.1,
      door: 0,
      battery: 87,
      pressure: 1013.2,
      lat: -10.9,
      lon: -37.1,
      accuracy: 8,
    }
    const { readings, refusals } = parse({ time, seq: 7, ...all })
    expect(refusals).toEqual([])
    expect(readings).toEqual(
      Object.entries(all).map(([channel, value]) => ({ channel, time: at, value })),
    )
  })

  it('takes times as RFC 3339 with any offset and as epoch ms', () => {
    const times = [time, '2026-03-01T12:59:00+01:00', at, at + 0.9]
    expect(parse(times.map((t) => ({ time: t, humidity: 1 }))).readings.map((r) => r.time)).toEqual(
      [at, at, at, at],
    )
  })

  it('keeps temperatures in °C, from °F and K too, on every probe', () => {
    expect(parse({ time, unit: 'F', temperature: 50, 'temperature.2': 32 }).readings).toEqual([
      { channel: 'temperature', time: at, value: 10 },
      { channel: 'temperature.2', time: at, value: 0 },
    ])
    expect(parse({ time, unit: 'K', temperature: 278.15, humidity: 40 }).readings).toEqual([
      { channel: 'temperature', time: at, value: 5 },
      { channel: 'humidity', time: at, value: 40 },
    ])
  })

  it('takes a door as 0, 1, true or false', () => {
    const values = [0, 1, true, false].map((door) => parse({ time, door }).readings[0]!.value)
    expect(values).toEqual([0, 1, 1, 0])
  })

  it('takes the channels that the device declared', () => {
    const channels = { voltage: { unit: 'V', min: 0, max: 5 } }
    const result = parseReadings({ time, voltage: 3.3, 'voltage.2': 9 }, { recordTime, channels })
    expect(result.readings).toEqual([{ channel: 'voltage', time: at, value: 3.3 }])
    expect(result.refusals.map((r) => r.code)).toEqual(['reading/out-of-physics'])
  })

  it('knows no negative zero, so that a replay compares equal', () => {
    expect(Object.is(decode(`{"time":${at},"temperature":-0}`).readings[0]!.value, 0)).toBe(true)
  })
})

describe('bad fields cost only themselves', () => {
  it.each([
    [{ temperature: 1 }, ['reading/time-missing ']],
    [{ time: null, temperature: 1 }, ['reading/time-invalid /time']],
    [{ time: '2026-03-01T12:00:00', temperature: 1 }, ['reading/time-invalid /time']],
    [{ time: '1970-01-01T00:00:00Z', temperature: 1 }, ['reading/time-before-2000 /time']],
    [{ time: '2038-01-19T03:14:08Z', temperature: 1 }, ['reading/time-in-future /time']],
    [{ time: 1e300, temperature: 1 }, ['reading/time-invalid /time']],
    [{ time, unit: 'R', temperature: 1 }, ['reading/unit-unknown /unit']],
    [{ time, temperature: '1' }, ['reading/value-invalid /temperature']],
    [{ time, temperature: null }, ['reading/value-invalid /temperature']],
    [{ time, temperature: true }, ['reading/value-invalid /temperature']],
    [{ time, temperature: [1] }, ['reading/value-invalid /temperature']],
    [{ time, door: 0.5 }, ['reading/value-invalid /door']],
    [{ time, seq: '1' }, ['reading/value-invalid /seq']],
    [{ time, temperature: -274 }, ['reading/out-of-physics /temperature']],
    [{ time, humidity: 101 }, ['reading/out-of-physics /humidity']],
    [{ time, 'a/b~': 1 }, ['reading/channel-unknown /a~1b~0']],
    [{ time, 'temperature.0': 1 }, ['reading/channel-unknown /temperature.0']],
    [{ time, constructor: 1 }, ['reading/channel-unknown /constructor']],
    [{ time }, ['reading/empty ']],
    [{ time, seq: 4 }, ['reading/empty ']],
    [[], ['reading/empty ']],
    [4, ['reading/shape ']],
    [null, ['reading/shape ']],
    [[[]], ['reading/shape /0']],
  ])('refuses %j with %j', (value, expected) => {
    expect(codes(value)).toEqual(expected)
    expect(parse(value).readings).toEqual([])
  })

  it('keeps the good fields and the good objects around bad ones', () => {
    const { readings, refusals } = parse([
      { time, temperature: 4 },
      { time: 'noon', temperature: 5 },
      { time, temperature: 'warm', humidity: 50, colour: 1 },
      'noise',
      { time, unit: 'x', temperature: 6, battery: 50 },
    ])
    expect(readings.map((r) => [r.channel, r.value])).toEqual([
      ['temperature', 4],
      ['humidity', 50],
      ['battery', 50],
    ])
    expect(refusals.map((r) => r.path)).toEqual([
      '/1/time',
      '/2/temperature',
      '/2/colour',
      '/3',
      '/4/unit',
    ])
  })

  it('tells a sender of epoch seconds what is wanted', () => {
    expect(parse({ time: at / 1000, temperature: 1 }).refusals[0]!.detail).toMatch(/epoch ms/)
  })

  it('takes a number too large for a double as no value', () => {
    expect(decode(`{"time":${at},"temperature":1e999}`).refusals[0]).toMatchObject({
      code: 'reading/value-invalid',
      path: '/temperature',
    })
  })
})

describe('hostile bodies', () => {
  it('takes __proto__ for a channel that does not exist', () => {
    const { readings, refusals } = decode(
      `{"time":${at},"__proto__":{"temperature":4},"humidity":5}`,
    )
    expect(readings).toEqual([{ channel: 'humidity', time: at, value: 5 }])
    expect(refusals.map((r) => r.path)).toEqual(['/__proto__'])
    expect(({} as Record<string, unknown>).temperature).toBeUndefined()
  })

  it('stays on its feet when nesting is deep or a name is a megabyte long', () => {
    const deep = '['.repeat(300_000)
    expect(decode(deep).refusals[0]).toMatchObject({ code: 'packet/json', at: 300_000 })
    expect(decode(deep + ']'.repeat(300_000)).refusals[0]!.code).toBe('reading/shape')
    const long = `{"time":${at},"${'a.1'.repeat(300_000)}":1}`
    expect(decode(long).refusals[0]!.code).toBe('reading/channel-unknown')
  })

  it.each([
    ['nested a million deep', '['.repeat(1_000_000)],
    ['of a million elements', `[${'1,'.repeat(1_000_000)}1]`],
    ['of half a million fields', `{${'"a":1,'.repeat(500_000)}"b":1}`],
  ])('does not even parse a body %s', (_, text) => {
    expect(decode(text).refusals.map((r) => r.code)).toEqual(['packet/too-many-readings'])
  })

  it('names the place where a text stops being JSON', () => {
    const places: [string, number][] = [
      ['', 0],
      ['  ', 2],
      ['{"time": 1,}', 11],
      ['{"time" 1}', 8],
      ['{"a":01}', 5],
      ['[1, 2', 5],
      ['[1 2]', 3],
      ['[1]]', 3],
      ['[1}', 2],
      ['{"a":NaN}', 5],
      ["{'a':1}", 1],
      ['{"a":"\\q"}', 5],
      ['{"a":"b', 7],
      ['{"a":tru', 5],
      ['[,1]', 1],
      ['{"a":1,,"b":2}', 7],
    ]
    for (const [text, position] of places) {
      const [refusal] = decode(text).refusals
      expect([text, refusal]).toEqual([
        text,
        expect.objectContaining({ code: 'packet/json', at: position }),
      ])
      expect(refusal!.detail).toContain(`position ${position}`)
    }
  })

  it('refuses bytes that are not UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from('{"time":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ])
    expect(decodeReadings(body, { recordTime }).refusals[0]!.code).toBe('packet/encoding')
  })

  it('refuses a packet of too many readings as a whole', () => {
    const value = Array.from({ length: bounds.readingsPerPacketMax + 1 }, () => ({
      time,
      light: 1,
    }))
    const { readings, refusals } = parse(value)
    expect(readings).toEqual([])
    expect(refusals.map((r) => r.code)).toEqual(['packet/too-many-readings'])
    expect(parse(value.slice(1)).readings.length).toBe(bounds.readingsPerPacketMax)
    const wide = value.slice(1).map(() => ({ time, light: 1, humidity: 1 }))
    expect(codes(wide)).toEqual(['packet/too-many-readings '])
  })

  it('takes the most readings a packet may have in their longest form', () => {
    const one = { time: '2026-03-01T12:59:00+01:00', seq: 1, unit: 'C', temperature: 4.5 }
    const many = Array.from({ length: bounds.readingsPerPacketMax }, () => one)
    const { readings, refusals } = decode(JSON.stringify(many))
    expect([readings.length, refusals]).toEqual([bounds.readingsPerPacketMax, []])
  })

  it('lists a bounded number of refusals', () => {
    const value = Array.from({ length: 5000 }, () => 1)
    const { refusals } = parse([...value, { time, humidity: 1 }])
    expect(refusals.length).toBe(bounds.refusalsPerInputMax + 1)
    expect(refusals.at(-1)!.detail).toMatch(/not listed/)
  })

  it('never throws, and says something about every body', () => {
    const good = `[{"time":"${time}","temperature":4.25,"unit":"C","door":true},{"time":${at},"humidity":5}]`
    const mutated = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.constantFrom(...'{}[]",:\\0-eE.tnu \u0000é')))
      .map((edits) => {
        const chars = [...good]
        for (const [place, char] of edits) chars[place] = char
        return Buffer.from(chars.join(''))
      })
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      mutated,
    )
    fc.assert(
      fc.property(bodies, (body) => {
        const { readings, refusals } = decodeReadings(body, { recordTime })
        expect(readings.length + refusals.length).toBeGreaterThan(0)
        for (const r of readings)
          expect(Number.isFinite(r.value) && Number.isInteger(r.time)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('finds a fault in a text exactly when JSON.parse does', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'{}[]",:1a\\ ') }),
      fc.json(),
      fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...'{}[]",:1')).map(([json, place, char]) => {
        const cut = place % (json.length + 1)
        return json.slice(0, cut) + char + json.slice(cut)
      }),
    )
    fc.assert(
      fc.property(text, (t) => {
        const refusal = decode(t).refusals.find((r) => r.code === 'packet/json')
        let valid = true
        try {
          JSON.parse(t)
        } catch {
          valid = false
        }
        expect(refusal === undefined).toBe(valid)
        // What stands before the fault was still the beginning of some JSON text.
        if (refusal) expect(refusal.at).toBeLessThanOrEqual(t.length)
      }),
      { numRuns: 3000 },
    )
  })
})
