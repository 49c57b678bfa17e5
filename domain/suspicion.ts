// What detectors of diversion and counterfeits eat, and what they say: clues in event time go in,
// findings with their evidence come out. A detector is a step function over the clues of one
// subject; all of them are told again when one comes late, so that order, delay and repetition
// decide nothing (I3). A finding accuses nobody: several of them make a case (domain/case.ts).
import type { Interval } from './breach.ts'
import type { Spot } from './earth.ts'
import type { Life } from './lifecycle/lifecycle.ts'
import type { Fact } from './lifecycle/words.ts'

/** Every detector, in the order in which people read of them. Part of the format. */
export const detectorNames = [
  'impossible-travel',
  'duplicate-scan',
  'market',
  'status-conflict',
  'attribute-mismatch',
  'unknown-serial',
  'enumeration',
  'aggregation-conflict',
  'chain-gap',
  'return-fraud',
  'route-corridor',
  'unscheduled-stop',
  'dwell',
  'delay',
  'geofence',
  'light',
  'serial-logger-divorce',
  'profile-decorrelation',
  'silent-unpack',
  'temperature-alibi',
] as const

export type DetectorName = (typeof detectorNames)[number]

/** Epoch ms. `time`: when it was; `heardAt`: when it was told here, where that is kept. */
interface Told {
  time: number
  heardAt?: number
  /** Tells the same clue when it comes twice; findings say what they rest on by it. */
  id: string
}

/** Where a logger was. */
export interface Fix extends Told {
  kind: 'fix'
  device: string
  spot: Spot
}

/** What a channel of a logger said: temperature (°C), light (lx), shock (g), door (0 or 1). */
export interface Level extends Told {
  kind: 'level'
  device: string
  channel: string
  value: number
}

/** Somebody looked at a label. */
export interface Sighting extends Told {
  kind: 'sighting'
  /** When it was told last; `heardAt` is the first time. */
  lastHeardAt: number
  epc: string
  /** One person or device on one day. */
  session: string
  times: number
  /** The last of those times, as the scanner's clock says. */
  lastTime: number
  /** It was in one of these; empty when nothing is known. */
  spots: readonly Spot[]
  /** ISO 3166-1 alpha-2. */
  country?: string
  /** What stood on the label. Expiry as YYYY-MM-DD. */
  lot?: string
  expiry?: string
}

/** What an event says of units or containers that it names, or that were in what it names. */
export interface Step extends Told {
  kind: 'step'
  /** Those with this fact: units that have one story have it once, containers each its own. */
  epcs: readonly string[]
  fact: Fact
  /** Places of destinationList and sourceList of type location, as SGLNs. */
  from?: string
  to?: string
  spot?: Spot
}

export type Clue = Fix | Level | Sighting | Step

/**
 * `serials`: the units concerned as EPCs; 'inside': whatever was in `container` then.
 * `logOdds`: natural logarithm of how much likelier the evidence is when something is wrong than
 * when nothing is, before what reviewers said of the detector (domain/case.ts).
 */
export interface Finding extends Interval {
  detector: DetectorName
  /** Of the findings of one detector on one subject with one key the last one stands. */
  key: string
  serials: readonly string[] | 'inside'
  container?: string
  device?: string
  logOdds: number
  /** Independent sources that say so: sessions, loggers, documents. One alone opens no case. */
  witnesses: number
  /** One or two sentences. */
  words: string
  /** What the words say, as figures. */
  facts: Readonly<Record<string, string | number | boolean | readonly string[] | null>>
  /** Ids of the clues it rests on, a bounded number. */
  rests: readonly string[]
}

/** A place with a fence, from master data (docs/diversion.md). */
export interface KnownPlace {
  /** SGLN. */
  id: string
  /**
   * plant, hub, port, airport, distributor, outlet, rest, …: vehicles may stand there; no-go: a
   * region where no shipment may be.
   */
  kind?: string
  country?: string
  spot?: Spot
  /** GeoJSON ring, [lon, lat]; longitudes may step over 180. */
  ring?: readonly (readonly [number, number])[]
}

/** The plan of a shipment, from master data (docs/diversion.md). */
export interface Plan {
  corridorM: number
  legs: readonly PlannedLeg[]
}

export interface PlannedLeg {
  mode: string
  from: string
  to: string
  departs: number
  arrives: number
  /** Places on the way where the vehicle may stand. */
  stops: readonly string[]
  /** [lon, lat]; longitudes may step over 180. */
  path: readonly (readonly [number, number])[]
}

/** A logger on the container or on something in it. `to` is Infinity while it is there. */
export interface LoggerOn extends Interval {
  device: string
  container: string
}

/** A logger of another shipment that set out from the same place at the same time. */
export interface LoggerBeside extends LoggerOn {
  /** °C, ascending by time, as `fixes`. */
  temperatures: readonly { time: number; value: number }[]
  fixes: readonly { time: number; spot: Spot }[]
}

/** Something that was ever in the container, at any depth, with its times in it. */
export interface Inside {
  epc: string
  parent: string
  from: number
  to: number
  endedBy: string | null
}

/** What is known of units that have one story, beside their clues. */
export interface UnitFacts {
  epcs: readonly string[]
  gtin?: string
  lot?: string
  /** YYYY-MM-DD; of the day the last two digits may be 00 (GS1 GenSpecs §3.4.7). */
  expiry?: string
  /** Where its lot may be sold; none told: anywhere. */
  markets?: readonly string[]
}

/** What detectors of units are opened with: units with one story, or one that was scanned. */
export interface UnitSetting extends UnitFacts {
  /** From its events alone. */
  life: Life
  places: ReadonlyMap<string, KnownPlace>
}

/**
 * What detectors of shipments are opened with. `container`: the outermost one, or a unit that was
 * never in any. `inside` holds containers and units; `units` the units only.
 */
export interface Shipment {
  container: string
  inside: readonly Inside[]
  units: readonly UnitFacts[]
  loggers: readonly LoggerOn[]
  beside?: readonly LoggerBeside[]
  plan: Plan | undefined
  /** All known places, by SGLN. */
  places: ReadonlyMap<string, KnownPlace>
  /** Up to when clues are known, epoch ms. */
  asOf: number
}

/**
 * A detector over the clues of a shipment or a unit: `open` begins, `step` takes the next clue in
 * event time, `end` says what only the end of the clues tells. State stays bounded.
 */
export interface Detector<Setting, State = unknown> {
  readonly name: DetectorName
  open(setting: Setting): State
  step(state: State, clue: Clue): readonly Finding[]
  end?(state: State, asOf: number): readonly Finding[]
  /** After which time another look tells more though nothing came, epoch ms. */
  again?(state: State, asOf: number): number
}

/** What a detector says, and when it wants to be asked again (Infinity: when something came). */
export interface Said {
  findings: Finding[]
  again: number
}

/** Detectors of shipments with different states in one list. */
export type AnyDetector<Setting> = { run(setting: Setting, clues: Clues): Said }

/** Clues that a finding names as what it rests on; the others are counted. */
export const restsMax = 20

/** Clues of a subject in event time, each once. */
export interface Clues {
  readonly list: readonly Clue[]
  readonly asOf: number
}

/** Sorted by time, then kind and id: a total order; of two with one id the first stands. */
export function cluesOf(clues: readonly Clue[], asOf: number): Clues {
  const sorted = clues.toSorted(
    (a, b) =>
      a.time - b.time ||
      (a.kind < b.kind ? -1 : Number(a.kind > b.kind)) ||
      (a.id < b.id ? -1 : Number(a.id > b.id)),
  )
  const list = sorted.filter((clue, n) => {
    const before = sorted[n - 1]
    return before?.time !== clue.time || before.id !== clue.id || before.kind !== clue.kind
  })
  return { list, asOf }
}

/** What a detector says of all clues; of findings with one key the last. */
export function runDetector<Setting, State>(
  detector: Detector<Setting, State>,
  setting: Setting,
  { list, asOf }: Clues,
): Said {
  const found = new Map<string, Finding>()
  const keep = (findings: readonly Finding[]): void => {
    for (const finding of findings) found.set(finding.key, finding)
  }
  const state = detector.open(setting)
  for (let n = 0; n < list.length; n++) {
    const findings = detector.step(state, list[n]!)
    // Nearly always: hundreds of thousands of clues a second, and each of a dozen detectors.
    if (findings.length > 0) keep(findings)
  }
  if (detector.end) keep(detector.end(state, asOf))
  return { findings: [...found.values()], again: detector.again?.(state, asOf) ?? Infinity }
}

/** For lists of detectors: hides the state. */
export const runnable = <Setting, State>(
  detector: Detector<Setting, State>,
): AnyDetector<Setting> => ({ run: (setting, clues) => runDetector(detector, setting, clues) })
