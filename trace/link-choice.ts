// Which of several links answers a request (GS1-Conformant Resolver 1.2 §4): by link type, then
// context, language and media type. Pure. Refuses nothing: no match is undefined, and whoever asked
// for a type that is not there is told so rather than sent elsewhere.
import type { StoredLink } from '../store/ledger/links.ts'

export const vocabulary = 'https://ref.gs1.org/voc/'

/** What a request says of the link it wants. */
export interface LinkWish {
  /** Absolute URI; undefined: the default link. */
  linkType?: string | undefined
  context?: string | undefined
  /** Accept-Language (RFC 9110 §12.5.4) and Accept (§12.5.1) as they came. */
  languages?: string | undefined
  mediaTypes?: string | undefined
}

/** `gs1:pip`, `pip` or an absolute URI; the older namespaces of GS1 are the one of today. */
export function linkTypeUri(text: string): string | undefined {
  const own =
    /^(?:gs1:|https?:\/\/(?:www\.)?(?:ref\.)?gs1\.org\/voc\/)?([A-Za-z][A-Za-z0-9]{0,60})$/
  const word = own.exec(text)?.[1]
  if (word !== undefined) return vocabulary + word
  return text.length <= 200 && /^https?:\/\/[^\s<>"\\^`{|}]+$/.test(text) ? text : undefined
}

/** The best link of the first level that has one; levels from the most special to the key. */
export function chooseLink(
  levels: readonly (readonly StoredLink[])[],
  wish: LinkWish,
): StoredLink | undefined {
  const languages = parsePreferences(wish.languages)
  const mediaTypes = parsePreferences(wish.mediaTypes)
  const suits = (link: StoredLink): boolean =>
    wish.linkType === undefined || /\/defaultLink(Multi)?$/.test(wish.linkType)
      ? link.isDefault === true
      : link.linkType === wish.linkType
  for (const level of levels) {
    const scored = level
      .filter(suits)
      .map((link, i) => ({ link, i, score: scoreOf(link, { wish, languages, mediaTypes }) }))
      .sort((a, b) => compare(b.score, a.score) || a.i - b.i)
    if (scored[0]) return scored[0].link
  }
  return undefined
}

interface Preference {
  name: string
  q: number
}

/** Context outweighs language, language the media type; what suits everybody beats a misfit. */
function scoreOf(
  link: StoredLink,
  of: { wish: LinkWish; languages: readonly Preference[]; mediaTypes: readonly Preference[] },
): number[] {
  const context = link.context?.some((one) => one === of.wish.context)
  return [
    link.context === undefined ? 0.5 : context ? 1 : 0,
    link.hreflang === undefined
      ? 0.0001
      : Math.max(...link.hreflang.map(languageScore(of.languages))),
    link.type === undefined ? 0.5 : mediaScore(link.type, of.mediaTypes),
  ]
}

/** Lookup by prefix (RFC 4647 §3.4), either way: `de` serves `de-AT`, `de-AT` serves `de`. */
const languageScore =
  (languages: readonly Preference[]) =>
  (tag: string): number => {
    const own = tag.toLowerCase()
    const exact = languages.find(({ name }) => name === own)
    if (exact) return exact.q
    const root = own.split('-')[0]!
    return languages.find(({ name }) => name.split('-')[0] === root)?.q ?? 0
  }

function mediaScore(type: string, accepted: readonly Preference[]): number {
  const exact = accepted.find(({ name }) => name === type)
  if (exact) return exact.q
  const range = accepted.find(({ name }) => name === `${type.split('/')[0]}/*`)
  return range?.q ?? 0.5 * (accepted.find(({ name }) => name === '*/*')?.q ?? 0)
}

/** At most 20 of them, in lower case; q=0 is "not this one". */
export function parsePreferences(header: string | undefined): Preference[] {
  if (!header) return []
  return header
    .slice(0, 1000)
    .split(',', 20)
    .flatMap((part) => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
      const q = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1)
      return name === '' || !(q > 0) ? [] : [{ name, q: Math.min(q, 1) }]
    })
    .sort((a, b) => b.q - a.q)
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}
