// All kinds of incidents by their names. Refuses to know how any of them is done.
import type { Plot } from './incidents.ts'
import { theft } from './plots-on-the-way.ts'

export const plots = { theft } as const satisfies Record<string, Plot>

export type PlotName = keyof typeof plots
export const plotNames = Object.keys(plots) as PlotName[]
