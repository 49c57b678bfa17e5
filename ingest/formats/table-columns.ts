// The header of a table of readings: which column is the time, which are channels, in which units.
// By their names only, with a unit beside every name that is not a channel's own: what is merely
// likely is not read, and whoever imports is told so. Reads no row.
import { channels, type TemperatureUnit, toCelsius } from '../../domain/reading.ts'

export interface ChannelColumn {
  at: number
  channel: string
  /** From the column's unit into the channel's. */
  convert(value: number): number
}

export interface TableColumns {
  /** The date alone when the time of day has its own column. */
  date?: number
  /** A moment, or the time of day beside `date`. */
  time?: number
  /** Its name says that it is told in UTC. */
  isUtc: boolean
  /** Time since the logger was started; `unitMs` of plain numbers. */
  relative?: { at: number; unitMs?: number }
  channels: ChannelColumn[]
  /** Names of columns that are none of these. */
  unread: string[]
  /** Why the header cannot be read although it is one. */
  fault?: string
}

const dateNames = ['date', 'datum', 'fecha']
const momentNames = [
  ...['timestamp', 'datetime', 'date time', 'date/time', 'date & time', 'eventtime', 'abst', 'ts'],
  ...['datum/zeit', 'datum/uhrzeit', 'datum zeit', 'zeitstempel', 'horodatage'],
]
const clockNames = ['time', 'time of day', 'zeit', 'uhrzeit', 'heure', 'hora']
const relativeNames = [
  ...['relt', 'elapsed', 'elapsed time', 'relative time', 'time since start', 'run time'],
  ...['runtime', 'laufzeit'],
]
const relativeUnits: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1000, sec: 1000, second: 1000, seconds: 1000 },
  ...{ min: 60_000, minute: 60_000, minutes: 60_000, minuten: 60_000 },
  ...{ h: 3_600_000, hour: 3_600_000, hours: 3_600_000, d: 86_400_000, days: 86_400_000 },
}

const quantities: Readonly<Record<string, string>> = {
  ...{
    temp: 'temperature',
    t: 'temperature',
    temperatur: 'temperature',
    température: 'temperature',
  },
  ...{ rh: 'humidity', 'rel. humidity': 'humidity', 'relative humidity': 'humidity' },
  ...{ hum: 'humidity', feuchte: 'humidity', luftfeuchte: 'humidity', illuminance: 'light' },
}
const kelvinOf: Readonly<Record<string, TemperatureUnit>> = {
  ...{ c: 'C', celsius: 'C', cel: 'C', degc: 'C', f: 'F', fahrenheit: 'F', degf: 'F' },
  ...{ k: 'K', kelvin: 'K' },
}
/** By channel: the factor into its own unit. */
const factors: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  humidity: { '%': 1, '%rh': 1, rh: 1, '% rh': 1 },
  light: { lx: 1, lux: 1 },
  battery: { '%': 1 },
  pressure: { hpa: 1, mbar: 1, pa: 0.01, kpa: 10 },
  shock: { g: 1 },
  door: {},
  lat: { deg: 1 },
  lon: { deg: 1 },
  accuracy: { m: 1 },
}

/** Undefined when this is not the header of a table of readings. */
export function columnsOf(cells: readonly string[]): TableColumns | undefined {
  const found: TableColumns = { isUtc: false, channels: [], unread: [] }
  const clocks: number[] = []
  for (const [at, cell] of cells.entries()) {
    const { name, unit } = namedOf(cell)
    if (name === '' && unit === undefined) continue
    const channel = channelColumn(at, name, unit)
    if (channel) {
      if (found.channels.some((known) => known.channel === channel.channel))
        found.fault = `two columns are ${channel.channel}`
      found.channels.push(channel)
    } else if (relativeNames.includes(name) && found.relative === undefined) {
      const unitMs = relativeUnits[unit ?? '']
      found.relative = { at, ...(unitMs !== undefined && { unitMs }) }
    } else if (dateNames.includes(name) && found.date === undefined) found.date = at
    else if (momentNames.includes(name) || clockNames.includes(name)) {
      clocks.push(at)
      if (unit === 'utc' || unit === 'gmt') found.isUtc = true
    } else found.unread.push(cell.trim())
  }
  const [first, second] = clocks
  if (first !== undefined) found.time = first
  if (second !== undefined) found.fault = 'two columns are the time'
  if (found.time === undefined && found.date !== undefined) {
    found.time = found.date
    delete found.date
  }
  const hasTime = found.time !== undefined || found.relative !== undefined
  return hasTime && found.channels.length > 0 ? found : undefined
}

/** `Temp. 2 (°F)`, `temperature_c`, `time_utc`, `elapsed [min]` as name and unit, in small. */
function namedOf(cell: string): { name: string; unit: string | undefined } {
  const text = cell.trim().toLowerCase()
  const bracketed = /^(.*?)\s*[([]([^)\]]*)[)\]]$/.exec(text)
  const suffixed = /^(.+)[_ ](utc|gmt|[cfk]|celsius|fahrenheit|ms|s|sec|min|h|hpa|lx|lux)$/.exec(
    text,
  )
  const [, name = text, unit] = bracketed ?? suffixed ?? []
  return { name: name.replaceAll('_', ' ').trim(), unit: unit?.trim() }
}

function channelColumn(
  at: number,
  name: string,
  unit: string | undefined,
): ChannelColumn | undefined {
  const [, word = name, probe] = /^(.*?)[ .#]*([1-9]\d{0,2})$/.exec(name) ?? []
  const own = Object.hasOwn(channels, word)
  const quantity = own ? word : quantities[word.replace(/\.$/, '')]
  if (quantity === undefined) return undefined
  const channel = probe === undefined ? quantity : `${quantity}.${probe}`
  if (unit === undefined) return own ? { at, channel, convert: (value) => value } : undefined
  if (quantity === 'temperature') {
    // A degree sign in another code page is some other sign.
    const letter = kelvinOf[unit.replace(/^(deg\.?|[^a-z%])+\s*/, '')]
    return letter && { at, channel, convert: (value) => toCelsius(value, letter) }
  }
  const factor = factors[quantity]?.[unit]
  return factor === undefined ? undefined : { at, channel, convert: (value) => value * factor }
}
