// Readings by device, channel and time: in by HTTP for devices that speak no MQTT, out as rows or
// buckets.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { adviceFor } from '../domain/hints.ts'
import { hourMs } from '../domain/hours.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { RemedyLanguage } from '../domain/remedies.ts'
import { decodePublish } from '../ingest/decode/decode.ts'
import type { RefusedByFault } from '../ingest/lab.ts'
import type { Device } from '../store/ledger/registry.ts'
import type { Series, SeriesPoint, SeriesSpan } from '../store/series.ts'
import { readBody } from './body.ts'
import type { Deps } from './deps.ts'
import { deviceOr404, inService } from './devices/devices.ts'
import { columnsOf, type FileColumn, fileAsked, fileContent } from './files/files.ts'
import { fileNameOf } from './files/names.ts'
import { readerQuery } from './files/reader.ts'
import { languages } from './organisation.ts'
import {
  formatCursor,
  formatTime,
  limitQuery,
  numberPlace,
  pageOf,
  parseCursor,
  timeQuery,
} from './page.ts'
import { invalid, Problem, problemSchema } from './problem.ts'
import { type BucketRow, readBuckets } from './reading-buckets.ts'
import { guarded, nounApp } from './route.ts'
import type { Row } from './rows.ts'

const dayMs = 86_400_000
const pageRowsDefault = 10_000

const everyQuery = z
  .string()
  .transform((text, context) => {
    const ms = parseEvery(text)
    if (ms !== undefined) return ms
    context.addIssue('want seconds, or a number with s, m, h or d such as 15m')
    return z.NEVER
  })
  .openapi({ type: 'string', example: '15m', description: 'bucket width, aligned to 1970-01-01' })

const query = z.object({
  device: z.string().max(64).optional(),
  channel: z.string().max(bounds.channelNameCharsMax).default('temperature'),
  from: timeQuery.optional().openapi({ description: 'inclusive; 24 h before the newest reading' }),
  to: timeQuery.optional().openapi({ description: 'exclusive; just after the newest reading' }),
  every: everyQuery.optional(),
  limit: limitQuery(bounds.seriesPointsMax, pageRowsDefault),
  cursor: z.string().max(1000).optional(),
  ...readerQuery,
})

const rowSchema = z
  .object({
    time: z.string(),
    value: z.number(),
    min: z.number().optional(),
    mean: z.number().optional(),
    max: z.number().optional(),
    count: z.number().int().optional(),
  })
  .openapi('ReadingRow', { example: { time: '2026-03-01T12:00:00Z', value: 4.2 } })

const answerSchema = pageOf(rowSchema).extend({
  readingsFrom: z.string().optional().openapi({
    description: 'only when the span begins before it: earlier readings are gone, but for hours',
  }),
})

const deviceOf = (c: { req: { query(name: string): string | undefined } }): string | undefined =>
  c.req.query('device')

const post = guarded(
  { noun: 'readings', verb: 'write', deviceOf },
  {
    method: 'post',
    path: '/api/v1/readings',
    summary: 'Send readings JSON of a device',
    description:
      'Answered when it is durable. Refused fields are listed, each with its remedy, and kept as refusals; when nothing at all could be read the answer is 400 and nothing is kept.',
    request: {
      query: z.object({
        device: z.string().max(64).optional(),
        language: z.enum(languages).default('en').openapi({ description: 'of the remedies' }),
      }),
      body: {
        required: true,
        content: {
          'application/json': {
            schema: { type: ['object', 'array'] },
            example: [{ time: '2026-03-01T12:00:00Z', temperature: 4.2 }],
          },
        },
      },
    },
    responses: {
      202: {
        description: 'Kept',
        content: {
          'application/json': {
            schema: z.object({
              offset: z.number().int().openapi({ description: 'place in the log' }),
              readings: z.number().int(),
              errors: problemSchema.shape.errors.unwrap(),
            }),
          },
        },
      },
    },
  },
)

const get = guarded(
  { noun: 'readings', verb: 'read', deviceOf },
  {
    method: 'get',
    path: '/api/v1/readings',
    summary: 'Read one channel of a device',
    description:
      'With `every` each row is a bucket and `value` its mean. Files have no page limit. Where readings are past their time (ISOTHERM_RETENTION_DAYS), buckets of whole hours go on; `readingsFrom`, and the header Isotherm-Readings-From, then say from when the readings themselves are there.',
    request: { query },
    responses: {
      200: {
        description: 'Rows ascending by time',
        content: {
          'application/json': { schema: answerSchema },
          ...fileContent,
        },
      },
    },
  },
)

export const readings = ({ series, kept, log, now, lab }: Deps) =>
  nounApp()
    .openapi(post, async (c) => {
      const { tenant, id: source } = c.get('identity')
      const asked = await deviceOr404(c.get('ledger').db, tenant, askedDevice(c))
      const device = inService(asked)
      // Kept as it came, so a gzip body is kept as gzip: the decoder tells by the magic number.
      const body = await readBody(c, {
        bytesMax: bounds.requestBytesMax,
        types: ['application/json'],
      })
      const envelope = {
        kind: 'readings' as const,
        tenant,
        source,
        topic: device.id,
        recordTime: now(),
        body,
      }
      const refused = lab?.received(envelope)
      if (refused) throw refusedByFault(refused)
      const decoded = decodePublish(envelope, { device: () => device })
      const { language } = c.req.valid('query')
      const errors = decoded.refusals.map((refusal) => withRemedy(refusal, language, device))
      if (decoded.readings.length === 0) throw new Problem(400, errors)
      const offset = log.append(envelope)
      await log.whenDurable(offset)
      const answer = { offset, readings: decoded.readings.length, errors }
      return c.json(answer, 202)
    })
    .openapi(get, async (c) => {
      const { tenant } = c.get('identity')
      const asked = c.req.valid('query')
      const device = await deviceOr404(c.get('ledger').db, tenant, askedDevice(c))
      const span = await spanOf(series, {
        key: { tenant, device: device.id, channel: asked.channel },
        from: asked.from,
        to: asked.to,
      })
      const past = await readPast(kept, span.from)
      const headers = past && { 'Isotherm-Readings-From': past.readingsFrom }
      const after = parseCursor(asked.cursor, numberPlace)?.[0]
      if (after !== undefined) span.from = after
      const read = (from: number, limit: number): Promise<Timed[]> => {
        const rows = { span: { ...span, from }, limit, everyMs: asked.every }
        return readRows({ series, kept }, rows)
      }
      const table = {
        columns: columnsFor(asked.channel, asked.every !== undefined),
        batches: batchesOf(read, span.from, asked.every ?? 1),
        fileName: fileNameOf('readings', device.id, asked.channel, span.from, span.to - 1),
        ...(headers && { headers }),
      }
      const file = await fileAsked(c, table, asked)
      if (file) return file as never
      const rows = await read(span.from, asked.limit + 1)
      const beyond = rows[asked.limit]
      const items = rows.slice(0, asked.limit).map(formatRow)
      const next = beyond ? formatCursor([beyond.time]) : null
      return c.json({ items, next, ...past }, 200, headers)
    })

function withRemedy(refusal: Refusal, language: RemedyLanguage, { channels }: Device) {
  const remedy = adviceFor(refusal, language, channels)
  return { ...refusal, ...(remedy !== null && { remedy }) }
}

type Timed = SeriesPoint & Partial<BucketRow>
/** In a bucket the value is the mean. */
function columnsFor(channel: string, buckets: boolean): FileColumn[] {
  const value = channel.split('.')[0] === 'temperature' ? 'celsius' : 'number'
  const more = { min: value, mean: value, max: value, count: 'integer' } as const
  return columnsOf({ time: 'time', value, ...(buckets && more) })
}
const streamRowsMax = 5000

/** As a busy server would answer; the detail tells whoever wonders where it comes from. */
function refusedByFault({ status, retryAfterMs }: RefusedByFault): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  const detail = `refused by a session of the lab: try again in ${seconds} s`
  const retryAfter = { 'Retry-After': String(seconds) }
  return new Problem(status, [{ code: 'request/too-many', path: '', detail }], retryAfter)
}

/** A device token may leave out which device. */
function askedDevice(c: {
  req: { query(name: string): string | undefined }
  get(name: 'identity'): { kind: string; id: string }
}): string {
  const named = c.req.query('device')
  const identity = c.get('identity')
  if (named !== undefined) return named
  if (identity.kind === 'device') return identity.id
  throw invalid('say which device', 'query/device')
}

async function spanOf(
  series: Series,
  asked: {
    key: Omit<SeriesSpan, 'from' | 'to'>
    from: number | undefined
    to: number | undefined
  },
): Promise<SeriesSpan> {
  const { key } = asked
  let to = asked.to
  if (to === undefined) {
    const own = ({ channel }: { channel: string }): boolean => channel === key.channel
    const newest = (await series.latest(key.tenant, key.device)).find(own)?.time
    const hours = newest ?? (await series.hourChannels(key.tenant, key.device)).find(own)?.to
    to = newest !== undefined ? newest + 1 : (hours ?? -hourMs) + hourMs
  }
  const from = asked.from ?? to - dayMs
  return { ...key, from, to: Math.max(from, to) }
}

/** From when readings are there, if that is after the beginning of what is asked for. */
async function readPast(
  kept: Deps['kept'],
  from: number,
): Promise<{ readingsFrom: string } | undefined> {
  const { readingsFrom } = await kept()
  return from < readingsFrom ? { readingsFrom: formatTime(readingsFrom) } : undefined
}

async function readRows(
  { series, kept }: Pick<Deps, 'series' | 'kept'>,
  { span, limit, everyMs }: { span: SeriesSpan; limit: number; everyMs: number | undefined },
): Promise<Timed[]> {
  if (everyMs === undefined) return series.range({ ...span, limit })
  for (;;) {
    const { hoursTo } = await kept()
    const rows = await readBuckets(series, { span, everyMs, limit, hoursTo })
    // Readings may have gone between the two, after their hours were made.
    if ((await kept()).hoursTo === hoursTo) return rows
  }
}

async function* batchesOf(
  read: (from: number, limit: number) => Promise<Timed[]>,
  first: number,
  stepMs: number,
): AsyncGenerator<Row[]> {
  for (let from = first; ; ) {
    const rows = await read(from, streamRowsMax)
    if (rows.length > 0) yield rows.map(formatRow)
    if (rows.length < streamRowsMax) return
    from = rows.at(-1)!.time + stepMs
  }
}

const formatRow = (row: Timed) => ({ ...row, time: formatTime(row.time) })

/**
 * Whole seconds, `90s`, `15m`, `1h`, `1d`, or ISO 8601 `PT15M`. Milliseconds; undefined when it is
 * none.
 */
function parseEvery(text: string): number | undefined {
  const match = /^(?:PT?)?(\d{1,7})(s|m|h|d)?$/i.exec(text)
  if (!match) return undefined
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: dayMs }
  const ms = Number(match[1]) * unitMs[(match[2]?.toLowerCase() ?? 's') as keyof typeof unitMs]
  return ms > 0 && ms <= 3660 * dayMs ? ms : undefined
}
