// One consignment before it starts: which goods in which containers, on which way, with which
// faults. Everything is settled here, so that living through it draws only sensor noise. Refuses to
// simulate: journey.ts does.
import type { Fault, FaultKind } from './actions.ts'
import { grai, sscc } from './keys.ts'
import { type Lane, type LaneName, lanes, type Segment, type Step } from './lanes.ts'
import { base36, type Case, drawLot, fill, type Identity, type Load } from './load.ts'
import { type Product, products } from './products.ts'
import type { Random } from './random.ts'

export const hourMs = 3_600_000
export const minuteMs = 60_000

export const isDuring = (span: { from: number; to: number }, time: number): boolean =>
  time >= span.from && time < span.to

/** What is chosen about a consignment; times count from `startAt`. */
export interface Choice {
  lane: LaneName
  product: Product
  startAt: number
  /** tarmac: the last tarmac step takes so much longer, whatever `afterHours` says. */
  faults: readonly { kind: FaultKind; afterHours: number; forHours: number }[]
  takeOff?: { afterHours: number; cases: number }
}

export interface Consignment {
  lane: Lane
  product: Product
  lot: string
  expiry: string
  /** SSCC of the outermost unit. */
  pallet: string
  /**
   * What the logger is mounted on and what the cases are in: the pallet, or a shipper (GRAI) on it.
   */
  container: string
  cases: readonly Case[]
  segments: readonly Segment[]
  faults: readonly Fault[]
  startAt: number
  mountedAt: number
  unmountedAt: number
  endAt: number
}

/** Lanes of a day at most. */
export const dayLanes: readonly LaneName[] = ['rhone', 'strait', 'gulf']

/** Faults and way by chance. `faultChance`: of a thermal one, and again of a telemetry one. */
export function drawChoice(random: Random, startAt: number, faultChance: number): Choice {
  const lane = random.pick(dayLanes)
  const isShipper = lanes[lane].vessel === 'shipper'
  const product = random.pick(products.filter((each) => each.shippable || !isShipper))
  const faults: Choice['faults'][number][] = []
  const add = (kinds: readonly FaultKind[], forHours: number): void => {
    faults.push({ kind: random.pick(kinds), afterHours: random.between(1.5, 7), forHours })
  }
  if (random.chance(faultChance))
    if (isShipper) add(['tarmac', 'freeze-packs'], random.between(6, 14))
    else add(['reefer-failure', 'door-left-open'], random.between(1, 5))
  if (random.chance(faultChance))
    add(['silent', 'offline', 'duplicate', 'late-capture'], random.between(1, 4))
  const takeOff = { afterHours: random.between(2, 8), cases: 1 + random.below(2) }
  return { lane, product, startAt, faults, ...(random.chance(0.5) && { takeOff }) }
}

export function settle(
  choice: Choice,
  identity: Identity,
  chance: { random: Random; load: Load },
): Consignment {
  const { random, load } = chance
  const lane: Lane = lanes[choice.lane]
  const tarmac = choice.faults.find((fault) => fault.kind === 'tarmac')
  const segments = layOut(lane, choice.startAt, { random, tarmacHours: tarmac?.forHours ?? 0 })
  const mountedAt = choice.startAt + 30 * minuteMs
  const last = segments[segments.length - 1]!
  const unmountedAt = last.from + 30 * minuteMs
  const takeOff = choice.takeOff
  const cases = fill(choice.product, identity, chance)
  if (takeOff) {
    const at = choice.startAt + Math.round(takeOff.afterHours * hourMs)
    const inTime = Math.min(Math.max(at, segments[0]!.to), last.from - 1)
    for (const taken of cases.slice(0, Math.min(takeOff.cases, load.cases)))
      taken.takenOffAt = inTime
  }
  const { run } = identity
  return {
    lane,
    product: choice.product,
    ...drawLot(choice.product, { run, startAt: choice.startAt }, random),
    ...containersOf(identity, lane),
    cases,
    segments,
    faults: choice.faults.map((fault) =>
      faultOf(fault, { startAt: choice.startAt, segments, mountedAt, unmountedAt }),
    ),
    startAt: choice.startAt,
    mountedAt,
    unmountedAt,
    endAt: last.to,
  }
}

/** The pallet, and what the logger is mounted on. Shippers come back: a device keeps its own. */
export function containersOf(
  { run, device, consignment }: Identity,
  lane: Pick<Lane, 'vessel'>,
): { pallet: string; container: string } {
  const pallet = sscc(Math.floor(run / 100), (run % 100) * 1e7 + consignment * 1e4 + device)
  const shipper = grai(301, `S${base36(run, 2)}${base36(device, 3)}`)
  return { pallet, container: lane.vessel === 'shipper' ? shipper : pallet }
}

/** Only what can still matter: within the time the logger is mounted. */
function faultOf(
  fault: Choice['faults'][number],
  way: { startAt: number; segments: readonly Segment[]; mountedAt: number; unmountedAt: number },
): Fault {
  if (fault.kind === 'freeze-packs')
    return { kind: fault.kind, from: way.mountedAt, to: way.unmountedAt }
  const tarmac = way.segments.findLast((segment) => segment.kind === 'tarmac')
  if (fault.kind === 'tarmac' && tarmac)
    return { kind: fault.kind, from: tarmac.from, to: tarmac.to }
  const from = way.startAt + Math.round(fault.afterHours * hourMs)
  const within = (time: number) => Math.min(Math.max(time, way.mountedAt), way.unmountedAt)
  const to = from + Math.round(fault.forHours * hourMs)
  return { kind: fault.kind, from: within(from), to: within(to) }
}

/** Steps with their hours, stretched by chance. */
function layOut(
  lane: Lane,
  startAt: number,
  chance: { random: Random; tarmacHours: number },
): Segment[] {
  const lastTarmac = lane.steps.findLastIndex((step) => step.kind === 'tarmac')
  const steps = lane.steps.map((step, index) => {
    // The first step is not stretched: packing and mounting fill it.
    const stretch = index === 0 ? 1 : chance.random.between(0.95, 1.15)
    const extra = index === lastTarmac ? chance.tarmacHours : 0
    const { kind, from, to, hours, route } = step
    return { kind, from, to, route, hours: hours * stretch + extra }
  })
  return timed(steps, startAt)
}

/** One step after the other, in whole minutes. */
export function timed(steps: readonly Step[], startAt: number): Segment[] {
  let time = startAt
  return steps.map(({ hours, from, to, ...step }) => {
    const since = time
    time += Math.round(hours * 60) * minuteMs
    return { ...step, from: since, to: time, fromPlace: from, toPlace: to }
  })
}
