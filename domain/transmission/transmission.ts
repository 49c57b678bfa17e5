// A WHO/UNICEF transmission of cold-chain equipment (Interoperable CCE Data Delivery, 2025; schema
// 0.8, after WHO PQS E006/DS01), graded and taken apart into devices and what they said. Refuses
// only what cannot be told apart; all else is taken and graded, because a sender gives up on what
// is refused, and what it measured would be lost.
import { channels } from '../reading.ts'
import type { Result } from '../refusal.ts'
import { type Clocks, clocksOf, parseDuration, timeOfRelative } from '../relative-time.ts'
import {
  addFinding,
  type FindingCode,
  type Findings,
  gradeRecord,
  gradeReport,
  isObject,
  noFindings,
  type Place,
  parseAbst,
} from './grades.ts'
import { declaredChannels, freezerObjects, numberObjects, type TransferType } from './objects.ts'

export interface TransmissionMeta {
  transferType: TransferType
  transferId: string
  transferSrc: string
}

/** One compartment of one piece of equipment. */
export interface EquipmentDevice {
  id: string
  /** Readings JSON (docs/readings.md); what cannot be a reading is in it as it came. */
  readings: Record<string, unknown>[]
}

export interface Transmission {
  meta: TransmissionMeta
  reports: number
  records: number
  devices: EquipmentDevice[]
  findings: Findings
}

/** What a device of a transmission may send beside the channels that all have. */
export const equipmentChannels = declaredChannels(channels)

/** The period of DS01 records. */
export const equipmentIntervalMs = 15 * 60_000

/** A parsed JSON body. Refused (`transmission/shape`) when type, data or identity are missing. */
export function parseTransmission(body: unknown): Result<Transmission> {
  const refuse = (path: string, detail: string): Result<Transmission> => ({
    ok: false,
    refusals: [{ code: 'transmission/shape', path, detail }],
  })
  if (!isObject(body)) return refuse('', 'want an object with "meta" and "data"')
  const { meta, data } = body
  if (!isObject(meta)) return refuse('/meta', 'want an object: who sends what')
  const { transferType, transferId, transferSrc } = meta
  if (transferType !== 'rtm' && transferType !== 'ems')
    return refuse('/meta/transferType', 'want "rtm" or "ems"')
  for (const [name, value] of Object.entries({ transferId, transferSrc }))
    if (typeof value !== 'string' || value === '' || value.length > textMax)
      return refuse(`/meta/${name}`, `want 1 to ${textMax} characters`)
  if (!Array.isArray(data) || data.length === 0)
    return refuse('/data', 'want an array of at least one report')
  const findings = noFindings()
  const known: TransmissionMeta = {
    transferType,
    transferId: transferId as string,
    transferSrc: transferSrc as string,
  }
  const transferredAt = gradeMeta(meta, findings)
  const devices = new Map<string, EquipmentDevice>()
  let records = 0
  for (const [index, report] of data.entries()) {
    const place: Place = {
      type: transferType,
      path: `/data/${index}`,
      transferredAt,
      findings,
    }
    if (!isObject(report)) {
      const detail = 'want an object: a report of one appliance'
      addFinding(findings, { grade: 'error', code: 'type', path: place.path, detail })
      continue
    }
    const found = gradeReport(report, place)
    const id = deviceIdOf(report, known)
    const clocks = clocksOf(momentOf(report), found.map(momentOf))
    gradeClocks({ clocks, records: found }, place)
    for (const [number, record] of found.entries()) {
      gradeRecord(record, { ...place, path: `${place.path}/records/${number}` })
      addReadings(devices, id, { record, time: timeOf(record, clocks) })
    }
    records += found.length
  }
  const taken = { meta: known, reports: data.length, records, findings }
  return { ok: true, value: { ...taken, devices: [...devices.values()] } }
}

const textMax = 500

/** Epoch ms of transferredAt; NaN when it says none. */
function gradeMeta(meta: Record<string, unknown>, findings: Findings): number {
  const { schemaVersion, transferredAt } = meta
  const add = (code: FindingCode, path: string, detail: string) =>
    addFinding(findings, { grade: 'error', code, path, detail })
  if (typeof schemaVersion !== 'string')
    add('missing', '/meta/schemaVersion', 'want the version of the schema, such as "0.8.0"')
  const utc = /^2\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d+)?Z$/
  if (typeof transferredAt === 'string' && utc.test(transferredAt)) return Date.parse(transferredAt)
  add('time', '/meta/transferredAt', 'want RFC 3339 in UTC with Z')
  return typeof transferredAt === 'string' ? Date.parse(transferredAt) : Number.NaN
}

/**
 * An appliance keeps its device whatever monitor is put to it: of rtm by the sender's own number of
 * the appliance (AMID), of ems by its logger. Serial numbers are unique within their maker only.
 */
function deviceIdOf(report: Record<string, unknown>, meta: TransmissionMeta): string {
  const texts = (...names: string[]): string | undefined =>
    names.map((name) => report[name]).find((value) => typeof value === 'string' && value !== '') as
      | string
      | undefined
  const [maker, serial] =
    meta.transferType === 'rtm'
      ? [meta.transferSrc, texts('AMID', 'ESER', 'ASER', 'AID')]
      : [texts('LMFR', 'EMFR', 'AMFR') ?? meta.transferSrc, texts('LSER', 'ESER', 'ASER', 'AID')]
  const slug = (text: string) => text.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '')
  return `${slug(maker ?? '').slice(0, 24)}.${fitted(slug(serial ?? 'unknown'), serial ?? '')}`
}

/** Within a device id; what had to be cut or changed is told apart by a sum of the whole. */
function fitted(slug: string, serial: string): string {
  if (slug === serial && slug.length <= serialMax) return slug
  let sum = 0x811c9dc5
  for (const byte of new TextEncoder().encode(serial)) sum = Math.imul(sum ^ byte, 0x01000193)
  return `${slug.slice(0, serialMax - 9)}-${(sum >>> 0).toString(16).padStart(8, '0')}`
}

/** 64 of a device id without maker, dot and `.freezer`. */
const serialMax = 31

const momentOf = ({ ABST, RELT }: Record<string, unknown>) => ({
  absoluteMs: parseAbst(ABST),
  relativeMs: parseDuration(RELT),
})

/** Epoch ms; what it says itself when that is no time, to be refused as it stands. */
function timeOf(record: Record<string, unknown>, { reference }: Clocks): unknown {
  const { absoluteMs, relativeMs } = momentOf(record)
  if (!Number.isNaN(absoluteMs)) return absoluteMs
  if (!reference || Number.isNaN(relativeMs)) return record.ABST
  const time = timeOfRelative(relativeMs, reference)
  return Number.isNaN(time) ? record.ABST : time
}

/** More than the clocks of quartz come apart in the years that a logger works. */
const apartMs = 5 * 60_000

function gradeClocks(
  { clocks, records }: { clocks: Clocks; records: Record<string, unknown>[] },
  { path, findings }: Place,
): void {
  const moments = records.map((record) => ({ ...momentOf(record), time: timeOf(record, clocks) }))
  const asked = moments.filter(({ absoluteMs, relativeMs }) => !absoluteMs && relativeMs >= 0)
  const known = asked.filter(({ time }) => typeof time === 'number').length
  const add = (grade: 'error' | 'warning' | 'notice', code: FindingCode, detail: string) =>
    addFinding(findings, { grade, code, path: `${path}/records`, detail })
  if (known > 0) add('notice', 'relative-time', `${known} got their time from RELT`)
  if (known < asked.length) {
    const detail = `${asked.length - known} have RELT only, and no place tells ABST for it`
    add('error', 'relative-time', detail)
  }
  if (clocks.disagreeMs > apartMs) {
    const detail = `ABST and RELT come apart by ${Math.round(clocks.disagreeMs / 60_000)} minutes: the clock was set`
    add('warning', 'clock-apart', detail)
  }
  const stood = records.filter(({ RTCW }) => parseDuration(RTCW) > 0).length
  if (stood > 0) add('notice', 'clock-interrupted', `${stood} say that the clock had stood still`)
}

/** Both compartments have the record's time; numbers without a channel say nothing over time. */
function addReadings(
  devices: Map<string, EquipmentDevice>,
  id: string,
  { record, time }: { record: Record<string, unknown>; time: unknown },
): void {
  const [main, freezer]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}]
  for (const [name, { channel }] of Object.entries(numberObjects)) {
    const value = record[name]
    if (channel === undefined || value === undefined || value === null) continue
    const target = freezerObjects.has(name) ? freezer : main
    target[channel] = value
  }
  for (const [device, values] of [
    [id, main],
    [`${id}.freezer`, freezer],
  ] as const) {
    if (Object.keys(values).length === 0) continue
    const known = devices.get(device) ?? { id: device, readings: [] }
    devices.set(device, known)
    known.readings.push({ time: time ?? null, ...values })
  }
}
