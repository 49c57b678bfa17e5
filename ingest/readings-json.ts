// Readings JSON, the own format of devices (docs/readings.md): one object or an array of objects with a time and
// channels. Decides field by field: one bad field never loses the good ones. Refuses to guess: a reading
// without a time, with a local time or in an unknown unit is no reading.
import { bounds } from '../config.ts'
import {
  type Channel,
  channelOf,
  channels,
  futureMs,
  type Reading,
  refuseTime,
  refuseValue,
  type TemperatureUnit,
  timeMin,
  toCelsius,
} from '../domain/reading.ts'
import type { Refusal, RefusalCode } from '../domain/refusal.ts'
import { parseRfc3339 } from '../domain/rfc3339.ts'
import { decodeJson } from './json.ts'
import { type Decoded, refuse } from './refuse.ts'

export interface ReadingsContext {
  /** When the body came in, epoch ms: a reading may be at most 48 h ahead of it. */
  recordTime: number
  /** Further numeric channels of this device, by declaration. */
  channels?: Readonly<Record<string, Channel>> | undefined
}

/** Bytes of readings JSON. Never throws; `path` of a refusal is a JSON pointer into the body. */
export function decodeReadings(body: Uint8Array, context: ReadingsContext): Decoded<Reading> {
  const json = decodeJson(body)
  if (!json.ok) return { readings: [], refusals: json.refusals }
  return parseReadings(json.value, context)
}

/** A parsed JSON value, an object or an array of objects. See `decodeReadings`. */
export function parseReadings(value: unknown, context: ReadingsContext): Decoded<Reading> {
  const out: Decoded<Reading> = { readings: [], refusals: [] }
  if (!Array.isArray(value)) {
    readObject(value, -1, out, context)
    return out
  }
  if (value.length === 0) reject(out, 'reading/empty', '', 'the array holds no readings')
  for (let i = 0; i < value.length && out.readings.length <= bounds.readingsPerPacketMax; i++) {
    if (i === bounds.readingsPerPacketMax) return tooMany()
    readObject(value[i], i, out, context)
  }
  return out.readings.length > bounds.readingsPerPacketMax ? tooMany() : out
}

/** The channel of a field name: built in, probe-qualified or declared. Undefined for any other name. */
export function channelNamed(
  name: string,
  declared: ReadingsContext['channels'],
): Channel | undefined {
  const builtIn = builtInChannels.get(name)
  if (builtIn !== undefined) return builtIn
  return name.length > bounds.channelNameCharsMax ? undefined : channelOf(name, declared)
}

const builtInChannels = new Map(Object.entries(channels))

/** One packet, one answer: beyond the bound nothing of it is kept, so that nobody trusts a part of it. */
export function tooMany(): Decoded<Reading> {
  const detail = `more than ${bounds.readingsPerPacketMax} readings in one packet`
  return { readings: [], refusals: [{ code: 'packet/too-many-readings', path: '', detail }] }
}

/** `index`: place in the array, -1 for a single object. The hot path: paths are built for refusals only. */
function readObject(
  value: unknown,
  index: number,
  out: Decoded<Reading>,
  context: ReadingsContext,
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const detail = 'want an object such as {"time": "2026-03-01T12:00:00Z", "temperature": 4.2}'
    reject(out, 'reading/shape', pointer(index), detail)
    return
  }
  const object = value as Record<string, unknown>
  const refusedBefore = out.refusals.length
  const time = readTime(object, index, out, context.recordTime)
  const unit = object.unit === undefined ? 'C' : readUnit(object.unit, index, out)
  let count = 0
  // Own names only: JSON.parse makes even `__proto__` an own member, and the prototype has none to list.
  for (const name in object) {
    if (name === 'time' || name === 'unit') continue
    const raw = object[name]
    if (name === 'seq') {
      // A device's own counter, of no meaning to us beyond being one.
      if (typeof raw !== 'number') rejectValue(out, index, name, raw)
      continue
    }
    const channel = channelNamed(name, context.channels)
    if (channel === undefined) {
      // A hundred thousand unknown names are not worth a sentence each.
      if (out.refusals.length > bounds.refusalsPerInputMax) continue
      const detail = `no channel ${JSON.stringify(name.slice(0, 80))}; declare it with the device`
      reject(out, 'reading/channel-unknown', pointer(index, name), detail)
      continue
    }
    let number: number
    if (typeof raw === 'number') number = raw
    else if (typeof raw === 'boolean' && channel.unit === '0|1') number = raw ? 1 : 0
    else {
      rejectValue(out, index, name, raw)
      continue
    }
    if (unit !== 'C' && channel.unit === '°C') {
      if (unit === undefined) continue
      number = toCelsius(number, unit)
    }
    count++
    if (!(number >= channel.min && number <= channel.max))
      refuse(out.refusals, refuseValue(number, channel, pointer(index, name))!)
    else if (channel.unit === '0|1' && number !== 0 && number !== 1)
      rejectValue(out, index, name, number)
    // Adding 0 makes -0 a 0: of two values for one time the store keeps the greater, and these are equal.
    else if (!Number.isNaN(time)) out.readings.push({ channel: name, time, value: number + 0 })
  }
  if (count === 0 && out.refusals.length === refusedBefore)
    reject(out, 'reading/empty', pointer(index), 'no channel has a value')
}

/** Epoch ms, or NaN with a refusal. */
function readTime(
  object: Record<string, unknown>,
  index: number,
  out: Decoded<Reading>,
  recordTime: number,
): number {
  const raw = object.time
  const time =
    typeof raw === 'string'
      ? parseRfc3339(raw)
      : typeof raw === 'number'
        ? Math.floor(raw)
        : Number.NaN
  if (time >= timeMin && time <= recordTime + futureMs) return time
  if (raw === undefined) {
    const detail = 'a reading needs a "time": RFC 3339 with offset, or epoch ms'
    reject(out, 'reading/time-missing', pointer(index), detail)
  } else if (!Number.isFinite(time)) {
    const detail = `${preview(raw)} is neither RFC 3339 with offset or Z nor epoch ms`
    reject(out, 'reading/time-invalid', pointer(index, 'time'), detail)
  } else {
    const refusal = refuseTime(time, recordTime, pointer(index, 'time'))!
    // 2000 to 2100 as epoch seconds: the likeliest slip deserves its own words.
    if (typeof raw === 'number' && raw > 946_684_800 && raw < 4_102_444_800)
      refusal.detail += '; epoch seconds? epoch ms are wanted'
    refuse(out.refusals, refusal)
  }
  return Number.NaN
}

/** Undefined with a refusal: the temperatures of the object have no meaning then. */
function readUnit(raw: unknown, index: number, out: Decoded<Reading>): TemperatureUnit | undefined {
  if (raw === 'C' || raw === 'F' || raw === 'K') return raw
  const detail = `unit ${preview(raw)} is not "C", "F" or "K"; temperatures of this object are lost`
  reject(out, 'reading/unit-unknown', pointer(index, 'unit'), detail)
}

function reject(
  out: { refusals: Refusal[] },
  code: RefusalCode,
  path: string,
  detail: string,
): void {
  refuse(out.refusals, { code, path, detail })
}

function rejectValue(out: Decoded<Reading>, index: number, name: string, raw: unknown): void {
  const detail = `${preview(raw)} is not a number that ${name} can have`
  reject(out, 'reading/value-invalid', pointer(index, name), detail)
}

function preview(raw: unknown): string {
  if (typeof raw === 'object' && raw !== null) return Array.isArray(raw) ? 'an array' : 'an object'
  return typeof raw === 'string' ? JSON.stringify(raw.slice(0, 40)) : String(raw)
}

/** JSON pointer (RFC 6901 §3: ~ is ~0, / is ~1). */
function pointer(index: number, name?: string): string {
  const base = index < 0 ? '' : `/${index}`
  if (name === undefined) return base
  return `${base}/${name.slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
