import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Breach,
  breachesOf,
  type Interval,
  isBeyond,
  type JudgeOptions,
  overlapOf,
  type Point,
} from '../domain/breach.ts'
import type { Rule } from '../domain/profile/profile.ts'

const minute = 60_000
const at = (clock: string): number => Date.parse(`2026-03-02T${clock}:00Z`)

const rule = (change: Partial<Rule> = {}): Rule => ({
  id: 'heat',
  kind: 'single',
  side: 'above',
  limitC: 8,
  allowanceMs: 30 * minute,
  severity: 'major',
  ...change,
})
const judged = (change: Partial<Rule> = {}, hysteresisC = 0): JudgeOptions => ({
  rule: rule(change),
  gapMs: 12.5 * minute,
  hysteresisC,
})
const always: Interval = { from: 0, to: Infinity }

/** Readings every 5 minutes: 5 °C, 10 °C from `from` up to but not at `to`, then 5 °C. */
function plateau(from: string, to: string): Point[] {
  const points: Point[] = []
  for (let time = at('09:00'); time <= at('12:00'); time += 5 * minute)
    points.push({ time, value: time >= at(from) && time < at(to) ? 10 : 5 })
  return points
}

describe('a breach', () => {
  it('lasts from the first reading beyond the limit to the first one back inside', () => {
    const [breach, ...others] = breachesOf(plateau('10:00', '10:40'), judged(), always)
    expect(others).toEqual([])
    expect(breach).toMatchObject({
      from: at('10:00'),
      to: at('10:40'),
      outMs: 40 * minute,
      holeMs: 0,
      peakC: 10,
      verdict: 'out',
    })
  })

  it('is in while the allowance is not used up, and out when it is reached', () => {
    expect(breachesOf(plateau('10:00', '10:25'), judged(), always)[0]?.verdict).toBe('in')
    expect(breachesOf(plateau('10:00', '10:30'), judged(), always)[0]?.verdict).toBe('out')
  })

  it('stays open, without an end, while the newest reading is beyond the limit', () => {
    const points = plateau('10:00', '13:00').filter(({ time }) => time <= at('10:20'))
    const [breach] = breachesOf(points, judged(), always)
    expect(breach).toMatchObject({ to: null, outMs: 20 * minute, verdict: 'in' })
  })

  it('ends for a container when the logger leaves it', () => {
    const window = { from: at('09:00'), to: at('10:12') }
    const [breach] = breachesOf(plateau('10:00', '10:40'), judged(), window)
    expect(breach).toMatchObject({ to: at('10:12'), outMs: 12 * minute })
  })

  it('counts a limit that is inclusive as WHO does: 30.0 trips 30.0, 29.9 does not', () => {
    expect(isBeyond('atOrAbove', 30, 30)).toBe(true)
    expect(isBeyond('atOrAbove', 30, 29.9)).toBe(false)
    expect(isBeyond('above', 8, 8)).toBe(false)
    expect(isBeyond('atOrBelow', -0.5, -0.5)).toBe(true)
    expect(isBeyond('below', 2, 2)).toBe(false)
  })

  it('under an instant rule needs one reading only, even the newest', () => {
    const points = plateau('10:00', '13:00').filter(({ time }) => time <= at('10:00'))
    const [breach] = breachesOf(points, judged({ kind: 'instant', allowanceMs: 0 }), always)
    expect(breach).toMatchObject({ from: at('10:00'), to: null, outMs: 0, verdict: 'out' })
  })

  it('under a single rule starts anew after each return, under a cumulative rule it adds up', () => {
    const points = [...plateau('10:00', '10:20').filter(({ time }) => time < at('10:30'))]
    for (const point of plateau('10:30', '10:50')) if (point.time >= at('10:30')) points.push(point)
    expect(breachesOf(points, judged(), always).map(({ verdict }) => verdict)).toEqual(['in', 'in'])
    const sum = breachesOf(points, judged({ kind: 'cumulative' }), always)
    expect(sum).toHaveLength(1)
    expect(sum[0]).toMatchObject({
      from: at('10:00'),
      to: at('10:50'),
      outMs: 40 * minute,
      verdict: 'out',
    })
  })

  it('with hysteresis ends only when the reading is well back inside', () => {
    const points = plateau('10:00', '10:20').map((point) =>
      point.time >= at('10:20') && point.time < at('10:40') ? { ...point, value: 7.8 } : point,
    )
    expect(breachesOf(points, judged(), always)[0]?.outMs).toBe(20 * minute)
    expect(breachesOf(points, judged({}, 0.5), always)[0]?.outMs).toBe(40 * minute)
  })

  it('with a hole that could hide the rest of the allowance is indeterminate, never in', () => {
    const points = plateau('10:00', '10:40').filter(
      ({ time }) => time <= at('10:10') || time > at('10:35'),
    )
    const [breach] = breachesOf(points, judged(), always)
    // 10:10 stands until 10:22:30; what happened until 10:40 nobody knows.
    expect(breach).toMatchObject({
      outMs: 22.5 * minute,
      holeMs: 17.5 * minute,
      verdict: 'indeterminate',
    })
  })
})

describe('the part of a unit in a breach', () => {
  const points = plateau('10:00', '10:40')
  const breach = breachesOf(points, judged(), always)[0]!
  const part = (presence: Interval[]) => overlapOf(points, judged(), { breach, presence })

  it('is out with 40 of 30 minutes and in with 7', () => {
    expect(part([{ from: at('09:00'), to: Infinity }])).toMatchObject({
      from: at('10:00'),
      to: at('10:40'),
      outMs: 40 * minute,
      peakC: 10,
      verdict: 'out',
    })
    expect(part([{ from: at('09:00'), to: at('10:07') }])).toMatchObject({
      from: at('10:00'),
      to: at('10:07'),
      outMs: 7 * minute,
      verdict: 'in',
    })
  })

  it('is nothing for what left at the moment the breach began, or came when it ended', () => {
    expect(part([{ from: at('09:00'), to: at('10:00') }])).toBeUndefined()
    expect(part([{ from: at('10:40'), to: Infinity }])).toBeUndefined()
  })

  it('counts the last reading before the logger left among its own, though nothing followed it', () => {
    const window = { from: at('09:00'), to: at('11:00') }
    const rising = points.filter(({ time }) => time <= at('10:30'))
    rising[rising.length - 1] = { time: at('10:30'), value: 12 }
    const last = breachesOf(rising, judged(), window)[0]!
    expect(last).toMatchObject({ to: at('10:30'), peakC: 12 })
    const whole = overlapOf(rising, judged(), { breach: last, presence: [window] })
    expect(whole).toMatchObject({ to: at('10:30'), outMs: 30 * minute, peakC: 12 })
  })

  it('does not add up two stays for an uninterrupted rule', () => {
    const twice = part([
      { from: at('10:00'), to: at('10:18') },
      { from: at('10:20'), to: at('10:40') },
    ])
    expect(twice).toMatchObject({ outMs: 38 * minute, verdict: 'in' })
  })

  it('has its own peak, not that of the whole breach', () => {
    const rising = points.map((point) =>
      point.value === 10
        ? { ...point, value: 9 + (point.time - at('10:00')) / (10 * minute) }
        : point,
    )
    const whole = breachesOf(rising, judged(), always)[0]!
    const early = overlapOf(rising, judged(), {
      breach: whole,
      presence: [{ from: 0, to: at('10:07') }],
    })
    expect(early?.peakC).toBe(9.5)
    expect(whole.peakC).toBe(12.5)
  })
})

describe('against an oracle that looks at every minute', () => {
  const world = fc.record({
    readings: fc.uniqueArray(
      fc.record({ minute: fc.nat(300), value: fc.constantFrom(3, 7.5, 8, 8.5, 12) }),
      {
        selector: (entry) => entry.minute,
        minLength: 1,
        maxLength: 60,
      },
    ),
    kind: fc.constantFrom('instant', 'single', 'cumulative' as const),
    allowance: fc.integer({ min: 1, max: 60 }),
    gap: fc.integer({ min: 1, max: 40 }),
    window: fc.tuple(fc.nat(100), fc.integer({ min: 120, max: 320 })),
    unit: fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 200 })),
  })

  it('finds the same breaches and the same parts of a unit', () => {
    fc.assert(
      fc.property(world, ({ readings, kind, allowance, gap, window, unit }) => {
        const points = readings
          .sort((a, b) => a.minute - b.minute)
          .map(({ minute: m, value }) => ({ time: m * minute, value }))
        const options: JudgeOptions = {
          rule: rule({ kind, allowanceMs: kind === 'instant' ? 0 : allowance * minute }),
          gapMs: gap * minute,
          hysteresisC: 0,
        }
        const span = { from: window[0] * minute, to: window[1] * minute }
        const found = breachesOf(points, options, span)
        const states = minuteStates(points, gap, span)
        const outMinutes = [...states.values()].filter((state) => state === 'out').length
        const total = found.reduce((sum, { outMs }) => sum + outMs, 0)
        expect(total / minute).toBe(outMinutes)
        for (const breach of found) {
          if (breach.outMs === 0) continue
          expect(breach.outMs / minute).toBe(count(states, breach.from, breach.to!, 'out'))
          expect(breach.holeMs / minute).toBe(
            count(states, breach.extent.from, breach.extent.to, 'hole'),
          )
          expect(breach.verdict).toBe(oracleVerdict(states, breach.extent, options))
          const presence = { from: unit[0] * minute, to: (unit[0] + unit[1]) * minute }
          checkUnit({ points, options, breach, presence, states })
        }
      }),
      { numRuns: 2000 },
    )
  })

  type States = Map<number, 'in' | 'out' | 'hole'>

  function minuteStates(points: Point[], gap: number, span: Interval): States {
    const states: States = new Map()
    const newest = points.at(-1)!.time
    for (let time = span.from; time < span.to && time < newest; time += minute) {
      const last = points.findLast((point) => point.time <= time)
      if (!last) continue
      const known = time < last.time + gap * minute
      states.set(time, !known ? 'hole' : last.value > 8 ? 'out' : 'in')
    }
    return states
  }

  const count = (states: States, from: number, to: number, state: string): number => {
    let minutes = 0
    for (let time = from; time < to; time += minute) if (states.get(time) === state) minutes++
    return minutes
  }

  function longest(states: States, { from, to }: Interval, among: string[]): number {
    let run = 0
    let max = 0
    for (let time = from; time < to; time += minute) {
      run = among.includes(states.get(time) ?? '') ? run + 1 : 0
      max = Math.max(max, run)
    }
    return max
  }

  /** `moment`: the newest reading, which stands for no time, was out and seen. */
  function oracleVerdict(
    states: States,
    span: Interval & { moment?: boolean },
    { rule: { kind, allowanceMs } }: JudgeOptions,
  ) {
    const out = count(states, span.from, span.to, 'out')
    const hole = count(states, span.from, span.to, 'hole')
    if (kind === 'instant')
      return out > 0 || span.moment ? 'out' : hole > 0 ? 'indeterminate' : 'in'
    const sure = kind === 'single' ? longest(states, span, ['out']) : out
    const possible = kind === 'single' ? longest(states, span, ['out', 'hole']) : out + hole
    if (sure * minute >= allowanceMs) return 'out'
    return possible * minute >= allowanceMs ? 'indeterminate' : 'in'
  }

  function checkUnit(o: {
    points: Point[]
    options: JudgeOptions
    breach: Breach
    presence: Interval
    states: States
  }): void {
    const part = overlapOf(o.points, o.options, { breach: o.breach, presence: [o.presence] })
    const from = Math.max(o.presence.from, o.breach.from)
    const to = Math.min(o.presence.to, o.breach.to!)
    if (from >= to) {
      expect(part).toBeUndefined()
      return
    }
    const judgedSpan = {
      from: Math.max(o.presence.from, o.breach.extent.from),
      to: Math.min(o.presence.to, o.breach.extent.to),
    }
    const newest = o.points.at(-1)!
    const moment = newest.value > 8 && newest.time === o.breach.to && newest.time < o.presence.to
    expect(part).toMatchObject({
      from,
      to,
      verdict: oracleVerdict(o.states, { ...judgedSpan, moment }, o.options),
    })
    expect(part!.outMs / minute).toBe(count(o.states, from, to, 'out'))
  }
})
