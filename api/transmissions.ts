// Equipment data as WHO and UNICEF ask suppliers to send it (Interoperable CCE Data Delivery,
// 2025): taken whole or not at all, kept in the log as readings of its devices, graded for the
// sender.
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../config.ts'
import { findingCodes } from '../domain/transmission/grades.ts'
import {
  type EquipmentDevice,
  equipmentChannels,
  equipmentIntervalMs,
  parseTransmission,
  type Transmission,
} from '../domain/transmission/transmission.ts'
import { decodeJson } from '../ingest/json.ts'
import { newToken, readDevice } from '../store/ledger/registry.ts'
import {
  type KeptTransmission,
  listTransmissions,
  putTransmission,
  readTransmission,
} from '../store/ledger/transmissions.ts'
import { readBody } from './body.ts'
import type { Deps } from './deps.ts'
import { registerDevice } from './devices/devices.ts'
import type { Env } from './identity.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor } from './page.ts'
import { notFound, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const count = z.number().int()
const summary = {
  id: z.string(),
  transferSrc: z.string(),
  transferId: z.string(),
  transferType: z.enum(['rtm', 'ems']),
  receivedAt: z.string(),
  times: count.openapi({ description: 'how often this transfer came; more than once is a repeat' }),
  reports: count,
  records: count,
  errors: count.openapi({ description: 'what the schema does not allow' }),
  warnings: count.openapi({ description: 'what the requirements do not allow' }),
  notices: count.openapi({ description: 'what the equipment says: alarms, its own errors' }),
}
const findingSchema = z.object({
  grade: z.enum(['error', 'warning', 'notice']),
  code: z.enum(findingCodes),
  clause: z.string().openapi({ example: '3.2' }),
  path: z.string(),
  detail: z.string(),
})
const summarySchema = z.object(summary)
const transmissionSchema = z
  .object({ ...summary, findings: z.array(findingSchema) })
  .openapi('Transmission')
const content = { 'application/json': { schema: transmissionSchema } }
const tags = ['transmissions']
const timedPlace = z.tuple([z.int(), z.string()])

const post = guarded(
  { noun: 'transmissions', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/transmissions',
    tags,
    summary: 'Receive rtm or ems data of cold-chain equipment (WHO/UNICEF)',
    description:
      'Answered when all of it is on disk. Compartments that are not known yet become devices. ' +
      'Findings do not hinder: what cannot be a reading is kept among the refusals of its device.',
    request: {
      body: {
        required: true,
        content: { 'application/json': { schema: { type: 'object' as const } } },
      },
    },
    responses: { 200: { description: 'Taken', content } },
  },
)
const get = guarded(
  { noun: 'transmissions', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/transmissions/{id}',
    tags,
    summary: 'Read what was found in a transmission',
    request: { params: z.object({ id: z.uuid() }) },
    responses: { 200: { description: 'The transmission', content } },
  },
)
const list = guarded(
  { noun: 'transmissions', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/transmissions',
    tags,
    summary: 'List transmissions, the newest first',
    request: { query: z.object({ ...pageQuery, source: z.string().max(500).optional() }) },
    responses: {
      200: {
        description: 'Transmissions',
        content: { 'application/json': { schema: pageOf(summarySchema) } },
      },
    },
  },
)

export const transmissions = (deps: Deps) =>
  nounApp()
    .openapi(post, async (c) => {
      const transmission = await readTransmissionBody(c)
      for (const device of transmission.devices) await keepReadings(deps, c, device)
      const { meta, reports, records, findings } = transmission
      const { error: errors, warning: warnings, notice: notices } = findings.counts
      const found = { reports, records, errors, warnings, notices }
      const kept = {
        id: randomUUID(),
        ...meta,
        ...{ receivedAt: deps.now(), ...found, findings: JSON.stringify(findings.items) },
      }
      const { tenant } = c.get('identity')
      const put = await c.get('ledger').transact((db) => putTransmission(db, tenant, kept))
      return c.json(formatTransmission({ ...kept, ...put }), 200)
    })
    .openapi(get, async (c) => {
      const { db } = c.get('ledger')
      const kept = await readTransmission(db, c.get('identity').tenant, c.req.valid('param').id)
      if (!kept) throw notFound('no such transmission', 'transmission')
      return c.json(formatTransmission(kept), 200)
    })
    .openapi(list, async (c) => {
      const { limit, cursor, source } = c.req.valid('query')
      const rows = await listTransmissions(c.get('ledger').db, c.get('identity').tenant, {
        before: parseCursor(cursor, timedPlace),
        transferSrc: source,
        limit: limit + 1,
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.receivedAt, row.id])
      return c.json({ items: items.map(formatSummary), next }, 200)
    })

/**
 * Problem 413 and 415 as for every body, 400 for what is no JSON, 422 for what is none of these.
 */
async function readTransmissionBody(c: Context): Promise<Transmission> {
  const rules = { bytesMax: bounds.transmissionBytesMax, types: ['application/json'] }
  const bytes = await readBody(c, rules)
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const detail = 'gzip within gzip, or without Content-Encoding: gzip'
    throw new Problem(400, [{ code: 'packet/encoding', path: '', detail }])
  }
  const json = decodeJson(bytes)
  if (!json.ok) throw new Problem(400, json.refusals)
  const parsed = parseTransmission(json.value)
  if (!parsed.ok) throw new Problem(422, parsed.refusals)
  if (parsed.value.devices.length > bounds.transmissionDevicesMax) {
    const detail = `of more than ${bounds.transmissionDevicesMax} compartments: send it in parts`
    throw new Problem(413, [{ code: 'request/too-large', path: '/data', detail }])
  }
  return parsed.value
}

/** In the log, on disk; the device is there before its readings are. */
async function keepReadings(
  deps: Deps,
  c: Context<Env>,
  { id, readings }: EquipmentDevice,
): Promise<void> {
  const { tenant, id: source } = c.get('identity')
  const ledger = c.get('ledger')
  if (!(await readDevice(ledger.db, tenant, id))) {
    const device = {
      ...{ tenant, id, channels: equipmentChannels },
      ...{ loggingIntervalMs: equipmentIntervalMs, createdAt: deps.now() },
    }
    await registerDevice(deps, ledger, { device, token: newToken() })
  }
  for (let from = 0; from < readings.length; from += bounds.transmissionChunkRecords) {
    const chunk = readings.slice(from, from + bounds.transmissionChunkRecords)
    const body = Buffer.from(JSON.stringify(chunk))
    const recordTime = deps.now()
    const offset = deps.log.append({
      kind: 'readings',
      tenant,
      source,
      topic: id,
      recordTime,
      body,
    })
    await deps.log.whenDurable(offset)
  }
}

const formatSummary = ({ findings: _, receivedAt, transferType, ...row }: KeptTransmission) => ({
  ...row,
  transferType: transferType as 'rtm' | 'ems',
  receivedAt: formatTime(receivedAt),
})

const formatTransmission = (kept: KeptTransmission) => ({
  ...formatSummary(kept),
  findings: JSON.parse(kept.findings) as z.output<typeof findingSchema>[],
})
