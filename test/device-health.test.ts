// Health over HTTP: loggers mounted beside each other, readings in the store, one of them drifting.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { type Api, documentOf, openApi, pallet, testNow } from './api-app.ts'

interface Health {
  from: string
  to: string
  channels: {
    channel: string
    readings: number
    intervalSeconds: number | null
    holes: number
    unknownSeconds: number
    drift: { perDay: number; low: number; high: number; p: number } | null
  }[]
  findings: { kind: string; channel: string; severity: string; detail: string }[]
}

interface Looked {
  forecast: { at: string; low: string } | null
}

const hourMs = 3_600_000
const from = testNow - 14 * 24 * hourMs
const giaiOf = (id: string) => `https://id.gs1.org/8004/9521234${id}`
const mounted = (id: string, parent: string) => ({
  type: 'AssociationEvent',
  eventTime: new Date(from - hourMs).toISOString(),
  eventTimeZoneOffset: '+00:00',
  parentID: parent,
  childEPCs: [giaiOf(id)],
  action: 'ADD',
})

describe('health of devices', () => {
  let api: Api
  beforeAll(async () => {
    api = await openApi()
    const other = 'https://id.gs1.org/00/106141412345678915'
    const boxes = { one: pallet, two: pallet, drifting: pallet, alone: other }
    for (const id of Object.keys(boxes)) {
      const body = { id, giai: giaiOf(id), loggingIntervalSeconds: 3600 }
      expect((await api.ask('POST', '/api/v1/devices', { body })).status).toBe(201)
    }
    const document = documentOf(...Object.entries(boxes).map(([id, box]) => mounted(id, box)))
    expect((await api.ask('POST', '/epcis/capture', { body: document })).status).toBe(202)
    for (const [number, id] of Object.keys(boxes).entries()) {
      const body = Array.from({ length: 14 * 24 }, (_, i) => {
        const drift = id === 'drifting' || id === 'alone' ? i / 24 / 5 : 0
        const noise = ((i * 7 + number * 3) % 11) / 20
        return { time: from + i * hourMs, temperature: 5 + noise + drift, battery: 90 - i / 8 }
      }).filter((_, i) => id !== 'one' || i < 100 || i > 130)
      const answer = await api.ask('POST', `/api/v1/readings?device=${id}`, { body })
      expect(answer.status).toBe(202)
    }
    await api.settled()
  })
  afterAll(() => api.close())
  const healthOf = (id: string, query = '') =>
    api.json<Health>('GET', `/api/v1/devices/${id}/health${query}`)

  it('is told of the last 14 days: how much is known, and what is not in order', async () => {
    const health = await healthOf('one')
    expect(health.from).toBe('2026-02-16T12:00:00Z')
    expect(health.to).toBe('2026-03-02T12:00:00Z')
    const temperature = health.channels.find(({ channel }) => channel === 'temperature')!
    expect(temperature).toMatchObject({ readings: 14 * 24 - 31, intervalSeconds: 3600, holes: 1 })
    expect(temperature.unknownSeconds).toBe((32 - 2.5) * 3600)
    expect(health.findings.map(({ kind, channel }) => `${kind} ${channel}`)).toEqual([
      'battery battery',
      'holes battery',
      'holes temperature',
      'calibration calibration',
    ])
  })

  it('is told of many at a glance: last heard, battery, container and the worst that is known', async () => {
    const listed = async (id: string) => {
      const { items } = await api.json<{ items: Record<string, unknown>[] }>(
        'GET',
        '/api/v1/devices?about=1',
      )
      return items.find((each) => each.id === id)
    }
    expect(await listed('two')).toMatchObject({
      heardAt: new Date(testNow - hourMs).toISOString().replace('.000Z', 'Z'),
      batteryPercent: 90 - (14 * 24 - 1) / 8,
      container: pallet,
      finding: { kind: 'calibration', severity: 'info' },
    })
    const due = { calibrationDue: '2026-03-01T00:00:00Z' }
    await api.ask('PATCH', '/api/v1/devices/two', { body: due })
    expect(await listed('two')).toMatchObject({
      finding: { kind: 'calibration', severity: 'major' },
    })
    await api.ask('POST', '/api/v1/devices', { body: { id: 'unheard' } })
    const low = { time: testNow - 2 * hourMs, temperature: 5, battery: 7 }
    expect(await listed('unheard')).toMatchObject({
      ...{ heardAt: null, batteryPercent: null, container: null, finding: null },
    })
    await api.ask('POST', '/api/v1/readings?device=unheard', { body: [low] })
    await api.settled()
    expect(await listed('unheard')).toMatchObject({
      ...{ batteryPercent: 7, finding: { kind: 'battery', severity: 'major' } },
    })
    const plain = (await api.json<{ items: object[] }>('GET', '/api/v1/devices')).items[0]
    expect(plain).not.toHaveProperty('heardAt')
  })

  it('names the logger that drifts away from those beside it, and only that one', async () => {
    const kinds = async (id: string) => (await healthOf(id)).findings.map(({ kind }) => kind)
    expect(await kinds('drifting')).toContain('drift')
    expect(await kinds('two')).not.toContain('drift')
    expect(await kinds('alone')).not.toContain('drift')
    const { channels } = await healthOf('drifting')
    const { drift } = channels.find(({ channel }) => channel === 'temperature')!
    expect(drift!.perDay).toBeCloseTo(0.2, 1)
    expect(drift!.low).toBeLessThan(0.2 + 0.02)
    expect((await healthOf('alone')).channels[0]!.drift).toBeNull()
  })

  it('is asked for a span in order, of a device that is there, with readings that can be held', async () => {
    const path = '/api/v1/devices/one/health'
    const wrong = '?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z'
    expect((await api.ask('GET', path + wrong)).status).toBe(400)
    expect((await api.ask('GET', '/api/v1/devices/nobody/health')).status).toBe(404)
    const key = { tenant: 'default', device: 'two', channel: 'light' }
    const rows = Array.from({ length: bounds.healthReadingsMax + 1 }, (_, i) => ({
      ...key,
      time: from + i,
      value: i,
      offset: 1_000_000,
    }))
    await api.deps.series.write(rows)
    const answer = await api.ask('GET', '/api/v1/devices/two/health')
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('shorter span')
  })

  it('foretells when a compressor that runs more each day has no rest left', async () => {
    const body = {
      id: 'fridge',
      channels: {
        compressor: { unit: 's', min: 0, max: 900 },
        ambient: { unit: '°C', min: -55, max: 60 },
      },
    }
    expect((await api.ask('POST', '/api/v1/devices', { body })).status).toBe(201)
    const first = testNow - 70 * 24 * hourMs
    const readings = Array.from({ length: 70 * 4 }, (_, i) => ({
      time: first + i * 6 * hourMs,
      temperature: 5 + ((i * 7) % 11) / 20,
      ambient: 25 + ((i * 5) % 9),
      compressor: 300 + i + ((i * 7) % 11) + 5 * ((i * 5) % 9),
    }))
    const sent = await api.ask('POST', '/api/v1/readings?device=fridge', { body: readings })
    expect(sent.status).toBe(202)
    await api.settled()
    const { channels } = await api.json<{ channels: Looked[] }>(
      'GET',
      '/api/v1/devices/fridge/outlook',
    )
    const [compressor, temperature] = channels as [Looked, Looked]
    expect(compressor).toMatchObject({ channel: 'compressor', limit: 0.9, noForecast: null })
    // 810 of 900 seconds, 4 more a day, with 5 for dust and 20 for the weather of a usual week.
    const forecast = compressor.forecast!
    const away = (Date.parse(forecast.at) - first) / (24 * hourMs)
    expect(away).toBeGreaterThan(119)
    expect(away).toBeLessThan(123)
    expect(Date.parse(forecast.low)).toBeLessThan(Date.parse(forecast.at))
    expect(temperature).toMatchObject({ forecast: null, noForecast: 'no-trend', changes: [] })
    const refused = await api.ask('GET', '/api/v1/devices/fridge/outlook?from=2026-03-02T06:00:00Z')
    expect(refused.status).toBe(400)
  })
})
