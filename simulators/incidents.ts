// What may go wrong, and on purpose, as changes of a trip: of its steps before they get their
// times, and of its pallets, papers and sales before they are lived through. Here is what all
// kinds share; each leaves its truth. Refuses to be known to anybody who is being tested.
import type { Incident, Signal } from './actions.ts'
import type { Pen } from './acts.ts'
import { minuteMs } from './consignment.ts'
import { type Lane, type Segment, type Step, segmentAt } from './lanes.ts'
import type { Case } from './load.ts'
import { outletsOf, type Place, places } from './places.ts'
import type { Random } from './random.ts'
import { placeOf, scanAt } from './retail.ts'
import { distanceKm, type Point } from './route.ts'
import type { Pallet, Trip } from './trip.ts'

/** A trip on which something is to happen. */
export interface Scene {
  id: string
  trip: Trip
  /** One for each pallet. */
  pens: readonly Pen[]
  random: Random
}

export interface Plot {
  /** Default: every lane. */
  fits?: (lane: Lane, crew: number) => boolean
  bend?: (steps: Step[], random: Random) => Step[]
  commit(scene: Scene): void
}

export interface Deed {
  incident: string
  from: number
  to: number
  where: Point & { sgln?: string }
  pallets: readonly Pallet[]
  serials: () => readonly string[]
  signals: readonly Signal[]
  provenAt: number
}

/** Writes down what is true, when it begins. */
export function record({ id, pens }: Scene, deed: Deed): void {
  const { incident, from, to, where, pallets, serials, signals, provenAt } = deed
  for (const pallet of pallets) pallet.incidents.push(id)
  pens[0]!.note(from, (truth) => {
    const written: Incident = {
      ...{ id, incident, from: Math.round(from), to: Math.round(to), lat: where.lat },
      ...{ lon: where.lon, ...(where.sgln && { place: where.sgln }) },
      containers: [...new Set(pallets.flatMap(({ goods }) => [goods.pallet, goods.container]))],
      devices: pallets.map(({ device }) => device.id),
      ...{ serials: serials(), signals, provenAt: Math.round(provenAt) },
    }
    truth.incidents.push(written)
  })
}

export const penOf = ({ trip, pens }: Scene, pallet: Pallet): Pen =>
  pens[trip.pallets.indexOf(pallet)]!

/** At least one, by chance more. */
export function someOf<T>(list: readonly T[], share: number, random: Random): T[] {
  const first = random.below(list.length)
  return list.filter((_, n) => n === first || random.chance(share))
}

/** Indices of cases that are taken: this share of them, one at least. */
export const someCases = ({ goods }: Pallet, share: number, random: Random): number[] => {
  const count = Math.max(1, Math.round(share * goods.cases.length))
  const from = random.below(goods.cases.length)
  return Array.from({ length: count }, (_, n) => (from + n) % goods.cases.length)
}

/** Cases and the items in them. */
export const unitsOf = (cases: readonly Case[]): string[] =>
  cases.flatMap(({ epc, items }) => [epc, ...items])

/** From then on these cases are not with the pallet, whatever is written down. */
export function take(pallet: Pallet, taken: readonly number[], at: number): void {
  for (const n of taken) {
    pallet.gone.set(n, { at, told: false })
    pallet.goods.cases[n]!.takenOffAt = at
  }
}

const distributors = Object.values(places).filter(
  (each): each is typeof each & Place => each.kind === 'distributor',
)

/** A town far off, in a country where the lot may not be sold. */
export function abroad({ lane }: Trip, random: Random): Place {
  const goal = lane.steps[lane.steps.length - 1]!.to
  const others = distributors.filter(
    (each) => !lane.markets.includes(each.country) && distanceKm(each, goal) > 800,
  )
  return random.pick(others)
}

export interface Surfacing {
  cases: readonly Case[]
  /** Of the items. */
  share: number
  where: Place
  from: number
  forMs: number
  /** Of scans, however few items there are. */
  countMin: number
}

/** Items turn up with the public of another place. Returns when the last of `countMin` was seen. */
export function surface(pallet: Pallet, pen: Pen, options: Surfacing): number {
  const { cases, share, where, from, forMs, countMin } = options
  const random = pen.random.fork('surfacing')
  const spots = cases.flatMap((one) =>
    Array.from({ length: one.itemCount }, (_, item) => ({ one, item })),
  )
  const count = Math.min(spots.length, Math.max(countMin, Math.round(share * spots.length)))
  const outlets = outletsOf(where)
  let provenAt = from
  for (let n = 0; n < count; n++) {
    const { one, item } = spots[Math.floor((n * spots.length) / count)]!
    const at = from + random.unit() * forMs
    const place = placeOf(random.pick(outlets), random)
    scanAt(pallet, pen, { epcs: () => [one.item(item)], at, place, random })
    if (n < countMin) provenAt = Math.max(provenAt, at + minuteMs)
  }
  return provenAt
}

/** Hours under way on the road. */
export const roadHours = ({ steps }: Lane): number =>
  steps.reduce((sum, { kind, hours }) => sum + (kind === 'road' ? hours : 0), 0)

export const segmentTagged = ({ segments }: Trip, tag: string): Segment =>
  segments.find((segment) => segment.tag === tag)!

export const whereAt = (trip: Pick<Trip, 'segments'>, time: number): Segment['fromPlace'] =>
  segmentAt(trip.segments, time).fromPlace

/** Light and knocks on a logger while somebody works on its pallet. */
export function disturb(story: Pallet['story'], span: { from: number; to: number }, lux: number) {
  story.lit.push({ ...span, lux })
  story.knocks.push(span)
}

/** A small fridge: its own slow swing, and nothing of the road. */
export function fridgeC(random: Random): (time: number) => number {
  const [meanC, swingK, minutes] = [random.between(4, 5.5), random.between(0.2, 0.6), 19]
  return (time) => meanC + swingK * Math.sin((2 * Math.PI * time) / (minutes * minuteMs))
}
