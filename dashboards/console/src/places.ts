// Places as master data tell of them (docs/diversion.md): name, position, fence. Read for maps and
// lists; what does not read as a position or a fence is left out, never guessed.

import { signal as stateOf } from '@preact/signals'
import { useLoad } from './load.ts'
import type { Spot } from './map/view.ts'
import * as say from './say.ts'
import { apiPath, read } from './server.ts'
import { numberOf, objectOf, parsePage, parseTime, textOf } from './shapes.ts'

export interface Place {
  id: string
  type: string
  name: string
  kind: string
  country: string
  spot: Spot | null
  /** Outer ring of its GeoJSON polygon, closed. */
  ring: Spot[] | null
  attributes: Readonly<Record<string, unknown>>
  children: string[]
  version: number
}

export interface PlannedLeg {
  from: string
  to: string
  departs: number
  arrives: number
  spots: Spot[]
}

export const cbv = 'urn:epcglobal:cbv:mda#'
export const own = 'urn:isotherm:mda#'
export const locationType = 'urn:epcglobal:epcis:vtype:BusinessLocation'
const partyType = 'urn:epcglobal:epcis:vtype:SourceDest'
const planType = 'urn:isotherm:vtype:Plan'
const pagesMax = 20

export type Places = ReadonlyMap<string, Place>

/** All places by id; empty while not loaded and when nobody told of any. */
export function usePlaces() {
  return useLoad('places', loadPlaces, ['changed:master-data'])
}

const named = stateOf<Places>(new Map())
/** Names of parties, such as carriers; they are no places. */
const parties = stateOf<ReadonlyMap<string, string>>(new Map())

/** Its name, once a page has asked for places; else its GLN, or what key it has. */
export const nameOfPlace = (id: string): string => placeName(named.value, id)

/** Its name, else its GLN. A party (417) may have the number of its place (414). */
export const placeName = (places: Places | null, id: string): string =>
  (places?.get(id) ?? places?.get(id.replace('/417/', '/414/')))?.name ||
  parties.value.get(id) ||
  say.key(id)

/** The place where a position is, within so many km; undefined: it is under way. */
export function placeAt(places: Places | null, at: Spot): Place | undefined {
  let [nearest, leastKm]: [Place | undefined, number] = [undefined, placeKm]
  for (const place of places?.values() ?? []) {
    const km = place.spot ? kmBetween(place.spot, at) : Infinity
    if (km < leastKm) [nearest, leastKm] = [place, km]
  }
  return nearest
}

const placeKm = 5

/** Flat, which is near enough for what is near. */
function kmBetween(a: Spot, b: Spot): number {
  const perDegree = 111.2
  const east = ((((b.lon - a.lon) % 360) + 540) % 360) - 180
  const northKm = (b.lat - a.lat) * perDegree
  return Math.hypot(northKm, east * perDegree * Math.cos((a.lat * Math.PI) / 180))
}

export function parsePlace(json: Readonly<Record<string, unknown>>): Place {
  const attributes = objectOf(json.attributes)
  const text = (name: string): string => textOf(attributes[name])
  const lat = degrees(attributes[`${cbv}latitude`])
  const lon = degrees(attributes[`${cbv}longitude`])
  const children = Array.isArray(json.children) ? json.children.map(textOf) : []
  return {
    id: textOf(json.id),
    type: textOf(json.type),
    name: text(`${cbv}name`),
    kind: text(`${own}placeKind`),
    country: text(`${cbv}countryCode`),
    spot: lat === null || lon === null ? null : { lat, lon },
    ring: parseRing(attributes[`${own}geofence`]),
    attributes,
    children,
    version: numberOf(json.version) ?? 0,
  }
}

/** The outer ring of a GeoJSON Polygon (RFC 7946 §3.1.6), or null. */
export function parseRing(fence: unknown): Spot[] | null {
  const { type, coordinates } = objectOf(fence)
  if (type !== 'Polygon' || !Array.isArray(coordinates)) return null
  const ring = parseSpots(coordinates[0])
  return ring && ring.length >= 4 ? ring : null
}

/** A GeoJSON Polygon of a ring, closed. */
export function formatFence(ring: readonly Spot[]): object {
  const points = ring.map(({ lon, lat }) => [round(lon), round(lat)])
  const [first] = points
  const last = points.at(-1)
  const closed = first && last && (first[0] !== last[0] || first[1] !== last[1])
  return { type: 'Polygon', coordinates: [closed ? [...points, first] : points] }
}

/** Of a shipment, or of what it is in: a plan is of the outermost. None that can be read: none. */
export async function loadPlan(container: string, signal: AbortSignal): Promise<PlannedLeg[]> {
  const own = await planOf(container, signal)
  if (own.length > 0) return own
  const unit = await read(apiPath('units', container), {}, signal).catch(() => null)
  const { parents } = objectOf(unit)
  const outermost = Array.isArray(parents) ? textOf(parents.at(-1)) : ''
  return outermost === '' ? [] : planOf(outermost, signal)
}

async function planOf(container: string, signal: AbortSignal): Promise<PlannedLeg[]> {
  const json = await read(apiPath('master-data', planType, container), {}, signal).catch(() => null)
  const legs = objectOf(objectOf(json).attributes)[`${own}legs`]
  if (!Array.isArray(legs)) return []
  return legs.map(objectOf).flatMap((leg) => {
    const [departs, arrives] = [parseTime(leg.departs), parseTime(leg.arrives)]
    if (departs === null || arrives === null) return []
    const spots = parseSpots(objectOf(leg.path).coordinates) ?? []
    return [{ from: textOf(leg.from), to: textOf(leg.to), departs, arrives, spots }]
  })
}

async function loadPlaces(signal: AbortSignal): Promise<Places> {
  const places = new Map<string, Place>()
  let cursor: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const query = { type: locationType, limit: 500, ...(cursor !== undefined && { cursor }) }
    const json = await read(apiPath('master-data'), query, signal)
    const { items, next } = parsePage(json, parsePlace)
    for (const place of items) places.set(place.id, place)
    if (next === null) break
    cursor = next
  }
  const known = await read(apiPath('master-data'), { type: partyType, limit: 500 }, signal)
  parties.value = new Map(parsePage(known, parsePlace).items.map(({ id, name }) => [id, name]))
  named.value = places
  return places
}

function parseSpots(list: unknown): Spot[] | null {
  if (!Array.isArray(list)) return null
  const spots = list.map((point: unknown) => {
    const [lon, lat] = Array.isArray(point) ? point.map(numberOf) : []
    return lon == null || lat == null || Math.abs(lat) > 90 ? null : { lon, lat }
  })
  return spots.includes(null) ? null : spots.filter((spot) => spot !== null)
}

const degrees = (value: unknown): number | null =>
  numberOf(typeof value === 'string' && value.trim() !== '' ? Number(value) : value)

/** Six digits are a tenth of a metre. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6
