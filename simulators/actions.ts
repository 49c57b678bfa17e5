// What a simulated world does and what is true in it: the types that journeys make and that speak
// says aloud.
import type { EventJson } from './events.ts'
import type { ProductBody } from './products.ts'

/** As in the readings JSON, but `time` is epoch ms. */
export interface WireReading {
  time: number
  seq: number
  /** °C, in steps of 0.1. */
  temperature: number
  /** %RH */
  humidity?: number
  /** lx */
  light?: number
  door?: 0 | 1
  /** % */
  battery?: number
  lat?: number
  lon?: number
  /** m */
  accuracy?: number
}

/**
 * `at`: when it is said, epoch ms of the virtual time; not before what it tells of has happened.
 */
export type WorldAction =
  | { kind: 'product'; at: number; gtin: string; body: ProductBody }
  | { kind: 'device'; at: number; device: string; giai: string; loggingIntervalSeconds: number }
  | { kind: 'capture'; at: number; device: string; events: readonly EventJson[] }
  | { kind: 'readings'; at: number; device: string; readings: readonly WireReading[] }

export const thermalFaults = ['reefer-failure', 'door-left-open', 'tarmac', 'freeze-packs'] as const
export const telemetryFaults = ['silent', 'offline', 'duplicate', 'late-capture'] as const

export type ThermalFault = (typeof thermalFaults)[number]
export type TelemetryFault = (typeof telemetryFaults)[number]
export type FaultKind = ThermalFault | TelemetryFault

/**
 * A fault of a consignment, epoch ms. silent: readings are lost. offline: they come later, in
 * batches.
 */
export interface Fault {
  kind: FaultKind
  from: number
  to: number
}

/**
 * A time out of the product's range where the logger sits, from the physics, not from its readings.
 */
export interface Breach {
  device: string
  /** The EPC the logger is mounted on. */
  container: string
  gtin: string
  cause: ThermalFault | 'none'
  side: 'above' | 'below'
  /** From inclusive, to exclusive, epoch ms. */
  from: number
  to: number
  /** The farthest true temperature. */
  peakC: number
  /** Items and cases that were inside the container during any part of the breach, as EPCs. */
  serials: readonly string[]
  cases: readonly string[]
}

export interface Truth {
  /** In the order in which they ended. Grows as the world is played. */
  breaches: Breach[]
  faults: (Fault & { device: string; container: string })[]
}
