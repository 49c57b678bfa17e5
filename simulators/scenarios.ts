// Named worlds: which lanes, how large, how often what goes wrong. Numbers only.
import type { ThermalFault } from './actions.ts'
import type { LaneName } from './lanes.ts'
import type { Load } from './load.ts'
import { type PlotName, plotNames } from './plots.ts'

export interface Scenario {
  lanes: readonly LaneName[]
  /** Pallets, each with a logger, in one vehicle. */
  crew: number
  load: Load
  loggingIntervalMs: number
  /** Of an incident of this kind on a trip where it may happen. */
  plots: Partial<Record<PlotName, number>>
  /** Of a thermal fault on a trip. */
  thermal: number
  thermalKinds: readonly ThermalFault[]
  /** Of a telemetry fault of a logger on a trip. */
  telemetry: number
  /** Of each convoy. Default: as many as there is time for. */
  trips?: number
  /** Hours in which the first trips begin. */
  startsWithin: number
  /** The physics is looked at for truth at least so often, ms. */
  watchMs: number
  /** How long it should be to be worth looking at. */
  days: number
}

const minute = 60_000
const roads: readonly LaneName[] = ['rhone', 'strait', 'tagus', 'vistula', 'baltic']
const seas: readonly LaneName[] = ['atlantic', 'pacific']
const airs: readonly LaneName[] = ['gulf', 'transatlantic', 'southSeas']
const everywhere: readonly LaneName[] = [...roads, ...airs, ...seas]

const clean: Scenario = {
  ...{ lanes: everywhere, crew: 3, load: { cases: 6, itemsPerCase: 10 } },
  ...{ loggingIntervalMs: 5 * minute, plots: {}, thermal: 0, thermalKinds: [], telemetry: 0.1 },
  ...{ startsWithin: 8, watchMs: 5 * minute, days: 10 },
}

const excursions: Scenario = {
  ...clean,
  ...{ thermal: 0.5, thermalKinds: ['reefer-failure', 'door-left-open', 'tarmac', 'freeze-packs'] },
}

const only = (name: PlotName): Scenario => ({ ...clean, plots: { [name]: 0.5 } })

const mixed: Scenario = {
  ...excursions,
  thermal: 0.08,
  plots: Object.fromEntries(plotNames.map((name) => [name, 0.03])),
}

/** As large as it gets: a reading of each logger in a quarter of an hour, 100 serials a pallet. */
const fleet: Scenario = {
  ...mixed,
  plots: Object.fromEntries(plotNames.map((name) => [name, 0.002])),
  ...{ load: { cases: 4, itemsPerCase: 25 }, loggingIntervalMs: 15 * minute },
  ...{ startsWithin: 2, watchMs: 15 * minute },
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  clean,
  excursions,
  mixed,
  fleet,
  ...Object.fromEntries(plotNames.map((name) => [name, only(name)])),
}
