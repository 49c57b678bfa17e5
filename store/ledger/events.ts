// Ledger queries: captured events, as the log brought them. What they say of EPCs is in
// store/ledger/mentions.ts, what follows for containment in store/ledger/stays.ts.
import { type RawBuilder, type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import { bodyOf, packBody } from '../event-body.ts'
import { insertAlike } from './bulk.ts'
import { chunksOf, dialectOf, type LedgerQuery, listed, pagesOf, storable } from './ledger.ts'
import { writeNotice } from './notices.ts'
import type { LedgerTables } from './schema.ts'

/** An event as it is kept. Of its words and places the canonical form, null where it has none. */
export interface StoredEvent {
  /** Its number: what mentions speak of. Given by the ledger. */
  id?: number
  eventID: string
  type: string
  action: string | null
  /** Epoch ms, as recordTime. */
  eventTime: number
  recordTime: number
  seq: number
  pos: number
  bizStep: string | null
  disposition: string | null
  readPoint: string | null
  bizLocation: string | null
  /** The number of parentID in epcs. */
  parent: number | null
  /** Takes everything out of its parent. */
  empties: boolean
  /** Declared to be in error. */
  declared: boolean
  /** The event as JSON text, as it came. */
  body: string
}

/** A row of the table `events`, for queries of other files: selectEvents makes them. */
export type EventRow = Omit<LedgerTables['events'], 'id' | 'tenant'> & { id: number }

/** Columns of a stored event: `selectFrom('events').select(eventColumns)`. */
export const eventColumns = [
  'events.id',
  'events.eventID',
  'events.type',
  'events.action',
  'events.eventTime',
  'events.recordTime',
  'events.seq',
  'events.pos',
  'events.bizStep',
  'events.disposition',
  'events.readPoint',
  'events.bizLocation',
  'events.parent',
  'events.empties',
  'events.declared',
  'events.body',
] as const

export const storedOf = (row: EventRow): StoredEvent => ({
  ...row,
  empties: row.empties === 1,
  declared: row.declared === 1,
  body: bodyOf(row),
})

export interface Capture {
  id: string
  createdAt: number
  finishedAt?: number
  events: number
  /** With `warning`, the document was applied all the same. */
  errors: { code: string; path: string; detail: string; warning?: boolean }[]
  /** Events that are right were to be taken when others are not; absent: all or none. */
  behaviour?: 'proceed'
}

/** Inserts what is not yet there; the numbers of those that were new, by eventID. */
export async function insertEvents(
  db: LedgerQuery,
  tenant: string,
  events: readonly StoredEvent[],
): Promise<Map<string, number>> {
  const rows = events.map((event) => ({ tenant, ...rowOf(event) }))
  if (rows.length === 0) return new Map()
  if (dialectOf(db) === 'sqlite') return insertNumbered(db, rows)
  const fresh = new Map<string, number>()
  for (const chunk of chunksOf(rows)) {
    const insert = db.insertInto('events').values(chunk).returning(['id', 'eventID'])
    for (const { eventID, id } of await insert.onConflict((on) => on.doNothing()).execute())
      fresh.set(eventID, id)
  }
  return fresh
}

type NewEvent = { tenant: string } & ReturnType<typeof rowOf>

/**
 * SQLite. Nobody else writes meanwhile, so numbers can be given without asking for each of them
 * back, unless some were there already.
 */
async function insertNumbered(
  db: LedgerQuery,
  rows: readonly NewEvent[],
): Promise<Map<string, number>> {
  const { rows: known } = await sql<{ last: number | null }>`
    select max(id) as last from events`.execute(db)
  const first = (known[0]!.last ?? 0) + 1
  const numbered = rows.map((row, i) => {
    return { id: first + i, ...row, eventID: storable(row.eventID) as string }
  })
  const insert = db.insertInto('events').values(numbered[0]!)
  const text = insert.onConflict((on) => on.doNothing()).compile().sql
  const columns = Object.keys(numbered[0]!) as (keyof (typeof numbered)[0])[]
  await insertAlike(db, text, { rows: numbered, columns })
  const added = db.selectFrom('events').where('id', '>=', first)
  const { count } = await added
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const fresh = count < rows.length ? await added.select(['id', 'eventID']).execute() : numbered
  return new Map(fresh.map(({ id, eventID }) => [eventID, id]))
}

const rowOf = ({ id: _, ...event }: StoredEvent) => ({
  ...event,
  empties: Number(event.empties),
  declared: Number(event.declared),
  body: packBody(event.body),
})

const selectEvents = (db: LedgerQuery, tenant: string) =>
  db.selectFrom('events').select(eventColumns).where('events.tenant', '=', tenant)

/**
 * Said so that no index on the tenant answers it: SQLite would look through all events of a tenant
 * for the few whose numbers are known.
 */
export const ofTenant = (tenant: string): RawBuilder<boolean> =>
  sql<boolean>`events.tenant || '' = ${tenant}`

const readAll = async (
  query: SelectQueryBuilder<LedgerTables, 'events', EventRow>,
): Promise<StoredEvent[]> => (await query.execute()).map(storedOf)

export async function readEvents(
  db: LedgerQuery,
  tenant: string,
  eventIDs: readonly string[],
): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for (const page of pagesOf(eventIDs)) {
    const wanted = sql<boolean>`"eventID" in (select listed.value from ${listed(db, page)})`
    found.push(...(await readAll(selectEvents(db, tenant).where(wanted))))
  }
  return found
}

/** By their numbers. */
export async function readEventsById(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for (const page of pagesOf(ids)) {
    const wanted = sql<boolean>`events.id in (select listed.value from ${listed(db, page)})`
    const rows = db.selectFrom('events').select(eventColumns).where(wanted)
    found.push(...(await readAll(rows.where(ofTenant(tenant)))))
  }
  return found
}

/** Puts another version of an event in the place of the one that has its eventID. */
export async function replaceEvent(
  db: LedgerQuery,
  tenant: string,
  event: StoredEvent,
): Promise<void> {
  const { eventID, ...row } = rowOf(event)
  await db
    .updateTable('events')
    .set(row)
    .where('tenant', '=', tenant)
    .where('eventID', '=', eventID)
    .execute()
}

/** In capture order, after a place in it. */
export const listEvents = (
  db: LedgerQuery,
  tenant: string,
  page: { after?: { seq: number; pos: number }; limit: number; type?: string },
): Promise<StoredEvent[]> => {
  const { seq, pos } = page.after ?? { seq: -Number.MAX_SAFE_INTEGER, pos: -1 }
  let query = selectEvents(db, tenant).where((e) =>
    e.or([e('seq', '>', seq), e.and([e('seq', '=', seq), e('pos', '>', pos)])]),
  )
  if (page.type) query = query.where('type', '=', page.type)
  return readAll(query.orderBy('seq').orderBy('pos').limit(page.limit))
}

export async function insertCapture(
  db: LedgerQuery,
  tenant: string,
  capture: Capture,
): Promise<void> {
  const { id, createdAt, events } = capture
  const finishedAt = capture.finishedAt ?? null
  const errors = JSON.stringify(capture.errors)
  const behaviour = capture.behaviour ?? 'rollback'
  await db
    .insertInto('captures')
    .values({ tenant, id, createdAt, finishedAt, events, errors, behaviour })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'id'])
        .doUpdateSet({ finishedAt, events, errors })
        // A replay knows less: what it finds is no longer new.
        .where('captures.finishedAt', 'is', null),
    )
    .execute()
  if (capture.finishedAt === undefined) return
  const warnings = capture.errors.filter(({ warning }) => warning).length
  await writeNotice(db, {
    tenant,
    kind: 'capture.applied',
    ref: capture.id,
    recordTime: capture.finishedAt,
    body: {
      capture: capture.id,
      events: capture.events,
      errors: capture.errors.length - warnings,
      warnings,
    },
  })
}

/** Jobs that begin, under names of their own. */
export async function insertCaptures(
  db: LedgerQuery,
  tenant: string,
  captures: readonly Capture[],
): Promise<void> {
  for (const chunk of chunksOf(captures))
    await db
      .insertInto('captures')
      .values(
        chunk.map(({ id, createdAt, events, errors, behaviour = 'rollback' }) => ({
          ...{ tenant, id, createdAt, finishedAt: null, events, behaviour },
          errors: JSON.stringify(errors),
        })),
      )
      .execute()
}

export async function readCapture(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<Capture | undefined> {
  const row = await db
    .selectFrom('captures')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && captureOf(row)
}

/** Those that are known. */
export async function readCaptures(
  db: LedgerQuery,
  tenant: string,
  ids: readonly string[],
): Promise<Capture[]> {
  const found: Capture[] = []
  for (const page of pagesOf(ids)) {
    const wanted = sql<boolean>`id in (select listed.value from ${listed(db, page)})`
    const query = db.selectFrom('captures').selectAll().where('tenant', '=', tenant).where(wanted)
    for (const row of await query.execute()) found.push(captureOf(row))
  }
  return found
}

/** The newest first, before a place in that order. */
export async function listCaptures(
  db: LedgerQuery,
  tenant: string,
  page: { before?: { createdAt: number; id: string } | undefined; limit: number },
): Promise<Capture[]> {
  const { createdAt, id } = page.before ?? { createdAt: Number.MAX_SAFE_INTEGER, id: '' }
  const rows = await db
    .selectFrom('captures')
    .selectAll()
    .where('tenant', '=', tenant)
    .where((e) =>
      e.or([
        e('createdAt', '<', createdAt),
        e.and([e('createdAt', '=', createdAt), e('id', '<', id)]),
      ]),
    )
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute()
  return rows.map(captureOf)
}

function captureOf(row: Selectable<LedgerTables['captures']>): Capture {
  const { id, createdAt, finishedAt, events, errors, behaviour } = row
  return {
    id,
    createdAt,
    events,
    errors: JSON.parse(errors),
    ...(finishedAt !== null && { finishedAt }),
    ...(behaviour === 'proceed' && { behaviour }),
  }
}
