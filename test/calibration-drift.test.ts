import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CertifiedCalibration, driftsOf } from '../domain/calibration-drift.ts'

const yearMs = 365.25 * 86_400_000
const told = (year: number, ...points: [number, number, number?][]): CertifiedCalibration => ({
  calibratedAt: year * yearMs,
  points: points.map(([referenceC, readC, uncertaintyC]) => ({ referenceC, readC, uncertaintyC })),
})

describe('how a logger drifts between its calibrations', () => {
  it('is the change of its error at the same reference, a year', () => {
    const all = [told(4, [5, 5.5, 0.1], [-20, -20, 0.1]), told(2, [5.4, 5.5, 0.1], [40, 40.2])]
    expect(driftsOf(all)).toEqual([
      {
        ...{ referenceC: 5, from: 2 * yearMs, to: 4 * yearMs },
        ...{ changeC: 0.4, perYearC: 0.2, significant: true },
      },
    ])
  })

  it('is significant only beyond what both laboratories could not know', () => {
    const between = (changeC: number) =>
      driftsOf([told(1, [5, 5, 0.3]), told(2, [5, 5 + changeC, 0.4])])[0]!.significant
    expect([between(0.5), between(0.51), between(-0.51)]).toEqual([false, true, true])
  })

  it('passes over calibrations without points', () => {
    const all = [told(1, [5, 5]), told(2), told(3, [5, 5.2])]
    expect(driftsOf(all)).toMatchObject([{ from: yearMs, to: 3 * yearMs, perYearC: 0.1 }])
  })

  it('adds up to the whole change, whatever lies between and in which order it was told', () => {
    const errors = fc.array(fc.integer({ min: -2000, max: 2000 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(errors, fc.array(fc.nat(), { maxLength: 8 }), (milli, order) => {
        const all = milli.map((error, year) => told(year + 1, [5, 5 + error / 1000]))
        const mixed = all.toSorted(
          (a, b) => (order[all.indexOf(a)] ?? 0) - (order[all.indexOf(b)] ?? 0),
        )
        const drifts = driftsOf(mixed)
        expect(drifts).toHaveLength(all.length - 1)
        const sum = drifts.reduce((whole, { changeC }) => whole + changeC, 0)
        expect(sum).toBeCloseTo((milli.at(-1)! - milli[0]!) / 1000, 5)
      }),
    )
  })
})
