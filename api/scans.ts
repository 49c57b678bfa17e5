// Scans that applications send in, and who has looked at a unit. Coarse on purpose: a country or
// some 20 km, a kind of device, a session that nobody can follow into the next day.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { formatDigitalLink, parseGs1 } from '../domain/gs1.ts'
import type { Refusal } from '../domain/refusal.ts'
import { listScans, type Scan, scanSources } from '../store/ledger-scans.ts'
import { epcOf } from './alerts.ts'
import type { Deps } from './deps.ts'
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
  .object({ recorded: z.number().int(), refused: z.array(refusedSchema) })
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
    description: 'What can be read is recorded; the others are told by their index.',
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
      for (const [index, { text, time, ...own }] of given.entries()) {
        const read = readScan(text, { time, now: now() })
        if (!read.ok) refused.push({ index, errors: read.refusals })
        else {
          const traits = { ...shared, ...own }
          const hash = await strangers.hashOf(read.epc)
          const at = time ?? now()
          taken.push({ epc: read.epc, hash, session: hashed, source: 'app', at, ...traits })
        }
      }
      await strangers.record(c.get('ledger'), tenant, taken)
      return c.json({ recorded: taken.length, refused }, 200)
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

/** Clocks of telephones are a little wrong; what is to come has not been scanned. */
const futureMs = 300_000

function readScan(
  text: string,
  { time, now }: { time: number | undefined; now: number },
): { ok: true; epc: string } | { ok: false; refusals: Refusal[] } {
  const key = parseGs1(text)
  if (!key.ok)
    return { ok: false, refusals: key.refusals.map((one) => ({ ...one, path: '/text' })) }
  if (time !== undefined && time > now + futureMs) {
    const detail = `${formatTime(time)} is still to come`
    return { ok: false, refusals: [{ code: 'request/invalid', path: '/time', detail }] }
  }
  return { ok: true, epc: formatDigitalLink(key.value) }
}
