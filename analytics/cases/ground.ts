// Where the vehicle of a shipment may stand without a word: at known places, at the ends of the
// legs of its plan, and inside whatever carries it over the sea, on rails or through the air.
// Refuses to say what it means when it stands elsewhere.
import type { Spot } from '../../domain/earth.ts'
import { type Fences, fencesOf, placesAt } from '../../domain/fences.ts'
import type { KnownPlace, Plan, Shipment } from '../../domain/suspicion.ts'
import { nearestOn, type Way, wayOf } from '../../domain/way.ts'

export interface Ground {
  fences: Fences
  plan: Plan | undefined
  /** Where legs begin and end at places that nobody described. */
  ends: Way | undefined
}

/** A place of this kind is a region where no shipment may be. */
export const noGo = 'no-go'

/** Vehicles that stand because their carrier does. */
export const carried: ReadonlySet<string> = new Set(['sea', 'air', 'rail', 'ferry', 'water'])
/** Anchorages and waterways lie beside the line that a plan draws. */
const besideLineM = 25_000
const endM = 1500

const made = new WeakMap<Plan, Way>()

/** The legs of a plan in one index, made once for each plan. */
export function wayOfPlan(plan: Plan): Way {
  const before = made.get(plan)
  if (before) return before
  const way = wayOf(plan.legs.map(({ path }) => path))
  made.set(plan, way)
  return way
}

export function groundOf({ plan, places }: Shipment): Ground {
  const isKnown = (id: string): boolean => {
    const place = places.get(id)
    return place?.spot !== undefined || place?.ring !== undefined
  }
  const ends = (plan?.legs ?? []).flatMap(({ from, to, path }) => [
    ...(isKnown(from) ? [] : [[path[0]!]]),
    ...(isKnown(to) ? [] : [[path.at(-1)!]]),
  ])
  return { fences: fencesOf(places), plan, ends: ends.length > 0 ? wayOf(ends) : undefined }
}

/** Why it may stand there; undefined: nobody knows of a reason. */
export function reasonToStand(ground: Ground, spot: Spot): string | undefined {
  const known = placesAt(ground.fences, spot).find(({ kind }) => kind !== noGo)
  if (known) return known.id
  const { plan, ends } = ground
  if (!plan) return undefined
  if (ends && nearestOn(ends, spot).distanceM <= endM + spot.radiusM) return 'an end of a leg'
  const { distanceM, line } = nearestOn(wayOfPlan(plan), spot)
  const { mode } = plan.legs[line]!
  const isCarried = carried.has(mode) && distanceM <= Math.min(besideLineM, plan.corridorM)
  return isCarried ? mode : undefined
}

/** Weights are for a shipment whose plan and places are known; else less is to be wondered at. */
export function knowing({ plan, fences }: Ground): number {
  if (plan) return 1
  return fences.places.length > 0 ? 0.45 : 0.25
}

export const isNoGo = ({ kind }: KnownPlace): boolean => kind === noGo
