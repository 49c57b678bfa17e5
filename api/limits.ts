// Temperature limits that the labels of containers ask for: scanning a label arms them. What a
// label says is read by domain/armed-limits.ts, and judged by the detector.
import { z } from '@hono/zod-openapi'
import { readLimitsLabel } from '../domain/armed-limits.ts'
import type { Refusal } from '../domain/refusal.ts'
import { type Armed, armLimits } from '../ingest/arm-limits.ts'
import { marking } from '../store/ledger/detectors.ts'
import type { LedgerView } from '../store/ledger/ledger.ts'
import { type ArmedLimits, listArmings } from '../store/ledger/limits.ts'
import { epcOf } from './alerts/alerts.ts'
import type { Deps } from './deps.ts'
import {
  cutPage,
  formatEnd,
  formatTime,
  pageOf,
  pageQuery,
  parseCursor,
  timeQuery,
} from './page.ts'
import { Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const scannedSchema = z
  .strictObject({
    label: z.string().min(1).max(4096).openapi({
      description: 'what a scanner sent, an element string, a Digital Link: with AI 00 and 433x',
    }),
    eventTime: timeQuery.optional().openapi({ description: 'of the scan; now when not given' }),
  })
  .openapi('ScannedLabel', {
    example: { label: ']C1001061414123456789084331000800\u001d4333000200' },
  })
const limitsSchema = z
  .object({
    container: z.string(),
    minC: z.number().nullable().openapi({ description: 'inclusive, °C' }),
    maxC: z.number().nullable().openapi({ description: 'inclusive, °C' }),
    armedAt: z.string().openapi({ description: 'time of the scan: they hold from then on' }),
    armedBy: z.string(),
    label: z.string(),
  })
  .openapi('Limits')
const armedSchema = limitsSchema
  .extend({
    changed: z.boolean().openapi({ description: 'something else holds now than before the scan' }),
  })
  .openapi('ArmedLimits')
const listedSchema = limitsSchema
  .extend({
    until: z.string().nullable().openapi({ description: 'when another scan took its place' }),
    recordTime: z.string(),
  })
  .openapi('LimitsOnRecord')

const post = guarded(
  { noun: 'limits', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/limits',
    summary: 'Arm the temperature limits that a scanned label asks for',
    description: 'A later scan of the container takes its place; the same again changes nothing.',
    request: {
      body: { required: true, content: { 'application/json': { schema: scannedSchema } } },
    },
    responses: {
      200: { description: 'Armed', content: { 'application/json': { schema: armedSchema } } },
    },
  },
)
const list = guarded(
  { noun: 'limits', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/limits',
    summary: 'List armed limits by container, then time',
    request: {
      query: z.object({
        ...pageQuery,
        container: z.string().max(500).optional().openapi({ description: 'any GS1 syntax' }),
      }),
    },
    responses: {
      200: {
        description: 'A page of scans of labels',
        content: { 'application/json': { schema: pageOf(listedSchema) } },
      },
    },
  },
)

export const limits = ({ now }: Deps) =>
  nounApp()
    .openapi(post, async (c) => {
      const { label, eventTime } = c.req.valid('json')
      const { tenant, id } = c.get('identity')
      const future = refuseFuture(eventTime, { now: now(), path: '/eventTime' })
      const read = readLimitsLabel(label)
      if (future || !read.ok)
        throw new Problem(400, [
          ...(read.ok ? [] : read.refusals.map((one) => ({ ...one, path: '/label' }))),
          ...(future ? [future] : []),
        ])
      const scan = { label, armedAt: eventTime ?? now(), armedBy: id, recordTime: now() }
      const arming = { ...read.value, ...scan }
      const [armed] = await armScanned(c.get('ledger'), tenant, [arming])
      if (!armed!.ok) throw new Problem(409, armed!.refusals)
      return c.json({ ...formatLimits(arming), changed: armed!.changed }, 200)
    })
    .openapi(list, async (c) => {
      const { container, limit, cursor } = c.req.valid('query')
      const rows = await listArmings(c.get('ledger').db, c.get('identity').tenant, {
        container: container === undefined ? undefined : epcOf(container, 'query/container'),
        after: parseCursor(cursor, z.tuple([z.string(), z.int(), z.string()])),
        limit: limit + 1,
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.container, row.armedAt, row.said])
      const shown = items.map((row) => ({
        ...formatLimits(row),
        until: formatEnd(row.until),
        recordTime: formatTime(row.recordTime),
      }))
      return c.json({ items: shown, next }, 200)
    })

/** In one transaction, and none for no label. */
export const armScanned = async (
  ledger: LedgerView,
  tenant: string,
  armings: readonly ArmedLimits[],
): Promise<Armed[]> =>
  armings.length === 0
    ? []
    : ledger.transact((db) => armLimits(db, tenant, armings), marking(tenant))

/** Clocks of telephones are a little wrong; what is to come has not been scanned. */
const futureMs = 300_000

export function refuseFuture(
  time: number | undefined,
  { now, path }: { now: number; path: string },
): Refusal | undefined {
  if (time === undefined || time <= now + futureMs) return undefined
  return { code: 'request/invalid', path, detail: `${formatTime(time)} is still to come` }
}

const formatLimits = ({ container, minC, maxC, armedAt, armedBy, label }: ArmedLimits) => ({
  container,
  minC,
  maxC,
  armedAt: formatTime(armedAt),
  armedBy,
  label,
})
