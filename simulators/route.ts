// Ways over the earth: great circles through way-points, and points beside them. A sphere of
// 6371.0088 km (IUGG mean radius) is right to 0.6 %. Refuses to know places and times.

/** WGS84 degrees; longitudes from -180 to 180. */
export interface Point {
  lat: number
  lon: number
}

/** Great circles from way-point to way-point. */
export interface Route {
  readonly points: readonly Point[]
  /** Km from the start to each way-point. */
  readonly upToKm: readonly number[]
  readonly km: number
}

const earthKm = 6371.0088
const radians = Math.PI / 180

export function distanceKm(a: Point, b: Point): number {
  const dLat = Math.sin(((b.lat - a.lat) * radians) / 2)
  const dLon = Math.sin(((b.lon - a.lon) * radians) / 2)
  const h = dLat * dLat + Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * dLon * dLon
  return 2 * earthKm * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** At least one point. */
export function createRoute(points: readonly Point[]): Route {
  let km = 0
  const upToKm = points.map((point, n) => {
    if (n > 0) km += distanceKm(points[n - 1]!, point)
    return km
  })
  return { points, upToKm, km }
}

/** Where one is after a share of the way; the ends exactly. */
export function pointAt(route: Route, share: number): Point {
  const { points, upToKm, km } = route
  if (share <= 0 || km === 0) return whole(points[0]!)
  if (share >= 1) return whole(points[points.length - 1]!)
  const at = share * km
  let n = 1
  while (upToKm[n]! < at) n++
  const legKm = upToKm[n]! - upToKm[n - 1]!
  return between(points[n - 1]!, points[n]!, legKm === 0 ? 0 : (at - upToKm[n - 1]!) / legKm)
}

/** The part of the way between two shares of it. */
export function partOf(route: Route, from: number, to: number): Route {
  const inner = route.points.filter((_, n) => {
    const share = route.km === 0 ? 0 : route.upToKm[n]! / route.km
    return share > from && share < to
  })
  return createRoute([pointAt(route, from), ...inner, pointAt(route, to)])
}

/** The point so many km away in a direction, degrees clockwise from north. */
export function pointBeside({ lat, lon }: Point, bearing: number, km: number): Point {
  const arc = km / earthKm
  const sin =
    Math.sin(lat * radians) * Math.cos(arc) +
    Math.cos(lat * radians) * Math.sin(arc) * Math.cos(bearing * radians)
  const east = Math.sin(bearing * radians) * Math.sin(arc) * Math.cos(lat * radians)
  const north = Math.cos(arc) - Math.sin(lat * radians) * sin
  const to = { lat: Math.asin(sin) / radians, lon: lon + Math.atan2(east, north) / radians }
  return { lat: round(to.lat, 5), lon: round(wrapped(to.lon), 5) }
}

/**
 * A closed ring of GeoJSON positions, [longitude, latitude] counter-clockwise (RFC 7946 §3.1.6).
 */
export function ringAround(centre: Point, radiusM: number): [number, number][] {
  const corners = 12
  const ring = Array.from({ length: corners }, (_, n): [number, number] => {
    const { lat, lon } = pointBeside(centre, 360 - (n * 360) / corners, radiusM / 1000)
    return [lon, lat]
  })
  return [...ring, ring[0]!]
}

const letters = '0123456789bcdefghjkmnpqrstuvwxyz'

/** Geohash: bits of longitude and latitude in turn, five to a letter. Four letters: some 20 km. */
export function geohashOf({ lat, lon }: Point, length: number): string {
  let text = ''
  let [west, east, south, north] = [-180, 180, -90, 90]
  for (let bit = 0, value = 0; text.length < length; bit++) {
    const isLon = bit % 2 === 0
    const middle = isLon ? (west + east) / 2 : (south + north) / 2
    const upper = (isLon ? lon : lat) >= middle
    if (isLon) [west, east] = upper ? [middle, east] : [west, middle]
    else [south, north] = upper ? [middle, north] : [south, middle]
    value = 2 * value + (upper ? 1 : 0)
    if (bit % 5 === 4) {
      text += letters[value]
      value = 0
    }
  }
  return text
}

export const round = (value: number, digits: number): number =>
  Math.round(value * 10 ** digits) / 10 ** digits

const whole = ({ lat, lon }: Point): Point => ({ lat, lon })

const wrapped = (lon: number): number => ((((lon + 180) % 360) + 360) % 360) - 180

/**
 * Along the great circle; short steps by straight lines in degrees, which is the same to metres.
 */
function between(a: Point, b: Point, share: number): Point {
  const dLon = wrapped(b.lon - a.lon)
  const dLat = b.lat - a.lat
  if (Math.abs(dLon) + Math.abs(dLat) < 0.5)
    return { lat: a.lat + share * dLat, lon: wrapped(a.lon + share * dLon) }
  const [va, vb] = [vectorOf(a), vectorOf(b)]
  const arc = distanceKm(a, b) / earthKm
  const [wa, wb] = [Math.sin((1 - share) * arc), Math.sin(share * arc)].map(
    (weight) => weight / Math.sin(arc),
  ) as [number, number]
  const [x, y, z] = va.map((each, n) => wa * each + wb * vb[n]!) as [number, number, number]
  return { lat: Math.atan2(z, Math.hypot(x, y)) / radians, lon: Math.atan2(y, x) / radians }
}

function vectorOf({ lat, lon }: Point): [number, number, number] {
  const cos = Math.cos(lat * radians)
  return [cos * Math.cos(lon * radians), cos * Math.sin(lon * radians), Math.sin(lat * radians)]
}
