// When a report is sent, in words of the reader.
import { look } from '../session.ts'
import { write } from '../words/schedules.ts'
import { localeOf } from '../words.ts'
import type { Schedule } from './shapes.ts'

export function rhythmOf({ schedule }: Pick<Schedule, 'schedule'>): string {
  const { every, weekday, day, at: time, zone } = schedule
  if (every === 'week')
    return write('every.weekOf', { weekday: weekdayName(weekday ?? 1), time, zone })
  if (every === 'month') return write('every.monthOf', { day: day ?? 1, time, zone })
  return write('every.dayOf', { time, zone })
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayName(weekday: number): string {
  const { language } = look.value
  const format = new Intl.DateTimeFormat(localeOf(language), { weekday: 'long', timeZone: 'UTC' })
  // A Monday.
  return format.format(Date.UTC(2024, 0, weekday))
}
