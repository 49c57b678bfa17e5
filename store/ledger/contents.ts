// Ledger queries that follow containment: what was inside a container when, and which loggers watch
// it.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import type { Interval } from '../../domain/breach.ts'
import {
  type Containment,
  mergePresence,
  type Presence,
  presenceBelow,
} from '../../domain/hierarchy.ts'
import { epcsOf, idsOf, longName } from './epcs.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { readStaysById } from './stays.ts'

/**
 * Presence of everything at any depth inside a container during a window, the container itself
 * included.
 */
export const readPresence = (
  db: LedgerQuery,
  tenant: string,
  { container, window }: { container: string; window: Interval },
): Promise<Presence> => readAlong(db, tenant, { epc: container, window, in: 'parent' })

/** The other way: when a thing was in each of the containers above it, itself included. */
export const readPresenceAbove = (
  db: LedgerQuery,
  tenant: string,
  { epc, window }: { epc: string; window: Interval },
): Promise<Presence> => readAlong(db, tenant, { epc, window, in: 'child' })

async function readAlong(
  db: LedgerQuery,
  tenant: string,
  { epc, window, in: side }: { epc: string; window: Interval; in: 'parent' | 'child' },
): Promise<Presence> {
  const id = (await idsOf(db, tenant, [epc])).get(epc)
  if (id === undefined) return new Map([[epc, [{ ...window }]]])
  const whole: Presence<number> = new Map([[id, [{ ...window }]]])
  await goAlong(db, tenant, { whole, window, in: side })
  const epcs = await epcsOf(db, tenant, [...whole.keys()])
  const named: Presence = new Map()
  for (const [each, inside] of whole) named.set(epcs.get(each)!, inside)
  return named
}

/** Adds everything at any depth inside of what is there, while it is there. */
export async function addContents(
  db: LedgerQuery,
  tenant: string,
  whole: Presence<number>,
): Promise<void> {
  const times = [...whole.values()].flat()
  const from = times.reduce((first, time) => Math.min(first, time.from), Infinity)
  const to = times.reduce((last, time) => Math.max(last, time.to), -Infinity)
  await goAlong(db, tenant, { whole, window: { from, to }, in: 'parent' })
}

async function goAlong(
  db: LedgerQuery,
  tenant: string,
  by: { whole: Presence<number>; window: Interval; in: 'parent' | 'child' },
): Promise<void> {
  const { whole, window } = by
  let fresh: Presence<number> = new Map(whole)
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.size > 0; depth++) {
    const rows = await readStaysById(db, tenant, { in: by.in, among: [...fresh.keys()], window })
    const next = by.in === 'parent' ? rows : rows.map(upsideDown)
    fresh = mergePresence(whole, presenceBelow(fresh, next))
  }
}

const upsideDown = (row: Containment<number>): Containment<number> => ({
  ...row,
  child: row.parent,
  parent: row.child,
})

/** These containers and everything they ever were in, at any time. */
export async function readAncestors(
  db: LedgerQuery,
  tenant: string,
  containers: readonly string[],
): Promise<string[]> {
  const ids = await idsOf(db, tenant, containers)
  const above = await ancestorsOf(db, tenant, [...ids.values()])
  const epcs = await epcsOf(db, tenant, [...above])
  return [...new Set([...containers, ...epcs.values()])]
}

/** The same by numbers. */
export const ancestorsOf = (
  db: LedgerQuery,
  tenant: string,
  containers: readonly number[],
): Promise<Set<number>> => reachedFrom(db, tenant, { from: containers, by: ['child', 'parent'] })

/** These and everything that was ever in them, by numbers. */
export const descendantsOf = (
  db: LedgerQuery,
  tenant: string,
  containers: readonly number[],
): Promise<Set<number>> => reachedFrom(db, tenant, { from: containers, by: ['parent', 'child'] })

/** From one side of stays to the other, again and again. */
async function reachedFrom(
  db: LedgerQuery,
  tenant: string,
  {
    from,
    by: [near, far],
  }: { from: readonly number[]; by: ['child', 'parent'] | ['parent', 'child'] },
): Promise<Set<number>> {
  const known = new Set(from)
  let fresh = [...known]
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.length > 0; depth++) {
    const rows = await readStaysById(db, tenant, { in: near, among: fresh })
    fresh = [...new Set(rows.map((row) => row[far]))].filter((one) => !known.has(one))
    for (const one of fresh) known.add(one)
  }
  return known
}

/**
 * The stays of these and of everything they ever were in, by child; `deeper` when there is more
 * above than is followed.
 */
export async function staysAbove(
  db: LedgerQuery,
  tenant: string,
  from: readonly number[],
): Promise<{ upwards: Map<number, Containment<number>[]>; deeper: boolean }> {
  const upwards = new Map<number, Containment<number>[]>()
  let fresh = [...new Set(from)]
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.length > 0; depth++) {
    const rows = await readStaysById(db, tenant, { in: 'child', among: fresh })
    for (const [child, stays] of Map.groupBy(rows, (row) => row.child)) upwards.set(child, stays)
    fresh = [...new Set(rows.map((row) => row.parent))].filter((parent) => !upwards.has(parent))
  }
  const left = await readStaysById(db, tenant, { in: 'child', among: fresh })
  return { upwards, deeper: left.length > 0 }
}

/** Ids of the devices that were ever mounted on one of these containers. */
export async function devicesMountedOn(
  db: LedgerQuery,
  tenant: string,
  containers: readonly string[],
): Promise<string[]> {
  const ids = await idsOf(db, tenant, containers)
  return [...(await devicesOn(db, tenant, [...ids.values()]))]
}

/** The same by the containers' numbers. */
export async function devicesOn(
  db: LedgerQuery,
  tenant: string,
  containers: readonly number[],
): Promise<Set<string>> {
  const devices = new Set<string>()
  for (const page of pagesOf(containers)) {
    const { rows } = await sql<{ id: string }>`
      select distinct devices.id from ${listed(db, page)}
      cross join stays cross join epcs cross join devices
      where stays.tenant = ${tenant} and stays.parent = listed.value
        and epcs.id = stays.child
        and devices.tenant = ${tenant} and devices.giai = ${longName('epcs.epc')}`.execute(db)
    for (const row of rows) devices.add(row.id)
  }
  return devices
}
