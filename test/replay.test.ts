// Invariant I3 of the arithmetic by itself, over many worlds: readings one by one, all at once, from
// text and from waypoints end in the same breaches and the same state, bit for bit, and these are
// what the batch arithmetic finds, which test/tally.test.ts holds against an oracle.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Watch } from '../analytics/plan.ts'
import { type Replayed, readingsOf, replayReadings, waypointMs } from '../analytics/replay.ts'
import { isAnew, type Late, resume, startOf } from '../analytics/resume.ts'
import {
  advance,
  currentBreaches,
  type Found,
  formatChannels,
  newChannel,
} from '../analytics/tracker.ts'
import { breachesOf, type Point } from '../domain/breach.ts'
import type { Rule } from '../domain/profile/profile.ts'
import { createRandom } from '../simulators/random.ts'
import { worldsOf } from './depth.ts'

/** Six to a waypoint, so that few readings pass many of them. */
const tick = waypointMs / 6
const severity = 'major' as const

const ruleArbitrary: fc.Arbitrary<Rule> = fc.oneof(
  fc.constantFrom<Rule>(
    { id: 'instant', kind: 'instant', side: 'above', limitC: 8, allowanceMs: 0, severity },
    { id: 'single', kind: 'single', side: 'below', limitC: 2, allowanceMs: 3 * tick, severity },
    { id: 'sum', kind: 'cumulative', side: 'above', limitC: 8, allowanceMs: 5 * tick, severity },
  ),
  fc.constantFrom<Rule>(
    {
      ...{ id: 'both', kind: 'cumulative', side: 'outside', limitC: 8, lowerC: 2 },
      ...{ allowanceMs: 4 * tick, windowMs: 15 * tick, severity },
    },
    {
      ...{ id: 'daily', kind: 'cumulative', side: 'atOrAbove', limitC: 8, per: 'day' },
      ...{ allowanceMs: 3_600_000, severity },
    },
    {
      ...{ id: 'rise', kind: 'rate', side: 'rise', limitC: 4, allowanceMs: 0 },
      ...{ windowMs: 3 * tick, severity },
    },
  ),
)

const watchArbitrary: fc.Arbitrary<Watch> = fc
  .record({
    rule: ruleArbitrary,
    gap: fc.constantFrom(1, 2, 3),
    hysteresisC: fc.constantFrom(0, 0.5),
    from: fc.integer({ min: -2, max: 30 }),
    length: fc.constantFrom(5, 40, Infinity),
    settling: fc.constantFrom('none', 'fixed', 'slope'),
  })
  .map(({ rule, gap, hysteresisC, from, length, settling }): Watch => {
    const window = { from: from * tick, to: (from + length) * tick }
    const until = window.from + 4 * tick
    return {
      ...{ id: `c|${rule.id}|${from}`, container: 'c', gtin: '09521234543213', productVersion: 1 },
      window,
      options: {
        ...{ rule, gapMs: gap * tick, hysteresisC, since: window.from },
        ...(settling === 'fixed' && { settling: { from: window.from, until } }),
        ...(settling === 'slope' && {
          settling: { from: window.from, until, slopeBelowCPerHour: 0.03 },
        }),
      },
    }
  })

const watchesArbitrary = fc.uniqueArray(watchArbitrary, {
  minLength: 1,
  maxLength: 3,
  selector: ({ id }) => id,
})

/** Stretches of a temperature with holes; ticks since the epoch, each once. */
const pointsArbitrary: fc.Arbitrary<Point[]> = fc
  .array(fc.tuple(fc.constantFrom(1, 1, 2, 4), fc.constantFrom(4, 4, 4, 1, 7.8, 8, 9, 12)), {
    minLength: 10,
    maxLength: 60,
  })
  .map((steps) => {
    let at = 0
    return steps.map(([step, value]) => {
      at += step
      return { time: at * tick, value }
    })
  })

/** Long enough that whole blocks of readings are passed over, with something in some of them. */
const calmArbitrary: fc.Arbitrary<Point[]> = fc
  .record({
    length: fc.integer({ min: 100, max: 450 }),
    seed: fc.nat(),
    odd: fc.array(fc.tuple(fc.nat(450), fc.constantFrom(1, 7.8, 8, 9, 12)), { maxLength: 4 }),
    holes: fc.array(fc.nat(450), { maxLength: 3 }),
  })
  .map(({ length, seed, odd, holes }) => {
    const random = createRandom(seed)
    const values = Array.from({ length }, () => (40 + random.below(30)) / 10)
    for (const [at, value] of odd) if (at < length) values[at] = value
    let at = 0
    return values.map((value, i) => {
      at += holes.includes(i) ? 4 : 1
      return { time: at * tick, value }
    })
  })

const told = (found: readonly Found[], watches: readonly Watch[]) =>
  watches.map(({ id }) => found.filter(({ watch }) => watch.id === id).map(({ breach }) => breach))

const runs = worldsOf(5000)

it('passes over calm stretches as if it had looked at each reading', () => {
  fc.assert(
    fc.property(watchesArbitrary, calmArbitrary, (watches, points) => {
      const channel = newChannel()
      const found: Found[] = []
      for (const point of points) advance(channel, point, { watches, found })
      found.push(...currentBreaches(channel, watches))
      const all = replayReadings(readingsOf(points), watches)
      same(told(all.found, watches), told(found, watches))
      same(sorted(all.channel), sorted(channel))
    }),
    { numRuns: runs / 5 },
  )
})

it('finds the same of readings one by one, all at once and by the batch arithmetic', () => {
  fc.assert(
    fc.property(watchesArbitrary, pointsArbitrary, (watches, points) => {
      const expected = watches.map((one) => breachesOf(points, one.options, one.window))
      const channel = newChannel()
      const found: Found[] = []
      for (const point of points) advance(channel, point, { watches, found })
      found.push(...currentBreaches(channel, watches))
      same(told(found, watches), expected)
      const all = replayReadings(readingsOf(points), watches)
      same(told(all.found, watches), expected)
      same(sorted(all.channel), sorted(channel))
      // Waypoints change nothing of what is found.
      const kept = replayReadings(readingsOf(points), watches, { keep: true })
      same(kept.found, all.found)
      expect(formatChannels({ c: kept.channel })).toBe(formatChannels({ c: all.channel }))
    }),
    { numRuns: runs },
  )
})

let metEarly = 0

it('judges late readings from a waypoint as if all had come in order', () => {
  fc.assert(
    fc.property(
      watchesArbitrary,
      pointsArbitrary,
      fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 4 })), {
        minLength: 1,
        maxLength: 3,
      }),
      (watches, points, cuts) => {
        const world = { watches, points, known: new Set(points) }
        for (const [first, count] of cuts)
          for (const point of points.slice(first, first + count)) world.known.delete(point)
        let before = keptOf(world)
        for (const [first, count] of cuts) before = comesLate(world, { first, count, before })
      },
    ),
    { numRuns: runs },
  )
  // Where nothing ever met early the property would prove little.
  expect(metEarly).toBeGreaterThan(runs / 20)
})

interface World {
  watches: Watch[]
  points: Point[]
  known: Set<Point>
}

const inOrder = ({ points, known }: World): Point[] => points.filter((one) => known.has(one))

const keptOf = (world: World): Replayed =>
  replayReadings(readingsOf(inOrder(world)), world.watches, { keep: true })

/** What was missing comes; judged from the waypoints that were kept before. */
function comesLate(
  world: World,
  { first, count, before }: { first: number; count: number; before: Replayed },
): Replayed {
  const { watches, points, known } = world
  const newest = before.channel.last?.time ?? Number.NEGATIVE_INFINITY
  const lot = points.slice(first, first + count).filter((one) => !known.has(one))
  const [one, last] = [lot[0], lot.at(-1)]
  for (const point of lot) known.add(point)
  const whole = keptOf(world)
  if (!one || !last || last.time > newest) return whole
  const late: Late = { from: one.time, to: last.time }
  const start = startOf(before.waypoints, late)
  if (!start) return whole
  const all = inOrder(world)
  const from = all.findIndex(({ time }) => time === start.last.time)
  const upTo = (to: number) => readingsOf(all.slice(from).filter(({ time }) => time < to))
  const resuming = { kept: before.waypoints, start, watches, late, channel: before.channel }
  const part = upTo(late.to + 2 * waypointMs)
  const some = resume(resuming, { readings: part, whole: false })
  const resumed = some ?? resume(resuming, { readings: upTo(Infinity), whole: true })!
  same(sorted(resumed.channel), sorted(whole.channel))
  for (const watch of watches) {
    const anew = resumed.anew.get(watch.id)!
    if (anew.upTo < Infinity) metEarly++
    const of = (found: readonly Found[]) => found.filter((two) => two.watch.id === watch.id)
    const within = ({ breach }: Found): boolean => isAnew(anew, breach.from)
    same(of(resumed.found), of(whole.found).filter(within))
    // What was not judged anew is as it was.
    const others = of(whole.found).filter((two) => !within(two))
    same(
      others,
      of(before.found).filter((two) => !within(two)),
    )
  }
  // And the next late reading finds waypoints that are true.
  const states = new Map(whole.waypoints.map((two) => [two.time, two]))
  for (const waypoint of resumed.waypoints) same(waypoint, states.get(waypoint.time))
  return { ...resumed, found: whole.found }
}

/** Texts are compared first: to compare objects costs more than all that is tested. */
function same(one: unknown, other: unknown): void {
  if (JSON.stringify(one) !== JSON.stringify(other)) expect(one).toEqual(other)
}

/** By id: the order of properties is not part of what is known. */
const sorted = ({ last, watches }: Replayed['channel']) => ({
  last,
  watches: Object.fromEntries(Object.entries(watches).sort(([a], [b]) => (a < b ? -1 : 1))),
})
