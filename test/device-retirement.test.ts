import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listEvidence } from '../store/ledger/evidence.ts'
import {
  type Api,
  documentOf,
  giai,
  type Json,
  mount,
  openApi,
  pallet,
  testNow,
} from './api-app.ts'

describe('a logger that goes out of service', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
  })
  afterAll(() => api.close())

  const reading = [{ time: new Date(testNow - 60_000).toISOString(), temperature: 4 }]
  const send = async (token: string, device: string): Promise<number> =>
    (await api.ask('POST', `/api/v1/readings?device=${device}`, { token, body: reading })).status
  const retire = (id: string, body: object, token?: string): Promise<Response> =>
    api.ask('POST', `/api/v1/devices/${id}/retirement`, { body, ...(token && { token }) })

  it('has no token any more, keeps what it sent, and says why', async () => {
    const made = await api.json('POST', '/api/v1/devices', { body: { id: 'old' } })
    expect(await send(made.token, 'old')).toBe(202)
    const integration = await api.keyWith('integration')
    const retired = await retire('old', { reason: 'probe broken' })
    expect(retired.status).toBe(200)
    const why = { by: 'admin', reason: 'probe broken', at: '2026-03-02T12:00:00Z' }
    expect(await retired.json()).toMatchObject({ id: 'old', retired: why })
    expect(await send(made.token, 'old')).toBe(401)
    expect(api.disconnected).toContain('old')
    // Nobody else speaks for it either, and nothing of it changes.
    expect(await send(integration, 'old')).toBe(409)
    expect((await api.ask('POST', '/api/v1/devices/old/token')).status).toBe(409)
    const body = { loggingIntervalSeconds: 60 }
    expect((await api.ask('PATCH', '/api/v1/devices/old', { body })).status).toBe(409)
    expect((await retire('old', { reason: 'again' })).status).toBe(409)
    await api.settled()
    const { items } = await api.json('GET', '/api/v1/readings?device=old')
    expect(items).toMatchObject([{ value: 4 }])
    const all = await api.json('GET', '/api/v1/devices')
    expect(all.items.find(({ id }) => id === 'old')).toMatchObject({ retired: why })
  })

  it('comes back with a new token only', async () => {
    const made = await api.json('POST', '/api/v1/devices', { body: { id: 'back' } })
    await retire('back', { reason: 'to the maker' })
    const restored = await api.json<Json>('DELETE', '/api/v1/devices/back/retirement')
    expect(restored).not.toHaveProperty('retired')
    expect((await api.ask('DELETE', '/api/v1/devices/back/retirement')).status).toBe(409)
    expect(await send(made.token, 'back')).toBe(401)
    const { token } = await api.json('POST', '/api/v1/devices/back/token')
    expect(await send(token, 'back')).toBe(202)
  })

  it('stays while it is on a container, unless that is meant; both are in the evidence', async () => {
    await api.ask('POST', '/api/v1/devices', { body: { id: 'aboard', giai } })
    await api.ask('POST', '/epcis/capture', { body: documentOf(mount()) })
    await api.settled()
    const refused = await retire('aboard', { reason: 'lost' })
    expect(refused.status).toBe(409)
    expect(((await refused.json()) as Json).detail).toContain(pallet)
    expect((await retire('aboard', { force: true })).status).toBe(400)
    expect((await retire('aboard', { reason: ' ', force: true })).status).toBe(400)
    expect((await retire('aboard', { reason: 'lost', force: true })).status).toBe(200)
    const rows = await listEvidence(api.deps.ledger.db, 'default', { limit: 100 })
    const records = rows.filter(({ kind }) => kind.startsWith('device.'))
    expect(records.map(({ kind }) => kind)).toContain('device.restored')
    const told = records.map(({ record }) => JSON.parse(record) as Record<string, unknown>)
    expect(told).toContainEqual({ device: 'aboard', reason: 'lost', containers: [pallet] })
  })

  it('is nobody’s to retire who may not change loggers', async () => {
    await api.ask('POST', '/api/v1/devices', { body: { id: 'kept' } })
    const token = await api.keyWith('viewer', 'quality')
    expect((await retire('kept', { reason: 'no' }, token)).status).toBe(403)
    expect((await retire('nobody', { reason: 'no' })).status).toBe(404)
  })
})
