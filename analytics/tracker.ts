// What the detector remembers of one channel: the newest reading and, per rule, the sums so far.
// Readings in order cost a few additions; anything else (late, corrected) is told to the caller,
// who starts over from all readings. Both ways feed the same tally (domain/breach.ts), so they
// agree bit for bit.
import type { Breach, Point } from '../domain/breach.ts'
import { beginWalk, nextState, piecesTo, type Step, type Walk } from '../domain/pieces.ts'
import { addPiece, breachOf, isIdle, newTally, type Tally } from '../domain/tally.ts'
import type { Watch } from './plan.ts'

/** Plain JSON: kept in the ledger with the detector's cursor. */
export interface WatchState extends Walk {
  tally: Tally
}

export interface ChannelState {
  last: Point | null
  watches: Record<string, WatchState>
}

export interface Found {
  watch: Watch
  breach: Breach
}

/**
 * The channels of a device as text for the ledger. It is written with every step, so a rule that
 * has nothing to remember, as most have, is told by its id alone.
 */
export function formatChannels(channels: Readonly<Record<string, ChannelState>>): string {
  return JSON.stringify(channels, (_name, value: unknown) =>
    isWatchState(value) && isShort(value) ? nothing : value,
  )
}

export function parseChannels(text: string): Record<string, ChannelState> {
  return JSON.parse(text, (_name, value: unknown) =>
    value === nothing ? { tally: { ...newTally(), last: 'in' }, state: 'in' } : value,
  ) as Record<string, ChannelState>
}

const nothing = 'nothing'

const isWatchState = (value: unknown): value is WatchState =>
  typeof value === 'object' && value !== null && 'tally' in value && 'state' in value

/** In, and whatever was before is over. */
const hasNothing = ({ tally, state, recent }: WatchState): boolean =>
  state === 'in' && tally.last === 'in' && tally.from === null && recent === undefined

const isShort = (known: WatchState): boolean => hasNothing(known) && known.settledAt === undefined

/** One rule's state as text: the same text is the same state. */
export const formatWatches = (known: WatchState): string =>
  isShort(known) ? nothing : JSON.stringify(known)

export const parseWatches = (text: string): WatchState =>
  text === nothing
    ? { tally: { ...newTally(), last: 'in' }, state: 'in' }
    : (JSON.parse(text) as WatchState)

export const newChannel = (): ChannelState => ({ last: null, watches: {} })

/** late: the reading is older than the newest, or contradicts it; nothing was changed. */
export type Advance = 'advanced' | 'duplicate' | 'late'

/** Takes the next reading; `found` receives every breach that it ended. */
export function advance(
  channel: ChannelState,
  point: Point,
  { watches, found }: { watches: readonly Watch[]; found: Found[] },
): Advance {
  const { last } = channel
  if (last && point.time <= last.time)
    return point.time === last.time && point.value === last.value ? 'duplicate' : 'late'
  for (const watch of watches) {
    const { window, options } = watch
    // Before the window a reading has no say, but for the one that stands at its begin.
    if (point.time < window.from || (last && window.to <= last.time)) continue
    let known = channel.watches[watch.id]
    if (!known) {
      known = { tally: newTally(), ...beginWalk(last, options) }
      channel.watches[watch.id] = known
    }
    takeReading(known, { last, point }, { watch, found })
    if (point.time >= window.to) {
      // The logger left the container before this reading: what was going on there is over.
      const breach = breachOf(known.tally, options.rule, false)
      if (breach) found.push({ watch, breach })
      delete channel.watches[watch.id]
    }
  }
  channel.last = point
  return 'advanced'
}

/** What a reading within the window, or the first after it, says by one rule. */
export function takeReading(
  known: WatchState,
  { last, point }: Step,
  { watch, found }: { watch: Watch; found: Found[] },
): void {
  const { window, options } = watch
  const before = known.state
  const state = nextState(known, { last, point }, watch)
  known.state = state
  // In, and in before, without a hole or the window's end between: all pieces would be `in`, and
  // change nothing. Nearly every reading is one of these.
  const quiet = before === 'in' && state === 'in' && isIdle(known.tally, options.rule)
  const joined = last !== null && point.time <= last.time + options.gapMs
  if (quiet && joined && point.time < window.to) return
  for (const piece of piecesTo(known, { last, point, before }, watch))
    for (const breach of addPiece(known.tally, piece, options.rule)) found.push({ watch, breach })
}

/** The breaches that are going on, or that nothing has contradicted yet. */
export function currentBreaches(channel: ChannelState, watches: readonly Watch[]): Found[] {
  return watches.flatMap((watch) => {
    const known = channel.watches[watch.id]
    if (!known) return []
    const open = known.tally.last === 'out' && watch.window.to === Infinity
    const breach = breachOf(known.tally, watch.options.rule, open)
    return breach ? [{ watch, breach }] : []
  })
}
