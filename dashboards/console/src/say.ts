// Figures as the reader of now wants them: format.ts with the unit, zone and language of the
// session. A page that uses these follows when one of them changes.
import * as format from './format.ts'
import { look, zone } from './session.ts'
import type { Alert, Shipment } from './shapes.ts'

export const temperature = (celsius: number | null): string =>
  format.formatTemperature(celsius, look.value)
/** Between two temperatures: in °F nine fifths as much. */
export const difference = (celsius: number, digits: number): string =>
  format.formatDifference(celsius, digits, look.value)
export const time = (at: number | null): string => format.formatTime(at, look.value)
export const day = (at: number | null): string => format.formatDay(at, look.value)
export const clock = (at: number): string => format.formatHour(at, zone.value)
export const span = (from: number, to: number | null): string =>
  format.formatSpan(from, to, look.value)
export const ago = (at: number): string => format.formatAgo(at, Date.now(), look.value)
export const minutes = (count: number): string => format.formatMinutes(count, look.value)
export const count = (number: number): string => format.formatCount(number, look.value)
export const decimal = (value: number, digits: number): string =>
  format.formatDecimal(value, digits, look.value.language)
export const share = (value: number | null): string => format.formatShare(value, look.value)
export const units = (of: Pick<Shipment, 'unitCount' | 'unitCountComplete'>): string =>
  format.formatUnits(of, look.value)
export const rule = (alert: Alert): string => format.formatRule(alert, look.value)
export { formatKey as key } from './format.ts'
