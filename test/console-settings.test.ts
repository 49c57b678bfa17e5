import { describe, expect, it } from 'vitest'
import {
  draftOf,
  newRule,
  numberIn,
  profileOf,
} from '../dashboards/console/src/settings/profile.ts'

const profile = {
  rangeC: { min: 2, max: 8 },
  rules: [
    { id: 'warm', kind: 'single', above: 8, forMinutes: 30, severity: 'major' },
    { id: 'frozen', kind: 'single', atOrBelow: -0.5, forMinutes: 60, severity: 'critical' },
    { id: 'hot', kind: 'instant', above: 15, severity: 'critical', phases: ['transport'] },
    { id: 'quick', kind: 'rate', rise: 5, withinMinutes: 60, severity: 'minor' },
  ],
  loggingIntervalSeconds: 300,
  gapFactor: 2.5,
  mkt: { limitC: 8 },
}

describe('a storage profile in the form of the console', () => {
  it('is sent back as it was when nothing was changed, in °C and in °F', () => {
    for (const unit of ['C', 'F'] as const)
      expect(profileOf(draftOf(profile, unit), unit)).toEqual(profile)
  })

  it('keeps what the form has no field for', () => {
    const draft = draftOf(profile, 'C')
    expect(draft.kept).toEqual([profile.rules[3]])
    expect(draft.rules.map(({ id }) => id)).toEqual(['warm', 'frozen', 'hot'])
    const sent = profileOf({ ...draft, rules: draft.rules.slice(2) }, 'C')
    expect(sent).toMatchObject({ gapFactor: 2.5, mkt: { limitC: 8 } })
    expect(sent.rules).toEqual([profile.rules[2], profile.rules[3]])
  })

  it('names a ready rule set instead of rules, and only that', () => {
    const draft = draftOf({ ruleSet: 'pharma-2-8', ...profile }, 'C')
    const sent = profileOf({ ...draft, ruleSet: 'who-fridge' }, 'C')
    expect(sent).toMatchObject({ ruleSet: 'who-fridge', gapFactor: 2.5 })
    expect(sent).not.toHaveProperty('rules')
    expect(sent).not.toHaveProperty('rangeC')
  })

  it('takes degrees as the reader types them: °F, a comma, a real minus', () => {
    const draft = draftOf({ rules: [] }, 'F')
    const rule = { ...newRule([]), degrees: '46,4', minutes: '45' }
    expect(profileOf({ ...draft, rules: [rule] }, 'F').rules).toEqual([
      { id: 'rule-1', kind: 'single', above: 8, forMinutes: 45, severity: 'major' },
    ])
    expect(numberIn('\u22120,5')).toBe(-0.5)
  })

  it('gives each new rule a name of its own', () => {
    const first = newRule([])
    expect(newRule([{ ...first, id: 'rule-2' }]).id).not.toBe('rule-2')
  })
})
