// One consignment lived through: the vessel's temperature step by step, the logger's readings, the
// events of people with scanners, and the truth about breaches. Lazy: nothing is computed before it
// is asked for. Refuses to know servers and the wall clock.
import type { FaultKind, Truth, WorldAction } from './actions.ts'
import { type Consignment, isDuring, minuteMs } from './consignment.ts'
import { ambientC, segmentAt } from './lanes.ts'
import { createLogger, type Device, type LoggerTools } from './logger.ts'
import type { Random } from './random.ts'
import { planCaptures } from './scans.ts'
import { createReefer, createShipper, packSets, type Surroundings, type Vessel } from './vessels.ts'
import { createWatch } from './watch.ts'

export interface JourneyTools extends LoggerTools {
  truth: Truth
  loggingIntervalMs: number
}

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
