// One unit, upwards: what it was in and when, what it is in now, and which open alerts touched it.
// A serial is in an alert's pinned set or it is not; nothing is computed anew here that an alert
// has already decided.
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1.ts'
import {
  type Containment,
  mergePresence,
  type Presence,
  presenceBelow,
} from '../domain/hierarchy.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import type { Alert, Leg } from '../store/ledger-alerts.ts'
import { readUnits, type Unit } from '../store/ledger-epcs.ts'
import { readStays } from '../store/ledger-stays.ts'
import { alertsOn, findSerial, isParent } from '../store/ledger-trace.ts'

export interface Journey {
  unit: Unit
  /** Direct and indirect containers, each with the unit's time in it, ascending by begin. */
  stays: Containment[]
  /** The containers it is in at `at`, innermost first. */
  parents: string[]
  /** Open alerts whose serials hold this unit, with what it had of them; newest first. */
  alerts: { alert: Alert; leg: Leg }[]
}

/** Undefined when no event ever named the unit. `at`: event time for `parents`, epoch ms. */
export async function journeyOf(
  db: LedgerQuery,
  tenant: string,
  { epc, at }: { epc: string; at: number },
): Promise<Journey | undefined> {
  const known = (await readUnits(db, tenant, [epc])).get(epc)
  const { above, direct } = await ascend(db, tenant, epc)
  const contains = direct.length > 0 || (await isParent(db, tenant, epc))
  if (!known && !contains) return undefined
  const alerts: Journey['alerts'] = []
  const on = { containers: [...above.keys()], limit: bounds.unitAlertsMax }
  for (const alert of await alertsOn(db, tenant, on)) {
    const number = await findSerial(db, tenant, { serialSet: alert.serialSet, epc })
    const leg = number === undefined ? undefined : alert.legs[number]
    if (leg) alerts.push({ alert, leg })
  }
  const key = parseEpc(epc)
  const unit = known ?? { epc, ...(key?.key === 'sgtin' && { gtin: key.gtin }) }
  return { unit, stays: direct, parents: chainAt(above, { epc, at }), alerts }
}

/**
 * Presence of the unit in everything above it, itself included, and the stays it had of its own.
 */
async function ascend(
  db: LedgerQuery,
  tenant: string,
  epc: string,
): Promise<{ above: Presence; direct: Containment[] }> {
  const above: Presence = new Map([[epc, [{ from: -Infinity, to: Infinity }]]])
  let direct: Containment[] = []
  let fresh: Presence = above
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.size > 0; depth++) {
    const rows = await readStays(db, tenant, { in: 'child', among: [...fresh.keys()] })
    if (depth === 0) direct = rows.sort((a, b) => a.from - b.from)
    // The arithmetic of going down, with the ends exchanged.
    const turned = rows.map((row) => ({ ...row, child: row.parent, parent: row.child }))
    fresh = mergePresence(above, presenceBelow(fresh, turned))
  }
  return { above, direct }
}

/** Map order is the order of levels, so the innermost comes first. */
const chainAt = (above: Presence, { epc, at }: { epc: string; at: number }): string[] =>
  [...above]
    .filter(([name, times]) => name !== epc && times.some((t) => t.from <= at && at < t.to))
    .map(([name]) => name)
