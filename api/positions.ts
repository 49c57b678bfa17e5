// Where monitored containers were last seen by their loggers, many in one answer: for maps. What is
// inside them is the shipments' affair.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { spotOf } from '../domain/earth.ts'
import { Unavailable } from '../domain/refusal.ts'
import { countOpenAlerts, listMounts, type Mount } from '../store/ledger/trace.ts'
import { epcOf } from './alerts/alerts.ts'
import type { Deps } from './deps.ts'
import {
  cutPage,
  formatEnd,
  formatTime,
  limitQuery,
  pageOf,
  pageQuery,
  parseCursor,
} from './page.ts'
import { guarded, nounApp } from './route.ts'

const reading = z.object({ time: z.string(), value: z.number() })
const positionSchema = z
  .object({
    container: z.string(),
    device: z.string(),
    mountedFrom: z.string(),
    mountedTo: z.string().nullable(),
    openAlerts: z.number().int(),
    latest: reading.nullable().openapi({ description: 'newest temperature, °C' }),
    position: z
      .object({
        time: z.string(),
        lat: z.number(),
        lon: z.number(),
        accuracyM: z.number().nullable(),
      })
      .nullable()
      .openapi({
        description:
          'newest position that was told while it was mounted; null without one and while the series store is away',
      }),
  })
  .openapi('Position')

const list = guarded(
  { noun: 'shipments', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/positions',
    summary: 'List where monitored containers were last seen',
    request: {
      query: z.object({
        ...pageQuery,
        limit: limitQuery(bounds.positionsPageMax, bounds.positionsPageMax),
        all: z
          .enum(['0', '1'])
          .default('0')
          .openapi({ description: '1: with those whose logger was taken off' }),
        container: z.string().max(500).optional(),
      }),
    },
    responses: {
      200: {
        description: 'A page of positions, by container',
        content: { 'application/json': { schema: pageOf(positionSchema) } },
      },
    },
  },
)

const place = z.tuple([z.string(), z.int(), z.string()])

export const positions = (deps: Deps) =>
  nounApp().openapi(list, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const { limit, cursor, all, container } = c.req.valid('query')
    const after = parseCursor(cursor, place)
    const rows = await listMounts(db, tenant, {
      now: deps.now(),
      ended: all === '1',
      limit: limit + 1,
      ...(container !== undefined && { container: epcOf(container, 'query/container') }),
      ...(after && { after }),
    })
    const page = cutPage(rows, limit, (row) => [row.container, row.from, row.device])
    const devices = [...new Set(page.items.map(({ device }) => device))]
    const counts = new Map<string, number>()
    for (const { device, container, count } of await countOpenAlerts(db, tenant, devices))
      counts.set(`${device} ${container}`, Number(count))
    const items = []
    for (const [index, mount] of page.items.entries()) {
      items.push({
        container: mount.container,
        device: mount.device,
        mountedFrom: formatTime(mount.from),
        mountedTo: formatEnd(mount.to),
        openAlerts: counts.get(`${mount.device} ${mount.container}`) ?? 0,
        ...(await newestOf(deps, tenant, mount)),
      })
      // Devices waiting for an acknowledgement come between.
      if (index % 50 === 49) await nextTurn()
    }
    return c.json({ items, next: page.next }, 200)
  })

/** What the logger told last, as far as it was on this container then. */
async function newestOf({ series }: Deps, tenant: string, { device, from, to }: Mount) {
  try {
    const rows = await series.latest(tenant, device)
    const own = (channel: string) => {
      const row = rows.find((entry) => entry.channel === channel)
      return row && row.time >= from && row.time < to ? row : undefined
    }
    const temperature = own('temperature')
    const [lat, lon, accuracy] = [own('lat'), own('lon'), own('accuracy')]
    // Of one fix or of none: two halves of different moments are no place.
    const fix = lat && lon && lat.time === lon.time ? spotOf(lat.value, lon.value, 0) : undefined
    return {
      latest: temperature ? { time: formatTime(temperature.time), value: temperature.value } : null,
      position:
        fix && lat && lon
          ? {
              time: formatTime(lat.time),
              lat: lat.value,
              lon: lon.value,
              accuracyM: accuracy?.time === lat.time ? accuracy.value : null,
            }
          : null,
    }
  } catch (error) {
    if (error instanceof Unavailable) return { latest: null, position: null }
    throw error
  }
}
