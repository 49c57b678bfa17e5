// From the receiver to the public: cases go to outlets, items are sold there on the days after, and
// some people look at what they bought with their phones: mostly once, some five times in ten
// minutes, some on holiday, some with a phone whose clock is off. Refuses to know crimes: those who
// sell elsewhere use `scanAt`.
import type { ScansBody } from './actions.ts'
import type { Pen } from './acts.ts'
import { hourMs, minuteMs } from './consignment.ts'
import { dispensed, received, returned, shipped, unpacked } from './events.ts'
import type { Case } from './load.ts'
import type { Place } from './places.ts'
import type { Random } from './random.ts'
import { geohashOf, pointBeside } from './route.ts'
import type { Pallet } from './trip.ts'

const dayMs = 24 * hourMs
/** Days after arrival on which an outlet sells. */
const saleDays = 4
const chances = { sold: 0.8, scanned: 0.1, again: 0.03, abroad: 0.012, returned: 0.003 }
const clockOff = 0.01
const uploadedTwice = 0.01
/** Where people go on holiday with what they bought. */
const holidays = ['FR', 'IT', 'GB', 'TR', 'TH', 'MX', 'GR'] as const

export interface Sale {
  from: number
  goal: Place
  /** With the items, by index, that are not sold like the others. */
  left: readonly Stock[]
}

export interface Stock {
  one: Case
  reserved?: ReadonlySet<number> | undefined
}

/** Every case of a pallet to its outlet, and what becomes of it there. */
export function sellAll(pallet: Pallet, pen: Pen, { from, goal, left }: Sale): void {
  const random = pen.random.fork('retail')
  const byOutlet = new Map<Place, Stock[]>()
  for (const each of left) {
    const outlet = random.pick(pallet.outlets)
    byOutlet.set(outlet, [...(byOutlet.get(outlet) ?? []), each])
  }
  for (const [outlet, stocks] of byOutlet) {
    const cases = stocks.map(({ one }) => one)
    const leaves = from + random.between(0.5, 4) * hourMs
    const comes = leaves + random.between(2, 14) * hourMs
    deliver(pen, { goal, outlet, cases, leaves, comes })
    pen.later(comes, () => {
      for (const stock of stocks)
        sellCase(pallet, pen, { stock, outlet, from: comes + hourMs, random })
    })
  }
}

interface Delivery {
  goal: Place
  outlet: Place
  cases: readonly Case[]
  leaves: number
  comes: number
}

function deliver(pen: Pen, { goal, outlet, cases, leaves, comes }: Delivery): void {
  const note = `urn:epcglobal:cbv:bt:${goal.sgln.split('/').pop()}:DA${Math.round(leaves / 1000)}`
  const deal = { from: goal.sgln, to: outlet.sgln, despatchAdvice: note }
  const epcs = () => cases.map(({ epc }) => epc)
  pen.capture(leaves, (on) => [shipped(on(leaves, goal), epcs(), deal)])
  pen.capture(comes, (on) => [received(on(comes, outlet), epcs())])
  const opened = comes + 20 * minuteMs
  pen.capture(opened, (on) => epcs().map((epc) => unpacked(on(opened, outlet), epc)))
}

function sellCase(
  pallet: Pallet,
  pen: Pen,
  { stock, outlet, from, random }: { stock: Stock; outlet: Place; from: number; random: Random },
): void {
  const { one, reserved } = stock
  const count = one.itemCount
  const first = Math.floor(from / dayMs) * dayMs
  const openAt = (day: number): number => first + (day + 1) * dayMs + (9 - outlet.lon / 15) * hourMs
  const days = Array.from({ length: saleDays }, () => [] as number[])
  const back: number[] = []
  for (let item = 0; item < count; item++) {
    if (reserved?.has(item) || !random.chance(chances.sold)) continue
    const day = random.below(saleDays)
    const soldAt = openAt(day) + random.between(0, 9) * hourMs
    days[day]!.push(item)
    if (random.chance(chances.scanned))
      look(pallet, pen, { epc: () => one.item(item), outlet, soldAt, random })
    else if (random.chance(chances.returned)) back.push(item)
  }
  for (const [day, items] of days.entries()) {
    if (items.length === 0) continue
    // Tills report at the end of the day, with the time of the first sale.
    const at = openAt(day) + 10 * minuteMs
    const epcs = () => items.map((item) => one.item(item))
    pen.capture(at, (on) => [dispensed(on(at, outlet), epcs())], 9.5 * hourMs)
  }
  if (back.length === 0) return
  const at = openAt(saleDays) + random.between(1, 60) * hourMs
  const epcs = () => back.map((item) => one.item(item))
  pen.capture(at, (on) => [returned(on(at, outlet), epcs(), rmaOf(outlet, at))])
}

export const rmaOf = (outlet: Place, at: number): string =>
  `urn:epcglobal:cbv:bt:${outlet.sgln.split('/').pop()}:RMA${Math.round(at / 1000)}`

interface Look {
  epc: () => string
  outlet: Place
  soldAt: number
  random: Random
}

/** Somebody looks at what they bought. */
function look(pallet: Pallet, pen: Pen, { epc, outlet, soldAt, random }: Look): void {
  const at = soldAt + random.between(0.2, 30) * hourMs
  const again = random.chance(chances.again)
  const abroad = random.chance(chances.abroad)
  const times = again ? 5 : 1 + (random.chance(0.1) ? 1 : 0)
  // On holiday: two days later at the earliest, which is time enough for any flight.
  const when = abroad ? at + random.between(2, 6) * dayMs : at
  scanAt(pallet, pen, {
    ...{ epcs: () => [epc()], at: when, random, times, everyMs: 2 * minuteMs },
    place: abroad ? random.pick(holidays) : placeOf(outlet, random),
  })
  if (again || abroad)
    pen.note(when, (truth) =>
      truth.oddities.push({
        ...{ oddity: again ? 'same-shopper-five-times' : 'on-holiday', from: Math.round(when) },
        ...{
          to: Math.round(when + 10 * minuteMs),
          serials: [epc()],
          container: pallet.goods.container,
        },
      }),
    )
}

export interface ScanOptions {
  epcs: () => readonly string[]
  at: number
  place: string
  random: Random
  /** Each unit so often. Default 1. */
  times?: number
  everyMs?: number
  /** What stands on the label when it is not what was registered. */
  label?: { lot: string; expiry: string }
}

/** One person, one session: every unit is looked at. */
export function scanAt(pallet: Pallet, pen: Pen, options: ScanOptions): void {
  const { epcs, at, place, random, times = 1, everyMs = minuteMs } = options
  const offMs = random.chance(clockOff) ? -Math.round(random.between(20, 28)) * hourMs : 0
  const session = `phone-${random.uint32().toString(36)}`
  const said = Math.round(at + (times - 1) * everyMs + random.between(1000, 20_000))
  const { lot, expiry } = options.label ?? pallet.goods
  const draw = (): ScansBody => {
    const scans = epcs().flatMap((epc) =>
      Array.from({ length: times }, (_, n) => ({
        text: labelOf(epc, { lot, expiry }),
        time: new Date(Math.round(at + n * everyMs + offMs)).toISOString(),
      })),
    )
    return { session, place, device: 'phone', capturedBy: 'camera', scans }
  }
  pen.scan(said, draw)
  if (random.chance(uploadedTwice)) pen.scan(said + 4000, draw)
}

/** The Digital Link on the pack: GTIN, lot and serial, and the expiry as an attribute. */
const labelOf = (epc: string, { lot, expiry }: { lot: string; expiry: string }): string =>
  `${epc.replace('/21/', `/10/${lot}/21/`)}?17=${expiry.replaceAll('-', '').slice(2)}`

/** As a phone tells it: its country, or some 20 km. */
export function placeOf(where: Place, random: Random): string {
  if (random.chance(0.4)) return where.country
  return geohashOf(pointBeside(where, random.between(0, 360), random.between(0, 6)), 4)
}
