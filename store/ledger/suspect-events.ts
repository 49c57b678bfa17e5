// Ledger queries: from marks to what they are about: the events of captures, whom they name, and
// what loggers were on last. Knows no suspicion.
import { sql } from 'kysely'
import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { bodyOf } from '../event-body.ts'
import { idsOf, shortName } from './epcs.ts'
import { chunksOf, type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { openEnd, relationCodes } from './schema.ts'

/** A thing by its number, in the time in which it was named. */
export interface NamedThing {
  id: number
  from: number
  to: number
}

/**
 * Whom the events name that were captured at these offsets of the log or have these eventIDs, those
 * declared in error too, without loggers: each at any time, returnable assets (GRAI) at the time of
 * the event.
 */
export async function namedIn(
  db: LedgerQuery,
  tenant: string,
  { offsets, eventIDs }: { offsets: readonly number[]; eventIDs: readonly string[] },
): Promise<NamedThing[]> {
  const things = new Map<string, NamedEpc>()
  for (const [column, values] of [
    ['seq', offsets],
    ['eventID', eventIDs],
  ] as const)
    for (const some of chunksOf<number | string>(values, eventsAtOnce)) {
      const rows = await db
        .selectFrom('events')
        .select(['eventID', 'body'])
        .where('tenant', '=', tenant)
        .where(column, 'in', some as never)
        .execute()
      for (const { eventID, body } of rows)
        for (const [key, thing] of namedBy(parseStored({ eventID, body: bodyOf({ body }) })))
          things.set(key, thing)
    }
  const ids = await idsOf(db, tenant, [...new Set([...things.values()].map(({ epc }) => epc))])
  return [...things.values()].flatMap(({ epc, from, to }) => {
    const id = ids.get(epc)
    return id === undefined ? [] : [{ id, from, to }]
  })
}

/** Captures are read so many together: each may name 100,000 units. */
const eventsAtOnce = 20

/** A thing by its EPC, in the time in which it was named. */
export type NamedEpc = { epc: string } & Omit<NamedThing, 'id'>

/** Whom one event names, once each. */
export function namedBy(event: EpcisEvent): Map<string, NamedEpc> {
  const { eventTime } = event
  const things = new Map<string, NamedEpc>()
  for (const epc of epcsOf(event)) {
    const again = epc.includes('/8003/')
    const from = again ? eventTime - 1 : -openEnd
    const key = again ? `${epc} ${eventTime}` : epc
    things.set(key, { epc, from, to: again ? eventTime + 1 : openEnd })
  }
  return things
}

function epcsOf(event: EpcisEvent): string[] {
  const named: (string | undefined)[] = []
  if ('parentID' in event) named.push(event.parentID)
  if ('childEPCs' in event) named.push(...event.childEPCs)
  if ('epcList' in event) named.push(...event.epcList)
  if ('inputEPCList' in event) named.push(...event.inputEPCList, ...event.outputEPCList)
  return named.filter((epc) => epc !== undefined && !epc.includes('/8004/')) as string[]
}

/** What these loggers were mounted on, the last two each: readings may come late. */
export async function mountsOf(
  db: LedgerQuery,
  tenant: string,
  devices: readonly string[],
): Promise<NamedThing[]> {
  const found: NamedThing[] = []
  for (const page of pagesOf(devices)) {
    const { rows } = await sql<{ device: string; id: number; from: number; to: number }>`
      select devices.id as device, stays.parent as id, stays."from", stays."to"
      from ${listed(db, page)} cross join devices cross join epcs cross join stays
      where devices.tenant = ${tenant} and devices.id = listed.value
        and epcs.tenant = ${tenant} and epcs.epc = ${shortName('devices.giai')}
        and stays.tenant = ${tenant} and stays.child = epcs.id
        and stays.relation = ${relationCodes.association}
      order by stays."from" desc`.execute(db)
    for (const own of Map.groupBy(rows, ({ device }) => device).values())
      for (const { id, from, to } of own.slice(0, 2)) found.push({ id, from, to })
  }
  return found
}
