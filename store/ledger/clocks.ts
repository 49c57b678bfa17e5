// Ledger queries: how quickly the messages of devices came in. What that says of their clocks is
// not known here.
import { sql } from 'kysely'
import { among, chunksOf, dialectOf, type LedgerQuery, listsOf } from './ledger.ts'

export interface ClockRow {
  tenant: string
  device: string
  /** Begin of a stretch of arrivals. */
  at: number
  leastMs: number
}

/** The least of a stretch stays, so the same rows again change nothing. */
export async function writeClocks(db: LedgerQuery, rows: readonly ClockRow[]): Promise<void> {
  const least = dialectOf(db) === 'postgres' ? 'least' : 'min'
  const ordered = [...rows].sort((a, b) => (a.device < b.device ? -1 : 1))
  for (const chunk of chunksOf(ordered))
    await db
      .insertInto('deviceClocks')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'device', 'at']).doUpdateSet({
          leastMs: sql<number>`${sql.raw(least)}("deviceClocks"."leastMs", excluded."leastMs")`,
        }),
      )
      .execute()
}

/** Of a span of arrivals, ascending. */
export function readClocks(
  db: LedgerQuery,
  { tenant, device }: { tenant: string; device: string },
  span: { from: number; to: number },
): Promise<{ at: number; leastMs: number }[]> {
  return db
    .selectFrom('deviceClocks')
    .select(['at', 'leastMs'])
    .where('tenant', '=', tenant)
    .where('device', '=', device)
    .where('at', '>=', span.from)
    .where('at', '<', span.to)
    .orderBy('at')
    .execute()
}

/** The same of many, by device. */
export async function readClocksOf(
  db: LedgerQuery,
  { tenant, devices }: { tenant: string; devices: readonly string[] },
  span: { from: number; to: number },
): Promise<Map<string, { at: number; leastMs: number }[]>> {
  const found: { device: string; at: number; leastMs: number }[] = []
  for (const chunk of listsOf(db, devices))
    found.push(
      ...(await db
        .selectFrom('deviceClocks')
        .select(['device', 'at', 'leastMs'])
        .where('tenant', '=', tenant)
        .where(among(db, 'device', chunk))
        .where('at', '>=', span.from)
        .where('at', '<', span.to)
        .orderBy('at')
        .execute()),
    )
  return Map.groupBy(found, ({ device }) => device)
}

/** Forgets stretches before a time. */
export async function forgetClocks(db: LedgerQuery, before: number): Promise<void> {
  await db.deleteFrom('deviceClocks').where('at', '<', before).execute()
}
