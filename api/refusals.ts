// Refusals: input that was kept and will never count, with its reason and its bytes.
import { z } from '@hono/zod-openapi'
import { refusalCodes } from '../domain/refusal.ts'
import { listRefusals, type StoredRefusal } from '../store/ledger-alerts.ts'
import type { Deps } from './deps.ts'
import { deviceIdPattern } from './device-schemas.ts'
import { cutPage, formatTime, numberPlace, pageOf, pageQuery, parseCursor } from './page.ts'
import { guarded, nounApp } from './route.ts'

const refusalSchema = z
  .object({
    id: z.number().int(),
    device: z.string(),
    recordTime: z.string(),
    topic: z.string(),
    offset: z.number().int().openapi({ description: 'of the envelope in the log' }),
    code: z.enum(refusalCodes),
    path: z.string(),
    detail: z.string(),
    raw: z.string().openapi({ description: 'the bytes as they came, base64' }),
    text: z.string().nullable().openapi({ description: 'the same as text, when they are UTF-8' }),
  })
  .openapi('Refusal')
const responses = {
  200: {
    description: 'A page of refusals, newest first',
    content: { 'application/json': { schema: pageOf(refusalSchema) } },
  },
}

const list = guarded(
  { noun: 'refusals', verb: 'read', deviceOf: (c) => c.req.query('device') ?? '' },
  {
    method: 'get',
    path: '/api/v1/refusals',
    summary: 'List refused input',
    request: { query: z.object({ ...pageQuery, device: z.string().max(100).optional() }) },
    responses,
  },
)

const listOfDevice = guarded(
  { noun: 'refusals', verb: 'read', deviceOf: (c) => c.req.param('id') },
  {
    method: 'get',
    path: '/api/v1/devices/{id}/refusals',
    summary: 'List refused input of a logger',
    request: {
      params: z.object({ id: z.string().regex(deviceIdPattern) }),
      query: z.object(pageQuery),
    },
    responses,
  },
)

export const refusals = ({ ledger }: Deps) => {
  const page = async (
    tenant: string,
    asked: { limit: number; cursor: string | undefined; device: string | undefined },
  ) => {
    const before = parseCursor(asked.cursor, numberPlace)?.[0]
    const rows = await listRefusals(ledger.db, tenant, {
      limit: asked.limit + 1,
      ...(before !== undefined && { before }),
      ...(asked.device !== undefined && { device: asked.device }),
    })
    const { items, next } = cutPage(rows, asked.limit, (row) => [row.id])
    return { items: items.map(formatRefusal), next }
  }
  return nounApp()
    .openapi(list, async (c) => {
      const { limit, cursor, device } = c.req.valid('query')
      return c.json(await page(c.get('identity').tenant, { limit, cursor, device }), 200)
    })
    .openapi(listOfDevice, async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const device = c.req.valid('param').id
      return c.json(await page(c.get('identity').tenant, { limit, cursor, device }), 200)
    })
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function formatRefusal(refusal: StoredRefusal) {
  const { id, device, offset, code, path, detail, topic } = refusal
  const raw = Buffer.from(refusal.raw)
  let text: string | null
  try {
    text = strictUtf8.decode(raw)
  } catch {
    text = null
  }
  const recordTime = formatTime(refusal.recordTime)
  return {
    id,
    device,
    recordTime,
    topic,
    offset,
    code,
    path,
    detail,
    raw: raw.toString('base64'),
    text,
  }
}
