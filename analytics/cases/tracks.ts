// Which fixes of one logger are believed. One that nothing could have gone to is not, until the
// next one says so too. Refuses to judge where it may be.
import { apartM } from '../../domain/earth.ts'
import type { Fix } from '../../domain/suspicion.ts'

/** What is believed of where one logger is. */
export interface Track {
  last: Fix | undefined
  /** Contradicts the last one; the next one decides. */
  held: Fix | undefined
  /** Fixes that followed each other since it was first seen, or where nothing could have gone. */
  run: number
  /** How often it was surely in two places, and when last: its clock or its positions are wrong. */
  tears: number
  tornAt: number
}

export const newTrack = (): Track => ({
  ...{ last: undefined, held: undefined, run: 0, tears: 0, tornAt: -Infinity },
})

/**
 * The fixes that a new one makes believed: none when nothing could have gone from the last one to
 * it; the held one as well when it agrees with that and not with the last.
 */
export function believed(track: Track, fix: Fix): readonly Fix[] {
  const { last, held } = track
  if (!last || isReachable(last, fix)) {
    track.held = undefined
    track.last = fix
    track.run++
    return [fix]
  }
  if (!held || !isReachable(held, fix)) {
    track.held = fix
    return []
  }
  if (track.run >= sureRun && apartM(last.spot, held.spot) > tearM) {
    track.tears++
    track.tornAt = fix.time
  }
  Object.assign(track, { last: fix, held: undefined, run: 2 })
  return [held, fix]
}

/** The first fix or two of a receiver may be what it remembers from its last journey. */
const sureRun = 3

/** An airliner in the wind, and what fixes are off although they say less. */
const fastestMps = 300
const jumpM = 1000

const isReachable = (a: Fix, b: Fix): boolean =>
  apartM(a.spot, b.spot) <= jumpM + (fastestMps * Math.max(0, b.time - a.time)) / 1000

/** Farther than any cell of the mobile network reaches: what is nearer is a poor fix. */
const tearM = 50_000

/**
 * Of what it says from then on. Torn once: what it remembered of another journey was before. More
 * often: nobody knows anything.
 */
export const isDoubtful = ({ tears, tornAt }: Track, from: number): boolean =>
  tears > 1 || from <= tornAt
