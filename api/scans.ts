// Scans that applications send in, and who has looked at a unit. Coarse on purpose: a country or
// some 20 km, a kind of device, a session that nobody can follow into the next day.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { type LimitsLabel, readLimitsLabel, saysLimits } from '../domain/armed-limits.ts'
import { formatDigitalLink, parseGs1 } from '../domain/gs1/gs1.ts'
import type { Result } from '../domain/refusal.ts'
import type { ArmedLimits } from '../store/ledger/limits.ts'
import { listScans, type Scan, scanSources } from '../store/ledger/scans.ts'
import { epcOf } from './alerts/alerts.ts'
import type { Deps } from './deps.ts'
import { armScanned, refuseFuture } from './limits.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, timeQuery } from './page.ts'
import { guarded, nounApp } from './route.ts'
import type { Strangers } from './strangers.ts'

const place = z
  .string()
  .regex(
    /^(?:[A-Z]{2}|[0-9b-hjkmnp-z]{1,4})$/,
    'want a country (DE) or a geohash of 1 to 4 characters',
  )
const word = z.string().regex(/^[a-z][a-z-]{0,31}$/, 'want a word such as camera or handheld')
const traits = {
  place: place.optional().openapi({ description: 'ISO 3166-1 alpha-2, or a geohash of 1 to 4' }),
  device: word.optional().openapi({ description: 'phone, handheld, fixed, …' }),
  capturedBy: word.optional().openapi({ description: 'camera, laser, rfid, keyboard, …' }),
}
const batchSchema = z
  .strictObject({
    session: z.string().min(1).max(200).openapi({
      description: 'yours; kept as a keyed hash that means nothing the day after',
    }),
    ...traits,
    scans: z
      .array(z.strictObject({ text: z.string().max(1000), time: timeQuery.optional(), ...traits }))
      .min(1)
      .max(bounds.scansPerRequestMax),
  })
  .openapi('Scans', {
    example: {
      session: 'till-7',
      place: 'DE',
      capturedBy: 'camera',
      scans: [{ text: '(01)09521234543213(21)A1', time: '2026-03-01T12:00:00Z' }],
    },
  })
const refusedSchema = z.object({
  index: z.number().int(),
  errors: z.array(z.object({ code: z.string(), path: z.string(), detail: z.string() })),
})
const takenSchema = z
  .object({
    recorded: z.number().int(),
    armed: z.number().int().openapi({ description: 'labels of containers with limits' }),
    refused: z.array(refusedSchema),
  })
  .openapi('ScansTaken')
const scanSchema = z
  .object({
    session: z.string(),
    source: z.enum(scanSources),
    firstAt: z.string(),
    lastAt: z.string(),
    times: z.number().int(),
    place: z.string().nullable(),
    device: z.string().nullable(),
    capturedBy: z.string().nullable(),
  })
  .openapi('Scan')

const post = guarded(
  { noun: 'scans', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/scans',
    summary: 'Record scans of an application',
    description:
      'What can be read is recorded; the others are told by their index. A label of a container ' +
      'that says temperature limits arms them.',
    request: { body: { required: true, content: { 'application/json': { schema: batchSchema } } } },
    responses: {
      200: { description: 'Recorded', content: { 'application/json': { schema: takenSchema } } },
    },
  },
)
const get = guarded(
  { noun: 'scans', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/scans',
    summary: 'Who has looked at a unit',
    description: 'A row for each session and way; the newest first.',
    request: { query: z.object({ ...pageQuery, epc: z.string().max(1000) }) },
    responses: {
      200: {
        description: 'Sessions',
        content: { 'application/json': { schema: pageOf(scanSchema) } },
      },
    },
  },
)

export const scans = ({ now }: Deps, strangers: Strangers) =>
  nounApp()
    .openapi(post, async (c) => {
      const { session, scans: given, ...shared } = c.req.valid('json')
      const { tenant, id } = c.get('identity')
      const hashed = await strangers.sessionNamed(`${tenant}\n${id}\n${session}`)
      const taken: Scan[] = []
      const refused: z.output<typeof refusedSchema>[] = []
      const labels = new Map<number, ArmedLimits>()
      for (const [index, { text, time, ...own }] of given.entries()) {
        const read = readScan(text, { time, now: now() })
        if (!read.ok) {
          refused.push({ index, errors: read.refusals })
          continue
        }
        const { epc, limits, said } = read.value
        const at = time ?? now()
        const hash = await strangers.hashOf(epc)
        const scan = { epc, hash, session: hashed, source: 'app' as const, at, ...said }
        taken.push({ ...scan, ...shared, ...own })
        const armed = { label: text, armedAt: at, armedBy: id, recordTime: now() }
        if (limits) labels.set(index, { ...limits, ...armed })
      }
      const outcomes = await armScanned(c.get('ledger'), tenant, [...labels.values()])
      for (const [at, index] of [...labels.keys()].entries()) {
        const outcome = outcomes[at]!
        if (!outcome.ok) refused.push({ index, errors: outcome.refusals })
      }
      refused.sort((a, b) => a.index - b.index)
      const armed = outcomes.filter(({ ok }) => ok).length
      await strangers.record(c.get('ledger'), tenant, taken)
      return c.json({ recorded: taken.length, armed, refused }, 200)
    })
    .openapi(get, async (c) => {
      const { epc: text, limit, cursor } = c.req.valid('query')
      const epc = epcOf(text, 'query/epc')
      const { tenant } = c.get('identity')
      const rows = await listScans(c.get('ledger').db, tenant, {
        epc,
        hash: await strangers.hashOf(epc),
        after: parseCursor(cursor, z.tuple([z.int(), z.string()])),
        limit: limit + 1,
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.lastAt, row.session])
      const shown = items.map((row) => ({
        ...row,
        firstAt: formatTime(row.firstAt),
        lastAt: formatTime(row.lastAt),
      }))
      return c.json({ items: shown, next }, 200)
    })

/** What one scan says: of which unit, and the limits on the label of a container. */
interface ReadScan {
  epc: string
  limits?: LimitsLabel
  /** What a label says of its trade item. */
  said: Pick<Scan, 'lot' | 'expiry'>
}

export function readScan(
  text: string,
  { time, now }: { time: number | undefined; now: number },
): Result<ReadScan> {
  const future = refuseFuture(time, { now, path: '/time' })
  const key = parseGs1(text)
  const limits = saysLimits(text) ? readLimitsLabel(text) : undefined
  const faults = [key, limits].flatMap((read) => (read && !read.ok ? read.refusals : []))
  const refusals = faults.map((one) => ({ ...one, path: '/text' }))
  if (!key.ok || limits?.ok === false || future)
    return { ok: false, refusals: [...refusals, ...(future ? [future] : [])] }
  return {
    ok: true,
    value: {
      epc: formatDigitalLink(key.value),
      ...(limits && { limits: limits.value }),
      said: key.value.key === 'sgtin' ? { lot: key.value.lot, expiry: key.value.expiry } : {},
    },
  }
}
