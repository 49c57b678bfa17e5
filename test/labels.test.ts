import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawLabel, type Label, type LabelRequest } from '../trace/labels.ts'
import { modulesOf, readCode128, readDataMatrix, readPng } from './symbols.ts'

const gtin = '09521234543213'
const unit = `https://id.gs1.org/01/${gtin}/21/A1`
const drawn = async (request: Partial<LabelRequest> = {}): Promise<Label> => {
  const label = await drawLabel({ epc: unit, symbol: 'datamatrix', format: 'png', ...request })
  if (!label.ok) throw new Error(JSON.stringify(label.refusals))
  return label.value
}
const refusedWith = async (request: Partial<LabelRequest>): Promise<string[]> => {
  const label = await drawLabel({ epc: unit, symbol: 'datamatrix', format: 'png', ...request })
  return label.ok ? [] : label.refusals.map(({ code, path }) => `${code} ${path}`)
}
/** What a scanner sends of the drawn pixels. */
const scanned = async (request: Partial<LabelRequest>): Promise<string> => {
  const { body } = await drawn({ ...request, scale: 2, text: false })
  const picture = readPng(body as Uint8Array)
  if (request.symbol === 'gs1-128') return readCode128(picture)
  return readDataMatrix(modulesOf(picture, 4).rows)
}

describe('a GS1 DataMatrix', () => {
  it('reads back as the element string, FNC1 in front and behind the lot', async () => {
    const facts = { lot: 'L-1', expiry: '2027-12-31' }
    expect(await scanned(facts)).toBe(`\x1d01${gtin}1727123110L-1\x1d21A1`)
    expect(await scanned({ epc: 'urn:epc:id:sscc:0614141.1234567890' })).toBe(
      '\x1d00106141412345678908',
    )
    expect(await scanned({ epc: 'https://id.gs1.org/8004/952123400001' })).toBe(
      '\x1d8004952123400001',
    )
  })

  it('reads back whatever serial and lot it carries', async () => {
    const text = (max: number) =>
      fc.string({
        unit: fc.constantFrom(...'ABCXYZ0123456789-./abz'),
        minLength: 1,
        maxLength: max,
      })
    await fc.assert(
      fc.asyncProperty(text(10), text(12), async (lot, serial) => {
        const label = await drawn({ epc: `(01)${gtin}(21)${serial}`, lot })
        expect(await scanned({ epc: `(01)${gtin}(21)${serial}`, lot })).toBe(label.content)
        expect(label.content).toBe(`\x1d01${gtin}10${lot}\x1d21${serial}`)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('has its quiet zone', async () => {
    const { body } = await drawn({ scale: 2, text: false })
    expect(modulesOf(readPng(body as Uint8Array), 4).quiet).toBeGreaterThanOrEqual(1)
  })
})

describe('a GS1-128', () => {
  it('reads back as the element string', async () => {
    const symbol = 'gs1-128'
    expect(await scanned({ symbol, epc: `(00)106141412345678908` })).toBe(
      '\x1d00106141412345678908',
    )
    expect(await scanned({ symbol, lot: 'ab1', expiry: '2027-12-31' })).toBe(
      `\x1d01${gtin}1727123110ab1\x1d21A1`,
    )
  })

  it('is refused beyond the 48 characters that it may have', async () => {
    const long = { symbol: 'gs1-128', lot: 'L'.repeat(20), expiry: '2027-12-31' } as const
    expect(await refusedWith(long)).toEqual(['gs1/length symbol'])
  })
})

describe('a QR Code', () => {
  it('carries the Digital Link of the resolver asked for', async () => {
    const facts = { lot: 'L/1', expiry: '2027-12-31' }
    const { content, text } = await drawn({ symbol: 'qr', ...facts })
    expect(content).toBe(`https://id.gs1.org/01/${gtin}/10/L%2F1/21/A1?17=271231`)
    expect(text).toBe(`(01)${gtin}(17)271231(10)L/1(21)A1`)
    const own = await drawn({ symbol: 'qr', resolver: 'https://example.com/r' })
    expect(own.content).toBe(`https://example.com/r/01/${gtin}/21/A1`)
    expect(
      modulesOf(
        readPng((await drawn({ symbol: 'qr', scale: 2, text: false })).body as Uint8Array),
        4,
      ).quiet,
    ).toBeGreaterThanOrEqual(4)
  })
})

describe('a label', () => {
  it('says what its key says when nothing else is told', async () => {
    const epc = `https://id.gs1.org/01/${gtin}/10/L9/21/A1?17=280630`
    expect((await drawn({ epc })).text).toBe(`(01)${gtin}(17)280630(10)L9(21)A1`)
    expect((await drawn({ epc, lot: 'L8' })).text).toBe(`(01)${gtin}(17)280630(10)L8(21)A1`)
    const lot = `https://id.gs1.org/01/${gtin}/10/L9`
    expect((await drawn({ epc: lot, lot: 'L9' })).text).toBe(`(01)${gtin}(10)L9`)
  })

  it('is SVG without script, or PNG', async () => {
    const svg = await drawn({ format: 'svg', lot: 'L1' })
    expect(svg.mediaType).toBe('image/svg+xml')
    expect(svg.body).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(svg.body).not.toMatch(/<script|onload|javascript:/i)
    const png = await drawn({ text: true })
    expect(png.mediaType).toBe('image/png')
    expect(readPng(png.body as Uint8Array).width).toBeGreaterThan(60)
  })

  it('is refused when a scanner could not read it back', async () => {
    expect(await refusedWith({ epc: `(01)09521234543214(21)A1` })).toEqual(['gs1/check-digit epc'])
    expect(await refusedWith({ epc: 'urn:uuid:1' })).toEqual(['gs1/key-unknown epc'])
    expect(await refusedWith({ lot: 'L'.repeat(21) })).toEqual(['gs1/length lot'])
    expect(await refusedWith({ lot: 'Ä' })).toEqual(['gs1/charset lot'])
    expect(await refusedWith({ lot: '^FNC1' })).toEqual(['gs1/charset lot'])
    expect((await refusedWith({ expiry: '2027-02-31' }))[0]).toMatch(/^gs1\/\S+ expiry$/)
    expect((await refusedWith({ epc: '(00)106141412345678908', lot: 'L1' }))[0]).toMatch(/^gs1\//)
    expect(
      (await refusedWith({ epc: `https://id.gs1.org/01/${gtin}/10/L9`, lot: 'L8' }))[0],
    ).toMatch(/^gs1\//)
  })
})
