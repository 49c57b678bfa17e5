// Stored readings of one channel with their scores and the bands they were expected in: what
// somebody who looks at a chart is told. The same readings give the same answer.
import {
  type Band,
  type BandReadings,
  driftOf,
  expectedOf,
  hourBands,
  hourOf,
} from '../../domain/band-model.ts'
import type { ScoredChannel, ScoredReading, ScoreOptions } from '../../domain/scored.ts'
import { createAnomalyState, explainAnomaly, stepAnomaly } from './anomaly.ts'

/** A model speaks while it has not drifted and knows more than the medians of the hours. */
export function scoreReadings(
  readings: BandReadings,
  { from, model, hoursMin }: ScoreOptions,
): ScoredChannel {
  const { times, values } = readings
  let first = 0
  while (first < times.length && times[first]! < from) first++
  const expected = model && expectedOf(model, readings)
  const drift = model && driftOf(model, differencesAfter(readings, expected!, model.to))
  const speaks = model && !drift!.drifted && model.error < model.plainError ? model : undefined
  const before = {
    times: Array.from(times).slice(0, first),
    values: Array.from(values).slice(0, first),
  }
  const hours = speaks || first < hoursMin ? undefined : hourBands(before)
  const bandOf = (i: number): Band | undefined => {
    if (speaks) return { low: expected![i]! + speaks.low, high: expected![i]! + speaks.high }
    const band = hours?.[hourOf(times[i]!)]
    return band && { low: band.low, high: band.high }
  }
  const state = createAnomalyState()
  const scored: ScoredReading[] = []
  for (let i = 0; i < times.length; i++) {
    const score = stepAnomaly(state, values[i]!)
    if (i < first) continue
    const reason = score > 0 ? explainAnomaly(state) : undefined
    const band = bandOf(i)
    scored.push({
      ...{ time: times[i]!, value: values[i]!, score },
      ...(reason && {
        reason: {
          ...{ from: times[reason.first]!, to: times[reason.last]! },
          ...{ mean: reason.mean, low: reason.low, high: reason.high },
        },
      }),
      ...(band && { expected: band }),
    })
  }
  return { readings: scored, by: speaks ? 'model' : hours && 'hours', drift }
}

function differencesAfter(
  { times, values }: BandReadings,
  expected: Float64Array,
  after: number,
): number[] {
  const differences: number[] = []
  for (let i = 0; i < times.length; i++)
    if (times[i]! > after) differences.push(values[i]! - expected[i]!)
  return differences
}
