// Detectors of movement and light: what they find on the way of a shipment, and what they let pass.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { routeCorridor } from '../analytics/movement/corridor.ts'
import { delay } from '../analytics/movement/delay.ts'
import { geofence } from '../analytics/movement/geofence.ts'
import { light } from '../analytics/movement/light.ts'
import { dwell, unscheduledStop } from '../analytics/movement/stops.ts'
import { weigh } from '../domain/case.ts'
import { wrapped } from '../domain/earth.ts'
import { type Clue, cluesOf, type Finding, runnable, type Shipment } from '../domain/suspicion.ts'
import { type Point, pointBeside } from '../simulators/route.ts'
import {
  fixAt,
  hourMs,
  lastTime,
  levels,
  minuteMs,
  type Part,
  placeAt,
  planOf,
  received,
  shipmentOf,
  since,
  track,
} from './tracks.ts'

const detectors = [routeCorridor, unscheduledStop, dwell, delay, geofence, light].map((each) =>
  runnable<Shipment, never>(each as never),
)
const findingsOf = (shipment: Shipment, clues: readonly Clue[]): Finding[] => {
  const told = cluesOf(clues, Math.min(shipment.asOf, lastTime(clues)))
  return detectors.flatMap((detector) => detector.run(shipment, told).findings)
}
const namesOf = (findings: readonly Finding[]) => [...new Set(findings.map((f) => f.detector))]
const weighed = (findings: readonly Finding[]) => weigh(findings, {})[0]

const [start, middle, goal] = [
  { lat: 48, lon: 10 },
  { lat: 48.2, lon: 12 },
  { lat: 48, lon: 14 },
]
const at = (share: number): Point =>
  share < 0.5
    ? { lat: 48 + 0.4 * share, lon: 10 + 4 * share }
    : { lat: 48.4 - 0.4 * share, lon: 10 + 4 * share }
const plan = planOf([{ mode: 'road', path: [start, middle, goal], hours: 4.4, to: 'goal' }])
const places = [placeAt('start', start, 'plant'), placeAt('goal', goal)]
const shipment = shipmentOf({ plan, places })
const kmh = 70

const straight: Part[] = [{ along: [start, middle, goal], kmh }]
const halting = (minutes: number, stand = at(0.3)): Part[] => [
  { along: [start, stand], kmh },
  { stand, minutes },
  { along: [stand, middle, goal], kmh },
]
const aside = (km: number) => pointBeside(at(0.4), 0, km)
const detour = (km: number): Part[] => [
  { along: [start, at(0.3), aside(km)], kmh },
  { along: [aside(km), middle, goal], kmh },
]
/** While it stands, from ten minutes on for half an hour. */
const opened = (fixes: ReturnType<typeof track>, share = 0.3) => {
  const stood = fixes.filter(({ spot }) => Math.abs(spot.lon - at(share).lon) < 1e-3)
  const from = stood[0]!.time + 10 * minuteMs
  return (time: number): boolean => time >= from && time <= from + 30 * minuteMs
}

describe('the corridor', () => {
  it('is left by a detour of 60 km, which is told with its length and time', () => {
    const [found, ...others] = findingsOf(shipment, track(detour(60)))
    expect(found).toMatchObject({ detector: 'route-corridor', device: 'A', witnesses: 1 })
    expect(found!.facts.km).toBeGreaterThan(50)
    expect(found!.facts.minutes).toBeGreaterThan(60)
    expect(others).toEqual([])
    expect(weighed([found!])!.opens).toBe(false)
  })

  it('is not left by one within it, by single fixes that are off, nor by cells of the network', () => {
    expect(findingsOf(shipment, track(detour(12)))).toEqual([])
    const wild = track(straight, { off: (n) => (n % 5 === 3 ? [40_000, 9000] : [0, 0]) })
    expect(findingsOf(shipment, wild)).toEqual([])
    const rough = track(straight, { off: (n) => (n % 2 ? [16_000, 0] : [0, 0]), accuracyM: 6000 })
    expect(findingsOf(shipment, rough)).toEqual([])
  })

  it('is left as well by who stands beside the road within it, unless the line is as rough', () => {
    const beside: Part[] = [
      { along: [start, at(0.3), aside(9)], kmh },
      { stand: aside(9), minutes: 60 },
      { along: [aside(9), middle, goal], kmh },
    ]
    const [found] = findingsOf(shipment, track(beside))
    expect(found).toMatchObject({ detector: 'route-corridor', logOdds: 1.2 })
    const rough = track(beside, { off: (n) => [0, 0].map(() => 3500 * Math.sin(n / 9)) as never })
    expect(namesOf(findingsOf(shipment, rough))).not.toContain('route-corridor')
  })

  it('is not left by a logger whose clock is off, with fixes of its last journey among those of this', () => {
    const far = pointBeside(start, 180, 4000)
    const last = track([{ along: [far, pointBeside(far, 90, 200)], kmh }], {
      everyMs: 7 * minuteMs,
    })
    expect(findingsOf(shipment, [...track(straight), ...last])).toEqual([])
    const before = last.map((fix) => fixAt({ ...fix, time: fix.time - 4 * hourMs }))
    const after = findingsOf(shipment, [...before, ...track(detour(60))])
    expect(namesOf(after)).toEqual(['route-corridor'])
  })

  it('of a plan on which the logger never was, says nothing', () => {
    const far = { lat: -20, lon: 120 }
    const elsewhere = track([{ along: [far, pointBeside(far, 90, 300)], kmh }])
    expect(namesOf(findingsOf(shipment, elsewhere))).not.toContain('route-corridor')
  })
})

describe('a stop', () => {
  it('of an hour away from all places is told, and alone opens no case', () => {
    const found = findingsOf(shipment, track(halting(60)))
    expect(namesOf(found)).toEqual(['unscheduled-stop', 'dwell'])
    expect(found[0]!.facts.minutes).toBeGreaterThanOrEqual(50)
    expect(weighed(found)!.opens).toBe(false)
  })

  it('is none in a jam of half an hour, nor where drivers rest or goods are handled', () => {
    expect(findingsOf(shipment, track(halting(30)))).toEqual([])
    const rest = shipmentOf({ plan, places: [...places, placeAt('rest', at(0.3), 'rest')] })
    expect(findingsOf(rest, track(halting(50)))).toEqual([])
    expect(findingsOf(shipment, track(halting(120, start)))).toEqual([])
  })

  it('is told though the receiver drifts and one fix is kilometres off', () => {
    const off = (n: number): readonly [number, number] =>
      n === 22 ? [3000, 0] : [60 * Math.sin(n / 3), 50 * Math.cos(n / 4)]
    const found = findingsOf(shipment, track(halting(90), { off }))
    expect(namesOf(found)).toEqual(['unscheduled-stop', 'dwell'])
    expect(found.filter(({ detector }) => detector === 'unscheduled-stop')).toHaveLength(1)
  })

  it('is none of a vehicle on a ferry, nor the six hours of silence at sea', () => {
    const [port, other] = [pointBeside(goal, 45, 3), pointBeside(goal, 45, 150)]
    const sea = planOf([
      { mode: 'road', path: [start, middle, port], hours: 4.4 },
      { mode: 'sea', path: [port, other], hours: 10 },
    ])
    const crossing: Part[] = [
      { along: [start, middle, port], kmh },
      { stand: pointBeside(port, 45, 4), minutes: 120 },
      { along: [pointBeside(port, 45, 4), other], kmh: 18 },
    ]
    expect(findingsOf(shipmentOf({ plan: sea, places }), track(crossing))).toEqual([])
    const silent: Part[] = [
      { along: [start, at(0.3)], kmh },
      { silent: 360, at: at(0.3) },
      { along: [at(0.3), middle, goal], kmh },
    ]
    const found = findingsOf(shipment, track(silent))
    expect(namesOf(found)).not.toContain('unscheduled-stop')
    expect(namesOf(found)).not.toContain('dwell')
  })

  it('speaks without any plan, and less', () => {
    const fixes = track(halting(60))
    const [planned] = findingsOf(shipment, fixes)
    const [unplanned] = findingsOf(shipmentOf({ places }), fixes)
    const [nothingKnown] = findingsOf(shipmentOf(), fixes)
    expect(unplanned!.detector).toBe('unscheduled-stop')
    expect(unplanned!.logOdds).toBeLessThan(planned!.logOdds)
    expect(nothingKnown!.logOdds).toBeLessThan(unplanned!.logOdds)
  })

  it('by two loggers is one with two witnesses; where the second is elsewhere it says little', () => {
    const both = shipmentOf({ plan, places }, ['A', 'B'])
    const fixes = track(halting(60))
    const beside = track(halting(60), { device: 'B', off: () => [20, -15], accuracyM: 40 })
    const [one, ...rest] = findingsOf(both, [...fixes, ...beside])
    expect(one).toMatchObject({ detector: 'unscheduled-stop', witnesses: 2 })
    expect(namesOf(rest)).toEqual(['dwell'])
    const away = track([{ along: [pointBeside(start, 0, 14), pointBeside(goal, 0, 14)], kmh }], {
      device: 'B',
    })
    const [doubted] = findingsOf(both, [...fixes, ...away])
    expect(doubted!.facts).toMatchObject({ loggers: 1, against: 1 })
    expect(doubted!.logOdds).toBeLessThan(one!.logOdds / 2)
  })

  it('says little when papers have the goods elsewhere by then, and nothing after they came', () => {
    const fixes = track([
      { along: [start, at(0.3)], kmh },
      { stand: at(0.3), minutes: 300 },
    ])
    const came = received(fixes.at(-1)!.time - 100 * minuteMs, places[1]!)
    const [found] = findingsOf(shipment, [...fixes, came])
    expect(found!.facts).toMatchObject({ against: 1 })
    expect(found!.logOdds).toBeLessThan(0.5)
    const early = received(since + 20 * minuteMs, places[1]!)
    expect(findingsOf(shipment, [...fixes, early])).toEqual([])
  })
})

describe('a delay', () => {
  it('is told by the leg that took longer, not by a logger that stayed behind, nor by silence', () => {
    const fixes = track(halting(240))
    const found = findingsOf(shipment, fixes).find(({ detector }) => detector === 'delay')
    expect(found!.facts).toMatchObject({ leg: 1 })
    expect(found!.facts.lateHours).toBeGreaterThan(2)
    const both = shipmentOf({ plan, places }, ['A', 'B'])
    const left = track(
      [
        { along: [start, at(0.3)], kmh },
        { stand: at(0.3), minutes: 600 },
      ],
      {
        device: 'B',
      },
    )
    const later = findingsOf(both, [...track(straight), ...left])
    expect(namesOf(later)).not.toContain('delay')
    const silent = track([
      { along: [start, at(0.1)], kmh },
      { silent: 900, at: goal },
      { stand: goal, minutes: 60 },
    ])
    expect(findingsOf(shipment, silent)).toEqual([])
  })

  it('is told by papers that receive it a day later', () => {
    const [found] = findingsOf(shipment, [received(since + 30 * hourMs, places[1]!)])
    expect(found).toMatchObject({ detector: 'delay', facts: { lateHours: 25.6 } })
  })
})

describe('a fence', () => {
  it('around a region where no shipment may be is told when it is entered, not when it is passed', () => {
    const closed = placeAt('closed', at(0.3), 'no-go')
    const region = shipmentOf({ plan, places: [...places, closed] })
    const found = findingsOf(region, track(halting(30)))
    expect(found).toMatchObject([{ detector: 'geofence', facts: { place: 'closed' } }])
    expect(findingsOf(region, track(straight))).toEqual([])
  })

  it('is the border of the countries of its plan and markets', () => {
    const inland = places.map((place) => ({ ...place, country: 'AT' }))
    const wide = shipmentOf({ plan, places: inland })
    const found = findingsOf(wide, track(detour(420)))
    expect(namesOf(found)).toContain('geofence')
    const sold = { ...wide, units: [{ epcs: ['x'], markets: ['DE', 'CZ', 'PL'] as const }] }
    expect(namesOf(findingsOf(sold, track(detour(420))))).not.toContain('geofence')
  })
})

describe('light', () => {
  const fixes = track(halting(70))
  const isOpen = opened(fixes)
  const lux = levels(fixes, 'light', (time) => (isOpen(time) ? 180 : 0))

  it('and a stop away from all places are a theft; light alone is a finding and no case', () => {
    const found = findingsOf(shipment, [...fixes, ...lux])
    expect(namesOf(found)).toEqual(['unscheduled-stop', 'dwell', 'light'])
    expect(weighed(found)).toMatchObject({ kind: 'theft', opens: true })
    const only = found.filter(({ detector }) => detector === 'light')
    expect(weighed(only)!.opens).toBe(false)
  })

  it('through an open door past the goods is less, and with a breakdown no case', () => {
    const stray = levels(fixes, 'light', (time) => (isOpen(time) ? 40 : 0))
    const door = levels(fixes, 'door', (time) => (isOpen(time) ? 1 : 0))
    const found = findingsOf(shipment, [...fixes, ...stray, ...door])
    expect(namesOf(found)).toContain('light')
    expect(weighed(found)!.opens).toBe(false)
    expect(weighed(findingsOf(shipment, track(halting(9 * 60))))!.opens).toBe(false)
  })

  it('is expected at known places, before it was ever dark, and where no fix says where it was', () => {
    const rest = shipmentOf({ plan, places: [...places, placeAt('rest', at(0.3), 'rest')] })
    expect(findingsOf(rest, [...fixes, ...lux])).toEqual([])
    const packed = levels(track(straight), 'light', (time) => (time < since + hourMs ? 200 : 0))
    expect(findingsOf(shipment, [...track(straight), ...packed])).toEqual([])
    expect(findingsOf(shipment, lux)).toEqual([])
  })

  it('once, or every so often in a container that leaks, says nothing', () => {
    const way = track(straight)
    const once = levels(way, 'light', (time) => (time === way[20]!.time ? 90 : 0))
    expect(findingsOf(shipment, [...way, ...once])).toEqual([])
    const leaky = track([...halting(70), { along: [goal, start], kmh }])
    const day = levels(leaky, 'light', (time) => ((time / minuteMs) % 120 < 30 ? 120 : 0))
    expect(namesOf(findingsOf(shipment, [...leaky, ...day]))).not.toContain('light')
  })
})

describe('a diversion', () => {
  it('is off the way, stands there, and is opened: one case with its evidence', () => {
    const parts: Part[] = [
      { along: [start, at(0.3), aside(50)], kmh },
      { stand: aside(50), minutes: 120 },
      { along: [aside(50), middle, goal], kmh },
    ]
    const fixes = track(parts)
    const stood = fixes.filter(({ spot }) => Math.abs(spot.lat - aside(50).lat) < 1e-4)
    const isOpen = (time: number) => Math.abs(time - stood[8]!.time) < 20 * minuteMs
    const lux = levels(fixes, 'light', (time) => (isOpen(time) ? 250 : 0))
    const found = findingsOf(shipment, [...fixes, ...lux])
    expect(namesOf(found)).toEqual([
      'route-corridor',
      'unscheduled-stop',
      'dwell',
      'delay',
      'light',
    ])
    const whole = weighed(found)!
    expect(whole.opens).toBe(true)
    // The same without light asks for nobody; with a door, of a logger that sees no light, it does.
    expect(weighed(found.filter(({ detector }) => detector !== 'light'))!.opens).toBe(false)
    const door = levels(fixes, 'door', (time) => (isOpen(time) ? 1 : 0))
    expect(weighed(findingsOf(shipment, [...fixes, ...door]))).toMatchObject({ opens: true })
  })
})

describe('whatever happens', () => {
  const journey = fc.record({
    minutes: fc.integer({ min: 0, max: 240 }),
    km: fc.integer({ min: 1, max: 120 }),
    lux: fc.integer({ min: 0, max: 300 }),
  })
  const cluesFor = ({ minutes, km, lux }: { minutes: number; km: number; lux: number }): Clue[] => {
    const fixes = track([
      { along: [start, at(0.3)], kmh },
      { stand: at(0.3), minutes },
      { along: [at(0.3), aside(km), middle, goal], kmh },
    ])
    const isOpen = (time: number) => Math.abs(time - fixes[20]!.time) < 20 * minuteMs
    return [...fixes, ...levels(fixes, 'light', (time) => (isOpen(time) ? lux : 0))]
  }

  it('order and repetition of clues decide nothing', () => {
    fc.assert(
      fc.property(journey, fc.integer(), (of, seed) => {
        const clues = cluesFor(of)
        const mixed = [...clues, ...clues.slice(0, 50)]
          .map((clue, n) => ({ clue, key: Math.imul(n + 1, seed | 1) }))
          .sort((a, b) => a.key - b.key)
          .map(({ clue }) => clue)
        expect(findingsOf(shipment, mixed)).toEqual(findingsOf(shipment, clues))
      }),
      { numRuns: 25 },
    )
  })

  it('a shipment moved around the earth gives the same findings, also over 180', () => {
    const moved = (clues: readonly Clue[], east: number): Clue[] =>
      clues.map((clue) =>
        clue.kind === 'fix'
          ? fixAt({ ...clue, spot: { ...clue.spot, lon: wrapped(clue.spot.lon + east) } })
          : clue,
      )
    const withoutLon = (findings: readonly Finding[]) =>
      findings.map(({ facts: { lon: _, ...facts }, ...finding }) => ({ ...finding, facts }))
    fc.assert(
      fc.property(journey, fc.integer({ min: -180, max: 180 }), (of, east) => {
        const clues = cluesFor(of)
        const { corridorM, legs } = plan
        const there = shipmentOf({
          plan: {
            corridorM,
            legs: legs.map((leg) => ({
              ...leg,
              path: leg.path.map(([lon, lat]) => [wrapped(lon + east), lat] as const),
            })),
          },
          places: places.map((place) => ({
            ...place,
            spot: { ...place.spot!, lon: wrapped(place.spot!.lon + east) },
            ring: place.ring!.map(([lon, lat]) => [wrapped(lon + east), lat] as const),
          })),
        })
        expect(withoutLon(findingsOf(there, moved(clues, east)))).toEqual(
          withoutLon(findingsOf(shipment, clues)),
        )
      }),
      { numRuns: 25 },
    )
  })

  it('jitter within what fixes say of themselves gives no finding', () => {
    const radius = fc.integer({ min: 5, max: 3000 })
    fc.assert(
      fc.property(
        radius,
        fc.infiniteStream(fc.tuple(fc.nat(359), fc.nat(1000))),
        (accuracyM, dice) => {
          const off = (): readonly [number, number] => {
            const [bearing, share] = dice.next().value as [number, number]
            const m = (accuracyM * share) / 1000
            return [m * Math.cos(bearing), m * Math.sin(bearing)]
          }
          expect(findingsOf(shipment, track(straight, { accuracyM, off }))).toEqual([])
        },
      ),
    )
  })
})
