// Relative clocks of equipment loggers (WHO PQS E006/DS01): RELT counts since the logger was first
// switched on, ABST is told by a clock that may have been set, or not have been set yet. Where both
// are told of one moment, RELT of any other gives its time. Guesses nothing: without such a moment,
// or after the relative clock began anew, a time is not known.

/** One moment by both clocks, ms. */
export interface Reference {
  absoluteMs: number
  relativeMs: number
}

/** What both clocks say of one report. */
export interface Clocks {
  /** The moment that counts; none when no place tells both. */
  reference?: Reference
  /** How far other places that tell both differ from it, the farthest, ms. */
  disagreeMs: number
}

/** ms of an ISO 8601 duration in days and less (`P173DT10H16M12S`); NaN for anything else. */
export function parseDuration(value: unknown): number {
  if (typeof value !== 'string') return Number.NaN
  const found = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
    value,
  )
  if (!found) return Number.NaN
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0))
  return (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000
}

/**
 * `report`: what was told beside the records, as they were fetched, by the clock of whoever fetched
 * them. It counts before what the logger's own clock said in a record; of records, the latest.
 */
export function clocksOf(report: Reference, records: readonly Reference[]): Clocks {
  const told = records.filter(isWhole)
  const latest = told.reduce<Reference | undefined>(
    (best, one) => (best && best.relativeMs >= one.relativeMs ? best : one),
    undefined,
  )
  const reference = isWhole(report) ? report : latest
  if (!reference) return { disagreeMs: 0 }
  const zero = reference.absoluteMs - reference.relativeMs
  const apart = told.map((one) => Math.abs(one.absoluteMs - one.relativeMs - zero))
  return { reference, disagreeMs: Math.max(0, ...apart) }
}

/** Epoch ms; NaN when the clock has begun anew since, so that nothing can be said. */
export function timeOfRelative(
  relativeMs: number,
  { absoluteMs, relativeMs: now }: Reference,
): number {
  return relativeMs <= now ? absoluteMs - (now - relativeMs) : Number.NaN
}

const isWhole = ({ absoluteMs, relativeMs }: Reference): boolean =>
  Number.isFinite(absoluteMs) && Number.isFinite(relativeMs)
