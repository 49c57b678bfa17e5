// Devices: loggers with an id, a GIAI and a token. The token is told once; only its hash is kept.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { canonicalEpc, parseEpc } from '../../domain/gs1/gs1.ts'
import { hourMs } from '../../domain/hours.ts'
import { Unavailable } from '../../domain/refusal.ts'
import { markDirty, marking } from '../../store/ledger/detectors.ts'
import type { LedgerQuery, LedgerView } from '../../store/ledger/ledger.ts'
import {
  changeToken,
  type Device,
  devicesByGiai,
  hashToken,
  insertDevice,
  listDevices,
  newToken,
  readDevice,
  updateDevice,
} from '../../store/ledger/registry.ts'
import type { Deps } from '../deps.ts'
import { rememberAnswers } from '../once.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, textPlace } from '../page.ts'
import { conflict, notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { keepCalibration, shownCalibrations, type ToldCalibration } from './calibrations.ts'
import {
  changeSchema,
  createdSchema,
  deviceIdPattern,
  deviceSchema,
  deviceStateSchema,
  newDeviceSchema,
  rotatedSchema,
  rotationQuery,
} from './schemas.ts'
import { standingOf, standingSchema } from './standing.ts'

const params = z.object({ id: z.string().regex(deviceIdPattern).openapi({ example: 'logger-1' }) })
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})

const create = guarded(
  { noun: 'devices', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/devices',
    summary: 'Register a logger',
    description: 'The token is told in this answer and never again.',
    request: {
      headers: z.object({ 'idempotency-key': z.string().max(200).optional() }),
      body: { required: true, content: { 'application/json': { schema: newDeviceSchema } } },
    },
    responses: { 201: json('Registered', createdSchema) },
  },
)

const list = guarded(
  { noun: 'devices', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/devices',
    summary: 'List loggers by id',
    request: {
      query: z.object({
        ...pageQuery,
        about: z.enum(['0', '1']).default('0').openapi({
          description: '1: with when it was last heard, its battery, its container and how it is',
        }),
      }),
    },
    responses: {
      200: json(
        'A page of loggers',
        pageOf(deviceSchema.extend(standingSchema).openapi('ListedDevice')),
      ),
    },
  },
)

const get = guarded(
  { noun: 'devices', verb: 'read', deviceOf: (c) => c.req.param('id') },
  {
    method: 'get',
    path: '/api/v1/devices/{id}',
    summary: 'Read a logger with its newest readings',
    request: { params },
    responses: { 200: json('The logger', deviceStateSchema) },
  },
)

const patch = guarded(
  { noun: 'devices', verb: 'write' },
  {
    method: 'patch',
    path: '/api/v1/devices/{id}',
    summary: 'Change a logger',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: changeSchema } } },
    },
    responses: { 200: json('As it stands now', deviceSchema) },
  },
)

const rotate = guarded(
  { noun: 'devices', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/devices/{id}/token',
    summary: 'Give a logger a new token',
    description:
      'Its connection ends. The old token is dead at once; or it stays good for `overlapHours`, so that the logger can learn the new one without a message lost. The token is told in this answer and never again.',
    request: { params, query: rotationQuery },
    responses: { 200: json('The new token, told once', rotatedSchema) },
  },
)

export function devices(deps: Deps) {
  const once = rememberAnswers()
  return nounApp()
    .openapi(create, async (c) => {
      const { tenant, id: caller } = c.get('identity')
      const body = c.req.valid('json')
      const key = c.req.valid('header')['idempotency-key']
      const created = await once.run({ key, scope: `${tenant}/${caller}`, body }, async () => {
        c.set('created', `/api/v1/devices/${body.id}`)
        const token = newToken()
        const device = deviceOf(tenant, body, deps.now())
        await registerDevice(deps, c.get('ledger'), { device, token, calibration: body })
        return { ...(await shownDevice(c.get('ledger').db, device)), token, mqtt: mqttOf(device) }
      })
      return c.json(created, 201, { Location: `/api/v1/devices/${created.id}` })
    })
    .openapi(list, async (c) => {
      const { limit, cursor, about } = c.req.valid('query')
      const { tenant } = c.get('identity')
      const { db } = c.get('ledger')
      const after = parseCursor(cursor, textPlace)?.[0]
      const rows = await listDevices(db, tenant, {
        limit: limit + 1,
        ...(after !== undefined && { after }),
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.id])
      const ids = items.map(({ id }) => id)
      const calibrations = await shownCalibrations(db, tenant, ids)
      const standing = about === '1' ? await standingOf(deps, db, { tenant, devices: items }) : null
      const told = items.map((each) => ({
        ...formatDevice(each),
        ...calibrations.get(each.id),
        ...standing?.get(each.id),
      }))
      return c.json({ items: told, next }, 200)
    })
    .openapi(get, async (c) => {
      const device = await deviceOr404(
        c.get('ledger').db,
        c.get('identity').tenant,
        c.req.param('id'),
      )
      const told = await shownDevice(c.get('ledger').db, device)
      const said = await saidOf(deps.series, device)
      return c.json({ ...told, mqtt: mqttOf(device), ...said }, 200)
    })
    .openapi(patch, async (c) => {
      const { tenant } = c.get('identity')
      const { id } = c.req.valid('param')
      const body = c.req.valid('json')
      const device = await changeDevice(c.get('ledger'), { tenant, id }, body)
      await deps.onDeviceChange?.(tenant, id)
      return c.json(await shownDevice(c.get('ledger').db, device), 200)
    })
    .openapi(rotate, async (c) => {
      const { tenant } = c.get('identity')
      const { id } = c.req.valid('param')
      const { overlapHours } = c.req.valid('query')
      const token = newToken()
      const formerUntil = overlapHours === 0 ? null : deps.now() + overlapHours * hourMs
      await c.get('ledger').transact(async (db) => {
        const device = inService(await deviceOr404(db, tenant, id))
        await changeToken(db, device, { tokenHash: hashToken(token), formerUntil })
      })
      await deps.onDeviceChange?.(tenant, id)
      // With its old token it may come back, as long as that is good.
      deps.broker?.disconnect(id)
      const until = formerUntil === null ? null : formatTime(formerUntil)
      return c.json({ id, token, formerUntil: until }, 200)
    })
}

/** Its alerts are judged anew. Problem 404: unknown; 409: the GIAI is taken. */
function changeDevice(
  ledger: LedgerView,
  { tenant, id }: { tenant: string; id: string },
  body: z.infer<typeof changeSchema>,
): Promise<Device> {
  const giai = body.giai === undefined ? undefined : giaiOf(body.giai)
  return ledger.transact(async (db) => {
    const known = inService(await deviceOr404(db, tenant, id))
    if (giai !== undefined) await refuseTakenGiai(db, known, giai)
    await updateDevice(db, known, {
      ...(giai !== undefined && { giai }),
      ...intervalOf(body.loggingIntervalSeconds),
      ...(body.uncertaintyC !== undefined && { uncertaintyC: body.uncertaintyC }),
      ...(body.channels && { channels: body.channels }),
    })
    await keepCalibration(db, { tenant, device: id }, body)
    await markDirty(db, tenant, { devices: [id], since: 0, cause: 'device' })
    return deviceOr404(db, tenant, id)
  }, marking(tenant))
}

/**
 * Stores a new device and marks it to be looked at, since it may be mounted already. Problem 409:
 * taken.
 */
export async function registerDevice(
  { onDeviceChange }: Deps,
  ledger: LedgerView,
  of: NewDevice,
): Promise<void> {
  const { tenant, id } = of.device
  await ledger.transact((db) => addDevice(db, of), marking(tenant))
  await onDeviceChange?.(tenant, id)
}

export interface NewDevice {
  device: Device
  token: string
  calibration?: ToldCalibration
}

/** In a transaction. Problem 409: taken. */
export async function addDevice(
  db: LedgerQuery,
  { device, token, calibration = {} }: NewDevice,
): Promise<void> {
  const { tenant, id, giai } = device
  if (await readDevice(db, tenant, id)) throw taken(`device ${id} is registered already`, '/id')
  if (giai !== undefined) await refuseTakenGiai(db, device, giai)
  await insertDevice(db, device, hashToken(token))
  await keepCalibration(db, { tenant, device: id }, calibration)
  await markDirty(db, tenant, { devices: [id], since: 0, cause: 'device' })
}

/** A device as its body tells of it. Problem 400: the GIAI is none. */
export function deviceOf(
  tenant: string,
  body: z.infer<typeof newDeviceSchema>,
  createdAt: number,
): Device {
  const giai = body.giai === undefined ? undefined : giaiOf(body.giai)
  return {
    ...{ tenant, id: body.id },
    ...(giai !== undefined && { giai }),
    ...intervalOf(body.loggingIntervalSeconds),
    ...(body.uncertaintyC !== undefined && { uncertaintyC: body.uncertaintyC }),
    ...{ channels: body.channels ?? {}, createdAt },
  }
}

export async function deviceOr404(db: LedgerQuery, tenant: string, id: string): Promise<Device> {
  const device = await readDevice(db, tenant, id)
  if (!device) throw notFound(`no device ${id.slice(0, bounds.channelNameCharsMax)}`, 'device')
  return device
}

/** Problem 409 for one that is retired: nothing of it changes. */
export function inService(device: Device): Device {
  if (!device.retired) return device
  const since = formatTime(device.retired.at)
  throw conflict(`${device.id} is retired since ${since}: ${device.retired.reason}`, 'device')
}

async function refuseTakenGiai(
  db: LedgerQuery,
  device: Pick<Device, 'tenant' | 'id'>,
  giai: string,
): Promise<void> {
  const [owner] = await devicesByGiai(db, device.tenant, [giai])
  if (owner && owner.id !== device.id) throw taken(`${giai} is the GIAI of ${owner.id}`, '/giai')
}

const taken = (detail: string, path: string): Problem =>
  new Problem(409, [{ code: 'device/duplicate', path, detail }])

/**
 * Any GS1 syntax of a GIAI, canonical; the bare value of AI 8004 too, as it is printed below the
 * symbol.
 */
function giaiOf(text: string): string {
  const asked = canonicalEpc(text)
  const epc = asked.ok || !/^[^(:/]+$/.test(text) ? asked : canonicalEpc(`(8004)${text}`)
  if (!epc.ok)
    throw new Problem(
      400,
      epc.refusals.map((refusal) => ({ ...refusal, path: '/giai' })),
    )
  if (parseEpc(epc.value)?.key === 'giai') return epc.value
  const detail = `${epc.value} is not a GIAI (AI 8004)`
  throw new Problem(400, [{ code: 'gs1/key-unknown', path: '/giai', detail }])
}

const intervalOf = (seconds: number | undefined): { loggingIntervalMs?: number } =>
  seconds === undefined ? {} : { loggingIntervalMs: Math.round(seconds * 1000) }

/** What is stored of its readings; null while the series store is away. */
async function saidOf(series: Deps['series'], { tenant, id }: Device) {
  const latest = await whenThere(series.latest(tenant, id))
  const kept = await whenThere(series.channels(tenant, id))
  const spans = kept?.map((row) => ({
    ...row,
    from: formatTime(row.from),
    to: formatTime(row.to),
  }))
  // Stores list channels in orders of their own.
  const newest = latest
    ?.map((row) => ({ ...row, time: formatTime(row.time) }))
    .sort((a, b) => (a.channel < b.channel ? -1 : 1))
  return { latest: newest ?? null, kept: spans ?? null }
}

/** Undefined while the series store is away: what the ledger knows is told all the same (I12). */
async function whenThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Unavailable) return undefined
    throw error
  }
}

function mqttOf({ tenant, id }: Device) {
  const topic = (leaf: string): string => `v1/${tenant}/${id}/${leaf}`
  return {
    username: id,
    topics: {
      readings: topic('readings'),
      senml: topic('senml'),
      status: topic('status'),
      commands: topic('commands'),
    },
  }
}

/** With its newest calibration. */
export async function shownDevice(db: LedgerQuery, device: Device) {
  const calibrations = await shownCalibrations(db, device.tenant, [device.id])
  return { ...formatDevice(device), ...calibrations.get(device.id) }
}

const formatDevice = (device: Device) => ({
  id: device.id,
  giai: device.giai ?? null,
  loggingIntervalSeconds:
    device.loggingIntervalMs === undefined ? null : device.loggingIntervalMs / 1000,
  ...(device.uncertaintyC !== undefined && { uncertaintyC: device.uncertaintyC }),
  channels: device.channels,
  createdAt: formatTime(device.createdAt),
  ...(device.formerTokenUntil !== undefined && {
    formerTokenUntil: formatTime(device.formerTokenUntil),
  }),
  ...(device.retired && {
    retired: { ...device.retired, at: formatTime(device.retired.at) },
  }),
})
