// What is known of one unit when somebody asks whether it is what it says: its life, its lot and
// expiry, whether it is recalled, and how it was kept. Reads; judges by domain/lifecycle.ts and by
// the pinned serial sets of alerts and recalls, never anew.
import { bounds } from '../config.ts'
import { type Life, lifeOf, unknownLife } from '../domain/lifecycle.ts'
import { claimsOf } from '../domain/lifecycle-words.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { devicesOn } from '../store/ledger-contents.ts'
import { epcsOf, idsOf, readUnits, type Unit } from '../store/ledger-epcs.ts'
import { recallsOf } from '../store/ledger-recalled.ts'
import { readProduct } from '../store/ledger-registry.ts'
import { alertsOn, findSerial } from '../store/ledger-trace.ts'
import { storiesOf } from './stories.ts'
import type { Storage } from './verify-words.ts'

export interface UnitFacts {
  /** Undefined when no event ever named it. */
  unit: Unit | undefined
  life: Life
  /**
   * Somebody captured that it was made. A number that was only seen under way may be anybody's.
   */
  commissioned: boolean
  /** By an open recall that is no drill. */
  recalled: boolean
  storage: Storage
}

export async function unitFacts(db: LedgerQuery, tenant: string, epc: string): Promise<UnitFacts> {
  const unit = (await readUnits(db, tenant, [epc])).get(epc)
  const id = (await idsOf(db, tenant, [epc])).get(epc)
  const [story] = id === undefined ? [] : await storiesOf(db, tenant, [id])
  if (!unit || !story || id === undefined)
    return { unit, life: unknownLife, commissioned: false, recalled: false, storage: 'not-known' }
  const { facts, above } = story
  return {
    unit,
    life: lifeOf(facts),
    commissioned: facts.some((fact) => claimsOf(fact).some(({ claim }) => claim === 'commission')),
    recalled: (await recallsOf(db, tenant, epc)).length > 0,
    storage: await storageOf(db, tenant, { unit, places: [id, ...above.keys()] }),
  }
}

/**
 * By the alerts whose serial sets hold the unit. Without any it was kept well only if its product
 * has limits and something measured where it was: what nobody looked at is not known (I6).
 */
async function storageOf(
  db: LedgerQuery,
  tenant: string,
  { unit, places }: { unit: Unit; places: readonly number[] },
): Promise<Storage> {
  const containers = [...(await epcsOf(db, tenant, places)).values()]
  const verdicts = new Set<string>()
  for (const alert of await alertsOn(db, tenant, { containers, limit: bounds.unitAlertsMax })) {
    const number = await findSerial(db, tenant, { serialSet: alert.serialSet, epc: unit.epc })
    const leg = number === undefined ? undefined : alert.legs[number]
    if (leg) verdicts.add(leg.verdict)
  }
  if (verdicts.has('out')) return 'not-kept'
  if (verdicts.has('indeterminate')) return 'not-known'
  const product = unit.gtin === undefined ? undefined : await readProduct(db, tenant, unit.gtin)
  if (!product || (await devicesOn(db, tenant, places)).size === 0) return 'not-known'
  return 'kept'
}
