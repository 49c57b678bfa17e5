// A series store whose readings stand at the times that follow from what was stated of their
// devices' clocks (domain/clock-correction.ts). What is kept stays as the devices said it: a
// correction is a way to read, and taking it back leaves no trace in the series. Devices without
// one, nearly all, are read as before.
import { type ClockCorrection, type ClockPiece, piecesOf } from '../domain/clock-correction.ts'
import type {
  DaysAsked,
  Series,
  SeriesColumns,
  SeriesDay,
  SeriesPoint,
  SeriesSpan,
} from './series.ts'

export type CorrectionsOf = (tenant: string, device: string) => readonly ClockCorrection[]

/** Those without a correction together, the few others one by one. */
async function latestOfAll(
  series: Series,
  latest: Series['latest'],
  { of, tenant, devices }: { of: CorrectionsOf; tenant: string; devices: readonly string[] },
): ReturnType<Series['latestOf']> {
  const moved = new Set(devices.filter((device) => of(tenant, device).length > 0))
  const all = await series.latestOf(
    tenant,
    devices.filter((device) => !moved.has(device)),
  )
  for (const device of moved) {
    const own = await latest(tenant, device)
    if (own.length > 0) all.set(device, own)
  }
  return all
}

/** `slowestMs`: how far behind the slowest clock is; readings are dropped so much later. */
export function correctSeries<S extends Series>(
  series: S,
  of: CorrectionsOf,
  slowestMs: () => number = () => 0,
): S {
  const piecesFor = ({ tenant, device }: { tenant: string; device: string }) => {
    const corrections = of(tenant, device)
    return corrections.length === 0 ? undefined : piecesOf(corrections)
  }
  const columns: Series['columns'] = async (span) => {
    const pieces = piecesFor(span)
    return pieces ? readPieces(series, pieces, span) : series.columns(span)
  }
  const own: Partial<Series> = {
    columns,
    range: async (span) => {
      const pieces = piecesFor(span)
      if (!pieces) return series.range(span)
      const points = pointsOf(await readPieces(series, pieces, span))
      return span.limit === undefined ? points : points.slice(0, span.limit)
    },
    downsample: async (span) => {
      const pieces = piecesFor(span)
      return pieces
        ? bucketsOf(pointsOf(await readPieces(series, pieces, span)), span)
        : series.downsample(span)
    },
    dayExtremes: async (tenant, devices, asked) => {
      const plain = devices.filter((device) => of(tenant, device).length === 0)
      const days = plain.length > 0 ? await series.dayExtremes(tenant, plain, asked) : []
      for (const device of devices) {
        const pieces = piecesFor({ tenant, device })
        if (pieces) days.push(...(await daysOf(series, pieces, { tenant, device, asked })))
      }
      return days
    },
    latest: async (tenant, device) => {
      const newest = await series.latest(tenant, device)
      const pieces = piecesFor({ tenant, device })
      if (!pieces) return newest
      const all = newest.map(async ({ channel, ...last }) => ({
        channel,
        ...(await newestOf(series, pieces, { key: { tenant, device, channel }, last })),
      }))
      return Promise.all(all)
    },
    latestOf: (tenant, devices) => latestOfAll(series, own.latest!, { of, tenant, devices }),
    channels: async (tenant, device) => {
      const extents = await series.channels(tenant, device)
      const pieces = piecesFor({ tenant, device })
      if (!pieces) return extents
      const all = extents.map(async (extent) => {
        const span = { tenant, device, channel: extent.channel, ...allTimes }
        const { times } = await readPieces(series, pieces, span)
        return { ...extent, from: times[0]!, to: times.at(-1)!, count: times.length }
      })
      return Promise.all(all)
    },
    dropBefore: (time) => series.dropBefore(time - slowestMs()),
  }
  const { getOwnPropertyDescriptors: partsOf } = Object
  return Object.defineProperties({} as S, { ...partsOf(series), ...partsOf(own) })
}

const allTimes = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER }

/** Of two readings that come to stand at the same time the greater one counts, as in any store. */
async function readPieces(
  series: Series,
  pieces: readonly ClockPiece[],
  { from, to, ...span }: SeriesSpan & { limit?: number; beforeOffset?: number },
): Promise<SeriesColumns> {
  const parts: SeriesPoint[][] = []
  const { limit: _all, ...asked } = span as typeof span & { everyMs?: number }
  for (const { aheadMs, ...piece } of pieces) {
    const begin = Math.max(piece.from, from + aheadMs, allTimes.from)
    const end = Math.min(piece.to, to + aheadMs, allTimes.to)
    if (begin >= end) continue
    const { times, values } = await series.columns({ ...asked, from: begin, to: end })
    parts.push(Array.from(times, (time, i) => ({ time: time - aheadMs, value: values[i]! })))
  }
  const points = parts.flat().sort((a, b) => a.time - b.time || b.value - a.value)
  const unique = points.filter(({ time }, i) => i === 0 || points[i - 1]!.time !== time)
  return {
    times: Float64Array.from(unique, ({ time }) => time),
    values: Float64Array.from(unique, ({ value }) => value),
  }
}

const pointsOf = ({ times, values }: SeriesColumns): SeriesPoint[] =>
  Array.from(times, (time, i) => ({ time, value: values[i]! }))

function bucketsOf(
  points: readonly SeriesPoint[],
  { everyMs, limit = Infinity }: { everyMs: number; limit?: number },
): Awaited<ReturnType<Series['downsample']>> {
  const buckets = Map.groupBy(points, ({ time }) => Math.floor(time / everyMs) * everyMs)
  const all = [...buckets].map(([time, own]) => ({
    time,
    min: own.reduce((least, { value }) => Math.min(least, value), Infinity),
    mean: own.reduce((sum, { value }) => sum + value, 0) / own.length,
    max: own.reduce((most, { value }) => Math.max(most, value), -Infinity),
    count: own.length,
  }))
  return all.slice(0, limit)
}

async function daysOf(
  series: Series,
  pieces: readonly ClockPiece[],
  { tenant, device, asked }: { tenant: string; device: string; asked: DaysAsked },
): Promise<SeriesDay[]> {
  const days: SeriesDay[] = []
  for (const { channel } of await series.latest(tenant, device)) {
    if (!asked.wanted(channel)) continue
    const { from, to } = asked
    const readings = await readPieces(series, pieces, { tenant, device, channel, from, to })
    for (const { mean: _, ...day } of bucketsOf(pointsOf(readings), { everyMs: 86_400_000 }))
      days.push({ device, channel, ...day })
  }
  return days
}

/** `last`: the newest by the device's own clock. */
async function newestOf(
  series: Series,
  pieces: readonly ClockPiece[],
  { key, last }: { key: Omit<SeriesSpan, 'from' | 'to'>; last: SeriesPoint },
): Promise<SeriesPoint> {
  let newest: SeriesPoint | undefined
  for (const piece of pieces.toReversed()) {
    if (piece.from > last.time) continue
    const end = Math.min(piece.to, last.time + 1)
    if (newest && end - 1 - piece.aheadMs < newest.time) continue
    const own = await newestIn(series, key, { from: Math.max(piece.from, allTimes.from), to: end })
    if (!own) continue
    const time = own.time - piece.aheadMs
    const isNewer = !newest || time > newest.time
    if (isNewer || (time === newest!.time && own.value > newest!.value))
      newest = { time, value: own.value }
  }
  return newest ?? last
}

/** Looks at the end of the span first: devices that are in use spoke then. */
async function newestIn(
  series: Series,
  key: Omit<SeriesSpan, 'from' | 'to'>,
  { from, to }: { from: number; to: number },
): Promise<SeriesPoint | undefined> {
  for (const begin of [Math.max(from, to - nearMs), from]) {
    const { times, values } = await series.columns({ ...key, from: begin, to })
    if (times.length > 0) return { time: times.at(-1)!, value: values.at(-1)! }
    if (begin === from) return undefined
  }
  return undefined
}

const nearMs = 7 * 86_400_000
