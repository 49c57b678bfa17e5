// How unusual each reading of a channel is, told from what the channel did before and nothing else:
// no label, no limit, no look ahead, bounded memory. Patterns of four lengths are compared with the
// most similar one remembered; what counts is how rare such a distance was so far, how large it is,
// and how often as much was told. It advises and judges nothing (invariant I10): the same readings
// in the same order give the same scores.
import { createPatterns, feedPatterns, type Patterns, patternBlocks } from './patterns.ts'
import { distanceOf } from './rarity.ts'
import { createScale, feedScale, type Scale } from './scale.ts'

/** All that is remembered of a channel: numbers and typed arrays, about 260 KB. */
export interface AnomalyState {
  /** Readings so far. */
  count: number
  scale: Scale
  lengths: Patterns[]
  told: Told
}

/** What was told, so that it is not told over and over. */
interface Told {
  /** The last one: after how many readings, and how surprising it was. */
  count: number
  surprise: number
  /** How often, by surprise. */
  bins: Float64Array
}

/** Why the last score is what it is. Readings are counted from 0 as they came. */
export interface AnomalyReason {
  /** First and last reading of the part of the pattern that differs most from what is known. */
  first: number
  last: number
  /** The mean of these readings, and where it would have been usual, in the channel's unit. */
  mean: number
  low: number
  high: number
}

/** Readings of a block; a pattern is five. For 5-minute readings 25 min to 6 h 40 min. */
const blockReadings = [1, 2, 8, 16]
/** Less is nothing to tell. */
const surpriseMin = 0.5
/** What was told is not told again for this part of all readings so far … */
const quietPart = 0.045
/** … unless it becomes so much more unusual. */
const quietFactor = 1.3
/** What was told ten times as often is so much less surprising … */
const habit = 0.5
/** … told as surprising as this or less. */
const habitBelow = 0.2
/** Bins of surprise, and how many make up 1. */
const binCount = 512
const binsPerOne = 20
/** Squares of greater values, and sums of these, would not be numbers. */
const valueMax = 1e100

export const createAnomalyState = (): AnomalyState => ({
  count: 0,
  scale: createScale(),
  lengths: blockReadings.map(createPatterns),
  told: { count: Number.NEGATIVE_INFINITY, surprise: 0, bins: new Float64Array(binCount) },
})

/**
 * Takes the next reading, a number, and gives its score, 0 … 1: the mean surprise of the patterns
 * of all lengths, less what this channel does often, from its logarithm to a part of 1. 0: usual,
 * or told just before.
 */
export function stepAnomaly(state: AnomalyState, value: number): number {
  const reading = Math.max(-valueMax, Math.min(valueMax, value))
  state.count++
  feedScale(state.scale, reading)
  let sum = 0
  for (const patterns of state.lengths) sum += feedPatterns(patterns, reading, state.scale)
  const surprise = sum / state.lengths.length
  const { told } = state
  const isQuiet = state.count - told.count <= quietPart * state.count
  if (surprise <= (isQuiet ? Math.max(surpriseMin, quietFactor * told.surprise) : surpriseMin))
    return 0
  // What goes on growing is one thing, not two.
  if (isQuiet) told.bins[binOf(told.surprise)]!--
  let often = 0
  for (let i = binOf(surprise - habitBelow); i < binCount; i++) often += told.bins[i]!
  told.bins[binOf(surprise)]!++
  told.count = state.count
  told.surprise = surprise
  return 1 / (1 + 10 ** (habit * Math.log10(1 + often) - surprise))
}

/** Undefined while nothing is known to compare with. */
export function explainAnomaly(state: AnomalyState): AnomalyReason | undefined {
  const patterns = state.lengths.reduce((most, one) => (one.surprise > most.surprise ? one : most))
  if (patterns.nearest < 0) return undefined
  let block = 0
  let difference = -1
  for (let i = 0; i < patternBlocks; i++) {
    const other = Math.abs(patterns.present[i]! - patterns.matched[i]!)
    if (other > difference) {
      difference = other
      block = i
    }
  }
  // A block is usual up to the difference that one pattern in ten has in one of its blocks.
  const allowed = distanceOf(patterns.rarity.block, 0.1) * state.scale.usual
  const last = state.count - 1 - patterns.filled - block * patterns.readings
  return {
    first: last - patterns.readings + 1,
    last,
    mean: patterns.present[block]!,
    low: patterns.matched[block]! - allowed,
    high: patterns.matched[block]! + allowed,
  }
}

const binOf = (surprise: number): number =>
  Math.max(0, Math.min(binCount - 1, Math.floor(surprise * binsPerOne)))
