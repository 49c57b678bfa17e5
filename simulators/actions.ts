// What a simulated world does and what is true in it: the types that journeys make and that speak
// says aloud.
import type { Agenda } from './agenda.ts'
import type { EventJson } from './events.ts'
import type { PlaceBody } from './places.ts'
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
  /** g */
  shock?: number
  door?: 0 | 1
  /** % */
  battery?: number
  lat?: number
  lon?: number
  /** m */
  accuracy?: number
}

/** The body of `PUT /api/v1/lots/{gtin}/{lot}`. */
export interface LotBody {
  expiry: string
  markets: readonly string[]
  shift: string
  line: string
}

/** Of `PUT /api/v1/master-data/SourceDest/{pgln}`: attributes of the CBV. */
export interface PartyBody {
  attributes: Readonly<Record<string, string>>
}

/** Of `PUT /api/v1/master-data/urn:isotherm:vtype:Plan/{sscc}`: see docs/simulators.md. */
export interface PlanBody {
  attributes: {
    'urn:isotherm:mda#corridorM': number
    'urn:isotherm:mda#legs': readonly PlannedLeg[]
  }
}

export interface PlannedLeg {
  mode: 'road' | 'sea' | 'air'
  /** SGLNs. */
  from: string
  to: string
  /** RFC 3339. */
  departs: string
  arrives: string
  /** Places on the way where the vehicle may stand, SGLNs. */
  stops: readonly string[]
  /** RFC 7946; unlike it, longitudes may step over 180. */
  path: { type: 'LineString'; coordinates: readonly (readonly [number, number])[] }
}

/** The body of `POST /api/v1/scans`. */
export interface ScansBody {
  session: string
  place?: string
  device?: string
  capturedBy?: string
  scans: readonly { text: string; time: string }[]
}

/** The body of `POST /api/v1/recalls`. */
export interface RecallBody {
  name: string
  reason: string
  class?: string
  drill: boolean
  criteria: {
    version: 1
    allOf: readonly { field: 'gtin' | 'lot'; anyOf: readonly string[] }[]
  }
}

/**
 * `at`: when it is said, epoch ms of the virtual time; not before what it tells of has happened.
 */
export type WorldAction =
  | { kind: 'product'; at: number; gtin: string; body: ProductBody }
  | { kind: 'place'; at: number; sgln: string; body: PlaceBody }
  | { kind: 'party'; at: number; pgln: string; body: PartyBody }
  | { kind: 'lot'; at: number; gtin: string; lot: string; body: LotBody }
  | { kind: 'plan'; at: number; container: string; body: PlanBody }
  | { kind: 'device'; at: number; device: string; giai: string; loggingIntervalSeconds: number }
  | { kind: 'capture'; at: number; device: string; events: readonly EventJson[] }
  | { kind: 'readings'; at: number; device: string; readings: readonly WireReading[] }
  | { kind: 'scans'; at: number; body: ScansBody }
  | { kind: 'recall'; at: number; body: RecallBody }

/** What will be said or will have become true, written out when its time has come. */
export type Outbox = Agenda<() => WorldAction | undefined>

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

/** What is to be found, by what finds it: names of detectors, as in docs/simulators.md. */
export type Signal =
  | 'unscheduled-stop'
  | 'route-corridor'
  | 'dwell'
  | 'delay'
  | 'light'
  | 'chain-gap'
  | 'market'
  | 'duplicate-scan'
  | 'impossible-travel'
  | 'unknown-serial'
  | 'enumeration'
  | 'status-conflict'
  | 'attribute-mismatch'
  | 'aggregation-conflict'
  | 'return-fraud'
  | 'serial-logger-divorce'
  | 'profile-decorrelation'
  | 'silent-unpack'
  | 'temperature-alibi'

/** Something bad that was done, and whom it concerns. */
export interface Incident {
  id: string
  incident: string
  /** When it was done, epoch ms. */
  from: number
  to: number
  /** Where it was done; for what happens in many places, where the goods belong. */
  lat: number
  lon: number
  /** SGLN, when it was done at a place. */
  place?: string
  /** Pallets of the goods, and the shippers on them, as EPCs. */
  containers: readonly string[]
  devices: readonly string[]
  /** Items and cases concerned. */
  serials: readonly string[]
  /** Detectors that have what they need by `provenAt`. */
  signals: readonly Signal[]
  /** The last thing that speaks of it is said by then. */
  provenAt: number
}

/** One container with its logger on its way: what shipment-days are counted by. */
export interface Shipment {
  /** SSCC; what its plan is stored under. */
  pallet: string
  /** What the logger is mounted on. */
  container: string
  device: string
  gtin: string
  lot: string
  lane: string
  /** From packing until it is unpacked, epoch ms. */
  from: number
  to: number
  units: number
  /** Of incidents; none: clean. */
  incidents: readonly string[]
}

/** Innocent, and odd: what must not become a case. */
export interface Oddity {
  oddity: string
  from: number
  to: number
  device?: string
  container?: string
  serials: readonly string[]
}

export interface Truth {
  /** In the order in which they ended. Grows as the world is played. */
  breaches: Breach[]
  faults: (Fault & { device: string; container: string })[]
  incidents: Incident[]
  shipments: Shipment[]
  oddities: Oddity[]
}
