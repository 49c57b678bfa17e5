// The public keys by which hand-overs and the evidence of a tenant are signed, for everybody: who
// was handed something over asks here whose it is. Tells nothing else that is kept here.
import { z } from '@hono/zod-openapi'
import { type HandOverKey, readHandOverKeys } from '../store/ledger/hand-overs.ts'
import type { Deps } from './deps.ts'
import { nounApp, open } from './route.ts'

const published = open({
  method: 'get',
  path: '/.well-known/isotherm-keys/{tenant}',
  tags: ['handOvers'],
  summary: 'The keys by which hand-overs of a tenant are signed, as a JWK set (RFC 7517)',
  request: { params: z.object({ tenant: z.string().max(200) }) },
  responses: {
    200: {
      description: 'Public keys',
      content: { 'application/json': { schema: z.object({ keys: z.array(z.looseObject({})) }) } },
    },
  },
})

/** Nobody who asks has a tenant: it is in the path. */
export const publishedKeys = ({ ledger }: Deps) =>
  nounApp().openapi(published, async (c) => {
    const { tenant } = c.req.valid('param')
    const keys = await readHandOverKeys(ledger.forTenant(tenant).db, tenant)
    return c.json({ keys: keys.filter(signs).map(formatJwk) }, 200)
  })

export const signs = ({ privateKey, revokedAt }: HandOverKey): boolean =>
  privateKey !== null && revokedAt === null

export const formatJwk = ({ id, publicKey }: HandOverKey) => ({
  ...{ kty: 'OKP' as const, crv: 'Ed25519' as const, x: publicKey },
  ...{ kid: id, use: 'sig', alg: 'EdDSA' },
})
