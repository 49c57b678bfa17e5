// Dates and times as other systems write them: a closed list of forms, named by the mapping, never
// guessed from the cell. Refuses days that are not there and times without a zone.
import { dashed, lintDate } from '../../domain/gs1/dates.ts'
import { parseRfc3339 } from '../../domain/rfc3339.ts'

export const dateFormats = [
  'rfc3339',
  'yyyy-mm-dd',
  'dd.mm.yyyy',
  'dd/mm/yyyy',
  'mm/dd/yyyy',
  'yyyymmdd',
  'yymmdd',
  'epoch-s',
  'epoch-ms',
] as const
export type DateFormat = (typeof dateFormats)[number]

/** A moment as EPCIS has it. */
export interface Moment {
  /** RFC 3339 in UTC. */
  eventTime: string
  eventTimeZoneOffset: string
}

/**
 * A date, with a time of day after a space or T (hh:mm[:ss[.fff]]; after yyyymmdd also hhmm[ss]
 * without anything between), at local midnight without one. `offset`: of local time, ±hh:mm.
 * Undefined when the cell is no such moment, or nobody says of which zone it is.
 */
export function parseMoment(
  cell: string,
  format: DateFormat,
  offset: string | undefined,
): Moment | undefined {
  if (format === 'rfc3339') {
    const time = parseRfc3339(cell.replace(' ', 'T'))
    const own = /([+-]\d\d:\d\d)$/.exec(cell)?.[1]
    return momentOf(time, own ?? offset ?? '+00:00')
  }
  if (format === 'epoch-ms' || format === 'epoch-s') {
    if (!/^\d{1,15}$/.test(cell)) return undefined
    return momentOf(Number(cell) * (format === 'epoch-s' ? 1000 : 1), offset ?? '+00:00')
  }
  const cut = clockAt(cell, format)
  const date = parseDate(cut < 0 ? cell : cell.slice(0, cut).trimEnd(), format)
  const clock = cut < 0 ? '00:00:00' : clockOf(cell.slice(cut))
  if (date === undefined || clock === undefined || offset === undefined) return undefined
  return momentOf(parseRfc3339(`${date}T${clock}${offset}`), offset)
}

/** YYYY-MM-DD; of yymmdd and yyyymmdd day 00 is the last of its month (GenSpecs §3.4.7). */
export function parseDate(cell: string, format: DateFormat): string | undefined {
  switch (format) {
    case 'yymmdd':
      return dayOf(`20${cell}`, 0)
    case 'yyyymmdd':
      return dayOf(cell, 0)
    case 'yyyy-mm-dd':
    case 'rfc3339':
      return ordered(cell, /^(?<y>\d{4})-(?<m>\d\d)-(?<d>\d\d)$/)
    case 'dd.mm.yyyy':
      return ordered(cell, /^(?<d>\d{1,2})\.(?<m>\d{1,2})\.(?<y>\d{4})$/)
    case 'dd/mm/yyyy':
      return ordered(cell, /^(?<d>\d{1,2})\/(?<m>\d{1,2})\/(?<y>\d{4})$/)
    case 'mm/dd/yyyy':
      return ordered(cell, /^(?<m>\d{1,2})\/(?<d>\d{1,2})\/(?<y>\d{4})$/)
    default:
      return undefined
  }
}

function ordered(cell: string, form: RegExp): string | undefined {
  const { y, m, d } = form.exec(cell)?.groups ?? {}
  return y === undefined ? undefined : dayOf(y + m!.padStart(2, '0') + d!.padStart(2, '0'), 1)
}

const dayOf = (yyyymmdd: string, dayMin: 0 | 1): string | undefined =>
  lintDate(yyyymmdd, { year: 4, dayMin }) ? undefined : dashed(yyyymmdd)

/** Where the time of day begins; -1 without one. */
function clockAt(cell: string, format: DateFormat): number {
  if (format === 'yyyymmdd' && /^\d{12}(\d\d)?$/.test(cell)) return 8
  const at = cell.search(/[ T]/)
  return at < 0 ? -1 : at + 1
}

function clockOf(text: string): string | undefined {
  const clock = /^(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?$/.exec(text.trim())
  if (!clock) return undefined
  const [, hour, minute, second = '00', part] = clock
  return `${hour!.padStart(2, '0')}:${minute}:${second}${part === undefined ? '' : `.${part}`}`
}

function momentOf(time: number, offset: string): Moment | undefined {
  if (!(Math.abs(time) <= 8.64e15)) return undefined
  const eventTime = new Date(time).toISOString()
  return { eventTime, eventTimeZoneOffset: offset === 'Z' ? '+00:00' : offset }
}
