// One consignment lived through: the vessel's temperature step by step, the logger's readings, the events of people
// with scanners, and the truth about breaches. Lazy: nothing is computed before it is asked for.
// Refuses to know servers and the wall clock.
import type { Breach, Fault, FaultKind, Truth, WireReading, WorldAction } from './actions.ts'
import { thermalFaults } from './actions.ts'
import type { Agenda } from './agenda.ts'
import { type Consignment, hourMs, minuteMs } from './consignment.ts'
import {
  associated,
  commissioned,
  type EventJson,
  packed,
  received,
  shipped,
  unpacked,
} from './events.ts'
import { ambientC, positionAt, segmentAt } from './lanes.ts'
import type { Random } from './random.ts'
import { createReefer, createShipper, packSets, type Surroundings, type Vessel } from './vessels.ts'

/** A logger with its small errors. `biasC` stays for its life. */
export interface Device {
  id: string
  giai: string
  name: string
  biasC: number
  noiseC: number
  /** Where in the logging interval it measures, ms. */
  phaseMs: number
  /** Readings it collects before it sends. */
  reportEvery: number
}

export interface JourneyTools {
  random: Random
  truth: Truth
  loggingIntervalMs: number
  /** What the device will still say; outlives the consignment. */
  outbox: Agenda<WorldAction>
  /** Number of the device's next reading. */
  sequence: { next: number }
}

/** Readings in one upload after an offline time. */
export const batchMax = 100
/** The physics is looked at for truth at least so often. */
const watchMs = minuteMs

/** Yields in order of `at`. What is later than the end stays in the outbox. */
export function* journey(
  consignment: Consignment,
  device: Device,
  tools: JourneyTools,
): Generator<WorldAction> {
  const { outbox, truth, loggingIntervalMs } = tools
  const { mountedAt, unmountedAt, container } = consignment
  for (const fault of consignment.faults)
    truth.faults.push({ ...fault, device: device.id, container })
  for (const capture of planCaptures(consignment, device, tools.random))
    outbox.push(capture.at, capture)
  const vessel = startVessel(consignment, tools.random)
  const surroundings = surroundingsOf(consignment)
  const watch = createWatch(consignment, device, truth)
  const logger = createLogger(consignment, device, tools)
  let reading = Math.ceil((mountedAt - device.phaseMs) / loggingIntervalMs) * loggingIntervalMs
  reading += device.phaseMs
  let time = mountedAt
  try {
    while (time < unmountedAt) {
      while (outbox.next() <= time) yield outbox.pop()
      vessel.liveTo(time, surroundings)
      watch.see(time, vessel.loggerC)
      if (time === reading) {
        logger.measure(time, vessel.loggerC, surroundings.doorOpen(time))
        reading += loggingIntervalMs
      }
      time = Math.min(reading, (Math.floor(time / watchMs) + 1) * watchMs, unmountedAt)
    }
    vessel.liveTo(unmountedAt, surroundings)
    watch.see(unmountedAt, vessel.loggerC)
    logger.send(unmountedAt)
    while (outbox.next() <= consignment.endAt) yield outbox.pop()
  } finally {
    // Also when the world ends on the way: a breach that still lasts is true so far.
    watch.close()
  }
}

function startVessel(consignment: Consignment, random: Random): Vessel {
  const { lane, product, mountedAt } = consignment
  const time = mountedAt - 10 * minuteMs
  if (lane.vessel === 'reefer')
    return createReefer({ time, setpointC: product.setpointC, cargoC: product.setpointC })
  const isIce = consignment.faults.some((fault) => fault.kind === 'freeze-packs')
  return createShipper({
    time,
    packs: isIce ? packSets.ice : packSets.pcm5,
    // Ice packs straight from the freezer instead of conditioned ones: the classic packing mistake.
    packC: isIce ? -20 : 5,
    payloadC: product.setpointC,
    wallC: product.setpointC + 5,
    liquidFraction: random.between(0.05, 0.15),
  })
}

function surroundingsOf(consignment: Consignment): Surroundings {
  const { segments, product, faults } = consignment
  const during = (kind: FaultKind, time: number): boolean =>
    faults.some((fault) => fault.kind === kind && isDuring(fault, time))
  const openings = consignment.lane.vessel === 'reefer' ? doorOpenings(consignment) : []
  return {
    ambientC: (time) => ambientC(segmentAt(segments, time), time, product.setpointC),
    doorOpen: (time) =>
      during('door-left-open', time) || openings.some((opening) => isDuring(opening, time)),
    failed: (time) => during('reefer-failure', time),
  }
}

/** Loading before departure, both ends of every dock, unloading on arrival. */
function doorOpenings(consignment: Consignment): { from: number; to: number }[] {
  const { segments } = consignment
  const openings: { from: number; to: number }[] = []
  const open = (from: number, minutes: number) =>
    openings.push({ from, to: from + minutes * minuteMs })
  open(segments[0]!.to - 10 * minuteMs, 10)
  for (const segment of segments)
    if (segment.kind === 'dock') {
      open(segment.from, 6)
      open(segment.to - 5 * minuteMs, 5)
    }
  open(segments[segments.length - 1]!.from, 10)
  return openings
}

const isDuring = (span: { from: number; to: number }, time: number): boolean =>
  time >= span.from && time < span.to

function planCaptures(consignment: Consignment, device: Device, random: Random): CaptureAction[] {
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
  capture([shipped(on(first.to, plant), pallet, deal)], first.to)
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

function createLogger(consignment: Consignment, device: Device, tools: JourneyTools) {
  const { outbox, sequence } = tools
  const dice = tools.random.fork('sensor')
  const faultAt = (kind: FaultKind, time: number): Fault | undefined =>
    consignment.faults.find((fault) => fault.kind === kind && isDuring(fault, time))
  const isReefer = consignment.lane.vessel === 'reefer'
  const batteryStart = dice.between(60, 100)
  let waiting: WireReading[] = []
  let measured = 0

  const send = (time: number): void => {
    for (let start = 0; start < waiting.length; start += batchMax) {
      const readings = waiting.slice(start, start + batchMax)
      const at = time + dice.below(1500) + (start / batchMax) * 1000
      outbox.push(at, { kind: 'readings', at, device: device.id, readings })
      const again = at + 7 * minuteMs
      if (faultAt('duplicate', time))
        outbox.push(again, { kind: 'readings', at: again, device: device.id, readings })
    }
    waiting = []
  }
  const measure = (time: number, trueC: number, doorOpen: boolean): void => {
    const noisyC = trueC + device.biasC + device.noiseC * dice.normal()
    const humidity = Math.round(55 + (doorOpen ? 15 : 0) + 2 * dice.normal())
    const count = measured++
    if (faultAt('silent', time)) return
    const reading: WireReading = {
      time,
      seq: sequence.next++,
      // Quantised as the sensor's chip does it: tenths, halves upwards.
      temperature: Math.round(noisyC * 10) / 10,
      humidity,
    }
    if (isReefer) reading.door = doorOpen ? 1 : 0
    else reading.light = isBeingOpened(consignment, time) ? 180 : 0
    if (count % 12 === 0) {
      const hours = (time - consignment.mountedAt) / hourMs
      reading.battery = Math.round((batteryStart - 0.3 * hours) * 10) / 10
    }
    if (count % 6 === 0) {
      const { lat, lon } = positionAt(segmentAt(consignment.segments, time), time)
      reading.lat = Math.round((lat + 2e-4 * dice.normal()) * 1e5) / 1e5
      reading.lon = Math.round((lon + 2e-4 * dice.normal()) * 1e5) / 1e5
      reading.accuracy = 5 + dice.below(30)
    }
    waiting.push(reading)
    if (waiting.length >= device.reportEvery && !faultAt('offline', time)) send(time)
  }
  return { measure, send }
}

const isBeingOpened = (consignment: Consignment, time: number): boolean =>
  consignment.cases.some(
    ({ takenOffAt }) => takenOffAt !== undefined && Math.abs(time - takenOffAt) < 5 * minuteMs,
  )

/** Finds the crossings of the range between two looks, by a straight line. */
function createWatch(consignment: Consignment, device: Device, truth: Truth) {
  const { min, max } = consignment.product.rangeC
  let open: Pick<Breach, 'side' | 'from' | 'peakC'> | undefined
  let seen: { time: number; temperatureC: number } | undefined

  const crossing = (time: number, temperatureC: number, limitC: number): number => {
    if (!seen || seen.temperatureC === temperatureC) return time
    const share = (limitC - seen.temperatureC) / (temperatureC - seen.temperatureC)
    return Math.round(seen.time + Math.min(1, Math.max(0, share)) * (time - seen.time))
  }
  const end = (to: number): void => {
    if (!open) return
    const breach = open
    open = undefined
    if (to <= breach.from) return
    const inside = consignment.cases.filter((each) => (each.takenOffAt ?? to) > breach.from)
    const cause = consignment.faults.find(
      (fault) => thermalFaults.some((kind) => kind === fault.kind) && fault.from <= breach.from,
    )
    truth.breaches.push({
      device: device.id,
      container: consignment.container,
      gtin: consignment.product.gtin,
      cause: (cause?.kind as Breach['cause'] | undefined) ?? 'none',
      ...breach,
      to,
      serials: inside.flatMap((each) => each.items),
      cases: inside.map((each) => each.epc),
    })
  }
  return {
    see(time: number, temperatureC: number): void {
      const side = temperatureC > max ? 'above' : temperatureC < min ? 'below' : undefined
      if (open && open.side !== side)
        end(crossing(time, temperatureC, open.side === 'above' ? max : min))
      if (side && !open) {
        const from = crossing(time, temperatureC, side === 'above' ? max : min)
        open = { side, from, peakC: temperatureC }
      }
      if (open) {
        const farther = open.side === 'above' ? Math.max : Math.min
        open.peakC = farther(open.peakC, temperatureC)
      }
      seen = { time, temperatureC }
    },
    close(): void {
      if (seen) end(seen.time)
    },
  }
}
