// What the console works out by itself of stated clock corrections: what the API says, lengths of
// time as they are typed, and wall times of the reader's zone.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatHms,
  momentOf,
  parseClockCorrections,
  parseHms,
} from '../dashboards/console/src/devices/clock.ts'
import { nameOfEvidence } from '../dashboards/console/src/words/evidence-kinds.ts'

describe('stated corrections of a clock', () => {
  it('are listed with those in force first, and those taken back with their reason', () => {
    const stated = { from: '2026-03-01T07:00:00Z', aheadSeconds: 3720, reason: 'zone', by: 'a' }
    const back = { at: '2026-03-05T00:00:00Z', by: 'b', reason: 'was right' }
    const items = [
      { ...stated, id: '1', to: '2026-03-04T00:00:00Z', withdrawn: back },
      { ...stated, id: '2', to: null, withdrawn: null },
    ]
    const [first, second] = parseClockCorrections({ items })
    expect(first).toMatchObject({ id: '2', from: Date.UTC(2026, 2, 1, 7), to: null })
    expect(first!.withdrawn).toBeNull()
    expect(second!.withdrawn).toEqual({ ...back, at: Date.UTC(2026, 2, 5) })
    expect(parseClockCorrections(null)).toEqual([])
  })

  it('are written in hours, minutes and seconds, and read back the same', () => {
    expect(formatHms(3720)).toBe('1:02:00')
    expect(formatHms(-45.5)).toBe('0:00:45.500')
    expect(parseHms('1:02')).toBe(3720)
    expect(parseHms('0:01:54.671')).toBe(114.671)
    expect(parseHms(' 30:00:07,5 ')).toBe(108_007.5)
    for (const none of ['', '62', '1:60:00', '-1:00:00', '1:2:3', 'soon'])
      expect(parseHms(none)).toBeNull()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 86_400_000 }), (ms) => {
        expect(parseHms(formatHms(ms / 1000))).toBe(ms / 1000)
      }),
    )
  })

  it('are named in words where the log of changes is read; what has no words is left to its code', () => {
    expect(nameOfEvidence('device.clock-corrected')).toBe('logger clock corrected')
    expect(nameOfEvidence('device.clock-correction-withdrawn')).toMatch(/withdrawn/)
    expect(nameOfEvidence('of.tomorrow')).toBeUndefined()
  })
})

describe('a wall time that was typed', () => {
  it('is of the zone of the reader, summer and winter', () => {
    expect(momentOf('2026-03-01T08:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 1, 7))
    expect(momentOf('2026-07-01T08:00:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 6, 1, 6, 0, 30))
    expect(momentOf('2026-07-01T08:00', 'Asia/Kolkata')).toBe(Date.UTC(2026, 6, 1, 2, 30))
    expect(momentOf('2026-07-01T08:00', 'UTC')).toBe(Date.UTC(2026, 6, 1, 8))
  })

  it('that clocks show twice is the first, and one they skip is when they would have', () => {
    expect(momentOf('2026-10-25T02:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 25, 0, 30))
    expect(momentOf('2026-03-29T02:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 1, 30))
  })

  it('is nothing when it is no time', () => {
    for (const none of ['', '2026-13-01T08:00', '2026-03-01', 'soon'])
      expect(momentOf(none, 'UTC')).toBeNull()
  })
})
