// Readings of any channel in any unit on one scale: around its median, in widths of its usual
// range, and logarithmic beyond, so that one spike of a million does not hide all others. The
// quantiles are followed as the readings come (H. Robbins, S. Monro 1951); nothing is kept.

/** A quantile that is followed, and how far readings are from it on average. */
interface Quantile {
  part: number
  at: number
  away: number
}

export interface Coordinate {
  count: number
  low: Quantile
  median: Quantile
  high: Quantile
  min: number
  max: number
  /** Of the last reading. */
  width: number
}

/** Later readings move a quantile by no less: a channel that changes is followed. */
const rateMin = 0.001

export const createCoordinate = (): Coordinate => ({
  count: 0,
  low: { part: 0.05, at: 0, away: 0 },
  median: { part: 0.5, at: 0, away: 0 },
  high: { part: 0.95, at: 0, away: 0 },
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  width: 0,
})

/** Takes a reading and gives its coordinate. */
export function toCoordinate(state: Coordinate, value: number): number {
  const isFirst = state.count++ === 0
  const rate = Math.max(rateMin, 1 / state.count)
  for (const quantile of [state.low, state.median, state.high])
    if (isFirst) quantile.at = value
    else followQuantile(quantile, value, rate)
  state.min = Math.min(state.min, value)
  state.max = Math.max(state.max, value)
  // A channel that hardly moves is measured in hundredths of all it ever did.
  state.width =
    Math.max(state.high.at - state.low.at, 0) +
    0.01 * (state.max - state.min) +
    1e-9 * Math.max(Math.abs(state.max), Math.abs(state.min), 1e-9)
  return Math.asinh((2 * (value - state.median.at)) / state.width)
}

/** Back to the unit of the channel, as things stand now. */
export const fromCoordinate = (state: Coordinate, y: number): number =>
  state.median.at + (Math.sinh(y) * state.width) / 2

function followQuantile(quantile: Quantile, value: number, rate: number): void {
  quantile.away += (Math.abs(value - quantile.at) - quantile.away) * Math.max(rate, 2 * rateMin)
  const towards = value > quantile.at ? quantile.part : quantile.part - 1
  quantile.at += 4 * rate * quantile.away * towards
}
