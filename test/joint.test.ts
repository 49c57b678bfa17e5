// Detectors that need both halves, serials and loggers: what they find, and what they let pass.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { temperatureAlibi } from '../analytics/joint/alibi.ts'
import { serialLoggerDivorce } from '../analytics/joint/divorce.ts'
import { silentUnpack } from '../analytics/joint/unpack.ts'
import { weigh } from '../domain/case.ts'
import {
  type Clue,
  cluesOf,
  type Finding,
  type Inside,
  type KnownPlace,
  runnable,
  type Shipment,
  type Sighting,
  type Step,
} from '../domain/suspicion.ts'
import type { Point } from '../simulators/route.ts'
import {
  hourMs,
  lastTime,
  levels,
  type Part,
  pallet,
  placeAt,
  shipmentOf,
  since,
  track,
} from './tracks.ts'

const detectors = [serialLoggerDivorce, silentUnpack, temperatureAlibi].map((each) =>
  runnable<Shipment, never>(each as never),
)
const findingsOf = (shipment: Shipment, clues: readonly Clue[]): Finding[] => {
  const told = cluesOf(clues, Math.max(lastTime(clues), since + 60 * hourMs))
  return detectors.flatMap((detector) => detector.run(shipment, told).findings)
}
const opens = (findings: readonly Finding[]): boolean =>
  weigh(findings, {}).some((weighed) => weighed.opens)

const [plantAt, hubAt, goalAt, farAt] = [
  { lat: 48, lon: 10 },
  { lat: 48, lon: 12 },
  { lat: 48, lon: 14 },
  { lat: 38.7, lon: -9.1 },
]
const [plant, hub, goal] = [
  placeAt('plant', plantAt, 'plant'),
  placeAt('hub', hubAt),
  placeAt('goal', goalAt, 'distributor'),
]
/** An hour at the plant, two to the hub, an hour there, two on, an hour at the receiver. */
const stay = (stand: Point, minutes = 60): Part => ({ stand, minutes })
const way: Part[] = [
  stay(plantAt),
  { along: [plantAt, hubAt], kmh: 74 },
  stay(hubAt),
  { along: [hubAt, goalAt], kmh: 74 },
  stay(goalAt),
]
const left: Part[] = [stay(plantAt), { along: [plantAt, hubAt], kmh: 74 }, stay(hubAt, 600)]
const hour = (hours: number): number => since + hours * hourMs

const unit = (n: number): string => `https://id.gs1.org/01/09521234543213/21/U${n}`
const units = [1, 2, 3, 4].map(unit)
/** Those that are taken never came out, on paper. */
const packed = (taken: readonly string[] = []): Inside[] =>
  units.map((epc) => ({
    ...{ epc, parent: pallet, from: since - hourMs },
    ...(taken.includes(epc)
      ? { to: Infinity, endedBy: null }
      : { to: hour(7), endedBy: 'removed' }),
  }))

const shipment = (taken: readonly string[] = [], mountedTo = hour(7)): Shipment => ({
  ...shipmentOf({ places: [plant, hub, goal] }),
  inside: packed(taken),
  loggers: [{ device: 'A', container: pallet, from: since, to: mountedTo }],
})

const said = (bizStep: string, time: number, place: KnownPlace): Step => ({
  ...{ kind: 'step', id: `${bizStep} ${time}`, time, epcs: [pallet], spot: place.spot! },
  fact: {
    ...{ eventTime: time, eventID: `${bizStep} ${time}`, type: 'ObjectEvent', role: 'object' },
    ...{ action: 'OBSERVE', inherited: false, bizStep, place: place.id },
  },
})
const papers: Step[] = [
  said('packing', hour(0), plant),
  said('shipping', hour(1), plant),
  said('arriving', hour(3.1), hub),
  said('departing', hour(3.95), hub),
  said('receiving', hour(6.1), goal),
  said('disassembling', hour(6.9), goal),
]

const scan = (epc: string, time: number, at: Point, over: Partial<Sighting> = {}): Sighting => ({
  ...{ kind: 'sighting', id: `${epc} ${time}`, time, lastTime: time, heardAt: time },
  ...{ lastHeardAt: time, epc, session: `phone ${epc} ${time}`, times: 1 },
  ...{ spots: [{ ...at, radiusM: 20_000 }], ...over },
})

/** What the logger says: dark, shut, cold, but for a time. */
const logger = (parts: readonly Part[], lit?: { from: number; to: number; lux: number }) => {
  const fixes = track(parts)
  const during = (time: number): boolean => !!lit && time >= lit.from && time < lit.to
  return [
    ...fixes,
    ...levels(fixes, 'temperature', (time) => 5 + 0.2 * Math.sin(time / 1e6)),
    ...levels(fixes, 'light', (time) => (during(time) ? lit!.lux : 0)),
    ...levels(fixes, 'door', () => 0),
    ...levels(fixes, 'shock', (time) => (during(time) ? 2 : 0)),
  ]
}

describe('a shipment in order', () => {
  it('is not suspected, nor when its events came in another order or only some of its readings', () => {
    const clues = [...papers, ...logger(way)]
    expect(findingsOf(shipment(), clues)).toEqual([])
    expect(findingsOf(shipment(), clues.toReversed())).toEqual([])
    const partial = clues.filter((clue, n) => clue.kind === 'step' || n % 7 === 0)
    expect(findingsOf(shipment(), partial)).toEqual([])
    expect(findingsOf(shipment(), logger(way))).toEqual([])
    expect(findingsOf(shipment(), papers)).toEqual([])
  })

  it('is not suspected for a logger without positions, or at 0,0, which are none', () => {
    const levelsOnly = logger(left).filter(({ kind }) => kind === 'level')
    expect(findingsOf(shipment(), [...papers, ...levelsOnly])).toEqual([])
  })
})

describe('serials and their logger', () => {
  it('are divorced when papers go on and the logger stays at the hub: a case with both as witnesses', () => {
    const [found, ...others] = findingsOf(shipment(), [...papers, ...logger(left)])
    expect(others).toEqual([])
    expect(found).toMatchObject({ detector: 'serial-logger-divorce', device: 'A', witnesses: 2 })
    expect(found!.facts).toMatchObject({ lastTogether: 'hub', places: ['goal'], events: 2 })
    expect(found!.facts.km).toBeGreaterThan(140)
    expect(opens([found!])).toBe(true)
  })

  it('are divorced on one event alone too, which opens no case', () => {
    const one = papers.filter(({ fact }) => fact.bizStep !== 'disassembling')
    const found = findingsOf(shipment(), [...one, ...logger(left)])
    expect(found).toHaveLength(1)
    expect(opens(found)).toBe(false)
  })

  it('are together when only the clock of the logger is off, by hours either way', () => {
    for (const off of [-20, -9, -3, -1, 1, 2, 5, 11, 24]) {
      const clues = logger(way)
        .map((clue) => ({ ...clue, time: clue.time + off * hourMs }))
        .filter(({ time }) => time < hour(7))
      expect(findingsOf(shipment(), [...papers, ...clues]), `${off} h`).toEqual([])
    }
  })

  it('are together when events are written down an hour late, and when the receiver is next door', () => {
    const late = papers.map((step) => ({ ...step, time: step.time + hourMs }))
    expect(findingsOf(shipment([], hour(9)), [...late, ...logger(way)])).toEqual([])
    const nextDoor = placeAt('goal', { lat: 48, lon: 12.1 })
    const near = papers.map((step) =>
      step.fact.place === 'goal' ? { ...step, spot: nextDoor.spot! } : step,
    )
    expect(findingsOf(shipment(), [...near, ...logger(left)])).toEqual([])
  })
})

describe('a container that was opened at a hub', () => {
  const lit = { from: hour(3.3), to: hour(3.6), lux: 300 }
  const taken = [unit(1), unit(2)]
  const opened = [...papers, ...logger(way, lit)]

  it('without a word, and whose content is missing and scanned elsewhere, is a case', () => {
    const scans = taken.map((epc, n) => scan(epc, hour(5 + n), farAt))
    const found = findingsOf(shipment(taken), [...opened, ...scans])
    expect(found.map(({ detector }) => detector)).toEqual(['silent-unpack'])
    expect(found[0]).toMatchObject({ serials: taken, witnesses: 4 })
    expect(found[0]!.facts).toMatchObject({ missing: 2, scans: 2, lux: 300, lat: 48, lon: 12 })
    expect(opens(found)).toBe(true)
  })

  it('is none when nothing is missing or seen, and missing things without light are not it', () => {
    expect(findingsOf(shipment(), opened)).toEqual([])
    expect(findingsOf(shipment(taken), [...papers, ...logger(way)])).toEqual([])
  })

  it('is none when an event says who looked into it, unless what is missing turns up, nor in the light of the vehicle’s own door', () => {
    const told = [...opened, said('inspecting', hour(3.5), hub)]
    expect(findingsOf(shipment(taken), told)).toEqual([])
    const scans = taken.map((epc, n) => scan(epc, hour(5 + n), farAt))
    expect(findingsOf(shipment(), [...told, ...scans.slice(0, 1)])).toMatchObject([
      { detector: 'temperature-alibi' },
    ])
    const [found] = findingsOf(shipment(taken), [...told, ...scans])
    expect(found).toMatchObject({ detector: 'silent-unpack', facts: { missing: 2, sessions: 2 } })
    expect(found!.logOdds).toBeCloseTo(6.5)
    const byDoor = opened.map((clue) =>
      clue.kind === 'level' && clue.time >= lit.from && clue.time < lit.to
        ? { ...clue, ...(clue.channel === 'door' && { value: 1 }) }
        : clue,
    )
    const dim = byDoor.map((clue) =>
      clue.kind === 'level' && clue.channel === 'light' && clue.value > 0
        ? { ...clue, value: 60 }
        : clue,
    )
    expect(findingsOf(shipment(taken), dim)).toEqual([])
  })

  it('misses nothing that was looked into and put back, or that it holds on a later trip', () => {
    const [first, ...others] = packed()
    const back: Inside[] = [
      { ...first!, to: hour(3.4) },
      { ...first!, from: hour(3.8), to: Infinity, endedBy: null },
      ...others.map((row): Inside => ({ ...row, to: Infinity, endedBy: null })),
    ]
    expect(findingsOf({ ...shipment(), inside: back }, opened)).toEqual([])
    const later = [5, 6].map((n): Inside => {
      return { epc: unit(n), parent: pallet, from: hour(9), to: Infinity, endedBy: null }
    })
    expect(findingsOf({ ...shipment(), inside: [...packed(), ...later] }, opened)).toEqual([])
  })

  it('is none when the logger says of the same time that it was elsewhere', () => {
    const both = opened.flatMap((clue): readonly Clue[] =>
      clue.kind === 'fix'
        ? [clue, { ...clue, id: `${clue.id} too`, spot: { ...farAt, radiusM: 15 } }]
        : [clue],
    )
    expect(findingsOf(shipment(taken), both).map(({ detector }) => detector)).toEqual([])
  })

  it('is left to others when it was opened far from every known place', () => {
    const onTheRoad = logger(way, { from: hour(2), to: hour(2.3), lux: 300 })
    expect(findingsOf(shipment(taken), [...papers, ...onTheRoad])).toEqual([])
  })
})

describe('a scan of what is in a closed container', () => {
  const calm = [...papers, ...logger(way)]

  it('far away is of a copy: two of them are a case', () => {
    const scans = [scan(unit(1), hour(2), farAt), scan(unit(1), hour(5), farAt)]
    const found = findingsOf(shipment(), [...calm, ...scans])
    expect(found).toMatchObject([{ detector: 'temperature-alibi', serials: [unit(1)] }])
    expect(found[0]!.facts).toMatchObject({ sessions: 2, isDark: true })
    expect(opens(found)).toBe(false)
    const more = [2.5, 4].map((hours) => scan(unit(2), hour(hours), farAt))
    const both = findingsOf(shipment(), [...calm, ...scans, ...more])
    expect(both).toHaveLength(2)
    expect(opens(both)).toBe(true)
  })

  it('is nothing near its way, after it was unpacked, or by a phone whose clock is a day off', () => {
    const near = scan(unit(1), hour(2), { lat: 48, lon: 11.2 })
    const sold = scan(unit(1), hour(30), farAt)
    const off = scan(unit(1), hour(4), farAt, { heardAt: hour(28), lastHeardAt: hour(28) })
    expect(findingsOf(shipment(), [...calm, near, sold, off])).toEqual([])
  })

  it('is of what was taken out when somebody opened it before, which is no alibi', () => {
    const opened = logger(way, { from: hour(2), to: hour(2.3), lux: 300 })
    const found = findingsOf(shipment(), [...papers, ...opened, scan(unit(1), hour(5), farAt)])
    expect(found.map(({ detector }) => detector)).not.toContain('temperature-alibi')
  })

  it('is of what was taken out when it did not come out with the rest, which is no alibi', () => {
    const scans = [scan(unit(1), hour(2), farAt), scan(unit(1), hour(5), farAt)]
    expect(findingsOf(shipment([unit(1)]), [...calm, ...scans])).toEqual([])
  })

  it('where the papers have it says that the logger is elsewhere, and not that it is a copy', () => {
    const found = findingsOf(shipment(), [
      ...[...papers, ...logger(left)],
      scan(unit(1), hour(6.5), goalAt),
    ])
    expect(found.map(({ detector }) => detector)).toEqual(['serial-logger-divorce'])
    expect(found[0]).toMatchObject({ witnesses: 3 })
  })
})

describe('the same clues', () => {
  it('say the same in any order and however often they come', () => {
    const clues = [
      ...papers,
      ...logger(left, { from: hour(3.3), to: hour(3.6), lux: 300 }),
      ...units.map((epc, n) => scan(epc, hour(4 + n / 2), farAt)),
    ]
    const whole = findingsOf(shipment([unit(1)]), clues)
    expect(whole.length).toBeGreaterThan(1)
    fc.assert(
      fc.property(fc.shuffledSubarray(clues), (again) => {
        const rest = clues.filter((clue) => !again.includes(clue))
        expect(findingsOf(shipment([unit(1)]), [...again, ...rest, ...again])).toEqual(whole)
      }),
      { numRuns: 20 },
    )
  })
})
