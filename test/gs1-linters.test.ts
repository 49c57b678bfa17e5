import { describe, expect, it } from 'vitest'
import { isoDate } from '../domain/gs1/dates.ts'
import { checkPair, linters } from '../domain/gs1/linters.ts'
import { loadVectors, vectorsPresent } from './vectors.ts'

interface Vector {
  linter: string
  value: string
  ok: boolean
  error?: string
  markup?: string
}
const file = 'gs1-syntax/linter-vectors.json'
/** Whether a company prefix exists is known to GS1 alone. */
const needsPrefixData = ({ error, value }: Vector) =>
  error === 'GCP_DATASOURCE_OFFLINE' ||
  (error === 'INVALID_GCP_PREFIX' && /^I?1234567$/.test(value))

describe('content rules', () => {
  it.skipIf(!vectorsPresent(file))('judge and mark every vector as GS1 does', () => {
    const vectors = loadVectors<Vector[]>(file).filter((vector) => !needsPrefixData(vector))
    expect(vectors.length).toBeGreaterThan(2_800)
    for (const { linter, value, ok, markup } of vectors) {
      const fault = linters[linter]!(value)
      const name = `${linter} ${JSON.stringify(value)}`
      expect(fault === undefined, name).toBe(ok)
      if (!fault) continue
      const end = fault.at + fault.length
      const bad = value.slice(fault.at, end)
      expect(`${value.slice(0, fault.at)}*${bad}*${value.slice(end)}`, name).toBe(markup)
    }
  })

  it('a company prefix has at least four digits', () => {
    expect(linters.gcppos1!('0200')).toBeUndefined()
    expect(linters.gcppos1!('02A0')).toMatchObject({ code: 'gs1/charset', at: 2, length: 1 })
    expect(linters.gcppos2!('102')).toMatchObject({ code: 'gs1/length' })
  })

  it('the check characters of a GMN are those of the General Specifications', () => {
    expect(checkPair('1987654Ad4X4bL5ttr2310c')).toBe('2K')
  })

  it('day 00 is the last of its month', () => {
    expect(isoDate('270200')).toBe('2027-02-28')
    expect(isoDate('280200')).toBe('2028-02-29')
    expect(isoDate('271300')).toBeUndefined()
  })
})
