// The weather of the simulated world: a day is a cosine, a year another, and fronts go over every
// place, the same for all who are there. A pure function of seed, place and time. Refuses to be a
// weather service.
import type { Place } from './places.ts'

type Sky = Pick<Place, 'climate' | 'lat' | 'lon'>

/**
 * Shade temperature outdoors at a place, °C. Warmest at 15 h of solar time and on 20 July in the
 * north. With a seed, fronts are added.
 */
export function outdoorC(where: Sky, time: number, seed?: number): number {
  const { meanC, seasonK, dayK } = where.climate
  const year = (time - Date.UTC(2000, 6, 20)) / (365.2425 * 86_400_000)
  const season = (where.lat < 0 ? -seasonK : seasonK) * Math.cos(2 * Math.PI * year)
  const day = dayK * Math.cos(((solarHour(where.lon, time) - 15) / 12) * Math.PI)
  return meanC + season + day + (seed === undefined ? 0 : frontsK(where, time, seed))
}

/**
 * What the sun adds to a dark surface, K: up to `peakK` at solar noon, nothing from 18 h to 6 h
 * (sol-air).
 */
export function solarK(lon: number, time: number, peakK: number): number {
  return Math.max(0, Math.cos(((solarHour(lon, time) - 12) / 12) * Math.PI)) * peakK
}

/** Periods of 1.3, 3.1 and 7.3 days: they never repeat together within a season. */
const fronts = [
  { everyMs: 31 * 3_600_000, swing: 0.4 },
  { everyMs: 74 * 3_600_000, swing: 0.6 },
  { everyMs: 175 * 3_600_000, swing: 0.7 },
] as const

/** Swings grow with the season's: places without seasons have no fronts to speak of. */
function frontsK({ climate, lat, lon }: Sky, time: number, seed: number): number {
  const reachK = 0.5 + 0.3 * climate.seasonK
  // Fronts go from west to east, a thousand kilometres a day.
  const shift = lon / 12 + lat / 20
  let sum = 0
  for (const [n, { everyMs, swing }] of fronts.entries()) {
    const turns =
      time / everyMs - shift * (86_400_000 / everyMs) + ((seed >>> (10 * n)) & 1023) / 1024
    sum += swing * Math.sin(2 * Math.PI * turns)
  }
  return sum * reachK
}

function solarHour(lon: number, time: number): number {
  return (((time / 3_600_000 + lon / 15) % 24) + 24) % 24
}
