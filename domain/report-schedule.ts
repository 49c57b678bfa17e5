// When a report is made that comes again and again: every day, week or month at a time on the wall
// of a zone. Pure: the moment is an argument.
import { formatLocalMinute, type LocalMinute, localDateOf, nextLocal } from './local-time.ts'

export type ReportSchedule = { at: LocalMinute; zone: string } & (
  | { every: 'day' }
  /** 1 is Monday, 7 is Sunday. */
  | { every: 'week'; weekday: number }
  /** 1 to 28: a day that every month has. */
  | { every: 'month'; day: number }
)

/** The first time after a moment. */
export function nextRun(schedule: ReportSchedule, after: number): number {
  let at = nextLocal(after, schedule.at, schedule.zone)
  while (!fits(schedule, at)) at = nextLocal(at, schedule.at, schedule.zone)
  return at
}

/**
 * What a report covers that is due: from the time before the one it was due at, to the last one up
 * to now. Runs that were missed are one.
 */
export function periodOf(
  schedule: ReportSchedule,
  { dueAt, now }: { dueAt: number; now: number },
): { from: number; to: number } {
  let from = dueAt - spanMs[schedule.every]
  // The span before is shorter or longer by days and by hours.
  for (let next = nextRun(schedule, from); next < dueAt; next = nextRun(schedule, from)) from = next
  let to = dueAt
  for (let next = nextRun(schedule, to); next <= now; next = nextRun(schedule, to)) to = next
  return { from, to }
}

export const formatSchedule = (schedule: ReportSchedule) => ({
  ...schedule,
  at: formatLocalMinute(schedule.at),
})

const dayMs = 86_400_000
/** Longer than any such span. */
const spanMs = { day: 2 * dayMs, week: 8 * dayMs, month: 32 * dayMs }

function fits(schedule: ReportSchedule, at: number): boolean {
  if (schedule.every === 'day') return true
  const { day, weekday } = localDateOf(at, schedule.zone)
  return schedule.every === 'week' ? weekday === schedule.weekday : day === schedule.day
}
