// Cases as the API tells them, and where their evidence says that something was. Pure.
import type { Spot } from '../map/view.ts'
import { numberOf, objectOf } from '../shapes.ts'
import * as d from './decode.ts'

export const caseStatuses = ['open', 'confirmed', 'dismissed', 'withdrawn'] as const
export type CaseStatus = (typeof caseStatuses)[number]

export const caseKinds = [
  'theft',
  'diversion',
  'off-market',
  'silent-unpack',
  'logger-divorce',
  'clone',
  'return-fraud',
  'enumeration',
] as const

const fields = {
  id: d.text,
  kind: d.oneOf(caseKinds, 'diversion'),
  status: d.oneOf(caseStatuses, 'open'),
  subject: d.text,
  summary: d.text,
  openedAt: d.time,
  changedAt: d.time,
  from: d.time,
  to: d.time,
  logOdds: d.number,
  probability: d.number,
  detectors: d.list(d.text),
  serialCount: d.number,
  serialSetHash: d.text,
  revision: d.number,
}

export const caseRow = d.shape({ ...fields, gtins: d.list(d.text), place: d.textOrNull })
export type CaseRow = ReturnType<typeof caseRow>

const evidence = d.shape({
  detector: d.text,
  weight: d.number,
  from: d.time,
  to: d.time,
  words: d.text,
  serialCount: d.numberOrNull,
  facts: d.raw,
  rests: d.list(d.text),
})
export type Evidence = ReturnType<typeof evidence>

export const wholeCase = d.shape({
  ...fields,
  evidence: d.list(evidence),
  verdicts: d.list(
    d.shape({
      verdict: d.oneOf(['confirmed', 'dismissed'], 'dismissed'),
      reason: d.text,
      at: d.time,
      by: d.text,
      revision: d.number,
    }),
  ),
  revisions: d.list(d.shape({ revision: d.number, recordTime: d.time, cause: d.text })),
})
export type WholeCase = ReturnType<typeof wholeCase>

export const heaviestFirst = (list: readonly Evidence[]): Evidence[] =>
  list.toSorted((a, b) => b.weight - a.weight)

/** Wherever facts name a position, at any depth. */
export function spotsIn(facts: unknown): Spot[] {
  if (Array.isArray(facts)) return facts.flatMap(spotsIn)
  if (typeof facts !== 'object' || facts === null) return []
  const from = objectOf(facts)
  const lat = numberOf(from.lat)
  const lon = numberOf(from.lon)
  const own = lat === null || lon === null ? [] : [{ lat, lon }]
  return [...own, ...Object.values(from).flatMap(spotsIn)]
}

export const scanRow = d.shape({
  session: d.text,
  firstAt: d.time,
  place: d.textOrNull,
  capturedBy: d.textOrNull,
})

const geohashLetters = '0123456789bcdefghjkmnpqrstuvwxyz'

/** The middle of a geohash's cell; null of anything else, such as a country. */
export function geohashSpot(place: string | null): Spot | null {
  if (place === null || !/^[0-9b-hjkmnp-z]{1,12}$/.test(place)) return null
  const sides = { lon: [-180, 180] as [number, number], lat: [-90, 90] as [number, number] }
  let isLon = true
  for (const letter of place)
    for (const bit of [16, 8, 4, 2, 1]) {
      const side = isLon ? sides.lon : sides.lat
      const middle = (side[0] + side[1]) / 2
      side[geohashLetters.indexOf(letter) & bit ? 0 : 1] = middle
      isLon = !isLon
    }
  const { lon, lat } = sides
  return { lon: (lon[0] + lon[1]) / 2, lat: (lat[0] + lat[1]) / 2 }
}
