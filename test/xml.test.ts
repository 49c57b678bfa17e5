import { describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { escapeAttribute, escapeText, isNcName, isXmlText, type XmlElement } from '../domain/xml.ts'
import { decodeXml } from '../ingest/xml.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const read = (text: string): XmlElement => {
  const result = decodeXml(bytes(text))
  if (!result.ok) throw new Error(JSON.stringify(result.refusals))
  return result.value
}
const why = (text: string | Uint8Array, charset?: string): string => {
  const result = decodeXml(typeof text === 'string' ? bytes(text) : text, { charset })
  return result.ok ? 'taken' : `${result.refusals[0]!.code} ${result.refusals[0]!.detail}`
}

describe('XML is read into elements', () => {
  it('with their name spaces, texts and what is in force around them', () => {
    const root = read(
      '<a:r xmlns:a="u:a" b="1&amp;2"><c xmlns="u:c" a:d="x">t<![CDATA[<u>]]></c></a:r>',
    )
    expect(root).toMatchObject({ uri: 'u:a', prefix: 'a', name: 'r' })
    expect(root.attributes).toEqual([{ uri: '', prefix: '', name: 'b', value: '1&2' }])
    const [child] = root.children
    expect(child).toMatchObject({ uri: 'u:c', prefix: '', name: 'c', text: 't<u>' })
    expect(child!.attributes).toEqual([{ uri: 'u:a', prefix: 'a', name: 'd', value: 'x' }])
    expect(child!.scope).toMatchObject({ a: 'u:a', '': 'u:c' })
  })

  it('in the encoding that the mark, the header or the document names', () => {
    const utf16 = Buffer.from('\ufeff<r>é</r>', 'utf16le')
    expect(decodeXml(utf16)).toMatchObject({ ok: true, value: { text: 'é' } })
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><r>\xe9</r>', 'latin1')
    expect(decodeXml(latin)).toMatchObject({ ok: true, value: { text: 'é' } })
    expect(
      decodeXml(Buffer.from('<r>\xe9</r>', 'latin1'), { charset: 'iso-8859-1' }),
    ).toMatchObject({ ok: true, value: { text: 'é' } })
    expect(why(Buffer.from('<r>\xe9</r>', 'latin1'))).toMatch(/^packet\/encoding/)
    expect(why('<r/>', 'ebcdic-cp-us')).toMatch(/^packet\/encoding/)
  })

  it('and what was taken is not kept', () => {
    const taken: string[] = []
    const result = decodeXml(bytes('<r><e><f/></e><g/></r>'), {
      take: ({ name }, around) => {
        if (name !== 'e') return false
        taken.push(around.map((one) => one.name).join())
        return true
      },
    })
    expect(taken).toEqual(['r'])
    expect(result.ok && result.value.children.map(({ name }) => name)).toEqual(['g'])
  })
})

describe('XML is refused', () => {
  it.each([
    ['an element that is not closed', '<a><b></a>'],
    ['a prefix that nothing declares', '<x:a/>'],
    ['two roots', '<a/><b/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an entity that XML does not know', '<a>&nbsp;</a>'],
    ['nothing at all', ''],
  ])('for %s', (_, text) => {
    expect(why(text)).toMatch(/^epcis\/xml /)
  })

  it('for a document type definition, whatever is in it; a bare DOCTYPE says nothing', () => {
    const laughs = Array.from({ length: 10 }, (_, i) =>
      i === 0 ? '<!ENTITY l0 "ha">' : `<!ENTITY l${i} "${`&l${i - 1};`.repeat(10)}">`,
    )
    expect(why(`<!DOCTYPE r [${laughs.join('')}]><r>&l9;</r>`)).toMatch(/document type definition/)
    expect(why('<!DOCTYPE r SYSTEM "file:///etc/hostname"><r/>')).toMatch(/document type/)
    expect(why('<!DOCTYPE r PUBLIC "-//x" "http://x.example/x.dtd"><r/>')).toMatch(/document type/)
    expect(why('<!DOCTYPE r><r/>')).toBe('taken')
  })

  it('for more depth, elements or attributes than are bearable, at once', () => {
    const began = performance.now()
    expect(why('<a>'.repeat(1_000_000))).toMatch(/nested deeper than/)
    expect(why(`<r>${'<a/>'.repeat(bounds.xmlNodesMax)}</r>`)).toMatch(/more than/)
    const names = Array.from({ length: bounds.xmlAttributesMax + 1 }, (_, i) => `a${i}="1"`)
    expect(why(`<r ${names.join(' ')}/>`)).toMatch(/attributes of one element/)
    // Seconds, where a tree of it all would take minutes: no measure of speed.
    expect(performance.now() - began).toBeLessThan(20_000)
  })
})

describe('text for XML', () => {
  it('is escaped so that it comes back as it was', () => {
    const text = 'a<b>&"c\'\r\n\t]]> é😀'
    expect(read(`<r a="${escapeAttribute(text)}">${escapeText(text)}</r>`)).toMatchObject({
      text,
      attributes: [{ value: text }],
    })
  })

  it('is none with characters that XML 1.0 cannot hold; nor is every text a name', () => {
    expect(['a\u0000', '\ud800', '\ufffe', '\u000b'].map(isXmlText)).toEqual(Array(4).fill(false))
    expect(['', 'é\n😀'].map(isXmlText)).toEqual([true, true])
    expect(['a', '_a.b-1', 'é'].map(isNcName)).toEqual([true, true, true])
    expect(['', '1a', 'a:b', 'a b', '-a'].map(isNcName)).toEqual(Array(5).fill(false))
  })
})
