// What joint detectors share: who was in what with which logger at a time, where that logger can
// have been, and when something around it was opened. Gathers and computes; judges nothing.
import { apartM, leastApartM, type Spot } from '../../domain/earth.ts'
import type {
  Clue,
  Fix,
  Inside,
  Level,
  LoggerOn,
  Shipment,
  Sighting,
  Step,
} from '../../domain/suspicion.ts'
import { neededOf } from '../cases/scan-detectors.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

/** What one logger said while it was on its container. Bounded; what is more is not looked at. */
export interface Track {
  readonly on: LoggerOn
  readonly fixes: Fix[]
  readonly levels: Map<string, Level[]>
}

const tracksMax = 32
const fixesMax = 60_000
const levelsMax = 60_000
const depthMax = 16

export const tracksOf = ({ loggers }: Shipment): Track[] =>
  loggers.slice(0, tracksMax).map((on) => ({ on, fixes: [], levels: new Map() }))

/** Takes what a logger said; true when the clue was of that kind. */
export function follow(tracks: readonly Track[], clue: Clue): boolean {
  if (clue.kind !== 'fix' && clue.kind !== 'level') return false
  for (const { on, fixes, levels } of tracks) {
    if (on.device !== clue.device || clue.time < on.from || clue.time >= on.to) continue
    if (clue.kind === 'fix') {
      if (fixes.length < fixesMax) fixes.push(clue)
      continue
    }
    const list = levels.get(clue.channel) ?? []
    if (list.length < levelsMax) list.push(clue)
    levels.set(clue.channel, list)
  }
  return true
}

/** The containers that something was in at a time, itself first, the outermost last. */
export function chainOf(inside: InsideOf, epc: string, time: number): string[] {
  const chain = [epc]
  while (chain.length < depthMax) {
    const rows = inside.get(chain.at(-1)!)
    const row = rows?.find(({ from, to }) => from <= time && time < to)
    if (!row || chain.includes(row.parent)) break
    chain.push(row.parent)
  }
  return chain
}

export type InsideOf = ReadonlyMap<string, readonly Inside[]>

export const insideOf = ({ inside }: Shipment): InsideOf => Map.groupBy(inside, ({ epc }) => epc)

/** All that was said of a shipment on its way, by its loggers and about what is in it. */
export interface Carriage {
  shipment: Shipment
  inside: InsideOf
  tracks: Track[]
  /** Events about what a logger is on, what that is in, and what is in it. By its container. */
  steps: Map<string, Step[]>
  sightings: Sighting[]
}

const stepsMax = 2000
const sightingsMax = 5000

export const carriageOf = (shipment: Shipment): Carriage => ({
  shipment,
  inside: insideOf(shipment),
  tracks: tracksOf(shipment),
  steps: new Map(shipment.loggers.map(({ container }) => [container, []])),
  sightings: [],
})

/** Takes in the next clue; the first so many of a kind. */
export function hear({ inside, tracks, steps, sightings }: Carriage, clue: Clue): void {
  if (follow(tracks, clue)) return
  if (clue.kind === 'sighting' && sightings.length < sightingsMax) sightings.push(clue)
  if (clue.kind !== 'step') return
  const chain = new Set(chainOf(inside, clue.epcs[0]!, clue.time))
  for (const [container, own] of steps) {
    const holds = chain.has(container) || clue.epcs.includes(container)
    if (holds && own.length < stepsMax) own.push(clue)
  }
}

/** Index of the first at or after a time. */
export function indexAt(list: readonly { time: number }[], time: number): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.time < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Clocks of scanners and of loggers in order, and the size of a yard with its roads. */
const slackMs = 10 * minuteMs
const slackM = 10_000

/** The fixes on both sides of a time, no farther from it than `withinMs`. */
export function aroundOf(fixes: readonly Fix[], time: number, withinMs: number): Fix[] {
  const at = indexAt(fixes, time)
  return [fixes[at - 1], fixes[at]].filter(
    (fix): fix is Fix => fix !== undefined && Math.abs(fix.time - time) <= withinMs,
  )
}

/** Whether no vehicle takes it from the fix to any of the spots, or back, in the time between. */
export const isOutOfReach = (fix: Fix, spots: readonly Spot[], time: number): boolean =>
  neededOf(Math.max(0, leastApartM([fix.spot], spots) - slackM)) >
  Math.abs(fix.time - time) + slackMs

export const isAt = (fix: Fix, spot: Spot): boolean => apartM(fix.spot, spot) < slackM

/** A time at which light fell on a logger, or somebody knocked at it, and nobody says why. */
export interface Opening {
  from: number
  to: number
  lux: number
  /** g, 0 for none. */
  shockG: number
  /** Of the readings that say so. */
  rests: string[]
}

const brightLux = { closed: 5, doorOpen: 100 }
const knockG = 1
const oneOpeningMs = 30 * minuteMs
const openingsMax = 64

/**
 * When it was lit though the vehicle was shut. Light through the vehicle's open door is none, and
 * knocks alone are the road.
 */
export function openingsOf({ levels }: Track): Opening[] {
  const found: Opening[] = []
  const [doors, shocks] = [levels.get('door') ?? [], levels.get('shock') ?? []]
  for (const { time, value: lux, id } of levels.get('light') ?? []) {
    const door = doors[indexAt(doors, time)]
    const isOpen = door?.time === time && door.value > 0
    if (lux < (isOpen ? brightLux.doorOpen : brightLux.closed)) continue
    const shock = shocks[indexAt(shocks, time)]
    const shockG = shock?.time === time && shock.value >= knockG ? shock.value : 0
    const last = found.at(-1)
    if (last && time - last.to <= oneOpeningMs) {
      last.to = time
      last.lux = Math.max(last.lux, lux)
      last.shockG = Math.max(last.shockG, shockG)
      last.rests.push(id)
    } else if (found.length < openingsMax)
      found.push({ from: time, to: time, lux, shockG, rests: [id] })
  }
  return found
}

/** At these steps a vehicle comes and goes; at all others somebody has the thing before him. */
const passingBy = new Set(['arriving', 'departing', 'transporting', 'entering_exiting'])
/** Papers are written before and after. */
const writtenMs = 45 * minuteMs

const stepsAt = ({ from, to }: Opening, steps: readonly Step[]): string[] =>
  steps.flatMap(({ time, fact: { bizStep = '' } }) =>
    time >= from - writtenMs && time <= to + writtenMs ? [bizStep] : [],
  )

/** Whether an event says that somebody was at it then. */
export const isExplained = (opening: Opening, steps: readonly Step[]): boolean =>
  stepsAt(opening, steps).some((bizStep) => !passingBy.has(bizStep))

/** Whether an event says that somebody looked into it then. */
export const isInspected = (opening: Opening, steps: readonly Step[]): boolean =>
  stepsAt(opening, steps).includes('inspecting')

const trustedMs = 12 * hourMs

/** Of a clock that says another day than that on which we heard of it nobody knows the time. */
export const isTimely = ({ time, heardAt }: { time: number; heardAt?: number }): boolean =>
  heardAt === undefined || Math.abs(heardAt - time) <= trustedMs
