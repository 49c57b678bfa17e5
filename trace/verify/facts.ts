// What is known of one unit when somebody asks whether it is what it says: its life, its lot and
// expiry, whether it is recalled. Reads; judges by domain/lifecycle and by the pinned serial
// sets of recalls, never anew. How it was kept is in trace/verify/storage.ts.
import { type Life, lifeOf, unknownLife } from '../../domain/lifecycle/lifecycle.ts'
import { claimsOf } from '../../domain/lifecycle/words.ts'
import { idsOf, readUnits, type Unit } from '../../store/ledger/epcs.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { recallsOfNumber } from '../../store/ledger/recalled.ts'
import { storiesOf } from '../stories.ts'

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
  /** The unit and everything that it ever was in, by number. */
  places: readonly number[]
}

export async function unitFacts(db: LedgerQuery, tenant: string, epc: string): Promise<UnitFacts> {
  const unit = (await readUnits(db, tenant, [epc])).get(epc)
  const id = (await idsOf(db, tenant, [epc])).get(epc)
  const [story] = id === undefined ? [] : await storiesOf(db, tenant, [id])
  if (!unit || !story || id === undefined)
    return { unit, life: unknownLife, commissioned: false, recalled: false, places: [] }
  const { facts, above } = story
  return {
    unit,
    life: lifeOf(facts),
    commissioned: facts.some((fact) => claimsOf(fact).some(({ claim }) => claim === 'commission')),
    recalled: (await recallsOfNumber(db, tenant, { unit: id })).length > 0,
    places: [id, ...above.keys()],
  }
}
