// Forecasts and lanes over HTTP, on real stores: a pallet that warms, and pallets that were shipped.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Foretold, openForetelling } from '../analytics/foretell.ts'
import { type Alert, writeAlert } from '../store/ledger/alerts.ts'
import { readMonitored } from '../trace/monitored.ts'
import {
  type Api,
  commission,
  documentOf,
  giai,
  gtin,
  mount,
  openApi,
  pack,
  testNow,
} from './api-app.ts'

const minute = 60_000
const from = testNow - 6 * 60 * minute

interface Limit {
  rule: string | null
  side: string
  limitC: number
  forecast: {
    minutes: { expected: number; low: number; high: number }
    newton: { ambientC: number | null; readings: number }
  } | null
  reason: string | null
}
interface Lane {
  origin: string
  destination: string
  carrier?: string | null
  month?: string
  shipments: number
  excursions: number
  exposureMinutes: { mean: number; most: number }
  risk: { mean: number; low: number; high: number }
}

let api: Api
beforeAll(async () => {
  api = await openApi()
  const profile = {
    rangeC: { min: 2, max: 8 },
    rules: [{ id: 'warm', kind: 'single', above: 8, forMinutes: 30, severity: 'major' }],
  }
  const body = { name: 'Vaccine', profile }
  expect((await api.ask('PUT', `/api/v1/products/${gtin}`, { body })).status).toBe(200)
  const device = { id: 'one', giai, loggingIntervalSeconds: 300 }
  expect((await api.ask('POST', '/api/v1/devices', { body: device })).status).toBe(201)
  const document = documentOf(commission(['A1', 'A2']), pack(['A1', 'A2']), mount())
  expect((await api.ask('POST', '/epcis/capture', { body: document })).status).toBe(202)
  // At rest for five hours, then towards 25 °C with five hours as its time constant.
  const readings = Array.from({ length: 72 }, (_, i) => {
    const minutes = Math.max(0, (i - 60) * 5)
    const temperature = 25 - 21 * Math.exp(-minutes / 300)
    return { time: from + i * 5 * minute, temperature: Math.round(temperature * 100) / 100 }
  })
  const answer = await api.ask('POST', '/api/v1/readings?device=one', { body: readings })
  expect(answer.status).toBe(202)
  await api.settled()
})
afterAll(() => api.close())

const forecastOf = async (query = ''): Promise<Limit[]> =>
  (await api.json<{ items: Limit[] }>('GET', `/api/v1/devices/one/forecast${query}`)).items

it('a pallet that warms reaches its product’s limit when Newton says, within the interval', async () => {
  const items = await forecastOf()
  expect(items.map(({ side, limitC }) => [side, limitC])).toEqual([
    ['above', 8],
    ['below', 2],
  ])
  const [heat, cold] = items
  const now = 25 - 21 * Math.exp(-55 / 300)
  const minutes = -300 * Math.log((8 - 25) / (now - 25))
  expect(heat!.rule).toBe('warm')
  expect(heat!.forecast!.minutes.low).toBeLessThan(minutes)
  expect(heat!.forecast!.minutes.high).toBeGreaterThan(minutes)
  expect(Math.abs(heat!.forecast!.newton.ambientC! - 25)).toBeLessThan(5)
  expect(cold).toMatchObject({ forecast: null, reason: 'steady' })
})

it('one limit may be asked for, and what was foretold at an earlier time', async () => {
  expect(await forecastOf('?limitC=4&side=above')).toMatchObject([{ reason: 'beyond', rule: null }])
  expect(await forecastOf(`?limitC=8&at=${from + 290 * minute}`)).toMatchObject([
    { reason: 'steady', forecast: null },
  ])
  expect(await forecastOf(`?limitC=8&at=${from + 9 * minute}`)).toMatchObject([
    { reason: 'too-few-readings' },
  ])
  expect((await api.ask('GET', '/api/v1/devices/two/forecast')).status).toBe(404)
  expect((await api.ask('GET', '/api/v1/devices/one/forecast?limitC=warm')).status).toBe(400)
})

it('what comes in is looked at as it comes, and told once', async () => {
  const told: Foretold[] = []
  const { series, ledger } = api.deps
  let now = 0
  const foretelling = openForetelling({
    series,
    told: (one) => told.push(one),
    now: () => now,
    targets: ({ tenant, at }) => readMonitored(ledger.db, { tenant, giai, at, unitsMax: 100 }),
    fail: (error) => {
      throw error
    },
  })
  const span = { tenant: 'default', device: 'one', channel: 'temperature' }
  const points = await series.range({ ...span, from, to: testNow })
  for (const [offset, point] of points.entries()) {
    now = point.time + minute
    foretelling.heard([{ ...span, ...point, offset }])
    await foretelling.settled()
  }
  expect(told.map(({ change, target }) => [change, target.side, target.limit])).toEqual([
    ['announced', 'above', 8],
  ])
  expect(told[0]!.time).toBeLessThanOrEqual(points.at(-1)!.time)
  expect(api.reported).toEqual([])
  foretelling.stop()
})

const basel = 'https://id.gs1.org/414/9521234000013'
const lyon = 'https://id.gs1.org/414/9521234000020'
const sscc = (number: number) => `https://id.gs1.org/00/1061414123456789${number}`
const shipped = (epc: string, eventTime: string) => ({
  type: 'ObjectEvent',
  eventTime,
  eventTimeZoneOffset: '+00:00',
  action: 'OBSERVE',
  bizStep: 'shipping',
  epcList: [epc],
  sourceList: [{ type: 'location', source: basel }],
  destinationList: [{ type: 'location', destination: `${lyon}/254/D${epc.at(-1)}` }],
})

it('lanes tell from where to where, how many had an excursion, and what that says', async () => {
  const events = [15, 22, 39].flatMap((number, i) => {
    const day = `2026-02-0${i + 1}`
    return [
      { ...mount(`${day}T10:00:00Z`), parentID: sscc(number) },
      shipped(sscc(number), `${day}T11:00:00Z`),
      { ...mount(`${day}T20:00:00Z`, 'DELETE'), parentID: sscc(number) },
    ]
  })
  const answer = await api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
  expect(answer.status).toBe(202)
  await api.settled()
  const at = Date.UTC(2026, 1, 2, 12)
  const alert: Alert = {
    ...{ id: 'a1', kind: 'excursion' as const, rule: 'warm', ruleKind: 'single', limitC: 8 },
    ...{ allowanceMinutes: 30, severity: 'major' as const, device: 'one', container: sscc(22) },
    ...{ channel: 'temperature', gtin, productVersion: 1, from: at, to: at + 50 * minute },
    ...{ minutes: 50, unknownMinutes: 0, peakC: 9, revision: 1 },
    ...{ verdict: 'out' as const, status: 'open' as const },
    ...{ raisedAt: at, serialCount: 0, serialSetHash: '', serialSet: '', legs: [] },
  }
  const revision = { revision: 1, recordTime: at, cause: 'test', diff: {} }
  await writeAlert(api.deps.ledger.db, 'default', alert, revision)
  const lanes = await api.json<{ items: Lane[]; unplaced: number; complete: boolean }>(
    'GET',
    '/api/v1/lanes',
  )
  // The pallet of the other tests was never shipped.
  expect(lanes).toMatchObject({ unplaced: 1, complete: true, next: null, shipments: 3 })
  expect(lanes.items).toMatchObject([
    {
      ...{ origin: basel, destination: lyon },
      ...{ shipments: 3, excursions: 1, exposureMinutes: { mean: 50 / 3, most: 50 } },
    },
  ])
  const { mean, low, high } = lanes.items[0]!.risk
  expect(low < mean && mean < high).toBe(true)
  const split = await api.json<{ items: Lane[] }>('GET', '/api/v1/lanes?by=month,carrier,product')
  expect(split.items).toMatchObject([{ month: '2026-02', carrier: null, shipments: 3 }])
  expect((await api.ask('GET', '/api/v1/lanes?by=colour')).status).toBe(400)
})
