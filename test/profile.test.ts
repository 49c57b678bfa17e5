import { describe, expect, it } from 'vitest'
import { warningsOf } from '../domain/profile/check.ts'
import { parseProfile } from '../domain/profile/parse.ts'
import { formatProfile, gapMsOf, guarded } from '../domain/profile/profile.ts'
import { ruleSets } from '../domain/profile/rule-sets.ts'

const good = {
  rangeC: { min: 2, max: 8 },
  rules: [{ id: 'heat', kind: 'single', above: 8, forMinutes: 30, severity: 'major' }],
  loggingIntervalSeconds: 300,
}
const problems = (profile: unknown): string[] => {
  const result = parseProfile(profile)
  return result.ok ? [] : result.refusals.map(({ code, path }) => `${code} ${path}`)
}

describe('a profile', () => {
  it('is given back as it was taken', () => {
    const parsed = parseProfile(good)
    if (!parsed.ok) throw new Error('refused')
    expect(formatProfile(parsed.value)).toEqual({ ...good, gapFactor: 2.5 })
    expect(parseProfile(formatProfile(parsed.value))).toEqual(parsed)
  })

  it('lets a reading stand two and a half logging intervals, the interval of the device first', () => {
    const parsed = parseProfile(good)
    if (!parsed.ok) throw new Error('refused')
    expect(gapMsOf(parsed.value, undefined)).toBe(750_000)
    expect(gapMsOf(parsed.value, 60_000)).toBe(150_000)
  })

  it('may name a ready set instead of rules, and every set holds what its source says', () => {
    const parsed = parseProfile({ ruleSet: 'who-shipping-1' })
    expect(parsed).toMatchObject({
      ok: true,
      value: { ruleSet: 'who-shipping-1', rangeC: { min: 2, max: 8 } },
    })
    const sets = Object.entries(ruleSets).map(([name, { rules }]) => [
      name,
      ...rules.map(
        ({ kind, side, limitC, allowanceMs }) =>
          `${kind} ${side} ${limitC} ${allowanceMs / 60_000}`,
      ),
    ])
    expect(sets).toEqual([
      ['who-fridge', 'single above 8 600', 'single atOrBelow -0.5 60'],
      [
        'who-shipping-1',
        'single atOrAbove 45 60',
        'cumulative atOrAbove 30 600',
        'single atOrBelow -0.5 60',
      ],
      [
        'who-shipping-2',
        'single atOrAbove 45 60',
        'cumulative atOrAbove 30 600',
        'cumulative atOrAbove 10 1200',
      ],
      ['cdc-fridge', 'instant above 8 0', 'instant below 2 0'],
      ['cdc-freezer', 'instant above -15 0', 'instant below -50 0'],
      [
        'usp-crt',
        'instant above 30 0',
        'cumulative above 30 1440',
        'instant above 40 0',
        'instant below 15 0',
      ],
      [
        'usp-cct',
        'cumulative above 8 1440',
        'instant above 15 0',
        'instant below 2 0',
        'instant atOrBelow 0 0',
      ],
      ['usp-zone-ivb', 'instant above 30 0', 'instant below 15 0'],
      ['usp-cool', 'instant above 15 0', 'instant below 8 0'],
      ['usp-freezer', 'instant above -10 0', 'instant below -25 0'],
      [
        'pharma-2-8',
        'single above 8 30',
        'cumulative above 8 240',
        'instant above 15 0',
        'single below 0 30',
        'single below -0.5 60',
        'instant above 7.5 0',
        'instant below 2.5 0',
        'rate rise 3 0',
      ],
    ])
  })

  it.each<[string, unknown, string[]]>([
    ['that is no object', [], ['profile/shape /profile']],
    ['without rules', {}, ['profile/shape /profile/rules']],
    [
      'with more rules than anybody needs',
      { rules: Array.from({ length: 51 }, (_, n) => ({ id: `r${n}`, kind: 'instant', above: n })) },
      ['profile/shape /profile/rules'],
    ],
    ['with no rule in its list', { rules: [] }, ['profile/shape /profile/rules']],
    ['with an unknown set', { ruleSet: 'who' }, ['profile/rule-set-unknown /profile/ruleSet']],
    [
      'with a set named like a method of objects',
      { ruleSet: 'toString' },
      ['profile/rule-set-unknown /profile/ruleSet'],
    ],
    [
      'with rules and a set',
      { ...good, ruleSet: 'who-fridge' },
      ['profile/shape /profile/ruleSet'],
    ],
    [
      'with limits the wrong way round',
      { ...good, rangeC: { min: 8, max: 2 } },
      ['profile/limits /profile/rangeC'],
    ],
    ['with a misspelt field', { ...good, range: {} }, ['profile/shape /profile/range']],
    [
      'with two rules of one name',
      { rules: [good.rules[0], good.rules[0]] },
      ['profile/rule-duplicate /profile/rules/1/id'],
    ],
    [
      'whose rule has every fault',
      {
        rules: [
          {
            id: '',
            kind: 'often',
            above: 'warm',
            below: 2,
            forMinutes: -1,
            severity: 'bad',
            color: 'red',
          },
        ],
      },
      [
        'profile/shape /profile/rules/0/color',
        'profile/shape /profile/rules/0/id',
        'profile/shape /profile/rules/0/kind',
        'profile/shape /profile/rules/0/severity',
        'profile/shape /profile/rules/0',
        'profile/shape /profile/rules/0/forMinutes',
      ],
    ],
    [
      'whose limit is not a possible temperature',
      { rules: [{ id: 'a', kind: 'instant', above: -300 }] },
      ['profile/shape /profile/rules/0/above'],
    ],
    [
      'whose instant rule has minutes',
      { rules: [{ id: 'a', kind: 'instant', above: 8, forMinutes: 5 }] },
      ['profile/shape /profile/rules/0/forMinutes'],
    ],
  ])('%s is refused with every place', (_what, profile, expected) => {
    expect(problems(profile)).toEqual(expected)
  })
})

const rule = (id: string, more: object): object => ({ id, kind: 'instant', ...more })
const taken = (profile: unknown) => {
  const parsed = parseProfile(profile)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  return parsed.value
}
const detail = (profile: unknown): string => {
  const parsed = parseProfile(profile)
  return parsed.ok ? '' : parsed.refusals.map((one) => one.detail).join('; ')
}

describe('every kind of rule', () => {
  const all = {
    rangeC: { min: 2, max: 8 },
    rules: [
      { id: 'both', kind: 'single', outside: { min: 2, max: 8 }, forMinutes: 30 },
      { id: 'daily', kind: 'cumulative', above: 8, forMinutes: 60, per: 'day' },
      { id: 'roll', kind: 'cumulative', above: 8, forMinutes: 60, withinMinutes: 240 },
      { id: 'rise', kind: 'rate', rise: 2.5, withinMinutes: 30, severity: 'info' },
      { id: 'fall', kind: 'rate', fall: 2.5, withinMinutes: 30, severity: 'minor' },
      { id: 'road', kind: 'instant', above: 15, phases: ['origin', 'transit'] },
    ].map((one) => ({ severity: 'major', ...one })),
    gapFactor: 2.5,
    guardBandC: 0.4,
    acclimatisation: { untilSlopeBelowCPerHour: 2, atMostMinutes: 90 },
    mkt: { limitC: 8, windowHours: 24, deltaHKjPerMol: 83.144, allowed: true },
  }

  it('is given back as it was taken', () => {
    expect(formatProfile(taken(all))).toEqual(all)
    const { acclimatisation: _slope, ...others } = all
    const fixed = { ...others, acclimatisationMinutes: 45 }
    expect(formatProfile(taken(fixed))).toEqual(fixed)
  })

  it('is taken of every ready set, which names its source and contradicts nothing', () => {
    for (const [ruleSet, { source, rules, rangeC, mkt }] of Object.entries(ruleSets)) {
      expect(source).not.toBe('')
      const own = taken({ ruleSet })
      expect(own).toMatchObject({ rules, rangeC, ...(mkt && { mkt }) })
      const written = formatProfile(own)
      delete written.ruleSet
      expect(warningsOf(taken(written)), ruleSet).toEqual([])
    }
  })

  it('has its limits moved inwards by a guard band, in decimals, and a rise has none', () => {
    const [both, , , rise] = taken(all).rules
    expect(guarded(both!, 0.3)).toMatchObject({ limitC: 7.7, lowerC: 2.3 })
    expect(guarded({ ...both!, limitC: 8.1 }, 0.3).limitC).toBe(7.8)
    expect(guarded(rise!, 0.3)).toBe(rise)
  })
})

describe('a profile that contradicts itself', () => {
  it.each<[string, object, string[], string]>([
    [
      'an upper limit below a lower one',
      { rules: [rule('hot', { above: 2 }), rule('cold', { below: 8 })] },
      ['profile/contradiction /profile/rules/1/below'],
      'no temperature is in',
    ],
    [
      'limits that only meet by their guard band',
      { guardBandC: 1.5, rules: [rule('hot', { above: 8 }), rule('cold', { below: 6 })] },
      ['profile/contradiction /profile/rules/1/below'],
      'guard band of 1.5',
    ],
    [
      'a guard band wider than the range',
      { guardBandC: 3, rangeC: { min: 2, max: 8 }, rules: [rule('hot', { above: 8 })] },
      ['profile/contradiction /profile/guardBandC'],
      'nothing of the range',
    ],
    [
      'a limit on the wrong side of the range',
      { rangeC: { min: 15, max: 25 }, rules: [rule('hot', { above: 8 })] },
      ['profile/contradiction /profile/rules/0/above'],
      'all of the range 15 to 25',
    ],
    [
      'a breach that could never end',
      { hysteresisC: 3, rules: [rule('both', { outside: { min: 2, max: 8 } })] },
      ['profile/contradiction /profile/rules/0/outside'],
      'never end',
    ],
    [
      'an allowance longer than its window',
      {
        rules: [
          { ...rule('r', { above: 8, forMinutes: 90, withinMinutes: 60 }), kind: 'cumulative' },
        ],
      },
      ['profile/allowance /profile/rules/0/forMinutes'],
      '90 never come together in 60 minutes',
    ],
    [
      'more than a day each day',
      { rules: [{ ...rule('r', { above: 8, forMinutes: 1441, per: 'day' }), kind: 'cumulative' }] },
      ['profile/allowance /profile/rules/0/forMinutes'],
      '1440',
    ],
    [
      'a range in °F',
      { rangeC: { min: 36, max: 46 }, rules: [rule('hot', { above: 46 })] },
      ['profile/unit /profile/rangeC'],
      '2.2 to 7.8 °C',
    ],
    [
      "a freezer's range in °F",
      { rangeC: { min: -58, max: 5 }, rules: [rule('hot', { above: 5 })] },
      ['profile/unit /profile/rangeC'],
      '-50 to -15 °C',
    ],
    [
      'a rule in °F beside a range in °C',
      { rangeC: { min: 2, max: 8 }, rules: [rule('hot', { above: 46 })] },
      ['profile/unit /profile/rules/0/above'],
      '7.8 °C',
    ],
    [
      'a limit in K',
      { rules: [rule('hot', { above: 281.15 })] },
      ['profile/unit /profile/rules/0/above'],
      '8 °C',
    ],
    [
      'a silence that is shorter than the logging interval',
      { ruleSet: 'who-fridge', loggingIntervalSeconds: 900, silenceMinutes: 10 },
      ['profile/contradiction /profile/silenceMinutes'],
      'every 900 s',
    ],
    [
      'an activation energy of zero',
      { ruleSet: 'usp-crt', mkt: { limitC: 25, windowHours: 720, deltaHKjPerMol: 0 } },
      ['profile/delta-h /profile/mkt/deltaHKjPerMol'],
      'above 0',
    ],
    [
      'an activation energy in J/mol',
      { ruleSet: 'usp-crt', mkt: { limitC: 25, windowHours: 720, deltaHKjPerMol: 83144 } },
      ['profile/delta-h /profile/mkt/deltaHKjPerMol'],
      '83.144',
    ],
    [
      'an MKT for frozen goods',
      { ruleSet: 'usp-freezer', mkt: { limitC: -10, windowHours: 24 } },
      ['profile/contradiction /profile/mkt'],
      'frozen',
    ],
    [
      'a rate that says an allowance, and none how quick',
      { rules: [{ id: 'r', rise: 3, forMinutes: 5 }] },
      ['profile/shape /profile/rules/0/forMinutes', 'profile/shape /profile/rules/0/withinMinutes'],
      'withinMinutes',
    ],
    [
      'an acclimatisation said twice, and with half of it missing',
      {
        ruleSet: 'cdc-fridge',
        acclimatisationMinutes: 5,
        acclimatisation: { atMostMinutes: 10 },
      },
      [
        'profile/shape /profile/acclimatisation',
        'profile/shape /profile/acclimatisation/untilSlopeBelowCPerHour',
      ],
      'not both',
    ],
    [
      'an unknown phase',
      { rules: [rule('r', { above: 8, phases: ['road'] })] },
      ['profile/shape /profile/rules/0/phases'],
      'origin, transit, destination',
    ],
  ])('by %s is refused with its place and a remedy', (_what, profile, expected, said) => {
    expect(problems(profile)).toEqual(expected)
    expect(detail(profile)).toContain(said)
  })

  it('may have limits that never hold at one time', () => {
    const rules = [
      rule('frozen', { above: -10, phases: ['origin'] }),
      rule('thawed', { below: 2, phases: ['destination'] }),
    ]
    expect(problems({ rules })).toEqual([])
  })
})

describe('a profile that was taken', () => {
  const warned = (profile: object): string[] =>
    warningsOf(taken(profile)).map(({ code, path }) => `${code} ${path}`)

  it('is warned of a rule that never tells anything new', () => {
    const strict = rule('strict', { above: 8, severity: 'critical' })
    const late = { id: 'late', kind: 'single', above: 9, forMinutes: 30, severity: 'major' }
    expect(warned({ rules: [strict, late] })).toEqual(['profile/rule-unreachable /profile/rules/1'])
    expect(warned({ rules: [strict, { ...late, above: 7 }] })).toEqual([])
    expect(warned({ rules: [{ ...strict, severity: 'minor' }, late] })).toEqual([])
    expect(warned({ rules: [{ ...strict, phases: ['origin'] }, late] })).toEqual([])
  })

  it('is warned of two rules that say the same once', () => {
    const twice = [rule('a', { above: 8 }), rule('b', { above: 8 })]
    expect(warned({ rules: twice })).toEqual(['profile/rule-unreachable /profile/rules/1'])
  })

  it('is warned of limits within its range that are no warning, and of doubtful units', () => {
    const rangeC = { min: 2, max: 8 }
    const early = rule('early', { above: 7.5 })
    expect(warned({ rangeC, rules: [early] })).toEqual([
      'profile/rule-inside-range /profile/rules/0/above',
    ])
    expect(warned({ rangeC, rules: [{ ...early, severity: 'info' }] })).toEqual([])
    expect(warned({ rules: [rule('hot', { above: 46 })] })).toEqual([
      'profile/unit-doubtful /profile/rules/0/above',
    ])
    expect(warned({ rules: [rule('hot', { atOrAbove: 45 })] })).toEqual([])
  })

  it('is warned of a rise that no two readings can show', () => {
    const rules = [{ id: 'rise', rise: 3, withinMinutes: 5 }]
    expect(warned({ rules, loggingIntervalSeconds: 900 })).toEqual([
      'profile/rule-unreachable /profile/rules/0/withinMinutes',
    ])
  })
})
