// How a unit was kept, in one word for a consumer. By the alerts whose pinned serial sets hold it;
// without any it was kept well only if its product has limits and its loggers spoke all the time
// that they were with it: a hole in their readings is not good (I6). Time after the newest reading
// is not judged, for nothing is known of it yet; no clock is asked (I4).
import { bounds } from '../../config.ts'
import type { Interval } from '../../domain/breach.ts'
import { uspKinetics } from '../../domain/exposure.ts'
import { union } from '../../domain/hierarchy.ts'
import { sumsOf } from '../../domain/passport.ts'
import { gapMsOf, type Profile } from '../../domain/profile/profile.ts'
import { Unavailable } from '../../domain/refusal.ts'
import { isPast, type Stretch } from '../../domain/spells.ts'
import { devicesOn } from '../../store/ledger/contents.ts'
import { epcsOf } from '../../store/ledger/epcs.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { alertsOn, findSerial } from '../../store/ledger/trace.ts'
import { type PassportFrom, type ReadLeg, toldOf } from '../told-lives.ts'
import type { UnitFacts } from './facts.ts'
import type { Storage } from './words.ts'

/** What is dear to find out is asked last. */
export async function storageOf(
  from: PassportFrom,
  tenant: string,
  { unit, commissioned, places }: UnitFacts,
): Promise<Storage> {
  if (!unit || !commissioned) return 'not-known'
  const verdicts = await verdictsOf(from.db, tenant, { epc: unit.epc, places })
  if (verdicts.has('out')) return 'not-kept'
  if (verdicts.has('indeterminate')) return 'not-known'
  if ((await devicesOn(from.db, tenant, places)).size === 0) return 'not-known'
  try {
    return (await spokeThroughout(from, tenant, unit.epc)) ? 'kept' : 'not-known'
  } catch (error) {
    // The series store is away: people are told all the rest (I12).
    if (error instanceof Unavailable) return 'not-known'
    throw error
  }
}

async function verdictsOf(
  db: LedgerQuery,
  tenant: string,
  { epc, places }: { epc: string; places: readonly number[] },
): Promise<Set<string>> {
  const containers = [...(await epcsOf(db, tenant, places)).values()]
  const verdicts = new Set<string>()
  for (const alert of await alertsOn(db, tenant, { containers, limit: bounds.unitAlertsMax })) {
    const number = await findSerial(db, tenant, { serialSet: alert.serialSet, epc })
    const leg = number === undefined ? undefined : alert.legs[number]
    if (leg) verdicts.add(leg.verdict)
  }
  return verdicts
}

async function spokeThroughout(from: PassportFrom, tenant: string, epc: string): Promise<boolean> {
  const told = await toldOf(from, tenant, { epc })
  if (typeof told === 'string' || !told.product) return false
  const { profile } = told.product
  const watched = told.read.filter(({ leg }) => leg.loggers.length > 0)
  return watched.length > 0 && watched.every((each) => isWhole(each, profile))
}

/**
 * Without a hole between its readings. A logger that logs every ten minutes says nothing of the
 * minutes before its first reading and after its last one: as much as a reading may stand for is
 * no hole at either end.
 */
function isWhole({ leg, stretches, excused }: ReadLeg, profile: Profile): boolean {
  const known = stretches.map((stretch, i) => knownPart(stretch, i === 0))
  const [whole, ...others] = union([...known, ...excused])
  const edgeMs = Math.max(
    ...leg.loggers.map(({ loggingIntervalMs }) => gapMsOf(profile, loggingIntervalMs)),
  )
  return (
    whole !== undefined &&
    others.length === 0 &&
    whole.from - leg.from <= edgeMs &&
    leg.to - whole.to <= edgeMs
  )
}

/** Of an hour whose readings are gone it is known how much is missing, not where. */
function knownPart(stretch: Stretch, first: boolean): Interval {
  const { from, to } = stretch
  if (!isPast(stretch)) return { from, to }
  const { knownMs } = sumsOf([stretch], { limits: [], kinetics: uspKinetics })
  return first ? { from: to - knownMs, to } : { from, to: from + knownMs }
}
