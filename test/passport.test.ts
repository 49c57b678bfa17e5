// What a passport counts, held against an oracle that looks at every minute, and against itself
// however time is cut into legs.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Interval, Point } from '../domain/breach.ts'
import { acceleration, type Limit, standsOf, uspKinetics } from '../domain/exposure.ts'
import { freezeC, thawHysteresisC } from '../domain/freezing.ts'
import type { Containment } from '../domain/hierarchy.ts'
import { hourMs, hoursOf } from '../domain/hours.ts'
import { type Leg, legsOf, levelsAbove, type Mount } from '../domain/legs.ts'
import {
  type Account,
  accountOf,
  addSums,
  noSums,
  type Question,
  type Sums,
  sumsOf,
} from '../domain/passport.ts'
import { type PastHour, type Stretch, spellsOf } from '../domain/spells.ts'

const minute = 60_000
const limits: Limit[] = [
  { side: 'above', limitC: 8 },
  { side: 'atOrAbove', limitC: 15 },
  { side: 'below', limitC: 2 },
  { side: 'atOrBelow', limitC: -0.5 },
]
const question: Question = { limits, kinetics: uspKinetics }
const account = (sums: Sums, ms: number): Account => accountOf(sums, { ms, question })

const close = (found: number | null, wanted: number | null): void => {
  if (found === null || wanted === null) expect(found).toBe(wanted)
  else expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(wanted)))
}
function same(found: Account, wanted: Account): void {
  const { meanC, mktC, kineticMs, ...exact } = found
  const { meanC: mean, mktC: mkt, kineticMs: kinetic, ...other } = wanted
  expect(exact).toEqual(other)
  close(meanC, mean)
  close(mktC, mkt)
  close(kineticMs, kinetic)
}

const celsius = fc.oneof(
  fc.integer({ min: -30, max: 200 }).map((tenths) => tenths / 10),
  fc.constantFrom(-0.5, -0.1, 0, 0.2, 0.5, 2, 8, 15),
)
/** Readings on whole minutes, so that an oracle of minutes sees all. */
const readings = (minutes: number) =>
  fc
    .uniqueArray(fc.record({ time: fc.nat(minutes - 1).map((n) => n * minute), value: celsius }), {
      ...{ selector: ({ time }) => time, maxLength: 50 },
    })
    .map((points) => points.sort((a, b) => a.time - b.time))
const span = (minutes: number) =>
  fc
    .tuple(fc.nat(minutes), fc.nat(minutes))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => ({ from: Math.min(a, b) * minute, to: Math.max(a, b) * minute }))

const gapMs = 15 * minute
const minutes = 240
const things = ['unit', 'box', 'crate', 'pallet', 'truck']
const devices = ['d0', 'd1', 'd2', 'd3']

/** Stays upwards only, mounts anywhere, readings of each logger. */
const world = fc
  .record({
    stays: fc.array(
      fc.record({ child: fc.nat(3), up: fc.integer({ min: 1, max: 3 }), at: span(minutes) }),
      { maxLength: 8 },
    ),
    mounts: fc.array(fc.record({ device: fc.nat(3), container: fc.nat(4), at: span(minutes) }), {
      maxLength: 6,
    }),
    said: fc.tuple(...devices.map(() => readings(minutes))),
    window: span(minutes),
    cuts: fc.array(fc.nat(minutes), { maxLength: 5 }),
  })
  .map(({ stays, mounts, said, window, cuts }) => ({
    said: new Map(devices.map((device, i) => [device, said[i]!])),
    stays: stays
      .filter(({ child, up }) => child + up < things.length)
      .map(
        ({ child, up, at }): Containment => ({
          ...{ relation: 'aggregation', child: things[child]!, parent: things[child + up]!, ...at },
          endedBy: 'removed',
        }),
      ),
    mounts: mounts.map(
      ({ device, container, at }): Mount => ({
        ...{ device: devices[device]!, container: things[container]!, ...at },
      }),
    ),
    window,
    cuts,
  }))
type World = typeof world extends fc.Arbitrary<infer T> ? T : never

const legsIn = ({ stays, mounts }: World, window: Interval): Leg[] =>
  legsOf(
    levelsAbove('unit', {
      ...{ window, depthMax: 10 },
      staysOf: (child) => stays.filter((stay) => stay.child === child),
    }),
    { window, mountsOn: (container) => mounts.filter((mount) => mount.container === container) },
  )
const stretchesIn = ({ said }: World, leg: Leg): Stretch[] => {
  const loud = [...new Set(leg.loggers.map(({ device }) => device))]
  return spellsOf(loud.map((device) => standsOf(said.get(device)!, { gapMs, window: leg })))
}
const sumsIn = (told: World, window: Interval): Sums =>
  legsIn(told, window).reduce(
    (sums, leg) => addSums(sums, sumsOf(stretchesIn(told, leg), question)),
    noSums(question),
  )

/** What stood for a device at a moment; undefined when nothing is known. */
function standing(points: readonly Point[], time: number): number | undefined {
  const at = points.findLastIndex((point) => point.time <= time)
  const point = points[at]
  if (!point || !points[at + 1] || time - point.time >= gapMs) return undefined
  return point.value
}

/** The loggers of the nearest container that has one, at a moment: found by walking up. */
function nearest({ stays, mounts }: World, time: number): string[] {
  const during = ({ from, to }: Interval): boolean => from <= time && time < to
  let level = new Set(['unit'])
  for (let depth = 0; depth < 10 && level.size > 0; depth++) {
    const near = mounts.filter((mount) => level.has(mount.container) && during(mount))
    if (near.length > 0) return [...new Set(near.map(({ device }) => device))]
    const above = stays.filter((stay) => level.has(stay.child) && during(stay))
    level = new Set(above.map(({ parent }) => parent))
  }
  return []
}

function oracle(told: World, window: Interval): Omit<Account, 'minC' | 'maxC'> {
  const beyond = [0, 0, 0, 0]
  let [knownMs, warmSum, kinetic, cycles, state] = [0, 0, 0, 0, '']
  for (let time = window.from; time < window.to; time += minute) {
    const loud = nearest(told, time)
    const all = loud.flatMap((device) => standing(told.said.get(device)!, time) ?? [])
    // A newest reading stands for no time, and is known all the same.
    const moments = loud.flatMap((device) => {
      const last = told.said.get(device)!.at(-1)
      return last?.time === time ? [last.value] : []
    })
    const freeze = (coldest: number): void => {
      if (coldest < freezeC) {
        if (state === 'thawed') cycles++
        state = 'frozen'
      } else if (coldest >= thawHysteresisC || state === '') state = 'thawed'
    }
    if (moments.length > 0) freeze(Math.min(...moments))
    if (all.length === 0) continue
    const [warm, cold] = [Math.max(...all), Math.min(...all)]
    knownMs += minute
    warmSum += warm * minute
    kinetic += acceleration(warm, 5, uspKinetics) * minute
    freeze(cold)
    if (warm > 8) beyond[0]! += minute
    if (warm >= 15) beyond[1]! += minute
    if (cold < 2) beyond[2]! += minute
    if (cold <= -0.5) beyond[3]! += minute
  }
  const ms = window.to - window.from
  const perMs = Math.log(kinetic / knownMs) / 10_000
  return {
    ...{ ms, knownMs, unknownMs: ms - knownMs, kineticMs: kinetic, freezeThawCycles: cycles },
    meanC: knownMs > 0 ? warmSum / knownMs : null,
    mktC: knownMs > 0 ? 1 / (1 / 278.15 - perMs) - 273.15 : null,
    zones: limits.map((limit, i) => ({ limit, ms: beyond[i]! })),
  }
}

describe('legs of a unit', () => {
  it('cover the time asked for, each moment once', () => {
    fc.assert(
      fc.property(world, (told) => {
        let at = told.window.from
        for (const { from, to } of legsIn(told, told.window)) {
          expect([from, to > from]).toEqual([at, true])
          at = to
        }
        expect(at).toBe(told.window.to)
      }),
      { numRuns: 2000 },
    )
  })

  it('end at the depth when containers contain each other', () => {
    const around = (child: string, parent: string): Containment => ({
      ...{ relation: 'aggregation', child, parent, from: 0, to: Infinity, endedBy: null },
    })
    const stays = [around('unit', 'box'), around('box', 'pallet'), around('pallet', 'box')]
    const window = { from: 0, to: 10 }
    const staysOf = (child: string) => stays.filter((stay) => stay.child === child)
    const levels = levelsAbove('unit', { window, staysOf, depthMax: 5 })
    const mount = { container: 'pallet', device: 'd', from: 3, to: 20 }
    const mountsOn = (container: string) => (container === 'pallet' ? [mount] : [])
    expect(legsOf(levels, { window, mountsOn })).toEqual([
      { from: 0, to: 3, loggers: [] },
      { from: 3, to: 10, loggers: [{ container: 'pallet', device: 'd' }] },
    ])
  })
})

describe('a passport', () => {
  it('says what every minute of nested containers and several loggers says', () => {
    fc.assert(
      fc.property(world, (told) => {
        const { window } = told
        const { minC, maxC, ...found } = account(sumsIn(told, window), window.to - window.from)
        const wanted = oracle(told, window)
        same({ ...found, minC, maxC }, { ...wanted, minC, maxC })
        expect(minC === null || minC <= found.meanC! + 1e-9 || found.meanC === null).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })

  it('adds up over any split into legs', () => {
    fc.assert(
      fc.property(world, (told) => {
        const { window } = told
        const edges = told.cuts
          .map((n) => n * minute)
          .filter((time) => time > window.from && time < window.to)
          .sort((a, b) => a - b)
        const all = [window.from, ...edges, window.to]
        let sums = noSums(question)
        for (const [i, to] of all.entries())
          if (i > 0) sums = addSums(sums, sumsIn(told, { from: all[i - 1]!, to }))
        const ms = window.to - window.from
        same(account(sums, ms), account(sumsIn(told, window), ms))
      }),
      { numRuns: 5000 },
    )
  })

  it('says of whole hours without readings what it said with them', () => {
    const dense = fc
      .tuple(fc.nat(30), fc.array(celsius, { minLength: 20, maxLength: 60 }))
      .map(([at, values]) => values.map((value, i) => ({ time: (at + i * 10) * minute, value })))
    const wide = fc
      .tuple(fc.oneof(dense, readings(600)), fc.nat(4), fc.integer({ min: 1, max: 5 }))
      .map(([points, from, hours]) => ({
        points,
        window: { from: from * hourMs, to: (from + hours) * hourMs },
      }))
    fc.assert(
      fc.property(wide, ({ points, window }) => {
        const rows = hoursOf(points, { gapMs, window, temperature: true })
        const past = rows.map(
          (row): PastHour => ({ from: row.time, to: row.time + hourMs, rows: [row] }),
        )
        const ms = window.to - window.from
        const found = account(sumsOf(past, question), ms)
        const spells = spellsOf([standsOf(points, { gapMs, window })])
        const wanted = account(sumsOf(spells, question), ms)
        const { freezeThawCycles } = found
        // Within an hour that was both frozen and thawed nobody knows how often: no fewer, unless
        // it was in time that nobody knows.
        const whole = points.every(({ time }, i) => i === 0 || time - points[i - 1]!.time <= gapMs)
        const least = whole ? wanted.freezeThawCycles : Math.min(1, wanted.freezeThawCycles)
        expect(freezeThawCycles).toBeGreaterThanOrEqual(least)
        same({ ...found, freezeThawCycles: 0 }, { ...wanted, freezeThawCycles: 0 })
      }),
      { numRuns: 5000 },
    )
  })

  it('never says less of a part of an hour than its readings did', () => {
    const cut = fc.tuple(readings(60), span(60))
    fc.assert(
      fc.property(cut, ([points, window]) => {
        const rule = { gapMs, window: { from: 0, to: hourMs }, temperature: true }
        const rows = hoursOf([...points, { time: 70 * minute, value: 5 }], rule)
        if (rows.length === 0) return
        const stands = standsOf([...points, { time: 70 * minute, value: 5 }], { gapMs, window })
        const wanted = sumsOf(spellsOf([stands]), question)
        const found = sumsOf([{ ...window, rows }], question)
        expect(found.knownMs).toBeLessThanOrEqual(wanted.knownMs)
        const unknownMs = window.to - window.from - found.knownMs
        for (const [i, ms] of wanted.beyondMs.entries())
          expect(found.beyondMs[i]! + unknownMs).toBeGreaterThanOrEqual(ms)
      }),
      { numRuns: 2000 },
    )
  })

  it('counts a freeze-thaw cycle once, however often it trembles about 0 °C', () => {
    const cycles = (...values: number[]): number => {
      const spells = values.map((value, i) => ({
        ...{ from: i * minute, to: (i + 1) * minute, warmC: value, coldC: value },
      }))
      return account(sumsOf(spells, question), values.length * minute).freezeThawCycles
    }
    expect(cycles(5, -0.1, 0.1, -0.1, 0.4, -1)).toBe(1)
    expect(cycles(5, -0.1, 0.5, -0.1)).toBe(2)
    // What was never known to be thawed was frozen before.
    expect(cycles(-20, -18, 3, -20)).toBe(1)
  })
})
