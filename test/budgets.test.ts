// Stability budgets, held against an oracle that looks at every minute and however a life is cut;
// and whether a logger was calibrated while it was relied on.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDraws, type Budget, drawsOf } from '../domain/budgets.ts'
import { type Calibration, dueWhileUsed } from '../domain/calibration.ts'
import { parseProfile } from '../domain/profile/parse.ts'
import { formatProfile } from '../domain/profile/profile.ts'
import { termsOf } from '../domain/profile/terms.ts'
import type { Spell } from '../domain/spells.ts'
import type { Evidence } from '../domain/verdict/runs.ts'
import { judge } from '../domain/verdict/verdict.ts'

const minute = 60_000
const budgets: Budget[] = [
  { limit: { side: 'above', limitC: 8 }, allowedMs: 60 * minute },
  { limit: { side: 'atOrAbove', limitC: 15 }, allowedMs: 20 * minute },
  { limit: { side: 'below', limitC: 2 }, allowedMs: 30 * minute },
]
const beyond = [(c: number) => c > 8, (c: number) => c >= 15, (c: number) => c < 2]

/** Each minute: a temperature, or nobody knows. */
const life = fc.array(
  fc.option(fc.oneof(fc.integer({ min: -5, max: 200 }), fc.constantFrom(20, 80, 150))),
  { minLength: 1, maxLength: 120 },
)

function evidenceOf(minutes: readonly (number | null)[], [from, to]: [number, number]): Evidence {
  const stretches = minutes.slice(from, to).flatMap((tenths, i): Spell[] => {
    if (tenths === null) return []
    const at = (from + i) * minute
    return [{ from: at, to: at + minute, warmC: tenths / 10, coldC: tenths / 10 }]
  })
  const window = { from: from * minute, to: to * minute }
  const knownMs = stretches.length * minute
  return { window, stretches, knownMs, excused: [], calibrations: [] }
}

const profile = {
  rangeC: { min: 2, max: 8 },
  rules: [{ id: 'ceiling', kind: 'instant', above: 25, severity: 'critical' }],
  budgets: [{ above: 8, minutes: 60 }],
}
const problems = (input: unknown): string[] => {
  const result = parseProfile(input)
  return result.ok ? [] : result.refusals.map(({ code, path }) => `${code} ${path}`)
}

describe('a stability budget', () => {
  it('draws what every minute says, and adds up over any split of the life', () => {
    fc.assert(
      fc.property(life, fc.array(fc.nat(120), { maxLength: 4 }), (minutes, places) => {
        const cuts = [0, ...places.filter((at) => at < minutes.length), minutes.length]
        cuts.sort((a, b) => a - b)
        const parts = cuts
          .slice(1)
          .map((to, i) => drawsOf(budgets, evidenceOf(minutes, [cuts[i]!, to]), 0))
        const found = parts.reduce(addDraws)
        const unknownMs = minutes.filter((tenths) => tenths === null).length * minute
        const wanted = budgets.map((budget, i) => {
          const out = minutes.filter((tenths) => tenths !== null && beyond[i]!(tenths / 10))
          return { ...budget, drawnMs: out.length * minute, unknownMs }
        })
        expect(found).toEqual(wanted)
      }),
      { numRuns: 3000 },
    )
  })

  it('is overdrawn, or perhaps, or not known where the life before is not', () => {
    const parsed = parseProfile(profile)
    if (!parsed.ok) throw new Error('refused')
    const terms = termsOf(parsed.value)
    const told = (outMinutes: number, unknownMinutes: number, whole = true) => {
      const minutes = [
        ...Array(100).fill(50),
        ...Array(outMinutes).fill(90),
        ...Array(unknownMinutes).fill(null),
      ]
      const evidence = evidenceOf(minutes, [0, minutes.length])
      const draws = drawsOf(parsed.value.budgets!, evidence, 0)
      const free = { ...terms, conditions: [], unknownAllowedMs: 1000 * minute }
      const { verdict, reasons } = judge({ ...evidence, life: { draws, whole } }, free)
      const found = reasons.map(({ finding }) => finding)
      return [verdict, found.find((each) => /budget|life/.test(each))]
    }
    // All of it may be drawn.
    expect(told(60, 0)).toEqual(['in', 'budget-left'])
    expect(told(61, 0)).toEqual(['out', 'budget-overdrawn'])
    expect(told(50, 10)).toEqual(['in', 'budget-left'])
    expect(told(50, 11)).toEqual(['indeterminate', 'budget-perhaps-overdrawn'])
    expect(told(0, 0, false)).toEqual(['indeterminate', 'unknown-life'])
  })

  it('is judged inwards by what the logger itself cannot tell', () => {
    const guarded = evidenceOf([78, 78, 75], [0, 3])
    const stretches = guarded.stretches.map((spell) => ({ ...spell, guardC: 0.3 }))
    const [above] = drawsOf(budgets, { ...guarded, stretches }, 0)
    expect(above!.drawnMs).toBe(2 * minute)
    expect(drawsOf(budgets, guarded, 0.2)[0]!.drawnMs).toBe(0)
    expect(drawsOf(budgets, guarded, 0.3)[0]!.drawnMs).toBe(2 * minute)
  })

  it('of a profile is given back as it was taken, with what else a verdict asks', () => {
    const full = { ...profile, repeatsMax: 2, unknownAllowedMinutes: 15 }
    const parsed = parseProfile(full)
    if (!parsed.ok) throw new Error('refused')
    expect(formatProfile(parsed.value)).toEqual({ ...full, gapFactor: 2.5 })
    expect(termsOf(parsed.value)).toMatchObject({
      repeatsMax: 2,
      unknownAllowedMs: 15 * minute,
    })
  })

  it('is refused where it contradicts itself or the label, each with its place', () => {
    const of = (...given: object[]) => problems({ ...profile, budgets: given })
    expect(of({ above: 8, minutes: 60 }, { above: 15, minutes: 60 })).toEqual([])
    expect(of({ above: 8, minutes: 60 }, { above: 15, minutes: 61 })).toEqual([
      'profile/contradiction /profile/budgets/1/above',
    ])
    expect(of({ above: 15, minutes: 61 }, { above: 8, minutes: 60 })).toHaveLength(1)
    expect(of({ above: 8, minutes: 60 }, { above: 8, minutes: 60 })).toHaveLength(1)
    expect(of({ above: 7, minutes: 60 })).toEqual([
      'profile/contradiction /profile/budgets/0/above',
    ])
    expect(of({ below: 3, minutes: 60 })).toHaveLength(1)
    expect(of({ above: 281.15, minutes: 60 })).toEqual(['profile/unit /profile/budgets/0/above'])
    expect(of({ above: 9, below: 1, minutes: 60 })).toHaveLength(1)
    expect(of({ above: 9, minutes: -1 })).toEqual(['profile/shape /profile/budgets/0/minutes'])
    expect(of({ above: '9', minutes: 1 })).toEqual(['profile/shape /profile/budgets/0/above'])
    expect(problems({ rules: profile.rules, repeatsMax: 1 })).toEqual([
      'profile/contradiction /profile/repeatsMax',
    ])
    expect(problems({ ...profile, repeatsMax: 1.5 })).toEqual(['profile/shape /profile/repeatsMax'])
    expect(problems({ ...profile, unknownAllowedMinutes: -1 })).toHaveLength(1)
  })
})

describe('a calibration', () => {
  it('was overdue while a logger was relied on exactly when some moment says so', () => {
    const time = fc.nat(40)
    const calibration = fc
      .tuple(time, fc.integer({ min: 1, max: 15 }))
      .map(([at, lasts]): Calibration => ({ calibratedAt: at, dueAt: at + lasts }))
    const used = fc.tuple(time, fc.integer({ min: 1, max: 15 })).map(([from, ms]) => ({
      ...{ from, to: from + ms },
    }))
    fc.assert(
      fc.property(
        fc.array(calibration, { maxLength: 4 }),
        fc.array(used, { minLength: 1, maxLength: 3 }),
        (calibrations, times) => {
          const dueAt = dueWhileUsed(calibrations, times)
          const first = Math.min(...calibrations.map(({ calibratedAt }) => calibratedAt))
          const speaks = (at: number): boolean =>
            at < first || calibrations.some((each) => each.calibratedAt <= at && at < each.dueAt)
          const moments = times.flatMap(({ from, to }) =>
            Array.from({ length: to - from }, (_, i) => from + i),
          )
          const usedTo = Math.max(...times.map(({ to }) => to))
          if (calibrations.length === 0) expect(dueAt).toBe(null)
          else expect(dueAt! < usedTo).toBe(!moments.every(speaks))
        },
      ),
      { numRuns: 3000 },
    )
  })
})
