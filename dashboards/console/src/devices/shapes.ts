// What the API says of devices, parsed at the edge. Pure; missing fields get a plain value.
import { severity } from '../quality/shapes.ts'
import { numberOf, objectOf, parseTime, type Severity, textOf } from '../shapes.ts'

type Json = Readonly<Record<string, unknown>>
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.map(objectOf) : [])

export interface Device {
  id: string
  giai: string
  intervalSeconds: number | null
  uncertaintyC: number | null
  calibratedAt: number | null
  calibrationDue: number | null
  createdAt: number | null
  retired: { at: number | null; reason: string } | null
}

export interface DeviceState extends Device {
  topic: string
  /** The token before its present one is good as well until then. */
  formerUntil: number | null
  latest: { channel: string; time: number | null; value: number | null }[]
}

export function parseDevice(json: Json): Device {
  return {
    id: textOf(json.id),
    giai: textOf(json.giai),
    intervalSeconds: numberOf(json.loggingIntervalSeconds),
    uncertaintyC: numberOf(json.uncertaintyC),
    calibratedAt: parseTime(json.calibratedAt),
    calibrationDue: parseTime(json.calibrationDue),
    createdAt: parseTime(json.createdAt),
    retired: json.retired === undefined ? null : retiredOf(objectOf(json.retired)),
  }
}

/** As the list tells of it. */
export interface Listed extends Device {
  heardAt: number | null
  batteryPercent: number | null
  /** Empty: on none. */
  container: string
  /** The worst of clock, calibration and batteries. */
  finding: Omit<Finding, 'channel' | 'from' | 'to'> | null
}

export function parseListed(json: Json): Listed {
  const finding = objectOf(json.finding)
  return {
    ...parseDevice(json),
    heardAt: parseTime(json.heardAt),
    batteryPercent: numberOf(json.batteryPercent),
    container: textOf(json.container),
    finding: textOf(finding.kind)
      ? {
          kind: textOf(finding.kind),
          severity: severity(finding.severity),
          code: textOf(finding.code),
          figures: finding.figures,
          detail: textOf(finding.detail),
        }
      : null,
  }
}

const retiredOf = (json: Json): Device['retired'] => ({
  at: parseTime(json.at),
  reason: textOf(json.reason),
})

export function parseDeviceState(json: Json): DeviceState {
  const topics = objectOf(objectOf(json.mqtt).topics)
  const latest = listOf(json.latest).map((each) => ({
    channel: textOf(each.channel),
    time: parseTime(each.time),
    value: numberOf(each.value),
  }))
  const formerUntil = parseTime(json.formerTokenUntil)
  return { ...parseDevice(json), topic: textOf(topics.readings), formerUntil, latest }
}

export interface Refusal {
  id: number
  at: number | null
  topic: string
  code: string
  path: string
  detail: string
  remedy: string
  text: string | null
  raw: string
  bytes: number
}

export const parseRefusal = (json: Json): Refusal => ({
  id: numberOf(json.id) ?? 0,
  at: parseTime(json.recordTime),
  topic: textOf(json.topic),
  code: textOf(json.code),
  path: textOf(json.path),
  detail: textOf(json.detail),
  remedy: textOf(json.remedy),
  text: typeof json.text === 'string' ? json.text : null,
  raw: textOf(json.raw),
  bytes: numberOf(json.rawBytes) ?? 0,
})

export interface Finding {
  kind: string
  channel: string
  severity: Severity
  from: number | null
  to: number | null
  code: string
  figures: unknown
  detail: string
}

export const parseFindings = (json: unknown): Finding[] =>
  listOf(objectOf(json).findings).map((each) => ({
    kind: textOf(each.kind),
    channel: textOf(each.channel),
    severity: severity(each.severity),
    from: parseTime(each.from),
    to: parseTime(each.to),
    code: textOf(each.code),
    figures: each.figures,
    detail: textOf(each.detail),
  }))

export interface Unusual {
  time: number | null
  value: number | null
  score: number
}

export const parseUnusual = (json: unknown): Unusual[] =>
  listOf(objectOf(json).items).map((each) => ({
    time: parseTime(each.time),
    value: numberOf(each.value),
    score: numberOf(each.score) ?? 0,
  }))

export interface Decoded {
  bytes: number
  gzip: boolean
  text: string | null
  /** What the packet looks like it was meant to be. */
  hint: string
  count: number
  readings: { channel: string; time: number | null; value: number | null; unit: string }[]
  refusals: DecodedRefusal[]
}

export interface DecodedRefusal {
  code: string
  path: string
  detail: string
  remedy: string
  at: number | null
  length: number
  /** Of Sparkplug B: what was refused, and its bytes. */
  metric: { name: string; alias: string; from: number; to: number } | null
}

export function parseDecoded(json: unknown): Decoded {
  const told = objectOf(json)
  return {
    bytes: numberOf(told.bytes) ?? 0,
    gzip: told.gzip === true,
    text: typeof told.text === 'string' ? told.text : null,
    hint: textOf(told.hint),
    count: numberOf(told.readingCount) ?? 0,
    readings: listOf(told.readings).map((each) => ({
      channel: textOf(each.channel),
      time: parseTime(each.time),
      value: numberOf(each.value),
      unit: textOf(each.unit),
    })),
    refusals: listOf(told.refusals).map((each) => ({
      code: textOf(each.code),
      path: textOf(each.path),
      detail: textOf(each.detail),
      remedy: textOf(each.remedy),
      at: numberOf(each.at),
      length: numberOf(each.length) ?? 1,
      metric: each.metric === undefined ? null : metricOf(objectOf(each.metric)),
    })),
  }
}

function metricOf({ name, alias, at, length }: Json): DecodedRefusal['metric'] {
  const from = numberOf(at) ?? 0
  return { name: textOf(name), alias: textOf(alias), from, to: from + (numberOf(length) ?? 1) - 1 }
}

export interface Check {
  check: string
  points: number | null
  of: number
  code: string
  figures: unknown
  detail: string
}

export function parseConformance(json: unknown): { score: number | null; checks: Check[] } {
  const told = objectOf(json)
  const checks = listOf(told.checks).map((each) => ({
    check: textOf(each.check),
    points: numberOf(each.points),
    of: numberOf(each.of) ?? 0,
    code: textOf(each.code),
    figures: each.figures,
    detail: textOf(each.detail),
  }))
  return { score: numberOf(told.score), checks }
}

export interface Calibration {
  /** Null: nobody said when. */
  at: number | null
  due: number | null
  certificate: string
  laboratory: string
  /** °C; error: read minus reference. */
  points: { reference: number; error: number; uncertainty: number | null }[]
}

export interface Drift {
  reference: number
  from: number | null
  to: number | null
  change: number
  perYear: number
  /** More than both certificates leave open. */
  significant: boolean
}

export function parseCalibrations(json: unknown): { items: Calibration[]; drifts: Drift[] } {
  const told = objectOf(json)
  const items = listOf(told.items).map((each) => ({
    at: parseTime(each.calibratedAt),
    due: parseTime(each.calibrationDue),
    certificate: textOf(each.certificate),
    laboratory: textOf(each.laboratory),
    points: listOf(each.points).map((point) => ({
      reference: numberOf(point.referenceC) ?? 0,
      error: numberOf(point.errorC) ?? 0,
      uncertainty: numberOf(point.uncertaintyC),
    })),
  }))
  const drifts = listOf(told.drifts).map((each) => ({
    reference: numberOf(each.referenceC) ?? 0,
    from: parseTime(each.from),
    to: parseTime(each.to),
    change: numberOf(each.changeC) ?? 0,
    perYear: numberOf(each.perYearC) ?? 0,
    significant: each.significant === true,
  }))
  return { items, drifts }
}
