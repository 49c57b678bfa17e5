import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertRefusals } from '../store/ledger-refusals.ts'
import { type Api, bodyOf, type Json, openApi } from './api-app.ts'

let api: Api
let token: string
const minute = 60_000
const start = Date.UTC(2026, 2, 1)

beforeAll(async () => {
  api = await openApi()
  const made = await api.json('POST', '/api/v1/devices', { body: { id: 'd1' } })
  token = made.token
  const body = Array.from({ length: 3000 }, (_, i) => ({
    time: start + i * minute,
    temperature: (i % 100) / 10,
  }))
  const sent = await api.ask('POST', '/api/v1/readings', { token, body })
  expect(sent.status).toBe(202)
  expect(await bodyOf(sent)).toMatchObject({ readings: 3000, errors: [] })
  await api.settled()
})
afterAll(() => api.close())

const times = (items: Record<string, unknown>[]): number[] =>
  items.map(({ time }) => Date.parse(String(time)))

describe('readings by HTTP', () => {
  it('gives rows of a span, from inclusive, to exclusive, in times with and without offset', async () => {
    const span = 'from=2026-03-01T01:00:00%2B01:00&to=2026-03-01T00:05:00Z'
    const { items, next } = await api.json('GET', `/api/v1/readings?device=d1&${span}`)
    expect(times(items)).toEqual([0, 1, 2, 3, 4].map((i) => start + i * minute))
    expect(items[1]).toEqual({ time: '2026-03-01T00:01:00Z', value: 0.1 })
    expect(next).toBeNull()
    const bare = 'from=2026-03-01T01:00:00+01:00&to=1772323500000.5'
    expect((await api.json('GET', `/api/v1/readings?device=d1&${bare}`)).items).toHaveLength(5)
  })

  it('gives the last 24 hours before the newest reading when no span is asked for', async () => {
    const { items } = await api.json('GET', '/api/v1/readings?device=d1')
    expect(items).toHaveLength(1440)
    expect(times(items).at(-1)).toBe(start + 2999 * minute)
  })

  it('pages through a span exactly once', async () => {
    const seen: number[] = []
    for (let next: string | null = ''; next !== null; ) {
      const cursor: string = next && `&cursor=${next}`
      const path = `/api/v1/readings?device=d1&from=${start}&limit=700${cursor}`
      const page = await api.json('GET', path)
      seen.push(...times(page.items))
      next = page.next
    }
    expect(seen).toEqual(Array.from({ length: 3000 }, (_, i) => start + i * minute))
  })

  it('buckets keep every extreme', async () => {
    for (const every of ['1h', '3600', '60m', 'PT1H']) {
      const path = `/api/v1/readings?device=d1&from=${start}&every=${every}`
      const { items } = await api.json('GET', path)
      expect(items).toHaveLength(50)
      expect(items[1]).toMatchObject({ time: '2026-03-01T01:00:00Z', min: 0, max: 9.9, count: 60 })
      expect(items[0]!.value).toBeCloseTo(2.95, 9)
    }
    for (const every of ['0', '-1', 'x', '1y', '1e999'])
      expect((await api.ask('GET', `/api/v1/readings?device=d1&every=${every}`)).status).toBe(400)
  })

  it('streams CSV and NDJSON whole', async () => {
    const path = `/api/v1/readings?device=d1&from=${start}&limit=1`
    const csv = await api.ask('GET', path, { headers: { Accept: 'text/csv' } })
    expect(csv.headers.get('Content-Type')).toContain('text/csv')
    const lines = (await csv.text()).split('\r\n')
    expect(lines.slice(0, 2)).toEqual(['time,value', '2026-03-01T00:00:00Z,0'])
    expect(lines).toHaveLength(3002)
    const ndjson = await api.ask('GET', path, { headers: { Accept: 'application/x-ndjson' } })
    const rows = (await ndjson.text()).trim().split('\n')
    expect(JSON.parse(rows[2999]!)).toEqual({ time: '2026-03-03T01:59:00Z', value: 9.9 })
    const buckets = await api.ask('GET', `${path}&every=1h`, { headers: { Accept: 'text/csv' } })
    expect((await buckets.text()).split('\r\n')).toHaveLength(52)
  })

  it('refuses times without a zone and devices that are not there', async () => {
    const status = async (query: string): Promise<number> =>
      (await api.ask('GET', `/api/v1/readings?${query}`)).status
    expect(await status('device=d1&from=2026-03-01T00:00:00')).toBe(400)
    expect(await status('device=d1&from=NaN')).toBe(400)
    expect(await status('device=d1&from=99999999999999999')).toBe(400)
    expect(await status('device=nobody')).toBe(404)
    expect(await status('')).toBe(400)
  })

  it('keeps the good part, lists the refused one, and keeps nothing of a body without any', async () => {
    const body = [
      { time: start, temperature: 4 },
      { time: start, temperature: 1e300, humidity: 'wet' },
      { temperature: 4 },
    ]
    const mixed = await api.ask('POST', '/api/v1/readings?device=d1', { body })
    expect(mixed.status).toBe(202)
    const { errors, readings } = await bodyOf<Json & { readings: number }>(mixed)
    expect(readings).toBe(1)
    expect(errors.map(({ path }) => path)).toEqual(['/1/temperature', '/1/humidity', '/2'])
    const { end } = api.log
    for (const bad of ['NaN', '[]', '[{"time":1}]', '{"time":"2026-03-01T00:00:00Z"}']) {
      const answer = await api.ask('POST', '/api/v1/readings?device=d1', { body: bad })
      expect(answer.status).toBe(400)
      expect((await bodyOf(answer)).errors.length).toBeGreaterThan(0)
    }
    expect(api.log.end).toBe(end)
    expect((await api.ask('POST', '/api/v1/readings', { body })).status).toBe(400)
    const zipped = gzipSync(JSON.stringify(body))
    const headers = { 'Content-Encoding': 'gzip' }
    expect(
      (await api.ask('POST', '/api/v1/readings', { token, body: zipped, headers })).status,
    ).toBe(202)
  })
})

describe('refusals', () => {
  it('shows them newest first with their bytes, as text when they are text', async () => {
    await api.settled()
    const { items } = await api.json('GET', '/api/v1/devices/d1/refusals')
    expect(items[0]).toMatchObject({ device: 'd1', code: 'reading/time-missing', path: '/2' })
    expect(items.length).toBe(6)
    const text = items.map((item) => item.text).find((own) => own !== null)
    expect(text).toContain('1e+300')
    await insertRefusals(api.deps.ledger.db, [
      {
        tenant: 'default',
        device: 'd2',
        offset: 900,
        pos: 0,
        recordTime: start,
        topic: 'v1/default/d2/readings',
        code: 'packet/encoding',
        path: '',
        detail: 'not UTF-8',
        raw: Uint8Array.of(0xff, 0x00),
      },
    ])
    const all = await api.json('GET', '/api/v1/refusals?limit=1')
    expect(all.items).toMatchObject([{ device: 'd2', raw: '/wA=', text: null, rawBytes: 2 }])
    const { raw } = all.items[0]!.links as { raw: string }
    const bytes = await (await api.ask('GET', raw)).arrayBuffer()
    expect([...new Uint8Array(bytes)]).toEqual([0xff, 0x00])
    expect((await api.ask('GET', '/api/v1/refusals/99999/raw')).status).toBe(404)
    expect(all.next).not.toBeNull()
    const one = await api.json('GET', '/api/v1/refusals?device=d1&limit=500')
    expect(one.items).toEqual(items)
  })
})

const loggerFiles = '../shared/data/fridgetag'
describe('logger files', () => {
  it('refuses a file of no known format, and says which are known', async () => {
    const answer = await api.ask('POST', '/api/v1/imports', {
      body: 'a,b\n1,2\n',
      headers: { 'Content-Type': 'text/plain' },
    })
    expect(answer.status).toBe(400)
    expect(await bodyOf(answer)).toMatchObject({ errors: [{ code: 'import/format-unknown' }] })
    const zone = await api.ask('POST', '/api/v1/imports?utcOffset=1', { body: 'x' })
    expect(zone.status).toBe(400)
  })

  it.skipIf(!existsSync(loggerFiles))(
    'imports a file (needs ../shared/data), makes its device and keeps its readings',
    async () => {
      const files = readdirSync(loggerFiles).map((file) => readFileSync(join(loggerFiles, file)))
      // The largest is one with readings; others hold daily figures only.
      const body = files.sort((a, b) => b.length - a.length)[0]!
      const path = '/api/v1/imports?utcOffset=%2B01:00'
      const result = await api.json<{ device: string; readings: number; from: string }>(
        'POST',
        path,
        { body },
      )
      expect(result.readings).toBeGreaterThan(0)
      await api.settled()
      const state = await api.json<{ kept: { count: number; from: string }[] }>(
        'GET',
        `/api/v1/devices/${result.device}`,
      )
      expect(state.kept[0]).toMatchObject({ count: result.readings, from: result.from })
      const headers = { Accept: 'application/x-ndjson' }
      const lines = (await (await api.ask('POST', path, { body, headers })).text()).trim()
      const last = lines.split('\n').at(-1)!
      expect(JSON.parse(last)).toMatchObject({ created: false, device: result.device })
    },
  )
})
