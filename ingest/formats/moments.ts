// The times of a table: moments, local times of a zone or of an offset, days in one order. One
// rule for a whole file, found by looking at all of it or told by whoever imports it; what may be
// read in two ways is not read. Knows no rows.
import { parseRfc3339 } from '../../domain/rfc3339.ts'

/** Order of day, month and year. */
export const dateOrders = ['ymd', 'dmy', 'mdy'] as const
export type DateOrder = (typeof dateOrders)[number]

/** A moment, or what a clock on the wall shows, as if it were UTC. */
export type Shown = { time: number } | { wall: number }

/**
 * By which order the date of a text may be read; empty when it has none. A year of two digits
 * stands first only where somebody says so.
 */
export function ordersOf(text: string): DateOrder[] {
  const parts = momentOf(text)
  return parts
    ? dateOrders.filter(
        (order) =>
          Number.isFinite(dayOf(parts, order)) && (order !== 'ymd' || parts.date[0].length === 4),
      )
    : []
}

/** Undefined for what is no time in that order of the date. */
export function parseShown(text: string, order: DateOrder): Shown | undefined {
  if (/^\d{9,10}(\.\d{1,6})?$/.test(text)) return { time: Math.round(Number(text) * 1000) }
  if (/^\d{12,13}$/.test(text)) return { time: Number(text) }
  const parts = momentOf(text)
  if (!parts) return undefined
  const day = dayOf(parts, order)
  const ofDay = clockOf(parts.clock)
  if (!Number.isFinite(day) || ofDay === undefined) return undefined
  const zone = offsetOf(parts.zone)
  if (zone === 'unknown') return undefined
  return zone === undefined ? { wall: day + ofDay } : { time: day + ofDay - zone * 60_000 }
}

/**
 * The moments at which a clock of an IANA zone shows this: none in the hour that is left out in
 * spring, two in the one that comes twice in autumn, earlier one first.
 */
export function zoneClock(timeZone: string): (wall: number) => number[] {
  const offsetAt = offsetsOf(timeZone)
  return (wall) => {
    const offsets = new Set([offsetAt(wall - dayMs), offsetAt(wall + dayMs)])
    const times = [...offsets].map((offset) => ({ time: wall - offset, offset }))
    return times
      .filter(({ time, offset }) => offsetAt(time) === offset)
      .map(({ time }) => time)
      .sort((a, b) => a - b)
  }
}

/** Whether the runtime knows the zone. */
export function isZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

const dayMs = 86_400_000

interface Parts {
  /** Numbers of the date as they stand. */
  date: [string, string, string]
  sign: string
  clock: string
  zone: string
}

/** Also YYYYMMDDThhmmssZ, as WHO PQS E006/DS01 writes ABST. */
function momentOf(text: string): Parts | undefined {
  const compact = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)$/.exec(text)
  if (compact) {
    const [, y, m, d, hour, minute, second, zone] = compact as unknown as string[]
    return { date: [y!, m!, d!], sign: '-', clock: `${hour}:${minute}:${second}`, zone: zone! }
  }
  const found =
    /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:(?:T|,? +)(\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?[AP]M)?))? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i.exec(
      text,
    )
  if (!found) return undefined
  const [, first, sign, second, third, clock = '0:00', zone = ''] = found as unknown as string[]
  return { date: [first!, second!, third!], sign: sign!, clock, zone }
}

/** Midnight as if it were UTC; NaN when there is no such day, or nobody writes it so. */
function dayOf({ date: [first, second, third], sign }: Parts, order: DateOrder): number {
  const [year, month, day] =
    order === 'ymd'
      ? [first, second, third]
      : order === 'dmy'
        ? [third, second, first]
        : [third, first, second]
  // With dots the day comes first, or a year of four digits.
  if (sign === '.' && (order === 'mdy' || (order === 'ymd' && year.length < 4))) return Number.NaN
  if ((year.length !== 4 && year.length !== 2) || month.length > 2 || day.length > 2)
    return Number.NaN
  const whole = year.length === 2 ? `20${year}` : year
  return parseRfc3339(`${whole}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T00:00:00Z`)
}

/** ms since midnight. */
function clockOf(text: string): number | undefined {
  const found = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AP])M)?$/i.exec(text)
  if (!found) return undefined
  const [, hours, minutes, seconds = '0', part = '0', half] = found
  const isTwelve = half !== undefined
  const hour = isTwelve
    ? (Number(hours) % 12) + (half!.toLowerCase() === 'p' ? 12 : 0)
    : Number(hours)
  const impossible = isTwelve ? Number(hours) < 1 || Number(hours) > 12 : hour > 23
  if (impossible || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const ms = Math.trunc(Number(`0.${part}`) * 1000)
  return ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + ms
}

/** Minutes east; undefined without a zone. */
function offsetOf(zone: string): number | undefined | 'unknown' {
  if (zone === '') return undefined
  if (/^(Z|UTC|GMT)$/i.test(zone)) return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)]
  if (hours > 23 || minutes > 59) return 'unknown'
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** ms that a zone is ahead of UTC at a moment. A day that begins and ends alike is asked once. */
function offsetsOf(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const asked = (time: number): number => {
    const parts = format.formatToParts(time)
    const of = (type: string): number => Number(parts.find((part) => part.type === type)!.value)
    const day = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'))
    return day + of('second') * 1000 - Math.floor(time / 1000) * 1000
  }
  const days = new Map<number, number | undefined>()
  return (time) => {
    const day = Math.floor(time / dayMs)
    if (!days.has(day)) {
      const [begin, end] = [asked(day * dayMs), asked((day + 1) * dayMs)]
      days.set(day, begin === end ? begin : undefined)
    }
    return days.get(day) ?? asked(time)
  }
}
