import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listEvidence } from '../store/ledger/evidence.ts'
import { type Api, openApi } from './api-app.ts'

describe('what is stated of a logger’s clock', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
    await api.json('POST', '/api/v1/devices', { body: { id: 'fast' } })
  })
  afterAll(() => api.close())

  const path = '/api/v1/devices/fast/clock-corrections'
  const body = {
    ...{ from: '2026-02-01T00:00:00Z', to: '2026-02-03T00:00:00Z', aheadSeconds: 3720 },
    reason: 'zone of the last trip',
  }
  const state = (change: object = {}, token?: string): Promise<Response> =>
    api.ask('POST', path, { body: { ...body, ...change }, ...(token && { token }) })

  it('is listed with who said it, marks the logger, and is taken back with a reason', async () => {
    const made = await state()
    expect(made.status).toBe(201)
    const stated = (await made.json()) as { id: string }
    expect(stated).toMatchObject({ ...body, by: 'admin', withdrawn: null })
    const [row] = await api.deps.ledger.db
      .selectFrom('detectors')
      .select(['dirtySince', 'cause'])
      .where('device', '=', 'fast')
      .execute()
    expect(row).toMatchObject({ cause: 'clock' })
    expect((await state({ from: '2026-02-02T00:00:00Z' })).status).toBe(409)
    const next = await state({ from: '2026-02-03T00:00:00Z', to: undefined, aheadSeconds: -60 })
    expect(next.status).toBe(201)
    const back = { body: { reason: 'was another logger' } }
    const withdrawn = await api.json('POST', `${path}/${stated.id}/withdraw`, back)
    expect(withdrawn).toMatchObject({ withdrawn: { by: 'admin', reason: 'was another logger' } })
    expect((await api.ask('POST', `${path}/${stated.id}/withdraw`, back)).status).toBe(409)
    expect((await api.ask('POST', `${path}/nothing/withdraw`, back)).status).toBe(404)
    expect((await state()).status).toBe(201)
    const { items } = await api.json('GET', path)
    expect(items).toHaveLength(3)
    const told = await listEvidence(api.deps.ledger.db, 'default', { limit: 100 })
    const kinds = told.map(({ kind }) => kind).filter((kind) => kind.startsWith('device.clock'))
    expect(kinds.sort()).toEqual([
      ...['device.clock-corrected', 'device.clock-corrected', 'device.clock-corrected'],
      'device.clock-correction-withdrawn',
    ])
  })

  it.each([
    [{ aheadSeconds: 0 }, 'a clock that is right'],
    [{ aheadSeconds: 1e9 }, '400 days'],
    [{ to: '2026-01-01T00:00:00Z' }, 'after from'],
    [{ from: '2026-02-01 00:00' }, 'RFC 3339'],
    [{ reason: '' }, 'reason'],
  ])('is refused as %j with the reason', async (change, why) => {
    const refused = await state(change)
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain(why)
  })

  it('is for those who may change loggers', async () => {
    expect((await state({}, await api.keyWith('viewer'))).status).toBe(403)
    expect((await api.ask('GET', '/api/v1/devices/none/clock-corrections')).status).toBe(404)
  })
})
