// The JSON shapes of the API as the console uses them, parsed at the edge. Pure. Times become epoch
// ms here (the API may write RFC 3339 or epoch ms). Unknown fields are ignored, missing ones get a
// plain value, so that an older console keeps working beside a newer server. Judges nothing.

export type Severity = 'info' | 'minor' | 'major' | 'critical'
export type Verdict = 'in' | 'out' | 'indeterminate'

export interface Alert {
  id: string
  kind: string
  rule: string
  ruleKind: string
  severity: Severity
  status: string
  verdict: Verdict
  device: string
  container: string
  channel: string
  gtin: string
  from: number
  to: number | null
  minutes: number
  unknownMinutes: number
  peakC: number | null
  limitC: number | null
  allowanceMinutes: number
  revision: number
  serialCount: number
  serialSetHash: string
}

export interface Shipment {
  container: string
  device: string
  mountedFrom: number | null
  mountedTo: number | null
  products: { gtin: string; name: string }[]
  unitCount: number
  /** False: at least so many. */
  unitCountComplete: boolean
  openAlerts: number
  latest: { time: number; value: number } | null
}

export interface Serial {
  epc: string
  gtin: string
  serial: string
  lot: string
  from: number | null
  to: number | null
  minutes: number
  peakC: number | null
  verdict: Verdict
}

export interface Revision {
  revision: number
  recordTime: number | null
  cause: string
  /** Serials that came and went; null when the set is the same. */
  added: number | null
  removed: number | null
  /** Names of the figures of the alert that changed. */
  figures: string[]
}

/** A reading, or a bucket of them when `min` and `max` are there. */
export interface Row {
  time: number
  value: number
  min?: number
  max?: number
}

export interface Product {
  gtin: string
  name: string
  rangeC: { min: number; max: number } | null
  loggingIntervalMs: number | null
  gapFactor: number
}

export interface Page<T> {
  items: T[]
  next: string | null
}

type Json = Record<string, unknown>

export function parsePage<T>(json: unknown, parse: (item: Json) => T): Page<T> {
  const page = objectOf(json)
  const items = Array.isArray(json) ? json : Array.isArray(page.items) ? page.items : []
  return { items: items.map((item) => parse(objectOf(item))), next: textOf(page.next) || null }
}

export function parseAlert(json: Json): Alert {
  return {
    id: textOf(json.id),
    kind: textOf(json.kind),
    rule: textOf(json.rule),
    ruleKind: textOf(json.ruleKind),
    severity: oneOf(json.severity, ['info', 'minor', 'major', 'critical'], 'major'),
    status: textOf(json.status),
    verdict: verdictOf(json.verdict),
    device: textOf(json.device),
    container: textOf(json.container),
    channel: textOf(json.channel) || 'temperature',
    gtin: textOf(json.gtin),
    from: parseTime(json.from) ?? 0,
    to: parseTime(json.to),
    minutes: numberOf(json.minutes) ?? 0,
    unknownMinutes: numberOf(json.unknownMinutes) ?? 0,
    peakC: numberOf(json.peakC),
    limitC: numberOf(json.limitC),
    allowanceMinutes: numberOf(json.allowanceMinutes) ?? 0,
    revision: numberOf(json.revision) ?? 1,
    serialCount: numberOf(json.serialCount) ?? 0,
    serialSetHash: textOf(json.serialSetHash),
  }
}

export function parseShipment(json: Json): Shipment {
  const latest = objectOf(json.latest)
  const time = parseTime(latest.time)
  const value = numberOf(latest.value)
  const products = Array.isArray(json.products) ? json.products.map(objectOf) : []
  return {
    container: textOf(json.container),
    device: textOf(json.device),
    mountedFrom: parseTime(json.mountedFrom),
    mountedTo: parseTime(json.mountedTo),
    products: products.map(({ gtin, name }) => ({ gtin: textOf(gtin), name: textOf(name) })),
    unitCount: numberOf(json.unitCount) ?? 0,
    unitCountComplete: json.unitCountComplete !== false,
    openAlerts: numberOf(json.openAlerts) ?? 0,
    latest: time === null || value === null ? null : { time, value },
  }
}

export function parseSerial(json: Json): Serial {
  return {
    epc: textOf(json.epc),
    gtin: textOf(json.gtin),
    serial: textOf(json.serial),
    lot: textOf(json.lot),
    from: parseTime(json.from),
    to: parseTime(json.to),
    minutes: numberOf(json.minutes) ?? 0,
    peakC: numberOf(json.peakC),
    verdict: verdictOf(json.verdict),
  }
}

export function parseRevision(json: Json): Revision {
  const { serialsAdded, serialsRemoved, ...figures } = objectOf(json.diff)
  return {
    revision: numberOf(json.revision) ?? 0,
    recordTime: parseTime(json.recordTime),
    cause: textOf(json.cause),
    added: numberOf(objectOf(serialsAdded).count),
    removed: numberOf(objectOf(serialsRemoved).count),
    figures: Object.keys(figures),
  }
}

/** Undefined for a row without a time or a value: it cannot be drawn. */
export function parseRow(json: Json): Row | undefined {
  const time = parseTime(json.time)
  const value = numberOf(json.value) ?? numberOf(json.mean)
  if (time === null || value === null) return undefined
  const min = numberOf(json.min)
  const max = numberOf(json.max)
  return min === null || max === null ? { time, value } : { time, value, min, max }
}

export function parseProduct(json: unknown): Product {
  const product = objectOf(json)
  const profile = objectOf(product.profile)
  const range = objectOf(profile.rangeC)
  const min = numberOf(range.min)
  const max = numberOf(range.max)
  const seconds = numberOf(profile.loggingIntervalSeconds)
  return {
    gtin: textOf(product.gtin),
    name: textOf(product.name),
    rangeC: min === null || max === null ? null : { min, max },
    loggingIntervalMs: seconds === null ? null : seconds * 1000,
    gapFactor: numberOf(profile.gapFactor) ?? 2.5,
  }
}

/** Epoch ms of RFC 3339 text or epoch ms; null when it is neither. */
export function parseTime(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string' || value === '') return null
  const time = Date.parse(value)
  return Number.isNaN(time) ? null : time
}

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

const verdictOf = (value: unknown): Verdict =>
  // I6: what cannot be read is unknown, and unknown is not good.
  oneOf(value, ['in', 'out', 'indeterminate'], 'indeterminate')

function oneOf<T extends string>(value: unknown, known: readonly T[], fallback: T): T {
  return known.find((entry) => entry === value) ?? fallback
}
