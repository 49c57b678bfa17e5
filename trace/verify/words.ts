// What a consumer is told of a code: one word for how it stands, one for how it was kept, one for
// how often it was seen, and sentences for people. Pure, and a closed set of answers: whatever a
// unit's journey was, the answer says nothing of times, places, routes or partners.

import { type ConsumerLanguage, consumerWords, type Sentences } from './sentences.ts'

/** From what outweighs everything to what is good. */
export const consumerStates = [
  'unknown',
  'recalled',
  'withdrawn',
  'expired',
  'mismatch',
  'suspicious',
  'out-of-limits',
  'seen-before',
  'genuine',
] as const
export type ConsumerState = (typeof consumerStates)[number]

/** kept: monitored, and within its limits as far as is known. Not known is not good (I6). */
export type Storage = 'kept' | 'not-kept' | 'not-known'
export type Seen = 'first' | 'before' | 'often'

export interface Standing {
  /** An event says that the maker gave this number to a unit. */
  known: boolean
  recalled: boolean
  /** Destroyed, stolen, taken off the market: not what should be in anybody's hands. */
  ended: boolean
  /** Its events contradict each other. */
  contradicted: boolean
  expired: boolean
  /** Lot or expiry on the label are others than the maker's. */
  mismatch: boolean
  storage: Storage
  seen: Seen
}

export interface ConsumerAnswer extends Sentences {
  state: ConsumerState
  storage: Storage
  seen: Seen
}

/** The answer for a standing; the same for any two units that stand the same. */
export function answerFor(standing: Standing, language: ConsumerLanguage): ConsumerAnswer {
  const state = stateOf(standing)
  // Of a number that nobody gave there is nothing else to say.
  const { storage, seen } =
    state === 'unknown' ? ({ storage: 'not-known', seen: 'first' } as const) : standing
  return { state, storage, seen, ...consumerWords[language].states[state] }
}

function stateOf(standing: Standing): ConsumerState {
  if (!standing.known) return 'unknown'
  if (standing.recalled) return 'recalled'
  if (standing.ended) return 'withdrawn'
  if (standing.expired) return 'expired'
  if (standing.mismatch) return 'mismatch'
  if (standing.contradicted || standing.seen === 'often') return 'suspicious'
  if (standing.storage === 'not-kept') return 'out-of-limits'
  return standing.seen === 'before' ? 'seen-before' : 'genuine'
}
