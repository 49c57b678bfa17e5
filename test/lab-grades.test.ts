import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gradeLab, type LabCheck } from '../domain/lab/grades.ts'
import {
  joinParts,
  type LabPart,
  type LabRecord,
  type SeenConnect,
  type SeenPacket,
} from '../domain/lab/lab.ts'
import { sayFinding } from '../domain/lab/words.ts'

const minute = 60_000
const at0 = Date.UTC(2026, 5, 1)

/** A packet with one reading of a minute, sent when it was taken unless told otherwise. */
const packet = (index: number, change: Partial<SeenPacket> & { seq?: number } = {}): SeenPacket => {
  const { seq = null, ...rest } = change
  return {
    ...{ at: at0 + index * minute, over: 'mqtt', qos: 1, dup: false, outcome: 'kept' },
    entries: [{ time: at0 + index * minute, seq, values: [['temperature', 4]] }],
    refusals: [],
    ...rest,
  }
}
const minutes = (from: number, to: number): SeenPacket[] =>
  Array.from({ length: to - from }, (_, index) => packet(from + index))

const record = (change: Partial<LabRecord>): LabRecord => ({
  ...{ from: at0, to: at0 + 60 * minute, loggingIntervalMs: minute },
  ...{ connects: [], closes: [], packets: minutes(0, 60), happened: [] },
  ...change,
})

function grade(change: Partial<LabRecord>, check: LabCheck) {
  const graded = gradeLab(record(change)).checks.find((each) => each.check === check)!
  return {
    points: graded.points,
    found: Object.fromEntries(graded.findings.map(({ finding, values }) => [finding, values])),
  }
}

const cut = (from: number, to: number) => ({
  kind: 'disconnect' as const,
  ...{ from: at0 + from * minute, to: at0 + to * minute },
})
const tries = (...seconds: number[]): SeenConnect[] =>
  seconds.map((second, index) => ({
    ...{ at: at0 + second * 1000, clientId: 'one', clean: false },
    accepted: index === seconds.length - 1,
  }))

describe('the grades of a lab session', () => {
  it('judge nothing of a logger that was silent', () => {
    const { score, checks } = gradeLab(record({ packets: [] }))
    expect(score).toBeNull()
    expect(checks.every(({ points }) => points === null)).toBe(true)
  })

  it('give all to regular readings, and do not judge faults that did not happen', () => {
    const { score, checks } = gradeLab(record({}))
    expect(score).toBe(100)
    const open = checks.filter(({ points }) => points === null).map(({ check }) => check)
    expect(open).toEqual(['buffering', 'reconnect', 'resend', 'retry'])
  })

  it('tell refused form and wrong units apart, with the place of the first of each', () => {
    const refusals = [
      { code: 'reading/time-invalid', path: '/time', detail: 'no time' },
      { code: 'reading/unit-unknown', path: '/unit', detail: 'no unit' },
    ] as const
    const packets = [...minutes(0, 9), packet(9, { refusals, outcome: 'bad', entries: [] })]
    expect(grade({ packets }, 'schema')).toEqual({
      points: 13,
      found: {
        refused: { count: 1, code: 'reading/time-invalid', path: '/time', detail: 'no time' },
      },
    })
    expect(grade({ packets }, 'units').found).toMatchObject({
      refused: { code: 'reading/unit-unknown' },
    })
  })

  it('find irregular steps and holes, but do not blame for what a fault of ours did', () => {
    const late = minutes(0, 20).map((each, index) =>
      index % 2 ? packet(index, { entries: [entryAt(index * minute + 10_000)] }) : each,
    )
    expect(grade({ packets: late }, 'timing')).toMatchObject({
      points: 0,
      found: { irregular: { regular: 0, steps: 19, seconds: 60 } },
    })
    const holed = [...minutes(0, 10), ...minutes(20, 40)]
    expect(grade({ packets: holed }, 'timing').found).toHaveProperty('holes')
    const during = { packets: holed, happened: [cut(9, 20)] }
    expect(grade(during, 'timing')).toMatchObject({ points: 10 })
  })

  it('do not take a clock that is ahead, and allow a slow way', () => {
    const shifted = (ms: number) => ({
      packets: minutes(0, 10).map((each) => ({ ...each, at: each.at + ms })),
    })
    expect(grade(shifted(-180_000), 'clock')).toEqual({
      points: 0,
      found: { ahead: { seconds: 180 } },
    })
    expect(grade(shifted(60_000), 'clock')).toMatchObject({ points: 10 })
    expect(grade(shifted(20 * minute), 'clock')).toMatchObject({ points: 0 })
  })

  it('count readings that never came after an outage, one by one', () => {
    const packets = [...minutes(0, 10), packet(12), ...minutes(20, 40)]
    expect(grade({ packets, happened: [cut(9.5, 19.5)] }, 'buffering')).toEqual({
      points: 2,
      found: { lost: { missing: 9, expected: 10 } },
    })
    const buffered = [...minutes(0, 10), packet(20, { entries: entriesOf(10, 20) }), packet(20)]
    const whole = { packets: [...buffered, ...minutes(21, 40)], happened: [cut(9.5, 19.5)] }
    expect(grade(whole, 'buffering')).toMatchObject({ points: 20 })
    expect(grade(whole, 'order')).toMatchObject({ points: 5 })
    const backwards = [...minutes(0, 10), packet(20), packet(20, { entries: entriesOf(10, 20) })]
    expect(grade({ packets: backwards }, 'order').found).toHaveProperty('out-of-order')
  })

  it('allow a packet to come again whose acknowledgement may have been lost, and no other', () => {
    const again = packet(5, { at: at0 + 5 * minute + 8000 })
    const packets = [...minutes(0, 6), again, ...minutes(6, 10)]
    expect(grade({ packets }, 'duplicates').found).toEqual({ needless: { count: 1 } })
    const closes = [at0 + 5 * minute + 100]
    expect(grade({ packets, closes }, 'duplicates')).toMatchObject({ points: 10 })
    const refused = packets.map((each, index) =>
      index === 5 ? { ...each, outcome: 'refused' as const } : each,
    )
    expect(grade({ packets: refused }, 'duplicates')).toMatchObject({ points: 10 })
  })

  it('give nothing where a reading comes again with another number or value', () => {
    const packets = [packet(0, { seq: 1 }), packet(0, { seq: 2 }), ...minutes(1, 20)]
    expect(grade({ packets }, 'duplicates')).toEqual({
      points: 0,
      found: { renumbered: { count: 1 } },
    })
    const other = packet(3, { entries: [{ ...entryAt(3 * minute), values: [['temperature', 9]] }] })
    expect(grade({ packets: [...minutes(0, 20), other] }, 'duplicates').found).toHaveProperty(
      'rewritten',
    )
    // Another channel of the same time is another reading.
    const humid = packet(3, { entries: [{ ...entryAt(3 * minute), values: [['humidity', 50]] }] })
    expect(grade({ packets: [...minutes(0, 20), humid] }, 'duplicates')).toMatchObject({
      points: 10,
    })
  })

  it('want waits that grow and differ, one client id, and no hammering', () => {
    const good = { connects: tries(605, 616, 637, 680), happened: [cut(10, 11)] }
    expect(grade(good, 'reconnect')).toMatchObject({ points: 10, found: { back: {} } })
    const steady = { connects: tries(605, 610, 615, 620, 625), happened: [cut(10, 10.4)] }
    expect(grade(steady, 'reconnect').found).toHaveProperty('no-backoff')
    const hasty = { connects: tries(600.1, 600.2), happened: [cut(10, 10)] }
    expect(grade(hasty, 'reconnect').found).toEqual({ hammers: { seconds: 0.1 } })
    const twice = {
      connects: [...tries(605), ...tries(1205)],
      happened: [cut(10, 10), cut(20, 20)],
    }
    expect(grade(twice, 'reconnect').found).toEqual({ 'no-jitter': { count: 2 } })
    expect(grade({ happened: [cut(10, 11)] }, 'reconnect')).toEqual({
      points: 0,
      found: { 'not-back': { count: 1 } },
    })
    // Who speaks HTTP only has nothing to come back with.
    const http = minutes(0, 60).map((each) => ({ ...each, over: 'http' as const }))
    const spared = grade({ packets: http, happened: [cut(10, 11)] }, 'reconnect')
    expect(spared).toEqual({ points: null, found: { 'no-cut': {} } })
    // It has a minute: what ended before is not judged.
    const early = { happened: [cut(10, 59.5)] }
    expect(grade(early, 'reconnect').points).toBeNull()
  })

  it('want a packet without an acknowledgement again, with DUP', () => {
    const held = packet(5, { outcome: 'withheld' })
    const with1 = (later: SeenPacket[]) => ({
      packets: [...minutes(0, 5), held, ...later, ...minutes(6, 20)],
    })
    expect(grade(with1([]), 'resend').found).toEqual({ 'not-resent': { count: 1 } })
    expect(grade(with1([packet(5, { dup: true })]), 'resend')).toMatchObject({ points: 5 })
    expect(grade(with1([packet(5)]), 'resend')).toEqual({
      points: 2,
      found: { 'resent-without-dup': { count: 1 } },
    })
    const careless = { packets: minutes(0, 9).map((each) => ({ ...each, qos: 0 as const })) }
    expect(grade(careless, 'resend')).toEqual({ points: 0, found: { 'qos-0': {} } })
  })

  it('want Retry-After to be waited for, and what was refused to come again', () => {
    const http = { over: 'http' as const }
    const refused = packet(5, { ...http, outcome: 'refused' })
    const hasty = packet(6, { ...http, outcome: 'refused' })
    const happened = [{ kind: '429' as const, from: at0 + 5 * minute, to: at0 + 8 * minute }]
    const later = packet(8, { ...http, entries: entriesOf(5, 9) })
    const waited = [...minutes(0, 5), refused, later, ...minutes(9, 20)]
    expect(grade({ packets: waited, happened }, 'retry')).toEqual({
      points: 5,
      found: { retried: { faults: 1, readings: 1 } },
    })
    const forgot = [...minutes(0, 5), refused, hasty, ...minutes(8, 20)]
    expect(grade({ packets: forgot, happened }, 'retry')).toEqual({
      points: 0,
      found: { 'too-early': { count: 1, seconds: 120 }, 'not-retried': { count: 2 } },
    })
  })

  it('stay between none and all points, say a sentence for everything, whatever was seen', () => {
    fc.assert(
      fc.property(records, (seen) => {
        const { score, checks } = gradeLab(seen)
        if (score !== null) expect(score >= 0 && score <= 100).toBe(true)
        for (const { points, of, findings } of checks) {
          if (points !== null) expect(points >= 0 && points <= of).toBe(true)
          expect(findings.length).toBeGreaterThan(0)
          for (const each of findings)
            for (const language of ['en', 'de', 'fr', 'es'] as const)
              expect(sayFinding(each, language).detail).not.toMatch(/\{|NaN|undefined|Infinity/)
        }
      }),
    )
  })
})

function entryAt(ms: number): SeenPacket['entries'][number] {
  return { time: at0 + ms, seq: null, values: [['temperature', 4]] }
}
function entriesOf(from: number, to: number): SeenPacket['entries'] {
  return minutes(from, to).flatMap(({ entries }) => entries)
}

const moment = fc.integer({ min: at0, max: at0 + 60 * minute })
const seenPackets: fc.Arbitrary<SeenPacket> = fc.record({
  at: moment,
  over: fc.constantFrom('mqtt', 'http'),
  qos: fc.constantFrom(0, 1, 2),
  dup: fc.boolean(),
  outcome: fc.constantFrom('kept', 'withheld', 'refused', 'bad'),
  entries: fc.array(
    fc.record({
      time: moment,
      seq: fc.option(fc.nat(9)),
      values: fc.constant([['temperature', 4]] as const),
    }),
    { maxLength: 4 },
  ),
  refusals: fc.array(
    fc.record({
      code: fc.constantFrom('reading/unit-unknown', 'packet/json'),
      path: fc.constant('/0'),
      detail: fc.constant('a detail'),
    }),
    { maxLength: 2 },
  ),
})
const records: fc.Arbitrary<LabRecord> = fc.record({
  from: fc.constant(at0),
  to: fc.constant(at0 + 60 * minute),
  loggingIntervalMs: fc.option(fc.constantFrom(1000, minute), { nil: undefined }),
  connects: fc.array(
    fc.record({
      at: moment,
      clientId: fc.constantFrom('one', 'two'),
      clean: fc.boolean(),
      accepted: fc.boolean(),
    }),
    { maxLength: 9 },
  ),
  closes: fc.array(moment, { maxLength: 5 }),
  packets: fc.array(seenPackets, { maxLength: 20 }),
  happened: fc.array(
    fc
      .record({
        kind: fc.constantFrom('disconnect', 'withhold', '429', '503'),
        from: moment,
        forMs: fc.nat(20 * minute),
      })
      .map(({ kind, from, forMs }) => ({ kind, from, to: from + forMs })),
    { maxLength: 4 },
  ),
})

describe('what several processes saw of one logger', () => {
  it('is what one process would have seen, however it is divided', () => {
    const moments = fc.uniqueArray(fc.integer({ min: 0, max: 3600 }), { maxLength: 40 })
    const nodes = fc.infiniteStream(fc.integer({ min: 0, max: 2 }))
    fc.assert(
      fc.property(moments, nodes, (seconds, chosen) => {
        const ascending = seconds.toSorted((a, b) => a - b)
        const seen = ascending.map((second, index) => ({
          packet: packet(second / 60, { outcome: index % 7 === 3 ? 'withheld' : 'kept' }),
          connect: tries(second)[0]!,
          close: at0 + second * 1000,
        }))
        const parts = [0, 1, 2].map(() => ({ packets: [], connects: [], closes: [] }) as Writable)
        for (const each of seen) {
          const part = parts[chosen.next().value]!
          part.packets.push(each.packet)
          part.connects.push(each.connect)
          part.closes.push(each.close)
        }
        const { from, to, loggingIntervalMs } = record({})
        // Each process met the cut at its own tick.
        const happened = (late: number) => [
          { fault: 1, kind: 'disconnect' as const, from: at0 + late, to: at0 + 60_000 + late },
        ]
        const joined = joinParts(
          { from, to, loggingIntervalMs },
          parts.map((part, late) => ({ ...part, happened: happened(late) })),
        )
        expect(joined).toEqual({
          ...{ from, to, loggingIntervalMs },
          packets: seen.map((each) => each.packet),
          connects: seen.map((each) => each.connect),
          closes: seen.map((each) => each.close),
          happened: [{ kind: 'disconnect', from: at0, to: at0 + 60_002 }],
        })
      }),
    )
  })
})

type Writable = {
  -readonly [K in 'packets' | 'connects' | 'closes']: LabPart[K][number][]
}
