// What a scanned unit is, in one word, from what the server says of it. Pure. Good is only what is
// known to be good (I6): a state that nobody thought of here is not.

export type Standing = 'genuine' | 'unknown' | 'recalled' | 'quarantined' | 'unfit'

/** `state` and `conditions` as GET /api/v1/units/{epc} has them; null: no such unit. */
export function standingOf(state: string | null, conditions: readonly string[]): Standing {
  if (state === null || state === 'unknown' || state === 'allocated') return 'unknown'
  if (state === 'recalled' || conditions.includes('recalled')) return 'recalled'
  if (state === 'held' || state === 'locked') return 'quarantined'
  return sound.has(state) && conditions.length === 0 ? 'genuine' : 'unfit'
}

const sound: ReadonlySet<string> = new Set([
  'commissioned',
  'in_transit',
  'available',
  'returned',
  'checked_out',
  'sold',
  'sample',
  'free_sample',
  'exported',
])
