// Readings: one measured value of one channel of one device at one event time. Pure; knows the
// channels, their units and what is physically possible. Does not parse packets.
import type { Refusal } from './refusal.ts'

/** `time` is the event time in epoch ms (UTC). `value` is in the channel's canonical unit. */
export interface Reading {
  channel: string
  time: number
  value: number
}

/** A reading's place among others: the series it belongs to. Never a serial number (I7). */
export interface SeriesKey {
  tenant: string
  device: string
  channel: string
}

export interface Channel {
  unit: string
  min: number
  max: number
}

/** The channels every device may send, in canonical units, with what physics allows. */
export const channels: Readonly<Record<string, Channel>> = {
  temperature: { unit: '°C', min: -273.15, max: 1000 },
  humidity: { unit: '%RH', min: 0, max: 100 },
  light: { unit: 'lx', min: 0, max: 200_000 },
  shock: { unit: 'g', min: 0, max: 100_000 },
  door: { unit: '0|1', min: 0, max: 1 },
  battery: { unit: '%', min: 0, max: 100 },
  pressure: { unit: 'hPa', min: 0, max: 20_000 },
  lat: { unit: '°', min: -90, max: 90 },
  lon: { unit: '°', min: -180, max: 180 },
  accuracy: { unit: 'm', min: 0, max: 50_000_000 },
}

export type TemperatureUnit = 'C' | 'F' | 'K'

/** °C from °F or K; °C stays as it is. Rounded to 1e-9 so that 50 °F is 10 °C exactly. */
export function toCelsius(value: number, unit: TemperatureUnit): number {
  if (unit === 'C') return value
  const celsius = unit === 'K' ? value - 273.15 : ((value - 32) * 5) / 9
  return Math.round(celsius * 1e9) / 1e9
}

/** `temperature.2` is the second probe of `temperature`. Undefined when no such channel exists. */
export function channelOf(
  name: string,
  declared?: Readonly<Record<string, Channel>>,
): Channel | undefined {
  if (Object.hasOwn(channels, name)) return channels[name]
  if (declared && Object.hasOwn(declared, name)) return declared[name]
  const quantity = /^([^.]+)\.[1-9]\d{0,2}$/.exec(name)?.[1]
  return quantity === undefined ? undefined : channelOf(quantity, declared)
}

export const isTemperature = (channel: string): boolean =>
  channel === 'temperature' || channel.startsWith('temperature.')

/**
 * Before it no logger with a set clock was in use: such a time is a clock that lost its battery.
 */
export const timeMin = Date.UTC(2000, 0, 1)
/** A device clock may run ahead of ours by so much; 2038 and 2106 overflows lie beyond. */
export const futureMs = 48 * 3_600_000

/** Undefined, or why no reading can have this event time. `recordTime`: when the packet came in. */
export function refuseTime(time: number, recordTime: number, path: string): Refusal | undefined {
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15)
    return { code: 'reading/time-invalid', path, detail: `${time} is not a time` }
  if (time < timeMin) {
    const at = new Date(time).toISOString()
    return { code: 'reading/time-before-2000', path, detail: `${at}: the device clock is not set` }
  }
  if (time > recordTime + futureMs) {
    const at = new Date(time).toISOString()
    return { code: 'reading/time-in-future', path, detail: `${at} is more than 48 h ahead` }
  }
}

/** Undefined, or why the channel cannot have this value. */
export function refuseValue(value: number, channel: Channel, path: string): Refusal | undefined {
  if (!Number.isFinite(value))
    return { code: 'reading/value-invalid', path, detail: `${value} is not a finite number` }
  if (value < channel.min || value > channel.max) {
    const detail = `${value} is outside ${channel.min} to ${channel.max} ${channel.unit}`
    return { code: 'reading/out-of-physics', path, detail }
  }
}
