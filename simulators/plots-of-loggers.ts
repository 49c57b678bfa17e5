// Incidents that only goods and loggers together tell of: loggers that are left behind, go another
// way or are kept in a fridge while their goods travel on, and pallets that are opened without a
// word. Refuses to touch what the others on board say.
import { hourMs, minuteMs } from './consignment.ts'
import {
  disturb,
  fridgeC,
  type Plot,
  penOf,
  record,
  roadHours,
  type Scene,
  someCases,
  surface,
  take,
  unitsOf,
} from './incidents.ts'
import { ambientC, type Lane, type Segment } from './lanes.ts'
import { type Place, places } from './places.ts'
import type { Random } from './random.ts'
import { createRoute, distanceKm, pointBeside } from './route.ts'
import type { Pallet } from './trip.ts'

/** Docks from which the goods have still far to go. */
const farDocks = ({ steps }: Pick<Lane, 'steps'>): readonly Place[] => {
  const goal = steps[steps.length - 1]!.to
  return steps.flatMap(({ kind, from }) =>
    kind === 'dock' && distanceKm(from, goal) > 60 ? [from] : [],
  )
}

/** The dock where it happens, as it was driven. */
function dockOf({ trip, random }: Scene): Segment {
  const { sgln } = random.pick(farDocks(trip.lane))
  return trip.segments.find(({ kind, fromPlace }) => kind === 'dock' && fromPlace.sgln === sgln)!
}

/** Slowly to the air around it: a housing of plastic takes its twenty minutes. */
function relaxing(from: number, startC: number, towardsC: (time: number) => number) {
  let [seen, celsius] = [from, startC]
  return (time: number): number | undefined => {
    if (time < from) return undefined
    celsius += (towardsC(time) - celsius) * -Math.expm1(-(time - seen) / (20 * minuteMs))
    seen = time
    return celsius
  }
}

/** From `at` on the logger has a way of its own. */
function part(pallet: Pallet, at: number, own: readonly Segment[]): void {
  const until = pallet.story.segments.findIndex(({ to }) => to > at)
  const before = pallet.story.segments.slice(0, until + 1)
  const last = before[until]!
  pallet.story.segments = [...before.slice(0, until), { ...last, to: at }, ...own]
}

/** The pallet goes on, its logger stays at the dock: in the hall, or in a cold room there. */
export const loggerLeft: Plot = {
  fits: (lane) => farDocks(lane).length > 0,
  commit(scene) {
    const { trip, random } = scene
    const pallet = random.pick(trip.pallets)
    const dock = dockOf(scene)
    const at = dock.to - 8 * minuteMs
    const stays = { ...dock, from: at, to: trip.unmountedAt + 2 * hourMs }
    part(pallet, at, [stays])
    const storeC = pallet.goods.product.setpointC
    const hall = (time: number): number => ambientC(stays, time, { storeC })
    pallet.apartC = relaxing(at, storeC, random.chance(0.5) ? hall : () => storeC)
    record(scene, {
      ...{ incident: 'logger-left', from: at, to: trip.unmountedAt, where: dock.fromPlace },
      ...{ pallets: [pallet], serials: () => unitsOf(pallet.goods.cases) },
      ...{ signals: ['serial-logger-divorce'], provenAt: trip.unmountedAt + hourMs },
    })
  },
}

/**
 * At a dock the logger is put on a pallet that goes somewhere else, some hundred kilometres off.
 */
export const loggerSwapped: Plot = {
  fits: (lane) => farDocks(lane).length > 0,
  commit(scene) {
    const { trip, random } = scene
    const pallet = random.pick(trip.pallets)
    const dock = dockOf(scene)
    const at = dock.to - 8 * minuteMs
    const goal = trip.lane.steps[trip.lane.steps.length - 1]!.to
    const there = awayFrom(dock.fromPlace, goal, random)
    const route = createRoute([dock.fromPlace, there])
    const leaves = dock.to + random.between(0.2, 1) * hourMs
    const comes = leaves + ((route.km * 1.2) / 70) * hourMs
    const spot = { ...dock.fromPlace, ...there, sgln: '' }
    const until = Math.max(comes + hourMs, trip.unmountedAt + 2 * hourMs)
    part(pallet, at, [
      { ...dock, from: at, to: leaves },
      {
        ...{ kind: 'road', from: leaves, to: comes, fromPlace: dock.fromPlace },
        toPlace: spot,
        route,
      },
      {
        ...dock,
        from: comes,
        to: until,
        fromPlace: spot,
        toPlace: spot,
        route: createRoute([there]),
      },
    ])
    const { setpointC } = pallet.goods.product
    const swing = fridgeC(random.fork('other vessel'))
    pallet.apartC = relaxing(at, setpointC, (time) => setpointC + swing(time) - 4.7)
    record(scene, {
      ...{ incident: 'logger-swapped', from: at, to: trip.unmountedAt, where: dock.fromPlace },
      ...{ pallets: [pallet], serials: () => unitsOf(pallet.goods.cases) },
      ...{ signals: ['serial-logger-divorce'], provenAt: trip.unmountedAt + hourMs },
    })
  },
}

/** Some point 120 to 300 km from here that is at least as far from where the goods go. */
function awayFrom(here: { lat: number; lon: number }, goal: Place, random: Random) {
  const points = Array.from({ length: 12 }, () =>
    pointBeside(here, random.between(0, 360), random.between(120, 300)),
  )
  return points.reduce((best, one) => (distanceKm(one, goal) > distanceKm(best, goal) ? one : best))
}

/**
 * Soon after departure the logger is put into a small fridge in the same vehicle: it is where its
 * goods are, and measures nothing of what the loggers beside it do.
 */
export const loggerShielded: Plot = {
  fits: (lane, crew) => lane.vessel === 'reefer' && crew >= 2 && roadHours(lane) >= 6,
  commit(scene) {
    const { trip, random } = scene
    const pallet = random.pick(trip.pallets)
    const first = trip.segments[0]!
    const from = first.to + random.between(0.3, 1.5) * hourMs
    const to = trip.arrivedAt - random.between(0.1, 0.5) * hourMs
    const { setpointC } = pallet.goods.product
    const swing = fridgeC(random.fork('fridge'))
    const fridge = relaxing(from, setpointC, (time) => setpointC + swing(time) - 4.7)
    pallet.apartC = (time) => (time < to ? fridge(time) : undefined)
    record(scene, {
      ...{ incident: 'logger-shielded', from, to, where: first.fromPlace, pallets: [pallet] },
      ...{ serials: () => unitsOf(pallet.goods.cases), signals: ['profile-decorrelation'] },
      provenAt: to,
    })
  },
}

/**
 * At a hub a pallet or shipper is opened and cases are taken out; no event says so. Their items
 * turn up with the public near the hub while the papers still have them inside, or soon after.
 */
export const silentUnpack: Plot = {
  fits: (lane) => farDocks(lane).length > 0,
  commit(scene) {
    const { trip, random } = scene
    const pallet = random.pick(trip.pallets)
    const dock = dockOf(scene)
    const stay = dock.to - dock.from
    const from = dock.from + random.between(0.25, 0.45) * stay
    const span = { from, to: from + Math.min(0.4 * stay, random.between(14, 25) * minuteMs) }
    disturb(pallet.story, span, Math.round(random.between(150, 500)))
    const cases = someCases(pallet, random.between(0.1, 0.4), random)
    take(pallet, cases, from)
    const listed = cases.map((n) => pallet.goods.cases[n]!)
    const where = nearest(dock.fromPlace)
    const seenAt = surface(pallet, penOf(scene, pallet), {
      ...{ cases: listed, share: 0.2, where, countMin: 3 },
      ...{ from: span.to + random.between(1, 3) * hourMs, forMs: random.between(6, 30) * hourMs },
    })
    record(scene, {
      ...{ incident: 'silent-unpack', ...span, where: dock.fromPlace, pallets: [pallet] },
      ...{ serials: () => unitsOf(listed), signals: ['silent-unpack', 'chain-gap'] },
      provenAt: Math.max(seenAt, trip.unmountedAt + hourMs),
    })
  },
}

const nearest = (spot: { lat: number; lon: number }): Place => {
  const towns: Place[] = Object.values(places).filter(({ kind }) => kind === 'distributor')
  return towns.reduce((best, one) => (distanceKm(one, spot) < distanceKm(best, spot) ? one : best))
}
