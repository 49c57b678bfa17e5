// Where a logger may not be silent: one watch for each product that asks for it and each stay of
// the logger on what holds the product. Judges nothing.
import type { Interval } from '../../domain/breach.ts'
import { gapMsOf, type Profile } from '../../domain/profile/profile.ts'
import type { SilenceTerms } from '../../domain/silence.ts'

export interface SilenceWatch extends SilenceTerms {
  container: string
  gtin: string
  /** Of profiles that say the same, each with its begin, ascending. */
  versions: { from: number; version: number }[]
}

/** A version that left it as it was goes on: the silence does not begin anew. */
export function silenceWatches(
  spans: readonly (Interval & { profile: Profile; version: number })[],
  of: { container: string; gtin: string; intervalMs: number | undefined },
): SilenceWatch[] {
  const { container, gtin, intervalMs } = of
  const watches: SilenceWatch[] = []
  for (const { profile, version, from, to } of spans) {
    const { silenceMs: allowanceMs } = profile
    if (allowanceMs === undefined) continue
    const standsMs = gapMsOf(profile, intervalMs)
    const before = watches.at(-1)
    const same = before?.allowanceMs === allowanceMs && before.standsMs === standsMs
    if (before && same && before.window.to === from) {
      before.window.to = to
      before.versions.push({ from, version })
    } else
      watches.push({
        ...{ container, gtin, allowanceMs, standsMs },
        window: { from, to },
        versions: [{ from, version }],
      })
  }
  return watches
}
