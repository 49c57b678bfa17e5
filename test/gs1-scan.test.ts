import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandUpcE, formatScan, parseScan, type Symbology } from '../domain/gs1/scan.ts'
import { loadVectors, vectorsPresent } from './vectors.ts'

interface Vector {
  option?: string
  value?: boolean
  symbology?: string
  dataStr?: string
  expect_scandata?: string | null
  scandata?: string
  should_succeed?: boolean
  expect_symbology?: string
  expect_dataStr?: string
  line: number
}
const file = 'gs1-syntax/engine-vectors.json'
const present = vectorsPresent(file)
const groups = present ? loadVectors<Record<string, Vector[]>>(file) : {}
const gs = '\u001d'

const names: Record<string, Symbology> = {
  QR: 'qr',
  DM: 'datamatrix',
  DotCode: 'dotcode',
  DataBarExpanded: 'databar-expanded',
  DataBarOmni: 'databar',
  DataBarTruncated: 'databar',
  DataBarStacked: 'databar',
  DataBarStackedOmni: 'databar',
  DataBarLimited: 'databar',
  GS1_128_CCA: 'gs1-128',
  GS1_128_CCC: 'gs1-128',
  UPCA: 'upc-a',
  UPCE: 'upc-e',
  EAN13: 'ean-13',
  EAN8: 'ean-8',
}

describe('what scanners send', () => {
  it('says which symbol it was, and its elements with their place in the text', () => {
    expect(parseScan(`]d2010950600013435210L1${gs}21A1`)).toMatchObject({
      value: {
        symbology: 'datamatrix',
        message: '^010950600013435210L1^21A1',
        elements: [
          { ai: '01', value: '09506000134352', at: 5, length: 14 },
          { ai: '10', value: 'L1', at: 21, length: 2 },
          { ai: '21', value: 'A1', at: 26, length: 2 },
        ],
      },
    })
  })

  it('EAN-13, UPC-A, EAN-8 and ITF-14 are GTINs', () => {
    const gtins = [']E09506000134352', ']E00416000336108', ']E402345673', ']I109506000134352'].map(
      (text) => {
        const scan = parseScan(text)
        return scan.ok ? scan.value.elements[0]!.value : scan.refusals
      },
    )
    expect(gtins).toEqual(['09506000134352', '00416000336108', '00000002345673', '09506000134352'])
  })

  it('a web address in a QR code is a Digital Link', () => {
    expect(parseScan(']Q1https://a.example/01/09506000134352/21/A1')).toMatchObject({
      value: { elements: [{ ai: '01' }, { ai: '21', value: 'A1', at: 42, length: 2 }] },
    })
  })

  it('noise is refused where it stands', () => {
    const at = (text: string) => {
      const scan = parseScan(text)
      return scan.ok ? undefined : [scan.refusals[0]!.code, scan.refusals[0]!.at]
    }
    expect(at(']D2010950600013435221A1')).toEqual(['gs1/syntax', 0])
    expect(at(']c1010950600013435221A1')).toEqual(['gs1/syntax', 0])
    expect(at(']C10109506000134352\r\n')).toEqual(['gs1/ai-unknown', 19])
    expect(at(']C1010950600013435221A1\r\n')).toEqual(['gs1/charset', 23])
    expect(at(']E0950600013435x')).toEqual(['gs1/charset', 15])
  })

  it('a GTIN may be written with its AI, when it fits the symbol', () => {
    const made = (symbology: Symbology, message: string) => {
      const scan = formatScan(symbology, message)
      return scan.ok ? scan.value : scan.refusals[0]!.code
    }
    expect(made('ean-13', '^0109506000134352')).toBe(']E09506000134352')
    expect(made('upc-a', '^0100416000336108|^99C')).toBe(']E00416000336108|]e099C')
    expect(made('ean-8', '^0100000002345673')).toBe(']E402345673')
    expect(made('itf-14', '^0109506000134352')).toBe(']I109506000134352')
    expect(made('databar', '^0109506000134352|^99C')).toBe(']e0010950600013435299C')
    expect(made('ean-8', '^0109506000134352')).toBe('gs1/charset')
    expect(made('ean-13', '^0119506000134359')).toBe('gs1/charset')
    expect(made('ean-13', '^0109506000134353')).toBe('gs1/check-digit')
  })

  it('a short UPC-E is the UPC-A it stands for', () => {
    expect(['01234565', '01234531', '01234549', '01234558'].map(expandUpcE)).toEqual([
      '012345000065',
      '012300000451',
      '012340000059',
      '012345000058',
    ])
    expect(formatScan('upc-e', '01234565')).toEqual({ ok: true, value: ']E00012345000065' })
  })

  it('no text makes it throw', () => {
    const start = fc.constantFrom(']d2', ']E0', ']E4', ']e0', ']C1', ']Q1', ']', '')
    const rest = fc.string({ unit: fc.constantFrom(...`0123456789AB(^|]e${gs}\\`) })
    fc.assert(
      fc.property(
        start,
        rest,
        fc.constantFrom(...Object.values(names)),
        (head, data, symbology) => {
          parseScan(head + data)
          formatScan(symbology, data)
        },
      ),
    )
  })
})

describe.skipIf(!present)('vectors of the GS1 syntax engine', () => {
  it('scan data is made', () => {
    let addCheckDigit = false
    let checked = 0
    for (const vector of groups['scandata.c/test_scandata_generateScanData']!) {
      if (vector.option === 'addCheckDigit') addCheckDigit = vector.value!
      if (!vector.symbology || !names[vector.symbology]) continue
      const made = formatScan(names[vector.symbology]!, vector.dataStr!, { addCheckDigit })
      expect(made.ok ? made.value : null, `line ${vector.line}`).toBe(vector.expect_scandata)
      checked++
    }
    expect(checked).toBeGreaterThan(18)
  })

  it('scan data is read', () => {
    for (const vector of groups['scandata.c/test_scandata_processScanData']!) {
      if (vector.scandata === undefined) continue
      const scan = parseScan(vector.scandata)
      expect(scan.ok, `line ${vector.line}`).toBe(vector.should_succeed)
      if (!scan.ok) continue
      expect(scan.value.message).toBe(vector.expect_dataStr)
      expect(scan.value.symbology).toBe(names[vector.expect_symbology!])
    }
  })
})
