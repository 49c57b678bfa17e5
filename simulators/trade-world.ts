// A world of trade: convoys with loggers on lanes all over the earth, what people scan, sell and
// return, and what goes wrong, with the truth beside it. Made as it is asked for: what is held
// grows with the devices, not with the time. Refuses to talk to anybody: speak.ts does.
import type { Outbox, ThermalFault, Truth, WorldAction } from './actions.ts'
import { createPen, planActs } from './acts.ts'
import { createAgenda, inOrder } from './agenda.ts'
import { hourMs } from './consignment.ts'
import type { Plot } from './incidents.ts'
import { type Lane, lanes, type Step } from './lanes.ts'
import { createLogger, type Device } from './logger.ts'
import { type PlotName, plots } from './plots.ts'
import { bodyOf, products } from './products.ts'
import { createRandom, type Random } from './random.ts'
import { type Rider, ride, sayUntil, startVessel, surroundingsOf } from './ride.ts'
import type { Scenario } from './scenarios.ts'
import { draftTrip, lotsOf, type Trip, tellPlaces } from './trip.ts'
import { createWatch } from './watch.ts'
import { devicesMax, drawDevice, noTruth, requireWhole, type World } from './world.ts'

export interface TradeOptions {
  seed: string | number
  /** 1 to 10,000. */
  devices: number
  /** Epoch ms. */
  startTime: number
  /** Epoch ms; nothing is said after it. */
  endTime: number
  scenario: Scenario
  /** 0 to 999, part of every serial. Default: drawn. */
  run?: number
  /** Default: the scenario's. */
  loggingIntervalMs?: number
}

/** Throws RangeError when an option is out of its range. */
export function createTradeWorld(options: TradeOptions): World {
  const { seed, devices: count, startTime, endTime, scenario } = options
  requireWhole('devices', count, 1, devicesMax)
  requireWhole('startTime', startTime, 0, 8.64e15)
  const root = createRandom(seed)
  const run = options.run ?? root.fork('run').fork(startTime).below(1000)
  requireWhole('run', run, 0, 999)
  const { loggingIntervalMs = scenario.loggingIntervalMs } = options
  const truth = noTruth()
  const devices = Array.from({ length: count }, (_, index) =>
    drawDevice(root.fork('device').fork(index), { index, run, loggingIntervalMs }),
  )
  const world = { truth, run, startTime, endTime, loggingIntervalMs, scenario }
  const weather = root.fork('weather').uint32()
  const lives: Generator<WorldAction>[] = []
  for (let first = 0; first < count; first += scenario.crew) {
    const crew = devices
      .slice(first, first + scenario.crew)
      .map((device, n) => ({ device, index: first + n }))
    lives.push(live(crew, { ...world, weather, random: root.fork('convoy').fork(first) }))
  }
  return { startTime, devices, products, truth, actions: play(world, lives) }
}

interface Setting {
  truth: Truth
  run: number
  startTime: number
  endTime: number
  loggingIntervalMs: number
  scenario: Scenario
}

function* play(
  setting: Setting,
  lives: readonly Generator<WorldAction>[],
): Generator<WorldAction, void> {
  const { startTime: at, endTime, loggingIntervalMs, scenario } = setting
  for (const product of products) {
    const body = bodyOf(product, loggingIntervalMs / 1000)
    yield { kind: 'product', at, gtin: product.gtin, body }
  }
  yield* tellPlaces(scenario.lanes, at)
  for (const name of scenario.lanes)
    for (const lot of lotsOf(name, { run: setting.run, startAt: at }))
      yield { kind: 'lot', at, ...lot }
  yield* inOrder(lives, endTime)
}

type Crew = readonly { device: Device; index: number }[]

const tripsMax = 1000

/** A convoy's trips, one after the other. The way back takes the loggers some hours. */
function* live(
  crew: Crew,
  setting: Setting & { weather: number; random: Random },
): Generator<WorldAction> {
  const { random, scenario, startTime, loggingIntervalMs } = setting
  const outbox: Outbox = createAgenda()
  const sequences = crew.map(() => ({ next: 1 }))
  let startAt = startTime + wholeMinutes(random.between(0, scenario.startsWithin))
  for (const { device } of crew) {
    const { id, giai } = device
    const action = { kind: 'device', at: startAt, device: id, giai } as const
    outbox.push(startAt, () => ({ ...action, loggingIntervalSeconds: loggingIntervalMs / 1000 }))
  }
  for (let number = 0; number < (scenario.trips ?? tripsMax); number++) {
    // What was to be said before: nothing of a trip is worked out before it begins.
    yield* sayUntil(outbox, startAt)
    const dice = random.fork('trip').fork(number)
    const endAt = yield* travel(crew, { ...setting, outbox, sequences, startAt, number, dice })
    startAt = endAt + wholeMinutes(dice.between(1, 6))
  }
  yield* sayUntil(outbox, Number.MAX_VALUE)
}

interface Travel extends Setting {
  weather: number
  outbox: Outbox
  sequences: { next: number }[]
  startAt: number
  number: number
  dice: Random
}

/** One trip; returns its end, epoch ms. */
function* travel(crew: Crew, options: Travel): Generator<WorldAction, number> {
  const { outbox, dice, truth, scenario, loggingIntervalMs, number } = options
  const trip = draft(crew, options)
  for (const pallet of trip.pallets)
    for (const fault of pallet.goods.faults)
      truth.faults.push({
        ...{ ...fault, device: pallet.device.id, container: pallet.goods.container },
      })
  const { segments, mountedAt, unmountedAt, pallets, openings } = trip
  const way = { lane: trip.lane, segments, faults: pallets[0]!.goods.faults }
  const surroundings = surroundingsOf(
    { ...way, product: pallets[0]!.goods.product },
    { openings, seed: options.weather },
  )
  const shared = trip.lane.vessel === 'reefer' ? vesselOf(trip, 0, dice) : undefined
  const riders: Rider[] = pallets.map((pallet, n) => {
    const random = dice.fork('lived').fork(`${number}.${n}`)
    const tools = { random, outbox, sequence: options.sequences[n]! }
    return {
      ...{ device: pallet.device, logger: createLogger(pallet.story, pallet.device, tools) },
      ...{ watch: createWatch(pallet.goods, pallet.device, truth), lean: pallet.lean },
      vessel: shared ?? vesselOf(trip, n, random),
      ...(pallet.apartC && { apartC: pallet.apartC }),
    }
  })
  yield* ride(riders, {
    ...{ from: mountedAt, to: unmountedAt, surroundings, outbox, loggingIntervalMs },
    watchMs: scenario.watchMs,
  })
  const { endAt } = pallets[0]!.goods
  yield* sayUntil(outbox, endAt)
  return endAt
}

/** A controller that looks once a minute: a sixth of the work, and the loggers hardly see it. */
const tickMs = 60_000

const vesselOf = (trip: Trip, n: number, random: Random) =>
  startVessel(trip.pallets[n]!.goods, random.fork('vessel'), tickMs)

/** The trip with what goes wrong on it, all papers planned. */
function draft(crew: Crew, options: Travel): Trip {
  const { dice, scenario, run, startAt, number, outbox, truth, startTime, endTime } = options
  const laneName = dice.pick(scenario.lanes)
  const lane: Lane = lanes[laneName]
  const name = drawPlot(lane, crew.length, { scenario, random: dice.fork('plot') })
  const plot: Plot | undefined = name && plots[name]
  const heat = drawHeat(lane, scenario, dice.fork('heat'))
  const random = dice.fork('deed')
  const trip = draftTrip({
    ...{ laneName, startAt, run, crew, consignment: number, load: scenario.load },
    ...{ random: dice.fork('way'), lotsSince: startTime, telemetryChance: scenario.telemetry },
    bend: (steps) => delayed(plot?.bend?.(steps, random.fork('bend')) ?? steps, heat),
  })
  if (heat) addHeat(trip, heat)
  const told = { outbox, truth, endTime }
  const pens = trip.pallets.map(({ device }, n) =>
    createPen(device.id, told, dice.fork('pen').fork(n)),
  )
  const id = `${run}-${crew[0]!.index}-${number}`
  plot?.commit({ id, trip, pens, random })
  for (const [n, pallet] of trip.pallets.entries()) {
    planActs(trip, pallet, pens[n]!)
    const { container, product, lot, unmountedAt: to, cases, pallet: sscc } = pallet.goods
    const units = cases.length * (1 + scenario.load.itemsPerCase)
    const { id: device } = pallet.device
    const line = { pallet: sscc, container, device, gtin: product.gtin, lot, lane: laneName }
    const { incidents } = pallet
    pens[n]!.note(startAt, ({ shipments }) =>
      shipments.push({ ...line, from: startAt, to, units, incidents }),
    )
  }
  return trip
}

function drawPlot(
  lane: Lane,
  crew: number,
  { scenario, random }: { scenario: Scenario; random: Random },
): PlotName | undefined {
  let left = random.unit()
  for (const [name, chance] of Object.entries(scenario.plots) as [PlotName, number][]) {
    const { fits }: Plot = plots[name]
    if (fits && !fits(lane, crew)) continue
    if (left < chance) return name
    left -= chance
  }
  return undefined
}

interface Heat {
  kind: ThermalFault
  /** How long, hours. */
  hours: number
  /** When, as a share of the way. */
  share: number
  /** A shipper's index; a vehicle's fault concerns all. */
  pallet: number
}

function drawHeat(lane: Lane, scenario: Scenario, random: Random): Heat | undefined {
  if (!random.chance(scenario.thermal)) return undefined
  const isReefer = lane.vessel === 'reefer'
  const kinds = scenario.thermalKinds.filter(
    (kind) => isReefer === (kind === 'reefer-failure' || kind === 'door-left-open'),
  )
  if (kinds.length === 0) return undefined
  const hours = isReefer ? random.between(1, 5) : random.between(6, 14)
  const share = random.between(0.1, 0.7)
  return { kind: random.pick(kinds), hours, share, pallet: random.below(scenario.crew) }
}

/** Left out in the sun: the last stand on a tarmac takes so much longer. */
function delayed(steps: readonly Step[], heat: Heat | undefined): Step[] {
  const last = steps.findLastIndex(({ kind }) => kind === 'tarmac')
  return steps.map((step, n) =>
    n === last && heat?.kind === 'tarmac' ? { ...step, hours: step.hours + heat.hours } : step,
  )
}

function addHeat(trip: Trip, { kind, hours, share, pallet }: Heat): void {
  const { mountedAt, arrivedAt, segments, pallets } = trip
  const tarmac = segments.findLast((segment) => segment.kind === 'tarmac')
  const from = Math.round(mountedAt + share * (arrivedAt - mountedAt))
  const spans: Record<ThermalFault, { from: number; to: number }> = {
    tarmac: tarmac ?? { from, to: from },
    'freeze-packs': { from: mountedAt, to: arrivedAt },
    'reefer-failure': { from, to: Math.min(arrivedAt, from + wholeMinutes(hours)) },
    'door-left-open': { from, to: Math.min(arrivedAt, from + wholeMinutes(hours)) },
  }
  const concerned = kind === 'freeze-packs' ? [pallets[pallet % pallets.length]!] : pallets
  const { from: since, to } = spans[kind]
  for (const { story } of concerned) story.faults.push({ kind, from: since, to })
}

const wholeMinutes = (hours: number): number => Math.round(hours * 60) * (hourMs / 60)
