// What scans of one unit say: that it was in two places at once, that too many people look at it,
// that its label is not the one that was registered. Each a step function in event time; state is
// a bounded list of what was seen last. Clocks of phones are not believed further than the moment
// at which a scan was heard.
import { leastApartM, middleOf, type Spot } from '../../domain/earth.ts'
import {
  type Clue,
  type Detector,
  type Finding,
  restsMax,
  type Sighting,
  type Step,
  type UnitSetting,
} from '../../domain/suspicion.ts'

const hourMs = 3_600_000

/** Faster than any lorry between hubs, and than any airliner from gate to gate. */
const speedsKmh = { road: 130, air: 950 }
/** From the till to the gate and from the gate to a phone: an aeroplane needs so long besides. */
const airportMs = 2 * hourMs
/** A phone's clock may be off by so much and nobody notices. */
const clockSlackMs = 10 * 60_000
/** Beyond it the clock of a phone and the time at which we heard of the scan contradict. */
const clockOffMs = 12 * hourMs
/** A scanner that is offline for days tells times that are believed to be within. */
const seenMax = 64

interface Seen {
  id: string
  session: string
  spots: readonly Spot[]
  /** It was then, at the earliest and at the latest. */
  from: number
  to: number
  said: string
}

interface Travel {
  epc: string
  seen: Seen[]
}

/**
 * Impossible travel: two places farther apart than their accuracies and any vehicle allow. With a
 * journey by road assumed below 300 km, by air beyond.
 */
export const impossibleTravel: Detector<UnitSetting, Travel> = {
  name: 'impossible-travel',
  open: ({ epcs }) => ({ epc: epcs[0]!, seen: [] }),
  step(state, clue) {
    const now = seenIn(clue)
    if (!now) return []
    const found = state.seen.flatMap((before) => travelled(state.epc, before, now) ?? [])
    if (state.seen.length >= seenMax) state.seen.shift()
    state.seen.push(now)
    return found
  },
}

/** A unit at one place by a scan, or by an event that names it. */
function seenIn(clue: Clue): Seen | undefined {
  if (clue.kind === 'sighting' && clue.spots.length > 0) {
    const { id, session, spots, country } = clue
    const { from, to } = whenSeen(clue)
    return { id, session, spots, from, to, said: country ?? spotText(spots[0]!) }
  }
  if (clue.kind !== 'step' || !clue.spot || !isHandsOn(clue)) return undefined
  const { id, time, spot, fact } = clue
  const at = { from: time - clockSlackMs, to: time + clockSlackMs }
  return { id, session: fact.eventID, spots: [spot], ...at, said: fact.place ?? spotText(spot) }
}

/**
 * When somebody really held it. A clock that says another day than that on which we heard of it at
 * once is wrong by an unknown amount: then the scan was at most a day before we heard of it.
 */
function whenSeen({ time, lastTime, heardAt, lastHeardAt }: Sighting): {
  from: number
  to: number
} {
  if (heardAt === undefined) return { from: time - clockSlackMs, to: lastTime + clockSlackMs }
  const off = Math.abs(heardAt - time) > clockOffMs
  if (!off) return { from: time - clockSlackMs, to: lastTime + clockSlackMs }
  // It may have been kept offline, or its clock is wrong: from what it says to when we heard.
  return {
    from: Math.min(time, heardAt) - clockSlackMs,
    to: Math.max(lastTime, lastHeardAt) + clockSlackMs,
  }
}

/** Steps at which somebody has the unit itself before him: what only its container did is not. */
const isHandsOn = ({ fact }: Step): boolean =>
  !fact.inherited && ['dispensing', 'retail_selling', 'inspecting'].includes(fact.bizStep ?? '')

function travelled(epc: string, a: Seen, b: Seen): Finding | undefined {
  if (a.session === b.session && a.said === b.said) return undefined
  const apartM = leastApartM(a.spots, b.spots)
  if (apartM === 0 || apartM === Infinity) return undefined
  // The most time that it may have had.
  const spareMs = Math.max(0, b.to - a.from, a.to - b.from)
  const neededMs = neededOf(apartM)
  if (neededMs <= spareMs) return undefined
  const between = Math.max(1, Math.abs(b.from - a.from))
  const km = Math.round(apartM / 1000)
  const ratio = neededMs / Math.max(spareMs, clockSlackMs)
  return {
    detector: 'impossible-travel',
    key: [epc, ...[a.session, b.session].sort()].join(' '),
    serials: [epc],
    ...{ from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) },
    logOdds: Math.min(6, 3.5 + Math.log(ratio)),
    witnesses: a.session === b.session ? 1 : 2,
    words: `Seen at ${a.said} and at ${b.said}, at least ${km} km apart, within ${minutesOf(between)} minutes.`,
    facts: {
      ...{ km, minutes: minutesOf(between), kmh: Math.round(km / (between / hourMs)) },
      ...(b.spots.length === 1 && middleOf(b.spots[0]!)),
    },
    rests: [a.id, b.id],
  }
}

/** The least time that goods need for a distance, ms. */
export function neededOf(apartM: number): number {
  const km = apartM / 1000
  const byRoad = (km / speedsKmh.road) * hourMs
  return Math.min(byRoad, airportMs + (km / speedsKmh.air) * hourMs)
}

const minutesOf = (ms: number): number => Math.round(ms / 60_000)
const spotText = ({ lat, lon }: Spot): string => `${lat.toFixed(1)}, ${lon.toFixed(1)}`

interface Crowd {
  epc: string
  /** Session to country or rough place, and when. */
  sessions: Map<string, { place: string; at: number; id: string; spots: readonly Spot[] }>
  dispensedAt: number | undefined
}

const sessionsMax = 200
/** Sessions of one unit that need no explaining: somebody buys, somebody at home looks again. */
const sessionsUsual = 4

/**
 * Duplicate scans: sessions, not scans, so that who looks five times in ten minutes is one. Two
 * sessions far apart on the days of one sale say more than many at one place.
 */
export const duplicateScan: Detector<UnitSetting, Crowd> = {
  name: 'duplicate-scan',
  open: ({ epcs }) => ({ epc: epcs[0]!, sessions: new Map(), dispensedAt: undefined }),
  step(state, clue) {
    if (clue.kind !== 'sighting' || state.sessions.size >= sessionsMax) return []
    const { session, id, spots, country } = clue
    const place = country ?? (spots[0] ? spotText(spots[0]) : '')
    if (!state.sessions.has(session))
      state.sessions.set(session, { place, at: whenSeen(clue).to, id, spots })
    return crowded(state)
  },
}

const farM = 500_000

function crowded({ epc, sessions }: Crowd): Finding[] {
  const all = [...sessions.values()].sort((a, b) => a.at - b.at)
  const places = farPlaces(all)
  const many = Math.max(0, all.length - sessionsUsual)
  const logOdds = Math.min(6, many * 0.5) + (places > 1 ? 1.5 + 0.8 * (places - 2) : 0)
  const near = all.some((one, n) => n > 0 && isSoonAndFar(all[n - 1]!, one))
  const total = logOdds + (near ? 2.5 : 0)
  if (total < 1.5) return []
  const countries = [...new Set(all.map(({ place }) => place))].slice(0, restsMax)
  return [
    {
      detector: 'duplicate-scan',
      key: epc,
      serials: [epc],
      ...{ from: all[0]!.at, to: all.at(-1)!.at },
      logOdds: total,
      witnesses: all.length,
      words: `${all.length} sessions looked at it, in ${places} places that are far apart.`,
      facts: { sessions: all.length, places, seen: countries },
      rests: all.slice(0, restsMax).map(({ id }) => id),
    },
  ]
}

/** Places no two of which are near each other: greedy, and enough to count. */
function farPlaces(all: readonly { spots: readonly Spot[] }[]): number {
  const far: (readonly Spot[])[] = []
  for (const { spots } of all)
    if (spots.length > 0 && far.every((other) => leastApartM(other, spots) > farM)) far.push(spots)
  return far.length
}

const isSoonAndFar = (
  a: { at: number; spots: readonly Spot[] },
  b: { at: number; spots: readonly Spot[] },
): boolean => {
  const apartM = leastApartM(a.spots, b.spots)
  return Number.isFinite(apartM) && apartM > farM && b.at - a.at < 24 * hourMs
}

interface Labels {
  setting: UnitSetting
  wrong: Map<string, { said: string; at: number; sessions: Set<string>; id: string }>
}

const labelsMax = 32

/** Attribute mismatch: lot or expiry on the label are not those of the unit's commissioning. */
export const attributeMismatch: Detector<UnitSetting, Labels> = {
  name: 'attribute-mismatch',
  open: (setting) => ({ setting, wrong: new Map() }),
  step({ setting, wrong }, clue) {
    if (clue.kind !== 'sighting') return []
    const { lot, expiry, time, session, id } = clue
    const faults: string[] = []
    if (lot !== undefined && setting.lot !== undefined && lot !== setting.lot)
      faults.push(`lot ${lot}`)
    if (expiry !== undefined && setting.expiry !== undefined && !sameDay(expiry, setting.expiry))
      faults.push(`expiry ${expiry}`)
    if (faults.length === 0) return []
    const said = faults.join(', ')
    const known = wrong.get(said)
    if (!known && wrong.size >= labelsMax) return []
    const at = known ?? { said, at: time, sessions: new Set<string>(), id }
    if (at.sessions.size < labelsMax) at.sessions.add(session)
    wrong.set(said, at)
    const epc = setting.epcs[0]!
    return [
      {
        detector: 'attribute-mismatch',
        key: `${epc} ${said}`,
        serials: [epc],
        ...{ from: at.at, to: time },
        logOdds: Math.min(6, 4 + 0.7 * (at.sessions.size - 1) + 0.5 * (faults.length - 1)),
        witnesses: at.sessions.size,
        words: `The label says ${said}; registered are lot ${setting.lot ?? '-'}, expiry ${setting.expiry ?? '-'}.`,
        facts: { said, sessions: at.sessions.size },
        rests: [id],
      },
    ]
  },
}

/** Day 00 is the last of the month (GS1 GenSpecs §3.4.7). */
function sameDay(a: string, b: string): boolean {
  if (a === b) return true
  const [month, other] = [a.slice(0, 7), b.slice(0, 7)]
  return month === other && (a.endsWith('-00') || b.endsWith('-00'))
}
