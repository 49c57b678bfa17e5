// What the board of alerts shows on its left: alerts and shipments. Loaded whole,
// reloaded when the stream tells of a change. Draws nothing.
import { batch, signal } from '@preact/signals'
import { askJson, type Problem, toProblem } from './client.ts'
import { signOut, token } from './session.ts'
import { type Alert, parseAlert, parsePage, parseShipment, type Shipment } from './shapes.ts'
import { seeTime } from './stream.ts'

/** `value` null: not loaded yet. A failed reload keeps the old value beside its problem. */
export interface Loaded<T> {
  value: T | null
  problem: Problem | null
}

/** Rows of one list on the page; a person works through the first ones first. */
const rowsMax = 200

export const alerts = signal<Loaded<Alert[]>>({ value: null, problem: null })
export const moreAlerts = signal(false)
export const shipments = signal<Loaded<Shipment[]>>({ value: null, problem: null })
export const moreShipments = signal(false)
export async function loadLists(): Promise<void> {
  await Promise.all([loadAlerts(), loadShipments()])
}

export function clearLists(): void {
  batch(() => {
    alerts.value = { value: null, problem: null }
    shipments.value = { value: null, problem: null }
  })
}

/** Newest readings of a device: {channel, time, value} each. */
export function seeReadings(
  device: string,
  latest: readonly { channel: string; time: number; value: number }[],
): void {
  const list = shipments.value.value
  const temperature = latest.find(({ channel }) => channel === 'temperature')
  batch(() => {
    if (!list || !temperature) return
    const { time, value } = temperature
    const next = list.map((shipment) =>
      shipment.device === device && shipment.mountedTo === null && newer(shipment, time)
        ? { ...shipment, latest: { time, value } }
        : shipment,
    )
    shipments.value = { value: next, problem: shipments.value.problem }
  })
}

const newer = ({ latest }: Shipment, time: number): boolean =>
  latest === null || time >= latest.time

async function loadAlerts(): Promise<void> {
  if (token.value === null) return
  try {
    const query = { limit: rowsMax }
    const page = parsePage(
      await askJson('/api/v1/alerts', { token: token.value, query }),
      parseAlert,
    )
    batch(() => {
      alerts.value = { value: page.items, problem: null }
      moreAlerts.value = page.next !== null
    })
  } catch (error) {
    const problem = toProblem(error)
    if (problem.status === 401) signOut(problem)
    else alerts.value = { value: alerts.value.value, problem }
  }
}

async function loadShipments(): Promise<void> {
  if (token.value === null) return
  try {
    const query = { limit: rowsMax }
    const json = await askJson('/api/v1/shipments', { token: token.value, query })
    const page = parsePage(json, parseShipment)
    for (const { latest } of page.items) seeTime(latest?.time ?? null)
    batch(() => {
      shipments.value = { value: page.items, problem: null }
      moreShipments.value = page.next !== null
    })
  } catch (error) {
    shipments.value = { value: shipments.value.value, problem: toProblem(error) }
  }
}
