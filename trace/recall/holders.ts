// Who has a unit: the party that its last shipping or receiving event gives it to, else whoever has
// the place where it was seen last. Says nothing of who owns it.
import type { UnitFact } from '../facts.ts'
import { lastSeen } from '../facts.ts'

/** By the events up to a time; undefined when none tells. `facts` in the order of lives. */
export function holderOf(facts: readonly UnitFact[], at = Infinity): string | undefined {
  return possessorOf(facts, at) ?? placeHolder(lastSeen(facts, at)?.place)
}

/**
 * The possessing party (CBV 2.0 §7.4). What is shipped is taken for his to whom it goes, for he is
 * to be told; when only the sender is named, for the sender's. A receipt that names nobody confirms
 * the shipment before it; one without a shipment, and a shipment that names nobody, leave it to the
 * place. A shipment declared void changes nothing.
 */
export function possessorOf(facts: readonly UnitFact[], at = Infinity): string | undefined {
  let party: string | undefined
  let before: string | undefined
  let underWay: string | undefined
  for (const { eventTime, bizStep, event } of facts) {
    if (eventTime > at) break
    const { from, to } = event.possession ?? {}
    if (shipping.has(bizStep ?? '')) {
      before = party
      underWay = to
      party = to ?? from
    } else if (receiving.has(bizStep ?? '')) {
      party = to ?? underWay
      underWay = undefined
    } else if (bizStep === 'void_shipping') {
      party = before
      underWay = undefined
    }
  }
  return party
}

const shipping: ReadonlySet<string> = new Set(['shipping', 'consigning'])
const receiving: ReadonlySet<string> = new Set(['receiving', 'accepting'])

/** A place's GLN, whatever the part of it; or the place as it is called. */
const placeHolder = (place: string | undefined): string | undefined =>
  place?.replace(/^(https:\/\/id\.gs1\.org\/414\/\d{13})\/254\/.*$/, '$1')
