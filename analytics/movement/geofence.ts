// Geofence: a shipment goes into a region where none may be (places of kind `no-go`), stands off
// its way at a place that is known and not of its plan, or leaves the countries of its plan and of
// its goods' markets. Refuses to say on which side of a border a point is: countries are circles.
import { spotsOfCountry } from '../../domain/countries.ts'
import { leastApartM, type Spot } from '../../domain/earth.ts'
import { type Fences, fencesOf, isSurelyIn, placesAt } from '../../domain/fences.ts'
import type { Detector, Fix, Plan, Shipment } from '../../domain/suspicion.ts'
import { nearOn, type Way } from '../../domain/way.ts'
import { isNoGo, wayOfPlan } from '../cases/ground.ts'
import { type Episode, episodeOf, extend, minutesOf } from '../episodes.ts'
import { type Movement, movementDetector, whereOf } from './movement.ts'

type What = 'no-go' | 'foreign place' | 'abroad'

interface Crossing extends Episode {
  what: What
  /** SGLN; empty: beyond the border. */
  place: string
  /** Fixes in a row that are not in it. */
  out: number
}

interface Borders {
  /** Regions where no shipment may be. */
  closed: Fences
  fences: Fences
  plan: Plan | undefined
  way: Way | undefined
  planned: ReadonlySet<string>
  /** Where it may be; empty: nobody knows. */
  countries: readonly Spot[]
}

interface Own {
  crossing: Crossing | undefined
  piece: number
}

const preciseM = 1000
/** Circles of countries are theirs with coasts; ferries and roads run along borders. */
const borderM = 30_000
const outMin = 2
const minuteMs = 60_000

/** How long and in how many fixes, and what it weighs. A no-go region is told by who draws it. */
const kinds: Readonly<Record<What, { fixesMin: number; lastsMs: number; logOdds: number }>> = {
  'no-go': { fixesMin: 2, lastsMs: 0, logOdds: 3.5 },
  'foreign place': { fixesMin: 3, lastsMs: 20 * minuteMs, logOdds: 0.5 },
  abroad: { fixesMin: 3, lastsMs: 10 * minuteMs, logOdds: 2.2 },
}

export const geofence: Detector<Shipment, Movement<Borders, Own, Crossing>> = movementDetector<
  Borders,
  Own,
  Crossing
>({
  name: 'geofence',
  setup: bordersOf,
  begin: () => ({ crossing: undefined, piece: 0 }),
  fix(own, fix, borders) {
    const { crossing } = own
    const now = crossedBy(own, fix, borders)
    if (crossing && now && crossing.what === now.what && crossing.place === now.place) {
      extend(crossing, fix)
      crossing.out = 0
      return undefined
    }
    if (crossing && !now && crossing.fixes > 1 && ++crossing.out < outMin) return undefined
    own.crossing = now && { ...episodeOf(fix), ...now, out: 0 }
    return crossing && isSure(crossing) ? crossing : undefined
  },
  current: ({ crossing }) => crossing,
  tell(crossing, { plan }) {
    if (!isSure(crossing)) return undefined
    const { what, place, from, to, spot } = crossing
    const minutes = minutesOf(to - from)
    return {
      logOdds: kinds[what].logOdds,
      words: `${wordsOf(crossing)} for ${minutes} minutes.`,
      facts: { what, place, minutes, planned: plan !== undefined, ...whereOf(spot) },
    }
  },
})

const isSure = ({ what, fixes, from, to }: Crossing): boolean =>
  fixes >= kinds[what].fixesMin && to - from >= kinds[what].lastsMs

function wordsOf({ what, place }: Crossing): string {
  if (what === 'no-go') return `In ${place}, where no shipment may be,`
  if (what === 'abroad') return 'Outside the countries of its plan and of its markets'
  return `Off its way at ${place}, which is not of its plan,`
}

function bordersOf({ plan, places, units }: Shipment): Borders {
  const closed = new Map([...places].filter(([, place]) => isNoGo(place)))
  const planned = new Set(plan?.legs.flatMap(({ from, to, stops }) => [from, to, ...stops]))
  const countries = new Set([...planned].flatMap((id) => places.get(id)?.country ?? []))
  // A plan whose places say no country leaves it open where it may go.
  if (countries.size > 0)
    for (const { markets = [] } of units) for (const country of markets) countries.add(country)
  return {
    ...{ closed: fencesOf(closed), fences: fencesOf(places), plan, planned },
    way: plan && wayOfPlan(plan),
    countries: [...countries].flatMap((country) => [...spotsOfCountry(country)]),
  }
}

function crossedBy(
  own: Own,
  { spot }: Fix,
  borders: Borders,
): Pick<Crossing, 'what' | 'place'> | undefined {
  const { closed, fences, plan, way, planned, countries } = borders
  if (spot.radiusM > preciseM) return undefined
  if (closed.places.length > 0) {
    const into = placesAt(closed, spot).find((place) => isSurelyIn(place, spot))
    if (into) return { what: 'no-go', place: into.id }
  }
  if (!plan || !way) return undefined
  const withinM = plan.corridorM + 2 * spot.radiusM
  const { distanceM, piece } = nearOn(way, spot, { withinM, from: own.piece })
  own.piece = piece
  if (distanceM <= withinM) return undefined
  if (countries.length > 0 && leastApartM([spot], countries) > borderM)
    return { what: 'abroad', place: '' }
  const at = placesAt(fences, spot).find(({ id, kind }) => !planned.has(id) && kind !== 'rest')
  return at && { what: 'foreign place', place: at.id }
}
