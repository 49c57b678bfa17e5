// Clocks and calibrations of devices. Of clocks what messages tell: bounds that hold, jumps that are found, days of late
// uploads that are none; and that the detector keeps what it needs for it.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calibrationFindings } from '../domain/calibration.ts'
import { type ClockLook, clockFindings, clockStretchMs, estimateClock } from '../domain/clock.ts'
import { readClocks } from '../store/ledger/clocks.ts'
import { openPipeline, type Pipeline, readingsEnvelope } from './pipeline.ts'

const minute = 60_000
const looksOf = (...minutes: number[]): ClockLook[] =>
  minutes.map((behind, index) => ({ at: index * clockStretchMs, leastMs: behind * minute }))
const told = (...minutes: number[]): string[] =>
  clockFindings(looksOf(...minutes)).map(({ severity, detail }) => `${severity}: ${detail}`)

describe('the clock of a device', () => {
  it('in order gives no finding, whatever days of late uploads there are', () => {
    expect(told(0.02, 0.05, 300, 0.01, 0.03, 1440, 0.02)).toEqual([])
    expect(told(0, 0, 90, 0, 0, 700, 20, 0, 0)).toEqual([])
    expect(told()).toEqual([])
    expect(told(300)).toEqual([])
  })

  it('that is ahead is told at once, one that is behind when most stretches agree', () => {
    expect(told(-30)).toEqual(['major: is ahead by 30 min: its readings come from the future'])
    expect(told(60, 60.5, 60.2, 60, 60.1)).toEqual([
      'minor: is behind by 60 min, or sends everything so late',
    ])
    expect(told(60, 400, 90, 1000, 300)).toEqual([])
  })

  it('that jumped is told with when and how far; before it other things were true', () => {
    const jumped = looksOf(0, 0.1, 0, 0.2, -180, -180.1, -180)
    expect(
      clockFindings(jumped).map(({ detail, from }) => [detail, from / clockStretchMs]),
    ).toEqual([
      ['went forward by 3 h', 3],
      ['is ahead by 3 h: its readings come from the future', 4],
    ])
    expect(told(0, 0, 0, 120, 120, 120, 120)).toEqual([
      'major: went back by 120 min',
      'minor: is behind by 120 min, or sends everything so late',
    ])
    expect(estimateClock(jumped)).toMatchObject({ confidence: 'low', looks: 3 })
  })

  it('is never said to be farther ahead than it is, and found within a minute when messages are quick (500 random devices)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -48 * 60, max: 48 * 60 }),
        fc.array(
          fc.oneof(
            { weight: 4, arbitrary: fc.double({ min: 0, max: 0.5, noNaN: true }) },
            fc.integer({ min: 1, max: 900 }),
          ),
          {
            minLength: 1,
            maxLength: 60,
          },
        ),
        (behind, delays) => {
          const looks = looksOf(...delays.map((delay) => behind + delay))
          const found = estimateClock(looks)!
          expect(found.behindMs).toBeGreaterThanOrEqual(behind * minute)
          if (found.confidence !== 'high' || found.looks < delays.length) return
          const quick = delays.filter((delay) => delay <= 0.5).length
          if (quick > 0) expect(found.behindMs - behind * minute).toBeLessThanOrEqual(minute)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('the calibration of a device', () => {
  const day = 86_400_000
  const done = [
    { calibratedAt: 0, dueAt: 365 * day },
    { calibratedAt: 300 * day, dueAt: 665 * day },
  ]
  const at = (days: number, calibrations = done, used = true) =>
    calibrationFindings(calibrations, { asOf: days * day, used }).map(
      ({ severity, detail }) => `${severity}: ${detail}`,
    )

  it('is told when it is overdue, a month before, and when nobody told of one', () => {
    expect(at(600)).toEqual([])
    expect(at(640)).toEqual(['minor: is due on 1971-10-28, in 25 days'])
    expect(at(670)).toEqual([
      'major: was due on 1971-10-28, 5 days ago: what it says since is unknown',
    ])
    // Of a moment before the second nobody knew of it.
    expect(at(290)).toEqual([])
    expect(at(10, [])).toEqual([
      'info: nobody told of a calibration: its verdicts rest on nothing but its word',
    ])
    expect(at(10, [], false)).toEqual([])
  })
})

let pipeline: Pipeline
beforeAll(async () => {
  pipeline = await openPipeline()
}, 60_000)
afterAll(() => pipeline.close())

it('keeps the quickest message of each stretch of arrivals, in any order and told twice', async () => {
  const base = Math.ceil(Date.UTC(2026, 2, 2) / clockStretchMs) * clockStretchMs
  await pipeline.addDevice('t', 'd', {})
  const message = (arrival: number, behind: number) =>
    readingsEnvelope('t', 'd', {
      readings: [
        { time: base + (arrival - behind - 5) * minute, temperature: 5 },
        { time: base + (arrival - behind) * minute, temperature: 5 },
      ],
      recordTime: base + arrival * minute,
    })
  const messages = [
    message(10, 40),
    message(5, 3),
    message(20, 600),
    message(400, -7),
    message(390, 2),
  ]
  for (const one of [...messages, ...messages.toReversed()]) {
    await pipeline.keep([one])
    await pipeline.step('detect', 1)
  }
  const kept = await readClocks(
    pipeline.ledger.db,
    { tenant: 't', device: 'd' },
    { from: 0, to: Number.MAX_SAFE_INTEGER },
  )
  expect(kept).toEqual([
    { at: base, leastMs: 3 * minute },
    { at: base + clockStretchMs, leastMs: -7 * minute },
  ])
})
