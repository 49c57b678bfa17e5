// Logger files by HTTP: recognised, read, kept in the log as readings of their device. Says what
// the logger computed itself beside what its own rows give.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../config.ts'
import { refusalCodes } from '../domain/refusal.ts'
import { compareFigures } from '../ingest/formats/figures.ts'
import { type LoggerFile, parseLoggerFile, toReadingsBodies } from '../ingest/formats/format.ts'
import { dateOrders, isZone } from '../ingest/formats/moments.ts'
import { newToken, readDevice } from '../store/ledger/registry.ts'
import { readBody } from './body.ts'
import type { Deps } from './deps.ts'
import { registerDevice } from './devices/devices.ts'
import { deviceIdPattern } from './devices/schemas.ts'
import type { Env, Identity } from './identity.ts'
import { formatTime, timeQuery } from './page.ts'
import { invalid, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'
import { formatAsked, type Row } from './rows.ts'

const figureSchema = z.object({
  period: z.string(),
  figure: z.string(),
  limit: z.number().optional(),
  unit: z.enum(['°C', 'min', 'time', 'rows']),
  device: z.union([z.number(), z.string()]),
  computed: z.union([z.number(), z.string()]).nullable(),
  agrees: z.boolean(),
})
const importSchema = z
  .object({
    device: z.string(),
    created: z.boolean(),
    serial: z.string(),
    format: z.string(),
    model: z.string(),
    readings: z.number().int(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    gaps: z.array(z.object({ from: z.string(), to: z.string() })),
    figures: z.array(figureSchema),
    refusals: z.array(
      z.object({ code: z.enum(refusalCodes), path: z.string(), detail: z.string() }),
    ),
  })
  .openapi('Import')

const post = guarded(
  { noun: 'imports', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/imports',
    summary: 'Import a logger file',
    description:
      'The body is the file as it is. With Accept: application/x-ndjson progress is streamed, {"kept","readings"} a line, then the result.',
    request: {
      query: z.object({
        utcOffset: z
          .string()
          .regex(/^(?:Z|[+ -]\d\d:\d\d)$/, 'want Z or ±hh:mm')
          .default('Z')
          .openapi({ description: 'the zone of the logger’s clock', example: '+01:00' }),
        zone: z
          .string()
          .max(64)
          .refine(isZone, 'want an IANA zone such as Europe/Berlin')
          .optional()
          .openapi({ description: 'of tables: the zone whose clocks their local times are of' }),
        dates: z
          .enum(dateOrders)
          .optional()
          .openapi({ description: 'of tables: the order of day, month and year' }),
        start: timeQuery.optional().openapi({
          description: 'of tables with relative times: when the logger was started',
        }),
        device: z.string().regex(deviceIdPattern).optional(),
      }),
      body: {
        required: true,
        content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
      },
    },
    responses: {
      200: {
        description: 'Kept',
        content: {
          'application/json': { schema: importSchema },
          'application/x-ndjson': { schema: { type: 'string' } },
        },
      },
    },
  },
)

export const imports = (deps: Deps) =>
  nounApp().openapi(post, async (c) => {
    const { utcOffset, device: given, zone, dates, start } = c.req.valid('query')
    const bytes = await readBody(c, { bytesMax: bounds.importBytesMax })
    const parsed = parseLoggerFile(bytes, {
      ...{ utcOffsetMinutes: minutesOf(utcOffset), now: deps.now() },
      ...(zone !== undefined && { timeZone: zone }),
      ...(dates !== undefined && { dates }),
      ...(start !== undefined && { startAt: start }),
    })
    if (!parsed.ok) throw new Problem(400, parsed.refusals)
    const file = parsed.value
    const id = given ?? file.device.id
    if (id === '')
      throw invalid(
        'the file does not say which device it is of: give one (--device)',
        'query/device',
      )
    if (!deviceIdPattern.test(id))
      throw invalid(`the file's device ${id} cannot be a device id: give one`, 'query/device')
    const identity = c.get('identity')
    const created = await ensureDevice(deps, c, { id, file })
    const steps = keep(deps, identity, { id, file })
    const result = formatImport(file, { device: id, created })
    // Hono's types know a response of JSON or text, not one of NDJSON.
    if (formatAsked(c) === 'ndjson') return streamSteps(steps, result) as never
    for await (const _ of steps);
    return c.json(result, 200)
  })

/** True when the device was not there and is now; its token is made up and told to nobody. */
async function ensureDevice(
  deps: Deps,
  c: Context<Env>,
  { id, file }: { id: string; file: LoggerFile },
): Promise<boolean> {
  const { tenant } = c.get('identity')
  const ledger = c.get('ledger')
  if (await readDevice(ledger.db, tenant, id)) return false
  const { loggingIntervalMs } = file.device
  const device = {
    tenant,
    id,
    channels: {},
    createdAt: deps.now(),
    ...(loggingIntervalMs !== undefined && { loggingIntervalMs }),
  }
  await registerDevice(deps, ledger, { device, token: newToken() })
  return true
}

async function* keep(
  { log, now }: Deps,
  { tenant, id: source }: Identity,
  { id, file }: { id: string; file: LoggerFile },
): AsyncGenerator<Row> {
  const recordTime = now()
  let kept = 0
  for (const body of toReadingsBodies(file.readings)) {
    const offset = log.append({ kind: 'readings', tenant, source, topic: id, recordTime, body })
    await log.whenDurable(offset)
    kept = Math.min(kept + bounds.importChunkReadings, file.readings.length)
    yield { kept, readings: file.readings.length }
  }
}

function streamSteps(steps: AsyncIterable<Row>, result: unknown): Response {
  const lines = async function* (): AsyncGenerator<Uint8Array> {
    for await (const step of steps) yield Buffer.from(`${JSON.stringify(step)}\n`)
    yield Buffer.from(`${JSON.stringify(result)}\n`)
  }
  const headers = { 'Content-Type': 'application/x-ndjson' }
  return new Response(ReadableStream.from(lines()) as ReadableStream, { headers })
}

function formatImport(file: LoggerFile, found: { device: string; created: boolean }) {
  const { readings, gaps, refusals } = file
  const last = readings.at(-1)
  return {
    ...found,
    serial: file.device.serial,
    format: file.format,
    model: file.device.model,
    readings: readings.length,
    from: readings[0] ? formatTime(readings[0].time) : null,
    to: last ? formatTime(last.time) : null,
    gaps: gaps.map(({ from, to }) => ({ from: formatTime(from), to: formatTime(to) })),
    figures: compareFigures(file).map((row) => ({
      ...row,
      device: row.unit === 'time' ? formatTime(row.device) : row.device,
      computed:
        row.unit === 'time' && row.computed !== null ? formatTime(row.computed) : row.computed,
    })),
    refusals: refusals.map(({ code, path, detail }) => ({ code, path, detail })),
  }
}

/** A + that was not percent-encoded arrives as a space. */
function minutesOf(offset: string): number {
  if (offset === 'Z') return 0
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6))
  return offset.startsWith('-') ? -minutes : minutes
}
