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
import { createRoute, distanceKm, pointAt, pointBeside } from './route.ts'
import { halted, type Pallet, rests } from './trip.ts'

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
      signals: ['unscheduled-stop', 'light', 'chain-gap'],
      serials: () =>
        stolen.flatMap(({ pallet, cases }) => unitsOf(cases.map((n) => pallet.goods.cases[n]!))),
      provenAt,
    })
  },
}
