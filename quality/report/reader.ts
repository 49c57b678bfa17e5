// Who a report is printed for: language, unit of temperature, zone of time. All that is written of
// figures and moments goes through here. Reads no clock.
import type { ReportLanguage } from './words.ts'

export interface Reader {
  language: ReportLanguage
  unit: 'C' | 'F'
  /** IANA. */
  zone: string
}

export interface Writing {
  /** A temperature with its unit; null: nothing was measured. */
  degrees(celsius: number | null): string
  /** As `degrees`, below a heading that has the unit. */
  figure(celsius: number | null): string
  /** In the reader's unit, without it. */
  value(celsius: number): number
  unit: string
  /** Date, time and offset. */
  moment(time: number): string
  /** Day and hour, for below a chart. */
  tick(time: number): string
  count(number: number): string
  minutes(ms: number): string
}

export function writingFor({ language, unit, zone }: Reader): Writing {
  const one = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  const two = new Intl.NumberFormat(language, { maximumFractionDigits: 2 })
  const whole = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset' },
  })
  const partsOf = (time: number): Record<string, string> =>
    Object.fromEntries(whole.formatToParts(time).map(({ type, value }) => [type, value]))
  const name = unit === 'C' ? '°C' : '°F'
  const value = (celsius: number): number => (unit === 'C' ? celsius : celsius * 1.8 + 32)
  return {
    ...{ unit: name, value },
    degrees: (celsius) => (celsius === null ? '-' : `${two.format(value(celsius))} ${name}`),
    figure: (celsius) => (celsius === null ? '-' : two.format(value(celsius))),
    // ISO 8601 order: nobody takes the day for the month in any language.
    moment: (time) => {
      const { year, month, day, hour, minute, timeZoneName = '' } = partsOf(time)
      return `${year}-${month}-${day} ${hour}:${minute} ${timeZoneName.replace('GMT', 'UTC')}`
    },
    tick: (time) => {
      const { month, day, hour, minute } = partsOf(time)
      return `${month}-${day} ${hour}:${minute}`
    },
    count: (number) => two.format(number),
    minutes: (ms) => one.format(ms / 60_000),
  }
}

/** Moments at round hours, at most six. */
export function ticksBetween(from: number, to: number): number[] {
  const hour = 3_600_000
  const steps = [hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, 24 * hour, 48 * hour, 168 * hour]
  const step = steps.find((each) => (to - from) / each <= 6) ?? (to - from) / 5
  const ticks: number[] = []
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) ticks.push(time)
  return ticks
}
