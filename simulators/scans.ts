// What people with scanners write down about a consignment: commissioning, packing, mounting the
// logger, shipping, taking cases off on the way, receiving, unpacking. Refuses to look at
// temperatures.
import type { WorldAction } from './actions.ts'
import { type Consignment, hourMs, minuteMs } from './consignment.ts'
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
import { segmentAt } from './lanes.ts'
import type { Device } from './logger.ts'
import type { Random } from './random.ts'

/** All captures of a consignment; settled before it starts, in no order. */
export function planCaptures(
  consignment: Consignment,
  device: Device,
  random: Random,
): CaptureAction[] {
  const { segments, cases, container, pallet, startAt, lot, expiry } = consignment
  const first = segments[0]!
  const last = segments[segments.length - 1]!
  const dice = random.fork('events')
  const on = (time: number, place: string) => ({ time, place, random: dice })
  const captures: CaptureAction[] = []
  const capture = (events: EventJson[], time: number, lateMs = 0): void => {
    // A scanner's upload takes seconds, sometimes half a minute.
    const at = time + lateMs + 1000 + dice.below(30_000)
    captures.push({ kind: 'capture', at, device: device.id, events })
  }
  const plant = first.fromPlace.sgln
  const items = cases.flatMap((each) => each.items)
  const caseEpcs = cases.map((each) => each.epc)
  capture(
    [
      commissioned(on(startAt, plant), items, { lot, expiry }),
      // Not the shipper: it has travelled before.
      commissioned(on(startAt + minuteMs, plant), [...caseEpcs, pallet]),
    ],
    startAt + minuteMs,
  )
  const packing = startAt + 10 * minuteMs
  const packs = cases.map((each, i) => packed(on(packing + i * 1000, plant), each.epc, each.items))
  packs.push(packed(on(startAt + 20 * minuteMs, plant), container, caseEpcs))
  if (container !== pallet)
    packs.push(packed(on(startAt + 25 * minuteMs, plant), pallet, [container]))
  capture(packs, startAt + 25 * minuteMs)
  const link = { container, logger: device.giai }
  capture([associated(on(consignment.mountedAt, plant), 'ADD', link)], consignment.mountedAt)
  const deal = {
    from: plant,
    to: last.toPlace.sgln,
    despatchAdvice: `urn:epcglobal:cbv:bt:${plant.split('/').pop()}:DA${pallet.slice(-10)}`,
  }
  capture([shipped(on(first.to, plant), [pallet], deal)], first.to)
  for (const { from, to, fromPlace } of segments.filter(({ kind }) => kind === 'dock')) {
    const [came, left] = [from + 4 * minuteMs, to - 3 * minuteMs]
    capture([observed(on(came, fromPlace.sgln), 'arriving', [pallet])], came)
    capture([observed(on(left, fromPlace.sgln), 'departing', [pallet])], left)
  }
  captureTakeOff(consignment, on, capture)
  const goal = last.toPlace.sgln
  capture([received(on(last.from, goal), [pallet])], last.from)
  const unmounting = on(consignment.unmountedAt, goal)
  capture([associated(unmounting, 'DELETE', link)], consignment.unmountedAt)
  const emptied = consignment.unmountedAt + 15 * minuteMs
  const order = container === pallet ? [pallet] : [pallet, container]
  capture(
    order.map((parent) => unpacked(on(emptied, goal), parent)),
    emptied,
  )
  return captures
}

type CaptureAction = Extract<WorldAction, { kind: 'capture' }>

function captureTakeOff(
  consignment: Consignment,
  on: (time: number, place: string) => { time: number; place: string; random: Random },
  capture: (events: EventJson[], time: number, lateMs?: number) => void,
): void {
  const taken = consignment.cases.filter((each) => each.takenOffAt !== undefined)
  const time = taken[0]?.takenOffAt
  if (time === undefined) return
  const where = segmentAt(consignment.segments, time).toPlace.sgln
  const epcs = taken.map((each) => each.epc)
  const isLate = consignment.faults.some((fault) => fault.kind === 'late-capture')
  capture(
    [
      unpacked(on(time, where), consignment.container, epcs),
      received(on(time + minuteMs, where), epcs),
    ],
    time + minuteMs,
    isLate ? 3 * hourMs : 0,
  )
}
