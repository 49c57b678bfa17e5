// What very many shipments carry and how far they have come, for lists: a few questions for all of
// them together. Derived at every call, nothing is stored.

import { bounds } from '../config.ts'
import {
  type Happened,
  type PlannedWay,
  type Progress,
  plannedWays,
  progressOf,
} from '../domain/arrival.ts'
import type { EpcisEvent } from '../domain/epcis/epcis.ts'
import { parseStored } from '../domain/epcis/stored.ts'
import { journeySteps } from '../domain/phases.ts'
import { epcsOf, idsOf } from '../store/ledger/epcs.ts'
import { readEventsById } from '../store/ledger/events.ts'
import { type Cargo, type NamingEvent, readCargo, readHappened } from '../store/ledger/glance.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { listedMasterData } from '../store/ledger/master.ts'
import { readStaysById } from '../store/ledger/stays.ts'
import type { Mount } from '../store/ledger/trace.ts'

export interface Glance extends Cargo {
  progress: Progress
}

const planType = 'urn:isotherm:vtype:Plan'
const legsOfPlan = 'urn:isotherm:mda#legs'
/** Loggers are mounted before the shipping, or so they should be: lanes look as far back. */
const slackMs = 86_400_000
const nothing: Cargo = { gtins: [], complete: true }

/** A container, and when it is of interest: while a logger is on it, say. */
export type Looked = Pick<Mount, 'container' | 'from' | 'to'>

/**
 * Of each mount in the order given. Inside `now`; of a mount that ended, when it ended. A
 * container's journey is that of what it is in, too.
 */
export async function readGlances(
  db: LedgerQuery,
  tenant: string,
  { mounts, now }: { mounts: readonly Looked[]; now: number },
): Promise<Glance[]> {
  const ids = await idsOf(db, tenant, [...new Set(mounts.map(({ container }) => container))])
  const moments = mounts.map(({ from, to }) => Math.max(from, Math.min(now, to - 1)))
  const placed = mounts.map(({ container }, i) => ({ id: ids.get(container), at: moments[i]! }))
  const cargo: (Cargo | undefined)[] = []
  // Those under way, nearly all, are of one moment.
  for (const [at, same] of Map.groupBy(placed.entries(), ([, one]) => one.at)) {
    const containers = same.flatMap(([, { id }]) => id ?? [])
    const found = await readCargo(db, tenant, { containers, at })
    for (const [i, { id }] of same) cargo[i] = id === undefined ? undefined : found.get(id)
  }
  const chains = await readChains(db, tenant, placed)
  const journeys = await readJourneys(db, tenant, { mounts, chains })
  return mounts.map((_, i) => ({ ...(cargo[i] ?? nothing), progress: journeys[i]! }))
}

/** The container and what it is in at its moment, outwards. */
async function readChains(
  db: LedgerQuery,
  tenant: string,
  placed: readonly { id: number | undefined; at: number }[],
): Promise<number[][]> {
  const chains = placed.map(({ id }) => (id === undefined ? [] : [id]))
  const times = placed.map(({ at }) => at)
  const window = {
    from: times.reduce((a, b) => Math.min(a, b), Infinity),
    to: times.reduce((a, b) => Math.max(a, b), -Infinity) + 1,
  }
  const relation = 'aggregation'
  for (let depth = 0; depth < bounds.cargoDepthMax; depth++) {
    const outermost = [...new Set(chains.flatMap((chain) => chain.at(-1) ?? []))]
    const stays = await readStaysById(db, tenant, {
      in: 'child',
      among: outermost,
      window,
      relation,
    })
    const above = Map.groupBy(stays, ({ child }) => child)
    let grown = false
    for (const [i, chain] of chains.entries()) {
      const { at } = placed[i]!
      const last = chain.at(-1)
      const stay = above.get(last ?? -1)?.find(({ from, to }) => from <= at && at < to)
      if (!stay || chain.includes(stay.parent)) continue
      chain.push(stay.parent)
      grown = true
    }
    if (!grown) break
  }
  return chains
}

async function readJourneys(
  db: LedgerQuery,
  tenant: string,
  { mounts, chains }: { mounts: readonly Looked[]; chains: readonly number[][] },
): Promise<Progress[]> {
  const all = [...new Set(chains.flat())]
  const first = mounts.reduce((least, { from }) => Math.min(least, from), Infinity) - slackMs
  const rows = await readHappened(db, tenant, { epcs: all, since: first })
  const byEpc = Map.groupBy(rows, ({ epc }) => epc)
  const plans = await readPlans(db, tenant, all)
  const own = mounts.map(({ from, to }, i) =>
    chains[i]!.flatMap((id) => byEpc.get(id) ?? []).filter(
      ({ eventTime }) => eventTime >= from - slackMs && eventTime < to + slackMs,
    ),
  )
  const ends = await readEnds(db, tenant, own)
  return mounts.map((_, i) => {
    const plan = chains[i]!.map((id) => plans.get(id) ?? []).find((ways) => ways.length > 0)
    return progressOf(
      own[i]!.map((row) => happenedOf(row, ends)),
      plan ?? [],
    )
  })
}

interface Ends {
  sentFrom?: string
  sentTo?: string
}

const happenedOf = (row: NamingEvent, ends: ReadonlyMap<number, Ends>): Happened => ({
  time: row.eventTime,
  bizStep: row.bizStep,
  place: row.bizLocation ?? row.readPoint,
  ...ends.get(row.event),
})

/** What the newest shipping of each says of its ends: only for these the whole event is read. */
async function readEnds(
  db: LedgerQuery,
  tenant: string,
  journeys: readonly NamingEvent[][],
): Promise<Map<number, Ends>> {
  const newest = journeys.flatMap((rows) => {
    const shipped = rows.filter(({ bizStep }) => journeySteps[bizStep ?? ''] === 'ship')
    const last = shipped.reduce<NamingEvent | undefined>(
      (a, b) => (a && a.eventTime >= b.eventTime ? a : b),
      undefined,
    )
    return last ? [last.event] : []
  })
  const ends = new Map<number, Ends>()
  for (const stored of await readEventsById(db, tenant, [...new Set(newest)]))
    ends.set(stored.id!, endsOf(parseStored(stored)))
  return ends
}

function endsOf(event: EpcisEvent): Ends {
  const told = (list: readonly { type: string; id: string }[] | undefined) =>
    list?.find(({ type }) => type.endsWith('location'))?.id
  const [sentFrom, sentTo] = [told(event.sourceList), told(event.destinationList)]
  return { ...(sentFrom !== undefined && { sentFrom }), ...(sentTo !== undefined && { sentTo }) }
}

async function readPlans(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Map<number, PlannedWay[]>> {
  const names = await epcsOf(db, tenant, ids)
  const numbers = new Map([...names].map(([id, epc]) => [epc, id]))
  const plans = new Map<number, PlannedWay[]>()
  const records = await listedMasterData(db, tenant, { type: planType, ids: [...names.values()] })
  for (const { id, attributes } of records)
    plans.set(numbers.get(id)!, plannedWays(attributes[legsOfPlan]))
  return plans
}
