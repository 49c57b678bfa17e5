// Sentences that the console forms from codes and figures of the server, in its four languages.
import { afterEach, describe, expect, it } from 'vitest'
import { type Evidence, heaviestFirst } from '../dashboards/console/src/quality/case-shapes.ts'
import {
  sentenceOfEvidence,
  summaryOfEvidence,
} from '../dashboards/console/src/quality/evidence-sentence.ts'
import { sentenceOfReason } from '../dashboards/console/src/quality/reason-sentence.ts'
import { happeningOf, remedyOfCode } from '../dashboards/console/src/words/refusals.ts'
import { language } from '../dashboards/console/src/words.ts'
import { detectorNames } from '../domain/suspicion.ts'

const languages = ['en', 'de', 'fr', 'es'] as const
afterEach(() => {
  language.value = 'en'
})

const found = (detector: string, facts: Evidence['facts'], weight = 1): Evidence => ({
  ...{ detector, weight, facts, from: null, to: null, rests: [], serialCount: null },
  words: 'as the server said it',
})

const told: readonly Evidence[] = [
  found('route-corridor', { minutes: 360, km: 72.8, corridorKm: 15, loggers: 2, against: 0 }),
  found('route-corridor', { minutes: 50, km: 7.2, usualKm: 0.4 }),
  found('unscheduled-stop', { minutes: 125, planned: true }),
  found('dwell', { minutes: 125, against: 2 }),
  found('delay', { leg: 2, lateHours: 2.7, plannedHours: 5.55 }),
  found('delay', { lateHours: 3 }),
  found('light', { minutes: 25, lux: 297, halted: true }),
  found('light', { minutes: 5, lux: 0, door: true, halted: false }),
  found('geofence', { minutes: 30, what: 'no-go', place: 'https://id.gs1.org/414/9521234000013' }),
  found('geofence', { minutes: 30, what: 'abroad', place: '' }),
  found('market', { units: 6, scanned: 7 }),
  found('chain-gap', { gap: 'missing', missing: 3, of: 4 }),
  found('chain-gap', { gap: 'no-receiving' }),
  found('serial-logger-divorce', { km: 120, places: ['https://id.gs1.org/414/9521234000013'] }),
  found('profile-decorrelation', { missed: 2, alone: 1, felt: 3, peakK: 0.8, beside: ['a', 'b'] }),
  found('silent-unpack', { lux: 210.4, missing: 2, scans: 4 }),
  found('temperature-alibi', { km: 900 }),
  found('unknown-serial', { unknown: 60, known: 1 }),
  found('enumeration', { run: 60, gtin: '09521234001010' }),
  found('impossible-travel', { km: 8000, minutes: 40 }),
  found('duplicate-scan', { sessions: 9, places: 4 }),
  found('return-fraud', { sold: 0, returnsBefore: 1 }),
  found('aggregation-conflict', { km: 512 }),
  found('attribute-mismatch', { said: 'lot L2', sessions: 1 }),
  found('status-conflict', { claim: 'dispensing', status: 'destroyed', units: 1 }),
]

describe.each(languages)('in %s', (into) => {
  it('words what detectors found, with its figures and no gaps', () => {
    language.value = into
    for (const one of told) {
      const sentence = sentenceOfEvidence(one)
      expect(sentence, one.detector).not.toContain('as the server')
      expect(sentence, one.detector).not.toMatch(/[{}]|undefined|NaN/)
    }
    expect(sentenceOfEvidence(told[0]!)).toContain(into === 'en' ? '72.8' : '72,8')
  })

  it('words every reason of a verdict', () => {
    language.value = into
    for (const reason of figured) {
      const sentence = sentenceOfReason(reason)
      expect(sentence, `${reason.step} ${reason.finding}`).not.toBe(reason.detail)
      expect(sentence, `${reason.step} ${reason.finding}`).not.toMatch(/[{}]|undefined|NaN/)
    }
  })

  it('says what to do about a refused decision', () => {
    language.value = into
    expect(remedyOfCode(['request/invalid', 'quality/stale'])).toMatch(/./)
    expect(remedyOfCode(['request/invalid'])).toBeUndefined()
  })

  it('says what happened by the code, else by its family, else by the status', () => {
    language.value = into
    const [byCode, byFamily, byStatus] = [
      happeningOf(['device/duplicate'], 409),
      happeningOf(['gs1/check-digit'], 400),
      happeningOf(['request/invalid'], 400),
    ]
    for (const sentence of [byCode, byFamily, byStatus]) expect(sentence).toMatch(/^\p{Lu}.*\.$/u)
    expect(new Set([byCode, byFamily, byStatus]).size).toBe(3)
    expect(happeningOf([], 502)).toBe(happeningOf([], 500))
    expect(happeningOf(['of/tomorrow'], 418)).toBeUndefined()
  })
})

it('leaves what it does not know as the server said it', () => {
  expect(sentenceOfEvidence(found('of-tomorrow', {}))).toBe('as the server said it')
  expect(sentenceOfEvidence(found('light', { minutes: 5, lux: 9 }))).toBe('as the server said it')
  const other = { step: 'repeats', finding: '', detail: 'as said', figures: {} }
  expect(sentenceOfReason(other)).toBe('as said')
})

it('knows every detector', () => {
  const known = new Set(told.map(({ detector }) => detector))
  expect(detectorNames.filter((name) => !known.has(name))).toEqual([])
})

it('sums a case up by its heaviest three', () => {
  const evidence = [
    found('dwell', { minutes: 50 }, 0.7),
    found('market', { units: 6, scanned: 7 }, 6),
  ]
  expect(summaryOfEvidence(heaviestFirst(evidence))).toMatch(/^6 of 7 units .* 50.min\.$/)
})

const reason = (step: string, finding: string, figures: object = {}) => ({
  ...{ step, finding, figures, detail: 'as the server said it' },
})
const beyond = {
  ...{ condition: 'high-single', minutes: 40, longestMinutes: 40, unknownMinutes: 0 },
  ...{ allowedMinutes: 30, worstC: 11.2 },
}
const drawn = {
  ...{ condition: 'budget above 25 °C', drawnMinutes: 10, unknownMinutes: 0 },
  ...{ allowedMinutes: 60, leftMinutes: 50 },
}
const figured = [
  reason('hard-limits', 'no-profile'),
  reason('hard-limits', 'none'),
  reason('hard-limits', 'within', { limits: 2 }),
  reason('hard-limits', 'used-up', beyond),
  reason('excursion-limits', 'perhaps-used-up', beyond),
  reason('excursion-limits', 'judged-by-alerts', { condition: 'rate' }),
  reason('excursion-limits', 'budget-left', drawn),
  reason('excursion-limits', 'budget-overdrawn', { ...drawn, addedMinutes: 5 }),
  reason('evidence', 'unknown-time', { unknownMinutes: 30.7 }),
  reason('evidence', 'calibration-overdue', { device: 'L-1', dueAt: '2026-01-02T00:00:00.000Z' }),
  reason('evidence', 'calibration-untold', { devices: 'L-1, L-2' }),
  reason('evidence', 'known', { unknownMinutes: 0 }),
  reason('window', 'known'),
  reason('window', 'unknown-window', { windowMinutes: 1440, unknownMinutes: 60 }),
  reason('window', 'unknown-life', { budgets: 1 }),
  reason('window', 'not-allowed'),
  reason('mkt', 'above', { mktC: 9.1, limitC: 8 }),
  reason('mkt', 'within', { mktC: 7.1, limitC: 8 }),
  reason('mkt', 'unknown-window'),
  reason('mkt', 'not-needed'),
  reason('repeats', 'none'),
  reason('repeats', 'within', { times: 1 }),
  reason('repeats', 'too-often', { times: 4, allowedTimes: 2 }),
]
