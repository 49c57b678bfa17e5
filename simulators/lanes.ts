// Where goods travel and what the air is like there: lanes of legs between places, and the
// surroundings of a vessel on its way at any time. Ways go through the way-points that they have to
// go through (straits, capes, motorways); lengths and times follow from them. Refuses to know goods
// and what goes wrong on the way.
import { type Place, places } from './places.ts'
import { createRoute, type Point, pointAt, type Route } from './route.ts'
import { outdoorC, solarK } from './weather.ts'

/**
 * coldStore: at the goods' own temperature. dock: a roofed hall. tarmac: outdoors in the sun. halt:
 * the vehicle stands.
 */
export type SegmentKind = 'coldStore' | 'dock' | 'tarmac' | 'halt' | Mode
export type Mode = 'road' | 'air' | 'sea'

/** Anywhere: what the weather and the position follow from. */
export type Spot = Pick<Place, 'climate' | 'lat' | 'lon' | 'sgln'>

export interface Step {
  kind: SegmentKind
  from: Spot
  to: Spot
  hours: number
  route: Route
  /** What it is, when something is planted here. */
  tag?: string
}

export interface LaneStep extends Step {
  from: Place
  to: Place
  /** Cases may be taken off here. */
  stop?: boolean
}

export interface Lane {
  name: string
  vessel: 'reefer' | 'shipper'
  /** Where lots made for this lane may be sold, ISO 3166-1 alpha-2. */
  markets: readonly string[]
  /**
   * Where the goods are made, the steps of the way, the last of them a coldStore at the receiver.
   */
  steps: readonly LaneStep[]
}

const at = (kind: SegmentKind, where: Place, hours: number): LaneStep => ({
  ...{ kind, from: where, to: where, hours, route: createRoute([where]) },
})
const stopAt = (kind: SegmentKind, where: Place, hours: number): LaneStep => ({
  ...at(kind, where, hours),
  stop: true,
})

/** km/h under way, and what bends between two way-points add to the great circle. */
export const modes: Record<Mode, { kmPerHour: number; detour: number; extraHours: number }> = {
  road: { kmPerHour: 72, detour: 1.12, extraHours: 0.2 },
  // 18 knots.
  sea: { kmPerHour: 33.3, detour: 1.02, extraHours: 2 },
  air: { kmPerHour: 870, detour: 1.04, extraHours: 0.6 },
}

/** Via: latitude and longitude in turn. Hours: of the timetable, where it says other than speed. */
function way(
  kind: Mode,
  [from, to]: readonly [Place, Place],
  options: { via?: readonly number[]; hours?: number } = {},
): LaneStep {
  const { via = [] } = options
  const inner: Point[] = []
  for (let n = 0; n < via.length; n += 2) inner.push({ lat: via[n]!, lon: via[n + 1]! })
  const route = createRoute([from, ...inner, to])
  const { kmPerHour, detour, extraHours } = modes[kind]
  const hours = options.hours ?? (route.km * detour) / kmPerHour + extraHours
  return { kind, from, to, hours: Math.round(hours * 60) / 60, route }
}

const p = places
const iberia = [40.02, -4.4, 39.96, -4.83, 39.46, -5.88]
const portugal = [38.87, -6.97, 38.6, -7.9, 38.55, -8.6]
const channel = [51.45, 3.4, 51.05, 1.45, 50.2, -1.5, 49.3, -6, 44, -40, 40.4, -69, 40.45, -73.9]
const greatCirclePacific = [35, 139.75, 34.8, 140.4, 43, 165, 45.5, 180, 45, -160, 37.75, -122.8]

export const lanes = {
  rhone: {
    ...{ name: 'Basel - Lyon - Barcelona, road', vessel: 'reefer', markets: ['ES', 'PT', 'AD'] },
    steps: [
      at('coldStore', p.basel, 1),
      way('road', [p.basel, p.lyon], { via: [47.24, 6.02, 46.3, 5.2], hours: 5 }),
      stopAt('dock', p.lyon, 1),
      way('road', [p.lyon, p.barcelona], {
        ...{ via: [44.93, 4.89, 43.95, 4.75, 43.6, 3.9, 42.7, 2.87], hours: 8 },
      }),
      at('coldStore', p.barcelona, 2),
    ],
  },
  strait: {
    ...{ name: 'Singapore - Kuala Lumpur - Penang, road', vessel: 'reefer', markets: ['MY', 'BN'] },
    steps: [
      at('coldStore', p.singapore, 1),
      way('road', [p.singapore, p.kualaLumpur], { via: [1.46, 103.77, 2.2, 102.3], hours: 6 }),
      stopAt('dock', p.kualaLumpur, 1),
      way('road', [p.kualaLumpur, p.penang], { via: [3.3, 101.55, 4.6, 101.08], hours: 5 }),
      at('coldStore', p.penang, 2),
    ],
  },
  gulf: {
    ...{ name: 'Basel - Zürich - Dubai - Sharjah, air', vessel: 'shipper', markets: ['AE', 'OM'] },
    steps: [
      at('coldStore', p.basel, 1),
      way('road', [p.basel, p.zurich], { hours: 1.5 }),
      stopAt('dock', p.zurich, 2),
      at('tarmac', p.zurich, 0.5),
      way('air', [p.zurich, p.dubai], { via: [41.0, 29, 33, 44], hours: 6 }),
      at('tarmac', p.dubai, 0.7),
      stopAt('dock', p.dubai, 1.5),
      way('road', [p.dubai, p.sharjah], { hours: 0.6 }),
      at('coldStore', p.sharjah, 2),
    ],
  },
  tagus: {
    ...{ name: 'Madrid - Mérida - Lisbon, road', vessel: 'reefer', markets: ['PT'] },
    steps: [
      at('coldStore', p.madrid, 1),
      way('road', [p.madrid, p.merida], { via: iberia }),
      stopAt('dock', p.merida, 1),
      way('road', [p.merida, p.lisbon], { via: portugal }),
      at('coldStore', p.lisbon, 2),
    ],
  },
  vistula: {
    ...{ name: 'Berlin - Poznań - Warsaw, road', vessel: 'reefer', markets: ['PL', 'LT', 'LV'] },
    steps: [
      at('coldStore', p.berlin, 1),
      way('road', [p.berlin, p.poznan], { via: [52.33, 14.5, 52.3, 15.7] }),
      stopAt('dock', p.poznan, 1),
      way('road', [p.poznan, p.warsaw], { via: [52.2, 18.3, 52.0, 19.4] }),
      at('coldStore', p.warsaw, 2),
    ],
  },
  baltic: {
    ...{ name: 'Hamburg - Stockholm, road and ferry', vessel: 'reefer', markets: ['SE', 'FI'] },
    steps: [
      at('coldStore', p.hamburg, 1),
      way('road', [p.hamburg, p.travemuende], { via: [53.83, 10.6] }),
      stopAt('dock', p.travemuende, 1.5),
      way('sea', [p.travemuende, p.trelleborg], { via: [54.3, 11.6, 54.9, 12.7], hours: 8 }),
      stopAt('dock', p.trelleborg, 0.7),
      way('road', [p.trelleborg, p.stockholm], {
        ...{ via: [55.55, 13.05, 56.05, 12.8, 57.18, 14.05, 57.78, 14.17, 58.41, 15.62] },
      }),
      at('coldStore', p.stockholm, 2),
    ],
  },
  atlantic: {
    ...{ name: 'Mechelen - Antwerp - Newark, sea', vessel: 'reefer', markets: ['US'] },
    steps: [
      at('coldStore', p.mechelen, 1),
      way('road', [p.mechelen, p.antwerp], { via: [51.2, 4.42] }),
      stopAt('dock', p.antwerp, 8),
      way('sea', [p.antwerp, p.newark], { via: channel }),
      stopAt('dock', p.newark, 6),
      way('road', [p.newark, p.philadelphia], { via: [40.35, -74.45] }),
      at('coldStore', p.philadelphia, 2),
    ],
  },
  pacific: {
    ...{ name: 'Kawasaki - Yokohama - Oakland, sea', vessel: 'reefer', markets: ['US'] },
    steps: [
      at('coldStore', p.kawasaki, 1),
      way('road', [p.kawasaki, p.yokohama]),
      stopAt('dock', p.yokohama, 8),
      way('sea', [p.yokohama, p.oakland], { via: greatCirclePacific }),
      stopAt('dock', p.oakland, 6),
      way('road', [p.oakland, p.sanJose], { via: [37.6, -122.05] }),
      at('coldStore', p.sanJose, 2),
    ],
  },
  transatlantic: {
    ...{ name: 'Frankfurt - New York, air', vessel: 'shipper', markets: ['US', 'PR'] },
    steps: [
      at('coldStore', p.frankfurtPlant, 1),
      way('road', [p.frankfurtPlant, p.frankfurt]),
      stopAt('dock', p.frankfurt, 2),
      at('tarmac', p.frankfurt, 0.5),
      way('air', [p.frankfurt, p.newYork], { via: [53, -8, 50, -45] }),
      at('tarmac', p.newYork, 0.6),
      stopAt('dock', p.newYork, 2),
      way('road', [p.newYork, p.hackensack], { via: [40.79, -73.83, 40.86, -73.95] }),
      at('coldStore', p.hackensack, 2),
    ],
  },
  southSeas: {
    ...{ name: 'Auckland - Honolulu, air', vessel: 'shipper', markets: ['US', 'GU'] },
    steps: [
      at('coldStore', p.aucklandPlant, 1),
      way('road', [p.aucklandPlant, p.auckland]),
      stopAt('dock', p.auckland, 2),
      at('tarmac', p.auckland, 0.5),
      way('air', [p.auckland, p.honolulu]),
      at('tarmac', p.honolulu, 0.6),
      stopAt('dock', p.honolulu, 1.5),
      way('road', [p.honolulu, p.oahu]),
      at('coldStore', p.oahu, 2),
    ],
  },
} as const satisfies Record<string, Lane>

export type LaneName = keyof typeof lanes

/** A lane step with its times, epoch ms: from inclusive, to exclusive. */
export interface Segment {
  kind: SegmentKind
  from: number
  to: number
  fromPlace: Spot
  toPlace: Spot
  route: Route
  tag?: string
}

/** The air around the vessel, °C. `seed`: of the weather; without one the climate's mean. */
export function ambientC(
  segment: Segment,
  time: number,
  { storeC, seed }: { storeC: number; seed?: number },
): number {
  const here = (): number => outdoorC(segment.fromPlace, time, seed)
  switch (segment.kind) {
    case 'coldStore':
      return storeC
    case 'dock':
      // A hall follows a quarter of the weather around 20 °C.
      return 20 + 0.25 * (here() - 20)
    case 'tarmac':
      return here() + solarK(segment.fromPlace.lon, time, 18)
    case 'halt':
      return here() + solarK(segment.fromPlace.lon, time, 8)
    case 'road':
    case 'sea': {
      const done = (time - segment.from) / (segment.to - segment.from)
      const start = here()
      const mixed = start + done * (outdoorC(segment.toPlace, time, seed) - start)
      // Where the sun stands does not need the way: the shorter arc from end to end will do.
      const east = ((segment.toPlace.lon - segment.fromPlace.lon + 540) % 360) - 180
      const lon = segment.fromPlace.lon + done * east
      return mixed + solarK(lon, time, segment.kind === 'sea' ? 2 : 4)
    }
    case 'air':
      // Bulk holds of wide-body aircraft are heated to about 15 °C when live or sensitive goods are
      // declared.
      return 15
  }
}

export const positionAt = ({ route, from, to }: Segment, time: number): Point =>
  pointAt(route, (time - from) / (to - from))

/** The segment that rules at a time; before the first the first, after the last the last. */
export function segmentAt(segments: readonly Segment[], time: number): Segment {
  for (const segment of segments) if (time < segment.to) return segment
  return segments[segments.length - 1]!
}
