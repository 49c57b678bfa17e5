// What passports recommend for all units of a set at once: a verdict for each, how many of each,
// and the hash that pins them. Whoever signs by verdict signs just these. Decides nothing (I10).
import { createHash } from 'node:crypto'

/** `none`: nothing is known of the unit, so nothing is recommended. */
export const recommendedVerdicts = ['in', 'indeterminate', 'out', 'none'] as const
export type RecommendedVerdict = (typeof recommendedVerdicts)[number]

/** A unit with the place of its verdict among `recommendedVerdicts`. */
export type RecommendedUnit = [epc: string, verdict: number]

export type VerdictCounts = Readonly<Record<RecommendedVerdict, number>>

/** What a person saw of it. */
export interface RecommendedSeen extends VerdictCounts {
  /** SHA-256 of the units, ascending, each with its verdict: `${epc} ${verdict}\n`. Hex. */
  hash: string
}

export interface Recommended extends RecommendedSeen {
  /** Ascending by EPC. */
  units: readonly RecommendedUnit[]
}

/** `units`: ascending by EPC. */
export function recommendedOf(units: readonly RecommendedUnit[]): Recommended {
  const hash = createHash('sha256')
  const counts = { in: 0, indeterminate: 0, out: 0, none: 0 }
  for (const [epc, place] of units) {
    const verdict = recommendedVerdicts[place]!
    counts[verdict]++
    hash.update(`${epc} ${verdict}\n`)
  }
  return { ...counts, hash: hash.digest('hex'), units }
}

/** Those of which something else is recommended now; both of the same units. */
export function recommendedAnew(
  before: readonly RecommendedUnit[],
  now: readonly RecommendedUnit[],
): { epc: string; before: RecommendedVerdict; now: RecommendedVerdict }[] {
  return now.flatMap(([epc, place], i) => {
    const [known, was] = before[i] ?? []
    if (known !== epc || was === undefined || was === place) return []
    return [{ epc, before: recommendedVerdicts[was]!, now: recommendedVerdicts[place]! }]
  })
}
