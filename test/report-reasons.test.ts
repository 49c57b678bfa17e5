// Why a verdict is what it is, on paper: in the reader's language, with the figures of the record,
// and in letters that the fonts have.
import { describe, expect, it } from 'vitest'
import { printable } from '../quality/report/pdf.ts'
import { type ReasonFacts, reasonCells } from '../quality/report/reasons.ts'
import { reportLanguages } from '../quality/report/words.ts'

const clause = 'USP <1079.2>: excursions stay within what stability data allow'
const reason = (step: string, finding: string, figures: ReasonFacts['figures']): ReasonFacts => ({
  ...{ step, outcome: 'out', finding, detail: 'as the record says it', clause, figures },
})
const beyond = {
  ...{ condition: 'heat-30min', minutes: 1234.5, unknownMinutes: 0, allowedMinutes: 30 },
  worstC: 11.25,
}
const told = [
  reason('excursion-limits', 'used-up', beyond),
  reason('excursion-limits', 'budget-left', {
    ...{ condition: 'budget above 25 °C', drawnMinutes: 10, allowedMinutes: 60 },
    ...{ unknownMinutes: 0, leftMinutes: 50 },
  }),
  reason('evidence', 'calibration-overdue', { device: 'L-1', dueAt: '2026-01-02T00:00:00.000Z' }),
  reason('repeats', 'too-often', { times: 4 }),
]

describe.each(reportLanguages)('in %s', (language) => {
  const reader = { language, unit: 'C' as const, zone: 'Europe/Berlin' }

  it('says each finding with its figures and its clause, all of it printable', () => {
    for (const one of told) {
      const cells = reasonCells(one, reader)
      expect(cells.join(' ')).not.toMatch(/[{}]|undefined|NaN/)
      expect(cells.map(printable).join(' ')).not.toContain('[U+')
      expect(cells[2]).toContain('USP <1079.2>')
      expect(cells[2].includes('as the record says it')).toBe(language === 'en')
    }
  })

  it('leaves what it does not know as the record says it', () => {
    const other = { ...reason('of-tomorrow', 'x', {}), clause: 'of tomorrow' }
    expect(reasonCells(other, reader)).toEqual([
      'of-tomorrow',
      language === 'en' ? 'out' : expect.any(String),
      expect.stringMatching(/^as the record says it.*of tomorrow/),
    ])
  })
})

it('writes °F and a limit for readers of °F', () => {
  const reader = { language: 'de', unit: 'F', zone: 'UTC' } as const
  expect(reasonCells(told[0]!, reader)[2]).toContain('52,25 °F')
  expect(reasonCells(told[1]!, reader)[2]).toContain('> 77 °F')
})
