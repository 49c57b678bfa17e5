// How unusual the readings of a logger are, where they were to be expected, and why; and the models
// that are learned for it. Worked out anew at every call from stored readings; advises people and
// judges no unit (I10).
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { type BandModel, hashOf } from '../../domain/band-model.ts'
import type { SeriesKey } from '../../domain/reading.ts'
import type { ScoredReading } from '../../domain/scored.ts'
import { addModel, listModels, type ModelRow, newestModel } from '../../store/ledger/models.ts'
import type { Device } from '../../store/ledger/registry.ts'
import type { Series, SeriesColumns } from '../../store/series.ts'
import type { Deps } from '../deps.ts'
import { formatTime, limitQuery, timeQuery } from '../page.ts'
import { conflict, invalid, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { deviceOr404 } from './devices.ts'
import { deviceIdPattern } from './schemas.ts'

const band = z.object({ low: z.number(), high: z.number() })
const modelSchema = z
  .object({
    channel: z.string(),
    version: z.number().int(),
    hash: z.string().openapi({ description: 'SHA-256 of all that speaks' }),
    trainedAt: z.string(),
    trainedBy: z.string(),
    from: z.string().openapi({ description: 'the first reading it learned from' }),
    to: z.string(),
    readings: z.number().int(),
    error: z.number().openapi({ description: 'mean absolute, on newer readings kept aside' }),
    plainError: z.number().openapi({ description: 'the same of the medians of the hours' }),
  })
  .openapi('AnomalyModel')

const answerSchema = z
  .object({
    device: z.string(),
    channel: z.string(),
    expectedBy: z.enum(['model', 'hours']).nullable().openapi({
      description: 'whose bands these are; hours: the medians of the hours of the day',
    }),
    model: modelSchema.nullable(),
    drift: z
      .object({ index: z.number().nullable(), readings: z.number().int(), drifted: z.boolean() })
      .nullable()
      .openapi({ description: 'population stability since the model was trained' }),
    items: z.array(
      z.object({
        time: z.string(),
        value: z.number(),
        score: z.number().openapi({ description: '0 … 1; 0: usual, or told just before' }),
        expected: band.nullable(),
        reason: band
          .extend({ from: z.string(), to: z.string(), mean: z.number() })
          .nullable()
          .openapi({ description: 'the readings that made it, their mean, and where it is usual' }),
      }),
    ),
    next: z.string().nullable().openapi({ description: '`from` of what is left' }),
  })
  .openapi('DeviceAnomalies')

const params = z.object({ id: z.string().regex(deviceIdPattern) })
const channelName = z.string().min(1).max(100)
const models = '/api/v1/devices/{id}/anomaly-models'

const get = guarded(
  { noun: 'devices', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/devices/{id}/anomalies',
    summary: 'Score how unusual the readings of a logger are',
    description: 'Each from the readings before it, up to four weeks back. Advises only.',
    request: {
      params,
      query: z.object({
        channel: channelName.default('temperature'),
        from: timeQuery.optional().openapi({ description: 'default: a day before `to`' }),
        to: timeQuery.optional().openapi({ description: 'default: now' }),
        scoreMin: z.coerce.number().min(0).max(1).default(0),
        limit: limitQuery(),
      }),
    },
    responses: {
      200: { description: 'Scores', content: { 'application/json': { schema: answerSchema } } },
    },
  },
)

const train = guarded(
  { noun: 'devices', verb: 'write' },
  {
    ...{ method: 'post', path: models },
    summary: 'Learn what a channel of a logger usually does',
    description: 'From its last four weeks, as the next version. Takes seconds.',
    request: {
      params,
      body: {
        required: true,
        content: { 'application/json': { schema: z.strictObject({ channel: channelName }) } },
      },
    },
    responses: {
      201: { description: 'Learned', content: { 'application/json': { schema: modelSchema } } },
    },
  },
)

const list = guarded(
  { noun: 'devices', verb: 'read' },
  {
    ...{ method: 'get', path: models },
    summary: 'List what was learned of a logger, by channel, newest first',
    request: { params },
    responses: {
      200: {
        description: 'All versions kept',
        content: { 'application/json': { schema: z.object({ items: z.array(modelSchema) }) } },
      },
    },
  },
)

export function deviceAnomalies(deps: Deps) {
  const learning = openLearning(deps)
  return nounApp()
    .openapi(get, async (c) => {
      const { db } = c.get('ledger')
      const device = await deviceOr404(db, c.get('identity').tenant, c.req.valid('param').id)
      const { channel, to = deps.now(), scoreMin, limit, ...query } = c.req.valid('query')
      const from = query.from ?? to - dayMs
      if (from >= to) throw invalid('want a time before `to`', 'query/from')
      const readings = await lookBack(deps.series, device, { channel, from, to })
      const row = await newestModel(db, { tenant: device.tenant, device: device.id, channel })
      const model = row && (JSON.parse(row.body) as BandModel)
      const hoursMin = bounds.anomalyLearnReadingsMin
      const { by, drift, ...told } = deps.anomalies.score(readings, { from, model, hoursMin })
      const items = told.readings.filter(({ score }) => score >= scoreMin)
      const index = drift === undefined || Number.isNaN(drift.index) ? null : drift.index
      return c.json(
        {
          ...{ device: device.id, channel, expectedBy: by ?? null },
          model: row ? formatModel(row) : null,
          drift: drift ? { ...drift, index } : null,
          items: items.slice(0, limit).map(formatScored),
          next: items[limit] ? formatTime(items[limit].time) : null,
        },
        200,
      )
    })
    .openapi(train, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { channel } = c.req.valid('json')
      const { db, transact } = c.get('ledger')
      const { id } = await deviceOr404(db, tenant, c.req.valid('param').id)
      const of = { tenant, device: id, channel }
      const trainedAt = deps.now()
      const model = await learning({ ...of, to: trainedAt + 1 })
      const row = { ...of, hash: hashOf(model), trainedAt, by, body: JSON.stringify(model) }
      const added = await transact((db) => addModel(db, row, bounds.anomalyVersionsKept))
      return c.json(formatModel(added), 201)
    })
    .openapi(list, async (c) => {
      const { db } = c.get('ledger')
      const { tenant } = c.get('identity')
      const { id } = await deviceOr404(db, tenant, c.req.valid('param').id)
      const rows = await listModels(db, { tenant, device: id })
      return c.json({ items: rows.map(formatModel) }, 200)
    })
}

/** Learns one model at a time from readings before a moment; Problem 429 or 409 otherwise. */
function openLearning({ series, anomalies }: Deps) {
  let trainings = 0
  return async (of: SeriesKey & { to: number }): Promise<BandModel> => {
    if (trainings >= bounds.anomalyTrainingsMax) throw busy()
    trainings++
    try {
      const from = of.to - bounds.anomalyLookBackMs
      const readings = thin(await series.columns({ ...of, from }))
      const { length } = readings.times
      if (length < bounds.anomalyLearnReadingsMin)
        throw conflict(
          `${of.channel} has ${length} readings of the last four weeks; ${bounds.anomalyLearnReadingsMin} are needed to learn from`,
        )
      return await anomalies.train(readings)
    } finally {
      trainings--
    }
  }
}

const dayMs = 86_400_000

/** What is asked for and what goes before it; the past is cut short when there is too much. */
async function lookBack(
  series: Series,
  { tenant, id }: Device,
  { channel, from, to }: { channel: string; from: number; to: number },
): Promise<{ times: number[]; values: number[] }> {
  const limit = bounds.anomalyReadingsMax
  const key = { tenant, device: id, channel }
  for (let pastMs: number = bounds.anomalyLookBackMs; ; pastMs /= 2) {
    const points = await series.range({ ...key, from: from - Math.floor(pastMs), to, limit })
    // Less than a minute of it: what is left is not looked back on, and the rest another call's.
    if (points.length === limit && pastMs > 60_000) continue
    return { times: points.map(({ time }) => time), values: points.map(({ value }) => value) }
  }
}

/** Every so many of them, when there are more than a model learns from. */
function thin({ times, values }: SeriesColumns): SeriesColumns {
  const every = Math.ceil(times.length / bounds.anomalyLearnReadingsMax)
  if (every <= 1) return { times, values }
  const isKept = (_: number, i: number): boolean => i % every === 0
  return { times: times.filter(isKept), values: values.filter(isKept) }
}

function busy(): Problem {
  const detail = 'another model is being trained: try again when it is done'
  return new Problem(429, [{ code: 'request/too-many', path: '', detail }], { 'Retry-After': '10' })
}

function formatModel({ channel, version, hash, trainedAt, by, body }: ModelRow) {
  const { from, to, readings, error, plainError } = JSON.parse(body) as BandModel
  return {
    ...{ channel, version, hash, trainedAt: formatTime(trainedAt), trainedBy: by },
    ...{ from: formatTime(from), to: formatTime(to), readings, error, plainError },
  }
}

const formatScored = ({ time, value, score, expected, reason }: ScoredReading) => ({
  ...{ time: formatTime(time), value, score, expected: expected ?? null },
  reason: reason ? { ...reason, from: formatTime(reason.from), to: formatTime(reason.to) } : null,
})
