// Where the Digital Link of a key, a lot or a serial leads: stored, read and removed by its owner.
// Targets are https only, so that a resolver sends nobody to where others can listen.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { readElements } from '../domain/gs1/gs1.ts'
import {
  deleteLinks,
  type LinkEntry,
  listLinks,
  putLinks,
  readLinks,
  type StoredLink,
} from '../store/ledger/links.ts'
import { linkTypeUri } from '../trace/link-choice.ts'
import { anchorOf, refuseTarget } from '../trace/links.ts'
import type { Deps } from './deps.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, textPlace } from './page.ts'
import { invalid, notFound, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const languageTag = z
  .string()
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/, 'want a language tag')
const mediaType = z.string().regex(/^[a-z]+\/[A-Za-z0-9][A-Za-z0-9.+-]{0,80}$/, 'want type/subtype')

const linkSchema = z.strictObject({
  linkType: z
    .string()
    .max(200)
    .openapi({ description: 'gs1:pip, gs1:recallStatus, … or an absolute URI' }),
  href: z
    .string()
    .max(bounds.linkCharsMax)
    .openapi({ description: 'https only; {gtin}, {lot}, {serial}, {key} … stand for values' }),
  title: z.string().min(1).max(200),
  hreflang: z.array(languageTag).min(1).max(20).optional(),
  type: mediaType.optional(),
  context: z.array(z.string().min(1).max(100)).min(1).max(20).optional(),
  isDefault: z.boolean().optional().openapi({
    description: 'taken when no type is asked for; of several the one that fits best',
  }),
  passQuery: z.boolean().optional().openapi({ description: 'false: queries are not handed on' }),
})
const bodySchema = z
  .strictObject({
    description: z.string().max(500).optional(),
    links: z.array(linkSchema).max(bounds.linksPerKeyMax),
  })
  .openapi('Links', {
    example: {
      links: [
        {
          linkType: 'gs1:pip',
          href: 'https://example.com/products/{gtin}',
          title: 'Product information',
          hreflang: ['en'],
          isDefault: true,
        },
      ],
    },
  })
const entrySchema = z
  .object({
    anchor: z.string(),
    description: z.string().nullable(),
    links: z.array(linkSchema),
    updatedAt: z.string(),
  })
  .openapi('LinkEntry')
const params = z.object({
  key: z.string().max(1000).openapi({
    description: 'a GS1 key in any syntax, with lot or serial or without, percent-encoded',
  }),
})
const entryContent = { 'application/json': { schema: entrySchema } }
const path = '/api/v1/links/{key}'

const put = guarded(
  { noun: 'masterData', verb: 'write' },
  {
    method: 'put',
    path,
    summary: 'Say where a Digital Link leads',
    tags: ['links'],
    description: 'Takes the place of all links that this key, lot or serial had.',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: bodySchema } } },
    },
    responses: { 200: { description: 'Stored', content: entryContent } },
  },
)
const get = guarded(
  { noun: 'masterData', verb: 'read' },
  {
    method: 'get',
    path,
    summary: 'Read where a Digital Link leads',
    tags: ['links'],
    request: { params },
    responses: {
      200: { description: 'Its own links, none of those above', content: entryContent },
    },
  },
)
const remove = guarded(
  { noun: 'masterData', verb: 'write' },
  {
    method: 'delete',
    path,
    summary: 'Remove the links of a key, lot or serial',
    tags: ['links'],
    request: { params },
    responses: { 204: { description: 'Removed' } },
  },
)
const list = guarded(
  { noun: 'masterData', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/links',
    summary: 'List keys, lots and serials with links',
    tags: ['links'],
    request: { query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'Ascending by anchor',
        content: { 'application/json': { schema: pageOf(entrySchema) } },
      },
    },
  },
)

export const links = ({ now }: Deps) =>
  nounApp()
    .openapi(put, async (c) => {
      const anchor = anchorFor(c.req.valid('param').key)
      const body = c.req.valid('json')
      const entry: LinkEntry = {
        anchor,
        ...(body.description !== undefined && { description: body.description }),
        links: checkLinks(body.links),
        updatedAt: now(),
      }
      const { tenant } = c.get('identity')
      await c.get('ledger').transact((db) => putLinks(db, tenant, entry))
      return c.json(shownOf(entry), 200)
    })
    .openapi(get, async (c) => {
      const anchor = anchorFor(c.req.valid('param').key)
      const { tenant } = c.get('identity')
      const entry = (await readLinks(c.get('ledger').db, tenant, [anchor])).get(anchor)
      if (!entry) throw notFound(`no links are stored for ${anchor}`, 'path/key')
      return c.json(shownOf(entry), 200)
    })
    .openapi(remove, async (c) => {
      const anchor = anchorFor(c.req.valid('param').key)
      const { tenant } = c.get('identity')
      const gone = await c.get('ledger').transact((db) => deleteLinks(db, tenant, anchor))
      if (!gone) throw notFound(`no links are stored for ${anchor}`, 'path/key')
      return c.body(null, 204)
    })
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const [after] = parseCursor(cursor, textPlace) ?? ['']
      const { tenant } = c.get('identity')
      const rows = await listLinks(c.get('ledger').db, tenant, { after, limit: limit + 1 })
      const { items, next } = cutPage(rows, limit, (entry) => [entry.anchor])
      return c.json({ items: items.map(shownOf), next }, 200)
    })

/** Lot and serial together are an anchor of their own, as in the link that is scanned. */
function anchorFor(text: string): string {
  const read = readElements(text)
  if (!read) throw invalid('this URI holds no GS1 key', 'path/key')
  if (!read.ok)
    throw new Problem(
      400,
      read.refusals.map((refusal) => ({ ...refusal, path: 'path/key' })),
    )
  return anchorOf(read.value)
}

function checkLinks(given: z.output<typeof linkSchema>[]): StoredLink[] {
  const refusals = given.flatMap(({ linkType, href }, i) => {
    const target = refuseTarget(href, `/links/${i}/href`)
    const detail = 'want gs1:pip and the like, or an absolute URI'
    const type = /\/defaultLink(Multi)?$/.test(linkTypeUri(linkType) ?? '')
      ? 'isDefault says this; the type says what is there'
      : linkTypeUri(linkType) === undefined && detail
    const path = `/links/${i}/linkType`
    return [
      ...(target ? [target] : []),
      ...(type ? [{ code: 'request/invalid' as const, path, detail: type }] : []),
    ]
  })
  if (refusals.length > 0) throw new Problem(400, refusals)
  return given.map(({ linkType, href, title, hreflang, type, context, isDefault, passQuery }) => ({
    linkType: linkTypeUri(linkType)!,
    href,
    title,
    ...(hreflang && { hreflang }),
    ...(type !== undefined && { type }),
    ...(context && { context }),
    ...(isDefault !== undefined && { isDefault }),
    ...(passQuery !== undefined && { passQuery }),
  }))
}

const shownOf = ({ anchor, description, links: own, updatedAt }: LinkEntry) => ({
  anchor,
  description: description ?? null,
  links: own,
  updatedAt: formatTime(updatedAt),
})
