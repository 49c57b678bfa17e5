// A logger on its way: what it measures, where it believes to be, when it sends what. Noise, drift,
// wrong clocks and dead batteries are here. Refuses to know what is true besides what it is told.
import type { FaultKind, Outbox, WireReading } from './actions.ts'
import { hourMs, isDuring, minuteMs } from './consignment.ts'
import { positionAt, type Segment, segmentAt } from './lanes.ts'
import type { Random } from './random.ts'
import { type Point, pointBeside, round } from './route.ts'

/** A logger with its small errors. `biasC` stays for its life. */
export interface Device {
  id: string
  giai: string
  biasC: number
  noiseC: number
  /** Where in the logging interval it measures, ms. */
  phaseMs: number
  /** Readings it collects before it sends. */
  reportEvery: number
}

export interface Span {
  /** Inclusive, epoch ms. */
  from: number
  /** Exclusive. */
  to: number
}

/** What a logger lives through. Times are true times. */
export interface LoggerStory {
  mountedAt: number
  /** Where it is, whatever becomes of the goods. */
  segments: readonly Segment[]
  faults: readonly (Span & { kind: FaultKind })[]
  /** With a door switch, in a vehicle; without, it sees light when its box is opened. */
  hasDoor: boolean
  /** Light that falls on it. */
  lit: readonly (Span & { lux: number })[]
  /** When it is knocked about. */
  knocks?: readonly Span[]
  /** A position with every so many readings. */
  fixEvery: number
  /**
   * As real ones are: no satellites in the air and few below deck, no network far out, positions
   * from the mobile network, a clock that is off, a battery that may end.
   */
  rough?: { clockOffMs: number; driftCPerDay: number; emptyAt: number }
}

export interface LoggerTools {
  random: Random
  /** What the device will still say; outlives the consignment. */
  outbox: Outbox
  /** Number of the device's next reading. */
  sequence: { next: number }
}

export interface Logger {
  measure(time: number, trueC: number, doorOpen: boolean): void
  /** All that waits. */
  send(time: number): void
}

/** Readings in one upload after an offline time. */
export const batchMax = 100
/** Beyond so many the memory is full, and the oldest are overwritten. */
const memoryMax = 4000

export function createLogger(story: LoggerStory, device: Device, tools: LoggerTools): Logger {
  const { outbox, sequence } = tools
  const dice = tools.random.fork('sensor')
  const faultAt = (kind: FaultKind, time: number): boolean =>
    story.faults.some((fault) => fault.kind === kind && isDuring(fault, time))
  const batteryStart = dice.between(60, 100)
  const { rough } = story
  let waiting: WireReading[] = []
  let measured = 0

  const send = (time: number): void => {
    for (let start = 0; start < waiting.length; start += batchMax) {
      const readings = waiting.slice(start, start + batchMax)
      const at = time + dice.below(1500) + (start / batchMax) * 1000
      const action = { kind: 'readings', device: device.id, readings } as const
      outbox.push(at, () => ({ ...action, at }))
      const again = at + 7 * minuteMs
      if (faultAt('duplicate', time)) outbox.push(again, () => ({ ...action, at: again }))
    }
    waiting = []
  }
  const measure = (time: number, trueC: number, doorOpen: boolean): void => {
    const hours = (time - story.mountedAt) / hourMs
    const driftC = ((rough?.driftCPerDay ?? 0) * hours) / 24
    const noisyC = trueC + device.biasC + driftC + device.noiseC * dice.normal()
    const humidity = Math.round(55 + (doorOpen ? 15 : 0) + 2 * dice.normal())
    const count = measured++
    if (faultAt('silent', time) || time >= (rough?.emptyAt ?? Infinity)) return
    const reading: WireReading = {
      time: time + (rough?.clockOffMs ?? 0),
      seq: sequence.next++,
      // Quantised as the sensor's chip does it: tenths, halves upwards.
      temperature: Math.round(noisyC * 10) / 10,
      humidity: Math.min(100, Math.max(0, humidity)),
    }
    if (story.hasDoor) reading.door = doorOpen ? 1 : 0
    if (rough || !story.hasDoor)
      reading.light = Math.max(luxAt(story.lit, time), story.hasDoor && doorOpen ? doorLux : 0)
    if (story.knocks?.some((span) => isDuring(span, time)))
      reading.shock = round(dice.between(1.2, 4), 1)
    if (count % 12 === 0) reading.battery = Math.round((batteryStart - 0.3 * hours) * 10) / 10
    if (reading.battery !== undefined && reading.battery < 1) reading.battery = 1
    const segment = segmentAt(story.segments, time)
    if (count % story.fixEvery === 0 && !(rough && isUnseen(segment, count)))
      locate(reading, positionAt(segment, time), { dice, rough: rough !== undefined })
    waiting.push(reading)
    if (waiting.length > memoryMax) waiting.shift()
    const isAway = faultAt('offline', time) || (rough && isFarOut(segment, time))
    if (waiting.length >= device.reportEvery && !isAway) send(time)
  }
  return { measure, send }
}

/** Through an open rear door, on the first pallets. */
const doorLux = 60

const luxAt = (lit: LoggerStory['lit'], time: number): number => {
  let lux = 0
  for (const span of lit) if (isDuring(span, time)) lux = Math.max(lux, Math.round(span.lux))
  return lux
}

/** In an aircraft there are no satellites to see, and below deck seldom. */
const isUnseen = ({ kind }: Segment, count: number): boolean =>
  kind === 'air' || (kind === 'sea' && count % 6 !== 0)

/** No network in the air; at sea the ship's own, for the first half of every sixth hour. */
const isFarOut = ({ kind }: Segment, time: number): boolean =>
  kind === 'air' || (kind === 'sea' && time % (6 * hourMs) > hourMs / 2)

/**
 * Satellites: 5 to 35 m, mostly right. One in forty comes from the mobile network: kilometres, and
 * some of these are farther off than they say. One in two thousand is the zero of a receiver that
 * knows nothing.
 */
function locate(
  reading: WireReading,
  { lat, lon }: Point,
  { dice, rough }: { dice: Random; rough: boolean },
): void {
  const kind = rough ? dice.unit() : 1
  if (kind < 0.0005) {
    Object.assign(reading, { lat: 0, lon: 0, accuracy: 0 })
    return
  }
  if (kind < 0.025) {
    const accuracy = Math.round(dice.between(800, 6000))
    const off = Math.abs(dice.normal()) * 0.5 * accuracy * (dice.chance(0.05) ? 4 : 1)
    const seen = pointBeside({ lat, lon }, dice.between(0, 360), off / 1000)
    Object.assign(reading, { ...seen, accuracy })
    return
  }
  reading.accuracy = 5 + dice.below(30)
  const spread = rough ? reading.accuracy / 2 / 111_000 : 2e-4
  reading.lat = round(lat + spread * dice.normal(), 5)
  const east = lon + (spread * dice.normal()) / Math.max(0.2, Math.cos((lat * Math.PI) / 180))
  reading.lon = round(east > 180 ? east - 360 : east < -180 ? east + 360 : east, 5)
}
