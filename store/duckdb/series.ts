// The embedded series store: DuckDB in one file, owned by a worker thread (store/duckdb/worker.ts).
// This side turns rows into typed arrays and names of series into numbers, and opens the file again
// when DuckDB gave it up (full disk) or the thread died. Refuses a second owner of the folder.
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'
import { binsText, hourColumns, hourOf, numbersOf } from '../hour-columns.ts'
import type { HourRow, Latest, Series, SeriesExtent, SeriesRow, SeriesSpan } from '../series.ts'
import type { HourLot } from './hours.ts'
import type { KeySpan, ReadColumns } from './queries.ts'
import type { Columns, Named } from './tables.ts'
import { type SeriesAnswer, type SeriesThread, startSeriesThread } from './thread.ts'
import type { SeriesRequest, SeriesStats } from './worker.ts'

export interface DuckdbSeriesOptions {
  /** Holds `series.duckdb` and what belongs to it; made when absent. */
  folder: string
  /** DuckDB's memory limit; `bounds.seriesMemory` unless told. */
  memory?: string
  hotRowsMax?: number
  sortedRowsMax?: number
}

export interface DuckdbSeries extends Series {
  /** Sorts the hot rows away now; otherwise done by itself when `hotRowsMax` is passed. */
  compact(): Promise<void>
  stats(): Promise<SeriesStats>
  /** Copies everything written so far into a new file, while it goes on writing. */
  copyTo(file: string): Promise<void>
  /** Why it cannot serve just now; undefined when it can. The next call opens the file again. */
  readonly failure: Error | undefined
}

/**
 * Sorting takes all it is given for seconds: on a small machine it must leave a core to what comes
 * in.
 */
const seriesThreads = Math.max(1, Math.min(4, availableParallelism() >> 1))

/** More are asked for in turn: each is bound as a parameter. */
const keysAtOnce = 500

/** Throws OperatorError (folder in use or not writable) or Corrupt. */
export async function openDuckdbSeries(options: DuckdbSeriesOptions): Promise<DuckdbSeries> {
  const open = (): Promise<SeriesThread> =>
    startSeriesThread(resolve(options.folder), {
      memory: options.memory ?? bounds.seriesMemory,
      threads: seriesThreads,
      hotRowsMax: options.hotRowsMax ?? bounds.hotRowsMax,
      hotRowsFactorMax: bounds.hotRowsFactorMax,
      sortedRowsMax: options.sortedRowsMax ?? bounds.sortedRowsMax,
    })
  const first = await open()
  return operate(makeLine(first, open), makeDictionary(first.names))
}

/** The thread of the moment. */
interface Line {
  ask(request: SeriesRequest, moved?: ArrayBuffer[]): Promise<SeriesAnswer>
  readonly failure: Error | undefined
  /** Requests not yet answered. */
  readonly asked: number
  close(): Promise<void>
}

function makeLine(first: SeriesThread, open: () => Promise<SeriesThread>): Line {
  let thread = first
  let failure: Error | undefined
  let reopening: Promise<void> | undefined
  let closing: Promise<void> | undefined

  const reopen = async (): Promise<void> => {
    try {
      await thread.end()
      thread = await open()
      failure = undefined
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      reopening = undefined
    }
  }
  const refuseClosed = (): void => {
    if (closing) throw new Unavailable('the series store is closed')
  }
  return {
    async ask(request, moved) {
      refuseClosed()
      if (thread.failure) {
        reopening ??= reopen()
        await reopening
        refuseClosed()
      }
      return thread.ask(request, moved)
    },
    get failure() {
      return failure ?? thread.failure
    },
    get asked() {
      return thread.asked
    },
    close() {
      closing ??= (reopening ?? Promise.resolve()).catch(() => undefined).then(() => thread.end())
      return closing
    },
  }
}

function operate(line: Line, dictionary: Dictionary): DuckdbSeries {
  const { read, keySpan, perChannel, latestOf, extents, dayExtremes } = makeReads(line, dictionary)
  return {
    async write(rows) {
      const columns = columnsOf(rows, dictionary)
      const moved = Object.values(columns).map(
        (column: Columns[keyof Columns]): ArrayBuffer => column.buffer,
      )
      await dictionary.keep((named) => line.ask({ ask: 'write', columns, ...named }, moved))
      return []
    },
    async range(span) {
      const { columns = [] } = await read({ ask: 'range', span: keySpan(span) })
      const [times, values] = columns
      return Array.from(times!, (time, i) => ({ time, value: values![i]! }))
    },
    async columns(span) {
      const { columns = [] } = await read({ ask: 'columns', span: keySpan(span) })
      return { times: columns[0]!, values: columns[1]! }
    },
    async downsample(span) {
      if (!Number.isSafeInteger(span.everyMs) || span.everyMs < 1)
        throw new RangeError(`everyMs ${span.everyMs} is not a whole number of at least 1`)
      const request = { ...keySpan(span), everyMs: span.everyMs }
      const { columns = [] } = await read({ ask: 'downsample', span: request })
      const [times, min, mean, max, count] = columns
      return Array.from(times!, (time, i) => ({
        time,
        min: min![i]!,
        mean: mean![i]!,
        max: max![i]!,
        count: count![i]!,
      }))
    },
    dayExtremes,
    async latest(tenant, device) {
      const { channels, columns } = await perChannel('latest', [tenant, device])
      const [, times, values] = columns
      return channels.map((channel, i) => ({ channel, time: times![i]!, value: values![i]! }))
    },
    latestOf,
    channels: (tenant, device) => extents('channels', [tenant, device]),
    hourChannels: (tenant, device) => extents('hourChannels', [tenant, device]),
    async writeHours(rows) {
      if (rows.length === 0) return
      const lot = lotOf(rows, dictionary)
      await dictionary.keep((named) => line.ask({ ask: 'writeHours', lot, ...named }))
    },
    async hours(span) {
      const { columns = [], texts = [] } = await read({ ask: 'hours', span: keySpan(span) })
      const [times, ...numbers] = columns
      const at = (i: number) => numbers.map((column) => nullOf(column[i]!))
      return Array.from(times!, (time, i) => hourOf(time, at(i), texts[i]!))
    },
    async dropBefore(time) {
      await line.ask({ ask: 'compact', keepFrom: wholeMs(time) })
    },
    compact: () => line.ask({ ask: 'compact' }).then(() => undefined),
    copyTo: (file) => line.ask({ ask: 'copy', file }).then(() => undefined),
    async stats() {
      return (await line.ask({ ask: 'stats' })).stats!
    },
    get failure() {
      return line.failure
    },
    close: line.close,
  }
}

function makeReads(line: Line, dictionary: Dictionary) {
  const read = (request: SeriesRequest): Promise<SeriesAnswer> => {
    if (line.asked < bounds.seriesReadsMax) return line.ask(request)
    throw new Unavailable('too many reads of the series store at once', 200)
  }
  const keySpan = (span: SeriesSpan & { limit?: number; beforeOffset?: number }): KeySpan => ({
    // noKey: the store is asked all the same, so that a dead or closed one says so.
    key: dictionary.channels(span.tenant, span.device)?.get(span.channel) ?? noKey,
    from: wholeMs(span.from),
    to: wholeMs(span.to),
    limit: span.limit,
    beforeOffset: span.beforeOffset === undefined ? undefined : wholeMs(span.beforeOffset),
  })
  const perChannel = async (
    ask: 'latest' | 'channels' | 'hourChannels',
    [tenant, device]: [string, string],
  ): Promise<{ channels: string[]; columns: ReadColumns }> => {
    const named = dictionary.channels(tenant, device) ?? new Map<string, number>()
    const names = new Map([...named].map(([channel, key]) => [key, channel]))
    const { columns = [] } = await read({ ask, keys: [...names.keys()] })
    return { channels: [...columns[0]!].map((key) => names.get(key)!), columns }
  }
  const latestOf: Series['latestOf'] = async (tenant, devices) => {
    const names = new Map<number, { device: string; channel: string }>()
    for (const device of devices)
      for (const [channel, key] of dictionary.channels(tenant, device) ?? [])
        names.set(key, { device, channel })
    const latest = new Map<string, Latest[]>()
    const all = [...names.keys()]
    for (let at = 0; at < Math.max(1, all.length); at += keysAtOnce) {
      const keys = all.slice(at, at + keysAtOnce)
      const { columns = [] } = await read({ ask: 'latest', keys })
      const [found, times, values] = columns
      for (const [i, key] of found!.entries()) {
        const { device, channel } = names.get(key)!
        const own = latest.get(device) ?? []
        own.push({ channel, time: times![i]!, value: values![i]! })
        latest.set(device, own)
      }
    }
    return latest
  }
  const extents = async (
    ask: 'channels' | 'hourChannels',
    of: [string, string],
  ): Promise<SeriesExtent[]> => {
    const { channels, columns } = await perChannel(ask, of)
    const [, from, to, count] = columns
    return channels.map((channel, i) => ({
      channel,
      from: from![i]!,
      to: to![i]!,
      count: count![i]!,
    }))
  }
  const dayExtremes: Series['dayExtremes'] = async (tenant, devices, { from, to, wanted }) => {
    const named = new Map<number, { device: string; channel: string }>()
    for (const device of devices)
      for (const [channel, key] of dictionary.channels(tenant, device) ?? [])
        if (wanted(channel)) named.set(key, { device, channel })
    const span = { keys: [...named.keys()], from: wholeMs(from), to: wholeMs(to) }
    const { columns = [] } = await read({ ask: 'days', span })
    const [keys, times, min, max, count] = columns
    return Array.from(keys!, (key, i) => ({
      ...named.get(key)!,
      ...{ time: times![i]!, min: min![i]!, max: max![i]!, count: count![i]! },
    }))
  }
  return { read, keySpan, perChannel, latestOf, extents, dayExtremes }
}

/** Beyond every key that is given (they count up from 0). */
const noKey = 0xffff_ffff

type Dictionary = ReturnType<typeof makeDictionary>

/** Series by number: a key is the place of its name in the list, which only grows. */
function makeDictionary(kept: readonly string[]) {
  const names: string[] = []
  const tenants = new Map<string, Map<string, Map<string, number>>>()
  const channels = (tenant: string, device: string): Map<string, number> | undefined =>
    tenants.get(tenant)?.get(device)
  const add = (tenant: string, device: string, channel: string): number => {
    const devices = tenants.get(tenant) ?? new Map<string, Map<string, number>>()
    const keys = devices.get(device) ?? new Map<string, number>()
    tenants.set(tenant, devices.set(device, keys.set(channel, names.length)))
    // JSON: exact for any string, NUL and lone surrogates included, which UTF-8 is not.
    return names.push(JSON.stringify([tenant, device, channel])) - 1
  }
  /** Names known to be kept; the file may hold more, after a commit that was kept but not told. */
  let keptNames = kept.length
  const keep = async (change: (named: Named & { names: string[] }) => Promise<unknown>) => {
    const firstKey = keptNames
    const added = names.slice(firstKey)
    await change({ firstKey, names: added })
    keptNames = Math.max(keptNames, firstKey + added.length)
  }
  for (const name of kept) {
    const [tenant, device, channel] = JSON.parse(name) as [string, string, string]
    add(tenant, device, channel)
  }
  return { channels, add, keep }
}

function columnsOf(rows: readonly SeriesRow[], dictionary: Dictionary): Columns {
  const columns = {
    keys: new Uint32Array(rows.length),
    times: new Float64Array(rows.length),
    values: new Float64Array(rows.length),
    offsets: new Float64Array(rows.length),
  }
  for (let i = 0; i < rows.length; i++) {
    const { tenant, device, channel, time, value, offset } = rows[i]!
    if (!Number.isSafeInteger(time) || !Number.isSafeInteger(offset) || !Number.isFinite(value))
      throw new Error(`not a row: ${JSON.stringify(rows[i])} time ${time} value ${value}`)
    columns.keys[i] =
      dictionary.channels(tenant, device)?.get(channel) ?? dictionary.add(tenant, device, channel)
    columns.times[i] = time
    columns.values[i] = value + 0 // -0 becomes 0: two zeros would stand in the order they came in
    columns.offsets[i] = offset
  }
  return columns
}

function lotOf(rows: readonly HourRow[], dictionary: Dictionary): HourLot {
  const lot: HourLot = {
    keys: new Uint32Array(rows.length),
    times: new Float64Array(rows.length),
    numbers: hourColumns.map(() => new Float64Array(rows.length)),
    bins: rows.map((row) => binsText(row) ?? null),
  }
  for (const [i, row] of rows.entries()) {
    const { tenant, device, channel } = row
    lot.keys[i] =
      dictionary.channels(tenant, device)?.get(channel) ?? dictionary.add(tenant, device, channel)
    lot.times[i] = row.time
    for (const [column, number] of numbersOf(row).entries())
      lot.numbers[column]![i] = number ?? Number.NaN
  }
  return lot
}

const nullOf = (number: number): number | null => (Number.isNaN(number) ? null : number)

/** Whole numbers keep their meaning: time >= 1.5 is time >= 2, time < 1.5 is time < 2. */
function wholeMs(time: number): number {
  if (Number.isNaN(time)) throw new RangeError('NaN is not a time')
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(time)))
}
