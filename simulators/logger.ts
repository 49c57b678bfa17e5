// The logger on its container: measures with bias, noise and tenths of a degree, keeps readings
// while it has no network, loses them while it is silent, says them twice when its link does.
// Refuses to know the truth beyond the temperature it is given.
import type { Fault, FaultKind, WireReading, WorldAction } from './actions.ts'
import type { Agenda } from './agenda.ts'
import { type Consignment, hourMs, isDuring, minuteMs } from './consignment.ts'
import { positionAt, segmentAt } from './lanes.ts'
import type { Random } from './random.ts'

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

export interface LoggerTools {
  random: Random
  /** What the device will still say; outlives the consignment. */
  outbox: Agenda<WorldAction>
  /** Number of the device's next reading. */
  sequence: { next: number }
}

/** Readings in one upload after an offline time. */
export const batchMax = 100

export function createLogger(consignment: Consignment, device: Device, tools: LoggerTools) {
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
