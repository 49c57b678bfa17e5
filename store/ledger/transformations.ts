// Ledger queries: what transformations took in and gave out (EPCIS 2.0 §7.4.6). Those with one
// transformationID are one, told in several events.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import type { TransformationEvent } from '../../domain/epcis/epcis.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { idsOf } from './epcs.ts'
import { eventColumns, readEventsById, type StoredEvent, storedOf } from './events.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { mentionRoles } from './schema.ts'

export interface Transformation {
  eventID: string
  /** Epoch ms. */
  eventTime: number
  /** Numbers of EPCs and EPC classes. */
  inputs: number[]
  outputs: number[]
}

/** Of these events, and of all that share a transformationID with one of them. */
export async function readTransformations(
  db: LedgerQuery,
  tenant: string,
  events: readonly number[],
): Promise<Transformation[]> {
  const rows = await readEventsById(db, tenant, events)
  const parsed = rows.flatMap(transformationOf)
  const shared = new Set(parsed.flatMap(({ transformationID }) => transformationID ?? []))
  const all =
    shared.size > 0
      ? [...parsed, ...(await sharing(db, tenant, { shared, known: events }))]
      : parsed
  const named = new Set(all.flatMap((event) => [...takenBy(event), ...givenBy(event)]))
  const ids = await idsOf(db, tenant, [...named])
  const numbers = (epcs: string[]): number[] => epcs.flatMap((epc) => ids.get(epc) ?? [])
  const groups = Map.groupBy(all, ({ transformationID, eventID }) =>
    transformationID === undefined ? eventID : `id ${transformationID}`,
  )
  return [...groups.values()].map((group) => ({
    eventID: group[0]!.eventID,
    eventTime: Math.max(...group.map(({ eventTime }) => eventTime)),
    inputs: [...new Set(numbers(group.flatMap(takenBy)))],
    outputs: [...new Set(numbers(group.flatMap(givenBy)))],
  }))
}

const takenBy = ({ inputEPCList, inputQuantityList }: TransformationEvent): string[] => [
  ...inputEPCList,
  ...inputQuantityList.map(({ epcClass }) => epcClass),
]
const givenBy = ({ outputEPCList, outputQuantityList }: TransformationEvent): string[] => [
  ...outputEPCList,
  ...outputQuantityList.map(({ epcClass }) => epcClass),
]

function transformationOf(row: StoredEvent): TransformationEvent[] {
  if (row.declared) return []
  const event = parseStored(row)
  return event.type === 'TransformationEvent' ? [event] : []
}

async function sharing(
  db: LedgerQuery,
  tenant: string,
  { shared, known }: { shared: ReadonlySet<string>; known: readonly number[] },
): Promise<TransformationEvent[]> {
  const found: TransformationEvent[] = []
  const seen = new Set(known)
  for (let last = -1, looked = 0; looked < bounds.recallEventsMax; ) {
    const rows = await db
      .selectFrom('events')
      .select(eventColumns)
      .where('tenant', '=', tenant)
      .where(sql<boolean>`type = 'TransformationEvent'`)
      .where('id', '>', last)
      .orderBy('id')
      .limit(bounds.queryChunkRows)
      .execute()
    for (const row of rows.map(storedOf))
      if (!seen.has(row.id!) && row.body.includes('"transformationID"'))
        for (const event of transformationOf(row))
          if (shared.has(event.transformationID ?? '')) found.push(event)
    looked += rows.length
    last = rows.at(-1)?.id ?? last
    if (rows.length < bounds.queryChunkRows) break
  }
  return found
}

/** The transformations that took in, or gave out, units of these lots. */
export async function transformationsOfLots(
  db: LedgerQuery,
  tenant: string,
  { lots, role }: { lots: readonly number[]; role: 'inputEPCList' | 'outputEPCList' },
): Promise<number[]> {
  const events = new Set<number>()
  for (const page of pagesOf(lots)) {
    const { rows } = await sql<{ event: number }>`
      select distinct mentions.event from (
        select epcs.id from ${listed(db, page)} cross join epcs
        where epcs.tenant = ${tenant} and epcs.lot = listed.value limit ${bounds.traceMembersMax}
      ) as members cross join mentions
      where mentions.tenant = ${tenant} and mentions.epc = members.id
        and mentions.role = ${sql.lit(mentionRoles[role])}`.execute(db)
    for (const { event } of rows) events.add(event)
  }
  return [...events]
}

/** Rows of `lots` for pairs of GTIN and lot, whatever their expiry. */
export async function lotRowsOf(
  db: LedgerQuery,
  tenant: string,
  pairs: readonly { gtin: string; lot: string }[],
): Promise<{ id: number; gtin: string; lot: string; expiry: string }[]> {
  const wanted = new Set(pairs.map(({ gtin, lot }) => `${gtin} ${lot}`))
  const found: { id: number; gtin: string; lot: string; expiry: string }[] = []
  for (const page of pagesOf([...new Set(pairs.map(({ gtin }) => gtin))])) {
    const rows = await db
      .selectFrom('lots')
      .select(['id', 'gtin', 'lot', 'expiry'])
      .where('tenant', '=', tenant)
      .where(sql<boolean>`gtin in (select listed.value from ${listed(db, page)})`)
      .execute()
    for (const row of rows) if (wanted.has(`${row.gtin} ${row.lot}`)) found.push(row)
  }
  return found
}
