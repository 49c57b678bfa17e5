// How wide a channel usually moves and ever moved, so that readings of any channel in any unit can
// be compared. The quantiles are followed as the readings come (H. Robbins, S. Monro 1951); nothing
// is kept.

/** A quantile that is followed, and how far readings are from it on average. */
interface Quantile {
  part: number
  at: number
  away: number
}

export interface Scale {
  count: number
  low: Quantile
  high: Quantile
  min: number
  max: number
  /** Nine readings of ten lie in it; in the channel's unit, never 0. */
  usual: number
  /** Between the usual width and all that the channel ever did: their geometric mean. */
  middle: number
}

/** Later readings move a quantile by no less: a channel that changes is followed. */
const rateMin = 0.001
/** A channel that hardly moves is measured in hundredths of all it ever did. */
const rangePart = 0.01
/** What is smaller beside the values themselves is rounding. */
const rounding = 1e-9

export const createScale = (): Scale => ({
  count: 0,
  low: { part: 0.05, at: 0, away: 0 },
  high: { part: 0.95, at: 0, away: 0 },
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  usual: 0,
  middle: 0,
})

/** Takes a reading. */
export function feedScale(scale: Scale, value: number): void {
  const isFirst = scale.count++ === 0
  const rate = Math.max(rateMin, 1 / scale.count)
  if (isFirst) {
    scale.low.at = value
    scale.high.at = value
  } else {
    followQuantile(scale.low, value, rate)
    followQuantile(scale.high, value, rate)
  }
  scale.min = Math.min(scale.min, value)
  scale.max = Math.max(scale.max, value)
  const range = scale.max - scale.min
  const least = rounding * Math.max(Math.abs(scale.max), Math.abs(scale.min), rounding)
  scale.usual = Math.max(scale.high.at - scale.low.at, 0) + rangePart * range + least
  scale.middle = Math.sqrt(range * scale.usual) + least
}

function followQuantile(quantile: Quantile, value: number, rate: number): void {
  quantile.away += (Math.abs(value - quantile.at) - quantile.away) * Math.max(rate, 2 * rateMin)
  const towards = value > quantile.at ? quantile.part : quantile.part - 1
  quantile.at += 4 * rate * quantile.away * towards
}
