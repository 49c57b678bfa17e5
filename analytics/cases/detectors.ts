// Which detectors look at what: those of units at each story and each unit that was scanned, those
// of shipments at the whole. Only lists and loops.
import { bounds } from '../../config.ts'
import {
  type AnyDetector,
  type Clue,
  cluesOf,
  type Finding,
  runnable,
  type Said,
  type Shipment,
  type Sighting,
  type UnitSetting,
} from '../../domain/suspicion.ts'
import { temperatureAlibi } from '../joint/alibi.ts'
import { serialLoggerDivorce } from '../joint/divorce.ts'
import { profileDecorrelation } from '../joint/profile.ts'
import { silentUnpack } from '../joint/unpack.ts'
import { routeCorridor } from '../movement/corridor.ts'
import { delay } from '../movement/delay.ts'
import { geofence } from '../movement/geofence.ts'
import { light } from '../movement/light.ts'
import { dwell, unscheduledStop } from '../movement/stops.ts'
import type { Gathered } from './gather.ts'
import { probing } from './probing.ts'
import { attributeMismatch, duplicateScan, impossibleTravel } from './scan-detectors.ts'
import { chainGap, market } from './shipment-detectors.ts'
import { aggregationConflict, returnFraud, statusConflict } from './unit-detectors.ts'

/** Over the events of units that have one story. */
const ofStories: readonly AnyDetector<UnitSetting>[] = [
  runnable(statusConflict),
  runnable(returnFraud),
  runnable(aggregationConflict),
]

/** Over the events and scans of one unit. */
const ofScans: readonly AnyDetector<UnitSetting>[] = [
  runnable(impossibleTravel),
  runnable(duplicateScan),
  runnable(attributeMismatch),
]

/** Over all clues of a shipment. */
const ofShipments: readonly AnyDetector<Shipment>[] = [
  runnable(market),
  runnable(chainGap),
  runnable(routeCorridor),
  runnable(unscheduledStop),
  runnable(dwell),
  runnable(delay),
  runnable(geofence),
  runnable(light),
  runnable(serialLoggerDivorce),
  runnable(profileDecorrelation),
  runnable(silentUnpack),
  runnable(temperatureAlibi),
]

export function detectShipment({ shipment, groups, clues }: Gathered): Said {
  const said: Said = { findings: [], again: Infinity }
  const hear = ({ findings, again }: Said): void => {
    said.findings.push(...findings)
    said.again = Math.min(said.again, again)
  }
  const { places, asOf } = shipment
  for (const group of groups) {
    const setting: UnitSetting = { ...group.facts, life: group.life, places }
    const steps = cluesOf(group.steps, asOf)
    for (const detector of ofStories) hear(detector.run(setting, steps))
    for (const [epc, sightings] of group.sightings) {
      const own = cluesOf([...group.steps, ...sightings], asOf)
      for (const detector of ofScans) hear(detector.run({ ...setting, epcs: [epc] }, own))
    }
  }
  const all = cluesOf(clues, asOf)
  for (const detector of ofShipments) hear(detector.run(shipment, all))
  return { findings: strongest(said.findings), again: said.again }
}

export const detectSession = (
  session: string,
  { sightings, known }: { sightings: readonly Sighting[]; known: ReadonlySet<string> },
): Said => {
  const clues: Clue[] = [...sightings]
  return runnable(probing).run({ session, known }, cluesOf(clues, Infinity))
}

/** A bounded number, and always the same. */
const strongest = (findings: Finding[]): Finding[] =>
  findings
    .sort((a, b) => b.logOdds - a.logOdds || (a.key < b.key ? -1 : 1))
    .slice(0, bounds.findingsMax)
