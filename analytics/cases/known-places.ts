// Places, fences and plans, read off master data (docs/diversion.md). What does not read as one is
// left out: a plan that is not understood is no plan, and nobody is suspected for it.
import { bounds } from '../../config.ts'
import { spotOf } from '../../domain/earth.ts'
import { parseRfc3339 } from '../../domain/rfc3339.ts'
import type { KnownPlace, Plan, PlannedLeg } from '../../domain/suspicion.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { listMasterData, type MasterRecord } from '../../store/ledger/master.ts'
import type { Known } from './known.ts'

export const locationTypes = [
  'BusinessLocation',
  'urn:epcglobal:epcis:vtype:BusinessLocation',
] as const
const planType = 'urn:isotherm:vtype:Plan'
const own = 'urn:isotherm:mda#'
const cbv = 'urn:epcglobal:cbv:mda#'

/** All places of a tenant, by SGLN. */
export async function readPlaces(
  db: LedgerQuery,
  tenant: string,
): Promise<Map<string, KnownPlace>> {
  const places = new Map<string, KnownPlace>()
  for (const type of locationTypes)
    for (let after: readonly [string, string] | undefined; places.size < bounds.placesMax; ) {
      const limit = 1000
      const page = await listMasterData(db, tenant, { type, limit, ...(after && { after }) })
      for (const record of page) places.set(record.id, placeOf(record))
      const last = page.at(-1)
      if (page.length < limit || !last) break
      after = [last.type, last.id]
    }
  return places
}

/** The first of these containers that has a plan. */
export async function readPlan(
  known: Pick<Known, 'attributes'>,
  containers: readonly string[],
): Promise<Plan | undefined> {
  for (const id of new Set(containers)) {
    const attributes = await known.attributes({ type: planType, id })
    const plan = attributes && planOf(attributes)
    if (plan) return plan
  }
  return undefined
}

/** What master data says of a place. */
export function placeOf({ id, attributes }: Pick<MasterRecord, 'id' | 'attributes'>): KnownPlace {
  const text = (name: string): string | undefined => {
    const value = attributes[name]
    return typeof value === 'string' ? value : undefined
  }
  const kind = text(`${own}placeKind`)
  const country = text(`${cbv}countryCode`)
  const ring = ringOf(attributes[`${own}geofence`])
  const [lat, lon] = [
    numberOf(attributes[`${cbv}latitude`]),
    numberOf(attributes[`${cbv}longitude`]),
  ]
  const spot = lat === undefined || lon === undefined ? undefined : spotOf(lat, lon, placeRadiusM)
  return {
    id,
    ...(kind !== undefined && { kind }),
    ...(country !== undefined && { country }),
    ...(spot && { spot }),
    ...(ring && { ring }),
  }
}

/** Of a place that says only a point: a terminal or an estate of halls. */
const placeRadiusM = 1000

function planOf(attributes: Record<string, unknown>): Plan | undefined {
  const corridorM = numberOf(attributes[`${own}corridorM`])
  const legs = attributes[`${own}legs`]
  if (corridorM === undefined || !Array.isArray(legs)) return undefined
  const read = legs.flatMap((leg) => legOf(leg) ?? [])
  return read.length > 0 && read.length === legs.length ? { corridorM, legs: read } : undefined
}

function legOf(leg: unknown): PlannedLeg | undefined {
  if (!isObject(leg)) return undefined
  const { mode, from, to, departs, arrives, stops, path } = leg
  const points = isObject(path) ? pointsOf(path.coordinates) : undefined
  const [departsAt, arrivesAt] = [departs, arrives].map((time) =>
    typeof time === 'string' ? parseRfc3339(time) : Number.NaN,
  ) as [number, number]
  const named = typeof mode === 'string' && typeof from === 'string' && typeof to === 'string'
  if (!named || !points || !(departsAt <= arrivesAt)) return undefined
  const texts = Array.isArray(stops) ? stops.filter((stop) => typeof stop === 'string') : []
  return { mode, from, to, departs: departsAt, arrives: arrivesAt, stops: texts, path: points }
}

/** The outer ring of a GeoJSON Polygon (RFC 7946 §3.1.6). */
function ringOf(fence: unknown): [number, number][] | undefined {
  if (!isObject(fence) || fence.type !== 'Polygon' || !Array.isArray(fence.coordinates))
    return undefined
  const ring = pointsOf(fence.coordinates[0])
  return ring && ring.length >= 4 ? ring : undefined
}

const pointsMax = 10_000

function pointsOf(list: unknown): [number, number][] | undefined {
  if (!Array.isArray(list) || list.length === 0 || list.length > pointsMax) return undefined
  const points: [number, number][] = []
  for (const point of list) {
    if (!Array.isArray(point)) return undefined
    const [lon, lat] = point
    if (typeof lon !== 'number' || typeof lat !== 'number') return undefined
    if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 720)) return undefined
    points.push([lon, lat])
  }
  return points
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
