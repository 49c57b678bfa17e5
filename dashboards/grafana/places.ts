// Where panels lead: to the console and the API of Isotherm below the address in the variable
// `isotherm`, and from one dashboard to another with tenant, unit and time kept. Values of rows go
// in percent-encoded: the names of containers are URLs themselves.
import { braces } from './variables.ts'

export const uids = {
  fleet: 'isotherm-fleet',
  shipment: 'isotherm-shipment',
  excursion: 'isotherm-excursion',
  device: 'isotherm-device',
  pipeline: 'isotherm-pipeline',
  traceability: 'isotherm-traceability',
  quality: 'isotherm-quality',
  diversion: 'isotherm-diversion',
} as const

/** A link as fields and panels hold it. */
export interface Place {
  title: string
  url: string
  targetBlank: boolean
}

const base = braces('isotherm:raw')

/** The value of a column in the row of the link. */
export const cell = (column: string): string => braces(`__data.fields.${column}:percentencode`)

export const chosen = (variable: string): string => braces(`${variable}:percentencode`)

const outside = (title: string, path: string): Place => ({
  title,
  url: `${base}${path}`,
  targetBlank: true,
})

export const consoleAlert = (id: string): Place =>
  outside('Excursion in the console', `/#/alerts/${id}`)
export const consoleDevice = (id: string): Place =>
  outside('Logger in the console', `/#/devices/${id}`)
export const apiAlert = (id: string): Place => outside('Excursion (API)', `/api/v1/alerts/${id}`)
export const apiSerials = (id: string): Place =>
  outside('Affected serial numbers (API)', `/api/v1/alerts/${id}/serials`)
export const apiRevisions = (id: string): Place =>
  outside('All revisions (API)', `/api/v1/alerts/${id}/revisions`)
export const apiDevice = (id: string): Place => outside('Logger (API)', `/api/v1/devices/${id}`)
export const apiRefusals = (id: string): Place =>
  outside('Refusals of the logger (API)', `/api/v1/devices/${id}/refusals`)
export const apiRefused = (id: string): Place =>
  outside('The refused packet (API)', `/api/v1/refusals/${id}/raw`)
export const apiUnit = (epc: string): Place => outside('Unit (API)', `/api/v1/units/${epc}`)
export const apiRecall = (id: string): Place => outside('Recall (API)', `/api/v1/recalls/${id}`)
export const apiProduct = (gtin: string): Place =>
  outside('Product and its limits (API)', `/api/v1/products/${gtin}`)
export const apiCase = (id: string): Place => outside('Case (API)', `/api/v1/cases/${id}`)
export const apiCaseSerials = (id: string): Place =>
  outside('Serial numbers concerned (API)', `/api/v1/cases/${id}/serials`)
export const apiReady = (): Place => outside('Health of every part', '/readyz')

const kept = `&var-tenant=${chosen('tenant')}&var-unit=${chosen('unit')}&var-isotherm=${chosen('isotherm')}`

/** A range of time of the target's own instead of the one looked at; epoch ms. */
export interface Span {
  from: string
  to: string
}

export function dashboard(
  to: { title: string; uid: string; variables: Record<string, string> },
  span?: Span,
): Place {
  const variables = Object.entries(to.variables).map(([name, value]) => `&var-${name}=${value}`)
  const time = span ? `from=${span.from}&to=${span.to}` : braces('__url_time_range')
  return {
    title: to.title,
    url: `/d/${to.uid}?${time}${variables.join('')}${kept}`,
    targetBlank: false,
  }
}

/** To an excursion, with some time before and after it: columns `begin` and `finish`. */
export const toExcursion = (id: string): Place =>
  dashboard(
    { title: 'The excursion', uid: uids.excursion, variables: { alert: id } },
    { from: cell('begin'), to: cell('finish') },
  )

export const toShipment = (container: string, span?: Span): Place =>
  dashboard({ title: 'The shipment', uid: uids.shipment, variables: { container } }, span)

export const toDevice = (device: string): Place =>
  dashboard({ title: 'Health of the logger', uid: uids.device, variables: { device } })
