// When a logger will reach the limits of what it watches over, if nobody steps in. Worked out anew
// from its readings at every call; advises people and judges no unit (I10).
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import type { Point } from '../../domain/breach.ts'
import {
  type Forecast,
  type ForecastTarget,
  forecastAt,
  type NoForecast,
  noForecastReasons,
} from '../../domain/forecast/forecast.ts'
import { lookBackMs } from '../../domain/forecast/look.ts'
import { modelHash } from '../../domain/forecast/model.ts'
import { isTemperature } from '../../domain/reading.ts'
import type { Device } from '../../store/ledger/registry.ts'
import type { Series } from '../../store/series.ts'
import { type Monitored, readMonitored } from '../../trace/monitored.ts'
import type { Deps } from '../deps.ts'
import { formatTime, timeQuery } from '../page.ts'
import { guarded, nounApp } from '../route.ts'
import { deviceOr404 } from './devices.ts'
import { deviceIdPattern } from './schemas.ts'

const minutes = z.number()
const forecastSchema = z
  .object({
    expectedAt: z.string().openapi({ description: 'as likely before as after' }),
    lowAt: z.string().openapi({ description: 'begin of the 90 % interval' }),
    highAt: z.string(),
    minutes: z.object({ expected: minutes, low: minutes, high: minutes }).openapi({
      description: 'the same, from the newest reading',
    }),
    probability: z.number().openapi({ description: 'that it is reached within four hours' }),
    newton: z
      .object({
        ambientC: z.number().nullable().openapi({ description: 'null: it rises in a line' }),
        timeConstantMinutes: z.number().nullable(),
        rmseC: z.number(),
        from: z.string().openapi({ description: 'the first reading since the last change' }),
        readings: z.number().int(),
        expectedAt: z.string().nullable().openapi({ description: 'null: it settles before' }),
      })
      .openapi({ description: 'the fitted curve alone' }),
  })
  .nullable()

const limitSchema = z.object({
  channel: z.string(),
  container: z.string().nullable(),
  gtin: z.string().nullable(),
  rule: z.string().nullable().openapi({ description: 'null: the limit was asked for' }),
  side: z.enum(['above', 'below']),
  limitC: z.number(),
  latest: z.object({ time: z.string(), value: z.number() }).nullable(),
  forecast: forecastSchema,
  reason: z.enum(noForecastReasons).nullable().openapi({ description: 'of no forecast' }),
})

const answerSchema = z
  .object({
    device: z.string(),
    model: z.string().openapi({ description: 'SHA-256 of the weights that spoke' }),
    items: z.array(limitSchema),
  })
  .openapi('DeviceForecast')

const get = guarded(
  { noun: 'devices', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/devices/{id}/forecast',
    summary: 'Foretell when a logger reaches the limits it watches over',
    description:
      'Of the profiles and the label of what it is mounted on, or of one limit that is asked for. No forecast comes with its reason.',
    request: {
      params: z.object({ id: z.string().regex(deviceIdPattern) }),
      query: z.object({
        at: timeQuery
          .optional()
          .openapi({ description: 'as if it were then; readings after it have no say' }),
        limitC: z.coerce.number().min(-273.15).max(1000).optional(),
        side: z.enum(['above', 'below']).default('above'),
      }),
    },
    responses: {
      200: { description: 'Forecasts', content: { 'application/json': { schema: answerSchema } } },
    },
  },
)

export const deviceForecast = (deps: Deps) =>
  nounApp().openapi(get, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const { at = deps.now(), limitC, side } = c.req.valid('query')
    const device = await deviceOr404(db, tenant, c.req.valid('param').id)
    const asked = limitC === undefined ? undefined : { limit: limitC, side }
    const unitsMax = bounds.shipmentUnitsMax
    const targets: (ForecastTarget & Partial<Monitored>)[] = asked
      ? [asked]
      : device.giai === undefined
        ? []
        : await readMonitored(db, { tenant, giai: device.giai, at, unitsMax })
    const items = []
    for (const { channel } of await deps.series.latest(tenant, device.id)) {
      if (!isTemperature(channel)) continue
      const points = await recentOf(deps.series, device, { channel, at })
      // Of a logger that says nothing any more nobody knows what is to come.
      const isSilent = at - (points.at(-1)?.time ?? at) > bounds.forecastStaleMs
      for (const target of targets) items.push(formatLimit(channel, { points, isSilent }, target))
    }
    return c.json({ device: device.id, model: modelHash, items }, 200)
  })

/** What a forecast looks at, up to a moment and with it. */
function recentOf(
  series: Series,
  { tenant, id }: Device,
  { channel, at }: { channel: string; at: number },
): Promise<Point[]> {
  const span = { tenant, device: id, channel, from: at - lookBackMs - spareMs, to: at + 1 }
  return series.range({ ...span, limit: bounds.forecastReadingsMax })
}

/** The newest reading is a while ago, and a forecast looks back from it. */
const spareMs = 86_400_000

function formatLimit(
  channel: string,
  { points, isSilent }: { points: readonly Point[]; isSilent: boolean },
  target: ForecastTarget & Partial<Monitored>,
) {
  const said = isSilent ? ({ reason: 'holes' } as const) : forecastAt(points, target)
  const last = points.at(-1)
  return {
    channel,
    container: target.container ?? null,
    gtin: target.gtin ?? null,
    rule: target.rule ?? null,
    side: target.side,
    limitC: target.limit,
    latest: last ? { time: formatTime(last.time), value: last.value } : null,
    ...formatSaid(said),
  }
}

const minuteMs = 60_000
const tenth = (ms: number): number => Math.round((ms / minuteMs) * 10) / 10

/** As the API and the live stream say it. */
function formatSaid(said: Forecast | NoForecast) {
  if (!('expectedMs' in said)) return { forecast: null, reason: said.reason }
  const { at, expectedMs, lowMs, highMs, probability, newton, newtonMs } = said
  const when = (ms: number): string => formatTime(Math.round(at + ms))
  return {
    forecast: {
      expectedAt: when(expectedMs),
      lowAt: when(lowMs),
      highAt: when(highMs),
      minutes: { expected: tenth(expectedMs), low: tenth(lowMs), high: tenth(highMs) },
      probability,
      newton: {
        ambientC: Number.isFinite(newton.ambient) ? newton.ambient : null,
        timeConstantMinutes: newton.k > 0 ? tenth(1 / newton.k) : null,
        rmseC: newton.rmse,
        from: formatTime(Math.round(newton.from)),
        readings: newton.readings,
        expectedAt: Number.isFinite(newtonMs) ? when(newtonMs) : null,
      },
    },
    reason: null,
  }
}
