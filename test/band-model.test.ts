import { describe, expect, it } from 'vitest'
import { trainBand } from '../analytics/anomaly/band-train.ts'
import { scoreReadings } from '../analytics/anomaly/score-readings.ts'
import {
  type BandModel,
  type BandReadings,
  driftOf,
  expectedOf,
  hashOf,
  hourBands,
} from '../domain/band-model.ts'

const minute = 60_000
const begin = Date.UTC(2026, 0, 5)
/** Warmer by day than by night, and a compressor; one reading in ten minutes, without chance. */
function room(readings: number, from = begin): { times: number[]; values: number[] } {
  const times = Array.from({ length: readings }, (_, i) => from + i * 10 * minute)
  const values = times.map((time, i) => {
    const day = (2 * Math.PI * time) / 86_400_000
    return 5 + 2 * Math.sin(day) + 0.1 * Math.sin(i * 7.3)
  })
  return { times, values }
}
const differences = (model: BandModel, readings: BandReadings): number[] => {
  const expected = expectedOf(model, readings)
  return Array.from(readings.values, (value, i) => value - expected[i]!)
}

describe('what was learned of a channel', async () => {
  const known = room(1000)
  const model = await trainBand(known)
  const after = known.times.at(-1)! + 10 * minute

  it('is better than the medians of the hours, and nine of ten readings keep to its band', () => {
    expect(model.error).toBeLessThan(model.plainError)
    expect(model.high - model.low).toBeLessThan(1)
    const kept = differences(model, room(1000)).filter(
      (one) => one >= model.low && one <= model.high,
    )
    expect(kept.length).toBeGreaterThan(800)
  })

  it('is the same from the same readings, and has the hash of all that it says', async () => {
    expect(hashOf(await trainBand(room(1000)))).toBe(hashOf(model))
    expect(hashOf({ ...model, high: model.high + 1e-9 })).not.toBe(hashOf(model))
  })

  it('has drifted when the room is another one, and not when it is the same', () => {
    const same = room(400, after)
    expect(driftOf(model, differences(model, same))).toMatchObject({ drifted: false })
    const warm = { ...same, values: same.values.map((value) => value + 1.5) }
    expect(driftOf(model, differences(model, warm))).toMatchObject({ drifted: true })
    expect(driftOf(model, [1, 2, 3])).toMatchObject({ index: Number.NaN, drifted: false })
  })

  it('speaks while it holds; afterwards hours do, and nobody who knows too little', () => {
    const options = { from: after, hoursMin: 500 }
    const next = room(300, after)
    next.values.fill(14, 290)
    const all = {
      times: [...known.times, ...next.times],
      values: [...known.values, ...next.values],
    }
    const scored = scoreReadings(all, { ...options, model })
    expect(scored.by).toBe('model')
    expect(scored.readings.length).toBe(300)
    const warm = scored.readings.slice(290)
    const most = warm.reduce((a, b) => (b.score > a.score ? b : a))
    expect(most.score).toBeGreaterThan(0.8)
    expect(most.reason!.from).toBeGreaterThanOrEqual(warm[0]!.time)
    expect(most.reason!.mean).toBe(14)
    expect(most.expected!.high).toBeLessThan(14)
    const drifted = { ...model, tenths: model.tenths.map((one) => one + 3) }
    expect(scoreReadings(all, { ...options, model: drifted }).by).toBe('hours')
    expect(scoreReadings(all, { ...options, model: undefined }).by).toBe('hours')
    expect(scoreReadings(next, { ...options, model: undefined }).by).toBe(undefined)
  })

  it('expects of a reading what was before it, and knows nothing of what comes', () => {
    const all = room(300, after)
    const some = { times: all.times.slice(0, 200), values: all.values.slice(0, 200) }
    expect(expectedOf(model, some)).toEqual(expectedOf(model, all).slice(0, 200))
  })
})

describe('the hours of a day', () => {
  it('have bands of their own; an hour that is hardly known is like the day', () => {
    const { times, values } = room(1000)
    const bands = hourBands({ times, values })
    expect(bands[6]!.low).toBeGreaterThan(bands[18]!.high)
    const morning = times.map((time) => new Date(time).getUTCHours() < 12)
    const half = {
      times: times.filter((_, i) => morning[i]),
      values: values.filter((_, i) => morning[i]),
    }
    expect(hourBands(half)[20]).toEqual(hourBands(half)[21])
  })
})
