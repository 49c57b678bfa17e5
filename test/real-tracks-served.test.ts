// Real tracks said to a real server over MQTT and HTTP, as by strangers: as they were driven they
// open no case; a detour with a halt and an open door put into one of each set, and a copied serial,
// are one case each.
import { existsSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { KnownPlace } from '../domain/suspicion.ts'
import { serve } from '../main.ts'
import type { PlanBody, WireReading, WorldAction } from '../simulators/actions.ts'
import {
  associated,
  commissioned,
  packed,
  received,
  shipped,
  unpacked,
} from '../simulators/events.ts'
import { giai, gtin, sgln, sgtin, sscc } from '../simulators/keys.ts'
import { createRandom } from '../simulators/random.ts'
import { speak } from '../simulators/speak.ts'
import { noTruth, type World } from '../simulators/world.ts'
import {
  knownOf,
  type RealTrack,
  roadFile,
  roadTracks,
  seaFile,
  seaTracks,
  withExcursion,
} from './real-tracks.ts'
import { adminToken, configOf, listenerOf } from './served.ts'
import { minuteMs } from './tracks.ts'

const missing = [seaFile, roadFile].filter((file) => !existsSync(file))
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not present`)

const item = gtin(0, 77)
const palletOf = (n: number): string => sscc(0, 700_000 + n)
const unitsOf = (n: number): string[] => ['A', 'B', 'C', 'D'].map((c) => sgtin(item, `R${n}${c}`))

/** Everything that is said of a shipment: master data, papers, readings. */
function saidOf(track: RealTrack, n: number, known = knownOf(track)): WorldAction[] {
  const times = track.said.map(({ time }) => time)
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const ends = [sgln(3000 + 2 * n), sgln(3001 + 2 * n)] as const
  const [device, pallet, units] = [`real-${n}`, palletOf(n), unitsOf(n)]
  const logger = giai(`real${n}`)
  const random = createRandom(n)
  const from = { time: first - 5 * minuteMs, place: ends[0], random }
  const to = { time: last + minuteMs, place: ends[1], random }
  const desadv = { from: ends[0], to: ends[1], despatchAdvice: `urn:real:${n}` }
  const out = [
    commissioned({ ...from, time: first - 9 * minuteMs }, units),
    packed({ ...from, time: first - 8 * minuteMs }, pallet, units),
    associated({ ...from, time: first - minuteMs }, 'ADD', { container: pallet, logger }),
    shipped(from, [pallet], desadv),
  ]
  const back = [
    received(to, [pallet]),
    associated({ ...to, time: last + 2 * minuteMs }, 'DELETE', { container: pallet, logger }),
    unpacked({ ...to, time: last + 3 * minuteMs }, pallet),
  ]
  const readings = track.said.map((row, seq) => ({ ...row, seq }) as WireReading)
  const packets = Array.from({ length: Math.ceil(readings.length / 200) }, (_, at) => ({
    ...{ kind: 'readings' as const, at: last, device },
    readings: readings.slice(200 * at, 200 * at + 200),
  }))
  return [
    ...known.places.map((place, end) => placed(place, { sgln: ends[end]!, at: first })),
    { kind: 'plan', at: first, container: pallet, body: planned(known.plan, ends) },
    { kind: 'device', at: first, device, giai: logger, loggingIntervalSeconds: 60 },
    { kind: 'capture', at: first, device, events: out },
    ...packets,
    { kind: 'capture', at: last, device, events: back },
  ]
}

const placed = (
  { kind = 'hub', spot, ring }: KnownPlace,
  { sgln: id, at }: { sgln: string; at: number },
): WorldAction => ({
  ...{ kind: 'place', at, sgln: id },
  body: {
    attributes: {
      'urn:epcglobal:cbv:mda#latitude': `${spot!.lat}`,
      'urn:epcglobal:cbv:mda#longitude': `${spot!.lon}`,
      'urn:isotherm:mda#placeKind': kind,
      'urn:isotherm:mda#geofence': { type: 'Polygon', coordinates: [ring] },
    },
  },
})

function planned(
  { corridorM, legs }: ReturnType<typeof knownOf>['plan'],
  [from, to]: readonly [string, string],
): PlanBody {
  const said = legs.map(({ mode, departs, arrives, path }) => ({
    ...{ mode: mode as 'road', from, to, stops: [] },
    ...{ departs: new Date(departs).toISOString(), arrives: new Date(arrives).toISOString() },
    path: { type: 'LineString' as const, coordinates: path },
  }))
  return {
    attributes: { 'urn:isotherm:mda#corridorM': corridorM, 'urn:isotherm:mda#legs': said },
  }
}

function worldOf(said: readonly WorldAction[]): World {
  function* actions(): Generator<WorldAction, void> {
    // It was no cold chain: nothing of its temperatures is to be looked at.
    const rules = [{ id: 'fire', kind: 'instant', above: 80, severity: 'critical' }] as const
    const profile = { rangeC: { min: -60, max: 80 }, rules, loggingIntervalSeconds: 3600 }
    const body = { name: 'Dry goods', profile }
    yield { kind: 'product', at: 0, gtin: item, body }
    yield* said
  }
  return { startTime: 0, devices: [], products: [], actions: actions(), truth: noTruth() }
}

interface CaseSaid {
  kind: string
  subject: string
  detectors: string[]
}

it.skipIf(missing.length > 0)(
  'real tracks over the broker open no case, but for what was put into them',
  async () => {
    const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isotherm-r-'))
    const server = await serve(configOf(folder))
    try {
      const refusals: string[] = []
      const say = async (actions: readonly WorldAction[]): Promise<CaseSaid[]> => {
        await speak(worldOf(actions), {
          ...{ httpUrl: server.httpUrl, mqttUrl: server.mqttUrl!, token: adminToken, gateways: 4 },
          onRefusal: (reason) => refusals.push(reason),
        }).done
        await server.settled()
        const { items } = (await listenerOf(server).api('GET', '/api/v1/cases?status=all')) as {
          items: CaseSaid[]
        }
        return items
      }
      // Every sixth trip: all of them are looked at in real-tracks.test.ts.
      const [sea, road] = [seaTracks(), roadTracks().filter((_, n) => n % 6 === 0)]
      const tracks = [...sea, ...road]
      expect(await say(tracks.flatMap((track, n) => saidOf(track, n)))).toEqual([])

      const [ship, car] = [sea[0]!, road.find(({ said }) => said.length > 200)!]
      const halt = { standMinutes: 100, opens: true }
      const [far, near] = [
        withExcursion(ship, { ...halt, km: 90, kmh: 60, everyMs: 10 * minuteMs }),
        withExcursion(car, {
          ...{ ...halt, km: 6, kmh: 40, everyMs: minuteMs },
        }),
      ]
      const [copied] = unitsOf(3)
      const scan = (session: string, place: string, minute: number): WorldAction => {
        const time = new Date(Date.now() - (60 - minute) * minuteMs).toISOString()
        return { kind: 'scans', at: 1, body: { session, place, scans: [{ text: copied!, time }] } }
      }
      const first = tracks.length
      const found = await say([
        ...saidOf(far, first, knownOf(ship)),
        ...saidOf(near, first + 1, knownOf(car)),
        scan('in-lisbon', 'eyck', 0),
        scan('in-warsaw', 'u3qc', 40),
      ])
      const said = found.map(({ subject, kind, detectors }) => ({ subject, kind, detectors }))
      expect(refusals).toEqual([])
      const moved = ['dwell', 'light', 'route-corridor', 'unscheduled-stop']
      // An hour and a half on two weeks at sea is no delay.
      const late = ['delay', ...moved]
      expect(said.map((one) => ({ ...one, detectors: one.detectors.sort() }))).toEqual(
        expect.arrayContaining([
          {
            subject: palletOf(3),
            kind: 'clone',
            detectors: ['duplicate-scan', 'impossible-travel'],
          },
          { subject: palletOf(first), kind: 'diversion', detectors: moved },
          { subject: palletOf(first + 1), kind: 'diversion', detectors: late },
        ]),
      )
      expect(said).toHaveLength(3)
    } finally {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
  120_000,
)
