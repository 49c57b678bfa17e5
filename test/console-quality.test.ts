// What the quality pages of the console work out by themselves: parts of a decision, conditions of a
// recall, places of a case, and which rows of a long list stand in the document.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { geohashSpot, spotsIn } from '../dashboards/console/src/quality/case-shapes.ts'
import * as d from '../dashboards/console/src/quality/decode.ts'
import { namesInFile } from '../dashboards/console/src/quality/names-file.ts'
import {
  countOf,
  isByVerdict,
  isWhole,
  leftOf,
  namesIn,
  newPart,
  type PartDraft,
  partsAsked,
} from '../dashboards/console/src/quality/parts.ts'
import {
  criterionAsked,
  isTold,
  newCriterion,
} from '../dashboards/console/src/quality/recall-shapes.ts'
import { indexAt, topsOf } from '../dashboards/console/src/quality/row-tops.ts'
import { storyOf } from '../dashboards/console/src/quality/sentence.ts'
import { parseAlert } from '../dashboards/console/src/shapes.ts'

const counts = { in: 3, indeterminate: 0, out: 4, none: 1 }
const part = (change: Partial<PartDraft>): PartDraft => ({ ...newPart('rest'), ...change })

describe('the parts of a decision', () => {
  it('by verdict count as the server counted, name no unit, and the rest is what is left', () => {
    const parts = [
      part({ decision: 'release', by: 'verdict', verdict: 'in' }),
      part({ decision: 'reject' }),
    ]
    const of = { counts, total: 8, parts }
    expect(parts.map((one) => countOf(one, of))).toEqual([3, 5])
    expect(parts.map((one) => countOf(one, { ...of, counts: null }))).toEqual([null, null])
    expect(partsAsked(parts)).toEqual([
      { decision: 'release', verdict: 'in' },
      { decision: 'reject', rest: true },
    ])
    expect([isByVerdict(parts), isByVerdict([part({})])]).toEqual([true, false])
  })

  it('say how many units stay undecided, and nothing where only the server can count', () => {
    const one = part({ decision: 'release', by: 'list', text: 'a\nb\n' })
    expect(leftOf([one], { counts, total: 8 })).toBe(6)
    const byCase = part({ decision: 'release', by: 'containers', text: '(00)1' })
    expect(leftOf([byCase], { counts, total: 8 })).toBeNull()
    expect(leftOf([byCase, part({})], { counts, total: 8 })).toBe(0)
  })

  it('are sent only with a decision each, something named, and a reason', () => {
    const whole = part({ decision: 'release', by: 'containers', text: '(00)1' })
    expect(isWhole([whole], 'because')).toBe(true)
    expect(isWhole([whole], '  ')).toBe(false)
    expect(isWhole([{ ...whole, decision: '' }], 'because')).toBe(false)
    expect(isWhole([{ ...whole, text: ' \n' }], 'because')).toBe(false)
    expect(isWhole([], 'because')).toBe(false)
  })

  it('name no more units than one part may, from a file as from the field', () => {
    const names = Array.from({ length: 100_001 }, (_, index) => `unit ${index}`)
    const listed = part({ decision: 'release', by: 'list', text: names.join('\n') })
    expect(partsAsked([listed])).toBe('too-many')
    const file = { name: 'stock.csv', names: names.slice(1) }
    expect(partsAsked([{ ...listed, text: '', file }])).toEqual([
      { decision: 'release', epcs: file.names },
    ])
    expect(partsAsked([{ ...listed, file: { ...file, names } }])).toBe('too-many')
  })

  it('take names line by line, each once', () => {
    expect(namesIn(' a \r\nb;a\n\n c')).toEqual(['a', 'b', 'c'])
  })
})

describe('a file of names', () => {
  const link = (serial: string): string => `https://id.gs1.org/01/09521234543213/21/${serial}`

  it('has one on a line, or a column of a CSV that its heading or its first key tells', () => {
    const files: [string, string[]][] = [
      ['A1\r\nA2\n\nA1\n', ['A1', 'A2']],
      [`${link('A%2C1')}\n${link('A2')}`, [link('A%2C1'), link('A2')]],
      ['\uFEFFBin;Serial number;Qty\n7;A1;1\n7;"A;2";1\n', ['A1', 'A;2']],
      [`bin,what\n7,${link('A1')}\n8,${link('A2')}\n`, [link('A1'), link('A2')]],
      [`7\t${link('A1')}\n8\t${link('A2')}`, [link('A1'), link('A2')]],
      ['Seriennummer\nA1\nA2', ['A1', 'A2']],
      ['"A""1"', ['A"1']],
      ['  \n', []],
    ]
    for (const [text, names] of files) expect(namesInFile(text), text).toEqual(names)
  })

  it('gives back whatever serials were written, by any delimiter', () => {
    const serials = fc.uniqueArray(fc.stringMatching(/^[A-Z0-9,;"]{1,12}$/), { minLength: 1 })
    fc.assert(
      fc.property(serials, fc.constantFrom(';', ',', '\t'), fc.nat(2), (names, sign, column) => {
        const row = (cell: string): string =>
          Array.from({ length: 3 }, (_, i) => (i === column ? cell : 'x')).join(sign)
        const cells = names.map((name) => row(`"${name.replaceAll('"', '""')}"`))
        expect(namesInFile([row('SERIAL'), ...cells].join('\n'))).toEqual(names)
      }),
    )
  })
})

describe('a condition of a recall', () => {
  it('takes a limit in the unit of the reader, with a comma or a point', () => {
    const exposure = { ...newCriterion('exposure'), limit: '46,4', minutes: '120' }
    expect(criterionAsked(exposure, 'F')).toEqual({
      ...{ field: 'exposure', above: 8, moreThanMinutes: 120 },
    })
    expect(isTold(exposure)).toBe(true)
    expect(isTold({ ...exposure, limit: 'warm' })).toBe(false)
  })

  it('is told only when there is something to look for', () => {
    expect(isTold(newCriterion('lot'))).toBe(false)
    expect(isTold({ ...newCriterion('lot'), values: 'L1' })).toBe(true)
    expect(isTold({ ...newCriterion('attribute'), values: 'night' })).toBe(false)
    expect(isTold({ ...newCriterion('expiry'), to: '2027-01-01' })).toBe(true)
  })
})

describe('places of a case', () => {
  it('are read wherever the facts of the evidence name a position', () => {
    const facts = { km: 3, lat: 1, lon: 2, seen: [{ lat: -3, lon: 4 }, { lat: 5 }] }
    expect(spotsIn(facts)).toEqual([
      { lat: 1, lon: 2 },
      { lat: -3, lon: 4 },
    ])
  })

  it('of scans are the middle of their geohash, and none for a country', () => {
    const lisbon = geohashSpot('eyck')!
    expect(Math.abs(lisbon.lat - 38.8)).toBeLessThan(0.2)
    expect(Math.abs(lisbon.lon + 9.3)).toBeLessThan(0.3)
    expect(geohashSpot('PT')).toBeNull()
    expect(geohashSpot(null)).toBeNull()
  })
})

describe('a long list', () => {
  it('finds the row at any distance from its top, with rows of any height', () => {
    const heights = [10, 0, 30, 5]
    const tops = topsOf(heights.length, (index) => heights[index]!)
    expect([...tops]).toEqual([0, 10, 10, 40, 45])
    expect([-5, 0, 9, 10, 39, 40, 44, 999].map((at) => indexAt(tops, at))).toEqual([
      ...[0, 0, 0, 2, 2, 3, 3, 3],
    ])
  })

  it('of none has none', () => {
    expect([...topsOf(0, () => 1)]).toEqual([0])
  })
})

describe('answers of the server', () => {
  it('get plain values for what is missing, and nothing for what is unknown', () => {
    const shape = d.shape({ id: d.text, at: d.time, list: d.list(d.number), none: d.textOrNull })
    expect(shape({ id: 7, at: '2026-01-01T00:00:00Z', list: [1, 'x'], more: true })).toEqual({
      ...{ id: '', at: Date.UTC(2026, 0, 1), list: [1, 0], none: null },
    })
    expect(shape(null)).toEqual({ id: '', at: null, list: [], none: null })
  })
})

describe('what happened, in sentences', () => {
  const alert = {
    ...{ kind: 'excursion', rule: 'r', container: 'C1', device: 'L-1', serialCount: 0 },
    ...{ from: '2026-06-01T10:00:00Z', to: '2026-06-01T10:30:00Z', minutes: 30, limitC: 3 },
  }
  const first = (more: object): string | undefined =>
    storyOf(parseAlert({ ...alert, ...more }), null)[0]

  it('says how warm it was and for how long', () => {
    expect(first({ ruleKind: 'single', peakC: 9 })).toMatch(
      /^C1, 1 Jun 2026, .* to .*: above 3\.0\s°C for 30\smin, peak 9\.0\s°C\.$/,
    )
  })

  it('of a change that was too quick says that, and no temperature of a limit', () => {
    expect(first({ ruleKind: 'rate', peakC: 9 })).toMatch(
      /^C1: temperature change too fast, up to 9\.0\s°C, 1 Jun 2026, /,
    )
    expect(first({ ruleKind: 'other', limitC: null, peakC: null })).toMatch(
      /^C1: rule r was broken for 30\smin, /,
    )
  })
})
