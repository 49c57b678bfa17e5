// Incidents of papers and of the public: resale into another market, copies of labels, guessing of
// serials, returns of what was not sold, sale of what is destroyed, labels with wrong facts.
// Refuses to touch vehicles and loggers.
import type { Signal } from './actions.ts'
import { hourMs, minuteMs } from './consignment.ts'
import { destroyed, dispensed, returned } from './events.ts'
import {
  abroad,
  type Plot,
  penOf,
  record,
  type Scene,
  someCases,
  surface,
  unitsOf,
} from './incidents.ts'
import type { Case } from './load.ts'
import { outletsOf, type Place, places } from './places.ts'
import type { Random } from './random.ts'
import { placeOf, rmaOf, scanAt } from './retail.ts'
import { distanceKm, geohashOf } from './route.ts'
import type { Pallet } from './trip.ts'

/** An item with a story of its own: the outlets do not sell it like the others. */
interface Chosen {
  pallet: Pallet
  one: Case
  item: number
  epc: () => string
}

function choose({ trip, random }: Scene, count: number): Chosen[] {
  const pallet = random.pick(trip.pallets)
  return Array.from({ length: count }, () => {
    const n = random.below(pallet.goods.cases.length)
    const one = pallet.goods.cases[n]!
    const item = random.below(one.itemCount)
    const reserved = pallet.reserved.get(n) ?? new Set()
    pallet.reserved.set(n, reserved.add(item))
    return { pallet, one, item, epc: () => one.item(item) }
  })
}

const goalOf = ({ trip: { lane } }: Scene): Place => lane.steps[lane.steps.length - 1]!.to

interface Tale {
  incident: string
  signals: readonly Signal[]
  from: number
  to: number
}

function tell(scene: Scene, chosen: readonly Chosen[], tale: Tale): void {
  const { incident, signals, from, to } = tale
  record(scene, {
    ...{ incident, from, to, where: goalOf(scene), pallets: [chosen[0]!.pallet], signals },
    ...{
      serials: () => [...new Set(chosen.map(({ epc }) => epc()))],
      provenAt: to + 10 * minuteMs,
    },
  })
}

/** The receiver sells a third or more of a pallet into a country where the lot may not be sold. */
export const offMarket: Plot = {
  commit(scene) {
    const { trip, random } = scene
    const pallet = random.pick(trip.pallets)
    const where = abroad(trip, random)
    const cases = someCases(pallet, random.between(0.35, 1), random)
    for (const n of cases) pallet.resold.add(n)
    const listed = cases.map((n) => pallet.goods.cases[n]!)
    const from = trip.unmountedAt + random.between(20, 48) * hourMs
    const provenAt = surface(pallet, penOf(scene, pallet), {
      ...{ cases: listed, share: 0.25, where, countMin: 6, from, forMs: 72 * hourMs },
    })
    record(scene, {
      ...{
        incident: 'off-market',
        from: trip.unmountedAt + hourMs,
        to: provenAt,
        where: goalOf(scene),
      },
      ...{ pallets: [pallet], serials: () => unitsOf(listed), signals: ['market'], provenAt },
    })
  },
}

const towns: readonly Place[] = Object.values(places).filter(({ kind }) => kind === 'distributor')

/** Towns far from each other and from here, in turn. */
const spread = (here: Place, random: Random): Place[] => {
  const far = towns.filter((town) => distanceKm(town, here) > 1200)
  const from = random.below(far.length)
  return [...far.slice(from), ...far.slice(0, from)]
}

/** Copies of a label that was sold: many people in many countries, some of them within the hour. */
export const clone: Plot = {
  commit(scene) {
    const { trip, random } = scene
    const chosen = choose(scene, 1 + random.below(3))
    const from = trip.unmountedAt + random.between(30, 60) * hourMs
    let to = from
    for (const { pallet, epc } of chosen) {
      const pen = penOf(scene, pallet)
      const where = spread(goalOf(scene), random)
      const copies = 6 + random.below(20)
      for (let n = 0; n < copies; n++) {
        // The second follows the first within the hour, in another part of the world.
        const at =
          n < 2 ? from + n * random.between(10, 45) * minuteMs : from + random.unit() * 60 * hourMs
        const outlet = random.pick(outletsOf(where[n % Math.min(where.length, 4)]!))
        const place = n < 2 ? geohashOf(outlet, 4) : placeOf(outlet, random)
        scanAt(pallet, pen, { epcs: () => [epc()], at, place, random })
        to = Math.max(to, at)
      }
    }
    const signals = ['duplicate-scan', 'impossible-travel', 'market'] as const
    tell(scene, chosen, { incident: 'clone', signals, from, to })
  },
}

/**
 * Copies of labels that are still in a closed container on its way: whoever is scanned far off
 * cannot be the one that the logger, dark and cold, is with.
 */
export const cloneOnTheWay: Plot = {
  fits: ({ steps }) => steps.reduce((sum, { hours }) => sum + hours, 0) > 8,
  commit(scene) {
    const { trip, random } = scene
    const pallet = random.pick(trip.pallets)
    const leaves = trip.segments[0]!.to
    const chosen = choose({ ...scene, trip: { ...trip, pallets: [pallet] } }, 2 + random.below(4))
    // Not in the first and last hour: times of scans are to the minute, and phones are not exact.
    const span = { from: leaves + hourMs, to: trip.arrivedAt - hourMs }
    const way = trip.lane.steps
    const far = towns.filter((town) => way.every(({ from }) => distanceKm(from, town) > 900))
    let [first, last] = [span.to, span.from]
    for (const { epc } of chosen)
      for (let n = 2 + random.below(3); n > 0; n--) {
        const at = span.from + random.unit() * Math.min(span.to - span.from, 72 * hourMs)
        const place = geohashOf(random.pick(outletsOf(random.pick(far))), 4)
        scanAt(pallet, penOf(scene, pallet), { epcs: () => [epc()], at, place, random })
        first = Math.min(first, at)
        last = Math.max(last, at)
      }
    const signals = ['temperature-alibi', 'impossible-travel', 'market'] as const
    tell(scene, chosen, { incident: 'clone-on-the-way', signals, from: first, to: last })
  },
}

/** Somebody tries serials one after the other, from one session, to find some that exist. */
export const enumeration: Plot = {
  commit(scene) {
    const { trip, random } = scene
    const pallet = trip.pallets[0]!
    const pen = penOf(scene, pallet)
    const from = trip.startAt + random.between(2, 60) * hourMs
    const session = `phone-${random.uint32().toString(36)}`
    const place = abroad(trip, random).country
    const { gtin } = pallet.goods.product
    const parts = 3 + random.below(6)
    const known = pallet.goods.cases[0]!
    const tail = random.below(36 ** 3)
    for (let part = 0; part < parts; part++)
      pen.scan(from + part * 2 * minuteMs, () => {
        const stem = known.item(0).slice(0, -4)
        const scans = Array.from({ length: 20 }, (_, n) => {
          const guess = (tail + part * 20 + n).toString(36).toUpperCase().padStart(4, '0')
          const time = new Date(
            Math.round(from + part * 2 * minuteMs - (20 - n) * 4000),
          ).toISOString()
          return { text: `${stem}${guess}`, time }
        })
        return { session, place, device: 'phone', capturedBy: 'keyboard', scans }
      })
    record(scene, {
      ...{ incident: 'enumeration', from, to: from + parts * 2 * minuteMs, where: goalOf(scene) },
      ...{ pallets: [], serials: () => [`https://id.gs1.org/01/${gtin}`] },
      ...{ signals: ['unknown-serial', 'enumeration'], provenAt: from + parts * 2 * minuteMs },
    })
  },
}

/** What was never sold comes back for money, or what came back comes back again. */
export const returnFraud: Plot = {
  commit(scene) {
    const { trip, random } = scene
    const chosen = choose(scene, 2 + random.below(4))
    const { pallet } = chosen[0]!
    const pen = penOf(scene, pallet)
    const wasSold = random.chance(0.5)
    const [one, other] = [random.pick(pallet.outlets), random.pick(pallet.outlets)]
    const soldAt = trip.unmountedAt + random.between(40, 60) * hourMs
    const epcs = () => [...new Set(chosen.map(({ epc }) => epc()))]
    const firstAt = soldAt + random.between(20, 40) * hourMs
    const at = firstAt + random.between(10, 30) * hourMs
    if (wasSold) {
      pen.capture(soldAt, (on) => [dispensed(on(soldAt, one), epcs())])
      pen.capture(firstAt, (on) => [returned(on(firstAt, one), epcs(), rmaOf(one, firstAt))])
    }
    pen.capture(at, (on) => [returned(on(at, other), epcs(), rmaOf(other, at))])
    tell(scene, chosen, {
      incident: 'return-fraud',
      signals: ['return-fraud'],
      from: at,
      to: at + 6 * hourMs,
    })
  },
}

/** Destroyed on paper, and sold all the same. */
export const soldThoughDestroyed: Plot = {
  commit(scene) {
    const { trip, random } = scene
    const chosen = choose(scene, 2 + random.below(5))
    const { pallet } = chosen[0]!
    const pen = penOf(scene, pallet)
    const goal = goalOf(scene)
    const endedAt = trip.unmountedAt + random.between(3, 20) * hourMs
    const at = endedAt + random.between(20, 60) * hourMs
    const outlet = random.pick(pallet.outlets)
    const epcs = () => [...new Set(chosen.map(({ epc }) => epc()))]
    pen.capture(endedAt, (on) => [destroyed(on(endedAt, goal), epcs())])
    pen.capture(at, (on) => [dispensed(on(at, outlet), epcs())])
    const signals = ['status-conflict'] as const
    tell(scene, chosen, {
      incident: 'sold-though-destroyed',
      signals,
      from: at,
      to: at + 6 * hourMs,
    })
  },
}

/** Labels with a serial that exists and a later expiry than it has. */
export const relabelled: Plot = {
  commit(scene) {
    const { trip, random } = scene
    const chosen = choose(scene, 3 + random.below(6))
    const { pallet } = chosen[0]!
    const { lot, expiry } = pallet.goods
    const later = `${Number(expiry.slice(0, 4)) + 1}${expiry.slice(4)}`
    const label = random.chance(0.5) ? { lot, expiry: later } : { lot: `${lot}X`, expiry }
    const from = trip.unmountedAt + random.between(40, 70) * hourMs
    let to = from
    for (const { epc } of chosen) {
      const at = from + random.unit() * 40 * hourMs
      const place = placeOf(random.pick(pallet.outlets), random)
      scanAt(pallet, penOf(scene, pallet), { epcs: () => [epc()], at, place, random, label })
      to = Math.max(to, at)
    }
    const signals = ['attribute-mismatch'] as const
    tell(scene, chosen, { incident: 'relabelled', signals, from, to })
  },
}
