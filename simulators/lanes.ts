// Where goods travel and what the air is like there: places with a climate, lanes of legs between
// them, and the surroundings of a vessel on its way at any time. Refuses to be a weather service: a
// day is a cosine, a year another.
import { sgln } from './keys.ts'

export interface Place {
  name: string
  /** SGLN as Digital Link. */
  sgln: string
  lat: number
  lon: number
  /** Yearly mean and half the swing of year and day, K: rounded from public climate normals. */
  climate: { meanC: number; seasonK: number; dayK: number }
}

const place = (
  reference: number,
  name: string,
  [lat, lon, meanC, seasonK, dayK]: readonly [number, number, number, number, number],
): Place => ({ name, sgln: sgln(reference), lat, lon, climate: { meanC, seasonK, dayK } })

export const places = {
  basel: place(1, 'Basel plant', [47.58, 7.59, 11, 9.5, 4.5]),
  lyon: place(2, 'Lyon cross-dock', [45.71, 5.08, 13, 9, 5]),
  barcelona: place(3, 'Barcelona distributor', [41.33, 2.08, 16.5, 7.5, 4]),
  zurich: place(4, 'Zürich air cargo', [47.45, 8.56, 10, 9.5, 4.5]),
  dubai: place(5, 'Dubai air cargo', [25.25, 55.36, 28.5, 8, 6]),
  sharjah: place(6, 'Sharjah hospital store', [25.33, 55.42, 28, 8, 6]),
  singapore: place(7, 'Singapore plant', [1.32, 103.69, 28, 0.7, 3]),
  kualaLumpur: place(8, 'Kuala Lumpur cross-dock', [3.0, 101.4, 28, 0.6, 4]),
  penang: place(9, 'Penang distributor', [5.33, 100.28, 28, 0.6, 3.5]),
} as const satisfies Record<string, Place>

/** coldStore: at the goods' own temperature. dock: a roofed hall. tarmac: outdoors in the sun. */
export type SegmentKind = 'coldStore' | 'dock' | 'tarmac' | 'road' | 'air'

export interface LaneStep {
  kind: SegmentKind
  from: Place
  to: Place
  hours: number
  /** Cases may be taken off here. */
  stop?: boolean
}

export interface Lane {
  name: string
  vessel: 'reefer' | 'shipper'
  /**
   * Where the goods are made, the steps of the way, the last of them a coldStore at the receiver.
   */
  steps: readonly LaneStep[]
}

const at = (kind: SegmentKind, where: Place, hours: number): LaneStep => ({
  kind,
  from: where,
  to: where,
  hours,
})
const way = (kind: 'road' | 'air', from: Place, to: Place, hours: number): LaneStep => ({
  kind,
  from,
  to,
  hours,
})

export const lanes = {
  rhone: {
    name: 'Basel - Lyon - Barcelona, road',
    vessel: 'reefer',
    steps: [
      at('coldStore', places.basel, 1),
      way('road', places.basel, places.lyon, 5),
      { ...at('dock', places.lyon, 1), stop: true },
      way('road', places.lyon, places.barcelona, 8),
      at('coldStore', places.barcelona, 2),
    ],
  },
  strait: {
    name: 'Singapore - Kuala Lumpur - Penang, road',
    vessel: 'reefer',
    steps: [
      at('coldStore', places.singapore, 1),
      way('road', places.singapore, places.kualaLumpur, 6),
      { ...at('dock', places.kualaLumpur, 1), stop: true },
      way('road', places.kualaLumpur, places.penang, 5),
      at('coldStore', places.penang, 2),
    ],
  },
  gulf: {
    name: 'Basel - Zürich - Dubai - Sharjah, air',
    vessel: 'shipper',
    steps: [
      at('coldStore', places.basel, 1),
      way('road', places.basel, places.zurich, 1.5),
      { ...at('dock', places.zurich, 2), stop: true },
      at('tarmac', places.zurich, 0.5),
      way('air', places.zurich, places.dubai, 6),
      at('tarmac', places.dubai, 0.7),
      { ...at('dock', places.dubai, 1.5), stop: true },
      way('road', places.dubai, places.sharjah, 0.6),
      at('coldStore', places.sharjah, 2),
    ],
  },
} as const satisfies Record<string, Lane>

/** A lane step with its times, epoch ms: from inclusive, to exclusive. */
export interface Segment {
  kind: SegmentKind
  from: number
  to: number
  fromPlace: Place
  toPlace: Place
}

/**
 * Shade temperature outdoors at a place, °C. Warmest at 15 h of solar time and on 20 July in the
 * north.
 */
export function outdoorC(where: Pick<Place, 'climate' | 'lat' | 'lon'>, time: number): number {
  const { meanC, seasonK, dayK } = where.climate
  const year = (time - Date.UTC(2000, 6, 20)) / (365.2425 * 86_400_000)
  const season = (where.lat < 0 ? -seasonK : seasonK) * Math.cos(2 * Math.PI * year)
  return meanC + season + dayK * Math.cos(((solarHour(where.lon, time) - 15) / 12) * Math.PI)
}

/**
 * What the sun adds to a dark surface, K: up to `peakK` at solar noon, nothing from 18 h to 6 h
 * (sol-air).
 */
export function solarK(lon: number, time: number, peakK: number): number {
  return Math.max(0, Math.cos(((solarHour(lon, time) - 12) / 12) * Math.PI)) * peakK
}

/** The air around the vessel, °C. */
export function ambientC(segment: Segment, time: number, storeC: number): number {
  switch (segment.kind) {
    case 'coldStore':
      return storeC
    case 'dock':
      // A hall follows a quarter of the weather around 20 °C.
      return 20 + 0.25 * (outdoorC(segment.fromPlace, time) - 20)
    case 'tarmac':
      return outdoorC(segment.fromPlace, time) + solarK(segment.fromPlace.lon, time, 18)
    case 'road': {
      const done = (time - segment.from) / (segment.to - segment.from)
      const start = outdoorC(segment.fromPlace, time)
      const here = start + done * (outdoorC(segment.toPlace, time) - start)
      return here + solarK(positionAt(segment, time).lon, time, 4)
    }
    case 'air':
      // Bulk holds of wide-body aircraft are heated to about 15 °C when live or sensitive goods are
      // declared.
      return 15
  }
}

/** Straight from place to place in degrees: enough to draw on a map. */
export function positionAt(segment: Segment, time: number): { lat: number; lon: number } {
  const { fromPlace, toPlace } = segment
  const done = Math.min(1, Math.max(0, (time - segment.from) / (segment.to - segment.from)))
  return {
    lat: fromPlace.lat + done * (toPlace.lat - fromPlace.lat),
    lon: fromPlace.lon + done * (toPlace.lon - fromPlace.lon),
  }
}

/** The segment that rules at a time; before the first the first, after the last the last. */
export function segmentAt(segments: readonly Segment[], time: number): Segment {
  for (const segment of segments) if (time < segment.to) return segment
  return segments[segments.length - 1]!
}

function solarHour(lon: number, time: number): number {
  return (((time / 3_600_000 + lon / 15) % 24) + 24) % 24
}
