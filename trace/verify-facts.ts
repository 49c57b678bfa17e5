// What is known of one unit when somebody asks whether it is what it says: its life, its lot and
// expiry, and how it was kept. Reads; judges by domain/lifecycle.ts and by the pinned serial sets
// of alerts, never anew.
import { bounds } from '../config.ts'
import { parseStored } from '../domain/epcis-stored.ts'
import { mergePresence, type Presence, presenceBelow } from '../domain/hierarchy.ts'
import {
  type Fact,
  type FactRole,
  factOf,
  type Life,
  lifeOf,
  unknownLife,
} from '../domain/lifecycle.ts'
import { claimsOf } from '../domain/lifecycle-words.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { devicesMountedOn } from '../store/ledger-contents.ts'
import { readUnits, type Unit } from '../store/ledger-epcs.ts'
import { eventsNaming } from '../store/ledger-mentions.ts'
import { readProduct } from '../store/ledger-registry.ts'
import { mentionRoles } from '../store/ledger-schema.ts'
import { readStays } from '../store/ledger-stays.ts'
import { alertsOn, findSerial } from '../store/ledger-trace.ts'
import type { Storage } from './verify-words.ts'

export interface UnitFacts {
  /** Undefined when no event ever named it. */
  unit: Unit | undefined
  life: Life
  /**
   * Somebody captured that it was made. A number that was only seen under way may be anybody's.
   */
  commissioned: boolean
  /** By an open recall. */
  recalled: boolean
  storage: Storage
}

const roles: Readonly<Record<number, FactRole>> = {
  [mentionRoles.epcList]: 'object',
  [mentionRoles.parentID]: 'parent',
  [mentionRoles.childEPCs]: 'child',
  [mentionRoles.inputEPCList]: 'input',
  [mentionRoles.outputEPCList]: 'output',
}

export async function unitFacts(db: LedgerQuery, tenant: string, epc: string): Promise<UnitFacts> {
  const unit = (await readUnits(db, tenant, [epc])).get(epc)
  if (!unit)
    return { unit, life: unknownLife, commissioned: false, recalled: false, storage: 'not-known' }
  const above = await containersOf(db, tenant, epc)
  const facts = await factsOf(db, tenant, { epc, above })
  return {
    unit,
    life: lifeOf(facts),
    commissioned: facts.some((fact) => claimsOf(fact).some(({ claim }) => claim === 'commission')),
    recalled: false,
    storage: await storageOf(db, tenant, { unit, above }),
  }
}

/** Everything the unit was ever in, at any depth, with the times; itself for ever. */
async function containersOf(db: LedgerQuery, tenant: string, epc: string): Promise<Presence> {
  const above: Presence = new Map([[epc, [{ from: -Infinity, to: Infinity }]]])
  let fresh: Presence = above
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.size > 0; depth++) {
    const rows = await readStays(db, tenant, { in: 'child', among: [...fresh.keys()] })
    // The arithmetic of going down, with the ends exchanged.
    const turned = rows.map((row) => ({ ...row, child: row.parent, parent: row.child }))
    fresh = mergePresence(above, presenceBelow(fresh, turned))
  }
  return above
}

/** The unit's own events, and those of what it was in, while it was. */
async function factsOf(
  db: LedgerQuery,
  tenant: string,
  { epc, above }: { epc: string; above: Presence },
): Promise<Fact[]> {
  const naming = await eventsNaming(db, tenant, {
    epcs: [...above.keys()],
    roles: Object.keys(roles).map(Number),
  })
  const facts: Fact[] = []
  for (const { epc: named, role, event } of naming) {
    if (event.declared) continue
    const inside = above.get(named)!
    const { eventTime } = event
    if (!inside.some(({ from, to }) => from <= eventTime && eventTime < to)) continue
    const fact = factOf(parseStored(event), { role: roles[role]!, inherited: named !== epc })
    if (fact) facts.push(fact)
  }
  return facts
}

/**
 * By the alerts whose serial sets hold the unit. Without any it was kept well only if its product
 * has limits and something measured where it was: what nobody looked at is not known (I6).
 */
async function storageOf(
  db: LedgerQuery,
  tenant: string,
  { unit, above }: { unit: Unit; above: Presence },
): Promise<Storage> {
  const containers = [...above.keys()]
  const verdicts = new Set<string>()
  for (const alert of await alertsOn(db, tenant, { containers, limit: bounds.unitAlertsMax })) {
    const number = await findSerial(db, tenant, { serialSet: alert.serialSet, epc: unit.epc })
    const leg = number === undefined ? undefined : alert.legs[number]
    if (leg) verdicts.add(leg.verdict)
  }
  if (verdicts.has('out')) return 'not-kept'
  if (verdicts.has('indeterminate')) return 'not-known'
  const product = unit.gtin === undefined ? undefined : await readProduct(db, tenant, unit.gtin)
  if (!product || (await devicesMountedOn(db, tenant, containers)).length === 0) return 'not-known'
  return 'kept'
}
