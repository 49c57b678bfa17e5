// Refusals: input that was kept and will never count, with its reason and its bytes.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../config.ts'
import { adviceFor } from '../domain/hints.ts'
import { refusalCodes } from '../domain/refusal.ts'
import {
  type ListedRefusal,
  listRefusalHeads,
  readRefusedPacket,
} from '../store/ledger/refusals.ts'
import type { Deps } from './deps.ts'
import { deviceIdPattern } from './devices/schemas.ts'
import type { Env } from './identity.ts'
import { languages } from './organisation.ts'
import { cutPage, formatTime, numberPlace, pageOf, pageQuery, parseCursor } from './page.ts'
import { conflict, notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const refusalSchema = z
  .object({
    id: z.number().int(),
    device: z.string(),
    recordTime: z.string(),
    topic: z.string(),
    offset: z.number().int().openapi({ description: 'of the packet in the log' }),
    code: z.enum(refusalCodes),
    path: z.string(),
    detail: z.string(),
    remedy: z.string().nullable().openapi({
      description: 'what the sender does about it; null when that is not a matter of the packet',
    }),
    raw: z.string().openapi({
      description: `the packet as it came, base64; its first ${bounds.refusalHeadBytes} bytes`,
    }),
    text: z.string().nullable().openapi({ description: 'the same as text, when it is UTF-8' }),
    rawBytes: z.number().int().openapi({ description: 'of the whole packet' }),
    links: z.object({ raw: z.string().openapi({ description: 'all its bytes' }) }),
  })
  .openapi('Refusal')
const language = z.enum(languages).default('en').openapi({ description: 'of the remedies' })
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
    request: {
      query: z.object({ ...pageQuery, language, device: z.string().max(100).optional() }),
    },
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
      query: z.object({ ...pageQuery, language }),
    },
    responses,
  },
)

const raw = guarded(
  { noun: 'refusals', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/refusals/{id}/raw',
    summary: 'Read the refused bytes',
    request: { params: z.object({ id: z.coerce.number().int().openapi({ type: 'integer' }) }) },
    responses: {
      200: {
        description: 'The packet as it came',
        content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      },
    },
  },
)

const replay = guarded(
  { noun: 'refusals', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/refusals/{id}/replay',
    summary: 'Take a refused packet in once more',
    description:
      'For what can be understood by now: its channel was declared since, or its edge node told what an alias stands for. The packet goes into the log as it came and is decoded as if it came now; what was kept of it before is kept once. 409 for a packet that its sender had no right to send.',
    request: { params: z.object({ id: z.coerce.number().int().openapi({ type: 'integer' }) }) },
    responses: {
      202: {
        description: 'It is durable, and will be decoded',
        content: { 'application/json': { schema: z.object({ offset: z.number().int() }) } },
      },
    },
  },
)

export const refusals = ({ log, now }: Deps) => {
  const page = async (c: Context<Env>, asked: Asked) => {
    const before = parseCursor(asked.cursor, numberPlace)?.[0]
    const rows = await listRefusalHeads(c.get('ledger').db, c.get('identity').tenant, {
      limit: asked.limit + 1,
      headBytes: bounds.refusalHeadBytes,
      ...(before !== undefined && { before }),
      ...(asked.device !== undefined && { device: asked.device }),
    })
    const { items, next } = cutPage(rows, asked.limit, (row) => [row.id])
    return { items: items.map((each) => formatRefusal(each, asked.language)), next }
  }
  return nounApp()
    .openapi(list, async (c) => {
      const { device, ...asked } = c.req.valid('query')
      return c.json(await page(c, { ...asked, device }), 200)
    })
    .openapi(listOfDevice, async (c) => {
      const device = c.req.valid('param').id
      return c.json(await page(c, { ...c.req.valid('query'), device }), 200)
    })
    .openapi(raw, async (c) => {
      const { id } = c.req.valid('param')
      const packet = await readRefusedPacket(c.get('ledger').db, c.get('identity').tenant, id)
      if (!packet) throw notFound(`no refusal ${id}`, 'path/id')
      return c.body(Buffer.from(packet.raw), 200, {
        'Content-Type': 'application/octet-stream',
        // A device wrote it: a browser must not show it as a page.
        'Content-Disposition': `attachment; filename="refusal-${id}.bin"`,
      })
    })
    .openapi(replay, async (c) => {
      const { tenant, id: source } = c.get('identity')
      const { id } = c.req.valid('param')
      const packet = await readRefusedPacket(c.get('ledger').db, tenant, id)
      if (!packet) throw notFound(`no refusal ${id}`, 'path/id')
      const { raw: body, topic, code } = packet
      if (code === 'packet/topic-forbidden')
        throw conflict('its sender had no right to publish to this topic')
      // What came by HTTP or from a file has the device for its topic.
      const kind = topic.includes('/') ? 'publish' : 'readings'
      const ticket = log.append({ kind, tenant, source, topic, recordTime: now(), body })
      return c.json({ offset: await log.whenDurable(ticket) }, 202)
    })
}

interface Asked {
  limit: number
  cursor?: string | undefined
  device: string | undefined
  language: (typeof languages)[number]
}

function formatRefusal(refusal: ListedRefusal, into: Asked['language']) {
  const { id, recordTime, head, ...rest } = refusal
  return {
    id,
    ...rest,
    recordTime: formatTime(recordTime),
    remedy: adviceFor(refusal, into),
    raw: Buffer.from(head).toString('base64'),
    text: textOf(head, head.length < refusal.rawBytes),
    links: { raw: `/api/v1/refusals/${id}/raw` },
  }
}

/**
 * `cut`: the end may lie within a character, which is no fault then. A decoder of its own, since it
 * remembers.
 */
function textOf(bytes: Uint8Array, cut: boolean): string | null {
  try {
    const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return strictUtf8.decode(bytes, { stream: cut })
  } catch {
    return null
  }
}
