// Metrics of Sparkplug B as readings. A metric is named by the channel, alone or at the end of a
// path (`Probes/temperature`). Refuses to guess: a metric with nothing but an alias means what a
// birth said that may be long gone, and is refused; so is an integer whose sign nobody told.
import {
  type Channel,
  channelOf,
  isTemperature,
  type Reading,
  refuseTime,
  refuseValue,
  type TemperatureUnit,
  toCelsius,
} from '../domain/reading.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { ReadingsContext } from './readings-json.ts'
import { type Decoded, refuse } from './refuse.ts'
import { decodePayload, type Metric } from './sparkplug.ts'

/** What has metrics to keep; deaths and commands have none. */
const kinds: ReadonlySet<string> = new Set(['NBIRTH', 'DBIRTH', 'NDATA', 'DDATA'])
const others: ReadonlySet<string> = new Set(['NDEATH', 'DDEATH', 'NCMD', 'DCMD'])

/**
 * The device of `spBv1.0/{tenant}/{type}/{node}[/{device}]`: the last level. Undefined when it is
 * no such topic of the tenant (I8).
 */
export function parseSparkplugTopic(
  topic: string,
  tenant: string,
): { device: string; type: string } | undefined {
  const [root, group, type, node, device, ...more] = topic.split('/')
  if (root !== 'spBv1.0' || group !== tenant || more.length > 0 || !type || !node) return undefined
  if (!kinds.has(type) && !others.has(type)) return undefined
  // N… speak of the node, D… of a device behind it (§5).
  if (type.startsWith('D') !== (device !== undefined) || device === '') return undefined
  return { device: device ?? node, type }
}

/** Never throws on input. `path` of a refusal is a pointer to the metric, counted from 0. */
export function decodeSparkplug(
  body: Uint8Array,
  type: string,
  context: ReadingsContext,
): Decoded<Reading> {
  const decoded: Decoded<Reading> = { readings: [], refusals: [] }
  if (!kinds.has(type)) return decoded
  const payload = decodePayload(body)
  if (!payload.ok) return { readings: [], refusals: payload.refusals }
  const { metrics, timestamp } = payload.value
  metrics.forEach((metric, index) => {
    const path = `/metrics/${index}`
    readMetric({ timestamp, ...metric }, { path, context, decoded })
  })
  return decoded
}

interface Place {
  path: string
  context: ReadingsContext
  decoded: Decoded<Reading>
}

function readMetric(metric: Metric, { path, context, decoded }: Place): void {
  const { readings, refusals } = decoded
  const { name, timestamp, value, isNull } = metric
  if (isNull || value === undefined) return
  if (name === undefined || name === '') {
    const detail = `alias ${metric.alias ?? 'none'} without a name`
    refuse(refusals, { code: 'reading/alias-only', path, detail })
    return
  }
  if (isOfNode(name)) return
  const found = channelNamed(name, context.channels)
  if (found === undefined) {
    const detail = `no channel ${JSON.stringify(name.slice(0, 80))}; declare it with the device`
    refuse(refusals, { code: 'reading/channel-unknown', path, detail })
    return
  }
  if (timestamp === undefined) {
    const detail = 'neither the metric nor the payload has a timestamp'
    refuse(refusals, { code: 'reading/time-missing', path, detail })
    return
  }
  const number = numberOf(metric, found.channel, found.definition)
  const refusal =
    refuseTime(timestamp, context.recordTime, path) ??
    (typeof number === 'object' ? { ...number, path } : refuseValue(number, found.definition, path))
  if (refusal) refuse(refusals, refusal)
  else readings.push({ channel: found.channel, time: timestamp, value: Number(number) })
}

/** What every node has, and what is no measurement (§6.4.6): not ours to refuse. */
const isOfNode = (name: string): boolean =>
  name === 'bdSeq' || /^(?:Node|Device) (?:Control|Info)\/|^Properties\//.test(name)

function channelNamed(
  name: string,
  declared: Readonly<Record<string, Channel>> | undefined,
): { channel: string; definition: Channel } | undefined {
  const last = name.slice(name.lastIndexOf('/') + 1)
  for (const channel of [name, last, last.charAt(0).toLowerCase() + last.slice(1)]) {
    const definition = channelOf(channel, declared)
    if (definition) return { channel, definition }
  }
  return undefined
}

const degrees: Readonly<Record<string, TemperatureUnit>> = {
  ...{ C: 'C', '°C': 'C', degC: 'C', Cel: 'C', Celsius: 'C' },
  ...{ F: 'F', '°F': 'F', degF: 'F', Fahrenheit: 'F' },
  ...{ K: 'K', Kelvin: 'K' },
}

/** In the unit of the channel, or why there is none. */
function numberOf(
  { value, unit }: Metric,
  channel: string,
  definition: Channel,
): number | Pick<Refusal, 'code' | 'detail'> {
  const invalid = (detail: string) => ({ code: 'reading/value-invalid' as const, detail })
  if (value === 'doubtful')
    return invalid('an integer whose sign is not known: send the datatype with it')
  const isSwitch = definition.unit === '0|1'
  if (typeof value === 'boolean' && isSwitch) return Number(value)
  if (typeof value !== 'number') return invalid(`${value} is no number for ${channel}`)
  if (isSwitch && value !== 0 && value !== 1) return invalid(`${value} is neither 0 nor 1`)
  if (unit === undefined || !isTemperature(channel)) return value
  if (Object.hasOwn(degrees, unit)) return toCelsius(value, degrees[unit]!)
  const detail = `no unit of temperature: ${JSON.stringify(unit.slice(0, 20))}`
  return { code: 'reading/unit-unknown', detail }
}
