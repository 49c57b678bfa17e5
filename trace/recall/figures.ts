// What became of the units of a recall: where they are, who had them when it began, what was done
// since, and how many units a recall of whole lots would have meant beside them.
import { bounds } from '../../config.ts'
import { conditionsOf, type Life, lifeOf, type Status } from '../../domain/lifecycle/lifecycle.ts'
import { chunksOf, type LedgerQuery } from '../../store/ledger/ledger.ts'
import { countOfLots, readLots } from '../../store/ledger/recall-units.ts'
import { lotRowsOf } from '../../store/ledger/transformations.ts'
import type { UnitFact } from '../facts.ts'
import { lastSeen } from '../facts.ts'
import { storiesOf } from '../stories.ts'
import { holderOf } from './holders.ts'

/**
 * located: at a known place, or with a known party. gone: out of reach otherwise (exported,
 * sampled, stolen, used up, decommissioned). unknown: no event tells where.
 */
export const standings = ['located', 'inTransit', 'sold', 'destroyed', 'gone', 'unknown'] as const
export type Standing = (typeof standings)[number]

export interface HolderCounts {
  /** Of this recall, at its beginning. */
  units: number
  /** Since then. */
  returned: number
  destroyed: number
  quarantined: number
  [more: string]: number
}

export interface Spared {
  /** Lots with at least one unit of the recall, by GTIN and lot. */
  lots: number
  /** Units of these lots that events name. */
  lotUnits: number
  /** lotUnits less those of the recall that are of these lots: not recalled, though of the lot. */
  units: number
  /** Units of the recall whose lot nobody told. */
  lotUnknown: number
}

export interface Figures {
  standings: Record<Standing, number>
  statuses: Partial<Record<Status, number>>
  spared: Spared
}

/** Events up to `at` count; what holders did, from `startedAt` on. Event times, epoch ms. */
export async function figuresOf(
  db: LedgerQuery,
  tenant: string,
  of: { units: readonly { id: number; lot: number | null }[]; startedAt: number; at: number },
): Promise<{ figures: Figures; holders: Map<string, HolderCounts> }> {
  const figures: Figures = {
    standings: { located: 0, inTransit: 0, sold: 0, destroyed: 0, gone: 0, unknown: 0 },
    statuses: {},
    spared: await sparedOf(db, tenant, of.units),
  }
  const holders = new Map<string, HolderCounts>()
  for (const page of chunksOf(of.units, bounds.recallPage))
    for (const { units, facts } of await storiesOf(
      db,
      tenant,
      page.map(({ id }) => id),
    )) {
      const count = units.length
      const now = standingOf(facts, of.at)
      figures.standings[now.standing] += count
      figures.statuses[now.life.status] = (figures.statuses[now.life.status] ?? 0) + count
      addTo(holders, { count, facts, now: now.life, startedAt: of.startedAt })
    }
  return { figures, holders }
}

export interface UnitStanding {
  standing: Standing
  life: Life
  place: string | undefined
  holder: string
}

/** By the events up to a time. */
export function standingOf(facts: readonly UnitFact[], at: number): UnitStanding {
  const life = lifeOf(facts.filter(({ eventTime }) => eventTime <= at))
  const place = lastSeen(facts, at)?.place
  const holder = holderOf(facts, at)
  const standing = standingsOf[life.status] ?? (holder === undefined ? 'unknown' : 'located')
  return { standing, life, place, holder: holder ?? nobody }
}

/** Holds what nobody is known to hold. */
export const nobody = 'unknown'

const standingsOf: Partial<Record<Status, Standing>> = {
  unknown: 'unknown',
  allocated: 'unknown',
  in_transit: 'inTransit',
  sold: 'sold',
  free_sample: 'sold',
  destroyed: 'destroyed',
  exported: 'gone',
  sample: 'gone',
  stolen: 'gone',
  consumed: 'gone',
  decommissioned: 'gone',
}

function addTo(
  holders: Map<string, HolderCounts>,
  of: { count: number; facts: readonly UnitFact[]; now: Life; startedAt: number },
): void {
  const { count, facts, now, startedAt } = of
  const holder = holderOf(facts, startedAt) ?? holderOf(facts) ?? nobody
  const counts = holders.get(holder) ?? { units: 0, returned: 0, destroyed: 0, quarantined: 0 }
  counts.units += count
  const done = (now.since ?? -Infinity) > startedAt
  if (done && now.status === 'returned') counts.returned += count
  else if (done && now.status === 'destroyed') counts.destroyed += count
  else if (isQuarantined(facts, now, startedAt)) counts.quarantined += count
  holders.set(holder, counts)
}

/** Held since then, or declared unfit since then. */
function isQuarantined(facts: readonly UnitFact[], now: Life, startedAt: number): boolean {
  const held = now.status === 'held' || now.status === 'locked'
  if (held) return (now.since ?? -Infinity) > startedAt
  if (conditionsOf(now).length === 0) return false
  return facts.some(({ eventTime }) => eventTime > startedAt)
}

async function sparedOf(
  db: LedgerQuery,
  tenant: string,
  units: readonly { lot: number | null }[],
): Promise<Spared> {
  const numbers = [...new Set(units.flatMap(({ lot }) => lot ?? []))]
  const known = await readLots(db, tenant, numbers)
  const pairs = [...known.values()].filter(({ lot }) => lot !== '')
  const lots = new Set(pairs.map(({ gtin, lot }) => `${gtin} ${lot}`))
  const rows = await lotRowsOf(db, tenant, pairs)
  const lotUnits = await countOfLots(
    db,
    tenant,
    rows.map(({ id }) => id),
  )
  const told = units.filter(({ lot }) => lot !== null && known.get(lot)?.lot !== '').length
  return {
    lots: lots.size,
    lotUnits,
    units: lotUnits - told,
    lotUnknown: units.length - told,
  }
}
