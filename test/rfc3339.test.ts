import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRfc3339 } from '../domain/rfc3339.ts'

describe('times at the edge are RFC 3339', () => {
  it('reads every UTC instant that a Date can print between the years 0 and 9999', () => {
    const dates = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(fc.property(dates, (date) => parseRfc3339(date.toISOString()) === date.getTime()))
  })

  it.each([
    ['1985-04-12T23:20:50.52Z', '1985-04-12T23:20:50.520Z'],
    ['1996-12-19T16:39:57-08:00', '1996-12-20T00:39:57.000Z'],
    ['1937-01-01T12:00:27.87+00:20', '1937-01-01T11:40:27.870Z'],
    ['2026-03-01t12:00:00z', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T12:00:00-00:00', '2026-03-01T12:00:00.000Z'],
    ['2024-02-29T00:00:00+14:00', '2024-02-28T10:00:00.000Z'],
    ['2026-03-01T12:00:00.123456789Z', '2026-03-01T12:00:00.123Z'],
  ])('reads %s', (text, utc) => {
    expect(new Date(parseRfc3339(text)).toISOString()).toBe(utc)
  })

  it('takes a leap second for the second after it', () => {
    expect(parseRfc3339('1990-12-31T23:59:60Z')).toBe(Date.UTC(1991, 0, 1))
    expect(parseRfc3339('1990-12-31T15:59:60-08:00')).toBe(Date.UTC(1991, 0, 1))
  })

  it.each([
    '',
    'yesterday',
    '2026-03-01',
    '2026-03-01T12:00:00',
    '2026-03-01 12:00:00Z',
    '2026-03-01T12:00Z',
    '2026-03-01T12:00:00.Z',
    '2026-03-01T12:00:00+0100',
    '2026-03-01T12:00:00+24:00',
    '2026-03-01T12:00:00+01:60',
    '2026-03-01T12:00:00ZZ',
    '2026-13-01T12:00:00Z',
    '2026-00-01T12:00:00Z',
    '2026-02-29T12:00:00Z',
    '1900-02-29T12:00:00Z',
    '2026-04-31T12:00:00Z',
    '2026-03-00T12:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T12:60:00Z',
    '2026-03-01T12:00:61Z',
    '2026-03-01T12:00:60Z',
    '2026-03-15T23:59:60Z',
    '+026-03-01T12:00:00Z',
    '２０26-03-01T12:00:00Z',
  ])('refuses %j', (text) => {
    expect(parseRfc3339(text)).toBeNaN()
  })
})
