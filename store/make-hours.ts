// Makes the hours of readings that are about to be dropped, device by device, from what the series
// store holds. Made again from the same readings they are the same, so it may be ended at any
// moment; it goes on after the last device that was done. Drops nothing.
import { bounds } from '../config.ts'
import type { Point } from '../domain/breach.ts'
import { hourMs, hourOfTime, hoursOf } from '../domain/hours.ts'
import { gapFactorDefault, loggingIntervalMsDefault } from '../domain/profile/profile.ts'
import { isTemperature, type SeriesKey } from '../domain/reading.ts'
import type { Ledger, LedgerQuery } from './ledger/ledger.ts'
import { readHoursAt, readHoursTo, writeHoursAt } from './ledger/retention.ts'
import type { HourRow, Series } from './series.ts'

/**
 * Resolves to how many hours were made, when those of all readings before a whole hour are durable.
 * Rejects with Unavailable, or when `lost` says that another process is at it.
 */
export async function makeHours(
  { ledger, series }: { ledger: Pick<Ledger, 'db'>; series: Series },
  before: number,
  lost: AbortSignal,
): Promise<number> {
  const from = await readHoursTo(ledger.db)
  if (from >= before) return 0
  let made = 0
  let rows: HourRow[] = []
  const flush = async (last: DeviceRow): Promise<void> => {
    await series.writeHours(rows)
    await writeHoursAt(ledger.db, { before, tenant: last.tenant, device: last.id })
    made += rows.length
    rows = []
  }
  const done = await readHoursAt(ledger.db)
  const after = done?.before === before ? { tenant: done.tenant, id: done.device } : undefined
  let last: DeviceRow | undefined
  for await (const device of devicesAfter(ledger.db, after)) {
    lost.throwIfAborted()
    const key = { tenant: device.tenant, device: device.id }
    for (const newest of await series.latest(key.tenant, key.device)) {
      const channel = { key: { ...key, channel: newest.channel }, gapMs: gapOf(device), newest }
      for await (const hours of hoursOfChannel(series, channel, { from, to: before })) {
        rows.push(...hours.map((hour) => ({ ...channel.key, ...hour })))
        // Not yet the device's last ones: what was done is not noted.
        if (rows.length < bounds.hoursPerWrite) continue
        await series.writeHours(rows)
        made += rows.length
        rows = []
      }
    }
    last = device
    if (rows.length >= bounds.hoursPerWrite / 2) await flush(device)
  }
  if (last) await flush(last)
  return made
}

interface DeviceRow {
  tenant: string
  id: string
  loggingIntervalMs: number | null
}

/**
 * Hours serve whatever product was with the device, so that the gap is the device's and not that
 * of a profile; it is told with each hour.
 */
const gapOf = ({ loggingIntervalMs }: DeviceRow): number =>
  Math.round((loggingIntervalMs ?? loggingIntervalMsDefault) * gapFactorDefault)

async function* devicesAfter(
  db: LedgerQuery,
  first: { tenant: string; id: string } | undefined,
): AsyncGenerator<DeviceRow> {
  const limit = bounds.exportPageRows
  for (let after = first; ; ) {
    const page = await db
      .selectFrom('devices')
      .select(['tenant', 'id', 'loggingIntervalMs'])
      .$if(after !== undefined, (query) =>
        query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('tenant', 'id'), '>', tuple(after!.tenant, after!.id)),
        ),
      )
      .orderBy('tenant')
      .orderBy('id')
      .limit(limit)
      .execute()
    yield* page
    after = page.at(-1)
    if (page.length < limit) return
  }
}

/** Page by page of whole hours. */
async function* hoursOfChannel(
  series: Series,
  of: { key: SeriesKey; gapMs: number; newest: Point },
  span: { from: number; to: number },
) {
  const { key, gapMs, newest } = of
  const temperature = isTemperature(key.channel)
  let before = await standingAt(series, key, { time: span.from, gapMs })
  let limit: number = bounds.hoursReadings
  for (let from = span.from; from < span.to; ) {
    const points = await series.range({ ...key, from, to: span.to, limit })
    const to = points.length < limit ? span.to : hourOfTime(points.at(-1)!.time)
    const inside = points.filter(({ time }) => time < to)
    if (inside.length === 0 && to < span.to) {
      // All of one hour.
      limit *= 2
      continue
    }
    const first = before ?? inside[0]
    if (first === undefined) return
    const window = { from: Math.max(from, hourOfTime(first.time)), to }
    // How long the last one stands is for its successor to say, wherever that is.
    const next = points[inside.length] ?? (newest.time >= to ? newest : undefined)
    const around = [before, ...inside, next].filter((point) => point !== undefined)
    yield hoursOf(around, { gapMs, window, temperature })
    before = inside.at(-1) ?? before
    from = to
  }
}

/** The newest reading before a time, if it may stand then: of its hour, for itself is dropped. */
async function standingAt(
  series: Series,
  key: SeriesKey,
  { time, gapMs }: { time: number; gapMs: number },
): Promise<Point | undefined> {
  if (time === Number.NEGATIVE_INFINITY) return undefined
  const hours = await series.hours({ ...key, from: time - gapMs - hourMs, to: time })
  return hours.findLast(({ last }) => last !== null)?.last ?? undefined
}
