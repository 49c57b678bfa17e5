// All kinds of incidents by their names. Refuses to know how any of them is done.
import type { Plot } from './incidents.ts'
import { loggerLeft, loggerShielded, loggerSwapped, silentUnpack } from './plots-of-loggers.ts'
import {
  clone,
  cloneOnTheWay,
  enumeration,
  offMarket,
  relabelled,
  returnFraud,
  soldThoughDestroyed,
} from './plots-of-sale.ts'
import { breakdown, diversion, theft, unrecorded } from './plots-on-the-way.ts'

export const plots = {
  theft,
  diversion,
  clone,
  'clone-on-the-way': cloneOnTheWay,
  'off-market': offMarket,
  'logger-left': loggerLeft,
  'logger-swapped': loggerSwapped,
  'logger-shielded': loggerShielded,
  'silent-unpack': silentUnpack,
  enumeration,
  'return-fraud': returnFraud,
  'sold-though-destroyed': soldThoughDestroyed,
  relabelled,
  unrecorded,
  breakdown,
} as const satisfies Record<string, Plot>

export type PlotName = keyof typeof plots
export const plotNames = Object.keys(plots) as PlotName[]
