// Buckets of readings as rows: of the hours where readings are gone, of the readings from then on,
// in one list without a seam. Knows no HTTP.
import { hourMs, hourOfTime } from '../domain/hours.ts'
import type { Series, SeriesBucket, SeriesSpan } from '../store/series.ts'

/** `value` is the mean of the readings, each counting the same. */
export type BucketRow = SeriesBucket & { value: number }

export interface BucketsAsked {
  span: SeriesSpan
  everyMs: number
  limit: number
  /** Up to when hours say what was read; -Infinity where there are none. */
  hoursTo: number
}

/**
 * Ascending. Of the past an hour counts whole, wherever in it the span begins or ends; buckets that
 * are no whole hours are made of readings alone.
 */
export async function readBuckets(series: Series, asked: BucketsAsked): Promise<BucketRow[]> {
  const { span, everyMs, limit, hoursTo } = asked
  const past = everyMs % hourMs === 0 && span.from < hoursTo ? await readPast(series, asked) : []
  const from = everyMs % hourMs === 0 ? Math.max(span.from, hoursTo) : span.from
  if (past.length <= limit && from < span.to) {
    const recent = await series.downsample({ ...span, from, everyMs, limit: limit + 1 })
    const last = past.at(-1)
    if (last && last.time === recent[0]?.time) past.push(merge(past.pop()!, recent.shift()!))
    past.push(...recent)
  }
  return past.slice(0, limit).map((bucket) => ({ ...bucket, value: bucket.mean }))
}

const pageHours = 10_000

/** Whole buckets, one more than asked for when there are more. */
async function readPast(
  series: Series,
  { span, everyMs, limit, hoursTo }: BucketsAsked,
): Promise<SeriesBucket[]> {
  const buckets: SeriesBucket[] = []
  const to = Math.min(span.to, hoursTo)
  for (let from = hourOfTime(span.from); from < to && buckets.length <= limit; ) {
    const page = await series.hours({ ...span, from, to, limit: pageHours })
    for (const { time, min, max, sum, count } of page) {
      if (min === null || max === null) continue
      const bucket = {
        time: Math.floor(time / everyMs) * everyMs,
        min,
        max,
        count,
        mean: sum / count,
      }
      if (buckets.at(-1)?.time === bucket.time) buckets.push(merge(buckets.pop()!, bucket))
      else buckets.push(bucket)
    }
    if (page.length < pageHours) break
    from = page.at(-1)!.time + hourMs
  }
  return buckets
}

function merge(one: SeriesBucket, other: SeriesBucket): SeriesBucket {
  const count = one.count + other.count
  return {
    time: one.time,
    min: Math.min(one.min, other.min),
    mean: (one.mean * one.count + other.mean * other.count) / count,
    max: Math.max(one.max, other.max),
    count,
  }
}
