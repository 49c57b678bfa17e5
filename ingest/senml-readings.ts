// Resolved SenML records become readings: which channel a name means and how its unit becomes ours.
//
// The channel is the record's own `n` when it is exactly a channel; else the part of the full name
// behind its last `:` or `/`; else, for a record without `n` (RFC 8428 §5.1.3: one name, several
// units), what its unit measures. The device is that of the topic; names do not choose it. Refuses
// units it cannot convert.
import {
  type Channel,
  type Reading,
  refuseTime,
  refuseValue,
  toCelsius,
} from '../domain/reading.ts'
import type { Refusal } from '../domain/refusal.ts'
import { channelNamed, type ReadingsContext } from './readings-json.ts'
import { type Decoded, refuse } from './refuse.ts'
import { decodePack, resolvePack, type SenmlEntry } from './senml.ts'

/** Bytes of a pack, JSON or CBOR. Relative times count from the record time. Never throws. */
export function decodeSenml(body: Uint8Array, context: ReadingsContext): Decoded<Reading> {
  const pack = decodePack(body)
  if (!pack.ok) return { readings: [], refusals: pack.refusals }
  const { entries, refusals } = resolvePack(pack.value, context.recordTime)
  const readings: Reading[] = []
  for (const entry of entries) {
    const reading = readEntry(entry, context)
    if ('code' in reading) refuse(refusals, reading)
    else readings.push(reading)
  }
  if (readings.length === 0 && refusals.length === 0)
    refuse(refusals, { code: 'reading/empty', path: '', detail: 'the pack holds base fields only' })
  return { readings, refusals }
}

function readEntry(entry: SenmlEntry, context: ReadingsContext): Reading | Refusal {
  const { record, time } = entry
  const path = `/${entry.index}`
  const found = findChannel(entry, context.channels)
  if (found === undefined) {
    const detail = `no channel in the name ${JSON.stringify(record.n.slice(-80))}`
    return { code: 'reading/channel-unknown', path, detail }
  }
  const refusedTime = refuseTime(time, context.recordTime, path)
  if (refusedTime) return refusedTime
  const { name, channel } = found
  if (record.v === undefined) {
    if (record.vb !== undefined && channel.unit === '0|1')
      return { channel: name, time, value: record.vb ? 1 : 0 }
    const detail = `${name} needs a number in "v"`
    return { code: 'reading/value-invalid', path, detail }
  }
  const value = convert(record.v, record.u, found)
  if (value === undefined) {
    const detail = `unit ${JSON.stringify(record.u?.slice(0, 40))} is not one of ${name}`
    return { code: 'reading/unit-unknown', path, detail }
  }
  const refusedValue = refuseValue(value, channel, path)
  if (refusedValue) return refusedValue
  if (channel.unit === '0|1' && value !== 0 && value !== 1)
    return { code: 'reading/value-invalid', path, detail: `${name} is 0 or 1, not ${value}` }
  return { channel: name, time, value: value + 0 }
}

interface Found {
  name: string
  channel: Channel
}

function findChannel(
  { record, ownName }: SenmlEntry,
  declared: ReadingsContext['channels'],
): Found | undefined {
  const last = record.n.slice(Math.max(record.n.lastIndexOf(':'), record.n.lastIndexOf('/')) + 1)
  const names = [ownName, last, ownName ? undefined : channelByUnit.get(record.u ?? '')]
  for (const name of names) {
    const channel = name ? channelNamed(name, declared) : undefined
    if (channel) return { name: name!, channel }
  }
}

/** Units that measure one thing only, for records that name nothing but the device. */
const channelByUnit = new Map([
  ['Cel', 'temperature'],
  ['%RH', 'humidity'],
  ['lx', 'light'],
  ['%EL', 'battery'],
  ['lat', 'lat'],
  ['lon', 'lon'],
  ['Pa', 'pressure'],
  ['hPa', 'pressure'],
])

const same = (value: number): number => value
/** Undoes the last digits of a binary product: 0.55 × 100 is 55. */
const times = (factor: number) => (value: number) => Math.round(value * factor * 1e9) / 1e9

/**
 * Canonical unit, then SenML unit (RFC 8428 §12.1, RFC 8798; `%` is an old name of the ratio `/`),
 * then the way.
 */
const conversions: Readonly<Record<string, Readonly<Record<string, (value: number) => number>>>> = {
  '°C': {
    Cel: same,
    degC: same,
    K: (value) => toCelsius(value, 'K'),
    degF: (value) => toCelsius(value, 'F'),
  },
  '%RH': { '%RH': same, '/': times(100), '%': times(100), '/100': same },
  '%': { '%EL': same, '/': times(100), '%': times(100), '/100': same },
  lx: { lx: same, lux: same },
  hPa: { hPa: same, Pa: times(0.01) },
  g: { g: same, 'm/s2': times(1 / 9.80665) },
  '0|1': { '/': same },
  '°': { lat: same, lon: same, deg: same },
  m: { m: same, km: times(1000), cm: times(0.01), mm: times(0.001) },
}

/**
 * No unit: the application's context gives it (RFC 8428 §4.5.2), here the channel's own. Undefined:
 * unknown.
 */
function convert(
  value: number,
  unit: string | undefined,
  { name, channel }: Found,
): number | undefined {
  if (unit === undefined) return value
  if ((unit === 'lat' || unit === 'lon') && name !== unit) return undefined
  const ways = conversions[channel.unit]
  if (ways !== undefined && Object.hasOwn(ways, unit)) return ways[unit]!(value)
  // A declared channel may have any unit of its own.
  return unit === channel.unit ? value : undefined
}
