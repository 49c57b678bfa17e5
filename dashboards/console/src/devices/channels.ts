// What a channel is called and how its value is written, in the reader's language and unit. A
// channel that a device declared itself keeps its own name.
import * as say from '../say.ts'
import { write } from '../words/channels.ts'

const known = [
  'temperature',
  'humidity',
  'light',
  'shock',
  'door',
  'battery',
  'pressure',
  'lat',
  'lon',
  'accuracy',
  'ambient',
  'compressor',
  'doorOpen',
  'mains',
  'holdover',
  'monitorBattery',
  'loggerBattery',
] as const
type Known = (typeof known)[number]

const units: Partial<Record<Known, readonly [unit: string, digits: number]>> = {
  humidity: ['%', 0],
  light: ['lx', 0],
  shock: ['g', 1],
  battery: ['%', 0],
  pressure: ['hPa', 0],
  accuracy: ['m', 0],
}

/** `temperature.2` is the second probe. */
export function nameOfChannel(channel: string): string {
  const { quantity, probe } = partsOf(channel)
  return quantity ? `${write(quantity)}${probe}` : channel
}

export function valueOfChannel(channel: string, value: number | null): string {
  if (value === null) return '–'
  const { quantity } = partsOf(channel)
  if (quantity === 'temperature') return say.temperature(value)
  if (quantity === 'door') return write(value >= 0.5 ? 'open' : 'closed')
  if (quantity === 'lat' || quantity === 'lon') return `${say.decimal(value, 5)}°`
  const [unit, digits] = (quantity && units[quantity]) ?? ['', 2]
  return unit === '' ? say.decimal(value, digits) : `${say.decimal(value, digits)}\u00a0${unit}`
}

function partsOf(channel: string): { quantity: Known | undefined; probe: string } {
  const [, name = channel, probe] = /^(.+)\.(\d+)$/.exec(channel) ?? []
  return {
    quantity: known.find((one) => one === name),
    probe: probe === undefined ? '' : ` ${probe}`,
  }
}
