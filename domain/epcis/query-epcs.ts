// What the MATCH_… parameters of an EPCIS query ask for: one identifier, every instance of a class,
// or a pure identity pattern (urn:epc:idpat:…, EPCIS 2.0 §8.2.7.1.1 and GS1 TDS §8). Matches
// identifiers in their canonical form, and says in which ranges of it a match can lie, so that a
// store can look there first.
import { canonicalEpc, isAbsoluteUri, parseEpc } from '../gs1/gs1.ts'
import type { Result } from '../refusal.ts'

/** A component of a pattern; undefined stands for any. */
type Component = { text: string } | { from: bigint; to: bigint } | undefined

export type EpcPattern =
  | { kind: 'exact'; epc: string }
  /** The class and everything whose canonical form goes on after `stem`. */
  | { kind: 'class'; epc: string; stem: string }
  | {
      kind: 'parts'
      scheme: string
      /** Undefined: of any company. */
      company: string | undefined
      reference: Component
      /** Of an ITIP: piece and total. */
      between: readonly Component[]
      last: Component
    }
  /** Of a scheme without GS1 key, whose URNs are their own canonical form. */
  | { kind: 'urn'; scheme: string; parts: readonly Component[] }

/** Where matches can lie: these very forms, and ranges of them (`to` exclusive) by code points. */
export interface EpcPlaces {
  epcs: readonly string[]
  ranges: readonly { from: string; to: string }[]
}

const domain = 'https://id.gs1.org'

/**
 * What a pattern names in the text of a parameter. Refusals: gs1/* with `at` and `length`. A class
 * (a GTIN in any syntax, a GRAI without serial) stands for its instances and for itself.
 */
export function parseEpcPattern(text: string): Result<EpcPattern> {
  const pattern = /^urn:epc:idpat:([a-z]+):(.*)$/i.exec(text)
  if (pattern && /[*[]/.test(pattern[2]!)) return parsePattern(text, pattern[1]!)
  if (!isAbsoluteUri(text)) return wrong('want a URI or a pattern urn:epc:idpat:…', text)
  const canonical = canonicalEpc(text)
  if (!canonical.ok) return canonical
  const epc = canonical.value
  const stem = stemOf(epc)
  return {
    ok: true,
    value: stem === undefined ? { kind: 'exact', epc } : { kind: 'class', epc, stem },
  }
}

/** Whether the canonical form of an identifier matches. */
export function matchesEpc(pattern: EpcPattern, epc: string): boolean {
  switch (pattern.kind) {
    case 'exact':
      return epc === pattern.epc
    case 'class':
      return epc === pattern.epc || epc.startsWith(pattern.stem)
    case 'parts':
      return matchesParts(pattern, epc)
    case 'urn':
      return matchesUrn(pattern, epc)
  }
}

/** All places of matches; not everything in a range need match. */
export function placesOf(pattern: EpcPattern): EpcPlaces {
  switch (pattern.kind) {
    case 'exact':
      return { epcs: [pattern.epc], ranges: [] }
    case 'class':
      return { epcs: [pattern.epc], ranges: [rangeOf(pattern.stem)] }
    case 'parts':
      return { epcs: [], ranges: stemsOf(pattern).map(rangeOf) }
    case 'urn':
      return { epcs: [], ranges: [rangeOf(urnStem(pattern))] }
  }
}

/** Where the parts of an EPC URN stand in the canonical form. */
interface Layout {
  /** What the canonical form starts with. */
  ai: string
  /** Digits of company prefix and reference without check digit; 0: the reference is text. */
  digits: number
  /** The first digit of the key belongs to the reference, behind the company prefix. */
  leads: boolean
  /** The key ends in a check digit. */
  checked: boolean
  /** What stands before the last part; undefined for schemes without it. */
  divider?: string
  /** Two-digit numbers behind the check digit. */
  between?: number
  /** Without its last part it is the class of all that have one. */
  hasClass?: boolean
  /** The value that the canonical form leaves out (TDS §6.3.3: extension 0 of an SGLN). */
  none?: string
}

const layout = (
  ai: string,
  digits: number,
  { leads = false, checked = true, ...rest }: Partial<Layout> = {},
): Layout => ({ ai, digits, leads, checked, ...rest })

const layouts: Readonly<Record<string, Layout>> = {
  sgtin: layout('01', 13, { leads: true, divider: '/21/', hasClass: true }),
  lgtin: layout('01', 13, { leads: true, divider: '/10/' }),
  upui: layout('01', 13, { leads: true, divider: '/235/', hasClass: true }),
  itip: layout('8006', 13, { leads: true, between: 2, divider: '/21/', hasClass: true }),
  sscc: layout('00', 17, { leads: true }),
  sgln: layout('414', 12, { divider: '/254/', none: '0' }),
  pgln: layout('417', 12),
  grai: layout('8003/0', 12, { divider: '', hasClass: true }),
  giai: layout('8004', 0, { checked: false }),
  gsrn: layout('8018', 17),
  gsrnp: layout('8017', 17),
  gdti: layout('253', 12, { divider: '', hasClass: true }),
  sgcn: layout('255', 12, { divider: '', hasClass: true }),
  ginc: layout('401', 0, { checked: false }),
  gsin: layout('402', 16),
  cpi: layout('8010', 0, { checked: false, divider: '/8011/', hasClass: true }),
}

/** Parts of URNs that name no GS1 key (TDS §6.3). */
const foreign: Readonly<Record<string, number>> = { gid: 3, usdod: 2, adi: 3 }

/** `8003/0…` has its filler inside the value, all others a slash behind the AI. */
const headOf = ({ ai }: Layout): string => `${domain}/${ai}${ai.includes('/') ? '' : '/'}`

function parsePattern(text: string, name: string): Result<EpcPattern> {
  const scheme = Object.hasOwn(layouts, name) ? layouts[name] : undefined
  const { between = 0, divider } = scheme ?? {}
  const own = divider === undefined ? 2 : 3 + between
  const count = scheme ? own : Object.hasOwn(foreign, name) ? foreign[name]! : 0
  if (count === 0) return wrong(`no patterns are known of urn:epc:idpat:${name}`, text)
  const parts = text.slice(text.indexOf(`:${name}:`) + name.length + 2).split('.')
  // The last part may hold dots itself.
  if (parts.length > count) parts.push(parts.splice(count - 1).join('.'))
  if (parts.length !== count) return wrong(`${name} has ${count} parts divided by dots`, text)
  const any = parts.map((part) => part === '*')
  // TDS §8.1: what stands right of a * is a * too.
  if (any.some((one, i) => one && any.slice(i).includes(false)))
    return wrong('what stands right of a * must be a * too', text)
  const read = parts.map(component)
  if (read.includes(false)) return wrong('want a value, * or a range such as [10-99]', text)
  const components = read as Component[]
  if (!scheme) return { ok: true, value: { kind: 'urn', scheme: name, parts: components } }
  const company = parts[0]!
  if (company !== '*' && !/^\d{6,12}$/.test(company))
    return wrong('a company prefix has 6 to 12 digits', text)
  const [, reference, ...rest] = components
  const value = {
    kind: 'parts' as const,
    scheme: name,
    company: company === '*' ? undefined : company,
    reference,
    between: rest.slice(0, between),
    last: rest[between],
  }
  const wholly = reference && 'text' in reference ? reference.text : undefined
  const digits = company.length + (wholly?.length ?? 0)
  if (value.company && wholly && scheme.digits > 0 && digits !== scheme.digits)
    return wrong(`the first two parts of ${name} have ${scheme.digits} digits together`, text)
  return { ok: true, value }
}

/** False for what is none. */
function component(text: string): Component | false {
  if (text === '*') return undefined
  const range = /^\[(\d{1,40})-(\d{1,40})\]$/.exec(text)
  if (range) {
    const [from, to] = [BigInt(range[1]!), BigInt(range[2]!)]
    return from <= to && { from, to }
  }
  // TDS §6.3: some characters are escaped; an escape that is none is refused.
  return /^([^*[\]%]|%[0-7][0-9A-Fa-f])+$/.test(text) && { text: decodeURIComponent(text) }
}

function matchesParts(pattern: EpcPattern & { kind: 'parts' }, epc: string): boolean {
  const parts = partsOf(layouts[pattern.scheme]!, epc)
  if (!parts) return false
  const { company, last } = pattern
  // A class is what its own pattern, with * for the serial, names.
  if (parts.last === undefined && last !== undefined) return false
  if (company === undefined) return true
  if (!parts.body.startsWith(company)) return false
  const reference = parts.lead + parts.body.slice(company.length)
  if (!holds(pattern.reference, reference)) return false
  if (!pattern.between.every((one, i) => holds(one, parts.between.slice(2 * i, 2 * i + 2))))
    return false
  return parts.last === undefined || holds(last, parts.last)
}

interface Parts {
  lead: string
  /** Company prefix and reference, without `lead`. */
  body: string
  between: string
  /** Undefined for a class. */
  last: string | undefined
}

/** The digits of a key and its last part, when the form is that of the scheme. */
function partsOf(scheme: Layout, epc: string): Parts | undefined {
  const head = headOf(scheme)
  if (!epc.startsWith(head)) return
  const rest = epc.slice(head.length)
  const { digits, divider, hasClass, none } = scheme
  if (digits === 0) {
    const at = divider === undefined ? -1 : rest.indexOf(divider)
    if (at < 0 && ((divider !== undefined && !hasClass) || rest.includes('/'))) return
    const body = decodeURIComponent(at < 0 ? rest : rest.slice(0, at))
    const last = at < 0 ? (hasClass ? undefined : '') : rest.slice(at + divider!.length)
    return { lead: '', body, between: '', last }
  }
  const keyLength = digits + (scheme.checked ? 1 : 0)
  const between = rest.slice(keyLength, keyLength + 2 * (scheme.between ?? 0))
  const key = rest.slice(0, keyLength)
  const tail = rest.slice(keyLength + between.length)
  if (key.length < keyLength) return
  const lead = scheme.leads ? key[0]! : ''
  const body = key.slice(lead.length, digits)
  const found = { lead, body, between }
  if (divider === undefined) return tail === '' ? { ...found, last: '' } : undefined
  if (tail === '' && none !== undefined) return { ...found, last: none }
  if (tail === '' && hasClass) return { ...found, last: undefined }
  if (!tail.startsWith(divider) || tail.length === divider.length) return
  return { ...found, last: decodeURIComponent(tail.slice(divider.length)) }
}

function matchesUrn({ scheme, parts }: EpcPattern & { kind: 'urn' }, epc: string): boolean {
  const start = `urn:epc:id:${scheme}:`
  if (!epc.startsWith(start)) return false
  const own = epc.slice(start.length).split('.')
  if (own.length > parts.length) own.push(own.splice(parts.length - 1).join('.'))
  return own.length === parts.length && parts.every((part, i) => holds(part, unescaped(own[i]!)))
}

const unescaped = (text: string): string =>
  text.replace(/%([0-7][0-9A-Fa-f])/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))

/** What the URNs of all matches start with; an escaped part is left to the comparison. */
function urnStem({ scheme, parts }: EpcPattern & { kind: 'urn' }): string {
  let stem = `urn:epc:id:${scheme}:`
  for (const [i, part] of parts.entries()) {
    if (!part || !('text' in part) || !/^[A-Za-z0-9-]+$/.test(part.text)) break
    stem += part.text + (i < parts.length - 1 ? '.' : '')
  }
  return stem
}

function holds(component: Component, text: string): boolean {
  if (component === undefined) return true
  if ('text' in component) return component.text === text
  if (!/^\d{1,40}$/.test(text)) return false
  const value = BigInt(text)
  return component.from <= value && value <= component.to
}

/** What the canonical forms of all matches start with: one for each indicator digit. */
function stemsOf({ scheme, company = '', reference }: EpcPattern & { kind: 'parts' }): string[] {
  const place = layouts[scheme]!
  const head = headOf(place)
  const known = reference && 'text' in reference ? reference.text : ''
  if (company === '' || place.digits === 0) return [head + company]
  if (!place.leads) return [head + company + known]
  if (known) return [`${head}${known[0]}${company}${known.slice(1)}`]
  return [...'0123456789'].map((lead) => `${head}${lead}${company}`)
}

/** What the instances of a class start with; undefined for identifiers that are no class. */
function stemOf(epc: string): string | undefined {
  const key = parseEpc(epc)
  if (key?.key === 'gtin') return `${epc}/`
  // An asset type of 13 digits is followed by the serials of its assets, without a divider.
  if (key?.key === 'grai' && key.grai.length === 13) return epc
  if ((key?.key === 'gdti' || key?.key === 'gcn') && key.value.length === 13) return epc
  const isPart = key?.key === 'cpi' || (key?.key === 'itip' && key.lot === undefined)
  if (isPart && key.serial === undefined) return `${epc}/`
  return undefined
}

/** Every text that starts with this one, up to the first that does not. */
const rangeOf = (stem: string) => ({
  from: stem,
  to: stem.slice(0, -1) + String.fromCharCode(stem.charCodeAt(stem.length - 1) + 1),
})

const wrong = (detail: string, text: string): Result<never> => ({
  ok: false,
  refusals: [{ code: 'gs1/syntax', path: '', detail, at: 0, length: text.length }],
})
