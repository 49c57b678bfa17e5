// When a report comes that comes again and again, and which time it covers: each moment belongs to
// exactly one of them, also over missed runs and changed clocks.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nextRun, periodOf, type ReportSchedule } from '../domain/report-schedule.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe']
const schedule: fc.Arbitrary<ReportSchedule> = fc.oneof(
  fc.record({
    every: fc.constant('day' as const),
    at: fc.nat(1439),
    zone: fc.constantFrom(...zones),
  }),
  fc.record({
    ...{ every: fc.constant('week' as const), weekday: fc.integer({ min: 1, max: 7 }) },
    ...{ at: fc.nat(1439), zone: fc.constantFrom(...zones) },
  }),
  fc.record({
    ...{ every: fc.constant('month' as const), day: fc.integer({ min: 1, max: 28 }) },
    ...{ at: fc.nat(1439), zone: fc.constantFrom(...zones) },
  }),
)
const moment = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2027, 0, 1) })

it('is on its weekday or its day of the month, at its time on the wall', () => {
  const monday = { every: 'week', weekday: 1, at: 7 * 60, zone: 'Europe/Berlin' } as const
  expect(nextRun(monday, Date.UTC(2026, 2, 24))).toBe(Date.UTC(2026, 2, 30, 5))
  expect(nextRun(monday, Date.UTC(2026, 2, 20))).toBe(Date.UTC(2026, 2, 23, 6))
  const monthly = { every: 'month', day: 28, at: 0, zone: 'America/New_York' } as const
  expect(nextRun(monthly, Date.UTC(2026, 1, 1))).toBe(Date.UTC(2026, 1, 28, 5))
})

it('covers each moment once, however many runs were missed', () => {
  fc.assert(
    fc.property(
      schedule,
      moment,
      fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }),
      (of, start, waits) => {
        let dueAt = nextRun(of, start)
        let covered: number | undefined
        let now = start
        for (const days of waits) {
          now = Math.max(now + days * 86_400_000, dueAt)
          const period = periodOf(of, { dueAt, now })
          expect(period.from).toBeLessThan(period.to)
          expect(period.from).toBe(covered ?? period.from)
          expect(nextRun(of, period.from)).toBeLessThanOrEqual(dueAt)
          expect(period.to).toBeLessThanOrEqual(now)
          covered = period.to
          dueAt = nextRun(of, now)
          expect(dueAt).toBeGreaterThan(now)
          expect(nextRun(of, period.to)).toBe(dueAt)
        }
      },
    ),
    { numRuns: 20 },
  )
})
