// The phases of a container: the events that shipped and received it, or anything it was in at that
// time, from the ledger. Judges nothing.
import type { Interval } from '../../domain/breach.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { type JourneyStep, journeySteps, phasesOf } from '../../domain/phases.ts'
import type { Phase } from '../../domain/profile/profile.ts'
import { readPresenceAbove } from '../../store/ledger/contents.ts'
import type { StoredEvent } from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { eventsNaming } from '../../store/ledger/mentions.ts'

const whole: Interval = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

export async function readPhases(
  db: LedgerQuery,
  tenant: string,
  container: string,
): Promise<(Interval & { phase: Phase })[]> {
  const above = await readPresenceAbove(db, tenant, { epc: container, window: whole })
  const steps: JourneyStep[] = []
  const named = await eventsNaming(db, tenant, { epcs: [...above.keys()] })
  for (const { epc, event } of named) {
    const step = event.declared ? undefined : journeySteps[event.bizStep ?? '']
    const { eventTime: time } = event
    // To the end and with it: what is unpacked as it is received was received with what held it.
    const inside = above.get(epc)!.some(({ from, to }) => from <= time && time <= to)
    if (step && inside) steps.push({ time, step, places: placesOf(step, event) })
  }
  return phasesOf(steps)
}

function placesOf(step: JourneyStep['step'], event: StoredEvent): string[] {
  if (step === 'receive')
    return [event.readPoint, event.bizLocation].filter((place) => place !== null)
  return parseStored(event).destinationList.flatMap(({ type, id }) =>
    type.endsWith('location') ? [id] : [],
  )
}
