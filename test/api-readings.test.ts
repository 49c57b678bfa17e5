import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { remedyOf } from '../domain/remedies.ts'
import { dropOld } from '../retention.ts'
import { insertRefusals } from '../store/ledger/refusals.ts'
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

  it('tells the sender of refused readings what to do, in its language', async () => {
    const body = [
      { time: start, temprature: 4 },
      { time: start, temperature: 'warm' },
    ]
    const told = async (query: string) => {
      const answer = await api.ask('POST', `/api/v1/readings?device=d1${query}`, { body })
      expect(answer.status).toBe(400)
      const { errors } = await bodyOf(answer)
      return errors.map(({ remedy }) => String(remedy))
    }
    const [unknown, invalid] = await told('')
    expect(unknown).toMatch(/declare the channel/)
    expect(invalid).toMatch(/without quotes/)
    expect((await told('&language=de'))[1]).toBe(remedyOf('reading/value-invalid', 'de'))
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
    expect(errors.map(({ remedy }) => typeof remedy)).toEqual(['string', 'string', 'string'])
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

describe('readings that are past their time', () => {
  const day = 1440 * minute
  let old: Api
  /** Answers from before the readings went, by path. */
  const before = new Map<string, Record<string, unknown>[]>()
  const whole = `from=${start - 20 * day}&to=${start + 40 * day}`
  const paths = ['1h', '3h', '5h', '1d', '7d', '30d']
    .map((every) => `device=d1&${whole}&every=${every}`)
    .concat(`device=d1&every=1h&from=${start + 70 * minute}&to=${start + 6 * day + 5 * minute}`)
  const get = (query: string) =>
    old.json<Json & { readingsFrom?: string }>('GET', `/api/v1/readings?${query}`)
  const rounded = (items: Record<string, unknown>[]) =>
    items.map((item) => ({ ...item, value: undefined, mean: Number(item.mean).toFixed(9) }))

  beforeAll(async () => {
    old = await openApi()
    for (const id of ['d1', 'd2']) await old.json('POST', '/api/v1/devices', { body: { id } })
    const readings = (device: string, days: number) =>
      Array.from({ length: days * 96 }, (_, i) => ({
        ...{ tenant: 'default', device, channel: 'temperature', offset: i },
        ...{ time: start + 7 * minute + i * 15 * minute, value: (i % 97) / 8 },
      }))
    await old.deps.series.write([...readings('d1', 10), ...readings('d2', 2)])
    for (const path of paths) before.set(path, rounded((await get(path)).items))
    await dropOld(old.deps, { now: start + 11 * day, days: 5 })
  })
  afterAll(() => old.close())

  it('go on as buckets of whole hours, in one list with those that are there', async () => {
    for (const path of paths.slice(0, -1)) {
      const { items, next, readingsFrom } = await get(path)
      expect([path, rounded(items)]).toEqual([path, before.get(path)])
      expect([next, readingsFrom]).toEqual([null, '2026-03-07T00:00:00Z'])
    }
    // Of the past an hour counts whole: the first of these began before what was asked for.
    const cut = rounded((await get(paths.at(-1)!)).items)
    expect(cut[0]).toMatchObject({ time: '2026-03-01T01:00:00Z', count: 4 })
    expect(before.get(paths.at(-1)!)![0]).toMatchObject({ count: 3 })
    expect(cut.slice(1)).toEqual(before.get(paths.at(-1)!)!.slice(1))
  })

  it('come in pages and as CSV like any others', async () => {
    const query = `device=d1&${whole}&every=5h`
    const seen: Record<string, unknown>[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page: Json = await get(`${query}&limit=7${next && `&cursor=${next}`}`)
      expect(page.items.length).toBeLessThanOrEqual(7)
      seen.push(...page.items)
      next = page.next
    }
    expect(rounded(seen)).toEqual(before.get(query))
    const headers = { Accept: 'text/csv' }
    const csv = await old.ask('GET', `/api/v1/readings?${query}`, { headers })
    expect(csv.headers.get('Isotherm-Readings-From')).toBe('2026-03-07T00:00:00Z')
    expect((await csv.text()).trim().split('\r\n')).toHaveLength(1 + seen.length)
  })

  it('are not there one by one or in finer buckets, and the answer says from when they are', async () => {
    for (const every of ['', '&every=30m', '&every=90m']) {
      const { items, readingsFrom } = await get(`device=d1&${whole}${every}`)
      expect(Date.parse(items[0]!.time as string)).toBeGreaterThan(start + 6 * day - 90 * minute)
      expect(readingsFrom).toBe('2026-03-07T00:00:00Z')
    }
    const inTime = await old.ask('GET', `/api/v1/readings?device=d1&from=${start + 6 * day}`)
    expect(inTime.headers.get('Isotherm-Readings-From')).toBeNull()
    expect(await bodyOf(inTime)).not.toHaveProperty('readingsFrom')
  })

  it('are found without a span for a device that sends no more', async () => {
    const { items, readingsFrom } = await get('device=d2&every=1h')
    expect(items).toHaveLength(24)
    expect(items.at(-1)).toMatchObject({ time: '2026-03-02T23:00:00Z', count: 4 })
    expect(readingsFrom).toBe('2026-03-07T00:00:00Z')
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
