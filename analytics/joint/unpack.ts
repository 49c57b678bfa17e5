// Silent unpack: light and knocks tell that a container was opened where no event says so, and some
// of its content is then seen elsewhere, or missing when the rest comes out. Either alone is none:
// lamps are lit and people miscount. Openings far from every known place are for others to judge.
import { isInRing, leastApartM, middleOf } from '../../domain/earth.ts'
import {
  type Detector,
  type Finding,
  restsMax,
  type Shipment,
  type Sighting,
} from '../../domain/suspicion.ts'
import { countingMs, missingFrom } from '../cases/missing.ts'
import {
  aroundOf,
  type Carriage,
  carriageOf,
  chainOf,
  hear,
  hourMs,
  isExplained,
  isInspected,
  isOutOfReach,
  isTimely,
  minuteMs,
  type Opening,
  openingsOf,
  type Track,
} from './carriage.ts'

const serialsMax = 5000

/** Silent unpack: see the head of the file. */
export const silentUnpack: Detector<Shipment, Carriage> = {
  name: 'silent-unpack',
  open: carriageOf,
  step(state, clue) {
    hear(state, clue)
    return []
  },
  end: (state, asOf) => state.tracks.flatMap((track) => unpackedOf(state, track, asOf) ?? []),
  again: ({ shipment }, asOf) =>
    Math.min(
      Infinity,
      ...shipment.inside.map(({ to }) => to + countingMs).filter((time) => time > asOf),
    ) + 1,
}

function unpackedOf(state: Carriage, track: Track, asOf: number): Finding | undefined {
  const { on } = track
  const steps = state.steps.get(on.container)!
  const all = openingsOf(track).filter((opening) => isAtPlace(state.shipment, track, opening))
  const silent = all.filter((opening) => !isExplained(opening, steps))
  const isSilent = silent.length > 0
  const openings = isSilent ? silent : all.filter((opening) => isInspected(opening, steps))
  const [first] = openings
  if (!first) return undefined
  const missing = missingSince(state.shipment, { container: on.container, since: first.from, asOf })
  const gone = new Set(missing)
  const scans = state.sightings.filter((scan) => isOutside(state, { scan, track, first, gone }))
  if (missing.length === 0 && scans.length === 0) return undefined
  // Who looked into it wrote that down, and may have taken what nobody wrote down.
  if (!isSilent && (missing.length === 0 || sessionsOf(scans) < 2)) return undefined
  // What was missing explains best which of several it was; otherwise the brightest.
  const opening = openings.reduce((best, one) => (weightOf(one) > weightOf(best) ? one : best))
  return findingOf({ track, opening, isSilent, missing, scans })
}

const weightOf = ({ lux, shockG }: Opening): number => lux + (shockG > 0 ? 1000 : 0)

const yardM = 2000

/** In the fence of a place or in its yard; also when nobody knows where it was. */
function isAtPlace({ places }: Shipment, { fixes }: Track, { from, to }: Opening): boolean {
  const around = [...aroundOf(fixes, from, hourMs), ...aroundOf(fixes, to, hourMs)]
  if (around.length === 0) return true
  // In two places at once: of one of them it tells another day's light.
  if (around.some((fix) => around.some((one) => isOutOfReach(fix, [one.spot], one.time))))
    return false
  return around.some(({ spot }) =>
    [...places.values()].some(
      ({ spot: where, ring }) =>
        (ring && isInRing(spot, ring)) || (where && leastApartM([spot], [where]) < yardM),
    ),
  )
}

/**
 * What was in it when it was opened, and did not come out with the rest. What a returnable asset
 * held on other trips was not.
 */
function missingSince(
  { inside }: Shipment,
  { container, since, asOf }: { container: string; since: number; asOf: number },
): readonly string[] {
  const missing = missingFrom(inside, container, since)
  return missing && asOf >= missing.lastOutAt + countingMs ? missing.epcs : []
}

const phoneMs = 10 * minuteMs

/** Scanned after it, where papers do not have it, while they have it in the container. */
function isOutside(
  { inside }: Carriage,
  of: { scan: Sighting; track: Track; first: Opening; gone: ReadonlySet<string> },
): boolean {
  const { on, fixes } = of.track
  const { epc, time, spots } = of.scan
  if (!isTimely(of.scan) || time < of.first.from - phoneMs) return false
  const chain = chainOf(inside, epc, time)
  if (!chain.includes(on.container)) return false
  if (chain.some((each) => of.gone.has(each))) return true
  const around = aroundOf(fixes, time, 3 * hourMs)
  return (
    spots.length > 0 &&
    time < on.to &&
    around.length > 0 &&
    around.every((fix) => isOutOfReach(fix, spots, time))
  )
}

interface Unpacked {
  track: Track
  opening: Opening
  /** No event says that anybody opened it. */
  isSilent: boolean
  missing: readonly string[]
  scans: readonly Sighting[]
}

function findingOf({ track, opening, isSilent, missing, scans }: Unpacked): Finding {
  const { container, device } = track.on
  const { from, to, lux, shockG, rests } = opening
  const [fix] = aroundOf(track.fixes, from, hourMs)
  const serials = new Set([...missing, ...scans.map(({ epc }) => epc)])
  const sessions = sessionsOf(scans)
  const then = [
    ...(missing.length > 0 ? [`${missing.length} of what was in it did not come out`] : []),
    ...(scans.length > 0 ? [`${serialsOf(scans)} units of it were scanned elsewhere`] : []),
  ].join(', and ')
  return {
    detector: 'silent-unpack',
    key: `${container} ${device}`,
    ...{ serials: [...serials].sort().slice(0, serialsMax), container, device, from, to },
    logOdds: Math.min(
      9,
      (isSilent ? 2 + (shockG > 0 ? 1 : 0) : 0) +
        (missing.length > 0 ? 3.5 : 0) +
        1.5 * Math.min(4, sessions),
    ),
    witnesses: 1 + (missing.length > 0 ? 1 : 0) + sessions,
    words: `${device} saw light (${Math.round(lux)} lx) ${shockG > 0 ? 'and knocks ' : ''}${isSilent ? 'where no event says that anybody opened it' : 'when somebody looked into it'}; ${then}.`,
    facts: {
      ...{ lux, shockG, missing: missing.length, scans: scans.length, sessions },
      ...(fix && middleOf(fix.spot)),
    },
    rests: [...rests, ...scans.map(({ id }) => id)].slice(0, restsMax),
  }
}

const sessionsOf = (scans: readonly Sighting[]): number =>
  new Set(scans.map(({ session }) => session)).size

const serialsOf = (scans: readonly Sighting[]): number => new Set(scans.map(({ epc }) => epc)).size
