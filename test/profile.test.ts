import { describe, expect, it } from 'vitest'
import { formatProfile, gapMsOf, parseProfile, ruleSets } from '../domain/profile.ts'

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
        'pharma-2-8',
        'single above 8 30',
        'cumulative above 8 240',
        'instant above 15 0',
        'single below 0 30',
        'single below -0.5 60',
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
