// The series store on InfluxDB. The contract runs on a real 1.x, on facades that speak as 2.x and
// 3.x do with a real 1.x behind them (test/influx-facade.ts), and on a real server of any kind when
// ISOTHERM_TEST_INFLUX_URL names one. Faults of the server itself are real: killed, stopped, locked.
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseSeriesUrl } from '../config-urls.ts'
import { Unavailable } from '../domain/refusal.ts'
import { type InfluxOptions, type InfluxSeries, openInfluxSeries } from '../store/influx/series.ts'
import type { SeriesRow } from '../store/series.ts'
import { seriesContract } from './contracts/series.ts'
import { worldsOf } from './depth.ts'
import { facadeOrg, facadeToken, startFacade } from './influx-facade.ts'
import { type Influxd, influxdPath, startInfluxd } from './influxd.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
const start = Date.UTC(2026, 0, 15, 8)
const key = { tenant: 'default', device: 'logger-1', channel: 'temperature' }
const always = { from: -8.64e15, to: 8.64e15 }
const row = (minute: number, value: number, offset = minute): SeriesRow => ({
  ...key,
  time: start + minute * minuteMs,
  value,
  offset,
})

let influxd: Influxd
beforeAll(async () => {
  if (influxdPath) influxd = await startInfluxd()
})
afterAll(async () => {
  await influxd?.stop()
})

let databases = 0
const freshDatabase = (url = influxd.url): InfluxOptions => ({
  url,
  bucket: `it's test ${++databases}`,
})
const ask = async (q: string, db = ''): Promise<string> => {
  const body = new URLSearchParams({ q, db })
  return (await fetch(`${influxd.url}/query`, { method: 'POST', body })).text()
}

const opened: InfluxSeries[] = []
async function open(options: InfluxOptions): Promise<InfluxSeries> {
  const series = await openInfluxSeries(options)
  opened.push(series)
  return series
}
afterEach(async () => {
  for (const series of opened.splice(0)) await series.close()
})

/** As the log's follower does: the same rows again until they are taken. */
async function writeThrough(series: InfluxSeries, rows: SeriesRow[]): Promise<number> {
  for (let refused = 0; ; refused++)
    try {
      expect(await series.write(rows)).toEqual([])
      return refused
    } catch (error) {
      expect(error).toBeInstanceOf(Unavailable)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
}

describe.skipIf(!influxdPath)('InfluxDB (skipped where there is no influxd)', () => {
  seriesContract({
    name: 'InfluxDB 1.x',
    fixture: async () => {
      const options = freshDatabase()
      return {
        open: () => openInfluxSeries(options),
        dispose: async () => {
          await ask(`DROP DATABASE "${options.bucket}"`)
        },
      }
    },
  })

  for (const version of [2, 3] as const)
    seriesContract({
      name: `what speaks as InfluxDB ${version}.x`,
      fixture: async () => {
        const facade = await startFacade(version, influxd.url)
        const options = { ...freshDatabase(facade.url), token: facadeToken, org: facadeOrg }
        return {
          open: () => openInfluxSeries(options),
          dispose: async () => {
            await facade.close()
            await ask(`DROP DATABASE "${options.bucket}"`)
          },
        }
      },
      skip: version === 3 ? { dropBefore: '3.x drops by its retention period alone' } : {},
    })

  it('loses nothing and doubles nothing while InfluxDB is killed again and again', {
    timeout: 120_000,
  }, async () => {
    const own = await startInfluxd()
    const series = await open({ ...freshDatabase(own.url), timeoutMs: 5000 })
    const devices = 60
    const batch = (number: number): SeriesRow[] =>
      Array.from({ length: 3000 }, (_, i) => ({
        ...row(number * 50 + Math.floor(i / devices), number + i / 4096, number * 3000 + i),
        device: `logger-${i % devices}`,
      }))
    const batches = 60
    /** Greater values for some moments that are stored. */
    const rivalsOf = (number: number): SeriesRow[] =>
      batch(number)
        .slice(0, 200)
        .map((one) => ({ ...one, value: one.value + 0.5, offset: one.offset + 1e6 }))
    const wanted = new Map<string, number>()
    let refused = 0
    const put = async (rows: SeriesRow[]): Promise<void> => {
      refused += await writeThrough(series, rows)
      for (const { device, time, value } of rows) {
        const name = `${device} ${time}`
        wanted.set(name, Math.max(wanted.get(name) ?? -1, value))
      }
    }
    const writing = (async () => {
      for (let number = 0; number < batches; number++) {
        await put(batch(number))
        if (number % 3 === 0) await put(batch(number >> 1))
        if (number % 4 === 0) await put(rivalsOf(number >> 1))
      }
    })()
    let done = false
    const watched = writing.then(() => {
      done = true
    })
    for (let kill = 0; kill < 5 && !done; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 200))
      await own.kill()
      await own.restart()
    }
    await watched
    console.log(`killed under writes: ${refused} batches had to come again`)
    const found = new Map<string, number>()
    for (let device = 0; device < devices; device++) {
      const named = { ...key, device: `logger-${device}` }
      for (const { time, value } of await series.range({ ...named, ...always }))
        found.set(`${named.device} ${time}`, value)
      const [count] = await series.channels('default', named.device)
      expect(count?.count).toBe(wanted.size / devices)
    }
    expect(found).toEqual(wanted)
    await own.stop()
  })

  it('opens while InfluxDB is away, tells why it does not serve, and serves when it is back', async () => {
    const own = await startInfluxd()
    await own.kill()
    const series = await open(freshDatabase(own.url))
    await expect(series.write([row(0, 5)])).rejects.toThrow(/cannot be reached \(ECONNREFUSED\)/)
    await expect(series.latest('default', 'logger-1')).rejects.toBeInstanceOf(Unavailable)
    expect(series.failure).toBeInstanceOf(Unavailable)
    await own.restart()
    await writeThrough(series, [row(0, 5)])
    expect(series.failure).toBeUndefined()
    expect(await series.range({ ...key, ...always })).toHaveLength(1)
    await own.stop()
  })

  it('gives up an answer that does not come, and the rows that were stored all the same stay single', async () => {
    const own = await startInfluxd()
    const series = await open({ ...freshDatabase(own.url), timeoutMs: 300 })
    await series.write([row(0, 5)])
    process.kill(own.pid, 'SIGSTOP')
    const rows = [row(1, 6), row(1, 7), row(2, 8)]
    await expect(series.write(rows)).rejects.toThrow(/no answer within 300 ms/)
    await expect(series.range({ ...key, ...always })).rejects.toThrow(/no answer within 300 ms/)
    process.kill(own.pid, 'SIGCONT')
    await writeThrough(series, rows)
    const values = (await series.range({ ...key, ...always })).map(({ value }) => value)
    expect(values).toEqual([5, 7, 8])
    await own.stop()
  })

  it('makes the database again when somebody dropped it', async () => {
    const options = freshDatabase()
    const series = await open(options)
    await series.write([row(0, 5)])
    await ask(`DROP DATABASE "${options.bucket}"`)
    await expect(series.write([row(1, 6)])).rejects.toThrow(/has no it's test/)
    await writeThrough(series, [row(1, 6)])
    expect(await series.range({ ...key, ...always })).toHaveLength(1)
  })

  it('tells a wrong password from a missing right, and never says the password', async () => {
    const own = await startInfluxd({ auth: { user: 'root', password: 'right horse' } })
    const as = async (user: string, password: string): Promise<unknown> => {
      const series = await open({ ...freshDatabase(own.url), user, password })
      return series.write([row(0, 5)]).catch((error) => {
        expect(error).toBeInstanceOf(Unavailable)
        expect(String(error.stack)).not.toContain(password)
        expect(series.failure).toBe(error)
        return (error as Error).message
      })
    }
    expect(await as('root', 'wrong horse')).toMatch(
      /refuses the user or the password.*ISOTHERM_SERIES_URL/,
    )
    expect(await as('root', 'right horse')).toEqual([])
    const q = `CREATE USER guest WITH PASSWORD 'guest pony'`
    const headers = { authorization: `Basic ${btoa('root:right horse')}` }
    const body = new URLSearchParams({ q })
    await fetch(`${own.url}/query`, { method: 'POST', headers, body })
    expect(await as('guest', 'guest pony')).toMatch(
      /grants too little.*read and write on it's test/,
    )
    await own.stop()
  })

  it('gives back what is older than the retention with the word of InfluxDB, and stores the rest', async () => {
    const options = { ...freshDatabase(), retentionDays: 30 }
    const series = await open(options)
    const now = Date.now()
    const rows = Array.from({ length: 200 }, (_, i) => ({
      ...row(0, i, i),
      time: i % 40 === 7 ? now - (100 + i) * dayMs : now - i * minuteMs,
    }))
    const rejected = await series.write(rows)
    const old = rows.filter((_, i) => i % 40 === 7)
    expect(new Set(rejected.map((one) => one.row))).toEqual(new Set(old))
    for (const { reason } of rejected) expect(reason).toMatch(/points beyond retention policy/)
    expect(await series.range({ ...key, ...always })).toHaveLength(195)
    expect(await series.write(rows)).toHaveLength(old.length)
    expect(await ask('SHOW RETENTION POLICIES', options.bucket)).toContain('768h0m0s')
    expect(await series.keepsMs()).toBe(32 * dayMs)
    expect(await (await open(freshDatabase())).keepsMs()).toBeUndefined()
  })

  it('searches a refused batch down to the lines that InfluxDB will not take', async () => {
    const options = freshDatabase()
    const series = await open(options)
    await series.write([row(0, 5)])
    // Another program wrote a text into one week of our measurement.
    const week = start + 70 * dayMs
    const query = new URLSearchParams({ db: options.bucket, precision: 'ms' })
    await fetch(`${influxd.url}/write?${query}`, {
      method: 'POST',
      body: `readings,channel=x value="text" ${week}`,
    })
    const rows = Array.from({ length: 700 }, (_, day) => row(day * 1440, day))
    const rejected = await series.write(rows)
    expect(rejected.length).toBeGreaterThan(0)
    expect(rejected.length).toBeLessThanOrEqual(7)
    for (const { row: one, reason } of rejected) {
      expect(Math.abs(one.time - week)).toBeLessThanOrEqual(7 * dayMs)
      expect(reason).toMatch(/field type conflict/)
    }
    const { from, to } = always
    const points = await series.range({ ...key, from, to })
    expect(points).toHaveLength(700 - rejected.length)
  })

  it('gives back readings of years that InfluxDB does not have', async () => {
    const series = await open(freshDatabase())
    const years = [1600, 1700, 2026, 2250, 2300].map((year) => Date.UTC(year, 5))
    const rows = years.map((time, i) => ({ ...row(0, i), time }))
    const rejected = await series.write(rows)
    expect(rejected.map((one) => one.row)).toEqual([rows[0], rows[4]])
    const kept = await series.range({ ...key, ...always })
    expect(kept.map(({ time }) => time)).toEqual(years.slice(1, 4))
  })

  it('keeps readings apart by any names there can be', async () => {
    const unit = fc.oneof(
      fc.constantFrom(...', =\\\'"%#\n\r\t\0u0A;-é'),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    )
    const name = fc.array(unit, { maxLength: 6 }).map((units) => units.join(''))
    const names = fc.uniqueArray(fc.tuple(name, name, name), {
      maxLength: 40,
      selector: (tuple) => JSON.stringify(tuple),
    })
    const property = fc.asyncProperty(names, async (all) => {
      const series = await open(freshDatabase())
      const named = all.map(([tenant, device, channel]) => ({ tenant, device, channel }))
      const rows = named.map((one, i) => ({ ...row(0, i), ...one }))
      expect(await series.write(rows)).toEqual([])
      for (const [i, one] of named.entries()) {
        const points = await series.range({ ...one, ...always })
        expect(points.map(({ value }) => value)).toEqual([i])
        const latest = await series.latest(one.tenant, one.device)
        const own = named.filter(
          ({ tenant, device }) => tenant === one.tenant && device === one.device,
        )
        expect(latest.map(({ channel }) => channel).sort()).toEqual(
          own.map(({ channel }) => channel).sort(),
        )
      }
    })
    await fc.assert(property, { numRuns: worldsOf(8) })
  })

  it('knows no more than it was told when another process wrote in between', async () => {
    const options = freshDatabase()
    const [one, other] = [await open(options), await open(options)]
    await one.write([row(0, 5)])
    await other.write([row(1, 6), row(2, 9)])
    one.forget()
    await one.write([row(2, 7), row(3, 8)])
    const values = (await one.range({ ...key, ...always })).map(({ value }) => value)
    expect(values).toEqual([5, 6, 9, 8])
  })

  it('takes long answers in pages', { timeout: 30_000 }, async () => {
    const series = await open(freshDatabase())
    const length = 45_000
    const rows = Array.from({ length }, (_, i) => ({ ...row(0, i), time: start + i * 1000 }))
    await series.write(rows)
    const points = await series.range({ ...key, ...always })
    expect(points.map(({ value }) => value)).toEqual(rows.map(({ value }) => value))
    expect(await series.range({ ...key, ...always, limit: 20_001 })).toHaveLength(20_001)
    const buckets = await series.downsample({ ...key, ...always, everyMs: 1000 })
    expect(buckets).toHaveLength(length)
    // What stands is found for late rows too, when more lies between them than one answer holds.
    const late = rows
      .filter((_, i) => i % 500 === 0)
      .map((one) => ({ ...one, value: -1, offset: 99_999 }))
    await series.write(late)
    expect(await series.range({ ...key, ...always })).toEqual(points)
  })
})

const elsewhere = process.env.ISOTHERM_TEST_INFLUX_URL
describe.skipIf(!elsewhere)(
  'InfluxDB of ISOTHERM_TEST_INFLUX_URL (skipped when it is not set)',
  () => {
    seriesContract({
      name: 'that server',
      fixture: async () => {
        const setting = parseSeriesUrl('ISOTHERM_TEST_INFLUX_URL', elsewhere!)
        if (setting.kind !== 'influxdb') throw new Error('ISOTHERM_TEST_INFLUX_URL is no InfluxDB')
        const bucket = `${setting.bucket}-${Date.now()}-${++databases}`
        return { open: () => openInfluxSeries({ ...setting, bucket }), dispose: async () => {} }
      },
    })
  },
)
