// What a recall asks for: a closed, versioned language. Every condition must hold; within one, any
// of its values will do. Says nothing of how units are found: trace/recall/find.ts.
import type { Verdict } from '../../domain/breach.ts'
import type { Side } from '../../domain/profile/profile.ts'

/** Times are epoch ms, `from` included and `to` not; dates are YYYY-MM-DD, both included. */
export type Condition =
  | { field: 'gtin'; anyOf: string[] }
  | { field: 'lot'; anyOf: string[] }
  /** What the commissioning said, else the record of the lot. */
  | { field: 'expiry'; from?: string; to?: string }
  /** Of the record of the lot. */
  | { field: 'supplier'; anyOf: string[] }
  /** was: its events put it there within the time. is: it was last seen there, and has not left. */
  | { field: 'place'; anyOf: string[]; when: 'was' | 'is'; from?: number; to?: number }
  /** Inside of one of these, at any depth, within the time. */
  | { field: 'container'; anyOf: string[]; from?: number; to?: number }
  /** An ILMD or extension field of an event that names it, or of the record of its lot. */
  | { field: 'attribute'; name: string; anyOf: string[] }
  /** Made of any of these units or lots. */
  | { field: 'input'; anyOf: string[] }
  /** These units, what is in these containers now, and the units of these lots. */
  | { field: 'epc'; anyOf: string[] }
  /**
   * In the pinned set of an alert that stands, with so much of the breach. One that another alert
   * took the place of means that one.
   */
  | ConditionOfAlerts
  | ConditionOfExposure

export interface ConditionOfAlerts {
  field: 'condition'
  /** None: all open alerts that fit. */
  alerts?: string[]
  rule?: string
  gtin?: string
  minutesMin?: number
  verdicts?: Verdict[]
}

/**
 * Longer beyond a limit than so many minutes in all, as its passport counts them: `side` is one of
 * above, atOrAbove, below and atOrBelow.
 */
export interface ConditionOfExposure extends Partial<Record<Side, number>> {
  field: 'exposure'
  moreThanMinutes: number
  from?: number
  to?: number
}

export interface Criteria {
  version: 1
  allOf: Condition[]
}

export type ConditionOf<F extends Condition['field']> = Extract<Condition, { field: F }>
