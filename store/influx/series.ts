// The series store in InfluxDB 1.x, 2.x or 3.x. Measurement `readings`, one point per reading; what
// lost against a greater value stands in `rivals` (ADR 0008). Opens while InfluxDB is away. Never
// sends a refused request again by itself: the log brings the rows again.

import type { Series, SeriesRow } from '../series.ts'
import type { Contact } from './contact.ts'
import { openInfluxHours } from './hours.ts'
import type { InfluxHttp, InfluxOptions } from './http.ts'
import { makeKnown } from './known.ts'
import { openInfluxLine } from './line.ts'
import { influxTimeMax } from './lines.ts'
import {
  readBuckets,
  readChannels,
  readDays,
  readLatest,
  readLatestOf,
  readRange,
} from './queries.ts'
import { writeRows, writesInTurn } from './write.ts'

export type { InfluxOptions } from './http.ts'

export interface InfluxSeries extends Series {
  /** Why InfluxDB does not serve; undefined when it does, or was not asked yet. */
  readonly failure: Error | undefined
  /**
   * Forgets what it knows of newest readings: to be called when another process may have written
   * since, as when a partition of the log comes back.
   */
  forget(): void
  /** It drops what is older by itself; undefined when it keeps all, or does not say. */
  keepsMs(): Promise<number | undefined>
}

/** Resolves also when InfluxDB is away: calls throw Unavailable until it is back. */
export async function openInfluxSeries(options: InfluxOptions): Promise<InfluxSeries> {
  const line = openInfluxLine(options)
  const { http } = line
  const inTurn = writesInTurn()
  let known = makeKnown()
  return {
    ...openInfluxHours(line),
    async write(rows) {
      refuseNonsense(rows)
      known.trim()
      return line.change((contact) => writeRows(rows, { http, inTurn, known, contact }))
    },
    range: (span) => line.read(() => readRange(http, span)),
    columns: async (span) => {
      const points = await line.read(() => readRange(http, span))
      return {
        times: Float64Array.from(points, ({ time }) => time),
        values: Float64Array.from(points, ({ value }) => value),
      }
    },
    downsample: (span) => line.read(() => readBuckets(http, span)),
    dayExtremes: (tenant, devices, asked) =>
      line.read(() => readDays(http, { tenant, devices, ...asked })),
    latest: (tenant, device) => line.read(() => readLatest(http, tenant, device)),
    latestOf: (tenant, devices) => line.read(() => readLatestOf(http, tenant, devices)),
    channels: (tenant, device) => line.read(() => readChannels(http, tenant, device)),
    dropBefore: (time) => line.change(({ version }) => dropBefore(http, version, time)),
    forget() {
      known = makeKnown()
    },
    keepsMs: () => line.read(async (contact) => contact.keepsMs),
    get failure() {
      return line.failure
    },
    close: line.close,
  }
}

/** The port's word: a row that is none is a bug of the caller. */
function refuseNonsense(rows: readonly SeriesRow[]): void {
  for (const { time, value, offset } of rows)
    if (!Number.isSafeInteger(time) || !Number.isSafeInteger(offset) || !Number.isFinite(value))
      throw new Error(`not a row: time ${time} value ${value} offset ${offset}`)
}

async function dropBefore(http: InfluxHttp, version: Contact['version'], time: number) {
  if (Number.isNaN(time)) throw new RangeError('NaN is not a time')
  const before = Math.min(influxTimeMax + 1, Math.ceil(time))
  if (before <= -influxTimeMax) return
  if (version === 1)
    await http.query(
      ['readings', 'rivals'].map((name) => `DELETE FROM "${name}" WHERE time < ${before}ms`),
    )
  // 3.x deletes by the retention period alone, which was set when the database was made.
  if (version !== 2) return
  const { org = '', bucket } = http.options
  for (const name of ['readings', 'rivals']) {
    const predicate = `_measurement="${name}"`
    const [start, stop] = [-influxTimeMax, before].map((ms) => new Date(ms).toISOString())
    const path = `/api/v2/delete?${new URLSearchParams({ org, bucket })}`
    const { status, body } = await http.ask('POST', path, { start, stop, predicate })
    if (status !== 204) throw http.unavailable(status, body)
  }
}
