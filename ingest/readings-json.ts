// Readings JSON, the own format of devices (docs/readings.md): one object or an array of objects
// with a time and channels. Decides field by field: one bad field never loses the good ones.
// Refuses to guess: a reading without a time, with a local time or in an unknown unit is no
// reading.
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
import { parseRfc3339 } from '../domain/rfc3339.ts'
import { decodeJson } from './json.ts'
import { readUsual } from './readings-usual.ts'
import { type Decoded, refuse } from './refuse.ts'

export interface ReadingsContext {
  /** When the body came in, epoch ms: a reading may be at most 48 h ahead of it. */
  recordTime: number
  /** Further numeric channels of this device, by declaration. */
  channels?: Readonly<Record<string, Channel>> | undefined
}

/** Bytes of readings JSON. Never throws; `path` of a refusal is a JSON pointer into the body. */
export function decodeReadings(body: Uint8Array, context: ReadingsContext): Decoded<Reading> {
  const usual = readUsual(body, context.recordTime)
  if (usual !== undefined) return { readings: usual, refusals: [] }
  const json = decodeJson(body)
  if (!json.ok) return { readings: [], refusals: json.refusals }
  return parseReadings(json.value, context)
}

/** A parsed JSON value, an object or an array of objects. See `decodeReadings`. */
export function parseReadings(value: unknown, context: ReadingsContext): Decoded<Reading> {
  const place: Place = { readings: [], refusals: [], context, index: -1 }
  const { readings, refusals } = place
  if (!Array.isArray(value)) {
    readObject(value, place)
    return { readings, refusals }
  }
  if (value.length > bounds.readingsPerPacketMax) return tooMany()
  if (value.length === 0)
    refuse(refusals, { code: 'reading/empty', path: '', detail: 'the array holds no readings' })
  for (const object of value) {
    place.index++
    readObject(object, place)
    if (readings.length > bounds.readingsPerPacketMax) return tooMany()
  }
  return { readings, refusals }
}

/**
 * The channel of a field name: built in, probe-qualified or declared. Undefined for any other name.
 */
export function channelNamed(
  name: string,
  declared: ReadingsContext['channels'],
): Channel | undefined {
  const builtIn = builtInChannels.get(name)
  if (builtIn !== undefined) return builtIn
  return name.length > bounds.channelNameCharsMax ? undefined : channelOf(name, declared)
}

const builtInChannels = new Map(Object.entries(channels))

/** One packet, one answer: beyond the bound nothing is kept, so that nobody trusts a part of it. */
function tooMany(): Decoded<Reading> {
  const detail = `more than ${bounds.readingsPerPacketMax} readings in one packet`
  return { readings: [], refusals: [{ code: 'packet/too-many-readings', path: '', detail }] }
}

/** Where in a packet we are, and what came out of it so far. */
interface Place extends Decoded<Reading> {
  context: ReadingsContext
  /** Place in the array, -1 for a single object. */
  index: number
}

/** The hot path: paths and details are built for refusals only. */
function readObject(value: unknown, place: Place): void {
  const { readings, refusals, context } = place
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const detail = 'want an object such as {"time": "2026-03-01T12:00:00Z", "temperature": 4.2}'
    refuse(refusals, { code: 'reading/shape', path: pointer(place), detail })
    return
  }
  const object = value as Record<string, unknown>
  const refusedBefore = refusals.length
  const time = readTime(object.time, place)
  const unit = object.unit === undefined ? 'C' : readUnit(object.unit, place)
  let count = 0
  // Own names only: JSON.parse makes even `__proto__` an own member, and the prototype lists none.
  for (const name in object) {
    if (name === 'time' || name === 'unit') continue
    const raw = object[name]
    if (name === 'seq') {
      // A device's own counter, of no meaning to us beyond being one.
      if (typeof raw !== 'number') refuseNumber(place, name, raw)
      continue
    }
    const channel = channelNamed(name, context.channels)
    if (channel === undefined) {
      // A hundred thousand unknown names are not worth a sentence each.
      if (refusals.length > bounds.refusalsPerInputMax) continue
      const detail = `no channel ${JSON.stringify(name.slice(0, 80))}; declare it with the device`
      refuse(refusals, { code: 'reading/channel-unknown', path: pointer(place, name), detail })
      continue
    }
    let number: number
    if (typeof raw === 'number') number = raw
    else if (typeof raw === 'boolean' && channel.unit === '0|1') number = raw ? 1 : 0
    else {
      refuseNumber(place, name, raw)
      continue
    }
    if (unit !== 'C' && channel.unit === '°C') {
      if (unit === undefined) continue
      number = toCelsius(number, unit)
    }
    count++
    if (!(number >= channel.min && number <= channel.max))
      refuse(refusals, refuseValue(number, channel, pointer(place, name))!)
    else if (channel.unit === '0|1' && number !== 0 && number !== 1)
      refuseNumber(place, name, number)
    // Adding 0 makes -0 a 0: the store keeps the greater of two values, and these compare equal.
    else if (!Number.isNaN(time)) readings.push({ channel: name, time, value: number + 0 })
  }
  if (count === 0 && refusals.length === refusedBefore)
    refuse(refusals, {
      code: 'reading/empty',
      path: pointer(place),
      detail: 'no channel has a value',
    })
}

/** Epoch ms, or NaN with a refusal. */
function readTime(raw: unknown, place: Place): number {
  const { recordTime } = place.context
  const time =
    typeof raw === 'string'
      ? parseRfc3339(raw)
      : typeof raw === 'number'
        ? Math.floor(raw)
        : Number.NaN
  if (time >= timeMin && time <= recordTime + futureMs) return time
  if (raw === undefined) {
    const detail = 'a reading needs a "time": RFC 3339 with offset, or epoch ms'
    refuse(place.refusals, { code: 'reading/time-missing', path: pointer(place), detail })
    return Number.NaN
  }
  const path = pointer(place, 'time')
  if (!Number.isFinite(time)) {
    const detail = `${preview(raw)} is neither RFC 3339 with offset or Z nor epoch ms`
    refuse(place.refusals, { code: 'reading/time-invalid', path, detail })
    return Number.NaN
  }
  const refusal = refuseTime(time, recordTime, path)!
  // 2000 to 2100 as epoch seconds: the likeliest slip deserves its own words.
  if (typeof raw === 'number' && raw > 946_684_800 && raw < 4_102_444_800)
    refusal.detail += '; epoch seconds? epoch ms are wanted'
  refuse(place.refusals, refusal)
  return Number.NaN
}

/** Undefined with a refusal: the temperatures of the object have no meaning then. */
function readUnit(raw: unknown, place: Place): TemperatureUnit | undefined {
  if (raw === 'C' || raw === 'F' || raw === 'K') return raw
  const detail = `unit ${preview(raw)} is not "C", "F" or "K"; temperatures of this object are lost`
  refuse(place.refusals, { code: 'reading/unit-unknown', path: pointer(place, 'unit'), detail })
}

function refuseNumber(place: Place, name: string, raw: unknown): void {
  const detail = `${preview(raw)} is not a number that ${name} can have`
  refuse(place.refusals, { code: 'reading/value-invalid', path: pointer(place, name), detail })
}

function preview(raw: unknown): string {
  if (typeof raw === 'object' && raw !== null) return Array.isArray(raw) ? 'an array' : 'an object'
  return typeof raw === 'string' ? JSON.stringify(raw.slice(0, 40)) : String(raw)
}

/** JSON pointer (RFC 6901 §3: ~ is ~0, / is ~1). */
function pointer({ index }: Place, name?: string): string {
  const base = index < 0 ? '' : `/${index}`
  if (name === undefined) return base
  return `${base}/${name.slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
