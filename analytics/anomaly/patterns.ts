// Patterns of one length: five means of blocks of readings, compared with the nearest of those
// remembered that share no reading with it, by three measures: all of the pattern, its two newest
// blocks, and its one most different block. What is like a remembered one is not remembered again;
// the oldest is forgotten first.
import { countDistance, createRarity, type Rarity } from './rarity.ts'
import type { Scale } from './scale.ts'

/** Blocks of a pattern. */
export const patternBlocks = 5
const newBlocks = 2
/** Patterns remembered. */
const patternsMax = 1024
/** A pattern is like another when their blocks differ by less; in usual widths. */
const alike = 0.03

/** How a distance counts. */
export interface PatternSettings {
  /** What is large counts for so much, what is rare for the rest. */
  largeWeight: number
  /** A distance of this part of the middle width is large enough to matter. */
  middlePart: number
}

/** Distances to the nearest pattern by each measure, in the channel's unit. */
interface Distances {
  whole: number
  newest: number
  block: number
}

export interface Patterns {
  settings: PatternSettings
  /** Of a block. */
  readings: number
  /** Readings in the block that is being filled, and their sum. */
  filled: number
  sum: number
  /** Blocks ever filled, and means of the last ones, the newest first. */
  blocks: number
  present: Float64Array
  /** Patterns as they were stored, as a ring, and after how many blocks each was. */
  memory: Float64Array
  after: Float64Array
  stored: number
  /** The newest block of each pattern, ascending, and the place of the pattern in the ring. */
  keys: Float64Array
  places: Uint16Array
  rarity: { [measure in keyof Distances]: Rarity }
  /** Of the last whole block. */
  surprise: number
  /** The place of the pattern that was most like it, and a copy of it. -1: nothing to compare. */
  nearest: number
  matched: Float64Array
}

export const createPatterns = (readings: number, settings: PatternSettings): Patterns => ({
  settings,
  readings,
  filled: 0,
  sum: 0,
  blocks: 0,
  present: new Float64Array(patternBlocks),
  memory: new Float64Array(patternsMax * patternBlocks),
  after: new Float64Array(patternsMax),
  stored: 0,
  keys: new Float64Array(patternsMax),
  places: new Uint16Array(patternsMax),
  rarity: { whole: createRarity(), newest: createRarity(), block: createRarity() },
  surprise: 0,
  nearest: -1,
  matched: new Float64Array(patternBlocks),
})

/**
 * Takes a reading; gives how surprising the last whole block was: the mean, over the measures, of
 * -log10 of the probability of such a distance and of how large it is beside the channel's widths.
 */
export function feedPatterns(patterns: Patterns, value: number, scale: Scale): number {
  patterns.sum += value
  if (++patterns.filled < patterns.readings) return patterns.surprise
  const { present, rarity } = patterns
  present.copyWithin(1, 0)
  present[0] = patterns.sum / patterns.readings
  patterns.sum = 0
  patterns.filled = 0
  if (++patterns.blocks < patternBlocks) return 0
  const { whole, newest, block } = findNearest(patterns)
  if (patterns.nearest >= 0) {
    const surprise =
      surpriseOf(patterns, rarity.whole, { distance: whole, scale }) +
      surpriseOf(patterns, rarity.newest, { distance: newest, scale }) +
      surpriseOf(patterns, rarity.block, { distance: block, scale })
    patterns.surprise = surprise / 3
  }
  if (patterns.nearest < 0 || whole > alike * scale.usual) remember(patterns)
  return patterns.surprise
}

function surpriseOf(
  { settings: { largeWeight, middlePart } }: Patterns,
  rarity: Rarity,
  { distance, scale: { usual, middle } }: { distance: number; scale: Scale },
): number {
  const rare = countDistance(rarity, distance / usual)
  const large = Math.log10(1 + (middlePart * distance) / middle)
  return rare + largeWeight * (large - rare)
}

/** Root mean squares of the differences, and the largest one, each to its nearest pattern. */
function findNearest(patterns: Patterns): Distances {
  const { memory, after, keys, places, blocks, stored, present } = patterns
  const p0 = present[0]!
  const p1 = present[1]!
  const p2 = present[2]!
  const p3 = present[3]!
  const p4 = present[4]!
  const count = Math.min(stored, patternsMax)
  let whole = Number.POSITIVE_INFINITY
  let newest = Number.POSITIVE_INFINITY
  let block = Number.POSITIVE_INFINITY
  let nearest = -1
  // From the most similar newest block outwards, until no measure can become less.
  let above = placeOf(keys, p0, count)
  let below = above - 1
  let up = above < count ? keys[above]! - p0 : Number.POSITIVE_INFINITY
  let down = below >= 0 ? p0 - keys[below]! : Number.POSITIVE_INFINITY
  while (above < count || below >= 0) {
    const isUp = up <= down
    const d0 = isUp ? up : down
    const square = d0 * d0
    if (square >= newest && square >= whole && d0 >= block) break
    const place = places[isUp ? above : below]!
    if (isUp) up = ++above < count ? keys[above]! - p0 : Number.POSITIVE_INFINITY
    else down = --below >= 0 ? p0 - keys[below]! : Number.POSITIVE_INFINITY
    const at = place * patternBlocks
    const d1 = Math.abs(p1 - memory[at + 1]!)
    const two = square + d1 * d1
    let most = Math.max(d0, d1)
    const isNear = two < whole || most < block
    if (!isNear && two >= newest) continue
    const age = blocks - after[place]!
    if (age < newBlocks) continue
    if (two < newest) newest = two
    if (!isNear || age < patternBlocks) continue
    const d2 = Math.abs(p2 - memory[at + 2]!)
    const d3 = Math.abs(p3 - memory[at + 3]!)
    const d4 = Math.abs(p4 - memory[at + 4]!)
    if (d2 > most) most = d2
    if (d3 > most) most = d3
    if (d4 > most) most = d4
    if (most < block) block = most
    const all = two + d2 * d2 + d3 * d3 + d4 * d4
    if (all < whole) {
      whole = all
      nearest = place
    }
  }
  patterns.nearest = nearest
  for (let i = 0; nearest >= 0 && i < patternBlocks; i++)
    patterns.matched[i] = memory[nearest * patternBlocks + i]!
  return {
    whole: Math.sqrt(whole / patternBlocks),
    newest: Math.sqrt(newest / newBlocks),
    block,
  }
}

/** The present pattern takes the place of the oldest one. */
function remember(patterns: Patterns): void {
  const { present, memory, after, keys, places } = patterns
  const place = patterns.stored % patternsMax
  let count = Math.min(patterns.stored, patternsMax)
  if (count === patternsMax) {
    let old = placeOf(keys, memory[place * patternBlocks]!, count)
    while (places[old] !== place) old++
    keys.copyWithin(old, old + 1, count)
    places.copyWithin(old, old + 1, count)
    count--
  }
  const key = present[0]!
  const at = placeOf(keys, key, count)
  keys.copyWithin(at + 1, at, count)
  places.copyWithin(at + 1, at, count)
  keys[at] = key
  places[at] = place
  memory.set(present, place * patternBlocks)
  after[place] = patterns.blocks
  patterns.stored++
}

/** How many of the ascending keys are less. */
function placeOf(keys: Float64Array, key: number, count: number): number {
  let from = 0
  let to = count
  while (from < to) {
    const middle = (from + to) >> 1
    if (keys[middle]! < key) from = middle + 1
    else to = middle
  }
  return from
}
