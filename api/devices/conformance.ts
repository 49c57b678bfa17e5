// How well a logger sends, graded from what came of it and what was refused. Changes nothing,
// disturbs no device, and judges no unit.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { estimateClock } from '../../domain/clock.ts'
import {
  conformanceChecks,
  type GradeCode,
  gradeCodes,
  gradeSender,
  type Told,
} from '../../domain/conformance.ts'
import { sessionFindings } from '../../domain/edge-session.ts'
import type { HealthFinding } from '../../domain/health.ts'
import { readClocks } from '../../store/ledger/clocks.ts'
import { readEdgeRecords } from '../../store/ledger/edge-sessions.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { listRefusalHeads } from '../../store/ledger/refusals.ts'
import type { Deps } from '../deps.ts'
import { formatTime, timeQuery } from '../page.ts'
import { invalid } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { deviceOr404 } from './devices.ts'
import { deviceIdPattern, toldFigures } from './schemas.ts'

const conformanceSchema = z
  .object({
    device: z.string(),
    channel: z.string(),
    from: z.string(),
    to: z.string(),
    score: z.number().int().nullable().openapi({
      description: 'of 100, over the checks that could be judged; null when none could',
    }),
    checks: z.array(
      z.object({
        check: z.enum(conformanceChecks),
        points: z.number().int().nullable().openapi({ description: 'null: too little to judge' }),
        of: z.number().int(),
        code: z.enum(gradeCodes).openapi({ description: 'what was seen, as one word' }),
        figures: toldFigures,
        detail: z.string().openapi({ description: 'the same as an English sentence' }),
      }),
    ),
  })
  .openapi('DeviceConformance')

const get = guarded(
  { noun: 'decodings', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/devices/{id}/conformance',
    summary: 'Grade how well a logger sends',
    description: 'By what came within a span, of the last day when none is given.',
    request: {
      params: z.object({ id: z.string().regex(deviceIdPattern) }),
      query: z.object({
        channel: z.string().max(bounds.channelNameCharsMax).default('temperature'),
        from: timeQuery.optional(),
        to: timeQuery.optional(),
      }),
    },
    responses: {
      200: {
        description: 'Points and sentences',
        content: { 'application/json': { schema: conformanceSchema } },
      },
    },
  },
)

const spanMsDefault = 86_400_000

export const deviceConformance = ({ series, now }: Deps) =>
  nounApp().openapi(get, async (c) => {
    const { tenant } = c.get('identity')
    const { db } = c.get('ledger')
    const { channel, from, to } = c.req.valid('query')
    const end = to ?? now()
    const window = { from: from ?? end - spanMsDefault, to: end }
    if (window.from >= window.to) throw invalid('from must be before to', 'query/from')
    const device = await deviceOr404(db, tenant, c.req.valid('param').id)
    const limit = bounds.healthReadingsMax
    const key = { tenant, device: device.id }
    const points = await series.range({ ...key, channel, ...window, limit: limit + 1 })
    if (points.length > limit)
      throw invalid(`more than ${limit} readings: ask for a shorter span`, 'query/from')
    const refused = await refusedWithin(db, key, window)
    const records = await readEdgeRecords(db, device)
    const graded = gradeSender({
      ...{ window, points, ...refused },
      loggingIntervalMs: device.loggingIntervalMs,
      clock: estimateClock(await readClocks(db, key, window)),
      ...(records.length > 0 && { connection: toldOf(sessionFindings(records, window)) }),
    })
    const span = { from: formatTime(window.from), to: formatTime(window.to) }
    return c.json({ device: device.id, channel, ...span, ...graded }, 200)
  })

/** Who is dead comes first. */
const toldOf = (found: readonly HealthFinding[]): Told[] =>
  found
    .toSorted(
      (a, b) => Number(a.code === 'messages-missing') - Number(b.code === 'messages-missing'),
    )
    .map(({ code, figures, detail }) => ({ code: code as GradeCode, figures, detail }))

/** By when they came: a refused reading may have no time. The newest, as many as are graded. */
async function refusedWithin(
  db: LedgerQuery,
  { tenant, device }: { tenant: string; device: string },
  { from, to }: { from: number; to: number },
): Promise<{ refused: number; codes: string[] }> {
  const limit = bounds.refusalsGradedMax
  const rows = await listRefusalHeads(db, tenant, { device, limit, headBytes: 1 })
  const within = rows.filter(({ recordTime }) => recordTime >= from && recordTime <= to)
  return { refused: within.length, codes: [...new Set(within.map(({ code }) => code))].sort() }
}
