// Vehicles lived through: temperatures step by step, what the loggers in them say, and the truth
// about breaches. Lazy: nothing is computed before it is asked for. Refuses to know how the way
// came about, servers and the wall clock.
import type { FaultKind, Outbox, WorldAction } from './actions.ts'
import { type Consignment, isDuring, minuteMs } from './consignment.ts'
import { ambientC, segmentAt } from './lanes.ts'
import type { Device, Logger } from './logger.ts'
import type { Random } from './random.ts'
import { createReefer, createShipper, packSets, type Surroundings, type Vessel } from './vessels.ts'
import type { Watch } from './watch.ts'

/** A consignment in its vessel, with its logger. */
export interface Rider {
  device: Device
  logger: Logger
  watch: Watch
  vessel: Vessel
  /** K that its place in the vehicle is warmer for each K of the air outside. Default 0. */
  lean?: number
  /** Where the logger is when it is not with the goods: its temperature, by the true time. */
  apartC?: (time: number) => number | undefined
}

export interface RideOptions {
  from: number
  to: number
  surroundings: Surroundings
  outbox: Outbox
  loggingIntervalMs: number
  /** The physics is looked at for truth at least so often. */
  watchMs: number
}

/** Yields in order of `at`; what is later than `to` stays in the outbox. */
export function* ride(riders: readonly Rider[], options: RideOptions): Generator<WorldAction> {
  const { from, to, surroundings, outbox, loggingIntervalMs, watchMs } = options
  const due = riders.map(({ device: { phaseMs } }) => {
    const first = Math.ceil((from - phaseMs) / loggingIntervalMs) * loggingIntervalMs
    return first + phaseMs
  })
  const look = (rider: Rider, time: number): number => {
    const { vessel, watch, lean = 0 } = rider
    vessel.liveTo(time, surroundings)
    const goodsC = vessel.loggerC + lean * (surroundings.ambientC(time) - vessel.loggerC)
    watch.see(time, goodsC)
    return rider.apartC?.(time) ?? goodsC
  }
  let time = from
  try {
    while (time < to) {
      if (outbox.next() <= time) yield* sayUntil(outbox, time)
      for (let n = 0; n < riders.length; n++) {
        const rider = riders[n]!
        const loggerC = look(rider, time)
        if (time !== due[n]) continue
        rider.logger.measure(time, loggerC, surroundings.doorOpen(time))
        due[n]! += loggingIntervalMs
      }
      time = Math.min(...due, (Math.floor(time / watchMs) + 1) * watchMs, to)
    }
    for (const rider of riders) {
      look(rider, to)
      rider.logger.send(to)
    }
  } finally {
    // Also when the world ends on the way: a breach that still lasts is true so far.
    for (const { watch } of riders) watch.close()
  }
}

/** What is to be said up to a time, inclusive. */
export function* sayUntil(outbox: Outbox, time: number): Generator<WorldAction> {
  while (outbox.next() <= time) {
    const action = outbox.pop()()
    if (action) yield action
  }
}

/** Packs melt slowly: a shipper needs to be looked at less often than a machine. */
const shipperTicks = 5

/** Begins ten minutes before the logger is mounted. */
export function startVessel(
  consignment: Pick<Consignment, 'lane' | 'product' | 'mountedAt' | 'faults'>,
  random: Random,
  tickMs?: number,
): Vessel {
  const { lane, product, mountedAt } = consignment
  const time = mountedAt - 10 * minuteMs
  const { setpointC } = product
  if (lane.vessel === 'reefer')
    return createReefer({ time, setpointC, cargoC: setpointC, ...(tickMs && { tickMs }) })
  const isIce = consignment.faults.some((fault) => fault.kind === 'freeze-packs')
  return createShipper({
    time,
    packs: isIce ? packSets.ice : packSets.pcm5,
    ...(tickMs && { tickMs: shipperTicks * tickMs }),
    // Ice packs straight from the freezer instead of conditioned ones: the classic packing mistake.
    packC: isIce ? -20 : 5,
    payloadC: setpointC,
    wallC: setpointC + 5,
    liquidFraction: random.between(0.05, 0.15),
  })
}

/** `openings`: of the door, besides those of docks and ends. `seed`: of the weather. */
export function surroundingsOf(
  consignment: Pick<Consignment, 'lane' | 'segments' | 'product' | 'faults'>,
  more: { openings?: readonly { from: number; to: number }[]; seed?: number } = {},
): Surroundings {
  const { segments, product, faults } = consignment
  const during = (kind: FaultKind, time: number): boolean =>
    faults.some((fault) => fault.kind === kind && isDuring(fault, time))
  const openings =
    consignment.lane.vessel === 'reefer'
      ? [...doorOpenings(consignment), ...(more.openings ?? [])]
      : []
  const { seed } = more
  const air = { storeC: product.setpointC, ...(seed !== undefined && { seed }) }
  const exactC = (time: number): number => ambientC(segmentAt(segments, time), time, air)
  return {
    ambientC: seed === undefined ? exactC : betweenKnots(exactC),
    doorOpen: (time) =>
      during('door-left-open', time) || openings.some((opening) => isDuring(opening, time)),
    failed: (time) => during('reefer-failure', time),
  }
}

const knotMs = 10 * minuteMs

/** Straight from one knot of time to the next: weather costs much, and several vessels ask. */
function betweenKnots(exact: (time: number) => number): (time: number) => number {
  const slots = 8
  const known = new Float64Array(slots)
  const keys = new Float64Array(slots).fill(Number.NaN)
  const at = (knot: number): number => {
    const slot = knot % slots
    if (keys[slot] !== knot) {
      keys[slot] = knot
      known[slot] = exact(knot * knotMs)
    }
    return known[slot]!
  }
  return (time) => {
    const knot = Math.floor(time / knotMs)
    const from = at(knot)
    return from + (time / knotMs - knot) * (at(knot + 1) - from)
  }
}

/** Loading before departure, both ends of every dock, unloading on arrival. */
function doorOpenings(consignment: Pick<Consignment, 'segments'>): { from: number; to: number }[] {
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
