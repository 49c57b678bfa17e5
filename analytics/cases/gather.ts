// Everything that is known of one shipment, as clues: what was in it when, what events say of it,
// who looked at its units, and what its loggers said while they were on it. Reads only, and judges
// nothing. Stories of units come from whoever knows how to tell them (trace/stories.ts).
import { bounds } from '../../config.ts'
import { spotsOfCountry } from '../../domain/countries.ts'
import { type Spot, spotOf, spotOfGeohash } from '../../domain/earth.ts'
import {
  type Containment,
  mergePresence,
  type Presence,
  presenceBelow,
} from '../../domain/hierarchy.ts'
import { type Life, lifeOf } from '../../domain/lifecycle/lifecycle.ts'
import type {
  Clue,
  Fix,
  Inside,
  KnownPlace,
  Level,
  LoggerBeside,
  LoggerOn,
  Shipment,
  Sighting,
  Step,
  UnitFacts,
} from '../../domain/suspicion.ts'
import type { Unit } from '../../store/ledger/epcs.ts'
import type { SightingRow } from '../../store/ledger/suspects.ts'
import { homesOf } from './homes.ts'
import type { Known, UnitStory } from './known.ts'
import { readPlan } from './known-places.ts'

export interface GatherFrom {
  known: Known
  places: ReadonlyMap<string, KnownPlace>
  asOf: number
}

/** Units with one story, and who looked at each of them. */
export interface GatheredUnits {
  facts: UnitFacts
  life: Life
  steps: readonly Step[]
  /** By unit; those that nobody looked at are not in it. */
  sightings: ReadonlyMap<string, readonly Sighting[]>
}

export interface Gathered {
  shipment: Shipment
  groups: GatheredUnits[]
  /** Of the shipment as a whole: fixes, levels, steps of containers and units, sightings. */
  clues: Clue[]
}

/** Undefined when it is too large to be looked at. */
export async function gatherShipment(
  from: GatherFrom,
  home: number,
): Promise<Gathered | undefined> {
  const { known, places, asOf } = from
  const rows = await contentsOf(known, home)
  if (!rows) return undefined
  const ids = [...new Set([home, ...rows.map(({ child }) => child)])]
  const names = await known.names([...ids, ...rows.map(({ parent }) => parent)])
  const container = names.get(home)!
  const stories = await storiesAtHome(known, ids, home)
  const groups = await groupsOf(from, { stories, names })
  const loggers = await loggersOn(known, { ids, names, rows, home })
  const idOf = (epc: string): number => ids.find((id) => names.get(id) === epc)!
  const inside = rows.map((row): Inside => {
    const { from: since, to, endedBy } = row
    const [epc, parent] = [names.get(row.child)!, names.get(row.parent)!]
    return { epc, parent, from: since, to, endedBy }
  })
  const shipment: Shipment = {
    ...{ container, inside, units: groups.map(({ facts }) => facts), loggers },
    plan: await readPlan(known, [container, ...loggers.map((each) => each.container)]),
    ...{ places, asOf, beside: await loggersBeside(from, loggers, idOf) },
  }
  const clues: Clue[] = groups.flatMap(({ steps, sightings }) => [
    ...steps,
    ...[...sightings.values()].flat(),
  ])
  for (const logger of loggers) for (const clue of await readingsOf(from, logger)) clues.push(clue)
  return { shipment, groups, clues }
}

/** A session's sightings of units of any shipments. */
export async function gatherSession(
  known: Known,
  session: string,
): Promise<{ sightings: Sighting[]; known: ReadonlySet<string> }> {
  const limit = bounds.sightingsMax
  const rows = await known.sightings({ in: 'session', among: [session], limit })
  const units = await known.units([...new Set(rows.map(({ epc }) => epc))])
  return { sightings: rows.map((row) => sightingOf(row)), known: new Set(units.keys()) }
}

/** Stays in it and in what was in it then, at any depth. */
async function contentsOf(known: Known, home: number): Promise<Containment<number>[] | undefined> {
  const whole: Presence<number> = new Map([[home, [{ from: -Infinity, to: Infinity }]]])
  let fresh: Presence<number> = whole
  const found: Containment<number>[] = []
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.size > 0; depth++) {
    const rows = await known.stays({ in: 'parent', among: [...fresh.keys()] })
    const above = fresh
    fresh = mergePresence(whole, presenceBelow(above, rows))
    for (const row of rows) {
      const times = above.get(row.parent)!
      if (times.some(({ from, to }) => row.from < to && row.to > from)) found.push(row)
    }
    if (found.length > bounds.suspectUnitsMax) return undefined
  }
  return found
}

/**
 * What came to it from another shipment is looked at there: also what a returnable asset still
 * holds on paper from the trip before.
 */
async function storiesAtHome(
  known: Known,
  ids: readonly number[],
  home: number,
): Promise<UnitStory[]> {
  const stories = await known.stories(ids)
  const tellers = stories.map(({ units: [id] }) => ({ id: id!, from: -Infinity, to: Infinity }))
  const homes = await homesOf(known, tellers)
  return stories.filter(({ units: [unit] }) => unit === home || homes.get(unit!)?.has(home))
}

async function groupsOf(
  { known, places }: GatherFrom,
  { stories, names }: { stories: readonly UnitStory[]; names: ReadonlyMap<number, string> },
): Promise<GatheredUnits[]> {
  const epcs = stories.flatMap(({ units }) => units.map((id) => names.get(id)!))
  const seen = Map.groupBy(
    await known.sightings({ in: 'epc', among: epcs, limit: bounds.sightingsMax }),
    ({ epc }) => epc,
  )
  const made = await known.units(epcs)
  const markets = marketsOf(known)
  const groups: GatheredUnits[] = []
  for (const { units, facts } of stories) {
    const life = lifeOf(facts)
    const all = units.map((id) => names.get(id)!)
    for (const alike of Map.groupBy(all, (epc) => lotKeyOf(made.get(epc))).values()) {
      const unit = made.get(alike[0]!)
      const own = alike.filter((epc) => seen.has(epc))
      const told: UnitFacts = {
        epcs: alike,
        ...(unit?.gtin !== undefined && { gtin: unit.gtin }),
        ...(unit?.lot !== undefined && { lot: unit.lot }),
        ...(unit?.expiry !== undefined && { expiry: unit.expiry }),
        ...(await markets(unit)),
      }
      groups.push({
        ...{ facts: told, life, steps: facts.map((fact) => stepOf(alike, fact, places)) },
        sightings: new Map(own.map((epc) => [epc, seen.get(epc)!.map((row) => sightingOf(row))])),
      })
    }
  }
  return groups
}

const lotKeyOf = (unit: Unit | undefined): string =>
  `${unit?.gtin ?? ''} ${unit?.lot ?? ''} ${unit?.expiry ?? ''}`

/** Each lot is asked for once. */
function marketsOf(known: Known) {
  const asked = new Map<string, Promise<readonly string[] | undefined>>()
  return async (unit: Unit | undefined): Promise<Pick<UnitFacts, 'markets'>> => {
    const { gtin, lot } = unit ?? {}
    if (gtin === undefined || lot === undefined) return {}
    const key = `${gtin} ${lot}`
    const told = asked.get(key) ?? known.markets({ gtin, lot })
    asked.set(key, told)
    const markets = await told
    return markets ? { markets } : {}
  }
}

function stepOf(
  epcs: readonly string[],
  fact: UnitStory['facts'][number],
  places: ReadonlyMap<string, KnownPlace>,
): Step {
  const { event, ...rest } = fact
  const { from, to } = event.location ?? {}
  const spot = fact.place === undefined ? undefined : places.get(fact.place)?.spot
  return {
    ...{ kind: 'step', id: `${event.eventID}#${fact.role}#${epcs[0]}`, time: fact.eventTime },
    ...{ epcs, fact: rest },
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(spot && { spot }),
  }
}

/**
 * The times of a session at a place, as one sighting at its first time. A place that is a country
 * has no spot: it may be any of its parts (domain/countries.ts).
 */
function sightingOf(row: SightingRow): Sighting {
  const { epc, session, place, times, lot, expiry } = row
  const country = /^[A-Z]{2}$/.test(place) ? place : undefined
  const spot: Spot | undefined = country ? undefined : spotOfGeohash(place)
  return {
    ...{ kind: 'sighting', id: `${epc} ${session} ${place} ${lot ?? ''} ${expiry ?? ''}` },
    ...{ time: row.firstAt, lastTime: row.lastAt, heardAt: row.firstHeardAt },
    ...{ lastHeardAt: row.lastHeardAt, epc, session, times },
    spots: country ? spotsOfCountry(country) : spot ? [spot] : [],
    ...(country && { country }),
    ...(lot !== undefined && { lot }),
    ...(expiry !== undefined && { expiry }),
  }
}

/** Of canonical EPCs: SGTINs, and no other. */
const itemPrefix = 'https://id.gs1.org/01/'

async function loggersOn(
  known: Known,
  of: {
    ids: readonly number[]
    names: ReadonlyMap<number, string>
    rows: readonly Containment<number>[]
    home: number
  },
): Promise<LoggerOn[]> {
  const { ids, names, rows, home } = of
  const found: LoggerOn[] = []
  const stays = Map.groupBy(rows, ({ child }) => child)
  // Parsing each of 20,000 units to see that it is none takes longer than all else here.
  const containers = ids.filter((id) => !names.get(id)!.startsWith(itemPrefix))
  for (const [id, mounts] of await known.mounts(containers))
    for (const { device, from, to } of mounts) {
      const times = id === home ? [{ from, to }] : (stays.get(id) ?? [])
      // A returnable shipper carries its logger also on trips that are none of this shipment's.
      if (times.some((time) => time.from < to && time.to > from))
        found.push({ device, container: names.get(id)!, from, to })
    }
  return found.sort((a, b) => a.from - b.from || (a.device < b.device ? -1 : 1))
}

/** Loggers of other shipments that were put on with these: whoever compares sees who went along. */
async function loggersBeside(
  { known, asOf }: GatherFrom,
  loggers: readonly LoggerOn[],
  idOf: (epc: string) => number,
): Promise<LoggerBeside[]> {
  const { loggersBesideMax, readingsBesideMax: limit, loadedWithinMs: withinMs } = bounds
  const own = new Set(loggers.map(({ device }) => device))
  const beside: LoggerBeside[] = []
  for (const { container, from, to } of loggers.slice(0, loggersBesideMax)) {
    const query = { container: idOf(container), from, withinMs, limit: loggersBesideMax }
    const others = await known.fittedWith(query)
    const names = await known.names(others)
    for (const [id, mounts] of await known.mounts(others))
      for (const on of mounts) {
        if (own.has(on.device) || Math.abs(on.from - from) > withinMs) continue
        if (beside.length >= loggersBesideMax) return beside
        own.add(on.device)
        const span = { from: on.from, to: Math.max(on.from, Math.min(on.to, to, asOf + 1)) }
        const said = { device: on.device, ...span, limit }
        const temperatures = await known.readings({ ...said, channel: 'temperature' })
        const fixes = await fixesOf((channel) => known.readings({ ...said, channel }))
        const { device } = on
        beside.push({
          device,
          container: names.get(id)!,
          from: on.from,
          to: on.to,
          temperatures,
          fixes,
        })
      }
  }
  return beside
}

const levelChannels = ['temperature', 'light', 'shock', 'door'] as const

async function readingsOf(
  { known, asOf }: GatherFrom,
  { device, from, to }: LoggerOn,
): Promise<(Fix | Level)[]> {
  const clues: (Fix | Level)[] = []
  const read = (channel: string) => {
    const limit = bounds.shipmentReadingsMax
    const until = Math.max(from, Math.min(to, asOf + 1))
    return known.readings({ device, channel, from, to: until, limit })
  }
  for (const channel of levelChannels)
    for (const { time, value } of await read(channel))
      clues.push({
        kind: 'level',
        id: `${device}/${channel}/${time}`,
        device,
        channel,
        time,
        value,
      })
  for (const { time, spot } of await fixesOf(read))
    clues.push({ kind: 'fix', id: `${device}/fix/${time}`, device, time, spot })
  return clues
}

async function fixesOf(
  read: (channel: string) => Promise<readonly { time: number; value: number }[]>,
): Promise<{ time: number; spot: Spot }[]> {
  const lats = await read('lat')
  if (lats.length === 0) return []
  const lons = new Map((await read('lon')).map(({ time, value }) => [time, value]))
  const accuracies = new Map((await read('accuracy')).map(({ time, value }) => [time, value]))
  return lats.flatMap(({ time, value: lat }) => {
    const lon = lons.get(time)
    const spot = lon === undefined ? undefined : spotOf(lat, lon, accuracies.get(time))
    return spot ? [{ time, spot }] : []
  })
}
