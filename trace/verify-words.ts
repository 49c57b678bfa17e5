// What a consumer is told of a code: one word for how it stands, one for how it was kept, one for
// how often it was seen, and sentences for people. Pure, and a closed set of answers: whatever a
// unit's journey was, the answer says nothing of times, places, routes or partners.

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

export interface ConsumerAnswer {
  state: ConsumerState
  storage: Storage
  seen: Seen
  title: string
  text: string
  advice: string
}

/** The answer for a standing; the same for any two units that stand the same. */
export function answerFor(standing: Standing): ConsumerAnswer {
  const state = stateOf(standing)
  // Of a number that nobody gave there is nothing else to say.
  const { storage, seen } =
    state === 'unknown' ? ({ storage: 'not-known', seen: 'first' } as const) : standing
  return { state, storage, seen, ...sentences[state] }
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

const sentences: Readonly<
  Record<ConsumerState, Pick<ConsumerAnswer, 'title' | 'text' | 'advice'>>
> = {
  unknown: {
    title: 'This code is not known',
    text: 'We have no record of a product with this code.',
    advice:
      'Check the code for typing errors. If it is right, do not use the product and ask the seller.',
  },
  recalled: {
    title: 'This product is recalled',
    text: 'The maker has called this product back.',
    advice: 'Do not use it. Return it to where you got it, or ask there what to do.',
  },
  withdrawn: {
    title: 'This product should not be on sale',
    text: 'The product with this code was taken off the market.',
    advice: 'Do not use it. Ask the seller, and keep the package.',
  },
  expired: {
    title: 'This product is out of date',
    text: 'Its expiry date has passed.',
    advice: 'Do not use it.',
  },
  mismatch: {
    title: 'The label does not match our records',
    text: 'The code is known, but the lot or the expiry date on the label are not those of the maker.',
    advice: 'Do not use the product. Ask the seller, and keep the package.',
  },
  suspicious: {
    title: 'This code may have been copied',
    text: 'The code is known, but what happened with it does not fit one single package.',
    advice: 'Do not use the product before somebody has checked it. Ask the seller.',
  },
  'out-of-limits': {
    title: 'This product was not kept as it should be',
    text: 'The code is known, but the temperature was outside the limits of the product.',
    advice: 'Do not use it before a professional has told you that you can.',
  },
  'seen-before': {
    title: 'Known product, scanned before',
    text: 'The code is known. Somebody has scanned it before.',
    advice:
      'If that was you, all is well. If the package was sealed and you have not scanned it before, ask the seller.',
  },
  genuine: {
    title: 'Known product',
    text: 'The code is known, and nothing speaks against it.',
    advice: 'Check that the package is closed and undamaged.',
  },
}

export const storageWords: Readonly<Record<Storage, string>> = {
  kept: 'Kept within its limits',
  'not-kept': 'Not kept within its limits',
  'not-known': 'Not known',
}

export const seenWords: Readonly<Record<Seen, string>> = {
  first: 'No',
  before: 'Yes',
  often: 'Very often',
}
