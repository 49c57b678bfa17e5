// The mean kinetic temperature of any part of what a unit went through, and when that was beyond a
// limit: what the look-back of USP <1079.2> needs. Sums before each moment are made once, so that a
// window costs two searches.
import type { Interval } from '../breach.ts'
import {
  acceleration,
  type Kinetics,
  kineticReferenceC,
  type Limit,
  mktOfSum,
} from '../exposure.ts'
import { isSpellBeyond, kineticMsOfPast, knownMsOfPast, msBeyondOfPast } from '../passport.ts'
import { isPast, type Stretch } from '../spells.ts'
import type { Evidence } from './runs.ts'

/** Sums of all known time before the begin of each stretch, and at the end of the last. */
export interface Ageing {
  kinetics: Kinetics
  stretches: readonly Stretch[]
  knownMs: Float64Array
  kineticMs: Float64Array
}

export function ageingOf({ stretches }: Pick<Evidence, 'stretches'>, kinetics: Kinetics): Ageing {
  const knownMs = new Float64Array(stretches.length + 1)
  const kineticMs = new Float64Array(stretches.length + 1)
  for (const [i, stretch] of stretches.entries()) {
    const own = ageingOfOne(stretch, kinetics)
    knownMs[i + 1] = knownMs[i]! + own.ms
    kineticMs[i + 1] = kineticMs[i]! + own.weightedMs
  }
  return { kinetics, stretches, knownMs, kineticMs }
}

/** `unknownMs`: what of the span nothing is known of; time before the first stretch is such. */
export function mktBetween(
  ageing: Ageing,
  { from, to }: Interval,
): { mktC: number | null; unknownMs: number } {
  const [begin, end] = [sumsBefore(ageing, from), sumsBefore(ageing, to)]
  const ms = end.ms - begin.ms
  const sum = { weightedMs: end.weightedMs - begin.weightedMs, ms }
  return { mktC: mktOfSum(sum, ageing.kinetics), unknownMs: to - from - ms }
}

/** Unbroken by time known to be within the limit; what is unknown between two joins them. */
export function breachesBeyond({ stretches }: Evidence, limit: Limit): Interval[] {
  const breaches: Interval[] = []
  let open: Interval | undefined
  for (const stretch of stretches) {
    const beyond = isPast(stretch)
      ? msBeyondOfPast(stretch, limit).mostMs > 0
      : isSpellBeyond(stretch, limit)
    if (!beyond) open = undefined
    else if (open) open.to = stretch.to
    else {
      open = { from: stretch.from, to: stretch.to }
      breaches.push(open)
    }
  }
  return breaches
}

interface Sum {
  ms: number
  weightedMs: number
}

function sumsBefore(ageing: Ageing, time: number): Sum {
  const { stretches, kinetics } = ageing
  let [low, high] = [0, stretches.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (stretches[middle]!.from < time) low = middle + 1
    else high = middle
  }
  const last = stretches[low - 1]
  if (!last) return { ms: 0, weightedMs: 0 }
  const cut = ageingOfOne(last.to > time ? { ...last, to: time } : last, kinetics)
  return {
    ms: ageing.knownMs[low - 1]! + cut.ms,
    weightedMs: ageing.kineticMs[low - 1]! + cut.weightedMs,
  }
}

function ageingOfOne(stretch: Stretch, kinetics: Kinetics): Sum {
  if (isPast(stretch))
    return { ms: knownMsOfPast(stretch), weightedMs: kineticMsOfPast(stretch, kinetics) }
  const ms = stretch.to - stretch.from
  return { ms, weightedMs: acceleration(stretch.warmC, kineticReferenceC, kinetics) * ms }
}
