// Ledger queries: what events say of the life of those they name, without their bodies. One event
// may name 100,000 units; whoever asks after one of them does not read the others.
import { sql } from 'kysely'
import { bounds } from '../config.ts'
import { parseStored } from '../domain/epcis-stored.ts'
import { type Fact, factOf } from '../domain/lifecycle.ts'
import { bodyOf } from './event-body.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'

type Persistent = Fact['persistentDisposition']

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
}

/** By number; those declared in error are left out. */
export async function readTold(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Map<number, ToldEvent>> {
  const told = new Map<number, ToldEvent>()
  for (const page of pagesOf(ids)) {
    const { rows } = await sql<Omit<ToldEvent, 'persistent'>>`
      select events.id, events."eventID", events.type, events.action, events."eventTime",
        events."bizStep", events.disposition, events."readPoint", events."bizLocation"
      from ${listed(db, page)} cross join events
      where events.id = listed.value and events.tenant = ${tenant}
        and events.declared = 0`.execute(db)
    const persistent = await persistentOf(
      db,
      tenant,
      rows.map(({ id }) => id),
    )
    for (const row of rows) told.set(row.id, { ...row, persistent: persistent.get(row.id) })
  }
  return told
}

/**
 * What was found in bodies that were read once: a body changes only when its event is declared in
 * error, and then the event counts no more. By database, for numbers are those of one.
 */
const remembered = new WeakMap<LedgerQuery, Map<number, Persistent>>()

async function persistentOf(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<Map<number, Persistent>> {
  const known = remembered.get(db) ?? new Map<number, Persistent>()
  remembered.set(db, known)
  const found = new Map<number, Persistent>()
  const unread = ids.filter((id) => !known.has(id))
  for (const id of ids) if (known.has(id)) found.set(id, known.get(id))
  for (const id of unread) {
    const row = await db
      .selectFrom('events')
      .select(['eventID', 'body'])
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .executeTakeFirstOrThrow()
    const persistent = read({ eventID: row.eventID, body: bodyOf(row) })
    if (known.size >= bounds.toldEventsMax) known.delete(known.keys().next().value!)
    known.set(id, persistent)
    found.set(id, persistent)
  }
  return found
}

/** Few events have any: only those are parsed. */
const read = (event: { eventID: string; body: string }): Persistent =>
  event.body.includes('persistentDisposition"')
    ? factOf(parseStored(event), { role: 'object', inherited: false })?.persistentDisposition
    : undefined
