// A simulated world: products, loggers and their consignments, one after the other, told in order
// of virtual time, with the truth about every breach beside it. The same options give the same
// world, byte for byte; another device more changes nothing for the others. Refuses to talk to
// anybody: speak.ts does.
import type { Outbox, Truth, WorldAction } from './actions.ts'
import { createAgenda, inOrder } from './agenda.ts'
import { type Choice, dayLanes, drawChoice, hourMs, settle } from './consignment.ts'
import { journey } from './journey.ts'
import { giai } from './keys.ts'
import type { Load } from './load.ts'
import type { Device } from './logger.ts'
import { bodyOf, type Product, products } from './products.ts'
import { createRandom, type Random } from './random.ts'
import { sayUntil } from './ride.ts'
import { tellPlaces } from './trip.ts'

export interface WorldOptions {
  seed: string | number
  /** 1 to 10,000. */
  devices: number
  /** Epoch ms; consignments start within the first hours after it. */
  startTime: number
  /**
   * Epoch ms; nothing is said after it. Default: each device makes 1000 journeys, some three years.
   */
  endTime?: number
  /**
   * 0 to 999, part of every serial: worlds with different runs share no units and devices. Default:
   * drawn.
   */
  run?: number
  /** Default 5 minutes. */
  loggingIntervalMs?: number
  /** Default 4 cases of 6 items in each consignment. */
  load?: Load
  /** Places and the carriers' plans are told, too. Default: products and devices only. */
  masterData?: boolean
  /** Of a thermal fault in a consignment, and again of a telemetry fault. Default 0.35. */
  faultChance?: number
  /** Settles a consignment instead of chance. `device` and `consignment` count from 0. */
  choose?: (device: number, consignment: number) => Choice | undefined
}

export interface World {
  readonly startTime: number
  readonly devices: readonly Device[]
  readonly products: readonly Product[]
  /** In order of `at`. Can be played once; play again by creating the world again. */
  readonly actions: Generator<WorldAction, void>
  /** Grows while the actions are played; complete at their end. */
  readonly truth: Truth
}

export const devicesMax = 10_000
const consignmentsMax = 1000
export const productIntervalMs = 300_000

export const noTruth = (): Truth => ({
  ...{ breaches: [], faults: [], incidents: [], shipments: [], oddities: [] },
})

/** Throws RangeError when an option is out of its range. */
export function createWorld(options: WorldOptions): World {
  const { seed, devices: count, startTime, run: givenRun } = options
  const { loggingIntervalMs = productIntervalMs } = options
  requireWhole('devices', count, 1, devicesMax)
  requireWhole('startTime', startTime, 0, 8.64e15)
  const root = createRandom(seed)
  const run = givenRun ?? root.fork('run').fork(startTime).below(1000)
  requireWhole('run', run, 0, 999)
  const truth = noTruth()
  const devices = Array.from({ length: count }, (_, index) =>
    drawDevice(root.fork('device').fork(index), { index, run, loggingIntervalMs }),
  )
  const lives = devices.map((device, index) =>
    live(device, { index, run, options, truth, random: root.fork('life').fork(index) }),
  )
  return { startTime, devices, products, truth, actions: play(options, devices, lives) }
}

function* play(
  options: WorldOptions,
  devices: readonly Device[],
  lives: readonly Generator<WorldAction>[],
): Generator<WorldAction, void> {
  const { startTime, endTime = Number.POSITIVE_INFINITY } = options
  const interval = (options.loggingIntervalMs ?? productIntervalMs) / 1000
  for (const product of products)
    yield { kind: 'product', at: startTime, gtin: product.gtin, body: bodyOf(product, interval) }
  if (options.masterData) yield* tellPlaces(dayLanes, startTime)
  for (const { id, giai } of devices)
    yield { kind: 'device', at: startTime, device: id, giai, loggingIntervalSeconds: interval }
  yield* inOrder(lives, endTime)
}

interface Life {
  index: number
  run: number
  options: WorldOptions
  truth: Truth
  random: Random
}

/** A device's consignments in turn. The way back takes the logger some hours. */
function* live(device: Device, life: Life): Generator<WorldAction> {
  const { index, run, options, truth, random } = life
  const { loggingIntervalMs = productIntervalMs, faultChance = 0.35 } = options
  const load = options.load ?? { cases: 4, itemsPerCase: 6 }
  const outbox: Outbox = createAgenda()
  const sequence = { next: 1 }
  let startAt = options.startTime + wholeMinutes(random.between(0, 3))
  for (let number = 0; number < consignmentsMax; number++) {
    const dice = random.fork('consignment').fork(number)
    const chosen = options.choose?.(index, number)
    const choice = chosen ?? drawChoice(dice.fork('choice'), startAt, faultChance)
    // A logger cannot be on two journeys: what is chosen too early starts late.
    const settled = settle(
      { ...choice, startAt: Math.max(choice.startAt, startAt) },
      { run, device: index, consignment: number },
      { random: dice.fork('way'), load },
    )
    yield* journey(settled, device, {
      random: dice.fork('lived'),
      truth,
      loggingIntervalMs,
      outbox,
      sequence,
      planned: options.masterData ?? false,
    })
    startAt = settled.endAt + wholeMinutes(dice.between(1, 6))
  }
  yield* sayUntil(outbox, Number.MAX_VALUE)
}

export function drawDevice(
  random: Random,
  { index, run, loggingIntervalMs }: { index: number; run: number; loggingIntervalMs: number },
): Device {
  const number = `${String(run).padStart(3, '0')}${String(index).padStart(4, '0')}`
  return {
    id: `logger-${number.slice(0, 3)}-${number.slice(3)}`,
    giai: giai(`LG${number}`),
    // Class of a calibrated logger: ±0.3 °C at the very most.
    biasC: Math.min(0.3, Math.max(-0.3, 0.1 * random.normal())),
    noiseC: random.between(0.02, 0.08),
    phaseMs: random.below(Math.ceil(loggingIntervalMs / 1000)) * 1000,
    reportEvery: random.pick([1, 1, 1, 4]),
  }
}

const wholeMinutes = (hours: number): number => Math.round(hours * 60) * (hourMs / 60)

export function requireWhole(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${name} is ${value}, not a whole number from ${min} to ${max}`)
}
