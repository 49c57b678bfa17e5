// Everything that is known of one shipment, as clues: what was in it when, what events say of it,
// who looked at its units, and what its loggers said while they were on it. Reads only, and judges
// nothing. Stories of units come from whoever knows how to tell them (trace/stories.ts).
import { bounds } from '../config.ts'
import { spotsOfCountry } from '../domain/countries.ts'
import { type Spot, spotOf, spotOfGeohash } from '../domain/earth.ts'
import { parseEpc } from '../domain/gs1.ts'
import {
  type Containment,
  mergePresence,
  type Presence,
  presenceBelow,
} from '../domain/hierarchy.ts'
import { type Fact, type Life, lifeOf } from '../domain/lifecycle.ts'
import type {
  Clue,
  Fix,
  Inside,
  KnownPlace,
  Level,
  LoggerOn,
  Shipment,
  Sighting,
  Step,
  UnitFacts,
} from '../domain/suspicion.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { epcsOf, readUnits, type Unit } from '../store/ledger-epcs.ts'
import { readLot } from '../store/ledger-master.ts'
import { readMounts } from '../store/ledger-mounts.ts'
import { readStaysById } from '../store/ledger-stays.ts'
import { type SightingRow, sightingsOf } from '../store/ledger-suspects.ts'
import type { ToldEvent } from '../store/ledger-told.ts'
import type { Series } from '../store/series.ts'
import { readPlan } from './known-places.ts'

/** What happened to units that the same events name, in the same containers. */
export interface UnitStory {
  units: number[]
  facts: (Fact & { event: ToldEvent })[]
  stays: readonly Containment<number>[]
}

export type StoriesOf = (
  db: LedgerQuery,
  tenant: string,
  units: readonly number[],
) => Promise<UnitStory[]>

export interface GatherFrom {
  db: LedgerQuery
  series: Pick<Series, 'range'>
  stories: StoriesOf
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
  tenant: string,
  home: number,
): Promise<Gathered | undefined> {
  const { db, places, asOf } = from
  const rows = await contentsOf(db, tenant, home)
  if (!rows) return undefined
  const ids = [...new Set([home, ...rows.map(({ child }) => child)])]
  const names = await epcsOf(db, tenant, [...ids, ...rows.map(({ parent }) => parent)])
  const container = names.get(home)!
  const own = new Set(rows.map(({ child, parent, from: since }) => `${child} ${parent} ${since}`))
  // What came to it from another shipment is looked at there.
  const stories = (await from.stories(db, tenant, ids)).filter(
    ({ units: [unit], stays }) => unit === home || isAtHome(stays, own),
  )
  const groups = await groupsOf(from, tenant, { stories, names })
  const loggers = await loggersOn(db, tenant, { ids, names, rows, home })
  const inside = rows.map((row): Inside => {
    const { from: since, to, endedBy } = row
    const [epc, parent] = [names.get(row.child)!, names.get(row.parent)!]
    return { epc, parent, from: since, to, endedBy }
  })
  const shipment: Shipment = {
    ...{ container, inside, units: groups.map(({ facts }) => facts), loggers },
    plan: await readPlan(db, tenant, [container, ...loggers.map((each) => each.container)]),
    ...{ places, asOf },
  }
  const clues: Clue[] = groups.flatMap(({ steps, sightings }) => [
    ...steps,
    ...[...sightings.values()].flat(),
  ])
  for (const logger of loggers)
    for (const clue of await readingsOf(from, tenant, logger)) clues.push(clue)
  return { shipment, groups, clues }
}

/** A session's sightings of units of any shipments. */
export async function gatherSession(
  db: LedgerQuery,
  tenant: string,
  session: string,
): Promise<{ sightings: Sighting[]; known: ReadonlySet<string> }> {
  const limit = bounds.sightingsMax
  const rows = await sightingsOf(db, tenant, { in: 'session', among: [session], limit })
  const epcs = [...new Set(rows.map(({ epc }) => epc))]
  const known = new Set((await readUnits(db, tenant, epcs)).keys())
  return { sightings: rows.map((row) => sightingOf(row)), known }
}

/** Stays in it and in what was in it then, at any depth. */
async function contentsOf(
  db: LedgerQuery,
  tenant: string,
  home: number,
): Promise<Containment<number>[] | undefined> {
  const whole: Presence<number> = new Map([[home, [{ from: -Infinity, to: Infinity }]]])
  let fresh: Presence<number> = whole
  const found: Containment<number>[] = []
  for (let depth = 0; depth < bounds.containmentDepthMax && fresh.size > 0; depth++) {
    const query = { in: 'parent', among: [...fresh.keys()], relation: 'aggregation' } as const
    const rows = await readStaysById(db, tenant, query)
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

const isAtHome = (stays: readonly Containment<number>[], own: ReadonlySet<string>): boolean => {
  const first = stays.find(({ relation }) => relation === 'aggregation')
  return first !== undefined && own.has(`${first.child} ${first.parent} ${first.from}`)
}

async function groupsOf(
  from: GatherFrom,
  tenant: string,
  { stories, names }: { stories: readonly UnitStory[]; names: ReadonlyMap<number, string> },
): Promise<GatheredUnits[]> {
  const { db, places } = from
  const epcs = stories.flatMap(({ units }) => units.map((id) => names.get(id)!))
  const seen = Map.groupBy(
    await sightingsOf(db, tenant, { in: 'epc', among: epcs, limit: bounds.sightingsMax }),
    ({ epc }) => epc,
  )
  const known = await readUnits(db, tenant, epcs)
  const markets = marketsOf(db, tenant)
  const groups: GatheredUnits[] = []
  for (const { units, facts } of stories) {
    const life = lifeOf(facts)
    const all = units.map((id) => names.get(id)!)
    for (const alike of Map.groupBy(all, (epc) => lotKeyOf(known.get(epc))).values()) {
      const unit = known.get(alike[0]!)
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
function marketsOf(db: LedgerQuery, tenant: string) {
  const known = new Map<string, Pick<UnitFacts, 'markets'>>()
  return async (unit: Unit | undefined): Promise<Pick<UnitFacts, 'markets'>> => {
    const { gtin, lot } = unit ?? {}
    if (gtin === undefined || lot === undefined) return {}
    const key = `${gtin} ${lot}`
    const record = known.get(key) ?? (await readLot(db, tenant, { gtin, lot }))
    const told = record?.markets ? { markets: record.markets } : {}
    known.set(key, told)
    return told
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

async function loggersOn(
  db: LedgerQuery,
  tenant: string,
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
  const containers = ids.filter((id) => parseEpc(names.get(id)!)?.key !== 'sgtin')
  for (const [id, mounts] of await readMounts(db, tenant, containers))
    for (const { device, from, to } of mounts) {
      const times = id === home ? [{ from, to }] : (stays.get(id) ?? [])
      // A returnable shipper carries its logger also on trips that are none of this shipment's.
      if (times.some((time) => time.from < to && time.to > from))
        found.push({ device, container: names.get(id)!, from, to })
    }
  return found.sort((a, b) => a.from - b.from || (a.device < b.device ? -1 : 1))
}

const levelChannels = ['temperature', 'light', 'shock', 'door'] as const

async function readingsOf(
  { series, asOf }: GatherFrom,
  tenant: string,
  { device, from, to }: LoggerOn,
): Promise<(Fix | Level)[]> {
  const clues: (Fix | Level)[] = []
  const read = (channel: string) => {
    const limit = bounds.shipmentReadingsMax
    const until = Math.max(from, Math.min(to, asOf + 1))
    return series.range({ tenant, device, channel, from, to: until, limit })
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
  const lats = await read('lat')
  if (lats.length === 0) return clues
  const lons = new Map((await read('lon')).map(({ time, value }) => [time, value]))
  const accuracies = new Map((await read('accuracy')).map(({ time, value }) => [time, value]))
  for (const { time, value: lat } of lats) {
    const lon = lons.get(time)
    const spot = lon === undefined ? undefined : spotOf(lat, lon, accuracies.get(time))
    if (spot) clues.push({ kind: 'fix', id: `${device}/fix/${time}`, device, time, spot })
  }
  return clues
}
