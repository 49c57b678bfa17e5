// Printed reports: equal input makes equal bytes, what is said can be read out of them, and whoever
// changes a byte is found out. Pages are rendered where poppler's tools are.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { scaleOf } from '../quality/report/chart.ts'
import {
  type AlertReportFacts,
  composeAlert,
  composeRelease,
  type PassportFacts,
  type ReleaseFacts,
} from '../quality/report/compose.ts'
import { formatPdf, printable, recordIn } from '../quality/report/pdf.ts'
import { type Reader, ticksBetween, writingFor } from '../quality/report/reader.ts'
import { type ReportRecord, reportHashOf } from '../quality/report/record.ts'
import { reportLanguages, reportWords } from '../quality/report/words.ts'

const minute = 60_000
const hour = 60 * minute
const start = Date.UTC(2026, 2, 1, 12)
const english: Reader = { language: 'en', unit: 'C', zone: 'Europe/Berlin' }
const hash = 'ab'.repeat(32)
const unit = (n: number): string =>
  `https://id.gs1.org/01/09521234543213/21/S${String(n).padStart(5, '0')}`

const serial = (n: number): string => `S${String(n).padStart(5, '0')}`

const passport: PassportFacts = {
  ...{ verdict: 'out', knownMs: 20 * hour, unknownMs: 7 * minute },
  ...{ minC: 3.1, maxC: 12.44, meanC: 5.62, mktC: 5.91 },
  zones: [
    { words: '>', limitC: 8, ms: 40 * minute },
    { words: '<', limitC: 2, ms: 0 },
  ],
  budgets: [{ limitC: 8, leftMs: -10 * minute }],
  reasons: [
    {
      ...{ step: 'excursion-limits', outcome: 'out', clause: 'USP <1079.2>' },
      ...{ finding: 'used-up', figures: { condition: 'heat', minutes: 40, allowedMinutes: 30 } },
      detail: 'heat: above 8 °C less than 30 minutes at once, it was so for 40 minutes',
    },
    {
      ...{ step: 'mkt', outcome: 'skipped', detail: 'not asked', clause: 'USP <1079.2>' },
      ...{ finding: 'not-allowed', figures: {} },
    },
  ],
}

const alertFacts: AlertReportFacts = {
  alert: {
    ...{ id: 'a1', revision: 3, gtin: '09521234543213', productName: 'Impfstoff Größe 5' },
    ...{ container: 'https://id.gs1.org/00/095212340000000013', device: 'L-101' },
    ...{ channel: 'temperature', rule: 'heat', limitC: 8, lowerLimitC: 2, from: start },
    ...{ to: start + 40 * minute, minutes: 40, unknownMinutes: 7, peakC: 12.44, verdict: 'out' },
    ...{ severity: 'major', serialCount: 3, serialSetHash: hash },
  },
  read: {
    ...{ from: start - 2 * hour, to: start + 3 * hour },
    points: Array.from({ length: 60 }, (_, n) => {
      const time = start - 2 * hour + n * 5 * minute
      if (n >= 40 && n < 45) return [time, null, null]
      const celsius = n >= 24 && n < 32 ? 12 : 5
      return [time, celsius - 0.3, celsius + 0.4]
    }),
  },
  groups: [
    { units: 2, epc: unit(1), passport },
    { units: 1, epc: unit(3), passport: null },
  ],
  ...{ groupsLeft: 4, dataUpTo: start + 3 * hour, at: start + 4 * hour },
  units: [1, 2, 3].map(unit),
}

const release = (count: number): ReleaseFacts => ({
  ...alertFacts,
  record: {
    ...{ kind: 'disposition', tenant: 'default', id: 'disp-7', left: 0, serialCount: count },
    subject: { kind: 'alert', id: 'a1', revision: 3, serialSetHash: hash },
    parts: [
      {
        decision: 'release',
        disposition: 'sellable_accessible',
        count: count - 1,
        serialSetHash: hash,
      },
      { decision: 'reject', disposition: 'non_conformant', count: 1, serialSetHash: hash },
    ],
    ...{ serialSetHash: hash, inForceHash: hash, control: 'four-eyes' },
    ...{ asOf: '2026-03-01T15:00:00.000Z', proposedAt: '2026-03-01T15:00:00.000Z' },
    ...{ reason: 'Stability data allow it', proposedBy: 'anna' },
  },
  ...{ recordHash: hash, state: 'signed', signatureHash: hash },
  signature: {
    ...{ kind: 'signature', record: hash, signer: 'bert', printedName: 'Bert Müller' },
    ...{ signedAt: '2026-03-01T16:00:00.000Z', meaning: 'approval', reason: 'Checked' },
    authentication: 'password',
  },
  units: Array.from({ length: count }, (_, n) => [unit(n), n === 0 ? 1 : 0] as const),
})

const folder = mkdtempSync(join(tmpdir(), 'isotherm-report-'))
afterAll(() => rmSync(folder, { recursive: true }))

const poppler = ['pdftotext', 'pdftoppm'].every((tool) => {
  try {
    execFileSync(tool, ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

async function textOf(record: ReportRecord): Promise<string> {
  const file = join(folder, 'one.pdf')
  writeFileSync(file, await formatPdf(record))
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
}

describe('a printed report', () => {
  it('is the same bytes for the same record, and others for another', async () => {
    const record = composeRelease(release(30), english)
    const once = await formatPdf(record)
    expect(Buffer.compare(once, await formatPdf(structuredClone(record)))).toBe(0)
    const other = await formatPdf({ ...record, subtitle: 'disp-8' })
    expect(Buffer.compare(once, other)).not.toBe(0)
    expect(Buffer.from(once.subarray(0, 8)).toString('latin1')).toBe('%PDF-1.7')
  })

  it('holds the record that it is made of, so that a changed byte is found out', async () => {
    const bytes = await formatPdf(composeRelease(release(3), english))
    const record = recordIn(bytes)!
    expect(record).toEqual(composeRelease(release(3), english))
    expect(Buffer.compare(bytes, await formatPdf(record))).toBe(0)
    const changed = Buffer.from(bytes)
    const at = changed.indexOf('disp-7', changed.indexOf('"disp-7') + 10)
    for (const place of [at, changed.indexOf('disp-7')].filter((each) => each >= 0)) {
      const forged = Buffer.from(bytes)
      forged[place + 5] = 0x39
      const within = recordIn(forged)
      const same = within && Buffer.compare(forged, await formatPdf(within)) === 0
      expect(same).toBe(false)
    }
    expect(recordIn(Buffer.from('no PDF'))).toBeUndefined()
  })

  it('of a decision says by which verdict of the passports a part was chosen, in each language', () => {
    const facts = release(30)
    const [first, second] = facts.record.parts
    const recommended = { hash, in: 29, indeterminate: 0, out: 1, none: 2 }
    const record = {
      ...facts.record,
      recommended,
      parts: [{ ...first!, verdict: 'in' as const }, second!],
    }
    const told = (['en', 'de', 'fr', 'es'] as const).map((language) => {
      const { sections } = composeRelease({ ...facts, record }, { ...english, language })
      const [summary, parts] = sections
      if (summary?.kind !== 'facts' || parts?.kind !== 'table') throw new Error('other sections')
      const [, row] = summary.rows.find(([, text]) => text.startsWith('29 × ')) ?? []
      return [row, parts.columns[2]?.title, ...parts.rows.map((cells) => cells[2])]
    })
    expect(told).toEqual([
      [
        '29 × in; 0 × indeterminate; 1 × out; 2 × nothing is known',
        ...['Chosen by passport verdict', 'in', 'otherwise'],
      ],
      [
        '29 × in Ordnung; 0 × unbestimmt; 1 × außerhalb; 2 × nichts bekannt',
        ...['Gewählt nach Urteil des Passes', 'in Ordnung', 'anders gewählt'],
      ],
      [
        '29 × conforme; 0 × indéterminé; 1 × hors limites; 2 × rien n’est connu',
        ...['Choisies selon le verdict du passeport', 'conforme', 'choisies autrement'],
      ],
      [
        '29 × conforme; 0 × indeterminado; 1 × fuera de límites; 2 × no se sabe nada',
        ...['Elegidas según el veredicto del pasaporte', 'conforme', 'elegidas de otro modo'],
      ],
    ])
    const [, plain] = composeRelease(facts, english).sections
    expect(plain?.kind === 'table' && plain.columns).toHaveLength(4)
  })

  it('of a decision says what was decided of which units, why, and who signed', () => {
    const { sections } = composeRelease(release(30), english)
    const text = JSON.stringify(sections)
    for (const said of ['four eyes', 'Bert Müller (bert)', 'approval', 'password', 'S00029'])
      expect(text).toContain(said)
    expect(text).toContain('heat: above 8 °C less than 30 minutes')
    expect(text).not.toContain('not asked')
    const list = sections.find((each) => each.kind === 'list')!
    const told = list.groups.map(({ title, items }) => [title.split(':')[0], items.length])
    expect(told).toEqual([
      ['reject', 1],
      ['release', 29],
    ])
    expect(list.groups[0]).toMatchObject({ items: ['S00000'] })
    expect(list.groups[0]!.title).toContain('https://id.gs1.org/01/09521234543213/21/')
    // Who signed stands before what may go on for pages.
    const kinds = sections.map(({ kind }) => kind)
    expect(kinds.indexOf('signatures')).toBeLessThan(kinds.indexOf('list'))
  })

  it('prints so many units, and says by their hash which the others are', () => {
    const many = release(7000)
    const { sections } = composeRelease({ ...many, units: many.units.slice(0, 5000) }, english)
    const list = sections.find((each) => each.kind === 'list')!
    expect(list.groups.flatMap(({ items }) => items)).toHaveLength(5000)
    expect(list).toMatchObject({ note: expect.stringContaining('2,000') })
  })

  it('comes in four languages, both units of temperature and any zone', () => {
    const texts = reportLanguages.map((language) =>
      JSON.stringify(composeAlert(alertFacts, { ...english, language })),
    )
    expect(new Set(texts).size).toBe(4)
    for (const language of reportLanguages)
      expect(Object.values(reportWords[language]).every((word) => word.length > 0)).toBe(true)
    const fahrenheit = writingFor({ language: 'en', unit: 'F', zone: 'America/New_York' })
    expect(fahrenheit.degrees(8)).toBe('46.4 °F')
    expect(fahrenheit.moment(start)).toBe('2026-03-01 07:00 UTC-05:00')
    expect(writingFor({ ...english, language: 'de' }).degrees(12.44)).toBe('12,44 °C')
  })

  it('writes nothing that its fonts do not have', () => {
    expect(printable('Größe 5 – “x” ≥ 疫苗')).toBe('Größe 5 – “x” [U+2265] [U+75AB][U+82D7]')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(printable(printable(text))).toBe(printable(text))
      }),
    )
  })

  it('draws on a scale of round numbers that holds all there is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -80, max: 60, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (values) => {
          const points = values.map((value, n): [number, number, number] => [n, value, value])
          const { low, high, step } = scaleOf({ points, limits: [{ value: 8, name: '' }] })
          expect(low).toBeLessThanOrEqual(Math.min(...values, 8))
          expect(high).toBeGreaterThanOrEqual(Math.max(...values, 8))
          expect((high - low) / step).toBeLessThanOrEqual(10)
        },
      ),
    )
    expect(ticksBetween(start, start + 5 * hour)).toHaveLength(6)
    expect(ticksBetween(start, start + 400 * 24 * hour).length).toBeLessThanOrEqual(6)
  })

  it('of 0.4.0 is still made byte by byte, so that kept documents can be checked', async () => {
    const kept = readFileSync(join(import.meta.dirname, 'golden/reports/release-of-0.4.0.pdf'))
    const record = recordIn(kept)!
    expect(record.version).toBe(1)
    expect(Buffer.compare(kept, await formatPdf(record))).toBe(0)
    expect(Buffer.compare(kept, await formatPdf({ ...record, version: 2 }))).not.toBe(0)
  })

  it.skipIf(!poppler)(
    'says that a character is missing only where one is (poppler-utils)',
    async () => {
      const says = async (reason: string): Promise<boolean> => {
        const facts = release(2)
        const record = composeRelease({ ...facts, record: { ...facts.record, reason } }, english)
        return (await textOf(record)).includes('that the fonts of this document do not have')
      }
      expect(await says('Größe – 5 °C')).toBe(false)
      expect(await says('疫苗')).toBe(true)
    },
  )

  it('tells of no readings in words, where a chart would be', () => {
    const { sections } = composeAlert({ ...alertFacts, read: null }, english)
    expect(JSON.stringify(sections)).toContain('No readings of this time are known.')
  })

  it.skipIf(!poppler)('can be read as text and drawn as pages (poppler-utils)', async () => {
    const text = await textOf(composeRelease(release(300), english))
    expect(text).toContain('Decision on units')
    expect(text).toContain('https://id.gs1.org/01/09521234543213/21/… (299)')
    expect(text.match(/S00\d{3}/g)).toEqual(Array.from({ length: 300 }, (_, n) => serial(n)))
    expect(text).toContain('Bert Müller')
    expect(text).toContain(`Report SHA-256 ${reportHashOf(composeRelease(release(300), english))}`)
    expect(text).toMatch(/Page 1 of \d/)
    const out = join(import.meta.dirname, 'output')
    mkdirSync(out, { recursive: true })
    for (const [name, record] of [
      ['release', composeRelease(release(300), english)],
      ['alert-de', composeAlert(alertFacts, { ...english, language: 'de' })],
    ] as const) {
      const file = join(folder, `${name}.pdf`)
      writeFileSync(file, await formatPdf(record))
      execFileSync('pdftoppm', ['-r', '60', '-png', file, join(out, `report-${name}`)])
      const pages = readdirSync(out).filter((each) => each.startsWith(`report-${name}`))
      expect(pages.length).toBeGreaterThan(0)
    }
  })
})
