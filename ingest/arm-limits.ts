// Scanned labels become armed limits: what one asks for is kept with the time of its scan, and
// every logger that tells of its container is marked, so that the detector looks again. Order,
// repetition and delay of scans do not matter (I3).
import { bounds } from '../config.ts'
import { type Arming, firstDifference, limitsOver } from '../domain/armed-limits.ts'
import type { Refusal } from '../domain/refusal.ts'
import { ancestorsOf, descendantsOf, devicesOn } from '../store/ledger/contents.ts'
import { markDirty } from '../store/ledger/detectors.ts'
import { epcsOf, idsOf } from '../store/ledger/epcs.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { type ArmedLimits, hasArmings, insertArmings, readArmings } from '../store/ledger/limits.ts'

export type Armed = { ok: true; changed: boolean } | { ok: false; refusals: Refusal[] }

/**
 * Each in its turn, in a transaction that runs `marking(tenant)`. `changed`: something else holds
 * now than before it, at whatever time.
 */
export async function armLimits(
  db: LedgerQuery,
  tenant: string,
  armings: readonly ArmedLimits[],
): Promise<Armed[]> {
  const containers = [...new Set(armings.map(({ container }) => container))]
  const known = await readArmings(db, tenant, containers)
  const fresh: ArmedLimits[] = []
  /** Since when something else holds, by container. */
  const since = new Map<string, number>()
  const outcomes = armings.map((arming): Armed => {
    const { container } = arming
    const before = known.get(container) ?? []
    if (before.some((other) => sameScan(other, arming))) return { ok: true, changed: false }
    if (before.length >= bounds.armingsPerContainerMax) return tooMany(container)
    const after = [...before, arming]
    known.set(container, after)
    fresh.push(arming)
    const differs = firstDifference(limitsOver(before), limitsOver(after))
    if (differs === undefined) return { ok: true, changed: false }
    since.set(container, Math.min(differs, since.get(container) ?? Infinity))
    return { ok: true, changed: true }
  })
  await insertArmings(db, tenant, fresh)
  for (const [container, from] of since) await markLoggers(db, tenant, { container, since: from })
  return outcomes
}

/**
 * Loggers on things that went into one of these containers or left it. What is inside concerns the
 * loggers above it and is marked by them; a label concerns those below as well. By numbers.
 */
export async function devicesBelowLabels(
  db: LedgerQuery,
  tenant: string,
  { moved, containers }: { moved: readonly number[]; containers: readonly number[] },
): Promise<Set<string>> {
  if (!(await hasArmings(db, tenant))) return new Set()
  const names = [...(await epcsOf(db, tenant, containers)).values()]
  if ((await readArmings(db, tenant, names)).size === 0) return new Set()
  return devicesOn(db, tenant, [...(await descendantsOf(db, tenant, moved))])
}

const sameScan = (a: Arming, b: Arming): boolean =>
  a.armedAt === b.armedAt && a.minC === b.minC && a.maxC === b.maxC

function tooMany(container: string): Armed {
  const { armingsPerContainerMax: most } = bounds
  const detail = `${container} was scanned ${most} times: more is a scanner gone wrong`
  return { ok: false, refusals: [{ code: 'request/conflict', path: '', detail }] }
}

async function markLoggers(
  db: LedgerQuery,
  tenant: string,
  { container, since }: { container: string; since: number },
): Promise<void> {
  const id = (await idsOf(db, tenant, [container])).get(container)
  if (id === undefined) return // in no event yet: the one that names it marks them
  const above = await ancestorsOf(db, tenant, [id])
  const below = await descendantsOf(db, tenant, [id])
  const devices = await devicesOn(db, tenant, [...new Set([...above, ...below])])
  await markDirty(db, tenant, { devices: [...devices], since, cause: 'label' })
}
