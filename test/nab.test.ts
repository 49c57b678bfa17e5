import { describe, expect, it } from 'vitest'
import {
  nabMissing,
  readNabFiles,
  readNabProfiles,
  readPublished,
  readPublishedTotals,
  readRowScores,
} from './evaluate/nab-files.ts'
import {
  bestThreshold,
  type NabSeries,
  normaliseNab,
  probationRows,
  scoreNab,
  tellNothing,
  totalNab,
} from './evaluate/nab-score.ts'
import { chooseUnseen } from './evaluate/nab-variants.ts'

if (nabMissing) console.warn(`skipped: ${nabMissing}`)

const standard = { tpWeight: 1, fnWeight: 1, fpWeight: 0.11 }
/** 100 rows, a window of rows 40 to 49, told at the rows given. */
const told = (...rows: number[]): NabSeries => {
  const scores = new Float64Array(100)
  for (const row of rows) scores[row] = 1
  return { scores, windows: [[40, 49]] }
}
const score = (...rows: number[]): number => scoreNab(told(...rows), standard, 0.5).score

describe('the score of the benchmark', () => {
  it('earns all at the first row of a window, half way through less, and a little at the last', () => {
    expect(score(40)).toBe(1)
    // S(x) = 2 / (1 + e^(5x)) - 1 = tanh(-5x / 2): at row 45, x = -5/10; at 49, x = -1/10.
    expect(score(45)).toBeCloseTo(Math.tanh(1.25) / Math.tanh(2.5), 14)
    expect(score(49)).toBeCloseTo(Math.tanh(0.25) / Math.tanh(2.5), 14)
    expect(score(45, 40, 49)).toBe(1)
  })

  it('costs a window that is missed, and the more a false alarm the farther it is behind one', () => {
    expect(score()).toBe(-1)
    expect(score(40, 20)).toBeCloseTo(1 - 0.11, 14)
    expect(score(40, 50)).toBeCloseTo(1 - 0.11 * Math.tanh(2.5 / 9), 14)
    expect(score(40, 49 + 28)).toBeCloseTo(1 - 0.11, 14)
  })

  it('does not look at the first rows, and counts the others', () => {
    expect(probationRows(100)).toBe(15)
    expect(probationRows(1_000_000)).toBe(750)
    expect(score(40, 14)).toBe(1)
    expect(scoreNab(told(40, 41, 60, 3), standard, 0.5)).toMatchObject({
      ...{ tp: 2, fn: 8, fp: 1, tn: 74 },
    })
    const early: NabSeries = { scores: new Float64Array(100), windows: [[2, 9]] }
    expect(scoreNab(early, standard, 0.5).score).toBe(0)
  })

  it('finds the best threshold of all series together, the higher of equal ones', () => {
    const one = told(40)
    const two = told(45, 60)
    two.scores[60] = 0.7
    two.scores[70] = 0.7
    const total = bestThreshold([one, two], standard)
    expect(total.threshold).toBe(1)
    expect(total).toEqual(totalNab([one, two], standard, 1))
    expect(bestThreshold([told()], standard).threshold).toBe(tellNothing)
    expect(bestThreshold([{ ...told(), windows: [] }], standard).threshold).toBe(tellNothing)
    expect(normaliseNab(2, 2, standard)).toBe(100)
    expect(normaliseNab(-2, 2, standard)).toBe(0)
  })
})

describe('the score of detectors that are chosen without the series they are scored on', () => {
  it('is that of the one that does best on the others, not of the best', () => {
    // The first finds its window in the first series, the second in the second.
    const first = [told(40), told(60)]
    const second = [told(60), told(40)]
    const { nested, middle, best } = chooseUnseen([first, second], standard, (index) => index)
    // For the first series the second detector is chosen, for it does best on the second: it tells
    // a row outside and misses the window; and so the other way round.
    expect(nested).toBeCloseTo(normaliseNab(2 * score(60), 2, standard), 10)
    expect(best).toBeCloseTo(bestThreshold(first, standard).normalised, 10)
    expect(middle).toBeCloseTo(best, 10)
  })

  it('is that of the best when it is the best everywhere', () => {
    const good = [told(40), told(41)]
    const { nested } = chooseUnseen([[told(), told(70)], good], standard, (index) => index)
    expect(nested).toBeCloseTo(totalNab(good, standard, 1).normalised, 10)
  })
})

describe.skipIf(nabMissing !== undefined)('the published results, from published scores', () => {
  it('come out the same for every file, profile and count', () => {
    const profiles = readNabProfiles()
    const published = readPublished()
    let compared = 0
    for (const [detector, series] of readRowScores(readNabFiles()))
      for (const [name, one] of series)
        for (const [profile, weights] of Object.entries(profiles)) {
          const said = published.find(
            (row) => row.detector === detector && row.profile === profile && row.file === name,
          )!
          const { score, ...counts } = scoreNab(one, weights, said.threshold)
          const { tp, tn, fp, fn } = said
          expect(counts, `${detector} ${profile} ${name}`).toEqual({ tp, tn, fp, fn })
          expect(Math.abs(score - said.score)).toBeLessThan(1e-9)
          compared++
        }
    expect(compared).toBe(315)
  })

  it('have the same best thresholds and totals', () => {
    const totals = readPublishedTotals()
    for (const [detector, series] of readRowScores(readNabFiles()))
      for (const [profile, weights] of Object.entries(readNabProfiles()))
        expect(bestThreshold([...series.values()], weights).normalised).toBeCloseTo(
          totals[detector]![profile]!.scoreAtBestThreshold,
          3,
        )
  })
})
