// The whole server with its readings in InfluxDB: what is acknowledged, what InfluxDB has counted,
// what is left at the end of the load, and what each process cost.

import { database, startDatabases } from './databases.ts'
import { countValues, overallPerSecond, watchPoints } from './points.ts'
import { measureWhole, type WholeResult } from './whole.ts'

export interface IntoInfluxOptions {
  seconds: number
  /** Packets a second over all connections. */
  rate: number
  connections: number
  /** The ledger too is a server's. */
  postgres: boolean
}

export interface IntoInfluxResult extends WholeResult {
  /** Packets a second, all their values counted by InfluxDB, while the load ran. */
  storedPerSecond: number
  /** From the first packet sent to the last one stored. */
  overallPerSecond: number
  /** Of all values acknowledged, those that are in InfluxDB at the end. */
  storedShare: number
  /** Packets sent and not yet in InfluxDB when the load ended. */
  backlog: number
}

const valuesEach = 3

export async function measureIntoInflux(options: IntoInfluxOptions): Promise<IntoInfluxResult> {
  const { postgres, ...load } = options
  const databases = await startDatabases({ postgres })
  const { env, pids, influxd } = databases
  try {
    const points = watchPoints(influxd.url)
    const whole = await measureWhole({ ...load, env, pids })
    const { fromMs, toMs, generatorSent, generatorAcked } = whole.load
    const end = await points.still(valuesEach * generatorAcked)
    await points.stop()
    const during = (points.at(toMs) - points.at(fromMs)) / valuesEach
    const values = await countValues(influxd.url, { db: database, field: 'value' })
    return {
      ...whole,
      storedPerSecond: (during * 1000) / (toMs - fromMs),
      overallPerSecond: overallPerSecond(whole.load, end, valuesEach),
      storedShare: values / (valuesEach * generatorAcked),
      backlog: Math.max(0, generatorSent - points.at(toMs) / valuesEach),
    }
  } finally {
    await databases.stop()
  }
}
