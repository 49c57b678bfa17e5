// XML as a tree of elements with their name spaces, and text as it must be written in XML 1.0.
// Reads no bytes: ingest/xml.ts does.

export interface XmlAttribute {
  /** '' for an attribute without a prefix: it is in no name space. */
  uri: string
  prefix: string
  name: string
  value: string
}

export interface XmlElement {
  /** The name space; '' for none. */
  uri: string
  prefix: string
  /** Without the prefix. */
  name: string
  /** Without the declarations of name spaces. */
  attributes: readonly XmlAttribute[]
  children: readonly XmlElement[]
  /** All text directly in the element, comments left out. */
  text: string
  /** Prefixes in force here, with their name spaces. */
  scope: Readonly<Record<string, string>>
  /** Where it starts. */
  line: number
}

export const xsi = 'http://www.w3.org/2001/XMLSchema-instance'
export const xsd = 'http://www.w3.org/2001/XMLSchema'
export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'

/** XML 1.0 §2.2: characters that no document can hold, not even escaped. */
export const isXmlText = (text: string): boolean => !unspeakable.test(text)
const unspeakable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

/** Namespaces in XML §4: a name without a colon. */
export const isNcName = (name: string): boolean => ncName.test(name)
const ncName = /^[\p{L}_][\p{L}\p{M}\p{Nd}._·-]*$/u

export const escapeText = (text: string): string =>
  /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, escapeOne) : text

/** For a value between double quotes; line ends and tabs would come back as spaces (§3.3.3). */
export const escapeAttribute = (text: string): string =>
  /[&<>"\t\n\r]/.test(text) ? text.replace(/[&<>"\t\n\r]/g, escapeOne) : text

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
const escapeOne = (c: string): string => named[c] ?? `&#${c.charCodeAt(0)};`
