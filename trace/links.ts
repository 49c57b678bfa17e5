// Where a Digital Link leads: the links stored for its serial, its lot, its product or its key, the
// most special first (GS1-Conformant Resolver 1.2 §4.5). Walks up by what stands in the link itself
// and never asks which lot a serial is of: else a stranger would learn which serials there are
// (I8).
import { chainsOf, type Element } from '../domain/gs1/ai.ts'
import { formatLink } from '../domain/gs1/link.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { LinkEntry, StoredLink } from '../store/ledger/links.ts'
import { vocabulary } from './link-choice.ts'

/** The link asked for and those above it, the most special first; the last is the bare key. */
export function levelsOf(elements: readonly Element[]): string[] {
  const [key, ...qualifiers] = identityOf(elements)
  if (!key) return []
  const sets: Element[][] = []
  for (let mask = (1 << qualifiers.length) - 1; mask >= 0; mask--)
    sets.push(qualifiers.filter((_, i) => mask & (1 << i)))
  return sets.map((set) => anchorOf([key, ...set]))
}

/** The canonical Digital Link of the key with its qualifiers, without what stands in the query. */
export const anchorOf = (elements: readonly Pick<Element, 'ai' | 'value'>[]): string => {
  const link = formatLink(identityOf(elements))
  return link.ok ? link.value : ''
}

/** The key and its qualifiers in their order. */
function identityOf<E extends Pick<Element, 'ai' | 'value'>>(elements: readonly E[]): E[] {
  const key = elements.find(({ ai }) => chainsOf(ai))
  if (!key) return []
  const names = new Set(chainsOf(key.ai)!.flat())
  return [key, ...elements.filter(({ ai }) => names.has(ai))]
}

/** Names of a template, by AI. */
const names: Readonly<Record<string, string>> = {
  '00': 'sscc',
  '01': 'gtin',
  '10': 'lot',
  '21': 'serial',
  '22': 'cpv',
  '235': 'tpx',
  '254': 'extension',
  '414': 'gln',
  '417': 'gln',
  '8003': 'grai',
  '8004': 'giai',
}
const variables = new Set([...Object.values(names), 'key'])

/** What is wrong with a target; templates may stand anywhere but in the host. */
export function refuseTarget(href: string, path: string): Refusal | undefined {
  const wrong = (detail: string): Refusal => ({ code: 'request/invalid', path, detail })
  const authority = /^https:\/\/([^/?#\\]*)/.exec(href)?.[1]
  if (authority === undefined) return wrong('want an absolute https:// address')
  if (/[{}@]/.test(authority)) return wrong('no templates and no user names in the host')
  const unknown = [...href.matchAll(/\{([^{}]*)\}/g)].find(([, name]) => !variables.has(name!))
  if (unknown) return wrong(`{${unknown[1]}} is none of ${[...variables].join(', ')}`)
  const filled = href.replaceAll(/\{\w+\}/g, 'x')
  if (/[\s<>"\\^`{|}\p{Cc}]/u.test(filled) || !URL.canParse(filled))
    return wrong('is no address (RFC 3986); escape what is not allowed in it')
}

/** The target for this request. Undefined when the link says nothing of a template's value. */
export function fillTarget(
  link: StoredLink,
  { elements, query }: { elements: readonly Pick<Element, 'ai' | 'value'>[]; query: string },
): string | undefined {
  const values = new Map<string, string>()
  const key = elements.find(({ ai }) => chainsOf(ai))
  if (key) values.set('key', key.value)
  for (const { ai, value } of elements) if (names[ai]) values.set(names[ai], value)
  let missing = false
  const filled = link.href.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values.get(name)
    missing ||= value === undefined
    return encodeURIComponent(value ?? '')
  })
  if (missing) return undefined
  return query === '' || link.passQuery === false ? filled : withQuery(filled, query)
}

/** All key=value pairs are handed on (§4.7), behind those of the target and before its fragment. */
function withQuery(href: string, query: string): string {
  const hash = href.indexOf('#')
  const [base, fragment] = hash < 0 ? [href, ''] : [href.slice(0, hash), href.slice(hash)]
  return `${base}${base.includes('?') ? '&' : '?'}${query}${fragment}`
}

/** One context object of a linkset (RFC 9264 §4.2.2). */
export type LinkContext = Record<string, unknown> & { anchor: string }

/** The links of one level, templates filled; the default links once more as such (§4.4). */
export function contextOf(
  { anchor, description, links }: Pick<LinkEntry, 'anchor' | 'description' | 'links'>,
  elements: readonly Pick<Element, 'ai' | 'value'>[],
): LinkContext {
  const context: LinkContext = { anchor, ...(description && { itemDescription: description }) }
  const add = (type: string, target: object): void => {
    const list = context[type] as object[] | undefined
    if (list) list.push(target)
    else context[type] = [target]
  }
  const defaults: { href: string; link: StoredLink }[] = []
  for (const link of links) {
    const href = fillTarget(link, { elements, query: '' })
    if (href === undefined) continue
    add(link.linkType, targetOf(link, href))
    if (link.isDefault) defaults.push({ href, link })
  }
  // The default link carries nothing optional: it is for whoever fits nothing else.
  const [first] = [...defaults].sort((a, b) => traitsOf(a.link) - traitsOf(b.link))
  if (first) add(`${vocabulary}defaultLink`, { href: first.href, title: first.link.title })
  if (defaults.length > 1)
    for (const { href, link } of defaults)
      add(`${vocabulary}defaultLinkMulti`, targetOf(link, href))
  return context
}

const traitsOf = ({ hreflang, type, context }: StoredLink): number =>
  [hreflang, context].filter((trait) => trait !== undefined).length * 2 + Number(type !== undefined)

const targetOf = ({ title, type, hreflang, context }: StoredLink, href: string) => ({
  href,
  title,
  ...(type && { type }),
  ...(hreflang && { hreflang }),
  ...(context && { context }),
})
