// Where a logger stands: fixes that follow each other within a radius, as far as they are known.
// Fixes jump and drift, so that one outside ends no stand; a silence does, for nobody knows what
// was in it. Refuses to say whether it may stand there.
import { distanceM, type Spot } from '../../domain/earth.ts'
import type { Fix } from '../../domain/suspicion.ts'
import { type Episode, episodeOf, extend } from '../episodes.ts'

export interface Stand extends Episode {
  /** The mean of its first fixes. */
  middle: Spot
  /** The first fix outside, until another one confirms it. */
  outside: Fix | undefined
}

/** Coarser fixes tell neither that it stands nor that it goes. */
const radiusMaxM = 1000
/** Longer, and it may have gone and come back. */
const gapMs = 90 * 60_000
const meanOf = 8

/** Takes the next fix. Returns what goes on now, and what it ended. */
export function standOn(
  now: Stand | undefined,
  fix: Fix,
  radiusM: number,
): { now: Stand | undefined; ended?: Stand } {
  if (fix.spot.radiusM > radiusMaxM) return { now }
  if (!now) return { now: begin(fix) }
  if (fix.time - now.to > gapMs) return { now: begin(fix), ended: now }
  if (isWithin(now.middle, fix.spot, radiusM)) {
    if (now.fixes < meanOf) now.middle = meanWith(now, fix.spot)
    extend(now, fix)
    now.outside = undefined
    return { now }
  }
  const first = now.fixes === 1 ? fix : now.outside
  if (!first) {
    now.outside = fix
    return { now }
  }
  const next = begin(first)
  if (first !== fix && isWithin(next.middle, fix.spot, radiusM)) {
    next.middle = meanWith(next, fix.spot)
    extend(next, fix)
  } else if (first !== fix) return { now: begin(fix), ended: now }
  return { now: next, ended: now }
}

const begin = (fix: Fix): Stand => ({ ...episodeOf(fix), middle: fix.spot, outside: undefined })

const isWithin = (middle: Spot, spot: Spot, radiusM: number): boolean =>
  distanceM(middle, spot) <= radiusM + middle.radiusM + spot.radiusM

/** As precise as the best of them. Longitudes are taken relative to the middle's. */
function meanWith({ middle, fixes }: Stand, spot: Spot): Spot {
  const share = 1 / (fixes + 1)
  const east = ((((spot.lon - middle.lon + 180) % 360) + 360) % 360) - 180
  const lon = middle.lon + share * east
  return {
    lat: middle.lat + share * (spot.lat - middle.lat),
    lon: ((((lon + 180) % 360) + 360) % 360) - 180,
    radiusM: Math.min(middle.radiusM, spot.radiusM),
  }
}
