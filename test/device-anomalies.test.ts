// Scores, bands and models over HTTP, on real stores: a refrigerator whose door stayed open.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addModel, newestModel } from '../store/ledger/models.ts'
import { type Api, openApi, testNow } from './api-app.ts'

const minute = 60_000
const readings = 900
const from = testNow - readings * 10 * minute
const path = '/api/v1/devices/one'
const of = { tenant: 'default', device: 'one', channel: 'temperature' }

interface Anomalies {
  expectedBy: string | null
  model: { version: number; hash: string } | null
  drift: { index: number | null; drifted: boolean } | null
  items: {
    time: string
    value: number
    score: number
    expected: { low: number; high: number } | null
    reason: { from: string; to: string; mean: number; low: number; high: number } | null
  }[]
  next: string | null
}

let api: Api
beforeAll(async () => {
  api = await openApi()
  const body = { id: 'one', loggingIntervalSeconds: 600 }
  expect((await api.ask('POST', '/api/v1/devices', { body })).status).toBe(201)
  const told = Array.from({ length: readings }, (_, i) => {
    const temperature = 5 + Math.sin(i / 23) + 0.2 * Math.sin(i * 7.3)
    const isOpen = i >= 880 && i < 886
    return { time: from + i * 10 * minute, temperature: isOpen ? 14 : temperature }
  })
  const answer = await api.ask('POST', '/api/v1/readings?device=one', { body: told })
  expect(answer.status).toBe(202)
  await api.settled()
})
afterAll(() => api.close())

const anomalies = (query = ''): Promise<Anomalies> =>
  api.json<Anomalies>('GET', `${path}/anomalies${query}`)

it('the open door is the most unusual reading of the day, with its time and what was usual', async () => {
  const { items, expectedBy, model } = await anomalies('?limit=200')
  expect(items.length).toBe(144)
  expect([expectedBy, model]).toEqual(['hours', null])
  const most = items.reduce((a, b) => (b.score > a.score ? b : a))
  expect(Date.parse(most.time)).toBeGreaterThanOrEqual(from + 880 * 10 * minute)
  expect(most.reason!.mean).toBe(14)
  expect(most.reason!.high).toBeLessThan(10)
  expect(most.expected!.high).toBeLessThan(10)
  const { items: told } = await anomalies('?scoreMin=0.9')
  expect(told.length).toBeLessThan(10)
  const page = await anomalies('?limit=100')
  expect(page.next).toBe(items[100]!.time)
})

it('a model is learned when it is asked for, with version, hash and who asked', async () => {
  const learn = (channel: string) =>
    api.ask('POST', `${path}/anomaly-models`, { body: { channel } })
  const answer = await learn('temperature')
  expect(answer.status).toBe(201)
  const model = (await answer.json()) as { hash: string }
  expect(model).toMatchObject({ version: 1, readings })
  expect(model.hash).toMatch(/^[0-9a-f]{64}$/)
  expect((await learn('humidity')).status).toBe(409)
  const { version, ...row } = (await newestModel(api.deps.ledger.db, of))!
  expect(version).toBe(1)
  await api.deps.ledger.transact((db) => addModel(db, { ...row, by: 'another' }, 20))
  const { items } = await api.json<{ items: unknown[] }>('GET', `${path}/anomaly-models`)
  expect(items).toMatchObject([{ version: 2 }, { version: 1 }])
  expect(await anomalies()).toMatchObject({
    model: { version: 2, hash: model.hash },
    drift: { index: null, drifted: false },
  })
})

it('what makes no sense is refused', async () => {
  const status = async (query: string) => (await api.ask('GET', `${path}/anomalies${query}`)).status
  expect(await status(`?from=${testNow}&to=${from}`)).toBe(400)
  expect(await status('?scoreMin=2')).toBe(400)
  expect((await api.ask('GET', '/api/v1/devices/none/anomalies')).status).toBe(404)
  expect(await anomalies('?channel=humidity')).toMatchObject({ items: [], expectedBy: null })
})
