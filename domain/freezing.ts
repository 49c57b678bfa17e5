// Freeze-thaw cycles: how often something thawed went below 0 °C (domain facts §6). It counts as
// thawed again only so far above 0 °C that a logger's noise does not tell cycles. A crossing inside
// time that nobody knows is certain all the same, and counts once. Cold by itself is no cycle: what
// is never known to have been thawed was frozen before.
import { type Hour, hourMs } from './hours.ts'

/** Water freezes; solutions do below it, so that this counts rather more than less. */
export const freezeC = 0
/** Loggers are good to 0.5 °C (WHO PQS E006). */
export const thawHysteresisC = 0.5

/** What is known of it: nothing yet, thawed, frozen. */
const [unknown, thawed, frozen] = [0, 1, 2] as const
type Known = typeof unknown | typeof thawed | typeof frozen

/**
 * What some time does to something that came into it unknown, thawed or frozen: how it leaves, and
 * the cycles it had. So times are joined in any grouping, and the sum is that of the whole.
 */
export interface Freezing {
  leaves: readonly [Known, Known, Known]
  cycles: readonly [number, number, number]
}

export const nothingKnown: Freezing = { leaves: [unknown, thawed, frozen], cycles: [0, 0, 0] }

const belowFreezing: Freezing = { leaves: [frozen, frozen, frozen], cycles: [0, 1, 0] }
const justAbove: Freezing = { leaves: [thawed, thawed, frozen], cycles: [0, 0, 0] }
const wellAbove: Freezing = { leaves: [thawed, thawed, thawed], cycles: [0, 0, 0] }

/** Of one value, for however long: the same again changes nothing. */
export const freezingAt = (celsius: number): Freezing =>
  celsius < freezeC ? belowFreezing : celsius < freezeC + thawHysteresisC ? justAbove : wellAbove

/** First one, then the other. */
export function thenFreezing(one: Freezing, other: Freezing): Freezing {
  const leaves = one.leaves.map((known) => other.leaves[known])
  const cycles = one.leaves.map((known, i) => one.cycles[i]! + other.cycles[known])
  return { leaves, cycles } as unknown as Freezing
}

/** Cycles of something of which nothing was known before. */
export const cyclesOf = ({ cycles }: Freezing): number => cycles[unknown]

/**
 * Of an hour whose readings are gone. Exact when it stayed on one side, or below the hysteresis;
 * otherwise its crossings count without hysteresis, no fewer than there were. Of those inside time
 * that nobody knows at least one counts.
 */
export function freezingOfHour(hour: Hour): Freezing {
  const { min, max, carried, first, last, freezes } = hour
  const values = [min, max, carried].filter((value) => value !== null)
  if (values.length === 0) return nothingKnown
  const [coldest, warmest] = [Math.min(...values), Math.max(...values)]
  if (coldest >= freezeC) return freezingAt(warmest)
  const start = freezingAt(carried ?? first!.value)
  if (warmest < freezeC + thawHysteresisC)
    return thenFreezing(start, { leaves: [frozen, frozen, frozen], cycles: [0, 1, 0] })
  const leaves = (last?.value ?? carried!) < freezeC ? frozen : thawed
  const perhaps = hour.knownMs < hourMs || start === wellAbove || leaves === frozen ? 1 : 0
  const cycles = Math.max(freezes, perhaps)
  const thawedBefore = Math.max(freezes, 1)
  return {
    leaves: [leaves, leaves, leaves],
    cycles: [start === belowFreezing ? cycles : thawedBefore, thawedBefore, cycles],
  }
}
