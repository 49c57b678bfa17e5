// The trips of a returnable asset, or of any container: filled, moved and emptied, again and again.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { cyclesOf } from '../../trace/cycles.ts'
import { epcOf } from '../alerts/alerts.ts'
import {
  cutPage,
  formatEnd,
  formatTime,
  limitQuery,
  numberPlace,
  pageOf,
  pageQuery,
  parseCursor,
} from '../page.ts'
import { notFound } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'

const cycleSchema = z
  .object({
    number: z.number().int().openapi({ description: '1 is the first that is known' }),
    from: z.string().openapi({ description: 'first packing' }),
    to: z.string().nullable().openapi({ description: 'when nothing was left; null: not yet' }),
    emptied: z.boolean().openapi({ description: 'by one event that took everything out' }),
    children: z.number().int().openapi({ description: 'different things directly inside' }),
    units: z.number().int().openapi({ description: 'serialised trade items at any depth' }),
    places: z
      .array(
        z.object({
          readPoint: z.string().nullable(),
          bizLocation: z.string().nullable(),
          since: z.string(),
        }),
      )
      .openapi({ description: 'where it was seen, in order' }),
    complete: z.boolean().openapi({ description: 'false: there were more places' }),
  })
  .openapi('UnitCycle')

const route = guarded(
  { noun: 'units', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/units/{epc}/cycles',
    summary: 'List the trips of a returnable asset, from packing to emptied',
    request: {
      params: z.object({ epc: z.string().max(1000) }),
      query: z.object({ ...pageQuery, limit: limitQuery(bounds.cyclesPerPageMax, 20) }),
    },
    responses: {
      200: {
        description: 'Ascending by their begin',
        content: { 'application/json': { schema: pageOf(cycleSchema) } },
      },
    },
  },
)

export const unitCycles = () =>
  nounApp().openapi(route, async (c) => {
    const asset = epcOf(c.req.valid('param').epc, 'path/epc')
    const { limit, cursor } = c.req.valid('query')
    const after = parseCursor(cursor, numberPlace)?.[0]
    const page = { asset, after, limit: limit + 1 }
    const rows = await cyclesOf(c.get('ledger').db, c.get('identity').tenant, page)
    if (!rows) throw notFound(`no event names ${asset}`, 'path/epc')
    const { items, next } = cutPage(rows, limit, (row) => [row.from])
    const shown = items.map(({ from, to, places, ...row }) => ({
      ...row,
      from: formatTime(from),
      to: formatEnd(to),
      places: places.map((place) => ({ ...place, since: formatTime(place.since) })),
    }))
    return c.json({ items: shown, next }, 200)
  })
