// Sums of a logger's time before each moment, made once for a question: what any leg in it comes to
// is then a difference of two places, whatever lies between. So the passports of a million units
// cost their legs and not their readings. A late reading makes them anew from its place on. The
// same figures as sumsOf of the stretches; sums may differ in their last bits.
import { acceleration, kineticReferenceC } from './exposure.ts'
import { type Freezing, freezingAt, nothingKnown, thenFreezing } from './freezing.ts'
import { isSpellBeyond, noSums, type Question, type Sums } from './passport.ts'
import type { Spell } from './spells.ts'

export interface RunningSums {
  question: Question
  count: number
  /**
   * For each spell, and one for the end, side by side: its begin and end, then of all time before
   * it known ms, °C·ms, kinetic ms, and ms beyond each limit.
   */
  rows: Float64Array
  /** Numbers of a row. */
  width: number
  coldC: Float64Array
  /** The warmest with its sign turned, so that lowest is worst of both. */
  turnedC: Float64Array
  /** Of 1, 2, 4 … blocks of spells that begin at each block: the lowest of these. */
  coldest: Float64Array[]
  turned: Float64Array[]
  freezing: FreezingFrom
}

/**
 * Cycles from a spell to the end, of something that comes into it unknown, thawed or frozen; and
 * the last spell up to each that decides whether it was thawed or frozen.
 */
interface FreezingFrom {
  cycles: [Int32Array, Int32Array, Int32Array]
  decisive: Int32Array
}

/** Ascending, without overlap. */
export function runningSumsOf(spells: readonly Spell[], question: Question): RunningSums {
  const { limits, kinetics } = question
  const count = spells.length
  const width = sumsAt + 3 + limits.length
  const rows = new Float64Array((count + 1) * width)
  for (const [i, spell] of spells.entries()) {
    const [row, next] = [i * width, (i + 1) * width]
    const ms = spell.to - spell.from
    rows[row] = spell.from
    rows[row + 1] = spell.to
    rows[next + sumsAt] = rows[row + sumsAt]! + ms
    rows[next + sumsAt + 1] = rows[row + sumsAt + 1]! + spell.warmC * ms
    const faster = acceleration(spell.warmC, kineticReferenceC, kinetics)
    rows[next + sumsAt + 2] = rows[row + sumsAt + 2]! + faster * ms
    for (let n = 0; n < limits.length; n++) {
      const beyondMs = isSpellBeyond(spell, limits[n]!) ? ms : 0
      rows[next + sumsAt + 3 + n] = rows[row + sumsAt + 3 + n]! + beyondMs
    }
  }
  const coldC = Float64Array.from(spells, (spell) => spell.coldC)
  const turnedC = Float64Array.from(spells, (spell) => 0 - spell.warmC)
  return {
    ...{ question, count, rows, width, turnedC, coldC, freezing: freezingFrom(coldC) },
    coldest: lowestOf(coldC),
    turned: lowestOf(turnedC),
  }
}

/** Where the sums begin in a row. */
const sumsAt = 2

/** What the time from `from` (inclusive) to `to` (exclusive) comes to. */
export function sumsBetween(running: RunningSums, from: number, to: number): Sums {
  const { rows, width, question } = running
  const first = firstNotBefore(running, from)
  const end = placeOf(running, to)
  if (first >= end) return noSums(question)
  const [head, tail, after] = [first * width, (end - 1) * width, end * width]
  const headShare = shareOf(rows, head, Math.max(0, from - rows[head]!))
  const tailShare = shareOf(rows, tail, Math.max(0, rows[tail + 1]! - to))
  const between = (n: number): number => {
    const at = sumsAt + n
    const own = (row: number): number => rows[row + width + at]! - rows[row + at]!
    const whole = rows[after + at]! - rows[head + at]!
    return whole - own(head) * headShare - own(tail) * tailShare
  }
  const beyondMs: number[] = []
  for (let n = 0; n < question.limits.length; n++) beyondMs.push(Math.round(between(3 + n)))
  const spells = { first, end }
  return {
    knownMs: Math.round(between(0)),
    minC: lowestIn(running.coldC, running.coldest, spells),
    maxC: 0 - lowestIn(running.turnedC, running.turned, spells),
    weighted: between(1),
    kineticMs: between(2),
    beyondMs,
    freezing: freezingBetween(running, first, end),
  }
}

/** What part of a spell so many ms are. */
function shareOf(rows: Float64Array, row: number, ms: number): number {
  return ms === 0 ? 0 : ms / (rows[row + 1]! - rows[row]!)
}

/**
 * The first spell that begins at a time or later. Loggers read at even intervals, so that it is
 * near where it would be if they never failed to.
 */
function placeOf({ rows, width, count }: RunningSums, time: number): number {
  let [low, high] = [0, count]
  for (let steps = 0; low < high; steps++) {
    const [begin, end] = [rows[low * width]!, rows[(high - 1) * width]!]
    if (time <= begin) return low
    if (time > end) return high
    const share = (time - begin) / (end - begin)
    // Where it does not come near soon, halving does.
    const guess = steps < 4 ? low + Math.floor(share * (high - 1 - low)) : (low + high) >> 1
    const middle = Math.min(high - 1, Math.max(low, guess))
    if (rows[middle * width]! < time) low = middle + 1
    else high = middle
  }
  return low
}

/** A spell that ended at a time is not after it, unless it had no length and was then. */
function firstNotBefore(running: RunningSums, time: number): number {
  const place = placeOf(running, time)
  const { rows, width } = running
  return place > 0 && rows[(place - 1) * width + 1]! > time ? place - 1 : place
}

/** Spells of a block: so few that they are looked at one by one where a span cuts it. */
const blockSpells = 16

function lowestOf(values: Float64Array): Float64Array[] {
  const blocks = new Float64Array(Math.floor(values.length / blockSpells))
  for (let i = 0; i < blocks.length; i++)
    blocks[i] = lowestAmong(values, i * blockSpells, (i + 1) * blockSpells)
  const levels = [blocks]
  for (let width = 2; width <= blocks.length; width *= 2) {
    const below = levels.at(-1)!
    const level = new Float64Array(blocks.length - width + 1)
    for (let i = 0; i < level.length; i++) level[i] = Math.min(below[i]!, below[i + width / 2]!)
    levels.push(level)
  }
  return levels
}

function lowestAmong(values: Float64Array, first: number, end: number): number {
  let lowest = Infinity
  for (let i = first; i < end; i++) if (values[i]! < lowest) lowest = values[i]!
  return lowest
}

function lowestIn(
  values: Float64Array,
  levels: readonly Float64Array[],
  { first, end }: { first: number; end: number },
): number {
  const [head, tail] = [Math.ceil(first / blockSpells), Math.floor(end / blockSpells)]
  if (head >= tail) return lowestAmong(values, first, end)
  const depth = 31 - Math.clz32(tail - head)
  const level = levels[depth]!
  return Math.min(
    lowestAmong(values, first, head * blockSpells),
    Math.min(level[head]!, level[tail - (1 << depth)]!),
    lowestAmong(values, tail * blockSpells, end),
  )
}

function freezingFrom(coldC: Float64Array): FreezingFrom {
  const empty = (): Int32Array => new Int32Array(coldC.length + 1)
  const cycles: FreezingFrom['cycles'] = [empty(), empty(), empty()]
  for (let i = coldC.length - 1; i >= 0; i--) {
    const own = freezingAt(coldC[i]!)
    for (const [state, sums] of cycles.entries())
      sums[i] = own.cycles[state]! + cycles[own.leaves[state]!]![i + 1]!
  }
  const decisive = new Int32Array(coldC.length).fill(-1)
  for (let i = 0; i < coldC.length; i++) {
    const [unknown, thawed, frozen] = freezingAt(coldC[i]!).leaves
    const decides = unknown === thawed && thawed === frozen
    decisive[i] = decides ? i : (decisive[i - 1] ?? -1)
  }
  return { cycles, decisive }
}

function freezingBetween({ freezing, coldC }: RunningSums, first: number, end: number): Freezing {
  const decisive = freezing.decisive[end - 1]!
  // Nothing in it decides: all of it was just above freezing.
  if (decisive < first) return thenFreezing(nothingKnown, freezingAt(coldC[first]!))
  const leaves = freezingAt(coldC[decisive]!).leaves[0]
  const after = freezing.cycles[leaves][end]!
  return {
    leaves: [leaves, leaves, leaves],
    cycles: [
      freezing.cycles[0][first]! - after,
      freezing.cycles[1][first]! - after,
      freezing.cycles[2][first]! - after,
    ],
  }
}
