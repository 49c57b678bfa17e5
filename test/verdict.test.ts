// The steps of a verdict, each with what it must and must not decide, and the known answers of the
// mean kinetic temperature as passports form it.
import { describe, expect, it } from 'vitest'
import {
  acceleration,
  type Kinetics,
  kineticReferenceC,
  mktOfSum,
  uspKinetics,
} from '../domain/exposure.ts'
import { sumsOf } from '../domain/passport.ts'
import { parseProfile } from '../domain/profile/parse.ts'
import { termsOf } from '../domain/profile/terms.ts'
import type { Spell } from '../domain/spells.ts'
import { ageingOf, mktBetween } from '../domain/verdict/ageing.ts'
import type { Evidence } from '../domain/verdict/runs.ts'
import { judge, type Reason, type Step, type Terms } from '../domain/verdict/verdict.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** The vectors were computed with this R. */
const kinetics: Kinetics = { deltaHKjPerMol: 83.144, gasConstantJPerMolK: 8.314472 }

/** Spells that hold each value for its hours; null: nobody knows. */
function held(...stretches: [hours: number, celsius: number | null][]): Evidence {
  const spells: Spell[] = []
  let to = 0
  let knownMs = 0
  for (const [hours, celsius] of stretches) {
    const from = to
    to += hours * hour
    if (celsius === null) continue
    spells.push({ from, to, warmC: celsius, coldC: celsius })
    knownMs += to - from
  }
  return { window: { from: 0, to }, stretches: spells, knownMs, excused: [], calibrations: [] }
}

const mktIn = (evidence: Evidence, by: Kinetics = kinetics): number => {
  const sums = sumsOf(evidence.stretches, { limits: [], kinetics: by })
  return mktOfSum({ weightedMs: sums.kineticMs, ms: sums.knownMs }, by)!
}

/** 2-8 °C: 15 °C at most 24 h in all, MKT of 24 h at most 8 °C (USP <1079.2>, CCT). */
const cct: Terms = {
  labelC: { min: 2, max: 8 },
  conditions: [
    {
      ...{ name: 'ceiling', kind: 'instant', allowanceMs: 0, hard: true },
      limits: [{ side: 'above', limitC: 15 }],
    },
    {
      ...{ name: 'freeze', kind: 'single', allowanceMs: hour, hard: true },
      limits: [{ side: 'below', limitC: -0.5 }],
    },
    {
      ...{ name: 'excursion', kind: 'cumulative', allowanceMs: day, hard: false },
      limits: [{ side: 'above', limitC: 8 }],
    },
  ],
  elsewhere: [],
  kinetics,
  frozen: false,
  mkt: { limitC: 8, windowMs: day },
  unknownAllowedMs: 0,
}

const reasonOf = (reasons: readonly Reason[], step: Step): Reason =>
  reasons.find((reason) => reason.step === step)!
const told = (evidence: Evidence, terms: Terms | undefined = cct) => {
  const { verdict, reasons } = judge(evidence, terms)
  const outcome = (step: Step): string => {
    const { outcome: what, finding } = reasonOf(reasons, step)
    return `${what} ${finding}`
  }
  return { verdict, reasons, outcome }
}

describe('mean kinetic temperature of a passport', () => {
  it.each<[string, [number, number][], number]>([
    ['5 °C all the time', [[24, 5]], 5],
    [
      '20 and 40 °C for equal times',
      [
        [1, 20],
        [1, 40],
      ],
      34.358,
    ],
    [
      '29 days at 22 and a day at 40: CRT passes',
      [
        [29 * 24, 22],
        [24, 40],
      ],
      23.6,
    ],
    [
      '29 days at 24 and a day at 40: CRT fails',
      [
        [29 * 24, 24],
        [24, 40],
      ],
      25.26,
    ],
    [
      '18 h at 5 and 6 h at 14: CCT fails',
      [
        [18, 5],
        [6, 14],
      ],
      8.285,
    ],
    [
      '21 h at 5 and 3 h at 14: CCT passes',
      [
        [21, 5],
        [3, 14],
      ],
      6.804,
    ],
    [
      '22 h at 5 and 2 h at -2: blind to freezing',
      [
        [22, 5],
        [2, -2],
      ],
      4.601,
    ],
    [
      'a burst of readings in an alarm does not bend it',
      [
        [23.5, 5],
        [0.5, 15],
      ],
      5.391,
    ],
  ])('%s', (_, stretches, expected) => {
    const evidence = held(...stretches)
    expect(Math.abs(mktIn(evidence) - expected)).toBeLessThan(0.01)
    const { mktC, unknownMs } = mktBetween(ageingOf(evidence, kinetics), evidence.window)
    expect(unknownMs).toBe(0)
    expect(Math.abs(mktC! - expected)).toBeLessThan(0.01)
  })

  it.each([
    [60, 7.957],
    [100, 8.531],
    [120, 8.824],
  ])('depends on ΔH: %d kJ/mol gives %d °C', (deltaHKjPerMol, expected) => {
    const found = mktIn(held([18, 5], [6, 14]), { ...kinetics, deltaHKjPerMol })
    expect(Math.abs(found - expected)).toBeLessThan(0.01)
  })

  it('reaches 8 °C with 4.52 h at 15 °C in a day at 5 °C', () => {
    let [low, high] = [0, 24]
    for (let i = 0; i < 50; i++) {
      const hours = (low + high) / 2
      if (mktIn(held([24 - hours, 5], [hours, 15])) <= 8) low = hours
      else high = hours
    }
    expect(low).toBeCloseTo(4.52, 2)
  })

  it('weighs a temperature against 5 °C as is told to people', () => {
    const known = { 8: 1.47, 10: 1.89, 15: 3.48, 20: 6.29, 25: 11.15, 30: 19.39, 40: 55.6 }
    for (const [celsius, times] of Object.entries(known)) {
      const found = acceleration(Number(celsius), kineticReferenceC, kinetics)
      expect(Math.abs(found - times)).toBeLessThan(0.01)
    }
  })
})

describe('a verdict', () => {
  it('is in when all is known and within', () => {
    const { verdict, reasons } = told(held([48, 5]))
    expect(verdict).toBe('in')
    expect(reasons.map(({ step, outcome }) => [step, outcome])).toEqual([
      ['hard-limits', 'passed'],
      ['evidence', 'passed'],
      ['window', 'skipped'],
      ['excursion-limits', 'passed'],
      ['mkt', 'skipped'],
      ['repeats', 'passed'],
    ])
    for (const { clause, detail } of reasons) expect([clause, detail]).not.toContain('')
  })

  it('is out for a freeze that no mean kinetic temperature sees', () => {
    const { verdict, outcome } = told(held([46, 5], [2, -2]))
    expect([verdict, outcome('hard-limits'), outcome('mkt')]).toEqual([
      ...['out', 'out used-up', 'skipped not-needed'],
    ])
  })

  it('is out for a moment above the ceiling, however short', () => {
    const evidence = held([24, 5])
    const last = { from: day, to: day, warmC: 15.1, coldC: 15.1 }
    const { verdict, reasons } = told({ ...evidence, stretches: [...evidence.stretches, last] })
    expect(verdict).toBe('out')
    expect(reasons[0]!.figures).toMatchObject({ condition: 'ceiling', worstC: 15.1 })
  })

  it('never lets a good mean close an excursion that used up its allowance', () => {
    const { verdict, outcome } = told(held([300, 5], [25, 8.1]), {
      ...cct,
      mkt: { limitC: 8.2, windowMs: day },
    })
    expect([verdict, outcome('excursion-limits'), outcome('mkt')]).toEqual([
      ...['out', 'out used-up', 'passed within'],
    ])
  })

  it('lets a permitted excursion pass only when the mean of the day before its end holds', () => {
    // Domain facts §1, vectors 5 and 6.
    const good = told(held([21 + 24, 5], [3, 14]))
    expect([good.verdict, good.outcome('mkt'), good.outcome('window')]).toEqual([
      ...['in', 'passed within', 'passed known'],
    ])
    expect(reasonOf(good.reasons, 'mkt').figures.mktC).toBeCloseTo(6.804, 2)
    const bad = told(held([18 + 24, 5], [6, 14]))
    expect([bad.verdict, bad.outcome('mkt')]).toEqual(['out', 'out above'])
    expect(reasonOf(bad.reasons, 'mkt').figures).toMatchObject({ limitC: 8, excursions: 1 })
    // What comes after is not looked at: the window ends with the excursion.
    expect(told(held([18 + 24, 5], [6, 14], [24, 5])).verdict).toBe('out')
  })

  it('is indeterminate when the window before an excursion is not known', () => {
    const { verdict, outcome } = told(held([12, 5], [3, 14], [48, 5]))
    expect([verdict, outcome('window')]).toEqual(['indeterminate', 'indeterminate unknown-window'])
  })

  it('refuses a mean kinetic temperature for what is kept frozen', () => {
    const labelC = { min: -25, max: -10 }
    const { outcome } = told(held([24, -18], [24, -8]), { ...cct, labelC, frozen: true })
    expect(outcome('mkt')).toBe('skipped refused')
  })

  it('shows it, and lets it decide nothing, where the profile does not allow it', () => {
    const { mkt: _, ...without } = cct
    const { verdict, outcome } = told(held([18 + 24, 5], [6, 14]), without)
    expect([verdict, outcome('mkt')]).toEqual(['in', 'noted not-allowed'])
  })

  it('is never in with unknown time, nor without any known (I6)', () => {
    expect(told(held([24, 5], [1, null], [24, 5])).verdict).toBe('indeterminate')
    expect(told(held([24, null])).verdict).toBe('indeterminate')
    expect(told({ ...held([24, null]), excused: [{ from: 0, to: day }] }).verdict).toBe(
      'indeterminate',
    )
    const allowed = { ...cct, conditions: cct.conditions.slice(1), unknownAllowedMs: hour }
    expect(told(held([24, 5], [0.5, null], [24, 5]), allowed).verdict).toBe('in')
    // Perhaps it was frozen for an hour meanwhile.
    expect(told(held([24, 5], [1, null], [24, 5]), allowed).verdict).toBe('indeterminate')
  })

  it('excuses the time in which a logger settles, and only that', () => {
    const evidence = held([1, null], [24, 5])
    const settled = { ...evidence, excused: [{ from: 0, to: hour }] }
    expect(told(settled).verdict).toBe('in')
    expect(reasonOf(told(settled).reasons, 'evidence').figures.settlingMinutes).toBe(60)
    const half = { ...evidence, excused: [{ from: 0, to: hour / 2 }] }
    expect(told(half).verdict).toBe('indeterminate')
  })

  it('is indeterminate by a logger whose calibration was due', () => {
    const calibrations = [{ device: 'd', dueAt: 10 * hour, usedTo: 24 * hour }]
    const { verdict, reasons } = told({ ...held([24, 5]), calibrations })
    expect(verdict).toBe('indeterminate')
    expect(reasons[1]).toMatchObject({ finding: 'calibration-overdue' })
  })

  it('tells repeated excursions, and judges them by the owner’s own limit', () => {
    const evidence = held([48, 5], [1, 9], [48, 5], [1, 9], [24, 5])
    expect([told(evidence).verdict, told(evidence).outcome('repeats')]).toEqual([
      ...['in', 'noted repeated-without-limit'],
    ])
    expect(told(evidence, { ...cct, repeatsMax: 1 }).verdict).toBe('out')
    expect(told(evidence, { ...cct, repeatsMax: 2 }).verdict).toBe('in')
  })

  it('is indeterminate for a product of which nobody told what it stands', () => {
    expect(judge(held([24, 5]), undefined)).toMatchObject({
      verdict: 'indeterminate',
      reasons: [{ finding: 'no-profile' }],
    })
  })

  it('gives an allowance anew each day, or in each window that rolls', () => {
    const [, , excursion] = cct.conditions
    const of = (change: object, allowanceMs = 3 * hour): Terms => {
      const { mkt: _, ...rest } = cct
      return { ...rest, conditions: [{ ...excursion!, allowanceMs, ...change }] }
    }
    // From 22:00 to 02:00, and again two days later.
    const nights = held([22, 5], [4, 9], [44, 5], [4, 9], [22, 5])
    expect(told(nights, of({})).verdict).toBe('out')
    expect(told(nights, of({ per: 'day' })).verdict).toBe('in')
    expect(told(nights, of({ per: 'day' }, 2 * hour)).verdict).toBe('out')
    expect(told(nights, of({ windowMs: day }, 4 * hour)).verdict).toBe('out')
    expect(told(nights, of({ windowMs: day }, 5 * hour)).verdict).toBe('in')
    expect(told(nights, of({ windowMs: 3 * hour }, 4 * hour)).verdict).toBe('in')
    const perhaps = held([22, 5], [2, 9], [2, null], [44, 5])
    const free = { ...of({ windowMs: day }, 4 * hour), unknownAllowedMs: day }
    expect(told(perhaps, free).verdict).toBe('indeterminate')
  })
})

describe('a profile', () => {
  const termsFrom = (body: object): Terms => {
    const profile = parseProfile(body)
    if (!profile.ok) throw new Error(JSON.stringify(profile.refusals))
    return termsOf(profile.value)
  }

  it('has its critical rules as hard limits, and those that only tell as none', () => {
    const terms = termsFrom({
      rangeC: { min: 2, max: 8 },
      rules: [
        { id: 'freeze', kind: 'single', below: -0.5, forMinutes: 60, severity: 'critical' },
        { id: 'heat', kind: 'cumulative', above: 8, forMinutes: 240, severity: 'major' },
        { id: 'warn', kind: 'instant', above: 7.5, severity: 'info' },
      ],
    })
    expect(terms.conditions.map(({ name, hard }) => [name, hard])).toEqual([
      ['freeze', true],
      ['heat', false],
    ])
    expect([terms.frozen, terms.mkt, terms.kinetics]).toEqual([false, undefined, uspKinetics])
  })

  it('leaves rates to alerts, and says so', () => {
    const terms = termsFrom({
      rules: [{ id: 'rise', kind: 'rate', rise: 5, withinMinutes: 30, severity: 'major' }],
    })
    expect([terms.conditions, terms.elsewhere]).toEqual([[], ['rise']])
    const { reasons } = judge(held([24, 5]), terms)
    expect(reasons.find(({ finding }) => finding === 'judged-by-alerts')).toBeDefined()
  })

  it('kept below 0 °C has no use for a mean kinetic temperature', () => {
    const terms = termsFrom({
      rangeC: { min: -25, max: -10 },
      rules: [{ id: 'heat', kind: 'instant', above: -10, severity: 'major' }],
    })
    expect(terms.frozen).toBe(true)
  })
})
