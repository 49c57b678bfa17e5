// The score of the Numenta Anomaly Benchmark (A. Lavin, S. Ahmad 2015, doi:10.1109/ICMLA.2015.141)
// as version 1.1 of its program counts it: an early alarm within a labelled window earns, a missed
// window and an alarm outside cost. Knows nothing of files or detectors.

/** Costs of a profile; what is rightly not told costs and earns nothing. */
export interface NabProfile {
  tpWeight: number
  fnWeight: number
  fpWeight: number
}

/** Rows of one series, counted from 0. */
export interface NabSeries {
  /** Of each row; a higher one is more unusual. Not a number: never told. */
  scores: Float64Array
  /** First and last row of each labelled window, both inside, in order. */
  windows: readonly (readonly [first: number, last: number])[]
}

/** Counts are scored rows. */
export interface NabResult {
  score: number
  tp: number
  tn: number
  fp: number
  fn: number
}

export interface NabTotal {
  threshold: number
  /** 0: nothing told, 100: every window at its first row and nothing else. */
  normalised: number
}

/** Above every score that a detector gives: nothing is told. */
export const tellNothing = 1.1

/** Rows at the begin that no detector is judged by. */
export const probationRows = (rows: number): number => Math.min(Math.floor(0.15 * rows), 750)

/** What one series adds at a threshold; rows whose score is not below it are told. */
export function scoreNab(series: NabSeries, profile: NabProfile, threshold: number): NabResult {
  const { weights, windowOf } = weigh(series, profile)
  const best = new Map<number, number>()
  const result: NabResult = { score: 0, tp: 0, tn: 0, fp: 0, fn: 0 }
  for (let row = probationRows(weights.length); row < weights.length; row++) {
    const window = windowOf[row]!
    const isTold = series.scores[row]! >= threshold
    if (window < 0) {
      result[isTold ? 'fp' : 'tn']++
      if (isTold) result.score += weights[row]!
    } else {
      result[isTold ? 'tp' : 'fn']++
      const missed = best.get(window) ?? -profile.fnWeight
      best.set(window, isTold ? Math.max(missed, weights[row]!) : missed)
    }
  }
  for (const weight of best.values()) result.score += weight
  return result
}

/** The one threshold for all series that gives the highest sum; of equal ones the highest. */
export function bestThreshold(all: readonly NabSeries[], profile: NabProfile): NabTotal {
  const rows: { score: number; weight: number; window: number }[] = []
  let windows = 0
  for (const series of all) {
    const { weights, windowOf } = weigh(series, profile)
    for (let row = probationRows(weights.length); row < weights.length; row++) {
      const window = windowOf[row]! < 0 ? -1 : windows + windowOf[row]!
      const score = series.scores[row]!
      if (!Number.isNaN(score)) rows.push({ score, weight: weights[row]!, window })
    }
    windows += series.windows.length
  }
  rows.sort((a, b) => b.score - a.score)
  const base = -profile.fnWeight * scoredWindows(all)
  const won = new Float64Array(windows).fill(-profile.fnWeight)
  let sum = base
  let best = { threshold: tellNothing, sum }
  for (const [index, { score, weight, window }] of rows.entries()) {
    if (window < 0) sum += weight
    else if (weight > won[window]!) {
      sum += weight - won[window]!
      won[window] = weight
    }
    if (score !== rows[index + 1]?.score && sum > best.sum) best = { threshold: score, sum }
  }
  return {
    threshold: best.threshold,
    normalised: normaliseNab(best.sum, scoredWindows(all), profile),
  }
}

/** From the sum over series to 0 … 100. */
export function normaliseNab(sum: number, windows: number, profile: NabProfile): number {
  const base = -profile.fnWeight * windows
  return (100 * (sum - base)) / (windows * profile.tpWeight - base)
}

/** Of all series at one threshold. */
export function totalNab(
  all: readonly NabSeries[],
  profile: NabProfile,
  threshold: number,
): NabTotal {
  const sum = all.reduce((so, series) => so + scoreNab(series, profile, threshold).score, 0)
  return { threshold, normalised: normaliseNab(sum, scoredWindows(all), profile) }
}

/** Windows that do not lie wholly in the rows nobody is judged by. */
export const scoredWindows = (all: readonly NabSeries[]): number =>
  all.reduce(
    (so, { scores, windows }) =>
      so + windows.filter(([, last]) => last >= probationRows(scores.length)).length,
    0,
  )

/** What each row earns or costs when it is told, and its window, -1 outside. */
function weigh({ scores, windows }: NabSeries, { tpWeight, fpWeight }: NabProfile) {
  const weights = new Float64Array(scores.length).fill(-fpWeight)
  const windowOf = new Int32Array(scores.length).fill(-1)
  for (const [index, [first, last]] of windows.entries()) {
    for (let row = first; row <= last; row++) {
      weights[row] = (tpWeight * sigmoid(-(last - row + 1) / (last - first + 1))) / sigmoid(-1)
      windowOf[row] = index
    }
    const until = windows[index + 1]?.[0] ?? scores.length
    for (let row = last + 1; row < until; row++)
      weights[row] = fpWeight * sigmoid((row - last) / (last - first))
  }
  return { weights, windowOf }
}

const sigmoid = (x: number): number => (x > 3 ? -1 : 2 / (1 + Math.exp(5 * x)) - 1)
