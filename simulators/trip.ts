// A convoy's trip before it starts: the plan that the carrier was told, the way that it really
// takes with its rests and jams, and the pallets on board. Faults bend the steps before they get
// their times. Refuses to decide which fault.
import type { Fault, LotBody, PlanBody, PlannedLeg, WorldAction } from './actions.ts'
import { type Consignment, containersOf, hourMs, minuteMs, timed } from './consignment.ts'
import { sgln } from './keys.ts'
import { type Lane, type LaneName, type LaneStep, lanes, type Segment, type Step } from './lanes.ts'
import { drawLot, fill, type Load, lotOf } from './load.ts'
import type { Device, LoggerStory, Span } from './logger.ts'
import { outletsOf, type Place, placeBodyOf } from './places.ts'
import { type Product, products } from './products.ts'
import type { Random } from './random.ts'
import { partOf, pointAt } from './route.ts'

/**
 * A pallet of the trip, with its logger. What faults do to it is written here before it happens.
 */
export interface Pallet {
  device: Device
  goods: Consignment
  outlets: readonly Place[]
  /** K per K: how much warmer its place in the vehicle is. */
  lean: number
  story: LoggerStory & { knocks: Span[]; lit: (Span & { lux: number })[]; faults: Fault[] }
  /** The logger's temperature when it is not with the goods. */
  apartC?: (time: number) => number | undefined
  /** Case by index: not with the pallet from then on. `told`: an event said so. */
  gone: Map<number, { at: number; told: boolean }>
  /** Nothing of these is written down. */
  unrecorded: Set<'shipping' | 'receiving'>
  /** The receiver writes down that all has come, whatever came. */
  collusive: boolean
  /** Cases that the receiver sends elsewhere. */
  resold: Set<number>
  /** Items by case that have a story of their own and are not sold like the others. */
  reserved: Map<number, Set<number>>
  /** Customs open one case at a hub, and everybody writes it down. */
  inspected?: Span & { case: number; place: string }
  /** Ids of incidents that concern it. */
  incidents: string[]
}

export interface Trip {
  laneName: LaneName
  lane: Lane
  plan: PlanBody
  /** The carrier's arrival, epoch ms. */
  plannedEndAt: number
  segments: readonly Segment[]
  /** Of the vehicle's door, besides docks. */
  openings: Span[]
  startAt: number
  mountedAt: number
  /** At the receiver. */
  arrivedAt: number
  unmountedAt: number
  pallets: readonly Pallet[]
}

export interface TripOptions {
  laneName: LaneName
  startAt: number
  random: Random
  run: number
  /** Index among all devices, with the device: who is on board. */
  crew: readonly { index: number; device: Device }[]
  consignment: number
  load: Load
  /** Whose year the lots are of, epoch ms. */
  lotsSince: number
  /** What a fault does to the way. */
  bend?: (steps: Step[]) => Step[]
  faults?: readonly Fault[]
  /** Where a logger's troubles begin; drawn by the scenario. */
  telemetryChance: number
}

/**
 * Beyond it a fix is off the way: fixes from the mobile network and detours for fuel are within.
 */
const corridorM = 15_000
const corridorSeaM = 60_000

export function draftTrip(options: TripOptions): Trip {
  const { laneName, startAt, random } = options
  const lane: Lane = lanes[laneName]
  const drawn = lane.steps.flatMap((step, n) => drawStep(step, n === 0, random))
  const segments = timed(options.bend?.(drawn) ?? drawn, startAt)
  const last = segments[segments.length - 1]!
  const trip = {
    ...{ laneName, lane, segments, startAt, openings: [] },
    ...planOf(lane, startAt),
    mountedAt: startAt + 30 * minuteMs,
    arrivedAt: last.from,
    unmountedAt: last.from + 30 * minuteMs,
  }
  const product = random.pick(productsFor(lane))
  const pallets = options.crew.map((member) =>
    drawPallet({ ...options, ...trip, ...member, product }, last.to),
  )
  return { ...trip, pallets }
}

/**
 * A road leg may have a jam; a long one has the rest that drivers must take (EU 561/2006 Art. 7).
 */
function drawStep(step: LaneStep, isFirst: boolean, random: Random): Step[] {
  const { kind, from, to, route } = step
  const hours = step.hours * (isFirst ? 1 : random.between(0.97, 1.1))
  if (kind !== 'road') return [{ kind, from, to, route, hours }]
  let steps: Step[] = [{ kind, from, to, route, hours }]
  const rest = rests.get(step)
  if (rest) steps = halted(steps, { share: 0.5, hours: random.between(0.75, 1.1), spot: rest })
  if (hours > 1 && random.chance(0.25))
    steps = halted(steps, { share: random.between(0.55, 0.95), hours: random.between(0.1, 0.5) })
  return steps
}

interface Halt {
  /** Of the whole chain of road steps. */
  share: number
  hours: number
  /** Default: on the road. */
  spot?: Step['from']
  tag?: string
}

/** The vehicle stands at a share of a chain of road steps. */
export function halted(steps: readonly Step[], { share, hours, spot, tag }: Halt): Step[] {
  const total = steps.reduce((sum, step) => sum + (step.kind === 'road' ? step.hours : 0), 0)
  let before = 0
  const n = steps.findIndex((step) => {
    if (step.kind !== 'road') return false
    if (before + step.hours >= share * total) return true
    before += step.hours
    return false
  })
  const step = steps[n]!
  const inside = (share * total - before) / step.hours
  const place = spot ?? spotAt(step, inside)
  const stand: Step = {
    ...{ kind: 'halt', from: place, to: place, hours, route: partOf(step.route, inside, inside) },
    ...(tag !== undefined && { tag }),
  }
  const first = { ...step, to: place, hours: step.hours * inside }
  const second = { ...step, from: place, hours: step.hours * (1 - inside) }
  return [
    ...steps.slice(0, n),
    { ...first, route: partOf(step.route, 0, inside) },
    stand,
    { ...second, route: partOf(step.route, inside, 1) },
    ...steps.slice(n + 1),
  ]
}

/** A spot on the way, with the weather between its ends. */
export function spotAt({ from, to, route }: Step, share: number): Step['from'] {
  const mix = (name: 'meanC' | 'seasonK' | 'dayK'): number =>
    from.climate[name] + share * (to.climate[name] - from.climate[name])
  const climate = { meanC: mix('meanC'), seasonK: mix('seasonK'), dayK: mix('dayK') }
  return { ...pointAt(route, share), climate, sgln: '' }
}

const drivenHoursMax = 4.5
const restReference = 500

/** Areas where drivers rest, registered as places: at half of each long road leg. */
export const rests: ReadonlyMap<LaneStep, Place> = new Map(
  Object.values(lanes)
    .flatMap(({ steps }): LaneStep[] => [...steps])
    .filter(({ kind, hours }) => kind === 'road' && hours > drivenHoursMax)
    .map((step, n): [LaneStep, Place] => [
      step,
      {
        ...{ ...step.from, ...spotAt(step, 0.5), kind: 'rest', radiusM: 400 },
        ...{ name: `Rest area ${n + 1} from ${step.from.name}`, sgln: sgln(restReference + n) },
      },
    ]),
)

/** Master data of all places that goods on these lanes come to. */
export function* tellPlaces(names: readonly LaneName[], at: number): Generator<WorldAction> {
  for (const each of placesOf(names))
    yield { kind: 'place', at, sgln: each.sgln, body: placeBodyOf(each) }
}

/** Each once: those of the lanes, outlets at their ends, rest areas. */
function placesOf(names: readonly LaneName[]): Iterable<Place> {
  const found = new Map<string, Place>()
  for (const name of names) {
    const { steps }: Lane = lanes[name]
    const ends = steps[steps.length - 1]!.to
    const all = [...steps.flatMap((step) => [step.from, step.to, rests.get(step)])]
    for (const each of [...all, ...outletsOf(ends)]) if (each) found.set(each.sgln, each)
  }
  return found.values()
}

const restHours = 0.9

/** As the carrier was told before it starts: without stretches, jams and faults. */
export function planOf(lane: Lane, startAt: number): Pick<Trip, 'plan' | 'plannedEndAt'> {
  let time = startAt
  const legs: PlannedLeg[] = []
  for (const step of lane.steps) {
    const departs = time
    const rest = rests.get(step)
    time += Math.round((step.hours + (rest ? restHours : 0)) * 60) * minuteMs
    const { kind, from, to, route } = step
    if (kind !== 'road' && kind !== 'sea' && kind !== 'air') continue
    legs.push({
      ...{ mode: kind, from: from.sgln, to: to.sgln, stops: rest ? [rest.sgln] : [] },
      ...{ departs: new Date(departs).toISOString(), arrives: new Date(time).toISOString() },
      path: {
        type: 'LineString',
        coordinates: route.points.map(({ lat, lon }) => [lon, lat]),
      },
    })
  }
  const last = legs[legs.length - 1]!
  const hasSea = legs.some(({ mode }) => mode !== 'road')
  return {
    plan: {
      attributes: {
        'urn:isotherm:mda#corridorM': hasSea ? corridorSeaM : corridorM,
        'urn:isotherm:mda#legs': legs,
      },
    },
    plannedEndAt: Date.parse(last.arrives),
  }
}

const shifts = ['early', 'late', 'night'] as const
const linesEach = 2

/** Each lane has its packing lines, so a lot is made for the markets of one lane. */
const lineOf = (laneName: LaneName, n: number): string =>
  `${Object.keys(lanes).indexOf(laneName)}${n}`

/** Everything that may be packed for a lane. */
export function* lotsOf(
  laneName: LaneName,
  { run, startAt }: { run: number; startAt: number },
): Generator<{ gtin: string; lot: string; body: LotBody }> {
  const lane: Lane = lanes[laneName]
  for (const product of productsFor(lane))
    for (let n = 0; n < linesEach; n++)
      for (let quarter = 0; quarter < 4; quarter++) {
        const line = lineOf(laneName, n)
        const { lot, expiry } = lotOf(product, { run, startAt, line }, quarter)
        const shift = shifts[quarter % shifts.length]!
        const body = { expiry, markets: lane.markets, shift, line }
        yield { gtin: product.gtin, lot, body }
      }
}

type PalletOptions = TripOptions &
  Omit<Trip, 'pallets' | 'plan' | 'plannedEndAt'> & {
    index: number
    device: Device
    product: Product
  }

function drawPallet(options: PalletOptions, endAt: number): Pallet {
  const { lane, laneName, run, index, device, product, load, startAt, segments } = options
  const { mountedAt, arrivedAt, unmountedAt } = options
  const random = options.random.fork('pallet').fork(index)
  const identity = { run, device: index, consignment: options.consignment }
  const line = lineOf(laneName, random.below(linesEach))
  const lot = drawLot(product, { run, startAt: options.lotsSince, line }, random)
  const cases = fill(product, identity, { random, load })
  const faults = [...(options.faults ?? [])]
  if (random.chance(options.telemetryChance))
    faults.push(drawTelemetry(random, { from: mountedAt, to: arrivedAt }))
  const goods = {
    ...{ lane, product, ...lot, ...containersOf(identity, lane), cases, segments, faults },
    ...{ startAt, mountedAt, unmountedAt, endAt },
  }
  const hasDoor = lane.vessel === 'reefer'
  return {
    ...{ device, goods },
    outlets: outletsOf(lane.steps[lane.steps.length - 1]!.to),
    lean: hasDoor ? random.between(0.015, 0.045) : 0,
    story: {
      ...{ mountedAt, segments, faults, hasDoor, knocks: [], fixEvery: 1 },
      lit: hasDoor ? lampsOf(options) : [],
      rough: drawRoughness(random, { from: mountedAt, to: arrivedAt }),
    },
    ...{ gone: new Map(), unrecorded: new Set(), collusive: false, resold: new Set() },
    ...{ reserved: new Map(), incidents: [], ...drawInspection(random, segments, cases.length) },
  }
}

/** One pallet in twenty-five is looked into, in the second quarter of its time at a hub. */
function drawInspection(
  random: Random,
  segments: readonly Segment[],
  cases: number,
): Pick<Pallet, 'inspected'> {
  const docks = segments.filter(({ kind }) => kind === 'dock')
  if (docks.length === 0 || !random.chance(0.04)) return {}
  const { from: came, to: left, fromPlace } = random.pick(docks)
  const from = Math.round(came + 0.3 * (left - came))
  const to = Math.round(came + 0.55 * (left - came))
  return { inspected: { from, to, case: random.below(cases), place: fromPlace.sgln } }
}

/** Lamps of the halls where a pallet stands before it is loaded and after it has come. */
const lampsOf = (trip: Pick<Trip, 'segments' | 'mountedAt' | 'arrivedAt' | 'unmountedAt'>) => [
  { from: trip.mountedAt, to: trip.segments[0]!.to, lux: 120 },
  { from: trip.arrivedAt, to: trip.unmountedAt + 1, lux: 120 },
]

function drawTelemetry(random: Random, way: Span): Fault {
  const kind = random.pick(['offline', 'duplicate', 'silent'] as const)
  const from = way.from + random.unit() * 0.8 * (way.to - way.from)
  return { kind, from, to: Math.min(way.to, from + random.between(0.5, 3) * hourMs) }
}

function drawRoughness(random: Random, way: Span): NonNullable<LoggerStory['rough']> {
  return {
    // One in a hundred was set wrong: by hours, up to a day.
    clockOffMs: random.chance(0.01)
      ? Math.round(random.between(-26, 26)) * hourMs
      : Math.round(random.normal() * 4000),
    driftCPerDay: 0.004 * random.normal(),
    emptyAt: random.chance(0.01) ? way.from + random.unit() * (way.to - way.from) : Infinity,
  }
}

const productsFor = (lane: Lane): Product[] =>
  products.filter((each) => each.shippable || lane.vessel === 'reefer')
