// What the answers of an InfluxDB mean to us, on a facade that answers as the documents of 2.x and
// 3.x say and keeps what it takes in a real 1.x (test/influx-facade.ts).
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { Unavailable } from '../domain/refusal.ts'
import { type InfluxSeries, openInfluxSeries } from '../store/influx/series.ts'
import type { SeriesRow } from '../store/series.ts'
import {
  answerWith,
  type Facade,
  type Fault,
  facadeOrg,
  facadeToken,
  neverAnswer,
  resetAfterStoring,
  startFacade,
} from './influx-facade.ts'
import { type Influxd, influxdPath, startInfluxd } from './influxd.ts'

const key = { tenant: 'default', device: 'logger 1', channel: 'temperature' }
const always = { from: -8.64e15, to: 8.64e15 }
const start = Date.UTC(2026, 0, 15, 8)
const row = (second: number, value: number, offset = second): SeriesRow => ({
  ...key,
  time: start + second * 1000,
  value,
  offset,
})
const rowsOf = (count: number): SeriesRow[] => Array.from({ length: count }, (_, i) => row(i, i))

let influxd: Influxd
beforeAll(async () => {
  if (influxdPath) influxd = await startInfluxd()
})
afterAll(async () => {
  await influxd?.stop()
})

describe.skipIf(!influxdPath).each([2, 3] as const)(
  'what speaks as InfluxDB %s.x (skipped where there is no influxd)',
  (version) => {
    let facade: Facade
    let series: InfluxSeries
    let databases = 0
    const open = (options: { token?: string; timeoutMs?: number; gzip?: boolean } = {}) =>
      openInfluxSeries({
        url: facade.url,
        bucket: `bucket ${version} ${databases}`,
        org: facadeOrg,
        token: facadeToken,
        ...options,
      })
    beforeEach(async () => {
      databases++
      facade = await startFacade(version, influxd.url)
      series = await open()
    })
    afterEach(async () => {
      await series.close()
      await facade.close()
    })
    const writes = () => facade.asked.filter(({ path }) => path === '/api/v2/write')
    const kept = async () => (await series.range({ ...key, ...always })).map(({ value }) => value)
    const failing = async (fault: Fault): Promise<Unavailable> => {
      facade.faults.push(fault)
      const error = await series.write(rowsOf(3)).catch((thrown) => thrown)
      expect(error).toBeInstanceOf(Unavailable)
      expect(series.failure).toBe(error)
      return error
    }

    it('gets its lines at the write path with the token, tags in order, in ms', async () => {
      await series.write([row(0, 5.25, 7), { ...row(1, -3, 8), device: 'a,b=c\\' }])
      const [write, ...others] = writes()
      expect(others).toEqual([])
      expect(write!.method).toBe('POST')
      expect(write!.headers.authorization).toBe(`Token ${facadeToken}`)
      expect(Object.fromEntries(write!.query)).toMatchObject({
        org: facadeOrg,
        bucket: `bucket ${version} ${databases}`,
        precision: 'ms',
      })
      expect(write!.body.split('\n')).toEqual([
        `readings,channel=temperature,device=logger\\ 1,tenant=default value=5.25,offset=7i ${start}`,
        `readings,channel=temperature,device=a\\,b\\=c%5C,tenant=default value=-3,offset=8i ${start + 1000}`,
      ])
    })

    it('has its bucket made once, and found again by the next process', async () => {
      await series.write([row(0, 1)])
      const making = () =>
        facade.asked.filter(
          ({ method, path }) =>
            (method === 'POST' && path === '/api/v2/buckets') || path.startsWith('/api/v3'),
        )
      expect(making()).toHaveLength(1)
      const next = await open()
      await next.write([row(1, 2)])
      expect(await kept()).toEqual([1, 2])
      expect(making()).toHaveLength(version === 2 ? 1 : 2)
      await next.close()
    })

    it('gets many rows in lots, a few at once, each row once', async () => {
      const under = { now: 0, most: 0 }
      const watch: Fault = async (_, response, store) => {
        under.most = Math.max(under.most, ++under.now)
        await store()
        under.now--
        response.writeHead(204).end()
      }
      facade.faults.push(...Array.from({ length: 10 }, () => watch))
      const rows = rowsOf(bounds.influxLinesMax * 3 + 1)
      await series.write(rows)
      const lines = writes().flatMap(({ body }) => body.split('\n'))
      expect(writes()).toHaveLength(4)
      expect(new Set(lines).size).toBe(rows.length)
      expect(lines).toHaveLength(rows.length)
      expect(under.most).toBeLessThanOrEqual(bounds.influxWritesMax)
    })

    it.each([
      [503, /answers 503: overloaded/],
      [500, /answers 500: overloaded/],
      [429, /answers 429: overloaded/],
      [401, /refuses the token: put the right one into ISOTHERM_SERIES_URL/],
      [403, /grants too little/],
      [404, /has no bucket/],
      [301, /answers 301/],
      [200, /answers 200/],
      [201, /answers 201/],
    ])('that answers %s has not taken the rows', async (status, said) => {
      const error = await failing(answerWith(status, { message: 'overloaded' }))
      expect(error.message).toMatch(said)
      expect(await series.write(rowsOf(3))).toEqual([])
      expect(series.failure).toBeUndefined()
      expect(await kept()).toEqual([0, 1, 2])
    })

    it('is left in peace for as long as Retry-After says, within reason', async () => {
      const told = async (text: string): Promise<number> =>
        (await failing(answerWith(429, {}, { 'Retry-After': text }))).retryAfterMs
      expect(await told('7')).toBe(7000)
      expect(await told('86400')).toBe(bounds.influxRetryAfterMs)
      expect(await told(new Date(Date.now() + 20_000).toUTCString())).toBeGreaterThan(15_000)
      expect(await told('soon')).toBe(1000)
    })

    it('may lose its answer after it stored the rows: they come again and stand once', async () => {
      const error = await failing(resetAfterStoring)
      expect(error.message).toMatch(/cannot be reached/)
      facade.faults.push(resetAfterStoring)
      await expect(series.write([row(1, 9, 99)])).rejects.toBeInstanceOf(Unavailable)
      await series.write(rowsOf(3))
      await series.write([row(1, 9, 99)])
      expect(await kept()).toEqual([0, 9, 2])
      expect((await series.channels('default', 'logger 1'))[0]?.count).toBe(3)
    })

    it('is given up when it says nothing', async () => {
      await series.close()
      series = await open({ timeoutMs: 2000 })
      expect((await failing(neverAnswer)).message).toMatch(/gave no answer within 2000 ms/)
      expect(await series.write(rowsOf(3))).toEqual([])
    })

    it('gets smaller lots when it says that one is too large', async () => {
      facade.bytesMax = 10_000
      expect(await series.write(rowsOf(2000))).toEqual([])
      expect(await kept()).toHaveLength(2000)
      const long = { ...row(0, 1), device: 'x'.repeat(20_000) }
      expect(await series.write([row(3000, 1), long])).toEqual([
        { row: long, reason: 'too large for InfluxDB' },
      ])
    })

    it('is searched for the line it will not take, and all others are stored', async () => {
      const bad = 1234
      const refuse: Fault = async ({ body }, response, store) => {
        await store()
        const wrong = body.split('\n').filter((line) => line.includes(`value=${bad},`)).length
        if (wrong === 0) response.writeHead(204).end()
        else if (version === 2)
          answerWith(422, { message: 'partial write: points beyond retention policy dropped=1' })(
            { body } as never,
            response,
            store,
          )
        else
          answerWith(400, {
            error: 'partial write of line protocol occurred',
            data: [{ line_number: 1, error_message: 'invalid column type' }],
          })({ body } as never, response, store)
      }
      facade.faults.push(...Array.from({ length: 40 }, () => refuse))
      const rows = rowsOf(3000)
      const rejected = await series.write(rows)
      expect(rejected.map((one) => one.row)).toEqual([rows[bad]])
      expect(rejected[0]!.reason).toMatch(
        version === 2 ? /retention policy/ : /invalid column type/,
      )
      expect(await kept()).toHaveLength(3000)
    })

    it('that is full of series is not to blame on a reading', async () => {
      const error = await failing(
        answerWith(400, {
          error: 'partial write: max-series-per-database limit exceeded: (1) dropped=3',
        }),
      )
      expect(error.message).toMatch(/max-series/)
    })

    it('may be sent gzip, where a network is worth it', async () => {
      await series.close()
      series = await open({ gzip: true })
      const seen: unknown[] = []
      facade.faults.push((asked, response) => {
        seen.push(asked.headers['content-encoding'])
        response.writeHead(204).end()
      })
      await series.write(rowsOf(500))
      expect(seen).toEqual(['gzip'])
    })

    it('never sees the token in a message', async () => {
      const error = await failing(answerWith(500, { message: `bad header Token ${facadeToken}` }))
      expect(error.message).toMatch(/bad header Token …/)
      expect(error.stack).not.toContain(facadeToken)
      const wrong = await open({ token: 'not-the-token' })
      const refused = await wrong.write(rowsOf(1)).catch((thrown) => thrown)
      expect(refused.message).toMatch(/refuses the token/)
      expect(refused.message).not.toContain('not-the-token')
      await wrong.close()
    })
  },
)
