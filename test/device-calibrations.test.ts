import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, openApi } from './api-app.ts'

describe('calibrations of a logger', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
    await api.ask('POST', '/api/v1/devices', { body: { id: 'reference' } })
  })
  afterAll(() => api.close())

  const path = '/api/v1/devices/reference/calibrations'
  const first = {
    ...{ calibratedAt: '2024-02-10T00:00:00Z', calibrationDue: '2025-02-10T00:00:00Z' },
    ...{ certificate: 'K-2024-17', laboratory: 'Klimalab' },
    points: [
      { referenceC: 5, readC: 5.1, uncertaintyC: 0.1 },
      { referenceC: -20, readC: -20.3, uncertaintyC: 0.1 },
    ],
  }
  const second = {
    ...{ calibratedAt: '2025-02-09T12:00:00Z', certificate: 'K-2025-4' },
    points: [{ referenceC: 5.02, readC: 5.42, uncertaintyC: 0.1 }],
  }

  it('are told with their certificates, and shown newest first with the drift between them', async () => {
    expect((await api.ask('POST', path, { body: first })).status).toBe(201)
    expect((await api.ask('POST', path, { body: second })).status).toBe(201)
    const { items, drifts } = await api.json<Told>('GET', path)
    expect(items).toMatchObject([
      { certificate: 'K-2025-4', laboratory: null, calibrationDue: '2026-02-09T12:00:00Z' },
      { certificate: 'K-2024-17', laboratory: 'Klimalab', points: [{ errorC: 0.1 }, {}] },
    ])
    expect(drifts).toEqual([
      {
        ...{ referenceC: 5.02, from: '2024-02-10T00:00:00Z', to: '2025-02-09T12:00:00Z' },
        ...{ changeC: 0.3, perYearC: 0.299795, significant: true },
      },
    ])
    // The record of the logger speaks of the newest.
    const device = await api.json('GET', '/api/v1/devices/reference')
    expect(device).toMatchObject({ calibrationDue: '2026-02-09T12:00:00Z' })
  })

  it('keep what a certificate said when only the due date is told anew', async () => {
    const body = { calibratedAt: first.calibratedAt, calibrationDue: '2025-08-10T00:00:00Z' }
    expect((await api.ask('POST', path, { body })).status).toBe(201)
    await api.ask('PATCH', '/api/v1/devices/reference', { body })
    const { items } = await api.json<Told>('GET', path)
    expect(items).toHaveLength(2)
    expect(items[1]).toMatchObject({ ...body, certificate: 'K-2024-17', points: [{}, {}] })
  })

  it('are refused when they contradict themselves, and to whoever may not tell them', async () => {
    const status = async (body: object, token?: string): Promise<number> =>
      (await api.ask('POST', path, { body, ...(token && { token }) })).status
    expect(await status({ ...first, calibrationDue: first.calibratedAt })).toBe(400)
    expect(await status({ certificate: 'x' })).toBe(400)
    expect(await status({ ...first, points: [{ referenceC: 5 }] })).toBe(400)
    expect(await status({ ...first, points: Array(31).fill(first.points[0]) })).toBe(400)
    expect(await status(first, await api.keyWith('viewer'))).toBe(403)
    const nobody = '/api/v1/devices/nobody/calibrations'
    expect((await api.ask('POST', nobody, { body: first })).status).toBe(404)
    await api.ask('POST', '/api/v1/devices/reference/retirement', { body: { reason: 'old' } })
    expect(await status(first)).toBe(409)
  })
})

interface Told {
  items: { points: object[] }[]
  drifts: object[]
}
