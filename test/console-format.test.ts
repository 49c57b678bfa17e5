import { describe, expect, it } from 'vitest'
import {
  formatAgo,
  formatAxisTimes,
  formatCount,
  formatKey,
  formatMinutes,
  formatRule,
  formatShare,
  formatSpan,
  formatTemperature,
  formatTime,
  formatZone,
  fromUnit,
  type Look,
  toUnit,
} from '../dashboards/console/src/format.ts'
import { parseAlert } from '../dashboards/console/src/shapes.ts'

const berlin = 'Europe/Berlin'
const look: Look = { unit: 'C', zone: berlin, language: 'en' }
const german: Look = { ...look, language: 'de' }
const fahrenheit: Look = { ...look, unit: 'F' }
/** Figures are kept together by spaces that do not break. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ')
const noon = Date.UTC(2026, 4, 3, 12, 0)

describe('temperatures on the console', () => {
  it('are the same temperature in °C and °F', () => {
    expect(plain(formatTemperature(8, look))).toBe('8.0 °C')
    expect(plain(formatTemperature(8, fahrenheit))).toBe('46.4 °F')
    expect(plain(formatTemperature(-40, fahrenheit))).toBe('\u221240.0 °F')
    for (const celsius of [-40, 0, 36.6])
      expect(fromUnit(toUnit(celsius, 'F'), 'F')).toBeCloseTo(celsius, 9)
  })

  it('have the decimal sign of the language', () => {
    expect(plain(formatTemperature(8.4, german))).toBe('8,4 °C')
    expect(plain(formatTemperature(-0.04, german))).toBe('0,0 °C')
  })

  it('never read as minus zero, and a missing one is a dash, not a zero', () => {
    expect(plain(formatTemperature(-0.04, look))).toBe('0.0 °C')
    expect(formatTemperature(null, look)).toBe('–')
  })
})

describe('counts and shares on the console', () => {
  it('are grouped as the language groups them', () => {
    expect(formatCount(12_480, look)).toBe('12,480')
    expect(formatCount(12_480, german)).toBe('12.480')
  })

  it('have a digit more where they are small, and are a dash where nothing is known', () => {
    expect(plain(formatShare(0.123, look))).toBe('12 %')
    expect(plain(formatShare(0.0042, german))).toBe('0,4 %')
    expect(formatShare(null, look)).toBe('–')
  })
})

describe('times on the console', () => {
  it('are unambiguous, in the zone and the language of the reader', () => {
    expect(formatTime(noon, look)).toBe('3 May 2026, 14:00')
    expect(formatTime(noon, { ...look, zone: 'America/New_York' })).toBe('3 May 2026, 08:00')
    expect(formatTime(noon, german)).toBe('3. Mai 2026, 14:00')
    expect(formatTime(null, look)).toBe('–')
  })

  it('write midnight as 00:00', () => {
    const utc = { ...look, zone: 'UTC' }
    expect(formatTime(Date.UTC(2026, 0, 1), utc)).toBe('1 Jan 2026, 00:00')
  })

  it('repeat the date of a span only when it changes', () => {
    expect(formatSpan(noon, noon + 3_600_000, look)).toBe('3 May 2026, 14:00 to 15:00')
    expect(formatSpan(noon, noon + 86_400_000, look)).toBe('3 May 2026, 14:00 to 4 May 2026, 14:00')
    expect(formatSpan(noon, null, look)).toBe('3 May 2026, 14:00, ongoing')
  })

  it('say how long ago in the largest unit that fits', () => {
    expect(formatAgo(noon - 5 * 60_000, noon, look)).toBe('5 min ago')
    expect(formatAgo(noon + 3 * 3_600_000, noon, look)).toMatch(/^in 3 h/)
    expect(formatAgo(noon - 50 * 3_600_000, noon, german)).toMatch(/^vor 2 Tagen$/)
  })

  it('name the zone with its offset as it is then', () => {
    expect(formatZone(berlin, noon)).toBe('Europe/Berlin (UTC+02:00)')
    expect(formatZone(berlin, Date.UTC(2026, 0, 1))).toBe('Europe/Berlin (UTC+01:00)')
    expect(formatZone('UTC', noon)).toBe('UTC')
  })

  it('name the day on an axis once per day', () => {
    const hours = [20, 22, 24, 26].map((hour) => Date.UTC(2026, 4, 3, hour))
    expect(formatAxisTimes(hours, 7_200_000, { ...look, zone: 'UTC' })).toEqual([
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
    expect(plain(formatMinutes(minutes, look))).toBe(text)
  })

  it('have the symbol of days that the language has', () => {
    expect(plain(formatMinutes(52 * 60, { language: 'fr' }))).toBe('2 j 4 h')
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
    const ruleOf = (extra: object, as: Look): string => plain(formatRule(alert(extra), as))
    expect(ruleOf({ ruleKind: 'single', allowanceMinutes: 30 }, look)).toBe(
      'above 8.0 °C for 30 min without interruption',
    )
    expect(ruleOf({ ruleKind: 'cumulative', allowanceMinutes: 600 }, fahrenheit)).toBe(
      'above 46.4 °F for 10 h in total',
    )
    expect(ruleOf({ ruleKind: 'instant', peakC: -1, limitC: 0 }, german)).toBe(
      'unter 0,0 °C zu irgendeinem Zeitpunkt',
    )
  })
})
