// Incidents of the vehicle: theft from a halt, diversion to a warehouse off the way, a breakdown
// that is nobody's fault. Refuses to decide how often.
import { hourMs, minuteMs } from './consignment.ts'
import {
  abroad,
  disturb,
  type Plot,
  penOf,
  record,
  roadHours,
  segmentTagged,
  someCases,
  someOf,
  surface,
  take,
  unitsOf,
} from './incidents.ts'
import type { Lane, Step } from './lanes.ts'
import { places } from './places.ts'
import type { Random } from './random.ts'
import { createRoute, distanceKm, type Point, partOf, pointAt, pointBeside } from './route.ts'
import { halted, type Pallet, rests, spotAt } from './trip.ts'

const onRoad = (lane: Lane): boolean => roadHours(lane) >= 3

const known = [...Object.values(places), ...rests.values()]

/** A share of the way on the road that is far from every place that is known. */
function lonelyShare(steps: readonly Step[], random: Random): number {
  const road = steps.filter(({ kind }) => kind === 'road')
  const total = road.reduce((sum, { hours }) => sum + hours, 0)
  for (let tries = 0; tries < 40; tries++) {
    const share = random.between(0.12, 0.92)
    let left = share * total
    const step = road.find(({ hours }) => {
      if (left <= hours) return true
      left -= hours
      return false
    })!
    const spot = pointAt(step.route, left / step.hours)
    if (known.every((place) => distanceKm(place, spot) > 12)) return share
  }
  return 0.37
}

/**
 * Off the way by some hundred metres to two kilometres, the rear door is opened, cases are taken,
 * or the whole pallet with its logger. Some of it turns up abroad.
 */
export const theft: Plot = {
  fits: onRoad,
  bend(steps, random) {
    const share = lonelyShare(steps, random)
    const bent = halted(steps, { share, hours: random.between(0.8, 2.4), tag: 'theft' })
    const n = bent.findIndex(({ tag }) => tag === 'theft')
    const halt = bent[n]!
    const aside = pointBeside(halt.from, random.between(0, 360), random.between(0.2, 2))
    const spot = { ...halt.from, ...aside }
    const [before, after] = [bent[n - 1]!, bent[n + 1]!]
    return [
      ...bent.slice(0, n - 1),
      { ...before, to: spot, route: createRoute([...before.route.points.slice(0, -1), aside]) },
      { ...halt, from: spot, to: spot, route: createRoute([aside]) },
      { ...after, from: spot, route: createRoute([aside, ...after.route.points.slice(1)]) },
      ...bent.slice(n + 2),
    ]
  },
  commit(scene) {
    const { trip, random } = scene
    const halt = segmentTagged(trip, 'theft')
    const from = halt.from + random.between(4, 15) * minuteMs
    const span = {
      from,
      to: Math.min(halt.to - minuteMs, from + random.between(18, 40) * minuteMs),
    }
    trip.openings.push(span)
    const victims = someOf(trip.pallets, 0.3, random)
    const stolen: { pallet: Pallet; cases: number[] }[] = []
    const provenAt = trip.unmountedAt + hourMs
    for (const pallet of trip.pallets) disturb(pallet.story, span, random.between(15, 60))
    for (const pallet of victims) {
      disturb(pallet.story, span, Math.round(random.between(80, 300)))
      const cases = someCases(pallet, random.between(0.3, 1), random)
      take(pallet, cases, span.from)
      stolen.push({ pallet, cases })
      const turnsUp = random.chance(0.6)
      const listed = cases.map((n) => pallet.goods.cases[n]!)
      if (turnsUp)
        surface(pallet, penOf(scene, pallet), {
          ...{ cases: listed, share: 0.12, where: abroad(trip, random), countMin: 3 },
          ...{ from: span.to + random.between(30, 70) * hourMs, forMs: 72 * hourMs },
        })
    }
    record(scene, {
      ...{ incident: 'theft', ...span, where: halt.fromPlace, pallets: victims },
      signals: ['unscheduled-stop', 'dwell', 'light', 'chain-gap'],
      serials: () =>
        stolen.flatMap(({ pallet, cases }) => unitsOf(cases.map((n) => pallet.goods.cases[n]!))),
      provenAt,
    })
  },
}

const offWayKm = 20
const warehousesTried = 24

/** A place so far from all roads of the trip: farther on along them is not off the way. */
function warehouseOff(steps: readonly Step[], middle: Point, random: Random): Point {
  const roads = steps.filter(({ kind }) => kind === 'road').map(({ route }) => route)
  const fromRoads = (spot: Point): number =>
    Math.min(...roads.map((route) => nearestKm(route, spot)))
  let best = { spot: middle, km: 0 }
  for (let n = 0; n < warehousesTried && best.km < offWayKm; n++) {
    const spot = pointBeside(middle, random.between(0, 360), random.between(25, 90))
    const km = fromRoads(spot)
    if (km > best.km) best = { spot, km }
  }
  return best.spot
}

/** To points of the route that are a kilometre or two from each other. */
function nearestKm(route: Step['route'], spot: Point): number {
  const parts = Math.max(1, Math.round(route.km / 2))
  let least = Infinity
  for (let n = 0; n <= parts; n++)
    least = Math.min(least, distanceKm(pointAt(route, n / parts), spot))
  return least
}

/**
 * To a warehouse 25 to 90 km off the way, where cases of some pallets are unloaded without a word;
 * then on, late. Most of these cases are sold in another market. Half of the receivers know of it.
 */
export const diversion: Plot = {
  fits: onRoad,
  bend(steps, random) {
    const n = longestRoad(steps)
    const step = steps[n]!
    const leaves = random.between(0.15, 0.7)
    const comes = leaves + random.between(0.02, 0.15)
    const middle = pointAt(step.route, (leaves + comes) / 2)
    const warehouse = warehouseOff(steps, middle, random)
    const spot = { ...step.from, ...warehouse, sgln: '' }
    const [off, on] = [spotAt(step, leaves), spotAt(step, comes)]
    const by = (a: Step['from'], b: Step['from']): Step => {
      const route = createRoute([a, b])
      return { kind: 'road', from: a, to: b, route, hours: (route.km * 1.25) / 60 + 0.1 }
    }
    const rest = partOf(step.route, comes, 1)
    return [
      ...steps.slice(0, n),
      { ...step, to: off, route: partOf(step.route, 0, leaves), hours: step.hours * leaves },
      by(off, spot),
      {
        ...{ kind: 'halt', from: spot, to: spot, route: createRoute([warehouse]) },
        ...{ hours: random.between(1.2, 4), tag: 'diversion' },
      },
      by(spot, on),
      { ...step, from: on, route: rest, hours: step.hours * (1 - comes) },
      ...steps.slice(n + 1),
    ]
  },
  commit(scene) {
    const { trip, random } = scene
    const halt = segmentTagged(trip, 'diversion')
    const from = halt.from + random.between(8, 25) * minuteMs
    const opened = { from, to: from + random.between(20, 40) * minuteMs }
    trip.openings.push(opened)
    const where = abroad(trip, random)
    const diverted: { pallet: Pallet; cases: number[] }[] = []
    const share = random.between(0.34, 0.7)
    let provenAt = trip.unmountedAt + hourMs
    for (const pallet of someOf(trip.pallets, 0.5, random)) {
      disturb(pallet.story, opened, Math.round(random.between(100, 400)))
      const cases = someCases(pallet, share, random)
      take(pallet, cases, opened.from)
      pallet.collusive = random.chance(0.5)
      diverted.push({ pallet, cases })
      const seenAt = surface(pallet, penOf(scene, pallet), {
        ...{ cases: cases.map((n) => pallet.goods.cases[n]!), share: 0.25, where, countMin: 6 },
        ...{ from: opened.to + random.between(24, 48) * hourMs, forMs: 48 * hourMs },
      })
      provenAt = Math.max(provenAt, seenAt)
    }
    record(scene, {
      ...{ incident: 'diversion', ...opened, where: halt.fromPlace },
      pallets: diverted.map(({ pallet }) => pallet),
      signals: ['route-corridor', 'unscheduled-stop', 'dwell', 'delay', 'light', 'market'],
      serials: () =>
        diverted.flatMap(({ pallet, cases }) => unitsOf(cases.map((n) => pallet.goods.cases[n]!))),
      provenAt,
    })
  },
}

const longestRoad = (steps: readonly Step[]): number =>
  steps.reduce(
    (best, { kind, hours }, n) =>
      kind === 'road' && (steps[best]!.kind !== 'road' || hours > steps[best]!.hours) ? n : best,
    0,
  )

/** Four to nine hours on the hard shoulder, with the doors shut: nobody's fault. */
export const breakdown: Plot = {
  fits: onRoad,
  bend: (steps, random) =>
    halted(steps, {
      ...{ share: lonelyShare(steps, random), hours: random.between(4, 9), tag: 'breakdown' },
    }),
  commit(scene) {
    const { trip } = scene
    const { from, to, fromPlace: where } = segmentTagged(trip, 'breakdown')
    record(scene, {
      ...{ incident: 'breakdown', from, to, where, pallets: trip.pallets, serials: () => [] },
      ...{ signals: ['unscheduled-stop', 'dwell', 'delay'], provenAt: trip.arrivedAt },
    })
  },
}

/** Goods go out of the plant, or come in, and nobody writes it down. */
export const unrecorded: Plot = {
  commit(scene) {
    const { trip, random } = scene
    const pallet = random.pick(trip.pallets)
    const what = random.pick(['shipping', 'receiving'] as const)
    pallet.unrecorded.add(what)
    const first = trip.segments[0]!
    const last = trip.segments[trip.segments.length - 1]!
    const at = what === 'shipping' ? first.to : trip.arrivedAt
    record(scene, {
      ...{
        incident: 'unrecorded',
        from: at,
        to: at,
        where: (at === first.to ? first : last).fromPlace,
      },
      ...{ pallets: [pallet], serials: () => unitsOf(pallet.goods.cases), signals: ['chain-gap'] },
      provenAt: trip.unmountedAt + 24 * hourMs,
    })
  },
}
