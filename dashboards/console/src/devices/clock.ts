// What was stated of a logger's clock, parsed at the edge, and how it is typed: wall times of the
// reader's zone, and hours, minutes and seconds. Pure; the server says what is wrong with the rest.
import { numberOf, objectOf, parseTime, textOf } from '../shapes.ts'

type Json = Readonly<Record<string, unknown>>

export interface ClockCorrection {
  id: string
  from: number | null
  /** Null: to this day. */
  to: number | null
  aheadSeconds: number
  reason: string
  at: number | null
  by: string
  withdrawn: { at: number | null; by: string; reason: string } | null
}

/** Those in force first, each group by its time. */
export function parseClockCorrections(value: unknown): ClockCorrection[] {
  const { items } = objectOf(value)
  const all = (Array.isArray(items) ? items : []).map((item) => parseCorrection(objectOf(item)))
  return [...all.filter((one) => !one.withdrawn), ...all.filter((one) => one.withdrawn)]
}

const parseCorrection = (json: Json): ClockCorrection => ({
  id: textOf(json.id),
  from: parseTime(json.from),
  to: parseTime(json.to),
  aheadSeconds: numberOf(json.aheadSeconds) ?? 0,
  reason: textOf(json.reason),
  at: parseTime(json.at),
  by: textOf(json.by),
  withdrawn:
    typeof json.withdrawn === 'object' && json.withdrawn ? withdrawalOf(json.withdrawn) : null,
})

function withdrawalOf(value: object): NonNullable<ClockCorrection['withdrawn']> {
  const json = objectOf(value)
  return { at: parseTime(json.at), by: textOf(json.by), reason: textOf(json.reason) }
}

/** `1:02:00` of 3720 and of -3720: words say whether ahead or behind. */
export function formatHms(seconds: number): string {
  const ms = Math.round(Math.abs(seconds) * 1000)
  const whole = Math.floor(ms / 1000)
  const two = (part: number): string => String(part).padStart(2, '0')
  const clock = [Math.floor(whole / 3600), two(Math.floor(whole / 60) % 60), two(whole % 60)]
  const rest = ms % 1000
  return clock.join(':') + (rest === 0 ? '' : `.${String(rest).padStart(3, '0')}`)
}

/** Seconds of `1:02:00`, or of `1:02` without seconds; null when it is neither. */
export function parseHms(text: string): number | null {
  const parts = /^(\d{1,5}):([0-5]\d)(?::([0-5]\d(?:[.,]\d{1,3})?))?$/.exec(text.trim())
  if (!parts) return null
  const [, hours, minutes, seconds = '0'] = parts
  const ms = Math.round(Number(seconds.replace(',', '.')) * 1000)
  // Whole numbers until the end: what is typed as 0:01:54.671 is 114.671, and nothing beside it.
  return ((Number(hours) * 60 + Number(minutes)) * 60_000 + ms) / 1000
}

/**
 * The moment at which walls of a zone show `2026-03-01T08:00`, seconds if wanted; null when it is
 * no time. Where they show it twice, the first; where they skip it, when they would have.
 */
export function momentOf(text: string, zone: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(text)) return null
  const shown = Date.parse(`${text}Z`)
  if (Number.isNaN(shown)) return null
  const before = shown - offsetOf(shown - dayMs, zone)
  const after = shown - offsetOf(shown + dayMs, zone)
  const right = (at: number): boolean => at + offsetOf(at, zone) === shown
  const found = [before, after].filter(right)
  return found.length === 0 ? before : Math.min(...found)
}

const dayMs = 86_400_000

function offsetOf(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  const [year, month, day] = [part('year'), part('month') - 1, part('day')]
  const wall = Date.UTC(year, month, day, part('hour'), part('minute'), part('second'))
  return wall - Math.floor(at / 1000) * 1000
}
