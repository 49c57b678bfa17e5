// Units that were beyond a limit for longer than so long, over all containers and loggers, as their
// passports count it. Looks first where it was ever beyond the limit at all, then only at what was
// there, and once for all units that went the same way. So a million units cost what was warm.
import { bounds } from '../../config.ts'
import { type Interval, isBeyond } from '../../domain/breach.ts'
import type { Limit } from '../../domain/exposure.ts'
import { type Presence, union } from '../../domain/hierarchy.ts'
import { hourMs } from '../../domain/hours.ts'
import { extremesOfRow, isUpper } from '../../domain/passport.ts'
import type { Side } from '../../domain/profile/profile.ts'
import { loggingIntervalMsDefault } from '../../domain/profile/profile.ts'
import { addContents } from '../../store/ledger/contents.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { allMounts, type LoggerMount } from '../../store/ledger/mounts.ts'
import { type Allowance, readSaid } from '../../store/past-series.ts'
import { exposuresOf } from '../exposures.ts'
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
  const scan: Scan = {
    ...{ ear: newEar(heard.series, tenant), limit, hoursTo: (await heard.kept()).hoursTo },
    allowance: { left: bounds.exposureReadingsMax },
  }
  const mounts = await allMounts(db, tenant)
  const window = await windowOf(scan.ear, mounts, condition)
  const beyond = await beyondIn(scan, mounts, window)
  if (!beyond) return undefined
  await addContents(db, tenant, beyond)
  const units = [...beyond.keys()]
  const asked = { units, window, limits: [limit] }
  const exposures = await exposuresOf({ db, ...heard }, tenant, asked)
  if (!exposures) return undefined
  const { wayOf, ways, accountOf } = exposures
  const longer = Array.from(
    { length: ways },
    (_, way) => accountOf(way).zones[0]!.ms > condition.moreThanMinutes * minute,
  )
  return new Set(units.filter((_, place) => longer[wayOf[place]!]))
}

const minute = 60_000

interface Scan {
  ear: Ear
  limit: Limit
  hoursTo: number
  allowance: Allowance
}

/** From the first logger to the newest reading, or what of it is asked for. */
async function windowOf(
  ear: Ear,
  mounts: readonly LoggerMount[],
  { from = -Infinity, to = Infinity }: Partial<Interval>,
): Promise<Interval> {
  let [first, newest] = [Infinity, -Infinity]
  for (const mount of mounts) {
    first = Math.min(first, mount.from)
    for (const heard of await ear.channelsOf(mount.device))
      newest = Math.max(newest, heard.hoursEnd ?? newest, (heard.newest ?? -Infinity) + 1)
  }
  return { from: Math.max(from, first), to: Math.min(to, newest) }
}

/**
 * When loggers on containers read anything beyond the limit: from the first such reading to as long
 * as the last one may stand, whatever a profile says of that.
 */
async function beyondIn(
  scan: Scan,
  mounts: readonly LoggerMount[],
  window: Interval,
): Promise<Presence<number> | undefined> {
  const found: Presence<number> = new Map()
  for (const mount of mounts) {
    const from = Math.max(mount.from, window.from)
    const to = Math.min(mount.to, window.to)
    if (from >= to) continue
    const gapMs = (mount.loggingIntervalMs ?? loggingIntervalMsDefault) * gapFactorMax
    for (const heard of await scan.ear.channelsOf(mount.device)) {
      const beyond = await saidOf(scan, { device: mount.device, ...heard }, { from, to, gapMs })
      if (!beyond) return undefined
      const time = { from: Math.max(from, beyond.from), to: Math.min(to, beyond.to) }
      if (time.from < time.to)
        found.set(mount.container, union([...(found.get(mount.container) ?? []), time]))
    }
  }
  return found
}

/** What it read, and what of hours; readings as columns where all of them are there. */
async function saidOf(
  { ear, limit, hoursTo, allowance }: Scan,
  { device, channel, newest }: { device: string; channel: string; newest: number | undefined },
  { from, to, gapMs }: Interval & { gapMs: number },
): Promise<Interval | undefined> {
  const key = { tenant: ear.tenant, device, channel }
  const time = { from: Infinity, to: -Infinity }
  const widen = (from: number, to: number): void => {
    time.from = Math.min(time.from, from)
    time.to = Math.max(time.to, to)
  }
  if (from - gapMs >= hoursTo) {
    const { times, values } = await ear.series.columns({ ...key, from: from - gapMs, to })
    allowance.left -= times.length
    for (let i = 0; i < times.length; i++)
      if (isBeyond(limit.side, limit.limitC, values[i]!)) widen(times[i]!, times[i]! + gapMs)
    return allowance.left < 0 ? undefined : time
  }
  const said = await readSaid(ear.series, key, { from, to, gapMs, hoursTo, newest, allowance })
  if (!said) return undefined
  for (const { time, value } of said.points)
    if (isBeyond(limit.side, limit.limitC, value)) widen(time, time + gapMs)
  for (const row of said.hours) {
    const { minC, maxC } = extremesOfRow(row)
    const worst = isUpper(limit) ? maxC : minC
    if (worst !== null && isBeyond(limit.side, limit.limitC, worst))
      widen(row.time, row.time + hourMs)
  }
  return time
}

/** The largest that a profile may have. */
const gapFactorMax = 100
