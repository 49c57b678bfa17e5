// When limits of a shipment are expected to be reached (docs/forecasts.md), for charts. Advises.
import type { ForecastBand } from './chart-data.ts'
import { useLoad } from './load.ts'
import { apiPath, read } from './server.ts'
import { numberOf, objectOf, parseTime, textOf } from './shapes.ts'

const none: readonly ForecastBand[] = []

/** Empty while nothing is foretold; of several rules with one limit the first. */
export function useForecasts(device: string | null, container: string): readonly ForecastBand[] {
  const key = device === null ? null : `${device} ${container}`
  const loaded = useLoad(
    key,
    async (signal) => {
      const json = await read(apiPath('devices', device ?? '', 'forecast'), {}, signal)
      return parseForecasts(json, container)
    },
    ['forecast.changed'],
  )
  return loaded.value ?? none
}

export function parseForecasts(json: unknown, container: string): ForecastBand[] {
  const { items } = objectOf(json)
  const bands = new Map<string, ForecastBand>()
  for (const item of Array.isArray(items) ? items.map(objectOf) : []) {
    if (item.channel !== 'temperature' || textOf(item.container) !== container) continue
    const latest = objectOf(item.latest)
    const forecast = objectOf(item.forecast)
    const [time, value, limitC] = [
      parseTime(latest.time),
      numberOf(latest.value),
      numberOf(item.limitC),
    ]
    const [low, expected, high] = [forecast.lowAt, forecast.expectedAt, forecast.highAt].map(
      parseTime,
    )
    if (time === null || value === null || limitC === null) continue
    if (low == null || expected == null || high == null) continue
    const key = `${textOf(item.side)} ${limitC}`
    if (!bands.has(key)) bands.set(key, { limitC, low, expected, high, from: { time, value } })
  }
  return [...bands.values()]
}
