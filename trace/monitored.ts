// Which limits a logger watches over at a moment: those of the products inside what it is mounted
// on, and of the label that was scanned for it. Judges nothing.
import { limitsOver } from '../domain/armed-limits.ts'
import type { ForecastTarget } from '../domain/forecast/forecast.ts'
import { guarded, type Profile } from '../domain/profile/profile.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { readArmings } from '../store/ledger/limits.ts'
import { profilesInForce } from '../store/ledger/profiles.ts'
import { readStays } from '../store/ledger/stays.ts'
import { contentsAt } from './contents.ts'

/** One limit in one container; of several rules and products that state it, the first is named. */
export interface Monitored extends ForecastTarget {
  container: string
  /** Not there when the container's label asks for the limit. */
  gtin?: string
  /** Of the profile; `range` for its range, `label` for a label. */
  rule: string
}

export interface MonitoredBy {
  tenant: string
  /** The logger's GIAI. */
  giai: string
  /** Event time, epoch ms. */
  at: number
  /** Units of a container that are looked at for their products. */
  unitsMax: number
}

/** By container, then the side above before the one below, then from the nearest limit outwards. */
export async function readMonitored(db: LedgerQuery, by: MonitoredBy): Promise<Monitored[]> {
  const { tenant, giai, at, unitsMax } = by
  const window = { from: at, to: at + 1 }
  const relation = 'association'
  const stays = await readStays(db, tenant, { in: 'child', among: [giai], window, relation })
  const containers = [...new Set(stays.map(({ parent }) => parent))].sort()
  const armings = await readArmings(db, tenant, containers)
  const found: Monitored[] = []
  for (const container of containers) {
    const own: Monitored[] = []
    const label = limitsOver(armings.get(container) ?? []).find(
      ({ from, to }) => from <= at && at < to,
    )
    const add = (limit: number | null | undefined, rest: Omit<Monitored, 'limit'>): void => {
      if (limit === null || limit === undefined) return
      if (!own.some((one) => one.limit === limit && one.side === rest.side))
        own.push({ limit, ...rest })
    }
    add(label?.maxC, { container, side: 'above', rule: 'label' })
    add(label?.minC, { container, side: 'below', rule: 'label' })
    const { gtins } = await contentsAt(db, tenant, { container, at, unitsMax })
    for (const gtin of gtins)
      for (const { profile } of await profilesInForce(db, { tenant, gtin }, window))
        for (const target of limitsOf(profile)) add(target.limit, { container, gtin, ...target })
    found.push(...own.sort(outwards))
  }
  return found
}

const outwards = (one: Monitored, other: Monitored): number =>
  one.side !== other.side
    ? one.side === 'above'
      ? -1
      : 1
    : one.side === 'above'
      ? one.limit - other.limit
      : other.limit - one.limit

/** A rise has no limit to be reached; phases do not move a limit, only when it judges. */
function limitsOf({
  rangeC,
  rules,
  guardBandC = 0,
}: Profile): (ForecastTarget & { rule: string })[] {
  const limits: (ForecastTarget & { rule: string })[] = []
  for (const stated of rules) {
    if (stated.kind === 'rate') continue
    const { id: rule, side, limitC, lowerC } = guarded(stated, guardBandC)
    if (side === 'above' || side === 'atOrAbove' || side === 'outside')
      limits.push({ limit: limitC, side: 'above', rule })
    else limits.push({ limit: limitC, side: 'below', rule })
    if (side === 'outside' && lowerC !== undefined)
      limits.push({ limit: lowerC, side: 'below', rule })
  }
  if (rangeC) {
    limits.push({ limit: rangeC.max, side: 'above', rule: 'range' })
    limits.push({ limit: rangeC.min, side: 'below', rule: 'range' })
  }
  return limits
}
