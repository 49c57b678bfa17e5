// Bytes become a tree of XML elements: well-formed XML with name spaces, nothing else. Refuses a
// DTD, beyond a bare <!DOCTYPE name>, so that there are no entities to expand and nothing outside
// to fetch; refuses what is too deep or too much as soon as it is, not at the end.
import { SaxesParser, type SaxesTagNS } from 'saxes'
import { bounds } from '../config.ts'
import type { Refusal, RefusalCode, Result } from '../domain/refusal.ts'
import { type XmlAttribute, type XmlElement, xmlNamespace } from '../domain/xml.ts'

interface OpenElement extends XmlElement {
  children: XmlElement[]
  text: string
}

export interface XmlReading {
  /**
   * Asked of every element when it is complete, with what is around it, root first. True takes it:
   * it is not kept in the tree, so that documents of many events need no memory for all elements.
   */
  take?: (element: XmlElement, around: readonly XmlElement[]) => boolean
  /** Of Content-Type: goes before what the document says of itself (RFC 7303 §3). */
  charset?: string | undefined
}

/**
 * The root element, without what was taken. Refusals: epcis/xml with line and column,
 * epcis/too-many-events for what is too much, or packet/encoding.
 */
export function decodeXml(bytes: Uint8Array, reading: XmlReading = {}): Result<XmlElement> {
  const text = decodeText(bytes, reading.charset)
  if (!text.ok) return text
  const tree = new TreeBuilder(reading.take)
  try {
    // In pieces, so that what is refused early is not read to its end.
    for (let at = 0; at < text.value.length; at += pieceChars)
      tree.parser.write(text.value.slice(at, at + pieceChars))
    tree.parser.close()
  } catch (error) {
    if (error instanceof Fault) return { ok: false, refusals: [error.refusal] }
    throw error
  }
  return tree.root ? { ok: true, value: tree.root } : refused('epcis/xml', 'no element in it')
}

/**
 * The same document in UTF-8, for where nobody will know the charset of the header any more. Bytes
 * that are not of that charset stay as they are, and will be refused.
 */
export function recodeXml(bytes: Uint8Array, charset: string | undefined): Uint8Array {
  const isGiven = charset !== undefined && !/^(utf-8|us-ascii)$/i.test(charset)
  const text = isGiven && isXml(bytes) ? decodeText(bytes, charset) : undefined
  if (!text?.ok) return bytes
  return Buffer.from(text.value.replace(/^<\?xml[^>]*\?>/, ''))
}

/** XML starts with <, in whatever encoding; JSON never does. */
export function isXml(bytes: Uint8Array): boolean {
  for (const byte of bytes.subarray(0, 1000)) {
    if (byte === 0x3c || byte === 0xfe || byte === 0xff) return true
    const isSpace = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0
    const isMark = byte === 0xef || byte === 0xbb || byte === 0xbf
    if (!isSpace && !isMark) return false
  }
  return false
}

/** Told at the first fault; saxes would go on to the next. */
class Fault extends Error {
  readonly refusal: Refusal
  constructor(detail: string, code: RefusalCode = 'epcis/xml') {
    super(detail)
    this.refusal = { code, path: '', detail }
  }
}

const pieceChars = 65_536

class TreeBuilder {
  readonly parser = new SaxesParser({ xmlns: true, position: true })
  root: XmlElement | undefined
  private readonly open: OpenElement[] = []
  private readonly take: XmlReading['take']
  private nodes = 0
  private attributes = 0

  constructor(take: XmlReading['take']) {
    this.take = take
    const { parser } = this
    parser.on('error', (error) => {
      throw new Fault(`not well-formed XML: ${error.message}`)
    })
    parser.on('doctype', (text) => {
      if (/^\s*[^\s[]+\s*$/.test(text)) return
      throw this.fault('a document type definition (<!DOCTYPE … >) is not read: send it without')
    })
    parser.on('opentagstart', () => {
      this.attributes = 0
      this.count()
      if (this.open.length >= bounds.xmlDepthMax)
        throw this.fault(`nested deeper than ${bounds.xmlDepthMax} levels`)
    })
    parser.on('attribute', () => {
      this.count()
      if (++this.attributes > bounds.xmlAttributesMax)
        throw this.fault(`more than ${bounds.xmlAttributesMax} attributes of one element`)
    })
    parser.on('opentag', (tag) => this.enter(tag))
    parser.on('text', (text) => this.append(text))
    parser.on('cdata', (text) => this.append(text))
    parser.on('closetag', () => this.leave())
  }

  private count(): void {
    if (++this.nodes > bounds.xmlNodesMax)
      throw this.fault(
        `more than ${bounds.xmlNodesMax} elements and attributes`,
        'epcis/too-many-events',
      )
  }

  private fault(detail: string, code?: RefusalCode): Fault {
    return new Fault(`${detail} (line ${this.parser.line}, column ${this.parser.column})`, code)
  }

  private enter(tag: SaxesTagNS): void {
    const outer = this.open.at(-1)?.scope ?? { xml: xmlNamespace }
    const declared = Object.entries(tag.ns)
    const attributes: XmlAttribute[] = []
    for (const { prefix, local, uri, value } of Object.values(tag.attributes))
      if (prefix !== 'xmlns' && (prefix !== '' || local !== 'xmlns'))
        attributes.push({ uri: prefix === '' ? '' : uri, prefix, name: local, value })
    this.open.push({
      uri: tag.uri,
      prefix: tag.prefix,
      name: tag.local,
      attributes,
      children: [],
      text: '',
      scope: declared.length === 0 ? outer : { ...outer, ...Object.fromEntries(declared) },
      line: this.parser.line,
    })
  }

  private append(text: string): void {
    const element = this.open.at(-1)
    if (element) element.text += text
  }

  private leave(): void {
    const element = this.open.pop()!
    if (this.take?.(element, this.open)) return
    const parent = this.open.at(-1)
    if (parent) parent.children.push(element)
    else this.root = element
  }
}

/** RFC 7303 §3: a byte order mark goes before the charset of the header, that before the rest. */
function decodeText(bytes: Uint8Array, charset: string | undefined): Result<string> {
  const name = markedEncoding(bytes) ?? charset ?? declaredEncoding(bytes) ?? 'utf-8'
  if (!/^(utf-8|us-ascii|iso-8859-1|utf-16|utf-16le|utf-16be)$/i.test(name))
    return refused('packet/encoding', `the character set ${name} is not read: send UTF-8`)
  try {
    const text = new TextDecoder(name, { fatal: true }).decode(bytes)
    return { ok: true, value: text }
  } catch {
    return refused('packet/encoding', `the body is not ${name.toUpperCase()}`)
  }
}

function markedEncoding([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  return /^<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1]
}

const refused = (code: RefusalCode, detail: string): Result<never> => ({
  ok: false,
  refusals: [{ code, path: '', detail }],
})
