// Patterns of one length: eight means of blocks of readings, compared with the nearest of those
// remembered that share no reading with it, by three measures: all of the pattern, its newer half,
// and its one most different block. The oldest is forgotten first.
import { countDistance, createRarity, type Rarity } from './anomaly-rarity.ts'

/** Blocks of a pattern. */
export const patternBlocks = 8
const halfBlocks = patternBlocks / 2
/** Patterns remembered, and those not yet compared with, for they share readings. */
const patternsMax = 512 + patternBlocks

/** Distances to the nearest pattern by each measure. */
interface Distances {
  whole: number
  half: number
  block: number
}

export interface Patterns {
  /** Of a block. */
  readings: number
  /** Readings in the block that is being filled, and the sums of their coordinates and values. */
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
  rarity: { [measure in keyof Distances]: Rarity }
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
  rarity: { whole: createRarity(), half: createRarity(), block: createRarity() },
  surprise: 0,
  nearest: -1,
  matched: new Float64Array(patternBlocks),
})

/**
 * Takes a reading, `y` its coordinate; gives -log10 of the probability of what the last whole block
 * made, the mean of the three measures.
 */
export function feedPatterns(patterns: Patterns, value: number, y: number): number {
  patterns.sum += y
  patterns.valueSum += value
  if (++patterns.filled < patterns.readings) return patterns.surprise
  const { present, means, rarity } = patterns
  present.copyWithin(1, 0)
  means.copyWithin(1, 0)
  present[0] = patterns.sum / patterns.readings
  means[0] = patterns.valueSum / patterns.readings
  patterns.sum = 0
  patterns.valueSum = 0
  patterns.filled = 0
  if (++patterns.blocks < patternBlocks) return 0
  const { whole, half, block } = findNearest(patterns)
  if (patterns.nearest >= 0)
    patterns.surprise =
      (countDistance(rarity.whole, whole) +
        countDistance(rarity.half, half) +
        countDistance(rarity.block, block)) /
      3
  patterns.memory.set(present, (patterns.stored++ % patternsMax) * patternBlocks)
  return patterns.surprise
}

/** Root mean squares of the differences, and the largest one, each to its nearest pattern. */
function findNearest(patterns: Patterns): Distances {
  const { memory, stored } = patterns
  const [a, b, c, d, e, f, g, h] = patterns.present as unknown as Eight
  let whole = Number.POSITIVE_INFINITY
  let half = Number.POSITIVE_INFINITY
  let block = Number.POSITIVE_INFINITY
  patterns.nearest = -1
  const begin = Math.max(0, stored - patternsMax)
  // Newer ones overlap with the present; up to here not even their newer halves do.
  const newest = stored - halfBlocks
  const apart = stored - patternBlocks
  let at = (begin % patternsMax) * patternBlocks
  for (let index = begin; index <= newest; index++) {
    const d0 = a - memory[at]!
    const d1 = b - memory[at + 1]!
    const d2 = c - memory[at + 2]!
    const d3 = d - memory[at + 3]!
    const sum = d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3
    if (sum < half) half = sum
    // The largest of four squares is a quarter of their sum or more.
    if (index <= apart && (sum < whole || sum < 4 * block * block)) {
      const most = Math.max(Math.abs(d0), Math.abs(d1), Math.abs(d2), Math.abs(d3))
      if (sum < whole || most < block) {
        const d4 = e - memory[at + 4]!
        const d5 = f - memory[at + 5]!
        const d6 = g - memory[at + 6]!
        const d7 = h - memory[at + 7]!
        const all = sum + d4 * d4 + d5 * d5 + d6 * d6 + d7 * d7
        block = Math.min(
          block,
          Math.max(most, Math.abs(d4), Math.abs(d5), Math.abs(d6), Math.abs(d7)),
        )
        if (all < whole) {
          whole = all
          patterns.nearest = at
        }
      }
    }
    at += patternBlocks
    if (at === memory.length) at = 0
  }
  if (patterns.nearest >= 0)
    patterns.matched.set(memory.subarray(patterns.nearest, patterns.nearest + patternBlocks))
  return {
    whole: Math.sqrt(whole / patternBlocks),
    half: Math.sqrt(half / halfBlocks),
    block,
  }
}

type Eight = [number, number, number, number, number, number, number, number]
