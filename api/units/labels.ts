// Symbols for labels. Lot and expiry of a known unit come from its commissioning unless the request
// tells otherwise.
import { z } from '@hono/zod-openapi'
import { canonicalEpc, parseGs1 } from '../../domain/gs1/gs1.ts'
import { readUnits } from '../../store/ledger/epcs.ts'
import { drawLabel, symbols } from '../../trace/labels.ts'
import { Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'

const route = guarded(
  { noun: 'labels', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/labels/{epc}',
    summary: 'Draw the symbol of a unit, a lot, a container or a place',
    description:
      'GS1 DataMatrix and GS1-128 hold the element string with FNC1, QR Code the Digital Link. ' +
      'The headers Isotherm-Content and Isotherm-Text tell what is in it, percent-encoded.',
    request: {
      params: z.object({
        epc: z
          .string()
          .max(1000)
          .openapi({ description: 'a GS1 key in any syntax, percent-encoded' }),
      }),
      query: z.object({
        symbol: z.enum(symbols).default('datamatrix'),
        format: z.enum(['svg', 'png']).default('svg'),
        lot: z.string().max(100).optional(),
        expiry: z.iso.date().optional(),
        resolver: z
          .url({ protocol: /^https?$/ })
          .max(200)
          .optional()
          .openapi({ description: 'below what the Digital Link of a QR Code stands' }),
        scale: z.coerce.number().int().min(1).max(10).default(3),
        text: z.enum(['true', 'false']).default('true'),
      }),
    },
    responses: {
      200: {
        description: 'The symbol',
        content: {
          'image/svg+xml': { schema: z.string() },
          'image/png': { schema: z.string() },
        },
      },
    },
  },
)

export const labels = () =>
  nounApp().openapi(route, async (c) => {
    const { epc } = c.req.valid('param')
    const { text, lot, expiry, resolver, ...drawing } = c.req.valid('query')
    const canonical = canonicalEpc(epc)
    const known = canonical.ok
      ? (await readUnits(c.get('ledger').db, c.get('identity').tenant, [canonical.value])).get(
          canonical.value,
        )
      : undefined
    const key = parseGs1(epc)
    const told = key.ok && key.value.key === 'sgtin' ? key.value : undefined
    const says = {
      lot: lot ?? told?.lot ?? known?.lot,
      expiry: expiry ?? told?.expiry ?? known?.expiry,
    }
    const label = await drawLabel({
      epc,
      ...drawing,
      text: text === 'true',
      ...(says.lot !== undefined && { lot: says.lot }),
      ...(says.expiry !== undefined && { expiry: says.expiry }),
      ...(resolver !== undefined && { resolver: resolver.replace(/\/+$/, '') }),
    })
    if (!label.ok) throw new Problem(400, label.refusals)
    const { body, mediaType, content, text: readable } = label.value
    return c.body(body as string | Uint8Array<ArrayBuffer>, 200, {
      'Content-Type': mediaType,
      'Isotherm-Content': encodeURIComponent(content),
      'Isotherm-Text': encodeURIComponent(readable),
    })
  })
