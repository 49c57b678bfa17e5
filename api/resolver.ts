// GS1 Digital Link at the root, a GS1-Conformant Resolver 1.2: redirects to the links that the
// owner of a key has stored, or lists them as a linkset (RFC 9264). Every well-formed key without
// stored links is answered the same, known or not, so that scanning tells a stranger nothing of
// what is here (I8); whether a serial is genuine is for /api/v1/verify. Leads nowhere that was not
// stored.
import { z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { chainsOf, type Element } from '../domain/gs1/ai.ts'
import { formatDigitalLink, keyOf, readElements } from '../domain/gs1/gs1.ts'
import type { LinkEntry } from '../store/ledger/links.ts'
import { readLinks } from '../store/ledger/links.ts'
import { chooseLink, linkTypeUri, parsePreferences, vocabulary } from '../trace/link-choice.ts'
import { anchorOf, contextOf, fillTarget, type LinkContext, levelsOf } from '../trace/links.ts'
import { prefersPage, shareFreely } from './askers.ts'
import type { Deps } from './deps.ts'
import type { Env } from './identity.ts'
import { answerError, invalid, notFound, Problem } from './problem.ts'
import { nounApp, open } from './route.ts'
import type { Strangers } from './strangers.ts'
import { pageOfGeneral, pageOfProblem } from './verify.ts'

/** Keys with a value of their own in the path (GS1 Digital Link: URI Syntax 1.4 §4.5). */
const keys = [
  ...['00', '01', '253', '255', '401', '402', '414', '415', '417'],
  ...['8003', '8004', '8006', '8010', '8013', '8017', '8018'],
] as const
/** Their names in version 1.1 of the standard. */
const oldNames = [
  ...['sscc', 'gtin', 'gdti', 'gcn', 'ginc', 'gsin', 'gln', 'party', 'grai', 'giai', 'itip'],
  ...['cpid', 'gmn', 'gsrnp', 'gsrn'],
]

const linksetType = 'application/linkset+json'
const linksetContext = 'https://ref.gs1.org/standards/resolver/linkset-context'

/** As Hono knows them: each key by itself and with every set of its qualifiers, in their order. */
export const digitalLinkPaths: readonly string[] = keys.flatMap((ai) => [
  ...new Set([`/${ai}/:key`, ...chainsOf(ai)!.flatMap((chain) => pathsOf(ai, chain))]),
])

function pathsOf(ai: string, chain: readonly string[]): string[] {
  return Array.from({ length: 1 << chain.length }, (_, mask) => {
    const set = chain.filter((_, i) => mask & (1 << i))
    return `/${ai}/:key${set.map((one) => `/${one}/:ai${one}`).join('')}`
  })
}

const responses = {
  200: {
    description: 'A linkset (RFC 9264): all links there are',
    content: { [linksetType]: { schema: z.looseObject({}) } },
  },
  307: { description: 'The link asked for, or the default link' },
}
const query = z.object({
  linkType: z.string().max(200).optional().openapi({
    description: '`gs1:pip` and the like; `linkset` or `all` for the list',
  }),
  context: z.string().max(100).optional(),
})

const description = open({
  method: 'get',
  path: '/.well-known/gs1resolver',
  tags: ['Digital Link'],
  summary: 'What this resolver can do',
  responses: {
    200: {
      description: 'Resolver description file',
      content: { 'application/json': { schema: z.looseObject({}) } },
    },
  },
})

export function resolver({ strangers: settings, now, report }: Deps, strangers: Strangers) {
  const app = nounApp()
  app.onError((error, c) => {
    // Who scanned a code that is no GS1 key holds a package; who asks for a link knows what it is.
    const scanned = error instanceof Problem && error.refusals.every(({ path }) => path === 'path')
    return (
      (scanned ? pageOfProblem(error, c, strangers.contact) : undefined) ??
      answerError(error, c, report)
    )
  })
  const rootOf = (c: Context): string => settings?.resolverUrl ?? new URL(c.req.url).origin
  for (const tree of [...keys, ...oldNames])
    app.use(`/${tree}/*`, shareFreely, methodsOnly, strangers.admit)
  app.use('/.well-known/gs1resolver', shareFreely, methodsOnly)
  const answer = (c: Context<Env>) => resolve(c, { strangers, root: rootOf(c), now })
  for (const path of digitalLinkPaths)
    app.openapi(
      open({
        method: 'get',
        path: path.replaceAll(/:(\w+)/g, '{$1}'),
        tags: ['Digital Link'],
        summary: `Resolve AI ${path
          .split('/')
          .filter((part) => /^\d/.test(part))
          .join(', ')}`,
        request: { params: paramsOf(path), query },
        responses,
      }),
      answer,
    )
  app.openapi(description, (c) => c.json(describe(rootOf(c)), 200))
  // Old names, a slash at the end, qualifiers in a wrong order: read, or refused with the reason.
  for (const tree of [...keys, ...oldNames]) app.all(`/${tree}/*`, answer)
  return app
}

const paramsOf = (path: string) =>
  z.object(
    Object.fromEntries(
      [...path.matchAll(/:(\w+)/g)].map(([, name]) => [name!, z.string().max(200)]),
    ),
  )

async function resolve(
  c: Context<Env>,
  { strangers, root, now }: { strangers: Strangers; root: string; now: () => number },
): Promise<Response> {
  const url = new URL(c.req.url)
  const elements = elementsOf(url)
  const levels = levelsOf(elements)
  const found = await readLinks(strangers.ledger.db, strangers.tenant, levels)
  const entries = levels.flatMap((level) => found.get(level) ?? [])
  const accepted = parsePreferences(c.req.header('Accept'))
  const wanted = url.searchParams.get('linkType') ?? undefined
  c.header('Link', linksetLink(url, root))
  c.header('Vary', 'Accept, Accept-Language')
  c.header('Cache-Control', 'private, max-age=60')
  const listed =
    wanted === 'linkset' ||
    wanted === 'all' ||
    accepted.some(({ name }) => /^application\/linkset(\+json)?$/.test(name))
  if (listed) return formatLinkset(c, { entries, elements, root })
  const linkType = wanted === undefined ? undefined : linkTypeUri(wanted)
  if (wanted !== undefined && linkType === undefined)
    throw invalid('want gs1:pip and the like, an absolute URI, or linkset', 'query/linkType')
  const own = ownTarget(elements, { linkType, page: prefersPage(c.req.header('Accept')) })
  const target = targetOf(entries, { c, url, elements, linkType }) ?? own
  if (target !== undefined) {
    await recordScan(c, { strangers, elements, at: now() })
    return c.body(null, 307, { Location: target })
  }
  if (wanted !== undefined) throw notFound(`there is no link of type ${linkType}`, 'query/linkType')
  // Whoever comes with a browser holds a package, and no program that reads links.
  if (prefersPage(c.req.header('Accept'))) return pageOfGeneral(c, strangers.contact)
  return formatLinkset(c, { entries, elements, root })
}

function elementsOf(url: URL): Element[] {
  // The host says nothing: whatever name leads here. Nor does a slash that somebody's mail program
  // or a copied address put at the end.
  const path = url.pathname.replace(/\/$/, '')
  const read = readElements(`https://id.gs1.org${path}${url.search}`)
  if (!read) throw invalid('this path holds no GS1 key', 'path')
  if (!read.ok)
    throw new Problem(
      400,
      // Places in the path as it came, not behind a host that nobody named.
      read.refusals.map(({ at, length, ...refusal }) => ({
        ...refusal,
        path: 'path',
        ...(at !== undefined && { at: Math.max(0, at - 'https://id.gs1.org'.length) }),
        ...(length !== undefined && { length }),
      })),
    )
  return read.value
}

function targetOf(
  entries: readonly LinkEntry[],
  of: { c: Context; url: URL; elements: Element[]; linkType: string | undefined },
): string | undefined {
  const { c, url, elements, linkType } = of
  const levels = entries.map(({ links }) =>
    links.filter((link) => fillTarget(link, { elements, query: '' }) !== undefined),
  )
  const link = chooseLink(levels, {
    linkType,
    context: url.searchParams.get('context') ?? undefined,
    languages: c.req.header('Accept-Language'),
    mediaTypes: c.req.header('Accept'),
  })
  return link && fillTarget(link, { elements, query: url.search.slice(1) })
}

/** Somebody looked at this unit. Of other keys nobody needs to know. */
async function recordScan(
  c: Context,
  { strangers, elements, at }: { strangers: Strangers; elements: Element[]; at: number },
): Promise<void> {
  const key = keyOf(elements, '')
  if (!key.ok || key.value.key !== 'sgtin' || c.req.method === 'HEAD') return
  const epc = formatDigitalLink(key.value)
  const session = await strangers.sessionOf(c)
  const { lot, expiry } = key.value
  const hash = await strangers.hashOf(epc)
  const scan = { epc, hash, session, source: 'resolver' as const, at, lot, expiry }
  await strangers.record(strangers.ledger, strangers.tenant, [scan])
}

/** Where verification is, for who asks for it or comes with a browser; alike for every serial. */
function ownTarget(
  elements: Element[],
  of: { linkType: string | undefined; page: boolean },
): string | undefined {
  const asked = of.linkType === `${vocabulary}verificationService`
  if (!asked && !(of.page && of.linkType === undefined)) return undefined
  const key = keyOf(elements, '')
  return key.ok && key.value.key === 'sgtin' ? verifyUrl(elements) : undefined
}

const verifyUrl = (elements: readonly Element[], root = ''): string => {
  const dates = elements.filter(({ ai }) => ai === '17').map(({ value }) => `?17=${value}`)
  return `${root}/api/v1/verify/${encodeURIComponent(anchorOf(elements) + dates.join(''))}`
}

/** All links of each level, the most special first, and where verification and the unit are. */
function formatLinkset(
  c: Context,
  { entries, elements, root }: { entries: LinkEntry[]; elements: Element[]; root: string },
): Response {
  const key = keyOf(elements, '')
  if (!key.ok) throw new Problem(400, key.refusals)
  const anchor = formatDigitalLink(key.value)
  const contexts = entries.map((entry) => contextOf(entry, elements))
  const stored = contexts.find((context) => context.anchor === anchor)
  const own: LinkContext = stored ?? { anchor }
  if (!stored) contexts.unshift(own)
  add(own, 'traceability', {
    href: `${root}/api/v1/units/${encodeURIComponent(anchor)}`,
    title: 'The unit, for holders of a token',
    type: 'application/json',
  })
  if (key.value.key === 'sgtin')
    add(own, 'verificationService', {
      href: verifyUrl(elements, root),
      title: 'Is this product genuine?',
      type: 'text/html',
      hreflang: ['en'],
    })
  const body = JSON.stringify({ linkset: contexts })
  const context = `<${linksetContext}>; rel="http://www.w3.org/ns/json-ld#context"`
  c.header('Link', `${context}; type="application/ld+json"`, { append: true })
  return c.body(body, 200, { 'Content-Type': linksetType })
}

function add(context: LinkContext, type: string, target: object): void {
  const name = vocabulary + type
  context[name] = [...((context[name] as object[] | undefined) ?? []), target]
}

/**
 * §4.4: told even when redirecting. The path is percent-encoded: nothing of it leaves the brackets.
 */
const linksetLink = (url: URL, root: string): string =>
  `<${root}${url.pathname}?linkType=linkset>; rel="linkset"; type="${linksetType}"`

const describe = (root: string) => ({
  name: 'Isotherm',
  resolverRoot: root,
  supportedPrimaryKeys: [...keys],
  supportedLinkType: [{ namespace: vocabulary, prefix: 'gs1:' }],
  linkTypeDefaultCanBeLinkset: true,
  supportsLanguageVariants: true,
  supportsSemanticInterpretation: false,
  validatesAIcombinations: true,
  jsonLdContextLocation: linksetContext,
})

const methodsOnly: MiddlewareHandler<Env> = async (c, next) => {
  if (['GET', 'HEAD'].includes(c.req.method)) return next()
  const detail = `${c.req.method} is not possible here: GET, HEAD, OPTIONS`
  throw new Problem(405, [{ code: 'request/invalid', path: '', detail }], {
    Allow: 'GET, HEAD, OPTIONS',
  })
}
