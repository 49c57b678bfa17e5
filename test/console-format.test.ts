import { describe, expect, it } from 'vitest'
import {
  formatAxisTimes,
  formatKey,
  formatMinutes,
  formatRule,
  formatSpan,
  formatTemperature,
  formatTime,
  formatZone,
} from '../dashboards/console/src/format.ts'
import { parseAlert } from '../dashboards/console/src/shapes.ts'

const berlin = 'Europe/Berlin'
const noon = Date.UTC(2026, 4, 3, 12, 0)

describe('temperatures on the console', () => {
  it('are the same temperature in °C and °F', () => {
    expect(formatTemperature(8, 'C')).toBe('8.0 °C')
    expect(formatTemperature(8, 'F')).toBe('46.4 °F')
    expect(formatTemperature(-40, 'F')).toBe('\u221240.0 °F')
  })

  it('never read as minus zero, and a missing one is a dash, not a zero', () => {
    expect(formatTemperature(-0.04, 'C')).toBe('0.0 °C')
    expect(formatTemperature(null, 'C')).toBe('–')
  })
})

describe('times on the console', () => {
  it('are unambiguous and in the zone of the reader', () => {
    expect(formatTime(noon, berlin)).toBe('2026-05-03 14:00')
    expect(formatTime(noon, 'America/New_York')).toBe('2026-05-03 08:00')
    expect(formatTime(null, berlin)).toBe('–')
  })

  it('write midnight as 00:00', () => {
    expect(formatTime(Date.UTC(2026, 0, 1), 'UTC')).toBe('2026-01-01 00:00')
  })

  it('repeat the date of a span only when it changes', () => {
    expect(formatSpan(noon, noon + 3_600_000, berlin)).toBe('2026-05-03 14:00 to 15:00')
    expect(formatSpan(noon, noon + 86_400_000, berlin)).toBe('2026-05-03 14:00 to 2026-05-04 14:00')
    expect(formatSpan(noon, null, berlin)).toBe('2026-05-03 14:00, ongoing')
  })

  it('name the zone with its offset as it is then', () => {
    expect(formatZone(berlin, noon)).toBe('Europe/Berlin (UTC+02:00)')
    expect(formatZone(berlin, Date.UTC(2026, 0, 1))).toBe('Europe/Berlin (UTC+01:00)')
    expect(formatZone('UTC', noon)).toBe('UTC')
  })

  it('name the day on an axis once per day', () => {
    const hours = [20, 22, 24, 26].map((hour) => Date.UTC(2026, 4, 3, hour))
    expect(formatAxisTimes(hours, 7_200_000, 'UTC')).toEqual([
      '20:00\n3 May',
      '22:00',
      '00:00\n4 May',
      '02:00',
    ])
  })
})

describe('durations on the console', () => {
  it.each([
    [0, '0 min'],
    [0.4, '< 1 min'],
    [59.9, '59 min'],
    [60, '1 h'],
    [95, '1 h 35 min'],
    [47 * 60 + 59, '47 h 59 min'],
    [52 * 60, '2 d 4 h'],
  ])('%d minutes are "%s"', (minutes, text) => {
    expect(formatMinutes(minutes)).toBe(text)
  })
})

describe('keys on the console', () => {
  it.each([
    ['https://id.gs1.org/00/195212340000000010', 'SSCC 195212340000000010'],
    ['https://id.gs1.org/8003/09521234000013A1', 'GRAI 09521234000013A1'],
    ['https://id.gs1.org/01/09521234543213/21/A%2F1', 'GTIN 09521234543213 SN A/1'],
    ['https://example.com/x/01/09521234543213/10/L1/21/7', 'GTIN 09521234543213 SN 7'],
    ['https://id.gs1.org/01/09521234543213', 'GTIN 09521234543213'],
    ['urn:epc:id:sscc:9521234.1000000001', 'urn:epc:id:sscc:9521234.1000000001'],
    ['https://id.gs1.org/%E0%A4%A', 'https://id.gs1.org/%E0%A4%A'],
  ])('%s reads %s', (uri, text) => {
    expect(formatKey(uri)).toBe(text)
  })
})

describe('rules on the console', () => {
  const alert = (extra: object) => parseAlert({ limitC: 8, peakC: 12, ...extra })

  it('say which side, how long, and whether in one piece', () => {
    expect(formatRule(alert({ ruleKind: 'single', allowanceMinutes: 30 }), 'C')).toBe(
      'above 8.0 °C for 30 min without a break',
    )
    expect(formatRule(alert({ ruleKind: 'cumulative', allowanceMinutes: 600 }), 'F')).toBe(
      'above 46.4 °F for 10 h in total',
    )
    expect(formatRule(alert({ ruleKind: 'instant', peakC: -1, limitC: 0 }), 'C')).toBe(
      'below 0.0 °C at any time',
    )
  })
})
