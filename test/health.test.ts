// Sensors that are in order and sensors that are not, made up with seeds; each fault planted once.
import { describe, expect, it } from 'vitest'
import type { Point } from '../domain/breach.ts'
import { coverageOf, driftAgainst, lookAt } from '../domain/health.ts'
import { createRandom } from '../simulators/random.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const gapMs = 2.5 * 5 * minuteMs

/** A fridge that cycles, read every 5 minutes to a tenth. */
function fridge(days: number, seed: string): Point[] {
  const random = createRandom(seed)
  return Array.from({ length: (days * dayMs) / (5 * minuteMs) }, (_, i) => {
    const cycle = 1.2 * Math.sin((2 * Math.PI * i) / 9)
    return {
      time: i * 5 * minuteMs,
      value: Math.round(10 * (5 + cycle + 0.3 * random.normal())) / 10,
    }
  })
}
const stretchOf = (points: readonly Point[], channel = 'temperature') => ({
  channel,
  points,
  gapMs,
  window: { from: 0, to: (points.at(-1)?.time ?? 0) + 5 * minuteMs },
})
const kinds = (points: readonly Point[], channel = 'temperature') =>
  lookAt(stretchOf(points, channel)).map(({ kind, severity }) => `${kind} ${severity}`)

describe('a sensor in order', () => {
  it('has no findings, however it was made up', () => {
    for (let seed = 0; seed < 50; seed++) expect(kinds(fridge(14, `fine ${seed}`))).toEqual([])
  })

  it('that tells whole degrees rests for hours without being stuck', () => {
    for (let seed = 0; seed < 20; seed++) {
      const coarse = fridge(14, `coarse ${seed}`).map(({ time, value }, i) => ({
        time,
        value: Math.round(4 + 2 * Math.sin((2 * Math.PI * i) / 288) + 0 * value),
      }))
      expect(kinds(coarse)).toEqual([])
    }
  })

  it('warms when a door stands open, which is no spike', () => {
    const warm = fridge(3, 'door').map(({ time, value }, i) => ({
      time,
      value: value + (i >= 300 && i < 312 ? 6 * Math.sin((Math.PI * (i - 300)) / 12) : 0),
    }))
    expect(kinds(warm)).toEqual([])
  })
})

describe('a sensor that is not', () => {
  it('is stuck when it repeats itself for much longer than it ever does', () => {
    const points = fridge(7, 'stuck').map((point, i) =>
      i >= 700 && i < 800 ? { ...point, value: 5 } : point,
    )
    const found = lookAt(stretchOf(points))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ kind: 'stuck', severity: 'major' })
    expect(found[0]!.from).toBeGreaterThan(695 * 5 * minuteMs)
    expect(found[0]!.to).toBe(799 * 5 * minuteMs)
    expect(found[0]!.detail).toMatch(/^5 for 8\.\d h, 10\d readings$/)
  })

  it('is stuck when it never says anything else for a day', () => {
    const points = fridge(2, 'dead').map(({ time }) => ({ time, value: -127 }))
    expect(kinds(points)).toEqual(['stuck minor'])
    expect(kinds(points.slice(0, 200))).toEqual([])
  })

  it('has spikes, and more than one in a hundred is worse', () => {
    const once = fridge(2, 'spikes').map((point, i) =>
      i === 200 ? { ...point, value: 85 } : point,
    )
    expect(lookAt(stretchOf(once))).toMatchObject([
      { kind: 'spikes', severity: 'minor', detail: '1, the worst 85 °C', from: 200 * 5 * minuteMs },
    ])
    const often = fridge(2, 'spikes').map((point, i) =>
      i % 40 === 20 ? { ...point, value: -40 } : point,
    )
    expect(kinds(often)).toEqual(['spikes major'])
  })

  it('jumps when it was pulled out, and once more when it was put back', () => {
    const points = fridge(2, 'pulled').map((point, i) =>
      i >= 200 && i < 260 ? { ...point, value: point.value + 20 } : point,
    )
    expect(kinds(points)).toEqual(['jump minor', 'jump minor'])
  })

  it('says nothing for a day', () => {
    const points = fridge(4, 'silent').filter((_, i) => i < 300 || i > 700)
    expect(kinds(points)).toEqual(['holes minor'])
    const { holes, longestHoleMs, unknownMs, readings, intervalMs } = coverageOf(stretchOf(points))
    expect(holes).toBe(1)
    expect(longestHoleMs).toBe(402 * 5 * minuteMs - gapMs)
    expect(unknownMs).toBe(longestHoleMs)
    expect([readings, intervalMs]).toEqual([points.length, 5 * minuteMs])
  })

  it('is covered by nothing when it never spoke', () => {
    expect(coverageOf({ points: [], window: { from: 0, to: dayMs }, gapMs })).toEqual({
      readings: 0,
      intervalMs: null,
      holes: 1,
      longestHoleMs: dayMs,
      unknownMs: dayMs,
    })
    expect(kinds([])).toEqual([])
  })
})

describe('loggers in the same box', () => {
  it('show the one that drifts, and not the one with another place', () => {
    for (let seed = 0; seed < 20; seed++) {
      const siblings = [fridge(14, `a${seed}`), fridge(14, `b${seed}`)]
      const own = fridge(14, `own${seed}`)
      const elsewhere = own.map(({ time, value }) => ({ time, value: value + 1.5 }))
      expect(driftAgainst(stretchOf(elsewhere), siblings).findings).toEqual([])
      const drifting = own.map(({ time, value }) => ({ time, value: value + (0.1 * time) / dayMs }))
      const { findings, trend } = driftAgainst(stretchOf(drifting), siblings)
      expect(findings).toMatchObject([{ kind: 'drift', severity: 'major' }])
      expect(trend!.perDay).toBeCloseTo(0.1, 1)
      // What all of them do is the box.
      const warming = siblings.map((points) =>
        points.map(({ time, value }) => ({ time, value: value + (0.1 * time) / dayMs })),
      )
      expect(driftAgainst(stretchOf(drifting), warming).findings).toEqual([])
    }
  })

  it('say nothing when they were not there at the same time, or for a day only', () => {
    const later = fridge(14, 'b').map(({ time, value }) => ({ time: time + 20 * dayMs, value }))
    expect(driftAgainst(stretchOf(fridge(14, 'a')), [later])).toEqual({ findings: [] })
    expect(driftAgainst(stretchOf(fridge(1, 'a')), [fridge(1, 'b')])).toEqual({ findings: [] })
  })
})

describe('batteries and equipment', () => {
  const periods = (days: number, levelOf: (period: number) => number): Point[] =>
    Array.from({ length: days * 96 }, (_, i) => ({ time: i * 15 * minuteMs, value: levelOf(i) }))
  const found = (channel: string, days: number, levelOf: (period: number) => number) =>
    lookAt({ ...stretchOf(periods(days, levelOf), channel), gapMs: 37.5 * minuteMs }).map(
      ({ kind, severity, detail }) => `${kind} ${severity}: ${detail}`,
    )

  it('a battery that empties is told with the day', () => {
    expect(found('battery', 20, (i) => 60 - (2 * i) / 96)).toEqual([
      'battery minor: 20 % left, empty in 10 days at 2 % a day',
    ])
    expect(found('battery', 20, () => 60)).toEqual([])
    expect(found('battery', 20, (i) => 90 - (0.1 * i) / 96)).toEqual([])
    expect(found('battery', 2, () => 8)).toEqual(['battery major: 8 % left'])
    expect(found('monitorBattery', 2, () => 6)).toEqual(['battery major: 6 days left'])
    expect(found('loggerBattery', 2, () => 200)).toEqual([])
  })

  it('a compressor that hardly rests, or runs more and more', () => {
    expect(found('compressor', 3, () => 870)).toEqual(['duty major: ran 97 % of the last day'])
    expect(found('compressor', 14, (i) => 300 + (20 * i) / 96)).toEqual([
      'duty minor: runs more and more: 34 % of the time, then 63 %',
    ])
    expect(found('compressor', 14, (i) => 300 + 40 * Math.sin(i))).toEqual([])
  })

  it('doors, mains and holdover as WHO PQS E006 looks at them', () => {
    expect(found('doorOpen', 2, (i) => (i === 50 ? 400 : 20))).toEqual([
      'door info: 1 periods with the door open for over 5 min, up to 7 of 15',
    ])
    expect(found('mains', 4, (i) => (i >= 100 && i < 220 ? 0 : 900))).toEqual([
      'mains major: no supply for 29.8 h',
    ])
    expect(found('mains', 4, (i) => (i >= 100 && i < 190 ? 0 : 900))).toEqual([])
    expect(found('holdover', 14, (i) => 5 - (0.2 * i) / 96)).toEqual([
      'holdover minor: fell from 4.9 to 2.3 days',
    ])
    expect(found('holdover', 14, () => 5)).toEqual([])
  })
})
