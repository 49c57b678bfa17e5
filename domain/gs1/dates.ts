// Dates and times of day within GS1 values: YYMMDD, YYYYMMDD, HHMM and their parts. Knows no clock:
// two digits of a year are always of this century (the rule of GenSpecs §7.12 needs to know the
// year it is, and nothing that is still to expire did so before 2000).
import type { RefusalCode } from '../refusal.ts'

/** What is wrong with a value, and which characters of it. */
export interface Fault {
  code: RefusalCode
  detail: string
  at: number
  length: number
}

/**
 * YYMMDD as YYYY-MM-DD, undefined when there is no such day. Day 00 is the last of the month
 * (GenSpecs §3.4.7).
 */
export function isoDate(yymmdd: string): string | undefined {
  return lintDate(yymmdd, { year: 2, dayMin: 0 }) ? undefined : dashed(`20${yymmdd}`)
}

/** YYYYMMDD with dashes; day 00 becomes the last of the month. The date must exist. */
export function dashed(yyyymmdd: string): string {
  const [year, month, day] = [yyyymmdd.slice(0, 4), yyyymmdd.slice(4, 6), yyyymmdd.slice(6, 8)]
  return `${year}-${month}-${day === '00' ? daysIn(Number(year), Number(month)) : day}`
}

/** `year` digits of the year, then month and day; `dayMin` 0 allows for a whole month. */
export function lintDate(
  value: string,
  { year, dayMin }: { year: 2 | 4; dayMin: 0 | 1 },
): Fault | undefined {
  const form = `${'Y'.repeat(year)}MMDD`
  if (value.length !== year + 4)
    return fault('gs1/date', `want a date ${form}, not ${value}`, [0, value.length])
  const letter = value.search(/[^0-9]/)
  if (letter >= 0) return fault('gs1/charset', `want a date ${form}`, [letter, 1])
  const month = Number(value.slice(year, year + 2))
  if (month < 1 || month > 12) return fault('gs1/date', `no month ${month}`, [year, 2])
  const fullYear = Number(value.slice(0, year)) + (year === 2 ? 2000 : 0)
  const day = Number(value.slice(year + 2))
  if (day >= dayMin && day <= daysIn(fullYear, month)) return
  return fault('gs1/date', `no day ${day} in month ${month}`, [year + 2, 2])
}

export function lintClock(
  value: string,
  parts: readonly ('hour' | 'minute' | 'second')[],
): Fault | undefined {
  if (value.length !== parts.length * 2)
    return fault('gs1/date', `want ${parts.length * 2} digits of time`, [0, value.length])
  const letter = value.search(/[^0-9]/)
  if (letter >= 0) return fault('gs1/charset', 'want a digit of time', [letter, 1])
  for (const [i, part] of parts.entries()) {
    const number = Number(value.slice(i * 2, i * 2 + 2))
    if (number >= (part === 'hour' ? 24 : 60))
      return fault('gs1/date', `no ${part} ${number}`, [i * 2, 2])
  }
}

export const fault = (
  code: RefusalCode,
  detail: string,
  [at, length]: readonly [at: number, length: number],
): Fault => ({ code, detail, at, length })

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}
