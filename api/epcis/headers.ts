// The headers of the EPCIS 2.0 REST binding (EPCIS 2.0 §12.5): which versions are spoken, in which
// form identifiers and words are wanted, which prefixes extensions have; and what OPTIONS tells.
import type { Context, MiddlewareHandler } from 'hono'
import type { EpcForm } from '../../domain/epcis/form.ts'
import type { Env } from '../identity.ts'
import { invalid, Problem } from '../problem.ts'

const version = '2.0.0'
const lowest = '1.0.0'
const lowestCbv = '1.0.0'

/** How a caller wants events written down. */
export interface WantedForm {
  epcs: EpcForm
  cbv: 'urn' | 'web'
  media: 'application/json' | 'application/ld+json' | 'application/xml'
  /** Of XML only: JSON is EPCIS 2.0 and nothing else. */
  version: '2.0' | '1.2'
}

/** Says on every answer what is spoken. Problem 406 when the caller cannot read any of it. */
export const speakEpcis: MiddlewareHandler<Env> = async (c, next) => {
  await next()
  c.res.headers.set('GS1-EPCIS-Version', c.res.headers.get('GS1-EPCIS-Version') ?? version)
  c.res.headers.set('GS1-CBV-Version', c.res.headers.get('GS1-CBV-Version') ?? version)
}

/** What OPTIONS answers: 204 and what there is (EPCIS 2.0 §12.5). */
export function discover(c: Context<Env>, methods: readonly string[]): Response {
  return c.body(null, 204, {
    Allow: ['OPTIONS', ...methods].join(', '),
    'GS1-EPCIS-Version': version,
    'GS1-EPCIS-Min': lowest,
    'GS1-EPCIS-Max': version,
    'GS1-CBV-Version': version,
    'GS1-CBV-Min': lowestCbv,
    'GS1-CBV-Max': version,
    'GS1-EPC-Format': 'No_Preference',
    'GS1-CBV-XML-Format': 'No_Preference',
  })
}

/** Problem 400 for a header that is none of the binding's, 406 for what cannot be written. */
export function wantedForm(c: Context<Env>): WantedForm {
  const epcs = choice(c, 'GS1-EPC-Format', epcForms) ?? 'as-is'
  const cbv = choice(c, 'GS1-CBV-XML-Format', cbvForms) ?? 'urn'
  const media = wantedMedia(c)
  return { epcs, cbv, media, version: wantedVersion(c, media) }
}

/** Prefixes of `GS1-Extensions: ext=https://…, other=https://…`. */
export function extensionPrefixes(c: Context<Env>): Map<string, string> {
  const prefixes = new Map<string, string>()
  for (const pair of (c.req.header('GS1-Extensions') ?? '').split(',')) {
    if (pair.trim() === '') continue
    const [, prefix, uri] = /^\s*([A-Za-z][\w.-]*)\s*=\s*(\S+)\s*$/.exec(pair) ?? []
    if (!prefix || !uri) throw invalid('want prefix=URI, …', 'header/gs1-extensions')
    prefixes.set(prefix, uri)
  }
  return prefixes
}

/** Without the header events leave as they came, so that what was captured is what is read. */
const epcForms: Readonly<Record<string, EpcForm>> = {
  No_Preference: 'as-is',
  Never_Translates: 'as-is',
  Always_GS1_Digital_Link: 'link',
  Always_EPC_URN: 'urn',
}
const cbvForms: Readonly<Record<string, 'urn' | 'web'>> = {
  No_Preference: 'urn',
  Never_Translates: 'urn',
  Always_URN: 'urn',
  Always_Web_URI: 'web',
}

function choice<T>(
  c: Context<Env>,
  name: string,
  choices: Readonly<Record<string, T>>,
): T | undefined {
  const value = c.req.header(name)?.trim()
  if (value === undefined || value === '') return undefined
  if (Object.hasOwn(choices, value)) return choices[value]
  const right = `want one of ${Object.keys(choices).join(', ')}`
  throw invalid(right, `header/${name.toLowerCase()}`)
}

const medias: Readonly<Record<string, WantedForm['media']>> = {
  '*/*': 'application/json',
  'application/*': 'application/json',
  'application/json': 'application/json',
  'application/ld+json': 'application/ld+json',
  'application/xml': 'application/xml',
  'text/xml': 'application/xml',
  'text/*': 'application/xml',
}

/** RFC 9110 §12.5.1: the highest weight, of equal ones what is named first. */
function wantedMedia(c: Context<Env>): WantedForm['media'] {
  const ranges = (c.req.header('Accept') ?? '*/*').split(',').map((range) => {
    const [name, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const weight = parameters.find((one) => one.startsWith('q='))?.slice(2) ?? '1'
    return { name: name!, weight: Number(weight) || 0 }
  })
  const known = ranges.filter(({ name, weight }) => weight > 0 && Object.hasOwn(medias, name))
  const best = known.toSorted((a, b) => b.weight - a.weight)[0]
  if (best) return medias[best.name]!
  throw unacceptable(
    'events are written as application/json, application/ld+json or application/xml',
  )
}

function wantedVersion(c: Context<Env>, media: WantedForm['media']): '2.0' | '1.2' {
  const epcis = rangeOf(c, 'GS1-EPCIS')
  const cbv = rangeOf(c, 'GS1-CBV')
  if (epcis.has(2, 0) && cbv.has(2, 0)) return '2.0'
  if (media === 'application/xml' && epcis.has(1, 2) && cbv.has(1, 2)) return '1.2'
  throw unacceptable('JSON is EPCIS 2.0.0 with CBV 2.0.0; XML can be 1.2.0 too')
}

/** `GS1-EPCIS-Min` and `-Max`, inclusive; patch levels do not count. */
function rangeOf(c: Context<Env>, name: 'GS1-EPCIS' | 'GS1-CBV') {
  const bound = (which: 'Min' | 'Max', fallback: number): number => {
    const text = c.req.header(`${name}-${which}`)?.trim()
    if (text === undefined || text === '') return fallback
    const parts = /^(\d{1,3})(?:\.(\d{1,3}))?(?:\.\d{1,3})?$/.exec(text)
    if (!parts) throw invalid('want a version such as 2.0.0', `header/${name.toLowerCase()}-min`)
    return Number(parts[1]) * 1000 + Number(parts[2] ?? 0)
  }
  const [min, max] = [bound('Min', 0), bound('Max', Infinity)]
  return {
    has: (major: number, minor: number): boolean =>
      min <= major * 1000 + minor && major * 1000 + minor <= max,
  }
}

const unacceptable = (detail: string): Problem =>
  new Problem(406, [{ code: 'request/media-type', path: 'header/accept', detail }])
