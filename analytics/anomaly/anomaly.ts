// How unusual each reading of a channel is, told from what the channel did before and nothing else:
// no label, no limit, no look ahead, bounded memory. Patterns of six lengths are compared with the
// most similar one remembered; what counts is how rare such a distance was so far, how large it is,
// and how often as much was told. It advises and judges nothing (invariant I10): the same readings
// in the same order give the same scores.
import {
  createPatterns,
  feedPatterns,
  type PatternSettings,
  type Patterns,
  patternBlocks,
} from './patterns.ts'
import { distanceOf } from './rarity.ts'
import { createScale, feedScale, type Scale } from './scale.ts'
import { createTold, type TellSettings, type Told, tell } from './told.ts'

/** All that is remembered of a channel: numbers and typed arrays, about 400 KB. */
export interface AnomalyState {
  /** Readings so far. */
  count: number
  scale: Scale
  lengths: Patterns[]
  settings: AnomalySettings
  told: Told
}

/** What is looked at, and how it counts; test/evaluate tries others. */
export interface AnomalySettings extends PatternSettings {
  /** Readings of a block, of patterns of each length; a pattern is five blocks. */
  blockReadings: readonly number[]
  /** Their mean is that of this power of their surprises: above 1 the largest count for more. */
  power: number
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

/** For 5-minute readings 25 min to 13 h 20 min. docs/evaluation.md says what others are worth. */
const usualSettings: AnomalySettings = {
  blockReadings: [1, 2, 4, 8, 16, 32],
  largeWeight: 0.6,
  middlePart: 75,
  power: 2,
}
/** Squares of greater values, and sums of these, would not be numbers. */
const valueMax = 1e100

export const createAnomalyState = (
  settings: AnomalySettings = usualSettings,
  telling?: TellSettings,
): AnomalyState => ({
  count: 0,
  scale: createScale(),
  lengths: settings.blockReadings.map((readings) => createPatterns(readings, settings)),
  settings,
  told: createTold(telling),
})

/**
 * Takes the next reading, a number, and gives its score, 0 … 1: the surprise of the patterns of all
 * lengths, less what this channel does often, from its logarithm to a part of 1. 0: usual, or told
 * just before.
 */
export function stepAnomaly(state: AnomalyState, value: number): number {
  const surprise = feedReading(state, value)
  return tell(state.told, surprise, state.count)
}

/** Takes the next reading and gives how surprising it is, told or not; a decimal logarithm. */
export function feedReading(state: AnomalyState, value: number): number {
  const reading = Math.max(-valueMax, Math.min(valueMax, value))
  const { power } = state.settings
  state.count++
  feedScale(state.scale, reading)
  let sum = 0
  for (const patterns of state.lengths) sum += feedPatterns(patterns, reading, state.scale) ** power
  return (sum / state.lengths.length) ** (1 / power)
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
