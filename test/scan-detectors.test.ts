// What scans of one unit say, and do not say: drills with honest people and poor receivers.
import { describe, expect, it } from 'vitest'
import { duplicateScan, impossibleTravel } from '../analytics/cases/scan-detectors.ts'
import { weigh } from '../domain/case.ts'
import { spotOfGeohash } from '../domain/earth.ts'
import { unknownLife } from '../domain/lifecycle/lifecycle.ts'
import { cluesOf, runDetector, type Sighting, type UnitSetting } from '../domain/suspicion.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const since = Date.UTC(2026, 4, 20, 9)
const [lisbon, warsaw] = ['eyck', 'u3qc']

interface Look {
  session: string
  place: string
  minute: number
  /** The phone's clock. */
  offMs?: number
}

function sighting({ session, place, minute, offMs = 0 }: Look): Sighting {
  const heardAt = since + minute * minuteMs
  const time = heardAt + offMs
  const spot = spotOfGeohash(place)
  return {
    ...{ kind: 'sighting', id: `${session} ${minute}`, epc: 'unit', session, times: 1 },
    ...{ time, lastTime: time, heardAt, lastHeardAt: heardAt, spots: spot ? [spot] : [] },
  }
}

/** Whether these open a case, and what is found. */
function lookedAt(...looks: Look[]): { opens: boolean; found: string[] } {
  const setting: UnitSetting = { epcs: ['unit'], life: unknownLife, places: new Map() }
  const clues = cluesOf(looks.map(sighting), since + 9 * dayMs)
  const findings = [
    ...runDetector(impossibleTravel, setting, clues).findings,
    ...runDetector(duplicateScan, setting, clues).findings,
  ]
  const opens = weigh(findings, {}).some((each) => each.opens)
  return { opens, found: findings.map(({ detector }) => detector) }
}

const nothing = { opens: false, found: [] }
const many = (count: number, place: string): Look[] =>
  Array.from({ length: count }, (_, n) => ({ session: `phone ${n}`, place, minute: n }))

describe('one serial', () => {
  it('in Lisbon at 09:00 and in Warsaw at 09:40 is a case', () => {
    const [one, other] = [
      { session: 'a', place: lisbon, minute: 0 },
      { session: 'b', place: warsaw, minute: 40 },
    ]
    expect(lookedAt(one, other).opens).toBe(true)
    expect(lookedAt(other, one).opens).toBe(true)
  })

  it('is none with one shopper five times, two shoppers 300 m apart, or a family in one shop', () => {
    const often = [0, 2, 4, 6, 8].map((minute) => ({ session: 'a', place: lisbon, minute }))
    expect(lookedAt(...often)).toEqual(nothing)
    const [one, other] = [
      { session: 'a', place: 'eyckrj5cu', minute: 0 },
      { session: 'b', place: 'eyckrjhcu', minute: 1 },
    ]
    expect(lookedAt(one, other)).toEqual(nothing)
    expect(lookedAt(...many(5, lisbon))).toEqual(nothing)
    expect(lookedAt(...many(30, lisbon)).opens).toBe(false)
  })

  it('is none when a clock is a day off, either way, or both are', () => {
    const here = (offMs: number): Look => ({ session: 'a', place: lisbon, minute: 0, offMs })
    const there = (offMs: number): Look => ({ session: 'b', place: warsaw, minute: 40, offMs })
    for (const [a, b] of [
      [0, -dayMs],
      [0, dayMs],
      [dayMs, -dayMs],
    ] as const)
      expect(lookedAt(here(a), there(b)).opens, `${a} ${b}`).toBe(false)
  })

  it('is none when a phone without satellites says 0,0, on any side of it', () => {
    for (const zero of ['s00', 's000', '7zzz', 'kpbp', 'ebpb'])
      expect(
        lookedAt(
          { session: 'a', place: lisbon, minute: 0 },
          { session: 'b', place: zero, minute: 40 },
        ),
        zero,
      ).toEqual(nothing)
    expect(spotOfGeohash('s0h')).toBeDefined()
    expect(spotOfGeohash('s0')).toBeDefined()
  })

  it('is none in two shops on both sides of the 180th meridian', () => {
    const [west, east] = ['rvpb', '2j00']
    expect(
      lookedAt({ session: 'a', place: west, minute: 0 }, { session: 'b', place: east, minute: 5 }),
    ).toEqual(nothing)
  })
})
