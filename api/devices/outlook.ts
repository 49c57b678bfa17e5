// When equipment will need somebody: where it changed, and when its trends reach a limit, or why
// nothing can be foretold. Reads means of days; changes nothing and judges no unit.
import { z } from '@hono/zod-openapi'
import type { Interval, Point } from '../../domain/breach.ts'
import { type Outlook, type OutlookLimit, outlookOf } from '../../domain/outlook.ts'
import type { Series } from '../../store/series.ts'
import type { Deps } from '../deps.ts'
import { formatTime, timeQuery } from '../page.ts'
import { invalid } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { deviceOr404 } from './devices.ts'
import { deviceIdPattern } from './schemas.ts'

const outlookSchema = z
  .object({
    device: z.string(),
    from: z.string(),
    to: z.string(),
    channels: z.array(
      z.object({
        channel: z.string(),
        unit: z.string(),
        days: z.number().int(),
        changes: z.array(
          z.object({
            at: z.string(),
            before: z.number(),
            after: z.number(),
            p: z.number().openapi({ description: 'that chance makes such a change' }),
          }),
        ),
        limit: z.number().nullable().openapi({ description: 'null: none is known of it' }),
        forecast: z
          .object({ at: z.string(), low: z.string(), high: z.string(), perDay: z.number() })
          .nullable()
          .openapi({ description: 'when the limit is reached, and the 90 % interval of it' }),
        noForecast: z.enum(['few-days', 'no-trend', 'away', 'far', 'reached']).nullable(),
      }),
    ),
  })
  .openapi('DeviceOutlook')

const get = guarded(
  { noun: 'devices', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/devices/{id}/outlook',
    summary: 'Look when equipment will need somebody',
    description: 'By means of days (UTC) of the last 90 days when no span is given.',
    request: {
      params: z.object({ id: z.string().regex(deviceIdPattern) }),
      query: z.object({ from: timeQuery.optional(), to: timeQuery.optional() }),
    },
    responses: {
      200: { description: 'Outlook', content: { 'application/json': { schema: outlookSchema } } },
    },
  },
)

const dayMs = 86_400_000
const daysDefault = 90
/** Two years: more is another piece of equipment. */
const daysMax = 731

interface Watched {
  unit: string
  /** Of the channel's own unit. */
  scale: number
  limit?: OutlookLimit
  /** Ambient explains it in part. */
  driven?: boolean
}

/** Channels of equipment (domain/transmission/objects.ts) that tell how it wears. */
const watched: Readonly<Record<string, Watched>> = {
  // A compressor that never rests has no reserve left.
  compressor: { unit: '1', scale: 1 / 900, limit: { value: 0.9, side: 'above' }, driven: true },
  compressor2: { unit: '1', scale: 1 / 900, limit: { value: 0.9, side: 'above' }, driven: true },
  doorOpen: { unit: '1', scale: 1 / 900 },
  // POWR of WHO PQS E006: without supply for 24 h.
  holdover: { unit: 'd', scale: 1, limit: { value: 1, side: 'below' } },
  // HEAT of WHO PQS E006.
  temperature: { unit: '°C', scale: 1, limit: { value: 8, side: 'above' }, driven: true },
}

export const deviceOutlook = (deps: Deps) =>
  nounApp().openapi(get, async (c) => {
    const { tenant } = c.get('identity')
    const { from, to } = c.req.valid('query')
    // The day under way is no whole day yet.
    const end = Math.floor((to ?? deps.now()) / dayMs) * dayMs
    const begin = Math.ceil((from ?? end - daysDefault * dayMs) / dayMs) * dayMs
    if (begin >= end) throw invalid('want at least one whole day (UTC)', 'query/from')
    if (end - begin > daysMax * dayMs) throw invalid(`more than ${daysMax} days`, 'query/from')
    const { id } = await deviceOr404(c.get('ledger').db, tenant, c.req.valid('param').id)
    const window = { from: begin, to: end }
    const kept = new Set((await deps.series.channels(tenant, id)).map(({ channel }) => channel))
    const daysOf = (channel: string): Promise<Point[]> =>
      kept.has(channel) ? readDays(deps.series, { tenant, device: id, channel }, window) : empty
    const ambient = await daysOf('ambient')
    const channels = []
    for (const [channel, about] of Object.entries(watched)) {
      if (!kept.has(channel)) continue
      const days = (await daysOf(channel)).map(({ time, value }) => ({
        time,
        value: value * about.scale,
      }))
      const limit = limitFor(channel, days, about)
      const outlook = outlookOf(days, { limit, ambient: about.driven ? ambient : undefined })
      channels.push(formatOutlook(outlook, { channel, about, days, limit }))
    }
    const span = { from: formatTime(begin), to: formatTime(end) }
    return c.json({ device: id, ...span, channels }, 200)
  })

const empty: Promise<Point[]> = Promise.resolve([])

async function readDays(
  series: Series,
  of: { tenant: string; device: string; channel: string },
  window: Interval,
): Promise<Point[]> {
  const buckets = await series.downsample({ ...of, ...window, everyMs: dayMs })
  return buckets.map(({ time, mean }) => ({ time, value: mean }))
}

/** What is not kept between 0 and 8 °C is no refrigerator, and has another limit. */
function limitFor(
  channel: string,
  days: readonly Point[],
  { limit }: Watched,
): OutlookLimit | undefined {
  const fridge = days.filter(({ value }) => value > 0 && value < 8).length > days.length / 2
  return channel === 'temperature' && !fridge ? undefined : limit
}

function formatOutlook(
  { changes, forecast, why }: Outlook,
  of: {
    channel: string
    about: Watched
    days: readonly Point[]
    limit: OutlookLimit | undefined
  },
) {
  return {
    channel: of.channel,
    unit: of.about.unit,
    days: of.days.length,
    changes: changes.map((change) => ({ ...change, at: formatTime(change.at) })),
    limit: of.limit?.value ?? null,
    forecast: forecast && {
      at: formatTime(forecast.at),
      low: formatTime(forecast.low),
      high: formatTime(forecast.high),
      perDay: forecast.perDay,
    },
    noForecast: why,
  }
}
