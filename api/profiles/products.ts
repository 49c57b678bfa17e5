// Products and their storage profiles. A changed profile makes every mounted logger be looked at
// again, since it may have decided otherwise.
import { z } from '@hono/zod-openapi'
import { parseGtin } from '../../domain/gs1/gs1.ts'
import { warningsOf } from '../../domain/profile/check.ts'
import { parseProfile } from '../../domain/profile/parse.ts'
import { formatProfile, type Profile } from '../../domain/profile/profile.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { markDirty, marking } from '../../store/ledger/detectors.ts'
import { listVersions, type ProfileVersion } from '../../store/ledger/profiles.ts'
import { listProducts, type Product, putProduct, readProduct } from '../../store/ledger/registry.ts'
import { mountedDevices } from '../../store/ledger/trace.ts'
import { attributesSchema } from '../attributes.ts'
import type { Deps } from '../deps.ts'
import {
  cutPage,
  formatTime,
  numberPlace,
  pageOf,
  pageQuery,
  parseCursor,
  textPlace,
  timeQuery,
} from '../page.ts'
import { notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { refuseUnsigned } from '../unsigned.ts'

const example = {
  gtin: '09521234543213',
  name: 'Example vaccine 10 doses',
  profile: { ruleSet: 'pharma-2-8' },
  attributes: { ndc: '12345-678-90', strength: '10 mcg', form: 'vial' },
  version: 1,
  effectiveFrom: null,
  updatedAt: '2026-03-01T12:00:00Z',
}

const productSchema = z
  .object({
    gtin: z.string(),
    name: z.string(),
    profile: z.record(z.string(), z.unknown()),
    attributes: z.record(z.string(), z.unknown()),
    version: z.number().int(),
    effectiveFrom: z.string().nullable().openapi({
      description: 'event time from which the profile judges; null: from the beginning',
    }),
    updatedAt: z.string(),
  })
  .openapi('Product', { example })

const storedSchema = productSchema
  .extend({
    warnings: z
      .array(z.object({ code: z.string(), path: z.string(), detail: z.string() }))
      .optional()
      .openapi({ description: 'what was taken and will hardly tell what it was meant to' }),
  })
  .openapi('StoredProduct')

const bodySchema = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    profile: z.unknown(),
    effectiveFrom: timeQuery.nullish().openapi({
      description:
        'event time from which the profile judges. Null: from the beginning. Not given: a changed profile judges from the beginning, one that did not change from when it did',
    }),
    attributes: attributesSchema
      .optional()
      .openapi({ description: 'NDC, strength, form, brand owner …; not given: as they were' }),
  })
  .openapi('ProductBody', { example: { name: example.name, profile: example.profile } })

const params = z.object({
  gtin: z.string().openapi({ description: '8, 12, 13 or 14 digits', example: example.gtin }),
})
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})

const put = guarded(
  { noun: 'products', verb: 'write' },
  {
    method: 'put',
    path: '/api/v1/products/{gtin}',
    summary: 'Store a product with its storage profile',
    description:
      'The version grows when anything changed; the same body again changes nothing. Readings are judged by the version in force at their event time, of several the one stored last.',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: bodySchema } } },
    },
    responses: { 200: json('The product as it stands', storedSchema) },
  },
)

const get = guarded(
  { noun: 'products', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/products/{gtin}',
    summary: 'Read a product',
    request: { params },
    responses: { 200: json('The product as it stands', productSchema) },
  },
)

const list = guarded(
  { noun: 'products', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/products',
    summary: 'List products by GTIN',
    request: { query: z.object(pageQuery) },
    responses: { 200: json('A page of products', pageOf(productSchema)) },
  },
)

const versionSchema = z
  .object({
    version: z.number().int(),
    effectiveFrom: z.string().nullable(),
    profile: z.record(z.string(), z.unknown()),
    updatedAt: z.string(),
  })
  .openapi('ProfileVersion')

const versions = guarded(
  { noun: 'products', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/products/{gtin}/versions',
    summary: 'List the profiles that a product ever had, newest first',
    request: { params, query: z.object(pageQuery) },
    responses: { 200: json('A page of profiles', pageOf(versionSchema)) },
  },
)

export const products = ({ now }: Deps) =>
  nounApp()
    .openapi(put, async (c) => {
      const { tenant } = c.get('identity')
      const { name, profile: raw, attributes, effectiveFrom: said } = c.req.valid('json')
      const gtin = gtinOf(c.req.valid('param').gtin, 'path/gtin')
      const profile = parseProfile(raw)
      if (!profile.ok) throw new Problem(400, profile.refusals)
      const product = await c.get('ledger').transact(async (db) => {
        const before = await readProduct(db, tenant, gtin)
        if (before && !isSame(before, { profile: profile.value, effectiveFrom: said }))
          await refuseUnsigned(db, { tenant, gtin })
        const told = { tenant, gtin, name, profile: profile.value, updatedAt: now() }
        const after = await putProduct(db, {
          ...told,
          ...(attributes && { attributes }),
          ...(said !== undefined && { effectiveFrom: said }),
        })
        if (after.version !== before?.version) {
          // All loggers rather than those with this product: what is inside may become known later.
          const devices = await mountedDevices(db, tenant)
          const since = after.effectiveFrom ?? 0
          await markDirty(db, tenant, { devices, since, cause: 'profile' })
        }
        return after
      }, marking(tenant))
      const warnings = warningsOf(profile.value)
      return c.json({ ...formatProduct(product), ...(warnings.length > 0 && { warnings }) }, 200)
    })
    .openapi(versions, async (c) => {
      const { tenant } = c.get('identity')
      const gtin = gtinOf(c.req.valid('param').gtin, 'path/gtin')
      const { limit, cursor } = c.req.valid('query')
      const before = parseCursor(cursor, numberPlace)?.[0]
      const rows = await listVersions(
        c.get('ledger').db,
        { tenant, gtin },
        { limit: limit + 1, ...(before !== undefined && { before }) },
      )
      const { items, next } = cutPage(rows, limit, (row) => [row.version])
      return c.json({ items: items.map(formatVersion), next }, 200)
    })
    .openapi(get, async (c) => {
      const gtin = gtinOf(c.req.valid('param').gtin, 'path/gtin')
      const product = await readProduct(c.get('ledger').db, c.get('identity').tenant, gtin)
      if (!product) throw notFound(`no product ${gtin}`, 'path/gtin')
      return c.json(formatProduct(product), 200)
    })
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const after = parseCursor(cursor, textPlace)?.[0]
      const rows = await listProducts(c.get('ledger').db, c.get('identity').tenant, {
        limit: limit + 1,
        ...(after !== undefined && { after }),
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.gtin])
      return c.json({ items: items.map(formatProduct), next }, 200)
    })

/** Whether a body leaves the profile, and from when on it judges, as they are. */
const isSame = (
  before: Product,
  { profile, effectiveFrom }: { profile: Profile; effectiveFrom: number | null | undefined },
): boolean =>
  JSON.stringify(before.profile) === JSON.stringify(profile) &&
  (effectiveFrom === undefined || effectiveFrom === (before.effectiveFrom ?? null))

/** A GTIN as 14 digits; Problem 400 with the place of the fault. */
export function gtinOf(text: string, path: string): string {
  const gtin = parseGtin(text)
  if (gtin.ok) return gtin.value
  throw new Problem(
    400,
    gtin.refusals.map((refusal): Refusal => ({ ...refusal, path })),
  )
}

const formatProduct = ({ gtin, name, attributes, effectiveFrom, ...of }: Product) => ({
  gtin,
  name,
  attributes: attributes ?? {},
  ...formatVersion({ ...of, effectiveFrom: effectiveFrom ?? null }),
})

const formatVersion = ({ version, effectiveFrom, profile, updatedAt }: ProfileVersion) => ({
  profile: formatProfile(profile),
  version,
  effectiveFrom: effectiveFrom === null ? null : formatTime(effectiveFrom),
  updatedAt: formatTime(updatedAt),
})
