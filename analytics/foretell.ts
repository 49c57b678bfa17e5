// Tells ahead: while a logger's temperature moves towards a limit it watches over, its last two
// days are read now and then, and what is likely to reach the limit is announced, once while it
// stands. Advice for people (I10): writes nothing, and no alert or verdict knows of it. As well as
// it can: what is too much at once is left for the next reading, a store that is away for later
// (I12).
import { bounds } from '../config.ts'
import type { Point } from '../domain/breach.ts'
import {
  type Announced,
  type Announcing,
  announce,
  type Forecast,
  type ForecastTarget,
  forecastAt,
} from '../domain/forecast/forecast.ts'
import { lookBackMs } from '../domain/forecast/look.ts'
import { isTemperature } from '../domain/reading.ts'
import { Unavailable } from '../domain/refusal.ts'
import type { Series, SeriesRow } from '../store/series.ts'

/** A limit of something that a device watches over. */
export interface ForetoldTarget extends ForecastTarget {
  container: string
  gtin?: string
  rule: string
}

/** What is new of a limit. `forecast` as it was announced, also when it is withdrawn or reached. */
export interface Foretold {
  tenant: string
  device: string
  channel: string
  target: ForetoldTarget
  change: Announced
  forecast: Forecast
  /** Event time of the reading that brought it. */
  time: number
}

export interface ForetellTo {
  series: Pick<Series, 'range'>
  /** The limits that a device watches over at an event time. */
  targets(of: { tenant: string; device: string; at: number }): Promise<ForetoldTarget[]>
  told(foretold: Foretold): void
  /** Record time, epoch ms: only what is new is looked at. */
  now(): number
  /** What else fails is a bug and must be heard. */
  fail(error: unknown): void
}

export interface Foretelling {
  /** Readings that the series store holds now. */
  heard(rows: readonly SeriesRow[]): void
  /** Resolves when all that was heard was looked at. */
  settled(): Promise<void>
  stop(): void
}

interface Channel {
  tenant: string
  device: string
  channel: string
  /** The newest readings heard, some minutes apart, ascending. */
  heard: Point[]
  /** What it watches over, as of an event time. */
  targets: readonly ForetoldTarget[]
  targetsAt: number
  /** What was said, by container, side and limit. */
  said: Map<string, Announcing>
}

export function openForetelling(to: ForetellTo): Foretelling {
  const channels = new Map<string, Channel[]>()
  const waiting = new Set<Channel>()
  let working: Promise<void> | undefined
  let stopped = false
  const work = async (): Promise<void> => {
    for (const channel of waiting) {
      waiting.delete(channel)
      if (stopped) break
      await look(to, channel).catch((error: unknown) => {
        if (!(error instanceof Unavailable)) to.fail(error)
      })
    }
    working = undefined
  }
  const hear = (row: SeriesRow, now: number): void => {
    // A file or a logger that was away tells of the past: nobody can act on that.
    if (row.time < now - bounds.forecastStaleMs) return
    const channel = channelOf(channels, row)
    const last = channel.heard.at(-1)
    if (last && row.time - last.time < bounds.forecastEveryMs) return
    channel.heard.push({ time: row.time, value: row.value })
    if (channel.heard.length > heardMax) channel.heard.shift()
    if (waiting.size < bounds.forecastsWaitingMax) waiting.add(channel)
  }
  return {
    heard: (rows) => {
      const now = to.now()
      // Of many rows of one channel in a batch the last one is enough.
      for (const [index, row] of rows.entries()) {
        const next = rows[index + 1]
        const isLast = next?.device !== row.device || next.channel !== row.channel
        if (isLast && isTemperature(row.channel)) hear(row, now)
      }
      if (waiting.size > 0 && !stopped) working ??= Promise.resolve().then(work)
    },
    settled: async () => {
      while (working) await working
    },
    stop: () => {
      stopped = true
    },
  }
}

/** By device first, which tells nearly all apart: a joined key would be built for every row. */
function channelOf(channels: Map<string, Channel[]>, row: SeriesRow): Channel {
  const { tenant, device, channel } = row
  const named = channels.get(device) ?? []
  const known = named.find((one) => one.tenant === tenant && one.channel === channel)
  if (known) return known
  // Forgotten ones may be told once more: better than growing for ever.
  if (channels.size >= bounds.forecastDevicesMax) channels.delete(channels.keys().next().value!)
  const targetsAt = Number.NEGATIVE_INFINITY
  const said = new Map<string, Announcing>()
  const fresh: Channel = { tenant, device, channel, heard: [], targets: [], targetsAt, said }
  channels.set(device, [...named, fresh])
  return fresh
}

const heardMax = 8
const keyOf = ({ container, side, limit }: ForetoldTarget): string =>
  `${container} ${side} ${limit}`

async function look(to: ForetellTo, channel: Channel): Promise<void> {
  const { tenant, device } = channel
  const { time } = channel.heard.at(-1)!
  const isFirst = channel.targetsAt === Number.NEGATIVE_INFINITY
  if (time - channel.targetsAt >= targetsForMs) {
    channel.targets = await to.targets({ tenant, device, at: time })
    channel.targetsAt = time
    const keys = new Set(channel.targets.map(keyOf))
    // The logger is elsewhere now: what was said of it there is of no use to anybody.
    for (const key of channel.said.keys()) if (!keys.has(key)) channel.said.delete(key)
  }
  const near = channel.targets.filter((target) => isNearing(channel, target))
  if (near.length === 0) return
  const span = { tenant, device, channel: channel.channel, from: time - lookBackMs, to: time + 1 }
  const points = await to.series.range({ ...span, limit: bounds.forecastReadingsMax })
  for (const target of near) {
    const state = channel.said.get(keyOf(target))!
    const said = forecastAt(points, target)
    if (isFirst && announce({}, said, time)) recall(state, points, target)
    const before = state.standing
    const change = announce(state, said, time)
    const forecast = state.standing ?? before
    if (change && forecast)
      to.told({ tenant, device, channel: channel.channel, target, change, forecast, time })
  }
}

/** Whether the readings are worth reading: something was said, or it goes there within hours. */
function isNearing({ heard, said }: Channel, target: ForetoldTarget): boolean {
  const state = said.get(keyOf(target)) ?? {}
  said.set(keyOf(target), state)
  if (state.standing) return true
  const { time, value } = heard.at(-1)!
  const sign = target.side === 'above' ? 1 : -1
  const gap = sign * (target.limit - value)
  if (gap < 0) state.beyondAt = time
  if (gap < 0 || heard.length === 1) return gap >= 0
  const past = heard.findLast((one) => time - one.time >= pastMs) ?? heard[0]!
  return ((sign * (value - past.value)) / (time - past.time)) * nearMs > gap
}

/** A plan changes seldom; a logger that was moved is seen so late. */
const targetsForMs = 10 * 60_000
const pastMs = 20 * 60_000
/** In a line; longer than anything is announced ahead. */
const nearMs = 8 * 3_600_000

/** After a restart: what was said of the last hours was said, and is not said again. */
function recall(state: Announcing, points: readonly Point[], target: ForecastTarget): void {
  const end = points.at(-1)?.time ?? 0
  let last = Number.NEGATIVE_INFINITY
  for (const [index, { time }] of points.entries()) {
    if (time < end - recallMs || time - last < bounds.forecastEveryMs || time === end) continue
    last = time
    announce(state, forecastAt(points.slice(0, index + 1), target), time)
  }
}

const recallMs = 2 * 3_600_000
