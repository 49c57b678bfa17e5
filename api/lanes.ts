// Lanes with their risk: how often shipments from here to there had an excursion, and what that
// says of the next one. Judges no shipment.
import { z } from '@hono/zod-openapi'
import { laneSplits, readLanes } from '../trace/lanes.ts'
import type { Deps } from './deps.ts'
import { columnsOf, fileAsked, fileContent, fileQuery } from './files/files.ts'
import { fileNameOf } from './files/names.ts'
import { cutPage, formatTime, numberPlace, pageOf, parseCursor, timeQuery } from './page.ts'
import { invalid } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const count = z.number().int()
const share = z.number().min(0).max(1)
const laneSchema = z
  .object({
    origin: z.string().openapi({ description: 'site (GLN) as Digital Link' }),
    destination: z.string(),
    carrier: z.string().nullable().optional(),
    product: z.string().nullable().optional().openapi({ description: 'GTIN; null of several' }),
    month: z.string().optional(),
    shipments: count,
    excursions: count.openapi({ description: 'shipments with an excursion that stands' }),
    exposureMinutes: z.object({ mean: z.number(), most: z.number() }),
    risk: z.object({ mean: share, low: share, high: share }).openapi({
      description: 'share of shipments with an excursion: posterior mean and 90 % interval',
    }),
  })
  .openapi('Lane')

const list = guarded(
  { noun: 'shipments', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/lanes',
    summary: 'List lanes with their risk of an excursion',
    description: 'Of containers whose logger was mounted in the last year when no span is given.',
    request: {
      query: z.object({
        ...fileQuery,
        from: timeQuery.optional(),
        to: timeQuery.optional(),
        by: z
          .string()
          .max(100)
          .default('')
          .openapi({ description: `comma list of ${laneSplits.join(', ')}: splits lanes further` }),
      }),
    },
    responses: {
      200: {
        description: 'A page of lanes, most risk first, or all of them as a file',
        content: {
          'application/json': {
            schema: pageOf(laneSchema).extend({
              from: z.string(),
              to: z.string(),
              shipments: count,
              unplaced: count.openapi({ description: 'without events that say where from and to' }),
              complete: z.boolean().openapi({ description: 'false: not all could be looked at' }),
              prior: z.object({ mean: share, shipments: z.number() }).openapi({
                description: 'what all lanes say of one without shipments, and its weight',
              }),
            }),
          },
          ...fileContent,
        },
      },
    },
  },
)

const spanMsDefault = 365 * 86_400_000

export const lanes = (deps: Deps) =>
  nounApp().openapi(list, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const { from, to, by, limit, cursor, ...reader } = c.req.valid('query')
    const end = to ?? deps.now()
    const window = { from: from ?? end - spanMsDefault, to: end }
    if (window.from >= window.to) throw invalid('from must be before to', 'query/from')
    const names = by.split(',').filter((name) => name !== '')
    const splits = laneSplits.filter((name) => names.includes(name))
    if (splits.length < names.length)
      throw invalid(`want a comma list of ${laneSplits.join(', ')}`, 'query/by')
    const [after = 0] = parseCursor(cursor, numberPlace) ?? []
    const found = await readLanes(db, tenant, { window, splits, now: deps.now() })
    const fileName = fileNameOf('lanes', window.from, window.to)
    const file = await fileAsked(c, { columns, fileName, batches: rowsOf(found.lanes) }, reader)
    if (file) return file as never
    const rows = found.lanes.map((lane, index) => ({ lane, place: index + 1 }))
    const page = cutPage(rows.slice(after), limit, ({ place }) => [place])
    const { shipments, unplaced, complete, prior } = found
    const span = { from: formatTime(window.from), to: formatTime(window.to) }
    const items = page.items.map(({ lane }) => lane)
    return c.json({ items, next: page.next, ...span, shipments, unplaced, complete, prior }, 200)
  })

const columns = columnsOf({
  ...{ origin: 'text', destination: 'text', carrier: 'text', product: 'text', month: 'text' },
  ...{ shipments: 'integer', excursions: 'integer', meanMinutes: 'number', mostMinutes: 'number' },
  ...{ risk: 'number', riskLow: 'number', riskHigh: 'number' },
})

async function* rowsOf(lanes: Awaited<ReturnType<typeof readLanes>>['lanes']) {
  yield lanes.map(({ exposureMinutes, risk, ...lane }) => ({
    ...lane,
    ...{ meanMinutes: exposureMinutes.mean, mostMinutes: exposureMinutes.most },
    ...{ risk: risk.mean, riskLow: risk.low, riskHigh: risk.high },
  }))
}
