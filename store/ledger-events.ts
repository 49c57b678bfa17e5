// Ledger queries: captured events, units, and the stays that follow from aggregation and
// association.
import { sql } from 'kysely'
import type { Interval } from '../domain/breach.ts'
import type { Action } from '../domain/epcis.ts'
import { type Containment, containmentOf, type Move, type Relation } from '../domain/hierarchy.ts'
import { among, chunksOf, type LedgerQuery, listsOf } from './ledger.ts'
import { insertMany } from './ledger-bulk.ts'
import { type LedgerTables, openEnd } from './ledger-schema.ts'

export interface StoredEvent {
  eventID: string
  type: string
  eventTime: number
  recordTime: number
  seq: number
  pos: number
  /** The event as JSON text. */
  body: string
}

export interface Unit {
  epc: string
  gtin?: string
  lot?: string
  expiry?: string
  commissionedAt?: number
}

export interface Capture {
  id: string
  createdAt: number
  finishedAt?: number
  events: number
  /** With `warning`, the document was applied all the same. */
  errors: { code: string; path: string; detail: string; warning?: boolean }[]
}

/** Inserts what is not yet there; returns the eventIDs that were new. */
export async function insertEvents(
  db: LedgerQuery,
  tenant: string,
  events: StoredEvent[],
): Promise<Set<string>> {
  const fresh = new Set<string>()
  for (const chunk of chunksOf(events)) {
    const rows = await db
      .insertInto('events')
      .values(chunk.map((event) => ({ tenant, ...event })))
      .onConflict((conflict) => conflict.doNothing())
      .returning('eventID')
      .execute()
    for (const row of rows) fresh.add(row.eventID)
  }
  return fresh
}

export async function readEvents(
  db: LedgerQuery,
  tenant: string,
  eventIDs: string[],
): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for (const chunk of listsOf(db, eventIDs))
    found.push(
      ...(await db
        .selectFrom('events')
        .select(['eventID', 'type', 'eventTime', 'recordTime', 'seq', 'pos', 'body'])
        .where('tenant', '=', tenant)
        .where(among(db, 'eventID', chunk))
        .execute()),
    )
  return found
}

/** Puts another version of an event in the place of the one that has its eventID. */
export async function replaceEvent(
  db: LedgerQuery,
  tenant: string,
  { eventID, ...event }: StoredEvent,
): Promise<void> {
  await db
    .updateTable('events')
    .set(event)
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
  let query = db
    .selectFrom('events')
    .select(['eventID', 'type', 'eventTime', 'recordTime', 'seq', 'pos', 'body'])
    .where('tenant', '=', tenant)
    .where((e) => e.or([e('seq', '>', seq), e.and([e('seq', '=', seq), e('pos', '>', pos)])]))
  if (page.type) query = query.where('type', '=', page.type)
  return query.orderBy('seq').orderBy('pos').limit(page.limit).execute()
}

/**
 * Of several commissionings the earliest decides lot and expiry, whatever order they came in (I3).
 */
export async function upsertUnits(db: LedgerQuery, tenant: string, units: Unit[]): Promise<void> {
  const rows = eachOnce(units).map((unit) => ({
    tenant,
    epc: unit.epc,
    gtin: unit.gtin ?? null,
    lot: unit.lot ?? null,
    expiry: unit.expiry ?? null,
    commissionedAt: unit.commissionedAt ?? null,
  }))
  await insertMany(db, 'units', {
    rows,
    finish: (insert) =>
      insert.onConflict((conflict) =>
        conflict
          .columns(['tenant', 'epc'])
          .doUpdateSet({
            lot: sql`excluded.lot`,
            expiry: sql`excluded.expiry`,
            commissionedAt: sql`excluded."commissionedAt"`,
          })
          .where(
            sql<boolean>`excluded."commissionedAt" is not null and (units."commissionedAt" is null or excluded."commissionedAt" < units."commissionedAt")`,
          ),
      ),
  })
}

/** One statement may touch a row once (PostgreSQL), so what it would decide is decided before. */
function eachOnce(units: readonly Unit[]): Unit[] {
  const once = new Map<string, Unit>()
  for (const unit of units) {
    const known = once.get(unit.epc)
    if (!known) once.set(unit.epc, unit)
    else if (unit.commissionedAt! < (known.commissionedAt ?? Infinity)) {
      const { epc, gtin } = known
      once.set(epc, { ...unit, epc, ...(gtin !== undefined && { gtin }) })
    }
  }
  return [...once.values()]
}

export async function readUnits(
  db: LedgerQuery,
  tenant: string,
  epcs: string[],
): Promise<Map<string, Unit>> {
  const units = new Map<string, Unit>()
  for (const chunk of listsOf(db, epcs)) {
    const rows = await db
      .selectFrom('units')
      .select(['epc', 'gtin', 'lot', 'expiry', 'commissionedAt'])
      .where('tenant', '=', tenant)
      .where(among(db, 'epc', chunk))
      .execute()
    for (const { epc, gtin, lot, expiry, commissionedAt } of rows)
      units.set(epc, {
        epc,
        ...(gtin !== null && { gtin }),
        ...(lot !== null && { lot }),
        ...(expiry !== null && { expiry }),
        ...(commissionedAt !== null && { commissionedAt }),
      })
  }
  return units
}

export async function insertMoves(db: LedgerQuery, tenant: string, moves: Move[]): Promise<void> {
  const rows = moves.map((move) => ({
    tenant,
    relation: move.relation,
    child: move.child ?? '',
    parent: move.parent,
    action: move.action,
    eventTime: move.eventTime,
    eventID: move.eventID,
  }))
  await insertMany(db, 'moves', {
    rows,
    finish: (insert) => insert.onConflict((conflict) => conflict.doNothing()),
  })
}

/** Takes back what an event moved; returns it, so that the stays can be restated. */
export async function deleteMoves(
  db: LedgerQuery,
  tenant: string,
  eventID: string,
): Promise<Move[]> {
  const rows = await db
    .deleteFrom('moves')
    .where('tenant', '=', tenant)
    .where('eventID', '=', eventID)
    .returningAll()
    .execute()
  return rows.map((row) => ({
    relation: row.relation as Relation,
    parent: row.parent,
    child: row.child === '' ? undefined : row.child,
    action: row.action as Action,
    eventTime: row.eventTime,
    eventID: row.eventID,
  }))
}

/** Everything that any event ever put into these parents. */
export async function childrenEver(
  db: LedgerQuery,
  tenant: string,
  { relation, parents }: { relation: Relation; parents: string[] },
): Promise<string[]> {
  const children = new Set<string>()
  for (const chunk of listsOf(db, parents)) {
    const rows = await db
      .selectFrom('moves')
      .select('child')
      .distinct()
      .where('tenant', '=', tenant)
      .where('relation', '=', relation)
      .where(among(db, 'parent', chunk))
      .where('child', '!=', '')
      .execute()
    for (const row of rows) children.add(row.child)
  }
  return [...children]
}

/** Derives the stays of these children anew from all their moves. */
export async function restateStays(
  db: LedgerQuery,
  tenant: string,
  { relation, children }: { relation: Relation; children: string[] },
): Promise<void> {
  const rows: LedgerTables['stays'][] = []
  for (const chunk of listsOf(db, children)) {
    const own = await readMoves(db, tenant, { relation, column: 'child', among: chunk })
    const parents = [...new Set(own.map((move) => move.parent))]
    const emptying: Move[] = []
    for (const part of listsOf(db, parents))
      emptying.push(
        ...(await readMoves(db, tenant, {
          relation,
          column: 'parent',
          among: part,
          emptying: true,
        })),
      )
    const byChild = Map.groupBy(own, (move) => move.child!)
    for (const child of chunk)
      for (const stay of containmentOf(child, [...(byChild.get(child) ?? []), ...emptying]))
        rows.push({ tenant, ...stay, to: Math.min(stay.to, openEnd) })
    await db
      .deleteFrom('stays')
      .where('tenant', '=', tenant)
      .where('relation', '=', relation)
      .where(among(db, 'child', chunk))
      .execute()
  }
  await insertMany(db, 'stays', { rows })
}

async function readMoves(
  db: LedgerQuery,
  tenant: string,
  by: { relation: Relation; column: 'child' | 'parent'; among: string[]; emptying?: boolean },
): Promise<Move[]> {
  if (by.among.length === 0) return []
  let query = db
    .selectFrom('moves')
    .select(['child', 'parent', 'action', 'eventTime', 'eventID'])
    .where('tenant', '=', tenant)
    .where('relation', '=', by.relation)
    .where(among(db, by.column, by.among))
  if (by.emptying) query = query.where('child', '=', '')
  const rows = await query.execute()
  return rows.map((row) => ({
    relation: by.relation,
    parent: row.parent,
    child: row.child === '' ? undefined : row.child,
    action: row.action as Action,
    eventTime: row.eventTime,
    eventID: row.eventID,
  }))
}

/**
 * Stays in these parents (`in: 'parent'`) or of these children (`in: 'child'`) that overlap the
 * window.
 */
export async function readStays(
  db: LedgerQuery,
  tenant: string,
  by: { in: 'parent' | 'child'; among: readonly string[]; window?: Interval; relation?: Relation },
): Promise<Containment[]> {
  const stays: Containment[] = []
  const window = by.window ?? { from: -openEnd, to: openEnd }
  for (const chunk of listsOf(db, by.among)) {
    let query = db
      .selectFrom('stays')
      .select(['relation', 'child', 'parent', 'from', 'to', 'endedBy'])
      .where('tenant', '=', tenant)
      .where(among(db, by.in, chunk))
      .where('from', '<', Math.min(window.to, openEnd))
      .where('to', '>', window.from)
    if (by.relation) query = query.where('relation', '=', by.relation)
    const rows = await query.execute()
    for (const row of rows)
      stays.push({
        relation: row.relation as Relation,
        child: row.child,
        parent: row.parent,
        from: row.from,
        to: row.to === openEnd ? Infinity : row.to,
        endedBy: row.endedBy as Containment['endedBy'],
      })
  }
  return stays
}

export async function insertCapture(
  db: LedgerQuery,
  tenant: string,
  capture: Capture,
): Promise<void> {
  const { id, createdAt, events } = capture
  const finishedAt = capture.finishedAt ?? null
  const errors = JSON.stringify(capture.errors)
  await db
    .insertInto('captures')
    .values({ tenant, id, createdAt, finishedAt, events, errors })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'id'])
        .doUpdateSet({ finishedAt, events, errors })
        // A replay knows less: what it finds is no longer new.
        .where('captures.finishedAt', 'is', null),
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
  if (!row) return undefined
  const { createdAt, finishedAt, events, errors } = row
  return {
    id,
    createdAt,
    events,
    errors: JSON.parse(errors),
    ...(finishedAt !== null && { finishedAt }),
  }
}
