// Every kind of rule against an oracle that knows no tally and no pieces: it looks at every tick of
// time and counts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Watch } from '../analytics/plan.ts'
import { readingsOf, replayReadings } from '../analytics/replay.ts'
import { advance, currentBreaches, type Found, newChannel } from '../analytics/tracker.ts'
import { type Breach, breachesOf, type Interval, overlapOf, type Point } from '../domain/breach.ts'
import type { Rule } from '../domain/profile/profile.ts'
import { addPiece, newTally, verdictOf } from '../domain/tally.ts'
import { worldsOf } from './depth.ts'

const hour = 3_600_000
const midnight = Date.UTC(2026, 2, 2)
/** The time of a tick: hours, so that a few dozen make days. */
const at = (tick: number): number => midnight + tick * hour

type State = 'in' | 'out' | 'hole' | 'none'

interface World {
  readings: { tick: number; value: number }[]
  gap: number
  window: { first: number; end: number }
  unit: { first: number; end: number }
  rule: Rule
  settling: { ticks: number; slope: number | undefined } | undefined
}

const ruleArbitrary: fc.Arbitrary<Rule> = fc
  .tuple(
    fc.constantFrom('plain', 'day', 'rolling', 'rise', 'fall' as const),
    fc.constantFrom('above', 'atOrBelow', 'outside' as const),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 1, max: 40 }),
  )
  .map(([sort, side, allowance, window]): Rule => {
    const severity = 'major'
    if (sort === 'rise' || sort === 'fall')
      return {
        ...{ id: sort, kind: 'rate', side: sort, limitC: 4, allowanceMs: 0, severity },
        windowMs: Math.ceil(window / 6) * hour,
      }
    return {
      ...{ id: sort, kind: 'cumulative', side, severity },
      limitC: side === 'atOrBelow' ? 3 : 8,
      ...(side === 'outside' && { lowerC: 3.5 }),
      allowanceMs: (sort === 'day' ? Math.ceil(allowance / 4) : allowance) * hour,
      ...(sort === 'day' && { per: 'day' }),
      ...(sort === 'rolling' && { windowMs: Math.max(window, allowance) * hour }),
    }
  })

const anyWorld: fc.Arbitrary<World> = fc.record({
  readings: fc
    .uniqueArray(
      fc.record({ tick: fc.nat(150), value: fc.constantFrom(3, 3.5, 5, 7.8, 8, 9, 12) }),
      { selector: ({ tick }) => tick, minLength: 1, maxLength: 90, size: 'max' },
    )
    .map((readings) => readings.sort((a, b) => a.tick - b.tick)),
  gap: fc.integer({ min: 1, max: 9 }),
  window: fc
    .tuple(fc.nat(40), fc.integer({ min: 60, max: 170 }))
    .map(([first, end]) => ({ first, end })),
  unit: fc
    .tuple(fc.nat(100), fc.integer({ min: 1, max: 90 }))
    .map(([first, length]) => ({ first, end: first + length })),
  rule: ruleArbitrary,
  settling: fc.option(
    fc.record({
      ticks: fc.integer({ min: 1, max: 20 }),
      slope: fc.option(fc.constantFrom(0.5, 1.5, 3), { nil: undefined }),
    }),
    { nil: undefined },
  ),
})

/** The newest reading stands for no time and is in, so that every breach is made of ticks. */
const worldArbitrary = anyWorld.map((world): World => {
  const value = { rise: 3, fall: 12 }[world.rule.id] ?? 5
  return {
    ...world,
    readings: [...world.readings, { tick: world.readings.at(-1)!.tick + 1, value }],
  }
})

function watchOf({ gap, window, rule, settling }: World): Watch {
  const from = at(window.first)
  return {
    ...{ id: 'watch', container: 'pallet', gtin: '09521234543213', productVersion: 1 },
    window: { from, to: at(window.end) },
    options: {
      ...{ rule, gapMs: gap * hour, hysteresisC: 0, since: from },
      ...(settling && {
        settling: {
          ...{ from, until: from + settling.ticks * hour },
          ...(settling.slope !== undefined && { slopeBelowCPerHour: settling.slope }),
        },
      }),
    },
  }
}

const pointsOf = (world: World): Point[] =>
  world.readings.map(({ tick, value }) => ({ time: at(tick), value }))

describe('against an oracle that looks at every tick', () => {
  it('finds the same breaches, the same sums, the same verdicts and the same shares', () => {
    let found = 0
    fc.assert(
      fc.property(worldArbitrary, (world) => {
        const { options, window } = watchOf(world)
        const points = pointsOf(world)
        const breaches = breachesOf(points, options, window)
        const lasting = breaches.filter(({ outMs }) => outMs > 0)
        const expected = expectedBreaches(world)
        expect(lasting.map(told)).toEqual(expected.map(({ ticks: _ticks, ...one }) => one))
        found += lasting.length
        for (const [index, breach] of lasting.entries())
          checkShare(world, { points, breach, ticks: expected[index]!.ticks })
      }),
      { numRuns: worldsOf(10_000) },
    )
    expect(found).toBeGreaterThan(1000)
  })

  it('finds the same when readings come one by one, late, twice and in any cut', () => {
    fc.assert(
      fc.property(worldArbitrary, fc.array(fc.nat(1000), { minLength: 1 }), (world, keys) => {
        const watch = watchOf(world)
        const points = pointsOf(world)
        const expected = breachesOf(points, watch.options, watch.window)
        const inOrder: Found[] = []
        const channel = newChannel()
        for (const point of points) {
          advance(channel, point, { watches: [watch], found: inOrder })
          advance(channel, point, { watches: [watch], found: inOrder })
        }
        inOrder.push(...currentBreaches(channel, [watch]))
        expect(inOrder.map(({ breach }) => breach)).toEqual(expected)
        // Late readings start over from all that are known, as the sweep does.
        const known: Point[] = []
        let late = newChannel()
        let replayed: Found[] = []
        for (const point of points
          .map((one, index) => ({ one, key: keys[index % keys.length]! * (index + 3) }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one)) {
          known.push(point)
          if (advance(late, point, { watches: [watch], found: [] }) !== 'late') continue
          const again = replayReadings(readingsOf(known.toSorted((a, b) => a.time - b.time)), [
            watch,
          ])
          late = again.channel
          replayed = again.found
        }
        if (replayed.length > 0) {
          const { found } = replayReadings(readingsOf(points), [watch])
          expect(found.map(({ breach }) => breach)).toEqual(expected)
          expect(late).toEqual(replayReadings(readingsOf(points), [watch]).channel)
        }
      }),
      { numRuns: 1500 },
    )
  })
})

const told = ({ from, to, extent, outMs, holeMs, verdict }: Breach) => ({
  ...{ from, to, outMs, holeMs, verdict },
  extent,
})

/** State of every tick, with what a reading itself says worked out by looking at all before it. */
function statesOf(world: World): Map<number, State> {
  const { readings, gap, window, rule } = world
  const settledAt = settledAtOf(world)
  const states = new Map<number, State>()
  const newest = readings.at(-1)!.tick
  for (let tick = window.first; tick < Math.min(window.end, newest); tick++) {
    const index = readings.findLastIndex((reading) => reading.tick <= tick)
    if (index < 0) continue
    const known = tick < readings[index]!.tick + gap && tick >= settledAt
    states.set(tick, !known ? 'hole' : isOut(world, index, settledAt) ? 'out' : 'in')
  }
  return states

  function isOut({ readings: all }: World, index: number, from: number): boolean {
    const { tick, value } = all[index]!
    if (rule.side === 'above') return value > rule.limitC
    if (rule.side === 'atOrBelow') return value <= rule.limitC
    if (rule.side === 'outside') return value > rule.limitC || value < rule.lowerC!
    if (tick < from || tick < window.first) return false
    for (let before = index - 1; before >= 0; before--) {
      const base = all[before]!
      if (all[before + 1]!.tick - base.tick > gap) return false
      if (base.tick < Math.max(from, window.first)) return false
      if ((tick - base.tick) * hour > rule.windowMs!) return false
      const change = rule.side === 'rise' ? value - base.value : base.value - value
      if (change >= rule.limitC - 1e-6) return true
    }
    return false
  }
}

function settledAtOf({ readings, gap, window, settling }: World): number {
  if (!settling) return Number.NEGATIVE_INFINITY
  const until = window.first + settling.ticks
  if (settling.slope === undefined) return until
  for (let index = 1; index < readings.length; index++) {
    const [a, b] = [readings[index - 1]!, readings[index]!]
    if (a.tick < window.first || b.tick - a.tick > gap || b.tick >= until) continue
    if (Math.abs(b.value - a.value) / (b.tick - a.tick) < settling.slope) return b.tick
  }
  return until
}

interface Expected {
  from: number
  to: number | null
  outMs: number
  holeMs: number
  verdict: string
  extent: Interval
  ticks: Map<number, State>
}

function expectedBreaches(world: World): Expected[] {
  const { rule } = world
  const states = statesOf(world)
  return groupsOf(states, rule).flatMap((ticks): Expected[] => {
    const outs = ticks.filter((tick) => states.get(tick) === 'out')
    if (outs.length === 0) return []
    let [first, end] = [outs[0]!, outs.at(-1)! + 1]
    while (ticks.includes(first - 1) && states.get(first - 1) === 'hole') first--
    while (ticks.includes(end) && states.get(end) === 'hole') end++
    const own = new Map(
      ticks.filter((tick) => tick >= first && tick < end).map((tick) => [tick, states.get(tick)!]),
    )
    return [
      {
        ...{ from: at(outs[0]!), to: at(outs.at(-1)! + 1), verdict: verdict(own, rule) },
        outMs: outs.length * hour,
        holeMs: [...own.values()].filter((state) => state === 'hole').length * hour,
        extent: { from: at(first), to: at(end) },
        ticks: own,
      },
    ]
  })
}

/** The ticks that may belong to one breach: of a day, of a chain of windows, of one stretch. */
function groupsOf(states: Map<number, State>, rule: Rule): number[][] {
  const ticks = [...states.keys()].sort((a, b) => a - b)
  if (rule.per === 'day') return [...Map.groupBy(ticks, (tick) => Math.floor(tick / 24)).values()]
  if (rule.kind === 'cumulative' && rule.windowMs === undefined) return [ticks]
  const bridge = rule.kind === 'rate' ? 1 : rule.windowMs! / hour
  const groups: number[][] = [[]]
  let inside = 0
  for (const tick of ticks) {
    inside = states.get(tick) === 'in' ? inside + 1 : 0
    groups.at(-1)!.push(tick)
    if (inside >= bridge) groups.push([])
  }
  return groups
}

function verdict(own: Map<number, State>, rule: Rule): string {
  const ticks = [...own.keys()].sort((a, b) => a - b)
  const isSure = (tick: number): boolean => own.get(tick) === 'out'
  const isPossible = (tick: number): boolean => isSure(tick) || own.get(tick) === 'hole'
  if (rule.kind === 'rate')
    return ticks.some(isSure) ? 'out' : ticks.some(isPossible) ? 'indeterminate' : 'in'
  const most = (counts: (tick: number) => boolean): number => {
    if (rule.windowMs === undefined) return ticks.filter(counts).length
    let max = 0
    for (const end of ticks)
      max = Math.max(
        max,
        ticks.filter((tick) => tick <= end && tick > end - rule.windowMs! / hour && counts(tick))
          .length,
      )
    return max
  }
  if (most(isSure) * hour >= rule.allowanceMs) return 'out'
  return most(isPossible) * hour >= rule.allowanceMs ? 'indeterminate' : 'in'
}

function checkShare(
  world: World,
  { points, breach, ticks }: { points: Point[]; breach: Breach; ticks: Map<number, State> },
): void {
  const { unit, rule } = world
  const presence = [{ from: at(unit.first), to: at(unit.end) }]
  const share = overlapOf(points, watchOf(world).options, { breach, presence })
  if (at(unit.first) >= breach.to! || at(unit.end) <= breach.from) {
    expect(share).toBeUndefined()
    return
  }
  const own = new Map([...ticks].filter(([tick]) => tick >= unit.first && tick < unit.end))
  expect(share!.outMs).toBe([...own.values()].filter((state) => state === 'out').length * hour)
  expect(share!.verdict).toBe(verdict(own, rule))
}

describe('a window that rolls', () => {
  const rule: Rule = {
    ...{ id: 'roll', kind: 'cumulative', side: 'above', limitC: 8, severity: 'major' },
    ...{ allowanceMs: 600 * 1000, windowMs: 2000 * 1000 },
  }

  it('remembers no more than its bound, and what it forgets makes it unsure, never better', () => {
    const tally = newTally()
    let time = 0
    // One second out, one second in: 1000 of 2000 seconds are out, in a thousand pieces.
    for (let piece = 0; piece < 5000; piece++) {
      const state = piece % 2 === 0 ? 'out' : 'in'
      addPiece(tally, { from: time, to: time + 1000, state, value: 9 }, rule)
      time += 1000
    }
    expect(tally.rolling!.spans.length).toBeLessThanOrEqual(256)
    expect(JSON.stringify(tally).length).toBeLessThan(16_384)
    expect(verdictOf(tally, rule)).not.toBe('in')
    expect(tally.rolling!.outMs).toBeLessThanOrEqual(1_000_000)
    expect(tally.rolling!.possibleMs).toBeGreaterThanOrEqual(1_000_000)
  })
})

describe('a limit on either side', () => {
  it('adds up time above and below, and has the value furthest beyond as its peak', () => {
    const rule: Rule = {
      ...{ id: 'range', kind: 'cumulative', side: 'outside', limitC: 8, lowerC: 2 },
      ...{ allowanceMs: 3 * hour, severity: 'major' },
    }
    const values = [5, 9, 5, -1, -1, 5]
    const points = values.map((value, tick) => ({ time: at(tick), value }))
    const options = { rule, gapMs: 2 * hour, hysteresisC: 0 }
    const [breach, ...others] = breachesOf(points, options, { from: 0, to: Infinity })
    expect(others).toEqual([])
    expect(breach).toMatchObject({
      ...{ from: at(1), to: at(5), outMs: 3 * hour, peakC: -1, verdict: 'out' },
    })
  })
})
