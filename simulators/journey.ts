// One consignment lived through with its logger: readings, the events of people with scanners, and
// the truth about breaches. Refuses to know servers and the wall clock.
import type { Truth, WorldAction } from './actions.ts'
import { type Consignment, minuteMs } from './consignment.ts'
import { createLogger, type Device, type LoggerTools, type Span } from './logger.ts'
import { ride, sayUntil, startVessel, surroundingsOf } from './ride.ts'
import { planCaptures } from './scans.ts'
import { planOf } from './trip.ts'
import { createWatch } from './watch.ts'

export interface JourneyTools extends LoggerTools {
  truth: Truth
  loggingIntervalMs: number
  /** The carrier's plan is told. */
  planned?: boolean
}

/** Yields in order of `at`. What is later than the end stays in the outbox. */
export function* journey(
  consignment: Consignment,
  device: Device,
  tools: JourneyTools,
): Generator<WorldAction> {
  const { outbox, truth, loggingIntervalMs } = tools
  const { startAt, mountedAt, unmountedAt, container, segments, faults } = consignment
  for (const fault of faults) truth.faults.push({ ...fault, device: device.id, container })
  for (const capture of planCaptures(consignment, device, tools.random))
    outbox.push(capture.at, () => capture)
  if (tools.planned) outbox.push(startAt + minuteMs, () => plannedWay(consignment))
  const hasDoor = consignment.lane.vessel === 'reefer'
  const lit = hasDoor ? [] : openingsOf(consignment)
  const story = { mountedAt, segments, faults, hasDoor, lit, fixEvery: 6 }
  const rider = {
    device,
    logger: createLogger(story, device, tools),
    watch: createWatch(consignment, device, truth),
    vessel: startVessel(consignment, tools.random),
  }
  yield* ride([rider], {
    ...{ from: mountedAt, to: unmountedAt, outbox, loggingIntervalMs, watchMs: minuteMs },
    surroundings: surroundingsOf(consignment),
  })
  yield* sayUntil(outbox, consignment.endAt)
}

const plannedWay = ({ lane, startAt, pallet: container }: Consignment): WorldAction => ({
  ...{ kind: 'plan', at: startAt + minuteMs, container, body: planOf(lane, startAt).plan },
})

const openingsOf = (consignment: Consignment): (Span & { lux: number })[] =>
  consignment.cases.flatMap(({ takenOffAt: at }) =>
    at === undefined ? [] : [{ from: at - 5 * minuteMs + 1, to: at + 5 * minuteMs, lux: 180 }],
  )
