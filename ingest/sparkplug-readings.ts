// Metrics of Sparkplug B as readings. A metric is named by the channel, alone or at the end of a
// path (`Probes/temperature`); what data leave out is told by the birth in force. Refuses to guess:
// an alias that no birth explains, an integer whose sign nobody told.
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
import { datatypes, decodePayload, type Metric } from './sparkplug.ts'
import { type Birth, completeMetric } from './sparkplug-births.ts'
import { isBirth, isData } from './sparkplug-topics.ts'

/**
 * Never throws on input. `path` of a refusal is a pointer to the metric, counted from 0. `birth`:
 * the one in force, for data; births explain themselves.
 */
export function decodeSparkplug(
  body: Uint8Array,
  type: string,
  context: ReadingsContext & { birth?: Birth | undefined },
): Decoded<Reading> {
  const decoded: Decoded<Reading> = { readings: [], refusals: [] }
  if (!isBirth(type) && !isData(type)) return decoded
  const payload = decodePayload(body)
  if (!payload.ok) return { readings: [], refusals: payload.refusals }
  const { metrics, timestamp } = payload.value
  const birth = isData(type) ? context.birth : undefined
  const unexplained: number[] = []
  metrics.forEach((sent, index) => {
    if (!holdsAny(sent)) return
    const metric = completeMetric(sent, birth)
    if (metric === undefined) unexplained.push(index)
    else readMetric({ timestamp, ...metric }, { path: `/metrics/${index}`, context, decoded })
  })
  if (unexplained.length > 0)
    refuse(decoded.refusals, aliasOnly({ metrics, unexplained, type, birth }))
  return decoded
}

/** What has no value now and what is not to be stored is no reading, whatever its name. */
const holdsAny = ({ value, other, isNull, isTransient }: Metric): boolean =>
  !isNull && !isTransient && (value !== undefined || other !== undefined)

/** One refusal for all of a packet: what it lacks is one birth. */
function aliasOnly(of: {
  metrics: readonly Metric[]
  unexplained: readonly number[]
  type: string
  birth: Birth | undefined
}): Refusal {
  const { metrics, unexplained, type, birth } = of
  const [first, ...further] = unexplained as [number, ...number[]]
  const alias = metrics[first]!.alias
  const more = further.length > 0 ? ` and of ${further.length} more` : ''
  const said = `${type.charAt(0)}BIRTH`
  const why = isBirth(type)
    ? 'a birth names all metrics'
    : birth === undefined
      ? `no ${said} came before`
      : `the ${said} before does not tell it`
  const detail = `alias ${alias ?? 'none'}${more} without a name; ${why}`
  return { code: 'reading/alias-only', path: `/metrics/${first}`, detail }
}

interface Place {
  path: string
  context: ReadingsContext
  decoded: Decoded<Reading>
}

function readMetric(metric: Metric, { path, context, decoded }: Place): void {
  const { readings, refusals } = decoded
  const { name = '', timestamp, value, other } = metric
  if (isOfNode(name)) return
  const found = channelNamed(name, context.channels)
  if (value === undefined) {
    // Of texts and bytes a node has many that are no measurements; a table may hold some.
    const isTable = other === 'DataSet' || other === 'Template'
    if (!isTable && !found) return
    const detail = `${JSON.stringify(name.slice(0, 80))} is a ${other}; want a number or a switch`
    refuse(refusals, { code: 'reading/value-invalid', path, detail })
    return
  }
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
  name === 'bdSeq' || /^(?:Node|Device) (?:Control|Info)\/|^(?:Properties|_types_)\//.test(name)

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
  { value, unit, datatype }: Metric,
  channel: string,
  definition: Channel,
): number | Pick<Refusal, 'code' | 'detail'> {
  const invalid = (detail: string) => ({ code: 'reading/value-invalid' as const, detail })
  if (datatype === datatypes.dateTime) return invalid(`a DateTime is no number for ${channel}`)
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
