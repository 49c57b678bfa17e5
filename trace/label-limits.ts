// What labels on the containers of a unit said of temperature while it was inside (AI 4330 to 4333,
// scanned and so armed). Shown beside what it went through; alerts judge them.

import { type Limits, limitsOver } from '../domain/armed-limits.ts'
import type { Interval } from '../domain/breach.ts'
import { intersect } from '../domain/hierarchy.ts'
import { readPresenceAbove } from '../store/ledger/contents.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { hasArmings, readArmings } from '../store/ledger/limits.ts'

export interface LabelLimits extends Interval, Limits {
  container: string
}

/** Ascending by time, then container. */
export async function labelLimitsOf(
  db: LedgerQuery,
  tenant: string,
  { epc, window }: { epc: string; window: Interval },
): Promise<LabelLimits[]> {
  if (!(await hasArmings(db, tenant))) return []
  const presence = await readPresenceAbove(db, tenant, { epc, window })
  const armings = await readArmings(db, tenant, [...presence.keys()])
  const found = [...armings].flatMap(([container, scans]) =>
    limitsOver(scans).flatMap(({ minC, maxC, ...span }) =>
      minC === null && maxC === null
        ? []
        : intersect(presence.get(container)!, [span]).map((part) => ({
            ...{ container, minC, maxC },
            ...part,
          })),
    ),
  )
  return found.sort((a, b) => a.from - b.from || (a.container < b.container ? -1 : 1))
}
