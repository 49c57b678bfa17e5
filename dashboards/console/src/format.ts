// How the console writes numbers, times and keys. Pure; zone, unit and language are arguments.
// Rounds for reading only: nothing is computed from what is formatted here.
import type { Alert, Shipment } from './shapes.ts'
import { figures } from './words/figures.ts'
import { type Language, localeOf, numberFormat, writeIn } from './words.ts'

export type Unit = 'C' | 'F'

/** How the reader wants figures written. */
export interface Look {
  unit: Unit
  zone: string
  language: Language
}

/** °F from °C when asked for. */
export const toUnit = (celsius: number, unit: Unit): number =>
  unit === 'C' ? celsius : (celsius * 9) / 5 + 32

/** °C from what a reader typed in their unit. */
export const fromUnit = (degrees: number, unit: Unit): number =>
  unit === 'C' ? degrees : ((degrees - 32) * 5) / 9

/** `8.4 °C`, `8,4 °C`; a dash when there is no value. The minus lines up with digits (U+2212). */
export function formatTemperature(celsius: number | null, { unit, language }: Look): string {
  if (celsius === null || !Number.isFinite(celsius)) return '–'
  return `${formatDegrees(toUnit(celsius, unit), language)}\u00a0°${unit}`
}

/** One decimal, no unit: for axes. -0.04 is 0.0, not -0.0. */
/** `0.5 °C` or `0.9 °F` between two temperatures. */
export function formatDifference(
  celsius: number,
  digits: number,
  { unit, language }: Look,
): string {
  const size = unit === 'F' ? (celsius * 9) / 5 : celsius
  return `${formatDecimal(size, digits, language)}\u00a0°${unit}`
}

export function formatDegrees(degrees: number, language: Language): string {
  const text = formatDecimal(degrees, 1, language)
  return /^\u2212[0.,]+$/.test(text) ? text.slice(1) : text
}

/** A number with exactly so many digits after the point. */
export function formatDecimal(value: number, digits: number, language: Language): string {
  const key = `${language} ${digits}`
  let format = decimals.get(key)
  if (!format) {
    format = new Intl.NumberFormat(localeOf(language), {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    })
    decimals.set(key, format)
  }
  return format.format(value).replace('-', '\u2212')
}

/** `12 %`, `0.4 %`: a share between 0 and 1, with a digit where it is small. */
export function formatShare(share: number | null, { language }: Look): string {
  if (share === null || !Number.isFinite(share)) return '–'
  const digits = share > 0 && share < 0.095 ? 1 : 0
  return `${formatDecimal(share * 100, digits, language)}\u00a0%`
}

/** `3 May 2026, 14:05` in a time zone: the month in letters, so that no country misreads it. */
export function formatTime(time: number | null, { zone, language }: Look): string {
  if (time === null) return '–'
  return datesOf(zone, language).format(time)
}

/** `3 May 2026` */
export function formatDay(time: number | null, { zone, language }: Look): string {
  if (time === null) return '–'
  return daysOf(zone, language).format(time)
}

/** `14:05:09` */
export function formatClock(time: number, zone: string): string {
  const { hour, minute, second } = partsOf(time, zone)
  return `${hour}:${minute}:${second}`
}

/** `14:05` */
export function formatHour(time: number, zone: string): string {
  const { hour, minute } = partsOf(time, zone)
  return `${hour}:${minute}`
}

/**
 * `3 May 2026, 14:05 to 15:10`; the date is repeated only when it differs; `ongoing` without an
 * end.
 */
export function formatSpan(from: number, to: number | null, look: Look): string {
  const start = formatTime(from, look)
  const { language, zone } = look
  if (to === null) return writeIn(figures, language, 'span.ongoing', { start })
  const sameDay = formatDay(from, look) === formatDay(to, look)
  const end = sameDay ? formatHour(to, zone) : formatTime(to, look)
  return writeIn(figures, language, 'span.closed', { start, end })
}

/** `5 min ago`, `in 3 h`: how a time stands to another, in the largest unit that fits. */
export function formatAgo(time: number, now: number, { language }: Look): string {
  const seconds = (time - now) / 1000
  const [size, name] = (
    [
      [86_400, 'day'],
      [3600, 'hour'],
      [60, 'minute'],
    ] as const
  ).find(([least]) => Math.abs(seconds) >= least * 1.5) ?? [60, 'minute']
  let format = agos.get(language)
  if (!format) {
    format = new Intl.RelativeTimeFormat(localeOf(language), { style: 'short', numeric: 'always' })
    agos.set(language, format)
  }
  return format.format(Math.round(seconds / size), name)
}

/** `45 min`, `1 h 35 min`, `2 d 4 h`. Below a minute `< 1 min`, as 0 would hide a breach. */
export function formatMinutes(minutes: number, { language }: Pick<Look, 'language'>): string {
  if (minutes > 0 && minutes < 1) return '<\u00a01\u00a0min'
  const whole = Math.floor(minutes)
  if (whole < 60) return `${whole}\u00a0min`
  const hours = Math.floor(whole / 60)
  if (hours < 48) return join(`${hours}\u00a0h`, whole % 60, 'min')
  const day = writeIn(figures, language, 'day.symbol')
  return join(`${formatCount(Math.floor(hours / 24), { language })}\u00a0${day}`, hours % 24, 'h')
}

/** `12,480`, `12.480` */
export const formatCount = (count: number, { language }: Pick<Look, 'language'>): string =>
  numberFormat(language).format(count)

/** `210`, or `1,000+` when not all were counted. */
export const formatUnits = (
  { unitCount, unitCountComplete }: Pick<Shipment, 'unitCount' | 'unitCountComplete'>,
  look: Look,
): string => `${formatCount(unitCount, look)}${unitCountComplete ? '' : '+'}`

const keyNames: Readonly<Record<string, string>> = {
  '00': 'SSCC',
  '01': 'GTIN',
  '414': 'GLN',
  '417': 'PGLN',
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
export function formatRule(alert: Alert, look: Look): string {
  const { language } = look
  if (alert.limitC === null) return alert.rule
  // Its limit is a difference, not a temperature.
  if (alert.ruleKind === 'rate') return writeIn(figures, language, 'rule.rate')
  const below = alert.peakC !== null && alert.peakC < alert.limitC
  const degrees = formatTemperature(alert.limitC, look)
  const limit = writeIn(figures, language, below ? 'rule.below' : 'rule.above', { degrees })
  const allowance = formatMinutes(alert.allowanceMinutes, look)
  if (alert.ruleKind === 'single')
    return writeIn(figures, language, 'rule.single', { limit, allowance })
  if (alert.ruleKind === 'cumulative')
    return writeIn(figures, language, 'rule.cumulative', { limit, allowance })
  return writeIn(figures, language, 'rule.instant', { limit })
}

/**
 * Labels of a time axis: the hour, with the day below it where a day begins and at the first label;
 * days alone when the labels are days apart. `incrementMs` is the distance of the labels.
 */
export function formatAxisTimes(
  times: readonly number[],
  incrementMs: number,
  { zone, language }: Look,
): string[] {
  const dayFormat = new Intl.DateTimeFormat(localeOf(language), {
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

const join = (head: string, rest: number, symbol: string): string =>
  rest === 0 ? head : `${head} ${rest}\u00a0${symbol}`

type Parts = Record<'hour' | 'minute' | 'second', string>

// Making a formatter is slow, using it is not; a page needs one of each, tests a few.
const decimals = new Map<string, Intl.NumberFormat>()
const agos = new Map<Language, Intl.RelativeTimeFormat>()
const formats = new Map<string, Intl.DateTimeFormat>()

function formatFor(key: string, make: () => Intl.DateTimeFormat): Intl.DateTimeFormat {
  let format = formats.get(key)
  if (!format) {
    format = make()
    formats.set(key, format)
  }
  return format
}

const dayOptions = { year: 'numeric', month: 'short', day: 'numeric' } as const
const clockOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const

const datesOf = (timeZone: string, language: Language): Intl.DateTimeFormat =>
  formatFor(`time ${timeZone} ${language}`, () => {
    const options = { timeZone, ...dayOptions, ...clockOptions }
    return new Intl.DateTimeFormat(localeOf(language), options)
  })

const daysOf = (timeZone: string, language: Language): Intl.DateTimeFormat =>
  formatFor(
    `day ${timeZone} ${language}`,
    () => new Intl.DateTimeFormat(localeOf(language), { timeZone, ...dayOptions }),
  )

function partsOf(time: number, timeZone: string): Parts {
  const options = { timeZone, ...clockOptions, second: '2-digit' } as const
  const format = formatFor(`parts ${timeZone}`, () => new Intl.DateTimeFormat('en-GB', options))
  const parts: Parts = { hour: '', minute: '', second: '' }
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
