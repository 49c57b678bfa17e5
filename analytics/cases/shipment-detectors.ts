// What scans and papers say of a shipment as a whole: a share of it turns up where it may not be
// sold, part of it never came out of its container, it was received without having been shipped, it
// never came, or it came to somebody else. Step functions in event time over all its clues.
import { spotsOfCountry } from '../../domain/countries.ts'
import { distanceM, leastApartM } from '../../domain/earth.ts'
import { logChoose } from '../../domain/statistics.ts'
import {
  type Detector,
  type Finding,
  restsMax,
  type Shipment,
  type Sighting,
  type UnitFacts,
} from '../../domain/suspicion.ts'
import { countingMs, missingFrom } from './missing.ts'

const hourMs = 3_600_000

interface Sold {
  container: string
  units: ReadonlyMap<string, UnitFacts>
  seen: Set<string>
  off: Map<string, { session: string; country: string; at: number; id: string }>
}

/** Of what people look at, so much goes abroad with them. */
const touristShare = 0.03
const offMin = 3
/** A geohash beyond the border of a market by less is of it. */
const borderM = 30_000
const sightingsMax = 100_000

/**
 * Unauthorised market: the share of a shipment's scanned units that is seen where its lot may not
 * be sold is more than tourists explain (one-sided binomial test).
 */
export const market: Detector<Shipment, Sold> = {
  name: 'market',
  open: ({ container, units }) => ({
    container,
    units: new Map(units.flatMap((facts) => facts.epcs.map((epc) => [epc, facts]))),
    seen: new Set(),
    off: new Map(),
  }),
  step(state, clue) {
    if (clue.kind !== 'sighting' || state.seen.size >= sightingsMax) return []
    const { epc, spots, country, session, id, time } = clue
    const markets = state.units.get(epc)?.markets
    if (!markets || markets.length === 0 || spots.length === 0) return []
    state.seen.add(epc)
    if (state.off.has(epc) || !isOff(clue, markets)) return []
    state.off.set(epc, { session, country: country ?? '', at: time, id })
    return state.off.size < offMin ? [] : offMarket(state)
  },
  end: (state) => (state.off.size < offMin ? [] : offMarket(state)),
}

function isOff({ country, spots }: Sighting, markets: readonly string[]): boolean {
  if (country !== undefined) return !markets.includes(country)
  const allowed = markets.flatMap((code) => [...spotsOfCountry(code)])
  return allowed.length > 0 && leastApartM(spots, allowed) > borderM
}

function offMarket({ container, seen, off }: Sold): Finding[] {
  const rows = [...off.values()].sort((a, b) => a.at - b.at)
  const sessions = new Set(rows.map(({ session }) => session)).size
  const logP = logAbove(Math.min(off.size, sessions), Math.max(seen.size, off.size))
  if (sessions < 2 || logP > -4) return []
  return [
    {
      detector: 'market',
      key: container,
      container,
      serials: [...off.keys()].sort(),
      ...{ from: rows[0]!.at, to: rows.at(-1)!.at },
      logOdds: Math.min(9, -logP),
      witnesses: sessions,
      words: `${off.size} of ${seen.size} units that were scanned were seen where their lot may not be sold.`,
      facts: {
        units: off.size,
        scanned: seen.size,
        sessions,
        countries: [...new Set(rows.map(({ country }) => country))].filter(Boolean),
      },
      rests: rows.slice(0, restsMax).map(({ id }) => id),
    },
  ]
}

/** ln of the probability that k or more of n are tourists. */
function logAbove(k: number, n: number): number {
  let sum = 0
  for (let i = k; i <= n && i < k + 200; i++)
    sum += Math.exp(
      logChoose(n, i) + i * Math.log(touristShare) + (n - i) * Math.log1p(-touristShare),
    )
  return Math.log(Math.max(sum, 1e-300))
}

interface Chain {
  shipment: Shipment
  /** When somebody unpacked it where it was shipped to. */
  unpackedAt: number
  shipped: { at: number; eventID: string; to: string | undefined } | undefined
  received: { at: number; eventID: string; place: string | undefined } | undefined
}

/** That it came is written down within a day after it was unpacked. */
const bookingMs = 24 * hourMs
/** Later than planned by so much, nobody calls it a delay. */
const overdueMs = 48 * hourMs
/** Without a plan: the slowest ship and its two ports. */
const longestMs = 60 * 24 * hourMs
const sameSiteM = 5000

/** Chain gap: see the head of the file. */
export const chainGap: Detector<Shipment, Chain> = {
  name: 'chain-gap',
  open: (shipment) => ({
    ...{ shipment, shipped: undefined, received: undefined, unpackedAt: Infinity },
  }),
  step(state, clue) {
    if (clue.kind !== 'step' || clue.fact.inherited) return []
    const { container } = state.shipment
    if (!clue.epcs.includes(container)) return []
    const { bizStep, eventID, place } = clue.fact
    if (bizStep === 'shipping') state.shipped ??= { at: clue.time, eventID, to: clue.to }
    if (bizStep === 'unpacking' && place !== undefined && place === state.shipped?.to)
      state.unpackedAt = Math.min(state.unpackedAt, clue.time)
    const comes = bizStep === 'receiving' || bizStep === 'accepting'
    if (comes) state.received ??= { at: clue.time, eventID, place }
    return []
  },
  end: (state, asOf) => [...papersOf(state, asOf), ...missingOf(state.shipment, asOf)],
  again: (state, asOf) => {
    const { shipment, shipped, received } = state
    const due = [
      ...(shipped && !received ? [dueOf(state, shipped.at)] : []),
      ...shipment.inside.map(({ to }) => to + countingMs),
    ]
    return Math.min(Infinity, ...due.filter((time) => time > asOf && time < asOf + longestMs)) + 1
  },
}

function dueOf({ shipment: { plan }, unpackedAt }: Chain, shippedAt: number): number {
  const arrives = plan && Math.max(...plan.legs.map((leg) => leg.arrives))
  const late = arrives === undefined ? shippedAt + longestMs : arrives + overdueMs
  return Math.min(late, unpackedAt + bookingMs)
}

function papersOf(state: Chain, asOf: number): Finding[] {
  const { shipment, shipped, received } = state
  const { container, places } = shipment
  const gap = (
    what: string,
    of: { at: number; to?: number; rests: string[]; weight: number; words: string },
  ) => ({
    ...{
      detector: 'chain-gap' as const,
      key: `${container} ${what}`,
      container,
      serials: 'inside' as const,
    },
    ...{ from: of.at, to: of.to ?? of.at, logOdds: of.weight, witnesses: 1, words: of.words },
    ...{ facts: { gap: what }, rests: of.rests },
  })
  if (received && !shipped) {
    const words = 'Received without having been shipped.'
    return [gap('no-shipping', { at: received.at, rests: [received.eventID], weight: 2, words })]
  }
  const due = shipped && !received ? dueOf(state, shipped.at) : Infinity
  if (shipped && asOf > due) {
    const of = { at: shipped.at, to: due, rests: [shipped.eventID] }
    return [gap('no-receiving', { ...of, weight: 3, words: 'Shipped, and never received.' })]
  }
  if (!shipped?.to || !received?.place || shipped.to === received.place) return []
  const [a, b] = [places.get(shipped.to)?.spot, places.get(received.place)?.spot]
  if (a && b && distanceM(a, b) < sameSiteM) return []
  const rests = [shipped.eventID, received.eventID]
  const words = `Shipped to ${shipped.to}, received at ${received.place}.`
  return [gap('destination', { at: received.at, rests, weight: 4, words })]
}

/** What was in a container whose other content came out, and was seen nowhere since. */
function missingOf({ container: home, inside, units }: Shipment, asOf: number): Finding[] {
  const found: Finding[] = []
  const known = new Set(units.flatMap(({ epcs }) => epcs))
  for (const container of new Set(inside.map(({ parent }) => parent))) {
    const missing = missingFrom(inside, container)
    const left = missing?.epcs.filter((epc) => known.has(epc)) ?? []
    if (!missing || left.length === 0 || asOf < missing.lastOutAt + countingMs) continue
    const { out, of, lastOutAt: last } = missing
    const serials = withContents(left, inside)
    found.push({
      ...{ detector: 'chain-gap', key: `${container} missing`, container: home, serials },
      ...{ from: last, to: last, logOdds: 4.5, witnesses: 1 },
      words: `${out} of ${of} things in ${container} were taken out, ${left.length} are missing.`,
      facts: { gap: 'missing', missing: left.length, of },
      rests: [],
    })
  }
  return found
}

/** With all that was in them at last. */
function withContents(epcs: readonly string[], inside: Shipment['inside']): string[] {
  const all = new Set(epcs)
  for (let before = -1; before !== all.size; ) {
    before = all.size
    for (const { epc, parent, to } of inside) if (all.has(parent) && to === Infinity) all.add(epc)
  }
  return [...all].sort()
}
