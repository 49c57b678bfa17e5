import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSeen, stateOf } from '../dashboards/console/src/fleet.ts'
import { parseForecasts } from '../dashboards/console/src/forecasts.ts'
import { arrivalOf, stopsOf, trackOf } from '../dashboards/console/src/journey.ts'
import { formatFence, parsePlace, parseRing } from '../dashboards/console/src/places.ts'
import { rowsAround, rowsInSight, scrollTo } from '../dashboards/console/src/row-window.ts'

const hour = 3_600_000
const event = (time: number, place: string, bizStep = '') => ({ time: time * hour, place, bizStep })

describe('the journey of a shipment on the console', () => {
  it('has one stop for what happened in a row at one place, in whatever order it was told', () => {
    const stops = stopsOf([
      event(5, 'B', 'receiving'),
      event(1, 'A', 'packing'),
      event(2, 'A', 'shipping'),
      event(3, ''),
      event(9, 'A', 'receiving'),
    ])
    expect(stops).toEqual([
      { place: 'A', from: hour, to: 2 * hour, steps: ['packing', 'shipping'] },
      { place: 'B', from: 5 * hour, to: 5 * hour, steps: ['receiving'] },
      { place: 'A', from: 9 * hour, to: 9 * hour, steps: ['receiving'] },
    ])
  })

  it('is expected by its plan, later by what it was late at the last planned stop', () => {
    const leg = (from: string, to: string, departs: number, arrives: number) => {
      return { from, to, departs: departs * hour, arrives: arrives * hour, spots: [] }
    }
    const plan = [leg('A', 'B', 0, 4), leg('B', 'C', 5, 10)]
    expect(arrivalOf([], [])).toBeNull()
    expect(arrivalOf(plan, [])).toEqual({ place: 'C', at: 10 * hour, lateMs: 0 })
    const late = stopsOf([event(0, 'A'), event(6, 'B')])
    expect(arrivalOf(plan, late)).toEqual({ place: 'C', at: 12 * hour, lateMs: 2 * hour })
    const early = stopsOf([event(3, 'B')])
    expect(arrivalOf(plan, early)).toEqual({ place: 'C', at: 10 * hour, lateMs: 0 })
    expect(arrivalOf(plan, stopsOf([event(6, 'B'), event(11, 'C')]))).toBeNull()
  })

  it('is drawn where both halves of a position are of one moment, and never at 0, 0', () => {
    const row = (time: number, value: number) => ({ time, value })
    expect(trackOf([row(1, 50), row(2, 51), row(3, 0)], [row(1, 8), row(3, 0)])).toEqual([
      { lat: 50, lon: 8 },
    ])
  })

  it('is silent by how far the data reach, not by the clock', () => {
    const seen = parseSeen({ latest: { time: 0, value: 5 }, openAlerts: 0 })
    expect(stateOf(seen, 2 * hour)).toBe('fine')
    expect(stateOf(seen, 4 * hour)).toBe('silent')
    expect(stateOf({ ...seen, openAlerts: 1 }, 4 * hour)).toBe('alert')
    expect(stateOf(parseSeen({}), null)).toBe('silent')
  })

  it('has a forecast once for each limit, of its own container only', () => {
    const item = (container: string, rule: string) => ({
      ...{ channel: 'temperature', container, rule, side: 'above', limitC: 8 },
      latest: { time: 1, value: 6 },
      forecast: { lowAt: 2, expectedAt: 3, highAt: 4 },
    })
    const none = { ...item('a', 'x'), limitC: 2, forecast: null }
    const bands = parseForecasts(
      { items: [item('a', 'x'), item('a', 'y'), item('b', 'x'), none] },
      'a',
    )
    expect(bands).toEqual([
      { limitC: 8, low: 2, expected: 3, high: 4, from: { time: 1, value: 6 } },
    ])
  })
})

describe('places on the console', () => {
  it('have a position and a fence only when master data tell of them readably', () => {
    const ring = [
      { lon: 8, lat: 50 },
      { lon: 9, lat: 50 },
      { lon: 9, lat: 51 },
    ]
    const fence = formatFence(ring)
    expect(parseRing(fence)).toEqual([...ring, ring[0]])
    const place = parsePlace({
      id: 'x',
      attributes: {
        'urn:epcglobal:cbv:mda#latitude': '50.5',
        'urn:epcglobal:cbv:mda#longitude': 8.5,
        'urn:isotherm:mda#geofence': fence,
      },
    })
    expect(place.spot).toEqual({ lat: 50.5, lon: 8.5 })
    expect(place.ring).toHaveLength(4)
    expect(parseRing({ type: 'Polygon', coordinates: [[['a', 1]]] })).toBeNull()
    expect(
      parsePlace({ attributes: { 'urn:epcglobal:cbv:mda#latitude': 'north' } }).spot,
    ).toBeNull()
  })
})

describe('a long table on the console', () => {
  it('draws a screen of rows and some around it, however long it is', () => {
    for (const scrolledPx of [0, 123, 400_000, 3_999_000]) {
      const sight = { count: 100_000, rowPx: 40, scrolledPx, heightPx: 900 }
      const { from, to, above, below } = rowsInSight(sight)
      expect(to - from).toBeLessThan(70)
      expect(from * 40).toBeLessThanOrEqual(scrolledPx)
      expect(to * 40).toBeGreaterThanOrEqual(Math.min(scrolledPx + 900, 4_000_000))
      expect(above + below + (to - from) * 40).toBe(4_000_000)
    }
    expect(rowsInSight({ count: 0, rowPx: 40, scrolledPx: 0, heightPx: 900 })).toEqual({
      from: 0,
      to: 0,
      above: 0,
      below: 0,
    })
  })

  it('draws every row in sight and those around it, wherever it is scrolled to', () => {
    const sights = fc.record({
      count: fc.nat({ max: 5000 }),
      rowPx: fc.integer({ min: 20, max: 120 }),
      scrolledPx: fc.nat({ max: 400_000 }),
      heightPx: fc.integer({ min: 200, max: 2000 }),
    })
    fc.assert(
      fc.property(sights, (sight) => {
        const { count, rowPx, scrolledPx, heightPx } = sight
        const { from, to, above, below } = rowsInSight(sight)
        const first = Math.min(Math.floor(scrolledPx / rowPx), Math.max(0, count - 1))
        const last = Math.floor((scrolledPx + heightPx) / rowPx)
        expect(from).toBeLessThanOrEqual(Math.max(0, first - rowsAround))
        expect(to).toBeGreaterThanOrEqual(Math.min(count, last + 1 + rowsAround))
        expect(to - from).toBeLessThanOrEqual(heightPx / rowPx + 3 * rowsAround + 20)
        expect(above + below + (to - from) * rowPx).toBe(count * rowPx)
      }),
    )
  })

  it('scrolls to a row only when it is out of sight', () => {
    const sight = { count: 100, rowPx: 40, scrolledPx: 400, heightPx: 400 }
    expect(scrollTo(12, sight)).toBeNull()
    expect(scrollTo(2, sight)).toBe(80)
    expect(scrollTo(40, sight)).toBe(1240)
  })
})
