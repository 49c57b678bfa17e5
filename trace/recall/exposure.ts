// Units that were beyond a limit for longer than so long, over all containers and loggers, as their
// passports count it. Looks first where it was ever beyond the limit at all, then only at what was
// there, and once for all units that went the same way. So a million units cost what was warm.
import { bounds } from '../../config.ts'
import { type Interval, isBeyond } from '../../domain/breach.ts'
import type { Limit } from '../../domain/exposure.ts'
import { dayMs } from '../../domain/heat.ts'
import { intersect, type Presence, union } from '../../domain/hierarchy.ts'
import { hourMs } from '../../domain/hours.ts'
import { extremesOfRow, isUpper } from '../../domain/passport.ts'
import type { Side } from '../../domain/profile/profile.ts'
import { loggingIntervalMsDefault } from '../../domain/profile/profile.ts'
import { isTemperature } from '../../domain/reading.ts'
import { addContents } from '../../store/ledger/contents.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { allMounts, type LoggerMount } from '../../store/ledger/mounts.ts'
import { type Allowance, readSaid } from '../../store/past-series.ts'
import { type BeyondAsked, timesBeyond } from '../exposures.ts'
import { type Ear, newEar } from '../leg-readings.ts'
import type { PassportFrom } from '../told-lives.ts'
import type { ConditionOf } from './criteria.ts'

/** Where readings are, for conditions that ask what units went through. */
export type Heard = Pick<PassportFrom, 'series' | 'kept'>

const sides: readonly Side[] = ['above', 'atOrAbove', 'below', 'atOrBelow']

/** Undefined when more would have to be read than one answer reads. */
export async function exposedUnits(
  db: LedgerQuery,
  tenant: string,
  { condition, heard }: { condition: ConditionOf<'exposure'>; heard: Heard },
): Promise<Set<number> | undefined> {
  const side = sides.find((each) => condition[each] !== undefined)!
  const limit: Limit = { side, limitC: condition[side]! }
  const longerMs = condition.moreThanMinutes * minute
  const mounts = await allMounts(db, tenant)
  const scan: Scan = {
    ...{ ear: newEar(heard.series, tenant), limit, hoursTo: (await heard.kept()).hoursTo },
    ...{ allowance: { left: bounds.exposureReadingsMax }, mounts },
  }
  const days = await daysOf(scan, condition)
  if (!days) return undefined
  const beyond = await beyondIn(scan, days)
  if (!beyond) return undefined
  const inside: Presence<number> = new Map()
  for (const { container, times } of beyond.values())
    inside.set(container, union([...(inside.get(container) ?? []), ...times]))
  await addContents(db, tenant, inside)
  const units: number[] = []
  for (const [id, times] of inside) if (msOf(times) > longerMs) units.push(id)
  const { window } = days
  const beyondOf: BeyondAsked['beyondOf'] = ({ device, mountedAt }) =>
    beyond.get(`${device} ${mountedAt}`)?.times ?? []
  const asked = { units, window, limit, mounts, beyondOf }
  const told = await timesBeyond({ db, ...heard }, tenant, asked)
  return told && new Set(units.filter((_, place) => told.msOf[told.wayOf[place]!]! > longerMs))
}

const minute = 60_000

const msOf = (times: readonly Interval[]): number =>
  times.reduce((sum, { from, to }) => sum + to - from, 0)

interface Scan {
  ear: Ear
  limit: Limit
  hoursTo: number
  allowance: Allowance
  mounts: readonly LoggerMount[]
}

interface Days {
  /** From the first logger to the newest reading, or what of it is asked for. */
  window: Interval
  /** From the first day on which a device read anything beyond the limit to the last. */
  hullOf: Map<string, Interval>
}

/** Looks day by day, at very many loggers at once; where only hours are left nothing is seen. */
async function daysOf(
  { ear, limit, hoursTo, allowance, mounts }: Scan,
  { from = -Infinity, to = Infinity }: Partial<Interval>,
): Promise<Days | undefined> {
  let [first, longestMs] = [Infinity, 0]
  for (const mount of mounts) {
    first = Math.min(first, mount.from)
    longestMs = Math.max(longestMs, standsMs(mount))
  }
  const hullOf = new Map<string, Interval>()
  let newest = hoursTo
  const devices = [...new Set(mounts.map(({ device }) => device))]
  for (let at = 0; at < devices.length; at += bounds.extremesDevicesMax) {
    const some = devices.slice(at, at + bounds.extremesDevicesMax)
    const asked = { from: Math.max(from, first) - longestMs, to, wanted: isTemperature }
    for (const day of await ear.series.dayExtremes(ear.tenant, some, asked)) {
      allowance.left -= day.count
      newest = Math.max(newest, day.time + dayMs)
      if (!isBeyond(limit.side, limit.limitC, isUpper(limit) ? day.max : day.min)) continue
      const known = hullOf.get(day.device) ?? { from: Infinity, to: -Infinity }
      const hull = {
        from: Math.min(known.from, day.time),
        to: Math.max(known.to, day.time + dayMs),
      }
      hullOf.set(day.device, hull)
    }
    if (allowance.left < 0) return undefined
  }
  return { window: { from: Math.max(from, first), to: Math.min(to, newest) }, hullOf }
}

interface BeyondOn {
  container: number
  times: Interval[]
}

/**
 * When loggers on containers read anything beyond the limit: each such reading, for as long as it
 * may stand, whatever a profile says of that. By device and when it was mounted.
 */
async function beyondIn(
  scan: Scan,
  { window, hullOf }: Days,
): Promise<Map<string, BeyondOn> | undefined> {
  const found = new Map<string, BeyondOn>()
  for (const mount of scan.mounts) {
    const { container, device } = mount
    const gapMs = standsMs(mount)
    const from = Math.max(mount.from, window.from)
    const to = Math.min(mount.to, window.to)
    const hull = hullOf.get(device)
    const isWhole = from - gapMs < scan.hoursTo
    const time = {
      from: isWhole ? from : Math.max(from, hull?.from ?? Infinity),
      to: isWhole ? to : Math.min(to, (hull?.to ?? -Infinity) + gapMs),
    }
    if (time.from >= time.to) continue
    const times: Interval[] = []
    for (const heard of await scan.ear.channelsOf(device))
      if (!(await addSaid(scan, { device, ...heard, gapMs, ...time }, times))) return undefined
    const clipped = intersect(union(times), [{ from, to }])
    if (clipped.length > 0) found.set(`${device} ${mount.from}`, { container, times: clipped })
  }
  return found
}

/** Of readings, and of hours; readings as columns where all of them are there. */
async function addSaid(
  { ear, limit, hoursTo, allowance }: Scan,
  heard: Interval & {
    device: string
    channel: string
    newest: number | undefined
    gapMs: number
  },
  times: Interval[],
): Promise<boolean> {
  const { device, channel, newest, from, to, gapMs } = heard
  const key = { tenant: ear.tenant, device, channel }
  const add = (time: number, value: number): void => {
    if (!isBeyond(limit.side, limit.limitC, value)) return
    const last = times.at(-1)
    if (last && time >= last.from && time <= last.to) last.to = Math.max(last.to, time + gapMs)
    else times.push({ from: time, to: time + gapMs })
  }
  if (from - gapMs >= hoursTo) {
    const told = await ear.series.columns({ ...key, from: from - gapMs, to })
    allowance.left -= told.times.length
    for (let i = 0; i < told.times.length; i++) add(told.times[i]!, told.values[i]!)
    return allowance.left >= 0
  }
  const said = await readSaid(ear.series, key, { from, to, gapMs, hoursTo, newest, allowance })
  if (!said) return false
  for (const { time, value } of said.points) add(time, value)
  for (const row of said.hours) {
    const { minC, maxC } = extremesOfRow(row)
    const worst = isUpper(limit) ? maxC : minC
    if (worst !== null && isBeyond(limit.side, limit.limitC, worst))
      times.push({ from: row.time, to: row.time + hourMs })
  }
  return true
}

/** The longest that a reading may stand, whatever a profile says. */
const standsMs = ({ loggingIntervalMs }: LoggerMount): number =>
  (loggingIntervalMs ?? loggingIntervalMsDefault) * gapFactorMax

/** The largest that a profile may have. */
const gapFactorMax = 100
