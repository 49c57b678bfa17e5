// Whether a logger and what it watches are in order: how much is known, and findings for people who
// look after equipment. Changes nothing and judges no unit.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import type { Interval, Point } from '../../domain/breach.ts'
import { calibrationFindings } from '../../domain/calibration.ts'
import { type ClockEstimate, clockFindings, estimateClock } from '../../domain/clock.ts'
import { sessionFindings } from '../../domain/edge-session.ts'
import {
  coverageOf,
  driftAgainst,
  type HealthFinding,
  healthCodes,
  healthKinds,
  lookAt,
  type Stretch,
} from '../../domain/health.ts'
import {
  gapFactorDefault,
  loggingIntervalMsDefault,
  severities,
} from '../../domain/profile/profile.ts'
import { isTemperature } from '../../domain/reading.ts'
import { readCalibrations } from '../../store/ledger/calibrations.ts'
import { readClocks } from '../../store/ledger/clocks.ts'
import { readEdgeRecords } from '../../store/ledger/edge-sessions.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { type Device, devicesByGiai } from '../../store/ledger/registry.ts'
import { readStays } from '../../store/ledger/stays.ts'
import type { Series } from '../../store/series.ts'
import type { Deps } from '../deps.ts'
import { formatTime, timeQuery } from '../page.ts'
import { invalid } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { deviceOr404 } from './devices.ts'
import { deviceOutlook } from './outlook.ts'
import { deviceIdPattern, toldFigures } from './schemas.ts'

const count = z.number().int()
const seconds = z.number()
const trendSchema = z.object({
  perDay: z.number(),
  low: z.number().openapi({ description: 'of the 95 % interval' }),
  high: z.number(),
  p: z.number().openapi({ description: 'that chance makes such a trend' }),
})
const healthSchema = z
  .object({
    device: z.string(),
    from: z.string(),
    to: z.string(),
    channels: z.array(
      z.object({
        channel: z.string(),
        readings: count,
        intervalSeconds: seconds.nullable(),
        holes: count,
        longestHoleSeconds: seconds,
        unknownSeconds: seconds,
        drift: trendSchema
          .nullable()
          .openapi({ description: '°C a day against loggers in the same box; null without any' }),
      }),
    ),
    clock: z
      .object({
        behindSeconds: z.number().openapi({
          description: 'the least time from a reading to its arrival; negative: the clock is ahead',
        }),
        confidence: z.enum(['high', 'low', 'none']),
        looks: count.openapi({ description: 'stretches of 6 hours with messages' }),
        since: z.string(),
      })
      .nullable()
      .openapi({ description: 'of its clock, as its messages tell; null when none came' }),
    findings: z.array(
      z.object({
        kind: z.enum(healthKinds),
        channel: z.string(),
        severity: z.enum(severities as [string, ...string[]]),
        from: z.string(),
        to: z.string(),
        code: z.enum(healthCodes).openapi({ description: 'what was found, as one word' }),
        figures: toldFigures,
        detail: z.string().openapi({ description: 'the same as an English sentence' }),
      }),
    ),
  })
  .openapi('DeviceHealth')

const get = guarded(
  { noun: 'devices', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/devices/{id}/health',
    summary: 'Look whether a logger and its equipment are in order',
    description: 'Of the last 14 days when no span is given.',
    request: {
      params: z.object({ id: z.string().regex(deviceIdPattern) }),
      query: z.object({ from: timeQuery.optional(), to: timeQuery.optional() }),
    },
    responses: {
      200: { description: 'Health', content: { 'application/json': { schema: healthSchema } } },
    },
  },
)

const spanMsDefault = 14 * 86_400_000

/** With the outlook, which looks further. */
export const deviceHealth = (deps: Deps) => health(deps).route('/', deviceOutlook(deps))

const health = (deps: Deps) =>
  nounApp().openapi(get, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const { from, to } = c.req.valid('query')
    const end = to ?? deps.now()
    const window = { from: from ?? end - spanMsDefault, to: end }
    if (window.from >= window.to) throw invalid('from must be before to', 'query/from')
    const device = await deviceOr404(db, tenant, c.req.valid('param').id)
    const found: HealthFinding[] = []
    const channels = []
    const kept = await deps.series.channels(tenant, device.id)
    const names = kept.map(({ channel }) => channel).sort()
    for (const channel of names.slice(0, bounds.channelsPerDeviceMax)) {
      const points = await readWithin(deps.series, device, { channel, window })
      const stretch = { channel, points, window, gapMs: gapMsOf(device) }
      found.push(...lookAt(stretch))
      const drift = isTemperature(channel) ? await driftOf(deps, db, { device, stretch }) : null
      found.push(...(drift?.findings ?? []))
      channels.push({ channel, ...formatCoverage(stretch), drift: formatTrend(drift) })
    }
    const looks = await readClocks(db, { tenant, device: device.id }, window)
    found.push(...clockFindings(looks))
    const calibrations = (await readCalibrations(db, tenant, [device.id])).get(device.id) ?? []
    found.push(...sessionFindings(await readEdgeRecords(db, device), window))
    const used = channels.some(({ readings }) => readings > 0)
    found.push(...calibrationFindings(calibrations, { asOf: end, used }))
    found.sort((one, other) => one.from - other.from)
    const findings = found.map((one) => ({
      ...one,
      from: formatTime(one.from),
      to: formatTime(one.to),
    }))
    const span = { from: formatTime(window.from), to: formatTime(window.to) }
    const clock = formatClock(estimateClock(looks))
    return c.json({ device: device.id, ...span, channels, clock, findings }, 200)
  })

/** Problem 400 for more than can be looked at in one go. */
async function readWithin(
  series: Series,
  { tenant, id }: Device,
  { channel, window }: { channel: string; window: Interval },
): Promise<Point[]> {
  const limit = bounds.healthReadingsMax
  const points = await series.range({ tenant, device: id, channel, ...window, limit: limit + 1 })
  if (points.length <= limit) return points
  throw invalid(`more than ${limit} readings of ${channel}: ask for a shorter span`, 'query/from')
}

/** Beside it: loggers on the same box at the same time, each as long as both were there. */
async function driftOf(
  { series }: Deps,
  db: LedgerQuery,
  { device, stretch }: { device: Device; stretch: Stretch },
): Promise<ReturnType<typeof driftAgainst> | null> {
  const { tenant, giai } = device
  const { window } = stretch
  if (giai === undefined) return null
  const relation = 'association'
  const own = await readStays(db, tenant, { in: 'child', among: [giai], window, relation })
  const boxes = [...new Set(own.map(({ parent }) => parent))]
  const stays = await readStays(db, tenant, { in: 'parent', among: boxes, window, relation })
  const beside = stays.filter(({ child }) => child !== giai).slice(0, bounds.healthSiblingsMax)
  const devices = await devicesByGiai(db, tenant, [...new Set(beside.map(({ child }) => child))])
  const siblings: Point[][] = []
  for (const stay of beside) {
    const sibling = devices.find((one) => one.giai === stay.child)
    if (!sibling) continue
    for (const mine of own.filter(({ parent }) => parent === stay.parent)) {
      const from = Math.max(mine.from, stay.from, window.from)
      const to = Math.min(mine.to, stay.to, window.to)
      const span = { channel: 'temperature', window: { from, to } }
      if (from < to) siblings.push(await readWithin(series, sibling, span))
    }
  }
  return siblings.length > 0 ? driftAgainst(stretch, siblings) : null
}

const gapMsOf = ({ loggingIntervalMs }: Device): number =>
  (loggingIntervalMs ?? loggingIntervalMsDefault) * gapFactorDefault

function formatCoverage(stretch: Stretch) {
  const { readings, intervalMs, holes, longestHoleMs, unknownMs } = coverageOf(stretch)
  return {
    readings,
    intervalSeconds: intervalMs === null ? null : intervalMs / 1000,
    holes,
    longestHoleSeconds: longestHoleMs / 1000,
    unknownSeconds: unknownMs / 1000,
  }
}

const formatClock = (clock: ClockEstimate | undefined) =>
  clock
    ? {
        behindSeconds: clock.behindMs / 1000,
        confidence: clock.confidence,
        looks: clock.looks,
        since: formatTime(clock.since),
      }
    : null

function formatTrend(drift: ReturnType<typeof driftAgainst> | null) {
  if (!drift?.trend) return null
  const { perDay, low, high, p } = drift.trend
  return { perDay, low, high, p }
}
