// GS1 Digital Link at the root: every well-formed key is answered the same, known or not, so that
// scanning tells a stranger nothing of what is here (I8). Who has a token finds the unit behind the
// link.
import { z } from '@hono/zod-openapi'
import { formatDigitalLink, parseGs1 } from '../domain/gs1.ts'
import { Problem } from './problem.ts'
import { nounApp, open } from './route.ts'

const linkset = { 'application/linkset+json': { schema: z.looseObject({}) } }
const responses = {
  200: { description: 'A linkset (RFC 9264) that leads to the unit', content: linkset },
}
const segment = z.string().max(200)

const unit = open({
  method: 'get',
  path: '/01/{gtin}/21/{serial}',
  tags: ['Digital Link'],
  summary: 'Resolve a serialised trade item',
  request: { params: z.object({ gtin: segment, serial: segment }) },
  responses,
})
const logistic = open({
  method: 'get',
  path: '/00/{sscc}',
  tags: ['Digital Link'],
  summary: 'Resolve a logistic unit',
  request: { params: z.object({ sscc: segment }) },
  responses,
})

const linksetType = { 'Content-Type': 'application/linkset+json' }

export const resolver = () =>
  nounApp()
    .openapi(unit, (c) => {
      const { gtin, serial } = c.req.valid('param')
      const link = `https://id.gs1.org/01/${gtin}/21/${encodeURIComponent(serial)}`
      return c.json(formatLinkset(link), 200, linksetType)
    })
    .openapi(logistic, (c) => {
      const link = `https://id.gs1.org/00/${encodeURIComponent(c.req.valid('param').sscc)}`
      return c.json(formatLinkset(link), 200, linksetType)
    })

function formatLinkset(link: string) {
  const key = parseGs1(link)
  if (!key.ok)
    throw new Problem(
      400,
      key.refusals.map((refusal) => ({ ...refusal, path: 'path' })),
    )
  const anchor = formatDigitalLink(key.value)
  const href = `/api/v1/units/${encodeURIComponent(anchor)}`
  const links = [{ href, title: 'The unit, for holders of a token', type: 'application/json' }]
  return { linkset: [{ anchor, 'https://ref.gs1.org/voc/traceability': links }] }
}
