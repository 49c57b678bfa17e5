// Where monitored containers were last seen by their loggers, many in one answer: for maps and,
// with what they carry and where they go, for lists. All that is inside is the shipments' affair.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { spotOf } from '../domain/earth.ts'
import { Unavailable } from '../domain/refusal.ts'
import { countOpenAlerts, listMounts, type Mount } from '../store/ledger/trace.ts'
import type { Latest } from '../store/series.ts'
import { type Glance, readGlances } from '../trace/glances.ts'
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
    heardAt: z.string().nullable().openapi({
      description: 'newest reading of any channel while it was mounted',
    }),
    gtins: z.array(z.string()).optional().openapi({
      description: 'with `about`: products inside, of what was looked at; ascending',
    }),
    gtinsComplete: z.boolean().optional().openapi({
      description: 'with `about`; false: there is more inside than a list looks at',
    }),
    journey: z
      .object({
        phase: z
          .enum(['origin', 'transit', 'destination'])
          .openapi({ description: 'transit: shipped, and not yet received' }),
        origin: z.string().nullable().openapi({ description: 'by the plan, else by its shipping' }),
        destination: z.string().nullable(),
        next: z.string().nullable().openapi({ description: 'planned stop it has not reached' }),
        expectedAt: z.string().nullable().openapi({
          description: 'at the destination: as planned, later by what it was late so far',
        }),
        lateSeconds: z.number(),
        last: z
          .object({ place: z.string(), time: z.string(), left: z.boolean() })
          .nullable()
          .openapi({
            description: 'where an event has it last; `left`: it was shipped from there',
          }),
      })
      .optional()
      .openapi({ description: 'with `about`: from events and the plan in master data' }),
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
        about: z.enum(['0', '1']).default('0').openapi({
          description: '1: with what is inside and where it goes',
        }),
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
    const { limit, cursor, all, about, container } = c.req.valid('query')
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
    const latest = await newestOf(deps, tenant, devices)
    const glances =
      about === '1' ? await readGlances(db, tenant, { mounts: page.items, now: deps.now() }) : []
    const items = page.items.map((mount, i) => ({
      container: mount.container,
      device: mount.device,
      mountedFrom: formatTime(mount.from),
      mountedTo: formatEnd(mount.to),
      openAlerts: counts.get(`${mount.device} ${mount.container}`) ?? 0,
      ...toldOn(mount, latest.get(mount.device) ?? []),
      ...(glances[i] && formatGlance(glances[i])),
    }))
    return c.json({ items, next: page.next }, 200)
  })

/** None while the series store is away: what the ledger knows is told all the same (I12). */
export async function newestOf({ series }: Deps, tenant: string, devices: readonly string[]) {
  try {
    return await series.latestOf(tenant, devices)
  } catch (error) {
    if (error instanceof Unavailable) return new Map<string, Latest[]>()
    throw error
  }
}

/** What the logger told last, as far as it was on this container then. */
function toldOn({ from, to }: Mount, rows: readonly Latest[]) {
  const within = rows.filter(({ time }) => time >= from && time < to)
  const own = (channel: string) => within.find((entry) => entry.channel === channel)
  const temperature = own('temperature')
  const [lat, lon, accuracy] = [own('lat'), own('lon'), own('accuracy')]
  // Of one fix or of none: two halves of different moments are no place.
  const fix = lat && lon && lat.time === lon.time ? spotOf(lat.value, lon.value, 0) : undefined
  const heard = within.reduce<number | null>((last, { time }) => Math.max(last ?? time, time), null)
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
    heardAt: heard === null ? null : formatTime(heard),
  }
}

const formatGlance = ({ gtins, complete, progress }: Glance) => {
  const { phase, origin, destination, next, expectedAt, lateMs, last } = progress
  return {
    gtins,
    gtinsComplete: complete,
    journey: {
      ...{ phase, origin, destination, next, lateSeconds: lateMs / 1000 },
      expectedAt: expectedAt === null ? null : formatTime(expectedAt),
      last: last && { ...last, time: formatTime(last.time) },
    },
  }
}
