// Where readings of a channel were to be expected: a small network of the time of day, of the week
// and of what came just before, in plain typed arrays, and beside it medians of the hours of the
// day. Trained by analytics/anomaly; here it speaks, and it is watched whether what it knows
// still holds. It advises and judges nothing (I10).
import { createHash } from 'node:crypto'

/** Both of one length, ascending by time (epoch ms). */
export interface BandReadings {
  times: ArrayLike<number>
  values: ArrayLike<number>
}

/** What was learned of a channel. Lists and not typed arrays, so that JSON keeps it. */
export interface BandModel {
  /** First and last reading it learned from (epoch ms), and how many. */
  from: number
  to: number
  readings: number
  /** The channel's median and usual spread, in its unit. */
  centre: number
  spread: number
  /** Whether it saw two weeks: of less, nothing is said of days of the week. */
  knowsWeek: boolean
  /** Layer by layer, for each output its weights and then its bias. */
  weights: number[]
  /** Of readings kept aside for it: where nine of ten lie around what was expected. */
  low: number
  high: number
  /** Nine limits between tenths of these differences; drift is measured against them. */
  tenths: number[]
  /** Mean absolute differences of the readings kept aside: of the network and of the medians. */
  error: number
  plainError: number
}

/** What readings are put on before they go in. */
export type BandScale = Pick<BandModel, 'centre' | 'spread' | 'knowsWeek'>

export interface Band {
  low: number
  high: number
}

export interface Drift {
  /** Population stability index; NaN when there are too few readings to say. */
  index: number
  readings: number
  drifted: boolean
}

export const bandInputs = 10
export const bandHidden = 8
export const bandWeights = (bandInputs + 1) * bandHidden + bandHidden + 1

const dayMs = 86_400_000
const hourMs = 3_600_000
/** Farther from the centre, in spreads, is all alike. */
const awayMax = 8
/** Fewer differences say nothing of drift. */
const driftReadingsMin = 200
/** The usual limit of the index: more is another population. */
const driftMax = 0.25

/** SHA-256 of all that speaks. */
export const hashOf = (model: BandModel): string =>
  createHash('sha256').update(JSON.stringify(model)).digest('hex')

/**
 * Rows of `bandInputs` numbers, one for each reading, from its time and the readings before it
 * alone: harmonics of day and week, and the means of the hour and of the six hours before.
 */
export function bandRows(
  { times, values }: BandReadings,
  { centre, spread, knowsWeek }: BandScale,
): Float32Array {
  const rows = new Float32Array(times.length * bandInputs)
  const hour = meansBefore({ times, values }, hourMs)
  const sixHours = meansBefore({ times, values }, 6 * hourMs)
  const scaled = (mean: number): number =>
    Number.isNaN(mean) ? 0 : Math.max(-awayMax, Math.min(awayMax, (mean - centre) / spread))
  for (let i = 0; i < times.length; i++) {
    const day = (2 * Math.PI * times[i]!) / dayMs
    let at = i * bandInputs
    for (const turns of [day, 2 * day, 3 * day, day / 7]) {
      const isKnown = knowsWeek || turns >= day
      rows[at++] = isKnown ? Math.sin(turns) : 0
      rows[at++] = isKnown ? Math.cos(turns) : 0
    }
    rows[at++] = scaled(hour[i]!)
    rows[at] = scaled(sixHours[i]!)
  }
  return rows
}

/** What was to be expected of each reading, in the channel's unit. */
export function expectedOf(model: BandModel, readings: BandReadings): Float64Array {
  const { weights, centre, spread } = model
  const rows = bandRows(readings, model)
  const expected = new Float64Array(readings.times.length)
  for (let i = 0; i < expected.length; i++) {
    const row = i * bandInputs
    let at = 0
    let out = weights[bandWeights - 1]!
    for (let unit = 0; unit < bandHidden; unit++) {
      let sum = weights[at + bandInputs]!
      for (let k = 0; k < bandInputs; k++) sum += weights[at + k]! * rows[row + k]!
      at += bandInputs + 1
      out += Math.tanh(sum) * weights[bandHidden * (bandInputs + 1) + unit]!
    }
    expected[i] = centre + spread * out
  }
  return expected
}

/** Whether differences (reading less expected) are still those that the model was kept for. */
export function driftOf({ tenths }: BandModel, differences: ArrayLike<number>): Drift {
  const readings = differences.length
  if (readings < driftReadingsMin) return { index: Number.NaN, readings, drifted: false }
  const counts = new Float64Array(tenths.length + 1)
  for (let i = 0; i < readings; i++) {
    let bin = 0
    while (bin < tenths.length && differences[i]! > tenths[bin]!) bin++
    counts[bin]!++
  }
  let index = 0
  for (const count of counts) {
    // An empty tenth counts as half a reading, or one would be worth more than all others.
    const part = Math.max(count, 0.5) / readings
    index += (part - 0.1) * Math.log(part / 0.1)
  }
  return { index, readings, drifted: index > driftMax }
}

/** The band of each hour of the day (UTC): medians, and around them what nine of ten kept to. */
export function hourBands({ times, values }: BandReadings): (Band & { middle: number })[] {
  const hours: number[][] = Array.from({ length: 24 }, () => [])
  for (let i = 0; i < times.length; i++) hours[hourOf(times[i]!)]!.push(values[i]!)
  const all = sorted(Array.from(values))
  const fallback = { middle: partOf(all, 0.5), low: partOf(all, 0.05), high: partOf(all, 0.95) }
  return hours.map((own) => {
    // An hour that is hardly known is like the whole day.
    if (own.length < 20) return fallback
    const order = sorted(own)
    return { middle: partOf(order, 0.5), low: partOf(order, 0.05), high: partOf(order, 0.95) }
  })
}

export const hourOf = (time: number): number =>
  Math.floor((((time % dayMs) + dayMs) % dayMs) / hourMs)

/** The value that this part of all is not above; of ascending ones. NaN of none. */
export const partOf = (ascending: ArrayLike<number>, part: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(part * ascending.length))] ?? Number.NaN

export const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

/** The mean of the readings within so long before each, without itself; NaN of none. */
function meansBefore({ times, values }: BandReadings, spanMs: number): Float64Array {
  const means = new Float64Array(times.length)
  let first = 0
  let sum = 0
  for (let i = 0; i < times.length; i++) {
    while (first < i && times[first]! < times[i]! - spanMs) sum -= values[first++]!
    means[i] = first < i ? sum / (i - first) : Number.NaN
    sum += values[i]!
  }
  return means
}
