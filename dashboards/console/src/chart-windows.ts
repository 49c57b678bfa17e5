// The windows of time that make sense around a breach and the mount of a logger. They end with the
// data, not with the clock.
import type { ChartWindow } from './chart.tsx'
import type { Span } from './chart-data.ts'
import type { Alert, Shipment } from './shapes.ts'
import { dataUpTo } from './stream.ts'
import { writeBoard as write } from './words/board.ts'

type WindowName = 'alert' | 'trip' | 'day' | 'week'

/** A mount, as lists of shipments and of positions have it. */
export type Mount = Pick<Shipment, 'mountedFrom' | 'mountedTo' | 'latest'>
type Breach = Pick<Alert, 'from' | 'to'>

const hour = 3_600_000

/** The first one is shown first. */
export function windowsAround(mount: Mount | null, breach: Breach | null): ChartWindow[] {
  const newest = mount?.latest?.time ?? breach?.to ?? dataUpTo.value ?? Date.now()
  const back = (span: number): Span => ({ from: newest - span, to: newest + span * 0.02 })
  const named: [WindowName, Span][] = []
  if (breach) named.push(['alert', windowOfBreach(breach, newest)])
  if (mount?.mountedFrom != null) {
    const { mountedFrom, mountedTo } = mount
    const to = Math.max(mountedTo ?? newest, mountedFrom + hour)
    named.push(['trip', { from: mountedFrom, to: to + (to - mountedFrom) * 0.02 }])
  }
  named.push(['day', back(24 * hour)], ['week', back(7 * 24 * hour)])
  return named.map(([key, span]) => ({ key, label: write(`chart.window.${key}`), span }))
}

/** As much before and after as the breach lasted, between 2 hours and a day. */
function windowOfBreach({ from, to }: Breach, newest: number): Span {
  const end = Math.max(to ?? newest, from)
  const around = Math.min(24 * hour, Math.max(2 * hour, end - from))
  return { from: from - around, to: to === null ? end + hour / 4 : end + around }
}
