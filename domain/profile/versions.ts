// Which version of a profile judges when: event time rules, whenever it was stored. Judges nothing.
import type { Interval } from '../breach.ts'

/** From when on it judges; null: from the beginning. */
export interface Effective {
  version: number
  effectiveFrom: number | null
}

/**
 * The versions that judge, ascending, disjoint, the last one open. A version judges everything from
 * its time on, until one that was stored later does; before the earliest nothing does.
 */
export function inForce(versions: readonly Effective[]): (Interval & { version: number })[] {
  const spans: (Interval & { version: number })[] = []
  for (const { version, effectiveFrom } of versions.toSorted((a, b) => a.version - b.version)) {
    const from = effectiveFrom ?? Number.NEGATIVE_INFINITY
    while (spans.length > 0 && spans.at(-1)!.from >= from) spans.pop()
    const before = spans.at(-1)
    if (before) before.to = from
    spans.push({ version, from, to: Infinity })
  }
  return spans
}
