// SenML packs (RFC 8428) as JSON or CBOR become resolved records: base fields applied, times
// absolute. Knows no channels (ingest/senml-readings.ts does). Refuses a pack of a version or with
// a label it must understand and does not; other faults cost only their record.
import { bounds } from '../config.ts'
import type { Refusal, RefusalCode, Result } from '../domain/refusal.ts'
import { decodeCbor } from './cbor.ts'
import { decodeJson } from './json.ts'
import { refuse } from './refuse.ts'

/** RFC 8428 §4.6: no base fields but a version other than 10; `t` in seconds since 1970. */
export interface SenmlRecord {
  n: string
  t: number
  u?: string
  v?: number
  vs?: string
  vb?: boolean
  /** base64url without padding, from CBOR too. */
  vd?: string
  s?: number
  ut?: number
  bver?: number
}

/**
 * A resolved record, its time in epoch ms, its place in the pack and its name before the base name
 * came.
 */
export interface SenmlEntry {
  record: SenmlRecord
  time: number
  index: number
  ownName: string | undefined
}

/**
 * Resolved records in chronological order (RFC 8428 §4.6). `nowMs`: what relative times count from.
 */
export function resolveSenml(
  pack: unknown,
  nowMs: number,
): { records: SenmlRecord[]; refusals: Refusal[] } {
  const { entries, refusals } = resolvePack(pack, nowMs)
  return { records: entries.map((entry) => entry.record), refusals }
}

/** As `resolveSenml`, with what a reader of the records needs to point back into the pack. */
export function resolvePack(
  pack: unknown,
  nowMs: number,
): { entries: SenmlEntry[]; refusals: Refusal[] } {
  const refusals: Refusal[] = []
  const entries: SenmlEntry[] = []
  const version = packVersion(pack, refusals)
  if (version === undefined) return { entries, refusals }
  const base: Base = { bn: '', bt: 0, bu: undefined, bv: undefined, bs: undefined }
  const records = pack as unknown[]
  for (let index = 0; index < records.length; index++) {
    const fields = records[index]
    if (!isFields(fields)) {
      refuse(refusals, { code: 'senml/shape', path: `/${index}`, detail: 'a record is an object' })
      continue
    }
    const faults = labelFaults(fields, index)
    for (const fault of faults) refuse(refusals, fault)
    if (faults.some((fault) => baseLabels.has(fault.path.slice(fault.path.lastIndexOf('/') + 1)))) {
      // What follows would be resolved with a base that its sender replaced.
      const detail = `the ${records.length - index} records from here on have no usable base`
      refuse(refusals, { code: 'senml/shape', path: `/${index}`, detail })
      break
    }
    Object.assign(base, baseOf(fields))
    const labels = Object.keys(fields)
    // A record of base fields only sets them and measures nothing.
    if (faults.length > 0 || (labels.length > 0 && labels.every((name) => name.startsWith('b'))))
      continue
    const resolved = resolveRecord(fields, base, { index, nowMs, version })
    if ('code' in resolved) refuse(refusals, resolved)
    else entries.push(resolved)
  }
  entries.sort((a, b) => a.time - b.time)
  return { entries, refusals }
}

/**
 * JSON or CBOR by the first byte: a CBOR array, map or tag has its high bit set, JSON text has not.
 */
export function decodePack(body: Uint8Array): Result<unknown> {
  const first = body[0] ?? 0
  // 0xef begins a UTF-8 byte order mark.
  if (first < 0x80 || first === 0xef) return decodeJson(body)
  const cbor = decodeCbor(body)
  if (!cbor.ok || !Array.isArray(cbor.value)) return cbor
  return { ok: true, value: cbor.value.map(namedFields) }
}

/**
 * The versions this program understands: 10 and the drafts before it, and 10 with secondary units
 * (RFC 9100 §4).
 */
const isKnownVersion = (version: number): boolean => version <= 10 || version === 26

type Fields = Readonly<Record<string, unknown>>

interface Base {
  bn: string
  bt: number
  bu: string | undefined
  bv: number | undefined
  bs: number | undefined
}

/**
 * RFC 8428 §4.3 table 1 and §6 table 4: label, CBOR label, type, and what its refusal is called.
 */
const labelTable: readonly (readonly [string, number, string, RefusalCode])[] = [
  ['bver', -1, 'number', 'senml/version'],
  ['bn', -2, 'string', 'senml/name'],
  ['bt', -3, 'number', 'senml/time'],
  ['bu', -4, 'string', 'senml/shape'],
  ['bv', -5, 'number', 'senml/value'],
  ['bs', -6, 'number', 'senml/value'],
  ['n', 0, 'string', 'senml/name'],
  ['u', 1, 'string', 'senml/shape'],
  ['v', 2, 'number', 'senml/value'],
  ['vs', 3, 'string', 'senml/value'],
  ['vb', 4, 'boolean', 'senml/value'],
  ['s', 5, 'number', 'senml/value'],
  ['t', 6, 'number', 'senml/time'],
  ['ut', 7, 'number', 'senml/time'],
  ['vd', 8, 'string', 'senml/value'],
]
const labels = new Map(labelTable.map(([name, , type, code]) => [name, { type, code }]))
const cborLabels = new Map(labelTable.map(([name, number]) => [number, name]))
const baseLabels: ReadonlySet<string> = new Set(['bver', 'bn', 'bt', 'bu', 'bv', 'bs'])

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map)

/** A CBOR record with the labels of JSON; unknown integer labels are dropped (RFC 8428 §4.4). */
function namedFields(record: unknown): unknown {
  if (!(record instanceof Map)) return record
  const fields: Record<string, unknown> = Object.create(null)
  for (const [key, value] of record as Map<unknown, unknown>) {
    const name = typeof key === 'number' ? cborLabels.get(key) : key
    if (typeof name !== 'string') continue
    const isData = name === 'vd' && value instanceof Uint8Array
    fields[name] = isData ? Buffer.from(value).toString('base64url') : value
  }
  return fields
}

/** The version of all records, or undefined with why nothing of the pack may be used. */
function packVersion(pack: unknown, refusals: Refusal[]): number | undefined {
  if (!Array.isArray(pack) || pack.length === 0) {
    const detail = 'a pack is an array of at least one record'
    return void refusals.push({ code: 'senml/shape', path: '', detail })
  }
  if (pack.length > bounds.readingsPerPacketMax) {
    const detail = `more than ${bounds.readingsPerPacketMax} records in one pack`
    return void refusals.push({ code: 'packet/too-many-readings', path: '', detail })
  }
  let version = 10
  for (let index = 0; index < pack.length; index++) {
    const fields: unknown = pack[index]
    if (!isFields(fields)) continue
    for (const name of Object.keys(fields)) {
      // RFC 8428 §4.4: an unknown label that ends in "_" must be understood to understand the pack.
      if (!name.endsWith('_')) continue
      const detail = `label ${JSON.stringify(name.slice(0, 40))} must be understood and is not`
      refuse(refusals, { code: 'senml/label-unknown', path: `/${index}`, detail })
    }
    const stated = fields.bver
    if (stated === undefined) continue
    const path = `/${index}/bver`
    const isVersion = typeof stated === 'number' && Number.isInteger(stated) && stated > 0
    if (!isVersion || !isKnownVersion(stated)) {
      const detail = `version ${String(stated)} is not understood; 10 is`
      refuse(refusals, { code: 'senml/version', path, detail })
    } else if (index > 0 && stated !== version) {
      const detail = `version ${stated} after ${version}: all records of a pack have one version`
      refuse(refusals, { code: 'senml/version', path, detail })
    } else version = stated
  }
  return refusals.length === 0 ? version : undefined
}

function labelFaults(fields: Fields, index: number): Refusal[] {
  const faults: Refusal[] = []
  for (const name of Object.keys(fields)) {
    const label = labels.get(name)
    const value = fields[name]
    if (label === undefined) continue
    if (typeof value === label.type && (label.type !== 'number' || Number.isFinite(value))) continue
    const detail = `"${name}" must be a ${label.type === 'number' ? 'finite number' : label.type}`
    faults.push({ code: label.code, path: `/${index}/${name}`, detail })
  }
  return faults
}

/** The base fields that this record sets; their types are checked before. */
function baseOf(fields: Fields): Partial<Base> {
  const set: Record<string, unknown> = {}
  for (const name of ['bn', 'bt', 'bu', 'bv', 'bs'])
    if (fields[name] !== undefined) set[name] = fields[name]
  return set as Partial<Base>
}

/** RFC 8428 §4.5. Types are checked before, so the casts below are true. */
function resolveRecord(
  fields: Fields,
  base: Readonly<Base>,
  at: { index: number; nowMs: number; version: number },
): SenmlEntry | Refusal {
  const path = `/${at.index}`
  const ownName = fields.n as string | undefined
  const name = base.bn + (ownName ?? '')
  if (!/^[A-Za-z0-9][-A-Za-z0-9:./_]*$/.test(name)) {
    const shown = JSON.stringify(name.slice(0, 80))
    const detail = `name ${shown}: letters, digits and - : . / _ only (§4.5.1)`
    return { code: 'senml/name', path, detail }
  }
  const given = ['v', 'vs', 'vb', 'vd'].filter((label) => fields[label] !== undefined)
  const sum = base.bs === undefined && fields.s === undefined ? undefined : true
  if (given.length > 1)
    return { code: 'senml/value', path, detail: `one value, not ${given.join(' and ')} (§4.2)` }
  if (given.length === 0 && base.bv === undefined && !sum)
    return { code: 'senml/value', path, detail: 'neither a value nor a sum (§4.2)' }
  if (fields.vd !== undefined && !isBase64Url(fields.vd as string))
    return { code: 'senml/value', path: `${path}/vd`, detail: 'not base64url without padding' }

  // §4.5.3: below 2^28 a time counts from now. Rounded to the ms, which mends binary sums too.
  const total = base.bt + ((fields.t as number | undefined) ?? 0)
  const time = Math.round(total * 1000) + (total < 2 ** 28 ? at.nowMs : 0)
  if (!(Math.abs(time) <= 8.64e15))
    return { code: 'senml/time', path, detail: `${total} s is beyond any calendar` }

  const record: SenmlRecord = { n: name, t: time / 1000 }
  const unit = (fields.u as string | undefined) ?? base.bu
  if (unit !== undefined) record.u = unit
  if (given.length === 0 ? base.bv !== undefined : given[0] === 'v')
    record.v = add(base.bv, fields.v as number | undefined)
  if (fields.vs !== undefined) record.vs = fields.vs as string
  if (fields.vb !== undefined) record.vb = fields.vb as boolean
  if (fields.vd !== undefined) record.vd = fields.vd as string
  if (sum) record.s = add(base.bs, fields.s as number | undefined)
  if (fields.ut !== undefined) record.ut = fields.ut as number
  if (at.version !== 10) record.bver = at.version
  return { record, time, index: at.index, ownName }
}

const isBase64Url = (text: string): boolean => /^[\w-]*$/.test(text) && text.length % 4 !== 1

/**
 * Base and own value; a missing one is zero (§4.5.4). Fifteen digits are what a double holds of
 * decimals.
 */
function add(base: number | undefined, own: number | undefined): number {
  if (base === undefined || base === 0) return own ?? 0
  return own === undefined ? base : Number((base + own).toPrecision(15))
}
