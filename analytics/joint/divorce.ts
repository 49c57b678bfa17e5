// Serial-logger divorce: events see a container, or what is in it, where the logger that papers say
// is on it is not. Compares both only as far as fixes and vehicles allow, and says nothing when a
// clock that is off explains all of it, or when the logger was there on any hour of that day.
import { leastApartM, middleOf, type Spot } from '../../domain/earth.ts'
import {
  type Detector,
  type Finding,
  restsMax,
  type Shipment,
  type Sighting,
} from '../../domain/suspicion.ts'
import {
  aroundOf,
  chainOf,
  follow,
  hourMs,
  type InsideOf,
  indexAt,
  insideOf,
  isAt,
  isOutOfReach,
  isTimely,
  minuteMs,
  type Track,
  tracksOf,
} from './carriage.ts'

/** An event at a place; of many that say the same one. */
interface Seen {
  time: number
  spot: Spot
  place: string
  eventID: string
}

interface Divorce {
  inside: InsideOf
  tracks: Track[]
  /** By the container that a logger is on. */
  seen: Map<string, Map<string, Seen>>
  sightings: Sighting[]
}

const seenMax = 2000
const sightingsMax = 2000

/** Serial-logger divorce: see the head of the file. */
export const serialLoggerDivorce: Detector<Shipment, Divorce> = {
  name: 'serial-logger-divorce',
  open: (shipment) => ({
    inside: insideOf(shipment),
    tracks: tracksOf(shipment),
    seen: new Map(shipment.loggers.map(({ container }) => [container, new Map()])),
    sightings: [],
  }),
  step(state, clue) {
    if (follow(state.tracks, clue)) return []
    if (clue.kind === 'sighting') {
      if (isTimely(clue) && state.sightings.length < sightingsMax) state.sightings.push(clue)
      return []
    }
    if (clue.kind !== 'step' || !clue.spot || clue.fact.inherited) return []
    const { time, spot, fact } = clue
    const { eventID, place = '' } = fact
    for (const container of concerned(state, clue.epcs, time)) {
      const known = state.seen.get(container)!
      if (known.size < seenMax) known.set(eventID, { time, spot, place, eventID })
    }
    return []
  },
  end: (state) => state.tracks.flatMap((track) => divorceOf(state, track) ?? []),
}

/** Containers with a logger that the named things are, are in, or hold. */
function concerned({ inside, seen }: Divorce, epcs: readonly string[], time: number): Set<string> {
  const found = new Set<string>()
  // Things with one story are in the same containers.
  for (const each of chainOf(inside, epcs[0]!, time)) if (seen.has(each)) found.add(each)
  const named = new Set(epcs)
  for (const container of seen.keys())
    if (chainOf(inside, container, time).some((each) => named.has(each))) found.add(container)
  return found
}

const nearMs = 6 * hourMs
/** Longer than any clock is off that was set in a wrong zone or on a wrong day. */
const clockOffMs = 26 * hourMs
const sameTimeMs = 30 * minuteMs

function divorceOf(state: Divorce, track: Track): Finding | undefined {
  const { on, fixes } = track
  const seen = [...state.seen.get(on.container)!.values()]
    .filter(({ time }) => time >= on.from && time <= on.to)
    .sort((a, b) => a.time - b.time || (a.eventID < b.eventID ? -1 : 1))
  const met = seen.filter((each) => isMet(fixes, each))
  const away = seen.filter(
    (each) => isAway(fixes, each) && (met.length > 0 || isWithin(track, each.time)),
  )
  if (away.length === 0 || isClockOff(fixes, seen)) return undefined
  const scans = supporting(state, track, away)
  const km = Math.round(Math.max(...away.map((each) => apartThen(fixes, each))) / 1000)
  const sessions = new Set(scans.map(({ session }) => session)).size
  // One that was never seen with its goods may be the wrong one on paper, and no more.
  const logOdds = (met.length > 0 ? 5.5 : 3) + 2 * (away.length - 1) + sessions
  const [first, last] = [away[0]!, away.at(-1)!]
  return {
    detector: 'serial-logger-divorce',
    key: `${on.container} ${on.device}`,
    ...{ serials: 'inside', container: on.container, device: on.device },
    ...{ from: first.time, to: last.time },
    logOdds: Math.min(met.length > 0 ? 9 : 5, logOdds),
    witnesses: 2 + sessions,
    words: `Seen at ${first.place} while ${on.device}, which should be on it, was ${km} km away${met.length > 0 ? '' : ', as it always was'}.`,
    facts: {
      ...{ km, events: away.length, scans: scans.length },
      places: [...new Set(away.map(({ place }) => place))].slice(0, restsMax),
      lastTogether: met.findLast(({ time }) => time < first.time)?.place ?? null,
      ...middleOf(aroundOf(fixes, first.time, nearMs)[0]!.spot),
    },
    rests: [...away.map(({ eventID }) => eventID), ...scans.map(({ id }) => id)].slice(0, restsMax),
  }
}

/** The fixes around it are out of reach from there, and it was there at no time that day. */
function isAway(fixes: Track['fixes'], { time, spot }: Seen): boolean {
  const around = aroundOf(fixes, time, nearMs)
  if (around.length === 0 || !around.every((fix) => isOutOfReach(fix, [spot], time))) return false
  for (let n = indexAt(fixes, time - clockOffMs); n < fixes.length; n++) {
    if (fixes[n]!.time > time + clockOffMs) break
    if (isAt(fixes[n]!, spot)) return false
  }
  return true
}

/** Before it was put on and after it was taken off nobody reads it: a clock may hide there. */
const isWithin = ({ on, fixes }: Track, time: number): boolean =>
  time - clockOffMs >= on.from && time + clockOffMs <= (fixes.at(-1)?.time ?? 0)

const isMet = (fixes: Track['fixes'], { time, spot }: Seen, later = 0): boolean =>
  aroundOf(fixes, time + later, sameTimeMs).some((fix) => isAt(fix, spot))

const apartThen = (fixes: Track['fixes'], { time, spot }: Seen): number =>
  Math.min(...aroundOf(fixes, time, nearMs).map((fix) => leastApartM([fix.spot], [spot])))

/** Sooner or later by so much it was at more of these places, and away from none. */
function isClockOff(fixes: Track['fixes'], seen: readonly Seen[]): boolean {
  const met = seen.filter((each) => isMet(fixes, each)).length
  for (let later = -clockOffMs; later <= clockOffMs; later += sameTimeMs) {
    if (seen.filter((each) => isMet(fixes, each, later)).length <= met) continue
    const shifted = (each: Seen): Seen => ({ ...each, time: each.time + later })
    const isElsewhere = (each: Seen): boolean => {
      const around = aroundOf(fixes, each.time + later, hourMs)
      return (
        around.length > 0 &&
        around.every((fix) => isOutOfReach(fix, [each.spot], shifted(each).time))
      )
    }
    if (!seen.some(isElsewhere)) return true
  }
  return false
}

const sameTownM = 100_000

/** Scans of what was in it where the events are, while the logger was out of reach. */
function supporting(state: Divorce, { on, fixes }: Track, away: readonly Seen[]): Sighting[] {
  return state.sightings.filter(({ epc, time, spots }) => {
    if (spots.length === 0 || time < on.from || time >= on.to) return false
    if (!chainOf(state.inside, epc, time).includes(on.container)) return false
    const around = aroundOf(fixes, time, nearMs)
    return (
      around.length > 0 &&
      around.every((fix) => isOutOfReach(fix, spots, time)) &&
      away.some(({ spot }) => leastApartM([spot], spots) < sameTownM)
    )
  })
}
