// Patterns of one length: eight means of blocks of readings, compared with the nearest of those
// remembered, none of which shares a reading with it. The oldest is forgotten first.
import { countDistance, createRarity, type Rarity } from './anomaly-rarity.ts'

/** Blocks of a pattern. */
export const patternBlocks = 8
/** Patterns remembered, and those not yet compared with, for they share readings. */
const patternsMax = 1024 + patternBlocks

export interface Patterns {
  /** Of a block. */
  readings: number
  /** Readings in the block that is being filled, and their sum. */
  filled: number
  sum: number
  valueSum: number
  /** Means of the last blocks, the newest first: coordinates, and values in the channel's unit. */
  present: Float64Array
  means: Float64Array
  /** Patterns one after another, as a ring. */
  memory: Float64Array
  /** Patterns ever stored, and blocks ever filled. */
  stored: number
  blocks: number
  rarity: Rarity
  /** Of the last whole block. */
  surprise: number
  /** The place of the pattern that was most like it, and a copy of it. -1: nothing to compare. */
  nearest: number
  matched: Float64Array
}

export const createPatterns = (readings: number): Patterns => ({
  readings,
  filled: 0,
  sum: 0,
  valueSum: 0,
  present: new Float64Array(patternBlocks),
  means: new Float64Array(patternBlocks),
  memory: new Float64Array(patternsMax * patternBlocks),
  stored: 0,
  blocks: 0,
  rarity: createRarity(),
  surprise: 0,
  nearest: -1,
  matched: new Float64Array(patternBlocks),
})

/**
 * Takes a reading, `y` its coordinate; gives -log10 of the probability of what the last whole block
 * made.
 */
export function feedPatterns(patterns: Patterns, value: number, y: number): number {
  patterns.sum += y
  patterns.valueSum += value
  if (++patterns.filled < patterns.readings) return patterns.surprise
  const { present, means } = patterns
  present.copyWithin(1, 0)
  means.copyWithin(1, 0)
  present[0] = patterns.sum / patterns.readings
  means[0] = patterns.valueSum / patterns.readings
  patterns.sum = 0
  patterns.valueSum = 0
  patterns.filled = 0
  if (++patterns.blocks < patternBlocks) return 0
  const distance = findNearest(patterns)
  patterns.surprise = patterns.nearest < 0 ? 0 : countDistance(patterns.rarity, distance)
  patterns.memory.set(present, (patterns.stored++ % patternsMax) * patternBlocks)
  return patterns.surprise
}

/** Root mean square of the differences to the nearest pattern. */
function findNearest(patterns: Patterns): number {
  const { memory, stored } = patterns
  const [a, b, c, d, e, f, g, h] = patterns.present as unknown as Eight
  let best = Number.POSITIVE_INFINITY
  patterns.nearest = -1
  const known = Math.min(stored, patternsMax)
  // The newest ones overlap with the present.
  const newest = stored - patternBlocks
  for (let index = stored - known; index <= newest; index++) {
    const at = (index % patternsMax) * patternBlocks
    let sum = (a - memory[at]!) ** 2 + (b - memory[at + 1]!) ** 2
    if (sum >= best) continue
    sum += (c - memory[at + 2]!) ** 2 + (d - memory[at + 3]!) ** 2
    if (sum >= best) continue
    sum += (e - memory[at + 4]!) ** 2 + (f - memory[at + 5]!) ** 2
    sum += (g - memory[at + 6]!) ** 2 + (h - memory[at + 7]!) ** 2
    if (sum >= best) continue
    best = sum
    patterns.nearest = at
  }
  if (patterns.nearest >= 0)
    patterns.matched.set(memory.subarray(patterns.nearest, patterns.nearest + patternBlocks))
  return Math.sqrt(best / patternBlocks)
}

type Eight = [number, number, number, number, number, number, number, number]
