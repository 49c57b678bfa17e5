// When equipment will need somebody: simulated appliances that wear, break or are in order, with
// weather, on seeds that were not looked at when this was made; and real equipment.
import { describe, expect, it } from 'vitest'
import type { Point } from '../domain/breach.ts'
import { changesIn, outlookOf } from '../domain/outlook.ts'
import { createRandom } from '../simulators/random.ts'
import { readVectors, vectorsPresent } from './vectors.ts'

const dayMs = 86_400_000
const limit = { value: 0.9, side: 'above' } as const
const noise = 0.02
const perDegree = 0.015

interface Appliance {
  days: number
  /** Share of the time that its compressor runs more from day to day. */
  perDay?: number
  /** How much a day resembles the one before. */
  alike?: number
}

/** Runs 45 % of the time at 25 °C around it. */
function appliance(seed: string, { days, perDay = 0, alike = 0 }: Appliance) {
  const random = createRandom(seed)
  let [rest, weather] = [noise * random.normal(), 3 * random.normal()]
  const duty: Point[] = []
  const ambient: Point[] = []
  for (let i = 0; i < days; i++) {
    rest = alike * rest + Math.sqrt(1 - alike * alike) * noise * random.normal()
    weather = 0.8 * weather + 1.8 * random.normal()
    const degrees = 25 + weather + 4 * Math.sin(i / 30)
    ambient.push({ time: i * dayMs, value: degrees })
    const value = 0.45 + perDay * i + perDegree * (degrees - 25) + rest
    duty.push({ time: i * dayMs, value })
  }
  return { duty, ambient }
}

/** When its line reaches the limit at the ambient of its last week. */
function truthOf(ambient: readonly Point[], perDay: number): number {
  const week = ambient.slice(-7).reduce((sum, { value }) => sum + value, 0) / 7
  return ((0.9 - 0.45 - perDegree * (week - 25)) / perDay) * dayMs
}

describe('an appliance that wears', () => {
  for (const [days, alike] of [
    [45, 0.3],
    [60, 0.5],
  ] as const)
    it(`is foretold with an interval that holds the day (${days} days, resembling by ${alike})`, () => {
      let [held, told, asked] = [0, 0, 0]
      for (let seed = 0; seed < 300; seed++) {
        const perDay = 0.002 + 0.00004 * ((seed * 37) % 100)
        const { duty, ambient } = appliance(`worn ${seed}`, { days, perDay, alike })
        asked++
        const { forecast } = outlookOf(duty, { limit, ambient })
        if (!forecast) continue
        told++
        const truth = truthOf(ambient, perDay)
        if (forecast.low <= truth && truth <= forecast.high) held++
      }
      expect(told / asked).toBeGreaterThan(0.75)
      expect(held / told).toBeGreaterThan(0.85)
      expect(held / told).toBeLessThan(0.97)
    })

  it('turns with its values: what falls towards a limit is foretold for the same day', () => {
    const { duty, ambient } = appliance('turned', { days: 60, perDay: 0.004 })
    const up = outlookOf(duty, { limit, ambient })
    const fallen = duty.map(({ time, value }) => ({ time, value: -value }))
    const down = outlookOf(fallen, { limit: { value: -0.9, side: 'below' }, ambient })
    expect(up.forecast).not.toBeNull()
    expect({ ...down.forecast, perDay: -down.forecast!.perDay }).toEqual(up.forecast)
    expect(outlookOf(duty, { limit: { value: 0.1, side: 'below' }, ambient }).why).toBe('away')
    expect(outlookOf(duty, { limit: { value: 0.5, side: 'above' }, ambient }).why).toBe('reached')
    expect(outlookOf(duty, { limit: { value: 9, side: 'above' }, ambient }).why).toBe('far')
    expect(outlookOf(duty.slice(0, 20), { limit, ambient }).why).toBe('few-days')
  })
})

describe('an appliance in order', () => {
  it('has no forecast, and hardly ever a change, whatever the weather (1200 appliances)', () => {
    const found = { forecasts: 0, changes: 0 }
    for (let seed = 0; seed < 400; seed++)
      for (const alike of [0, 0.3, 0.5]) {
        const { duty, ambient } = appliance(`sound ${seed}`, { days: 30 + (seed % 31), alike })
        const outlook = outlookOf(duty, { limit, ambient })
        if (outlook.forecast) found.forecasts++
        if (outlook.changes.length > 0) found.changes++
      }
    expect(found.forecasts).toBeLessThanOrEqual(2)
    expect(found.changes / 1200).toBeLessThan(0.02)
  })

  it('that never changes, or of which little is known, says so without an error', () => {
    const flat = Array.from({ length: 60 }, (_, i) => ({ time: i * dayMs, value: 0.4 }))
    expect(outlookOf(flat, { limit })).toEqual({ changes: [], forecast: null, why: 'no-trend' })
    expect(outlookOf([], { limit })).toEqual({ changes: [], forecast: null, why: 'few-days' })
    expect(outlookOf(flat, {})).toEqual({ changes: [], forecast: null, why: null })
  })
})

describe('an appliance that broke', () => {
  it('is named with the day of it, and what was before says nothing of what comes', () => {
    let [found, off] = [0, 0]
    for (let seed = 0; seed < 100; seed++) {
      const { duty, ambient } = appliance(`broke ${seed}`, { days: 60, alike: 0.3 })
      const at = 20 + (seed % 20)
      const broken = duty.map((day, i) => ({ ...day, value: day.value + (i >= at ? 0.1 : 0) }))
      const { changes } = outlookOf(broken, { limit, ambient })
      if (changes.length === 0) continue
      found++
      off += Math.abs(changes[0]!.at / dayMs - at)
    }
    expect(found).toBeGreaterThanOrEqual(95)
    expect(off / found).toBeLessThan(1)
  })

  it('twice is named twice', () => {
    const steps = appliance('steps', { days: 60 }).duty.map(({ time }, i) => ({
      time,
      value: (i < 20 ? 1 : i < 40 ? 2 : 2.3) + ((i * 7) % 11) / 100,
    }))
    expect(changesIn(steps).map(({ at }) => at / dayMs)).toEqual([20, 40])
  })
})

describe.skipIf(!vectorsPresent('lbnl-ahu'))('real air handlers', () => {
  it('of 15 days get no forecast, and whole days of no trend no change of their set points', () => {
    const name = 'lbnl-ahu/single-zone-constant-volume_SZCAV.csv'
    const [head, ...lines] = readVectors(name).trim().split(/\r?\n/)
    const names = head!.split(',').map((text) => text.trim())
    const sums = new Map<string, number[][]>()
    for (const line of lines) {
      const cells = line.split(',')
      const day = cells[0]!.split(' ')[0]!
      const known = sums.get(day) ?? names.map(() => [0, 0])
      sums.set(day, known)
      for (let i = 1; i < names.length; i++) {
        const value = Number(cells[i])
        if (Number.isFinite(value)) known[i] = [known[i]![0]! + value, known[i]![1]! + 1]
      }
    }
    expect(sums.size).toBe(15)
    for (let i = 1; i < names.length; i++) {
      const days = [...sums].map(([day, columns]) => ({
        time: Date.parse(`${day} UTC`),
        value: columns[i]![0]! / columns[i]![1]!,
      }))
      const { forecast, why } = outlookOf(days, { limit: { value: 1e6, side: 'above' } })
      expect([names[i], forecast, why]).toEqual([names[i], null, 'few-days'])
      if (/Set Point|Fan/.test(names[i]!)) expect(changesIn(days)).toEqual([])
    }
  })
})
