// What an investigation asks of whoever keeps events, scans and readings: here the ledger and the
// series store; memory, where simulated worlds are evaluated. Judges nothing.
import { bounds } from '../../config.ts'
import type { Interval } from '../../domain/breach.ts'
import type { Containment } from '../../domain/hierarchy.ts'
import type { Fact } from '../../domain/lifecycle/lifecycle.ts'
import { epcsOf, readUnits, type Unit } from '../../store/ledger/epcs.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { readLot, readMasterData } from '../../store/ledger/master.ts'
import { type FittedQuery, readFittedWith, readMounts } from '../../store/ledger/mounts.ts'
import { readStaysById } from '../../store/ledger/stays.ts'
import { type SightingRow, sightingsOf } from '../../store/ledger/suspects.ts'
import type { ToldEvent } from '../../store/ledger/told.ts'
import type { Series, SeriesPoint } from '../../store/series.ts'

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

/** Things are named by their numbers, as in the ledger. Times are epoch ms. */
export interface Known {
  /** Their EPCs. */
  names(ids: readonly number[]): Promise<Map<number, string>>
  /** Packing only, in any order. */
  stays(by: { in: 'parent' | 'child'; among: readonly number[] }): Promise<Containment<number>[]>
  stories(units: readonly number[]): Promise<UnitStory[]>
  /** Those of these EPCs that any event named. */
  units(epcs: readonly string[]): Promise<Map<string, Unit>>
  /** Where a lot may be sold; undefined: anywhere. */
  markets(of: { gtin: string; lot: string }): Promise<readonly string[] | undefined>
  /** Ascending by time. */
  sightings(by: {
    in: 'epc' | 'session'
    among: readonly string[]
    limit: number
  }): Promise<SightingRow[]>
  /** Loggers by the container they are on; `to` is Infinity while they are. */
  mounts(containers: readonly number[]): Promise<Map<number, (Interval & { device: string })[]>>
  /** Containers that got a logger where and nearly when this one did, the nearest in time first. */
  fittedWith(of: FittedQuery): Promise<number[]>
  /** Attributes of a master data element. */
  attributes(of: { type: string; id: string }): Promise<Record<string, unknown> | undefined>
  /** Ascending by time; `to` is not in it. */
  readings(
    of: { device: string; channel: string; limit: number } & Interval,
  ): Promise<readonly SeriesPoint[]>
}

/** What the stores know of a tenant. */
export function knownOf(
  of: { db: LedgerQuery; series: Pick<Series, 'range'>; stories: StoriesOf },
  tenant: string,
): Known {
  const { db, series } = of
  return {
    names: (ids) => epcsOf(db, tenant, ids),
    stays: (by) => readStaysById(db, tenant, { ...by, relation: 'aggregation' }),
    stories: (units) => of.stories(db, tenant, units),
    units: (epcs) => readUnits(db, tenant, epcs),
    markets: async (lot) => (await readLot(db, tenant, lot))?.markets,
    sightings: (by) => sightingsOf(db, tenant, by),
    mounts: (containers) => readMounts(db, tenant, containers),
    fittedWith: (of) => readFittedWith(db, tenant, of),
    attributes: async (element) => (await readMasterData(db, tenant, element))?.attributes,
    readings: remembering((span) => series.range({ tenant, ...span })),
  }
}

/**
 * What travels together is looked at together, and each reads the loggers of the others: so each is
 * read once. For as long as one look at several takes; the oldest is forgotten first.
 */
function remembering(read: Known['readings']): Known['readings'] {
  const kept = new Map<string, readonly SeriesPoint[]>()
  let points = 0
  return async (span) => {
    const { device, channel, from, to, limit } = span
    const key = JSON.stringify([device, channel, from, to])
    const known = kept.get(key)
    if (known) return known.slice(0, limit)
    const fresh = await read(span)
    // Cut off it is not what others ask for.
    if (fresh.length >= limit) return fresh
    kept.set(key, fresh)
    points += fresh.length
    for (const [oldest, { length }] of kept) {
      if (points <= bounds.readingsAtOnceMax) break
      kept.delete(oldest)
      points -= length
    }
    return fresh
  }
}
