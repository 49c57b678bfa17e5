// The printed report of a shipment: equal facts make equal bytes, and what a quality manager looks
// for stands in it, also of a shipment of which little is known.
import { describe, expect, it } from 'vitest'
import type { AlertFacts } from '../quality/report/compose.ts'
import { formatPdf, recordIn } from '../quality/report/pdf.ts'
import type { Reader } from '../quality/report/reader.ts'
import { reportHashOf, type Section } from '../quality/report/record.ts'
import { composeShipment, type ShipmentFacts } from '../quality/report/shipment.ts'
import { shipmentWords } from '../quality/report/shipment-words.ts'
import { reportLanguages } from '../quality/report/words.ts'

const minute = 60_000
const hour = 60 * minute
const start = Date.UTC(2026, 2, 1, 12)
const english: Reader = { language: 'en', unit: 'C', zone: 'UTC' }
const unit = (n: number): string => `https://id.gs1.org/01/09521234543213/21/S${n}`

const breach = (rule: string, from: number, to: number | null): AlertFacts => ({
  ...{ id: rule, revision: 1, gtin: '09521234543213', productName: 'Vaccine', rule, from, to },
  ...{ container: 'https://id.gs1.org/00/095212340000000013', device: 'L-101' },
  ...{ channel: 'temperature', limitC: 8, lowerLimitC: null, minutes: 40, unknownMinutes: 0 },
  ...{ peakC: 12.4, verdict: 'out', severity: 'major', serialCount: 2, serialSetHash: 'ab' },
})

const passportOf = (verdict: 'in' | 'out' | 'indeterminate') => ({
  ...{ verdict, knownMs: 20 * hour, unknownMs: 0, minC: 3.1, maxC: 12.4, meanC: 5, mktC: 5.2 },
  ...{ zones: [], budgets: [], reasons: [] },
})

const facts: ShipmentFacts = {
  ...{ container: 'https://id.gs1.org/00/095212340000000013', device: 'L-101' },
  ...{ from: start, to: start + 10 * hour, dataUpTo: start + 10 * hour - 1 },
  products: [{ name: 'Vaccine (GTIN 09521234543213)', rangeC: { min: 2, max: 8 } }],
  stops: [
    { place: 'Basel plant', from: start, to: start + hour, steps: ['packing', 'shipping'] },
    { place: 'Lyon store', from: start + 9 * hour, to: start + 9 * hour, steps: ['receiving'] },
  ],
  alerts: [
    breach('short', start + hour, start + hour + 10 * minute),
    breach('long', start + 3 * hour, start + 5 * hour),
  ],
  read: {
    ...{ from: start, to: start + 10 * hour },
    points: [
      [start, 4.8, 5.1],
      [start + 3 * hour, 8.2, 12.4],
      [start + 6 * hour, null, null],
      [start + 9 * hour, 4.5, 5],
    ],
  },
  groups: [
    { units: 2, epc: unit(1), passport: passportOf('out') },
    { units: 1, epc: unit(3), passport: passportOf('in') },
  ],
  ...{ groupsLeft: 0, serialCount: 3, serialSetHash: 'cd'.repeat(32), units: [1, 2, 3].map(unit) },
}

const tables = (sections: readonly Section[]) =>
  sections.flatMap((section) => (section.kind === 'table' ? [section] : []))
const summaryOf = (of: ShipmentFacts): Record<string, string> => {
  const [first] = composeShipment(of, english).sections
  if (first?.kind !== 'facts') throw new Error('the summary is first')
  return Object.fromEntries(first.rows)
}

describe('the report of a shipment', () => {
  it('is the same bytes for the same facts, and holds the record that makes them', async () => {
    const record = composeShipment(facts, english)
    const bytes = await formatPdf(record)
    expect(Buffer.compare(bytes, await formatPdf(composeShipment(facts, english)))).toBe(0)
    const held = recordIn(bytes)!
    expect(reportHashOf(held)).toBe(reportHashOf(record))
    expect(held.report).toBe('shipment')
  })

  it('says where it was, how warm, what stands against it, and the worst recommendation', () => {
    expect(summaryOf(facts)).toMatchObject({
      ...{ Route: 'Basel plant - Lyon store', Min: '4.5 °C', Max: '12.4 °C', Verdict: 'out' },
      ...{ Breaches: '2', Units: '3', 'Serial set SHA-256': 'cd'.repeat(32) },
    })
    const { sections } = composeShipment(facts, english)
    const [stops, breaches, exposure] = tables(sections)
    expect(stops!.rows.map(([place, , , steps]) => [place, steps])).toEqual([
      ['Basel plant', 'packing, shipping'],
      ['Lyon store', 'receiving'],
    ])
    expect(breaches!.rows.map(([rule]) => rule)).toEqual(['short', 'long'])
    expect(exposure!.rows).toHaveLength(2)
    const list = sections.find((section) => section.kind === 'list')!
    expect(list.groups).toEqual([
      { title: 'https://id.gs1.org/01/09521234543213/21/… (3)', items: ['S1', 'S2', 'S3'] },
    ])
    const chart = sections.find((section) => section.kind === 'chart')!.chart
    expect(chart.limits.map(({ value }) => value)).toEqual([2, 8])
    // One breach can be marked: the longest.
    expect(chart.marked).toEqual({ from: start + 3 * hour, to: start + 5 * hour })
  })

  it('says what is not known of one that goes on and told nothing', async () => {
    const bare: ShipmentFacts = {
      ...{ ...facts, to: null, dataUpTo: null, read: null, groups: [], stops: [], alerts: [] },
      ...{ products: [], serialCount: 0, units: [] },
    }
    const record = composeShipment(bare, english)
    expect(record.at).toBe(start)
    expect(summaryOf(bare)).toMatchObject({ Min: '-', Max: '-', Route: 'none', Breaches: '0' })
    expect(record.sections.some(({ kind }) => kind === 'chart')).toBe(false)
    expect(tables(record.sections)[1]!.note).toBe(shipmentWords.en.none)
    expect((await formatPdf(record)).length).toBeGreaterThan(500)
  })

  it('comes in four languages and both units of temperature', () => {
    const titles = reportLanguages.map(
      (language) => composeShipment(facts, { ...english, language }).title,
    )
    expect(new Set(titles).size).toBe(4)
    expect(JSON.stringify(composeShipment(facts, { ...english, unit: 'F' }))).toContain('54.32 °F')
  })
})
