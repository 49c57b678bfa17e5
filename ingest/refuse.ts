// One input may be wrong in a million ways; the list of refusals it yields is bounded here.
import { bounds } from '../config.ts'
import type { Refusal } from '../domain/refusal.ts'

/** What came out of one input. */
export interface Decoded<T> {
  readings: T[]
  refusals: Refusal[]
}

/** Adds a refusal. After `bounds.refusalsPerInputMax` one more says that the rest is not listed. */
export function refuse(refusals: Refusal[], refusal: Refusal): void {
  if (refusals.length < bounds.refusalsPerInputMax) refusals.push(refusal)
  else if (refusals.length === bounds.refusalsPerInputMax)
    refusals.push({ ...refusal, detail: `${refusal.detail}; further refusals are not listed` })
}
