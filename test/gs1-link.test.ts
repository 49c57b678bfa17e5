import { describe, expect, it } from 'vitest'
import { formatBracketed, formatRaw, parseElementString } from '../domain/gs1/element.ts'
import { isAbsoluteUri } from '../domain/gs1/gs1.ts'
import { escapeUri, formatLink, parseLink, unescapeUri } from '../domain/gs1/link.ts'
import { loadVectors, vectorsPresent } from './vectors.ts'

interface Vector {
  option?: string
  value?: boolean
  uri?: string
  should_succeed?: boolean
  expect_unbracketed?: string
  stem?: string | null
  bracketed_or_data?: string
  expect_uri?: string
  in?: string
  expect_path?: string
  expect_query?: string
  line: number
}
const file = 'gs1-syntax/engine-vectors.json'
const present = vectorsPresent(file)
const groups = present ? loadVectors<Record<string, Vector[]>>(file) : {}

/** A web address as parseGs1 takes it: only what is a URI at all is looked at. */
const read = (uri: string) => (isAbsoluteUri(uri) ? parseLink(uri) : undefined)
const bracketed = (uri: string) => {
  const elements = read(uri)
  return elements?.ok ? formatBracketed(elements.value) : elements?.refusals.map((r) => r.code)
}

describe('Digital Links', () => {
  it('carry attributes in the query, on any host and path', () => {
    expect(
      bracketed(
        'https://x.example/a/b/01/9506000134352/22/2A/10/L%2F1/21/S?17=271200&s=4&3103=000195',
      ),
    ).toBe('(01)09506000134352(22)2A(10)L/1(21)S(17)271200(3103)000195')
    expect(
      bracketed('https://x.example/sscc/106141411234567897?02=09506000134352&37=25&10=L'),
    ).toBe('(00)106141411234567897(02)09506000134352(37)25(10)L')
    expect(bracketed('https://x.example/8013/1987654Ad4X4bL5ttr2310c2K')).toBe(
      '(8013)1987654Ad4X4bL5ttr2310c2K',
    )
  })

  it('say why they are refused', () => {
    expect(bracketed('https://x.example/01/09506000134352/21/S/10/L')).toEqual(['gs1/syntax'])
    expect(bracketed('https://x.example/01/09506000134352?17=271301')).toEqual(['gs1/date'])
    expect(bracketed('https://x.example/01/09506000134352?235=A')).toEqual(['gs1/syntax'])
    expect(bracketed('https://x.example/01/09506000134352/')).toEqual(['gs1/syntax'])
    expect(bracketed('https://x.example/01/09506000134352/21/S/?17=271231')).toEqual(['gs1/syntax'])
    expect(bracketed('https://x.example/01/09506000134352?3103=000195&3103=000195')).toEqual([
      'gs1/ai-combination',
    ])
    expect(read('https://id.gs1.org/AQnYUc1gmiERBhQZqQXBOg')).toMatchObject({
      refusals: [{ detail: expect.stringContaining('compressed') }],
    })
  })

  it('take as an attribute what the qualifiers of the path leave no place for', () => {
    expect(bracketed('https://x.example/01/09506000134352/235/TPX1?10=L1')).toBe(
      '(01)09506000134352(235)TPX1(10)L1',
    )
    expect(bracketed('https://x.example/01/09506000134352/21/S?10=L1')).toEqual(['gs1/syntax'])
    expect(bracketed('https://x.example/01/09506000134352/235/T?21=S')).not.toContain('(21)')
  })

  it('are written below any stem and read back', () => {
    const text = '(01)09506000134352(10)L/1(21)S+1(17)271231(99)a b'.replace(' ', '_')
    const elements = parseElementString(text)
    if (!elements.ok) throw new Error('must be read')
    const link = formatLink(elements.value, 'https://x.example/p')
    expect(link).toEqual({
      ok: true,
      value: 'https://x.example/p/01/09506000134352/10/L%2F1/21/S%2B1?17=271231&99=a_b',
    })
    expect(link.ok && bracketed(link.value)).toBe(text)
  })
})

describe.skipIf(!present)('vectors of the GS1 syntax engine', () => {
  it('Digital Links are read', () => {
    const options = new Map<string, boolean>()
    let checked = 0
    for (const vector of groups['dl.c/test_dl_parseDLuri']!) {
      if (vector.option) options.set(vector.option, vector.value!)
      if (vector.uri === undefined) continue
      // Names in place of AIs are always read here, unknown AIs never: the engine has options.
      if (vector.uri.includes('/gtin/') && !options.get('permitConvenienceAlphas')) continue
      if (options.get('permitUnknownAIs')) continue
      checked++
      const elements = read(vector.uri)
      expect(elements?.ok ?? false, vector.uri).toBe(vector.should_succeed)
      if (elements?.ok) expect(formatRaw(elements.value, '^')).toBe(vector.expect_unbracketed)
    }
    expect(checked).toBeGreaterThan(50)
  })

  it('Digital Links are written', () => {
    for (const vector of groups['dl.c/test_dl_generateDLuri']!) {
      if (vector.bracketed_or_data === undefined) continue
      const elements = parseElementString(vector.bracketed_or_data)
      const link = elements.ok ? formatLink(elements.value, vector.stem ?? undefined) : elements
      expect(link.ok ? link.value : '', `line ${vector.line}`).toBe(vector.expect_uri)
    }
  })

  it('escapes', () => {
    for (const vector of groups['dl.c/test_dl_URIescape']!) {
      expect(escapeUri(vector.in!, 'path')).toBe(vector.expect_path)
      expect(escapeUri(vector.in!, 'query')).toBe(vector.expect_query)
    }
    for (const vector of groups['dl.c/test_dl_URIunescape']!) {
      expect(unescapeUri(vector.in!, 'path')).toBe(vector.expect_path)
      expect(unescapeUri(vector.in!, 'query')).toBe(vector.expect_query)
    }
  })
})
