// How well the detector does on series that neither its threshold nor its constants have seen: many
// detectors of the same kind are drawn at random from wide ranges; for each group of series the one
// that does best on all others, at its best threshold there, is scored on the group (nested
// cross-validation). What ships is not among them: it was chosen with all series in sight.
import {
  type AnomalySettings,
  createAnomalyState,
  feedReading,
} from '../../analytics/anomaly/anomaly.ts'
import { createTold, type TellSettings, tell } from '../../analytics/anomaly/told.ts'
import { createRandom, type Random } from '../../simulators/random.ts'
import type { NabFile } from './nab-files.ts'
import {
  bestThreshold,
  type NabProfile,
  type NabSeries,
  normaliseNab,
  scoredWindows,
  scoreNab,
} from './nab-score.ts'

/** Ways to look at readings, and ways to tell of what is seen for each of them. */
const looks = 16
const tellingsOfEach = 8
export const variantCount = looks * tellingsOfEach

export const unseenWords = `${variantCount} detectors of the same kind, their constants and lengths drawn at random from wide ranges (\`test/evaluate/nab-variants.ts\`; ours is not among them). For each group of series the one that does best on the others, at its best threshold there, is scored on the group. That is what such a detector is worth on series that nobody had when it was made; what the last line has more than that is hindsight, and so is as much of the table above.`

export interface Unseen {
  /** Normalised, of all series, each by the variant and threshold that was best for the others. */
  nested: number
  /** Each variant at the threshold that is best for all series: the middle one and the best. */
  middle: number
  best: number
}

/** Scores of each variant on each series; rows that are not told have none. */
export function runVariants(files: readonly NabFile[]): NabSeries[][] {
  const random = createRandom('detectors like ours')
  return Array.from({ length: looks }, (_, n) => n).flatMap((n) => {
    const dice = random.fork(n)
    const settings = drawSettings(dice)
    const surprises = files.map(({ values }) => surprisesOf(values, settings))
    return Array.from({ length: tellingsOfEach }, () => {
      const telling = drawTelling(dice)
      return files.map(({ windows }, i) => ({ scores: tellAll(surprises[i]!, telling), windows }))
    })
  })
}

/** `groupOf` a series, by its place in the list. */
export function chooseUnseen(
  variants: readonly NabSeries[][],
  profile: NabProfile,
  groupOf: (index: number) => string | number,
): Unseen {
  const all = variants[0]!
  let sum = 0
  for (const group of new Set(all.map((_, index) => groupOf(index)))) {
    const isOwn = (_: unknown, index: number): boolean => groupOf(index) === group
    const chosen = variants
      .map((series) => ({
        own: series.filter(isOwn),
        ...bestThreshold(
          series.filter((one, index) => !isOwn(one, index)),
          profile,
        ),
      }))
      .reduce((most, one) => (one.normalised > most.normalised ? one : most))
    for (const series of chosen.own) sum += scoreNab(series, profile, chosen.threshold).score
  }
  const each = variants.map((series) => bestThreshold(series, profile).normalised)
  each.sort((a, b) => a - b)
  return {
    nested: normaliseNab(sum, scoredWindows(all), profile),
    middle: each[Math.floor(each.length / 2)]!,
    best: each.at(-1)!,
  }
}

function surprisesOf(values: Float64Array, settings: AnomalySettings): Float64Array {
  const state = createAnomalyState(settings)
  return values.map((value) => feedReading(state, value))
}

function tellAll(surprises: Float64Array, telling: TellSettings): Float64Array {
  const told = createTold(telling)
  return surprises.map((surprise, row) => tell(told, surprise, row + 1) || Number.NaN)
}

/** Between two numbers, each doubling as likely as another. */
const doubling = (dice: Random, from: number, to: number): number =>
  from * (to / from) ** dice.unit()

const drawSettings = (dice: Random): AnomalySettings => ({
  blockReadings: dice.pick([
    [1, 2, 4, 8],
    [1, 2, 4, 8, 16],
    [1, 2, 4, 8, 16, 32],
    [1, 2, 8, 16],
    [1, 2, 8, 32],
    [1, 4, 16],
    [1, 3, 9, 27],
    [2, 4, 8, 16],
  ]),
  power: dice.pick([1, 2, 3]),
  largeWeight: dice.between(0.2, 0.8),
  middlePart: doubling(dice, 20, 200),
})

const drawTelling = (dice: Random): TellSettings => ({
  surpriseMin: dice.between(0.2, 0.8),
  quietPart: doubling(dice, 0.02, 0.1),
  quietFactor: dice.between(1.1, 1.8),
  habit: dice.between(0.1, 1),
  habitBelow: dice.between(0, 0.5),
})
