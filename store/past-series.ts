// What a channel said in a span, wherever it is kept: hours where its readings are gone, readings
// from then on. Bounded: who asks for more than memory should hold is told so.
import { bounds } from '../config.ts'
import type { Point } from '../domain/breach.ts'
import { type Hour, hourMs, hourOfTime } from '../domain/hours.ts'
import type { SeriesKey } from '../domain/reading.ts'
import type { Series } from './series.ts'

export interface Said {
  /** Those that begin in the span or stand into it, and are before `hoursTo`. Ascending. */
  hours: Hour[]
  /**
   * Ascending; with the one that may stand into the begin of what readings tell, and the newest
   * when it is after the span: that there is one says that the last one before it stands.
   */
  points: Point[]
}

/** What a span is read with. */
export interface Asked {
  from: number
  to: number
  /** The longest that a reading stands. */
  gapMs: number
  /** Up to when hours tell what was read; -Infinity where there are none. */
  hoursTo: number
  /** When the channel's newest reading is from; undefined when all its readings are gone. */
  newest: number | undefined
}

const pageHours = 10_000

/** How many readings and hours one question may still read; falls as it reads. */
export interface Allowance {
  left: number
}

export const newAllowance = (): Allowance => ({ left: bounds.passportReadingsMax })

/** Undefined when it is more than is allowed. */
export async function readSaid(
  series: Series,
  key: SeriesKey,
  { from, to, gapMs, hoursTo, newest, allowance }: Asked & { allowance: Allowance },
): Promise<Said | undefined> {
  const hours: Hour[] = []
  for (let at = hourOfTime(from); at < Math.min(to, hoursTo); ) {
    const page = await series.hours({
      ...key,
      from: at,
      to: Math.min(to, hoursTo),
      limit: pageHours,
    })
    hours.push(...page)
    allowance.left -= page.length
    if (allowance.left < 0) return undefined
    if (page.length < pageHours) break
    at = page.at(-1)!.time + hourMs
  }
  const begin = Math.max(from, hoursTo)
  if (begin >= to || newest === undefined) return { hours, points: [] }
  const before = begin === hoursTo ? await lastOfHours(series, key, { begin, gapMs }) : []
  const limit = allowance.left + 1
  const points = await series.range({ ...key, from: Math.max(hoursTo, begin - gapMs), to, limit })
  allowance.left -= points.length
  if (allowance.left < 0) return undefined
  const after = newest !== undefined && newest >= to ? [{ time: newest, value: Number.NaN }] : []
  return { hours, points: [...before, ...points, ...after] }
}

/** The reading that may stand into what is left: itself is gone, its hour remembers it. */
async function lastOfHours(
  series: Series,
  key: SeriesKey,
  { begin, gapMs }: { begin: number; gapMs: number },
): Promise<Point[]> {
  const from = hourOfTime(begin - gapMs)
  const hours = await series.hours({ ...key, from, to: begin })
  const last = hours.findLast((hour) => hour.last !== null)?.last
  return last ? [last] : []
}
