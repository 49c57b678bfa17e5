// Phases of a journey follow from the events that ship and receive a container or what it is in.
// Where a profile asks for them, the loggers on it are marked, so that the detector looks again.

import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import { journeySteps } from '../../domain/phases.ts'
import { descendantsOf, devicesOn } from '../../store/ledger/contents.ts'
import { markDirty } from '../../store/ledger/detectors.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { asksForPhases } from '../../store/ledger/profiles.ts'
import type { Stored } from './events.ts'

export async function markPhases(
  db: LedgerQuery,
  tenant: string,
  { fresh, withdrawn, ids }: Stored,
): Promise<void> {
  const moving = [...fresh, ...withdrawn].filter(movesOn)
  if (moving.length === 0 || !(await asksForPhases(db, tenant))) return
  const named = new Set(moving.flatMap(epcsOf).map((epc) => ids.get(epc)!))
  // Whatever was ever below what is shipped may have been shipped with it.
  const devices = await devicesOn(db, tenant, [...(await descendantsOf(db, tenant, [...named]))])
  const since = Math.min(...moving.map(({ eventTime }) => eventTime))
  await markDirty(db, tenant, { devices: [...devices], since, cause: 'event' })
}

/** What ships or receives, and what puts a container into another that may be shipped. */
const movesOn = ({ bizStep = '', type }: EpcisEvent): boolean =>
  Object.hasOwn(journeySteps, bizStep) || type === 'AggregationEvent'

function epcsOf(event: EpcisEvent): string[] {
  const told: string[] = []
  if ('parentID' in event && event.parentID !== undefined) told.push(event.parentID)
  if ('childEPCs' in event) told.push(...event.childEPCs)
  if ('epcList' in event) told.push(...event.epcList)
  return told
}
