// Loggers go out of service and come back. What they sent stays, their tokens do not: one that
// comes back gets a new one. Refuses to retire what watches a container, unless that is meant.
import { z } from '@hono/zod-openapi'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import {
  changeToken,
  type Device,
  hashToken,
  newToken,
  readDevice,
  updateDevice,
} from '../../store/ledger/registry.ts'
import { mountsOf } from '../../store/ledger/trace.ts'
import type { Deps } from '../deps.ts'
import { conflict } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { deviceOr404, inService, shownDevice } from './devices.ts'
import { deviceIdPattern, deviceSchema, retirementSchema } from './schemas.ts'

const path = '/api/v1/devices/{id}/retirement'
const params = z.object({ id: z.string().regex(deviceIdPattern) })
const responses = {
  200: {
    description: 'As it stands now',
    content: { 'application/json': { schema: deviceSchema } },
  },
}

const retire = guarded(
  { noun: 'devices', verb: 'write' },
  {
    ...{ method: 'post', path },
    summary: 'Take a logger out of service',
    description:
      'Its token is dead at once, and nothing more is taken for it over HTTP. Readings, alerts and passports stay as they are. 409 while it is on a container, unless `force` is true; 409 when it is retired already.',
    request: {
      params,
      body: { required: true, content: { 'application/json': { schema: retirementSchema } } },
    },
    responses,
  },
)

const restore = guarded(
  { noun: 'devices', verb: 'write' },
  {
    ...{ method: 'delete', path },
    summary: 'Put a retired logger back into service',
    description: 'Its old token stays dead: POST /api/v1/devices/{id}/token gives it a new one.',
    request: { params },
    responses,
  },
)

export const deviceRetirement = (deps: Deps) =>
  nounApp()
    .openapi(retire, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { id } = c.req.valid('param')
      const { reason, force } = c.req.valid('json')
      const at = deps.now()
      const told = await c.get('ledger').transact(async (db) => {
        await retireDevice(db, { tenant, id }, { at, by, reason, force })
        return shownAgain(db, { tenant, id })
      })
      await deps.onDeviceChange?.(tenant, id)
      deps.broker?.disconnect(id)
      return c.json(told, 200)
    })
    .openapi(restore, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { id } = c.req.valid('param')
      const at = deps.now()
      const told = await c.get('ledger').transact(async (db) => {
        const device = await deviceOr404(db, tenant, id)
        if (!device.retired) throw conflict(`${id} is in service`)
        await updateDevice(db, device, { retired: null })
        const record = { device: id, retired: device.retired }
        const told = await shownAgain(db, device)
        await appendEvidence(db, { tenant, kind: 'device.restored', by, at, record })
        return told
      })
      await deps.onDeviceChange?.(tenant, id)
      return c.json(told, 200)
    })

/** In a transaction. Problem 404: unknown; 409: retired already, or on a container. */
export async function retireDevice(
  db: LedgerQuery,
  { tenant, id }: Pick<Device, 'tenant' | 'id'>,
  { at, by, reason, force }: { at: number; by: string; reason: string; force: boolean },
): Promise<void> {
  const device = inService(await deviceOr404(db, tenant, id))
  const watched = await mountsOf(db, tenant, { device: id, now: at })
  if (watched.length > 0 && !force) throw inUse(id, watched)
  // Nobody knows what this is the hash of.
  await changeToken(db, device, { tokenHash: hashToken(newToken()), formerUntil: null })
  await updateDevice(db, device, { retired: { at, by, reason } })
  const containers = watched.map(({ container }) => container)
  const record = { device: id, reason, ...(containers.length > 0 && { containers }) }
  await appendEvidence(db, { tenant, kind: 'device.retired', by, at, record })
}

function inUse(id: string, [mount, more]: readonly { container: string }[]) {
  const others = more ? ' and others' : ''
  return conflict(
    `${id} is on ${mount!.container}${others}, which nobody would watch: take it off first, or force it`,
    '/force',
  )
}

const shownAgain = async (db: LedgerQuery, { tenant, id }: Pick<Device, 'tenant' | 'id'>) =>
  shownDevice(db, (await readDevice(db, tenant, id))!)
