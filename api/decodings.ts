// The payload playground: what ingest would make of a packet, told before a device sends it. The
// very decoder of ingest, with what is known of the device; nothing is kept.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { adviceFor, hintOf, sayHint } from '../domain/hints.ts'
import { channelOf } from '../domain/reading.ts'
import { type Refusal, refusalCodes } from '../domain/refusal.ts'
import { deviceOfEnvelope } from '../ingest/decode/decode.ts'
import { type Explained, explainPublish } from '../ingest/explain.ts'
import { type MetricPlace, metricPlaces } from '../ingest/sparkplug.ts'
import { type Birth, openBirth } from '../ingest/sparkplug-births.ts'
import { isSparkplug, parseSparkplugTopic } from '../ingest/sparkplug-topics.ts'
import { readBirths } from '../store/ledger/births.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { type Device, readDevice } from '../store/ledger/registry.ts'
import type { Envelope } from '../store/log.ts'
import type { Deps } from './deps.ts'
import { deviceIdPattern } from './devices/schemas.ts'
import { languages } from './organisation.ts'
import { formatTime, timeQuery } from './page.ts'
import { invalid, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const askSchema = z
  .strictObject({
    topic: z.string().min(1).max(bounds.topicBytesMax).optional().openapi({
      description: 'as published over MQTT',
      example: 'v1/default/logger-1/readings',
    }),
    device: z.string().regex(deviceIdPattern).optional().openapi({
      description: 'instead of a topic: as sent to POST /api/v1/readings by or for this logger',
    }),
    payload: z.string().max(bounds.playgroundBytesMax * 3),
    encoding: z.enum(['text', 'hex', 'base64']).default('text'),
    receivedAt: timeQuery.optional().openapi({ description: 'what future counts from; now' }),
  })
  .refine(({ topic, device }) => (topic === undefined) !== (device === undefined), {
    error: 'want a topic or a device, and not both',
    path: ['topic'],
  })
  .openapi('PacketToDecode')

const decodedSchema = z
  .object({
    device: z.string(),
    receivedAt: z.string(),
    bytes: z.number().int(),
    gzip: z.boolean(),
    form: z.enum(['json', 'cbor', 'text', 'bytes']),
    text: z.string().nullable().openapi({
      description: 'the body unzipped; CBOR written as JSON; null when it is no text',
    }),
    hint: z.string().nullable().openapi({
      description: 'what a packet of which something was refused looks like it was meant to be',
    }),
    readingCount: z.number().int(),
    readings: z
      .array(
        z.object({ channel: z.string(), time: z.string(), value: z.number(), unit: z.string() }),
      )
      .openapi({ description: `as they would be kept; the first ${bounds.playgroundReadingsMax}` }),
    refusals: z.array(
      z.object({
        code: z.enum(refusalCodes),
        path: z.string(),
        detail: z.string(),
        remedy: z.string().nullable(),
        at: z.number().int().optional().openapi({ description: 'where it stands in `text`' }),
        length: z.number().int().optional(),
        metric: z
          .object({
            name: z.string(),
            alias: z.string().nullable(),
            at: z.number().int().openapi({ description: 'its first byte, from 0' }),
            length: z.number().int(),
          })
          .optional()
          .openapi({ description: 'of Sparkplug B: the metric that was refused' }),
      }),
    ),
  })
  .openapi('DecodedPacket')

const post = guarded(
  { noun: 'decodings', verb: 'read' },
  {
    method: 'post',
    path: '/api/v1/decodings',
    summary: 'Try a packet: what would be kept of it, and what refused',
    description: 'By the decoder that decodes what devices send. Keeps nothing.',
    request: {
      query: z.object({
        language: z.enum(languages).default('en').openapi({ description: 'of the remedies' }),
      }),
      body: { required: true, content: { 'application/json': { schema: askSchema } } },
    },
    responses: {
      200: {
        description: 'What ingest makes of it',
        content: { 'application/json': { schema: decodedSchema } },
      },
    },
  },
)

export const decodings = ({ now }: Deps) =>
  nounApp().openapi(post, async (c) => {
    const { tenant, id: source } = c.get('identity')
    const { topic, device, payload, encoding, receivedAt } = c.req.valid('json')
    const envelope: Envelope = {
      ...{ tenant, source, recordTime: receivedAt ?? now() },
      kind: topic === undefined ? 'readings' : 'publish',
      topic: topic ?? device ?? '',
      body: bytesOf(payload, encoding),
    }
    const id = deviceOfEnvelope(envelope)
    const known = deviceIdPattern.test(id)
      ? await readDevice(c.get('ledger').db, tenant, id)
      : undefined
    const birth = await birthFor(c.get('ledger').db, envelope)
    const told = explainPublish(envelope, { device: () => known, birth: () => birth })
    const { language } = c.req.valid('query')
    return c.json(formatExplained(told, { envelope, known, language }), 200)
  })

/** What the node said last, of a packet of Sparkplug B. */
async function birthFor(db: LedgerQuery, { topic, tenant }: Envelope): Promise<Birth | undefined> {
  const address = parseSparkplugTopic(topic, tenant)
  if (!address) return undefined
  const { node, behind: device } = address
  const newest = (await readBirths(db, { tenant, node, device })).at(-1)
  return newest && openBirth(newest.metrics)
}

/** Problem 400: not of the encoding it is said to be; 413: too large. */
function bytesOf(payload: string, encoding: 'text' | 'hex' | 'base64'): Uint8Array {
  // Dumps come with spaces, colons and line ends.
  const dense = payload.replace(/[\s:]+|0x/gi, '')
  if (encoding === 'hex' && !/^(?:[0-9a-f]{2})*$/i.test(dense))
    throw invalid('want pairs of hexadecimal digits', '/payload')
  const packed = payload.replace(/\s+/g, '')
  if (encoding === 'base64' && !/^[A-Za-z0-9+/_-]*={0,2}$/.test(packed))
    throw invalid('want base64', '/payload')
  const bytes =
    encoding === 'text'
      ? Buffer.from(payload)
      : encoding === 'hex'
        ? Buffer.from(dense, 'hex')
        : Buffer.from(packed, 'base64')
  if (bytes.length <= bounds.playgroundBytesMax) return bytes
  const detail = `a packet to try has at most ${bounds.playgroundBytesMax} bytes`
  throw new Problem(413, [{ code: 'request/too-large', path: '/payload', detail }])
}

interface About {
  envelope: Envelope
  known: Device | undefined
  language: (typeof languages)[number]
}

const formatExplained = (told: Explained, about: About) => ({
  ...explained(told, about),
  hint: hintFor(told, about),
})

const explained = (told: Explained, { envelope, known, language }: About) => ({
  device: told.device,
  receivedAt: formatTime(envelope.recordTime),
  bytes: envelope.body.length,
  ...{ gzip: told.gzip, form: told.form, text: told.text },
  readingCount: told.readings.length,
  readings: told.readings
    .slice(0, bounds.playgroundReadingsMax)
    .map(({ channel, time, value }) => ({
      ...{ channel, time: formatTime(time), value },
      unit: channelOf(channel, known?.channels)?.unit ?? '',
    })),
  refusals: told.refusals.map((refusal) => ({
    ...refusal,
    remedy: adviceFor(refusal, language, known?.channels),
    ...metricOf(refusal, envelope),
  })),
})

/** Whose path names it by its number. */
function metricOf({ path }: Refusal, { topic, body }: Envelope): { metric?: MetricPlace } {
  const [, index] = /^\/metrics\/(\d+)$/.exec(path) ?? []
  if (index === undefined || !isSparkplug(topic)) return {}
  const metric = metricPlaces(body)[Number(index)]
  return metric ? { metric } : {}
}

/** Of packets of which something was refused only. */
function hintFor({ refusals, text }: Explained, { envelope, language }: About): string | null {
  if (refusals.length === 0) return null
  const hint = hintOf(envelope.topic, text ?? '')
  return hint === undefined || (hint === 'empty' && text === null) ? null : sayHint(hint, language)
}
