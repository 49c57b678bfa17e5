// Small statistics for comparing two groups: exact tests of 2x2 tables, chi-square, risk ratios and
// corrections for looking at many things at once. Every formula names its source; known answers
// stand in the tests. Probabilities of tails are logarithms, for they are often too small to write.

/** Counts: affected and not, with and without what is looked at. */
export interface TwoByTwo {
  /** Affected with it, not affected with it. */
  a: number
  b: number
  /** Affected without it, not affected without it. */
  c: number
  d: number
}

export interface Ratio {
  estimate: number
  low: number
  high: number
}

/**
 * ln of the probability that chance alone puts `a` or more of the affected among those that have it
 * (R. A. Fisher's exact test, one-sided, "greater"). Whole numbers only.
 */
export function fisherGreater({ a, b, c, d }: TwoByTwo): number {
  const n = a + b + c + d
  const having = a + b
  const affected = a + c
  const high = Math.min(having, affected)
  const low = Math.max(0, having + affected - n)
  if (a <= low) return 0
  // Sum the shorter way: terms fall off quickly away from the middle.
  if (a > (having * affected) / n) return tail(a, high, { n, having, affected })
  const below = Math.exp(tail(a - 1, low, { n, having, affected }))
  return Math.log1p(-Math.min(below, 1 - Number.EPSILON))
}

interface Margins {
  n: number
  having: number
  affected: number
}

/** ln of the sum of the hypergeometric terms from `first`, the largest, to `last`. */
function tail(first: number, last: number, { n, having, affected }: Margins): number {
  const step = Math.sign(last - first)
  let sum = 1
  let term = 1
  for (let x = first; x !== last; x += step) {
    const up = step > 0
    term *= up
      ? ((having - x) * (affected - x)) / ((x + 1) * (n - having - affected + x + 1))
      : (x * (n - having - affected + x)) / ((having - x + 1) * (affected - x + 1))
    sum += term
    if (term < sum * 1e-17) break
  }
  return logHypergeometric(first, { n, having, affected }) + Math.log(sum)
}

function logHypergeometric(x: number, { n, having, affected }: Margins): number {
  return logChoose(having, x) + logChoose(n - having, affected - x) - logChoose(n, affected)
}

export const logChoose = (n: number, k: number): number =>
  k < 0 || k > n
    ? Number.NEGATIVE_INFINITY
    : logFactorial(n) - logFactorial(k) - logFactorial(n - k)

const small: number[] = [0]
for (let n = 1; n < 256; n++) small.push(small[n - 1]! + Math.log(n))

/** Stirling's series (Abramowitz and Stegun 6.1.41); from 256 on its error is below 1e-16. */
function logFactorial(n: number): number {
  const known = small[n]
  if (known !== undefined) return known
  const x = n + 1
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5)
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series
}

/**
 * How much more often it happens to those that have it: (a/(a+b)) / (c/(c+d)). The interval is that
 * of the logarithm (D. Katz et al., Biometrics 34, 1978), with a half added to each of the four
 * counts (S. D. Walter, Biometrika 62, 1975), so that empty cells have one too. Counts need not be
 * whole.
 */
export function riskRatio({ a, b, c, d }: TwoByTwo, confidence = 0.95): Ratio {
  const [x, y] = [a + 0.5, c + 0.5]
  const [n, m] = [a + b + 1, c + d + 1]
  const estimate = x / n / (y / m)
  const error = Math.sqrt(1 / x - 1 / n + 1 / y - 1 / m)
  const z = normalQuantile(0.5 + confidence / 2)
  return {
    estimate,
    low: estimate * Math.exp(-z * error),
    high: estimate * Math.exp(z * error),
  }
}

/**
 * The value that a standard normal variable stays below with probability p: P. J. Acklam's rational
 * approximation, made exact to double precision with one step of Halley's method.
 */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY
  if (p >= 1) return Number.POSITIVE_INFINITY
  if (p > 0.5) return -normalQuantile(1 - p)
  const x = p < 0.02425 ? quantileInTail(Math.sqrt(-2 * Math.log(p))) : quantileInMiddle(p - 0.5)
  const error = (erfc(-x / Math.SQRT2) / 2 - p) * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2)
  return x - error / (1 + (x * error) / 2)
}

const polynomial = (x: number, coefficients: readonly number[]): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)

const quantileInTail = (q: number): number =>
  polynomial(
    q,
    [
      -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
      4.374664141464968, 2.938163982698783,
    ],
  ) /
  polynomial(
    q,
    [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
  )

const quantileInMiddle = (q: number): number =>
  (q *
    polynomial(
      q * q,
      [
        -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
        -3.066479806614716e1, 2.506628277459239,
      ],
    )) /
  polynomial(
    q * q,
    [
      -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
      -1.328068155288572e1, 1,
    ],
  )

/** The complementary error function, through the incomplete gamma function. */
const erfc = (x: number): number => (x < 0 ? 2 - erfc(-x) : x === 0 ? 1 : gammaUpper(0.5, x * x))

/** Probability that a chi-square variable of `freedom` degrees is `x` or more. */
export const chiSquareAbove = (x: number, freedom: number): number =>
  x <= 0 ? 1 : gammaUpper(freedom / 2, x / 2)

/** Regularised upper incomplete gamma function Q(a, x): Numerical Recipes (3rd ed.) §6.2. */
function gammaUpper(a: number, x: number): number {
  if (x <= 0) return 1
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 10_000 && term > sum * 1e-17; n++) sum += term *= x / (a + n)
    return 1 - front * sum
  }
  // The continued fraction, by Lentz's method.
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let n = 1; n < 10_000; n++) {
    const an = -n * (n - a)
    b += 2
    d = 1 / (an * d + b || 1e-300)
    c = b + an / c || 1e-300
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return front * h
}

/** Of whole and half numbers, all that chi-square asks for. */
function logGamma(a: number): number {
  if (Number.isInteger(a)) return logFactorial(a - 1)
  let sum = Math.log(Math.PI) / 2
  for (let x = 0.5; x < a; x++) sum += Math.log(x)
  return sum
}

/**
 * Whether shares differ between groups, within each of several strata: Pearson's chi-square of
 * groups x {yes, no}, added up over strata, as a probability.
 */
export function heterogeneity(strata: readonly (readonly { yes: number; of: number }[])[]): number {
  let [chi, freedom] = [0, 0]
  for (const groups of strata) {
    const of = groups.reduce((sum, group) => sum + group.of, 0)
    const share = groups.reduce((sum, group) => sum + group.yes, 0) / of
    if (groups.length < 2 || share <= 0 || share >= 1) continue
    freedom += groups.length - 1
    for (const group of groups)
      chi += (group.yes - group.of * share) ** 2 / (group.of * share * (1 - share))
  }
  return freedom === 0 ? 1 : chiSquareAbove(chi, freedom)
}

/**
 * ln of the probability that chance alone, within each table, gives a sum of `a` as large as it is:
 * N. Mantel and W. Haenszel (1959), one-sided. Exact for one table. The sum over several is one of
 * independent yes-or-no variables (as each hypergeometric variable is), and taken for the binomial
 * one of the same mean and variance.
 */
export function stratifiedGreater(tables: readonly TwoByTwo[]): number {
  if (tables.length === 1) return fisherGreater(tables[0]!)
  let [sum, mean, variance] = [0, 0, 0]
  for (const { a, b, c, d } of tables) {
    const n = a + b + c + d
    sum += a
    mean += ((a + b) * (a + c)) / n
    if (n > 1) variance += ((a + b) * (c + d) * (a + c) * (b + d)) / (n * n * (n - 1))
  }
  if (sum <= mean || variance === 0) return sum <= mean ? 0 : Math.min(0, -mean)
  const trials = Math.max(sum, Math.round(mean / (1 - variance / mean)))
  return binomialGreater(sum, trials, mean / trials)
}

/** ln of the probability of `least` or more successes, which are more than expected. */
function binomialGreater(least: number, trials: number, chance: number): number {
  if (chance >= 1) return 0
  let sum = 1
  let term = 1
  for (let x = least; x < trials; x++) {
    term *= (((trials - x) / (x + 1)) * chance) / (1 - chance)
    sum += term
    if (term < sum * 1e-17) break
  }
  const first =
    logChoose(trials, least) + least * Math.log(chance) + (trials - least) * Math.log1p(-chance)
  return Math.min(0, first + Math.log(sum))
}

/**
 * Adjusted probabilities, in the order given, from logarithms. `falseDiscovery`: Y. Benjamini and
 * Y. Hochberg (1995), of what is called a cause so large a share is expected to be none.
 * `familyWise`: S. Holm (1979), so likely is a single false one among all.
 */
export function adjust(logPs: readonly number[]): {
  falseDiscovery: number[]
  familyWise: number[]
} {
  const count = logPs.length
  const order = logPs.map((_, at) => at).sort((x, y) => logPs[x]! - logPs[y]!)
  const falseDiscovery: number[] = Array(count).fill(1)
  const familyWise: number[] = Array(count).fill(1)
  let least = 1
  for (let rank = count; rank >= 1; rank--) {
    const at = order[rank - 1]!
    least = Math.min(least, (Math.exp(logPs[at]!) * count) / rank)
    falseDiscovery[at] = least
  }
  let most = 0
  for (let rank = 1; rank <= count; rank++) {
    const at = order[rank - 1]!
    most = Math.min(1, Math.max(most, Math.exp(logPs[at]!) * (count - rank + 1)))
    familyWise[at] = most
  }
  return { falseDiscovery, familyWise }
}
