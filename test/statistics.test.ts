import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  adjust,
  chiSquareAbove,
  fisherGreater,
  heterogeneity,
  logChoose,
  normalQuantile,
  riskRatio,
} from '../domain/statistics.ts'

describe('the exact test of a 2x2 table', () => {
  it('gives the published answers: tea 17/70, Johnson’s dieting table, and a table of nothing', () => {
    // R. A. Fisher, The Design of Experiments (1935): 3 of 4 cups.
    expect(Math.exp(fisherGreater({ a: 3, b: 1, c: 1, d: 3 }))).toBeCloseTo(17 / 70, 14)
    expect(Math.exp(fisherGreater({ a: 4, b: 0, c: 0, d: 4 }))).toBeCloseTo(1 / 70, 14)
    // 1, 9 / 11, 3: 0.001346076 from the left (Wikipedia, Fisher's exact test).
    expect(Math.exp(fisherGreater({ a: 9, b: 1, c: 3, d: 11 }))).toBeCloseTo(0.001379728, 8)
    expect(fisherGreater({ a: 0, b: 5, c: 3, d: 2 })).toBe(0)
  })

  it('is the sum of all tables that are at least as clear, by exact fractions', () => {
    const counts = fc.integer({ min: 0, max: 14 })
    fc.assert(
      fc.property(counts, counts, counts, counts, (a, b, c, d) => {
        fc.pre(a + b > 0 && c + d > 0)
        const choose = (n: number, k: number): number => {
          let result = 1
          for (let i = 0; i < k; i++) result = (result * (n - i)) / (i + 1)
          return k < 0 || k > n ? 0 : Math.round(result)
        }
        let sum = 0
        for (let x = a; x <= Math.min(a + b, a + c); x++)
          sum += choose(a + b, x) * choose(c + d, a + c - x)
        const p = sum / choose(a + b + c + d, a + c)
        expect(Math.exp(fisherGreater({ a, b, c, d }))).toBeCloseTo(p, 10)
      }),
    )
  })

  it('orders probabilities too small to write down', () => {
    const strong = fisherGreater({ a: 50_000, b: 0, c: 0, d: 50_000 })
    const weaker = fisherGreater({ a: 49_000, b: 1000, c: 1000, d: 49_000 })
    expect(strong).toBeLessThan(weaker)
    expect(strong).toBeCloseTo(-logChoose(100_000, 50_000), 6)
    expect(weaker).toBeLessThan(-700)
  })
})

describe('distributions', () => {
  it('have the quantiles and tails of the tables', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13)
    expect(normalQuantile(0.5)).toBeCloseTo(0, 13)
    expect(normalQuantile(1e-6)).toBeCloseTo(-4.753424308822899, 10)
    expect(chiSquareAbove(3.841458820694124, 1)).toBeCloseTo(0.05, 12)
    expect(chiSquareAbove(18.307038053275146, 10)).toBeCloseTo(0.05, 12)
    expect(chiSquareAbove(124.3421134, 100)).toBeCloseTo(0.05, 8)
    expect(Math.exp(logChoose(52, 5))).toBeCloseTo(2_598_960, 3)
    expect(logChoose(1000, 500)).toBeCloseTo(689.4672615678511, 9)
  })

  it('tell shares that differ from shares that do not', () => {
    const even = [4, 5, 6, 5].map((yes) => ({ yes, of: 10 }))
    expect(heterogeneity([even])).toBeGreaterThan(0.5)
    expect(heterogeneity([[{ yes: 10, of: 10 }, ...even]])).toBeLessThan(0.1)
    // 10 of 10 against 0 of 10: chi-square 20 with one degree of freedom.
    const apart = heterogeneity([
      [
        { yes: 10, of: 10 },
        { yes: 0, of: 10 },
      ],
    ])
    expect(apart).toBeCloseTo(7.744216431044088e-6, 12)
    expect(heterogeneity([[{ yes: 3, of: 3 }]])).toBe(1)
  })
})

describe('ratios and corrections', () => {
  it('gives the risk ratio with its interval, also when nobody else is affected', () => {
    // (20.5/31) / (10.5/31), error √(1/20.5 - 1/31 + 1/10.5 - 1/31).
    const { estimate, low, high } = riskRatio({ a: 20, b: 10, c: 10, d: 20 })
    expect(estimate).toBeCloseTo(20.5 / 10.5, 12)
    const z = 1.959963984540054 * Math.sqrt(1 / 20.5 - 2 / 31 + 1 / 10.5)
    expect(low).toBeCloseTo(estimate * Math.exp(-z), 10)
    expect(high).toBeCloseTo(estimate * Math.exp(z), 10)
    const none = riskRatio({ a: 10, b: 0, c: 0, d: 10 })
    expect(none.low).toBeGreaterThan(1)
    expect(none.high).toBeLessThan(Infinity)
  })

  it('adjusts as Benjamini and Hochberg, and as Holm, did', () => {
    const ps = [0.01, 0.04, 0.03, 0.005]
    const { falseDiscovery, familyWise } = adjust(ps.map(Math.log))
    for (const [i, p] of [0.02, 0.04, 0.04, 0.02].entries())
      expect(falseDiscovery[i]).toBeCloseTo(p, 12)
    for (const [i, p] of [0.03, 0.06, 0.06, 0.02].entries())
      expect(familyWise[i]).toBeCloseTo(p, 12)
  })
})
