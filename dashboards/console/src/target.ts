// What the board of alerts looks at: an alert or a device, and the window of time around it. The
// address bar holds the choice, so that a link shows a colleague the same. Asks the server nothing.
import { computed, signal } from '@preact/signals'
import type { ChartWindow } from './chart.tsx'
import type { Span } from './chart-data.ts'
import { alerts, shipments } from './lists.ts'
import type { Alert, Shipment } from './shapes.ts'
import { dataUpTo } from './stream.ts'
import { writeBoard as write } from './words/board.ts'

export type Selection = { kind: 'alert' | 'device'; id: string } | null

export type WindowName = 'alert' | 'trip' | 'day' | 'week'

export interface Target {
  device: string
  channel: string
  alert: Alert | null
  shipment: Shipment | null
  gtins: string[]
}

const hour = 3_600_000

export const selection = signal<Selection>(null)
/** An alert that the list does not hold, fetched by itself. */
export const strayAlert = signal<Alert | null>(null)

/** What the address names. */
export function select(chosen: Selection): void {
  selection.value = chosen
}

/** The selected alert or device; without a choice the first alert, else the first shipment. */
export const target = computed<Target | null>(() => {
  const chosen = selection.value
  const list = alerts.value.value ?? []
  if (chosen?.kind === 'device') return targetOfDevice(chosen.id)
  if (chosen) {
    const alert = list.find(({ id }) => id === chosen.id) ?? strayAlert.value
    return alert && alert.id === chosen.id ? targetOfAlert(alert) : null
  }
  if (list[0]) return targetOfAlert(list[0])
  const shipment = shipments.value.value?.[0]
  return shipment ? targetOfDevice(shipment.device) : null
})

/**
 * Names the target: changes exactly when another thing is looked at, or the same one on another
 * mount.
 */
export const targetKey = computed(() => {
  const { value } = target
  if (!value) return ''
  const { device, channel, alert, shipment } = value
  const mount = shipment ? [shipment.container, shipment.mountedFrom] : []
  return [device, channel, alert?.id, ...mount].join('\n')
})

/** The windows that make sense for the target; they end with the data, not with the clock. */
export const windows = computed<ChartWindow[]>(() => {
  const { value } = target
  if (!value) return []
  const { alert, shipment } = value
  const newest = shipment?.latest?.time ?? alert?.to ?? dataUpTo.value ?? Date.now()
  const back = (span: number): Span => ({ from: newest - span, to: newest + span * 0.02 })
  const named: [WindowName, Span][] = []
  if (alert) named.push(['alert', windowOfAlert(alert, newest)])
  if (shipment?.mountedFrom != null) {
    const { mountedFrom, mountedTo } = shipment
    const to = Math.max(mountedTo ?? newest, mountedFrom + hour)
    named.push(['trip', { from: mountedFrom, to: to + (to - mountedFrom) * 0.02 }])
  }
  named.push(['day', back(24 * hour)], ['week', back(7 * 24 * hour)])
  return named.map(([key, span]) => ({ key, label: write(`chart.window.${key}`), span }))
})

/** As much before and after as the breach lasted, between 2 hours and a day. */
function windowOfAlert(alert: Alert, newest: number): Span {
  const end = Math.max(alert.to ?? newest, alert.from)
  const around = Math.min(24 * hour, Math.max(2 * hour, end - alert.from))
  return { from: alert.from - around, to: alert.to === null ? end + hour / 4 : end + around }
}

function targetOfAlert(alert: Alert): Target {
  const shipment = shipmentAt(alert.device, alert.container)
  const { device, channel } = alert
  return { device, channel, alert, shipment, gtins: alert.gtin ? [alert.gtin] : [] }
}

function targetOfDevice(device: string): Target {
  const shipment = shipmentAt(device, null)
  const gtins = (shipment?.products ?? []).map(({ gtin }) => gtin)
  return { device, channel: 'temperature', alert: null, shipment, gtins }
}

/**
 * The mount of a device on a container; without a container, or without that mount, its newest one.
 */
function shipmentAt(device: string, container: string | null): Shipment | null {
  const mounts = (shipments.value.value ?? []).filter((entry) => entry.device === device)
  const exact = mounts.find((entry) => entry.container === container)
  const newest = mounts.reduce<Shipment | null>(
    (a, b) => (a === null || (b.mountedFrom ?? 0) > (a.mountedFrom ?? 0) ? b : a),
    null,
  )
  return exact ?? newest
}
