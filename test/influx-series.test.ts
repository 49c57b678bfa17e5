// The series store on InfluxDB: the contract on a real 1.x, and on the server of
// ISOTHERM_TEST_INFLUX_URL when it is set (a 2.x or 3.x).
import { afterAll, beforeAll, describe } from 'vitest'
import { type InfluxOptions, openInfluxSeries } from '../store/influx-series.ts'
import { seriesContract } from './contracts/series.ts'
import { type Influxd, influxdPath, startInfluxd } from './influxd.ts'

let influxd: Influxd
beforeAll(async () => {
  if (influxdPath) influxd = await startInfluxd()
})
afterAll(async () => {
  await influxd?.stop()
})

let databases = 0
const freshDatabase = (): InfluxOptions => ({ url: influxd.url, bucket: `test ${++databases}` })
const ask = async (q: string, url = influxd.url): Promise<string> => {
  const answer = await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ q }) })
  return answer.text()
}

describe.skipIf(!influxdPath)('InfluxDB 1.x (skipped where there is no influxd)', () => {
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
})
