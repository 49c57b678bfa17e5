// Clocks on walls: what they show in a zone at a moment, and when they show it next, over the days
// on which they are put forward or back. Pure: the moment is an argument, the rules of zones come
// with the runtime.

const dayMs = 86_400_000
const minuteMs = 60_000

/** Minutes of the day, 0 to 1439. */
export type LocalMinute = number

/** Whether the runtime knows it (IANA names). */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** `07:30` as minutes of the day; undefined when it is none. */
export function parseLocalMinute(text: string): LocalMinute | undefined {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute)
}

export const formatLocalMinute = (minute: LocalMinute): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** What the clock shows then. */
export function localMinuteOf(at: number, zone: string): LocalMinute {
  const local = new Date(at + offsetOf(at, zone))
  return local.getUTCHours() * 60 + local.getUTCMinutes()
}

/** The day it is there; weekday 1 is Monday. */
export function localDateOf(at: number, zone: string): { day: number; weekday: number } {
  const local = new Date(at + offsetOf(at, zone))
  return { day: local.getUTCDate(), weekday: local.getUTCDay() || 7 }
}

/**
 * The first moment after `after` at which the clock comes to show this. Where it is put forward
 * over it, when it would have; where it shows it twice, both count.
 */
export function nextLocal(after: number, minute: LocalMinute, zone: string): number {
  const local = after + offsetOf(after, zone)
  const midnight = Math.floor(local / dayMs) * dayMs
  for (let day = -1; ; day++) {
    const shown = midnight + day * dayMs + minute * minuteMs
    const found = momentsOf(shown, zone).find((moment) => moment > after)
    if (found !== undefined) return found
  }
}

/** The next full hour on the clock. */
export function nextLocalHour(after: number, zone: string): number {
  const local = after + offsetOf(after, zone)
  return after + (60 * minuteMs - (local % (60 * minuteMs)))
}

/** From one minute of the day until before another, over midnight when it begins later. */
export interface LocalSpan {
  from: LocalMinute
  to: LocalMinute
}

export function isWithin(at: number, { from, to }: LocalSpan, zone: string): boolean {
  const minute = localMinuteOf(at, zone)
  return from <= to ? from <= minute && minute < to : minute >= from || minute < to
}

/** When clocks show this local time, given as if it were UTC; ascending. */
function momentsOf(shown: number, zone: string): number[] {
  const before = offsetOf(shown - dayMs, zone)
  const after = offsetOf(shown + dayMs, zone)
  const candidates =
    before === after ? [before] : [Math.max(before, after), Math.min(before, after)]
  const moments = candidates
    .map((offset) => ({ offset, at: shown - offset }))
    .filter(({ offset, at }) => offsetOf(at, zone) === offset)
    .map(({ at }) => at)
  return moments.length > 0 ? moments : [shown - before]
}

/** Local time minus UTC, ms. */
function offsetOf(at: number, zone: string): number {
  const parts = formatOf(zone).formatToParts(at)
  const of = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)!.value)
  const local = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  )
  return local - Math.floor(at / 1000) * 1000
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Throws RangeError for a zone that is not known. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  // The names of zones come from outside, in capitals and small letters.
  if (formats.size < 1000) formats.set(zone, format)
  return format
}
