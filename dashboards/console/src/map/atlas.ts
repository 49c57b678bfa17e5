// Coast lines and borders of the world, from files of this server: nobody else learns where
// somebody looks. Coarse at first, finer when somebody looks closer; drawn once into paths, which a
// canvas then scales.
import { type GeoPath, geoGraticule10, geoMercator, geoPath } from 'd3-geo'
import type { Feature, Polygon } from 'geojson'
import { feature, mesh } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import fineUrl from 'world-atlas/countries-50m.json?url'
import coarseUrl from 'world-atlas/countries-110m.json?url'
import type { Point } from './view.ts'

export interface Atlas {
  /** In units of the Mercator square times `unit`. */
  land: Path2D
  borders: Path2D
  graticule: Path2D
  countries: readonly Country[]
}

/** Its largest piece of land, on the Mercator square. */
export interface Country extends Point {
  /** ISO 3166-1, two letters. */
  region: string
  /** How wide that piece is. */
  across: number
}

/** The square is drawn so large: paths of fractions of a pixel would be resampled away. */
export const unit = 4096

type World = Topology<{ countries: GeometryCollection }>

const loaded = new Map<string, Promise<Atlas>>()

/** Throws when the file cannot be had; then it is asked for again the next time. */
export function loadAtlas(detail: 'coarse' | 'fine'): Promise<Atlas> {
  const url = detail === 'coarse' ? coarseUrl : fineUrl
  const known = loaded.get(url)
  if (known) return known
  const loading = load(url)
  loaded.set(url, loading)
  loading.catch(() => loaded.delete(url))
  return loading
}

async function load(url: string): Promise<Atlas> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${response.status} ${url}`)
  const world = (await response.json()) as World
  const { countries } = world.objects
  const projection = geoMercator()
    .scale(unit / (2 * Math.PI))
    .translate([unit / 2, unit / 2])
    .clipExtent([
      [0, 0],
      [unit, unit],
    ])
    .precision(0.5)
  const named: Country[] = []
  const atlas = {
    ...{ land: new Path2D(), borders: new Path2D(), graticule: new Path2D() },
    countries: named,
  }
  const draw = (path: Path2D, shape: Parameters<ReturnType<typeof geoPath>>[0]): void => {
    geoPath(projection, contextOf(path))(shape)
  }
  await inSlices([
    () => draw(atlas.graticule, geoGraticule10()),
    ...countries.geometries.map((geometry) => () => {
      // Of one geometry; the types know of collections, too.
      const land = feature(world, geometry) as Feature
      draw(atlas.land, land)
      const country = countryOf(land, geoPath(projection))
      if (country) named.push(country)
    }),
    () =>
      draw(
        atlas.borders,
        mesh(world, countries, (a, b) => a !== b),
      ),
  ])
  return atlas
}

/** Undefined: a country without a code of ISO 3166-1. */
function countryOf({ id, geometry }: Feature, path: GeoPath): Country | undefined {
  const region = id === undefined ? undefined : new Intl.Locale(`und-${id}`).region
  if (!region || !/^[A-Z]{2}$/.test(region)) return undefined
  const pieces: Polygon[] =
    geometry.type === 'MultiPolygon'
      ? geometry.coordinates.map((coordinates) => ({ type: 'Polygon', coordinates }))
      : geometry.type === 'Polygon'
        ? [geometry]
        : []
  const [first] = pieces.toSorted((a, b) => path.area(b) - path.area(a))
  if (!first) return undefined
  const [x, y] = path.centroid(first)
  const [[west], [east]] = path.bounds(first)
  return { region, x: x / unit, y: y / unit, across: (east - west) / unit }
}

/** A key pressed meanwhile does not wait for the coasts of all countries. */
const sliceMs = 8

async function inSlices(steps: readonly (() => void)[]): Promise<void> {
  let begun = performance.now()
  for (const step of steps) {
    if (performance.now() - begun > sliceMs) {
      await new Promise((resolve) => setTimeout(resolve))
      begun = performance.now()
    }
    step()
  }
}

/** What d3 draws on: a path is begun when it is made. */
const contextOf = (path: Path2D) => ({
  beginPath: () => undefined,
  moveTo: (x: number, y: number) => path.moveTo(x, y),
  lineTo: (x: number, y: number) => path.lineTo(x, y),
  arc: (x: number, y: number, radius: number, from: number, to: number) =>
    path.arc(x, y, radius, from, to),
  closePath: () => path.closePath(),
})
