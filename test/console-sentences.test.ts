// Sentences that the console forms from codes and figures of the server, in its four languages.
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import {
  sentenceOfCheck,
  sentenceOfFinding,
} from '../dashboards/console/src/devices/health-sentence.ts'
import { type Evidence, heaviestFirst } from '../dashboards/console/src/quality/case-shapes.ts'
import { entryText } from '../dashboards/console/src/quality/entry-text.ts'
import {
  sentenceOfEvidence,
  summaryOfEvidence,
} from '../dashboards/console/src/quality/evidence-sentence.ts'
import { sentenceOfReason } from '../dashboards/console/src/quality/reason-sentence.ts'
import { clauseText } from '../dashboards/console/src/words/reasons.ts'
import { happeningOf, remedyOfCode } from '../dashboards/console/src/words/refusals.ts'
import { formatMessage, language } from '../dashboards/console/src/words.ts'
import { gradeCodes } from '../domain/conformance.ts'
import { healthCodes } from '../domain/health.ts'
import { detectorNames } from '../domain/suspicion.ts'
import { clauseWords } from '../domain/verdict/words.ts'

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

  it('words everything that is found about a logger, and how well it sends', () => {
    language.value = into
    const figures = {
      ...{ hours: 37, value: 5, readings: 119, count: 3, worstC: 17.3, fromC: 4, toC: 20 },
      ...{ minutes: 5, byC: 0.7, loggers: 2, perDayC: 0.05, percent: 16, days: 7 },
      ...{ perDayPercent: 2.4, firstPercent: 40, lastPercent: 60, periods: 2, firstDays: 3 },
      ...{ lastDays: 2, dueAt: '2026-01-02T00:00:00.000Z', kept: 144, refused: 3, holes: 2 },
      ...{ node: 'gateway-1', device: 'L-1', gaps: 4 },
      ...{ codes: 'reading/time', least: 10, regular: 143, steps: 144, seconds: 600 },
    }
    const said = { figures, detail: 'as the server said it' }
    // The same is found of a session, whoever asks.
    const ofSessions: string[] = ['node-offline', 'device-offline', 'messages-missing']
    const sentences = [
      ...healthCodes.map((code) => sentenceOfFinding({ ...said, code, channel: 'temperature' })),
      ...gradeCodes
        .filter((code) => !ofSessions.includes(code))
        .map((code) => sentenceOfCheck({ ...said, code })),
    ]
    for (const code of ofSessions) expect(sentences).toContain(sentenceOfCheck({ ...said, code }))
    for (const sentence of sentences) {
      expect(sentence).not.toBe('as the server said it')
      expect(sentence).not.toMatch(/[{}]|undefined|NaN/)
    }
    expect(new Set(sentences).size).toBe(sentences.length)
    const unknown = { ...said, code: 'of-tomorrow' }
    expect(sentenceOfCheck(unknown)).toBe('as the server said it')
  })

  it('words the clauses of verdicts, and leaves others as they are', () => {
    language.value = into
    for (const [key, clause] of Object.entries(clauseWords.en)) {
      const own = clauseWords[into][key as keyof typeof clauseWords.en]
      expect(clauseText(clause)).toBe(formatMessage(own, into))
    }
    expect(clauseText('of tomorrow')).toBe('of tomorrow')
  })

  it('words what the server wrote beside a step, and nothing that people wrote', () => {
    language.value = into
    const told = 'disposition disp-1: quarantine 2, release 1; 327 units undecided'
    const said = entryText(told)
    expect(said).toContain('327')
    expect(said).not.toBe(told)
    expect(said.includes('undecided')).toBe(into === 'en')
    expect(entryText('investigation inv-9')).toContain('inv-9')
    expect(entryText('disposition of the pallet')).toBe('disposition of the pallet')
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

it('knows every clause that a verdict may name', () => {
  const files = ['verdict/verdict.ts', 'verdict/budgets.ts', 'budget-corrections.ts']
  const text = files.map((file) => readFileSync(`domain/${file}`, 'utf8')).join('\n')
  const clauses = [...text.matchAll(/'((?:USP|EU GDP|stability budget)[^']*)'/g)]
  const known: readonly string[] = Object.values(clauseWords.en)
  expect(clauses.length).toBeGreaterThan(8)
  expect(clauses.map(([, clause]) => clause).filter((one) => !known.includes(one!))).toEqual([])
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
  expect(summaryOfEvidence(heaviestFirst(evidence))).toMatch(/^6 of 7 scanned units .* 50.min\.$/)
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
const addition = {
  ...{ saidMinutes: 240, signedBy: 'Ana Roth', signedAt: '2026-01-02T00:00:00.000Z' },
  ...{ reason: 'ST', document: 'ST-17' },
}
const figured = [
  reason('hard-limits', 'no-profile'),
  reason('hard-limits', 'none'),
  reason('hard-limits', 'within', { limits: 2 }),
  reason('hard-limits', 'used-up', beyond),
  reason('excursion-limits', 'perhaps-used-up', beyond),
  reason('excursion-limits', 'judged-by-alerts', { condition: 'rate' }),
  reason('excursion-limits', 'budget-left', drawn),
  reason('excursion-limits', 'budget-added', { ...drawn, ...addition }),
  reason('excursion-limits', 'budget-addition-reversed', { ...drawn, ...addition }),
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
