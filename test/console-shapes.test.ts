import { describe, expect, it } from 'vitest'
import {
  parseAlert,
  parsePage,
  parseRevision,
  parseRow,
  parseShipment,
  parseTime,
} from '../dashboards/console/src/shapes.ts'

describe('answers of the API, as the console reads them', () => {
  it('have times in epoch ms, however they were written', () => {
    expect(parseTime('2026-05-03T14:00:00+02:00')).toBe(Date.UTC(2026, 4, 3, 12))
    expect(parseTime(1_777_777_777_000)).toBe(1_777_777_777_000)
    for (const nothing of [null, undefined, '', 'soon', Number.NaN])
      expect(parseTime(nothing)).toBeNull()
  })

  it('never turn an unknown verdict into a good one', () => {
    expect(parseAlert({ verdict: 'in' }).verdict).toBe('in')
    for (const verdict of [undefined, 'fine', 1])
      expect(parseAlert({ verdict }).verdict).toBe('indeterminate')
  })

  it('keep a missing peak missing instead of 0 °C', () => {
    expect(parseAlert({}).peakC).toBeNull()
    expect(parseAlert({ peakC: 0 }).peakC).toBe(0)
  })

  it('are pages with a cursor, or empty when they are something else', () => {
    expect(parsePage({ items: [{ time: 1, value: 2 }], next: 'c' }, parseRow)).toEqual({
      items: [{ time: 1, value: 2 }],
      next: 'c',
    })
    expect(parsePage(null, parseRow)).toEqual({ items: [], next: null })
  })

  it('are readings, or buckets when they carry their extremes', () => {
    expect(parseRow({ time: 1, value: 4.2 })).toEqual({ time: 1, value: 4.2 })
    expect(parseRow({ time: 1, mean: 4, min: 3, max: 5 })).toEqual({
      time: 1,
      value: 4,
      min: 3,
      max: 5,
    })
    expect(parseRow({ time: 1, value: null })).toBeUndefined()
  })

  it('say when units were not all counted', () => {
    expect(parseShipment({ unitCount: 1000, unitCountComplete: false }).unitCountComplete).toBe(
      false,
    )
    expect(parseShipment({ latest: { time: 1 } }).latest).toBeNull()
  })

  it('tell of a revision how many serials came and went, and which figures changed', () => {
    const diff = { minutes: [10, 20], serialsAdded: { count: 20 }, serialsRemoved: { count: 0 } }
    expect(parseRevision({ revision: 2, cause: 'late event', diff })).toEqual({
      revision: 2,
      recordTime: null,
      cause: 'late event',
      added: 20,
      removed: 0,
      figures: ['minutes'],
    })
    expect(parseRevision({ revision: 1 })).toMatchObject({ added: null, figures: [] })
  })
})
