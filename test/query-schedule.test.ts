import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextTime, parseSchedule, scheduleFields } from '../domain/query-schedule.ts'

const scheduleOf = (given: Record<string, string>) => {
  const parsed = parseSchedule(given)
  if (!parsed.ok) throw new Error(parsed.refusals[0]!.detail)
  return parsed.value
}
const next = (given: Record<string, string>, after: string): string =>
  new Date(nextTime(scheduleOf(given), Date.parse(after))!).toISOString()

describe('the schedule of a subscription (EPCIS 2.0 §8.2.5.3)', () => {
  it('runs every morning at 1.05, as the binding has it', () => {
    const given = { hour: '1', minute: '5' }
    expect(next(given, '2026-06-01T01:04:59.999Z')).toBe('2026-06-01T01:05:00.000Z')
    expect(next(given, '2026-06-01T01:05:00Z')).toBe('2026-06-02T01:05:00.000Z')
  })

  it('takes numbers, ranges, lists and steps', () => {
    const at = '2026-06-01T00:00:00Z'
    expect(next({ second: '0/30' }, at)).toBe('2026-06-01T00:00:30.000Z')
    expect(next({ second: '0' }, at)).toBe('2026-06-01T00:01:00.000Z')
    expect(next({ minute: '[10-12],40' }, '2026-06-01T00:12:00Z')).toBe('2026-06-01T00:40:00.000Z')
    expect(next({ hour: '6' }, at)).toBe('2026-06-01T06:00:00.000Z')
  })

  it('knows days of the month, months and days of the week: all must fit', () => {
    expect(next({ dayOfWeek: '7' }, '2026-06-01T00:00:00Z')).toBe('2026-06-07T00:00:00.000Z')
    expect(next({ dayOfMonth: '31', hour: '1' }, '2026-06-01T00:00:00Z')).toBe(
      '2026-07-31T01:00:00.000Z',
    )
    expect(next({ dayOfMonth: '29', month: '2' }, '2026-06-01T00:00:00Z')).toBe(
      '2028-02-29T00:00:00.000Z',
    )
    expect(next({ dayOfMonth: '13', dayOfWeek: '5' }, '2026-06-01T00:00:00Z')).toBe(
      '2026-11-13T00:00:00.000Z',
    )
  })

  it('refuses what can never be, and says where', () => {
    const refused = (given: Record<string, unknown>): string[] => {
      const parsed = parseSchedule(given)
      return parsed.ok ? [] : parsed.refusals.map(({ code, path }) => `${code} ${path}`)
    }
    expect(refused({})).toEqual(['epcis/subscription /schedule/'])
    expect(refused({ dayOfMonth: '30', month: '2' })).toEqual([
      'epcis/subscription /schedule/dayOfMonth',
    ])
    for (const text of [
      '60',
      '-1',
      '',
      '*',
      '[5-1]',
      '[1-',
      '1,',
      '1.5',
      '0/0',
      'x',
      '1'.repeat(600),
    ])
      expect(refused({ second: text })).toEqual(['epcis/subscription /schedule/second'])
    expect(refused({ dayOfWeek: '0' })).toEqual(['epcis/subscription /schedule/dayOfWeek'])
    expect(refused({ year: '2026', hour: '1' })).toEqual(['epcis/subscription /schedule/year'])
  })

  it('agrees with a look at every second', () => {
    const field = (low: number, high: number) =>
      fc.option(fc.array(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 3 }), {
        nil: undefined,
        freq: 3,
      })
    fc.assert(
      fc.property(
        fc.record({ second: field(0, 59), minute: field(0, 59), hour: field(0, 23) }),
        fc.integer({ min: 0, max: 86_400_000 }),
        (fields, after) => {
          const given = Object.fromEntries(
            Object.entries(fields).flatMap(([name, values]) =>
              values ? [[name, values.join(',')]] : [],
            ),
          )
          fc.pre(Object.keys(given).length > 0)
          const schedule = scheduleOf(given)
          const found = nextTime(schedule, after)!
          let time = Math.floor(after / 1000) * 1000 + 1000
          const fits = (at: number): boolean => {
            const date = new Date(at)
            const parts = [date.getUTCSeconds(), date.getUTCMinutes(), date.getUTCHours()]
            return scheduleFields
              .slice(0, 3)
              .every((name, index) => schedule.allowed[name].includes(parts[index]!))
          }
          while (!fits(time)) time += 1000
          expect(found).toBe(time)
        },
      ),
      { numRuns: 40 },
    )
  })
})
