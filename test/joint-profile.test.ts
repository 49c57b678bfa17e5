// Loggers in one vehicle that should feel the same, and the arithmetic of comparing them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellsOf, changesOf, stepOf, stirsOf } from '../analytics/joint/cells.ts'
import { profileDecorrelation } from '../analytics/joint/profile.ts'
import { aheadOf } from '../analytics/joint/vehicle.ts'
import { weigh } from '../domain/case.ts'
import {
  type Clue,
  cluesOf,
  type Finding,
  type LoggerBeside,
  runDetector,
  type Shipment,
} from '../domain/suspicion.ts'
import { createRandom } from '../simulators/random.ts'
import { fixAt, hourMs, minuteMs, shipmentOf, since } from './tracks.ts'

const hours = 14
/** Doors at these hours, for ten minutes: the air warms by some kelvins and cools again. */
const doors = [1, 6, 7, 11.5]
const felt = (time: number): number =>
  doors.reduce((sum, door) => {
    const age = (time - since) / hourMs - door
    return age < 0 ? sum : sum + 4 * Math.min(1, age * 6) * Math.exp(-age * 3)
  }, 0)

interface Logger {
  noiseC?: number
  biasC?: number
  phaseMs?: number
  everyMs?: number
  /** When it is somewhere calm, hours since the start. */
  calm?: readonly [number, number]
  /** What it feels instead. */
  own?: (time: number) => number
  /** How far its vehicle is from the others, degrees. */
  aside?: number
}

/** A logger on its way, in tenths, as it says it. */
function said(seed: number, of: Logger = {}) {
  const { noiseC = 0.05, biasC = 0, phaseMs = 0, everyMs = 5 * minuteMs, aside = 0 } = of
  const { calm = [0, 0], own = felt } = of
  const random = createRandom(seed)
  const temperatures: { time: number; value: number }[] = []
  const fixes: { time: number; spot: { lat: number; lon: number; radiusM: number } }[] = []
  for (let time = since + phaseMs; time < since + hours * hourMs; time += everyMs) {
    const hour = (time - since) / hourMs
    const isCalm = hour >= calm[0] && hour < calm[1]
    const truth = 5 + biasC + (isCalm ? 0.6 : own(time))
    temperatures.push({ time, value: Math.round(10 * (truth + noiseC * random.normal())) / 10 })
    fixes.push({ time, spot: { lat: 48 + aside, lon: 10 + hour * 0.5, radiusM: 15 } })
  }
  return { temperatures, fixes }
}

const beside = (device: string, heard: ReturnType<typeof said>): LoggerBeside => ({
  ...{ device, container: `of ${device}`, from: since, to: Infinity, ...heard },
})

function findingsOf(
  own: ReturnType<typeof said>,
  others: readonly ReturnType<typeof said>[],
): Finding[] {
  const shipment: Shipment = {
    ...shipmentOf(),
    beside: others.map((heard, n) => beside(`B${n}`, heard)),
  }
  const clues: Clue[] = [
    ...own.fixes.map((fix) => fixAt({ device: 'A', ...fix })),
    ...own.temperatures.map(({ time, value }) => ({
      ...{ kind: 'level' as const, id: `A/temperature/${time}`, device: 'A', time, value },
      channel: 'temperature',
    })),
  ]
  return runDetector(profileDecorrelation, shipment, cluesOf(clues, since + 99 * hourMs)).findings
}

const peers = [
  said(1, { biasC: 0.2, phaseMs: 2 * minuteMs }),
  said(2, { biasC: -0.2, noiseC: 0.08, phaseMs: 4 * minuteMs }),
]

describe('loggers beside each other', () => {
  it('that feel the same doors are in order, whatever their bias, noise, phase and interval', () => {
    const seeds = fc.integer({ min: 1, max: 1e6 })
    const loggers = fc.record({
      ...{ biasC: fc.double({ min: -0.3, max: 0.3, noNaN: true }) },
      ...{ noiseC: fc.double({ min: 0.02, max: 0.1, noNaN: true }) },
      phaseMs: fc.integer({ min: 0, max: 299 }).map((seconds) => seconds * 1000),
      everyMs: fc.constantFrom(2, 5, 10).map((minutes) => minutes * minuteMs),
    })
    fc.assert(
      fc.property(seeds, loggers, (seed, logger) => {
        expect(findingsOf(said(seed, logger), peers)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('are a case when one felt the doors before, and then nothing while the others did', () => {
    const found = findingsOf(said(3, { calm: [2, 11] }), peers)
    expect(found).toMatchObject([{ detector: 'profile-decorrelation', device: 'A', witnesses: 2 }])
    expect(found[0]!.facts).toMatchObject({ beside: ['B0', 'B1'] })
    expect(found[0]!.from).toBeGreaterThan(since + 1.5 * hourMs)
    expect(found[0]!.to).toBeLessThan(since + 12 * hourMs)
    expect(weigh(found, {})[0]!.opens).toBe(true)
  })

  it('are no case when one never felt anything: it may sit in the middle of its goods', () => {
    const found = findingsOf(said(4, { own: () => 0.3 }), peers)
    expect(found).toHaveLength(1)
    expect(weigh(found, {})[0]!.opens).toBe(false)
  })

  it('say nothing when nothing stirs, one of two is odd, or they are not in one vehicle', () => {
    const still = (seed: number) => said(seed, { own: () => 0.3 })
    expect(findingsOf(still(5), [still(6), still(7)])).toEqual([])
    expect(findingsOf(said(8, { calm: [2, 11] }), peers.slice(0, 1))).toEqual([])
    const others = [9, 10].map((seed) => said(seed, { aside: 0.2 }))
    expect(findingsOf(said(11, { calm: [2, 11] }), others)).toEqual([])
  })

  it('say nothing of each other without positions, unless they are packed together', () => {
    const blind = { ...said(12, { calm: [2, 11] }), fixes: [] }
    expect(findingsOf(blind, peers)).toEqual([])
  })

  it('say nothing when the clock of one is off by hours', () => {
    for (const off of [-7, -3, 3, 8, 24]) {
      const own = said(13)
      const temperatures = own.temperatures.map(({ time, value }) => ({
        ...{ time: time + off * hourMs, value },
      }))
      expect(findingsOf({ ...own, temperatures }, peers), `${off} h`).toEqual([])
    }
  })

  it('are compared by the place where they were, when the clock of one is wrong', () => {
    const late = (heard: ReturnType<typeof said>, ms: number) => ({
      temperatures: heard.temperatures.map((one) => ({ ...one, time: one.time + ms })),
      fixes: heard.fixes.map((one) => ({ ...one, time: one.time + ms })),
    })
    const offs = fc.integer({ min: 10, max: 60 }).map((tenths) => tenths * 6 * minuteMs)
    fc.assert(
      fc.property(offs, fc.boolean(), (ms, isBehind) => {
        const others = [peers[0]!, late(peers[1]!, isBehind ? -ms : ms)]
        expect(findingsOf(said(14), others)).toEqual([])
        expect(findingsOf(said(15, { calm: [2, 11] }), others)).toHaveLength(1)
      }),
      { numRuns: 12 },
    )
  })

  it('are a case also when no door opens, but nights and weather come through the walls', () => {
    const night = (time: number): number => 0.9 * Math.cos(((time - since) / hourMs / 9) * Math.PI)
    const both = [16, 17].map((seed) => said(seed, { own: night }))
    expect(findingsOf(said(18, { own: night, noiseC: 0.08 }), both)).toEqual([])
    const [found, ...others] = findingsOf(said(19, { own: night, calm: [6, 15] }), both)
    expect(others).toEqual([])
    expect(found!.from).toBeGreaterThan(since + 3 * hourMs)
  })

  it('find nothing in noise that has nothing to do with each other', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: 3, maxLength: 3 }),
        (s) => {
          const [own, ...others] = s.map((seed) => {
            const random = createRandom(seed)
            return said(seed, { own: () => 0.3 * random.normal() })
          })
          expect(findingsOf(own!, others)).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('two ways', () => {
  const { fixes } = said(20)
  const span = { from: since, to: since + hours * hourMs }
  const later = (ms: number) => fixes.map((fix) => ({ ...fix, time: fix.time + ms }))

  it('are one when both were at the same places by one clock, or by one that is hours off', () => {
    const own = { ...span, fixes }
    expect(aheadOf(own, own)).toBe(0)
    for (const off of [-5.2, -1, 2, 6.5])
      expect(aheadOf(own, { ...span, fixes: later(off * hourMs) })).toBeCloseTo(off * hourMs, -6)
  })

  it('are two when another vehicle was loaded and unloaded as much later, or went elsewhere', () => {
    const [from, to] = [span.from + hourMs, span.to + hourMs]
    expect(aheadOf({ ...span, fixes }, { from, to, fixes: later(hourMs) })).toBeUndefined()
    expect(aheadOf({ ...span, fixes }, { ...span, ...said(21, { aside: 0.2 }) })).toBeUndefined()
    expect(aheadOf({ ...span, fixes }, { ...span, fixes: [] })).toBeNull()
  })

  it('tell nothing of a clock while both stand', () => {
    const here = { lat: 48, lon: 10, radiusM: 15 }
    const standing = fixes.map(({ time }) => ({ time, spot: here }))
    const other = { ...span, fixes: later(20 * hourMs) }
    expect(aheadOf({ ...span, fixes: standing }, other)).toBeNull()
  })
})

describe('cells of time', () => {
  it('are means of what was read in and around them, and unknown where a clock tells two times', () => {
    const list = Array.from({ length: 60 }, (_, n) => ({ time: n * 5 * minuteMs, value: n % 2 }))
    const stepMs = stepOf([list])!
    expect(stepMs).toBe(10 * minuteMs)
    const { values } = cellsOf(list, { from: 0, to: 60 * 5 * minuteMs, stepMs })
    expect(values).toHaveLength(30)
    for (const value of values.subarray(1, -1)) expect(value).toBeCloseTo(0.5)
    const twice = [
      ...list,
      ...list.slice(20, 40).map(({ time, value }) => ({ time: time + 1, value })),
    ]
    const doubled = cellsOf(
      twice.sort((a, b) => a.time - b.time),
      { from: 0, to: 60 * 5 * minuteMs, stepMs },
    )
    expect(doubled.values[15]).toBeNaN()
    expect(doubled.values[3]).toBeCloseTo(0.5)
  })

  it('stir together only where all move the same way', () => {
    const cells = (values: number[]) => ({ from: 0, stepMs: 1, values: Float64Array.from(values) })
    const stirs = stirsOf([cells([0, 2, 3, 0, -1]), cells([0, 1, 4, 0, 1])], 0.5)
    expect(stirs).toEqual([{ first: 1, values: [1, 3] }])
    expect(changesOf(cells([1, 1])).values[0]).toBeNaN()
  })
})
