// How the console writes numbers, times and keys. Pure; the time zone is an argument. Rounds for
// reading only: nothing is computed from what is formatted here.
import type { Alert, Shipment } from './shapes.ts'

export type Unit = 'C' | 'F'

/** °F from °C when asked for. */
export const toUnit = (celsius: number, unit: Unit): number =>
  unit === 'C' ? celsius : (celsius * 9) / 5 + 32

/** `8.4 °C`; a dash when there is no value. The minus is U+2212, which lines up with digits. */
export function formatTemperature(celsius: number | null, unit: Unit): string {
  if (celsius === null || !Number.isFinite(celsius)) return '–'
  return `${formatDegrees(toUnit(celsius, unit))} °${unit}`
}

/** One decimal, no unit: for axes. -0.04 is 0.0, not -0.0. */
export function formatDegrees(degrees: number): string {
  const text = degrees.toFixed(1)
  return text === '-0.0' ? '0.0' : text.replace('-', '\u2212')
}

/** `2026-05-03 14:05` in a time zone: unambiguous whatever the reader's country. */
export function formatTime(time: number | null, zone: string): string {
  if (time === null) return '–'
  const { year, month, day, hour, minute } = partsOf(time, zone)
  return `${year}-${month}-${day} ${hour}:${minute}`
}

/** `14:05:09` */
export function formatClock(time: number, zone: string): string {
  const { hour, minute, second } = partsOf(time, zone)
  return `${hour}:${minute}:${second}`
}

/**
 * `2026-05-03 14:05 to 15:10`; the date is repeated only when it differs; `ongoing` without an end.
 */
export function formatSpan(from: number, to: number | null, zone: string): string {
  const start = formatTime(from, zone)
  if (to === null) return `${start}, ongoing`
  const end = formatTime(to, zone)
  const sameDay = start.slice(0, 10) === end.slice(0, 10)
  return `${start} to ${sameDay ? end.slice(11) : end}`
}

/** `45 min`, `1 h 35 min`, `2 d 4 h`. Below a minute `< 1 min`, as 0 would hide a breach. */
export function formatMinutes(minutes: number): string {
  if (minutes > 0 && minutes < 1) return '< 1 min'
  const whole = Math.floor(minutes)
  if (whole < 60) return `${whole} min`
  const hours = Math.floor(whole / 60)
  if (hours < 48) return join(`${hours} h`, whole % 60, 'min')
  return join(`${Math.floor(hours / 24)} d`, hours % 24, 'h')
}

/** `12,480` */
export const formatCount = (count: number): string => count.toLocaleString('en')

/** `210`, or `1,000+` when not all were counted. */
export const formatUnits = ({ unitCount, unitCountComplete }: Shipment): string =>
  `${formatCount(unitCount)}${unitCountComplete ? '' : '+'}`

/** `1 serial`, `2 serials` */
export const formatNoun = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`

const keyNames: Readonly<Record<string, string>> = {
  '00': 'SSCC',
  '01': 'GTIN',
  '414': 'GLN',
  '8003': 'GRAI',
  '8004': 'GIAI',
}

/** `SSCC 006141411234567890` of a Digital Link; anything else stays as it is. */
export function formatKey(uri: string): string {
  const path = /^https?:\/\/[^/]+\/(.+)$/.exec(uri)?.[1]
  if (path === undefined) return uri
  const parts = path.split(/[/?]/).map(decode)
  const at = parts.findIndex((part) => Object.hasOwn(keyNames, part))
  const value = parts[at + 1]
  if (at < 0 || value === undefined) return uri
  const serial = parts[parts.indexOf('21', at) + 1]
  const tail = parts[at] === '01' && parts.includes('21', at) && serial ? ` SN ${serial}` : ''
  return `${keyNames[parts[at] ?? '']} ${value}${tail}`
}

/** `Europe/Berlin (UTC+02:00)` as it is at a time. */
export function formatZone(zone: string, time: number): string {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(time)
    .find(({ type }) => type === 'timeZoneName')?.value
  const offset = (name ?? '').replace('GMT', 'UTC')
  return zone === 'UTC' ? zone : `${zone} (${offset})`
}

/** What the rule of an alert forbids, in words: `above 8.0 °C for 30 min without a break`. */
export function formatRule(alert: Alert, unit: Unit): string {
  if (alert.limitC === null) return alert.rule
  // Its limit is a difference, not a temperature.
  if (alert.ruleKind === 'rate') return 'a rise or fall that is too quick'
  const side = alert.peakC !== null && alert.peakC < alert.limitC ? 'below' : 'above'
  const limit = `${side} ${formatTemperature(alert.limitC, unit)}`
  const allowance = formatMinutes(alert.allowanceMinutes)
  if (alert.ruleKind === 'single') return `${limit} for ${allowance} without a break`
  if (alert.ruleKind === 'cumulative') return `${limit} for ${allowance} in total`
  return `${limit} at any time`
}

/**
 * Labels of a time axis: the hour, with the day below it where a day begins and at the first label;
 * days alone when the labels are days apart. `incrementMs` is the distance of the labels.
 */
export function formatAxisTimes(times: readonly number[], incrementMs: number, zone: string) {
  const dayFormat = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
  })
  let shownDay = ''
  return times.map((time) => {
    const day = dayFormat.format(time)
    if (incrementMs >= 86_400_000) return day
    const { hour, minute } = partsOf(time, zone)
    const label = day === shownDay ? `${hour}:${minute}` : `${hour}:${minute}\n${day}`
    shownDay = day
    return label
  })
}

const join = (head: string, rest: number, noun: string): string =>
  rest === 0 ? head : `${head} ${rest} ${noun}`

type Parts = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string>

// Making a DateTimeFormat is slow, using it is not; a page needs one zone, tests a few.
const formats = new Map<string, Intl.DateTimeFormat>()

function partsOf(time: number, zone: string): Parts {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(zone, format)
  }
  const parts: Parts = { year: '', month: '', day: '', hour: '', minute: '', second: '' }
  for (const { type, value } of format.formatToParts(time))
    if (type in parts) parts[type as keyof Parts] = value
  return parts
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
