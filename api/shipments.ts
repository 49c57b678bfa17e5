// Shipments: containers with a logger mounted on them, what is inside, how warm it is and what
// stands against them.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { readProduct } from '../store/ledger/registry.ts'
import { countOpenAlerts, listMounts, type Mount } from '../store/ledger/trace.ts'
import type { Latest } from '../store/series.ts'
import { contentsAt } from '../trace/contents.ts'
import { epcOf } from './alerts/alerts.ts'
import type { Deps } from './deps.ts'
import { answerList, columnsOf, fileContent, fileQuery, type PageAsked } from './files/files.ts'
import { fileNameOf } from './files/names.ts'
import { cutPage, formatEnd, formatTime, pageOf, parseCursor } from './page.ts'
import { newestOf } from './positions.ts'
import { guarded, nounApp } from './route.ts'
import type { Row } from './rows.ts'

const shipmentSchema = z
  .object({
    container: z.string(),
    device: z.string(),
    mountedFrom: z.string(),
    mountedTo: z.string().nullable(),
    products: z.array(z.object({ gtin: z.string(), name: z.string() })),
    unitCount: z.number().int(),
    unitCountComplete: z
      .boolean()
      .openapi({ description: 'false: at least so many; a list does not count them all' }),
    openAlerts: z.number().int(),
    latest: z.object({ time: z.string(), value: z.number() }).nullable().openapi({
      description: 'newest temperature, °C; null without one and while the series store is away',
    }),
  })
  .openapi('Shipment')

const list = guarded(
  { noun: 'shipments', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/shipments',
    summary: 'List monitored containers',
    request: {
      query: z.object({
        ...fileQuery,
        all: z
          .enum(['0', '1', 'false', 'true'])
          .default('0')
          .openapi({ description: '1: with those whose logger was taken off' }),
        container: z
          .string()
          .max(500)
          .optional()
          .openapi({ description: 'only this one: Digital Link, URN or element string' }),
      }),
    },
    responses: {
      200: {
        description: 'A page of shipments, by container, or all of them as a file',
        content: { 'application/json': { schema: pageOf(shipmentSchema) }, ...fileContent },
      },
    },
  },
)

const place = z.tuple([z.string(), z.int(), z.string()])

export const shipments = (deps: Deps) =>
  nounApp().openapi(list, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const asked = c.req.valid('query')
    return answerList(c, asked, {
      ...{ columns, row: rowOf, fileName: fileNameOf('shipments', asked.container, deps.now()) },
      read: (page) => shipmentsOf(deps, { db, tenant }, { ...asked, ...page }),
    }) as never
  })

const columns = columnsOf({
  ...{ container: 'text', device: 'text', mountedFrom: 'time', mountedTo: 'time' },
  ...{ products: 'text', unitCount: 'integer', openAlerts: 'integer', latestAt: 'time' },
  latestC: 'celsius',
})

const rowOf = ({ products, latest, ...row }: z.output<typeof shipmentSchema>): Row => ({
  ...row,
  products: products.map(({ gtin, name }) => (name ? `${name} (${gtin})` : gtin)).join(', '),
  ...{ latestAt: latest?.time, latestC: latest?.value },
})

async function shipmentsOf(
  deps: Deps,
  { db, tenant }: { db: LedgerQuery; tenant: string },
  { limit, cursor, all, container }: PageAsked & z.output<typeof list.request.query>,
) {
  const after = parseCursor(cursor, place)
  const now = deps.now()
  const rows = await listMounts(db, tenant, {
    now,
    ended: all === '1' || all === 'true',
    limit: limit + 1,
    ...(container !== undefined && { container: epcOf(container, 'query/container') }),
    ...(after && { after }),
  })
  const page = cutPage(rows, limit, (row) => [row.container, row.from, row.device])
  const devices = [...new Set(page.items.map((mount) => mount.device))]
  const counts = await countOpenAlerts(db, tenant, devices)
  const latest = await newestOf(deps, tenant, devices)
  const names = new Map<string, string>()
  const items = []
  for (const mount of page.items) {
    const contents = await contentsOf(db, { tenant, mount, now })
    const products = []
    for (const gtin of contents.gtins)
      products.push({ gtin, name: await nameOf(db, { tenant, gtin, names }) })
    const own = counts.find(
      (row) => row.device === mount.device && row.container === mount.container,
    )
    items.push({
      container: mount.container,
      device: mount.device,
      mountedFrom: formatTime(mount.from),
      mountedTo: formatEnd(mount.to),
      products,
      unitCount: contents.units,
      unitCountComplete: contents.complete,
      openAlerts: Number(own?.count ?? 0),
      latest: temperatureOn(mount, latest.get(mount.device) ?? []),
    })
    // The ledger answers in this thread: devices waiting for an acknowledgement come between.
    await nextTurn()
  }
  return { items, next: page.next }
}

/** Inside now; for a mount that ended, inside when it ended. */
const contentsOf = (
  db: LedgerQuery,
  { tenant, mount, now }: { tenant: string; mount: Mount; now: number },
) =>
  contentsAt(db, tenant, {
    container: mount.container,
    at: Math.max(mount.from, Math.min(now, mount.to - 1)),
    unitsMax: bounds.shipmentUnitsMax,
  })

async function nameOf(
  db: LedgerQuery,
  { tenant, gtin, names }: { tenant: string; gtin: string; names: Map<string, string> },
): Promise<string> {
  const known = names.get(gtin) ?? (await readProduct(db, tenant, gtin))?.name ?? ''
  names.set(gtin, known)
  return known
}

/** A logger that has moved on says nothing of where it was. */
function temperatureOn({ from, to }: Mount, rows: readonly Latest[]) {
  const row = rows.find(({ channel }) => channel === 'temperature')
  return row && row.time >= from && row.time < to
    ? { time: formatTime(row.time), value: row.value }
    : null
}
