// Units that were beyond a limit for longer than so long, over all containers and loggers, as their
// passports count it. Looks first where it was ever beyond the limit at all, then only at what was
// there, and once for all units that went the same way. So a million units cost what was warm.
import { bounds } from '../config.ts'
import type { Interval } from '../domain/breach.ts'
import { isBeyond } from '../domain/breach.ts'
import { type Limit, uspKinetics } from '../domain/exposure.ts'
import { type Presence, union } from '../domain/hierarchy.ts'
import { extremesOfRow, isUpper, type Question, sumsOf } from '../domain/passport.ts'
import type { Side } from '../domain/profile.ts'
import { loggingIntervalMsDefault } from '../domain/profile.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { addContents } from '../store/ledger-contents.ts'
import { allMounts, type LoggerMount } from '../store/ledger-mounts.ts'
import { unitsAmong } from '../store/ledger-recall-units.ts'
import { readStaysById } from '../store/ledger-stays.ts'
import { type Allowance, readSaid } from '../store/past-series.ts'
import { type Ear, newEar } from './leg-readings.ts'
import type { ConditionOf } from './recall-criteria.ts'
import { type PassportFrom, type Product, productOf, readPieces } from './told-lives.ts'
import { type NamedLeg, waysOf } from './unit-legs.ts'

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
  const units = await unitsAmong(db, tenant, [...beyond.keys()])
  const own = new Set(mounts.map(({ container }) => container))
  return longer(db, tenant, {
    ...{ scan, window, moreThanMs: condition.moreThanMinutes * 60_000 },
    groups: await alike(db, tenant, { units, own }),
  })
}

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
  { ear, limit, hoursTo, allowance }: Scan,
  mounts: readonly LoggerMount[],
  window: Interval,
): Promise<Presence<number> | undefined> {
  const found: Presence<number> = new Map()
  for (const mount of mounts) {
    const from = Math.max(mount.from, window.from)
    const to = Math.min(mount.to, window.to)
    if (from >= to) continue
    const gapMs = (mount.loggingIntervalMs ?? loggingIntervalMsDefault) * gapFactorMax
    for (const { channel, newest } of await ear.channelsOf(mount.device)) {
      const key = { tenant: ear.tenant, device: mount.device, channel }
      const said = await readSaid(ear.series, key, { from, to, gapMs, hoursTo, newest, allowance })
      if (!said) return undefined
      let [first, last] = [Infinity, -Infinity]
      const widen = (time: number, endsAt: number): void => {
        first = Math.min(first, time)
        last = Math.max(last, endsAt)
      }
      for (const { time, value } of said.points)
        if (isBeyond(limit.side, limit.limitC, value)) widen(time, time + gapMs)
      for (const row of said.hours) {
        const { minC, maxC } = extremesOfRow(row)
        const worst = isUpper(limit) ? maxC : minC
        if (worst !== null && isBeyond(limit.side, limit.limitC, worst))
          widen(row.time, row.time + 3_600_000)
      }
      const time = { from: Math.max(from, first), to: Math.min(to, last) }
      if (time.from < time.to)
        found.set(mount.container, union([...(found.get(mount.container) ?? []), time]))
    }
  }
  return found
}

/** The largest that a profile may have. */
const gapFactorMax = 100

interface Group {
  units: number[]
  gtin: string
}

/** Of one product, in the same containers at the same times, without a logger of their own. */
async function alike(
  db: LedgerQuery,
  tenant: string,
  { units, own }: { units: readonly { id: number; epc: string }[]; own: ReadonlySet<number> },
): Promise<Group[]> {
  const ids = units.map(({ id }) => id)
  const stays = Map.groupBy(
    await readStaysById(db, tenant, { in: 'child', among: ids }),
    ({ child }) => child,
  )
  const groups = new Map<string, Group>()
  for (const { id, epc } of units) {
    const gtin = /\/01\/(\d{14})\//.exec(epc)![1]!
    const ways = (stays.get(id) ?? []).map(({ parent, from, to }) => `${parent} ${from} ${to}`)
    const key = `${gtin}/${own.has(id) ? id : ''}/${ways.sort().join()}`
    const group = groups.get(key)
    if (group) group.units.push(id)
    else groups.set(key, { units: [id], gtin })
  }
  return [...groups.values()]
}

async function longer(
  db: LedgerQuery,
  tenant: string,
  by: { scan: Scan; window: Interval; moreThanMs: number; groups: readonly Group[] },
): Promise<Set<number> | undefined> {
  const { scan, window, moreThanMs, groups } = by
  const found = new Set<number>()
  if (groups.length === 0) return found
  const ways = await waysOf(
    db,
    tenant,
    groups.map(({ units }) => units[0]!),
  )
  const products = new Map<string, Product | undefined>()
  for (const gtin of new Set(groups.map((group) => group.gtin)))
    products.set(gtin, await productOf(db, tenant, { gtin, window }))
  const legs = new Map<string, number>()
  for (const { units, gtin } of groups) {
    let ms = 0
    for (const leg of ways(units[0]!, window)) {
      if (leg.loggers.length === 0) continue
      const key = `${gtin} ${leg.from} ${leg.to} ${leg.loggers.map(whose).join()}`
      const known = legs.get(key) ?? (await beyondMs(scan, leg, products.get(gtin)))
      if (known === undefined) return undefined
      legs.set(key, known)
      ms += known
    }
    if (ms > moreThanMs) for (const unit of units) found.add(unit)
  }
  return found
}

const whose = ({ container, device, mountedAt }: NamedLeg['loggers'][number]): string =>
  `${container} ${device} ${mountedAt}`

async function beyondMs(
  { ear, limit, hoursTo, allowance }: Scan,
  leg: NamedLeg,
  product: Product | undefined,
): Promise<number | undefined> {
  const said = await readPieces(ear, leg, { product, hoursTo, allowance })
  const question: Question = { limits: [limit], kinetics: uspKinetics }
  return said && sumsOf(said.stretches, question).beyondMs[0]!
}
