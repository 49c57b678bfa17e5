// InfluxDB away, slow, overloaded, refusing or cut off while loggers send: nothing is lost, nothing
// doubled, no alert waits for it, and what has piled up is stored quickly when it is back. A real
// influxd behind a proxy of the test that spoils what passes. ISOTHERM_TEST_OUTAGE_SECONDS says how
// long influxd is gone at last.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Influxd, influxdPath, startInfluxd } from '../influxd.ts'
import { type Disturbance, type Disturber, openDisturber } from './disturber.ts'
import { cycle, expectAlerts, expectKept, Logger, spell } from './senders.ts'
import { startServer, type TestServer } from './server.ts'
import * as story from './story.ts'

const reason = influxdPath ? '' : 'no influxd here'
const outageSeconds = Number(process.env.ISOTHERM_TEST_OUTAGE_SECONDS ?? 6)
/** Before anybody asks; it lasts until the answer is there. */
const disturbedMs = 1000
/** How much longer an alert may take than one right before or after, with nothing wrong. */
const alertWithinMs = 2500
const loggers = 4

describe.skipIf(reason !== '')(`InfluxDB in trouble${reason && ` (skipped: ${reason})`}`, () => {
  let influxd: Influxd
  let disturber: Disturber
  let server: TestServer
  beforeAll(async () => {
    influxd = await startInfluxd()
    disturber = await openDisturber(influxd.url)
    const host = new URL(disturber.url).host
    server = await startServer({ env: { ISOTHERM_SERIES_URL: `influxdb://${host}/isotherm` } })
    await story.tellProduct(server)
  }, 60_000)
  afterAll(async () => {
    await server.stop()
    await disturber.close()
    await influxd.stop()
  })

  it('costs no reading, doubles none and delays no alert', {
    timeout: 240_000 + outageSeconds * 3000,
  }, async () => {
    const senders: Logger[] = []
    for (let number = 1; number <= loggers; number++)
      senders.push(new Logger(await story.tellCase(server, number), { inFlight: 4, pauseMs: 20 }))
    for (const sender of senders) await sender.open(server)
    const delays: Record<string, number> = {}
    let probes = 100
    // Other tests share the processor: what an alert takes anyway is no delay.
    const undisturbed = [await alertDelay(++probes)]
    const disturbances: Disturbance[] = [
      'unavailable',
      'overloaded',
      'unauthorized',
      'no database',
      'slow',
      'cut off before',
      'cut off after',
      'silent',
    ]
    for (const disturbance of disturbances) {
      disturber.now = disturbance
      await delay(disturbedMs)
      delays[disturbance] = await alertDelay(++probes)
      disturber.now = 'none'
      await delay(300)
      undisturbed.push(await alertDelay(++probes))
    }
    await influxd.kill()
    await delay(outageSeconds * 500)
    delays.dead = await alertDelay(++probes)
    await delay(outageSeconds * 500)
    const atRestart = await figures()
    await influxd.restart()
    const restartedAt = performance.now()
    await vi.waitFor(async () => expect((await figures()).lag).toBeLessThan(2000), {
      timeout: 60_000 + outageSeconds * 1000,
      interval: 20,
    })
    const drainMs = performance.now() - restartedAt
    const { rssMiB } = await figures()
    undisturbed.push(await alertDelay(++probes))
    console.info(`alert after ms: ${JSON.stringify(delays)}`)
    console.info(`with nothing wrong, before, between and after: ${undisturbed.join(', ')}`)
    console.info(
      `${atRestart.lag} envelopes of ${outageSeconds} s stored ${Math.round(drainMs)} ms after the ` +
        `restart; memory ${atRestart.rssMiB} MiB before, ${rssMiB} MiB after`,
    )

    for (const sender of senders) await sender.lost()
    const total = cycle * (1 + Math.ceil(Math.max(...senders.map(({ count }) => count)) / cycle))
    for (const sender of senders) await sender.open(server, total)
    for (const sender of senders) await sender.finish()
    for (const [index, sender] of senders.entries()) {
      expect(sender.acked.size).toBe(total)
      const kept = (): Promise<void> => expectKept(server, sender.id, total)
      await vi.waitFor(kept, { timeout: 120_000, interval: 500 })
      const alerted = (): Promise<void> => expectAlerts(server, index + 1, { total, late: [] })
      await vi.waitFor(alerted, { timeout: 120_000, interval: 500 })
    }
    // What InfluxDB itself counts: each reading once, none set aside as a rival of another.
    expect(await countIn('readings')).toBe(loggers * total + 51 * (probes - 100))
    expect(await countIn('rivals')).toBe(0)
    for (const [index, [name, delayMs]] of Object.entries(delays).entries()) {
      const anywayMs = Math.max(undisturbed[index]!, undisturbed[index + 1]!)
      expect(delayMs - anywayMs, name).toBeLessThan(alertWithinMs)
    }
  })

  /** A logger that nobody knew before has a warm spell to tell. */
  async function alertDelay(number: number): Promise<number> {
    const probe = await story.tellCase(server, number)
    const client = await spell(server, probe)
    const sentAt = performance.now()
    await client.spell()
    await vi.waitFor(
      async () => {
        const path = `/api/v1/alerts?device=${probe.id}`
        const { items } = await server.api<story.Page<story.Alert>>('GET', path)
        expect(items).toHaveLength(1)
      },
      { timeout: 60_000, interval: 20 },
    )
    await client.close()
    return Math.round(performance.now() - sentAt)
  }

  async function figures(): Promise<{ lag: number; rssMiB: number }> {
    const text = await (await server.ask('GET', '/metrics')).text()
    const [, lag] = /^isotherm_follower_lag\{.*"record".*\} (\d+)$/m.exec(text)!
    const [, rss] = /^process_resident_memory_bytes (\d+)$/m.exec(text)!
    return { lag: Number(lag), rssMiB: Math.round(Number(rss) / 2 ** 20) }
  }

  async function countIn(measurement: string): Promise<number> {
    const query = `SELECT count("value") FROM "${measurement}"`
    const url = `${influxd.url}/query?${new URLSearchParams({ db: 'isotherm', q: query })}`
    const answer = (await (await fetch(url)).json()) as {
      results: { series?: { values: [number, number][] }[] }[]
    }
    return answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0
  }
})
