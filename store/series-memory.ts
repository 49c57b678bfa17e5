// A series store that remembers, hour by hour and channel by channel, what was read of it, for
// passports that ask for the same loggers again and again. A reading that is written, late or not,
// makes it forget the hour it is in and no other; events and profiles are not in it, so that they
// make it forget nothing. Answers as the store does, bit for bit. Only where every write passes
// here: with other processes at work on the same store it would not hear of theirs.
import { hourMs, hourOfTime } from '../domain/hours.ts'
import type { SeriesKey } from '../domain/reading.ts'
import type { Latest, Series, SeriesPoint, SeriesRow, SeriesSpan } from './series.ts'

/** Time and value by turns, ascending. */
type Block = Float64Array

interface Remembered {
  /** Grows with each write: what was read meanwhile is not remembered. */
  version: number
  /** Blocks by the begin of their hour. */
  channels: Map<string, Map<number, Block>>
  /** Readings and hours of them. */
  size: number
  latest: ReturnType<Series['latest']> | undefined
  hourChannels: ReturnType<Series['hourChannels']> | undefined
}

const none: ReadonlyMap<string, Latest[]> = new Map()

export interface MemoryOptions {
  /** Readings and hours that are remembered at most, 16 bytes and some 150 bytes each. */
  sizeMax: number
  /** A longer span is read past the memory. */
  hoursMax: number
}

export function rememberReadings<S extends Series>(series: S, options: MemoryOptions): S {
  const memory = newMemory(options.sizeMax)
  const forgetting = async <T>(work: Promise<T>, forget: () => void): Promise<T> => {
    forget()
    try {
      return await work
    } finally {
      forget()
    }
  }
  const own: Partial<Series> = {
    write: (rows) => forgetting(series.write(rows), () => memory.forgetRows(rows)),
    dropBefore: (time) => forgetting(series.dropBefore(time), memory.forgetAll),
    writeHours: (hours) => forgetting(series.writeHours(hours), memory.forgetAll),
    range: (span) =>
      span.beforeOffset !== undefined || span.to - span.from > options.hoursMax * hourMs
        ? series.range(span)
        : rangeFrom(series, memory.of(span), span),
    latest(tenant, device) {
      const known = memory.of({ tenant, device })
      known.latest ??= series.latest(tenant, device).catch((error) => {
        known.latest = undefined
        throw error
      })
      return known.latest
    },
    async latestOf(tenant, devices) {
      const known = devices.map((device) => memory.of({ tenant, device }))
      const fresh = devices.filter((_, i) => !known[i]!.latest)
      const together = fresh.length > 0 ? series.latestOf(tenant, fresh) : Promise.resolve(none)
      const asked = devices.map((device, i) => {
        known[i]!.latest ??= together.then((all) => all.get(device) ?? [])
        return known[i]!.latest
      })
      const latest = new Map<string, Latest[]>()
      try {
        const all = await Promise.all(asked)
        for (const [i, device] of devices.entries())
          if (all[i]!.length > 0) latest.set(device, all[i]!)
      } catch (error) {
        for (const each of known) each.latest = undefined
        throw error
      }
      return latest
    },
    hourChannels(tenant, device) {
      const known = memory.of({ tenant, device })
      known.hourChannels ??= series.hourChannels(tenant, device).catch((error) => {
        known.hourChannels = undefined
        throw error
      })
      return known.hourChannels
    },
  }
  // All else is the store's own; what it tells of itself is asked of it each time.
  const { getOwnPropertyDescriptors: partsOf } = Object
  return Object.defineProperties({} as S, { ...partsOf(series), ...partsOf(own) })
}

interface Memory {
  of(key: Omit<SeriesKey, 'channel'>): Remembered
  forgetRows(rows: readonly SeriesRow[]): void
  forgetAll(): void
}

function newMemory(sizeMax: number): Memory {
  /** The one that was asked for last is last. */
  const devices = new Map<string, Remembered>()
  const keyOf = (tenant: string, device: string): string => `${tenant}\n${device}`
  let size = 0
  const makeRoom = (): void => {
    size = 0
    for (const known of devices.values()) size += known.size
    for (const [key, known] of devices) {
      if (size <= sizeMax) return
      size -= known.size
      devices.delete(key)
    }
  }
  let asked = 0
  return {
    of({ tenant, device }) {
      const key = keyOf(tenant, device)
      const known = devices.get(key) ?? {
        ...{ version: 0, channels: new Map(), size: 0 },
        ...{ latest: undefined, hourChannels: undefined },
      }
      devices.delete(key)
      devices.set(key, known)
      // Looked at now and then: it may be a little more meanwhile.
      if (++asked % 64 === 0) makeRoom()
      return known
    },
    forgetRows(rows) {
      let [tenant, device]: (string | undefined)[] = []
      let known: Remembered | undefined
      for (const row of rows) {
        // Rows of one packet stand together.
        if (row.device !== device || row.tenant !== tenant) {
          ;[tenant, device] = [row.tenant, row.device]
          known = devices.get(keyOf(tenant, device))
          if (known) {
            known.version++
            known.latest = undefined
          }
        }
        if (known) forgetHour(known, row)
      }
    },
    forgetAll() {
      // Whoever reads now remembers in what nobody asks any more.
      for (const known of devices.values()) known.version++
      devices.clear()
    },
  }
}

function forgetHour(known: Remembered, { channel, time }: SeriesRow): void {
  const blocks = known.channels.get(channel)
  const hour = hourOfTime(time)
  const block = blocks?.get(hour)
  if (!block) return
  blocks!.delete(hour)
  known.size -= sizeOf(block)
}

async function rangeFrom(
  series: Series,
  known: Remembered,
  span: SeriesSpan & { limit?: number },
): Promise<SeriesPoint[]> {
  const { from, to, limit = Infinity } = span
  const found = await blocksOf(series, known, span)
  if (!found) return series.range(span)
  const points: SeriesPoint[] = []
  for (const block of found)
    for (let i = 0; i < block.length && points.length < limit; i += 2) {
      const time = block[i]!
      if (time >= from && time < to) points.push({ time, value: block[i + 1]! })
    }
  return points
}

/** Of the hours of the span, read where they are not known. Undefined: it is to be read as one. */
async function blocksOf(
  series: Series,
  known: Remembered,
  { tenant, device, channel, from, to, limit }: SeriesSpan & { limit?: number },
): Promise<Block[] | undefined> {
  const { version } = known
  const blocks = known.channels.get(channel) ?? new Map<number, Block>()
  known.channels.set(channel, blocks)
  const found: Block[] = []
  for (let at = hourOfTime(from); at < to; at += hourMs) {
    const block = blocks.get(at)
    if (block) {
      found.push(block)
      continue
    }
    let end = at + hourMs
    while (end < to && !blocks.has(end)) end += hourMs
    const most = limit === undefined ? {} : { limit: limit + 1 }
    const points = await series.range({ tenant, device, channel, from: at, to: end, ...most })
    if (limit !== undefined && points.length > limit) return undefined
    const made = blocksFrom(points, { from: at, to: end })
    found.push(...made)
    if (known.version === version) keep(known, blocks, { from: at, made })
    at = end - hourMs
  }
  // Parts of before and of after a write are no answer.
  return known.version === version ? found : undefined
}

function keep(
  known: Remembered,
  blocks: Map<number, Block>,
  { from, made }: { from: number; made: readonly Block[] },
): void {
  for (const [i, block] of made.entries()) {
    const hour = from + i * hourMs
    known.size += sizeOf(block) - sizeOf(blocks.get(hour))
    blocks.set(hour, block)
  }
}

/** One for each hour. */
function blocksFrom(
  points: readonly SeriesPoint[],
  { from, to }: { from: number; to: number },
): Block[] {
  const blocks: Block[] = []
  let next = 0
  for (let hour = from; hour < to; hour += hourMs) {
    const first = next
    while (next < points.length && points[next]!.time < hour + hourMs) next++
    if (first === next) {
      blocks.push(empty)
      continue
    }
    const block = new Float64Array(2 * (next - first))
    for (let i = first; i < next; i++) {
      block[2 * (i - first)] = points[i]!.time
      block[2 * (i - first) + 1] = points[i]!.value
    }
    blocks.push(block)
  }
  return blocks
}

const empty: Block = new Float64Array(0)

/** An hour by itself is worth ten readings. */
const sizeOf = (block: Block | undefined): number => (block ? 10 + block.length / 2 : 0)
