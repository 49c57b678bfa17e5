// Ledger queries: what events say of the life of those they name, without their bodies. One event
// may name 100,000 units; whoever asks after one of them does not read the others.
import { sql } from 'kysely'
import { bounds } from '../../config.ts'
import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { type Fact, factOf } from '../../domain/lifecycle/lifecycle.ts'
import { bodyOf } from '../event-body.ts'
import { chunksOf, type LedgerQuery, listed, pagesOf } from './ledger.ts'

type Persistent = Fact['persistentDisposition']

/** Possessing parties, or locations, of the source and the destination (CBV 2.0 §7.4). */
export interface Possession {
  from: string | undefined
  to: string | undefined
}

/** An event that stands, as far as lives are concerned. Times are epoch ms. */
export interface ToldEvent {
  id: number
  eventID: string
  type: Fact['type']
  action: Fact['action'] | null
  eventTime: number
  bizStep: string | null
  disposition: string | null
  readPoint: string | null
  bizLocation: string | null
  persistent: Persistent
  possession: Possession | undefined
  location?: Possession | undefined
}

/** By number; those declared in error are left out. */
export async function readTold(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Map<number, ToldEvent>> {
  const told = new Map<number, ToldEvent>()
  for (const page of pagesOf(ids)) {
    const { rows } = await sql<Omit<ToldEvent, keyof Said>>`
      select events.id, events."eventID", events.type, events.action, events."eventTime",
        events."bizStep", events.disposition, events."readPoint", events."bizLocation"
      from ${listed(db, page)} cross join events
      where events.id = listed.value and events.tenant = ${tenant}
        and events.declared = 0`.execute(db)
    const said = await saidBy(
      db,
      tenant,
      rows.map(({ id }) => id),
    )
    for (const row of rows) told.set(row.id, { ...row, ...said.get(row.id)! })
  }
  return told
}

/** What only the body of an event tells. */
export type Said = Pick<ToldEvent, 'persistent' | 'possession' | 'location'>

/**
 * What was found in bodies that were read once: a body changes only when its event is declared in
 * error, and then the event counts no more. By database, for numbers are those of one.
 */
const remembered = new WeakMap<LedgerQuery, Map<number, Said>>()

/** Bodies of so many events are read at once: each may name 100,000 units. */
const bodiesAtOnce = 20

async function saidBy(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Map<number, Said>> {
  const known = remembered.get(db) ?? new Map<number, Said>()
  remembered.set(db, known)
  const found = new Map<number, Said>()
  const unread: number[] = []
  for (const id of ids) {
    const said = known.get(id)
    if (said) found.set(id, said)
    else unread.push(id)
  }
  for (const some of chunksOf(unread, bodiesAtOnce)) {
    const rows = await db
      .selectFrom('events')
      .select(['id', 'eventID', 'body'])
      .where('id', 'in', some)
      .where('tenant', '=', tenant)
      .execute()
    for (const { id, eventID, body } of rows) {
      const said = read({ eventID, body: bodyOf({ body }) })
      if (known.size >= bounds.toldEventsMax) known.delete(known.keys().next().value!)
      known.set(id, said)
      found.set(id, said)
    }
  }
  return found
}

const nothing: Said = { persistent: undefined, possession: undefined, location: undefined }

/** Few events have any: only those are parsed. */
function read(event: { eventID: string; body: string }): Said {
  const persists = event.body.includes('persistentDisposition"')
  const deals = event.body.includes('destinationList"') || event.body.includes('sourceList"')
  return persists || deals ? saidIn(parseStored(event)) : nothing
}

/** The same of an event that is parsed. */
export function saidIn(event: EpcisEvent): Said {
  const between = (word: string): Possession | undefined => {
    const named = (list: readonly { type: string; id: string }[]): string | undefined =>
      list.find(({ type }) => type === word)?.id
    const [from, to] = [named(event.sourceList), named(event.destinationList)]
    return from === undefined && to === undefined ? undefined : { from, to }
  }
  return {
    persistent: factOf(event, { role: 'object', inherited: false })?.persistentDisposition,
    possession: between('possessing_party'),
    location: between('location'),
  }
}
