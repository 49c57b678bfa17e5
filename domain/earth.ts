// Where things are on the earth, as well as it is known: a spot is a point and how far off it may
// be. Distances on a sphere, geohashes, fences. 0,0 is what a receiver without a fix says and is
// no place.

/** `radiusM`: the true place is within. */
export interface Spot {
  lat: number
  lon: number
  radiusM: number
}

const meanRadiusM = 6_371_008.8
const rad = Math.PI / 180

/** Great-circle distance of the middles, m (haversine; IUGG mean radius). */
export function distanceM(
  a: { lat: number; lon: number },
  b: { lat: number; lon: number },
): number {
  const dLat = Math.sin(((b.lat - a.lat) * rad) / 2)
  const dLon = Math.sin(((b.lon - a.lon) * rad) / 2)
  const h = dLat * dLat + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * dLon * dLon
  return 2 * meanRadiusM * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** The middle of a spot to a metre, as findings tell it. */
export const middleOf = ({ lat, lon }: Spot): { lat: number; lon: number } => ({
  lat: Math.round(lat * 1e5) / 1e5,
  lon: Math.round(lon * 1e5) / 1e5,
})

/** How far apart two spots are at least, m: 0 when they may be one. */
export const apartM = (a: Spot, b: Spot): number =>
  Math.max(0, distanceM(a, b) - a.radiusM - b.radiusM)

/** At least, between two sets of spots each of which is one of several. */
export function leastApartM(a: readonly Spot[], b: readonly Spot[]): number {
  let least = Infinity
  for (const one of a) for (const other of b) least = Math.min(least, apartM(one, other))
  return least
}

/**
 * A fix as a receiver says it. Undefined when it is no place: out of range, not a number, or within
 * some metres of 0,0, which is what receivers without satellites say.
 */
export function spotOf(lat: number, lon: number, accuracyM?: number): Spot | undefined {
  if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 360)) return undefined
  if (Math.abs(lat) < nowhereDegrees && Math.abs(lon) < nowhereDegrees) return undefined
  const said = accuracyM !== undefined && accuracyM >= 0 && Number.isFinite(accuracyM)
  return { lat, lon: wrapped(lon), radiusM: said ? accuracyM : usualAccuracyM }
}

const nowhereDegrees = 1e-3
/** Of a fix that does not say: GNSS in a vehicle, with a wide margin. */
const usualAccuracyM = 100

/** A longitude within -180 (inclusive) and 180. */
export const wrapped = (lon: number): number => ((((lon + 180) % 360) + 360) % 360) - 180

const letters = '0123456789bcdefghjkmnpqrstuvwxyz'
/** Cells of 156 km: in larger ones at 0,0 there is land. */
const nowhereLetters = 3

/**
 * The cell of a geohash (G. Niemeyer 2008: bits of longitude and latitude in turn, 5 a letter) as
 * its middle and half its diagonal. Undefined for other texts, and for cells of the sea around 0,0,
 * where phones without satellites say they are.
 */
export function spotOfGeohash(text: string): Spot | undefined {
  if (text === '') return undefined
  let [south, north, west, east] = [-90, 90, -180, 180]
  let isLon = true
  for (const letter of text) {
    const value = letters.indexOf(letter)
    if (value < 0) return undefined
    for (let bit = 16; bit >= 1; bit /= 2) {
      const upper = (value & bit) !== 0
      if (isLon) {
        const middle = (west + east) / 2
        if (upper) west = middle
        else east = middle
      } else {
        const middle = (south + north) / 2
        if (upper) south = middle
        else north = middle
      }
      isLon = !isLon
    }
  }
  const isAtZero = south * north === 0 && west * east === 0
  if (isAtZero && text.length >= nowhereLetters) return undefined
  const middle = { lat: (south + north) / 2, lon: (west + east) / 2 }
  // The corner nearest to the equator is the farthest away.
  const corner = { lat: Math.abs(south) < Math.abs(north) ? south : north, lon: east }
  return { ...middle, radiusM: distanceM(middle, corner) }
}

/**
 * Whether a point is in a ring of [lon, lat] (even-odd rule; RFC 7946 §3.1.6), also across 180:
 * from corner to corner the shorter way round the earth is taken.
 */
export function isInRing(
  { lat, lon }: { lat: number; lon: number },
  ring: readonly (readonly [number, number])[],
): boolean {
  // Relative to the point, which is at 0 and, seen around the earth, a turn to the east and west.
  const inside = [false, false, false]
  let [x1, y1] = [wrapped((ring[0]?.[0] ?? 0) - lon), (ring[0]?.[1] ?? 0) - lat]
  for (let n = 1; n <= ring.length; n++) {
    const [east, north] = ring[n % ring.length]!
    const [x2, y2] = [x1 + wrapped(east - lon - x1), north - lat]
    const crosses = y1 > 0 !== y2 > 0 ? x1 + (-y1 / (y2 - y1)) * (x2 - x1) : Number.NaN
    for (const [turn, x] of [-360, 0, 360].entries()) if (crosses > x) inside[turn] = !inside[turn]
    ;[x1, y1] = [x2, y2]
  }
  return inside.includes(true)
}
