import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvRecord, readCsv } from '../ingest/files/csv.ts'

const rules = { delimiter: ',', rowCharsMax: 1000, columnsMax: 10 }
const read = (text: string, cuts: number[] = [], more: Partial<typeof rules> = {}): CsvRecord[] => {
  const reader = readCsv({ ...rules, ...more })
  const places = [
    0,
    ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b),
    text.length,
  ]
  return [
    ...places.slice(1).flatMap((to, i) => reader.push(text.slice(places[i], to))),
    ...reader.finish(),
  ]
}
const cells = (text: string) => read(text).map((record) => record.fault ?? record.cells)

describe('delimited text', () => {
  it('has quotes around delimiters, quotes and line breaks, and any line end', () => {
    expect(cells('a,b\r\n"1,5","say ""hi""\nthere"\n\n,\n"x"')).toEqual([
      ['a', 'b'],
      ['1,5', 'say "hi"\nthere'],
      ['', ''],
      ['x'],
    ])
  })

  it('knows on which line of the file each row begins', () => {
    expect(read('h\n"a\nb"\n\nc\n').map(({ line }) => line)).toEqual([1, 2, 5])
  })

  it('takes a quote within a bare cell for a character', () => {
    expect(cells('5" pipe,x\n')).toEqual([['5" pipe', 'x']])
  })

  it('loses no row to a quote that is never closed', () => {
    expect(cells('a,b\n"c,d\ne,f\n')).toEqual([['a', 'b'], 'a quote is not closed', ['e', 'f']])
  })

  it('refuses text after a closing quote, and reads the next line', () => {
    expect(cells('"a"b,c\nd,e')).toEqual(['text stands after a closing quote', ['d', 'e']])
  })

  it('drops a line without end in bounded memory, and says so', () => {
    const reader = readCsv(rules)
    const records = [...reader.push('a,b\n')]
    for (let i = 0; i < 1000; i++) records.push(...reader.push('x'.repeat(1000)))
    records.push(...reader.push('\nc,d\n'))
    expect(records.map((record) => record.fault ?? record.cells)).toEqual([
      ['a', 'b'],
      'the row is longer than 1000 characters',
      ['c', 'd'],
    ])
    expect(records.at(-1)!.line).toBe(3)
  })

  it('refuses more columns than allowed', () => {
    expect(cells(`${','.repeat(20)}\n`)).toEqual(['the row has 21 cells, more than 10'])
  })

  it('reads back what was written, however the text is cut on its way', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'é'),
      maxLength: 5,
    })
    const row = fc.array(cell, { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.array(fc.nat()), (rows, cuts) => {
        const quoted = (one: string) => `"${one.replaceAll('"', '""')}"`
        const text = rows.map((one) => `${one.map(quoted).join(',')}\r\n`).join('')
        expect(read(text, cuts).map((record) => record.cells)).toEqual(rows)
      }),
    )
  })

  it('reads any text as the same rows, however it is cut on its way', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\r\n'),
      maxLength: 40,
    })
    fc.assert(
      fc.property(text, fc.array(fc.nat()), (said, cuts) => {
        expect(read(said, cuts)).toEqual(read(said))
      }),
      { numRuns: 500 },
    )
  })
})
