// M: how fast the detectors of movement take the fixes of loggers, each detector by itself and all of
// them, on ways of thousands of points among hundreds of places; and what a logger costs in memory.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { routeCorridor } from '../../analytics/movement/corridor.ts'
import { delay } from '../../analytics/movement/delay.ts'
import { geofence } from '../../analytics/movement/geofence.ts'
import { light } from '../../analytics/movement/light.ts'
import { dwell, unscheduledStop } from '../../analytics/movement/stops.ts'
import { wrapped } from '../../domain/earth.ts'
import type { Detector, Fix, KnownPlace, Plan, Shipment } from '../../domain/suspicion.ts'
import { ringAround } from '../../simulators/route.ts'

const minute = 60_000
const since = Date.UTC(2026, 2, 1)
const detectors = [routeCorridor, unscheduledStop, dwell, delay, geofence, light] as Detector<
  Shipment,
  unknown
>[]

export interface MovementFigures {
  points: number
  places: number
  /** Fixes a second of processor time. */
  each: { name: string; perSecond: number }[]
  allPerSecond: number
  /** Of the state of all six, for one logger under way for 30 days. */
  bytesPerLogger: number
  findings: number
}

export function measureMovement(fixes = 200_000): MovementFigures {
  const { shipment, points } = shipmentAcross(5000)
  const told = fixesAlong(shipment.plan!, fixes)
  const run = (detector: Detector<Shipment, unknown>): number => {
    const state = detector.open(shipment)
    for (const fix of told) detector.step(state, fix)
    return detector.end?.(state, told.at(-1)!.time).length ?? 0
  }
  for (const detector of detectors) run(detector)
  let findings = 0
  const before = process.cpuUsage()
  const each = detectors.map((detector) => {
    const own = process.cpuUsage()
    findings += run(detector)
    return { name: detector.name, perSecond: fixes / secondsSince(own) }
  })
  const allPerSecond = fixes / secondsSince(before)
  const places = shipment.places.size
  return { points, places, each, allPerSecond, bytesPerLogger: bytesOf(shipment), findings }
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** Across the Pacific and 180, by road in its first fifth, with places every so often. */
function shipmentAcross(points: number): { shipment: Shipment; points: number } {
  const path = Array.from({ length: points }, (_, n): [number, number] => [
    120 + (120 * n) / points,
    20 + 10 * Math.sin(n / 200),
  ])
  const legOf = (mode: string, from: number, to: number) => ({
    ...{ mode, from: `place ${from}`, to: `place ${to}`, stops: [] },
    ...{ departs: since, arrives: since + 30 * 24 * 60 * minute },
    path: path.slice(from, to + 1),
  })
  const fifth = points / 5
  const legs = [legOf('road', 0, fifth), legOf('sea', fifth, points - 1)]
  const places = new Map<string, KnownPlace>()
  for (let n = 0; n < points; n += 10) {
    const [lon, lat] = path[n]!
    const [id, ring] = [`place ${n}`, ringAround({ lat, lon: wrapped(lon) }, 800)]
    places.set(id, { id, kind: 'hub', country: 'JP', ring })
  }
  const loggers = [{ device: 'A', container: 'c', from: since, to: Infinity }]
  const plan: Plan = { corridorM: 15_000, legs }
  const asOf = since + 365 * 24 * 60 * minute
  return {
    points,
    shipment: { container: 'c', inside: [], units: [], loggers, plan, places, asOf },
  }
}

/** As a vehicle's: along the way with jitter, now and then standing, now and then far off. */
function fixesAlong({ legs }: Plan, count: number): Fix[] {
  const path = legs.flatMap((leg) => leg.path)
  let dice = 1
  const random = (): number => {
    dice = (Math.imul(dice, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return dice / 0x7fff_ffff
  }
  return Array.from({ length: count }, (_, n): Fix => {
    const moved = n - Math.max(0, (n % 2000) - 1950)
    const at = (moved / count) * (path.length - 1)
    const [lon, lat] = path[Math.floor(at)]!
    const next = path[Math.min(path.length - 1, Math.floor(at) + 1)]!
    const [share, off] = [at % 1, random() < 0.01 ? 0.3 : 0.0002]
    const spot = {
      lat: lat + share * (next[1] - lat) + off * (random() - 0.5),
      lon: wrapped(lon + share * (next[0] - lon) + off * (random() - 0.5)),
      radiusM: 20,
    }
    const time = since + n * minute
    return { kind: 'fix', id: `A/fix/${time}`, device: 'A', time, spot }
  })
}

/** By many shipments at once that share their plan and places, as those of one lane do. */
function bytesOf(shipment: Shipment): number {
  const loggers = 500
  const told = fixesAlong(shipment.plan!, 2000)
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
  const before = process.memoryUsage().heapUsed
  const states = Array.from({ length: loggers }, () =>
    detectors.map((detector) => ({ detector, state: detector.open(shipment) })),
  )
  for (const own of states)
    for (const { detector, state } of own) for (const fix of told) detector.step(state, fix)
  gc()
  const bytes = process.memoryUsage().heapUsed - before
  return states.length > 0 ? bytes / loggers : 0
}
