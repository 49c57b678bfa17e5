// Token buckets for those who ask too much: so many at once, then so many a minute. Memory is
// bounded: who was not heard of for longest is forgotten first.
import { Problem } from './problem.ts'

export interface Rate {
  /** So many at once. */
  burst: number
  /** So many come back each minute. */
  perMinute: number
}

export interface Limiter {
  /** Takes one. 0, or the ms until there is one again: then nothing is taken. */
  take(key: string): number
  /** The same without taking. */
  look(key: string): number
  /** Gives one back that was taken: it was none of those that are counted. */
  give(key: string): void
}

interface Bucket {
  left: number
  at: number
}

export function openLimiter(
  { burst, perMinute }: Rate,
  { now, keysMax }: { now: () => number; keysMax: number },
): Limiter {
  const buckets = new Map<string, Bucket>()
  const perMs = perMinute / 60_000

  const bucketOf = (key: string): Bucket => {
    const at = now()
    const known = buckets.get(key)
    if (!known) return { left: burst, at }
    // A clock that goes back gives nothing.
    const left = Math.min(burst, known.left + Math.max(0, at - known.at) * perMs)
    return { left, at: Math.max(at, known.at) }
  }
  const waitFor = ({ left }: Bucket): number => (left >= 1 ? 0 : Math.ceil((1 - left) / perMs))

  return {
    look: (key) => waitFor(bucketOf(key)),
    give: (key) => {
      const { left, at } = bucketOf(key)
      if (buckets.has(key)) buckets.set(key, { left: Math.min(burst, left + 1), at })
    },
    take: (key) => {
      const bucket = bucketOf(key)
      const waitMs = waitFor(bucket)
      if (waitMs === 0) bucket.left -= 1
      // The order of a Map is that of its insertions: the first is the one longest unheard of.
      buckets.delete(key)
      buckets.set(key, bucket)
      if (buckets.size > keysMax) buckets.delete(buckets.keys().next().value!)
      return waitMs
    },
  }
}

/** Problem 429 when there is something to wait for. */
export function refuseAfter(waitMs: number): void {
  if (waitMs === 0) return
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  const detail = `too many requests: try again in ${seconds} s`
  throw new Problem(429, [{ code: 'request/too-many', path: '', detail }], {
    'Retry-After': String(seconds),
  })
}
