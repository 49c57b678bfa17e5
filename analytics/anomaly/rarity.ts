// How rare a distance is among all before it: a histogram of logarithms, with a power law beyond
// what was seen (B. M. Hill 1975). Early distances, when little was known, stay counted: they make
// it cautious.

export interface Rarity {
  counts: Float64Array
  total: number
  /** The highest bin that ever counted. */
  top: number
}

/** Bins of one e-fold. */
const fineness = 8
const bins = 256
const middle = 160
/** Smaller distances are all alike; in widths of the usual range of the channel. */
const distanceMin = 0.1
/** The part of the largest ones that the power law is fitted to, and how many at least. */
const tailPart = 0.02
const tailCountMin = 3
/** What is believed of the power law before: so many distances, exceeding by so much (e-folds). */
const priorCount = 3
const priorExcess = 0.5

export const createRarity = (): Rarity => ({
  counts: new Float64Array(bins),
  total: 0,
  top: 0,
})

/** -log10 of the probability of such a distance or a larger one; then it is counted. */
export function countDistance(rarity: Rarity, distance: number): number {
  const bin = binOf(distance)
  const surprise = rarity.total === 0 ? 0 : surpriseOf(rarity, bin)
  rarity.counts[bin]!++
  rarity.total++
  if (bin > rarity.top) rarity.top = bin
  return surprise
}

/** The distance that this part of all exceeds. */
export function distanceOf({ counts, total, top }: Rarity, part: number): number {
  let above = 0
  let bin = top
  for (; bin > 0 && above + counts[bin]! < part * total; bin--) above += counts[bin]!
  return Math.exp((bin + 1 - middle) / fineness) - distanceMin
}

const binOf = (distance: number): number =>
  Math.max(0, Math.min(bins - 1, Math.floor(Math.log(distance + distanceMin) * fineness) + middle))

function surpriseOf({ counts, total, top }: Rarity, bin: number): number {
  let asLarge = 0
  for (let i = top; i >= bin; i--) asLarge += counts[i]!
  const seen = -Math.log10((asLarge + 1) / (total + 1))
  const wanted = Math.max(tailCountMin, tailPart * total)
  if (total < wanted) return seen
  let tail = 0
  let moment = 0
  let from = Math.max(top, bin) + 1
  while (from > 0 && tail < wanted) {
    from--
    tail += counts[from]!
    moment += counts[from]! * from
  }
  const beyond = (bin - from) / fineness
  if (beyond <= 0) return seen
  const excess = (moment - tail * from) / fineness + (0.5 * tail) / fineness
  const exponent = (excess + priorExcess * priorCount) / (tail + priorCount)
  const power = beyond / exponent / Math.LN10 - Math.log10(tail / (total + 1))
  return (seen + power) / 2
}
