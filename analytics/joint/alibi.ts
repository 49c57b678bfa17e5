// Temperature alibi: a unit is scanned somewhere while its container on paper, closed, dark, cold,
// is elsewhere with its logger. What was scanned is a copy. And the reverse: where events have the
// container at the scan and only the logger elsewhere, it is the logger that lies, and
// divorce.ts says so. Says nothing once the container was opened and nobody said why, nor of what
// did not come out of it with the rest: that was taken.
import { leastApartM, middleOf, type Spot } from '../../domain/earth.ts'
import {
  type Detector,
  type Finding,
  type LoggerOn,
  type PlannedLeg,
  restsMax,
  type Shipment,
  type Sighting,
  type Step,
} from '../../domain/suspicion.ts'
import { medianOf } from '../../domain/trend.ts'
import { countingMs, missingFrom } from '../cases/missing.ts'
import {
  aroundOf,
  type Carriage,
  carriageOf,
  chainOf,
  hear,
  hourMs,
  indexAt,
  isExplained,
  isOutOfReach,
  isTimely,
  minuteMs,
  openingsOf,
  type Track,
} from './carriage.ts'

/** Temperature alibi: see the head of the file. */
export const temperatureAlibi: Detector<Shipment, Carriage> = {
  name: 'temperature-alibi',
  open: carriageOf,
  step(state, clue) {
    if (clue.kind !== 'sighting' || isTimely(clue)) hear(state, clue)
    return []
  },
  end(state, asOf) {
    const gone = goneFrom(state.shipment, asOf)
    const alibis = state.tracks.flatMap((track) => alibisOf(state, track, gone))
    return [...Map.groupBy(alibis, ({ scan }) => scan.epc).values()].map(findingOf)
  },
}

interface Alibi {
  scan: Sighting
  track: Track
  apartM: number
  celsius: number | undefined
  isDark: boolean
}

/** What did not come out with the rest: it was taken, and what was scanned may be it. */
function goneFrom({ inside }: Shipment, asOf: number): ReadonlySet<string> {
  const parents = new Set(inside.map(({ parent }) => parent))
  const all = [...parents].flatMap((parent) => missingFrom(inside, parent) ?? [])
  return new Set(all.flatMap(({ lastOutAt, epcs }) => (asOf < lastOutAt + countingMs ? [] : epcs)))
}

function alibisOf(state: Carriage, track: Track, gone: ReadonlySet<string>): Alibi[] {
  const { on } = track
  const steps = state.steps.get(on.container)!
  const scans = state.sightings.filter(
    ({ epc, time, spots }) =>
      spots.length > 0 &&
      time >= on.from &&
      time < on.to &&
      isCarried(chainOf(state.inside, epc, time), { on, gone }),
  )
  if (scans.length === 0) return []
  const opened = openingsOf(track).find((opening) => !isExplained(opening, steps))
  return scans.flatMap((scan): Alibi[] => {
    if (opened && opened.from <= scan.time) return []
    const away = awayAt(state.shipment, track, scan)
    if (away === undefined || isOnPaper(steps, scan)) return []
    const shut = shutAt(track, scan.time)
    return shut ? [{ scan, track, apartM: away, ...shut }] : []
  })
}

const isCarried = (
  chain: readonly string[],
  { on, gone }: { on: LoggerOn; gone: ReadonlySet<string> },
): boolean => chain.includes(on.container) && !chain.some((each) => gone.has(each))

const nearMs = 8 * hourMs
/** As far from the way that was planned. */
const offWayM = 300_000

/** How far the scan was from the logger at least, m; undefined when it may have been there. */
function awayAt(
  { plan }: Shipment,
  { fixes }: Track,
  { spots, time }: Sighting,
): number | undefined {
  const around = aroundOf(fixes, time, nearMs)
  const apartM = Math.min(...around.map(({ spot }) => leastApartM([spot], spots)))
  if (around.some((fix) => isOutOfReach(fix, spots, time))) return apartM
  // In the air and far out at sea nobody knows where it is, but for its way.
  const legs = plan?.legs.filter(
    ({ departs, arrives }) => time >= departs - lateMs && time <= arrives + lateMs,
  )
  if (!legs || legs.length === 0) return undefined
  const wayM = Math.min(...legs.map((leg) => fromWayM(leg, spots)))
  return wayM > offWayM ? Math.min(wayM, apartM) : undefined
}

const lateMs = 6 * hourMs
const partsOfLeg = 24

/** To the great circles of a planned leg, nearly: their straight lines cut in parts. */
function fromWayM({ path }: PlannedLeg, spots: readonly Spot[]): number {
  let least = Infinity
  for (const [n, [lon, lat]] of path.entries()) {
    const [lonTo, latTo] = path[n + 1] ?? [lon, lat]
    for (let part = 0; part < partsOfLeg; part++) {
      const share = part / partsOfLeg
      const spot = {
        lat: lat + share * (latTo - lat),
        lon: lon + share * (lonTo - lon),
        radiusM: 0,
      }
      least = Math.min(least, leastApartM([spot], spots))
    }
  }
  return least
}

const paperMs = 24 * hourMs
const paperM = 100_000

/** Events have the container where the scan was: then it is the logger that is elsewhere. */
const isOnPaper = (steps: readonly Step[], { spots, time }: Sighting): boolean =>
  steps.some(
    (step) =>
      step.spot && Math.abs(step.time - time) < paperMs && leastApartM([step.spot], spots) < paperM,
  )

const readingMs = 90 * minuteMs
const darkLux = 5
/** Off the middle of its journey by no more. */
const coldK = 4

/** Undefined when it was open, lit or warm around that time, or when nothing of that is known. */
function shutAt(
  { levels }: Track,
  time: number,
): { isDark: boolean; celsius: number | undefined } | undefined {
  const around = (channel: string): number[] => {
    const list = levels.get(channel) ?? []
    const at = indexAt(list, time)
    return [list[at - 1], list[at]].flatMap((level) =>
      level && Math.abs(level.time - time) <= readingMs ? [level.value] : [],
    )
  }
  const [light, door, temperature] = [around('light'), around('door'), around('temperature')]
  if (light.some((lux) => lux >= darkLux) || door.some((open) => open > 0)) return undefined
  const all = (levels.get('temperature') ?? []).map(({ value }) => value).sort((a, b) => a - b)
  if (temperature.some((celsius) => Math.abs(celsius - medianOf(all)) > coldK)) return undefined
  if (light.length + door.length + temperature.length === 0) return undefined
  return { isDark: light.length + door.length > 0, celsius: temperature[0] }
}

function findingOf(alibis: readonly Alibi[]): Finding {
  const { scan, track } = alibis[0]!
  const { container, device } = track.on
  const sessions = new Set(alibis.map((each) => each.scan.session)).size
  const km = Math.round(Math.min(...alibis.map(({ apartM }) => apartM)) / 1000)
  const isDark = alibis.some((each) => each.isDark)
  const celsius = alibis.find((each) => each.celsius !== undefined)?.celsius
  const how = [
    ...(isDark ? ['closed and dark'] : []),
    ...(celsius === undefined ? [] : [`at ${celsius.toFixed(1)} °C`]),
  ].join(', ')
  return {
    detector: 'temperature-alibi',
    key: scan.epc,
    ...{ serials: [scan.epc], container, device },
    ...{ from: scan.time, to: alibis.at(-1)!.scan.lastTime },
    logOdds: Math.min(9, (isDark ? 3.5 : 2) + 1.5 * (sessions - 1)),
    witnesses: 1 + sessions,
    words: `Scanned ${km} km or more from ${container}, which it should be in, while that was ${how} with ${device}: what was scanned is a copy.`,
    facts: {
      ...{ km, sessions, isDark, celsius: celsius ?? null },
      ...(scan.spots.length === 1 && middleOf(scan.spots[0]!)),
    },
    rests: alibis.map((each) => each.scan.id).slice(0, restsMax),
  }
}
