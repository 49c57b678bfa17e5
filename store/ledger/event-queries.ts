// Ledger queries: events that satisfy an EPCIS query, page by page. What columns and mentions can
// say narrows the rows; `matches` of domain/epcis/query.ts then decides each alone. A page looks at
// a bounded number of rows and bytes, so that it may come short and still have a next one.
import { setImmediate as othersTurn } from 'node:timers/promises'
import { type SelectQueryBuilder, sql } from 'kysely'
import { bounds } from '../../config.ts'
import { type EventQuery, matches, type QueriedEvent } from '../../domain/epcis/query.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import { marksOf, narrow } from './event-filter.ts'
import { readEventsById, type StoredEvent } from './events.ts'
import type { LedgerQuery } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

/** An event as it is kept and as it is understood. */
export interface FoundEvent {
  stored: StoredEvent
  event: QueriedEvent
}

/** Where a page ended: the two columns of its order, in the last row that was looked at. */
export type EventPlace = readonly [number, number]

export interface EventPage {
  events: FoundEvent[]
  /** Undefined when nothing is behind it. */
  next: EventPlace | undefined
}

export interface PageRequest {
  /** With its master data in it (withMasterData). Ordered by a time, or not at all. */
  query: EventQuery
  after?: EventPlace | undefined
  limit: number
  /** Rows to look at; bounds.queryRowsMax without it. */
  rowsMax?: number
}

/** The next events of a query in its order; in that of capture when it has none. */
export async function findEvents(
  db: LedgerQuery,
  tenant: string,
  { query, after, limit, rowsMax = bounds.queryRowsMax }: PageRequest,
): Promise<EventPage> {
  const events: FoundEvent[] = []
  let place = after
  let rows = 0
  let chars = 0
  for await (const found of lookThrough(db, tenant, { query, after })) {
    if (rows >= rowsMax || chars >= bounds.queryCharsMax) return { events, next: place }
    rows += costOf(found)
    if (isMatch(found, query)) {
      // One more than asked for: only then is there a next page.
      if (events.length === limit) return { events, next: place }
      events.push(found)
    }
    place = found.place
    chars += found.stored.body.length
  }
  return { events, next: undefined }
}

/**
 * Whether a query finds more than so many events; undefined when so many rows were looked at that
 * nobody may wait for the answer.
 */
export async function findsMoreThan(
  db: LedgerQuery,
  tenant: string,
  { query, count }: { query: EventQuery; count: number },
): Promise<boolean | undefined> {
  let found = 0
  let rows = 0
  for await (const looked of lookThrough(db, tenant, { query, after: undefined })) {
    if (rows >= bounds.queryScanMax) return undefined
    rows += costOf(looked)
    if (isMatch(looked, query) && ++found > count) return true
  }
  return false
}

/**
 * All events that a query finds, for an order that no index has: of each what `keep` leaves.
 * Undefined when there are more than may be sorted, or more rows than may be looked at.
 */
export async function collectEvents<T>(
  db: LedgerQuery,
  tenant: string,
  { query, keep }: { query: EventQuery; keep: (found: FoundEvent) => T },
): Promise<T[] | undefined> {
  const kept: T[] = []
  let rows = 0
  for await (const found of lookThrough(db, tenant, { query, after: undefined })) {
    if (rows >= bounds.queryScanMax) return undefined
    rows += costOf(found)
    if (!isMatch(found, query)) continue
    if (kept.length >= bounds.querySortedMax) return undefined
    kept.push(keep(found))
  }
  return kept
}

/** Events by their numbers, in this order. */
export async function readFound(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<FoundEvent[]> {
  const rows = await readInOrder(db, tenant, ids)
  return rows.map((stored) => ({ stored, event: understood(stored) }))
}

async function readInOrder(
  db: LedgerQuery,
  tenant: string,
  ids: readonly number[],
): Promise<StoredEvent[]> {
  const stored = new Map<number, StoredEvent>()
  for (const row of await readEventsById(db, tenant, ids)) stored.set(row.id!, row)
  return ids.flatMap((id) => stored.get(id) ?? [])
}

const understood = (stored: StoredEvent): QueriedEvent => ({
  ...parseStored(stored),
  recordTime: stored.recordTime,
})

/** A row with its place; an event that lacks a text of every match is not parsed. */
interface Looked {
  stored: StoredEvent
  event: QueriedEvent | undefined
  place: EventPlace
}

/** In rows: to see that a text is not there costs a tenth of parsing it. */
const costOf = ({ event }: Looked): number => (event ? 1 : 0.1)

const isMatch = (looked: Looked, query: EventQuery): looked is Looked & FoundEvent =>
  looked.event !== undefined && matches(looked.event, query)

type Rows = SelectQueryBuilder<LedgerTables, 'events', object>

/** Every row that may match, in the order of the query, behind a place. */
async function* lookThrough(
  db: LedgerQuery,
  tenant: string,
  { query, after }: { query: EventQuery; after: EventPlace | undefined },
): AsyncGenerator<Looked> {
  const rows = await narrow(db, tenant, query)
  const marks = marksOf(query)
  if (!rows) return
  const { columns, direction } = orderOf(query)
  let place = after
  for (;;) {
    const heads = await behind(rows, { columns, direction, place })
      .select(['events.id', sql<number>`length(events.body)`.as('size')])
      .select([sql.ref<number>(columns[0]).as('first'), sql.ref<number>(columns[1]).as('second')])
      .limit(bounds.queryChunkRows)
      .execute()
    for (const batch of batchesOf(heads)) {
      const ids = batch.map(({ id }) => id)
      const places = new Map(batch.map(({ id, first, second }) => [id, [first, second] as const]))
      // Looking through many rows must not keep acknowledgements from leaving.
      await othersTurn()
      for (const stored of await readInOrder(db, tenant, ids)) {
        const may = marks.every((mark) => stored.body.includes(mark))
        const event = may ? understood(stored) : undefined
        yield { stored, event, place: places.get(stored.id!)! }
      }
    }
    if (heads.length < bounds.queryChunkRows) return
    const last = heads.at(-1)!
    place = [last.first, last.second]
  }
}

interface Order {
  columns: readonly [string, string]
  direction: 'asc' | 'desc'
}

function orderOf({ order }: EventQuery): Order {
  if (order === undefined || typeof order.by === 'object')
    return { columns: ['events.seq', 'events.pos'], direction: 'asc' }
  const direction = order.direction === 'ASC' ? 'asc' : 'desc'
  return { columns: [`events.${order.by}`, 'events.id'], direction }
}

function behind(
  rows: Rows,
  { columns, direction, place }: Order & { place: EventPlace | undefined },
): Rows {
  const [first, second] = columns.map((column) => sql.ref(column))
  const ordered = rows.orderBy(sql`${first}`, direction).orderBy(sql`${second}`, direction)
  if (!place) return ordered
  const than = direction === 'asc' ? sql`>` : sql`<`
  return ordered.where(sql<boolean>`(${first}, ${second}) ${than} (${place[0]}, ${place[1]})`)
}

/** Rows whose bodies are read together: few when they are large. */
function* batchesOf<T extends { size: number }>(heads: readonly T[]): Generator<T[]> {
  let batch: T[] = []
  let bytes = 0
  for (const head of heads) {
    batch.push(head)
    bytes += head.size
    if (bytes < bounds.queryBatchBytes && batch.length < bounds.queryBatchRows) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
