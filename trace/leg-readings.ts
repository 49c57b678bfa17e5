// What the loggers of a leg said in it: every temperature channel of theirs, joined. Asks the
// series store by device and channel only; knows no unit.
import type { Interval, Point } from '../domain/breach.ts'
import { type Stand, standsOf } from '../domain/exposure.ts'
import { type Hour, hourMs } from '../domain/hours.ts'
import {
  gapFactorDefault,
  gapMsOf,
  loggingIntervalMsDefault,
  type Profile,
} from '../domain/profile/profile.ts'
import { isTemperature } from '../domain/reading.ts'
import { type PastHour, type Stretch, spellsOf } from '../domain/spells.ts'
import { type Allowance, readSaid } from '../store/past-series.ts'
import type { Series } from '../store/series.ts'
import type { NamedLeg } from './unit-legs.ts'

/** Remembers which channels a device has, for one passport. */
export interface Ear {
  series: Series
  tenant: string
  channelsOf(device: string): Promise<Heard[]>
}

/** A temperature channel: its newest reading, and until when hours tell of it. */
interface Heard {
  channel: string
  newest: number | undefined
  hoursEnd: number | undefined
}

export function newEar(series: Series, tenant: string): Ear {
  const known = new Map<string, Promise<Heard[]>>()
  const ask = async (device: string): Promise<Heard[]> => {
    const [latest, past] = await Promise.all([
      series.latest(tenant, device),
      series.hourChannels(tenant, device),
    ])
    const names = new Set([...latest, ...past].map(({ channel }) => channel).filter(isTemperature))
    return [...names].sort().map((channel) => {
      const hours = past.find((each) => each.channel === channel)
      return {
        channel,
        newest: latest.find((each) => each.channel === channel)?.time,
        hoursEnd: hours && hours.to + hourMs,
      }
    })
  }
  const channelsOf = (device: string): Promise<Heard[]> => {
    const heard = known.get(device) ?? ask(device)
    known.set(device, heard)
    return heard
  }
  return { series, tenant, channelsOf }
}

/**
 * Just after the newest reading that the loggers of open legs told; -Infinity when there is none.
 */
export async function newestOf(ear: Ear, legs: readonly NamedLeg[]): Promise<number> {
  let newest = Number.NEGATIVE_INFINITY
  for (const { to, loggers } of legs) {
    if (to < Infinity) continue
    for (const { device } of loggers)
      for (const heard of await ear.channelsOf(device))
        newest = Math.max(
          newest,
          heard.newest === undefined ? (heard.hoursEnd ?? newest) : heard.newest + 1,
        )
  }
  return newest
}

export interface Told {
  /** Ascending. */
  stretches: Stretch[]
  /** Temperature channels by device. */
  channels: ReadonlyMap<string, string[]>
  /** Until when no logger of the leg had settled since it was mounted. */
  excused: Interval | undefined
}

/** Undefined when it is more than is allowed. */
export async function readLeg(
  ear: Ear,
  leg: NamedLeg,
  by: { profile: Profile | undefined; hoursTo: number; allowance: Allowance },
): Promise<Told | undefined> {
  const { profile, hoursTo, allowance } = by
  const channels = new Map<string, string[]>()
  const stands: Stand[][] = []
  const hours: Hour[] = []
  let settled = Infinity
  for (const { device, loggingIntervalMs, mountedAt } of leg.loggers) {
    const gapMs = gapFor(profile, loggingIntervalMs)
    const heard = await ear.channelsOf(device)
    const names = heard.map(({ channel }) => channel)
    channels.set(device, names)
    const latest = mountedAt + (profile?.acclimatisation?.ms ?? 0)
    if (heard.length === 0) settled = Math.min(settled, latest)
    for (const { channel, newest } of heard) {
      const key = { tenant: ear.tenant, device, channel }
      const asked = { from: leg.from, to: leg.to, gapMs, hoursTo, newest, allowance }
      const said = await readSaid(ear.series, key, asked)
      if (!said) return undefined
      const from = settledAt(said.points, { latest, gapMs, profile })
      settled = Math.min(settled, from)
      hours.push(...said.hours.filter(({ time }) => from <= leg.from || time >= from))
      const window = { from: Math.max(leg.from, hoursTo, from), to: leg.to }
      if (window.from < window.to) stands.push(standsOf(said.points, { gapMs, window }))
    }
  }
  const to = Math.min(settled, leg.to)
  const excused = leg.loggers.length > 0 && to > leg.from ? { from: leg.from, to } : undefined
  const stretches = [...pastOf(hours, leg), ...spellsOf(stands)]
  const guardC = guardOf(leg, profile)
  const guarded = guardC > 0 ? stretches.map((stretch) => ({ ...stretch, guardC })) : stretches
  return { stretches: guarded, channels, excused }
}

/** As alerts judge it: the larger of the profile's guard band and the logger's own uncertainty. */
const guardOf = ({ loggers }: NamedLeg, profile: Profile | undefined): number => {
  const worst = Math.max(0, ...loggers.map(({ uncertaintyC = 0 }) => uncertaintyC))
  return Math.max(0, Math.round((worst - (profile?.guardBandC ?? 0)) * 1e9) / 1e9)
}

/**
 * When a logger no longer shows where it came from: `latest`, or earlier once its readings change
 * as slowly as the profile says.
 */
function settledAt(
  points: readonly Point[],
  by: { latest: number; gapMs: number; profile: Profile | undefined },
): number {
  const slope = by.profile?.acclimatisation?.slopeBelowCPerHour
  if (slope === undefined) return by.latest
  for (const [i, { time, value }] of points.entries()) {
    if (time >= by.latest) break
    const before = points[i - 1]
    if (!before || time - before.time > by.gapMs) continue
    if ((Math.abs(value - before.value) * hourMs) / (time - before.time) < slope) return time
  }
  return by.latest
}

function pastOf(hours: readonly Hour[], { from, to }: NamedLeg): PastHour[] {
  const byTime = Map.groupBy(hours, ({ time }) => time)
  return [...byTime]
    .sort(([a], [b]) => a - b)
    .map(([time, rows]) => ({ from: Math.max(time, from), to: Math.min(time + hourMs, to), rows }))
}

/** As alerts judge the product; without a profile as hours are made (ADR 0012). */
export const gapFor = (profile: Profile | undefined, intervalMs: number | undefined): number =>
  profile
    ? gapMsOf(profile, intervalMs)
    : Math.round((intervalMs ?? loggingIntervalMsDefault) * gapFactorDefault)
