// What people write down about a pallet of a trip and what becomes of its units afterwards:
// packing, shipping, hubs, receiving, outlets, sale, returns. Planned before the trip is lived
// through, written out when the time has come. Knows what is gone from the pallet; refuses to
// decide that something goes.
import type { Outbox, ScansBody, Truth, WorldAction } from './actions.ts'
import { hourMs, minuteMs } from './consignment.ts'
import {
  associated,
  commissioned,
  type EventJson,
  observed,
  packed,
  received,
  shipped,
  unpacked,
} from './events.ts'
import type { Place } from './places.ts'
import type { Random } from './random.ts'
import { sellAll } from './retail.ts'
import type { Pallet, Trip } from './trip.ts'

/** Who says things about one pallet, with its dice. */
export interface Pen {
  outbox: Outbox
  random: Random
  /** `lateMs`: the upload comes so much later. Events are drawn when they are said. */
  capture(
    time: number,
    draw: (on: (time: number, place: Place | string) => Occasion) => EventJson[],
    lateMs?: number,
  ): void
  scan(at: number, draw: () => ScansBody): void
  /** What is planned only when its time has come: plans take room. */
  later(at: number, plan: () => void): void
  /** What is true from then on. */
  note(at: number, write: (truth: Truth) => void): void
}

type Occasion = { time: number; place: string; random: Random }

export function createPen(
  device: string,
  { outbox, truth, endTime }: { outbox: Outbox; truth: Truth; endTime: number },
  random: Random,
): Pen {
  let count = 0
  const say = (at: number, make: (dice: Random) => WorldAction): void => {
    const number = count++
    outbox.push(at, () => make(random.fork(number)))
  }
  const dice = random.fork('delays')
  return {
    outbox,
    random,
    capture(time, draw, lateMs = 0) {
      // A scanner's upload takes seconds, sometimes half a minute; now and then it comes hours
      // late.
      const waitMs = dice.chance(0.02) ? dice.between(1, 5) * hourMs : 1000 + dice.below(30_000)
      const at = Math.round(time + lateMs + waitMs)
      say(at, (random) => {
        const on = (when: number, place: Place | string): Occasion => ({
          ...{ time: Math.round(when), random },
          place: typeof place === 'string' ? place : place.sgln,
        })
        return { kind: 'capture', at, device, events: draw(on) }
      })
    },
    scan: (at, draw) => outbox.push(at, () => ({ kind: 'scans', at, body: draw() })),
    later: (at, plan) =>
      outbox.push(at, () => {
        plan()
        return undefined
      }),
    note: (at, write) =>
      outbox.push(at, () => {
        if (at <= endTime) write(truth)
        return undefined
      }),
  }
}

/** All that is written down when everything is as it should, but for what is gone. */
export function planActs(trip: Trip, pallet: Pallet, pen: Pen): void {
  const { goods, device, unrecorded } = pallet
  const { container, startAt, mountedAt, unmountedAt } = goods
  const plant = trip.lane.steps[0]!.from
  const goal = trip.lane.steps[trip.lane.steps.length - 1]!.to
  planPacking(pallet, pen, plant)
  const link = { container, logger: device.giai }
  pen.capture(mountedAt, (on) => [associated(on(mountedAt, plant), 'ADD', link)])
  const leaves = trip.segments[0]!.to
  const outermost = goods.pallet
  const deal = {
    from: plant.sgln,
    to: goal.sgln,
    despatchAdvice: `urn:epcglobal:cbv:bt:${plant.sgln.split('/').pop()}:DA${outermost.slice(-10)}`,
  }
  if (!unrecorded.has('shipping'))
    pen.capture(leaves, (on) => [shipped(on(leaves, plant), [outermost], deal)])
  planHubs(trip, pallet, pen)
  planInspection(pallet, pen)
  const { arrivedAt } = trip
  if (!unrecorded.has('receiving'))
    pen.capture(arrivedAt, (on) => [received(on(arrivedAt, goal), [outermost])])
  pen.capture(unmountedAt, (on) => [associated(on(unmountedAt, goal), 'DELETE', link)])
  const emptied = unmountedAt + 15 * minuteMs
  const left = goods.cases.filter((_, n) => !pallet.gone.has(n))
  const someGone = left.length < goods.cases.length
  if (left.length > 0 || pallet.collusive)
    pen.capture(emptied, (on) => {
      // Who counts writes down what came out; who does not, that it is empty.
      const children = someGone && !pallet.collusive ? left.map(({ epc }) => epc) : undefined
      const events = [unpacked(on(emptied, goal), container, children)]
      if (container !== outermost) events.unshift(unpacked(on(emptied, goal), outermost))
      return events
    })
  const kept = goods.cases.flatMap((one, n) =>
    pallet.gone.has(n) || pallet.resold.has(n) ? [] : [{ one, reserved: pallet.reserved.get(n) }],
  )
  pen.later(emptied, () => sellAll(pallet, pen, { from: emptied + hourMs, goal, left: kept }))
  const { plan } = trip
  const at = startAt + minuteMs
  pen.outbox.push(at, () => ({ kind: 'plan', at, container: outermost, body: plan }))
}

function planPacking({ goods }: Pallet, pen: Pen, plant: Place): void {
  const { startAt, lot, expiry, cases, container, pallet } = goods
  pen.capture(startAt + minuteMs, (on) => {
    const items = cases.flatMap((each) => each.items)
    const caseEpcs = cases.map((each) => each.epc)
    return [
      commissioned(on(startAt, plant), items, { lot, expiry }),
      // Not the shipper: it has travelled before.
      commissioned(on(startAt + minuteMs, plant), [...caseEpcs, pallet]),
    ]
  })
  const packing = startAt + 10 * minuteMs
  pen.capture(startAt + 25 * minuteMs, (on) => {
    const events = cases.map(({ epc, items }, n) =>
      packed(on(packing + n * 1000, plant), epc, items),
    )
    const caseEpcs = cases.map((each) => each.epc)
    events.push(packed(on(startAt + 20 * minuteMs, plant), container, caseEpcs))
    if (container !== pallet)
      events.push(packed(on(startAt + 25 * minuteMs, plant), pallet, [container]))
    return events
  })
}

/** At each hub the pallet is scanned when it comes and when it goes. */
function planHubs(trip: Trip, { goods }: Pallet, pen: Pen): void {
  const inner = trip.segments.filter(({ kind }) => kind === 'dock')
  for (const { from, to, fromPlace } of inner) {
    const came = from + 4 * minuteMs
    const left = to - 3 * minuteMs
    const scanned = [goods.pallet]
    pen.capture(came, (on) => [observed(on(came, fromPlace.sgln), 'arriving', scanned)])
    pen.capture(left, (on) => [observed(on(left, fromPlace.sgln), 'departing', scanned)])
  }
}

function planInspection({ inspected, goods, gone, story, device }: Pallet, pen: Pen): void {
  if (!inspected || gone.has(inspected.case)) return
  const { from, to, place } = inspected
  const { container } = goods
  const children = () => [goods.cases[inspected.case]!.epc]
  story.lit.push({ from, to, lux: 220 })
  pen.capture(from + minuteMs, (on) => [
    observed(on(from, place), 'inspecting', [goods.pallet]),
    unpacked(on(from + minuteMs, place), container, children()),
  ])
  pen.capture(to, (on) => [packed(on(to, place), container, children())])
  pen.note(from, ({ oddities }) =>
    oddities.push({
      ...{ oddity: 'inspection', from, to, device: device.id, container, serials: children() },
    }),
  )
}
