// Real tracks of vehicles and containers from the shared data, as shipments: what their trackers
// said, and the plan that a carrier would have known. The plan is the track's own way without its
// detail (Douglas and Peucker 1973, fixes by satellite only), its ends as known places, and its own
// times. Refuses to mend what the trackers said.
//
// Data: Deutsche Bahn AG / DB Schenker, "Sensordaten Schenker Seefrachtcontainer" (CC BY 4.0); Cruz,
// Macedo, Guimarães, "GPS Trajectories", UCI Machine Learning Repository (CC BY 4.0).
import { readFileSync } from 'node:fs'
import { distanceM, spotOf, wrapped } from '../domain/earth.ts'
import type { Clue, Fix, KnownPlace, Level, Plan, Shipment } from '../domain/suspicion.ts'
import { type Point, pointBeside } from '../simulators/route.ts'
import { fixAt, minuteMs, placeAt } from './tracks.ts'

export const seaFile = '../shared/data/schenker-seafreight/container-trackers.csv'
export const roadFile = '../shared/data/gps-aracaju/points.csv'

/** What a tracker said at one time. Accuracy in m; cells of the network say none. */
export interface Said {
  time: number
  lat?: number
  lon?: number
  accuracy?: number
  door?: 0 | 1
  shock?: number
  temperature?: number
}

export interface RealTrack {
  name: string
  /** As a carrier of this trip would plan it. */
  mode: string
  corridorM: number
  /** Points of the plan are no nearer to the track than this. */
  detailM: number
  said: readonly Said[]
}

/** Container trackers of 2016 over sea, B by rail. */
export function seaTracks(): RealTrack[] {
  const rows = readFileSync(seaFile, 'utf8').trim().split('\n').slice(2)
  const said = rows.map((row) => {
    const [, name = '', , date, clock, lat, lon, accuracy, , , , door, , , shock, , temperature] =
      row.split(',')
    const number = (text: string | undefined): number | undefined =>
      text === undefined || !/^-?[\d.]+$/.test(text) ? undefined : Number(text)
    const values = {
      ...{ lat: number(lat), lon: number(lon), accuracy: number(accuracy) },
      ...{ door: number(door), shock: number(shock), temperature: number(temperature) },
    }
    const told = Object.entries(values).filter(([, value]) => value !== undefined)
    return { name, time: Date.parse(`${date}T${clock}Z`), ...Object.fromEntries(told) } as Said & {
      name: string
    }
  })
  const seas = { corridorM: 50_000, detailM: 5000 }
  return [...Map.groupBy(said, ({ name }) => name)].map(([name, own]) => ({
    ...{ name: `tracker ${name}`, mode: name === 'B' ? 'rail' : 'sea', ...seas },
    // Some rows say the time and nothing else.
    said: own.map(({ name: _, ...rest }) => rest).filter((row) => Object.keys(row).length > 1),
  }))
}

/** Trips by car and bus in a town, of two minutes and more. */
export function roadTracks(): RealTrack[] {
  const rows = readFileSync(roadFile, 'utf8').trim().split('\n').slice(1)
  const said = rows.map((row) => {
    const [, lat, lon, trip = '', time = ''] = row.split(',')
    const local = time.replaceAll('"', '').replace(' ', 'T')
    return { trip, time: Date.parse(`${local}-03:00`), lat: Number(lat), lon: Number(lon) }
  })
  return [...Map.groupBy(said, ({ trip }) => trip)]
    .map(([trip, own]) => ({
      ...{ name: `trip ${trip}`, mode: 'road', corridorM: 500, detailM: 50 },
      said: own.map(({ trip: _, ...rest }) => rest),
    }))
    .filter(({ said: own }) => own.length > 2 && own.at(-1)!.time - own[0]!.time > 2 * minuteMs)
}

export function cluesOf({ name: device, said }: Pick<RealTrack, 'name' | 'said'>): (Fix | Level)[] {
  return said.flatMap((row): (Fix | Level)[] => {
    const { time, lat, lon, accuracy } = row
    const spot = lat === undefined || lon === undefined ? undefined : spotOf(lat, lon, accuracy)
    const levels = (['door', 'shock'] as const).flatMap((channel): Level[] => {
      const value = row[channel]
      if (value === undefined) return []
      return [{ kind: 'level', id: `${device}/${channel}/${time}`, device, channel, time, value }]
    })
    return [...(spot ? [fixAt({ device, time, spot })] : []), ...levels]
  })
}

export const fixesOf = (clues: readonly Clue[]): Fix[] =>
  clues.filter((clue): clue is Fix => clue.kind === 'fix').sort((a, b) => a.time - b.time)

export interface Known {
  plan: Plan
  places: KnownPlace[]
}

export function knownOf(track: RealTrack, mode = track.mode): Known {
  const fixes = satelliteOf(track)
  const ends = [fixes[0]!, fixes.at(-1)!]
  const [from, to] = ends.map((_, n) => `${track.name} ${n === 0 ? 'from' : 'to'}`) as [
    string,
    string,
  ]
  const path = simplified(unwrapped(fixes), track.detailM)
  const leg = { mode, from, to, stops: [], path }
  const [departs, arrives] = ends.map(({ time }) => time) as [number, number]
  return {
    plan: { corridorM: track.corridorM, legs: [{ ...leg, departs, arrives }] },
    places: [placeAt(from, ends[0]!.spot, 'plant'), placeAt(to, ends[1]!.spot)],
  }
}

export const shipmentOn = (
  { name: device, said }: Pick<RealTrack, 'name' | 'said'>,
  known: Partial<Known>,
): Shipment => ({
  ...{ container: device, inside: [], units: [], plan: known.plan },
  loggers: [{ device, container: device, from: -Infinity, to: Infinity }],
  places: new Map((known.places ?? []).map((place) => [place.id, place])),
  asOf: said.reduce((last, { time }) => Math.max(last, time), 0),
})

export interface Excursion {
  /** How far aside. */
  km: number
  kmh: number
  everyMs: number
  /** There, with the door open for half an hour from ten minutes on, or shut. */
  standMinutes: number
  opens: boolean
}

/** Of all on the way, the place that is farthest from both its ends: there nobody is at home. */
const lonelyOf = (fixes: readonly Fix[]): Fix =>
  fixes.reduce((best, fix) => (toEndsM(fixes, fix) > toEndsM(fixes, best) ? fix : best))

const toEndsM = (fixes: readonly Fix[], { spot }: Fix): number =>
  Math.min(distanceM(spot, fixes[0]!.spot), distanceM(spot, fixes.at(-1)!.spot))

/** How far from its ends a track ever is, m. */
export function lonelyM(track: RealTrack): number {
  const fixes = satelliteOf(track)
  return toEndsM(fixes, lonelyOf(fixes))
}

/** The same track with a way out and back in it; what came after comes so much later. */
export function withExcursion<T extends RealTrack>(track: T, excursion: Excursion): T {
  const { km, kmh, everyMs, standMinutes, opens } = excursion
  const fixes = satelliteOf(track)
  const at = lonelyOf(fixes)
  const before = track.said.filter(({ time }) => time <= at.time)
  const goMs = (km / kmh) * 60 * minuteMs
  const standMs = standMinutes * minuteMs
  const lastsMs = 2 * goMs + standMs
  const aside = awayFrom(fixes, at.spot)
  const inserted: Said[] = []
  for (let after = everyMs; after < lastsMs; after += everyMs) {
    const share = Math.min(1, after / goMs, (lastsMs - after) / goMs)
    const { lat, lon } = pointBeside(at.spot, aside, share * km)
    const stood = after - goMs
    const isOpen = opens && stood >= 10 * minuteMs && stood <= 40 * minuteMs
    inserted.push({ time: at.time + after, lat, lon, accuracy: 20, door: isOpen ? 1 : 0 })
  }
  const later = track.said
    .filter(({ time }) => time > at.time)
    .map((row) => ({ ...row, time: row.time + lastsMs }))
  return { ...track, said: [...before, ...inserted, ...later] }
}

/** Across the way there. */
function awayFrom(fixes: readonly Fix[], at: Point): number {
  const end = fixes.at(-1)!.spot
  const east = wrapped(end.lon - fixes[0]!.spot.lon) * Math.cos((at.lat * Math.PI) / 180)
  const north = end.lat - fixes[0]!.spot.lat
  return (Math.atan2(east, north) * 180) / Math.PI + 90
}

const satelliteOf = (track: RealTrack): Fix[] => {
  const said = track.mode === 'road' ? track.said : track.said.filter((row) => row.accuracy)
  return fixesOf(cluesOf({ ...track, said }))
}

function unwrapped(fixes: readonly Fix[]): [number, number][] {
  let lon = fixes[0]!.spot.lon
  return fixes.map(({ spot }) => {
    lon += wrapped(spot.lon - lon)
    return [lon, spot.lat]
  })
}

/** Douglas and Peucker, on a plane that is flat enough for a plan. */
function simplified(points: [number, number][], detailM: number): [number, number][] {
  const [a, b] = [points[0]!, points.at(-1)!]
  const scale = Math.cos((((a[1] + b[1]) / 2) * Math.PI) / 180)
  const [dx, dy] = [(b[0] - a[0]) * scale, b[1] - a[1]]
  const length = Math.hypot(dx, dy)
  let [worst, worstAt] = [0, 0]
  points.forEach(([lon, lat], n) => {
    const [x, y] = [(lon - a[0]) * scale, lat - a[1]]
    const along = length === 0 ? 0 : Math.max(0, Math.min(1, (x * dx + y * dy) / length ** 2))
    const off = Math.hypot(x - along * dx, y - along * dy) * 111_195
    if (off > worst) [worst, worstAt] = [off, n]
  })
  if (worst <= detailM || points.length < 3) return [a, b]
  const left = simplified(points.slice(0, worstAt + 1), detailM)
  return [...left.slice(0, -1), ...simplified(points.slice(worstAt), detailM)]
}
