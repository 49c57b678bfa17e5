// Places of the simulated world: what they are, where, in which country, with which fence and
// which climate. Coordinates of ports, airports and towns are those of public maps, rounded to
// 0.01 degrees (a kilometre); climates are rounded from public normals; the companies are invented.
// Refuses to know lanes and weather.
import { sgln } from './keys.ts'
import { type Point, pointBeside, ringAround } from './route.ts'

/** What a place is for. Vehicles may stand and be opened at all of them. */
export type PlaceKind = 'plant' | 'hub' | 'port' | 'airport' | 'distributor' | 'outlet' | 'rest'

export interface Place extends Point {
  name: string
  /** SGLN as Digital Link. */
  sgln: string
  kind: PlaceKind
  /** ISO 3166-1 alpha-2. */
  country: string
  /** Of the fence around it. */
  radiusM: number
  /** Yearly mean and half the swing of year and day, K. */
  climate: { meanC: number; seasonK: number; dayK: number }
}

const radii: Record<PlaceKind, number> = {
  ...{ plant: 600, hub: 600, port: 3000, airport: 3500, distributor: 500, outlet: 150, rest: 400 },
}

type Climate = readonly [meanC: number, seasonK: number, dayK: number]
const central: Climate = [10, 9.5, 4.5]
const iberian: Climate = [16.5, 8, 5]
const nordic: Climate = [7, 10, 3]
const eastern: Climate = [12.5, 12, 4.5]
const pacific: Climate = [16, 8, 4]
const tropical: Climate = [28, 0.6, 3.5]
const desert: Climate = [28.5, 8, 6]
const islands: Climate = [25.5, 2, 3]
const southern: Climate = [15.5, 4.5, 3.5]

const place = (
  [reference, kind, country]: readonly [number, PlaceKind, string],
  name: string,
  [lat, lon, climate]: readonly [number, number, Climate],
): Place => {
  const [meanC, seasonK, dayK] = climate
  const where = { name, sgln: sgln(reference), kind, country, lat, lon, radiusM: radii[kind] }
  return { ...where, climate: { meanC, seasonK, dayK } }
}

export const places = {
  basel: place([1, 'plant', 'CH'], 'Basel plant', [47.58, 7.59, [11, 9.5, 4.5]]),
  lyon: place([2, 'hub', 'FR'], 'Lyon cross-dock', [45.71, 5.08, [13, 9, 5]]),
  barcelona: place([3, 'distributor', 'ES'], 'Barcelona distributor', [
    41.33,
    2.08,
    [16.5, 7.5, 4],
  ]),
  zurich: place([4, 'airport', 'CH'], 'Zürich air cargo', [47.45, 8.56, central]),
  dubai: place([5, 'airport', 'AE'], 'Dubai air cargo', [25.25, 55.36, desert]),
  sharjah: place([6, 'distributor', 'AE'], 'Sharjah hospital store', [25.33, 55.42, [28, 8, 6]]),
  singapore: place([7, 'plant', 'SG'], 'Singapore plant', [1.32, 103.69, [28, 0.7, 3]]),
  kualaLumpur: place([8, 'hub', 'MY'], 'Kuala Lumpur cross-dock', [3.0, 101.4, [28, 0.6, 4]]),
  penang: place([9, 'distributor', 'MY'], 'Penang distributor', [5.33, 100.28, tropical]),
  madrid: place([10, 'plant', 'ES'], 'Madrid plant', [40.3, -3.71, iberian]),
  merida: place([11, 'hub', 'ES'], 'Mérida cross-dock', [38.93, -6.38, iberian]),
  lisbon: place([12, 'distributor', 'PT'], 'Lisbon distributor', [38.84, -9.09, iberian]),
  berlin: place([13, 'plant', 'DE'], 'Berlin plant', [52.44, 13.4, central]),
  poznan: place([14, 'hub', 'PL'], 'Poznań cross-dock', [52.38, 16.82, central]),
  warsaw: place([15, 'distributor', 'PL'], 'Warsaw distributor', [52.18, 20.91, central]),
  hamburg: place([16, 'plant', 'DE'], 'Hamburg plant', [53.48, 10.02, central]),
  travemuende: place([17, 'port', 'DE'], 'Travemünde ferry port', [53.94, 10.86, central]),
  trelleborg: place([18, 'port', 'SE'], 'Trelleborg ferry port', [55.37, 13.15, nordic]),
  stockholm: place([19, 'distributor', 'SE'], 'Stockholm distributor', [59.2, 17.82, nordic]),
  mechelen: place([20, 'plant', 'BE'], 'Mechelen plant', [51.03, 4.46, central]),
  antwerp: place([21, 'port', 'BE'], 'Antwerp container terminal', [51.28, 4.3, central]),
  newark: place([22, 'port', 'US'], 'Port Newark', [40.68, -74.15, eastern]),
  philadelphia: place([23, 'distributor', 'US'], 'Philadelphia distributor', [
    40.08,
    -74.9,
    eastern,
  ]),
  kawasaki: place([24, 'plant', 'JP'], 'Kawasaki plant', [35.53, 139.7, pacific]),
  yokohama: place([25, 'port', 'JP'], 'Yokohama container terminal', [35.42, 139.68, pacific]),
  oakland: place([26, 'port', 'US'], 'Port of Oakland', [37.8, -122.31, [14.5, 4, 4]]),
  sanJose: place([27, 'distributor', 'US'], 'San José distributor', [37.38, -121.91, [16, 5, 6]]),
  frankfurtPlant: place([28, 'plant', 'DE'], 'Frankfurt plant', [50.09, 8.53, central]),
  frankfurt: place([29, 'airport', 'DE'], 'Frankfurt air cargo', [50.04, 8.56, central]),
  newYork: place([30, 'airport', 'US'], 'New York JFK air cargo', [40.65, -73.79, eastern]),
  hackensack: place([31, 'distributor', 'US'], 'Hackensack distributor', [40.87, -74.05, eastern]),
  aucklandPlant: place([32, 'plant', 'NZ'], 'Auckland plant', [-36.93, 174.82, southern]),
  auckland: place([33, 'airport', 'NZ'], 'Auckland air cargo', [-37.0, 174.79, southern]),
  honolulu: place([34, 'airport', 'US'], 'Honolulu air cargo', [21.33, -157.92, islands]),
  oahu: place([35, 'distributor', 'US'], 'Honolulu distributor', [21.34, -157.9, islands]),
} as const satisfies Record<string, Place>

const outletsEach = 6

/** Where the public gets what a distributor has: six outlets around it, 3 to 18 km away. */
export const outletsOf = (distributor: Place): readonly Place[] => outlets.get(distributor.sgln)!

const outlets = new Map(
  Object.values(places)
    .filter(({ kind }) => kind === 'distributor')
    .map((each, index) => [each.sgln, outletsAround(each, 1000 + index * outletsEach)]),
)

function outletsAround(distributor: Place, reference: number): Place[] {
  return Array.from({ length: outletsEach }, (_, n) => {
    const where = pointBeside(distributor, n * (360 / outletsEach) + 20, 3 + 3 * n)
    const town = distributor.name.split(' ')[0]!
    return {
      ...{ ...distributor, ...where, name: `${town} pharmacy ${n + 1}`, kind: 'outlet' as const },
      ...{ sgln: sgln(reference + n), radiusM: radii.outlet },
    }
  })
}

/** The body of `PUT /api/v1/master-data/BusinessLocation/{sgln}`. */
export interface PlaceBody {
  attributes: Record<string, unknown>
}

/** CBV 2.0 §9.1 where it has the word. The fence is a GeoJSON Polygon (RFC 7946 §3.1.6). */
export function placeBodyOf(where: Place): PlaceBody {
  return {
    attributes: {
      'urn:epcglobal:cbv:mda#name': where.name,
      'urn:epcglobal:cbv:mda#countryCode': where.country,
      'urn:epcglobal:cbv:mda#latitude': `${where.lat}`,
      'urn:epcglobal:cbv:mda#longitude': `${where.lon}`,
      'urn:isotherm:mda#placeKind': where.kind,
      'urn:isotherm:mda#geofence': {
        type: 'Polygon',
        coordinates: [ringAround(where, where.radiusM)],
      },
    },
  }
}
