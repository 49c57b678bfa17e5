// What is asked of readings in InfluxDB, as InfluxQL, and the answers as the port wants them. Long
// answers come in pages. Writes nothing.
import { bounds } from '../../config.ts'
import { dayMs } from '../../domain/heat.ts'
import type {
  DaysAsked,
  Latest,
  Series,
  SeriesBucket,
  SeriesDay,
  SeriesPoint,
  SeriesSpan,
} from '../series.ts'
import type { InfluxHttp, InfluxTable } from './http.ts'
import { influxTimeMax, nameOfTag, rivalSlots, whereSeries } from './lines.ts'

/** All throw Unavailable; RangeError for what is no time or no width. */
export const readRange = async (
  http: InfluxHttp,
  span: Parameters<Series['range']>[0],
): Promise<SeriesPoint[]> => {
  const { limit = Number.POSITIVE_INFINITY, beforeOffset } = span
  if (beforeOffset === undefined) return readPoints(http, { span, limit, where: '' })
  const before = Math.min(Math.ceil(number(beforeOffset)), Number.MAX_SAFE_INTEGER)
  const where = ` AND "offset" < ${before}`
  const stood = new Map<number, number>()
  for (const { time, value } of await readPoints(http, { span, limit, where }))
    stood.set(time, value)
  for (const { time, value } of await readRivals(http, span, where))
    stood.set(time, Math.max(stood.get(time) ?? Number.NEGATIVE_INFINITY, value))
  const points = [...stood].map(([time, value]) => ({ time, value }))
  return points.sort((one, other) => one.time - other.time).slice(0, limit)
}

/** Buckets as InfluxDB cuts them: from the epoch, as ours. */
export async function readBuckets(
  http: InfluxHttp,
  span: Parameters<Series['downsample']>[0],
): Promise<SeriesBucket[]> {
  const { everyMs, limit = Number.POSITIVE_INFINITY } = span
  if (!Number.isSafeInteger(everyMs) || everyMs < 1)
    throw new RangeError(`everyMs ${everyMs} is not a whole number of at least 1`)
  if (everyMs > intervalMax) return (await readVast(http, span)).slice(0, limit)
  const buckets: SeriesBucket[] = []
  let { from, to } = clamp(span)
  while (from < to && buckets.length < limit) {
    const most = Math.min(limit - buckets.length, bounds.influxPageMax)
    const within = `${whereSeries(span)} AND time >= ${from}ms AND time < ${to}ms`
    const cut = `GROUP BY time(${everyMs}ms) fill(none) LIMIT ${most}`
    const [tables] = await http.query([
      `SELECT ${aggregates} FROM "readings" WHERE ${within} ${cut}`,
    ])
    const page = tables?.[0]
    if (!page) break
    for (const values of page.values) buckets.push(bucketOf(values))
    if (page.values.length < most && !page.partial) break
    from = buckets.at(-1)!.time + everyMs
  }
  return buckets
}

/** Device by device: InfluxDB has no use for many at once. */
export async function readDays(
  http: InfluxHttp,
  { tenant, devices, from, to, wanted }: DaysAsked & { tenant: string; devices: readonly string[] },
): Promise<SeriesDay[]> {
  const days: SeriesDay[] = []
  for (const device of devices)
    for (const { channel } of await readLatest(http, tenant, device)) {
      if (!wanted(channel)) continue
      const key = { tenant, device, channel }
      for (const { mean: _, ...day } of await readBuckets(http, {
        ...key,
        from,
        to,
        everyMs: dayMs,
      }))
        days.push({ device, channel, ...day })
    }
  return days
}

/** Of each channel of a device; times and values in the order of the port. */
export async function readLatest(
  http: InfluxHttp,
  tenant: string,
  device: string,
): ReturnType<Series['latest']> {
  const of = `FROM "readings" WHERE ${whereSeries({ tenant, device })} GROUP BY "channel"`
  const [tables] = await http.query([`SELECT last("value") ${of}`])
  return [...byChannel(tables)].map(([channel, [time, value]]) => ({
    channel,
    time: Number(time),
    value: Number(value),
  }))
}

/** A question for so many devices at once: InfluxDB reads a long condition slowly. */
const devicesAtOnce = 100

export async function readLatestOf(
  http: InfluxHttp,
  tenant: string,
  devices: readonly string[],
): ReturnType<Series['latestOf']> {
  const latest = new Map<string, Latest[]>()
  for (let at = 0; at < devices.length; at += devicesAtOnce) {
    const of = devices.slice(at, at + devicesAtOnce)
    const any = of.map((device) => `(${whereSeries({ tenant, device })})`).join(' OR ')
    const [tables = []] = await http.query([
      `SELECT last("value") FROM "readings" WHERE ${any} GROUP BY "device", "channel"`,
    ])
    for (const { tags, values } of tables) {
      const [time, value] = values[0] ?? []
      const device = nameOfTag(tags?.device ?? '')
      const channel = nameOfTag(tags?.channel ?? '')
      const own = latest.get(device) ?? []
      own.push({ channel, time: Number(time), value: Number(value) })
      latest.set(device, own)
    }
  }
  return latest
}

export async function readChannels(
  http: InfluxHttp,
  tenant: string,
  device: string,
): ReturnType<Series['channels']> {
  const of = `FROM "readings" WHERE ${whereSeries({ tenant, device })} GROUP BY "channel"`
  const asked = ['first', 'last', 'count'].map((name) => `SELECT ${name}("value") ${of}`)
  const [first, last, count] = (await http.query(asked)).map(byChannel)
  return [...count!].map(([channel, [, counted]]) => ({
    channel,
    from: Number(first!.get(channel)?.[0]),
    to: Number(last!.get(channel)?.[0]),
    count: Number(counted),
  }))
}

const aggregates = 'min("value"), mean("value"), max("value"), count("value")'

/** InfluxQL counts a width in ns of 64 bits; wider buckets (285 years) are asked for one by one. */
const intervalMax = influxTimeMax

const number = (value: number): number => {
  if (Number.isNaN(value)) throw new RangeError('NaN is not a number')
  return value
}

/** Whole ms that InfluxDB can hold: time >= 1.5 is time >= 2, time < 1.5 is time < 2. */
export function clamp({ from, to }: { from: number; to: number }): { from: number; to: number } {
  return {
    from: Math.max(-influxTimeMax, Math.ceil(number(from))) + 0,
    to: Math.min(influxTimeMax + 1, Math.ceil(number(to))) + 0,
  }
}

const bucketOf = ([time, min, mean, max, count]: InfluxTable['values'][number]): SeriesBucket => ({
  time: Number(time),
  min: Number(min),
  mean: Number(mean),
  max: Number(max),
  count: Number(count),
})

async function readPoints(
  http: InfluxHttp,
  { span, limit, where }: { span: SeriesSpan; limit: number; where: string },
): Promise<SeriesPoint[]> {
  const points: SeriesPoint[] = []
  let { from, to } = clamp(span)
  while (from < to && points.length < limit) {
    const most = Math.min(limit - points.length, bounds.influxPageMax)
    const within = `${whereSeries(span)} AND time >= ${from}ms AND time < ${to}ms${where}`
    const select = `SELECT "value" FROM "readings" WHERE ${within} LIMIT ${most}`
    const page = (await http.query([select]))[0]?.[0]
    if (!page) break
    for (const [time, value] of page.values)
      points.push({ time: Number(time), value: Number(value) })
    if (page.values.length < most && !page.partial) break
    from = points.at(-1)!.time + 1
  }
  return points
}

/** Several may have one time. */
async function readRivals(
  http: InfluxHttp,
  span: SeriesSpan,
  where: string,
): Promise<SeriesPoint[]> {
  const points: SeriesPoint[] = []
  const { from, to } = clamp(span)
  let fromUs = from * rivalSlots
  while (fromUs < to * rivalSlots) {
    const within = `${whereSeries(span)} AND time >= ${fromUs}u AND time < ${to}ms${where}`
    const select = `SELECT "value" FROM "rivals" WHERE ${within} LIMIT ${bounds.influxPageMax}`
    const page = (await http.query([select], 'u'))[0]?.[0]
    if (!page) break
    for (const [us, value] of page.values)
      points.push({ time: Math.floor(Number(us) / rivalSlots), value: Number(value) })
    if (page.values.length < bounds.influxPageMax && !page.partial) break
    fromUs = Number(page.values.at(-1)![0]) + 1
  }
  return points
}

async function readVast(
  http: InfluxHttp,
  span: SeriesSpan & { everyMs: number },
): Promise<SeriesBucket[]> {
  const { from, to } = clamp(span)
  const buckets: SeriesBucket[] = []
  for (const start of [-span.everyMs, 0]) {
    const [first, end] = [Math.max(from, start), Math.min(to, start + span.everyMs)]
    if (first >= end) continue
    const within = `${whereSeries(span)} AND time >= ${first}ms AND time < ${end}ms`
    const [tables] = await http.query([`SELECT ${aggregates} FROM "readings" WHERE ${within}`])
    const values = tables?.[0]?.values[0]
    if (values) buckets.push({ ...bucketOf(values), time: start })
  }
  return buckets
}

function byChannel(
  tables: readonly InfluxTable[] = [],
): Map<string, InfluxTable['values'][number]> {
  return new Map(
    tables.map(({ tags, values }) => [nameOfTag(tags?.channel ?? ''), values[0] ?? []]),
  )
}
