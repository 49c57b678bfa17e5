// One unit: what it was in and when, what its life came to, and which open alerts touched it. A
// serial is in an alert's pinned set or it is not; nothing is computed anew here that an alert has
// already decided.
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import type { Containment, Presence } from '../domain/hierarchy.ts'
import { type Life, lifeOf } from '../domain/lifecycle/lifecycle.ts'
import type { Alert, Leg } from '../store/ledger/alerts.ts'
import { conflictsOn, type UnitConflict } from '../store/ledger/content.ts'
import { epcsOf, idsOf, readUnit, type Unit } from '../store/ledger/epcs.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { alertsOn, findSerial } from '../store/ledger/trace.ts'
import { journeyFrom, type UnitFact } from './facts.ts'
import { storiesOf } from './stories.ts'

export interface Journey {
  /** Its number in the ledger. */
  id: number
  unit: Unit
  /** Own stays in containers, ascending by begin. */
  stays: Containment[]
  /** The containers it is in at `at`, innermost first. */
  parents: string[]
  /** As the events up to `at` tell it. */
  life: Life
  /** The last event by then that tells of a place, and the container that it names. */
  seen: { fact: UnitFact; via: string | undefined } | undefined
  conflicts: UnitConflict[]
  /** Open alerts whose serials hold this unit, with what it had of them; newest first. */
  alerts: { alert: Alert; leg: Leg }[]
}

/** Undefined when no event ever named the unit. `at`: event time, epoch ms. */
export async function journeyOf(
  db: LedgerQuery,
  tenant: string,
  { epc, at }: { epc: string; at: number },
): Promise<Journey | undefined> {
  const known = await readUnit(db, tenant, epc)
  if (!known) return undefined
  const { id, unit } = known
  const [story] = await storiesOf(db, tenant, [id])
  const { facts, above, stays } = story!
  const last = facts.findLast(({ eventTime, place }) => eventTime <= at && place !== undefined)
  const epcs = await epcsOf(db, tenant, [...above.keys()])
  const key = parseEpc(epc)
  return {
    id,
    unit: { ...(key?.key === 'sgtin' && { gtin: key.gtin }), ...unit },
    stays: stays.map((stay) => ({ ...stay, child: epc, parent: epcs.get(stay.parent)! })),
    parents: chainAt(above, at).map((container) => epcs.get(container)!),
    life: lifeOf(facts.filter(({ eventTime }) => eventTime <= at)),
    seen: last && { fact: last, via: last.via === undefined ? undefined : epcs.get(last.via) },
    conflicts: await conflictsOn(db, tenant, id),
    alerts: await alertsOf(db, tenant, { epc, containers: [...epcs.values()] }),
  }
}

export interface JourneyEvent {
  fact: UnitFact
  /** The container that the event names, when it does not name the unit itself. */
  via: string | undefined
}

/** The events that concern a unit, ascending by event time, after a place in that order. */
export async function eventsOf(
  db: LedgerQuery,
  tenant: string,
  page: { epc: string; at: number; after?: { eventTime: number; id: number }; limit: number },
): Promise<JourneyEvent[] | undefined> {
  const id = (await idsOf(db, tenant, [page.epc])).get(page.epc)
  if (id === undefined) return undefined
  const [story] = await storiesOf(db, tenant, [id])
  const { eventTime, id: last } = page.after ?? { eventTime: -Infinity, id: -1 }
  const facts = journeyFrom(story!.facts, page.at)
    .filter(
      (fact) =>
        fact.eventTime > eventTime || (fact.eventTime === eventTime && fact.event.id > last),
    )
    .slice(0, page.limit)
  const epcs = await epcsOf(db, tenant, [...new Set(facts.flatMap(({ via }) => via ?? []))])
  return facts.map((fact) => ({
    fact,
    via: fact.via === undefined ? undefined : epcs.get(fact.via),
  }))
}

async function alertsOf(
  db: LedgerQuery,
  tenant: string,
  { epc, containers }: { epc: string; containers: readonly string[] },
): Promise<Journey['alerts']> {
  const alerts: Journey['alerts'] = []
  const on = { containers: [epc, ...containers], limit: bounds.unitAlertsMax }
  for (const alert of await alertsOn(db, tenant, on)) {
    const number = await findSerial(db, tenant, { serialSet: alert.serialSet, epc })
    const leg = number === undefined ? undefined : alert.legs[number]
    if (leg) alerts.push({ alert, leg })
  }
  return alerts
}

/** Map order is the order of levels, so the innermost comes first. */
const chainAt = (above: Presence<number>, at: number): number[] =>
  [...above]
    .filter(([, times]) => times.some(({ from, to }) => from <= at && at < to))
    .map(([container]) => container)
