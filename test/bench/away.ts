// InfluxDB killed under load and started again some time later: how fast what piled up is stored,
// what it does to memory, and when alerts come meanwhile.
import { setTimeout as delay } from 'node:timers/promises'
import { database, startDatabases } from './databases.ts'
import { readMetrics, benchToken as token } from './fleet.ts'
import { type Memory, memoryOf } from './machine.ts'
import { countValues } from './points.ts'
import { type AlertTimes, alertTimes, measureWhole } from './whole.ts'

export interface AwayOptions {
  /** How long InfluxDB is away. */
  awaySeconds: number
  /** Packets a second over all connections, before, meanwhile and after. */
  rate: number
  connections: number
}

export interface AwayResult {
  /** Packets not recorded when recording went on. */
  backlog: number
  /** From when it answered until something was recorded again. */
  idleSeconds: number
  /** From then until no more than a second's load was behind. */
  drainSeconds: number
  /** Packets recorded in a second of that time, in multiples of what comes in. */
  timesRealTime: number
  /** Of all values acknowledged, those that are in InfluxDB at the end. */
  storedShare: number
  alerts: AlertTimes
  ackP99Ms: number
  memoryBefore: Memory | undefined
  memoryMax: Memory | undefined
}

const beforeSeconds = 8
const valuesEach = 3

export async function measureAway(options: AwayOptions): Promise<AwayResult> {
  const { awaySeconds, rate, connections } = options
  const databases = await startDatabases()
  const { env, influxd } = databases
  const outage = { killedAt: 0, backAt: 0, backlog: 0, idleSeconds: 0, drainSeconds: 0 }
  let memoryBefore: Memory | undefined
  const behind = async (httpUrl: string): Promise<number> =>
    (await readMetrics(httpUrl, token)).lag.record ?? Number.NaN
  const meanwhile = async (server: { pid: number; httpUrl: string }): Promise<void> => {
    await delay(beforeSeconds * 1000)
    memoryBefore = memoryOf(server.pid)
    outage.killedAt = Date.now()
    await influxd.kill()
    await delay(awaySeconds * 1000)
    await influxd.restart()
    outage.backAt = Date.now()
    for (;;) {
      const now = await behind(server.httpUrl)
      if (now < outage.backlog) break
      outage.backlog = now
      await delay(50)
    }
    const wentOnAt = Date.now()
    outage.idleSeconds = (wentOnAt - outage.backAt) / 1000
    while ((await behind(server.httpUrl)) > rate) await delay(50)
    outage.drainSeconds = (Date.now() - wentOnAt) / 1000
  }
  try {
    // Enough for a backlog at three times real time.
    const seconds = beforeSeconds + Math.ceil(awaySeconds * 1.5)
    const whole = await measureWhole({
      ...{ connections, seconds, rate, env, meanwhile, crossingEvery: 1000 },
    })
    const { backlog, idleSeconds, drainSeconds, killedAt, backAt } = outage
    const values = await countValues(influxd.url, { db: database, field: 'value' })
    const during = whole.crossings.filter(({ sentAt }) => sentAt >= killedAt && sentAt < backAt)
    return {
      ...{ backlog, idleSeconds, drainSeconds, memoryBefore, memoryMax: whole.memoryMax },
      timesRealTime: (backlog / rate - 1) / Math.max(drainSeconds, 0.05) + 1,
      storedShare: values / (valuesEach * whole.load.generatorAcked),
      alerts: alertTimes(during),
      ackP99Ms: whole.load.ackP99Ms,
    }
  } finally {
    await databases.stop()
  }
}
