// How often shipments of a lane end with an excursion: a beta distribution per lane, with a prior
// that all lanes pool (empirical Bayes), so that a lane of two shipments says little and borrows
// from the others. Judges no shipment.
import { type Beta, betaQuantile, logBeta } from './beta.ts'

export interface LaneCount {
  shipments: number
  /** With an excursion; at most shipments. */
  excursions: number
}

export interface LaneRisk {
  /** Share of shipments with an excursion to be expected: the mean. */
  mean: number
  /** The 90 % interval. */
  low: number
  high: number
}

export interface Pooled {
  /** What is known of a lane before it had a shipment. */
  prior: Beta
  /** In the order given. */
  risks: LaneRisk[]
}

/** The same lanes in any order give the same risks. */
export function laneRisks(lanes: readonly LaneCount[]): Pooled {
  const prior = pooledPrior(lanes)
  const risks = lanes.map(({ shipments, excursions }) =>
    riskOf({ a: prior.a + excursions, b: prior.b + shipments - excursions }),
  )
  return { prior, risks }
}

export const riskOf = (known: Beta): LaneRisk => ({
  mean: known.a / (known.a + known.b),
  low: betaQuantile(0.05, known),
  high: betaQuantile(0.95, known),
})

/**
 * The prior under which these counts are most likely (beta-binomial), over a grid of its mean and
 * of the shipments that it is worth. Held back by one shipment of even odds and by a preference
 * for few, so that one lane or no excursion does not make it certain.
 */
function pooledPrior(lanes: readonly LaneCount[]): Beta {
  // Lanes with the same counts are as likely as each other: each kind is worked out once.
  const kinds = new Map<string, LaneCount & { times: number }>()
  for (const { shipments, excursions } of lanes) {
    const key = `${shipments} ${excursions}`
    const known = kinds.get(key) ?? { shipments, excursions, times: 0 }
    known.times++
    kinds.set(key, known)
  }
  const ordered = [...kinds.values()].sort(
    (one, other) => one.shipments - other.shipments || one.excursions - other.excursions,
  )
  let best = { a: 0.5, b: 0.5, log: Number.NEGATIVE_INFINITY }
  for (let m = -64; m <= 64; m++) {
    const mean = 1 / (1 + Math.exp(-m / 10))
    for (let w = 0; w <= 24; w++) {
      const worth = 1.25 ** w
      const prior = { a: mean * worth, b: (1 - mean) * worth }
      let log = 0.5 * Math.log(mean) + 0.5 * Math.log1p(-mean) - 0.5 * Math.log(worth)
      const empty = logBeta(prior)
      for (const { shipments, excursions, times } of ordered) {
        const filled = { a: prior.a + excursions, b: prior.b + shipments - excursions }
        log += times * (logBeta(filled) - empty)
      }
      if (log > best.log) best = { ...prior, log }
    }
  }
  return { a: best.a, b: best.b }
}
