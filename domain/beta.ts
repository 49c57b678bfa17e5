// The beta distribution: what is known of a share after some of many. Its integral by continued
// fraction, its quantile by bisection. Every formula names its source.

export interface Beta {
  /** Both positive. */
  a: number
  b: number
}

/** ln of Γ(x) for x > 0: Lanczos' series, g = 7, n = 9 (relative error below 1e-14). */
export function logGammaOf(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGammaOf(1 - x)
  const y = x - 1
  const series = lanczos.reduce((sum, part, i) => sum + (i === 0 ? part : part / (y + i)), 0)
  const t = y + 7.5
  return Math.log(2 * Math.PI) / 2 + (y + 0.5) * Math.log(t) - t + Math.log(series)
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
]

export const logBeta = ({ a, b }: Beta): number => logGammaOf(a) + logGammaOf(b) - logGammaOf(a + b)

/** Probability of at most x: Numerical Recipes (3rd ed.) §6.4, by Lentz's method. */
export function betaBelow(x: number, { a, b }: Beta): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - betaBelow(1 - x, { a: b, b: a })
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta({ a, b })) / a
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || 1e-300)
  let h = d
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d || 1e-300)
    c = 1 + even / c || 1e-300
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d || 1e-300)
    c = 1 + odd / c || 1e-300
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return Math.min(1, front * h)
}

/** The x that is not exceeded with probability p. */
export function betaQuantile(p: number, of: Beta): number {
  let [low, high] = [0, 1]
  for (let round = 0; round < 80 && high - low > 1e-15; round++) {
    const middle = (low + high) / 2
    if (betaBelow(middle, of) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
