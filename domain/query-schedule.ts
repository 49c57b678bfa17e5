// Schedules of subscriptions (QuerySchedule, EPCIS 2.0 §8.2.5.3): which seconds of which minutes …
// in UTC. As in cron, fields that are left out before the finest one given stand for every value;
// those finer than it stand for the first, so that {"hour": "1"} is once a day. Reads no clock.
import type { Refusal, Result } from './refusal.ts'

/** Finest first, as the binding names them. dayOfWeek: 1 is Monday, 7 is Sunday. */
export const scheduleFields = [
  'second',
  'minute',
  'hour',
  'dayOfMonth',
  'month',
  'dayOfWeek',
] as const

type Field = (typeof scheduleFields)[number]

export interface QuerySchedule {
  /** Ascending. */
  allowed: Readonly<Record<Field, readonly number[]>>
}

const ranges: Record<Field, readonly [number, number]> = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  dayOfMonth: [1, 31],
  month: [1, 12],
  dayOfWeek: [1, 7],
}

const dayMs = 86_400_000
/** Within so many days every pair of a 29 February and a day of the week comes (over 2100). */
const daysAhead = 41 * 366

/** Refuses with epcis/subscription; `path` leads the pointers. */
export function parseSchedule(
  given: Readonly<Record<string, unknown>>,
  path = '/schedule',
): Result<QuerySchedule> {
  const refusals: Refusal[] = []
  const refuse = (field: string, detail: string): void => {
    refusals.push({ code: 'epcis/subscription', path: `${path}/${field}`, detail })
  }
  const allowed = {} as Record<Field, readonly number[]>
  for (const field of Object.keys(given))
    if (!(scheduleFields as readonly string[]).includes(field))
      refuse(field, `is no field of a schedule: ${scheduleFields.join(', ')}`)
  const finest = scheduleFields.findIndex((field) => given[field] !== undefined)
  if (finest < 0) refuse('', `name at least one of ${scheduleFields.join(', ')}`)
  scheduleFields.forEach((field, index) => {
    const [low, high] = ranges[field]
    const text = given[field]
    if (text === undefined) {
      const first = index < finest && (field === 'second' || field === 'minute' || field === 'hour')
      allowed[field] = first ? [0] : span(low, high)
      return
    }
    const values = valuesOf(String(text), ranges[field])
    if (typeof values === 'string') refuse(field, values)
    else allowed[field] = values
  })
  if (refusals.length > 0) return { ok: false, refusals }
  const schedule = { allowed }
  // 30 February: refused here rather than never.
  if (nextTime(schedule, Date.UTC(2000, 0, 1)) === undefined) {
    refuse('dayOfMonth', 'no month of the schedule has such a day')
    return { ok: false, refusals }
  }
  return { ok: true, value: schedule }
}

/** The first time of the schedule behind this one, epoch ms. */
export function nextTime({ allowed }: QuerySchedule, after: number): number | undefined {
  // The next whole second.
  const from = Math.floor(after / 1000) * 1000 + 1000
  const today = Math.floor(from / dayMs) * dayMs
  for (let day = 0; day < daysAhead; day++) {
    const start = today + day * dayMs
    const date = new Date(start)
    const fits =
      allowed.month.includes(date.getUTCMonth() + 1) &&
      allowed.dayOfMonth.includes(date.getUTCDate()) &&
      allowed.dayOfWeek.includes(date.getUTCDay() || 7)
    if (!fits) continue
    const time = timeOfDay(allowed, Math.max(0, from - start) / 1000)
    if (time !== undefined) return start + time * 1000
  }
  return undefined
}

/** The first second of a day that is allowed and not before this one. */
function timeOfDay(allowed: QuerySchedule['allowed'], from: number): number | undefined {
  for (const hour of allowed.hour) {
    if (hour * 3600 + 3599 < from) continue
    for (const minute of allowed.minute) {
      const start = hour * 3600 + minute * 60
      if (start + 59 < from) continue
      const second = allowed.second.find((each) => start + each >= from)
      if (second !== undefined) return start + second
    }
  }
  return undefined
}

/**
 * Numbers and ranges `[5-10]`, divided by commas (EPCIS 2.0 §8.2.5.3); and `0/30`, every 30 from 0
 * on, as the examples of the binding have it. A text says what is wrong.
 */
function valuesOf(text: string, [low, high]: readonly [number, number]): number[] | string {
  const wrong = `want numbers from ${low} to ${high}, ranges like [${low}-${low + 1}], divided by commas`
  if (text.length > 500) return wrong
  const values = new Set<number>()
  for (const element of text.split(',')) {
    const range = /^\[(\d{1,2})-(\d{1,2})\]$/.exec(element)
    const steps = /^(\d{1,2})\/(\d{1,2})$/.exec(element)
    const from = Number(
      range?.[1] ?? steps?.[1] ?? (/^\d{1,2}$/.test(element) ? element : Number.NaN),
    )
    const to = range ? Number(range[2]) : steps ? high : from
    const step = steps ? Number(steps[2]) : 1
    if (!(low <= from && from <= to && to <= high && step > 0)) return wrong
    for (let value = from; value <= to; value += step) values.add(value)
  }
  return [...values].sort((a, b) => a - b)
}

const span = (low: number, high: number): number[] =>
  Array.from({ length: high - low + 1 }, (_, index) => low + index)
