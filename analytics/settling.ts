// The time after a mount in which a logger still shows where it came from, as the product's profile
// says it, for one window of judging. Judges nothing.
import type { Interval, Settling } from '../domain/breach.ts'
import type { Acclimatisation } from '../domain/profile/profile.ts'

/** Of a window that begins later, what is left of the time since the logger was mounted. */
export function settlingOf(
  acclimatisation: Acclimatisation | undefined,
  { mounted, window }: { mounted: number; window: Interval },
): Settling | undefined {
  if (!acclimatisation) return undefined
  const { ms, slopeBelowCPerHour } = acclimatisation
  const until = mounted + ms
  if (until <= window.from) return undefined
  return {
    from: window.from,
    until,
    ...(slopeBelowCPerHour !== undefined && { slopeBelowCPerHour }),
  }
}
