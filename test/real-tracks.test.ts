// Detectors of movement on real tracks: as they were driven they make no case, whatever is known of
// their plan; with a detour or a stop put into each of them, these are found.
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { routeCorridor } from '../analytics/movement/corridor.ts'
import { delay } from '../analytics/movement/delay.ts'
import { geofence } from '../analytics/movement/geofence.ts'
import { light } from '../analytics/movement/light.ts'
import { dwell, unscheduledStop } from '../analytics/movement/stops.ts'
import { weigh } from '../domain/case.ts'
import { type Finding, cluesOf as inOrder, runnable, type Shipment } from '../domain/suspicion.ts'
import {
  cluesOf,
  type Excursion,
  type Known,
  knownOf,
  lonelyM,
  type RealTrack,
  roadFile,
  roadTracks,
  seaFile,
  seaTracks,
  shipmentOn,
  withExcursion,
} from './real-tracks.ts'
import { minuteMs } from './tracks.ts'

const detectors = [routeCorridor, unscheduledStop, dwell, delay, geofence, light].map((each) =>
  runnable<Shipment, never>(each as never),
)

function findingsOf(track: RealTrack, known: Partial<Known>): Finding[] {
  const shipment = shipmentOn(track, known)
  const told = inOrder(cluesOf(track), shipment.asOf)
  return detectors.flatMap((detector) => detector.run(shipment, told).findings)
}
const opens = (findings: readonly Finding[]) => weigh(findings, {}).some((one) => one.opens)
const nearest = (findings: readonly Finding[]) =>
  Math.max(...weigh(findings, {}).map((w) => w.logOdds), -6)

const missing = [seaFile, roadFile].filter((file) => !existsSync(file))
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not present`)

const detour = { opens: false, standMinutes: 0 }
const stop = { opens: false, standMinutes: 75 }
const sets: [string, () => RealTrack[], { far: Excursion; stand: Excursion }][] = [
  [
    'containers at sea and on rails',
    seaTracks,
    {
      far: { ...detour, km: 150, kmh: 60, everyMs: 30 * minuteMs },
      stand: { ...stop, km: 40, kmh: 60, everyMs: 15 * minuteMs },
    },
  ],
  [
    'cars and buses in a town',
    roadTracks,
    {
      far: { ...detour, km: 6, kmh: 40, everyMs: 30_000 },
      stand: { ...stop, km: 0.2, kmh: 20, everyMs: 60_000 },
    },
  ],
]

describe.skipIf(missing.length > 0).each(sets)('%s', (_, read, { far, stand }) => {
  const tracks = missing.length > 0 ? [] : read()
  const report = (what: string, lost: readonly RealTrack[]): void => {
    console.log(
      `${what}: ${tracks.length - lost.length} of ${tracks.length}`,
      ...lost.map((t) => t.name),
    )
  }

  it('as they were driven open no case: with their plan, as if all were road, without any', () => {
    let most = -6
    for (const track of tracks)
      for (const known of [knownOf(track), knownOf(track, 'road'), {}]) {
        const found = findingsOf(track, known)
        most = Math.max(most, nearest(found))
        expect(opens(found), `${track.name}: ${JSON.stringify(found)}`).toBe(false)
      }
    console.log('most log-odds', most)
  })

  it('with a detour in them are found off their way', () => {
    const lost = tracks.filter((track) => {
      const found = findingsOf(withExcursion(track, far), knownOf(track))
      return !found.some(({ detector }) => detector === 'route-corridor')
    })
    report('detours found', lost)
    expect(lost).toEqual([])
  })

  it('with a stop in them are found to stand, but at their own places', () => {
    const lost = tracks.filter((track) => {
      const found = findingsOf(withExcursion(track, stand), knownOf(track))
      return !found.some(({ detector }) => detector === 'unscheduled-stop')
    })
    report('stops found', lost)
    // Trips around the house never leave the neighbourhood of their own places.
    expect(lost.filter((track) => lonelyM(track) > 1200)).toEqual([])
  })
})
