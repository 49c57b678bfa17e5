// Ledger queries: what happened that others may want to be told, written in the transaction in
// which it happened. Its place in the order is given afterwards, by one process at a time:
// transactions end in another order than they begin, and a reader that goes by place must not pass
// one that is still under way. Knows kinds as names.
import type { Ledger, LedgerQuery } from './ledger.ts'

export interface Notice {
  tenant: string
  /** What happened: alert.raised, capture.applied, … */
  kind: string
  /** What tells it from others of its kind. */
  ref: string
  recordTime: number
  /** JSON. */
  body: unknown
}

export interface PlacedNotice extends Notice {
  seq: number
}

/** Once for each (kind, ref). */
export async function writeNotice(db: LedgerQuery, notice: Notice): Promise<void> {
  await db
    .insertInto('notices')
    .values({ ...notice, body: JSON.stringify(notice.body), seq: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Gives a place to at most so many new ones; returns how many there were. */
export async function placeNotices(ledger: Ledger, limit: number): Promise<number> {
  const waiting = (db: LedgerQuery) =>
    db
      .selectFrom('notices')
      .select(['tenant', 'kind', 'ref'])
      .where('seq', 'is', null)
      .orderBy('recordTime')
      .orderBy('ref')
      .limit(limit)
      .execute()
  if ((await waiting(ledger.db)).length === 0) return 0
  return ledger.transact(
    async (db) => {
      const rows = await waiting(db)
      const ends = new Map<string, number>()
      for (const { tenant, kind, ref } of rows) {
        const seq = (ends.get(tenant) ?? (await lastNotice(db, tenant))) + 1
        ends.set(tenant, seq)
        await db
          .updateTable('notices')
          .set({ seq })
          .where('tenant', '=', tenant)
          .where('kind', '=', kind)
          .where('ref', '=', ref)
          .execute()
      }
      return rows.length
    },
    { alone: 'notices' },
  )
}

/** Place of the newest; 0 when there is none. */
export async function lastNotice(db: LedgerQuery, tenant: string): Promise<number> {
  const row = await db
    .selectFrom('notices')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  return Number(row?.seq ?? 0)
}

/** Those behind a place, in order. */
export async function noticesAfter(
  db: LedgerQuery,
  tenant: string,
  { after, limit }: { after: number; limit: number },
): Promise<PlacedNotice[]> {
  const rows = await db
    .selectFrom('notices')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map(noticeOf)
}

/** Undefined when it is forgotten. */
export async function readNotice(
  db: LedgerQuery,
  tenant: string,
  { kind, ref }: { kind: string; ref: string },
): Promise<PlacedNotice | undefined> {
  const row = await db
    .selectFrom('notices')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('kind', '=', kind)
    .where('ref', '=', ref)
    .executeTakeFirst()
  return row && noticeOf(row)
}

/** Those of a span of record time, in order, up to and with a place. */
export async function noticesBetween(
  db: LedgerQuery,
  tenant: string,
  range: { from: number; to: number; upTo: number; kinds: readonly string[]; limit: number },
): Promise<PlacedNotice[]> {
  const rows = await db
    .selectFrom('notices')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('recordTime', '>=', range.from)
    .where('recordTime', '<', range.to)
    .where('seq', '<=', range.upTo)
    .where('kind', 'in', [...range.kinds])
    .orderBy('seq')
    .limit(range.limit)
    .execute()
  return rows.map(noticeOf)
}

/**
 * Forgets those older than this, but for the newest of each tenant, which holds the count. Who has
 * not been told of them by then finds a gap in the places.
 */
export async function forgetNotices(db: LedgerQuery, before: number): Promise<void> {
  const tenants = await db.selectFrom('notices').select('tenant').distinct().execute()
  for (const { tenant } of tenants)
    await db
      .deleteFrom('notices')
      .where('tenant', '=', tenant)
      .where('recordTime', '<', before)
      .where('seq', '<', await lastNotice(db, tenant))
      .execute()
}

const noticeOf = (row: {
  tenant: string
  kind: string
  ref: string
  recordTime: number
  seq: number | null
  body: string
}): PlacedNotice => ({ ...row, seq: row.seq!, body: JSON.parse(row.body) })
