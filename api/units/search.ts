// Units by a serial number alone, as people read it off a package: looked for among the registered
// products. Who knows the GTIN asks for the unit itself.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { canonicalEpc } from '../../domain/gs1/gs1.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import { listProducts } from '../../store/ledger/registry.ts'
import { pageOf } from '../page.ts'
import { guarded, nounApp } from '../route.ts'

const unitSchema = z
  .object({ epc: z.string(), gtin: z.string(), name: z.string(), serial: z.string() })
  .openapi('FoundUnit')

const search = guarded(
  { noun: 'units', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/units',
    summary: 'Find units by their serial number',
    request: {
      query: z.object({
        serial: z
          .string()
          .min(1)
          .max(20)
          .openapi({ description: 'AI 21, without the GTIN', example: 'A1' }),
      }),
    },
    responses: {
      200: {
        description: 'Those that are known, by GTIN; all of them in one page',
        content: {
          'application/json': {
            schema: pageOf(unitSchema).extend({
              complete: z
                .boolean()
                .openapi({ description: 'false: there are more products than were looked at' }),
            }),
          },
        },
      },
    },
  },
)

export const unitSearch = () =>
  nounApp().openapi(search, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const { serial } = c.req.valid('query')
    const limit = bounds.searchProductsMax
    const products = await listProducts(db, tenant, { limit: limit + 1 })
    const looked = products.slice(0, limit).flatMap(({ gtin, name }) => {
      const epc = canonicalEpc(`(01)${gtin}(21)${serial}`)
      return epc.ok ? [{ epc: epc.value, gtin, name, serial }] : []
    })
    const known = await idsOf(
      db,
      tenant,
      looked.map(({ epc }) => epc),
    )
    const items = looked.filter(({ epc }) => known.has(epc))
    return c.json({ items, next: null, complete: products.length <= limit }, 200)
  })
